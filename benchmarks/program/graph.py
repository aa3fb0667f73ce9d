"""A random graph: scalars that no matrix holds together."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import add, methodcaller, mul, sub
from typing import Any

__all__ = ["Graph", "random_graph"]

VARYING = 50
SHARED = 50

OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": add,
    "sub": sub,
    "mul": mul,
    "tanh": methodcaller("tanh"),
    "sin": methodcaller("sin"),
}
SQUASHING = ("tanh", "sin")
BOUND = 2.0  # an operation that could exceed it is not drawn
WINDOW = 1000  # how far back an operand is
LEAVES = 0.1  # how often it is a leaf instead


@dataclass(frozen=True)
class Graph:
    """Operations in order: the name of each, and where its operands stand.

    These are counted from the leaves: varying ones, shared ones, then the results so far.
    """

    operations: Sequence[tuple[str, tuple[int, ...]]]

    def output(self, leaves: Sequence[Any]) -> Any:
        """Return the last result, on numbers of any kind that have the operations as methods."""
        numbers = [*leaves]
        for name, operands in self.operations:
            numbers.append(OPERATIONS[name](*[numbers[i] for i in operands]))
        return numbers[-1]

    def parameters(self) -> list[float]:
        """Return the numbers of the shared leaves, from −1 to 1."""
        return _uniform(random.Random(5), SHARED)

    def rows(self, samples: int) -> list[list[float]]:
        """Return the numbers of the varying leaves, a row for each sample."""
        rng = random.Random(6)
        return [_uniform(rng, VARYING) for _ in range(samples)]


def random_graph(size: int) -> Graph:
    """Return a graph of so many operations, or one more, all of which its output depends on.

    Numbers stay bounded, since tanh and sin are drawn where others would exceed `BOUND`; at last
    what was not used is added up, in pairs, in pairs of pairs, and so on.
    """
    drawing = _Drawing()
    while len(drawing.operations) + len(drawing.unused) - 1 < size:
        drawing.draw()
    drawing.gather()
    return Graph(drawing.operations)


@dataclass
class _Drawing:
    """A graph in the making: what it has so far, and how large each number can be."""

    rng: random.Random = field(default_factory=lambda: random.Random(7))
    operations: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    bounds: list[float] = field(default_factory=lambda: [1.0] * (VARYING + SHARED))
    unused: set[int] = field(default_factory=lambda: set(range(VARYING + SHARED)))

    def draw(self) -> None:
        """Add an operation on operands of which most are near."""
        name, (x, y) = self.rng.choice(list(OPERATIONS)), (self._operand(), self._operand())
        a, b = self.bounds[x], self.bounds[y]
        bound = {"add": a + b, "sub": a + b, "mul": a * b}.get(name, 1.0)
        if bound > BOUND:
            name, bound = self.rng.choice(SQUASHING), 1.0
        self._append(name, (x,) if name in SQUASHING else (x, y), bound)

    def gather(self) -> None:
        """Add up what was not used, until one number is left."""
        while len(self.unused) > 1:
            ends = sorted(self.unused)
            for x, y in zip(ends[::2], ends[1::2], strict=False):  # the last one can be alone
                self._append("add", (x, y), self.bounds[x] + self.bounds[y])

    def _operand(self) -> int:
        count = len(self.bounds)
        if self.rng.random() < LEAVES:
            return self.rng.randrange(VARYING + SHARED)
        return self.rng.randrange(max(0, count - WINDOW), count)

    def _append(self, name: str, operands: tuple[int, ...], bound: float) -> None:
        self.unused.difference_update(operands)
        self.unused.add(len(self.bounds))
        self.operations.append((name, operands))
        self.bounds.append(bound)


def _uniform(rng: random.Random, count: int) -> list[float]:
    return [rng.uniform(-1, 1) for _ in range(count)]
