"""The derivations of paper: each formula by hand beside the engine's gradient."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest

from autograd import UsageError, Value, no_grad
from nn import (
    MLP,
    Neuron,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    gradient_matrix,
    mean_squared_error,
    per_sample_gradients,
    squared_error,
    weight_matrix,
)

SEEDS = range(10)
every_seed = pytest.mark.parametrize("seed", SEEDS)


def close(x: float) -> Any:
    return pytest.approx(x, rel=1e-12, abs=1e-12)


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def slope(g: str, z: float) -> float:
    """Return g′(z)."""
    if g == "tanh":
        return 1 - math.tanh(z) ** 2
    return sigmoid(z) * (1 - sigmoid(z)) if g == "sigmoid" else 1.0


def network(widths: list[int], g: str, rng: Random) -> tuple[MLP, list[float], list[float]]:
    """Return a network with random weights and biases, a sample, and its target."""
    model = MLP(widths, activation=g, output=g, seed=rng)
    for p in model.parameters():
        p.data = rng.uniform(-1.5, 1.5)
    sample = [rng.uniform(-2, 2) for _ in range(widths[0])]
    return model, sample, [rng.uniform(-1, 1) for _ in range(widths[-1])]


def node(output: Value, label: str) -> Value:
    """Return the node of a graph that has a label."""
    stack, seen = [output], set()
    while stack:
        found = stack.pop()
        if found.label == label:
            return found
        if found not in seen:
            seen.add(found)
            stack += found.parents
    raise LookupError(label)


@every_seed
def test_the_logistic_unit(seed: int) -> None:
    rng = Random(seed)
    unit = Neuron(3, "sigmoid", seed=rng)
    unit.b.data = rng.uniform(-1, 1)
    x = [rng.uniform(-2, 2) for _ in range(3)]
    target = seed % 2
    y_hat = unit(x)
    loss = binary_cross_entropy(y_hat, target)
    loss.backward()
    p = sigmoid(sum(w.data * x_i for w, x_i in zip(unit.w, x, strict=True)) + unit.b.data)
    assert y_hat.data == close(p)
    assert y_hat.grad == close((1 - target) / (1 - p) - target / p)
    assert node(loss, "z").grad == close(p - target)
    assert y_hat.partials == (close(p * (1 - p)),)
    for w, x_i in zip(unit.w, x, strict=True):
        assert w.grad == close((p - target) * x_i)
    assert unit.b.grad == close(p - target)


@every_seed
def test_the_cost_is_the_average_over_samples_and_a_step_goes_down_it(seed: int) -> None:
    rng = Random(seed)
    unit = Neuron(2, "linear", seed=rng)
    X = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(7)]
    y = [rng.randrange(2) for _ in X]
    cost = binary_cross_entropy_with_logits([[unit(x)] for x in X], y)
    cost.backward()
    before = [w.data for w in unit.w]
    y_hats = [sigmoid(before[0] * x[0] + before[1] * x[1]) for x in X]
    for i, w in enumerate(unit.w):
        hand = sum((p - t) * x[i] for p, t, x in zip(y_hats, y, X, strict=True)) / len(X)
        assert w.grad == close(hand)


@every_seed
def test_two_units_in_a_chain(seed: int) -> None:
    model, x, y = network([1, 1, 1], "sigmoid", Random(seed))
    w1, b1, w2, b2 = (p.data for p in model.parameters())
    loss = squared_error(model(x), y)
    loss.backward()
    z1 = w1 * x[0] + b1
    a1 = sigmoid(z1)
    z2 = w2 * a1 + b2
    a2 = sigmoid(z2)
    in_z2 = 2 * (a2 - y[0]) * slope("sigmoid", z2)
    assert model.parameters()[2].grad == close(in_z2 * a1)
    assert model.parameters()[0].grad == close(in_z2 * w2 * slope("sigmoid", z1) * x[0])


@every_seed
def test_the_differentiated_weight_matrices_of_a_3_2_1_network(seed: int) -> None:
    model, x, y = network([3, 2, 1], "sigmoid", Random(seed))
    squared_error(model(x), y).backward()
    hidden, output = model.layers
    assert weight_matrix(hidden).shape == gradient_matrix(hidden).shape == (2, 3)
    assert weight_matrix(output).shape == gradient_matrix(output).shape == (1, 2)
    z = [
        sum(w * x_k for w, x_k in zip(row, x, strict=True)) + neuron.b.data
        for row, neuron in zip(weight_matrix(hidden), hidden.neurons, strict=True)
    ]
    a = list(map(sigmoid, z))
    [v] = weight_matrix(output)
    s = sum(v_j * a_j for v_j, a_j in zip(v, a, strict=True)) + output.neurons[0].b.data
    delta = 2 * (sigmoid(s) - y[0]) * slope("sigmoid", s)
    assert gradient_matrix(output)[0] == [close(delta * a_j) for a_j in a]
    for j, row in enumerate(gradient_matrix(hidden)):
        expected = [close(delta * v[j] * slope("sigmoid", z[j]) * x_k) for x_k in x]
        assert row == expected


@pytest.mark.parametrize("g", ["sigmoid", "tanh"])
@every_seed
def test_the_output_layer_and_what_puts_the_back_in_backprop(seed: int, g: str) -> None:
    model, x, y = network([2, 3, 2, 4], g, Random(seed))
    loss = squared_error(model(x), y)
    assert loss.label == "C_0"
    loss.backward()

    def a(j: int, layer: int) -> Value:
        return node(loss, f"a_{j}^{{({layer})}}")

    def z(j: int, layer: int) -> float:
        return node(loss, f"z_{j}^{{({layer})}}").data

    def w(j: int, k: int, layer: int) -> Value:
        return node(loss, f"w_{{{j}{k}}}^{{({layer})}}")

    targets = dict(enumerate(y, 1))
    assert loss.data == close(sum((a(j, 4).data - t) ** 2 for j, t in targets.items()))
    in_w = 2 * (a(1, 4).data - targets[1]) * slope(g, z(1, 4)) * a(2, 3).data
    assert w(1, 2, 4).grad == close(in_w)

    paths = [
        2 * (a(j, 4).data - t) * slope(g, z(j, 4)) * w(j, 2, 4).data for j, t in targets.items()
    ]
    assert len(paths) == 4
    assert a(2, 3).grad == close(sum(paths))
    assert w(2, 2, 3).grad == close(sum(paths) * slope(g, z(2, 3)) * a(2, 2).data)

    in_a = {j: a(j, 3).grad or 0.0 for j in (1, 2)}
    further = sum(in_a[j] * slope(g, z(j, 3)) * w(j, 3, 3).data for j in in_a)
    assert a(3, 2).grad == close(further)


@every_seed
def test_for_many_samples_the_average_of_each(seed: int) -> None:
    rng = Random(seed)
    model, _, _ = network([2, 3, 2], "tanh", rng)
    X = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(9)]
    y = [[rng.random(), rng.random()] for _ in X]
    each = per_sample_gradients(model, X, y, squared_error)
    assert not any(p.has_grad for p in model.parameters())
    squared_error([model(x) for x in X], y).backward()
    average = each.average()
    assert len(each) == 9
    for name, p in model.named_parameters().items():
        assert p.grad == close(average[name])
        assert average[name] == close(sum(sample[name] for sample in each) / 9)


def below(output: Value) -> set[Value]:
    """Return a node and all that it was computed from."""
    seen, stack = {output}, [output]
    while stack:
        fresh = set(stack.pop().parents) - seen
        seen |= fresh
        stack += fresh
    return seen


@every_seed
def test_every_symbol_of_the_article_is_a_node(seed: int) -> None:
    widths = [2, 3, 2, 4]
    model, x, y = network(widths, "tanh", Random(seed))
    loss = squared_error(model(x), y)
    expected = {"C_0", *[f"y_{j}" for j in range(1, 5)]}
    expected |= {f"a_{k}^{{(1)}}" for k in (1, 2)} | set(model.named_parameters())
    for layer, width in enumerate(widths[1:], 2):
        expected |= {f"{letter}_{j}^{{({layer})}}" for letter in "za" for j in range(1, width + 1)}
    labels = [node.label for node in below(loss) if node.label]
    assert sorted(labels) == sorted(expected)


@pytest.mark.parametrize(
    ("loss", "average", "one"),
    [
        (squared_error, "C", "C"),
        (mean_squared_error, "J", "L"),
        (binary_cross_entropy_with_logits, "J", "L"),
        (cross_entropy, "J", "L"),
    ],
)
def test_samples_are_the_operands_of_the_mean_and_share_parameters_alone(
    loss: Any, average: str, one: str
) -> None:
    model = MLP([2, 3, 2], "tanh", seed=0)
    X = [[0.1 * i, 1.0] for i in range(12)]
    y = [i % 2 for i in range(12)] if loss is cross_entropy else [[0.0, 1.0]] * 12
    cost = loss([model.outputs_for(x) for x in X], y)
    samples = [below(parent) for parent in cost.parents]
    labels = [*[f"{one}_{i}" for i in range(10)], f"{one}_{{10}}", f"{one}_{{11}}"]
    assert (cost.op, cost.label) == ("mean", average)
    assert [parent.label for parent in cost.parents] == labels
    assert cost.partials == (1 / 12,) * 12
    for i, nodes in enumerate(samples):
        for others in samples[:i]:
            assert nodes & others == set(model.parameters())


def test_what_was_not_recorded_has_no_gradient_to_show() -> None:
    with no_grad(), pytest.raises(UsageError, match=r"per_sample_gradients: .*outside of no_grad"):
        per_sample_gradients(Neuron(1), [[1.0]], [1.0], squared_error)
