"""Exercises with friendly numbers, made from a seed, and worksheets to print."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import count
from typing import Any

from autograd.errors import DomainError, RendererError, UsageError
from autograd.graph import topological_order
from autograd.rules import relu
from autograd.tools.tables import table
from autograd.value import Value
from autograd.views.check import Report, check
from autograd.views.pictures.drawing import Drawing
from autograd.views.pictures.graph import LIMIT, GraphDrawing
from autograd.views.steps import steps
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.names import Names
from autograd.views.tracing.walk import Walk
from autograd.views.writing.numbers import short
from autograd.views.writing.terminals import plain, written

__all__ = ["Worksheet", "exercise", "worksheet"]

NUMBERS = (-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0)
"""What the leaves of an exercise are drawn from, and their halves and quarters."""

TRIES = 100
"""How often numbers are drawn for one exercise; those that are easiest to calculate are taken."""

BLANK = "______"
"""Where a person is to write a number, in text; in a picture, there is ROOM."""

ROOM = "\N{NO-BREAK SPACE}" * 14


def exercise(seed: int, level: int = 2) -> Value:
    """Return an expression whose gradients can be worked out by hand; the same for the same seed.

    On level 1 every leaf has one path to the output, on level 2 something is used twice, on
    level 3 paths part and meet again and again.

    >>> y = exercise(seed=1)
    >>> print(worksheet(y).key)  # doctest: +ELLIPSIS
    ANSWER KEY
    ...
    """
    if level not in SIZES:
        raise UsageError(f"exercise: there is no level {level!r}; choose 1, 2 or 3")
    rng = random.Random(seed)
    grown = (topological_order(_grown(rng, *SIZES[level])) for _ in count())
    hard_enough = (order for order in grown if _most_paths(order) >= level)
    easiest = (
        min(_redrawn(order, Names(order), rng, scales=(1,)), key=effort) for order in hard_enough
    )
    return next(output for output in easiest if _is_friendly(output))


SIZES = {1: (3, 3, 0), 2: (3, 4, 1), 3: (4, 6, 3)}
"""By level: how many leaves, at least how many operations, how often something is used again."""


def _grown(rng: random.Random, leaves: int, operations: int, again: int) -> Value:
    """Grow a graph from its leaves: what is unused is combined until one node is left."""
    unused = [Value(2.0, name) for name in ("w", "x", "b", "v")[:leaves]]
    used: list[Value] = []
    for name in ("p", "q", "r", "s", "t", "u", "h", "k", "m", "n", "a", "c", "d", "e", "g"):
        x = unused.pop(rng.randrange(len(unused)))
        if again and used and (not unused or rng.random() < 0.5):
            again -= 1
            result = _combined(rng, x, rng.choice(used))
        elif unused and rng.random() < 0.7:
            y = unused.pop(rng.randrange(len(unused)))
            used.append(y)
            result = _combined(rng, x, y)
        else:
            result = _changed(rng, x)
        used.append(x)
        unused.append(result)
        operations -= 1
        if len(unused) == 1 and not again and operations <= 0:
            break
        result.label = name
    unused[0].label = "L"
    return unused[0]


def _most_paths(order: Sequence[Value]) -> int:
    """Return how many paths lead to the output from the leaf that has the most."""
    paths = Counter({order[-1]: 1})
    for node in reversed(order):
        for parent in node.parents:
            paths[parent] += paths[node]
    return max(paths.values())


def _combined(rng: random.Random, x: Value, y: Value) -> Value:
    return rng.choice((x + y, x - y, x * y, x * y))


def _changed(rng: random.Random, x: Value) -> Value:
    result: Value = rng.choice((x**2, relu(x), x / 2, 3 * x))
    return result


def _is_friendly(output: Value) -> bool:
    """Return whether no number of the backward pass is large, or a fine fraction."""
    return all(abs(x) < 10_000 and (64 * x).is_integer() for x in _numbers(Walk(output)))


def _numbers(walk: Walk) -> list[float]:
    """Return the numbers that are to be written down."""
    return [float(x) for step in walk.steps for x in (step.node.data, step.partial, step.after)]


def effort(output: Value) -> float:
    """Return how hard the backward pass is to calculate by hand: the digits to be written.

    Numbers that hide a mistake count as hard too: 0, ±1, and a number that two leaves share.
    """
    walk = Walk(output)
    numbers = _numbers(walk)
    digits = sum(4.0 ** len(short(x).lstrip("-")) for x in numbers) / (len(numbers) or 1)
    leaves = [abs(leaf.data) for leaf in topological_order(output) if not leaf.parents]
    hidden = sum(step.after == 0 for step in walk.steps) * 8 + leaves.count(1.0)
    return digits + 4 * (hidden + len(leaves) - len(set(leaves)))


def worksheet(
    output: Value, seed: int | None = None, names: Mapping[str, Any] | None = None
) -> Worksheet:
    """Return a graph to be filled in, with its answer key.

    With a seed the leaves that have names get other numbers, the easiest of many: a worksheet for
    everyone. Leaves that are 0 or 1 keep their number, since that is often a target.

    Raises `UsageError` if there is no value at any of the numbers that were tried.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> sheet = worksheet((w * x) ** 2)
    >>> print(sheet.blank)
    v2 = v1², where w = 3, x = 2
    <BLANKLINE>
    forward
    v1 = w × x  = ______
    v2 = v1²    = ______
    <BLANKLINE>
    backward
    step  from  to  upstream  × local derivative  = contribution  total
    1     v2    v1  ______    × ______            = ______        ______
    2     v1    w   ______    × ______            = ______        ______
    3     v1    x   ______    × ______            = ______        ______
    <BLANKLINE>
    gradients
    ∂v2/∂w = ______
    ∂v2/∂x = ______
    >>> sheet.check({"w": 24, "x": 36}).ok
    True
    """
    graph = Graph(output, names)
    order, called = graph.order, graph.names
    if seed is None:
        return Worksheet(_rebuilt(order, called, {}))
    rng = random.Random(seed)
    drawn = list(_redrawn(order, called, rng, scales=(1, 2, 4)))
    if not drawn:
        raise UsageError("worksheet: the graph has no value at the numbers tried; leave out seed=")
    return Worksheet(min(drawn, key=effort))


def _redrawn(
    order: Sequence[Value], called: Names, rng: random.Random, scales: Sequence[int]
) -> Iterator[Value]:
    """Yield the graph at other numbers, wherever it has a value."""
    leaves = [x for x in order if called.kind(x) in ("parameter", "input") and x.data not in (0, 1)]
    for _ in range(max(5, TRIES * LIMIT // max(LIMIT, len(order)))):  # fewer of large graphs
        numbers = {leaf: rng.choice(NUMBERS) / rng.choice(scales) for leaf in leaves}
        try:
            yield _rebuilt(order, called, numbers)
        except DomainError:
            continue


def _rebuilt(order: Sequence[Value], called: Names, numbers: Mapping[Value, float]) -> Value:
    """Return a copy of a graph, its leaves at other numbers, its nodes with the names they have."""
    copies: dict[Value, Value] = {}
    for node in order:
        if node.rule is None:
            copies[node] = Value(numbers.get(node, node.data))
        else:
            copies[node] = Value.record(node.rule, [copies[parent] for parent in node.parents])
        copies[node].label = called[node].typed if called.given(node) else ""
    return copies[order[-1]]


class Worksheet:
    """A graph to be filled in: ``blank`` and ``key`` as text, ``picture`` to be drawn on.

    ``output`` is the graph itself, and ``check`` compares answers with it.
    """

    def __init__(self, output: Value) -> None:
        self.output = output
        self._walk = steps(output)
        self._order, self._names = self._walk.order, self._walk.names

    @property
    def blank(self) -> str:
        """What is to be filled in."""
        return self._blank("utf-8")

    def _blank(self, encoding: str) -> str:
        made = [
            (f"{self._names(node)} = {self._walk.walk.write.operation(node)}", f"= {BLANK}")
            for node in self._order
            if node.parents
        ]
        steps = [row[:3] + _blanks(row[3:]) for row in self._walk.rows()]
        asked = [f"{symbol} = {BLANK}" for symbol, _ in self._gradients()]
        parts = [
            [self._title()],
            ["forward", *_columns(made, encoding)] if made else [],
            ["backward", *_columns([self._walk.HEADINGS, *steps], encoding)] if steps else [],
            ["gradients", *asked] if asked else [],
        ]
        return plain("\n\n".join("\n".join(part) for part in parts if part), encoding)

    @property
    def key(self) -> str:
        """What it should say once it is filled in."""
        return self._key("utf-8")

    def _key(self, encoding: str) -> str:
        gradients = [f"{symbol} = {short(number)}" for symbol, number in self._gradients()]
        lines = ["ANSWER KEY", self._title(), "", self._walk.text(encoding), "", *gradients]
        return plain("\n".join(lines), encoding)

    @property
    def picture(self) -> Drawing:
        """The graph, with room for the numbers."""
        return _Blank(self.output)

    def check(self, answers: Mapping[Any, Any]) -> Report:
        """Compare gradients with the key, and say of each wrong one what went wrong."""
        return check(answers, self.output)

    def text(self, encoding: str = "utf-8") -> str:
        """Return sheet and key, in characters an encoding has."""
        return written(lambda known: f"{self._blank(known)}\n\n\n{self._key(known)}", encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return (
            f"{self._shown()}{_preformatted(self.blank)}"
            f"<details><summary>Answer key</summary>{_preformatted(self.key)}</details>"
        )

    def _shown(self) -> str:
        try:
            return self.picture.html
        except RendererError:
            return ""

    def _title(self) -> str:
        given = self._walk.given()
        output = self.output
        made = f"{self._names(output)} = {self._walk.walk.write.operation(output)}"
        return f"{made}, where {', '.join(given)}" if given else made

    def _gradients(self) -> list[tuple[str, float]]:
        totals = {step.parent: step.after for step in self._walk}
        return [
            (self._walk.walk.write.derivative(leaf), totals.get(leaf, 1.0))
            for leaf in self._walk.walk.leaves
        ]


class _Blank(GraphDrawing):
    """A graph without the numbers that are to be found."""

    def _data_text(self, node: Value) -> str:
        return ROOM if node.parents else super()._data_text(node)

    def _gradient(self, node: Value) -> None:
        return None

    def _grad_text(self, node: Value) -> str:
        return f"grad {ROOM}"

    def _edge_texts(self, node: Value) -> list[str]:
        return [ROOM] * len(node.parents)


def _preformatted(text: str) -> str:
    """Return text as HTML that keeps its columns, whatever style a notebook gives to <pre>."""
    return f'<pre style="font-family: monospace; overflow-x: auto">{escape(text)}</pre>'


def _columns(rows: Sequence[Sequence[str]], encoding: str) -> list[str]:
    return table([[plain(cell, encoding) for cell in row] for row in rows])


def _blanks(cells: Sequence[str]) -> tuple[str, ...]:
    """Return cells with the sign that they begin with, if any, and room for the rest."""
    return tuple(f"{cell[0]} {BLANK}" if cell[:1] in "×=" else BLANK for cell in cells)
