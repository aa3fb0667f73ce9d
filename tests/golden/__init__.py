"""What the views say of two graphs, word for word, in the files beside this one.

The worked example is a hidden layer's weight, which the loss depends on by two paths; the small
expression uses a node twice and has constants in it. ``python -m tests.golden`` writes the files
anew: read the difference before you commit it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

from autograd import (
    AutogradError,
    Value,
    check,
    draw,
    explain,
    quiz,
    steps,
    what_goes_wrong,
    worksheet,
)
from autograd.__main__ import main
from autograd.views.example import hidden_layer_weight
from autograd.views.page.packing import unpacked
from autograd.views.page.page import Page
from autograd.views.tracing.walk import Walk

FOLDER = Path(__file__).parent


def small_expression() -> tuple[Value, Value]:
    """Return L = tanh²(2·w·x − x·x/4), and x."""
    w, x = Value(0.25, "w"), Value(3.0, "x")
    loss = (2 * w * x - x * x / 4).tanh() ** 2
    loss.label = "L"
    return loss, x


GRAPHS = {"hidden_layer": hidden_layer_weight, "small_expression": small_expression}

ANSWERS: dict[str, list[object]] = {
    "hidden_layer": [0.316349, "0.32", 0.3, "0.1259", "-0.3163", 17, "1 +", "q * 2", None],
    "small_expression": [
        *("2·tanh(v4 − v2)·(1 − tanh(2·w·x − x·x/4)²)·(2·w − x/2)", "0.7578", "3/4", 0.5),
        *("1.1368", "0.5684", "2 * (2*w - x/2)", "2(w)", "0,76", ""),
    ],
}

COMMANDS: tuple[list[str], ...] = (
    [],
    ["tanh(w*x + b)", "w=-3", "x=2", "b=6.88", "--explain", "w"],
    ["x**y + x", "x=2", "y=3"],
    ["--explain", "a_1^{(1)}"],
    ["1 + x^2", "x=1"],
    ["log(x - 1)", "x=1"],
    ["x + y", "x=1"],
    ["x", "x=1", "--explain", "q"],
)


def contents() -> dict[str, str]:
    """Return what each file should say, by its path in this folder."""
    made = {f"{name}/{view}": says(name) for name in GRAPHS for view, says in VIEWS.items()}
    made["command_line.txt"] = "\n".join(_transcript(command) for command in COMMANDS)
    return {path: portable(text) for path, text in made.items()}


def portable(text: str) -> str:
    """Round numbers to twelve digits: the last ones are those of a machine's exp and tanh."""
    return re.sub(r"-?\d+\.\d{12,}(e-?\d+)?", lambda found: f"{float(found[0]):.12g}", text)


def _said(view: Callable[[], object]) -> str:
    """Return what a view says, or how it refuses."""
    try:
        return str(view())
    except AutogradError as error:
        return f"{type(error).__name__}: {error}"


def _steps(name: str) -> str:
    walk = steps(GRAPHS[name]()[0])
    return "\n".join([*walk.given(), "", str(walk), "", *walk.sums(), "", *map(repr, walk)])


def _explained(name: str) -> str:
    return str(explain(*GRAPHS[name]()))


def _explained_in_latex(name: str) -> str:
    return explain(*GRAPHS[name]())._repr_latex_()


def _checked(name: str) -> str:
    """Return what is said to each answer, and to two answers of which one carries on the other."""
    loss, node = GRAPHS[name]()
    given: list[dict[Value, object]] = [{node: answer} for answer in ANSWERS[name]]
    nearest = next(n for n in steps(loss).order if node in n.parents)
    given.append({nearest: 2.0, node: 2.0 * nearest.partials[nearest.parents.index(node)]})
    said = [f"> {[*answers.values()]}\n{_said(partial(check, answers, loss))}" for answers in given]
    return "\n\n".join(said)


def _gone_wrong(name: str) -> str:
    return str(what_goes_wrong(GRAPHS[name]()[0]))


def _sheet(name: str) -> str:
    loss = GRAPHS[name]()[0]
    sheets = [worksheet(loss), worksheet(loss, seed=7)]
    return "\n\n".join(f"{sheet.blank}\n\n{sheet.key}" for sheet in sheets)


def _sheet_picture(name: str) -> str:
    return str(worksheet(GRAPHS[name]()[0]).picture.dot)


def _trees(name: str) -> str:
    """Return the tree before and after the backward pass."""
    loss = GRAPHS[name]()[0]
    before = str(draw(loss))
    loss.backward()
    return f"{before}\n\n{draw(loss)}"


def _dot(name: str) -> str:
    loss, node = GRAPHS[name]()
    loss.backward()
    return str(draw(loss, highlight=node, order=True).dot)


def _document(name: str) -> str:
    loss, node = GRAPHS[name]()
    return Page(Walk(loss), about=node).document()


def _page(name: str) -> str:
    """Return the page without its styles, scripts and picture, which are files of their own."""
    page = _document(name)
    for tag in ("style", "script", "template"):
        page = re.sub(rf"(<{tag}\b[^>]*>).*?(</{tag}>)", r"\1…\2", page, flags=re.DOTALL)
    page = re.sub(r"'sha256-[^']*'", "'sha256-…'", page)
    return re.sub(r"(src=\"data:image/svg\+xml;charset=utf-8,)[^\"]*", r"\1…", page)


def _page_data(name: str) -> str:
    """Return the data of the page's script, each node, step and question on a line of its own.

    But for the tables by which answers are read: they have the rules that other tests declare.
    """
    [script] = re.findall(r'<script type="text/plain">(.*?)</script>', _document(name))
    [data] = re.findall(r"^const DATA = (.*);$", unpacked(script), flags=re.MULTILINE)
    known = json.loads(data)
    del known["reading"]
    known |= {f"asking {key}": part for key, part in known.pop("asking").items()}
    parts = [f"{json.dumps(key)}: {_listed(part)}" for key, part in known.items()]
    return "{\n" + ",\n".join(parts) + "\n}"


def _listed(part: object) -> str:
    if not isinstance(part, list):
        return json.dumps(part, ensure_ascii=False)
    items = ",\n".join(json.dumps(item, ensure_ascii=False) for item in part)
    return f"[\n{items}\n]"


def _questions(name: str) -> str:
    loss, node = GRAPHS[name]()
    asking = quiz(loss, node)
    lines = [repr(asking)]
    for question in [*asking.whole, *asking.questions]:
        lines += ["", question.prompt, f"{question.symbol} = {question.answer!r}", *question.hints]
        lines += [f"{m.number!r} if {m.reason}" for m in question.mistakes]
    return "\n".join(lines)


VIEWS: dict[str, Callable[[str], str]] = {
    "steps.txt": _steps,
    "explain.txt": _explained,
    "explain.tex": _explained_in_latex,
    "check.txt": _checked,
    "what_goes_wrong.txt": _gone_wrong,
    "worksheet.txt": _sheet,
    "worksheet.dot": _sheet_picture,
    "tree.txt": _trees,
    "graph.dot": _dot,
    "page.html": _page,
    "page.json": _page_data,
    "quiz.txt": _questions,
}


def _transcript(command: list[str]) -> str:
    """Return a command with what it prints, complains, and exits with."""
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        status = main(command)
    lines = [f"$ python -m autograd {' '.join(map(repr, command))}".rstrip(), output.getvalue()]
    lines += [f"[{line}]" for line in errors.getvalue().splitlines()]
    return "\n".join([*lines, f"[exit {status}]", ""])
