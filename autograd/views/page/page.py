"""The interactive page: a backward pass in one piece of HTML that fetches nothing."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator
from html import escape
from importlib import resources
from typing import Any

from autograd.errors import RendererError
from autograd.tools.files import PathName, suffix_of, write
from autograd.value import Value
from autograd.views.by_hand.questions import Question, gradient_questions, questions
from autograd.views.page.reading import Reading
from autograd.views.pictures.graph import LIMIT, GraphDrawing
from autograd.views.tracing.walk import Step, Walk
from autograd.views.writing.javascript import javascript
from autograd.views.writing.numbers import short

__all__ = ["PAGES", "Page"]

PAGES = ("html", "htm")
"""The kinds of file that a page can be saved as."""

STEPS = 1000
"""The number of steps up to which they are listed and walked through."""

EDGES = 300
"""The number of edges up to which a small graph is drawn, and the quiz asks about it."""

ROWS = 200
"""The number of leaves whose gradients are listed."""

_STYLES = ("page.css", "graph.css", "equation.css", "quiz.css")
_SCRIPTS = (
    "elements.js", "arithmetic.js", "view.js", "graph.js", "equation.js", "quiz.js", "page.js",
)  # fmt: skip
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_IN_SCRIPTS = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


class Page:
    """The page of a backward pass: as a document of its own, or as a piece of a notebook.

    It starts as a static text with the picture and every step, which a script replaces where
    scripts run. All numbers come from the steps; the script computes none.

    >>> x = Value(3.0, "x")
    >>> "∂v1/∂x += ∂v1/∂v1 · ∂v1/∂x (1st of 2)" in Page(Walk(x * x)).fragment()
    True
    """

    def __init__(self, walk: Walk, *, ask: bool = False, about: Value | None = None) -> None:
        self._walk = walk
        self._mode = "try" if ask else "walk"  # how it opens
        self._about = about  # the node that it asks about, None for all
        self._gradients = {walk.output: 1.0} | {step.parent: step.after for step in walk.steps}
        self._title = f"The backward pass of {walk.names(walk.output)}"

    def save(self, path: PathName) -> None:
        """Write the page to a file, .html or .htm.

        Raises `UsageError` for another suffix, and where the file cannot be written.
        """
        write(path, self.content(path))

    def content(self, path: PathName) -> bytes:
        """Return what `save` writes to a path of that suffix."""
        suffix_of(path, PAGES, "save")
        return self.document().encode()

    def document(self) -> str:
        """Return the page as a whole HTML document, which no network is open to."""
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self._title)}</title>\n"
            f"<style>\n{_asset('document.css')}</style>\n</head>\n"
            f"<body>\n{self._marked_up('data-page')}</body>\n</html>\n"
        )

    def fragment(self) -> str:
        """Return the page as a piece of HTML, to be put into a notebook or another document."""
        return self._marked_up("")

    def _marked_up(self, attribute: str) -> str:
        # The classes keep a notebook's MathJax away, the first attribute JupyterLab's shortcuts.
        opening = (
            '<div class="chainrule-steps mathjax_ignore tex2jax_ignore" '
            f'data-lm-suppress-shortcuts="true" {attribute}>'
        )
        return "\n".join([opening, *self._static(), *self._interactive(), "</div>\n"])

    def _interactive(self) -> Iterator[str]:
        """Yield what makes it interactive: the controls, their data, and the script."""
        if not 0 < len(self._walk.steps) <= STEPS:
            return
        data = json.dumps(self._data(), ensure_ascii=False, allow_nan=False)
        styles, scripts = ("\n".join(map(_asset, names)) for names in (_STYLES, _SCRIPTS))
        yield f"<template>\n<style>\n{styles}</style>\n{_asset('page.html')}</template>"
        yield f'<script type="application/json">{data.translate(_IN_SCRIPTS)}</script>'
        rules = f"const RULES = {javascript()};"
        yield f'<script>\n(() => {{\n"use strict";\n{rules}\n{scripts}}})();\n</script>'

    def _static(self) -> Iterator[str]:
        """Yield what is shown where no script runs."""
        walk = self._walk
        count = f"{len(walk.order)} nodes, {len(walk.steps)} steps"
        yield f"<style>\n{_asset('static.css')}</style>"
        yield f"<h2>{escape(self._title)}</h2>"
        yield f'<p class="facts">{escape(self._definition(walk.output))} · {count}</p>'
        yield self._picture()
        if len(walk.steps) > STEPS:
            yield (
                f"<p>These are more than {STEPS} steps, too many to walk through: take "
                "<code>steps(part)</code> of a node in between, or <code>explain(y, w)</code> "
                "for the gradient of one.</p>"
            )
        else:
            yield _listed("ol", map(repr, walk.steps))
        yield "<h3>Gradients</h3>"
        yield _listed("ul", self._leaf_gradients())

    def _definition(self, node: Value) -> str:
        write = self._walk.write
        parts = [write.name(node), write.operation(node), short(node.data)]
        return " = ".join(dict.fromkeys(parts))

    def _leaf_gradients(self) -> Iterator[str]:
        walk = self._walk
        for leaf in walk.leaves[:ROWS]:
            yield f"{walk.write.derivative(leaf)} = {self._gradients.get(leaf, 0.0)!r}"
        if len(walk.leaves) > ROWS:
            yield f"… and {len(walk.leaves) - ROWS} more"

    def _picture(self) -> str:
        """Return the picture as an image that viewers keep, or the text tree."""
        picture = _Map(self._walk)
        try:
            svg = base64.b64encode(picture.svg.encode()).decode()
        except RendererError as error:
            text, reason = escape(str(picture)), escape(str(error))
            return f'<pre class="stand-in">{text}</pre>\n<p class="stand-in">({reason})</p>'
        return f'<img class="picture" alt="its graph" src="data:image/svg+xml;base64,{svg}">'

    def _data(self) -> dict[str, Any]:
        """Return what the script shows: names, formulas, and numbers as [short, exact]."""
        walk = self._walk
        index = {node: i for i, node in enumerate(walk.order)}
        asked = len(walk.order) <= LIMIT and len(walk.steps) <= EDGES
        reading = Reading(walk)
        return {
            "title": self._title,
            "mode": self._mode,
            "nodes": [self._node(node) for node in walk.order],
            "steps": [_step(step, index) for step in walk.steps],
            "reading": reading.data() if asked else None,
            "questions": self._questions(questions, reading) if asked else [],
            "gradients": self._questions(gradient_questions, reading) if asked else [],
        }

    def _questions(
        self, made: Callable[..., list[Question]], reading: Reading
    ) -> list[dict[str, Any]]:
        return [
            {
                **{k: v for k, v in question._asdict().items() if k != "wanted"},
                "answer": repr(question.answer),
                "truths": reading.truths(question.wanted),
                "noise": repr(question.noise),
                "mistakes": [(m.kind, m.reason, repr(m.number)) for m in question.mistakes],
            }
            for question in made(self._walk.output, self._about, self._walk.variables)
            if math.isfinite(question.answer)
        ]

    def _node(self, node: Value) -> dict[str, Any]:
        return {
            "name": self._walk.names(node),
            "operation": self._walk.write.operation(node) if node.parents else "",
            "kind": self._walk.names.kind(node),
            "data": _exact(node.data),
        }


class _Map(GraphDrawing):
    """The picture that is stepped through: gradients from the walk, short texts on the edges."""

    _gap = 0.3

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk.output, walk.variables)
        self._totals: dict[Value, list[Step]] = {node: [] for node in walk.order}
        for step in walk.steps:
            self._totals[step.parent].append(step)

    def _gradient(self, node: Value) -> float | None:
        return self._totals[node][-1].after if self._totals[node] else 1.0

    def _grad_text(self, node: Value) -> str:
        """Return the final total, with room for the longest on the way."""
        texts = [_total(step) for step in self._totals[node]] or [super()._grad_text(node)]
        return texts[-1].center(max(map(len, texts)), "\N{NO-BREAK SPACE}")

    def _edge_texts(self, node: Value) -> list[str]:
        return [short(partial) for partial in node.partials]


def _total(step: Step) -> str:
    """Return what stands in the box of a step's parent after it."""
    uses = step.reported + step.pending
    return f"grad {short(step.after)}" + (f" ({step.reported} of {uses})" if uses > 1 else "")


def _step(step: Step, index: dict[Value, int]) -> dict[str, Any]:
    numbers = ("upstream", "partial", "contribution", "before", "after")
    return {
        "node": index[step.node],
        "parent": index[step.parent],
        "formula": step.formula,
        "reported": step.reported,
        "pending": step.pending,
        "text": repr(step),
        "box": _total(step),
        **{name: _exact(getattr(step, name)) for name in numbers},
    }


def _exact(x: float) -> tuple[str, str]:
    return short(x), repr(x)


def _listed(tag: str, lines: Iterator[str]) -> str:
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<{tag}>\n{items}\n</{tag}>"


def _asset(name: str) -> str:
    return resources.files("autograd.views.page").joinpath("assets", name).read_text("utf-8")
