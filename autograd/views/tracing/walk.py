"""The backward pass as a sequence: one application of the chain rule at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from autograd.steep import UNDEFINED, undefined
from autograd.sweep import passed_on
from autograd.value import Value
from autograd.views.tracing.equations import Equation
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short

__all__ = ["Step", "Walk"]


class Step(NamedTuple):
    """One application of the chain rule: upstream × local derivative, added to a parent.

    - ``node``, ``parent``, ``position``: the edge, from a node to the operand at that position;
    - ``upstream``, ``partial``, ``contribution``: the product ``upstream * partial``;
    - ``before``, ``after``: the parent's total so far, without and with the contribution;
    - ``reported``, ``pending``: how many of the parent's uses have contributed, this one included,
      and how many are still to come;
    - ``write``: how it is written.

    >>> from autograd import steps
    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> steps((w * x).tanh())[1]
    ∂v2/∂w += ∂v2/∂v1 · ∂v1/∂w = 2.458e-05 · (x = 2) = 4.915e-05
    """

    node: Value
    parent: Value
    position: int
    upstream: float
    partial: float
    contribution: float
    before: float
    after: float
    reported: int
    pending: int
    write: Notation

    @property
    def edge(self) -> Edge:
        """The edge that the step goes along."""
        return Edge(self.node, self.position)

    @property
    def formula(self) -> str:
        """The formula of the local derivative, "" where it is a plain number."""
        part = self.write.partial(self.edge)
        return "" if part is None or part.text == short(self.partial) else part.text

    @property
    def local(self) -> str:
        """The local derivative as formula and number: ``"x = 2"``."""
        number = short(self.partial)
        return f"{self.formula} = {number}" if self.formula else number

    @property
    def note(self) -> str:
        """What is to be said of 0 · ∞; "" of another contribution."""
        operands = [parent.data for parent in self.node.parents]
        met = undefined(self.node, operands, self.upstream, self.partial)
        return UNDEFINED if met else ""

    @property
    def result(self) -> str:
        """The contribution as a number, with its `note`."""
        return short(self.contribution) + self.write.script.words(self.note)

    def __repr__(self) -> str:
        write, number = self.write, short(self.partial)
        shielded = f"({number})" if number.startswith("-") else number
        factor = f"({self.local})" if self.formula else shielded
        return (
            f"{write.derivative(self.parent)} += {write.derivative(self.node)} · "
            f"{write.local(self.edge)} = {short(self.upstream)} · {factor} = {self.result}"
        )


class Walk(Graph):
    """A graph with the steps of its backward pass, in the order in which backward takes them.

    Constants are not walked to: nobody asks how an output changes with a number that stands in
    its formula.
    """

    @cached_property
    def write(self) -> Notation:
        """How the graph is written as text."""
        return Notation(self)

    def forward(self) -> Iterator[Equation]:
        """Yield the equation of every operation, in the order they were computed in."""
        for node in self.written:
            if node.parents:
                yield self.write.name(node), [self.write.operation(node), short(node.data)]

    @cached_property
    def steps(self) -> list[Step]:
        """The steps."""
        return list(self._steps())

    @cached_property
    def steps_to(self) -> dict[Value, list[int]]:
        """Which steps add to each node."""
        found: dict[Value, list[int]] = {node: [] for node in self.order}
        for i, step in enumerate(self.steps):
            found[step.parent].append(i)
        return found

    def _steps(self) -> Iterator[Step]:
        totals = dict.fromkeys(self.order, 0.0)
        totals[self.output] = 1.0
        pending = {node: len(uses) for node, uses in self.uses.items()}
        reported = dict.fromkeys(self.order, 0)
        reached = {self.output}
        for node in reversed(self.order):
            for position, (parent, partial) in enumerate(
                zip(node.parents, node.partials, strict=True)
            ):
                if self.names.is_constant(parent):
                    continue
                upstream, before = totals[node], totals[parent]
                passed = passed_on(node, upstream, partial) if node in reached else None
                if passed is not None:
                    reached.add(parent)
                    totals[parent] += passed
                reported[parent] += 1
                pending[parent] -= 1
                yield Step(
                    node, parent, position, upstream, partial, passed or 0.0, before,
                    totals[parent], reported[parent], pending[parent], self.write,
                )  # fmt: skip
