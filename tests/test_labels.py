"""Labels: one grammar, and four scripts that can all be read back."""

from __future__ import annotations

import html
import json
import os
import random
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograd.views.writing.labels import Label, parse
from autograd.views.writing.scripts import LATEX, Part

ROOT = Path(__file__).parent.parent

GOLDEN = json.loads((ROOT / "tests/labels.json").read_text("utf-8"))
"""What was looked at: label, Unicode, LaTeX, HTML, typed."""

PIECES = [
    *("a", "x", "w", "12", "1", "Q", "max", "loss", "_1", "e", "inf", "é", "İ", "ß", "ﬁ", "한"),
    *("_", "^", "{", "}", "(", ")", "[", "]", "'", "′", "″", ",", "-", "+", "*", "\\", " ", "ᄀ"),
    *(r"\hat", r"\hat ", r"\vec", r"\dot{", r"\widehat", r"\Delta ", r"\sigma", r"\theta ", "_{0"),
    *(r"\mathbf", r"\mathbf{w}", r"\boldsymbol{\theta}", r"\mathcal L", r"\mathbb{R}", r"\frac"),
    *(r"\text{in}", r"\text{", r"\mathrm{a_b}", r"\infty", r"\_", r"\%", r"{\wedge}", r"\prime"),
    *(r"\varphi", r"\begin{x}", r"\def", "^(2)", "ᅡ", "\u2112", "{\u2112}", "∑", "≠", "⟦", "‼"),
    *("₁", "⁽²⁾", "ᵢ", "²", "½", "٣", "ª", "ʰ", "σ", "Δ", "∂", "∞", "ℓ", "\U0001d430", "日", "م"),
    *("ŷ", "\u0302", "\u0301", "\u0327", "\u030b", "\u20d7", "\u0332", "\ufe0f", "…", "“", "”"),
    *("\u200d", "\u202e", "\n", "\x1b", "\ud800", "\x00", "\ufffd", "\u2028", "\ue000", "\xa0"),
    *("$", "%", "&", "#", "~", "<", ">", "`", "|", "/", "=", "@", "!", "?", ";", ":", "--", '"'),
    *("क्", "😀", "\U0001d6a4"),
]


def nested(rng: random.Random, depth: int) -> str:
    """Return what may stand in a script, as LaTeX or as it is typed."""
    if depth == 0 or rng.random() < 0.5:
        leaves = ["1", "12", "j", "jk", "(2)", "[2]", "l-1", "Q", "σ", r"\sigma ", "in", "-1", "*"]
        return rng.choice([*leaves, r"\text{in}", r"\hat y", "ŷ", r"\mathbf{w}", "日", "j,k", "∞"])
    inner = [nested(rng, depth - 1) for _ in range(3)]
    shapes = ["{}_{{{}}}", "{}^{{{}}}", r"\hat{{{}}}", "{} {}", "{}{}", r"\vec{{{}}}_{{{}}}^{{{}}}"]
    return rng.choice(shapes).format(*inner)


def symbol(rng: random.Random) -> str:
    """Return a label that is a symbol, or nearly one."""
    bases = ["w", "loss", "learning_rate", "σ", r"\theta", r"\hat y", "ŷ", r"\mathbf w", "日", "x1"]
    base = rng.choice(
        [*bases, "_a", "café", "p̂", r"\mathcal{L}", rf"\hat{{{nested(rng, 2)}}}", "∂"]
    )
    scripts = [f"_{{{nested(rng, 3)}}}", f"^{{{nested(rng, 3)}}}", "'", "_1", "^(2)", "₁₂", "⁽ᴸ⁾"]
    scripts = rng.sample([*scripts, "_Q", "^Q", "^*", "′"], rng.randint(0, 3))
    return rng.choice(["", "", "", r"\Delta ", "∂"]) + base + "".join(scripts)


def hostile(rng: random.Random) -> str:
    """Return any pieces in any order."""
    return "".join(rng.choices(PIECES, k=rng.randint(1, rng.choice([2, 4, 8, 40]))))


def labels(seed: int, n: int) -> list[str]:
    """Return the labels looked at, and n random ones: symbols, hostile ones, mixtures."""
    rng = random.Random(seed)
    found = [row[0] for row in GOLDEN]
    while len(found) < n:
        text = rng.choice([symbol, hostile])(rng)
        if rng.random() < 0.2:
            at = rng.randint(0, len(text))
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randint(0, 1) :]
        found.append(text)
    return found


@pytest.mark.parametrize(("text", "unicode", "latex", "markup", "typed"), GOLDEN)
def test_labels_are_printed_as_they_were_looked_at(
    text: str, unicode: str, latex: str, markup: str, typed: str
) -> None:
    label = parse(text)
    assert [label.unicode, label.latex, label.html, label.typed] == [unicode, latex, markup, typed]


@pytest.mark.slow
def test_every_script_reads_back_as_the_same_label() -> None:
    for text in labels(1, 30_000):
        label = parse(text)
        for printed in (label.unicode, label.latex, label.typed, Markup(label.html).text):
            assert parse(printed) == label, (text, printed)


@pytest.mark.slow
def test_what_prints_alike_is_equal() -> None:
    for script in ("unicode", "latex", "typed", "html"):
        first: dict[str, Label] = {}
        for text in labels(2, 20_000):
            label = parse(text)
            same = first.setdefault(getattr(label, script), label)
            assert same == label, text
            assert hash(same) == hash(label)
    assert parse("v12") == parse("v_{12}") != parse("v_13")


def test_many_random_labels_are_symbols() -> None:
    read = [parse(text).unicode for text in labels(1, 5000)]
    assert 1500 < sum(not text.startswith("“") for text in read) < 4000


class Markup(HTMLParser):
    """HTML, read as a browser does: its tags as LaTeX has them, its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a script; there is no other tag, and none has attributes."""
        assert not attrs
        self.text += {"sub": "_{", "sup": "^{"}[tag]

    def handle_endtag(self, tag: str) -> None:
        """Close a script."""
        self.text += "}"

    def handle_data(self, data: str) -> None:
        """Take text as it is."""
        self.text += data


def test_html_is_escaped() -> None:
    label = parse("<img src=x onerror=alert(1)> & \"'")
    assert html.unescape(label.html) == label.unicode
    assert Markup(label.html).text == label.unicode


@pytest.mark.slow
def test_nothing_that_moves_a_cursor_is_printed() -> None:
    for text in labels(3, 10_000):
        label = parse(text)
        for printed in (label.unicode, label.latex, label.html, label.typed):
            assert printed.isprintable(), text


def test_what_is_no_symbol_and_no_word_is_quoted() -> None:
    for text in (" ", "2", "-3", "1e5", "1.2.3", "½", "inf", "NaN", "∞", "a + b", "a*b", "dL/dw"):
        assert parse(text).unicode == f"“{text}”"
        assert parse(text).typed == f'"{text}"'


def test_a_long_label_is_cut() -> None:
    for text in ("a" * 10_000, "{" * 100_000, "_{" * 100_000, r"\hat" * 10_000, "x_{" * 50_000):
        label = parse(text)
        assert len(label.unicode) < 70
        assert "…" in label.unicode
        assert parse(label.unicode) == parse(label.latex) == parse(label.typed) == label


def test_a_power_of_what_is_raised_needs_parentheses() -> None:
    raised = ["a^{(2)}", "x'", "x²", r"\Delta x'", "a_1^Q"]
    level = ["a_1", "x", "a + b", "loss", "a_{x^2}", r"\Delta x", ""]
    assert [parse(text).is_raised for text in raised + level] == [True] * 5 + [False] * 7


@pytest.fixture(scope="session")
def packages() -> str:
    """Return the folder that has MathJax and KaTeX for Node, or skip where there is none."""
    folder = os.environ.get("NODE_PATH", str(ROOT / ".venv-test" / "node_modules"))
    if shutil.which("node") is None:
        pytest.skip("node is not installed (Debian: apt install nodejs)")
    if not (Path(folder) / "katex").exists() or not (Path(folder) / "mathjax-full").exists():
        pytest.skip("npm install --prefix .venv-test mathjax-full@3.2.2 katex@0.16.22")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("renderer", ["mathjax", "katex"])
def test_every_label_is_valid_latex_wherever_a_symbol_stands(renderer: str, packages: str) -> None:
    written: list[str] = []
    for text in labels(4, 6000):
        label = parse(text)
        power = LATEX.raised(Part(label.latex or "x"), Part("2"), label.is_raised)
        written += [label.latex, label.indexed(1).latex if text else ""]
        written += [LATEX.derivative(label, label, held=[label, label]) + power.text]
    complaints = json.loads(
        subprocess.run(
            ["node", ROOT / "tests" / "render.js", renderer],
            input=json.dumps(written),
            env=os.environ | {"NODE_PATH": packages},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    assert complaints == []
