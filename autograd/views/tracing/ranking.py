"""Paths in the order of the absolute value of their products, the largest first.

Products along thousands of factors leave the range of floats, and rounding makes one number of two
orders of the same factors into two. So each factor counts by its logarithm, as a whole number of
2⁻⁵² binary digits: sums of these are exact, and the same in every order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from autograd.sweep import chooses
from autograd.views.tracing.longest import longest
from autograd.views.tracing.paths import Factor

__all__ = ["ranked"]

_DIGIT = 2.0**52

_INFINITE, _ZERO, _UNKNOWN, _NOT_TAKEN = 1 << 120, -1 << 160, 1 << 200, -1 << 240
"""What counts more than all logarithms together, and each more than all before it."""

_ALIVE, _NOTHING, _NAN = range(3)
"""What has come down a path so far."""


def ranked(rows: Sequence[Sequence[Factor]], to: Sequence[Sequence[int]]) -> Iterator[list[Factor]]:
    """Yield the paths from the first node to the last, given the factors out of each and to where.

    Paths whose product is NaN come first, then those of ∞; those of 0 come last, the fewer zeros
    the sooner. Of equal ones the order depends on the graph alone.
    """
    weights = [tuple(map(_weight, row)) for row in rows]  # tuples, as in `Flow`
    unknown = any(_UNKNOWN in row for row in weights)
    for positions in longest(*_by_state(to, weights) if unknown else (to, weights)):
        node, path = 0, []
        for position in positions[: -1 if unknown else None]:
            path.append(rows[node][position])
            node = to[node][position]
        yield path


def _weight(factor: Factor) -> int:
    partial = abs(factor.partial)
    if partial and partial < math.inf:
        return int(math.log2(partial) * _DIGIT)
    if not partial:
        return _NOT_TAKEN if chooses(factor.node) else _ZERO
    return _INFINITE if partial == math.inf else _UNKNOWN


def _by_state(
    to: Sequence[Sequence[int]], weights: Sequence[Sequence[int]]
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the same between nodes in a state: after a 0 NaN does not count, and after NaN no 0.

    The states of the last node are joined by an arc from each.
    """
    states: list[set[int]] = [{_ALIVE}, *[set() for _ in to[1:]]]
    for node, row in enumerate(to):
        for target, weight in zip(row, weights[node], strict=True):
            states[target] |= {_after(state, weight)[0] for state in states[node]}
    known = [(node, state) for node, found in enumerate(states) for state in sorted(found)]
    index = {key: i for i, key in enumerate(known)}
    targets, counted = [], []
    for node, state in known:
        after = [_after(state, weight) for weight in weights[node]]
        targets.append([index[key] for key in zip(to[node], [s for s, _ in after], strict=True)])
        counted.append([weight for _, weight in after])
        if not to[node]:
            targets[-1], counted[-1] = [len(known)], [0]
    return [*targets, []], [*counted, []]


def _after(state: int, weight: int) -> tuple[int, int]:
    """Return the state after a factor, and what it counts there."""
    if state == _ALIVE:
        return {_UNKNOWN: _NAN, _ZERO: _NOTHING}.get(weight, _ALIVE), weight
    ignored = {_NOTHING: (_UNKNOWN, _INFINITE), _NAN: (_ZERO,)}[state]
    return state, 0 if weight in ignored else weight
