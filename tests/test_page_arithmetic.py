"""The page's own arithmetic, in a real browser, beside the reader of answers in Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

import autograd
from autograd import AutogradError, Value
from autograd.views.by_hand.reader import Answer, Reader
from autograd.views.tracing.graph import Graph

NODES = {"w": -0.75, "x": 1.5, "v₁": 2.25, "a₁⁽²⁾": 0.4}
UNARY = ("exp", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "expm1", "sigmoid", "relu")
PARTLY = ("log", "sqrt", "log1p", "asin", "acos")  # no value at some numbers
BINARY = ("atan2", "hypot", "maximum", "minimum")

READ = """([names, texts]) => {
  const reader = new Arithmetic(names);
  return texts.map((text) => {
    try { return reader.evaluate(text); } catch (error) { return error.message; }
  });
}"""
JUDGE = """(cases) => cases.map(([text, truth, noise]) => {
  const typed = new Arithmetic({}).evaluate(text);
  return [agrees(typed, truth, noise), isNear(typed, truth)];
})"""


@pytest.fixture(scope="module")
def arithmetic(browser: Any) -> Iterator[Any]:
    """Yield an empty page that has the arithmetic of the real one."""
    assets = resources.files("autograd.views.page") / "assets"
    page = browser.new_page()
    page.add_script_tag(content=(assets / "arithmetic.js").read_text("utf-8"))
    yield page
    page.close()


def formula(rng: random.Random, depth: int) -> str:
    """Return a formula in the names of the nodes, written in any of the ways it may be."""
    if depth == 0 or rng.random() < 0.2:
        number = rng.choice(["2", "0.5", ".25", "1.75e-1", "3e0", f"{rng.uniform(0, 3):.3f}"])
        return rng.choice([*NODES, number])
    x, y = (formula(rng, depth - 1) for _ in range(2))
    sign = rng.choice(["+", "-", "−", "–", "*", "·", "×", "/", "÷"])
    return rng.choice(
        [
            *[f"{x} {sign} {y}", f"({x}){sign}({y})"] * 3,
            *(f"-({x})", f"-{x}", f"|{x}|" if "|" not in x else x),
            *(f"({x})²", f"({x})**2", f"({x})^-1", f"({x})⁻¹", f"2 ** -({x})", f"-({x})**2"),
            *(f"{rng.choice(UNARY + PARTLY)}({x})", f"{rng.choice(UNARY)} {rng.choice([*NODES])}"),
            f"{rng.choice(BINARY)}({x}, {y})",
        ]
    )


def in_python(text: str) -> float | None:
    """Return a formula's number, None where it has none."""
    try:
        return (
            Reader(Graph(autograd.sum([Value(x, name) for name, x in NODES.items()])))
            .read(text)
            .number
        )
    except AutogradError:
        return None


def test_a_formula_is_the_number_on_the_page_that_it_is_in_python(arithmetic: Any) -> None:
    rng = random.Random(7)
    expected = {text: in_python(text) for text in (formula(rng, 3) for _ in range(1500))}
    read = {text: number for text, number in expected.items() if number is not None}
    assert len(read) > 1000
    names = {name: [repr(x)] for name, x in NODES.items()}
    found = arithmetic.evaluate(READ, [names, [*read]])
    for (text, number), typed in zip(read.items(), found, strict=True):
        assert isinstance(typed, dict), (text, typed)
        assert typed["value"] == pytest.approx(number, rel=1e-9, abs=1e-12), text


def test_every_function_is_the_one_in_python(arithmetic: Any) -> None:
    texts = [
        f"{name}({x})"
        for name in (*UNARY, *PARTLY, "abs")
        for x in ("-0.75", "0", "0.3", "0.9", "2.5")
    ]
    texts += [f"{name}({x}, {y})" for name in BINARY for x in (-2, 0.5, 3) for y in (-1, 3)]
    found = arithmetic.evaluate(READ, [{}, texts])
    for text, typed in zip(texts, found, strict=True):
        number = in_python(text)
        if number is None:
            assert isinstance(typed, str), text
        else:
            assert typed["value"] == pytest.approx(number, rel=1e-12), text


def test_a_rounded_answer_is_judged_on_the_page_as_in_python(arithmetic: Any) -> None:
    rng = random.Random(8)
    cases: list[tuple[str, float, float]] = []
    for _ in range(1500):
        truth = rng.choice([-1, 1]) * 10 ** rng.uniform(-3, 3)
        near = truth * (1 + rng.choice([0, 1e-10, 1e-3, 4e-3, 6e-3, 0.015, 0.03, 0.09, 0.2]))
        text = f"{near:.{rng.randint(1, 6)}g}"
        cases.append((text, truth, rng.choice([0.0, 0.0, 1e-3 * abs(truth)])))
    found = arithmetic.evaluate(JUDGE, cases)
    verdicts = set()
    for (text, truth, noise), (agrees, near) in zip(cases, found, strict=True):
        answer: Answer = Reader(Graph(Value(1.0))).read(text)
        assert agrees == answer.agrees(truth, noise), (text, truth)
        assert near == answer.is_near(truth), (text, truth)
        verdicts.add((agrees, near))
    assert verdicts == {(True, True), (False, True), (False, False)}


def test_a_formula_is_as_precise_on_the_page_as_in_python(arithmetic: Any) -> None:
    texts = ["2*x", "x/2 + 3", "0.5*x", "1.25 - 0.75", "2*0.1 - 0.3", "-(0.1 - x)", "1.5e-1*x - 7"]
    names = {name: [repr(x)] for name, x in NODES.items()}
    found = arithmetic.evaluate(READ, [names, texts])
    reader = Reader(Graph(autograd.sum([Value(x, name) for name, x in NODES.items()])))
    for text, typed in zip(texts, found, strict=True):
        assert typed["slack"] == pytest.approx(reader.read(text).precision, rel=1e-6), text


def test_what_is_typed_and_cannot_be_read_is_refused_with_a_remedy(arithmetic: Any) -> None:
    refusals = {
        "": "Type a number",
        "0,5": "Write decimals with a point",
        "50%": "Write 50 % as a number",
        "1/0": "no finite value",
        "(1": "closing parenthesis",
        "hypot(1": "closing parenthesis",
        "|1": "closing |",
        "1 +": "missing at the end",
        "q": "“q” is neither a node here",
        "2 x": "cannot read on at “x”",
        "sin(1, 2)": "sin takes one operand",
        "hypot(1)": "hypot takes two operands",
        "two": "Several nodes are called “two”",
        "-" * 100_000 + "1": "too deep",
    }
    names = {"x": ["2.0"], "two": ["1.0", "2.0"]}
    found = arithmetic.evaluate(READ, [names, [*refusals]])
    for (text, said), message in zip(refusals.items(), found, strict=True):
        assert said in message, text[:20]
