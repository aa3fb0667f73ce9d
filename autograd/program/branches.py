"""A function with Python ``if``s, run on symbols: once for each way that it can go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.program.symbols import Symbol, deciding, same

__all__ = ["every_way"]

WAYS = 64
"""How many ways there may be, and how many questions on each."""


def every_way(run: Callable[[], list[Any]]) -> list[Any]:
    """Return what a function returns, with ``where`` for each ``if`` that it decides by a symbol.

    Raises `ValueError` if there are too many ways, as there are through a loop without an end.

    >>> x = Symbol("x", 0)
    >>> every_way(lambda: [x if x > 0 else -x])
    [where(gt(x(0), 0), x(0), neg(x(0)))]
    """
    return _Ways(run).beyond([])


class _Ways:
    """A function, and in how many ways more it may be run."""

    def __init__(self, run: Callable[[], list[Any]]) -> None:
        self.run = run
        self.left = WAYS

    def beyond(self, answers: list[bool]) -> list[Any]:
        """Return the results of all the ways that begin with these answers."""
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"it goes more than {WAYS} ways by its ifs")
        found, asked = self._way(answers)
        for i in reversed(range(len(answers), len(asked))):
            other = self.beyond([*answers, *[True] * (i - len(answers)), False])
            found = [_either(asked[i], *pair) for pair in zip(found, other, strict=True)]
        return found

    def _way(self, answers: list[bool]) -> tuple[list[Any], list[Symbol]]:
        """Run once, with True for an answer where there is none; return what was asked, too.

        A question that is asked again has the same answer.
        """
        asked: list[Symbol] = []

        def decide(condition: Symbol) -> bool:
            place = next((i for i, e in enumerate(asked) if e is condition), len(asked))
            if place == len(asked):
                asked.append(condition)
            if len(asked) > WAYS:
                raise ValueError("its ifs come to no end")
            return answers[place] if place < len(answers) else True

        token = deciding.set(decide)
        try:
            return self.run(), asked
        finally:
            deciding.reset(token)


def _either(condition: Symbol, one: Any, other: Any) -> Any:
    return one if same(one, other) else Symbol("where", condition, one, other)
