"""Lines of the table: the times of several steps beside that of the first."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import TypeAlias

from benchmarks.measure import Recipe, interleave, ratios
from benchmarks.table import Line, Target

__all__ = ["Targets", "beside"]

Targets: TypeAlias = Mapping[str, Target | None]
"""What is wanted of the ratios, under the names of the steps."""


def beside(
    recipes: Mapping[str, Recipe], rounds: int, targets: Targets, cores: int | None = None
) -> list[Line]:
    """Time the steps; a ratio says how many times the first one is faster."""
    (first, own), *others = interleave(recipes, rounds, cores).items()
    return [Line(first, median(own), "s")] + [
        Line(name, median(their), "s", ratios(their, own), targets.get(name))
        for name, their in others
    ]
