"""Wrong answers that books, courses and forums document: ``tests/mistakes/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from autograd import Value
from autograd.expression import evaluate
from benchmarks.teaching.graphs import Task
from benchmarks.teaching.reading import diagnosed
from benchmarks.teaching.table import Observation, Row, Target

__all__ = ["FOLDER", "ROW", "documented", "task_of"]

FOLDER = Path(__file__).parents[3] / "tests" / "mistakes"


@cache
def documented() -> list[tuple[str, Mapping[str, Any]]]:
    """Return every documented wrong answer on a graph of numbers, with the name of its file."""
    return [
        (path.name, entry)
        for path in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("wrong", [])
        if "graph" in entry
    ]


def task_of(entry: Mapping[str, Any]) -> Task:
    """Return the graph of an entry, whose results are called as its equations say."""
    known = {name: Value(float(number), name) for name, number in entry["at"].items()}
    node = Value(0.0)
    for equation in entry["graph"]:
        name, formula = (part.strip() for part in equation.split("=", 1))
        node = evaluate(formula, known)
        node.label = name
        known[name] = node
    return Task(node, known[entry["wrt"]])


def first_two(number: int) -> Iterator[Observation]:
    """Look for the documented kind among the first two causes."""
    name, entry = documented()[number]
    found = diagnosed(*task_of(entry), entry["answer"])
    kinds = [kind for cause in found.causes[:2] for kind in cause.kinds]
    seen = entry["kind"] in kinds
    at = ", ".join(f"{name} = {x}" for name, x in entry["at"].items())
    example = (
        f"{name}: {entry['title']}\n{'; '.join(entry['graph'])}\nat {at}\n"
        f"wrt {entry['wrt']}, answer {entry['answer']}\nmade: {entry['kind']}\nsaid: {found}"
    )
    yield Observation("kind among the first two", seen, entry["kind"], "" if seen else example)


ROW = Row(
    "documented wrong answers",
    first_two,
    {"kind among the first two": Target(">=", 0.95)},
    lambda graphs: len(documented()),
    endless=False,
)
