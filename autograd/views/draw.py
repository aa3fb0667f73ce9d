"""A computation graph as an image."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from html import escape
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from autograd.errors import RendererError, UsageError
from autograd.graph import depending_on, topological_order
from autograd.number import shown
from autograd.value import Value
from autograd.views import files
from autograd.views.collapse import Group, collapse
from autograd.views.dot import SUFFIXES, render
from autograd.views.formulas import partial_formulas
from autograd.views.notation import Names, operation, short
from autograd.views.tree import tree

__all__ = ["Drawing", "draw", "small_graph"]

LIMIT = 60
"""The number of boxes up to which a graph can be read."""

_FRAMES = {  # border, background: tinted for the leaves that matter, and grey for constants
    "parameter": ("#2563eb", "#eff6ff"),
    "input": ("#0f766e", "#f0fdfa"),
    "constant": ("#d1d5db", "#f3f4f6"),
    "operation": ("#374151", "white"),
}
_MARKS = {"color": "#d97706", "fontcolor": "#92400e", "penwidth": "3"}  # of a highlighted path
_POSITIVE, _NEGATIVE, _NEUTRAL = "#166534", "#b91c1c", "#6b7280"


def draw(
    output: Value,
    *,
    names: Mapping[str, Any] | None = None,
    highlight: Value | None = None,
    order: bool = False,
) -> Drawing:
    """Return a picture of the graph that an output was computed by.

    One box for each Value: its label and the operation as it was written, the number, and the
    gradient (``?`` until ``backward()`` was called). One edge for each operand, with the local
    derivative. `names` takes the names of unlabelled Values from variables:
    ``draw(y, names=globals())``. `highlight` marks every path from that node to the output, and
    `order` numbers the edges in the order of the backward pass. More than 60 nodes are collapsed
    to groups.

    A notebook shows the picture by itself; a file's suffix decides its format.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> picture = draw((w * x).tanh())
    >>> print(picture)
    tanh · = -1  grad ?
    └─ w × x = -6  grad ?
       ├─ w = -3  grad ?
       └─ x = 2  grad ?
    >>> picture.save("graph.svg")  # doctest: +SKIP
    """
    if not isinstance(output, Value):
        raise UsageError(f"draw: {shown(output)} is not a Value; draw what you computed with them")
    return Drawing(output, names, highlight, order)


def small_graph(value: Value) -> dict[str, Any] | None:
    """Return what a notebook shows for a Value: its picture, if that is small."""
    if not value.parents or len(topological_order(value)) > LIMIT:
        return None
    return {**draw(value)._repr_mimebundle_(), "text/plain": repr(value)}


class Drawing:
    """The picture of a graph: shown by a notebook, printed as a tree, or saved to a file."""

    _gap = 0.6  # inches from rank to rank: room for the formulas on the edges

    def __init__(
        self,
        output: Value,
        names: Mapping[str, Any] | None = None,
        highlight: Value | None = None,
        numbered: bool = False,
    ) -> None:
        self._order = topological_order(output)
        self._names = Names(self._order, names)
        self._marked: set[Value] = set()
        if highlight is not None:
            if highlight not in set(self._order):
                raise UsageError(f"draw: the graph has no {shown(highlight)} to highlight")
            self._marked = depending_on(highlight, self._order)
        self._numbered = numbered

    @property
    def dot(self) -> str:
        """The picture in Graphviz's DOT language."""
        graph = import_module("graphviz").Digraph(
            graph_attr={
                "rankdir": "LR", "bgcolor": "white", "nodesep": "0.3", "ranksep": str(self._gap),
            },
            node_attr={"shape": "plain", "fontname": "Arial", "fontsize": "12"},
            edge_attr={
                "fontname": "Arial", "fontsize": "11", "color": "#8a94a6",
                "fontcolor": "#44506a", "arrowsize": "0.7",
            },
        )  # fmt: skip
        if len(self._order) > LIMIT:
            self._add_groups(graph)
        else:
            self._add_nodes(graph)
        text: str = graph.source
        return text

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file: .svg, .png, .dot, .gv, or .pdf with Graphviz's own dot.

        Raises `UsageError` for another suffix, `RendererError` where nothing can render it.
        """
        files.save(Path(path), SUFFIXES, self._content)

    def _content(self, kind: str) -> bytes:
        return self.dot.encode() if kind in ("dot", "gv") else render(self.dot, kind)

    def __str__(self) -> str:
        return tree(self._order, self._names, self._gradient)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the picture as SVG and PNG together, since some viewers drop one of them."""
        dot = self.dot
        try:
            return {
                "image/svg+xml": render(dot, "svg").decode(),
                "image/png": base64.b64encode(render(dot, "png")).decode(),
                "text/plain": str(self),
            }
        except RendererError as error:
            return {"text/plain": f"{self}\n\n({error})"}

    def _add_nodes(self, graph: Any) -> None:
        ids = {node: f"v{i}" for i, node in enumerate(self._order)}
        for node in self._order:
            graph.node(ids[node], self._box(node), id=ids[node])
        steps = count(1)
        for node in reversed(self._order):
            for parent, text in zip(node.parents, self._edge_texts(node), strict=True):
                step = next(steps)
                label = f"{step}: {text}" if self._numbered else text
                marks = _MARKS if {node, parent} <= self._marked else {}
                graph.edge(ids[parent], ids[node], _plain(label), id=f"step{step}", **marks)

    def _box(self, node: Value) -> str:
        name, written = self._names(node), operation(node, self._names)
        if self._names.kind(node) == "constant":
            return _table("constant", f'<TD><FONT POINT-SIZE="10">{short(node.data)}</FONT></TD>')
        title = f"<B>{_html(name)}</B>" if name else ""
        title += f" = {_html(written)}" if name and written else _html(written)
        grad = _signed(self._gradient(node), self._grad_text(node))
        cells = _cells(self._data_text(node), grad)
        return _table(self._names.kind(node), f'<TD COLSPAN="2">{title}</TD>', cells)

    def _data_text(self, node: Value) -> str:
        return short(node.data)

    def _gradient(self, node: Value) -> float | None:
        """Return the gradient that a node's box shows."""
        return node.grad

    def _grad_text(self, node: Value) -> str:
        grad = self._gradient(node)
        return "grad ?" if grad is None else f"grad {short(grad)}"

    def _edge_texts(self, node: Value) -> list[str]:
        """Return what stands on the edges from the operands: formula and number."""
        texts = []
        formulas = partial_formulas(node, self._names)
        for parent, partial, formula in zip(node.parents, node.partials, formulas, strict=True):
            text = short(partial)
            if formula not in ("", text) and len(formula) <= 24:  # longer ones push boxes apart
                text = f"{formula} = {text}"
                if len(node.parents) > 1 and self._names(parent):
                    text = f"∂/∂{self._names(parent)} = {text}"
            texts.append(text)
        return texts

    def _add_groups(self, graph: Any) -> None:
        for i, group in enumerate(collapse(self._order, LIMIT, self._names.kind)):
            graph.node(f"g{i}", self._group_box(group))
            for source, edges in group.sources.items():
                graph.edge(f"g{source}", f"g{i}", f"{edges} edges" if edges > 1 else "")

    def _group_box(self, group: Group) -> str:
        numbers = [node.data for node in group.nodes]
        gradients = [g for g in map(self._gradient, group.nodes) if g is not None]
        reach = f"grad {_range(gradients)}" if len(gradients) == len(group.nodes) else "grad ?"
        title = f'<TD COLSPAN="2"><B>{_html(group.title)}</B></TD>'
        return _table(group.kind, title, _cells(_range(numbers), reach))


def _cells(data: str, grad: str) -> str:
    """Return the second row; its spaces are room for a browser whose font is wider than Arial."""
    return f"<TD>&#160;{data}&#160;</TD><TD>&#160;{grad}&#160;</TD>"


def _range(numbers: list[float]) -> str:
    low, high = short(min(numbers)), short(max(numbers))
    return low if low == high else f"{low} … {high}"


def _table(kind: str, *rows: str) -> str:
    border, background = _FRAMES[kind]
    frame = int(kind == "parameter")  # a second line, to be told apart in black and white too
    content = "".join(f"<TR>{row}</TR>" for row in rows)
    return (
        f'<<TABLE BORDER="{frame}" CELLBORDER="1" CELLSPACING="0" CELLPADDING="6" '
        f'COLOR="{border}" BGCOLOR="{background}">{content}</TABLE>>'
    )


def _signed(grad: float | None, text: str) -> str:
    """Return the text of a gradient in the colour of its sign."""
    color = _POSITIVE if grad and grad > 0 else _NEGATIVE if grad and grad < 0 else _NEUTRAL
    return f'<FONT COLOR="{color}">{text}</FONT>'


def _html(text: str) -> str:
    """Escape what a person wrote for an HTML-like label."""
    return escape(text if len(text) <= 60 else f"{text[:59]}…").replace("\\", "\\\\")


def _plain(text: str) -> str:
    """Escape what a person wrote for a quoted label: a backslash there starts an escape."""
    escaped: str = import_module("graphviz").escape(text)
    return escaped
