"""How the quantities of a graph are written: nodes, derivatives, operations and formulas.

In one view a symbol stands for one number. ∂L/∂w is the derivative by way of every path; a local
derivative that is another number says what is held fixed, or of which operand it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar
from weakref import WeakMethod

from autograd.value import Value
from autograd.views.tracing.folding import Folding, Link
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.writing.formulas import Formula, computed, derived, recorded, written
from autograd.views.writing.scripts import POWER, TEXT, Named, Part, Script

__all__ = ["FoldedNotation", "Notation"]

HELD = 8
"""How many nodes are named that are held fixed."""

T = TypeVar("T")


def _kept(method: Callable[[Value], T]) -> Callable[[Value], T]:
    """Return a method that keeps its latest results, and not the object that it belongs to.

    In a cycle that object, and every mistake that is written by it, would wait for Python's
    collector: a tenth of a second in the middle of somebody's answer.
    """
    belongs = WeakMethod(method)

    def call(node: Value) -> T:
        bound = belongs()
        assert bound is not None, "who calls holds the object"
        return bound(node)

    return lru_cache(maxsize=64)(call)


class Notation:
    """Writes the quantities of a graph in a script.

    >>> x = Value(3.0, "x")
    >>> y = x * x + x
    >>> y.label = "y"
    >>> write = Notation(Graph(y))
    >>> write.derivative(x), write.local(Edge(y, 1)), write.local(Edge(y.parents[0], 0))
    ('∂y/∂x', '∂y/∂x|v1', '∂v1/∂x (1st of 2)')
    """

    def __init__(self, graph: Graph, script: Script = TEXT) -> None:
        self.graph = graph
        self.script = script
        self._partials = _kept(self._derived)
        self._operands_of = _kept(self._placed)
        self._recorded = _kept(self._operation)

    def name(self, node: Value) -> str:
        """Return the name of a node."""
        return self.script.name(self.graph.names[node])

    def number(self, x: float) -> Part:
        """Return a number."""
        return self.script.numeral(x)

    def derivative(self, node: Value) -> str:
        """Return the symbol of the output's derivative in a node."""
        names = self.graph.names
        return self.script.derivative(names[self.graph.output], names[node])

    def local(self, edge: Edge | Link) -> str:
        """Return the symbol of a local derivative: of a node in one of its operands."""
        return self._symbol(edge, self.held(edge), self.which(edge))

    def held(self, edge: Edge | Link) -> list[Value]:
        """Return which operands are to be said to be held fixed in a local derivative."""
        operands, _ = self._operands_of(edge.node)
        return self.graph.other_way(edge.node, edge.parent, operands)

    def which(self, edge: Edge | Link) -> str:
        """Return which of several uses of an operand by one node an edge is; "" of the only one."""
        place, uses = self._operands_of(edge.node)[1][edge.position]
        return f"{_ordinal(place)} of {uses}" if uses > 1 else ""

    def _placed(self, node: Value) -> tuple[list[Value], list[tuple[int, int]]]:
        """Return the operands of a node, and of each the how manieth use it is of how many."""
        uses = Counter(node.parents)
        before: Counter[Value] = Counter()
        places = []
        for parent in node.parents:
            before[parent] += 1
            places.append((before[parent], uses[parent]))
        return list(uses), places

    def _symbol(self, edge: Edge | Link, held: Sequence[Value], which: str = "") -> str:
        names = self.graph.names
        shown: list[Named | None] = [names[n] for n in held[:HELD]]
        more = [None] if len(held) > HELD else []
        return self.script.derivative(names[edge.node], names[edge.parent], [*shown, *more], which)

    def operation(self, node: Value) -> str:
        """Return the operation that made a node as it was written; of a leaf its number."""
        return self._recorded(node).text

    def _operation(self, node: Value) -> Part:
        if node.rule is None:
            return self.number(node.data)
        return written(recorded(node.rule, node.data, self._operands(node)), self.script)

    def partial(self, edge: Edge | Link) -> Part | None:
        """Return the formula of a local derivative in named nodes, None if it is a plain number.

        >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
        >>> z = (w * x).tanh()
        >>> write = Notation(Graph(z))
        >>> write.partial(Edge(z, 0)), write.partial(Edge(z.parents[0], 1))
        (Part(text='1 − v2²', holds=0), Part(text='w', holds=4))
        """
        made = self._partials(edge.node)
        return made[edge.position] if made else None

    def primed(self, edge: Edge | Link) -> Part | None:
        """Return the local derivative of a function of one operand as g′(z), None of another."""
        rule = edge.node.rule
        if rule is None or rule.symbol or rule.sequences or len(edge.node.parents) > 1:
            return None
        if rule.name.startswith("_"):  # a helper of the table, which nobody can call
            return None
        if rule.constants != rule.declared.constants:  # a name does not tell them
            return None
        return Part(self.script.derived(rule.name, self.name(edge.parent)), POWER)

    def _derived(self, node: Value) -> list[Part | None]:
        made = derived(node.rule, self._operands(node)) if node.rule else None
        if made is None:
            return []
        if computed(made.value):
            made.value.name = self.graph.names[node]
        return [written(d, self.script) if isinstance(d, Formula) else None for d in made.partials]

    def _operands(self, node: Value) -> list[Formula]:
        names = self.graph.names
        return [Formula(parent.data, name=names[parent]) for parent in node.parents]


class FoldedNotation(Notation):
    """Writes a graph between its named nodes."""

    def __init__(self, folding: Folding, script: Script = TEXT) -> None:
        super().__init__(folding.graph, script)
        self.folding = folding
        self._formulas = lru_cache(maxsize=64)(folding.formulas)

    def local(self, edge: Edge | Link) -> str:
        """Return the symbol of a local derivative, all other named operands held."""
        return self._symbol(edge, self.held(edge))

    def held(self, edge: Edge | Link) -> list[Value]:
        """Return which named operands are to be said to be held fixed in a local derivative."""
        operands = self.folding.operands(edge.node)
        return self.graph.other_way(edge.node, edge.parent, operands)

    def which(self, edge: Edge | Link) -> str:
        """Return "": between named nodes all uses of one by another are one factor."""
        return ""

    def partial(self, edge: Edge | Link) -> Part | None:
        """Return the formula of a local derivative in named nodes, None if it is a number."""
        formula = self._formulas(edge.node).get(edge.parent)
        return written(formula, self.script) if isinstance(formula, Formula) else None

    def primed(self, edge: Edge | Link) -> Part | None:
        """Return the local derivative of a function of a named node as g′(z), None of another."""
        return super().primed(edge) if edge.parent in edge.node.parents else None

    def _operation(self, node: Value) -> Part:
        if node.rule is None:
            return super()._operation(node)
        return written(self.folding.expression(node), self.script)


def _ordinal(n: int) -> str:
    """Return a number as one in a row.

    >>> [_ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 102)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '21st', '102nd']
    """
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
