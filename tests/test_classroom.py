"""Exported worksheets: graders of every kind agree with `check`, and no feedback tells the answer.

The importers are told again here, by what their documentation says of their formats. Moodle has no
schema, and the schema of QTI may not be passed on; pyslet, another implementation of QTI 2.1, reads
the items and carries out their response processing.
"""

from __future__ import annotations

import io
import math
import random
import re
import stat
import warnings
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
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

from autograd import UsageError, Value, check, rule, worksheet, worksheets
from autograd.value import operand
from autograd.views.classroom.asked import UNKNOWN, Asked, Task, asked
from autograd.views.classroom.moodle import quiz
from autograd.views.classroom.qti import package
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


@pytest.mark.slow
@settings(max_examples=150)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_no_answer_is_taken_for_two_numbers(plan: Plan, seed: int) -> None:
    for question in asked_of(plan, seed):
        ranges = sorted(map(range_of_moodle, numbers_of(question)))
        for (_, end), (start, _) in pairwise(ranges):
            assert end < start


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_moodle_gets_a_category_for_each_gradient_whatever_the_labels() -> None:
    for seed in range(20):
        task = task_of(hostile(random.Random(seed)))
        root = ElementTree.fromstring(quiz([task]))
        paths = [node.findtext("category/text") or "" for node in root if len(node) == 1]
        parts = [re.split(r"(?<!/)/(?!/)", path) for path in paths]  # as Moodle takes them apart
        names = [[part.replace("//", "/").strip() for part in path] for path in parts]
        symbols = [question.symbol for question in task.asked]
        assert names == [["$course$", "top", "chainrule", symbol] for symbol in symbols]


@pytest.mark.slow
def test_what_moodle_shows_is_the_sheet_whatever_the_labels() -> None:
    for seed in range(20):
        task = task_of(hostile(random.Random(seed)))
        for element, question in zip(moodle_questions([task]), task.asked, strict=True):
            shown = Shown(element.findtext("questiontext/text") or "")
            assert shown.tags == ["p", *(["p"] if task.defined else []), "p", "img", "p"]
            assert task.sheet.formula in shown.text
            assert task.defined in shown.text
            assert question.prompt in shown.text
            image = b64decode(element.findtext("questiontext/file") or "")
            assert ElementTree.fromstring(image).tag.endswith("}svg")
            assert b"prefers-color-scheme" not in image  # it stands on white
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


@pytest.mark.slow
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


# Files


ENDINGS = ("class.moodle.xml", "class.qti.zip", "nbgrader.ipynb", "otter")


def files_in(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.slow
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


@pytest.mark.slow
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
