"""Symbols, written as a list of calls: how arrays compute them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.program.symbols import OPERATORS, Symbol, evaluate

__all__ = ["Tape"]


class Tape:
    """Expressions as calls, each with the places of what it is called with.

    - `arguments`: the symbols that are known when it is called, in order;
    - `function`: what returns the function for a head that is none of Python's operators.

    >>> from autograd import functions
    >>> x = Symbol("x", 0)
    >>> tape = Tape([x], [2 * x, 2 * x + 1], lambda head: getattr(functions, head))
    >>> tape(3.0)
    [6.0, 7.0]
    """

    def __init__(
        self,
        arguments: Sequence[Symbol],
        expressions: Sequence[Any],
        function: Callable[[str], Callable[..., Any]],
    ) -> None:
        self.count = len(arguments)
        self.constants: list[Any] = []
        self.calls: list[tuple[Callable[..., Any], list[int]]] = []
        known = {e: place for place, e in enumerate(arguments)}

        def call(e: Symbol, operands: list[Any]) -> int:
            places = [
                place if isinstance(a, Symbol) else self._constant(a)
                for a, place in zip(e.arguments, operands, strict=True)
            ]
            self.calls.append((OPERATORS.get(e.head) or function(e.head), places))
            return -len(self.calls)

        found = evaluate(expressions, known, call)
        self.results = [
            place if isinstance(e, Symbol) else self._constant(e)
            for e, place in zip(expressions, found, strict=True)
        ]
        self._settle()

    def _constant(self, x: Any) -> int:
        self.constants.append(x)
        return self.count + len(self.constants) - 1

    def _settle(self) -> None:
        """Give the results of calls, counted from −1 on, their places behind the constants."""
        start = self.count + len(self.constants) - 1
        self.calls = [
            (function, [i if i >= 0 else start - i for i in places])
            for function, places in self.calls
        ]
        self.results = [i if i >= 0 else start - i for i in self.results]

    def __call__(self, *arguments: Any) -> list[Any]:
        """Return the numbers of the expressions, given those of the arguments."""
        found = [*arguments, *self.constants]
        for function, places in self.calls:
            found.append(function(*[found[i] for i in places]))
        return [found[i] for i in self.results]
