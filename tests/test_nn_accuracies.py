"""The accuracies of ``python -m benchmarks.accuracies``, as far as they are quickly found."""

from __future__ import annotations

from itertools import islice
from statistics import mean

import pytest

from benchmarks.accuracies import EXPERIMENTS, moons

pytestmark = pytest.mark.slow


def test_the_moons_are_told_apart() -> None:
    assert moons(0) == 1.0


@pytest.mark.parametrize("name", ["logistic", "iris"])
def test_two_folds_come_near_the_target(name: str) -> None:
    experiment = EXPERIMENTS[name]
    assert mean(islice(experiment.accuracies(0), 2)) >= experiment.target - 0.02
