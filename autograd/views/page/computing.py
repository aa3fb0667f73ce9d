"""What a page computes with: a graph as data, its rules as source, its formulas as templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from autograd.comparisons import guards
from autograd.graph import topological_order
from autograd.program.forms import form_of
from autograd.program.symbols import inner_first
from autograd.value import Value
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.notation import Notation
from autograd.views.writing.formulas import Formula, computed, derived, recorded, written
from autograd.views.writing.javascript import Script, written_rules
from autograd.views.writing.numbers import hole, short
from autograd.views.writing.scripts import HTML, PRODUCT, Named, Part

__all__ = ["Computing"]

GUARDS = 100
"""The number of comparisons that are asked again at other numbers."""


class Hole:
    """A name that a page fills in: of the operand at a place, or of the result."""

    def __init__(self, place: str, is_raised: bool) -> None:
        self.unicode = self.latex = self.html = hole(place)
        self.is_raised = is_raised


class Computing:
    r"""A graph as a page computes it: operands, rules, and how everything is written.

    A template has holes, which the page fills with names or with numbers. A node whose rule cannot
    be written as JavaScript keeps its number, and so do the leaves beneath it. The sources need
    what a `script` declares, if one is given.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> computing = Computing(Graph(w * x))
    >>> computing.sources
    ['(a,b)=>[a*b,[b,a]]']
    >>> computing.nodes()[2]["operation"], computing.nodes()[2]["edges"][0]["formula"]
    ('{\ue0000} × {\ue0001}', '{\ue0001}')
    """

    def __init__(self, graph: Graph, script: Script | None = None) -> None:
        self.graph = graph
        self.asked = guards(graph.leaves)[:GUARDS]
        operands = [operand for comparison in self.asked for operand in comparison.operands]
        beneath = topological_order(*operands) if operands else []
        self.order = [*graph.order, *(node for node in beneath if node not in graph.index)]
        self.index = {node: i for i, node in enumerate(self.order)}
        self.sources, self._made_by = written_rules(self.order, script)
        self._write = Notation(graph, HTML)

    @cached_property
    def _frozen(self) -> set[Value]:
        """The nodes on which one depends whose rule cannot be written."""
        found: set[Value] = set()
        for node in reversed(self.order):
            if node in found or (node.parents and node not in self._made_by):
                found.update(node.parents)
        return found

    def data(self) -> dict[str, Any]:
        """Return the nodes, and what was asked of their numbers while the graph was recorded."""
        return {
            "nodes": self.nodes(),
            "others": self.others(),
            "guards": self.guards(),
            "leaves": [self.graph.index[leaf] for leaf in self.graph.leaves],
        }

    def nodes(self) -> list[dict[str, Any]]:
        """Return what is known of each node of the graph, in topological order."""
        return [self._node(node) | self._named(node) for node in self.graph.order]

    def others(self) -> list[dict[str, Any]]:
        """Return the nodes that are asked about and belong to no gradient."""
        return [self._node(node) for node in self.order[len(self.graph.order) :]]

    def guards(self) -> list[dict[str, Any]]:
        """Return what was asked of the numbers while the graph was recorded."""
        return [
            {
                "sign": comparison.rule.symbol,
                "operands": [self.index[operand] for operand in comparison.operands],
                "held": bool(int(comparison)),
                "question": comparison.question,
                "source": comparison.source,
            }
            for comparison in self.asked
        ]

    def _node(self, node: Value) -> dict[str, Any]:
        if not node.parents:
            return {"number": repr(node.data)}
        found: dict[str, Any] = {"operands": [self.index[parent] for parent in node.parents]}
        if node in self._made_by:
            found["rule"] = self._made_by[node]
        else:
            slopes = [repr(float(slope)) for slope in node.partials]
            found |= {"number": repr(node.data), "partials": slopes}
        if node.rule is not None and node.rule.choice:
            found["chooses"] = True
        if node.rule is not None and node.rule.remedy:
            found["remedy"] = self._remedy(node)
        return found

    def _remedy(self, node: Value) -> str:
        """Return what to do where an operation has no value."""
        rule: Any = node.rule
        places = (hole(position) for position in range(len(node.parents)))
        names = rule.parameters(len(node.parents))
        return HTML.plain(rule.remedy.format(**dict(zip(names, places, strict=True))))

    def _named(self, node: Value) -> dict[str, Any]:
        kind = self.graph.names.kind(node)
        name = self.graph.names[node]
        found: dict[str, Any] = {"name": name.html, "said": name.unicode}
        if kind != "operation":
            found["kind"] = kind
        if node in self._frozen and not node.parents:
            found["frozen"] = True
        if node.parents:
            found["operation"] = self._operation(node)
            found["edges"] = [*self._edges(node)]
        return found

    def _operation(self, node: Value) -> str:
        if node.rule is None:
            return ""
        return written(recorded(node.rule, node.data, self._holes(node)), HTML).text

    def _edges(self, node: Value) -> Iterator[dict[str, Any]]:
        """Yield how the local derivative in each operand is written."""
        formulas = self._formulas(node)
        bends = node in self._made_by and _bends(node)
        for position in range(len(node.parents)):
            edge = Edge(node, position)
            found: dict[str, Any] = {"bends": True} if bends else {}  # elsewhere it may be another
            if which := self._write.which(edge):
                found["which"] = which
            if held := self._write.held(edge):
                found["held"] = [self.index[other] for other in held]
            formula = formulas[position] if formulas else None
            if formula is not None and formula.text != short(node.partials[position]):
                found["formula"] = formula.text
                if formula.holds < PRODUCT:
                    found["loose"] = True
            yield found

    def _formulas(self, node: Value) -> Sequence[Part | None]:
        made = derived(node.rule, self._holes(node)) if node.rule else None
        if made is None:
            return []
        if computed(made.value):
            made.value.name = Hole("z", self.graph.names[node].is_raised)
        return [written(d, HTML) if isinstance(d, Formula) else None for d in made.partials]

    def _holes(self, node: Value) -> list[Formula]:
        """Return the operands of a node, with holes for names; constants as they are."""
        found = []
        for position, parent in enumerate(node.parents):
            name: Named = self.graph.names[parent]
            if not self.graph.names.is_constant(parent):
                name = Hole(str(position), name.is_raised)
            found.append(Formula(parent.data, name=name))
        return found


_BRANCHES = {"where", "compare", "step", "maximum", "minimum", "largest", "smallest", "absolute"}
"""The heads of symbols that are something else on another branch."""


def _bends(node: Value) -> bool:
    """Return whether the formulas of a node's local derivatives may be others elsewhere."""
    rule: Any = node.rule
    form = form_of(rule, len(node.parents))
    made = inner_first([form.value, *form.partials])
    return rule.kink is not None or rule.choice or any(e.head in _BRANCHES for e in made)
