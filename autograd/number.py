"""What may enter the engine: real numbers, which become Python floats."""

from __future__ import annotations

from numbers import Number
from typing import Any

from autograd.errors import NumberError

__all__ = ["is_object_array", "number", "shown"]


def number(x: Any, operation: str = "Value") -> float:
    """Return a real number, on its way into an operation, as a Python float.

    Raises `NumberError` for anything else: strings, None, complex numbers, arrays.
    """
    if type(x).__module__ == "numpy" and not hasattr(x, "__len__"):
        x = x.item()  # a NumPy scalar; its bool is not registered as a Number
    if not isinstance(x, Number) or isinstance(x, complex):
        raise NumberError(f"{operation}: {_not_a_number(x)}")
    try:
        real: Any = x
        return float(real)
    except (OverflowError, ValueError, TypeError) as error:
        raise NumberError(f"{operation}: {shown(x)} does not fit a float ({error})") from None


def _not_a_number(x: Any) -> str:
    kind = type(x).__name__
    if hasattr(x, "shape"):
        return (
            f"a {kind} of shape {tuple(x.shape)} is not one real number; "
            "make an object array of Values, or replay a recorded graph on the array"
        )
    remedy = f"write float({shown(x)})" if isinstance(x, str) else "give an int or a float"
    if hasattr(x, "parents"):
        remedy = "use it as it is, or its .data, or its .detach()"
    return f"{shown(x)} ({kind}) is not a real number; {remedy}"


def shown(x: Any) -> str:
    """Return the repr of something for an error message, shortened if it is long."""
    text = repr(x)
    return text if len(text) <= 40 else f"{text[:37]}…"


def plain(x: Any, operation: str) -> Any:
    """Return what a function was given: plain numbers as floats, other kinds as they are."""
    if type(x) is float or type(x).__module__ == "fractions":
        return x
    if isinstance(x, Number) or type(x).__module__ == "builtins":
        return number(x, operation)
    return x


def is_object_array(x: Any) -> bool:
    """Return whether x is a NumPy array that holds objects, such as Values."""
    return getattr(getattr(x, "dtype", None), "char", "") == "O"
