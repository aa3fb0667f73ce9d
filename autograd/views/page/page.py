"""The interactive page: a forward and a backward pass in one piece of HTML that fetches nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape
from importlib import resources
from typing import Any
from urllib.parse import quote

from autograd.errors import RendererError
from autograd.tools.files import PathName, suffix_of, write
from autograd.tools.text import excerpt
from autograd.value import Value
from autograd.views.by_hand.followed import FollowedWalk
from autograd.views.by_hand.questions import gradient_questions, questions
from autograd.views.page.asking import Asking
from autograd.views.page.computing import Computing
from autograd.views.page.packing import hash_of, packed
from autograd.views.page.reading import Reading
from autograd.views.page.summing import sums
from autograd.views.page.working_out import working_out
from autograd.views.pictures.graph import GraphDrawing, readable
from autograd.views.tracing.flow import STILL
from autograd.views.tracing.folding import Folding
from autograd.views.tracing.notation import FoldedNotation, Notation
from autograd.views.tracing.walk import Step, Walk
from autograd.views.writing.javascript import Script, javascript, written_contribution
from autograd.views.writing.numbers import counted, hole, short
from autograd.views.writing.scripts import HTML, PROSE, Part

__all__ = ["PAGES", "Page"]

PAGES = ("html", "htm")
"""The kinds of file that a page can be saved as."""

STEPS = 4000
"""The number of steps up to which they are walked through."""

LISTED = 300
"""The number of steps up to which they are listed where no script runs."""

HOLE = hole("z")
"""Where the page fills in the number of the output."""

EDGES = 300
"""The number of steps up to which the quiz asks about them."""

ROWS = 200
"""The number of leaves whose gradients are listed."""

NUMBER = 6
"""The number of letters that there is room for where another number may come to stand."""

ROOM = "\N{NO-BREAK SPACE}"
"""What is put around a text for a longer one to fit there."""

LONGEST = 300
"""The number of characters up to which an expression is written out."""

_STYLES = ("page.css", "graph.css", "equation.css", "quiz.css", "bench.css")
_SCRIPTS = (
    "elements.js", "writing.js", "arithmetic.js", "live.js", "view.js", "graph.js", "zoom.js",
    "equation.js", "questions.js", "quiz.js", "history.js", "leaves.js", "refusals.js", "chart.js",
    "tangent.js", "descent.js", "page.js",
)  # fmt: skip
_MARKUP = re.compile(r'[%#"<&\n\t]')  # what cannot stand in the address of an image
_QUOTES = str.maketrans("\"'", "'\"")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src"
_CARRIED = '<script type="text/plain">{}</script>'
_OLD = (
    '<p class="old-browser">This browser is too old for the page that computes: a current one '
    "lets you change the numbers and step through the passes.</p>"
)

# The page within another: its height follows what it shows, its theme the text around it. Viewers
# that drop event handlers show it at the height that the style gives it.
_FRAME = (
    '<iframe title="{title}" sandbox="allow-scripts" allow="fullscreen" onload="'
    "const channel = new MessageChannel();"
    "channel.port1.onmessage = ({{ data }}) => {{ this.style.height = Number(data) + 'px'; }};"
    "this.contentWindow.postMessage(getComputedStyle(this).color, '*', [channel.port2]);"
    "\" srcdoc='{document}'></iframe>"
)


class Page:
    """The page of a pass: as a document of its own, or as a piece of a notebook.

    It starts as a static text with a picture and every step, which a script replaces where scripts
    run; in a notebook that is a frame, which viewers that trust nobody leave out. With `ask` it
    opens as a quiz, `about` a node if given, and its static text asks what the quiz does.
    The script computes every number from those of the leaves, by the rules of the engine.

    >>> x = Value(3.0, "x")
    >>> "∂v1/∂x += ∂v1/∂v1 · ∂v1/∂x (1st of 2)" in Page(Walk(x * x)).fragment()
    True
    """

    def __init__(self, walk: Walk, *, ask: bool = False, about: Value | None = None) -> None:
        self._walk = walk
        self._about = about
        self._write = Notation(walk, HTML)
        self._is_asked_about = 0 < len(walk.steps) <= EDGES and readable(walk.order)
        self._ask = ask and self._is_asked_about

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
        script = self._script() if self._is_walked_through else ""
        loader = _asset("loader.js")
        policy = " ".join([_POLICY, *(hash_of(text) for text in (loader, script) if script)])
        return "\n".join(
            [
                '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(self._title)}</title>",
                f"<style>\n{_asset('static.css')}</style>\n</head>\n<body>",
                f'<div class="chainrule-steps">\n{self._static}\n</div>',
                *(
                    [_OLD, _CARRIED.format(packed(script)), f"<script>{loader}</script>"]
                    if script
                    else []
                ),
                "</body>\n</html>\n",
            ]
        )

    def fragment(self) -> str:
        """Return the page as a piece of HTML, to be put into a notebook or another document."""
        frame = ""
        if self._is_walked_through:
            document = self.document().replace("&", "&amp;").replace("'", "&#39;")
            frame = _FRAME.format(title=escape(self._title), document=document)
        return (  # the classes keep a notebook's MathJax away
            '<div class="chainrule-steps mathjax_ignore tex2jax_ignore">\n'
            f"<style>\n{_asset('static.css')}</style>\n{self._static}\n{frame}</div>\n"
        )

    @property
    def _title(self) -> str:
        return f"The backward pass of {self._walk.names(self._walk.output)}"

    @property
    def _heading(self) -> str:
        return f"The backward pass of {self._write.name(self._walk.output)}"

    @property
    def _is_walked_through(self) -> bool:
        return 0 < len(self._walk.steps) <= STEPS

    def _script(self) -> str:
        """Return all that makes it interactive, as one script: markup, styles, data, code."""
        script = Script()
        reading, computing = Reading(self._walk), Computing(self._walk, script)
        followed = FollowedWalk(self._walk)
        known = self._data(computing)
        if self._is_asked_about:
            asking = Asking(followed, self._about)
            known |= {"reading": reading.data(), "asking": asking.data(), "sums": sums(followed)}
        parts = {
            "PAGE": json.dumps(_asset("page.html"), ensure_ascii=False),
            "STYLES": json.dumps("\n".join(map(_asset, _STYLES)), ensure_ascii=False),
            "DATA": json.dumps(known, ensure_ascii=False, allow_nan=False, separators=(",", ":")),
            "STILL": repr(STILL),
            "CONTRIBUTION": written_contribution(),
            "RULES": javascript(reading.rules, script),
            "MADE_BY": f"[{','.join(computing.sources)}]",
            "FOLLOWED": working_out(followed.book, script),
        }
        constants = "\n".join(f"const {name} = {text};" for name, text in parts.items())
        code = "\n".join(map(_asset, _SCRIPTS))
        return f'(() => {{\n"use strict";\n{script.declarations}\n{constants}\n{code}}})();'

    @cached_property
    def _static(self) -> str:
        """What is shown where no script runs."""
        parts = [
            '<div class="static">',
            f"<h2>{self._heading}</h2>",
            f'<p class="facts">{self._facts(HTML.number(self._walk.output.data))}</p>',
            self._picture(),
            *(self._asked() if self._ask else self._told()),
            "</div>",
        ]
        return "\n".join(parts)

    def _facts(self, number: str) -> str:
        """Return the expression as it was written, its number, and how large its graph is."""
        walk = self._walk
        sides = [FoldedNotation(Folding(walk)).operation(walk.output)]
        if len(sides[0]) <= LONGEST:
            sides = [FoldedNotation(Folding(walk), HTML).operation(walk.output)]
        else:
            sides = [HTML.plain(excerpt(sides[0], LONGEST))]
        sides = [self._write.name(walk.output), *sides, number]
        count = f"{counted(len(walk.order), 'node')}, {counted(len(walk.steps), 'step')}"
        return f"{' = '.join(dict.fromkeys(sides))} · {count}"

    def _told(self) -> Iterator[str]:
        """Yield every step, and the gradients."""
        walk = self._walk
        if len(walk.steps) > STEPS:
            yield (
                f"<p>These are more than {STEPS} steps, too many to walk through: take "
                "<code>steps(part)</code> of a node in between, or <code>explain(y, w)</code> "
                "for the gradient of one.</p>"
            )
        else:
            yield _listed("ol", (escape(repr(step)) for step in walk.steps))
        yield "<h3>Gradients</h3>"
        write, found = Notation(walk, PROSE), walk.derivatives
        rows = [f"{write.derivative(leaf)} = {found[leaf]!r}" for leaf in walk.leaves[:ROWS]]
        if len(walk.leaves) > ROWS:
            rows.append(f"… and {len(walk.leaves) - ROWS} more")
        yield _listed("ul", rows)

    def _asked(self) -> Iterator[str]:
        """Yield what is given, and what is asked."""
        walk, write = self._walk, Notation(self._walk, PROSE)
        given = (f"{write.name(x)} = {write.number(x.data).text}" for x in walk.leaves)
        yield f'<p class="facts">Given: {", ".join(given)}.</p>'
        asked = questions(walk, self._about, PROSE)
        if self._about is not None:
            asked = [*gradient_questions(walk, self._about, PROSE), *asked]
        yield _listed("ol", (f"{question.prompt} ______" for question in asked))

    def _picture(self) -> str:
        """Return the picture as an image that viewers keep, or the text tree."""
        picture = _Map(self._walk, blank=self._ask)
        try:
            svg = picture.svg.translate(_QUOTES)  # the fewest letters: no quote is encoded
            svg = _MARKUP.sub(lambda found: quote(found[0]), svg)
        except RendererError as error:
            text, reason = escape(str(picture)), escape(str(error))
            return f'<pre class="stand-in">{text}</pre>\n<p class="stand-in">({reason})</p>'
        said = escape(f"{picture.title}. {picture.description}")
        return f'<img class="picture" alt="{said}" src="data:image/svg+xml;charset=utf-8,{svg}">'

    def _data(self, computing: Computing) -> dict[str, Any]:
        """Return what the script shows: names and templates as HTML, the numbers of the leaves."""
        shown = {"title": self._heading, "facts": self._facts(HOLE), "asks": self._ask}
        return shown | computing.data()


class _Map(GraphDrawing):
    """The picture that is stepped through: gradients from the walk, short texts on the edges.

    A blank one has room for what is to be found.
    """

    _gap = 0.3

    def __init__(self, walk: Walk, *, blank: bool) -> None:
        super().__init__(walk.output, walk.variables)
        self._blank = blank
        self._totals: dict[Value, list[Step]] = {node: [] for node in walk.order}
        for step in walk.steps:
            self._totals[step.parent].append(step)

    def _data_text(self, node: Value) -> str:
        """Return the number, with room for a longer one."""
        return super()._data_text(node).center(NUMBER, ROOM)

    def _gradient(self, node: Value) -> float | None:
        if self._blank:
            return None
        return self._totals[node][-1].after if self._totals[node] else 1.0

    def _grad_text(self, node: Value) -> str:
        """Return the final total, with room for the longest on the way."""
        texts = [_total(step) for step in self._totals[node]] or ["grad 1"]
        text = "grad ?" if self._blank else texts[-1]
        return text.center(max(map(len, texts)), ROOM)

    def _edge_texts(self, node: Value) -> list[str]:
        texts = map(short, node.partials)
        return [
            ("?" if self._blank else text).center(max(NUMBER, len(text) + 2), ROOM)
            for text in texts
        ]


def _total(step: Step) -> str:
    """Return what stands in the box of a step's parent after it."""
    uses = step.reported + step.pending
    return f"grad {short(step.after)}" + (f" ({step.reported} of {uses})" if uses > 1 else "")


def _number(x: float) -> str:
    """Return a number as HTML, the exact one on demand."""
    return f'<span class="number" title="{x!r}">{HTML.number(x)}</span>'


def _part(x: float) -> Part:
    return Part(_number(x), HTML.numeral(x).holds)


def _listed(tag: str, lines: Iterable[str]) -> str:
    items = "\n".join(f"<li>{line}</li>" for line in lines)
    return f"<{tag}>\n{items}\n</{tag}>"


def _asset(name: str) -> str:
    return resources.files("autograd.views.page").joinpath("assets", name).read_text("utf-8")
