"""Deep copies and pickles of a graph of any depth, without recursion.

A graph is copied whole: a copy's ``backward()`` reaches the copies of its leaves, also of those
that are copied or pickled beside it.
"""

from __future__ import annotations

import copy as copying
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from autograd.comparisons import ask_again, asked_within
from autograd.graph import NodeT, topological_order

__all__ = ["deep_copy", "own_attributes", "reduce"]

_ancestors_first: ContextVar[bool] = ContextVar("ancestors_first", default=False)


def deep_copy(node: NodeT, memo: dict[int, Any]) -> NodeT:
    """Return a copy of the node and of all that it depends on, reusing what `memo` holds."""
    originals: list[Any] = [*topological_order(node)]
    fresh = {original for original in originals if id(original) not in memo}
    for original in originals:
        if id(original) not in memo:
            data, grad, label, parents, *links, own = original.__getstate__()
            copy = memo[id(original)] = _blank(type(original))
            parents = tuple([memo[id(parent)] for parent in parents])
            own = copying.deepcopy(own, memo)
            copy.__setstate__((data, grad, label, parents, *links, own))
    for answer, (x, y), rule, source in asked_within(originals):
        if x in fresh or y in fresh:
            ask_again([(answer, (memo.get(id(x), x), memo.get(id(y), y)), rule, source)])
    copied: NodeT = memo[id(node)]
    return copied


def reduce(node: Any) -> tuple[Any, ...]:
    """Return what ``pickle`` needs to restore the node, its ancestors ahead of it.

    pickle would walk from a node to its parents recursively. Given all the ancestors first, in
    topological order, it finds each node's parents already written.
    """
    if _ancestors_first.get() or not node.parents:
        return _restore, (type(node), None), node.__getstate__()
    asked = asked_within(topological_order(node))  # what guards the graph
    return _restore, (type(node), _Ancestors(node)), (*node.__getstate__(), asked)


class _Ancestors:
    """The nodes that one node depends on, pickled as a list of nodes in topological order."""

    def __init__(self, node: Any) -> None:
        self.node = node

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._in_order()

    def _in_order(self) -> Iterator[Any]:
        *ancestors, _ = topological_order(self.node)
        token = _ancestors_first.set(True)
        try:
            yield from ancestors
        finally:
            _ancestors_first.reset(token)


def own_attributes(node: Any) -> dict[str, Any]:
    """Return what a subclass of Value knows of its own, in a dict or in slots."""
    names = [
        name
        for kind in type(node).__mro__
        if not kind.__module__.startswith("autograd.")
        for name in _slots(kind)
    ]
    slots = {name: getattr(node, name) for name in names if hasattr(node, name)}
    return slots | getattr(node, "__dict__", {})


def _slots(kind: type) -> list[str]:
    slots = vars(kind).get("__slots__", ())
    names = [slots] if isinstance(slots, str) else list(slots)
    private = f"_{kind.__name__.lstrip('_')}__"
    return [
        name if not name.startswith("__") else name.replace("__", private, 1)
        for name in names
        if name not in ("__dict__", "__weakref__")
    ]


def _restore(kind: type, ancestors: Any) -> Any:
    return _blank(kind)


def _blank(kind: type) -> Any:
    return object.__new__(kind)
