"""Whether engines find the same: times of different computations mean nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isclose

__all__ = ["DisagreementError", "check_agreement"]


class DisagreementError(Exception):
    """Say that two engines compute different things, so that their times mean nothing."""


def check_agreement(outcomes: Mapping[str, Sequence[float]], tolerance: float = 1e-9) -> None:
    """Raise `DisagreementError` unless all outputs and gradients are the same, but for rounding."""
    (reference, expected), *others = outcomes.items()
    for name, found in others:
        for x, y in zip(expected, found, strict=True):
            if not isclose(x, y, rel_tol=tolerance, abs_tol=1e-12):
                raise DisagreementError(f"{reference} finds {x!r} where {name} finds {y!r}")
