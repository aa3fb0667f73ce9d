"""An expression to work out by hand, made from a seed."""

from __future__ import annotations

import random

from autograd.errors import UsageError
from autograd.value import Value
from autograd.views.by_hand.exercises import SIZES, graphs
from autograd.views.by_hand.numbers import UNCLEAR, Numbers, rebuilt
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.walk import Walk

__all__ = ["exercise"]


def exercise(seed: int, level: int = 2) -> Value:
    """Return an expression whose gradients can be worked out by hand; the same for the same seed.

    On level 1 every leaf has one path to the output, on level 2 something is used twice, on
    level 3 paths part and meet again and again. No number of the backward pass is large, a fine
    fraction, or 0, 1 or equal to another one by accident; of the known mistakes nearly all lead to
    a number of their own.

    >>> from autograd import steps
    >>> steps(exercise(seed=1)).given()
    ['w = 2.75', 'b = 3.5', 'x = -2.5']
    """
    if level not in SIZES:
        raise UsageError(f"exercise: there is no level {level!r}; choose 1, 2 or 3")
    rng = random.Random(seed)
    for output in graphs(rng, level):
        graph = Graph(output, {})
        good = Numbers(graph)
        numbers = good.draw(rng)
        if not numbers or good.telling.unclear(numbers) > UNCLEAR:
            continue
        if _is_friendly(found := rebuilt(graph, numbers)):
            return found
    raise AssertionError("graphs have no end")


def _is_friendly(output: Value) -> bool:
    """Return whether no number of the backward pass is large, or a fine fraction, no gradient 0."""
    walk = Walk(output)
    numbers = [float(x) for step in walk.steps for x in (step.node.data, step.partial, step.after)]
    flat = any(walk.derivatives[leaf] == 0 for leaf in walk.leaves)
    return not flat and all(abs(x) <= 60 and (16 * x).is_integer() for x in numbers)
