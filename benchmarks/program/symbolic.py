"""The same networks and graphs in CasADi."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.program.graph import SHARED, VARYING, Graph
from benchmarks.program.perceptron import Perceptron
from benchmarks.program.step import Step, numbers
from benchmarks.workloads import ALPHA

__all__ = ["by_matrices", "by_scalars", "of_graph"]


def by_scalars(network: Perceptron) -> Step:
    """Return a step that maps one sample's graph of scalars over the samples."""
    casadi = import_module("casadi")
    symbols, loss = _perceptron(network, casadi.SX, 1)
    rows, signs = network.data()
    return _step(symbols, loss, [network.parameters(), rows, signs], network.samples)


def by_matrices(network: Perceptron) -> Step:
    """Return a step of one graph of matrices, with a column for each sample."""
    casadi = import_module("casadi")
    symbols, loss = _perceptron(network, casadi.MX, network.samples)
    rows, signs = network.data()
    return _step(symbols, loss, [network.parameters(), rows, signs], 1)


def of_graph(graph: Graph, samples: int) -> Step:
    """Return a step that maps a graph of scalars over the samples."""
    casadi = import_module("casadi")
    theta, x = casadi.SX.sym("theta", SHARED), casadi.SX.sym("x", VARYING)
    output = graph.output([*casadi.vertsplit(x), *casadi.vertsplit(theta)])
    return _step([theta, x], output, [graph.parameters(), graph.rows(samples)], samples)


def _perceptron(network: Perceptron, kind: Any, samples: int) -> tuple[list[Any], Any]:
    """Return the symbols of parameters, samples and targets, and the average loss."""
    casadi = import_module("casadi")
    theta = kind.sym("theta", len(network.parameters()))
    x, y = kind.sym("x", network.widths[0], samples), kind.sym("y", 1, samples)
    *hidden, last = (
        casadi.reshape(theta[where], columns, neurons).T  # by columns, as in Fortran
        for where, (neurons, columns) in network.layers()
    )
    activation = {"relu": partial(casadi.fmax, 0), "tanh": casadi.tanh}[network.activation]
    a = x
    for layer in hidden:
        a = activation(_neurons(layer, a))
    losses = casadi.fmax(0, 1 - y * _neurons(last, a))
    return [theta, x, y], casadi.sum2(losses) / samples + ALPHA * casadi.sumsqr(theta)


def _neurons(layer: Any, a: Any) -> Any:
    return layer[:, :-1] @ a + import_module("casadi").repmat(layer[:, -1], 1, a.columns())


def _step(symbols: Sequence[Any], output: Any, data: Sequence[Any], samples: int) -> Step:
    """Return the step of an output and its slopes in the first symbol, averaged over samples."""
    casadi = import_module("casadi")
    function = casadi.Function("f", symbols, [output, casadi.gradient(output, symbols[0])])
    if samples > 1:  # the first argument is not repeated for each, and both results are summed
        shared = [True] + [False] * (len(symbols) - 1)
        function = function.map(samples, shared, [True, True])
    buffered = _Buffered(function, data)

    def run() -> tuple[float, Any]:
        (value,), gradient = buffered()
        return value / samples, gradient / samples

    return Step(run, numbers)


class _Buffered:
    """A function on arrays that stay where they are: nothing is copied for a call."""

    def __init__(self, function: Any, arguments: Sequence[Any]) -> None:
        numpy = import_module("numpy")
        self.buffer, self.evaluate = function.buffer()
        self.arguments = [numpy.ravel(argument) for argument in arguments]
        self.results = [numpy.empty(function.numel_out(i)) for i in range(function.n_out())]
        for i, array in enumerate(self.arguments):
            self.buffer.set_arg(i, memoryview(array))
        for i, array in enumerate(self.results):
            self.buffer.set_res(i, memoryview(array))

    def __call__(self) -> list[Any]:
        self.evaluate()
        return self.results
