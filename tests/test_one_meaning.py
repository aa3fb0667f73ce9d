"""Every way to a derivative finds the same one, to the last bit, NaN included."""

from __future__ import annotations

import math
import os
import random
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograd import DomainError, Value, explain, grad, gradient, replay, steps, where
from autograd.graph import topological_order
from tests.table import CASES, Case

GRAPHS = int(os.environ.get("CHAINRULE_GRAPHS", "1500"))
"""How many random graphs are tried; the more, the more seldom the faults that are found."""

NUMBERS = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -3.0, 1e-300, 5e-324, 1e160, -1e300, math.inf)
"""Leaves at which slopes vanish, jump, overflow or are infinite."""


def random_graph(seed: int) -> tuple[Value, list[Value], Callable[..., Value]]:
    """Return a graph of up to a dozen operations, its leaves, and the function that made it."""
    draw = random.Random(seed)
    numbers = [
        draw.choice(NUMBERS) if draw.random() < 0.7 else draw.uniform(-3, 3) for _ in range(3)
    ]
    if draw.random() < 0.1:
        numbers[draw.randrange(3)] = math.nan
    leaves = [Value(x, f"x_{i}") for i, x in enumerate(numbers)]
    plan: list[tuple[Case | None, list[int]]] = []
    nodes = [*leaves]
    for _ in range(draw.randint(1, 12)):
        case = draw.choice([*CASES, None, None])
        count = 4 if case is None else case.count
        recent = len(nodes) - 1
        chosen = [draw.choice([recent, draw.randrange(len(nodes))]) for _ in range(count)]
        try:
            nodes.append(_applied(case, [nodes[i] for i in chosen]))
        except DomainError:
            continue
        plan.append((case, chosen))

    def function(*operands: Any) -> Any:
        made = [*operands]
        for case, chosen in plan:
            made.append(_applied(case, [made[i] for i in chosen]))
        return made[-1]

    return nodes[-1], leaves, function


def _applied(case: Case | None, operands: Sequence[Any]) -> Any:
    if case is None:
        x, y, a, b = operands
        return where(x > y, a, b)
    return case(operands)


def bits(x: float) -> str:
    return float(x).hex()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_every_way_to_a_derivative_agrees_bit_for_bit(part: int) -> None:
    for seed in range(part, GRAPHS, 10):
        output, leaves, function = random_graph(seed)
        order = topological_order(output)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            output.backward()
            found = {node: bits(node.grad) for node in order}
            slopes = gradient(output, order)
            assert [bits(slope) for slope in slopes] == [*found.values()], seed
            _, replayed = replay(output)
            assert [bits(replayed[node]) for node in order] == [*found.values()], seed
            numbers = [leaf.data for leaf in leaves]
            wanted = [found.get(leaf, bits(0.0)) for leaf in leaves]
            assert [*map(bits, grad(function, argnums=(0, 1, 2))(*numbers))] == wanted, seed
            walked = {step.parent: bits(step.after) for step in steps(output)}
            assert walked == {node: found[node] for node in walked}, seed
            for leaf in leaves:
                if leaf in order and output.parents:
                    assert bits(explain(output, leaf).gradient) == found[leaf], seed


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_samples_of_a_batch_are_differentiated_as_each_alone(part: int) -> None:
    for seed in range(part, GRAPHS // 4, 4):
        output, leaves, _ = random_graph(seed)
        if any(0 < abs(node.data) < 1e-307 for node in topological_order(output)):
            continue  # numbers of so few digits are rounded in NumPy's own way
        used = [leaf for leaf in leaves if leaf in topological_order(output)]
        columns = {leaf: np.array([leaf.data, leaf.data]) for leaf in used}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            output.backward()
            _, derivatives = replay(output, columns)
        for leaf in used:
            for found in derivatives[leaf]:
                same = found == leaf.grad or (math.isnan(found) and math.isnan(leaf.grad))
                near = math.isclose(found, leaf.grad, rel_tol=1e-9, abs_tol=1e-12)
                assert same or near, (seed, leaf, found)
