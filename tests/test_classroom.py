"""Exported worksheets: graders of every kind agree with `check`, and no feedback tells the answer.

The importers are told again here, by what their documentation says of their formats. Moodle has no
schema, and the schema of QTI may not be passed on; pyslet, another implementation of QTI 2.1, reads
the items and carries out their response processing.
"""

from __future__ import annotations

import io
import json
import math
import os
import random
import re
import stat
import subprocess
import sys
import warnings
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd
from autograd import GradientError, UsageError, Value, check, rule, worksheet, worksheets
from autograd.value import operand
from autograd.views.classroom.asked import UNKNOWN, Asked, Task, asked
from autograd.views.classroom.code import function
from autograd.views.classroom.moodle import quiz
from autograd.views.classroom.notebooks import nbgrader, otter
from autograd.views.classroom.qti import package
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.walk import Walk
from autograd.views.worksheet import Worksheet, Worksheets
from tests.test_graphs import Plan, plans
from tests.test_notation import labelled

Elements = ElementTree.Element
HOSTILE = ("</text><b>", "w/", "$$x$$", "a\0b", "'; import os", '"""', "{i}", "]]>", "名", "\ud800")


def neuron() -> Value:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(1.5, "b")
    y = (w * x + b) ** 2 * w
    y.label = "y"
    return y


def hostile(rng: random.Random) -> Value:
    """Return a graph whose nodes have names that would break a file that trusted them."""
    a, b, c = (Value(x, rng.choice(HOSTILE)) for x in (3.0, -2.0, 5.0))
    y = (a * b + c) * a
    y.label = rng.choice(HOSTILE)
    return y


def tasks_of(sheets: Worksheets) -> list[Task]:
    return [sheet._task for sheet in sheets]


def task_of(output: Value) -> Task:
    return Worksheet(Walk(output))._task


# What is asked


def numbers_of(question: Asked) -> list[tuple[float, float]]:
    return [(question.number, question.tolerance), *[w[:2] for w in question.wrong]]


def range_of_moodle(accepted: tuple[float, float]) -> tuple[float, float]:
    """Return from where to where Moodle takes an answer for a number; it adds to the tolerance."""
    x, tolerance = accepted
    reach = tolerance + 1e-14 * max(1, abs(x))
    return x - reach, x + reach


@settings(max_examples=150)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_no_answer_is_taken_for_two_numbers(plan: Plan, seed: int) -> None:
    for question in asked_of(plan, seed):
        ranges = sorted(map(range_of_moodle, numbers_of(question)))
        for (_, end), (start, _) in pairwise(ranges):
            assert end < start


@settings(max_examples=100)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_what_is_asked_agrees_with_check(plan: Plan, seed: int) -> None:
    output = labelled(plan, random.Random(seed))
    walk = Walk(output)
    for leaf, question in zip(walk.leaves, asked_of(plan, seed), strict=True):
        assert question.number == pytest.approx(walk.derivatives[leaf], abs=question.tolerance)
        for wrong in question.wrong:
            finding = check({leaf: f"{wrong.number:.12e}"}, output)[leaf]
            assert finding.verdict != "right", (wrong, walk.derivatives[leaf])


def asked_of(plan: Plan, seed: int) -> Sequence[Asked]:
    walk = Walk(labelled(plan, random.Random(seed)))
    assume(walk.leaves and all(math.isfinite(walk.derivatives[leaf]) for leaf in walk.leaves))
    return asked(walk)


@settings(max_examples=150)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_no_feedback_tells_what_is_asked(plan: Plan, seed: int) -> None:
    questions = asked_of(plan, seed)
    rights = {f"{question.number:.4g}" for question in questions}
    for question in questions:
        for wrong in question.wrong:
            for reason in wrong.reasons:
                told = reason.replace("\N{MINUS SIGN}", "-")
                numbers = re.findall(r"(?:= |factor )(-?\d[\d.]*(?:e[-+]\d+)?)", told)
                assert not rights & {f"{float(x.rstrip('.')):.4g}" for x in numbers}, reason


@settings(max_examples=100)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_a_number_rounded_as_it_is_asked_for_is_recognised(plan: Plan, seed: int) -> None:
    for question in asked_of(plan, seed):
        [digits] = re.findall(r"to (\d) significant digits", question.prompt)
        for x, reach in numbers_of(question):
            assert abs(float(f"{x:.{int(digits) - 1}e}") - x) <= reach


def test_digits_are_asked_for_until_no_known_wrong_number_is_taken_for_the_right_one() -> None:
    for near, digits in ((5.0, 3), (1.004, 4), (1.0004, 5), (1.00004, 6), (1.0000004, 6)):
        asked_for_w, _ = asked(Walk(Value(3.0, "w") * Value(near, "x")))
        assert f"rounded to {digits} significant" in asked_for_w.prompt
        known = [wrong.number for wrong in asked_for_w.wrong]
        assert (1.0 in known) == (near > 1.000001)  # the local derivative is forgotten


# Moodle

FRACTIONS = {"0", "100"}
MOODLE = {
    "quiz": (r"(question )+", ""),
    "question category": (r"category ", "type"),
    "question numerical": (r"name questiontext defaultgrade (answer )+", "type"),
    "category": (r"text ", ""),
    "name": (r"text ", ""),
    "questiontext": (r"text (file )?", "format"),
    "file": (r"", "name path encoding"),
    "answer": (r"text feedback tolerance ", "fraction format"),
    "feedback": (r"text ", "format"),
    "text": (r"", ""),
    "tolerance": (r"", ""),
    "defaultgrade": (r"", ""),
}
"""What Moodle's importer reads of each element: its children, as a pattern, and its attributes."""


def held_to(schema: dict[str, tuple[str, str]], node: Elements) -> None:
    """Assert that an element and all below have the children and attributes of a schema."""
    tag = node.tag.rpartition("}")[2]
    key = f"{tag} {node.get('type')}" if f"{tag} {node.get('type')}" in schema else tag
    content, attributes = schema[key]
    children = "".join(f"{child.tag.rpartition('}')[2]} " for child in node)
    assert re.fullmatch(content, children), f"{tag} holds {children}"
    assert {*node.keys()} == {*attributes.split()}, tag
    for child in node:
        held_to(schema, child)


def graded_by_moodle(question: Elements, given: str) -> tuple[float, str]:
    """Return the grade and the feedback of the first answer that fits."""
    for answer in question.iter("answer"):
        number, tolerance = answer.findtext("text"), answer.findtext("tolerance")
        assert number is not None
        assert tolerance is not None
        low, high = range_of_moodle((float(number.replace("*", "0")), float(tolerance)))
        if number == "*" or low <= float(given) <= high:
            feedback = answer.findtext("feedback/text") or ""
            return float(answer.attrib["fraction"]), feedback
    raise AssertionError("the last answer takes everything")


class Shown(HTMLParser):
    """What HTML shows: its tags, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def moodle_questions(tasks: Sequence[Task]) -> list[Elements]:
    root = ElementTree.fromstring(quiz(tasks))
    held_to(MOODLE, root)
    return [question for question in root if question.get("type") == "numerical"]


def test_moodle_grades_a_class_and_says_what_went_wrong() -> None:
    tasks = tasks_of(worksheets(neuron(), n=4))
    found = moodle_questions(tasks)
    wanted = [(task, task.asked[i]) for i in range(3) for task in tasks]
    assert len(found) == len(wanted)
    for element, (task, question) in zip(found, wanted, strict=True):
        assert element.findtext("name/text") == f"{question.symbol}, sheet {task.number}"
        assert graded_by_moodle(element, repr(question.number))[0] == 100
        for wrong in question.wrong:
            grade, feedback = graded_by_moodle(element, repr(wrong.number))
            assert grade == 0
            assert Shown(feedback).text == wrong.feedback
        assert graded_by_moodle(element, "98765.4")[1] == f"<p>{UNKNOWN}</p>"
        assert {answer.get("fraction") for answer in element.iter("answer")} == FRACTIONS


def test_moodle_gets_a_category_for_each_gradient_whatever_the_labels() -> None:
    for seed in range(20):
        task = task_of(hostile(random.Random(seed)))
        root = ElementTree.fromstring(quiz([task]))
        paths = [node.findtext("category/text") or "" for node in root if len(node) == 1]
        parts = [re.split(r"(?<!/)/(?!/)", path) for path in paths]  # as Moodle takes them apart
        names = [[part.replace("//", "/").strip() for part in path] for path in parts]
        symbols = [question.symbol for question in task.asked]
        assert names == [["$course$", "top", "chainrule", symbol] for symbol in symbols]


def test_what_moodle_shows_is_the_sheet_whatever_the_labels() -> None:
    for seed in range(20):
        task = task_of(hostile(random.Random(seed)))
        for element, question in zip(moodle_questions([task]), task.asked, strict=True):
            shown = Shown(element.findtext("questiontext/text") or "")
            assert shown.tags == ["p", "p", "img", "p"]
            assert task.sheet.formula in shown.text
            assert question.prompt in shown.text
            image = b64decode(element.findtext("questiontext/file") or "")
            assert ElementTree.fromstring(image).tag.endswith("}svg")
            for answer in element.iter("answer"):
                assert Shown(answer.findtext("feedback/text") or "").tags == ["p"]


def test_without_a_renderer_the_graph_is_shown_as_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_DOT", "no-such-program")
    task = task_of(neuron())
    [question, *_] = moodle_questions([task])
    assert question.find("questiontext/file") is None
    assert str(task.sheet.picture) in unescape(question.findtext("questiontext/text") or "")
    items = [root for name, root in trees(package([task])) if name.startswith("item")]
    assert items[0].findtext(f"{QTI}itemBody/{QTI}pre") == str(task.sheet.picture)


# QTI

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
_CONDITION = r"(isNull|and) setOutcomeValue "
SCHEMA = {
    "assessmentItem": (
        r"responseDeclaration outcomeDeclaration outcomeDeclaration itemBody "
        r"responseProcessing (modalFeedback )+",
        "identifier title adaptive timeDependent",
    ),
    "responseDeclaration": (r"correctResponse ", "identifier cardinality baseType"),
    "correctResponse": (r"value ", ""),
    "outcomeDeclaration": (r"(defaultValue )?", "identifier cardinality baseType"),
    "defaultValue": (r"value ", ""),
    "value": (r"", ""),
    "itemBody": (r"((p|pre) )+", ""),
    "p": (r"((img|textEntryInteraction) )?", ""),
    "pre": (r"", ""),
    "img": (r"", "src alt width"),
    "textEntryInteraction": (r"", "responseIdentifier expectedLength"),
    "responseProcessing": (r"responseCondition ", ""),
    "responseCondition": (r"responseIf (responseElseIf )*responseElse ", ""),
    "responseIf": (_CONDITION, ""),
    "responseElseIf": (_CONDITION, ""),
    "responseElse": (r"setOutcomeValue ", ""),
    "setOutcomeValue": (r"baseValue ", "identifier"),
    "isNull": (r"variable ", ""),
    "and": (r"gte lte ", ""),
    "gte": (r"variable baseValue ", ""),
    "lte": (r"variable baseValue ", ""),
    "variable": (r"", "identifier"),
    "baseValue": (r"", "baseType"),
    "modalFeedback": (r"p ", "outcomeIdentifier showHide identifier"),
    "assessmentTest": (r"testPart ", "identifier title"),
    "testPart": (
        r"itemSessionControl (assessmentSection )+",
        "identifier navigationMode submissionMode",
    ),
    "itemSessionControl": (r"", "maxAttempts showFeedback"),
    "assessmentSection": (r"selection (assessmentItemRef )+", "identifier title visible"),
    "selection": (r"", "select"),
    "assessmentItemRef": (r"", "identifier href"),
    "manifest": (r"metadata organizations resources ", "identifier"),
    "metadata": (r"schema schemaversion ", ""),
    "schema": (r"", ""),
    "schemaversion": (r"", ""),
    "organizations": (r"", ""),
    "resources": (r"(resource )+", ""),
    "resource": (r"(file )+(dependency )*", "identifier type href"),
    "file": (r"", "href"),
    "dependency": (r"", "identifierref"),
}
"""A part of what the schemas of QTI 2.1 and of its packages allow, in their order."""


def trees(packed: bytes) -> Iterator[tuple[str, Elements]]:
    with ZipFile(io.BytesIO(packed)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                yield name, ElementTree.fromstring(archive.read(name))


def test_a_package_has_what_the_schemas_allow_and_lists_all_its_files() -> None:
    for seed in range(10):
        sheet = Worksheet(Walk(hostile(random.Random(seed))))
        packed = package([sheet._task, sheet._task])
        roots = dict(trees(packed))
        for name, root in roots.items():
            held_to(SCHEMA, root)
            space = "imscp_v1p1" if name == "imsmanifest.xml" else "imsqti_v2p1"
            spaces = {node.tag.partition("}")[0] for node in root.iter()}
            assert spaces == {f"{{http://www.imsglobal.org/xsd/{space}"}
        manifest = roots["imsmanifest.xml"]
        listed = {node.attrib["href"] for node in manifest.iter() if node.tag.endswith("}file")}
        with ZipFile(io.BytesIO(packed)) as archive:
            assert {*archive.namelist()} == {"imsmanifest.xml", *listed}
        kinds = [node.get("type") for node in manifest.iter() if node.get("type")]
        items = ["imsqti_item_xmlv2p1"] * 2 * len(sheet._task.asked)
        assert kinds == ["imsqti_test_xmlv2p1", *items]
        known = {node.get("identifier") for node in manifest.iter()}
        assert {node.get("identifierref") for node in manifest.iter()} - {None} <= known
        references = {node.attrib["href"] for node in roots["test.xml"].iter() if node.get("href")}
        assert references == {name for name in roots if name.startswith("item")}


def test_identifiers_are_unique_and_plain() -> None:
    packed = package(tasks_of(worksheets(neuron(), n=3)))
    for _, root in trees(packed):
        declared = [node for node in root.iter() if not node.tag.endswith(("variable", "Value"))]
        found = [name for node in declared if (name := node.get("identifier"))]
        assert len(set(found)) == len(found)
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) for name in found)


@pytest.fixture(scope="module")
def processed() -> Callable[[bytes, float | None], tuple[float, str | None]]:
    """Return a function from an item and an answer to the score and the feedback, by pyslet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        qti = pytest.importorskip("pyslet.imsqtiv2p1", exc_type=ImportError)
        variables = pytest.importorskip("pyslet.qtiv2.variables", exc_type=ImportError)

    def outcome(item: bytes, answer: float | None) -> tuple[float, str | None]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = qti.QTIDocument()
            document.read(src=io.StringIO(item.decode().partition("?>")[2]))
            state = variables.ItemSessionState(document.root)
            state.begin_session()
            state["RESPONSE"].set_value(answer)
            state.end_attempt()
            return state["SCORE"].value, state["FEEDBACK"].value

    return outcome


def test_another_implementation_reads_the_items_and_finds_what_went_wrong(
    processed: Callable[[bytes, float | None], tuple[float, str | None]],
) -> None:
    tasks = tasks_of(worksheets(neuron(), n=2))
    with ZipFile(io.BytesIO(package(tasks))) as archive:
        for i, task in enumerate(tasks, 1):
            for j, question in enumerate(task.asked, 1):
                item = archive.read(f"item{i}-{j}.xml")
                told = {
                    node.get("identifier"): "".join(node.itertext()).strip()
                    for node in ElementTree.fromstring(item)
                    if node.tag.endswith("modalFeedback")
                }
                assert processed(item, question.number) == (1, None)
                assert processed(item, question.number + question.tolerance / 2) == (1, None)
                assert processed(item, None) == (0, None)
                for wrong in question.wrong:
                    score, feedback = processed(item, wrong.number)
                    assert (score, told[feedback]) == (0, wrong.feedback)
                score, feedback = processed(item, 98765.4)
                assert (score, told[feedback]) == (0, UNKNOWN)


# Notebooks


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


@settings(max_examples=60)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_the_solution_in_a_notebook_is_right_whatever_the_labels(plan: Plan, seed: int) -> None:
    asked_of(plan, seed)  # or there is nothing that can be asked
    setup, _, answers, *grades = code_of(nbgrader([task_of(labelled(plan, random.Random(seed)))]))
    space: dict[str, Any] = {"sheet": 1}
    for cell in (setup, answers, *grades):
        exec(cell, space)


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


def environment_of(folder: Path) -> dict[str, str]:
    """Return an environment in which programs find this project, and nothing of the user's."""
    root = str(Path(autograd.__file__).parent.parent)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    return {**os.environ, "PYTHONPATH": root, "PATH": path} | dict.fromkeys(own, str(folder))


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, env=environment_of(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


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


@pytest.mark.slow
def test_nbgrader_grades_a_class_as_check_does(tmp_path: Path) -> None:
    pytest.importorskip("nbgrader", reason="nbgrader is not installed")
    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    class_set().export(source / "sheet.ipynb")
    validated = run(tmp_path, "-m", "nbgrader", "validate", str(source / "sheet.ipynb"))
    assert "Success" in validated
    run(tmp_path, "-m", "nbgrader", "generate_assignment", "ps1", "--create")
    released = json.loads((tmp_path / "release" / "ps1" / "sheet.ipynb").read_text())
    solution = str(class_set()[1]._task.asked[0].number)
    assert solution not in json.dumps(released)
    handed_in = submissions()
    for number, answers in handed_in:
        folder = tmp_path / "submitted" / f"student{number}" / "ps1"
        folder.mkdir(parents=True)
        filled = json.dumps(filled_in(released, number, answers))
        (folder / "sheet.ipynb").write_text(filled, encoding="utf-8")
    run(tmp_path, "-m", "nbgrader", "autograde", "ps1")
    program = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        submission.student.id: {g.name: g.score for n in submission.notebooks for g in n.grades}
        for submission in book.assignment_submissions("ps1")
    }))
"""
    graded = json.loads(run(tmp_path, "-c", program))
    for number, answers in handed_in:
        points = graded[f"student{number}"]
        found = [points[f"gradient{i}"] for i in (1, 2, 3)]
        assert found == scores(number, answers), (number, answers)
        file = tmp_path / "autograded" / f"student{number}" / "ps1" / "sheet.ipynb"
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
def test_otter_grades_a_class_as_check_does(tmp_path: Path) -> None:
    pytest.importorskip("otter", reason="otter-grader is not installed")
    class_set().export(tmp_path / "otter")
    folder = tmp_path / "otter"
    given = json.loads((folder / "worksheet.ipynb").read_text(encoding="utf-8"))
    run(folder, "-m", "otter", "generate", "-t", "tests")
    handed_in = submissions()
    for number, answers in handed_in:
        filled = json.dumps(filled_in(given, number, answers))
        (folder / f"student{number}.ipynb").write_text(filled, encoding="utf-8")
    program = """
import json
from otter.api import grade_submission
graded = {}
for number in range(1, 31):
    found = grade_submission(f"student{number}.ipynb", "autograder.zip", quiet=True)
    graded[number] = [found.get_score(f"gradient{i}") for i in (1, 2, 3)]
print("graded", json.dumps(graded))
"""
    graded = json.loads(run(folder, "-c", program).rpartition("graded ")[2])
    for number, answers in handed_in:
        assert graded[str(number)] == scores(number, answers), (number, answers)
    checked = run(folder, "-m", "otter", "check", "student1.ipynb", "-t", "tests")
    for finding in check(handed_in[0][1], class_set()[1].output):
        assert finding.verdict == "right" or str(finding).split("\n")[0] in checked


# Files


ENDINGS = ("class.moodle.xml", "class.qti.zip", "nbgrader.ipynb", "otter")


def files_in(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_sheets_make_the_same_files(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        for ending in ENDINGS:
            worksheets(neuron(), n=2).export(tmp_path / name / ending)
    first, second = files_in(tmp_path / "first"), files_in(tmp_path / "second")
    assert first == second
    with ZipFile(tmp_path / "first" / "class.qti.zip") as archive:
        assert {file.date_time for file in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert len(first) == 3 + 1 + 3


def test_a_sheet_by_itself_is_exported_too(tmp_path: Path) -> None:
    sheet = worksheet(neuron())
    sheet.export(tmp_path / "sheet.XML")
    assert b"sheet 1" not in (tmp_path / "sheet.XML").read_bytes()
    sheet.export(tmp_path / "homework.otter/")
    assert (tmp_path / "homework.otter" / "tests" / "gradient3.py").exists()


@pytest.mark.parametrize("name", ["class.pdf", "moodle", "", ".xml", "class.otter.txt"])
def test_another_ending_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^export: .*(must end in one of|no file can be called)"):
        worksheet(neuron()).export(f"{tmp_path}/{name}" if name else name)
    assert files_in(tmp_path) == {}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_place_that_cannot_be_written_is_refused(ending: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "file").chmod(stat.S_IRUSR)
    with pytest.raises(UsageError, match=r"^export: cannot .*; (give|make)|is no|there is no"):
        worksheet(neuron()).export(tmp_path / "file" / ending)


def test_what_nobody_can_type_is_refused(tmp_path: Path) -> None:
    x = Value(0.0, "x")
    with pytest.raises(UsageError, match=r"^export: ∂v1/∂x is ∞, which nobody can type"):
        worksheet(x.sqrt()).export(tmp_path / "class.xml")
    with pytest.raises(UsageError, match="no gradient to ask for"):
        worksheet(operand(2.0, "a number").exp()).export(tmp_path / "class.xml")
    assert files_in(tmp_path) == {}


@rule
def softsign_of_the_class(x: Any) -> Any:
    return x / (1 + abs(x)), (1 / (1 + abs(x)) ** 2,)


def test_a_rule_of_ones_own_goes_into_a_quiz_and_not_into_a_notebook(tmp_path: Path) -> None:
    sheet = worksheet(softsign_of_the_class(Value(3.0, "x") * 2.0))
    sheet.export(tmp_path / "class.xml")
    sheet.export(tmp_path / "class.zip")
    for ending in ("class.ipynb", "otter"):
        with pytest.raises(UsageError, match="softsign_of_the_class is an operation of your own"):
            sheet.export(tmp_path / ending)


# Reports


def test_a_report_is_json_and_tells_no_gradient_unless_it_is_asked_for() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.5, "b")
    y = (w * x + b) ** 2
    report = check({w: 4.5, x: "?", b: 3, "nobody": 1}, y)
    told = json.loads(report.to_json())
    assert (told["ok"], told["score"]) == (report.ok, report.score)
    for finding, data in zip(report, told["answers"], strict=True):
        assert data["symbol"] == finding.symbol
        assert data["verdict"] == finding.verdict
        assert data["note"] == finding.note
        assert data["answer"] == finding.answer.written
        assert [(c["kind"], c["reason"]) for c in data["causes"]] == [
            (mistake.kind, mistake.reason) for mistake in finding.mistakes
        ]
    assert [data["number"] for data in told["answers"]] == [4.5, None, 3, None]
    assert "gradient" not in report.to_json()
    asked_for = json.loads(report.to_json(gradients=True))
    assert [data["gradient"] for data in asked_for["answers"]] == [6, 9, 3, None]


def test_a_report_is_saved_as_json_alone(tmp_path: Path) -> None:
    report = check({"w": 4}, neuron())
    report.save(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(report.to_json())
    with pytest.raises(UsageError, match=r"must end in one of \.json"):
        report.save(tmp_path / "report.txt")


def test_a_failure_is_what_the_report_says_of_what_is_not_right() -> None:
    report = check({"w": 4, "x": "2(w x + b)w**2", "b": "?"}, neuron())
    wrong = [finding for finding in report if finding.verdict != "right"]
    assert len(wrong) == 2
    with pytest.raises(AssertionError) as failure:
        report.raise_for_mistakes()
    assert str(failure.value) == "\n".join(map(str, wrong))
    for finding in report:
        if finding in wrong:
            with pytest.raises(GradientError):
                finding.raise_for_mistakes()
        else:
            finding.raise_for_mistakes()
    check({"x": "2(w x + b)w**2"}, neuron()).raise_for_mistakes()


def test_pytest_prints_a_failure_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "test_answers.py").write_text(
        "from autograd import Value, check\n\n\ndef test_gradients():\n"
        "    w, x = Value(3.0, 'w'), Value(2.0, 'x')\n"
        "    y = (w * x) ** 2\n    y.label = 'y'\n"
        "    check({w: 4, x: 36}, y).raise_for_mistakes()\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment_of(tmp_path), capture_output=True, text=True,
        check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1
    assert r"\n" not in done.stdout
    w, x = Value(3.0, "w"), Value(2.0, "x")
    y = (w * x) ** 2
    y.label = "y"
    printed = [line.removeprefix("E").strip() for line in done.stdout.split("\n")]
    for line in str(check({w: 4}, y)).split("\n"):
        assert any(shown.endswith(line.strip()) for shown in printed), line
    assert "raise GradientError" not in done.stdout  # nobody reads the package's own lines
