"""One reader of formulas: what is written on paper, typed and printed, or a refusal that helps."""

from __future__ import annotations

import contextlib
import random
import unicodedata

import pytest

from autograd import AutogradError, Value
from autograd.expression import evaluate
from autograd.views.by_hand.reader import Answer, Reader
from autograd.views.tracing.graph import Graph
from autograd.views.writing.formulas import write
from autograd.views.writing.scripts import LATEX, TEXT, Script
from tests.answers import Case, cases, graphs
from tests.formulas import formulas, leaves

CASES = list(cases())
READERS = graphs()


def test_the_corpus_is_large_and_has_every_kind() -> None:
    assert len(CASES) >= 400
    assert len(set(CASES)) == len(CASES)
    assert {case.graph for case in CASES} == set(READERS)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.graph}-{case.text}")
def test_an_answer_is_read_as_its_number_or_refused(case: Case) -> None:
    if case.refusal is None:
        expected = case.number
        found = READERS[case.graph].read(case.text).number
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)
    else:
        with pytest.raises(AutogradError) as refused:
            READERS[case.graph].read(case.text)
        assert case.refusal in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.graph in ("numbers", "functions")], ids=str
)
def test_the_command_line_reads_as_the_reader_of_answers_does(case: Case) -> None:
    variables = {"x": Value(2.0, "x"), "y": Value(3.0, "y")} if case.graph == "functions" else {}
    if case.refusal is None:
        found = evaluate(case.text, variables).data
        assert found == pytest.approx(case.number, rel=1e-12, abs=1e-15, nan_ok=True)
    else:
        with pytest.raises(AutogradError):
            evaluate(case.text, variables)


@pytest.mark.slow
@pytest.mark.parametrize("script", [TEXT, LATEX], ids=["text", "latex"])
def test_what_is_printed_is_read_back_as_the_same_number(script: Script) -> None:
    reader = leaves()
    for made in formulas(2000, random.Random(6)):
        text = write(made, script)
        assert reader.read(text).number == pytest.approx(made.number, rel=1e-9, abs=1e-9), text


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "-" * 100_000 + "1", "|" * 99_999, "√" * 100_000 + "2", "2^" * 100_000 + "1",
     "sin " * 100_000 + "1", "[" * 100_000, "exp(" * 100_000, "{" * 100_000, "²" * 100_000,
     r"\frac{" * 100_000, "1" + "⁽" * 100_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(AutogradError):
        READERS["numbers"].read(text)


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["+", "-", "*", "·", " "])
def test_a_formula_may_be_long(sign: str) -> None:
    assert isinstance(READERS["odd"].read(sign.join(["x"] * 500)), Answer)
    assert READERS["numbers"].read("+".join(["1"] * 20_000)).number == 20_000


@pytest.mark.slow
def test_any_text_whatever_is_read_or_refused() -> None:
    rng = random.Random(5)
    parts = [case.text for case in CASES]
    signs = list("0123456789.,+-*/^()[]{}|²₁½√∂πσe·× \\%'\"“”xyLd_=<>\n\t\x00\ud800é")
    for _ in range(5000):
        text = "".join(rng.choice([rng.choice(parts), rng.choice(signs)]) for _ in range(4))
        cut = rng.randrange(len(text) + 1)
        for tried in (text, text[:cut], text[cut:]):
            for reader in READERS.values():
                with contextlib.suppress(AutogradError):
                    assert isinstance(reader.read(tried).number, float)


@pytest.mark.parametrize("power", [-3, -1, 0])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_float_that_is_a_power_of_ten_may_have_been_rounded_from_either_side(
    power: int, sign: int
) -> None:
    read = Reader(Graph(Value(1.0))).read
    x = sign * 10.0**power
    for off, agrees in ((1.04, True), (0.996, True), (1.06, False), (0.96, False)):
        assert read(x).agrees(x * off) == agrees, (x, off)


@pytest.mark.parametrize("label", ["x1", "x_1", "x_{1}", "x₁", "w12", "w_{12}", "h10"])
def test_an_index_is_read_however_it_is_written(label: str) -> None:
    """SymPy prints x1 as x_{1} in LaTeX, and people answer with what it prints."""
    node = Value(1.75, label)
    letters, digits = label[0], "".join(str(unicodedata.digit(c)) for c in label if c.isdigit())
    lowered = "".join(chr(ord("₀") + int(digit)) for digit in digits)
    reader = Reader(Graph(node * Value(2.0, "y") + 1))
    for index in (digits, f"_{digits}", f"_{{{digits}}}", lowered):
        assert reader.read(f"2{letters}{index}^2").number == 2 * 1.75**2, index


def test_what_may_be_either_of_two_names_with_an_index_is_refused() -> None:
    both = Reader(Graph(Value(2.0, "x1") * Value(3.0, "x_1")))
    with pytest.raises(AutogradError, match="did you mean"):
        both.read("2x_{1}")
