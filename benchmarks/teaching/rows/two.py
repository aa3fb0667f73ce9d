"""Two mistakes in one backward pass: are both named?"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.teaching.cases import pair
from benchmarks.teaching.reading import diagnosed
from benchmarks.teaching.table import Observation, Row, Target
from benchmarks.teaching.written import case

__all__ = ["ROW"]


def two_mistakes(number: int) -> Iterator[Observation]:
    """Look for both kinds in one cause, or for one slip that comes to the same number."""
    made = pair(number)
    kinds = sorted(slip.kinds[0] for slip in made.slips)
    found = diagnosed(*made.task, made.number)
    first, second = (set(slip.kinds) for slip in made.slips)
    both = any(
        (one in first and other in second) or (one in second and other in first)
        for cause in found.told
        for one, other in cause.pairs
    )
    alone = any(cause.slips == 1 for cause in found.told)
    good = both or alone
    group = " + ".join(kinds)
    example = f"{case(*made.task, made.number)}\nmade: {group}\nsaid: {found}"
    yield Observation("both named, or one that is enough", good, group, "" if good else example)
    yield (
        Observation("both named, where one is not enough", both, group)
        if not alone
        else (Observation("one is enough", True, group))
    )
    if alone:
        return
    yield Observation("one is enough", False, group)
    yield Observation("no known mistake", not found.causes, group)


ROW = Row(
    "two mistakes",
    two_mistakes,
    {
        "both named, or one that is enough": Target(">=", 0.90),
        "both named, where one is not enough": None,
        "one is enough": None,
        "no known mistake": None,
    },
)
