"""Wrong formulas that are right at one point: none may be called right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import import_module

from benchmarks.teaching.graphs import random_task
from benchmarks.teaching.reading import diagnosed
from benchmarks.teaching.symbols import derivative, exactly, symbols
from benchmarks.teaching.table import Observation, Row, Target
from benchmarks.teaching.written import case

__all__ = ["ROW"]


def right_at_one_point(number: int) -> Iterator[Observation]:
    """Answer with the true formula and what vanishes, or is 1, at the numbers of the leaves."""
    rng = random.Random(f"formula {number}")
    task = random_task(rng, smooth=True, most=5)
    while task.wrt.parents:
        task = random_task(rng, smooth=True, most=5)
    sympy = import_module("sympy")
    leaves = symbols(task.output)
    true = derivative(task, leaves)
    node, x = rng.choice(list(leaves.items()))
    x0 = exactly(node.data)
    forms = {
        "a term that is 0 here": true + (x - x0),
        "a square that is 0 here": true + (x - x0) ** 2,
        "a factor that is 1 here": true * x / x0,
        "a power of one": true * (x / x0) ** 3,
    }
    for form, formula in forms.items():
        if not true.free_symbols <= formula.free_symbols:
            continue  # a number was put in for a variable, which may be done
        answer = sympy.sstr(formula)
        found = diagnosed(*task, answer)
        right = found.verdict == "right"
        example = f"{case(*task, answer)}\nsaid: {found.text}" if right else ""
        yield Observation("called right", right, form, example)


ROW = Row(
    "wrong formulas that are right at one point",
    right_at_one_point,
    {"called right": Target("<=", 0.0)},
    lambda graphs: graphs // 5,
)
