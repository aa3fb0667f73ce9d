"""What a program is given: outputs, leaves, batches; refused by name where it makes no sense."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

from autograd.errors import NumberError, UsageError
from autograd.number import shown
from autograd.structures import plain_array
from autograd.value import Value

__all__ = ["floats", "leaves", "outputs", "thread_count"]


def outputs(recorded: Any) -> list[Value]:
    """Return one output or several as a list."""
    found = list(recorded) if isinstance(recorded, list | tuple) else [recorded]
    for output in found:
        if not isinstance(output, Value):
            raise UsageError(f"Program: {shown(output)} is not a Value; give what you computed")
    if not found:
        raise UsageError("Program: no outputs; give one Value at least")
    return found


def leaves(name: str, given: Any) -> list[Value]:
    """Return different leaves as a list."""
    several = isinstance(given, Sequence) and not isinstance(given, str)
    found = list(given) if several else [given]
    for leaf in found:
        if not isinstance(leaf, Value) or leaf.parents:
            raise UsageError(f"Program: {name}: {shown(leaf)} is not a leaf; give leaves alone")
    if len(set(found)) < len(found):
        raise UsageError(f"Program: {name}: a leaf is given twice; give each once")
    return found


def floats(name: str, x: Any, like: Any) -> Any:
    """Return an array of floats; `NumberError` for what is not made of real numbers."""
    if type(x) is type(like) and x.dtype is like.dtype:
        return x
    import numpy

    try:
        array = numpy.asarray(x)
    except ValueError as error:  # ragged
        raise UsageError(f"Program: {name} is no array ({error})") from None
    if array.dtype.kind not in "biuf":
        raise NumberError(f"Program: {name} is an array of {array.dtype}; give real numbers")
    if isinstance(x, numpy.ndarray):
        plain_array(x, "Program")  # a masked one is more than its numbers
    return array.astype(float)


def thread_count(threads: Any, default: int) -> int:
    """Return over how many threads a batch may be spread."""
    if threads is None:
        return default
    if isinstance(threads, bool) or not hasattr(threads, "__index__") or threads < 1:
        raise UsageError(f"Program: threads={threads!r}; give a whole number from 1 on")
    return index(threads)
