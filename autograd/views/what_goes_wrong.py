"""What goes wrong, shown: two broken backward passes beside the right one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.graph import topological_order
from autograd.sweep import passed_on
from autograd.tools.tables import table
from autograd.value import Value
from autograd.views.writing.notation import Names, ratio
from autograd.views.writing.numbers import counted, short
from autograd.views.writing.terminals import plain, written

__all__ = ["BROKEN", "BrokenSweep", "WhatGoesWrong", "overwriting", "unordered", "what_goes_wrong"]


class Move(NamedTuple):
    """One step of a pass, right or broken: what a node hands on, and the parent's total then."""

    node: Value
    parent: Value
    upstream: float
    total: float
    wrong: str


class BrokenSweep(NamedTuple):
    """A backward pass with a mistake in it.

    - ``moves``: its steps; ``right``: those of ``backward()``;
    - ``first_wrong``: the index of the first step that goes wrong, None if none does;
    - ``gradients``: the derivatives it arrives at.
    """

    moves: list[Move]
    right: list[Move]
    first_wrong: int | None
    gradients: dict[Value, float]


def overwriting(order: Sequence[Value]) -> BrokenSweep:
    """Sweep with ``=`` where ``+=`` is due: the last contribution to a node overwrites the others.

    >>> x = Value(3.0)
    >>> overwriting(topological_order(x * x + x)).gradients[x]
    3.0
    """
    totals = dict.fromkeys(order, 0.0) | {order[-1]: 1.0}
    reported = dict.fromkeys(order, 0)
    moves: list[Move] = []
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            wrong = "overwrites what had come in" if reported[parent] else ""
            totals[parent] = passed_on(node, totals[node], partial) or 0.0
            reported[parent] += 1
            moves.append(Move(node, parent, totals[node], totals[parent], wrong))
    return _broken(order, moves, totals)


def unordered(order: Sequence[Value]) -> BrokenSweep:
    """Sweep without topological order: each node hands on as soon as it is first reached.

    That is what a recursion over the parents does that visits every node once.

    >>> x = Value(3.0)
    >>> y = x.exp()
    >>> sweep = unordered(topological_order(y + y * x))  # y hands on before y × x reports to it
    >>> sweep.gradients[x] == y.data + y.data, sweep.moves[2].wrong
    (True, '1 report still to come')
    """
    totals = dict.fromkeys(order, 0.0) | {order[-1]: 1.0}
    pending = _uses(order)
    moves: list[Move] = []
    reached: set[Value] = set()
    stack = [order[-1]]
    while stack:
        node = stack.pop()
        if node in reached:
            continue
        reached.add(node)
        wrong = f"{counted(pending[node], 'report')} still to come" if pending[node] else ""
        for parent, partial in zip(node.parents, node.partials, strict=True):
            totals[parent] += passed_on(node, totals[node], partial) or 0.0
            pending[parent] -= 1
            moves.append(Move(node, parent, totals[node], totals[parent], wrong))
        stack.extend(reversed(node.parents))
    return _broken(order, moves, totals)


BROKEN: dict[str, Callable[[Sequence[Value]], BrokenSweep]] = {
    "= instead of +=": overwriting,
    "no topological order": unordered,
}
"""The broken sweeps, by what is wrong with them."""


def what_goes_wrong(output: Value, names: Mapping[str, Any] | None = None) -> WhatGoesWrong:
    """Run two broken backward passes beside the right one, and mark the first wrong step of each.

    One has ``=`` where ``+=`` is due, the other knows no topological order. No ``grad`` is read or
    changed.

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
    """
    order = topological_order(output)
    return WhatGoesWrong(order, Names(order, names, numbered=True))


class WhatGoesWrong:
    """Two broken backward passes beside the right one.

    ``sweeps`` holds a `BrokenSweep` for each mistake, under ``"= instead of +="`` and ``"no
    topological order"``.
    """

    def __init__(self, order: Sequence[Value], names: Names) -> None:
        self._order = order
        self._names = names
        self.sweeps = {mistake: broken(order) for mistake, broken in BROKEN.items()}
        self._right = {move.parent: move.total for move in _right(order)}

    def text(self, encoding: str = "utf-8") -> str:
        """Return the passes side by side, in characters an encoding has."""
        return written(self._written, encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _written(self, encoding: str) -> str:
        parts = [self._part(mistake, sweep, encoding) for mistake, sweep in self.sweeps.items()]
        return plain("\n\n".join(parts), encoding)

    def _part(self, mistake: str, sweep: BrokenSweep, encoding: str) -> str:
        if sweep.first_wrong is None:
            return f"{mistake}: nothing goes wrong on this graph, {_HARMLESS[mistake]}"
        rows = [_SIDES, _HEADINGS]
        for i, (right, broken) in enumerate(zip(sweep.right, sweep.moves, strict=True)):
            mark = f"← {broken.wrong}" if i == sweep.first_wrong else ""
            rows.append((str(i + 1), *self._cells(right), *self._cells(broken), mark))
        head = f"{mistake}: wrong from step {sweep.first_wrong + 1} on"
        if self._right.items() <= sweep.gradients.items():
            head = f"{mistake}: wrong at step {sweep.first_wrong + 1}, and right in the end by luck"
        cells = [[plain(cell, encoding) for cell in row] for row in rows]
        outcome = self._outcome(sweep)
        return "\n".join([head, "", *table(cells), *([""] if outcome else []), *outcome])

    def _cells(self, move: Move) -> tuple[str, str, str]:
        names = self._names
        return f"{names(move.node)} → {names(move.parent)}", short(move.upstream), short(move.total)

    def _outcome(self, sweep: BrokenSweep) -> list[str]:
        right = self._right
        lines = []
        for node in self._order:
            if node in right and not node.parents and self._names.kind(node) != "constant":
                found = sweep.gradients[node]
                symbol = ratio(self._order[-1], node, self._names)
                same = math.isclose(found, right[node], rel_tol=1e-9)  # terms in another order
                wrong = "" if same else f", and with the mistake {short(found)}"
                lines.append(f"{symbol} = {short(right[node])}{wrong}")
        return lines


_SIDES = ("", "as backward() does it", "", "", "with the mistake", "", "", "")
_HEADINGS = ("step", "from → to", "upstream", "total", "from → to", "upstream", "total", "")
_HARMLESS = {
    "= instead of +=": "where every node is used once",
    "no topological order": "where no node is reached too soon",
}


def _broken(
    order: Sequence[Value], moves: list[Move], gradients: dict[Value, float]
) -> BrokenSweep:
    first = next((i for i, move in enumerate(moves) if move.wrong), None)
    return BrokenSweep(moves, _right(order), first, gradients)


def _right(order: Sequence[Value]) -> list[Move]:
    totals = dict.fromkeys(order, 0.0) | {order[-1]: 1.0}
    moves: list[Move] = []
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            totals[parent] += passed_on(node, totals[node], partial) or 0.0
            moves.append(Move(node, parent, totals[node], totals[parent], ""))
    return moves


def _uses(order: Sequence[Value]) -> dict[Value, int]:
    uses = dict.fromkeys(order, 0)
    for node in order:
        for parent in node.parents:
            uses[parent] += 1
    return uses
