"""Graded notebooks: for nbgrader, and for otter-grader with a folder of tests.

A student says which sheet is theirs, sees it, and fills in ``answers``; each gradient is a point,
and of a wrong one is said what `check` says. The notebook holds the graph, and so whoever calls
``backward()`` in it has the answers. No hiding helps against that, hashes neither: what is asked
for is what the engine computes. It is for practice and homework; for an exam take a quiz or paper.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.tools.text import printable
from autograd.views.classroom.asked import Task
from autograd.views.classroom.code import function, literal

__all__ = ["NOTEBOOK", "nbgrader", "otter"]

NOTEBOOK = "worksheet.ipynb"
"""What the notebook of an assignment for otter is called."""

_TASK = """\
# Gradients by hand

Work out the gradients of

    {formula}

on paper.{defined}

Say which sheet is yours and run the cells down to it; then put your answers in the place of
`None`{rest}.

An answer is a number, rounded to two digits or more, or text: a fraction `"1/3"`, or a formula in
the names of the sheet."""

_STUB = ", and take out the line `raise NotImplementedError()` that stands below them"
"""What nbgrader puts in the place of the solution is to go."""

_SETUP = """\
import autograd

sheets = {{
{numbers}
}}


{function}


def finding(answers, sheet, i):
    \"\"\"Return what is to be said of the answer for one of the leaves.\"\"\"
    if sheet not in sheets:
        raise ValueError(f"there is no sheet {{sheet!r}}; they are 1 to {{len(sheets)}}")
    output, leaves = graph(*sheets[sheet])
    return autograd.check(answers, output)[leaves[i]]"""

_SHEET = """\
sheet = 1  # the number of your sheet
autograd.worksheet(graph(*sheets[sheet])[0])"""

_OTTER = """\
import otter

grader = otter.Notebook("{notebook}", tests_dir="tests")"""

_TEST = """\
from otter.test_files import test_case
{setup}


OK_FORMAT = False
name = {name!r}
points = 1


@test_case(name={symbol!r})
def test_gradient(env):
    finding(env.get("answers"), env.get("sheet"), {i}).raise_for_mistakes()
"""


def nbgrader(tasks: Sequence[Task]) -> bytes:
    """Return a notebook as a teacher gives it to ``nbgrader generate_assignment``.

    It holds a solution, of the first sheet, which nbgrader takes out for the students, and a
    locked cell with a point for each gradient.
    """
    solution = dict(zip(_keys(tasks), (asked.number for asked in tasks[0].asked), strict=True))
    region = f"### BEGIN SOLUTION\nanswers = {solution!r}\n### END SOLUTION"
    cells = [
        _cell("task", _task(tasks, _STUB), "markdown", locked=True),
        _cell("setup", _setup(tasks), locked=True),
        _cell("sheet", _SHEET),
        _cell("answers", f"{_answers(tasks)}\n{region}", solution=True),
    ]
    for i, asked in enumerate(tasks[0].asked):
        symbol = printable(asked.symbol)
        test = f"# {symbol}\nfinding(answers, sheet, {i}).raise_for_mistakes()"
        cells.append(_cell(f"gradient{i + 1}", test, grade=True, locked=True, points=1))
    return _notebook(cells)


def otter(tasks: Sequence[Task]) -> dict[str, bytes]:
    """Return the files of an assignment: a notebook for students, and a test for each gradient.

    ``otter check`` takes both; ``otter generate`` makes of the tests what ``otter grade``,
    ``otter run`` and Gradescope grade with.
    """
    cells = [
        _cell("otter", _OTTER.format(notebook=NOTEBOOK)),
        _cell("task", _task(tasks), "markdown"),
        _cell("setup", _setup(tasks)),
        _cell("sheet", _SHEET),
        _cell("answers", _answers(tasks)),
    ]
    tests = {}
    for i, asked in enumerate(tasks[0].asked):
        name = f"gradient{i + 1}"
        cells.append(_cell(name, f"grader.check({name!r})"))
        test = _TEST.format(setup=_setup(tasks), name=name, symbol=asked.symbol, i=i)
        tests[f"tests/{name}.py"] = test.encode()
    return {NOTEBOOK: _notebook(cells), **tests}


def _task(tasks: Sequence[Task], rest: str = "") -> str:
    """Return what is to be done, with what is to be done besides to the cell of the answers."""
    formula, defined = tasks[0].sheet.formula, tasks[0].defined
    return _TASK.format(
        formula=printable(formula), defined=f" {printable(defined)}" if defined else "", rest=rest
    )


def _setup(tasks: Sequence[Task]) -> str:
    graphs = [task.graph for task in tasks]
    rows = [", ".join(literal(leaf.data) for leaf in graph.leaves) for graph in graphs]
    listed = "\n".join(f"    {i}: [{row}]," for i, row in enumerate(rows, 1))
    return _SETUP.format(numbers=listed, function=function(graphs[0]))


def _keys(tasks: Sequence[Task]) -> list[str]:
    """Return how the leaves are called in answers."""
    graph = tasks[0].graph
    return [graph.names[leaf].typed for leaf in graph.leaves]


def _answers(tasks: Sequence[Task]) -> str:
    symbols = [printable(asked.symbol) for asked in tasks[0].asked]
    keys = _keys(tasks)
    lines = [f"    {key!r}: None,  # {said}" for key, said in zip(keys, symbols, strict=True)]
    return "\n".join(["answers = {", *lines, "}"])


def _cell(name: str, source: str, kind: str = "code", **marks: Any) -> dict[str, Any]:
    """Return a cell; with marks, one that nbgrader knows."""
    metadata: dict[str, Any] = {}
    if marks:
        unmarked = {"grade": False, "locked": False, "solution": False, "task": False}
        metadata["nbgrader"] = {**unmarked, **marks, "grade_id": name, "schema_version": 3}
    lines = source.splitlines(keepends=True)
    cell = {"cell_type": kind, "id": name, "metadata": metadata, "source": lines}
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}


def _notebook(cells: Sequence[Mapping[str, Any]]) -> bytes:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()
