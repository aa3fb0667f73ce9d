"""A whole program: a GPT of scalars that learns to spell, on the numbers of any engine.

One block of a transformer, without biases: embeddings, causal attention with several heads, a
perceptron, each behind an RMS norm; then softmax, cross-entropy and Adam. Every operation is
written out as one that all engines record as one node, and no number is added to nothing, so that
engines do the same, node for node.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

__all__ = ["ALPHABET", "GPT", "Adam"]

Vector: TypeAlias = Sequence[Any]
Matrix: TypeAlias = Sequence[Vector]

ALPHABET = ".abcdefghijklmnopqrstuvwxyz"  # a word begins after the dot
WIDTH = 16
HEADS = 4


class GPT:
    """The network, with parameters that ``parameter`` makes from floats.

    It reads words of at most ``context`` letters; 16 make 4,192 parameters of it.
    """

    def __init__(self, parameter: Callable[[float], Any], context: int = 8) -> None:
        rng = random.Random(3)

        def matrix(rows: int, columns: int) -> Matrix:
            return [[parameter(rng.gauss(0, 0.1)) for _ in range(columns)] for _ in range(rows)]

        self.letters = matrix(len(ALPHABET), WIDTH)
        self.positions = matrix(context, WIDTH)
        self.query = matrix(WIDTH, WIDTH)
        self.key = matrix(WIDTH, WIDTH)
        self.value = matrix(WIDTH, WIDTH)
        self.mix = matrix(WIDTH, WIDTH)
        self.widen = matrix(4 * WIDTH, WIDTH)
        self.narrow = matrix(WIDTH, 4 * WIDTH)
        self.guess = matrix(len(ALPHABET), WIDTH)

    def parameters(self) -> list[Any]:
        """Return the entries of all matrices."""
        return [p for matrix in vars(self).values() for row in matrix for p in row]

    def loss(self, word: str) -> Any:
        """Return the average cross-entropy of the letters of a word."""
        return _mean(self.surprises(word))

    def surprises(self, word: str) -> Vector:
        """Return the cross-entropy of each letter, given those before it."""
        keys: list[Vector] = []
        values: list[Vector] = []
        surprises = []
        for position, (letter, following) in enumerate(pairwise(f".{word}")):
            x = _added(self.letters[ALPHABET.index(letter)], self.positions[position])
            x = _added(x, self._attend(_normalized(x), keys, values))
            x = _added(x, self._perceive(_normalized(x)))
            chances = _softmax(_product(self.guess, _normalized(x)))
            surprises.append(-chances[ALPHABET.index(following)].log())
        return surprises

    def _attend(self, x: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
        """Look back at each position so far, and at this one, which joins them."""
        query = _product(self.query, x)
        keys.append(_product(self.key, x))
        values.append(_product(self.value, x))
        found: list[Any] = []
        for head in _heads():
            scores = [_dot(query[head], key[head]) * (WIDTH / HEADS) ** -0.5 for key in keys]
            weights = _softmax(scores)
            columns = zip(*(v[head] for v in values), strict=True)
            found += [_dot(weights, column) for column in columns]
        return _product(self.mix, found)

    def _perceive(self, x: Vector) -> Vector:
        return _product(self.narrow, [z.relu() for z in _product(self.widen, x)])


class Adam:
    """The optimizer, on the floats in ``data`` and ``grad`` of the parameters."""

    def __init__(self, parameters: Sequence[Any], rate: float = 0.01) -> None:
        self.parameters = parameters
        self.rate = rate
        self.steps = 0
        self.means = [0.0] * len(parameters)
        self.squares = [0.0] * len(parameters)

    def step(self) -> None:
        """Move every parameter against its gradient."""
        self.steps += 1
        for i, p in enumerate(self.parameters):
            self.means[i] = 0.9 * self.means[i] + 0.1 * p.grad
            self.squares[i] = 0.99 * self.squares[i] + 0.01 * p.grad**2
            mean = self.means[i] / (1 - 0.9**self.steps)
            square = self.squares[i] / (1 - 0.99**self.steps)
            p.data -= self.rate * mean / (math.sqrt(square) + 1e-8)


def _heads() -> Iterator[slice]:
    size = WIDTH // HEADS
    return (slice(start, start + size) for start in range(0, WIDTH, size))


def _sum(x: Vector) -> Any:
    first, *others = x
    return sum(others, first)  # with no 0 to start from, which would be a node


def _mean(x: Vector) -> Any:
    return _sum(x) / len(x)


def _dot(x: Vector, y: Vector) -> Any:
    return _sum([x_k * y_k for x_k, y_k in zip(x, y, strict=True)])


def _product(matrix: Matrix, x: Vector) -> Vector:
    return [_dot(row, x) for row in matrix]


def _added(x: Vector, y: Vector) -> Vector:
    return [x_k + y_k for x_k, y_k in zip(x, y, strict=True)]


def _normalized(x: Vector) -> Vector:
    scale = (_mean([x_k * x_k for x_k in x]) + 1e-5) ** -0.5
    return [x_k * scale for x_k in x]


def _softmax(x: Vector) -> Vector:
    top = max(x_k.data for x_k in x)
    powers = [(x_k - top).exp() for x_k in x]
    total = _sum(powers)
    return [power / total for power in powers]
