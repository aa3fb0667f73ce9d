"""A large graph as a few boxes: nodes of the same operation at the same depth, taken together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple

from autograd.value import Value

__all__ = ["Group", "collapse"]


class Group(NamedTuple):
    """Nodes drawn as one box, and how many edges come in from which other groups."""

    kind: str
    nodes: list[Value]
    sources: Counter[int]

    @property
    def title(self) -> str:
        """What was collapsed: ``"16 × dot"``, or ``"90 nodes: 45 × mul, 45 × add"``."""
        counts = Counter(node.op or self.kind for node in self.nodes).most_common()
        listed = ", ".join(f"{n} × {op}" for op, n in counts[:3]) + ", …" * (len(counts) > 3)
        return listed if len(counts) == 1 else f"{len(self.nodes)} nodes: {listed}"


def collapse(order: Sequence[Value], limit: int, kind: Callable[[Value], str]) -> list[Group]:
    """Return at most about `limit` groups of the nodes, sources before those that use them.

    A node's depth is its longest distance from the leaves; a leaf joins those of its kind that are
    first used at the same depth. If that leaves too many groups, neighbouring depths are taken
    together.

    >>> x = Value(0.5)
    >>> y = x
    >>> for _ in range(100):
    ...     y = (y * x).tanh()
    >>> from autograd.graph import topological_order
    >>> groups = collapse(topological_order(y), 10, lambda node: "" if node.parents else "input")
    >>> len(groups), groups[-1].title
    (8, '9 nodes: 5 × tanh, 4 × mul')
    """
    depths = _depths(order)
    span = 1
    while True:
        keys = {
            node: (depths[node] // span, kind(node), node.op if span == 1 else "") for node in order
        }
        if len(set(keys.values())) <= limit:
            return _groups(order, keys, kind)
        span *= 2


def _depths(order: Sequence[Value]) -> dict[Value, int]:
    depths: dict[Value, int] = {}
    for node in order:
        depths[node] = 1 + max((depths[parent] for parent in node.parents), default=-1)
    first_use: dict[Value, int] = {}
    for node in order:
        for parent in node.parents:
            if not parent.parents:
                first_use[parent] = min(depths[node], first_use.get(parent, depths[node]))
    return depths | first_use


def _groups(
    order: Sequence[Value], keys: Mapping[Value, Hashable], kind: Callable[[Value], str]
) -> list[Group]:
    numbers: dict[Hashable, int] = {}
    groups: list[Group] = []
    for node in order:
        if keys[node] not in numbers:
            numbers[keys[node]] = len(groups)
            groups.append(Group(kind(node), [], Counter()))
        groups[numbers[keys[node]]].nodes.append(node)
    for node in order:
        target = numbers[keys[node]]
        for parent in node.parents:
            source = numbers[keys[parent]]
            if source != target:
                groups[target].sources[source] += 1
    return groups
