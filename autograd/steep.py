"""Infinite slopes: where one was born, and the warning when it reaches a leaf or meets a 0."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from autograd.errors import InfiniteGradientWarning, UndefinedGradientWarning
from autograd.graph import leaves_and_results

__all__ = ["undefined", "warn"]


def warn(
    order: Sequence[Any],
    values: Mapping[Any, float],
    partials: Mapping[Any, Sequence[float]],
    adjoints: Mapping[Any, float],
    stacklevel: int = 1,
) -> None:
    """Warn if a leaf's derivative is not finite, or owes its value to 0 · ∞ = 0.

    To blame is the last operation without a finite slope that the sweep went through on its way to
    such a leaf. What came in as an infinity or NaN is nobody's fault, and no reason to warn.
    """
    leaves = {node for node in order if node not in partials and not node.is_constant}
    bad = {leaf for leaf in leaves if not _finite(adjoints.get(leaf, 0.0))}
    steep = [node for node in reversed(order) if node in adjoints and _born(node, values, partials)]
    if found := _first_above(bad, [node for node in steep if adjoints[node]]):
        node, leaf = found
        reason = f"{_at(node, values)} has a value but no finite slope"
        _warn(InfiniteGradientWarning, leaf, adjoints, reason, node, stacklevel)
        return
    if found := _first_above(_meetings(partials, adjoints) if steep else (), steep):
        node, meeting = found
        reason = f"{_at(node, values)} has an infinite slope, which met a slope of 0; "
        reason += "0 · ∞ is undefined, and taken as 0"
        for leaf in leaves_and_results(meeting)[0]:
            if leaf in leaves:
                _warn(UndefinedGradientWarning, leaf, adjoints, reason, node, stacklevel)
                return
    numbers = [*values.values(), *(slope for slopes in partials.values() for slope in slopes)]
    if bad and all(map(math.isfinite, numbers)):
        leaf = next(leaf for leaf in order if leaf in bad)
        reason = "a product of slopes is too large for a float; rescale the operands"
        _warn(InfiniteGradientWarning, leaf, adjoints, reason, None, stacklevel)


def undefined(node: Any, upstream: float, partial: float) -> bool:
    """Return whether a product is 0 · ∞ of slopes that are what they are, not chosen at a kink.

    >>> from autograd import Value
    >>> y = Value(0.0).sqrt()
    >>> undefined(y, 0.0, y.partials[0]), undefined(y, 1.0, y.partials[0])
    (True, False)
    """
    if not upstream:
        return math.isinf(partial)
    rule = node.rule
    if partial or rule.choice or not math.isinf(upstream):
        return False
    numbers = [parent.data for parent in node.parents]
    return not (rule.kink and rule.kink(*numbers, **rule.constants))


def _meetings(
    partials: Mapping[Any, Sequence[float]], adjoints: Mapping[Any, float]
) -> Collection[Any]:
    """Return the nodes at which an infinite slope meets one of 0."""
    return {
        node
        for node, slopes in partials.items()
        if node in adjoints and any(undefined(node, adjoints[node], slope) for slope in slopes)
    }


def _first_above(nodes: Collection[Any], above: Iterable[Any]) -> tuple[Any, Any] | None:
    """Return the first of some nodes that depends on one of others, and which; None if none."""
    for node in above if nodes else ():
        leaves, results = leaves_and_results(node)
        for below in leaves + results:
            if below in nodes:
                return node, below
    return None


def _born(node: Any, values: Mapping[Any, float], partials: Mapping[Any, Sequence[float]]) -> bool:
    """Return whether a node has no finite slope at finite operands."""
    slopes = partials.get(node, ())
    return not all(map(_finite, slopes)) and all(_finite(values[p]) for p in node.parents)


def _warn(
    kind: type[Warning],
    leaf: Any,
    adjoints: Mapping[Any, float],
    reason: str,
    node: Any,
    stacklevel: int,
) -> None:
    source = f" ({node.rule.source})" if node is not None and node.rule.source else ""
    name, slope = leaf.label or "a leaf", adjoints.get(leaf, 0.0)
    message = f"the gradient of {name} is {slope}: {reason}{source}"
    warnings.warn(message, kind, stacklevel=stacklevel + 2)


def _at(node: Any, values: Mapping[Any, float]) -> str:
    names = node.rule.parameters(len(node.parents))
    called = [parent.label or name for parent, name in zip(node.parents, names, strict=True)]
    numbers = [values[parent] for parent in node.parents]
    operands = [f"{name} = {x!r}" for name, x in zip(called, numbers, strict=True)]
    return f"{node.op} at {', '.join(operands)}"


_finite = math.isfinite
