"""What goes wrong, shown: broken backward passes beside the right one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from autograd.tools.tables import table
from autograd.value import Value
from autograd.views.tracing.broken import BROKEN, BrokenPass, Move, right
from autograd.views.tracing.equations import cut
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short
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
          as backward() does it         with the mistake
    step  from → to  upstream  total    from → to  upstream  total
    1     v1 → x     1         3        v1 → x     1         3
    2     v1 → x     1         6        v1 → x     1         3        ← overwrites what had come in
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
        self._write = Notation(graph)
        self._moves = right(graph)
        self.sweeps = {mistake: broken(graph) for mistake, broken in BROKEN.items()}
        self._right = {move.parent: move.total for move in self._moves}

    def text(self, encoding: str = "utf-8") -> str:
        """Return the passes side by side, in characters an encoding has."""
        return written(self._written, encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _written(self, encoding: str) -> str:
        parts = [self._part(mistake, broken, encoding) for mistake, broken in self.sweeps.items()]
        return plain("\n\n".join(parts), encoding)

    def _part(self, mistake: str, broken: BrokenPass, encoding: str) -> str:
        if broken.first_wrong is None:
            return f"{mistake}: nothing goes wrong on this graph, {_HARMLESS[mistake]}"
        step = broken.first_wrong + 1
        head = f"{mistake}: wrong from step {step} on"
        if not broken.finished:
            head += f", and not at its end after {len(broken.moves)} steps"
        elif self._right.items() <= broken.gradients.items():
            head = f"{mistake}: wrong at step {step}, and right in the end by luck"
        cells = [[plain(cell, encoding) for cell in row] for row in self._rows(broken)]
        outcome = list(self._outcome(broken)) if broken.finished else []
        return "\n".join([head, "", *table(cells), *([""] if outcome else []), *outcome])

    def _rows(self, broken: BrokenPass) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [
            (str(i), *self._cells(done), *self._cells(move), self._mark(i, broken))
            for i, (done, move) in enumerate(zip_longest(self._moves, broken.moves), 1)
        ]
        return [_SIDES, _HEADINGS, *cut(rows, lambda more: (f"… {more} more", *[""] * 7), LINES)]

    def _mark(self, step: int, broken: BrokenPass) -> str:
        first = (broken.first_wrong or 0) + 1
        return f"← {broken.moves[first - 1].wrong}" if step == first else ""

    def _cells(self, move: Move | None) -> tuple[str, str, str]:
        if move is None:
            return "", "", ""
        way = f"{self._write.name(move.node)} → {self._write.name(move.parent)}"
        return way, short(move.upstream), short(move.total)

    def _outcome(self, broken: BrokenPass) -> Iterator[str]:
        for leaf in self._graph.leaves:
            if leaf in self._right:
                found, truth = broken.gradients[leaf], self._right[leaf]
                same = math.isclose(found, truth, rel_tol=1e-9)  # terms in another order
                wrong = "" if same else f", and with the mistake {short(found)}"
                yield f"{self._write.derivative(leaf)} = {short(truth)}{wrong}"


_SIDES = ("", "as backward() does it", "", "", "with the mistake", "", "", "")
_HEADINGS = ("step", "from → to", "upstream", "total", "from → to", "upstream", "total", "")
_HARMLESS = {
    "= instead of +=": "where every node is used once",
    "no topological order": "where no node is reached too soon",
    "a recursion along every path": "where no result is used twice",
}
