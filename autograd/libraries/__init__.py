"""Every kind of number that rules compute with, and the library that knows its functions."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd.errors import NumberError
from autograd.libraries.arrays import arrays
from autograd.libraries.exact import FRACTIONS
from autograd.libraries.floats import FLOATS, Floats, N
from autograd.libraries.symbols import symbols

__all__ = ["FLOATS", "Floats", "N", "is_plain_array", "library", "register"]


def register(kind: type, functions: Any) -> None:
    """Announce the library (an object with the functions above) for a kind of number."""
    _LIBRARIES[kind] = functions


def library(*numbers: N) -> Any:
    """Return the library for the numbers: that of the first which is not a plain one."""
    for number in numbers:
        if type(number) is not float:  # the common kind needs no look-up
            found = _LIBRARIES.get(type(number)) or _find(type(number))
            if found is not FLOATS:
                return found
    return FLOATS


def _find(kind: type) -> Any:
    """Choose the library for a type seen for the first time, by the package it comes from."""
    package = kind.__module__.partition(".")[0]
    if package == "numpy":
        found: Any = arrays(_plain_arrays(import_module("numpy"), kind))
    elif package in ("jax", "jaxlib"):
        found = arrays(import_module("jax.numpy"))
    elif package == "sympy":
        found = symbols(import_module("sympy"))
    elif package == "fractions":
        found = FRACTIONS
    else:
        known = [base for base in kind.__mro__ if base in _LIBRARIES]
        if not known:
            raise NumberError(f"rules cannot compute with a {kind.__name__}; give a number")
        found = _LIBRARIES[known[0]]
    register(kind, found)
    return found


def _plain_arrays(numpy: Any, kind: type) -> Any:
    """Return NumPy, which computes element by element on its arrays, not on all kinds of them."""
    if not is_plain_array(kind) and not issubclass(kind, numpy.generic):
        raise NumberError(
            f"rules cannot compute with a {kind.__name__}, which is not a plain array: what * or "
            "a mean does is its own affair; give numpy.array(…) of the numbers that are meant"
        )
    return numpy


def is_plain_array(kind: type) -> bool:
    """Return whether arrays of a type are NumPy's own, in memory or in a file, and no subclass."""
    numpy = import_module("numpy")
    return kind in (numpy.ndarray, numpy.memmap)


_LIBRARIES: dict[type, Any] = {float: FLOATS, int: FLOATS, bool: FLOATS}
