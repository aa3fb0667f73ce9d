"""A recorded loss is one formula: replayed at other outputs and targets, it is right there."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy
import pytest

from autograd import DomainError, UsageError, Value, replay
from nn import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    hinge,
    mean_squared_error,
    squared_error,
)

LOGITS = [0.0, 0.3, -2.0, 20.0, -37.0, 1000.0, -1000.0]
PROBABILITIES = [0.0, 1e-300, 1e-17, 0.25, 0.5, 1 - 2**-53, 1.0]
TARGETS = [0.0, 1.0, 0.25, 0.5]
SCORES = [0.0, 0.5, -3.0, 1.0, 2.5]
SIGNS = [-1.0, 1.0]

POINTS: dict[str, tuple[Any, list[tuple[float, float]]]] = {
    "logits": (binary_cross_entropy_with_logits, [(z, y) for z in LOGITS for y in TARGETS]),
    "probabilities": (
        binary_cross_entropy,
        [(p, y) for p in PROBABILITIES for y in TARGETS if p not in (0, 1) or p == y],
    ),
    "hinge": (hinge, [(s, y) for s in SCORES for y in SIGNS]),
    "squares": (squared_error, [(s, y) for s in SCORES for y in TARGETS]),
    "mean squares": (mean_squared_error, [(s, y) for s in SCORES for y in TARGETS]),
}


def recorded(loss: Any, a: float, y: float) -> tuple[Value, Value, Value]:
    """Return a loss at an output and a target, and these two leaves of it."""
    output = Value(a, "a")
    found = loss(output, y)
    found.backward()
    [target] = [leaf for leaf in leaves(found) if leaf.label == "y"]
    return found, output, target


def leaves(node: Value) -> set[Value]:
    """Return the leaves of a graph."""
    return {node} if not node.parents else set().union(*map(leaves, node.parents))


@pytest.mark.parametrize("name", POINTS)
def test_it_may_be_recorded_at_any_output_and_target(name: str) -> None:
    loss, points = POINTS[name]
    expected = {point: recorded(loss, *point) for point in points}
    for graph, output, target in expected.values():
        for (a, y), (there, output_there, _) in expected.items():
            value, slopes = replay(graph, {output: a, target: y})
            assert value == there.data
            assert slopes[output] == output_there.grad


@pytest.mark.parametrize("name", POINTS)
def test_it_may_be_replayed_on_arrays(name: str) -> None:
    loss, points = POINTS[name]
    graph, output, target = recorded(loss, *points[3])
    a, y = numpy.array(points).T
    values, slopes = replay(graph, {output: a, target: y})
    for i, point in enumerate(points):
        there, output_there, _ = recorded(loss, *point)
        assert values[i] == pytest.approx(there.data, rel=1e-14, abs=1e-300)
        assert slopes[output][i] == pytest.approx(output_there.grad, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("y", TARGETS)
@pytest.mark.parametrize("p", PROBABILITIES)
def test_binary_cross_entropy_is_right_at_any_probability(p: float, y: float) -> None:
    if p in (0, 1) and p != y:
        with pytest.raises(DomainError, match="use binary_cross_entropy_with_logits"):
            binary_cross_entropy(Value(p), y)
        return
    loss, output, target = recorded(binary_cross_entropy, p, y)
    with mpmath.workdps(400):
        exact, t = mpmath.mpf(p), mpmath.mpf(y)
        terms = [(t, exact, 1), (1 - t, 1 - exact, -1)]
        expected = -sum(share * mpmath.log(q) for share, q, _ in terms if share)
        slope = -sum(share / q * sign for share, q, sign in terms if share)
    assert loss.data == pytest.approx(float(expected), rel=1e-15, abs=0)
    assert output.grad == pytest.approx(float(slope), rel=1e-15, abs=0)
    if p not in (0, 1):  # there the slope in the target is infinite
        assert target.grad == pytest.approx(math.log1p(-p) - math.log(p), rel=1e-15, abs=0)


@pytest.mark.parametrize("y", [0.25, 0.5, 0.9])
def test_the_cross_entropy_of_a_right_probability_is_its_entropy(y: float) -> None:
    entropy = -(y * math.log(y) + (1 - y) * math.log(1 - y))
    loss, output, _ = recorded(binary_cross_entropy, y, y)
    assert loss.data == pytest.approx(entropy, rel=1e-15)
    assert output.grad == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan, -1e-300])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(UsageError, match="is not a probability; end in a sigmoid"):
        binary_cross_entropy(Value(p), 1)
