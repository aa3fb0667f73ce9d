"""Exercises and worksheets: no sheet is trivial, none gives an answer away, every key is right."""

from __future__ import annotations

import csv
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    UsageError,
    Value,
    check,
    exercise,
    explain,
    gradient,
    maximum,
    steps,
    worksheet,
    worksheets,
)
from autograd.expression import evaluate
from autograd.graph import topological_order
from autograd.views.by_hand.numbers import rebuilt
from autograd.views.example import hidden_layer_weight
from autograd.views.tracing.walk import Walk
from autograd.views.worksheet import Worksheet
from autograd.views.writing.numbers import short
from tests.test_graphs import Plan, plans

HOSTILE = "</pre><script>alert(1)</script>$\\end{document}"


def neuron() -> Value:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(1.5, "b")
    y = (w * x + b).tanh()
    y.label = "y"
    return y


# Exercises


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**9), level=st.sampled_from([1, 2, 3]))
@example(seed=979390429, level=1)  # whose first graph squares a square
@example(seed=78591072, level=3)
def test_an_exercise_is_as_hard_as_its_level_says_and_its_numbers_are_friendly(
    seed: int, level: int
) -> None:
    output = exercise(seed, level)
    order = topological_order(output)
    leaves = [node for node in order if not node.parents and node.label]
    paths = [explain(output, leaf).paths for leaf in leaves]
    assert max(paths) == 1 if level == 1 else max(paths) >= level
    assert output.label == "L"
    assert all(node.label for node in order if node.parents)
    assert len({node.label for node in order if node.label}) == len([n for n in order if n.label])
    numbers = [x for step in steps(output) for x in (step.node.data, step.partial, step.after)]
    assert all(float(x * 64).is_integer() and abs(x) < 10_000 for x in numbers)
    assert accidents(Walk(output)) == []


@pytest.mark.slow
def test_the_numbers_of_exercises_are_easy_on_the_whole() -> None:
    sizes = []
    for seed in range(100):
        sizes += [abs(step.after) for step in steps(exercise(seed, 2))]
    assert sum(size <= 30 for size in sizes) > 0.95 * len(sizes)


@pytest.mark.slow
def test_an_exercise_is_the_same_in_every_process() -> None:
    program = "from autograd import *; print(worksheet(exercise(7, 3), seed=2).key)"
    printed = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": hashing, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for hashing in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1
    assert "Answer key" in printed.pop()


def test_a_level_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no level 4; choose 1, 2 or 3"):
        exercise(1, 4)


# Numbers


def asked(walk: Walk) -> list[float]:
    """Return all that stands on a sheet once it is filled in."""
    found = [node.data for node in walk.order if node.parents or node in walk.leaves]
    for step in walk.steps:
        found += [step.partial, step.contribution, step.after]
    return found


def accidents(walk: Walk) -> list[tuple[float, float]]:
    """Return which numbers are 0, 1 or equal at this point alone, not in its neighbourhood."""
    leaves = [leaf for leaf in walk.leaves if leaf.data not in (0, 1)]
    points = [walk]
    for way in (0.7, 1.3, 2.9):
        near = {x: x.data * (1 + 1e-4 * math.cos(way * i)) for i, x in enumerate(leaves)}
        points.append(Walk(rebuilt(walk, near)))
    rows = [[0.0] * 4, [1.0] * 4, *map(list, zip(*map(asked, points), strict=True))]
    rows.sort(key=lambda row: abs(row[0]))
    return [
        (x[0], y[0])
        for x, y in pairwise(rows)
        if is_same(x[0], y[0]) and not all(map(is_same, x, y))
    ]


def is_same(x: float, y: float) -> bool:
    return math.isclose(abs(x), abs(y), rel_tol=1e-9, abs_tol=1e-12)


SMOOTH = frozenset(
    {"add", "sub", "mul", "square", "cube", "tanh", "sigmoid", "sin", "exp", "atan", "softplus"}
)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(plan=plans(SMOOTH), seed=st.integers(0, 199))
def test_no_number_is_0_or_1_or_equal_to_another_by_accident(plan: Plan, seed: int) -> None:
    output = plan.values()[-1]
    try:
        sheet = worksheet(output, seed)
    except UsageError:
        assume(False)
    walk = Walk(sheet.output)
    assert accidents(walk) == []
    assert any(walk.derivatives[leaf] for leaf in walk.leaves)


@pytest.mark.slow
def test_a_neuron_gets_easy_numbers_at_which_it_learns() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    for seed in range(200):
        walk = Walk(worksheet((w * x).tanh(), seed).output)
        assert accidents(walk) == []
        assert abs(walk.order[2].data) <= 2
        assert all(abs(walk.derivatives[leaf]) > 0.01 for leaf in walk.leaves)
        assert all(len(short(leaf.data).lstrip("-")) <= 4 for leaf in walk.leaves)


@pytest.mark.slow
def test_what_a_relu_or_a_maximum_leaves_out_is_as_little_as_can_be() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(1.5, "b")
    for seed in range(40):
        walk = Walk(worksheet((w * x + b).relu() * x, seed).output)
        assert all(walk.derivatives[leaf] for leaf in walk.leaves)
        both = (w * x).relu() + (b * x).relu() * w
        walk = Walk(worksheet(both, seed).output)
        assert all(node.data for node in walk.order)
        walk = Walk(worksheet(maximum(w, x) * b, seed).output)
        assert [walk.derivatives[leaf] for leaf in walk.leaves].count(0.0) == 1


@pytest.mark.slow
def test_a_sigmoids_output_stays_between_0_and_1_and_targets_keep_their_number() -> None:
    loss, _ = hidden_layer_weight()
    found = set()
    for seed in range(30):
        sheet = worksheet(loss, seed=seed)
        leaves = {leaf.label: leaf.data for leaf in Walk(sheet.output).leaves}
        assert 0 < leaves["a_1^(2)"] < 1
        assert (leaves["y_1"], leaves["y_2"]) == (1.0, 0.0)
        assert all(
            abs(n.parents[0].data) <= 2 for n in Walk(sheet.output).order if n.op == "sigmoid"
        )
        found.add(leaves["a_1^(1)"])
    assert max(map(abs, found)) > 1  # an input may be any number


@pytest.mark.slow
def test_a_probability_stays_in_its_domain() -> None:
    p, y = Value(0.3, "p"), Value(1.0, "y")
    for seed in range(40):
        leaves = Walk(worksheet(-(y * p.log() + (1 - y) * (1 - p).log()), seed).output).leaves
        assert [0 < leaf.data < 1 for leaf in leaves if leaf.label == "p"] == [True]


def test_a_weight_of_1_and_an_input_of_0_get_other_numbers() -> None:
    w, x, y = Value(1.0, "w"), Value(0.0, "x"), Value(1.0, "y")
    leaves = Walk(worksheet((w * x - y) ** 2, seed=1).output).leaves
    trivial = {leaf.label: leaf.data in (0, 1) for leaf in leaves}
    assert trivial == {"w": False, "x": False, "y": True}


@pytest.mark.slow
def test_numbers_at_which_there_is_no_value_are_not_taken() -> None:
    x = Value(2.0, "x")
    for seed in range(5):
        assert topological_order(worksheet(x.log(), seed=seed).output)[0].data > 0
    narrow = (x * 1e-9 + 0.5e-9 - x * 1e-9).log()  # a value whatever x is, and always flat
    with pytest.raises(UsageError, match="a number asked for is 0"):
        worksheet(narrow, seed=1)
    x.data = 2.03
    with pytest.raises(UsageError, match="no value at the numbers tried"):
        worksheet((1e-4 - (x - 2.03) ** 2).log(), seed=1)


@pytest.mark.slow
def test_a_branch_that_was_not_taken_is_not_asked_for() -> None:
    x = Value(3.0, "x")
    y = x * x if x > 0 else -x
    assert all(Walk(worksheet(y, seed=seed).output).leaves[0].data > 0 for seed in range(20))


def test_what_cannot_be_filled_in_is_refused() -> None:
    x = Value(3.0, "x")
    with pytest.raises(UsageError, match=r"worksheet: 2,002 steps are too many"):
        worksheet(sum([x] * 1001, start=x))
    with pytest.raises(UsageError, match="3 is not a Value"):
        worksheet(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="a number asked for is 0, 1"):
        worksheet((1000 * x).tanh(), seed=1)
    with pytest.raises(UsageError, match="no leaf can have another number"):
        worksheet(Value(1.0, "y") + 2, seed=1)


# Sheets and keys


def test_a_worksheet_gives_nothing_away_and_its_key_is_right() -> None:
    loss, weight = hidden_layer_weight()
    sheet = worksheet(loss)
    assert str(sheet.blank).count("______") == 11 + 4 * 23 + 11
    assert re.search(r"∂C₀/∂w₂₂⁽²⁾ +0\.3163\n", str(sheet.key))
    assert "C₀ = (a₁⁽³⁾ − y₁)² + (a₂⁽³⁾ − y₂)²" in str(sheet.blank)
    assert sheet.check({"w_22_2": explain(loss, weight).gradient}).ok
    assert not sheet.check({"w_22_2": 0.1905}).ok
    assert sheet._repr_html_().count("data:image/svg+xml") == 1
    assert str(sheet) == str(sheet.blank)


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(plan=plans(SMOOTH), seed=st.integers(0, 99))
def test_no_number_that_is_asked_for_stands_on_a_blank_sheet(
    plan: Plan, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    output = plan.values()[-1]
    output.grad = 123.456
    try:
        sheet = worksheet(output, seed)
    except UsageError:
        sheet = worksheet(output)
    folder = tmp_path_factory.mktemp("sheets")
    sheet.save(folder / "sheet.html")
    sheet.save(folder / "sheet.tex")
    picture = sheet.picture
    blank = {
        "text": str(sheet), "picture": str(picture), "dot": picture.dot,
        "described": f"{getattr(picture, 'title', '')} {getattr(picture, 'description', '')}",
        "html": re.sub(r"<style.*?</style>|data:[^\"]*", "", sheet._repr_html_(), flags=re.DOTALL),
        "file": re.sub(r"data:[^\"]*", "", (folder / "sheet.html").read_text("utf-8")),
        "tex": re.sub(r"(?s)\\begin\{tikzpicture\}.*?\\end\{tikzpicture\}", "",
                      (folder / "sheet.tex").read_text("utf-8")),
    }  # fmt: skip
    walk = Walk(sheet.output)
    shown = {short(node.data) for node in walk.order if not node.parents}
    answers = {short(x) for x in asked(walk)} | {"123.5", "123.456"}
    for answer in answers - shown:
        if len(answer) > 3:  # a digit or two may be an exponent or an index
            for where, text in blank.items():
                assert not re.search(rf"(?<![\d.-]){re.escape(answer)}(?!\.?\d)", text), where


@pytest.mark.slow
def test_a_seed_gives_other_numbers_and_the_same_graph() -> None:
    loss, _ = hidden_layer_weight()
    first, again, second = (worksheet(loss, seed=seed) for seed in (1, 1, 2))
    assert str(first.key) == str(again.key) != str(second.key) != str(worksheet(loss).key)
    for sheet in (first, second):
        copied = topological_order(sheet.output)
        assert [node.op for node in copied] == [node.op for node in topological_order(loss)]
        answers = dict(zip(copied, gradient(sheet.output, copied), strict=True))
        assert check(answers, sheet.output).ok


def test_constants_are_given_and_nothing_is_asked_about_them() -> None:
    x = Value(3.0, "x")
    for sheet in (worksheet(2 * x + 1), worksheet(2 * x + 1, seed=1)):
        assert "where x = " in str(sheet)
        assert [step.parent.label for step in Walk(sheet.output).steps] == ["", "x"]
        assert str(sheet).count("∂") == 2  # ∂v2/∂x alone


def test_boxes_are_called_in_the_picture_as_in_the_table() -> None:
    x = Value(3.0)
    y = x * x + Value(2.0, "a") * Value(4.0, "a")
    sheet = worksheet(y, names={"x": x})
    forward = str(sheet).split("node ")[1].split("backward")[0].splitlines()[1:]
    names = {row.split()[0] for row in forward if row}
    assert names == {"v1", "v2", "v3"}
    assert {"x = 3", "a#1 = 2", "a#2 = 4"} <= set(re.findall(r"[xa][#12]* = \d", str(sheet)))
    for name in (*names, "x", "a#1", "a#2"):
        assert f"<B>{name}</B>" in sheet.picture.dot
    again = worksheet(y, seed=1, names={"x": x})
    assert set(re.findall(r"[xa][#12]* = ", str(again))) == {"x = ", "a#1 = ", "a#2 = "}


class Tables(HTMLParser):
    """Reads the tables of a page, and notes what must not be there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.tags: set[str] = set()
        self.scopes: list[str | None] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and begin a table, row or cell."""
        self.tags.add(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.inside = True
            if tag == "th":
                self.scopes.append(dict(attrs).get("scope"))

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        """Add to a cell."""
        if self.inside:
            self.tables[-1][-1][-1] += data


@pytest.mark.slow
@pytest.mark.parametrize("label", ["w_{12}^{(2)}", HOSTILE, "a\x1bb", "名"])
def test_every_table_is_a_table(label: str) -> None:
    w, x = Value(3.0, label), Value(2.0, "x")
    sheet = worksheet((w * x).tanh())
    for face in (sheet.blank, sheet.key):
        html = Tables(face._repr_html_())
        assert len(html.tables) == 3
        assert {"caption", "thead", "tbody"} <= html.tags
        assert html.tags.isdisjoint({"pre", "script"})
        assert set(html.scopes) == {"col", "row"}
        for table in html.tables:
            assert len({len(row) for row in table}) == 1
    blank, key = (Tables(face._repr_html_()).tables for face in (sheet.blank, sheet.key))
    assert {row[-1] for table in blank for row in table[1:]} == {""}
    assert "" not in {cell for table in key for row in table for cell in row}


def test_a_notebook_shows_the_key_only_where_it_is_asked_for() -> None:
    sheet = worksheet(neuron(), seed=3)
    shown = sheet._repr_html_()
    assert "Answer key" not in shown
    assert "<details" not in shown
    [answer] = [short(g) for leaf, g in Walk(sheet.output).derivatives.items() if leaf.label == "b"]
    assert answer not in re.sub(r"data:[^\"]*", "", shown)
    assert answer in sheet.key._repr_html_()
    assert answer in repr(sheet.key)


# Class sets and files


@pytest.mark.slow
def test_a_class_set_has_different_sheets_with_their_numbers() -> None:
    sheets = worksheets(neuron(), n=12)
    assert len(sheets) == 12
    given = {tuple(leaf.data for leaf in Walk(sheet.output).leaves) for sheet in sheets}
    assert len(given) == 12
    assert [sheet.number for sheet in sheets] == [*range(1, 13)]
    assert str(sheets[3].blank).startswith("Worksheet 3\n")
    assert str(sheets[3].key).startswith("Answer key 3\n")
    assert [line.split()[0] for line in str(sheets).splitlines()[1:]] == [
        "sheet",
        *map(str, range(1, 13)),
    ]
    [table] = Tables(sheets._repr_html_()).tables
    assert [row[0] for row in table] == ["sheet", *map(str, range(1, 13))]
    for sheet in sheets:
        assert accidents(Walk(sheet.output)) == []
    for number in (0, 13, "3"):
        with pytest.raises(UsageError, match="they are 1 to 12"):
            sheets[number]  # type: ignore[index]
    assert (
        str(worksheets(neuron(), n=2))
        == str(worksheets(neuron(), n=2))
        != str(worksheets(neuron(), n=2, seed=5))
    )


@pytest.mark.slow
def test_only_the_leaves_that_are_to_vary_do() -> None:
    y = neuron()
    w, x, b = (next(n for n in topological_order(y) if n.label == name) for name in "wxb")
    for sheet in worksheets(y, n=5, vary=[b]):
        leaves = {leaf.label: leaf.data for leaf in Walk(sheet.output).leaves}
        assert (leaves["w"], leaves["x"]) == (w.data, x.data)
    with pytest.raises(UsageError, match=r"only \d+ sheets .* ask for fewer, or vary other leaves"):
        worksheets(y, n=500, vary=[b])
    for vary in ([], [y]):
        with pytest.raises(UsageError, match="vary is no list of leaves"):
            worksheets(y, n=2, vary=vary)
    with pytest.raises(UsageError, match="does not depend on"):
        worksheets(y, n=2, vary=[Value(2.0, "other")])
    with pytest.raises(UsageError, match="worksheets: no leaf can have another number"):
        worksheets(Value(1.0, "y") + 2, n=2)
    with pytest.raises(UsageError, match="no number of sheets"):
        worksheets(y, n=0)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


@pytest.mark.slow
def test_a_class_set_is_saved_with_its_key_and_answers(tmp_path: Path) -> None:
    sheets = worksheets(neuron(), n=3)
    for suffix in ("html", "tex", "pdf"):
        sheets.save(tmp_path / f"class.{suffix}", tmp_path / f"key.{suffix}", tmp_path / "keys.csv")
    assert {path.name for path in tmp_path.iterdir()} == {
        "keys.csv", "class.html", "key.html", "class.tex", "key.tex", "class.pdf", "key.pdf",
    }  # fmt: skip
    for name in ("class", "key"):
        assert pages((tmp_path / f"{name}.pdf").read_bytes()) == 3
        assert (tmp_path / f"{name}.tex").read_text("utf-8").count(r"\clearpage") == 2
        assert (tmp_path / f"{name}.html").read_text("utf-8").count("<section") == 3
    with (tmp_path / "keys.csv").open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == 3 * (3 + 3)
    for number in (1, 2, 3):
        found = {row["symbol"]: float(row["value"]) for row in rows if row["sheet"] == str(number)}
        walk = Walk(sheets[number].output)
        for leaf in walk.leaves:
            assert found[f"dy/d{leaf.label}"] == walk.derivatives[leaf]
        assert found["y"] == sheets[number].output.data
        assert sheets[number].check(
            {leaf.label: found[f"dy/d{leaf.label}"] for leaf in walk.leaves}
        )


@pytest.mark.slow
def test_a_graph_of_twelve_steps_fits_on_a_page_and_a_longer_one_goes_on(tmp_path: Path) -> None:
    x = Value(2.0, "x")
    y = x
    for _ in range(6):
        y = y * x
    worksheet(y).save(tmp_path / "short.pdf")
    loss, _ = hidden_layer_weight()
    worksheet(loss).save(tmp_path / "long.pdf")
    assert len(steps(y)) == 12
    assert pages((tmp_path / "short.pdf").read_bytes()) == 1
    assert pages((tmp_path / "long.pdf").read_bytes()) == 2


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    sheet = worksheet(neuron())
    with pytest.raises(UsageError, match=r"'key.txt' must end in one of .html, .htm, .tex, .pdf"):
        sheet.save(tmp_path / "sheet.html", key=tmp_path / "key.txt")
    with pytest.raises(UsageError, match="there is no folder"):
        sheet.save(tmp_path / "sheet.html", key=tmp_path / "no" / "key.html")
    with pytest.raises(UsageError, match="same file"):
        sheet.save(tmp_path / "sheet.html", key=tmp_path / "sheet.html")
    with pytest.raises(UsageError, match=r"must end in one of .csv"):
        worksheets(neuron(), n=2).save(tmp_path / "s.html", answers=tmp_path / "keys.xls")
    assert [*tmp_path.iterdir()] == []


def test_without_matplotlib_a_pdf_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        UsageError, match=r'a .pdf needs matplotlib; pip install "chainrule\[plots\]"'
    ):
        worksheet(neuron()).save(tmp_path / "sheet.pdf")


def sheets_to_set() -> Iterator[Worksheet]:
    yield worksheet(hidden_layer_weight()[0])
    for seed in range(1, 4):
        yield worksheet(exercise(seed, seed))
    for label in (r"\hat w_{12}'", "learning_rate", "a + b", "$5 & 3%", r"\mathbf{w}", "x^2_#~"):
        yield worksheet((Value(3.0, label) * Value(2.0, "x")).tanh() / 3)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="there is no pdflatex")
def test_pdflatex_sets_every_sheet(tmp_path: Path) -> None:
    for i, sheet in enumerate(sheets_to_set()):
        sheet.save(tmp_path / f"{i}.tex", key=tmp_path / f"key{i}.tex")
        for name in (f"{i}", f"key{i}"):
            command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", f"{name}.tex"]
            done = subprocess.run(
                command, cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout[-1500:]


@pytest.mark.slow
def test_hostile_labels_are_text_in_every_file(tmp_path: Path) -> None:
    sheet = worksheet(Value(2.0, HOSTILE) * 3)
    sheet.save(tmp_path / "sheet.html")
    sheet.save(tmp_path / "sheet.tex")
    sheet.save(tmp_path / "sheet.pdf")
    html = (tmp_path / "sheet.html").read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert (tmp_path / "sheet.tex").read_text("utf-8").count(r"\end{document}") == 1
    assert pages((tmp_path / "sheet.pdf").read_bytes()) == 1


def test_the_door_has_them() -> None:
    names: Any = autograd
    assert {"exercise", "worksheet", "worksheets"} <= set(names.__all__)


def test_a_picture_in_groups_gives_nothing_away() -> None:
    x = Value(1.03, "x")
    y = x
    for _ in range(70):
        y = y * x
    dot = worksheet(y).picture.dot
    numbers = {short(node.data) for node in topological_order(y) if node.parents}
    assert not {number for number in numbers if re.search(rf"(?<![\d.]){re.escape(number)}", dot)}
    assert "1.03" in dot


@pytest.mark.parametrize(
    "label", [HOSTILE, "a + b", r"\hat w_{12}'", "x#1", "“x”", "2", "名", "a\nb"]
)
def test_a_node_keeps_its_name_at_other_numbers(label: str) -> None:
    y = Value(3.0, label) * Value(2.0, "x")
    before, after = (Walk(output) for output in (y, worksheet(y, seed=1).output))
    assert [before.names(n) for n in before.order] == [after.names(n) for n in after.order]


def test_a_sheet_without_numbers_says_what_there_is_in_the_way() -> None:
    x = Value(0.5, "x")
    made = Value.from_partials(2.0, [x], [3.0], op="mine")
    with pytest.raises(UsageError, match=r"at the numbers tried .mine was made by hand"):
        worksheet(made * x, seed=1)
    with pytest.raises(UsageError, match=r"numbers tried .it is infinite or NaN there"):
        worksheet((Value(150.0, "x") - 100).log(), seed=1)
    with pytest.raises(UsageError, match=r"no leaf .*: each is 0 or 1, and kept, as a target is;"):
        worksheet(Value(0.0, "x").relu() * 2, seed=1)
    with pytest.raises(UsageError, match=r"no leaf can have another number;"):
        worksheet(evaluate("2 + 3·4", {}), seed=1)


@pytest.mark.slow
def test_a_class_list_has_a_sheet_for_each_name(tmp_path: Path) -> None:
    students = ["Ada & Bob", "$\\{_}^~#%", "名前", "<b>Emmy</b>"]
    sheets = worksheets(neuron(), students, seed=3)
    assert [sheet.student for sheet in sheets] == students
    assert len({str(sheet.key) for sheet in sheets}) == len(students)
    for suffix in ("html", "tex"):
        sheets.save(tmp_path / f"class.{suffix}", answers=tmp_path / "answers.csv")
    page, text = ((tmp_path / f"class.{suffix}").read_text("utf-8") for suffix in ("html", "tex"))
    assert "<b>Emmy" not in page
    assert "Worksheet 4: &lt;b&gt;Emmy&lt;/b&gt;" in page
    assert r"Worksheet 1: Ada \& Bob" in text
    assert r"\$\textbackslash{}\{\_\}\textasciicircum{}\textasciitilde{}\#\%" in text
    rows = list(csv.reader((tmp_path / "answers.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["sheet", "student", "symbol", "value"]
    assert {row[1] for row in rows[1:]} == {*students}
    assert "名前" in str(sheets)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "no number of sheets"),
        ("Ada", "no class list"),
        (3.5, "no class list"),
        (["Ada", ""], "name 2 of the class list, '', is no name"),
        (["Ada", None], "name 2 of the class list, None, is no name"),
        (["Ada\n1: right"], "has characters that no sheet shows"),
        (["A" * 61], "or too many"),
        (["=HYPERLINK(1)"], "would be a formula in a table"),
        (["Ada", " Ada"], "is there twice"),
        (["Andr\u00e9", "Andre\u0301"], "is there twice"),
        (10**12, "too many sheets"),
    ],
)
def test_odd_names_are_refused_by_what_is_odd(names: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        worksheets(neuron(), names)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
