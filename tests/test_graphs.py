"""Random graphs with shared nodes: gradients against forward mode and PyTorch, and the sweep."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable, Collection
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, gradient, replay
from autograd.graph import topological_order
from autograd.rule import Rule
from tests.duals import FUNCTIONS, Dual
from tests.table import RULE_TABLE

# One way into every rule, from operands of any size; `f` holds the functions of some number.
# What would leave a rule's domain, or meet one of its kinks by more than chance, is led inside.
STEPS: dict[str, Callable[..., Any]] = {
    "add": lambda f, x, y: x + y,
    "sub": lambda f, x, y: x - y,
    "mul": lambda f, x, y: x * y,
    "div": lambda f, x, y: x / (f.cosh(f.sin(y))),
    "mod": lambda f, x, y: f.mod(f.exp(f.sin(x)), f.exp(f.sin(y))),
    "neg": lambda f, x: -x,
    "square": lambda f, x: x**2,
    "cube": lambda f, x: x**3,
    "power": lambda f, x: (x * x + f.exp(f.sin(x))) ** -1.5,
    "pow": lambda f, x, y: f.exp(f.sin(x)) ** f.cos(y),
    "log": lambda f, x: f.log(f.exp(f.sin(x)) + x * x),
    "log1p": lambda f, x: f.log1p(x * x),
    "sqrt": lambda f, x: f.sqrt(f.exp(f.cos(x)) + x * x),
    "atan2": lambda f, x, y: f.atan2(x, f.exp(f.sin(y))),
    "maximum": lambda f, x, y: f.maximum(x, y),
    "minimum": lambda f, x, y: f.minimum(x, y),
    "clip": lambda f, x: f.clip(x, -1.234567, 0.765432),
    "where": lambda f, x, y, z: f.where(x, y, z),
    "less": lambda f, x, y: f.where(f.less(x, y), x * y, x + y),
    "less_equal": lambda f, x, y: f.where(f.less_equal(x, y), x * y, x + y),
    "greater": lambda f, x, y: f.where(f.greater(x, y), x * y, x + y),
    "greater_equal": lambda f, x, y: f.where(f.greater_equal(x, y), x * y, x + y),
    "equal": lambda f, x, y: f.where(f.equal(x, y), x * y, x + y),
    "not_equal": lambda f, x, y: f.where(f.not_equal(x, y), x * y, x + y),
    "hypot": lambda f, x, y: f.hypot(x, f.exp(f.sin(y))),
    "sum": lambda f, x, y, z: f.sum([x, y, z, x]),
    "mean": lambda f, x, y, z: f.mean([x, y, z]),
    "prod": lambda f, x, y, z: f.prod([x, y, x, z]),
    "max": lambda f, x, y: f.max([x, y, x]),
    "min": lambda f, x, y: f.min([x, y, x]),
    "norm": lambda f, x, y: f.norm([x, y, f.exp(f.sin(y))]),
    "dot": lambda f, x, y, z: f.dot([x, y, x], [y, z, x]),
    "logsumexp": lambda f, x, y, z: f.logsumexp([x, y, f.sin(z)]),
}

WAYS_IN: list[Callable[..., Any]] = [
    lambda f, x: x,
    lambda f, x: f.sin(f.tanh(x)),
    lambda f, x: f.exp(f.sin(x)),
    lambda f, x: f.exp(f.exp(f.sin(x))),
]


def led_into(rule: Rule) -> Callable[..., Any]:
    """Return the step for a rule of one number: by the first way in that it takes everywhere."""

    def takes(way: Callable[..., Any]) -> bool:
        points = [float(way(autograd, x / 4)) for x in range(-40, 41)]
        if rule.domain and not all(map(rule.domain, points)):
            return False
        return all(math.isfinite(rule.derive(x)[1][0]) for x in points)

    way = next(way for way in WAYS_IN if takes(way))
    return lambda f, x: getattr(f, rule.name)(way(f, x))


PUBLIC = [rule for rule in RULE_TABLE if not rule.name.startswith("_")]
STEPS |= {
    rule.name: led_into(rule)
    for rule in PUBLIC
    if rule.arity == 1 and rule.complete and rule.name not in STEPS
}

KINKED = {"where"} | {rule.name for rule in PUBLIC if not rule.smooth}
REACH = 10.0  # larger numbers are led back by atan, so that no graph overflows


class Plan(NamedTuple):
    """A graph to build: numbers for the leaves, then steps on the nodes so far."""

    leaves: list[float]
    steps: list[tuple[str, list[int]]]

    def build(self, leaves: list[Any], f: Any, mark: Callable[[Any, int], Any]) -> list[Any]:
        """Return all nodes, of whatever kind the leaves are; each passes through `mark`."""
        pool = [mark(leaf, i) for i, leaf in enumerate(leaves)]
        for name, operands in self.steps:
            made = STEPS[name](f, *[pool[i] for i in operands])
            pool.append(mark(made, len(pool)))
        return pool

    @property
    def size(self) -> int:
        """How many nodes there are to build."""
        return len(self.leaves) + len(self.steps)

    def values(self) -> list[Value]:
        """Return all nodes as the engine's."""
        return self.build([Value(x) for x in self.leaves], autograd, lambda node, _: node)

    def duals(self) -> list[Dual]:
        """Return all nodes as dual numbers, each of them a variable."""
        zeros = [0.0] * self.size
        leaves = [Dual(x, zeros, zeros) for x in self.leaves]
        return self.build(leaves, SimpleNamespace(**FUNCTIONS), Dual.vary)


numbers = st.floats(-2, 2) | st.integers(-2, 2).map(float)


@st.composite
def plans(draw: st.DrawFn, names: Collection[str] = STEPS) -> Plan:
    """Draw a graph whose nodes are used again and again."""
    leaves = draw(st.lists(numbers, min_size=1, max_size=4))
    pool = [Value(x) for x in leaves]
    steps: list[tuple[str, list[int]]] = []
    for _ in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(sorted(names)))
        count = STEPS[name].__code__.co_argcount - 1
        within = [i for i, node in enumerate(pool) if abs(node.data) <= REACH]
        indices = draw(st.lists(st.sampled_from(within), min_size=count, max_size=count))
        operands = [pool[i] for i in indices]
        if name in KINKED and rounding_decides(operands):
            continue
        steps.append((name, indices))
        pool.append(STEPS[name](autograd, *operands))
        if abs(pool[-1].data) > REACH:
            steps.append(("atan", [len(pool) - 1]))
            pool.append(pool[-1].atan())
    return Plan(leaves, steps)


def rounding_decides(operands: list[Value]) -> bool:
    """Return whether a choice hangs on last digits, which oracles compute in other ways."""
    x, y = operands[0], operands[1] if len(operands) == 2 else Value(0.0)
    return abs(x.data - y.data) < 1e-6 and x is not y and bool(x.parents or y.parents)


def bits(nodes: list[Value]) -> list[str | None]:
    return [node.grad.hex() if node.has_grad else None for node in nodes]


def test_the_steps_reach_every_rule() -> None:
    reached = set()
    for name, step in STEPS.items():
        operands = [Value(0.3 + i) for i in range(step.__code__.co_argcount - 1)]
        reached |= {node.op for node in topological_order(step(autograd, *operands))}
        assert name in reached or name in {"square", "cube"}
    assert reached - {""} == {line.name for line in PUBLIC}


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(plan=plans())
def test_gradients_are_those_of_forward_mode_at_every_node(plan: Plan) -> None:
    nodes, duals = plan.values(), plan.duals()
    nodes[-1].backward()
    slopes = gradient(nodes[-1], nodes)
    assert nodes[-1].data == pytest.approx(duals[-1].value, rel=1e-9, abs=1e-9)
    for node, found, true, size in zip(
        nodes, slopes, duals[-1].slopes, duals[-1].sizes, strict=True
    ):
        assert abs(found - true) <= 1e-9 * (1 + size)
        assert found == node.grad


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def torch_functions(torch: Any) -> SimpleNamespace:
    """PyTorch's functions, by the engine's names."""
    stack = torch.stack
    own = {
        "where": lambda condition, x, y: torch.where(condition != 0, x, y),
        "sum": lambda x: stack(x).sum(),
        "mean": lambda x: stack(x).mean(),
        "logsumexp": lambda x: stack(x).logsumexp(0),
        "prod": lambda x: stack(x).prod(),
        "max": lambda x: stack(x).amax(),
        "min": lambda x: stack(x).amin(),
        "norm": lambda x: stack(x).norm(),
        "dot": lambda w, x: stack(w) @ stack(x),
        "mod": torch.remainder,
        "equal": torch.eq,
    }
    for name in FUNCTIONS.keys() - own.keys():
        own[name] = getattr(torch, name, None) or getattr(torch.nn.functional, name, None)
    return SimpleNamespace(**own)


@pytest.mark.slow
@settings(deadline=None)
@given(data=st.data())
def test_gradients_are_those_of_pytorch(
    data: st.DataObject, torch: Any, torch_functions: SimpleNamespace
) -> None:
    lacking = {name for name, function in vars(torch_functions).items() if function is None}
    plan = data.draw(plans(STEPS.keys() - lacking))
    nodes, duals = plan.values(), plan.duals()
    nodes[-1].backward()
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in plan.leaves]
    output = plan.build(leaves, torch_functions, lambda node, _: node)[-1]
    if output.requires_grad:
        output.backward()
    for node, leaf, size in zip(nodes, leaves, duals[-1].sizes, strict=False):
        true = leaf.grad.item() if leaf.grad is not None else 0.0
        assert abs(node.grad - true) <= 1e-9 * (1 + size)


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_leaves_accumulate_and_interior_gradients_start_afresh(plan: Plan) -> None:
    nodes = plan.values()
    graph = topological_order(nodes[-1])
    leaves = [node for node in graph if not node.parents]
    nodes[-1].backward()
    once = {node: node.grad for node in graph}
    nodes[-1].backward()
    for node in graph:
        assert node.grad == once[node] * (2 if node in leaves else 1)
    nodes[-1].zero_grad()
    assert {node.grad for node in graph} == {0.0}
    nodes[-1].backward()
    assert {node: node.grad for node in graph} == once


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_two_outputs_add_up_in_the_leaves(plan: Plan) -> None:
    nodes = plan.values()
    first, second = nodes[-1], nodes[len(nodes) // 2]
    leaves = nodes[: len(plan.leaves)]
    apart = [gradient(first, leaves), gradient(second, leaves)]
    first.backward()
    second.backward()
    for leaf, *terms in zip(leaves, *apart, strict=True):
        assert leaf.grad == sum(terms)
    assert second.grad == 1.0 or not second.parents


@settings(deadline=None)
@given(plan=plans())
def test_a_gradient_is_the_sum_of_its_contributions(plan: Plan) -> None:
    nodes = plan.values()
    nodes[-1].backward()
    graph = topological_order(nodes[-1])
    contributions: dict[Value, list[float]] = {node: [] for node in graph}
    contributions[nodes[-1]].append(1.0)
    for node in graph:
        for parent, partial in zip(node.parents, node.partials, strict=True):
            contributions[parent].append(node.grad * partial)
    for node, terms in contributions.items():
        assert abs(node.grad - math.fsum(terms)) <= 1e-14 * math.fsum(map(abs, terms))


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_topological_order_is_complete_and_depends_on_the_graph_alone(plan: Plan) -> None:
    output = plan.values()[-1]
    order = topological_order(output)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is output
    for node in order:
        assert all(place[parent] < place[node] for parent in node.parents)
    used = {parent for node in order for parent in node.parents}
    assert used | {output} == set(order)
    again = topological_order(plan.values()[-1])
    assert [(node.op, node.data, [place[parent] for parent in node.parents]) for node in order] == [
        (node.op, node.data, [again.index(parent) for parent in node.parents]) for node in again
    ]


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_copies_pickles_and_replays_agree_with_the_original_bit_for_bit(plan: Plan) -> None:
    output = plan.values()[-1]
    copied = copy.deepcopy(output)
    restored = pickle.loads(pickle.dumps(output))
    value, derivatives = replay(output)
    assert value.hex() == output.data.hex()
    order = topological_order(output)
    assert bits(order) == [None] * len(order)
    for root in (output, copied, restored):
        root.backward()
    assert bits(topological_order(copied)) == bits(topological_order(restored)) == bits(order)
    assert not set(order) & set(topological_order(copied))
    assert [float(derivatives[node]).hex() for node in order] == bits(order)


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_arrays_are_replayed_sample_by_sample(plan: Plan) -> None:
    nodes = plan.values()
    leaves = [leaf for leaf in nodes[: len(plan.leaves)] if leaf in topological_order(nodes[-1])]
    samples = [0.0, 1e-3, -0.02]
    moved = [{leaf: leaf.data + h for leaf in leaves} for h in samples]
    batch = {leaf: leaf.data + np.array(samples) for leaf in leaves}
    value, derivatives = replay(nodes[-1], batch)
    for i, numbers in enumerate(moved):
        alone, slopes = replay(nodes[-1], numbers)
        assert value[i] == pytest.approx(alone, rel=1e-9, abs=1e-9)
        for leaf in leaves:
            size = 1 + abs(slopes[leaf]) + max(map(abs, slopes.values()))
            assert abs(derivatives[leaf][i] - slopes[leaf]) <= 1e-8 * size
