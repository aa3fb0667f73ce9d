"""Where an infinite slope was born, and the warning when it reaches a leaf."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from autograd.errors import InfiniteGradientWarning
from autograd.graph import depending_on

__all__ = ["source_line", "warn"]


def source_line() -> str:
    """Return file and line of the innermost caller outside this project's packages."""
    frame = sys._getframe()
    while frame.f_back and _package(frame.f_globals) in ("autograd", "nn"):
        frame = frame.f_back
    file = frame.f_code.co_filename
    return "the command line" if file.startswith("<frozen") else f"{file}:{frame.f_lineno}"


def warn(leaves: Sequence[Any], results: Sequence[Any]) -> None:
    """Warn of the first leaf whose gradient is not finite, if a slope of the graph is to blame.

    A rule that met an infinite slope carries the source line of that use. To blame is the last of
    these operations that depends on the leaf, and that the backward pass went through.
    """
    leaf = next((leaf for leaf in leaves if not math.isfinite(leaf.grad)), None)
    if leaf is None:
        return
    above = depending_on(leaf, results)
    for node in reversed(results):
        if node in above and node.rule.source and node.grad:
            message = (
                f"the gradient of {leaf.label or 'a leaf'} is {leaf.grad}: {node.op} at "
                f"{_operands(node)} has a value but no finite slope ({node.rule.source})"
            )
            warnings.warn(message, InfiniteGradientWarning, stacklevel=3)
            return


def _operands(node: Any) -> str:
    names = node.rule.parameters(len(node.parents))
    called = [parent.label or name for parent, name in zip(node.parents, names, strict=True)]
    numbers = [parent.data for parent in node.parents]
    return ", ".join(f"{name} = {x!r}" for name, x in zip(called, numbers, strict=True))


def _package(module: dict[str, Any]) -> str:
    return str(module.get("__package__") or "").partition(".")[0]
