"""This engine and its peers, under one small vocabulary.

Each is imported when it is first asked for: a process that times one of them holds no other, and
the package works without any of the peers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["LEAN", "OURS", "OURS_WITH_DOT", "PEERS", "DotEngine", "Engine", "engine", "installed"]


@dataclass(frozen=True)
class Engine:
    """How to write a network, node for node, with the scalars of one engine.

    - ``constant``, ``parameter``: make a leaf from a float;
    - ``cleared``: what the gradient of a parameter is set to before a training step.
    """

    name: str
    constant: Callable[[float], Any]
    parameter: Callable[[float], Any]
    cleared: float | None = 0.0

    def neuron(self, w: Sequence[Any], x: Sequence[Any], b: Any) -> Any:
        """Return b + w₁x₁ + w₂x₂ + … + wₙxₙ, added from left to right."""
        return sum((w_k * x_k for w_k, x_k in zip(w, x, strict=True)), b)

    def mean(self, x: Sequence[Any]) -> Any:
        """Return the average of the numbers."""
        return sum(x) * (1.0 / len(x))

    def sum_of_squares(self, x: Sequence[Any]) -> Any:
        """Return the sum of the squared numbers."""
        return sum(x_k * x_k for x_k in x)


@dataclass(frozen=True)
class DotEngine(Engine):
    """This engine, with one node for a sum of products or a mean: ``rules`` has both."""

    rules: Any = None

    def neuron(self, w: Sequence[Any], x: Sequence[Any], b: Any) -> Any:
        """Return w · x + b."""
        return self.rules.dot(w, x) + b

    def mean(self, x: Sequence[Any]) -> Any:
        """Return the average of the numbers."""
        return self.rules.mean(x)

    def sum_of_squares(self, x: Sequence[Any]) -> Any:
        """Return x · x."""
        return self.rules.dot(x, x)


OURS = "ours"
OURS_WITH_DOT = "ours, with dot"
LEAN = "lean"


def _ours() -> Engine:
    value = import_module("autograd").Value
    return Engine(OURS, value, value)


def _ours_with_dot() -> Engine:
    value, rules = import_module("autograd").Value, import_module("autograd.rules")
    return DotEngine(OURS_WITH_DOT, value, value, rules=rules)


def _lean() -> Engine:
    value = import_module("benchmarks.lean").Value
    return Engine(LEAN, value, value)


def _micrograd() -> Engine:
    value = import_module("micrograd.engine").Value
    return Engine("micrograd", value, value)


def _torch() -> Engine:
    torch = import_module("torch")
    torch.set_num_threads(1)  # a scalar leaves nothing to share out

    def constant(x: float) -> Any:
        return torch.tensor(x, dtype=torch.float64)

    def parameter(x: float) -> Any:
        return constant(x).requires_grad_()

    return Engine("torch", constant, parameter, cleared=None)


PEERS = ("micrograd", "torch")
"""The other engines, by the names under which they are installed."""

_ENGINES: dict[str, Callable[[], Engine]] = {
    OURS: _ours,
    OURS_WITH_DOT: _ours_with_dot,
    LEAN: _lean,
    "micrograd": _micrograd,
    "torch": _torch,
}


@cache
def engine(name: str) -> Engine:
    """Return an engine by its name; `ImportError` if it is not installed."""
    return _ENGINES[name]()


def installed(names: Sequence[str] = PEERS) -> list[str]:
    """Return those of the peers that are installed."""
    return [name for name in names if find_spec(name)]
