"""NumPy's functions on Values: its scalars are numbers, its object arrays go element by element."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.errors import AutogradError, NumberError
from autograd.number import is_object_array, number
from autograd.rule import RULES, Recorded, Rule

__all__ = ["apply"]

_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}


def apply(ufunc: Any, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Return what a function of NumPy gives for operands among which there are Values.

    A function that the table has is the table's: NumPy's own ``maximum`` of objects would share
    no tie. Raises `NumberError` for arrays of plain numbers: there, an object array is meant.
    """
    import numpy

    if ufunc.__name__ in _ORDER and not options and not any(map(is_object_array, inputs)):
        compare = _ORDER[ufunc.__name__]  # keeps its question, where NumPy would keep the answer
        x, y = (x if isinstance(x, Recorded) else number(x, "comparison") for x in inputs)
        return compare(x, y)
    boxed = [_boxed(x) for x in inputs]
    with numpy.errstate(invalid="ignore"):  # the engine judges its infinities itself
        rule = _rule_called(ufunc.__name__)
        if rule and method == "__call__" and not options:
            return numpy.frompyfunc(rule, len(inputs), 1)(*boxed)
        try:
            return getattr(ufunc, method)(*boxed, **options)
        except TypeError as error:
            if isinstance(error, AutogradError):
                raise
            raise NumberError(
                f"numpy.{ufunc.__name__} takes no Values; write it with the rules of the table, or "
                "take their .data"
            ) from None


def _rule_called(name: str) -> Rule | None:
    """Return the rule of a function of NumPy, which calls an arc sine ``arcsin``.

    What has a symbol is left to the operators: == of Values is identity, and x ** 2 a power.
    """
    name = f"a{name[3:]}" if name.startswith("arc") else name
    found = RULES.get("abs" if name == "absolute" else name)
    return None if found is None or not found.own or found.symbol else found


def _boxed(x: Any) -> Any:
    """Return an operand as something that NumPy takes element by element."""
    if isinstance(x, Recorded):
        import numpy

        box = numpy.empty((), dtype=object)
        box[()] = x
        return box
    return x if is_object_array(x) else number(x, "operation")
