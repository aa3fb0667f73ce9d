"""Activations g by name, and how the weights in front of them start."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

from autograd import RULES, Rule, UsageError, Value, grad

if TYPE_CHECKING:
    from random import Random

__all__ = ["ACTIVATIONS", "Activation", "activation_named", "initial_weights", "name_of"]

Activation: TypeAlias = Callable[[Value], Value]
"""What turns the input z of a neuron into its activation a."""


class _Names(Collection[str]):
    """The names of activations, as the table has them when it is asked."""

    def __contains__(self, name: object) -> bool:
        return name == "linear" or _rule(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(["linear", *filter(_rule, RULES)])

    def __len__(self) -> int:
        return sum(1 for _ in self)


ACTIVATIONS = _Names()
"""The names that a layer can be asked for: "linear", and every rule of one operand.

>>> "gelu" in ACTIVATIONS, "linear" in ACTIVATIONS, "hypot" in ACTIVATIONS
(True, True, False)
"""

_FAR = (10.0, 20.0)  # from 0, where kinks are behind and what is bounded is flat; twice, for waves


def activation_named(name: str | Activation) -> Activation | None:
    """Return the function of an activation, None for the linear one.

    Every rule of one operand in the derivative table is an activation by its name. A function of
    a Value is one too, as it is.

    >>> activation_named("tanh")(Value(0.0)).data
    0.0
    """
    if callable(name):
        return name
    if name == "linear":  # a = z: nothing to compute
        return None
    rule = _rule(name)
    if rule is None:
        raise UsageError(
            f"unknown activation {name!r}; choose from linear, relu, tanh, sigmoid and the other "
            "functions of one number in autograd, or give a function of a Value"
        )
    return _method(rule) or rule


def name_of(activation: str | Activation) -> str:
    """Return what an activation is called; a function that is not in the table by its own name.

    >>> name_of("tanh"), name_of(RULES["tanh"]), name_of(lambda z: z * z)
    ('tanh', 'tanh', '<lambda>')
    """
    if isinstance(activation, str):
        return activation
    name: str = getattr(activation, "__name__", "") or getattr(activation, "name", "custom")
    rule = _rule(name)
    known = rule is None or activation in (rule, _method(rule))
    return name if known and name != "linear" else f"custom {name}"


def initial_weights(
    activation: Activation | None, inputs: int, outputs: int, random: Random
) -> list[float]:
    """Return the first weights of one neuron in a layer of so many inputs and outputs.

    Signals should neither fade nor grow from layer to layer. Half of a rectified signal is lost,
    so relu and its kin draw from a normal distribution of variance 2/inputs (He et al. 2015,
    https://arxiv.org/abs/1502.01852); linear, tanh and sigmoid draw evenly from ±√(6/(inputs +
    outputs)) (Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html).

    >>> from random import Random
    >>> [round(w, 3) for w in initial_weights(RULES["tanh"], 2, 1, Random(0))]
    [0.974, 0.73]
    """
    if activation is not None and _rectifies(activation):
        deviation = sqrt(2 / inputs)
        return [random.gauss(0.0, deviation) for _ in range(inputs)]
    bound = sqrt(6 / (inputs + outputs))
    return [random.uniform(-bound, bound) for _ in range(inputs)]


def _rectifies(activation: Activation) -> bool:
    """Return whether a function lets through what is far right of 0 rather than far left.

    The function is asked, not its name: its slopes tell relu and its kin from all that is bounded
    or straight.
    """
    slope: Callable[[float], float] = grad(activation)
    try:
        return all(slope(far) - slope(-far) > 0.5 for far in _FAR)
    except Exception:  # a function of one's own may refuse what is far from 0, in any way
        return False


def _rule(name: object) -> Rule | None:
    """Return the rule of one operand that has a name, or None."""
    rule = RULES.get(name) if isinstance(name, str) else None
    return rule if rule and rule.arity == 1 and rule.complete else None


def _method(rule: Rule) -> Activation | None:
    """Return the method of a rule of the table: it does the same, three times as fast."""
    method: Activation | None = getattr(Value, rule.name, None) if rule.own else None
    return method
