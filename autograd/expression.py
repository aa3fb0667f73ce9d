"""Text to graph: an expression such as ``tanh(w*x + b)``, parsed, never run as Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograd.errors import DivisionByZeroError, DomainError, ExpressionError
from autograd.parser import Step, parse
from autograd.rule import RULES
from autograd.rules import power
from autograd.tools.text import excerpt
from autograd.value import Value, operand
from autograd.vocabulary import Vocabulary, folded

__all__ = ["evaluate", "names_in"]

WRITTEN = 40
"""The number of characters up to which an operand is written out in an error."""


def names_in(text: str, known: Iterable[str] = ()) -> list[str]:
    """Return the names of the variables in an expression, in the order they appear.

    A name that is `known` is one where it could be a constant, or a function, too.

    >>> names_in("tanh(w*x + b)"), names_in("e*x"), names_in("e*x", ["e"])
    (['w', 'x', 'b'], ['x'], ['e', 'x'])
    """
    words = Vocabulary({name: [name] for name in known}, open=True)
    return list(dict.fromkeys(step.value for step in parse(text, words) if step.head == "name"))


def evaluate(text: str, variables: Mapping[str, Value]) -> Value:
    """Return the Value of an expression: arithmetic, the table's functions, numbers, variables.

    It is read as `autograd.parser` reads: ``2x²`` and ``2*x**2`` are the same. ``sum``, ``mean``
    and ``logsumexp`` take any number of operands, ``dot`` two lists, and ``where`` a comparison
    first.

    Raises `ExpressionError`, pointing at the column, for anything else, and `DomainError` where
    an operation has no value.

    >>> evaluate("tanh(w*x + b)", {"w": Value(-3), "x": Value(2), "b": Value(6.88)}).data
    0.7064193203972353
    >>> evaluate("1 + w.grad", {"w": Value(-3)})
    Traceback (most recent call last):
    autograd.errors.ExpressionError: column 6: only arithmetic, functions, numbers and names ...
    """
    try:
        text.encode()
    except UnicodeError:
        said = "this is not text in the terminal's encoding"
        raise ExpressionError(said, folded(text), 1) from None
    words = _Variables({name: [value] for name, value in variables.items()})
    stack: list[Value] = []
    steps = parse(text, words)
    for i, step in enumerate(steps):
        operands = step.take(stack)
        try:
            stack.append(_made(step, operands))
        except DomainError as error:
            raise _refused(error, steps[: i + 1], operands) from None
    return stack[0]


class _Variables(Vocabulary):
    """The variables of an expression."""

    def remedy(self, word: str) -> str:
        return f"add {word}=NUMBER"


def _made(step: Step, operands: list[Value]) -> Value:
    """Return the Value that a step makes of its operands."""
    made: Any
    if step.head == "number":
        return operand(step.value[0], "a number")
    if step.head == "name":
        made = step.value
    elif step.head == "power":
        made = power(operands[0], n=step.value)
    elif step.head == "slope":
        made = RULES[step.value].evaluate(operands)[1][0]
        made = operand(made, step.value)
    elif step.sizes:
        columns = [operands[sum(step.sizes[:i]) :][:n] for i, n in enumerate(step.sizes)]
        made = RULES[step.value](*columns)
    else:
        made = RULES[step.value](*operands)
    result: Value = made
    return result


def _refused(error: DomainError, steps: list[Step], operands: list[Value]) -> DomainError:
    """Return the error of the last step, its operands called as they stand in the expression."""
    step = steps[-1]
    if step.head not in ("rule", "power"):
        return error
    rule = power.bind(n=step.value) if step.head == "power" else RULES[step.value]
    stack: list[str] = []
    for each in steps[:-1]:
        stack.append(excerpt(_written(each, each.take(stack)), WRITTEN))
    cause = ZeroDivisionError() if isinstance(error, DivisionByZeroError) else None
    called = [
        text if x.label or x.parents else repr(x.data)  # a number is its own name
        for x, text in zip(operands, stack[-step.operands :], strict=True)
    ]
    told = rule.refusal([x.data for x in operands], called, cause)
    return told if type(told) is type(error) else error


def _written(step: Step, operands: list[str]) -> str:
    """Return a step as it is read again, with more parentheses than it needs."""
    if step.head == "name":
        return str(step.value.label)
    if step.head == "number":
        return str(step.value[1])
    rule, parts = step.value, operands
    if step.head == "power":
        rule, parts = "power", [*operands, repr(step.value).removesuffix(".0")]
    symbol = RULES[rule].symbol
    mark = "'" if step.head == "slope" else ""
    if mark or not symbol:
        return f"{rule}{mark}({', '.join(parts)})"
    inner = [f"({part})" if " " in part else part for part in parts]
    return f" {symbol} ".join(inner) if len(inner) > 1 else f"{symbol}{inner[0]}"
