"""Where an infinite slope was born, and the warning when it reaches a leaf."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from autograd.errors import InfiniteGradientWarning
from autograd.graph import leaves_and_results

__all__ = ["source_line", "warn"]


def source_line() -> str:
    """Return file and line of the innermost caller outside this project's packages."""
    frame = sys._getframe()
    while frame.f_back and _package(frame.f_globals) in ("autograd", "nn"):
        frame = frame.f_back
    file = frame.f_code.co_filename
    return "the command line" if file.startswith("<frozen") else f"{file}:{frame.f_lineno}"


def warn(leaves: Sequence[Any], results: Sequence[Any]) -> None:
    """Warn that a leaf's gradient is not finite, and say which slope of the graph is to blame.

    A rule that met an infinite slope carries the source line of that use. To blame is the last of
    these operations that the backward pass went through on its way to such a leaf. What came in
    as an infinity or NaN is nobody's fault, and no reason to warn.
    """
    for node in reversed(results):
        if node.rule.source and node.grad:
            for leaf in leaves_and_results(node)[0]:
                if not math.isfinite(leaf.grad):
                    reason = f"{node.op} at {_operands(node)} has a value but no finite slope"
                    _warn(leaf, f"{reason} ({node.rule.source})")
                    return
    finite = all(math.isfinite(x) for node in results for x in (node.data, *node.partials))
    leaf = next((leaf for leaf in leaves if not math.isfinite(leaf.grad)), None)
    if leaf is not None and finite:
        _warn(leaf, "a product of slopes is too large for a float; rescale the operands")


def _warn(leaf: Any, reason: str) -> None:
    message = f"the gradient of {leaf.label or 'a leaf'} is {leaf.grad}: {reason}"
    warnings.warn(message, InfiniteGradientWarning, stacklevel=4)


def _operands(node: Any) -> str:
    names = node.rule.parameters(len(node.parents))
    called = [parent.label or name for parent, name in zip(node.parents, names, strict=True)]
    numbers = [parent.data for parent in node.parents]
    return ", ".join(f"{name} = {x!r}" for name, x in zip(called, numbers, strict=True))


def _package(module: dict[str, Any]) -> str:
    return str(module.get("__package__") or "").partition(".")[0]
