"""A large graph as a few boxes.

Where labels say so, as in ``z_1^{(2)}``, the boxes are the neurons of a network, or its layers;
elsewhere they are nodes of the same operation at the same depth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from autograd.value import Value
from autograd.views.tracing.neurons import Place, places
from autograd.views.writing.labels import parse

__all__ = ["Group", "collapse"]

Kind: TypeAlias = Callable[[Value], str]
"""What says of a node whether it is a parameter, an input, a constant or an operation."""


class Group(NamedTuple):
    """Nodes drawn as one box.

    - ``kind``: what they all are;
    - ``title``: what was collapsed: ``"16 × dot"``, or ``"90 nodes: 45 × mul, 45 × add"``;
    - ``sources``: how many edges come in from which other groups;
    - ``results``: those of the nodes that others use, whose numbers stand for the group;
    - ``name``: the neuron or the layer that they are together, if they are one;
    - ``place``: where that stands in its network; None outside.
    """

    kind: str
    nodes: list[Value]
    title: str
    sources: Counter[int]
    results: list[Value]
    name: str = ""
    place: Place | None = None


def collapse(order: Sequence[Value], limit: int, kind: Kind) -> list[Group]:
    """Return at most about `limit` groups of the nodes.

    The nodes of a network are taken together by neuron; if that leaves too much to look at, by
    layer. In other graphs a node's depth counts, its longest distance from the leaves; a leaf joins
    those of its kind that are first used at the same depth. If that leaves too many groups,
    neighbouring depths are taken together.

    >>> x = Value(0.5)
    >>> y = x
    >>> for _ in range(100):
    ...     y = (y * x).tanh()
    >>> from autograd.graph import topological_order
    >>> groups = collapse(topological_order(y), 10, lambda node: "" if node.parents else "input")
    >>> len(groups), groups[-1].title
    (8, '9 nodes: 5 × tanh, 4 × mul')
    """
    found = places(order, kind)
    if len({place for node, place in found.items() if node.parents}) > 1:
        for groups in (_neurons(order, found, kind), _layers(order, found, kind)):
            edges = sum(len(group.sources) for group in groups)
            if len(groups) <= limit and edges <= 2 * limit:
                return groups
    depths = _depths(order)
    span = 1
    while True:
        keys = {
            node: (depths[node] // span, kind(node), node.op if span == 1 else "") for node in order
        }
        if len(set(keys.values())) <= limit:
            return _groups(order, keys, kind)
        span *= 2


def _neurons(order: Sequence[Value], found: Mapping[Value, Place], kind: Kind) -> list[Group]:
    """Return a group for each neuron, called by what it puts out, and one for what follows."""
    groups = _groups(order, {node: found.get(node) for node in order}, kind)
    return [_named(group, _called(group), found) for group in groups]


def _layers(order: Sequence[Value], found: Mapping[Value, Place], kind: Kind) -> list[Group]:
    """Return a group for each layer, and one for what follows."""
    keys = {node: found[node].layer if node in found else None for node in order}
    named = []
    for group in _groups(order, keys, kind):
        name = _called(group)
        if inside := {found[node] for node in group.nodes if node in found}:
            what = "input" if group.kind == "input" else "neuron"
            several = "s" if len(inside) > 1 else ""
            name = f"layer {keys[group.nodes[0]]}: {len(inside)} {what}{several}"
        named.append(_named(group, name, found))
    return named


def _called(group: Group) -> str:
    label = group.results[0].label
    return parse(label).unicode if label else ""


def _named(group: Group, name: str, found: Mapping[Value, Place]) -> Group:
    return group._replace(name=name or "output", place=found.get(group.results[0]))


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


def _groups(order: Sequence[Value], keys: Mapping[Value, Hashable], kind: Kind) -> list[Group]:
    """Return the groups of nodes that have the same key, in the order of their first nodes."""
    members: dict[Hashable, list[Value]] = {}
    for node in order:
        members.setdefault(keys[node], []).append(node)
    numbers = {key: number for number, key in enumerate(members)}
    sources: dict[Hashable, Counter[int]] = {key: Counter() for key in members}
    used = {order[-1]}
    for node in order:
        for parent in node.parents:
            if keys[parent] != keys[node]:
                sources[keys[node]][numbers[keys[parent]]] += 1
                used.add(parent)
    groups = []
    for key, nodes in members.items():
        kinds = {kind(node) for node in nodes}
        results = [node for node in nodes if node in used and (node.parents or len(kinds) == 1)]
        whole = kinds.pop() if len(kinds) == 1 else "operation"
        groups.append(Group(whole, nodes, _title(nodes, kind), sources[key], results))
    return groups


def _title(nodes: Sequence[Value], kind: Kind) -> str:
    counts = Counter(node.op or kind(node) for node in nodes).most_common()
    listed = ", ".join(f"{n} × {what}" for what, n in counts[:4]) + ", …" * (len(counts) > 4)
    return listed if len(counts) == 1 else f"{len(nodes)} nodes: {listed}"
