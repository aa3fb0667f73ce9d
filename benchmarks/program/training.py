"""Whole trainings by ``fit``, on data of scikit-learn."""

from __future__ import annotations

from importlib import import_module
from time import perf_counter
from typing import Any

from benchmarks.program.step import Step

__all__ = ["breast_cancer", "digits"]


def breast_cancer(engine: str) -> Step:
    """Return 50 epochs of a network 30-8-1 with Adam, on ``fit``'s engine of this name."""
    nn = import_module("nn")
    X, y = import_module("sklearn.datasets").load_breast_cancer(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)

    def run() -> Any:
        model = nn.MLP([30, 8, 1], activation="tanh", seed=0)
        optimizer = nn.Adam(model.parameters(), lr=0.01)
        return nn.fit(
            model, X, y, loss=nn.binary_cross_entropy_with_logits, optimizer=optimizer,
            epochs=50, batch_size=32, progress=False, engine=engine,
        )  # fmt: skip

    return Step(run, lambda history: list(history.losses))


def digits() -> tuple[float, float]:
    """Return the test accuracy of a network 64-32-10, and the seconds of the clock for it all."""
    start = perf_counter()
    nn, split = import_module("nn"), import_module("sklearn.model_selection").train_test_split
    X, y = import_module("sklearn.datasets").load_digits(return_X_y=True)
    X, unseen, y, expected = split(X / 16, y, random_state=0, stratify=y)
    model = nn.MLP([64, 32, 10], activation="tanh", seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    nn.fit(model, X, y, loss=nn.cross_entropy, optimizer=optimizer, epochs=20, progress=False)
    return nn.accuracy(model, unseen, expected), perf_counter() - start
