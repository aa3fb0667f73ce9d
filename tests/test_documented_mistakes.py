"""Wrong answers that people are known to give: each is wrong, and told for what it is.

The answers stand in tests/mistakes/*.toml: `graph` as assignments of which the last is the output,
`at` the numbers of its leaves, `wrt` the name asked about, `answer` as a person gives it, the
`kind` of the mistake and the `source` that documents it. Where the answer is a number, `made` may
give the formula it was rounded from, and `sweep` the backward pass that leaves it behind.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from autograd import Value, check
from autograd.expression import evaluate
from autograd.views.check import Finding
from tests.broken_sweeps import SWEEPS, evaluated, numbers, swept

SETTLED = {
    *("path left out", "= for +=", "wrong order", "not zeroed", "sign flipped"),
    *("upstream forgotten", "local derivative forgotten", "inner derivative forgotten"),
    *("taken twice", "factor missing", "1/n missing", "1/n twice", "input for output"),
    *("output for input", "operands swapped", "wrong input", "sum for product"),
    *("factor inverted", "not differentiated", "wrong power", "power rule on exponential"),
    *("another function's derivative", "product of derivatives", "another variable's gradient"),
    *("treated as constant", "carried over"),
}
"""The kinds of mistakes in one derivative."""


FOUND: dict[str, Finding] = {}
"""What is said of the answers that tests have looked at, by title."""


class Documented(NamedTuple):
    """A wrong answer, and where it comes from."""

    title: str
    graph: list[str]
    at: dict[str, float]
    wrt: str
    answer: str | float
    kind: str
    source: str
    made: str = ""
    sweep: str = ""

    def built(self) -> tuple[Value, Value]:
        """Return the output, and the node that is asked about."""
        known = {name: Value(number, name) for name, number in self.at.items()}
        for line in self.graph:
            name, text = (part.strip() for part in line.split("=", 1))
            known[name] = output = evaluate(text, known)
            output.label = name
        return output, known[self.wrt]

    def finding(self) -> Finding:
        """Return what is to be said of the answer, found once for all tests."""
        if self.title not in FOUND:
            output, node = self.built()
            FOUND[self.title] = check({node: self.answer}, output)[node]
        return FOUND[self.title]

    def formula(self, text: str) -> float:
        """Return the number of a formula in the names of the graph, by Python's arithmetic."""
        return float(evaluated(text, numbers(self.graph, self.at)))

    def slope(self) -> float:
        """Return the right derivative, by differences of Python's arithmetic."""

        def output(steps: int) -> float:
            return list(numbers(self.graph, self.at, self.wrt, 1e-4 * steps).values())[-1]

        return (8 * (output(1) - output(-1)) - (output(2) - output(-2))) / 12e-4


def documented() -> list[Documented]:
    """Return all documented wrong answers."""
    paths = sorted(Path(__file__).with_name("mistakes").glob("*.toml"))
    return [
        Documented(**wrong) for path in paths for wrong in tomllib.loads(path.read_text())["wrong"]
    ]


ALL = documented()
each = pytest.mark.parametrize("wrong", ALL, ids=[wrong.title for wrong in ALL])


def test_there_are_many_and_no_two_alike() -> None:
    assert len(ALL) >= 150
    asked = Counter(
        (*wrong.graph, *sorted(wrong.at.items()), wrong.wrt, wrong.answer) for wrong in ALL
    )
    titles = Counter(wrong.title for wrong in ALL)
    assert [key for key, count in [*asked.items(), *titles.items()] if count > 1] == []


def test_every_kind_that_a_number_can_have_is_documented() -> None:
    found = {wrong.kind for wrong in ALL}
    assert found == SETTLED - {"carried over"}


@each
def test_a_source_is_named_with_its_address(wrong: Documented) -> None:
    name, _, address = wrong.source.rpartition(", ")
    assert name
    assert address.startswith(("https://", "http://"))


@pytest.mark.slow
@each
def test_the_answer_is_what_the_mistake_makes(wrong: Documented) -> None:
    number = wrong.finding().answer.number
    if isinstance(wrong.answer, str):
        assert math.isclose(number, wrong.formula(wrong.answer), rel_tol=1e-12)
    if wrong.made:
        assert math.isclose(number, wrong.formula(wrong.made), rel_tol=6e-6)
    if wrong.sweep:
        left_behind = swept(wrong.sweep, wrong.graph, wrong.at, wrong.wrt)
        assert any(
            math.isclose(number, found, rel_tol=6e-6, abs_tol=1e-12) for found in left_behind
        )


@pytest.mark.slow
@each
def test_the_answer_is_wrong(wrong: Documented) -> None:
    finding, slope = wrong.finding(), wrong.slope()
    assert math.isclose(finding.gradient, slope, rel_tol=1e-6, abs_tol=1e-9)
    assert not math.isclose(finding.answer.number, slope, rel_tol=1e-3)
    assert finding.verdict == "wrong"


def test_sweeps_without_a_mistake_find_the_slope() -> None:
    for wrong in [wrong for wrong in ALL if wrong.sweep]:
        for found in swept("right", wrong.graph, wrong.at, wrong.wrt):
            assert math.isclose(found, wrong.slope(), rel_tol=1e-6)
    assert {wrong.sweep for wrong in ALL} == {*SWEEPS, ""} - {"right"}


@pytest.mark.slow
def test_the_documented_cause_is_among_the_first_two() -> None:
    missed = [
        f"{wrong.title}: {wrong.kind}, not {[cause.kinds for cause in causes]}"
        for wrong in ALL
        for causes in [wrong.finding().causes[:2]]
        if not any(wrong.kind in cause.kinds for cause in causes)
    ]
    assert len(missed) <= 0.05 * len(ALL), "\n".join(missed)
