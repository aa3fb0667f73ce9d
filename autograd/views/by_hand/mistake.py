"""A mistake: what went wrong, where, and the number that comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from autograd.value import Value
from autograd.views.by_hand.backward import Change

__all__ = ["Bound", "Later", "Mistake", "distinct"]


class Later:
    """Text that is made when it is asked for: of a thousand mistakes three are told."""

    def __init__(self, make: Callable[..., str], *operands: Any) -> None:
        self._make, self._operands = make, operands

    def __str__(self) -> str:
        return self._make(*self._operands)


class Bound(NamedTuple):
    """What a mistake takes as it finds it.

    It is the derivative ``above`` a node, of the output in it, or the one below, of the node in
    what is asked about. ``excess`` is how much too much comes of that derivative, times ``scale``;
    None if it is no function of it alone.
    """

    above: bool
    node: Value
    scale: float = 0.0
    excess: Callable[[float], float] | None = None


class Mistake(NamedTuple):
    """A mistake, in a word and in words that follow "if", and the number it leads to.

    - ``said``: a text, or a template and what to put into it; ``where``: the symbol of the place;
    - ``place``: what tells this mistake from all others, at whatever numbers of the graph;
    - ``changes``: what goes wrong on the way, where the mistake is no more than that; they are
      others beside another mistake that spoils what this one is ``bound`` to;
    - ``parts``: the two mistakes of which this one is made, if it is two.

    >>> Mistake("sign flipped", ("the sign of {} is flipped", "∂L/∂w"), 2.0).reason
    'the sign of ∂L/∂w is flipped'
    """

    kind: str
    said: str | tuple[Any, ...]
    number: float
    where: str | Later = ""
    place: tuple[object, ...] = ()
    changes: tuple[Change, ...] = ()
    parts: tuple[Mistake, ...] = ()
    bound: Bound | None = None

    @property
    def reason(self) -> str:
        """What is to be said, after "if"."""
        if isinstance(self.said, str):
            return self.said
        template, *parts = self.said
        text: str = template.format(*parts)
        return text


def distinct(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Return the mistakes, each that is told in the same words once."""
    return list({(m.kind, m.reason, m.number): m for m in mistakes}.values())
