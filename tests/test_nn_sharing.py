"""A layer in several networks, and a seed in several layers: what is shared, and what is not."""

from __future__ import annotations

import random
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import numpy
import pytest

from autograd import UsageError, Value, draw
from autograd.graph import topological_order
from nn import (
    MLP,
    SGD,
    Layer,
    Neuron,
    Sequential,
    fit,
    load,
    manual_seed,
    save,
    squared_error,
)
from tests.untyped import untyped


def names(part: Any) -> list[str]:
    """Return all the labels of a part: of its parameters, and of what it computes."""
    layers = getattr(part, "layers", [part])
    computed = [n.label for layer in layers for n in layer.neurons]
    entering = [label for layer in layers for label in layer.input_labels]
    graph = [node.label for a in part.outputs_for([0.5] * part.inputs) for node in [a, *a.parents]]
    return [*(p.label for p in part.parameters()), *computed, *entering, *graph]


def wholes(part: Any) -> list[Any]:
    """Return networks in which a part stands in different places."""
    n, m = part.inputs, part.outputs
    return [
        Sequential(part),
        Sequential(part, Layer(m, 1)),
        Sequential(Layer(3, n), part),
        Sequential(MLP([2, 4, n], "tanh"), part, Layer(m, 2)),
        Sequential(Sequential(Layer(1, n, "relu"), part), Layer(m, 1)),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sequential(Layer(2, 2, "tanh")),
        lambda: MLP([2, 3, 2]),
        lambda: Sequential(Layer(2, 3), Layer(3, 4)).layers[1],
        lambda: MLP([2, 3, 3]).layers[0],
    ],
)
def test_no_whole_edits_what_is_part_of_another(make: Any) -> None:
    part = make()
    before = names(part)
    built = wholes(part)
    assert names(part) == before
    labels = [names(whole) for whole in built]
    wholes(built[2])
    wholes(built[3])
    assert [names(whole) for whole in built] == labels
    assert names(part) == before


def test_a_layer_is_numbered_where_it_first_stands() -> None:
    shared = Layer(2, 2, "tanh")
    first = Sequential(Layer(1, 2), shared)
    assert shared.neurons[0].w[0].label == "w_{11}^{(3)}"
    second = Sequential(shared, Layer(2, 1))
    assert first.layers[1] is shared
    assert shared.neurons[0].w[0].label == "w_{11}^{(3)}"
    assert [layer.index for layer in second.layers] == [2, 3]
    assert second.layers[0].parameters() == shared.parameters()
    assert [a.label for a in second.layers[0]([0.0, 0.0])] == ["a_1^{(2)}", "a_2^{(2)}"]
    assert [a.label for a in shared([0.0, 0.0])] == ["a_1^{(3)}", "a_2^{(3)}"]
    assert "a₁⁽²⁾ = tanh(" in str(draw(second))
    assert "a₁⁽³⁾ = tanh(" in str(draw(first))


def test_every_network_computes_and_learns_with_the_shared_layer() -> None:
    shared = Layer(2, 2, "tanh", seed=1)
    first = Sequential(shared, Layer(2, 1, seed=2))
    second = Sequential(Layer(3, 2, seed=3), shared)
    x = [0.5, -1.0, 2.0]
    by_hand = shared(second.layers[0](x))
    assert [a.data for a in second(x)] == [a.data for a in by_hand]
    fit(
        second, [x], [[0.3, 0.3]], loss=squared_error,
        optimizer=SGD(second.parameters(), lr=0.1), epochs=3, progress=False,
    )  # fmt: skip
    changed = [p.data for p in shared.parameters()]
    assert changed == [p.data for p in first.layers[0].parameters()]
    assert changed == [p.data for p in second.layers[1].parameters()]
    assert changed != [p.data for p in Layer(2, 2, seed=1).parameters()]
    assert len(set(first.parameters()) & set(second.parameters())) == 6


def test_a_shared_layer_is_saved_and_copied_like_any(tmp_path: Path) -> None:
    shared = MLP([2, 2]).layers[0]
    model = Sequential(Layer(3, 2, "relu"), shared)
    assert len(model.named_parameters()) == len(model.parameters()) == 14
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert again.state_dict() == model.state_dict() == deepcopy(model).state_dict()


def test_a_layer_cannot_stand_in_one_network_twice_by_a_detour() -> None:
    shared = Layer(2, 2)
    for parts in ([shared, shared], [Sequential(shared), Sequential(Layer(2, 2), shared)]):
        with pytest.raises(UsageError, match="a layer is given twice"):
            Sequential(*parts)


MAKERS = [
    lambda **seed: Neuron(3, **seed),
    lambda **seed: Neuron(3, "relu", **seed),
    lambda **seed: Layer(3, 2, **seed),
    lambda **seed: MLP([3, 2, 1], **seed),
    lambda **seed: MLP(3, [2, 1], **seed),
]


@pytest.mark.parametrize("make", MAKERS)
def test_two_made_one_after_the_other_differ_unless_they_have_a_seed(make: Any) -> None:
    assert make().state_dict() != make().state_dict()
    assert make(seed=0).state_dict() == make(seed=0).state_dict() != make(seed=1).state_dict()
    for seed in (numpy.int64(7), numpy.uint8(7), numpy.array(7)[()]):
        assert make(seed=seed).state_dict() == make(seed=7).state_dict()
    stream = Random(0)
    assert make(seed=stream).state_dict() != make(seed=stream).state_dict()
    for wrong in ("a", 1.5, numpy.random.default_rng(0)):
        with pytest.raises(UsageError, match=r"seed=.*; give a whole number"):
            make(seed=wrong)


@pytest.mark.parametrize("reseed", [random.seed, manual_seed, lambda n: manual_seed(numpy.int8(n))])
@pytest.mark.parametrize("make", MAKERS)
def test_one_seed_makes_a_program_reproducible(make: Any, reseed: Any) -> None:
    state = random.getstate()
    try:
        runs = []
        for seed in (3, 3, 4):
            reseed(seed)
            runs.append([make().state_dict(), make().state_dict()])
    finally:
        random.setstate(state)
    assert runs[0] == runs[1] != runs[2]
    assert runs[0][0] != runs[0][1]
    with pytest.raises(UsageError, match=r"manual_seed: seed='a'; give a whole number"):
        manual_seed(untyped("a"))


def test_equal_layers_of_a_network_differ() -> None:
    model = Sequential(Layer(2, 2), Layer(2, 2))
    assert model.state_dict()["0.weight"] != model.state_dict()["1.weight"]
    weights = [
        tuple(w.data for w in neuron.w) for layer in model.layers for neuron in layer.neurons
    ]
    assert len(set(weights)) == 4


@pytest.mark.slow
def test_a_program_without_a_seed_starts_elsewhere_each_time() -> None:
    program = "from nn import Neuron; print(Neuron(3).state_dict())"
    runs = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 2


def test_the_order_of_batches_has_a_seed_too() -> None:
    def losses(seed: Any) -> list[float]:
        model = MLP([1, 3, 1], "tanh", seed=1)
        X, y = [[float(i)] for i in range(8)], [float(i % 3) for i in range(8)]
        return fit(
            model, X, y, loss=squared_error, optimizer=SGD(model.parameters(), lr=0.01),
            epochs=2, batch_size=2, seed=seed, progress=False,
        ).losses  # fmt: skip

    assert losses(5) == losses(numpy.int32(5)) == losses(Random(5)) != losses(6)
    assert losses(None) != losses(None)
    with pytest.raises(UsageError, match=r"fit: seed='x'; give a whole number"):
        losses("x")


def test_a_value_that_enters_is_not_relabelled() -> None:
    x = [Value(1.0, "left"), Value(2.0, "")]
    for model in (Layer(2, 1), MLP([2, 2, 1])):
        order = topological_order(model(x))
        assert (x[0] in order, x[1] in order) == (True, True)
    assert [x_k.label for x_k in x] == ["left", ""]
