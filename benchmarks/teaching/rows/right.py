"""Right answers in any form: rounded, as fractions, as SymPy writes them, as on paper."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from benchmarks.teaching.graphs import Task, gradient_of, random_task
from benchmarks.teaching.paper import chain_rule
from benchmarks.teaching.reading import diagnosed
from benchmarks.teaching.symbols import at_numbers, derivative, symbols
from benchmarks.teaching.table import Observation, Row, Target
from benchmarks.teaching.written import case

__all__ = ["ROW", "formulas", "numbers"]


def numbers(task: Task) -> Iterator[tuple[str, Any]]:
    """Yield the gradient in 2 to 6 significant digits, as text and as a number."""
    truth = gradient_of(task.output)[task.wrt]
    for digits in range(2, 7):
        yield f"{digits} digits", f"{truth:#.{digits}g}".rstrip(".")
        rounded = float(f"{truth:.{digits}g}")
        whole = abs(rounded) >= 10 ** (digits - 1)  # no digit behind the point is written
        yield f"number of {digits} digits", int(rounded) if whole else rounded


def formulas(task: Task) -> Iterator[tuple[str, Any]]:
    """Yield the gradient as a fraction where it is one, and as formulas."""
    sympy = import_module("sympy")
    leaves = symbols(task.output)
    found = derivative(task, leaves)
    exact = at_numbers(found, leaves)
    if exact.is_Rational:
        yield "fraction", str(exact)
    for form in ("expand", "factor", "simplify"):
        formula = getattr(sympy, form)(found)
        yield form, sympy.sstr(formula)
        yield f"{form}, LaTeX", sympy.latex(formula)
        pretty = sympy.pretty(formula, use_unicode=True, num_columns=100_000)
        if "\n" not in pretty:
            yield f"{form}, paper", pretty
    yield "chain rule", chain_rule(task)


def right_answers(number: int) -> Iterator[Observation]:
    """Give a right answer in each of its forms."""
    rng = random.Random(f"right {number}")
    any_task = random_task(rng)
    smooth = random_task(rng, smooth=True, most=5)
    while smooth.wrt.parents:
        smooth = random_task(rng, smooth=True, most=5)
    for task, answers in ((any_task, numbers(any_task)), (smooth, formulas(smooth))):
        for form, answer in answers:
            found = diagnosed(*task, answer)
            wrong = found.verdict in ("wrong", "raised")
            example = f"{case(*task, answer)}\nsaid: {found.text}"
            yield Observation("called wrong", wrong, form, example if wrong else "")
            other = found.verdict != "right"
            yield Observation("not called right", other, form, example if other else "")


ROW = Row(
    "right answers in any form",
    right_answers,
    {"called wrong": Target("<=", 0.0), "not called right": None},
    lambda graphs: graphs // 6,
)
