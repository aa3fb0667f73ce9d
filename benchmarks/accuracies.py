"""How well networks learn real data: ``python -m benchmarks.accuracies``.

The data come with scikit-learn. Test accuracies are of stratified 5-fold cross-validation: each
sample is tested once, by a model that has not seen it, in features standardized by the mean and
deviation of its training samples. Every line has its own seeds for folds, weights and batches.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from statistics import mean
from typing import NamedTuple

from nn import (
    MLP,
    Adam,
    History,
    Module,
    Neuron,
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    hinge,
)
from nn.losses import Loss

__all__ = ["EXPERIMENTS", "Experiment", "main", "moons"]

SEEDS = (0, 1, 2)
FOLDS = 5


class Experiment(NamedTuple):
    """A data set of scikit-learn, a model for it, and the test accuracy that it should reach."""

    title: str
    data: str
    model: Callable[[int], Module]
    loss: Loss
    epochs: int
    target: float

    def accuracy(self, seed: int) -> float:
        """Return the average of the test accuracies over the folds."""
        return mean(self.accuracies(seed))

    def accuracies(self, seed: int) -> Iterator[float]:
        """Yield the test accuracy of each fold."""
        X, y = getattr(import_module("sklearn.datasets"), f"load_{self.data}")(return_X_y=True)
        split = import_module("sklearn.model_selection").StratifiedKFold
        for train, test in split(FOLDS, shuffle=True, random_state=seed).split(X, y):
            center, deviation = X[train].mean(axis=0), X[train].std(axis=0)
            standardized = (X - center) / deviation
            model = self.model(seed)
            optimizer = Adam(model.parameters(), lr=0.01, weight_decay=0.01)
            fit(
                model, standardized[train], y[train], loss=self.loss, optimizer=optimizer,
                epochs=self.epochs, batch_size=16, seed=seed, progress=False,
            )  # fmt: skip
            yield accuracy(model, standardized[test], y[test])


EXPERIMENTS = {
    "logistic": Experiment(
        "breast cancer (569 x 30), one neuron", "breast_cancer",
        lambda seed: Neuron(30, seed=seed), binary_cross_entropy_with_logits, 20, 0.96,
    ),
    "mlp": Experiment(
        "breast cancer, MLP 30-8-1", "breast_cancer",
        lambda seed: MLP([30, 8, 1], "tanh", seed=seed), binary_cross_entropy_with_logits, 10, 0.96,
    ),
    "iris": Experiment(
        "iris (150 x 4), MLP 4-8-3", "iris",
        lambda seed: MLP([4, 8, 3], "tanh", seed=seed), cross_entropy, 80, 0.95,
    ),
}  # fmt: skip


def moons(seed: int) -> float:
    """Return the training accuracy on two interleaved half moons, as in micrograd's demo."""
    X, y = import_module("sklearn.datasets").make_moons(100, noise=0.1, random_state=seed)
    model = MLP([2, 16, 16, 1], "relu", seed=seed)

    def separated(history: History) -> bool:
        return history.losses[-1] < 1e-3

    fit(
        model, X, 2 * y - 1, loss=hinge, optimizer=Adam(model.parameters(), lr=0.02),
        epochs=100, batch_size=20, seed=seed, callbacks=[separated], progress=False,
    )  # fmt: skip
    return accuracy(model, X, y)


def main() -> None:
    """Print the accuracy that each experiment reaches with each seed, and its target."""
    missed = _report("make_moons (100), MLP 2-16-16-1, training", 1.0, moons)
    for experiment in EXPERIMENTS.values():
        title = f"{experiment.title}, {FOLDS}-fold"
        missed |= _report(title, experiment.target, experiment.accuracy)
    sys.exit(int(missed))


def _report(title: str, target: float, measure: Callable[[int], float]) -> bool:
    found = []
    for seed in SEEDS:
        found.append(measure(seed))
    worst = min(found)
    figures = "  ".join(f"{x:.2%}" for x in found)
    verdict = "met" if worst >= target else "MISSED"
    sys.stdout.write(f"{title:<46} {figures}   >= {target:.0%} {verdict}\n")
    sys.stdout.flush()
    return worst < target


if __name__ == "__main__":
    main()
