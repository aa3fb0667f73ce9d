"""Whole programs of micrograd's and microgpt's kind find the same with the import swapped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent / "programs"

LEAN = {"from autograd import Value": "from benchmarks.lean import Value"}
MICROGRAD = {
    "from autograd import Value": "from micrograd.engine import Value",
    "from nn import MLP": "from micrograd.nn import MLP",
}


def run(name: str, swapped: dict[str, str]) -> dict[str, Any]:
    """Run a program with other imports; return its variables."""
    text = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8")
    for ours, theirs in swapped.items():
        assert f"\n{ours}\n" in text
        text = text.replace(f"\n{ours}\n", f"\n{theirs}\n")
    variables: dict[str, Any] = {}
    exec(compile(text, name, "exec"), variables)
    return variables


@pytest.mark.slow
@pytest.mark.parametrize(("name", "peer"), [("micrograd_demo", MICROGRAD), ("microgpt", LEAN)])
def test_a_program_finds_what_it_finds_on_its_own_engine(name: str, peer: dict[str, str]) -> None:
    if peer is MICROGRAD:
        pytest.importorskip("micrograd", reason="micrograd is not installed: pip install micrograd")
    found, expected = run(name, {}), run(name, peer)
    assert len(found["results"]) == len(expected["results"]) > 100
    assert found["results"] == pytest.approx(expected["results"], rel=1e-9, abs=1e-12)


def test_the_classifier_learns_and_its_graph_is_traced() -> None:
    found = run("micrograd_demo", {})
    assert found["losses"][-1] < found["losses"][0] / 2
    assert found["operations"] == ["", "", "", "*", "*", "**2", "+", "+", "ReLU"]


@pytest.mark.slow
def test_the_language_model_learns_though_some_parameters_take_no_part() -> None:
    found = run("microgpt", {})
    assert found["untouched"] > 0
    assert found["history"][-1] < found["history"][0]
    assert found["samples"] == run("microgpt", LEAN)["samples"]
