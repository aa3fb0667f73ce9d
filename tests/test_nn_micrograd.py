"""Programs written for micrograd run with the import swapped; PyTorch's names are answered."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from autograd import UsageError, Value
from nn import MLP, Layer, Neuron
from tests.untyped import untyped

IMPORTS = {
    "micrograd": "from micrograd.engine import Value\nfrom micrograd.nn import MLP, Layer, Neuron",
    "here": "from autograd import Value\nfrom nn import MLP, Layer, Neuron",
}

REGRESSION = """
import random

model = MLP(3, [4, 4, 1])
random.seed(1337)
for layer in model.layers:
    for neuron in layer.neurons:
        for p in neuron.w + [neuron.b]:
            p.data = random.uniform(-1, 1)

xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
losses = []
for k in range(20):
    predictions = [model(x) for x in xs]
    loss = sum((p - y) ** 2 for p, y in zip(predictions, ys))
    for p in model.parameters():
        p.grad = 0.0
    loss.backward()
    for p in model.parameters():
        p.data += -0.01 * p.grad
    losses.append(loss.data)
count = len(model.parameters())
"""

CLASSIFICATION = """
import math
import random

random.seed(7)
points, signs = [], []
for i in range(30):
    sign = 1 if i % 2 else -1
    angle = random.uniform(0, math.pi)
    points.append([sign * math.cos(angle) + 0.5 * (sign > 0), sign * math.sin(angle)])
    signs.append(sign)

model = MLP(2, [8, 8, 1])
random.seed(8)
for layer in model.layers:
    for neuron in layer.neurons:
        for p in neuron.w + [neuron.b]:
            p.data = random.uniform(-1, 1)

losses = []
for k in range(10):
    inputs = [list(map(Value, point)) for point in points]
    scores = list(map(model, inputs))
    hinges = [(1 + -sign * score).relu() for sign, score in zip(signs, scores)]
    data_loss = sum(hinges) * (1.0 / len(hinges))
    total_loss = data_loss + 1e-4 * sum((p * p for p in model.parameters()))
    accuracy = sum((s > 0) == (score.data > 0) for s, score in zip(signs, scores)) / len(scores)
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    losses += [total_loss.data, accuracy]
count = len(model.parameters())
"""

PARTS = """
import random

unit, hidden, straight = Neuron(2, nonlin=True), Layer(2, 3, nonlin=True), Layer(3, 1, nonlin=False)
neurons = [unit, *hidden.neurons, *straight.neurons, Neuron(1, nonlin=False)]
random.seed(3)
for neuron in neurons:
    for p in neuron.w + [neuron.b]:
        p.data = random.uniform(-1, 1)
losses = []
for x in ([0.5, -1.0], [-2.0, 1.5]):
    out = straight(hidden(x)) * unit(x) + neurons[-1]([x[0]])
    out.backward()
    losses += [out.data, *[float(p.grad) for neuron in neurons for p in neuron.w]]
count = sum(len(part.parameters()) for part in (unit, hidden, straight))
"""

PROGRAMS = {"regression": REGRESSION, "classification": CLASSIFICATION, "parts": PARTS}


def run(engine: str, program: str) -> dict[str, Any]:
    """Run a program with the imports of an engine; return its variables."""
    variables: dict[str, Any] = {}
    exec(IMPORTS[engine] + program, variables)
    return variables


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_here_as_it_is(name: str) -> None:
    found = run("here", PROGRAMS[name])
    assert found["losses"][-2] != found["losses"][0]
    assert {type(x) for x in found["losses"]} == {float}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_it_computes_what_it_computes_there(name: str) -> None:
    pytest.importorskip("micrograd", reason="micrograd is not installed: pip install micrograd")
    found, expected = run("here", PROGRAMS[name]), run("micrograd", PROGRAMS[name])
    assert found["losses"] == pytest.approx(expected["losses"], rel=1e-9, abs=1e-12)
    assert found["count"] == expected["count"]


def test_the_spelling_of_micrograd_means_the_same() -> None:
    for widths in ([4, 4, 1], (4, 4, 1), [1]):
        theirs, ours = MLP(3, widths, seed=1), MLP([3, *widths], seed=1)
        assert repr(theirs) == repr(ours)
        assert theirs.state_dict() == ours.state_dict()
    assert isinstance(MLP(3, [4, 1])([1.0, 2.0, 3.0]), Value)
    assert len(MLP(3, [4, 2])([1.0, 2.0, 3.0])) == 2
    assert [layer.activation for layer in MLP(3, [4, 4, 1]).layers] == ["relu", "relu", "linear"]
    assert MLP(3, [4, 1], output="sigmoid").layers[-1].activation == "sigmoid"
    assert (Neuron(2, nonlin=True).activation, Neuron(2, nonlin=False).activation) == (
        "relu",
        "linear",
    )


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MLP(3), r"MLP: widths 3 make no layer; .* as in MLP\(\[2, 16, 1\]\)"),
        (lambda: MLP(3, untyped(4)), "MLP: widths 3 make no layer"),
        (lambda: MLP(3, []), r"MLP: widths \[3\] make no layer"),
        (lambda: MLP(3, [4, 0]), "MLP: a width of 0"),
        (lambda: MLP(True, [4]), "MLP: a width of True"),
        (lambda: MLP([3], [4]), r"MLP: widths \[3\] make no layer"),
        (lambda: MLP([3, 2], [4]), r"unknown activation \[4\]"),
        (lambda: Neuron(2, "tanh", nonlin=True), "activation='tanh' and nonlin=True; give one"),
        (lambda: Layer(2, 1, "tanh", nonlin=False), "activation='tanh' and nonlin=False"),
    ],
)
def test_what_makes_no_network_is_refused(build: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build()


@pytest.mark.parametrize("name", ["Linear", "ReLU", "MSELoss", "CrossEntropyLoss", "functional"])
def test_the_names_of_pytorch_are_answered_with_those_here(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'nn' has no attribute '{name}': ."):
        getattr(nn, name)
    with pytest.raises(AttributeError, match=r"module 'nn' has no attribute 'nonsense'$"):
        untyped(getattr)(nn, "nonsense")
