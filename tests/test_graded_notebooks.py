"""Exported notebooks: nbgrader and otter-grader give a class the points that `check` gives."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, check, worksheets
from autograd.views.classroom.code import function
from autograd.views.classroom.notebooks import nbgrader, otter
from autograd.views.tracing.graph import Graph
from autograd.views.worksheet import Worksheets
from tests.test_classroom import asked_of, hostile, neuron, task_of, tasks_of
from tests.test_graphs import Plan, plans
from tests.test_notation import labelled
from tests.test_reports import environment_of


@pytest.mark.slow
@settings(max_examples=200)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_the_source_of_a_graph_makes_the_same_graph(plan: Plan, seed: int) -> None:
    graph = Graph(labelled(plan, random.Random(seed)))
    space: dict[str, Any] = {"autograd": autograd}
    exec(function(graph), space)
    output, leaves = space["graph"](*[leaf.data for leaf in graph.leaves])
    made = Graph(output)
    assert [made.names(leaf) for leaf in leaves] == [graph.names(leaf) for leaf in graph.leaves]
    for node, other in zip(graph.written, made.written, strict=True):
        assert graph.names(node) == made.names(other)
        assert same(graph.derivatives[node], made.derivatives[other])
        assert same(node.data, other.data)


def test_the_source_of_a_graph_keeps_every_constant() -> None:
    x = Value(-1.5, "float")
    output = autograd.leaky_relu(x, slope=0.3) - autograd.gaussian(x - -2.0, scale=2.5) * (-3 - x)
    output = output + x**3 + x**-2 + autograd.maximum(x, -math.inf)
    space: dict[str, Any] = {"autograd": autograd}
    exec(function(Graph(output)), space)
    made, [leaf] = space["graph"](-1.5)
    assert made.data == output.data
    assert Graph(made).derivatives[leaf] == Graph(output).derivatives[x]
    assert space["graph"](-0.5)[0].data == autograd.replay(output, {x: -0.5})[0]


def same(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y))


@pytest.mark.slow
def test_no_label_is_run_as_source() -> None:
    for seed in range(50):
        output = hostile(random.Random(seed))
        tests = otter([task_of(output)])
        for source in [function(Graph(output)), *code_of(nbgrader([task_of(output)]))]:
            compile(source, "cell", "exec")
        for name, content in tests.items():
            if name.endswith(".py"):
                compile(content, name, "exec")


def code_of(notebook: bytes) -> list[str]:
    cells = json.loads(notebook)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.slow
@settings(max_examples=60)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_the_solution_in_a_notebook_is_right_whatever_the_labels(plan: Plan, seed: int) -> None:
    asked_of(plan, seed)  # or there is nothing that can be asked
    setup, _, answers, *grades = code_of(nbgrader([task_of(labelled(plan, random.Random(seed)))]))
    space: dict[str, Any] = {"sheet": 1}
    for cell in (setup, answers, *grades):
        exec(cell, space)


@pytest.mark.slow
def test_notebooks_are_valid() -> None:
    nbformat = pytest.importorskip("nbformat")
    tasks = tasks_of(worksheets(neuron(), n=2))
    for notebook in (nbgrader(tasks), otter(tasks)["worksheet.ipynb"]):
        nbformat.validate(json.loads(notebook))


FORMULAS = {"w": "(w x + b)² + 2(w x + b)x·w", "x": "2(w x + b)w²", "b": "2(w x + b)w"}
"""The gradients of `neuron`."""

UNREADABLE = ("??", None, "__import__('os')", [1], "")


@cache
def class_set() -> Worksheets:
    return worksheets(neuron(), n=30)


@cache
def submissions() -> list[tuple[int, dict[str, Any]]]:
    """Return what 30 students hand in: the number of a sheet, and answers of every kind."""
    rng = random.Random(5)
    handed_in: list[tuple[int, dict[str, Any]]] = []
    for number in range(1, 31):
        answers: dict[str, Any] = {}
        for name, question in zip("wxb", class_set()[number]._task.asked, strict=True):
            wrong = rng.choice(question.wrong).number
            right = rng.choice([question.number, f"{question.number:.4g}", FORMULAS[name]])
            rest = [wrong, f"{wrong:.4g}", 98765.4, rng.choice(UNREADABLE)]
            answers[name] = rng.choice([right, right, right, *rest])
        if number % 7 == 0:
            del answers[rng.choice("wxb")]
        handed_in.append((number, answers))
    return handed_in


def scores(number: int, answers: dict[str, Any]) -> list[float]:
    """Return the points that `check` gives for each gradient."""
    sheet = class_set()[number]
    report = check(answers, sheet.output)
    right = {finding.symbol for finding in report if finding.verdict == "right"}
    return [float(question.symbol in right) for question in sheet._task.asked]


@pytest.mark.slow
def test_the_scripted_class_has_answers_of_every_kind() -> None:
    handed_in = submissions()
    verdicts = [
        finding.verdict
        for number, answers in handed_in
        for finding in check(answers, class_set()[number].output)
    ]
    assert {"right", "wrong", "cannot be read"} <= set(verdicts)
    assert 20 < verdicts.count("right") < 60
    assert len({tuple(scores(*each)) for each in handed_in}) > 4


def filled_in(notebook: dict[str, Any], number: int, answers: dict[str, Any]) -> dict[str, Any]:
    """Return a student's notebook as it is handed in."""
    filled: dict[str, Any] = json.loads(json.dumps(notebook))
    for cell in filled["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and source.startswith("sheet = 1"):
            cell["source"] = source.replace("sheet = 1", f"sheet = {number}")
        if source.startswith("answers = "):
            cell["source"] = f"answers = {answers!r}"
    return filled


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, env=environment_of(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_cells_of_a_notebook_grade_as_check_does() -> None:
    notebook = json.loads(nbgrader(tasks_of(class_set())))
    for number, answers in submissions():
        cells = code_of(json.dumps(filled_in(notebook, number, answers)).encode())
        space: dict[str, Any] = {}
        for cell in cells[:3]:
            exec(cell, space)
        assert [float(passes(cell, space)) for cell in cells[3:]] == scores(number, answers)
    with pytest.raises(ValueError, match="there is no sheet 31; they are 1 to 30"):
        exec(cells[3], space | {"sheet": 31})


def passes(cell: str, space: dict[str, Any]) -> bool:
    try:
        exec(cell, space)
    except autograd.AutogradError:
        return False
    return True


class Graded(NamedTuple):
    """A class that a grader has graded: where, and the points of each student by gradient."""

    folder: Path
    points: dict[str, dict[str, float]]

    def scores(self, number: int) -> list[float]:
        """Return the points of a student for each gradient."""
        return [self.points[f"student{number}"][f"gradient{i}"] for i in (1, 2, 3)]


def graded_by_nbgrader(folder: Path) -> Graded:
    """Hand the class in to nbgrader, from the teacher's notebook to the points in its book."""
    source = folder / "source" / "ps1"
    source.mkdir(parents=True)
    class_set().export(source / "sheet.ipynb")
    validated = run(folder, "-m", "nbgrader", "validate", str(source / "sheet.ipynb"))
    assert "Success" in validated
    run(folder, "-m", "nbgrader", "generate_assignment", "ps1", "--create")
    released = json.loads((folder / "release" / "ps1" / "sheet.ipynb").read_text())
    solution = str(class_set()[1]._task.asked[0].number)
    assert solution not in json.dumps(released)
    for number, answers in submissions():
        handed_in = folder / "submitted" / f"student{number}" / "ps1"
        handed_in.mkdir(parents=True)
        filled = json.dumps(filled_in(released, number, answers))
        (handed_in / "sheet.ipynb").write_text(filled, encoding="utf-8")
    run(folder, "-m", "nbgrader", "autograde", "ps1")
    program = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        submission.student.id: {g.name: g.score for n in submission.notebooks for g in n.grades}
        for submission in book.assignment_submissions("ps1")
    }))
"""
    return Graded(folder, json.loads(run(folder, "-c", program)))


def graded_by_otter(folder: Path) -> Graded:
    """Hand the class in to otter-grader, as its folder has it and as Gradescope grades."""
    folder = folder / "otter"
    class_set().export(folder)
    given = json.loads((folder / "worksheet.ipynb").read_text(encoding="utf-8"))
    run(folder, "-m", "otter", "generate", "-t", "tests")
    for number, answers in submissions():
        filled = json.dumps(filled_in(given, number, answers))
        (folder / f"student{number}.ipynb").write_text(filled, encoding="utf-8")
    program = """
import json
from otter.api import grade_submission
graded = {}
for student in [f"student{number}" for number in range(1, 31)]:
    found = grade_submission(f"{student}.ipynb", "autograder.zip", quiet=True)
    graded[student] = {name: found.get_score(name) for name in map("gradient{}".format, (1, 2, 3))}
print("graded", json.dumps(graded))
"""
    return Graded(folder, json.loads(run(folder, "-c", program).rpartition("graded ")[2]))


GRADERS = {"nbgrader": graded_by_nbgrader, "otter": graded_by_otter}


@pytest.fixture(scope="module")
def graders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Graded]]]:
    """Yield the graders that are installed, at work side by side in processes of their own."""
    submissions()  # made once, by one thread
    with ThreadPoolExecutor() as pool:
        yield {
            name: pool.submit(grade, tmp_path_factory.mktemp(name))
            for name, grade in GRADERS.items()
            if find_spec(name)
        }


@pytest.mark.slow
def test_nbgrader_grades_a_class_as_check_does(graders: dict[str, Future[Graded]]) -> None:
    pytest.importorskip("nbgrader", reason="nbgrader is not installed")
    graded = graders["nbgrader"].result()
    for number, answers in submissions():
        assert graded.scores(number) == scores(number, answers), (number, answers)
        file = graded.folder / "autograded" / f"student{number}" / "ps1" / "sheet.ipynb"
        held_to_check(json.loads(file.read_text(encoding="utf-8")), number, answers)


def held_to_check(notebook: dict[str, Any], number: int, answers: dict[str, Any]) -> None:
    """Assert that the cells of a graded notebook say what `check` says, and no more."""
    report = check(answers, class_set()[number].output)
    said = [output["evalue"] for cell in notebook["cells"] for output in errors(cell)]
    wanted = [str(finding) for finding in report if finding.verdict != "right"]
    there = [text for text in said if not text.startswith("the report has no answer for")]
    assert sorted(there) == sorted(wanted)


def errors(cell: dict[str, Any]) -> list[dict[str, Any]]:
    return [output for output in cell.get("outputs", ()) if output["output_type"] == "error"]


@pytest.mark.slow
def test_otter_grades_a_class_as_check_does(graders: dict[str, Future[Graded]]) -> None:
    pytest.importorskip("otter", reason="otter-grader is not installed")
    graded = graders["otter"].result()
    for number, answers in submissions():
        assert graded.scores(number) == scores(number, answers), (number, answers)
    _, first = submissions()[0]
    checked = run(graded.folder, "-m", "otter", "check", "student1.ipynb", "-t", "tests")
    for finding in check(first, class_set()[1].output):
        assert finding.verdict == "right" or str(finding).split("\n")[0] in checked
