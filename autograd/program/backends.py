"""Which of the two back ends carries out blocks: compiled code, or arrays."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from autograd.errors import UsageError
from autograd.recording import Recording
from autograd.tools.optional import optional
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.program.blocks import Blocks
    from autograd.program.results import Backend

__all__ = ["NAMES", "backend_named", "backend_of", "cores"]

NAMES = ("compiled", "arrays")


def backend_named(name: str | None) -> str:
    """Return the name of a back end that is there: the one asked for, or else the fastest.

    Raises `UsageError` if the package is missing that it needs.
    """
    optional("numpy", "Program", "arrays")
    if name is None:
        return "compiled" if find_spec("llvmlite") and _compiles() else "arrays"
    if name not in NAMES:
        raise UsageError(f"Program: backend={name!r}; choose from {', '.join(NAMES)}")
    if name == "compiled":
        optional("llvmlite", "Program", "fast")
    return name


@cache
def _compiles() -> bool:
    """Return whether code can be compiled here, and finds what it should."""
    from autograd.program.blocks import Blocks
    from autograd.program.machine import Machine

    x = Value(0.25)
    with Recording(True):
        y = x * 3.5 - 1.5
    try:
        found = Machine(Blocks([y], [x], []), threads=1).run([[x.data]], None, 0.0, careful=False)
    except Exception:  # LLVM may not know this machine
        return False
    return bool(found.values[0, 0] == y.data)


def backend_of(name: str, blocks: Blocks, threads: int) -> Backend:
    """Return what carries out blocks."""
    if name == "compiled":
        from autograd.program.machine import Machine

        return Machine(blocks, threads)
    from autograd.program.arrays import OnArrays

    return OnArrays(blocks)


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
