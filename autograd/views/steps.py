"""The backward pass, to be stepped through: a table, and an interactive page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from autograd.tools.files import PathName, suffix_of
from autograd.value import Value
from autograd.views.page.page import PAGES, Page
from autograd.views.pictures.drawing import SUFFIXES, Drawing
from autograd.views.pictures.graph import BackwardDrawing
from autograd.views.tracing import tables
from autograd.views.tracing.equations import cut, equated
from autograd.views.tracing.folding import Folding
from autograd.views.tracing.notation import FoldedNotation, Notation
from autograd.views.tracing.walk import Step, Walk
from autograd.views.writing.numbers import short
from autograd.views.writing.scripts import LATEX, TEXT, Part
from autograd.views.writing.terminals import plain, written

__all__ = ["Step", "Steps", "steps"]

TERMS = 12
"""The number of terms up to which a sum is written in full."""


def steps(output: Value, names: Mapping[str, Any] | None = None) -> Steps:
    """Return the backward pass from an output, one chain-rule application at a time.

    Every edge of the graph is one step, in the order of ``output.backward()``, but for those that
    lead to constants; no ``grad`` is read or changed. `names` takes the names of unlabelled Values
    from variables, as in ``steps(y, names=globals())``.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> steps((w * x).tanh())
    v2 = tanh(w × x) = -1.000
    <BLANKLINE>
    v1 = w × x = -6
    v2 = tanh(v1) = -1.000
    <BLANKLINE>
    step  from  to  upstream   × local derivative   = contribution  total
    1     v2    v1  1          1 − v2² = 2.458e-05  2.458e-05       2.458e-05
    2     v1    w   2.458e-05  x = 2                4.915e-05       4.915e-05
    3     v1    x   2.458e-05  w = -3               -7.373e-05      -7.373e-05
    """
    return Steps(Walk(output, names))


class Steps(Sequence[Step]):
    """The steps of one backward pass, in the order in which ``backward()`` takes them.

    - ``output``: what is differentiated; ``order``: the nodes of its graph, the output last;
    - ``names``: what they are called.
    """

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.output, self.order, self.names = walk.output, walk.order, walk.names

    def __len__(self) -> int:
        return len(self.walk.steps)

    @overload
    def __getitem__(self, i: int) -> Step: ...
    @overload
    def __getitem__(self, i: slice) -> list[Step]: ...
    def __getitem__(self, i: int | slice) -> Step | list[Step]:
        return self.walk.steps[i]

    def text(self, encoding: str = "utf-8") -> str:
        """Return the forward pass and a table of the steps, in characters an encoding has."""
        return written(self._written, encoding)

    def _written(self, encoding: str) -> str:
        lines = tables.backward(self.walk, self.walk.write).lines(encoding)[1:]
        forward = cut(self.forward(), "… {} more".format, tables.LINES)
        head = [self.definition(), ""] if len(forward) > 1 else []
        return plain("\n".join([*head, *forward, "", *lines]), encoding)

    def definition(self) -> str:
        """Return the output as it was written, in named nodes, and its number.

        >>> x = Value(3.0, "x")
        >>> steps((x * x).exp()).definition()
        'v2 = exp(x × x) = 8103.1'
        """
        write = FoldedNotation(Folding(self.walk))
        sides = [write.operation(self.output), short(self.output.data)]
        return equated((write.name(self.output), list(dict.fromkeys(sides))))

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def save(self, path: PathName) -> None:
        """Write the steps to a file: .html is an interactive page that needs nothing else.

        .svg and .gif are animations, a frame for each step; other kinds of pictures show the end.
        An SVG stands still where a person asked for less motion.

        Raises `UsageError` for another suffix, and where the file cannot be written.

        >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
        >>> steps((w * x).tanh()).save("steps.html")  # doctest: +SKIP
        >>> steps((w * x).tanh()).save("pass.svg")  # doctest: +SKIP
        """
        if suffix_of(path, (*PAGES, *SUFFIXES), "save") in PAGES:
            Page(self.walk).save(path)
        else:
            self.draw().save(path)

    def draw(self) -> Drawing:
        """Return the backward pass as an animated picture."""
        totals = [(step.edge, step.after) for step in self]
        return BackwardDrawing(self.output, totals, self.walk.variables)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        write = Notation(self.walk, LATEX)
        made = [tables.forward(self.walk, write), tables.backward(self.walk, write)]
        return {
            "text/html": Page(self.walk).fragment(),
            "text/latex": "\n\n".join(table.latex() for table in made),
            "text/plain": str(self),
        }

    def given(self) -> list[str]:
        """Return the numbers that were given: those of the leaves that are no constants.

        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> steps(w * x + 1).given()
        ['w = 3', 'x = 2']
        """
        return [f"{self.names(leaf)} = {short(leaf.data)}" for leaf in self.walk.leaves]

    def forward(self) -> list[str]:
        """Return the equation of every operation, in the order they were computed in.

        >>> x = Value(3.0, "x")
        >>> steps((x * x).exp()).forward()
        ['v1 = x × x = 9', 'v2 = exp(v1) = 8103.1']
        """
        return [equated(equation) for equation in self.walk.forward()]

    def sums(self) -> list[str]:
        """Return the equation of every gradient that is a sum over more than one use.

        >>> x = Value(3.0, "x")
        >>> steps(x * x + x).sums()
        ['∂v2/∂x = 1 + 3 + 3 = 7  (steps 2, 3 and 4)']
        """
        return [
            self._sum(node, numbers)
            for node, numbers in self.walk.steps_to.items()
            if len(numbers) > 1
        ]

    def _sum(self, node: Value, numbers: Sequence[int]) -> str:
        terms = [TEXT.numeral(self[i].contribution) for i in numbers]
        written = TEXT.sum(cut(terms, lambda _: Part(TEXT.ellipsis), TERMS)).text
        total = f"{written} = {short(self[numbers[-1]].after)}"
        *first, last = cut([str(i + 1) for i in numbers], lambda _: TEXT.ellipsis, TERMS)
        symbol = self.walk.write.derivative(node)
        return f"{symbol} = {total}  (steps {', '.join(first)} and {last})"
