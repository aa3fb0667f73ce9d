"""The backward pass step by step, right and broken."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd import Value, gradient, steps, what_goes_wrong
from autograd.graph import topological_order
from autograd.views.example import hidden_layer_weight
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short
from tests.test_graphs import Plan, plans

OVERWRITING, UNORDERED = "= instead of +=", "no topological order"
RECURSIVE = "a recursion along every path"


def bits(x: float) -> str:
    return (x + 0.0).hex()


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(plan=plans())
def test_the_steps_are_those_of_backward_and_sum_to_its_gradients(plan: Plan) -> None:
    order = topological_order(plan.values()[-1])
    walk = steps(order[-1])
    assert not any(node.has_grad for node in order)
    assert [(s.node, s.position) for s in walk] == [
        (node, i)
        for node in reversed(order)
        for i, parent in enumerate(node.parents)
        if not parent.is_constant
    ]
    order[-1].backward()
    totals = dict.fromkeys(order, 0.0) | {order[-1]: 1.0}
    pending = {node: [step.parent for step in walk].count(node) for node in order}
    reported = dict.fromkeys(order, 0)
    for step in walk:
        parent = step.parent
        assert parent is step.node.parents[step.position]
        assert step.partial == step.node.partials[step.position]
        assert bits(step.upstream) == bits(step.node.grad)
        assert step.contribution in (step.upstream * step.partial, 0.0)
        assert bits(step.before) == bits(totals[parent])
        totals[parent] += step.contribution
        reported[parent] += 1
        assert bits(step.after) == bits(totals[parent])
        assert (step.reported, step.pending) == (
            reported[parent],
            pending[parent] - reported[parent],
        )
    asked = [node for node in order if not node.is_constant]
    assert [bits(totals[node]) for node in asked] == [bits(node.grad) for node in asked]


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_every_step_tells_its_formula_and_its_numbers(plan: Plan) -> None:
    output = plan.values()[-1]
    write = Notation(Graph(output))
    for step in steps(output):
        part = write.partial(step.edge)
        formula = part.text if part else ""
        assert step.formula in (formula, "")
        assert step.formula or formula in ("", short(step.partial))
        text = repr(step)
        assert text.startswith(f"{write.derivative(step.parent)} += ")
        assert text.endswith(f" = {short(step.contribution)}")


def test_the_sequence_goes_forward_and_back() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    walk = steps((w * x).tanh() * x)
    assert len(walk) == 5
    assert [step.position for step in walk[:2]] == [0, 1]
    assert walk[-1] is list(walk)[4]
    assert next(reversed(walk)) is walk[-1]
    with pytest.raises(IndexError):
        walk[5]


# The broken sweeps, against what a person would write


def recursive(output: Value, *, again: bool) -> dict[Value, float]:
    """Hand the total so far on to every parent, then visit each, `again` if it was visited."""
    totals = {output: 1.0}
    visited = set()

    def visit(node: Value) -> None:
        visited.add(node)
        for parent, partial in zip(node.parents, node.partials, strict=True):
            term = totals[node] * partial if totals[node] else 0.0
            totals[parent] = totals.get(parent, 0.0) + term
        for parent in node.parents:
            if again or parent not in visited:
                visit(parent)

    visit(output)
    return totals


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(plan=plans())
def test_the_recursive_sweep_is_the_recursion_that_people_write(plan: Plan) -> None:
    order = topological_order(plan.values()[-1])
    sweep = what_goes_wrong(order[-1]).sweeps[RECURSIVE]
    assume(sweep.finished)
    naive = recursive(order[-1], again=True)
    asked = [n for n in order if not n.is_constant]
    assert [bits(sweep.gradients[n]) for n in asked] == [bits(naive[n]) for n in asked]
    if sweep.first_wrong is None:
        found = [sweep.gradients[n] for n in asked]
        assert found == pytest.approx(gradient(order[-1], asked), rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(plan=plans())
def test_the_unordered_sweep_is_the_naive_recursion(plan: Plan) -> None:
    order = topological_order(plan.values()[-1])
    sweep = what_goes_wrong(order[-1]).sweeps[UNORDERED]
    naive = recursive(order[-1], again=False)
    asked = [n for n in order if not n.is_constant]
    assert [bits(sweep.gradients[n]) for n in asked] == [bits(naive[n]) for n in asked]
    if sweep.first_wrong is None:
        found = [sweep.gradients[n] for n in asked]
        right = gradient(order[-1], asked)
        assert found == pytest.approx(right, rel=1e-9, abs=1e-9, nan_ok=True)
    else:
        node = sweep.moves[sweep.first_wrong].node
        later = [move.parent for move in sweep.moves[sweep.first_wrong :]]
        assert node in later  # something was still to come when it handed on
        before = [move.node for move in sweep.moves[: sweep.first_wrong]]
        for done in set(before):
            last = max(i for i, move in enumerate(sweep.moves) if move.node is done)
            assert all(move.parent is not done for move in sweep.moves[last:])


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(plan=plans())
def test_the_overwriting_sweep_keeps_the_last_contribution(plan: Plan) -> None:
    order = topological_order(plan.values()[-1])
    sweep = what_goes_wrong(order[-1]).sweeps[OVERWRITING]
    kept = {order[-1]: 1.0}
    for step in steps(order[-1]):
        kept[step.parent] = kept[step.node] * step.partial if kept[step.node] else 0.0
    asked = [n for n in order if not n.is_constant]
    assert [bits(sweep.gradients[n]) for n in asked] == [bits(kept[n]) for n in asked]
    shared = [n for n in order if sum(m.parent is n for m in sweep.moves) > 1]
    assert (sweep.first_wrong is None) == (not shared)


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_nothing_goes_wrong_where_every_node_is_used_once(seed: int) -> None:
    rng = random.Random(seed)
    pool = [Value(rng.uniform(-2, 2), f"x_{i}") for i in range(6)]
    while len(pool) > 1:
        x, y = pool.pop(rng.randrange(len(pool))), pool.pop(rng.randrange(len(pool)))
        pool.append(rng.choice([x + y, x * y, (x - y).sin()]))
    found = what_goes_wrong(pool[0])
    assert [sweep.first_wrong for sweep in found.sweeps.values()] == [None, None, None]
    assert str(found).count("nothing goes wrong") == 3


def test_a_mistake_that_changes_no_number_is_not_said_to() -> None:
    y = Value(0.0, "y")
    lucky = what_goes_wrong(y * y)
    assert str(lucky).startswith("= instead of +=: wrong at step 2, and right in the end by luck")
    assert not str(what_goes_wrong(Value(2.0) * 3 + 1)).endswith("\n")


def test_the_first_wrong_step_is_marked_beside_the_right_one() -> None:
    loss, _ = hidden_layer_weight()
    text = str(what_goes_wrong(loss))
    marked = [line for line in text.splitlines() if "←" in line]
    assert [line.split()[0] for line in marked] == ["17", "11", "11"]
    assert "overwrites what had come in" in marked[0]
    assert "1 report still to come" in marked[1]
    assert "∂C₀/∂w₂₂⁽²⁾ = 0.3163, and with the mistake 0.1905" in text
    assert "∂C₀/∂w₂₂⁽²⁾ = 0.3163, and with the mistake 0.1259" in text
    assert not any(node.has_grad for node in topological_order(loss))
    assert what_goes_wrong(loss).text("ascii").isascii()


def test_the_picture_of_a_mistake_is_of_its_first_wrong_step() -> None:
    a = Value(1.0, "a")
    b = a + a
    b.label = "b"
    c = b + b
    c.label = "c"
    shown = what_goes_wrong(c).draw(OVERWRITING).dot
    assert shown.count("overwrites what had come in") == 1
    assert re.findall(r"grad ([\d.]+)", shown) == ["1", "1"]  # of c and b; to a nothing has come
