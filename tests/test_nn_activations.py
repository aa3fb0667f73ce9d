"""Any rule of one operand is an activation, and is asked how the weights before it start."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest

import autograd
from autograd import Rule, UsageError, Value, no_grad
from autograd import functions as f
from autograd.rule import RULES, rule
from nn import MLP, Layer, Neuron
from nn.activations import initial_weights

UNARY = [
    name
    for name, line in RULES.items()
    if line.arity == 1 and getattr(autograd, name, None) is line
]
ACROSS = {  # the derivative far to the right, less that far to the left, as mathematics has it
    "relu": 1, "leaky_relu": 0.99, "elu": 1, "gelu": 1, "silu": 1, "softplus": 1, "abs": 2,
    "tanh": 0, "sigmoid": 0, "erf": 0, "atan": 0, "sin": 0, "cos": 0,
}  # fmt: skip


@rule
def bent(x: Any) -> Any:
    """Return x above 0 and x/4 below."""
    return f.where(x > 0, x, x / 4), (f.where(x > 0, 1, 0.25),)


@rule
def squashed(x: Any) -> Any:
    """Return x / √(1 + x²)."""
    r = f.sqrt(1 + x * x)
    return x / r, (1 / (r * r * r),)


@pytest.mark.parametrize("name", UNARY)
def test_every_rule_of_one_operand_is_an_activation_by_its_name(name: str) -> None:
    line = RULES[name]
    layers = [Layer(2, 2, activation, seed=3) for activation in (name, line, getattr(Value, name))]
    for layer in layers:
        assert layer.activation == name
        assert layer.state_dict() == layers[0].state_dict()
    z = next(x for x in (0.5, 1.5, 3.0) if not line.domain or line.domain(x))
    unit = Neuron(1, name)
    unit.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    assert unit(z).data == line(z)
    assert unit(z).op == name


@pytest.mark.parametrize("name", ["hypot", "power", "sum", "grad", "draw", "no", "", 5, None, [1]])
def test_what_is_no_function_of_one_number_is_refused_by_name(name: Any) -> None:
    with pytest.raises(UsageError, match=r"unknown activation .* give a function of a Value"):
        Neuron(2, name)


@pytest.mark.parametrize("own", [bent, squashed])
def test_a_rule_of_ones_own_is_an_activation(own: Rule) -> None:
    by_object, by_name = (Layer(2, 3, g, seed=5) for g in (own, own.name))
    assert by_object.activation == by_name.activation == own.name
    assert by_object.state_dict() == by_name.state_dict()
    x = [0.5, -2.0]
    assert [a.data for a in by_name(x)] == [a.data for a in by_object(x)]
    assert {a.op for a in MLP([2, 3, 1], own.name).layers[0](x)} == {own.name}


@pytest.mark.parametrize("name", ACROSS)
def test_what_rectifies_starts_wider(name: str) -> None:
    z = {"relu": lambda v: v * (v > 0)}.get(name)
    expected = drawn(rectifying=ACROSS[name] > 0.5)
    assert Neuron(3, name, fan_out=4, seed=9).state_dict()["weight"] == [expected]
    method = getattr(Value, name)
    assert initial_weights(lambda v: method(v), 3, 4, Random(9)) == expected
    assert z is None or name == "relu"


def drawn(rectifying: bool) -> list[float]:
    """Return the weights of He or of Glorot: 3 inputs, 4 outputs, seed 9."""
    random = Random(9)
    if rectifying:
        return [random.gauss(0.0, math.sqrt(2 / 3)) for _ in range(3)]
    bound = math.sqrt(6 / 7)
    return [random.uniform(-bound, bound) for _ in range(3)]


@pytest.mark.parametrize(
    ("function", "rectifying"),
    [
        (lambda z: z if z > 0 else z * 0.0, True),
        (lambda z: z.maximum(0.1 * z), True),
        (lambda z: 1 / (1 + (-z).exp()), False),
        (lambda z: z, False),
        (lambda z: z * z, True),
        (lambda z: z.log(), False),  # has no value at −10
        (lambda z: {0.5: z}[z.data], False),  # refuses all but one number
        (lambda z: 5.0, False),
        (bent, True),
        (squashed, False),
    ],
)
@pytest.mark.parametrize("recording", [True, False])
def test_a_function_is_asked_and_not_its_name(
    function: Any, rectifying: bool, recording: bool
) -> None:
    if recording:
        found = initial_weights(function, 3, 4, Random(9))
    else:
        with no_grad():
            found = initial_weights(function, 3, 4, Random(9))
    assert found == drawn(rectifying)
