"""Neurons, layers and networks: their notation, their parameters, and what they refuse."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import numpy
import pytest

import autograd
from autograd import UsageError, Value, explain
from autograd.graph import topological_order
from nn import (
    MLP,
    Layer,
    Module,
    Neuron,
    Sequential,
    gradient_matrix,
    load,
    save,
    squared_error,
    weight_matrix,
)
from tests.untyped import untyped
from tests.work import growth

BOUNDED_OR_STRAIGHT = ("linear", "tanh", "sigmoid")
RECTIFYING = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus")


def labels(output: Value) -> set[str]:
    return {node.label for node in topological_order(output)} - {""}


def test_a_network_reads_as_on_paper() -> None:
    loss = squared_error(MLP([2, 2, 1], "tanh", "sigmoid")([1.0, 2.0]), 1.0)
    assert labels(loss) == {
        "a_1^{(1)}", "a_2^{(1)}", "w_{11}^{(2)}", "w_{12}^{(2)}", "w_{21}^{(2)}", "w_{22}^{(2)}",
        "b_1^{(2)}", "b_2^{(2)}", "z_1^{(2)}", "z_2^{(2)}", "a_1^{(2)}", "a_2^{(2)}",
        "w_{11}^{(3)}", "w_{12}^{(3)}", "b_1^{(3)}", "z_1^{(3)}", "a_1^{(3)}", "y", "C_0",
    }  # fmt: skip


def test_an_explanation_of_a_network_names_its_parts() -> None:
    model = MLP([2, 2, 1], "tanh")
    loss = squared_error(model([1.0, 2.0]), 1.0)
    text = str(explain(loss, model.layers[0].neurons[1].w[0]))
    for name in ("∂C₀/∂w₂₁⁽²⁾ = ", "/∂z₁⁽³⁾ · ∂z₁⁽³⁾/", "/∂a₂⁽²⁾ · ∂a₂⁽²⁾/∂z₂⁽²⁾ · ∂z₂⁽²⁾/"):
        assert name in text


def test_indices_of_two_digits_are_kept_apart() -> None:
    names = list(Layer(12, 12).named_parameters())
    assert len(set(names)) == 12 * 13
    assert {"w_{1,11}^{(2)}", "w_{11,1}^{(2)}", "w_{11}^{(2)}", "b_{12}^{(2)}"} <= set(names)


class Compared(str):
    """A label that counts how often it is compared."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Compared.compared += 1
        return super().__eq__(other)


def test_no_name_of_a_parameter_is_compared_with_all_before_it() -> None:
    layers = {n: Layer(n, 10) for n in (1, 25, 100)}
    assert growth(lambda n: layers[n].named_parameters(), 25) < 5
    for p in layers[100].parameters():
        p.label = Compared(p.label)
    assert len(layers[100].named_parameters()) == 101 * 10
    assert Compared.compared < 101 * 10


def test_values_that_enter_keep_their_own_labels() -> None:
    x = Value(0.5, "mine")
    assert {"mine", "a_2^{(1)}"} <= labels(Layer(2, 1)([x, 2.0]))


def test_the_same_seed_gives_the_same_network_and_another_another() -> None:
    first, again, other = MLP([3, 4, 2], seed=7), MLP([3, 4, 2], seed=7), MLP([3, 4, 2], seed=8)
    assert first.state_dict() == again.state_dict() != other.state_dict()
    two = Sequential(Layer(3, 3, seed=(rng := Random(0))), Layer(3, 3, seed=rng))
    assert two.state_dict()["0.weight"] != two.state_dict()["1.weight"]


@pytest.mark.slow
@pytest.mark.parametrize("activation", BOUNDED_OR_STRAIGHT + RECTIFYING)
def test_signals_neither_fade_nor_grow(activation: str) -> None:
    weights = [w for row in weight_matrix(Layer(200, 100, activation, seed=1)) for w in row]
    variance = numpy.var(weights)
    glorot = activation in BOUNDED_OR_STRAIGHT
    assert variance == pytest.approx(2 / 300 if glorot else 2 / 200, rel=0.05)
    assert abs(numpy.mean(weights)) < 0.003
    assert glorot == (max(map(abs, weights)) <= (6 / 300) ** 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_permuting_hidden_units_permutes_gradients(seed: int) -> None:
    rng = Random(seed)
    model, permuted = MLP([3, 5, 2], "tanh", seed=seed), MLP([3, 5, 2], "tanh")
    order = rng.sample(range(5), 5)
    state = model.state_dict()
    for name in ("0.weight", "0.bias"):
        state[name] = [state[name][j] for j in order]
    state["2.weight"] = [[row[j] for j in order] for row in state["2.weight"]]
    permuted.load_state_dict(state)
    X = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(4)]
    y = [[rng.random(), rng.random()] for _ in X]
    for network in (model, permuted):
        squared_error([network(x) for x in X], y).backward()
    first, last = (gradient_matrix(layer) for layer in model.layers)
    expected = [pytest.approx(first[j], rel=1e-12) for j in order]
    assert [*gradient_matrix(permuted.layers[0])] == expected
    for row, found in zip(last, gradient_matrix(permuted.layers[1]), strict=True):
        assert found == pytest.approx([row[j] for j in order], rel=1e-12)


def test_one_number_goes_in_and_comes_out_without_a_list() -> None:
    for model in (Neuron(1), Layer(1, 1), MLP([1, 4, 1]), Sequential(Layer(1, 3), Layer(3, 1))):
        assert model(0.5).data == model([0.5]).data == model(Value(0.5)).data
    narrow, wide = Layer(2, 1), Layer(1, 3)
    assert [a.data for a in wide(narrow([1.0, 2.0]))] == pytest.approx(
        [neuron.w[0].data * narrow([1.0, 2.0]).data for neuron in wide.neurons]
    )


def test_a_function_is_an_activation() -> None:
    def squared_twice(z: Value) -> Value:
        return z * z

    layer = Layer(1, 1, squared_twice)
    layer.load_state_dict({"weight": [[3.0]], "bias": [1.0]})
    a = layer([2.0])
    assert (a.data, a.label, layer.activation) == (49.0, "a_1^{(2)}", "squared_twice")


def test_an_activation_is_known_by_its_function_too(tmp_path: Path) -> None:
    expected = MLP([2, 3, 1], "tanh", seed=3)
    for function in (untyped(Value).tanh, autograd.tanh):
        model = MLP([2, 3, 1], function, seed=3)
        assert repr(model) == repr(expected)
        assert model.state_dict() == expected.state_dict()
        save(model, tmp_path / "model.safetensors")
        assert repr(load(tmp_path / "model.safetensors")) == repr(expected)

    def tanh(z: Value) -> Value:
        return -z.tanh()

    assert Layer(1, 1, tanh).activation == "custom tanh"


class Tied(Module):
    """A network of one's own, in which a parameter is used twice."""

    def __init__(self) -> None:
        self.scale = Value(2.0, "s")
        self.parts = [Layer(2, 2), Layer(2, 2)]
        self.again = self.scale
        self.name = "tied"

    def __call__(self, x: Any) -> list[Value]:
        """Return the scaled outputs."""
        return [self.scale * a for a in self.parts[1](self.parts[0](x))]


def test_a_module_of_ones_own_finds_its_parameters() -> None:
    model = Tied()
    assert len(model.parameters()) == 13
    assert list(model.state_dict()) == [
        "scale", "parts.0.weight", "parts.0.bias", "parts.1.weight", "parts.1.bias", "again",
    ]  # fmt: skip
    assert len(model.named_parameters()) == 13
    assert "Tied" in repr(model)
    squared_error(model([1.0, 2.0]), [0.0, 0.0]).backward()
    assert all(p.has_grad for p in model.parameters())
    model.zero_grad()
    assert all(p.grad == 0 for p in model.parameters())
    other = Tied()
    other.load_state_dict(model.state_dict())
    assert other.state_dict() == model.state_dict()


def test_no_parameter_is_overlooked_in_lists_of_lists_and_dicts() -> None:
    class Nested(Module):
        """A network whose parts lie deeper."""

        def __init__(self) -> None:
            self.branches = {"left": [Layer(1, 1)], "right": Neuron(2)}
            self.mixed = [Value(1.0), [Layer(1, 1), 5], "text"]

    model = Nested()
    assert list(model.state_dict()) == [
        "branches.left.0.weight", "branches.left.0.bias", "branches.right.weight",
        "branches.right.bias", "mixed.0", "mixed.1.0.weight", "mixed.1.0.bias",
    ]  # fmt: skip
    assert len(model.parameters()) == 2 + 3 + 1 + 2
    assert repr(model).splitlines()[-1].strip() == "8"


@pytest.mark.parametrize("label", ["", "w", "scale", "scale.0", "parts.0.weight.1", "again.0"])
def test_every_parameter_has_a_name_of_its_own_whatever_the_labels(label: str) -> None:
    model = Tied()
    for p in model.parameters():
        p.label = label
    for place, odd in ((1, "parts.0.weight.2"), (4, "scale.0"), (5, "parts.1.bias.1")):
        model.parameters()[place].label = odd
    named = model.named_parameters()
    assert list(named.values()) == model.parameters()


def test_values_of_ones_own_class_enter_and_leave() -> None:
    class Marked(Value):
        """A Value with room for notes."""

    x, scale = Marked(0.5, "x"), Marked(2.0)
    unit = Neuron(1, lambda z: z * scale)
    unit(x).backward()
    assert x.grad == unit.w[0].data * 2.0
    assert Neuron(1, lambda z: scale)(x) is scale


def test_a_state_comes_back_from_lists_and_arrays() -> None:
    model, other = MLP([2, 3, 1], seed=1), MLP([2, 3, 1], seed=2)
    other.load_state_dict({name: numpy.array(x) for name, x in model.state_dict().items()})
    assert other.state_dict() == model.state_dict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"0.weight": [[1.0, 2.0]] * 4}, "0.weight is 4×2, but here it is 3×2"),
        ({"0.bias": [1.0]}, "0.bias is 1, but here it is 3"),
        ({"0.bias": [[1.0], [2.0, 3.0], [1.0]]}, "rows of different sizes"),
        ({"4.weight": [[1.0]]}, r"unknown \['4.weight'\]"),
        (
            {"0.weight": [[9.0, 9.0]] * 3, "0.bias": [0.0, 0.0, "a"]},
            "'a' .str. is not a real number",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: dict[str, Any], message: str) -> None:
    model = MLP([2, 3, 1])
    before = model.state_dict()
    with pytest.raises((UsageError, TypeError), match=message):
        model.load_state_dict(before | change)
    assert model.state_dict() == before
    with pytest.raises(UsageError, match=r"missing \['0.bias', '2.weight', '2.bias'\]"):
        model.load_state_dict({"0.weight": before["0.weight"]})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MLP([]), r"MLP: widths \[\] make no layer"),
        (lambda: MLP([2]), r"MLP: widths \[2\] make no layer"),
        (lambda: MLP([2, 0, 1]), "MLP: a width of 0"),
        (lambda: MLP(untyped([2, 1.5])), r"MLP: a width of 1\.5"),
        (lambda: Layer(-1, 2), "Layer: a width of -1"),
        (lambda: Neuron(True), "Neuron: a width of True"),
        (lambda: MLP(untyped(5)), "MLP: widths 5 make no layer"),
        (
            lambda: Layer(1, 1, untyped(lambda z: z.data))([1.0]),
            r"activation <lambda> returned .* not a V",
        ),
        (lambda: MLP([2, 3, 1], untyped(["relu"])), r"unknown activation \['relu'\]"),
        (
            lambda: Layer(1, 1).load_state_dict(untyped(None)),
            "load_state_dict: None; give what state_dict",
        ),
        (lambda: Sequential(), "Sequential: no layers"),
        (lambda: Sequential(*[Layer(2, 2)] * 2), "a layer is given twice"),
        (lambda: Sequential(untyped(3)), "3 is not a Layer"),
        (lambda: Sequential(Layer(2, 3), Layer(4, 1)), "layer 3 takes 4 inputs, but layer 2 has 3"),
        (lambda: MLP([2, 1], output="rleu"), "unknown activation 'rleu'; choose from linear, relu"),
        (lambda: MLP([2, 1])([1.0]), r"layer 2 takes 2 input\(s\), but the sample has 1"),
        (lambda: MLP([2, 1])([[1.0, 2.0]]), "one sample at a time, or use predict"),
        (lambda: Neuron(2)(3.0), r"Neuron: 3\.0 is not a sample; give a list of 2"),
        (lambda: weight_matrix(untyped(MLP([2, 1]))), "a MLP is not a layer"),
        (lambda: gradient_matrix(Layer(1, 1)), r"w_\{11\}\^\{\(2\)\} has no gradient"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_sizes(build: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build()


def test_a_copy_is_a_network_of_its_own() -> None:
    model = MLP([2, 3, 1], "tanh")
    copy = deepcopy(model)
    squared_error(copy([1.0, 2.0]), 3.0).backward()
    assert not any(p.has_grad for p in model.parameters())
    assert all(p.has_grad for p in copy.parameters())
    assert copy.state_dict() == model.state_dict()


def test_a_sequence_of_networks_is_one_network() -> None:
    model = Sequential(MLP([2, 3, 3]), Layer(3, 1, "tanh"))
    assert [layer.index for layer in model.layers] == [2, 3, 4]
    assert list(model.state_dict())[-1] == "3.bias"
    assert "Sequential 2 → 3 → 3 → 1" in repr(model)
