"""What eager `backward()` finds of one sample: the oracle for what finds it of a whole batch."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd import AutogradError, Value
from autograd.graph import topological_order

BACKENDS = ["compiled", "arrays"]

SPECIAL = (0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan)
"""Numbers at which choices tie, kinks lie and products have no limit."""

ADDING = {"sum", "mean", "dot", "add", "sub"}
"""The rules in which terms may cancel, and leave nothing but their rounding errors."""


class Eager(NamedTuple):
    """Outputs at some numbers, and their slopes; sizes are those of the terms in each sum."""

    values: list[float]
    slopes: list[list[float]]
    value_sizes: list[float]
    sizes: list[list[float]]


def eager(
    build: Callable[[list[Value]], Sequence[Value]], numbers: Sequence[float]
) -> Eager | None:
    """Return what is found eagerly, each output alone; None where an operation has no value."""
    found = Eager([], [], [], [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            count = len(build([Value(x) for x in numbers]))
            for i in range(count):
                leaves = [Value(x) for x in numbers]
                output = build(leaves)[i]
                output.backward()
                found.values.append(output.data)
                found.slopes.append([leaf.grad for leaf in leaves])
                sizes = sizes_of(output)
                found.value_sizes.append(terms_of(output))
                found.sizes.append([sizes.get(leaf, 0.0) for leaf in leaves])
        except AutogradError:
            return None
    return found


def terms_of(node: Value) -> float:
    """Return how large the terms are that are added up in a node."""
    if node.op not in ADDING:
        return 0.0
    terms = [abs(p.data * slope) for p, slope in zip(node.parents, node.partials, strict=True)]
    return _finite(sum(terms))


def sizes_of(output: Value) -> dict[Value, float]:
    """Return for every node the sum of the magnitudes of what its derivative is the sum of."""
    sizes = {output: 1.0}
    for node in reversed(topological_order(output)):
        for parent, slope in zip(node.parents, node.partials, strict=True):
            sizes[parent] = sizes.get(parent, 0.0) + _finite(sizes[node] * abs(slope))
    return sizes


def _finite(x: float) -> float:
    return x if math.isfinite(x) else 0.0


def close(found: float, true: float, size: float = 0.0, rel: float = 1e-12) -> bool:
    """Return whether two numbers are the same, NaN for NaN and ∞ for ∞, but for rounding."""
    found = float(found)
    if math.isnan(true) or math.isinf(true) or math.isinf(found):
        return found == true or (math.isnan(found) and math.isnan(true))
    return abs(found - true) <= rel * max(size, abs(true)) + 1e-322  # the last digits of the least
