"""The warning of an infinite slope, as every other derivative gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from math import isfinite
from typing import Any

from autograd.errors import AutogradError
from autograd.graph import leaves_and_results
from autograd.program.results import Results
from autograd.program.way import Numbers
from autograd.replay import replay
from autograd.value import Value

__all__ = ["warn_of_slopes"]


def warn_of_slopes(
    output: Value,
    leaves: Sequence[Value],
    X: Any,
    numbers: Numbers,
    run: Callable[[Any], Results],
) -> None:
    """Warn of the slopes of one sample among those whose results are not finite, if any is steep.

    `leaves` are those that vary, and then the shared ones; `run` differentiates other batches, by
    which the sample is found.
    """
    while len(X) > 1:
        half = X[: len(X) // 2]
        X = X[len(half) :] if isfinite(run(half).finite) else half
    theta, others = numbers
    given = dict(zip(leaves, [*X[0].tolist(), *theta.tolist()], strict=True)) | dict(others)
    within = set(leaves_and_results(output)[0])
    with suppress(AutogradError):  # what has no value there is NaN in a program
        replay(output, {leaf: x for leaf, x in given.items() if leaf in within})
