"""The forward pass, the backward pass and the gradients of a graph, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.views.tracing.equations import cut
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.walk import Step, Walk
from autograd.views.writing.tables import Table

__all__ = ["LINES", "backward", "forward", "gradients"]

LINES = 200
"""The number of rows up to which a table is written in full."""


def forward(walk: Walk, write: Notation, lines: int = LINES) -> Table:
    """Return every operation, in the order they were computed in."""
    nodes = [node for node in walk.written if node.parents]
    headings = ("node", "= operation", "= value")
    rows = [
        (write.name(nodes[i]), write.operation(nodes[i]), write.number(nodes[i].data).text)
        if i >= 0
        else _more(-i, headings)
        for i in _some(len(nodes), lines)
    ]
    return Table("forward", headings, rows, given=2)


def backward(walk: Walk, write: Notation, lines: int = LINES) -> Table:
    """Return every step of the backward pass.

    >>> from autograd.value import Value
    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> walk = Walk(w * x)
    >>> for line in backward(walk, walk.write).lines("utf-8"):
    ...     print(line)
    backward
    step  from  to  upstream  × local derivative  = contribution  total
    1     v1    w   1         x = 2               2               2
    2     v1    x   1         w = 3               3               3
    """
    headings = ("step", "from", "to", "upstream", "× local derivative", "= contribution", "total")
    rows = [
        (str(i + 1), *_step(walk.steps[i], write)) if i >= 0 else _more(-i, headings)
        for i in _some(len(walk.steps), lines)
    ]
    return Table("backward", headings, rows, given=3)


def gradients(walk: Walk, write: Notation, lines: int = LINES) -> Table:
    """Return the derivative of the output in every leaf that is no constant."""
    headings = ("gradient", "= value")
    rows = [
        (write.derivative(leaf), write.number(walk.derivatives[leaf]).text)
        if i >= 0
        else _more(-i, headings)
        for i in _some(len(walk.leaves), lines)
        for leaf in [walk.leaves[i]]
    ]
    return Table("gradients", headings, rows, given=1)


def _step(step: Step, write: Notation) -> tuple[str, ...]:
    number, formula = write.number(step.partial).text, write.partial(step.edge)
    local = number if formula is None or formula.text == number else f"{formula.text} = {number}"
    return (
        write.name(step.node),
        write.name(step.parent),
        write.number(step.upstream).text,
        local,
        write.number(step.contribution).text + write.script.words(step.note),
        write.number(step.after).text,
    )


def _some(count: int, lines: int) -> Sequence[int]:
    """Return the numbers of the rows that are written, and −n where n are left out."""
    return cut(range(count), lambda more: -more, lines)


def _more(count: int, headings: Sequence[str]) -> tuple[str, ...]:
    return (f"… {count} more", *[""] * (len(headings) - 1))
