"""The same networks, graphs and GPT recorded by this engine, and made programs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from benchmarks.engines import OURS, OURS_WITH_DOT, engine
from benchmarks.gpt import GPT
from benchmarks.program.graph import Graph
from benchmarks.program.perceptron import Perceptron
from benchmarks.program.step import Step, numbers
from benchmarks.workloads import ALPHA, LONG_WORD, Network

__all__ = ["Recording", "gpt", "graph", "perceptron"]


class Recording(NamedTuple):
    """A loss as it was recorded, or what records it; its leaves, and the samples to run it on."""

    loss: Any
    varying: Sequence[Any]
    shared: Sequence[Any]
    rows: Sequence[Sequence[float]]

    def program(self, **options: Any) -> Any:
        """Return the `Program`, which remains to be called."""
        program = import_module("autograd").Program
        return program(self.loss, varying=self.varying, shared=self.shared, **options)

    def array(self) -> Any:
        """Return the samples: a row for each, a column for each varying leaf."""
        return import_module("numpy").array(self.rows, float)

    def step(self, **options: Any) -> Step:
        """Return a step of the program on all samples, its parameters given anew."""
        program, X = self.program(**options), self.array()
        theta = import_module("numpy").array([leaf.data for leaf in self.shared])

        def run() -> tuple[float, Any]:
            found = program(X, theta)
            return found.mean, found.gradient

        return Step(run, numbers)


def perceptron(network: Perceptron) -> Recording:
    """Record the loss of one sample; each neuron is a dot product and a sum."""
    ours = engine(OURS_WITH_DOT)
    rows = [[*row, sign] for row, sign in zip(*network.data(), strict=True)]
    model = Network(ours, network.widths, network.activation)
    *x, y = varying = [ours.constant(number) for number in rows[0]]
    loss = (1 - y * model(x)).relu() + ALPHA * ours.sum_of_squares(model.parameters())
    return Recording(loss, varying, model.parameters(), rows)


def graph(graph: Graph, samples: int) -> Recording:
    """Record a random graph at its first sample."""
    ours, rows = engine(OURS), graph.rows(samples)
    varying = [ours.constant(number) for number in rows[0]]
    shared = [ours.parameter(number) for number in graph.parameters()]
    return Recording(graph.output([*varying, *shared]), varying, shared, rows)


def gpt() -> Recording:
    """Record the loss of a GPT that reads a long word, of which nothing varies."""
    model = GPT(engine(OURS).parameter, context=16)
    # by a function, for which some parameters may be unused: the word has not every letter
    return Recording(lambda: model.loss(LONG_WORD), [], model.parameters(), [[]])
