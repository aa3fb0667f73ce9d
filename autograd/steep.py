"""Infinite slopes: where one was born, and the warning when it reaches a leaf or meets a 0."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from autograd.errors import InfiniteGradientWarning, UndefinedGradientWarning
from autograd.graph import leaves_and_results
from autograd.libraries import N, library

__all__ = ["undefined", "warn"]


def warn(
    order: Sequence[Any],
    values: Mapping[Any, N],
    partials: Mapping[Any, Sequence[N]],
    adjoints: Mapping[Any, N],
    stacklevel: int = 1,
) -> None:
    """Warn if a leaf's derivative is not finite, or owes its value to 0 · ∞ = 0.

    To blame is the last operation with an infinite slope that the sweep went through on its way to
    such a leaf. What came in as an infinity or NaN is nobody's fault, and no reason to warn.
    """
    steep = [node for node in reversed(order) if node in adjoints and _born(node, values, partials)]
    bad = {leaf for leaf in order if leaf not in partials and not _finite(adjoints.get(leaf, 0.0))}
    open_ = [node for node in steep if not _zero(adjoints[node])]
    if found := _first_above(bad, open_):
        node, leaf = found
        reason = f"{_at(node, values)} has a value but no finite slope"
        return _warn(InfiniteGradientWarning, leaf, adjoints, reason, node, stacklevel)
    met = {node for node in adjoints if steep and _meets(node, partials, adjoints)}
    if found := _first_above(met, steep):
        node, meeting = found
        leaf = leaves_and_results(meeting)[0][0]
        reason = f"{_at(node, values)} has an infinite slope, which met a slope of 0; "
        reason += "0 · ∞ is undefined, and taken as 0"
        return _warn(UndefinedGradientWarning, leaf, adjoints, reason, node, stacklevel)
    if bad and all(map(_finite, _all_numbers(values, partials))):
        leaf = next(leaf for leaf in order if leaf in bad)
        reason = "a product of slopes is too large for a float; rescale the operands"
        _warn(InfiniteGradientWarning, leaf, adjoints, reason, None, stacklevel)


def undefined(node: Any, upstream: N, partial: N) -> bool:
    """Return whether a product is 0 · ∞ of slopes that are what they are, not chosen at a kink.

    >>> from autograd import Value
    >>> y = Value(0.0).sqrt()
    >>> undefined(y, 0.0, y.partials[0]), undefined(y, 1.0, y.partials[0])
    (True, False)
    """
    if _zero(upstream):
        return _infinite(partial)
    rule = node.rule
    if not (_zero(partial) and _infinite(upstream)) or rule.choice:
        return False
    numbers = [parent.data for parent in node.parents]
    return not (rule.kink and rule.kink(*numbers, **rule.constants))


def _meets(node: Any, partials: Mapping[Any, Sequence[N]], adjoints: Mapping[Any, N]) -> bool:
    return any(undefined(node, adjoints[node], partial) for partial in partials.get(node, ()))


def _first_above(nodes: Collection[Any], above: Iterable[Any]) -> tuple[Any, Any] | None:
    """Return the first of some nodes that depends on one of others, and which; None if none."""
    if not nodes:
        return None
    for node in above:
        leaves, results = leaves_and_results(node)
        for below in leaves + results:
            if below in nodes:
                return node, below
    return None


def _born(node: Any, values: Mapping[Any, N], partials: Mapping[Any, Sequence[N]]) -> bool:
    """Return whether a node has an infinite slope at finite operands."""
    slopes = partials.get(node, ())
    return any(map(_infinite, slopes)) and all(_finite(values[p]) for p in node.parents)


def _warn(
    kind: type[Warning],
    leaf: Any,
    adjoints: Mapping[Any, N],
    reason: str,
    node: Any,
    stacklevel: int,
) -> None:
    source = f" ({node.rule.source})" if node is not None and node.rule.source else ""
    found = adjoints.get(leaf, 0.0)
    is_ = f"is {found}" if isinstance(found, float) else "is not finite for every sample"
    message = f"the gradient of {leaf.label or 'a leaf'} {is_}: {reason}{source}"
    warnings.warn(message, kind, stacklevel=stacklevel + 2)


def _at(node: Any, values: Mapping[Any, N]) -> str:
    names = node.rule.parameters(len(node.parents))
    called = [parent.label or name for parent, name in zip(node.parents, names, strict=True)]
    numbers = [values[parent] for parent in node.parents]
    shown = [
        f"{name} = {x!r}" if isinstance(x, float) else f"some {name}"
        for name, x in zip(called, numbers, strict=True)
    ]
    return f"{node.op} at {', '.join(shown)}"


def _all_numbers(
    values: Mapping[Any, N], partials: Mapping[Any, Sequence[N]]
) -> Iterable[N]:
    yield from values.values()
    for slopes in partials.values():
        yield from slopes


def _infinite(x: N) -> bool:
    """Return whether a number, or any in an array, is infinite; what is no number yet, is not."""
    if isinstance(x, float | int):
        return math.isinf(x)
    return type(x).__module__ == "numpy" and bool(library(x).isinf(x).any())


def _finite(x: N) -> bool:
    if isinstance(x, float | int):
        return math.isfinite(x)
    return type(x).__module__ != "numpy" or bool(library(x).isfinite(x).all())


def _zero(x: N) -> bool:
    if isinstance(x, float | int):
        return x == 0
    return type(x).__module__ == "numpy" and bool((x == 0).any())
