"""What may enter the engine: real numbers, which become Python floats."""

from __future__ import annotations

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
    if not isinstance(real, Number) or isinstance(real, complex | Identity):
        raise NumberError(f"{operation}: {_not_a_number(real)}")
    try:
        converted: Any = real
        return float(converted)
    except (OverflowError, ValueError, TypeError) as error:
        raise NumberError(f"{operation}: {shown(x)} does not fit a float ({error})") from None


def _item(x: Any) -> Any:
    """Return the number in an array of no dimension; the array itself, if it holds none."""
    kind = getattr(getattr(x, "dtype", None), "kind", "")  # PyTorch's types have none
    if kind in tuple("mM") or type(x).__module__.startswith("numpy.ma"):
        return x  # a date is a number to NumPy alone; what is masked is none
    try:
        return x.item()
    except (AttributeError, TypeError, ValueError, RuntimeError):  # a tracer, whose number is open
        return x


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
    """Return what a function was given: plain numbers as floats, other kinds as they are."""
    if type(x) is float or type(x).__module__ == "fractions":
        return x
    if isinstance(x, Number) or type(x).__module__ == "builtins":
        return number(x, operation)
    return x


def is_object_array(x: Any) -> bool:
    """Return whether x is a NumPy array that holds objects, such as Values."""
    return getattr(getattr(x, "dtype", None), "char", "") == "O"
