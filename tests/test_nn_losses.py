"""Losses: right at extreme outputs, indifferent to order, and clear about targets."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import mpmath
import pytest

from autograd import DomainError, NumberError, UsageError, Value, gradcheck
from nn import (
    MLP,
    Layer,
    Module,
    Neuron,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    l2_penalty,
    mean_squared_error,
    squared_error,
)
from tests.untyped import untyped

LOGITS = [0.0, 1.0, -1.0, 30.0, -40.0, 300.0, 1000.0, -1000.0]


@pytest.mark.parametrize("y", [0, 1, 0.25])
@pytest.mark.parametrize("logit", LOGITS)
def test_binary_cross_entropy_is_right_at_extreme_logits(logit: float, y: float) -> None:
    z = Value(logit, "z")
    loss = binary_cross_entropy_with_logits(z, y)
    loss.backward()
    with mpmath.workdps(1000):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(logit)))
        expected = -(y * mpmath.log(p) + (1 - mpmath.mpf(y)) * mpmath.log(1 - p))
        slope = p - y
    assert loss.data == pytest.approx(float(expected), rel=1e-12, abs=0)
    assert z.grad == pytest.approx(float(slope), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("y", [0, 1, 2])
@pytest.mark.parametrize(
    "logits",
    [[0.0, 0.0, 0.0], [1000.0, 990.0, -1000.0], [-1000.0, -999.0, -1001.0], [40.0, 0.0, -3.0]],
)
def test_cross_entropy_is_right_at_extreme_logits(logits: list[float], y: int) -> None:
    z = [Value(x) for x in logits]
    loss = cross_entropy(z, y)
    loss.backward()
    with mpmath.workdps(2000):
        shares = [mpmath.exp(x) for x in logits]
        softmax = [share / sum(shares) for share in shares]
        expected = -mpmath.log(softmax[y])
    assert loss.data == pytest.approx(float(expected), rel=1e-12, abs=0)
    for k, z_k in enumerate(z):
        assert z_k.grad == pytest.approx(float(softmax[k] - (k == y)), rel=1e-12, abs=1e-300)


def test_binary_cross_entropy_of_certainty() -> None:
    assert binary_cross_entropy([Value(0.0), Value(1.0)], [0, 1]).data == 0
    p = Value(1.0)
    binary_cross_entropy(p, 1).backward()
    assert p.grad == -1
    for certain, y in ((0.0, 1), (1.0, 0), (1.0, 0.5)):
        with pytest.raises(DomainError, match="use binary_cross_entropy_with_logits"):
            binary_cross_entropy(Value(certain), y)


CASES: list[tuple[Any, int, Any]] = [
    (squared_error, 2, lambda rng: [rng.gauss(0, 1), rng.gauss(0, 1)]),
    (mean_squared_error, 2, lambda rng: [rng.gauss(0, 1), rng.gauss(0, 1)]),
    (binary_cross_entropy, 1, lambda rng: rng.randrange(2)),
    (binary_cross_entropy_with_logits, 2, lambda rng: [rng.randrange(2), rng.random()]),
    (cross_entropy, 3, lambda rng: rng.randrange(3)),
    (hinge, 1, lambda rng: rng.choice([-1, 1])),
]
every_loss = pytest.mark.parametrize(("loss", "outputs", "draw"), CASES)


@every_loss
def test_a_list_of_samples_gives_the_average_in_any_order(
    loss: Any, outputs: int, draw: Any
) -> None:
    rng = Random(1)
    kind = "sigmoid" if loss is binary_cross_entropy else "linear"
    model = MLP([2, 3, outputs], "tanh", kind)
    X = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(8)]
    y = [draw(rng) for _ in X]
    each = [loss(model(x), target).data for x, target in zip(X, y, strict=True)]
    found = []
    for order in (range(8), rng.sample(range(8), 8)):
        model.zero_grad()
        total = loss([model(X[i]) for i in order], [y[i] for i in order])
        total.backward()
        found.append([total.data, *[p.grad for p in model.parameters()]])
    assert found[0][0] == pytest.approx(math.fsum(each) / 8, rel=1e-12)
    assert found[1] == pytest.approx(found[0], rel=1e-12, abs=1e-15)


@every_loss
def test_gradients_agree_with_finite_differences(loss: Any, outputs: int, draw: Any) -> None:
    rng = Random(2)
    target = draw(rng)
    points = [rng.uniform(0.1, 0.9) for _ in range(outputs)]
    gradcheck(lambda *a: loss(list(a), target), *points)


ALONE = [
    lambda: Neuron(1),
    lambda: Neuron(1, "tanh"),
    lambda: Layer(1, 1, "gelu"),
    lambda: MLP([1, 3, 1], "tanh"),
    lambda: MLP([1, 3, 1], output=lambda z: (z * 2).tanh()),
]
"""Models of one output."""


@pytest.mark.parametrize("loss", [mean_squared_error, hinge, binary_cross_entropy_with_logits])
@pytest.mark.parametrize("make", ALONE)
def test_what_is_averaged_is_so_over_outputs_as_over_samples(loss: Any, make: Any) -> None:
    model, X, y = make(), [[0.5], [1.5], [-2.0]], [1, 1, 1]
    flat = loss(list(map(model, X)), y)
    of_samples = loss([model.outputs_for(x) for x in X], [[t] for t in y])
    assert flat.data == of_samples.data
    assert (flat.label, of_samples.label) == ("L", "J")


@pytest.mark.parametrize("make", ALONE[:4])
def test_outputs_of_one_neuron_are_no_output_layer(make: Any) -> None:
    model, X, y = make(), [[0.5], [1.5], [-2.0]], [1, -1, 1]
    with pytest.raises(
        UsageError, match=r"3 outputs of one neuron .* \[model.outputs_for\(x\) for"
    ):
        squared_error(list(map(model, X)), y)
    of_samples = squared_error([model.outputs_for(x) for x in X], y)
    assert of_samples.data == squared_error([[model(x)] for x in X], [[t] for t in y]).data
    assert of_samples.data == pytest.approx(
        sum((model(x).data - t) ** 2 for x, t in zip(X, y, strict=True)) / 3
    )
    layer = list(map(model, X))
    assert squared_error([layer], [y]).data == pytest.approx(3 * of_samples.data)


LABELS = [["", ""], ["a", "a"], ["a_1", "a_2"], ["z_1^{(3)}", "z_1^{(3)}"]]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("computed", [False, True])
def test_labels_decide_nothing(labels: list[str], computed: bool) -> None:
    a: list[Any] = [Value(0.5), Value(2.0)]
    if computed:
        a = [a_j * 1 for a_j in a]
    for a_j, label in zip(a, labels, strict=True):
        a_j.label = label
    layer = squared_error(a, [1, 1])
    assert (layer.data, layer.label) == (1.25, "C_0")
    samples = squared_error([[a_j] for a_j in a], [1, 1])
    assert (samples.data, samples.label) == (0.625, "C")
    assert cross_entropy(a, 1).data == cross_entropy([a], [1]).data
    with pytest.raises(UsageError, match=r"a target of 3 number\(s\) for 2 output\(s\)"):
        squared_error(a, [0.0] * 3)


def test_a_module_of_two_neurons_has_two_outputs() -> None:
    class Pair(Module):
        """Two neurons of one label."""

        def __init__(self) -> None:
            self.neurons = [Neuron(1, seed=1), Neuron(1, seed=2)]

        def __call__(self, x: Any) -> list[Value]:
            """Return both outputs."""
            return [neuron(x) for neuron in self.neurons]

    pair = Pair()
    first, second = (a.data for a in pair(0.5))
    assert squared_error(pair(0.5), [1, 1]).data == pytest.approx(
        (first - 1) ** 2 + (second - 1) ** 2
    )
    assert cross_entropy(pair(0.5), 0).data == pytest.approx(math.log1p(math.exp(second - first)))


def test_shapes_that_contradict_each_other_are_refused() -> None:
    a = Value(0.5)
    for loss in (squared_error, mean_squared_error, hinge, binary_cross_entropy):
        with pytest.raises(UsageError, match="the targets are lists, as of samples"):
            loss([a, a], [[1], [1]])
        with pytest.raises(UsageError, match="lists among the outputs, but not for all"):
            loss([[a], a], [1, 1])


def test_the_demo_step_of_micrograd_runs_as_it_is_written_there() -> None:
    rng = Random(0)
    rows = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(20)]
    signs = [rng.choice([-1, 1]) for _ in rows]
    model = MLP([2, 4, 4, 1])
    inputs = [list(map(Value, row)) for row in rows]
    scores = list(map(model, inputs))
    losses = [(1 + -y * score).relu() for y, score in zip(signs, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-4 * sum(p * p for p in model.parameters())
    total_loss = data_loss + reg_loss
    model.zero_grad()
    total_loss.backward()
    expected = [total_loss.data, *[p.grad for p in model.parameters()]]
    ours = hinge(list(map(model, rows)), signs) + l2_penalty(model.parameters(), 1e-4)
    model.zero_grad()
    ours.backward()
    found = [ours.data, *[p.grad for p in model.parameters()]]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_the_penalty_is_that_of_weight_decay() -> None:
    w = [Value(3.0), Value(-4.0)]
    penalty = l2_penalty(w, 0.1)
    penalty.backward()
    assert penalty.data == pytest.approx(2.5)
    assert [p.grad for p in w] == pytest.approx([0.6, -0.8])


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda a: cross_entropy([a, a, a], 3), "target 3 is not a class; 3 outputs are the cl"),
        (lambda a: cross_entropy([a, a], -1), "target -1 is not a class"),
        (lambda a: cross_entropy([a, a], 0.5), r"target 0\.5 is not a class"),
        (lambda a: cross_entropy([a], 0), "one output makes no classes"),
        (lambda a: cross_entropy([[a, a], [a, a]], [0, 2]), r"target 2 .*\(sample 1, counted from"),
        (lambda a: hinge(a, 0), r"hinge: the target 0\.0 is not -1 or 1; turn 0 and 1 into 2\*y"),
        (lambda a: binary_cross_entropy(a, 2), r"the target 2\.0 is not 0 or 1"),
        (lambda a: binary_cross_entropy(a * 4, 1), r"the output 2\.0 is not a probability"),
        (lambda a: squared_error([a, a], [1.0]), r"target of 1 number\(s\) for 2 output\(s\)"),
        (lambda a: squared_error([[a], [a]], [1.0]), r"2 sample\(s\), but 1 target\(s\)"),
        (lambda a: hinge([], []), "hinge: no outputs"),
        (lambda a: l2_penalty([], 1.0), "no parameters"),
        (lambda a: l2_penalty(untyped(MLP([1, 1])), 1.0), "give model.parameters"),
    ],
)
def test_targets_that_make_no_sense_are_refused(compute: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compute(Value(0.5))


def test_a_target_that_is_no_number_is_refused() -> None:
    with pytest.raises(NumberError, match="'cat'"):
        squared_error(Value(0.5), "cat")
