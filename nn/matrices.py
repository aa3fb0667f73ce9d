"""The weights of a layer, and their gradients, as the matrices of the articles."""

from __future__ import annotations

from typing import Any

from autograd import UsageError, Value
from autograd.tools.tables import bracketed
from nn.modules import Layer, Neuron
from nn.tensors import Tensor, numbers

__all__ = ["Matrix", "gradient_matrix", "weight_matrix"]


class Matrix(list[list[float]]):
    """A list of rows that is shown as a matrix; ``numpy.array`` takes it as it is.

    >>> Matrix([[1.0, -2.5], [0.125, 0.0]])
    ⎡    1  -2.5⎤
    ⎣0.125     0⎦
    """

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and the number of columns."""
        return len(self), len(self[0])

    def __repr__(self) -> str:
        return "\n".join(bracketed([[f"{x:.4g}" for x in row] for row in self]))

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(" & ".join(f"{x:.4g}" for x in row) for row in self)
        return rf"$\begin{{bmatrix}} {rows} \end{{bmatrix}}$"


def weight_matrix(layer: Layer | Neuron) -> Matrix:
    """Return the weights w_jk of a layer: a row for each neuron j, a column for each input k.

    Shapes: (outputs, inputs), as in the articles and in ``torch.nn.Linear``.

    >>> from nn import MLP
    >>> [weight_matrix(layer).shape for layer in MLP([3, 2, 1]).layers]
    [(2, 3), (1, 2)]
    """
    return Matrix(numbers(_weights("weight_matrix", layer)))


def gradient_matrix(layer: Layer | Neuron) -> Matrix:
    """Return the differentiated weight matrix: ∂L/∂w_jk where `weight_matrix` has w_jk.

    Shapes: (outputs, inputs), that of the weights; for one sample it is δ aᵀ, δ_j = ∂L/∂z_j.
    Raises `UsageError` where ``backward()`` has not filled the gradients in.

    >>> from nn import Layer, squared_error
    >>> layer = Layer(2, 1)
    >>> layer.load_state_dict({"weight": [[1.0, 1.0]], "bias": [0.0]})
    >>> squared_error(layer([2.0, 3.0]), 4.0).backward()
    >>> gradient_matrix(layer)
    [4  6]
    """
    return Matrix(numbers(_weights("gradient_matrix", layer), _gradient))


def _weights(operation: str, layer: Any) -> Tensor:
    if not isinstance(layer, Layer | Neuron):
        raise UsageError(
            f"{operation}: a {type(layer).__name__} is not a layer; give one, as model.layers[0]"
        )
    return layer.tensors()["weight"]


def _gradient(w: Value) -> float:
    if not w.has_grad:
        raise UsageError(f"gradient_matrix: {w.label} has no gradient; call backward() on a loss")
    return w.grad
