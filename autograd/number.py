"""What may enter the engine: real numbers, which become Python floats."""

from __future__ import annotations

import math
from numbers import Number
from typing import Any

from autograd.errors import NumberError

__all__ = ["DIFFERENT", "SAME", "Identity", "is_object_array", "number", "plain", "shown"]


class Identity(int):
    """The answer to ``x == y`` for Values, which says whether they are one node.

    It is no number: where one is expected, the numbers were meant to be compared.
    """

    def __repr__(self) -> str:
        return str(int(self) != 0)

    __str__ = __repr__


SAME, DIFFERENT = Identity(1), Identity(0)


def number(x: Any, operation: str = "Value") -> float:
    """Return a real number, on its way into an operation, as a Python float.

    An array or tensor of no dimension, NumPy's, PyTorch's or JAX's, is one real number.

    Raises `NumberError` for anything else: strings, None, complex numbers, arrays.
    """
    real = _item(x) if getattr(x, "shape", None) == () else x
    if not isinstance(real, Number) or isinstance(real, complex | Identity) or _is_date(real):
        raise NumberError(f"{operation}: {_not_a_number(real)}")
    exact: Any = real
    try:
        converted = float(exact)
    except (OverflowError, ValueError, TypeError) as error:
        raise NumberError(f"{operation}: {shown(x)} does not fit a float ({error})") from None
    if math.isinf(converted) and exact != converted:  # of a Decimal, or a longer float
        raise NumberError(f"{operation}: {shown(x)} does not fit a float (too large)")
    return converted


def _item(x: Any) -> Any:
    """Return the number in an array of no dimension; the array itself, if it holds none."""
    if _is_date(x) or type(x).__module__.startswith("numpy.ma"):
        return x  # what is masked is no number
    try:
        return x.item()
    except (AttributeError, TypeError, ValueError, RuntimeError):  # a tracer, whose number is open
        return x


def _is_date(x: Any) -> bool:
    """Return whether x is a date or a span of time, which is a number to NumPy alone."""
    kind = getattr(getattr(x, "dtype", None), "kind", "")  # PyTorch's types have none
    return kind in tuple("mM")


def _not_a_number(x: Any) -> str:
    kind = type(x).__name__
    if isinstance(x, Identity):
        return (
            "== and != ask whether two Values are the same node; compare their numbers with "
            "<, <=, >, >=, or x.data == 3.0"
        )
    if isinstance(getattr(x, "shape", None), tuple):
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
    text = " ".join(text.split()) if "\n" in text else text
    return text if len(text) <= 40 else f"{text[:37]}…"


def plain(x: Any, operation: str) -> Any:
    """Return what a rule was given: one real number as a float, other kinds as they are.

    An array of whole numbers or booleans is one of floats.
    """
    package = type(x).__module__.partition(".")[0]
    if type(x) is float or package == "fractions":
        return x
    if package == "numpy" and getattr(x, "shape", None):
        kind = x.dtype.kind
        if kind not in tuple("biuf"):
            raise NumberError(f"{operation}: an array of {x.dtype} is not one of real numbers")
        return x if kind == "f" else x.astype(float)
    if package in ("builtins", "numpy") or isinstance(x, Number):
        return number(x, operation)
    return x


def is_object_array(x: Any) -> bool:
    """Return whether x is a NumPy array that holds objects, such as Values."""
    return getattr(getattr(x, "dtype", None), "char", "") == "O"
