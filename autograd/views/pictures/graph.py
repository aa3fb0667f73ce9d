"""A computation graph as an image."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from autograd.graph import depending_on
from autograd.tools.optional import optional
from autograd.value import Value
from autograd.views.pictures.drawing import Drawing
from autograd.views.pictures.tree import tree
from autograd.views.tracing.folding import Folding
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.groups import Group, collapse
from autograd.views.tracing.notation import FoldedNotation, Notation
from autograd.views.writing.numbers import counted, short

__all__ = ["EDGES", "LIMIT", "BackwardDrawing", "GraphDrawing", "readable"]

LIMIT = 60
"""The number of boxes up to which a graph can be read."""

EDGES = 120
"""The number of edges up to which it can."""

_PARALLEL = 4
"""The number of uses of one operand by one node up to which each has an edge of its own."""

_RANKS = 5
"""The number of boxes in a row up to which a graph goes from left to right."""

_FRAMES = {  # border, background: tinted for the leaves that matter, and grey for constants
    "parameter": ("#2563eb", "#eff6ff"),
    "input": ("#0f766e", "#f0fdfa"),
    "constant": ("#d1d5db", "#f3f4f6"),
    "operation": ("#374151", "white"),
}
_MARKS = {"color": "#d97706", "fontcolor": "#92400e", "penwidth": "3"}  # of a highlighted path
_POSITIVE, _NEGATIVE, _NEUTRAL = "#166534", "#b91c1c", "#5b6472"


class GraphDrawing(Drawing):
    """The picture of a graph of Values, printed as a tree.

    - `highlight` marks every path from that node to the output;
    - `numbered` numbers the edges in the order of the backward pass;
    - `marks` makes an edge stand out and writes a text beside it;
    - `gradients` are shown in place of those that ``backward()`` left, "?" for a node without one.

    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> picture = GraphDrawing(y, marks={Edge(y, 0): "left out"}, gradients={y: 1.0})
    >>> "left out" in picture.dot, picture
    (True, v1 = x × x = 9  grad 1
    ├─ x = 3  grad ?
    └─ x = 3  grad ?)
    >>> picture.title
    'The graph of v1 = x × x'
    """

    _gap = 0.4  # inches from rank to rank: room for the formulas on the edges
    _direction = ""  # LR or TB; "" for whichever fits

    def __init__(
        self,
        output: Value,
        names: Mapping[str, Any] | None = None,
        highlight: Value | None = None,
        numbered: bool = False,
        *,
        marks: Mapping[Edge, str] | None = None,
        gradients: Mapping[Value, float] | None = None,
    ) -> None:
        self._graph = Graph(output, names)
        self._write = Notation(self._graph)
        self._order, self._names = self._graph.order, self._graph.names
        self._marked: set[Value] = set()
        if highlight is not None:
            marked = self._graph.node(highlight, "draw")
            self._marked = depending_on([marked], self._order)
        self._numbered = numbered
        self._marks = dict(marks or {})
        self._gradients = gradients
        self._rooms: dict[Value, int] = {}  # letters that the cell of a gradient has to hold

    @property
    def dot(self) -> str:
        """The picture in Graphviz's DOT language."""
        if not readable(self._order):
            graph = self._in_groups()
        else:
            graph = self.blank(self._gap, self._direction or _direction(self._order))
            graph.attr("node", ordering="in")  # operands in the order in which they were written
            self._add_nodes(graph)
        text: str = graph.source
        return text

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        output = self._graph.output
        write = FoldedNotation(Folding(self._graph))
        return f"The graph of {write.name(output)} = {_cut(write.operation(output), 200)}"

    @property
    def description(self) -> str:
        """What it shows, in a sentence or two."""
        kinds: dict[str, list[str]] = {"parameter": [], "input": []}
        for leaf in self._graph.leaves:
            kinds[self._names.kind(leaf)].append(self._names(leaf))
        edges = sum(len(node.parents) for node in self._order)
        said = [counted(len(self._order), "node"), counted(edges, "edge")]
        said += [f"{kind}s {_listed(names)}" for kind, names in kinds.items() if names]
        return f"{'; '.join(said)}; the output is {short(self._order[-1].data)}."

    def __str__(self) -> str:
        return tree(self._write, self._gradient)

    def _add_nodes(self, graph: Any) -> None:
        ids = {node: f"v{i}" for i, node in enumerate(self._order)}
        for node in self._order:
            graph.node(ids[node], self._box(node), id=ids[node])
        steps = self._steps()
        for node in reversed(self._order):
            texts = self._edge_texts(node)
            for position, uses in _edges(node):
                edge = Edge(node, position)
                lines = _lines(texts[position]) if uses == 1 else [f"{uses:,} uses"]
                if self._numbered and edge in steps:
                    lines[0] = f"{steps[edge]}: {lines[0]}"
                marked = edge in self._marks or {node, edge.parent} <= self._marked
                lines += filter(None, [self._marks.get(edge)])
                label = "\\n".join(map(_plain, lines))
                name = f"step{steps[edge]}" if edge in steps else f"{ids[node]}from{position}"
                marks = _MARKS if marked else {}
                graph.edge(ids[edge.parent], ids[node], label, id=name, **marks)

    def _steps(self) -> dict[Edge, int]:
        """Return which step of the backward pass goes along each edge; to constants goes none."""
        edges = [Edge(node, i) for node in reversed(self._order) for i in range(len(node.parents))]
        walked = [edge for edge in edges if not self._names.is_constant(edge.parent)]
        return {edge: step for step, edge in enumerate(walked, 1)}

    def _box(self, node: Value) -> str:
        name = self._names(node)
        written = _folded(self._write.operation(node)) if node.parents else ""
        if self._names.is_constant(node):
            return _table("constant", f'<TD><FONT POINT-SIZE="10">{short(node.data)}</FONT></TD>')
        title = f"<B>{_html(_cut(name, 24))}</B>"
        if written:
            room = len(name) + len(written) <= 16
            title += f"&#160;= {_html(written)}" if room else f"<BR/>= {_html(written)}"
        grad = _signed(self._gradient(node), self._grad_text(node))
        cells = _cells(self._data_text(node), grad, self._rooms.get(node, 0))
        return _table(self._names.kind(node), f'<TD COLSPAN="2">{title}</TD>', cells)

    def _data_text(self, node: Value) -> str:
        return short(node.data)

    def _gradient(self, node: Value) -> float | None:
        """Return the gradient that a node's box shows."""
        if self._gradients is not None:
            return self._gradients.get(node)
        return node.grad if node.has_grad else None

    def _grad_text(self, node: Value) -> str:
        grad = self._gradient(node)
        return "grad ?" if grad is None else f"grad {short(grad)}"

    def _edge_texts(self, node: Value) -> list[str]:
        """Return what stands on the edges from the operands: local derivatives."""
        return [self._local(Edge(node, position)) for position in range(len(node.parents))]

    def _local(self, edge: Edge) -> str:
        """Return a local derivative as formula and number."""
        number, formula = short(edge.partial), self._write.partial(edge)
        if not formula or formula.text == number or len(formula.text) > 24:  # boxes stay near
            return number
        text = f"{formula.text} = {number}"
        names = self._names
        alone = self._write.script.derivative(names[edge.node], names[edge.parent])
        if len(edge.node.parents) == 1 or self._write.local(edge) != alone:  # what is held, or
            return text  # which of two uses it is, there is no room to say
        return f"∂/∂{names(edge.parent)} = {text}"

    def _in_groups(self) -> Any:
        """Return the picture of a large graph, whose boxes are groups of nodes."""
        groups = collapse(self._order, LIMIT, self._names.kind)
        columns = _columns(groups)
        graph = self.blank(0.6, "LR" if columns or len(groups) <= 2 * _RANKS else "TB")
        if columns:  # straight edges, side to side, can be told apart where all meet all
            graph.attr(splines="line", ranksep="1.5")
            graph.attr("edge", headport="w", tailport="e")
        passing = self._passing(groups)
        crowded = any(len(column) > 1 for column in columns)  # straight edges lose their labels
        for i, group in enumerate(groups):
            graph.node(f"g{i}", self._group_box(group))
            for source, edges in group.sources.items():
                text = f"{edges} edges" if edges > 1 and not crowded else ""
                marks = _MARKS if (source, i) in passing else {}
                graph.edge(f"g{source}", f"g{i}", text, **marks)
        for column in columns:
            _stack(graph, [f"g{i}" for i in column])
        return graph

    def _passing(self, groups: Sequence[Group]) -> set[tuple[int, int]]:
        """Return between which groups there are edges that stand out."""
        numbers = {node: i for i, group in enumerate(groups) for node in group.nodes}
        ends = [(edge.parent, edge.node) for edge in self._marks]
        ends += [(p, node) for node in self._marked for p in node.parents if p in self._marked]
        return {(numbers[parent], numbers[node]) for parent, node in ends}

    def _data_range(self, nodes: Sequence[Value]) -> str:
        return _range([node.data for node in nodes])

    def _group_box(self, group: Group) -> str:
        shown = group.results if group.name else group.nodes
        gradients = [g for g in map(self._gradient, shown) if g is not None]
        reach = f"grad {_range(gradients)}" if len(gradients) == len(shown) else "grad ?"
        title = f"<B>{_html(group.name or group.title)}</B>"
        if group.name:
            title += f'<BR/><FONT POINT-SIZE="10">{_html(group.title)}</FONT>'
        return _table(
            group.kind, f'<TD COLSPAN="2">{title}</TD>', _cells(self._data_range(shown), reach)
        )


class BackwardDrawing(GraphDrawing):
    """The picture of a backward pass: an animation with a frame for each step.

    `totals` are what the steps do: the edge that each goes along, and what the operand's gradient
    is after it. Before the first one only the output has a gradient, 1. A graph that is too large
    to be read does not move.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> y = w * x
    >>> picture = BackwardDrawing(y, [(Edge(y, 0), 2.0), (Edge(y, 1), -3.0)])
    >>> [frame.count("grad ?") for frame in picture.frames], picture.dot == picture.frames[-1]
    ([2, 1, 0], True)
    """

    def __init__(
        self,
        output: Value,
        totals: Iterable[tuple[Edge, float]],
        names: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(output, names)
        self._totals = list(totals)
        for edge, total in self._totals:
            letters = len(f"grad {short(total)}")
            self._rooms[edge.parent] = max(self._rooms.get(edge.parent, 0), letters)

    @property
    def dot(self) -> str:
        """The picture after the last step."""
        return self._after(len(self._totals))

    @property
    def frames(self) -> list[str]:
        """The picture before the first step, and after each."""
        if not readable(self._order):
            return []
        return [self._after(steps) for steps in range(len(self._totals) + 1)]

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        return f"The backward pass of {super().title.removeprefix('The graph of ')}"

    def _after(self, steps: int) -> str:
        """Return the picture after so many steps, the last of which stands out."""
        taken = self._totals[:steps]
        self._gradients = {self._graph.output: 1.0} | {edge.parent: x for edge, x in taken}
        self._marks = {edge: "" for edge, _ in taken[-1:]}
        return super().dot


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


def readable(order: Sequence[Value]) -> bool:
    """Return whether a graph of these nodes can be read with a box for each of them."""
    return len(order) <= LIMIT and sum(len(_edges(node)) for node in order) <= EDGES


def _edges(node: Value) -> list[tuple[int, int]]:
    """Return the edges drawn into a node: positions of operands, and how many uses each stands for.

    An operand that is used many times has one edge for all of them.
    """
    if len(node.parents) <= _PARALLEL:
        return [(position, 1) for position in range(len(node.parents))]
    uses = Counter(node.parents)
    first: dict[Value, int] = {}
    edges = []
    for position, parent in enumerate(node.parents):
        if uses[parent] <= _PARALLEL:
            edges.append((position, 1))
        elif first.setdefault(parent, position) == position:
            edges.append((position, uses[parent]))
    return edges


def _direction(order: Sequence[Value]) -> str:
    """Return which way a graph goes: to the right if it is short, else down, as text does.

    Across a cell or a sheet of paper there is room for few boxes in a row.
    """
    ranks: dict[Value, int] = {}
    for node in order:
        ranks[node] = 1 + max((ranks[parent] for parent in node.parents), default=0)
    return "LR" if ranks[order[-1]] <= _RANKS else "TB"


def _cells(data: str, grad: str, room: int = 0) -> str:
    """Return the second row; its spaces are room for a browser whose font is wider than Arial.

    The cell of the gradient has room for as many letters at least.
    """
    width = f' WIDTH="{round(6.7 * room) + 22}"' if room else ""  # a digit is 6.67 points wide
    return f"<TD>&#160;{data}&#160;</TD><TD{width}>&#160;{grad}&#160;</TD>"


def _range(numbers: list[float]) -> str:
    low, high = short(min(numbers)), short(max(numbers))
    return low if low == high else f"{low} … {high}"


def _table(kind: str, *rows: str) -> str:
    border, background = _FRAMES[kind]
    frame = int(kind == "parameter")  # a second line, to be told apart in black and white too
    content = "".join(f"<TR>{row}</TR>" for row in rows)
    return (
        f'<<TABLE BORDER="{frame}" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4" '
        f'COLOR="{border}" BGCOLOR="{background}">{content}</TABLE>>'
    )


def _signed(grad: float | None, text: str) -> str:
    """Return the text of a gradient in the colour of its sign."""
    color = _POSITIVE if grad and grad > 0 else _NEGATIVE if grad and grad < 0 else _NEUTRAL
    return f'<FONT COLOR="{color}">{text}</FONT>'


def _lines(text: str) -> list[str]:
    """Return the text of an edge in lines, a long one broken before every equals sign.

    >>> _lines("2·x = 6"), _lines("∂/∂learning = x = 2")
    (['2·x = 6'], ['∂/∂learning', '= x', '= 2'])
    """
    return [text] if len(text) <= 14 else text.replace(" = ", "\n= ").split("\n")


def _folded(written: str) -> str:
    """Return an operation short enough for a box: of many operands the first, long names cut.

    >>> _folded("dot(w₁, w₂, w₃; x₁, x₂, x₃)"), _folded("the_learning_rate × x")
    ('dot(w₁, …; x₁, …)', 'the_learning_… × x')
    """
    if len(written) <= 20:
        return written
    written = re.sub(r"(?:, [^,;()]+)+(?=[;)])", ", …", written)
    return _cut(" ".join(_cut(word, 14) for word in written.split(" ")), 36)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _listed(names: Sequence[str]) -> str:
    """Return names as text: all of few, of many the first ones and how many there are."""
    if len(names) <= 8:
        return ", ".join(names)
    return f"{', '.join(names[:6])} and {len(names) - 6} more"


def _html(text: str) -> str:
    """Escape what a person wrote for an HTML-like label."""
    return escape(text).replace("\\", "\\\\")


def _plain(text: str) -> str:
    """Escape what a person wrote for a quoted label: a backslash there starts an escape."""
    escaped: str = optional("graphviz", "a picture").escape(text)
    return escaped
