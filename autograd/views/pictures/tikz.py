"""A picture as LaTeX with TikZ: what Graphviz draws, in its places, with mathematics for text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from autograd.views.pictures.renderer import render

__all__ = ["mathematics", "tikz"]

_PARTS = ("_draw_", "_ldraw_", "_hdraw_", "_tdraw_")
"""Where Graphviz tells what it draws of a node or an edge: lines, label, and the two arrowheads."""

_PAGE = r"""%% %(title)s
\documentclass[11pt]{article}
\usepackage{amsmath,amssymb,graphicx,tikz}
\usepackage[paperwidth=%(width).2fbp, paperheight=%(height).2fbp, margin=4bp]{geometry}
\pagestyle{empty}
\setlength{\parindent}{0pt}
\setlength{\topskip}{0pt}
%% a text as wide as it is, or as wide as its place, whichever is less
\newcommand{\fit}[2]{\resizebox{\ifdim\width>#1 #1\else\width\fi}{!}{#2}}
%(colors)s
\begin{document}
\begin{tikzpicture}[x=1bp, y=1bp, every node/.style={inner sep=0pt, outer sep=0pt}]
\useasboundingbox (%(box)s);
%(lines)s
\end{tikzpicture}
\end{document}
"""
"""The document, on a page of the picture's size; all that it takes is in a small LaTeX."""

_SIZE = 13
"""The size that Graphviz calls the document's font of 11 points, so that scripts have room too."""

_BASELINE = 0.35
"""How far the middle of a line of text is above its foot, in sizes of the font."""


def tikz(dot: str, title: str) -> str:
    """Return a graph's DOT text as a LaTeX document, which pdflatex with TikZ makes a picture of.

    Raises `RendererError` where nothing tells the places of boxes and edges.
    """
    drawn = json.loads(render(dot, "json").decode(errors="replace"), strict=False)
    parts = [*drawn.get("edges", ()), *drawn.get("objects", ())]  # edges below boxes
    lines = [line for part in parts for line in _Pen().draw(part)]
    colors = sorted({color for line in lines for color in re.findall(r"\bc([0-9a-f]{6})\b", line)})
    defined = "\n".join(rf"\definecolor{{c{c}}}{{HTML}}{{{c.upper()}}}" for c in colors)
    left, below, right, above = map(float, drawn["bb"].split(","))
    return _PAGE % {
        "title": title.encode("ascii", "replace").decode(),
        "width": right - left + 10,
        "height": above - below + 10,
        "colors": defined,
        "box": f"{left:.2f},{below:.2f}) rectangle ({right:.2f},{above:.2f}",
        "lines": "\n".join(lines),
    }


class _Pen:
    """What follows the drawing operations of one node or edge: its colours, its font, its line."""

    def __init__(self) -> None:
        self.stroke = self.fill = "000000"
        self.style = "solid"
        self.size, self.bold = 12.0, False
        self.line: list[tuple[float, float, float, str]] = []  # of text: left, right, foot, LaTeX

    def draw(self, part: Mapping[str, Any]) -> Iterator[str]:
        """Yield the TikZ of a node or an edge."""
        for key in _PARTS:
            self.stroke = self.fill = "000000"
            self.style = "solid"
            for step in part.get(key, ()):
                yield from self._step(step)
            yield from self._written()

    def _step(self, step: Mapping[str, Any]) -> Iterator[str]:
        operation = step["op"]
        if operation == "T":
            yield from self._read(step)
        elif operation == "c":
            self.stroke = _opaque(step["color"])
        elif operation == "C":
            self.fill = _opaque(step["color"])
        elif operation == "S":
            self.style = _style(step["style"], self.style)
        elif operation == "F":
            self.size = step["size"]
        elif operation == "t":
            self.bold = bool(step["fontchar"] & 1)
        elif path := _path(step):
            yield from self._written()
            fill = self.fill if operation.isupper() and operation != "L" else ""
            options = [f"draw=c{self.stroke}"] if self.stroke else []
            options += [f"fill=c{fill}"] if fill else []
            yield rf"\path[{', '.join([*options, self.style])}] {path};"

    def _read(self, step: Mapping[str, Any]) -> Iterator[str]:
        """Add a text to its line, which ends where the next one does not follow on it."""
        (x, y), width = step["pt"], step["width"]
        left = x - width * {"l": 0.0, "c": 0.5, "r": 1.0}[step["align"]]
        if self.line and (abs(left - self.line[-1][1]) > 1 or abs(y - self.line[-1][2]) > 1):
            yield from self._written()
        text = mathematics(step["text"])
        text = rf"\boldsymbol{{{text}}}" if self.bold and text.strip("\\ ") else text
        if text.strip("\\ "):
            color = self.stroke or "000000"
            text = rf"\textcolor{{c{color}}}{{${text}$}}"
        self.line.append((left, left + width, y, text))

    def _written(self) -> Iterator[str]:
        """Yield the line of text that was read, in the middle of its place."""
        texts = [text for *_, text in self.line if text.strip("\\ ")]
        if texts:
            (left, _, y, _), (_, right, _, _) = self.line[0], self.line[-1]
            place = f"({(left + right) / 2:.2f},{y + _BASELINE * self.size:.2f})"
            scale = self.size / _SIZE
            fitted = rf"\fit{{{(right - left) / scale:.2f}bp}}{{{''.join(texts)}}}"
            yield rf"\node[scale={scale:.3f}] at {place} {{{fitted}}};"
        self.line = []


def _path(step: Mapping[str, Any]) -> str:
    """Return the path of an operation that draws one, in the language of TikZ."""
    if step["op"] in "Ee":
        x, y, across, up = step["rect"]
        return f"({x:.2f},{y:.2f}) ellipse [x radius={across:.2f}bp, y radius={up:.2f}bp]"
    points = [f"({x:.2f},{y:.2f})" for x, y in step.get("points", ())]
    if step["op"] in "Pp":
        return " -- ".join([*points, "cycle"])
    if step["op"] in "Bb":
        curves = zip(points[1::3], points[2::3], points[3::3], strict=True)
        return points[0] + "".join(f" .. controls {a} and {b} .. {c}" for a, b, c in curves)
    return " -- ".join(points)


def _opaque(color: str) -> str:
    """Return the six digits of a colour, "" if it cannot be seen."""
    return "" if color[7:] == "00" else color[1:7]


def _style(style: str, before: str) -> str:
    if width := re.fullmatch(r"setlinewidth\(([\d.]+)\)", style):
        dashes = before.partition(",")[0]
        return f"{dashes}, line width={width[1]}bp"
    return {"dashed": "dashed", "dotted": "dotted"}.get(style, "solid")


_SYMBOLS = {
    "-": "{-}", "×": r"\times ", "·": r"\cdot ", "−": "-", "∂": r"\partial ", "∞": r"\infty ",
    "…": r"\ldots ", "√": r"\surd ", "′": "'", "ℓ": r"\ell ", "≤": r"\le ", "≥": r"\ge ",
    "≈": r"\approx ", "→": r"\to ", "“": r"\text{``}", "”": r"\text{''}",
    "\\": r"\backslash ", "^": r"\text{\textasciicircum}", "~": r"\sim ", "#": r"\#",
    "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_", "{": r"\{", "}": r"\}", " ": r"\ ",
    "½": r"\tfrac12 ", "`": r"\text{`}", "'": r"\text{'}", '"': r"\text{''}",
}  # fmt: skip
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot"}
_ACCENTS |= {"\u0308": "ddot", "\u0301": "acute", "\u0300": "grave", "\u030c": "check"}
_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
_UNKNOWN = r"\square "


def mathematics(text: str) -> str:
    r"""Return a text of a picture as LaTeX mathematics, which is valid whatever the text.

    >>> mathematics("w₁₂⁽²⁾ × x"), mathematics("∂/∂ŷ = tanh z")
    ('w_{12}^{(2)}\\times x', '\\partial /\\partial \\hat{y}=\\mathrm{tanh}\\ z')
    """
    text = re.sub(r"\s?([=+−×·])\s?", r"\1", text)  # LaTeX has spaces of its own around these
    pieces = re.findall(r"[A-Za-z]{2,}|.[\u0300-\u036f]*", unicodedata.normalize("NFD", text), re.S)
    written, since_base = "", ""
    for mark, run in groupby(pieces, key=_mark):
        inner = "".join(map(_piece, run))
        if not mark:
            written, since_base = written + inner, ""
            continue
        base = "{}" if mark in since_base else ""  # LaTeX refuses a second superscript
        written += f"{base}{mark}{{{inner}}}"
        since_base += mark
    return written


def _mark(piece: str) -> str:
    """Return the mark of a subscript or superscript, "" of what stands on the line."""
    kind = unicodedata.decomposition(piece[0]).partition(" ")[0]
    return {"<super>": "^", "<sub>": "_"}.get(kind, "")


def _piece(piece: str) -> str:
    """Return a word, or a character with its accents, as LaTeX."""
    if len(piece) > 1 and piece.isascii():
        return rf"\mathrm{{{piece}}}"
    base, accents = piece[0], piece[1:]
    written = _character(unicodedata.normalize("NFKC", base) if _mark(base) else base)
    for accent in accents:
        written = rf"\{_ACCENTS[accent]}{{{written}}}" if accent in _ACCENTS else written
    return written


def _character(c: str) -> str:
    c = " " if c.isspace() else c
    if c in _SYMBOLS:
        return _SYMBOLS[c]
    if c.isascii() and c.isprintable():
        return c
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(c, ""))
    name = greek[2].lower().replace("lamda", "lambda") if greek else ""
    name = name.title() if greek and greek[1] == "CAPITAL" else name
    return rf"\{name} " if _GREEK.fullmatch(name) else _UNKNOWN
