"""``python -m benchmarks``: engines that do the same, each measured by itself; no clocks here.

What runs in the process of an engine is found in this module, which therefore imports no engine.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from functools import cache, partial
from typing import Any

import pytest

from benchmarks.engines import LEAN, OURS, OURS_WITH_DOT, PEERS, engine, installed
from benchmarks.gpt import ALPHABET, GPT, Adam
from benchmarks.measure import alone, bytes_per_node
from benchmarks.rows import ROWS, DisagreementError, Task, check_agreement
from benchmarks.workloads import chain, demo_step, demo_step_with_nn, one_sample, whole_program

pytestmark = pytest.mark.slow

EVERYONE = [OURS, OURS_WITH_DOT, LEAN, *installed()]
NETWORKS: list[Task] = [one_sample, demo_step, demo_step_with_nn]
RUNS = [(task, name) for task in NETWORKS for name in EVERYONE]
RUNS += [(whole_program, name) for name in (OURS, OURS_WITH_DOT, LEAN)]

ENGINES = {"autograd", "nn", "benchmarks.lean", *PEERS}
OWN = {
    OURS: {"autograd"},
    OURS_WITH_DOT: {"autograd"},
    LEAN: {"benchmarks.lean"},
    **{peer: {peer} for peer in PEERS},
}


@cache
def run(task: Task, name: str) -> tuple[list[float], set[str]]:
    """Return what a task comes to on an engine, and the engines that its process imported."""
    return alone(partial(outcome_and_engines, task, name))


def outcome_and_engines(task: Task, name: str) -> tuple[list[float], set[str]]:
    return task(engine(name)).outcome(), ENGINES & set(sys.modules)


def engines_of_a_chain(name: str) -> set[str]:
    bytes_per_node(partial(chain, engine(name)), 10)
    return ENGINES & set(sys.modules)


@pytest.mark.parametrize("task", [*NETWORKS, whole_program], ids=lambda task: task.__name__)
def test_all_engines_find_the_same(task: Task) -> None:
    check_agreement({name: run(task, name)[0] for of, name in RUNS if of is task})


@pytest.mark.parametrize(
    ("task", "name"), RUNS, ids=[f"{task.__name__}-{name}" for task, name in RUNS]
)
def test_the_process_of_an_engine_imports_no_other(task: Task, name: str) -> None:
    with_nn = {"nn"} if (task, name) == (demo_step_with_nn, OURS) else set()
    assert run(task, name)[1] == OWN[name] | with_nn


@pytest.mark.parametrize("name", [OURS, LEAN, *installed(["micrograd"])])
def test_bytes_are_counted_where_no_other_engine_is(name: str) -> None:
    assert alone(partial(engines_of_a_chain, name)) == OWN[name]


def test_the_process_that_prints_the_table_imports_none() -> None:
    program = "import sys, benchmarks.__main__; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert not ENGINES & set(printed.split())


@pytest.mark.parametrize("i", range(3))
def test_a_disagreement_is_no_measurement(i: int) -> None:
    expected = [1.0, 2.0, 0.0]
    found = [*expected]
    found[i] += 1e-6
    check_agreement({OURS: expected, LEAN: expected})
    with pytest.raises(DisagreementError, match=r"ours finds .* where lean finds"):
        check_agreement({OURS: expected, LEAN: found})


def test_a_row_is_measured() -> None:
    ours, lean = ROWS["program"].lines(1)
    assert (ours.name, lean.name) == (OURS, LEAN)
    assert ours.ratio is None
    assert lean.ratio is not None
    assert lean.target is not None


def test_a_node_of_two_parents_fits_its_bytes() -> None:
    recorded, *_ = ROWS["memory"].lines(1)
    assert recorded.target is not None
    assert recorded.target.verdict(recorded.figure).endswith("met")


# The whole program


def graph(output: Any) -> list[Any]:
    found = {output: None}
    waiting = [output]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in found:
                found[parent] = None
                waiting.append(parent)
    return list(found)


def test_it_is_the_same_node_for_node() -> None:
    nodes = {name: graph(GPT(engine(name).parameter).loss("gradient")) for name in (OURS, LEAN)}
    arities = {name: Counter(len(n.parents) for n in nodes[name]) for name in nodes}
    assert arities[OURS] == arities[LEAN]
    assert 55_000 < len(nodes[OURS]) < 70_000


def test_it_guesses_every_letter_alike_before_it_has_learnt() -> None:
    loss = GPT(engine(LEAN).parameter).loss("gradient")
    assert loss.data == pytest.approx(math.log(len(ALPHABET)), abs=0.2)


def test_it_does_not_see_the_letters_to_come() -> None:
    model = GPT(engine(LEAN).parameter)
    alone, *_ = model.surprises("gr")
    first, *_ = model.surprises("gradient")
    assert alone.data == first.data


def test_it_learns() -> None:
    model = GPT(engine(LEAN).parameter)
    optimizer = Adam(model.parameters())
    losses = []
    for _ in range(8):
        for p in model.parameters():
            p.grad = 0.0
        loss = model.loss("ab")
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 2
