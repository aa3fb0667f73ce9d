"""Random formulas, as rules make them, of nodes whose labels are awkward to print and to read."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import autograd
from autograd import Value, functions
from autograd.views.by_hand.reader import Reader
from autograd.views.tracing.graph import Graph
from autograd.views.writing.formulas import Formula
from autograd.views.writing.labels import parse

LEAVES = {
    "x": 1.5,
    "y": 0.25,
    "w_{12}^{(2)}": -0.75,
    r"\hat{y}": 0.4,
    "v1": 2.0,
    "loss_1": 3.0,
    "a + b": 0.5,
}

UNARY = ("sin", "cos", "atan", "tanh", "exp", "sigmoid", "erf", "cosh", "relu", "softplus")


def leaves() -> Reader:
    """Return a reader of the names in the formulas."""
    nodes = [Value(number, label) for label, number in LEAVES.items()]
    return Reader(Graph(autograd.sum(nodes)))


def formulas(count: int, rng: random.Random) -> Iterator[Formula]:
    """Yield formulas of moderate numbers."""
    made = 0
    while made < count:
        try:
            formula = _formula(rng, rng.randint(1, 4))
        except (OverflowError, ValueError):
            continue
        if abs(formula.number) < 1e6:
            made += 1
            yield formula


def _formula(rng: random.Random, depth: int) -> Formula:
    if not depth:
        label, number = rng.choice([*LEAVES.items()])
        return rng.choice([Formula(number, name=parse(label))] * 2 + [Formula(2.0)])
    x, y = _formula(rng, depth - 1), _formula(rng, depth - 1)
    f, name = functions, rng.choice(UNARY)
    divisor = y if abs(y.number) > 1e-3 else 2
    made: list[Callable[[], Formula]] = [
        *(lambda: x + y, lambda: x - y, lambda: x * y, lambda: -x, lambda: x**2, lambda: abs(x)),
        *(lambda: x / divisor, lambda: x**3, lambda: 1 - x, lambda: 2 * x, lambda: x * x),
        *(lambda: x**-1 if abs(x.number) > 0.01 else x, lambda: x / 3, lambda: -2 * x),
        lambda: getattr(f, name)(x) if hasattr(f, name) else f.tanh(x),
        lambda: f.hypot(x, y),
        lambda: x**y if 0.1 < x.number < 10 and abs(y.number) < 3 else x,
        lambda: f.log(abs(x)) if x.number else x,
        lambda: f.sqrt(abs(x)),
    ]
    return rng.choice(made)()
