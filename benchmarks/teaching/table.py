"""Shares with their 95 % intervals, beside what they must reach."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

__all__ = ["Measure", "Observation", "Row", "Share", "Tally", "Target", "wilson"]

Z = 1.959964
"""How many standard deviations from the middle of a normal distribution 95 % of it reach."""


class Observation(NamedTuple):
    """Whether something was seen in one case; of what group the case is; how to see it again."""

    line: str
    seen: bool
    group: str = ""
    example: str = ""


Measure: TypeAlias = Callable[[int], Iterable[Observation]]
"""What is observed in the case of this number; the same each time."""


class Target(NamedTuple):
    """A bound that a share should keep: ``Target(">=", 0.9)``."""

    relation: str
    bound: float

    def is_kept(self, share: float) -> bool:
        """Return whether a share keeps the bound."""
        return share >= self.bound if self.relation == ">=" else share <= self.bound


@dataclass(frozen=True)
class Row:
    """A row of the table: its lines with their targets, and how it is measured.

    ``cases`` says how many cases it has for so many graphs; those of a row that is not ``endless``
    are a list, the others are made from their numbers.
    """

    title: str
    measure: Measure
    targets: Mapping[str, Target | None]
    cases: Callable[[int], int] = lambda graphs: graphs
    endless: bool = True


class Share(NamedTuple):
    """In how many cases of all something was seen."""

    seen: int
    total: int

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.seen / self.total if self.total else math.nan

    def __str__(self) -> str:
        low, high = wilson(self.seen, self.total)
        return f"{self.value:7.2%}  {low:7.2%} - {high:7.2%}  {self.seen:>6} of {self.total:<6}"


@dataclass
class Tally:
    """Observations, counted line by line, and by groups within a line."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    total: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    kept: int = 3

    def add(self, observation: Observation) -> None:
        """Count one observation; keep a few examples of each line and group."""
        key = (observation.line, observation.group)
        self.total[key] += 1
        self.seen[key] += observation.seen
        examples = self.examples.setdefault(key, [])
        if observation.example and len(examples) < self.kept:
            examples.append(observation.example)

    def share(self, line: str, group: str | None = None) -> Share:
        """Return the share of a line, or of one of its groups."""
        keys = [key for key in self.total if key[0] == line and group in (None, key[1])]
        return Share(sum(self.seen[key] for key in keys), sum(self.total[key] for key in keys))

    def groups(self, line: str) -> Iterator[str]:
        """Yield the groups of a line, the worst first."""
        groups = {group for name, group in self.total if name == line}
        yield from sorted(groups, key=lambda group: (self.share(line, group).value, group))


def wilson(seen: int, total: int) -> tuple[float, float]:
    """Return the bounds between which the true share lies with 95 %, by Wilson's formula.

    >>> [round(bound, 4) for bound in wilson(0, 100)], [round(x, 4) for x in wilson(90, 100)]
    ([0.0, 0.037], [0.8256, 0.9448])
    """
    if not total:
        return math.nan, math.nan
    share, square = seen / total, Z * Z / total
    middle = (share + square / 2) / (1 + square)
    reach = Z * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    return max(0.0, middle - reach), min(1.0, middle + reach)
