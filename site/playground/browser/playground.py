"""The playground's question: an expression and numbers in, the page of its steps out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from math import isfinite, nan
from typing import Any
from warnings import catch_warnings, simplefilter

from autograd.errors import AutogradError, DomainError, ExpressionError
from autograd.expression import evaluate, names_in
from autograd.rule import RULES
from autograd.value import Value
from autograd.views.page.page import Page
from autograd.views.tracing.walk import Walk

__all__ = ["page"]

_NUMBERS = (
    (0.5, 2.0, -0.25, 1.5, -1.5, 3.0, -2.0, 0.75, -0.75, 2.5),  # of both signs; none saturates
    (0.5, 2.0, 1.5, 0.25, 3.0, 0.75, 2.5, 1.25, 1.75, 3.5),  # what a logarithm or a root takes
    (0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875),  # what a difference from 1 leaves positive
)
"""Numbers for names that have none: the first row at which the expression has a value is taken."""


def page(expression: str, numbers: Mapping[str, str]) -> dict[str, Any]:
    """Return the page of an expression's steps as HTML, and the numbers of its leaves.

    `numbers` are as they were typed. A name that has none that is finite is given one, and a
    number that no name has is left out.

    What cannot be read is answered by an ``error``, with the ``text`` and the ``column`` of it,
    counted from 1; what has no value, by an ``error`` and the numbers, for other ones to be given.

    >>> found = page("(sigmoid(w*x + b) − y)²", {"w": "3", "v": "1"})
    >>> found["numbers"], found["html"][:15]
    ({'w': '3', 'x': '0.5', 'b': '2', 'y': '-0.25'}, '<!doctype html>')
    >>> page("w * (x", {})["column"], page("log(-x²)", {"x": "2"})["numbers"]
    (7, {'x': '2'})
    """
    try:
        known = {name: x for name, text in numbers.items() if isfinite(x := _number(text))}
        needed = names_in(expression, known)
        names = [name for name in needed if name in known or name not in RULES]
        return _made(expression, _choices(names, known))
    except ExpressionError as error:
        return {"error": error.message, "text": error.text, "column": error.column}
    except AutogradError as error:
        return {"error": str(error)}


def _made(expression: str, choices: Iterator[dict[str, float]]) -> dict[str, Any]:
    """Return the page at the first choice of numbers that the expression has a value at."""
    refused: dict[str, Any] = {}
    for chosen in choices:
        try:
            with catch_warnings():
                simplefilter("ignore")  # a page says itself what is infinite
                walk = Walk(evaluate(expression, {n: Value(x, n) for n, x in chosen.items()}))
                html = Page(walk).document()
            return {"html": html, "numbers": _written({x.label: x.data for x in walk.leaves})}
        except DomainError as error:
            refused = {"error": str(error), "numbers": _written(chosen)}
    return refused


def _choices(names: Sequence[str], known: Mapping[str, float]) -> Iterator[dict[str, float]]:
    """Yield numbers for all names, those that are known among them."""
    missing = [name for name in names if name not in known]
    for row in _NUMBERS if missing else _NUMBERS[:1]:
        given = dict(zip(missing, cycle(row), strict=False))
        yield {name: known.get(name, given.get(name, 0.0)) for name in names}


def _number(text: str) -> float:
    """Return the number that was typed, if it is one."""
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        return nan


def _written(numbers: Mapping[str, float]) -> dict[str, str]:
    return {name: repr(x).removesuffix(".0") for name, x in numbers.items()}
