"""``python -m benchmarks``: engines that do the same, each measured by itself; no clocks here.

What runs in the process of an engine is found in this module, which therefore imports no engine.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest

from benchmarks import __main__ as door
from benchmarks.agreement import DisagreementError, check_agreement
from benchmarks.engines import LEAN, OURS, OURS_WITH_DOT, PEERS, engine, installed
from benchmarks.gpt import ALPHABET, GPT, Adam
from benchmarks.measure import alone, bytes_per_node, interleave
from benchmarks.program import recorded, symbolic
from benchmarks.program.engines import PROGRAM, STEPS, C, available
from benchmarks.program.graph import BOUND, SHARED, VARYING, Graph, random_graph
from benchmarks.program.perceptron import DEMO, Perceptron
from benchmarks.program.starts import bytes_of_a_call
from benchmarks.rows import ROWS, Task
from benchmarks.table import Line, Row
from benchmarks.workloads import (
    ALPHA,
    Network,
    chain,
    demo_step,
    demo_step_with_nn,
    one_sample,
    whole_program,
)

pytestmark = pytest.mark.slow

EVERYONE = [OURS, OURS_WITH_DOT, LEAN, *installed()]
NETWORKS: list[Task] = [one_sample, demo_step, demo_step_with_nn]
RUNS = [(task, name) for task in NETWORKS for name in EVERYONE]
RUNS += [(whole_program, name) for name in (OURS, OURS_WITH_DOT, LEAN)]

ENGINES = {"autograd", "nn", "benchmarks.lean", *PEERS, "jax", "casadi"}
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
    ours, lean = ROWS["gpt"].lines(1)
    assert (ours.name, lean.name) == (OURS, LEAN)
    assert ours.ratio is None
    assert lean.ratio is not None
    assert lean.target is not None


def test_a_node_of_two_parents_fits_its_bytes() -> None:
    recorded, *_ = ROWS["memory"].lines(1)
    assert recorded.target is not None
    assert recorded.target.verdict(recorded.figure).endswith("met")


@pytest.mark.parametrize(
    ("named", "printed"),
    [
        (["a"], ["a"]),
        (["b"], ["b.1", "b.2"]),
        (["b.2", "a"], ["b.2", "a"]),
        ([], ["a", "b.1", "b.2"]),
    ],
)
def test_rows_are_named_one_by_one_or_all_that_begin_alike(
    named: list[str], printed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    rows = {name: Row("", lambda _: [Line("a figure", 1.0, "s")]) for name in ("a", "b.1", "b.2")}
    monkeypatch.setattr(door, "ROWS", rows)
    monkeypatch.setattr(sys, "argv", ["benchmarks", *named])
    door.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.removesuffix(": ") for line in lines if line.endswith(": ")] == printed


def test_a_row_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "prog"])
    with pytest.raises(SystemExit):
        door.main()
    assert "no row 'prog'; choose from" in capsys.readouterr().err


def test_a_process_is_started_with_its_environment() -> None:
    assert alone(partial(os.getenv, "BENCHMARK"), BENCHMARK="here") == "here"


def pinned() -> Callable[[], object]:
    def step() -> None:
        [_] = os.sched_getaffinity(0)

    return step


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be pinned")
def test_a_process_is_kept_to_its_processors() -> None:
    [[seconds]] = interleave({"pinned": pinned}, 1, cores=1).values()
    assert seconds > 0


# A Program and its peers

SMALL = [
    Perceptron(samples=9),
    Perceptron((3, 4, 5, 1), samples=130),  # for C two tiles and a rest
    Perceptron((3, 4, 5, 1), samples=130, activation="tanh"),
]


def eager(network: Perceptron) -> list[float]:
    """Return the value and its gradient by this engine, from a graph of all samples."""
    ours = engine(OURS_WITH_DOT)
    model = Network(ours, network.widths, network.activation)
    losses = [(1 - y * model(x)).relu() for x, y in zip(*network.data(), strict=True)]
    loss = ours.mean(losses) + ALPHA * ours.sum_of_squares(model.parameters())
    loss.backward()
    return [loss.data, *[p.grad for p in model.parameters()]]


def outcome(name: str, network: Perceptron) -> tuple[list[float], set[str]]:
    return STEPS[name](network).outcome(), ENGINES & set(sys.modules)


@pytest.mark.parametrize("name", [name for name in available(STEPS) if name != "micrograd"])
@pytest.mark.parametrize("network", SMALL, ids=repr)
def test_every_engine_finds_the_slopes_of_a_network(network: Perceptron, name: str) -> None:
    if (name, network.activation) == (C, "tanh"):
        pytest.skip("written by hand for relu alone")
    found, imported = alone(partial(outcome, name, network))
    check_agreement({OURS: eager(network), name: found})
    own = {PROGRAM: {"autograd"}, C: set()}
    package, _, _ = name.partition(",")
    assert imported == (own[name] if name in own else own.get(package, {package}))


@pytest.mark.parametrize("name", available(["micrograd"]))
def test_micrograd_finds_the_slopes_of_its_demo(name: str) -> None:
    found, imported = alone(partial(outcome, name, DEMO))
    check_agreement({OURS: eager(DEMO), name: found})
    assert imported == {name}


def differentiated(name: str, graph: Graph) -> list[float]:
    """Return a random graph's output at its first sample, and the slopes of the shared leaves."""
    numbers = engine(name)
    [row] = graph.rows(1)
    shared = [numbers.parameter(x) for x in graph.parameters()]
    output = graph.output([*map(numbers.constant, row), *shared])
    output.backward()
    return [float(output.data), *[float(leaf.grad) for leaf in shared]]


def test_all_engines_find_the_slopes_of_a_random_graph() -> None:
    graph = random_graph(3000)
    found = {name: differentiated(name, graph) for name in [OURS, *installed(["torch"])]}
    found[PROGRAM] = recorded.graph(graph, 1).step().outcome()
    found |= {name: symbolic.of_graph(graph, 1).outcome() for name in installed(["casadi"])}
    check_agreement(found)


@pytest.mark.parametrize("name", installed(["casadi"]))
def test_slopes_of_a_random_graph_are_averages_over_samples(name: str) -> None:
    graph = random_graph(300)
    program = recorded.graph(graph, 7).step().outcome()
    check_agreement({PROGRAM: program, name: symbolic.of_graph(graph, 7).outcome()})


@pytest.mark.parametrize("size", [100, 1000, 1001])
def test_a_random_graph_is_of_its_size_and_all_of_it_is_used(size: int) -> None:
    graph = random_graph(size)
    used = {i for _, operands in graph.operations for i in operands}
    assert size <= len(graph.operations) <= size + 1
    assert used == set(range(VARYING + SHARED + len(graph.operations) - 1))


def test_numbers_in_a_random_graph_stay_bounded() -> None:
    summed = {"add"}  # in the end, what was not used is: that sum may be large
    found = graph(recorded.graph(random_graph(3000), 1).loss)
    numbers = [p.data for node in found if node.op not in summed for p in node.parents]
    assert max(map(abs, numbers)) <= BOUND


def test_a_call_takes_no_more_memory_for_more_samples() -> None:
    few, many = (bytes_of_a_call(partial(small_graph, samples)) for samples in (64, 1024))
    assert many < 1.5 * few


def small_graph(samples: int) -> recorded.Recording:
    return recorded.graph(random_graph(20_000), samples)  # tables, and not X, are what counts


def test_the_gpt_is_of_the_size_it_is_known_for() -> None:
    assert len(GPT(float, context=16).parameters()) == 4192


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


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_change_on_the_page_is_measured() -> None:
    pytest.importorskip("playwright")
    command = [sys.executable, "-m", "benchmarks.live", "--moves", "1"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = r" *[\d,]+ +\d+ kB( +\d+\.\d ms){2}"
    assert [bool(re.fullmatch(line, said)) for said in printed.splitlines()[1:]] == [True] * 4
