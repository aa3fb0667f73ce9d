"""A mistake: what went wrong, where, and the number that comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from autograd.value import Value
from autograd.views.by_hand.backward import Change
from autograd.views.tracing.graph import Edge

__all__ = ["Bound", "Later", "Mistake", "distinct"]


class Later:
    """Text that is made when it is asked for: of a thousand mistakes three are told."""

    def __init__(self, make: Callable[..., str], *operands: Any) -> None:
        self._make, self._operands = make, operands

    def __str__(self) -> str:
        return self._make(*self._operands)


class Bound(NamedTuple):
    """What a mistake takes as it finds it.

    It is the derivative ``above`` some nodes, of the output in each, or the one below, of each in
    what is asked about. ``excess`` is how much too much comes of these derivatives, times
    ``scale``.
    """

    above: bool
    nodes: tuple[Value, ...]
    scale: float
    excess: Callable[..., float]


class Mistake(NamedTuple):
    """A mistake, in a word and in words that follow "if", and the number it leads to.

    - ``said``: a text, or a template and what to put into it; ``where``: the symbol of the place;
    - ``place``: what tells this mistake from all others, at whatever numbers of the graph;
    - ``changes``: what goes wrong on the way, where the mistake is no more than that; they are
      others beside another mistake that spoils what this one is ``bound`` to;
    - ``instead``: the local derivatives that are taken for others, of what goes wrong everywhere;
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
    instead: tuple[tuple[Edge, float], ...] = ()
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
