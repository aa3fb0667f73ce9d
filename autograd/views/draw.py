"""A computation graph as an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import count, pairwise
from typing import Any

from autograd.errors import UsageError
from autograd.graph import depending_on, topological_order
from autograd.number import shown
from autograd.tools.optional import optional
from autograd.value import Value
from autograd.views.pictures.drawing import Drawing
from autograd.views.pictures.tree import tree
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.groups import Group, collapse
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import short

__all__ = ["GraphDrawing", "draw", "small_graph"]

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
    output: Any,
    *,
    names: Mapping[str, Any] | None = None,
    highlight: Value | None = None,
    order: bool = False,
    gradients: bool = False,
) -> Drawing:
    """Return a picture of the graph that an output was computed by, or of a network.

    One box for each Value: its label and the operation as it was written, the number, and the
    gradient (``?`` until ``backward()`` was called). One edge for each operand, with the local
    derivative. `names` takes the names of unlabelled Values from variables:
    ``draw(y, names=globals())``. `highlight` marks every path from that node to the output, and
    `order` numbers the edges in the order of the backward pass. More than 60 nodes are collapsed
    to groups: to neurons and layers, where labels such as ``z_1^{(2)}`` say which there are.

    What has a method ``drawing`` is drawn by that. A network (of the package `nn`) is drawn as on
    paper: neurons in layers, an edge for each weight. With `gradients`, the edges show the
    gradients of the weights instead.

    A notebook shows the picture by itself; a file's suffix decides its format.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> picture = draw((w * x).tanh())
    >>> print(picture)
    v2 = tanh(v1) = -1.000  grad ?
    └─ v1 = w × x = -6  grad ?
       ├─ w = -3  grad ?
       └─ x = 2  grad ?
    >>> picture.save("graph.svg")  # doctest: +SKIP
    """
    if isinstance(output, Value):
        if gradients:
            raise UsageError("draw: a graph shows its gradients anyway; leave out gradients=True")
        return GraphDrawing(output, names, highlight, order)
    drawing = None if isinstance(output, type) else getattr(output, "drawing", None)
    if names is not None or highlight is not None or order or not callable(drawing):
        raise UsageError(f"draw: {shown(output)} is not a Value; draw what you computed with them")
    picture: Drawing = drawing(gradients=gradients)
    return picture


def small_graph(value: Value) -> dict[str, Any] | None:
    """Return what a notebook shows for a Value: its picture, if that is small."""
    if not value.parents or len(topological_order(value)) > LIMIT:
        return None
    return {**draw(value)._repr_mimebundle_(), "text/plain": repr(value)}


class GraphDrawing(Drawing):
    """The picture of a graph of Values, printed as a tree."""

    _gap = 0.6  # inches from rank to rank: room for the formulas on the edges

    def __init__(
        self,
        output: Value,
        names: Mapping[str, Any] | None = None,
        highlight: Value | None = None,
        numbered: bool = False,
    ) -> None:
        self._graph = Graph(output, names)
        self._write = Notation(self._graph)
        self._order, self._names = self._graph.order, self._graph.names
        self._marked: set[Value] = set()
        if highlight is not None:
            marked = self._graph.node(highlight, "draw")
            self._marked = depending_on([marked], self._order)
        self._numbered = numbered

    @property
    def dot(self) -> str:
        """The picture in Graphviz's DOT language."""
        graph = self.blank(self._gap)
        if len(self._order) > LIMIT:
            self._add_groups(graph)
        else:
            self._add_nodes(graph)
        text: str = graph.source
        return text

    def __str__(self) -> str:
        return tree(self._write, self._gradient)

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
        name = self._names(node)
        written = self._write.operation(node) if node.parents else ""
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
        return node.grad if node.has_grad else None

    def _grad_text(self, node: Value) -> str:
        grad = self._gradient(node)
        return "grad ?" if grad is None else f"grad {short(grad)}"

    def _edge_texts(self, node: Value) -> list[str]:
        """Return what stands on the edges from the operands: formula and number."""
        texts = []
        for position, (parent, partial) in enumerate(zip(node.parents, node.partials, strict=True)):
            text = short(partial)
            formula = self._write.partial(Edge(node, position))
            if formula and formula.text != text and len(formula.text) <= 24:  # boxes stay near
                text = f"{formula.text} = {text}"
                if len(node.parents) > 1 and self._names(parent):
                    text = f"∂/∂{self._names(parent)} = {text}"
            texts.append(text)
        return texts

    def _add_groups(self, graph: Any) -> None:
        groups = collapse(self._order, LIMIT, self._names.kind)
        columns = _columns(groups)
        if columns:  # straight edges, side to side, can be told apart where all meet all
            graph.attr(splines="line", ranksep="1.5")
            graph.attr("edge", headport="w", tailport="e")
        crowded = any(len(column) > 1 for column in columns)  # straight edges lose their labels
        for i, group in enumerate(groups):
            graph.node(f"g{i}", self._group_box(group))
            for source, edges in group.sources.items():
                text = f"{edges} edges" if edges > 1 and not crowded else ""
                graph.edge(f"g{source}", f"g{i}", text)
        for column in columns:
            _stack(graph, [f"g{i}" for i in column])

    def _group_box(self, group: Group) -> str:
        shown = group.results if group.name else group.nodes
        numbers = [node.data for node in shown]
        gradients = [g for g in map(self._gradient, shown) if g is not None]
        reach = f"grad {_range(gradients)}" if len(gradients) == len(shown) else "grad ?"
        title = f"<B>{_html(group.name or group.title)}</B>"
        if group.name:
            title += f'<BR/><FONT POINT-SIZE="10">{_html(group.title)}</FONT>'
        return _table(group.kind, f'<TD COLSPAN="2">{title}</TD>', _cells(_range(numbers), reach))


def _columns(groups: Sequence[Group]) -> list[list[int]]:
    """Return the numbers of the groups in each layer of a network, in the order of its neurons."""
    columns: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        if group.place:
            columns.setdefault(group.place.layer, []).append(i)
    numbered = {
        i: neuron for i, g in enumerate(groups) if g.place and isinstance(neuron := g.place[1], int)
    }
    return [sorted(column, key=lambda i: numbered.get(i, 0)) for column in columns.values()]


def _stack(graph: Any, ids: Sequence[str]) -> None:
    """Put boxes one below the other."""
    with graph.subgraph() as column:
        column.attr(rank="same")
        for above, below in pairwise(ids):
            column.edge(above, below, style="invis")


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
    escaped: str = optional("graphviz", "a picture").escape(text)
    return escaped
