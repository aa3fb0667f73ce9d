"""The networks to be differentiated, and the numbers that every engine starts from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.workloads import WIDTHS, initial_parameters, moons

__all__ = ["DEMO", "MANY", "TANH", "WIDE", "Perceptron"]


@dataclass(frozen=True)
class Perceptron:
    """A network with two hidden layers and one score, as in micrograd's demo.

    The value is the average hinge loss over the samples plus `ALPHA` times the sum of the squared
    parameters. These come neuron by neuron, each with its weights first and then its bias.
    """

    widths: tuple[int, ...] = WIDTHS
    samples: int = 100
    activation: str = "relu"

    def parameters(self) -> list[float]:
        """Return the numbers that training starts from."""
        return initial_parameters(self.widths)

    def data(self) -> tuple[list[list[float]], list[float]]:
        """Return the rows of the samples, and the sign that each should get."""
        if self.widths[0] == 2:
            return moons(self.samples)
        rng = random.Random(4)
        rows = [[rng.gauss(0, 1) for _ in range(self.widths[0])] for _ in range(self.samples)]
        return rows, [1.0 if row[0] > row[1] else -1.0 for row in rows]

    def layers(self) -> Iterator[tuple[slice, tuple[int, int]]]:
        """Yield where the parameters of each layer are, and the shape of their matrix.

        A row is a neuron; the last column is that of the biases.
        """
        start = 0
        for inputs, neurons in pairwise(self.widths):
            end = start + neurons * (inputs + 1)
            yield slice(start, end), (neurons, inputs + 1)
            start = end


DEMO = Perceptron()
MANY = Perceptron(samples=10_000)
TANH = Perceptron(samples=10_000, activation="tanh")
WIDE = Perceptron((64, 32, 32, 1), samples=256)
