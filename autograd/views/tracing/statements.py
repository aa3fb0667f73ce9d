"""What a graph computes, in equations: as one formula, what is given, and each result in turn."""

from __future__ import annotations

from autograd.views.tracing.folding import Folding
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.notation import FoldedNotation, Notation
from autograd.views.writing.scripts import TEXT, Script

__all__ = ["definitions", "formula", "given"]


def formula(graph: Graph, script: Script = TEXT) -> str:
    """Return the output as a formula in the named nodes it is made of.

    >>> from autograd import Value
    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> graph = Graph((w * x + 1) ** 2)
    >>> formula(graph), given(graph), definitions(graph)
    ('v3 = (w × x + 1)²', ['w = 3', 'x = 2'], ['v1 = w × x', 'v2 = v1 + 1'])
    """
    write, whole = Notation(graph, script), FoldedNotation(Folding(graph), script)
    return f"{write.name(graph.output)} = {whole.operation(graph.output)}"


def given(graph: Graph, script: Script = TEXT) -> list[str]:
    """Return the equations of the leaves."""
    write = Notation(graph, script)
    leaves = [leaf for leaf in graph.leaves if leaf is not graph.output]
    return [f"{write.name(leaf)} = {write.number(leaf.data).text}" for leaf in leaves]


def definitions(graph: Graph, script: Script = TEXT) -> list[str]:
    """Return the equations of the nodes between the leaves and the output, operands first."""
    write = Notation(graph, script)
    inner = [node for node in graph.written if node.parents and node is not graph.output]
    return [f"{write.name(node)} = {write.operation(node)}" for node in inner]
