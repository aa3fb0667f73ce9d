"""Quizzes as Moodle XML: numerical questions, each known wrong number with its feedback.

Moodle compares an answer with the numbers of a question in their order, each with its tolerance,
and shows the feedback of the first that fits (docs.moodle.org, "Moodle XML format", "Numerical
question type"). Each gradient is a category of its own, with one question for each sheet, so that
a quiz may draw one of them at random.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape

from autograd.tools.text import excerpt
from autograd.views.classroom.asked import UNKNOWN, Asked, Task
from autograd.views.classroom.xml import Element, document, element, picture

__all__ = ["quiz"]

NAME = 200
"""How long the name of a question or a category may be; Moodle has room for 255 characters."""


_PAPER = "max-width: 100%; background: white"
"""How a picture stands in a question: as on paper, whatever the theme."""


def quiz(tasks: Sequence[Task]) -> bytes:
    """Return the questions of all sheets as one file, to be imported into a question bank."""
    return document(element("quiz", *_questions(tasks)))


def _questions(tasks: Sequence[Task]) -> Iterator[Element]:
    pictures = [picture(task, "svg") for task in tasks]  # it stands in each question: be small
    for i, first in enumerate(tasks[0].asked):
        path = f"$course$/top/chainrule/{_escaped(excerpt(first.symbol, NAME))}"
        yield element("question", element("category", _text(path)), type="category")
        for task, image in zip(tasks, pictures, strict=True):
            yield _numerical(task, task.asked[i], image)


def _escaped(category: str) -> str:
    """Return the name of a category as it stands in a path, whose parts are set apart by /."""
    return category.replace("/", "//") + " " * category.endswith("/")


def _numerical(task: Task, asked: Asked, image: bytes | None) -> Element:
    right = _answer(repr(asked.number), asked.tolerance, "Right.", "100")
    wrong = [_answer(repr(w.number), w.tolerance, w.feedback) for w in asked.wrong]
    return element(
        "question",
        element("name", _text(excerpt(task.called(asked.symbol), NAME))),
        _body(task, asked, image),
        element("defaultgrade", "1"),
        right,
        *wrong,
        _answer("*", 0, UNKNOWN),
        type="numerical",
    )


def _body(task: Task, asked: Asked, image: bytes | None) -> Element:
    sheet = task.sheet
    said = escape(f"{sheet.picture.title}. {sheet.picture.description}" if sheet.picture else "")
    drawn = f'<p><img src="@@PLUGINFILE@@/graph.svg" alt="{said}" style="{_PAPER}"></p>'
    html = [
        f"<p>{escape(sheet.statement)}</p>",
        *([f"<p>{escape(task.defined)}</p>"] if task.defined else []),
        drawn if image else f"<pre>{escape(str(sheet.picture))}</pre>",
        f"<p>{escape(asked.prompt)}</p>",
    ]
    body = element("questiontext", _text("\n".join(html)), format="html")
    if image:
        encoded = b64encode(image).decode()
        body.append(element("file", encoded, name="graph.svg", path="/", encoding="base64"))
    return body


def _answer(number: str, tolerance: float, feedback: str, fraction: str = "0") -> Element:
    return element(
        "answer",
        _text(number),
        element("feedback", _text(f"<p>{escape(feedback)}</p>"), format="html"),
        element("tolerance", repr(tolerance)),
        fraction=fraction,
        format="moodle_auto_format",
    )


def _text(text: str) -> Element:
    return element("text", text)
