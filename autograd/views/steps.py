"""The backward pass as a sequence: one application of the chain rule at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, overload

from autograd.graph import topological_order
from autograd.steep import UNDEFINED, undefined
from autograd.sweep import passed_on
from autograd.tools.files import PathName
from autograd.tools.tables import table
from autograd.value import Value
from autograd.views.writing.formulas import partial_formulas
from autograd.views.writing.notation import Names, operation, ratio
from autograd.views.writing.numbers import short, signed
from autograd.views.writing.terminals import plain, written

__all__ = ["Step", "Steps", "steps"]


class Step(NamedTuple):
    """One application of the chain rule: upstream × local derivative, added to a parent.

    - ``node``, ``parent``, ``position``: the edge, from a node to the operand at that position;
    - ``upstream``, ``partial``, ``contribution``: the product ``upstream * partial``; the local
      derivative's ``formula`` is "" where it is a plain number;
    - ``before``, ``after``: the parent's total so far, without and with the contribution;
    - ``reported``, ``pending``: how many of the parent's consumers have contributed, this one
      included, and how many are still to come;
    - ``output``, ``names``: what is differentiated, and what the nodes are called.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> steps((w * x).tanh())[1]
    ∂v2/∂w += ∂v2/∂v1 · ∂v1/∂w = 2.458e-05 · (x = 2) = 4.915e-05
    """

    node: Value
    parent: Value
    position: int
    upstream: float
    partial: float
    formula: str
    contribution: float
    before: float
    after: float
    reported: int
    pending: int
    output: Value
    names: Names

    @property
    def local(self) -> str:
        """The local derivative as formula and number: ``"x = 2"``."""
        number = short(self.partial)
        return f"{self.formula} = {number}" if self.formula else number

    @property
    def result(self) -> str:
        """The contribution as a number; of 0 · ∞ also what it is."""
        operands = [parent.data for parent in self.node.parents]
        met = undefined(self.node, operands, self.upstream, self.partial)
        note = f" ({UNDEFINED})" if met else ""
        return short(self.contribution) + note

    def __repr__(self) -> str:
        local = f"({self.local})" if self.formula else signed(self.local)
        factors = f"{ratio(self.output, self.node, self.names)} · "
        factors += ratio(self.node, self.parent, self.names)
        return (
            f"{ratio(self.output, self.parent, self.names)} += {factors} = "
            f"{short(self.upstream)} · {local} = {self.result}"
        )


class Steps(Sequence[Step]):
    """The steps of one backward pass, in the order in which ``backward()`` takes them.

    - ``output``: what is differentiated; ``order``: the nodes of its graph, the output last;
    - ``names``: what they are called.
    """

    HEADINGS = ("step", "from", "to", "upstream", "× local derivative", "= contribution", "total")

    def __init__(self, output: Value, names: Mapping[str, Any] | None = None) -> None:
        self.output = output
        self.order = topological_order(output)
        self.names = Names(self.order, names, numbered=True)
        self._steps = list(_walk(self.order, self.names))

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, i: int) -> Step: ...
    @overload
    def __getitem__(self, i: slice) -> list[Step]: ...
    def __getitem__(self, i: int | slice) -> Step | list[Step]:
        return self._steps[i]

    def text(self, encoding: str = "utf-8") -> str:
        """Return the forward pass and a table of the steps, in characters an encoding has."""
        return written(self._written, encoding)

    def _written(self, encoding: str) -> str:
        cells = [[plain(cell, encoding) for cell in row] for row in (self.HEADINGS, *self.rows())]
        return plain("\n".join([*self.forward(), "", *table(cells)]), encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def save(self, path: PathName) -> None:
        """Write the steps as an interactive page: one .html file that needs nothing else.

        Raises `UsageError` for another suffix, and where the file cannot be written.

        >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
        >>> steps((w * x).tanh()).save("steps.html")  # doctest: +SKIP
        """
        self._page().save(path)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/html": self._page().fragment(), "text/plain": str(self)}

    def _page(self) -> Any:
        return import_module("autograd.views.page.page").Page(self)  # which is built on this module

    def given(self) -> list[str]:
        """Return the numbers that were given: those of the leaves that have a name.

        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> steps(w * x + 1).given()
        ['w = 3', 'x = 2']
        """
        leaves = [node for node in self.order if self.names.kind(node) in ("parameter", "input")]
        return [f"{self.names(leaf)} = {short(leaf.data)}" for leaf in leaves]

    def forward(self) -> list[str]:
        """Return the equation of every operation, in the order they were computed in.

        >>> x = Value(3.0, "x")
        >>> steps((x * x).exp()).forward()
        ['v1 = x × x = 9', 'v2 = exp v1 = 8103.1']
        """
        return [
            f"{self.names(node)} = {operation(node, self.names)} = {short(node.data)}"
            for node in self.order
            if node.parents
        ]

    def sums(self) -> list[str]:
        """Return the equation of every gradient that is a sum over more than one path.

        >>> x = Value(3.0, "x")
        >>> steps(x * x + x).sums()
        ['∂v2/∂x = 1 + 3 + 3 = 7  (steps 2, 3 and 4)']
        """
        terms: dict[Value, list[int]] = {}
        for number, step in enumerate(self._steps):
            terms.setdefault(step.parent, []).append(number)
        output = self.names(self.output)
        equations = []
        for parent, numbers in terms.items():
            if len(numbers) > 1:
                written = " + ".join(short(self._steps[i].contribution) for i in numbers)
                written = written.replace("+ -", "− ")
                *first, last = [str(i + 1) for i in numbers]
                equations.append(
                    f"∂{output}/∂{self.names(parent)} = {written} = "
                    f"{short(self._steps[numbers[-1]].after)}  "
                    f"(steps {', '.join(first)} and {last})"
                )
        return equations

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield the cells of the table, a step a row, under its `HEADINGS`."""
        for number, step in enumerate(self._steps, 1):
            yield (
                str(number),
                self.names(step.node),
                self.names(step.parent),
                short(step.upstream),
                f"× ({step.local})" if step.formula else f"× {step.local}",
                f"= {step.result}",
                short(step.after),
            )


def steps(output: Value, names: Mapping[str, Any] | None = None) -> Steps:
    """Return the backward pass from an output, one chain-rule application at a time.

    Every edge of the graph is one step, in the order of ``output.backward()``; no ``grad`` is
    read or changed. `names` takes the names of unlabelled Values from variables, as in
    ``steps(y, names=globals())``.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> steps((w * x).tanh())
    v1 = w × x = -6
    v2 = tanh v1 = -1.000
    <BLANKLINE>
    step  from  to  upstream   × local derivative        = contribution  total
    1     v2    v1  1          × (1 − v2² = 2.458e-05)   = 2.458e-05     2.458e-05
    2     v1    w   2.458e-05  × (x = 2)                 = 4.915e-05     4.915e-05
    3     v1    x   2.458e-05  × (w = -3)                = -7.373e-05    -7.373e-05
    """
    return Steps(output, names)


def _walk(order: Sequence[Value], names: Names) -> Iterator[Step]:
    totals = dict.fromkeys(order, 0.0)
    totals[order[-1]] = 1.0
    pending = dict.fromkeys(order, 0)
    for node in order:
        for parent in node.parents:
            pending[parent] += 1
    reported = dict.fromkeys(order, 0)
    reached = {order[-1]}
    for node in reversed(order):
        operands = zip(node.parents, node.partials, partial_formulas(node, names), strict=True)
        for position, (parent, partial, formula) in enumerate(operands):
            upstream, before = totals[node], totals[parent]
            passed = passed_on(node, upstream, partial) if node in reached else None
            contribution = 0.0 if passed is None else passed
            if passed is not None:
                reached.add(parent)
            totals[parent] += contribution
            reported[parent] += 1
            pending[parent] -= 1
            known = "" if formula == short(partial) else formula
            yield Step(
                node, parent, position, upstream, partial, known, contribution, before,
                totals[parent], reported[parent], pending[parent], order[-1], names,
            )  # fmt: skip
