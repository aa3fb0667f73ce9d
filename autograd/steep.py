"""Infinite slopes: where one was born, and the warning when it reaches a leaf or meets a 0."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from autograd.errors import InfiniteGradientWarning, UndefinedGradientWarning
from autograd.graph import leaves_and_results

__all__ = ["UNDEFINED", "undefined", "warn"]

UNDEFINED = "0 · ∞, undefined, taken as 0"
"""What is said of such a product."""


def warn(
    order: Sequence[Any],
    values: Mapping[Any, float],
    partials: Mapping[Any, Sequence[float | None]],
    adjoints: Mapping[Any, float],
    stacklevel: int = 1,
) -> bool:
    """Warn if a leaf's derivative is not finite, or owes its value to 0 · ∞ = 0; say whether.

    To blame is the last operation without a finite slope that the sweep went through on its way to
    such a leaf. What came in as an infinity or NaN is nobody's fault, and no reason to warn.
    """
    slopes = {node: [d for d in row if d is not None] for node, row in partials.items()}
    leaves = {node for node in order if node not in partials and not node.is_constant}
    bad = {leaf for leaf in leaves if not _finite(adjoints.get(leaf, 0.0))}
    steep = [node for node in reversed(order) if node in adjoints and _born(node, values, slopes)]
    if found := _first_above(bad, [node for node in steep if adjoints[node]]):
        node, leaf = found
        has = "has a value but" if _finite(values[node]) else "has no finite value and"
        reason = f"{_at(node, values)} {has} no finite slope"
        return _warn(InfiniteGradientWarning, leaf, adjoints, reason, node, stacklevel)
    if found := _first_above(_meetings(values, slopes, adjoints) if steep else (), steep):
        node, meeting = found
        reason = f"{_at(node, values)} has an infinite slope, which met a slope of 0: {UNDEFINED}"
        for leaf in leaves_and_results(meeting)[0]:
            if leaf in leaves:
                return _warn(UndefinedGradientWarning, leaf, adjoints, reason, node, stacklevel)
    numbers = [*values.values(), *chain.from_iterable(slopes.values())]
    if bad and all(map(math.isfinite, numbers)):
        leaf = next(leaf for leaf in order if leaf in bad)
        reason = "a product of slopes is too large for a float; rescale the operands"
        return _warn(InfiniteGradientWarning, leaf, adjoints, reason, None, stacklevel)
    return False


def undefined(node: Any, operands: Sequence[float], upstream: float, partial: float) -> bool:
    """Return whether a product is 0 · ∞ of slopes that are what they are, not chosen at a kink.

    >>> from autograd import Value
    >>> y = Value(0.0).sqrt()
    >>> undefined(y, [0.0], 0.0, y.partials[0]), undefined(y, [0.0], 1.0, y.partials[0])
    (True, False)
    """
    if not upstream:
        return math.isinf(partial)
    rule = node.rule
    if partial or rule.choice or not math.isinf(upstream):
        return False
    return not (rule.kink and rule.kink(*operands, **rule.constants))


def _meetings(
    values: Mapping[Any, float],
    partials: Mapping[Any, Sequence[float]],
    adjoints: Mapping[Any, float],
) -> Collection[Any]:
    """Return the nodes at which an infinite slope meets one of 0."""
    found = set()
    for node in partials.keys() & adjoints.keys():
        operands = [values[parent] for parent in node.parents]
        if any(undefined(node, operands, adjoints[node], slope) for slope in partials[node]):
            found.add(node)
    return found


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
) -> bool:
    source = f" ({node.rule.source})" if node is not None and node.rule.source else ""
    name, slope = leaf.label or "a leaf", adjoints.get(leaf, 0.0)
    message = f"the gradient of {name} is {slope}: {reason}{source}"
    warnings.warn(message, kind, stacklevel=stacklevel + 2)
    return True


def _at(node: Any, values: Mapping[Any, float]) -> str:
    names = node.rule.parameters(len(node.parents))
    called = [parent.label or name for parent, name in zip(node.parents, names, strict=True)]
    numbers = [values[parent] for parent in node.parents]
    operands = [f"{name} = {x!r}" for name, x in zip(called, numbers, strict=True)]
    return f"{node.op} at {', '.join(operands)}"


_finite = math.isfinite
