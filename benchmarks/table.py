"""The table: rows of lines, each with a figure, its ratio to another, and its target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.measure import Spread

__all__ = ["HEADER", "Line", "Lines", "Row", "Rows", "Target", "amount"]

_COLUMNS = "  {:<26} {:>8}  {:>8}   {:<15} {}"

HEADER = _COLUMNS.format("", "figure", "ratio", "min - max", "target")

_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))


@dataclass(frozen=True)
class Target:
    """A bound that a figure should keep: ``Target(">=", 2.2)``, ``Target("<=", 220, " B")``."""

    relation: str
    bound: float
    unit: str = "x"

    def verdict(self, figure: float) -> str:
        """Return the bound in writing, and whether the figure keeps it."""
        kept = figure >= self.bound if self.relation == ">=" else figure <= self.bound
        return f"{self.relation} {self.bound:g}{self.unit} {'met' if kept else 'MISSED'}"


@dataclass(frozen=True)
class Line:
    """One figure, in seconds or bytes; the target is for its ratio, or itself if it has none."""

    name: str
    figure: float
    unit: str
    ratio: Spread | None = None
    target: Target | None = None

    def __str__(self) -> str:
        times = spread = verdict = ""
        if self.ratio:
            times = f"{self.ratio.median:.2f}x"
            spread = f"{self.ratio.low:.2f} - {self.ratio.high:.2f}"
        if self.target:
            verdict = self.target.verdict(self.ratio.median if self.ratio else self.figure)
        figure = amount(self.figure, self.unit)
        return _COLUMNS.format(self.name, figure, times, spread, verdict).rstrip()


Lines: TypeAlias = Callable[[int], list[Line]]
"""What measures a row, in so many rounds."""


@dataclass(frozen=True)
class Row:
    """A row of the table: what stands above its lines, and the function that measures them."""

    title: str
    lines: Lines


class Rows(dict[str, Row]):
    """A part of the table, each row under the name to ask for it with."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__()
        self.prefix = prefix

    def row(self, title: str) -> Callable[[Lines], Lines]:
        """Put the function that follows into the table, under its own name after the prefix."""

        def register(lines: Lines) -> Lines:
            self[self.prefix + lines.__name__] = Row(title, lines)
            return lines

        return register


def amount(figure: float, unit: str) -> str:
    """Return a figure with its unit; seconds in the fraction of a second that suits them.

    >>> amount(688.0, "B"), amount(0.0123, "s"), amount(1.5e-06, "s")
    ('688 B', '12.30 ms', '1.50 us')
    """
    if unit != "s":
        return f"{figure:.0f} {unit}"
    scale, unit = next(step for step in _SECONDS if figure >= step[0] or step is _SECONDS[-1])
    return f"{figure / scale:.2f} {unit}"
