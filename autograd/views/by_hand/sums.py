"""What a sum over paths is taken for: a term lost, overwritten, too late, or counted twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, combinations
from typing import Any

from autograd.value import Value
from autograd.views.by_hand.backward import Backward, Change
from autograd.views.by_hand.mistake import Later, Mistake
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Factor

__all__ = ["mistaken_sums", "paths_gone_wrong", "sums_gone_wrong"]

MANY = 64
"""The number of paths up to which each is tried as the one that was left out."""

SUBSETS = 5
"""The number of uses up to which all choices of those that count are tried."""


EACH = 24
"""The number of uses up to which each is tried as the only one that counts."""


def mistaken_sums(
    terms: Sequence[tuple[str | Later, float]], symbol: str | Later
) -> Iterator[Mistake]:
    """Yield what a sum over paths is taken for, given each contribution and whence it comes.

    >>> for mistake in mistaken_sums([("∂u/∂x", 2.0), ("∂v/∂x", 3.0)], "∂y/∂x"):
    ...     print(mistake.number, "if", mistake.reason)
    3.0 if what comes by way of ∂u/∂x is left out
    2.0 if what comes by way of ∂v/∂x is left out
    3.0 if the 2 contributions to ∂y/∂x overwrite each other (= where += is due): the last is left
    6.0 if the contributions to ∂y/∂x are multiplied, not added
    """
    if len(terms) < 2:
        return
    numbers = [number for _, number in terms]
    before = accumulate(numbers[:-1], initial=0.0)
    after = [*accumulate(reversed(numbers[1:]), initial=0.0)]
    for (way, _), left, right in zip(terms, before, reversed(after), strict=True):
        yield Mistake("path left out", (_LEFT_OUT, way), left + right)
    yield Mistake("= for +=", (_OVERWRITTEN, len(terms), symbol), numbers[-1])
    yield Mistake("product for sum", (_MULTIPLIED, symbol), math.prod(numbers))


_LEFT_OUT = "what comes by way of {} is left out"
_OVERWRITTEN = (
    "the {} contributions to {} overwrite each other (= where += is due): the last is left"
)
_ONE_IS_LEFT = (
    "the {} contributions to {} overwrite each other (= where += is due): that by way of {} is left"
)
_EARLY = (
    "{} is handed on before it is complete, when {} of its {} contributions has come in (steps in "
    "a wrong order)"
)
_MULTIPLIED = "the contributions to {} are multiplied, not added"


def sums_gone_wrong(
    backward: Backward, write: Notation, nodes: Sequence[Value]
) -> Iterator[Mistake]:
    """Yield what comes of losing a part of a sum, at some nodes of the chain."""
    for node in nodes:
        if len(backward.why.consumers[node]) > 1:
            yield from _Sum(backward, write, node).gone_wrong()


class _Sum:
    """The sum of what comes to one node by way of its uses."""

    def __init__(self, backward: Backward, write: Notation, node: Value) -> None:
        self.backward, self.write, self.node = backward, write, node
        self.uses = [use for use in backward.why.consumers[node] if isinstance(use, Edge)]
        self.symbol = Later(write.derivative, node)

    def gone_wrong(self) -> Iterator[Mistake]:
        """Yield what becomes of it: terms left out, overwritten, too late, and counted wrongly."""
        count = len(self.uses)
        for use in self.uses:
            left_out = (_LEFT_OUT, self._way(use))
            yield self._losing("path left out", [use], left_out, ("lost", use), use)
        for use in reversed(self.uses if count <= EACH else self.uses[-1:]):
            said = _OVERWRITTEN if use == self.uses[-1] else _ONE_IS_LEFT
            told = (said, count, self.symbol, self._way(use))
            yield self._losing("= for +=", self._others([use]), told, ("kept", use))
        for use in self.uses if 2 < count <= EACH else ():
            said = "of {} contributions to {} only that by way of {} is counted"
            told = (said, count, self.symbol, self._way(use))
            yield self._losing("path left out", self._others([use]), told, ("kept", use), use)
        if self.node is not self.backward.why.node:
            yield from self._handed_on_early()
        yield self._multiplied()

    def _way(self, use: Edge) -> Later:
        return Later(self.write.local, use)

    def _others(self, uses: Sequence[Edge]) -> list[Edge]:
        return [use for use in self.uses if use not in uses]

    def _losing(
        self,
        kind: str,
        lost: Sequence[Edge],
        said: tuple[Any, ...],
        place: tuple[object, ...],
        at: Edge | None = None,
    ) -> Mistake:
        """Return the mistake of not counting some uses."""
        changes = tuple([
            Change(use.node, self.node, -self.backward.partial(use)) for use in lost
        ])  # fmt: skip
        where = self._way(at) if at else self.symbol
        place = (kind, self.node, *place)
        return Mistake(kind, said, self.backward.changed(changes), where, place, changes)

    def _handed_on_early(self) -> Iterator[Mistake]:
        count = len(self.uses)
        some: Iterable[Sequence[Edge]] = (self.uses[:n] for n in range(min(count, EACH)))
        if count <= SUBSETS:
            some = (choice for n in range(count) for choice in combinations(self.uses, n))
        for counted in some:
            came = f"only {len(counted)}" if counted else "none"
            told = (_EARLY, self.symbol, came, count)
            yield self._losing("wrong order", self._others(counted), told, (*counted,))

    def _multiplied(self) -> Mistake:
        product = math.prod(self.backward.contribution(use) for use in self.uses)
        amount = product - self.backward.above[self.node]
        change = (Change(self.backward.why.graph.output, self.node, amount=amount),)
        said, place = (_MULTIPLIED, self.symbol), ("multiplied", self.node)
        number = self.backward.changed(change)
        return Mistake("product for sum", said, number, self.symbol, place, change)


def paths_gone_wrong(backward: Backward, write: Notation) -> Iterator[Mistake]:
    """Yield what comes of losing whole paths, or of adding the factors of one."""
    why = backward.why
    if why.count > MANY:
        return
    paths = list(why)
    routes = [_route(write, why.node, path) for path in paths]
    products = [_product(backward, path) for path in paths]
    for i, (route, found) in enumerate(zip(routes, products, strict=True)):
        if why.count > 1:
            same = routes.count(route)
            one = f"one of the {same} paths {route}" if same > 1 else f"the path {route}"
            number = backward.gradient - found
            yield Mistake("path left out", f"{one} is left out", number, route, ("path", *paths[i]))
        if why.count > 2:
            said = f"of {why.count} paths only {route} is counted"
            yield Mistake("path left out", said, found, route, ("only path", *paths[i]))
    sums = [sum(map(backward.partial, path)) for path in paths]
    for i, (path, added) in enumerate(zip(paths, sums, strict=True)):
        if len(path) > 1:
            said = f"the factors along the path {routes[i]} are added, not multiplied"
            number = backward.gradient - products[i] + added
            yield Mistake("sum for product", said, number, routes[i], ("added", *path))
    if why.count > 1:
        said = "the factors along every path are added, not multiplied"
        yield Mistake("sum for product", said, sum(sums), "", ("all added",))


def _product(backward: Backward, path: Sequence[Factor]) -> float:
    return math.prod(map(backward.partial, path))


def _route(write: Notation, node: Value, path: Sequence[Factor]) -> str:
    names = [write.name(node), *[write.name(edge.node) for edge in reversed(path)]]
    if len(names) > 12:
        names[5:-6] = ["…"]
    return " → ".join(names)
