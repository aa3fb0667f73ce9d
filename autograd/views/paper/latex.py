r"""Sheets as a LaTeX document that pdflatex sets: all mathematics in $…$, the picture in TikZ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from autograd.errors import RendererError
from autograd.views.paper.sheets import Sheet
from autograd.views.pictures.drawing import Drawing
from autograd.views.writing.tables import Table, latex_words

__all__ = ["document"]

_DOCUMENT = r"""\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,graphicx,tikz}
\usepackage[margin=16mm]{geometry}
\setlength{\parindent}{0pt}
\renewcommand{\strut}{\rule[-2mm]{0pt}{6.2mm}}
%% a text as wide as it is, or as wide as its place, whichever is less
\newcommand{\fit}[2]{\resizebox{\ifdim\width>#1 #1\else\width\fi}{!}{#2}}
%% a picture that is at most so wide and so high
\newcommand{\within}[3]{\sbox0{#3}%%
\ifdim\wd0>#1\sbox0{\resizebox{#1}{!}{\usebox0}}\fi
\ifdim\ht0>#2\sbox0{\resizebox{!}{#2}{\usebox0}}\fi\usebox0}
\newcommand{\blank}{\hspace*{18mm}}
%(colors)s
\begin{document}
%(body)s
\end{document}
"""


ROWS = 32
"""How many rows of a table fit on a page."""


_ESCAPED = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
"""What means something to LaTeX, as words have it."""


def document(sheets: Sequence[Sheet]) -> str:
    """Return a document, each sheet on a page of its own."""
    body = "\n\\clearpage\n".join(map(_sheet, sheets))
    colors = sorted(set(re.findall(r"^\\definecolor.*$\n", body, flags=re.MULTILINE)))
    body = re.sub(r"^\\definecolor.*$\n", "", body, flags=re.MULTILINE)
    return _DOCUMENT % {"colors": "".join(colors), "body": body}


def _sheet(sheet: Sheet) -> str:
    given = ",\\quad\n".join(f"${equation}$" for equation in sheet.given)
    parts = [
        rf"\textbf{{\large {sheet.title.translate(_ESCAPED)}}}",
        rf"\fit{{\textwidth}}{{${sheet.formula}$}}",
        rf"\raggedright given: {given}" if given else "",
        _picture(sheet.picture, f"{sheet.room:.0f}mm") if sheet.picture else "",
        *chain.from_iterable(map(_tables, sheet.tables)),
    ]
    return "\n\n\\medskip\n".join(part for part in parts if part)


def _picture(picture: Drawing, height: str) -> str:
    """Return a picture with the colours that it defines; nothing where nothing can draw it."""
    try:
        drawn = picture.content("picture.tex").decode()
    except RendererError:
        return ""
    colors = "".join(re.findall(r"^\\definecolor.*$\n", drawn, flags=re.MULTILINE))
    [tikz] = re.findall(r"\\begin\{tikzpicture\}.*\\end\{tikzpicture\}", drawn, flags=re.DOTALL)
    return f"{colors}\\within{{\\textwidth}}{{{height}}}{{{tikz}}}"


def _tables(table: Table) -> Iterator[str]:
    """Yield a table, a long one in parts that fit on a page each."""
    for start in range(0, len(table.rows), ROWS):
        caption = f"{table.caption}, continued" if start else table.caption
        lines = [
            r"\begin{minipage}{\textwidth}",
            rf"\textbf{{{caption}}}\\[1mm]",
            rf"\begin{{tabular}}{{|{'l|' * len(table.headings)}}} \hline",
            _row(map(latex_words, table.headings)),
            *(_row(map(_cell, row)) for row in table.rows[start : start + ROWS]),
            r"\end{tabular}",
            r"\end{minipage}",
        ]
        yield "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return rf"\strut {' & '.join(cells)} \\ \hline"


def _cell(mathematics: str) -> str:
    return rf"\fit{{0.4\textwidth}}{{${mathematics}$}}" if mathematics else r"\blank"
