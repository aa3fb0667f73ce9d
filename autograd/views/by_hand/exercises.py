"""Exercises: graphs of a few operations, grown at random."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence

from autograd.graph import topological_order
from autograd.rules import relu
from autograd.value import Value

__all__ = ["SIZES", "graphs"]

SIZES = {1: (3, 3, 0), 2: (3, 4, 1), 3: (4, 6, 3)}
"""By level: how many leaves, at least how many operations, how often something is used again."""


def graphs(rng: random.Random, level: int) -> Iterator[Value]:
    """Yield graphs of a level without end: on level n some leaf has n paths to the output."""
    while True:
        output = _grown(rng, *SIZES[level])
        if _most_paths(topological_order(output)) >= level:
            yield output


def _grown(rng: random.Random, leaves: int, operations: int, again: int) -> Value:
    """Grow a graph from its leaves: what is unused is combined until one node is left."""
    unused = [Value(2.0, name) for name in ("w", "x", "b", "v")[:leaves]]
    used: list[Value] = []
    for name in ("p", "q", "r", "s", "t", "u", "h", "k", "m", "n", "a", "c", "d", "e", "g"):
        x = unused.pop(rng.randrange(len(unused)))
        if again and used and (not unused or rng.random() < 0.5):
            again -= 1
            result = _combined(rng, x, rng.choice(used))
        elif unused and rng.random() < 0.7:
            y = unused.pop(rng.randrange(len(unused)))
            used.append(y)
            result = _combined(rng, x, y)
        else:
            result = _changed(rng, x)
        used.append(x)
        unused.append(result)
        operations -= 1
        if len(unused) == 1 and not again and operations <= 0:
            break
        result.label = name
    unused[0].label = "L"
    return unused[0]


def _most_paths(order: Sequence[Value]) -> int:
    """Return how many paths lead to the output from the leaf that has the most."""
    paths = Counter({order[-1]: 1})
    for node in reversed(order):
        for parent in node.parents:
            paths[parent] += paths[node]
    return max(paths.values())


def _combined(rng: random.Random, x: Value, y: Value) -> Value:
    return rng.choice((x + y, x - y, x * y, x * y))


def _changed(rng: random.Random, x: Value) -> Value:
    result: Value = rng.choice((x**2, relu(x), x / 2, 3 * x))
    return result
