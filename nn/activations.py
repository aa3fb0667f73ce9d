"""Activations g by name, and how the weights in front of them start."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

from autograd import (
    UsageError,
    Value,
    elu,
    gelu,
    leaky_relu,
    relu,
    sigmoid,
    silu,
    softplus,
    tanh,
)

if TYPE_CHECKING:
    from random import Random

__all__ = ["ACTIVATIONS", "Activation", "activation_named", "initial_weights", "name_of"]

Activation: TypeAlias = Callable[[Value], Value]
"""What turns the input z of a neuron into its activation a."""

ACTIVATIONS: dict[str, Activation | None] = {
    "linear": None,  # a = z: nothing to compute
    "relu": Value.relu,
    "leaky_relu": Value.leaky_relu,
    "elu": Value.elu,
    "gelu": Value.gelu,
    "silu": Value.silu,
    "softplus": Value.softplus,
    "sigmoid": Value.sigmoid,
    "tanh": Value.tanh,
}
"""The activations that a layer can be asked for by name."""

_BOUNDED_OR_LINEAR = ("linear", "sigmoid", "tanh")


_FUNCTIONS = (elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh)  # as good as methods


def activation_named(name: str | Activation) -> Activation | None:
    """Return the function of an activation, None for the linear one.

    A function of a Value is an activation too, as it is.

    >>> activation_named("tanh")(Value(0.0)).data
    0.0
    """
    if callable(name):
        return name
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise UsageError(
            f"unknown activation {name!r}; choose from {', '.join(ACTIVATIONS)}, "
            "or give a function of a Value"
        )
    return ACTIVATIONS[name]


def name_of(activation: str | Activation) -> str:
    """Return what an activation is called; a function that is not in the table by its own name.

    >>> name_of("tanh"), name_of(Value.tanh), name_of(tanh), name_of(lambda z: z * z)
    ('tanh', 'tanh', 'tanh', '<lambda>')
    """
    if isinstance(activation, str):
        return activation
    name: str = getattr(activation, "__name__", "") or getattr(activation, "name", "custom")
    known = activation in (ACTIVATIONS.get(name), *_FUNCTIONS)
    return f"custom {name}" if name in ACTIVATIONS and not known else name


def initial_weights(activation: str, inputs: int, outputs: int, random: Random) -> list[float]:
    """Return the first weights of one neuron in a layer of so many inputs and outputs.

    Signals should neither fade nor grow from layer to layer. Half of a rectified signal is lost,
    so relu and its kin draw from a normal distribution of variance 2/inputs (He et al. 2015,
    https://arxiv.org/abs/1502.01852); linear, tanh and sigmoid draw evenly from ±√(6/(inputs +
    outputs)) (Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html).

    >>> from random import Random
    >>> [round(w, 3) for w in initial_weights("tanh", 2, 1, Random(0))]
    [0.974, 0.73]
    """
    if activation in _BOUNDED_OR_LINEAR:
        bound = sqrt(6 / (inputs + outputs))
        return [random.uniform(-bound, bound) for _ in range(inputs)]
    deviation = sqrt(2 / inputs)
    return [random.gauss(0.0, deviation) for _ in range(inputs)]
