"""Numbers out of the air: nothing should be found that led to them."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.teaching.graphs import random_task
from benchmarks.teaching.passes import Setting
from benchmarks.teaching.reading import diagnosed
from benchmarks.teaching.table import Observation, Row, Target
from benchmarks.teaching.written import case

__all__ = ["ROW"]


def numbers_out_of_the_air(number: int) -> Iterator[Observation]:
    """Answer with a random number of the gradient's size, in all its digits and in six."""
    rng = random.Random(f"random {number}")
    task = random_task(rng)
    reach = 2 * max(1.0, abs(Setting(*task).truth))
    answer = rng.uniform(-reach, reach)
    for digits, given in (("all digits", repr(answer)), ("6 digits", f"{answer:.6g}")):
        found = diagnosed(*task, given)
        causes = [cause.slips for cause in found.causes]
        example = f"{case(*task, given)}\nsaid: {found.text}" if causes else ""
        yield Observation(f"a cause of two slips, {digits}", 2 in causes, "", example)
        yield Observation(f"a cause, {digits}", bool(causes), "", example)


ROW = Row(
    "random wrong numbers",
    numbers_out_of_the_air,
    {
        "a cause of two slips, all digits": Target("<=", 0.01),
        "a cause, all digits": Target("<=", 0.05),
        "a cause of two slips, 6 digits": Target("<=", 0.01),
        "a cause, 6 digits": Target("<=", 0.05),
    },
)
