"""The paths of largest weight through an acyclic graph, the next best only when it is asked for.

The largest weight of what is left is known for every node, so that the best path is followed
without looking back. Each other path leaves a better one at some node, for the next best arc there,
and goes on as well as it can: those that leave the paths found so far wait in a heap (Lawler 1972;
Eppstein 1998). No path is looked at that is not next to one of the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

__all__ = ["longest"]

Trail: TypeAlias = "tuple[Trail, int] | None"
"""The arcs taken so far, the last one first: paths share their beginnings."""


def longest(to: Sequence[Sequence[int]], weights: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the paths from the first node to the last, as the positions of the arcs taken.

    Given are, for the arcs out of each node, the nodes they lead to and their weights. The order
    is topological: the first node comes before all, and every node leads to the last. Paths of
    larger weight come first; of equal ones the one that was met first.

    >>> list(longest([[1, 1, 2], [2], []], [[2, 5, 6], [0], []]))
    [[2], [1, 0], [0, 0]]
    """
    last = len(to) - 1
    rest = [0] * len(to)  # the largest weight from each node to the last
    gains: list[tuple[int, ...]] = [()] * len(to)  # the same by way of each arc
    for node in range(last - 1, -1, -1):
        row = zip(to[node], weights[node], strict=True)
        gains[node] = tuple([weight + rest[target] for target, weight in row])
        rest[node] = max(gains[node])
    ranked: dict[int, list[int]] = {}  # the arcs out of a node, the best first
    serial = count()
    waiting: list[tuple[int, int, Trail, int, int]] = [(0, next(serial), None, 0, 0)]
    while waiting:
        lost, _, trail, node, rank = heappop(waiting)
        while node < last:
            gained = gains[node]
            if node not in ranked:
                ranked[node] = sorted(range(len(gained)), key=gained.__getitem__, reverse=True)
            taken, *_ = best = ranked[node][rank : rank + 2]
            if len(best) == 2:
                worse = lost + gained[taken] - gained[best[1]]
                heappush(waiting, (worse, next(serial), trail, node, rank + 1))
            trail = (trail, taken)
            node, rank = to[node][taken], 0
        yield _unwound(trail)


def _unwound(trail: Trail) -> list[int]:
    taken = []
    while trail:
        trail, position = trail
        taken.append(position)
    return taken[::-1]
