"""``python -m benchmarks.teaching``: mistakes that are what they are called, and honest shares."""

from __future__ import annotations

import doctest
import math
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, NamedTuple

import pytest

import benchmarks.teaching
from autograd import Value, check, replay
from autograd.expression import evaluate
from autograd.views.tracing.graph import Graph
from benchmarks.teaching import __main__ as door
from benchmarks.teaching import reading, written
from benchmarks.teaching.cases import consistent, pair, single
from benchmarks.teaching.graphs import Task, gradient_of, random_task, tasks
from benchmarks.teaching.makers import differs, made, same_number
from benchmarks.teaching.makers.consistent import misconceptions
from benchmarks.teaching.paper import chain_rule
from benchmarks.teaching.passes import Edge, Setting, Slip
from benchmarks.teaching.rows import ROWS
from benchmarks.teaching.rows.documented import task_of
from benchmarks.teaching.symbols import at_numbers, derivative, symbols
from benchmarks.teaching.table import Observation, Share, Tally, Target, wilson

GRAPHS = 60
"""How many random graphs a property is tried on."""

SAMPLE = 200
"""How many graphs the rows are measured on."""

FLOORS: dict[tuple[str, str], Target] = {
    ("single", "kind in the first sentence"): Target(">=", 0.9),
    ("single", "kind printed"): Target(">=", 0.96),
    ("single", "kind and place printed"): Target(">=", 0.95),
    ("rounded", "kind printed"): Target(">=", 0.9),
    ("question", "one cause is left"): Target(">=", 0.95),
    ("two", "both named, or one that is enough"): Target(">=", 0.88),
    ("exercises", "points to one kind"): Target(">=", 0.92),
    ("worksheets", "points to one kind"): Target(">=", 0.92),
    ("right", "called wrong"): Target("<=", 0.0),
    ("formulas", "called right"): Target("<=", 0.0),
    ("random", "a cause of two slips, all digits"): Target("<=", 0.02),
    ("random", "a cause, all digits"): Target("<=", 0.07),
}
"""What a small sample must reach: a little less than the targets of the table."""

KINDS = {
    "path left out", "= for +=", "wrong order", "not zeroed", "sign flipped", "upstream forgotten",
    "local derivative forgotten", "inner derivative forgotten", "taken twice", "factor missing",
    "1/n missing", "1/n twice", "input for output", "output for input", "operands swapped",
    "wrong input", "sum for product", "factor inverted", "not differentiated", "wrong power",
    "power rule on exponential", "another function's derivative", "product of derivatives",
    "another variable's gradient", "treated as constant", "carried over",
}  # fmt: skip
"""All that a person can get wrong in a graph of numbers, as the library calls it."""


class Known(NamedTuple):
    """A wrong answer worked out by hand: the expression, its numbers, and what comes of a kind."""

    formula: str
    at: dict[str, float]
    kind: str
    number: float


BY_HAND = [
    Known("x*x", {"x": 3}, "= for +=", 3),
    Known("x*x", {"x": 3}, "path left out", 3),
    Known("(x + x) + (x + x)", {"x": 1}, "path left out", 3),
    Known("x**3", {"x": 2}, "factor missing", 4),
    Known("x**3", {"x": 2}, "wrong power", 24),
    Known("x**-2", {"x": 2}, "wrong power", -1),
    Known("5*x**2", {"x": 3}, "inner derivative forgotten", 5),
    Known("(2*x)**2", {"x": 3}, "inner derivative forgotten", 12),
    Known("(2*x)**2", {"x": 3}, "taken twice", 48),
    Known("(2*x)**2", {"x": 3}, "sum for product", 14),
    Known("(2*x)**2", {"x": 3}, "wrong input", 12),
    Known("(2*x)**2", {"x": 3}, "upstream forgotten", 2),
    Known("x/y", {"x": 3, "y": 2}, "wrong power", 0.25),
    Known("y/x", {"x": 2, "y": 3}, "wrong power", -1.5),
    Known("y/x", {"x": 2, "y": 3}, "factor missing", -0.25),
    Known("y - x", {"x": 2, "y": 3}, "sign flipped", 1),
    Known("x*y", {"x": 2, "y": 3}, "operands swapped", 2),
    Known("x*y", {"x": 2, "y": 3}, "another variable's gradient", 2),
    Known("x*y", {"x": 2, "y": 3}, "not differentiated", 6),
    Known("x*y", {"x": 2, "y": 3}, "not zeroed", 6),
    Known("2**x", {"x": 3}, "power rule on exponential", 12),
    Known("x**2*x", {"x": 3}, "product of derivatives", 6),
    Known("mean(x, y)", {"x": 2, "y": 3}, "1/n missing", 1),
    Known("mean(x, y)", {"x": 2, "y": 3}, "1/n twice", 0.25),
    Known("log(x)", {"x": 4}, "factor inverted", 4),
    Known("log(x)", {"x": 4}, "not differentiated", math.log(4)),
    Known("exp(x)", {"x": 3}, "input for output", 3),
    Known("tanh(x)", {"x": 3}, "wrong power", 1 - math.tanh(3)),
    Known("sigmoid(x)", {"x": 3}, "input for output", -6),
    Known("log(x)", {"x": 4}, "output for input", 1 / math.log(4)),
    Known("sin(x)", {"x": 4}, "another function's derivative", -math.sin(4)),
]


@cache
def settings() -> list[Setting]:
    """Return random graphs, each with a node that is asked for."""
    return [Setting(*task) for task in tasks(GRAPHS, seed=5)]


def slips() -> Iterator[tuple[Setting, Slip]]:
    """Yield every mistake made on them."""
    for setting in settings():
        for slip in made(setting):
            yield setting, slip


# Graphs


def test_the_pass_finds_the_gradient_that_backward_finds() -> None:
    for setting in settings():
        setting.output.backward()
        truth = setting.wrt.grad
        assert same_number(setting.truth, truth)
        assert same_number(setting.passed(), truth)
        assert same_number(setting.below[setting.output], truth)
        assert same_number(gradient_of(setting.output)[setting.wrt], truth)


def test_the_gradient_is_the_slope_of_the_graph_at_other_numbers() -> None:
    for setting in settings():
        leaf = setting.wrt
        if not leaf.parents:
            high, low = (_value(setting.output, leaf, leaf.data + h) for h in (1e-6, -1e-6))
            assert math.isclose((high - low) / 2e-6, setting.truth, rel_tol=1e-3, abs_tol=1e-5)


def _value(output: Value, leaf: Value, number: float) -> float:
    return float(replay(output, {leaf: number})[0])


def test_graphs_have_three_to_nine_operations_and_paths_that_part_and_meet() -> None:
    sizes = [sum(bool(node.parents) for node in s.order) for s in settings()]
    assert 3 <= min(sizes) <= 4
    assert 8 <= max(sizes) <= 11  # a comparison is an operation of its own
    parting = sum(any(len(uses) > 1 for uses in s.uses.values()) for s in settings())
    assert GRAPHS / 4 < parting < GRAPHS


def test_a_case_can_be_made_again_from_what_is_written_down() -> None:
    for setting in settings():
        if any(node.op in ("leaky_relu", "gaussian") for node in setting.order):
            continue  # whose constants stand in no formula
        leaves = [n for n in setting.order if not n.parents and not n.is_constant]
        names = Graph(setting.output).names
        entry: dict[str, Any] = {
            "at": {names(leaf): leaf.data for leaf in leaves},
            "graph": written.equations(setting.output),
            "wrt": names(setting.wrt),
        }
        again = task_of(entry)
        assert same_number(Setting(*again).truth, setting.truth)


# Makers


@pytest.mark.parametrize("known", BY_HAND, ids=lambda known: f"{known.formula}: {known.kind}")
def test_what_comes_of_a_mistake_is_what_comes_of_it_by_hand(known: Known) -> None:
    leaves = {name: Value(number, name) for name, number in known.at.items()}
    setting = Setting(evaluate(known.formula, leaves), leaves["x"])
    numbers = [slip.number for slip in made(setting) if known.kind in slip.kinds]
    assert any(same_number(number, known.number) for number in numbers), numbers


def test_a_recursion_that_visits_a_node_again_counts_what_it_had_passed_on() -> None:
    a = Value(1.0, "a")
    b = a + a
    found = [slip.number for slip in made(Setting(b + b, a)) if slip.kinds[0] == "wrong order"]
    assert 8.0 in found  # for 4


def test_every_kind_is_made_in_several_manners_or_places() -> None:
    kinds = Counter(slip.kinds[0] for _, slip in slips())
    assert set(kinds) == KINDS
    assert min(kinds.values()) >= 5


def test_names_of_kinds_are_settled() -> None:
    assert {kind for _, slip in slips() for kind in slip.kinds} == KINDS


def test_no_mistake_leads_to_the_truth() -> None:
    for setting, slip in slips():
        assert differs(slip.number, setting.truth)
    assert not differs(1.0, 1.02)  # the truth, in fewer digits
    assert differs(1.0, 1.06)


def test_a_local_slip_comes_to_the_same_carried_forwards() -> None:
    compared = 0
    for setting, slip in slips():
        if slip.is_local and not slip.folds and _is_linear(slip):
            compared += 1
            assert math.isclose(_forwards(setting, slip), slip.number, rel_tol=1e-6, abs_tol=1e-9)
    assert compared > 1000


def _is_linear(slip: Slip) -> bool:
    """Return whether what each edge passes on is in proportion to what comes from upstream."""
    return all(
        same_number(3 * once, thrice)
        for passing in slip.edges.values()
        for (_, once), (_, thrice) in zip(passing(1.0), passing(3.0), strict=True)
    )


def _forwards(setting: Setting, slip: Slip) -> float:
    """Return the derivative of the output, from those of the operands up."""
    found: dict[Value, float] = {}
    for node in setting.order:
        passed = [
            pair
            for position, (parent, partial) in enumerate(
                zip(node.parents, node.partials, strict=True)
            )
            for pair in (
                slip.edges[Edge(node, position)](1.0)
                if Edge(node, position) in slip.edges
                else [(parent, partial)]
            )
        ]
        found[node] = math.fsum(factor * found[target] for target, factor in passed)
        if node is setting.wrt:
            found[node] = 1.0
    return found[setting.output]


def test_places_are_in_the_graph() -> None:
    for setting, slip in slips():
        for place in slip.places:
            node = place.node if isinstance(place, Edge) else place
            assert node in setting.order


@pytest.mark.parametrize("seed", range(10))
def test_a_misconception_is_what_its_local_derivatives_come_to(seed: int) -> None:
    made = consistent(seed)
    setting = Setting(*made.task)
    assert len(made.slip.places) > 1
    if made.slip.is_local:
        assert math.isclose(_forwards(setting, made.slip), made.slip.number, rel_tol=1e-6)
    assert not same_number(made.slip.number, setting.truth)


def test_derivatives_multiplied_at_every_product_by_hand() -> None:
    x = Value(3.0, "x")
    square = x * x  # 1 · 1 for 2x
    y = square * x  # 1 · 1
    found = {slip.manner: slip for slip in misconceptions(Setting(y, x))}
    assert found["always"].number == 1
    assert found["the operand itself"].number == 57  # s(x + x) + x for s = x²


def test_two_slips_are_more_than_one() -> None:
    for seed in range(30):
        task, both, number = pair(seed)
        setting = Setting(*task)
        numbers = [setting.truth, number, *(slip.number for slip in both)]
        assert not any(
            same_number(x, y, 1e-6) for i, x in enumerate(numbers) for y in numbers[:i] if y != x
        )
        assert same_number(setting.both(*reversed(both)), number)


# What is read, and counted


class _Mistake(NamedTuple):
    kind: str
    reason: str
    number: float
    parts: tuple[Any, ...] = ()


class _Cause(NamedTuple):
    mistakes: tuple[_Mistake, ...]
    kinds: tuple[str, ...]
    slips: int

    @property
    def reason(self) -> str:
        return self.mistakes[0].reason


class _Finding(NamedTuple):
    causes: tuple[_Cause, ...]
    told: tuple[_Cause, ...]
    verdict: str = "wrong"

    def __str__(self) -> str:
        return "; ".join(mistake.reason for cause in self.told for mistake in cause.mistakes)


def _found(*reasons: tuple[str, str]) -> reading.Diagnosis:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    z = w * x
    z.label = "z"
    causes = [_Cause((_Mistake(kind, said, 1.0),), (kind,), 1) for kind, said in reasons]
    finding = _Finding(tuple(causes), tuple(causes[:1]))
    return reading.Diagnosis((z + w) ** 2, None, finding)


def test_a_kind_is_told_where_it_stands_in_what_is_printed() -> None:
    found = _found(("sign flipped", "the sign of ∂z/∂x is flipped"), ("taken twice", "…"))
    assert found.names_first(["sign flipped"])
    assert found.tells(["taken twice", "sign flipped"])
    assert not found.tells(["taken twice"])


def test_a_place_is_told_where_its_names_stand() -> None:
    found = _found(("sign flipped", "the sign of ∂z/∂x is flipped"))
    v1, (z, w) = found.output.parents[0], found.output.parents[0].parents
    assert found.tells_place(["sign flipped"], [Edge(z, 1)])
    assert found.tells_place(["sign flipped"], [z])
    assert not found.tells_place(["sign flipped"], [w])
    assert not found.tells_place(["sign flipped"], [Edge(v1, 1), Edge(z, 0)])
    assert not found.tells_place(["taken twice"], [z])
    assert found.tells_place(["sign flipped"], [])


def test_two_slips_are_read_from_their_parts() -> None:
    parts = (_Mistake("sign flipped", "a", 1.0), _Mistake("taken twice", "b", 1.0))
    cause = _Cause((_Mistake("two slips", "a and b", 1.0, parts),), ("two slips",), 2)
    w = Value(3.0, "w")
    found = reading.Diagnosis(w * w, None, _Finding((cause,), (cause,)))
    assert found.told[0].pairs == (("sign flipped", "taken twice"),)


def test_an_error_in_check_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(reading, "check", fails)
    w = Value(3.0, "w")
    found = reading.diagnosed(w * w, w, 5)
    assert (found.verdict, found.causes) == ("raised", [])
    assert "ZeroDivisionError" in found.text


def test_an_interval_holds_the_true_share_nineteen_times_of_twenty() -> None:
    rng = random.Random(1)
    for share in (0.02, 0.3, 0.9, 0.99):
        held = 0
        for _ in range(1000):
            low, high = wilson(sum(rng.random() < share for _ in range(200)), 200)
            held += low <= share <= high
        assert 0.92 <= held / 1000 <= 0.98


def test_observations_are_counted_by_line_and_group() -> None:
    tally = Tally(kept=1)
    for seen, group in ((True, "a"), (False, "a"), (True, "b")):
        tally.add(Observation("told", seen, group, "" if seen else "this one"))
    assert tally.share("told") == Share(2, 3)
    assert tally.share("told", "a") == Share(1, 2)
    assert list(tally.groups("told")) == ["a", "b"]
    assert tally.examples["told", "a"] == ["this one"]


@pytest.mark.parametrize("seed", range(20))
def test_formulas_for_right_answers_are_right(seed: int) -> None:
    task = random_task(random.Random(seed), smooth=True, most=5)
    if not task.wrt.parents:
        leaves = symbols(task.output)
        truth = gradient_of(task.output)[task.wrt]
        assert math.isclose(at_numbers(derivative(task, leaves), leaves), truth, rel_tol=1e-9)


def test_the_chain_rule_on_paper() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    y = (w * x).tanh() * w
    y.label = "y"
    assert chain_rule(Task(y, w)) == "∂y/∂v1 · x + v2"
    assert check({w: chain_rule(Task(y, w))}, y)


# The table


@cache
def _tally(row: str) -> Tally:
    return door.measured(row, SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize(("row", "line"), FLOORS)
def test_a_small_sample_reaches_what_it_must(row: str, line: str) -> None:
    share = _tally(row).share(line)
    assert share.total > 0
    assert FLOORS[row, line].is_kept(share.value), f"{share}"


@pytest.mark.slow
def test_cases_are_the_same_each_time() -> None:
    first, again = single(7), single(7)
    assert (first.slip.kind, first.slip.number) == (again.slip.kind, again.slip.number)
    assert list(ROWS["single"].measure(7)) == list(ROWS["single"].measure(7))


@pytest.mark.slow
def test_jobs_change_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.teaching", "single", "--graphs", "40", "--jobs"]
    one, two = (subprocess.run([*command, n], capture_output=True, check=True) for n in "12")
    assert one.stdout == two.stdout


@pytest.mark.slow
def test_cases_from_another_number_on_are_others() -> None:
    parts = [door.measured("single", 20), door.measured("single", 20, first=20)]
    both = door.measured("single", 40)
    assert parts[0] != parts[1]
    assert both.total == parts[0].total + parts[1].total
    assert both.seen == parts[0].seen + parts[1].seen


def test_the_table_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(reading, "check", fails)
    arguments = ["teaching", "single", "--graphs", "20", "--jobs", "1", "--confusion"]
    monkeypatch.setattr("sys.argv", arguments)
    door.main()
    printed = capsys.readouterr().out
    assert "kind in the first sentence" in printed
    assert ">= 90.0%" in printed
    assert "wrt" in printed  # a case that was missed, to be made again


def test_examples_in_docstrings() -> None:
    packages = walk_packages(benchmarks.teaching.__path__, "benchmarks.teaching.")
    for module in (module for module in packages if not module.name.endswith("__main__")):
        failed, _ = doctest.testmod(import_module(module.name))
        assert not failed


@pytest.mark.slow
def test_each_way_of_erring_is_known() -> None:
    told: dict[tuple[str, str], list[bool]] = {}
    for number in range(600):
        made = single(number)
        found = reading.diagnosed(*made.task, made.slip.number, made.slip.given)
        way = (made.slip.kinds[0], made.slip.manner)
        told.setdefault(way, []).append(found.tells(made.slip.kinds))
    often = {way: known for way, known in told.items() if len(known) > 2}
    assert len(often) > 40
    assert [way for way, known in often.items() if sum(known) < 0.6 * len(known)] == []
