"""Which neuron each node of a graph belongs to, from labels such as ``z_1^{(2)}``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from autograd.value import Value
from autograd.views.writing.labels import parse

__all__ = ["Place", "places"]

_NEURON = re.compile(r"[az]_\{?(\d+)\}?\^\{?\((\d+)\)\}?")


class Place(NamedTuple):
    """A neuron: the number of its layer, and its own number there or, for an input, its name."""

    layer: int
    neuron: int | str


def places(order: Sequence[Value], kind: Callable[[Value], str]) -> dict[Value, Place]:
    """Return the neuron that each node of a graph belongs to.

    Labels say where inputs z and activations a belong, as in ``a_1^{(2)}``: neuron 1 of layer 2.
    A node between belongs to the neuron that it feeds; but a function of a neuron's z is that
    neuron's activation. What feeds several is an input of theirs, or comes from a neuron itself.
    What comes after the last layer has no place; no node has one where the labels are none of
    layers, since later ones feed earlier ones.

    >>> from autograd.views.example import hidden_layer_weight
    >>> from autograd.graph import topological_order
    >>> loss, weight = hidden_layer_weight()
    >>> found = places(topological_order(loss), lambda node: "")
    >>> found[weight], loss in found
    (Place(layer=2, neuron=2), False)
    """
    found = {
        node: Place(int(m[2]), int(m[1])) for node in order if (m := _NEURON.fullmatch(node.label))
    }
    if not found:
        return {}
    fed: dict[Value, dict[Place, None]] = {node: {} for node in order}
    for node in reversed(order):
        if node not in found and fed[node]:
            found[node] = _between(node, list(fed[node]), found, kind)
        if node in found:
            for parent in node.parents:
                fed[parent][found[node]] = None
    return found if _is_layered(found, fed) else {}


def _is_layered(found: Mapping[Value, Place], fed: Mapping[Value, Mapping[Place, None]]) -> bool:
    """Return whether labels are those of layers: none feeds one before it, none lies before 0."""
    return all(
        place.layer >= 0 and all(other.layer >= place.layer for other in fed[node])
        for node, place in found.items()
    )


def _between(
    node: Value,
    fed: Sequence[Place],
    found: Mapping[Value, Place],
    kind: Callable[[Value], str],
) -> Place:
    """Return the place of a node without one, which feeds others that have one."""
    if len(node.parents) == 1 and node.parents[0] in found:
        return found[node.parents[0]]
    first = min(fed, key=lambda place: place.layer)
    if len(fed) == 1 or kind(node) == "parameter":
        return first
    sources = [found[parent] for parent in node.parents if parent in found]
    if sources:
        return max(sources, key=lambda place: place.layer)
    return Place(first.layer - 1, parse(node.label).unicode)
