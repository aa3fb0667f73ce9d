"""What goes wrong, shown: broken backward passes beside the right one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from html import escape
from itertools import zip_longest
from typing import Any

from autograd.errors import UsageError
from autograd.value import Value
from autograd.views.paper.html import styled
from autograd.views.pictures.drawing import Drawing
from autograd.views.pictures.graph import GraphDrawing
from autograd.views.tracing.broken import BROKEN, BrokenPass, Move, right
from autograd.views.tracing.equations import cut
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.notation import Notation
from autograd.views.writing.scripts import LATEX, TEXT, Script
from autograd.views.writing.tables import Table
from autograd.views.writing.terminals import plain, written

__all__ = ["WhatGoesWrong", "what_goes_wrong"]

LINES = 40
"""The number of steps up to which a pass is written in full."""


def what_goes_wrong(output: Value, names: Mapping[str, Any] | None = None) -> WhatGoesWrong:
    """Run broken backward passes beside the right one, and mark the first wrong step of each.

    One has ``=`` where ``+=`` is due, one knows no topological order, and one is the recursion
    that visits a node again for each of its uses. No ``grad`` is read or changed.

    >>> x = Value(3.0, "x")
    >>> what_goes_wrong(x * x)
    = instead of +=: wrong from step 2 on
    <BLANKLINE>
    step  as backward()  upstream  total  by mistake  upstream  total
    1     v1 → x         1         3      v1 → x      1         3
    2     v1 → x         1         6      v1 → x      1         3      ← overwrites what had come in
    <BLANKLINE>
    ∂v1/∂x = 6, and with the mistake 3
    <BLANKLINE>
    no topological order: nothing goes wrong on this graph, where no node is reached too soon
    <BLANKLINE>
    a recursion along every path: nothing goes wrong on this graph, where no result is used twice
    """
    return WhatGoesWrong(Graph(output, names))


class WhatGoesWrong:
    """Broken backward passes beside the right one.

    ``sweeps`` holds a `BrokenPass` for each mistake, under ``"= instead of +="``, ``"no
    topological order"`` and ``"a recursion along every path"``.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._moves = right(graph)
        self.sweeps = {mistake: broken(graph) for mistake, broken in BROKEN.items()}
        self._right = {move.parent: move.total for move in self._moves}

    def draw(self, mistake: str = "") -> Drawing:
        """Return the picture of a broken pass at its first wrong step; of the first that has one.

        Raises `UsageError` for a mistake that is not among the ``sweeps``, or does no harm.
        """
        wrong = [name for name, found in self.sweeps.items() if found.first_wrong is not None]
        shown = mistake or next(iter(wrong), "")
        if shown not in wrong:
            what = f"{mistake!r} does not go wrong here" if mistake else "nothing goes wrong here"
            known = f"; choose from {', '.join(map(repr, wrong))}" if wrong else ""
            raise UsageError(f"what_goes_wrong: {what}{known}")
        broken = self.sweeps[shown]
        taken = broken.moves[: (broken.first_wrong or 0) + 1]
        gradients = {self._graph.output: 1.0} | {move.parent: move.total for move in taken}
        marks = {taken[-1].edge: taken[-1].wrong}
        names = self._graph.variables
        return GraphDrawing(self._graph.output, names, marks=marks, gradients=gradients)

    def text(self, encoding: str = "utf-8") -> str:
        """Return the passes side by side, in characters an encoding has."""
        return written(self._written, encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _written(self, encoding: str) -> str:
        parts = []
        for mistake, broken in self.sweeps.items():
            parts.append([self._head(mistake, broken)])
            if broken.first_wrong is not None:
                parts += [self._table(broken, TEXT).lines(encoding), self._outcome(broken)]
        return plain("\n\n".join("\n".join(part) for part in parts if part), encoding)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        web, paper = [], []
        for mistake, broken in self.sweeps.items():
            head = self._head(mistake, broken)
            web.append(f"<p>{escape(head)}</p>")
            paper.append(f"{head}\n")
            if broken.first_wrong is not None:
                web += [self.draw(mistake).html, styled(self._table(broken, TEXT))]
                web += [f"<p>{escape(line)}</p>" for line in self._outcome(broken)]
                paper.append(self._table(broken, LATEX).latex())
        return {
            "text/html": "\n".join(web),
            "text/latex": "\n\n".join(paper),
            "text/plain": str(self),
        }

    def _head(self, mistake: str, broken: BrokenPass) -> str:
        if broken.first_wrong is None:
            return f"{mistake}: nothing goes wrong on this graph, {_HARMLESS[mistake]}"
        step = broken.first_wrong + 1
        if not broken.finished:
            steps = len(broken.moves)
            return f"{mistake}: wrong from step {step} on, and not at its end after {steps} steps"
        if self._right.items() <= broken.gradients.items():
            return f"{mistake}: wrong at step {step}, and right in the end by luck"
        return f"{mistake}: wrong from step {step} on"

    def _table(self, broken: BrokenPass, script: Script) -> Table:
        write = Notation(self._graph, script)
        moves = [*enumerate(zip_longest(self._moves, broken.moves))]
        rows: list[tuple[str, ...]] = [
            (str(i + 1), *_cells(done, write), *_cells(move, write), self._mark(i, broken, script))
            for i, (done, move) in moves
        ]
        headings = (
            "step", "as backward()", "upstream", "total", "by mistake", "upstream", "total", "",
        )  # fmt: skip
        return Table(
            "", headings, cut(rows, lambda more: (f"… {more} more", *[""] * 7), LINES), given=8
        )

    def _mark(self, i: int, broken: BrokenPass, script: Script) -> str:
        said = broken.moves[i].wrong if i == broken.first_wrong else ""
        if not said:
            return ""
        return f"← {said}" if script is TEXT else script.words(said)

    def _outcome(self, broken: BrokenPass) -> list[str]:
        """Return what each derivative is and is taken for, of very many the first and last."""
        return cut([*self._outcomes(broken)], "… {} more".format, LINES)

    def _outcomes(self, broken: BrokenPass) -> Iterator[str]:
        write = Notation(self._graph)
        for leaf in self._graph.leaves if broken.finished else ():
            if leaf in self._right:
                found, truth = broken.gradients[leaf], self._right[leaf]
                same = math.isclose(found, truth, rel_tol=1e-9)  # terms in another order
                wrong = "" if same else f", and with the mistake {write.number(found).text}"
                yield f"{write.derivative(leaf)} = {write.number(truth).text}{wrong}"


def _cells(move: Move | None, write: Notation) -> tuple[str, str, str]:
    if move is None:
        return "", "", ""
    way = f"{write.name(move.node)} {write.script.arrow} {write.name(move.parent)}"
    return way, write.number(move.upstream).text, write.number(move.total).text


_HARMLESS = {
    "= instead of +=": "where every node is used once",
    "no topological order": "where no node is reached too soon",
    "a recursion along every path": "where no result is used twice",
}
