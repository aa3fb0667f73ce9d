"""The same networks in JAX and PyTorch, written with matrices.

Both are fastest with one vector of parameters, and with a column for each sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.program.perceptron import Perceptron
from benchmarks.program.step import Step, numbers
from benchmarks.workloads import ALPHA

__all__ = ["in_jax", "in_torch"]


def in_jax(network: Perceptron) -> Step:
    """Return a step compiled by XLA."""
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)  # doubles, as everywhere here
    relu = jax.nn.relu
    activation = {"relu": relu, "tanh": jax.numpy.tanh}[network.activation]

    def loss(theta: Any, X: Any, y: Any) -> Any:
        return _loss(network, theta, X, y, activation, relu)

    rows, signs = network.data()
    theta, X, y = map(jax.numpy.array, (network.parameters(), _columns(rows), signs))
    step = jax.jit(jax.value_and_grad(loss))
    return Step(lambda: jax.block_until_ready(step(theta, X, y)), numbers)


def in_torch(network: Perceptron) -> Step:
    """Return a step of PyTorch as it is, on one thread."""
    torch = import_module("torch")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    activation = getattr(torch, network.activation)
    rows, signs = network.data()
    theta, X, y = map(torch.tensor, (network.parameters(), _columns(rows), signs))
    theta.requires_grad_()

    def run() -> tuple[Any, Any]:
        loss = _loss(network, theta, X, y, activation, torch.relu)
        [gradient] = torch.autograd.grad(loss, theta)
        return loss.detach(), gradient

    return Step(run, numbers)


def _columns(rows: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    return list(zip(*rows, strict=True))


def _loss(
    network: Perceptron,
    theta: Any,
    X: Any,
    y: Any,
    activation: Callable[[Any], Any],
    relu: Callable[[Any], Any],
) -> Any:
    """Return the value, by the operators and methods of arrays."""
    *hidden, last = (theta[where].reshape(shape) for where, shape in network.layers())
    for layer in hidden:
        X = activation(layer[:, :-1] @ X + layer[:, -1:])
    [scores] = last[:, :-1] @ X + last[:, -1:]
    return relu(1 - y * scores).mean() + ALPHA * (theta * theta).sum()
