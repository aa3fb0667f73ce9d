"""Text in columns: as wide as a terminal shows it, whatever the characters."""

from __future__ import annotations

import ast
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth, wcwidth

import autograd
from autograd import ExpressionError, Value, explain, steps, what_goes_wrong, worksheet
from autograd.tools.tables import table
from autograd.tools.text import excerpt, printable, width
from nn import MLP, Layer, Module, per_sample_gradients, squared_error, weight_matrix

ROOT = Path(autograd.__file__).parent.parent

HOSTILE = [
    "x",
    "x̂",
    "ẋ̂",
    "名",
    "\uff57",
    "각",
    "नी",
    "❤️",
    "🇩🇪",
    "👍🏽",
    "a\tb",
    "a\nb",
    "\x1b[31mred",
    "\u202edeb",
]

words = st.text(
    st.sampled_from("ab1.∂×₂⁽²⁾ŷ名e\u0302\u20d7🎯\n\t\x1b\u202e\u200d\ufe0f"), max_size=6
)


def columns(line: str) -> int:
    """Return how many columns of a terminal a line takes, by an independent count."""
    found = wcswidth(line)
    assert found >= 0, "there is a control character in it"
    return found


@given(st.lists(st.tuples(words, words, words), min_size=1), st.text("lr", min_size=1, max_size=4))
def test_every_column_begins_and_ends_where_its_side_says(
    rows: list[tuple[str, str, str]], sides: str
) -> None:
    lines = table([(*row, "|") for row in rows], sides)
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    assert len(lines) == len(rows)
    for line, row in zip(lines, cells, strict=True):
        rest = line
        for i, (cell, room) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (room - columns(cell))
            written = cell + blank if sides[min(i, len(sides) - 1)] == "l" else blank + cell
            assert rest.startswith(f"{written}  ")
            rest = rest[len(written) + 2 :]
        assert rest == "|"
        assert line.isprintable()


def test_a_table_may_be_empty() -> None:
    assert table([]) == []
    assert table([()]) == [""]
    assert table([("", "")]) == [""]
    with pytest.raises(ValueError, match="shorter"):
        table([(1, 2), (1,)])


def test_the_last_letter_holds_for_all_that_follow() -> None:
    assert table([("a", "b", "c"), ("aa", "bb", "cc")], "lr") == ["a    b   c", "aa  bb  cc"]


def test_every_character_has_the_width_that_terminals_give_it() -> None:
    for code in range(0x20, 0x30000):
        c = chr(code)
        if c.isprintable():
            assert width(c) == wcwidth(c), unicodedata.name(c, hex(code))


@pytest.mark.slow
@given(st.text())
def test_printable_text_stays_in_its_line(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    assert printable(shown) == shown
    assert shown == text or not text.isprintable()
    assert width(shown) >= 0


@given(st.text(), st.integers(2, 300))
def test_an_excerpt_fits_and_says_what_is_left_out(text: str, length: int) -> None:
    short = excerpt(text, length)
    assert len(short) <= length + 1
    assert short.isprintable()
    assert ("…" in short) >= (len(text) > length)


# Everything that is shown in columns


def straight(lines: list[str], *headings: str) -> None:
    """Check that what stands below each heading begins in its column, after two blanks."""
    [*_, head] = [line for line in lines if all(heading in line for heading in headings)]
    below = lines[lines.index(head) + 1 :]
    assert below
    for heading in headings:
        place = columns(head[: head.index(heading)])
        for line in below:
            parts = [line[:i] for i in range(len(line) + 1)]
            [*_, before] = [part for part in parts if columns(part) == place]
            assert before.endswith("  "), (head, line)
            assert not line.removeprefix(before).startswith((" ", "\u0302")), (head, line)


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_the_steps_stand_in_columns(label: str, encoding: str) -> None:
    w, x = Value(-3.0, label), Value(2.0, "w_{12}^{(2)}")
    text = steps((w * x).tanh()).text(encoding)
    text.encode(encoding)
    lines = text.splitlines()
    table_lines = lines[lines.index("") + 1 :]
    straight(table_lines, "from", "to", "upstream", "= contribution", "total")


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_broken_passes_stand_in_columns(label: str, encoding: str) -> None:
    x = Value(3.0, label)
    u = x * x + x
    text = what_goes_wrong(u).text(encoding)
    text.encode(encoding)
    part = text.split("\n\n")[1].splitlines()
    straight(part, "upstream", "total")


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("filled", [False, True])
def test_worksheets_stand_in_columns(label: str, encoding: str, filled: bool) -> None:
    w, x = Value(-3.0, label), Value(2.0, "w_{12}")
    sheet = worksheet((w * x + x).tanh())
    text = (sheet.key if filled else sheet.blank).text(encoding)
    text.encode(encoding)
    blocks = [block.splitlines() for block in text.split("\n\n")]
    for caption, *headings in (
        ("forward", "= operation", "= value"),
        ("backward", "from", "to", "upstream", "total"),
        ("gradients", "= value"),
    ):
        [block] = [block for block in blocks if block[0] == caption]
        straight(block[1:], *headings)


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_signs_of_an_equation_stand_below_each_other(label: str, encoding: str) -> None:
    x = Value(3.0, label)
    u = x * x + x
    u.label = "w_{12}^{(2)}"
    text = explain(u, x).text(encoding)
    text.encode(encoding)
    equation = text.split("\n\n")[1].splitlines()
    signs = [min(i for i in (line.find(" = "), line.find(" + ")) if i >= 0) for line in equation]
    places = {columns(line[:sign]) for line, sign in zip(equation, signs, strict=True)}
    assert len(places) == 1, equation
    assert len(equation) > 5


@pytest.mark.parametrize("label", HOSTILE)
def test_tables_of_networks_stand_in_columns(label: str) -> None:
    class Own(Module):
        def __init__(self) -> None:
            self.parts = {label: Value(1.0), "plain": Value(2.0)}
            self.inner = Layer(2, 2, lambda z: z)

    model = Own()
    lines = repr(model).splitlines()
    assert len({columns(line) for line in lines[1:]}) == 1  # flush right
    straight([line for line in lines if "parts." not in line][:-1], "activation")
    unit = MLP([1, 1])
    unit.layers[0].neurons[0].b.label = label
    rows = repr(per_sample_gradients(unit, [[1.0], [2.0]], [0.0, 0.0], squared_error)).splitlines()
    assert len({columns(line) for line in rows}) == 1
    matrix = repr(weight_matrix(Layer(3, 2))).splitlines()
    assert len({columns(line) for line in matrix}) == 1


@pytest.mark.parametrize("before", HOSTILE)
def test_the_mark_of_an_error_stands_below_the_column_it_means(before: str) -> None:
    text = f"{before} + $ + 1"
    said = str(ExpressionError("no", text, text.index("$") + 1)).splitlines()
    _, excerpt_line, mark = said
    assert columns(mark.removesuffix("^")) == columns(excerpt_line[: excerpt_line.index("$")])


@pytest.mark.slow
def test_there_is_one_printer_of_tables() -> None:
    """Whoever pads cells by hand counts characters, not columns."""
    tools = ROOT / "autograd" / "tools"
    for path in [*(ROOT / "autograd").rglob("*.py"), *(ROOT / "nn").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and path.parent != tools:
                assert node.attr not in ("ljust", "rjust"), f"{path}:{node.lineno}"
                assert node.attr not in ("east_asian_width", "wcswidth"), f"{path}:{node.lineno}"
