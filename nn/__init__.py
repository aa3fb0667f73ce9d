"""Neurons, layers and losses on top of `autograd`, in the notation of paper.

A network learns a function that no straight line can split:

>>> from nn import MLP, SGD, accuracy, binary_cross_entropy, fit
>>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
>>> model = MLP([2, 4, 1], activation="tanh", output="sigmoid", seed=1)
>>> history = fit(
...     model, X, y, loss=binary_cross_entropy, optimizer=SGD(model.parameters(), lr=0.5),
...     epochs=300, progress=False,
... )
>>> accuracy(model, X, y)
1.0
"""

from typing import TYPE_CHECKING, Never

from autograd import UnknownNameError
from autograd.tools.elsewhere import Elsewhere
from nn.decision_boundary import plot_decision_boundary
from nn.history import History, plot_history
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    l2_penalty,
    mean_squared_error,
    squared_error,
)
from nn.matrices import gradient_matrix, weight_matrix
from nn.module import Module
from nn.modules import MLP, Layer, Neuron, Sequential
from nn.optim import SGD, Adam, AdamW, cosine_decay, exponential_decay, linear_decay
from nn.prediction import accuracy, predict, predict_classes
from nn.sample_gradients import per_sample_gradients
from nn.seeds import manual_seed
from nn.storage import load, save
from nn.training import fit
from nn.wanted_changes import wanted_changes

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "Sequential",
    "accuracy",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_decay",
    "cross_entropy",
    "exponential_decay",
    "fit",
    "gradient_matrix",
    "hinge",
    "l2_penalty",
    "linear_decay",
    "load",
    "manual_seed",
    "mean_squared_error",
    "per_sample_gradients",
    "plot_decision_boundary",
    "plot_history",
    "predict",
    "predict_classes",
    "save",
    "squared_error",
    "wanted_changes",
    "weight_matrix",
]

_ELSEWHERE = Elsewhere(
    "nn",
    {
        "Linear": "Layer(inputs, outputs) is a linear layer",
        **dict.fromkeys(
            ("ReLU", "Tanh", "Sigmoid", "GELU", "SiLU", "ELU", "LeakyReLU", "Softplus"),
            "an activation belongs to its layer, as in Layer(2, 3, 'relu')",
        ),
        "Parameter": "a Value among the attributes of a Module is a parameter",
        "ModuleList": "a list among the attributes of a Module will do",
        "MSELoss": "mean_squared_error is a function",
        "BCELoss": "binary_cross_entropy is a function",
        "BCEWithLogitsLoss": "binary_cross_entropy_with_logits is a function",
        "CrossEntropyLoss": "cross_entropy is a function",
        "functional": "the losses are functions of nn, the activations of autograd",
        "init": "a layer draws its first weights itself; p.data = 0.5 sets one",
        "Value": "from autograd import Value",
    },
)
"""What ``torch.nn`` has under this name, and what it is here."""

if not TYPE_CHECKING:  # a type checker is to refuse what is not there

    def __getattr__(name: str) -> Never:
        """Say how PyTorch's names are spelled here."""
        raise UnknownNameError(_ELSEWHERE.answer(name))
