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
from nn.storage import load, save
from nn.training import fit

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
    "mean_squared_error",
    "per_sample_gradients",
    "plot_decision_boundary",
    "plot_history",
    "predict",
    "predict_classes",
    "save",
    "squared_error",
    "weight_matrix",
]
