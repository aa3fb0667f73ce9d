"""The mistakes people make with the chain rule, and the numbers they lead to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from autograd import functions as f
from autograd.errors import AutogradError
from autograd.sweep import sweep
from autograd.value import Value
from autograd.views.tracing.broken import overwriting, recursive, unordered
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Factor, Paths, product
from autograd.views.writing.formulas import confused
from autograd.views.writing.numbers import short

__all__ = [
    "KINDS",
    "Later",
    "Mistake",
    "distinct",
    "known_mistakes",
    "local_mistakes",
    "mistaken_sums",
]

KINDS = (
    "path left out",
    "= for +=",
    "wrong order",
    "sign flipped",
    "upstream forgotten",
    "local derivative forgotten",
    "input for output",
    "output for input",
    "operands swapped",
    "factor missing",
    "1/n missing",
)
"""What can go wrong, the likeliest first."""

MANY = 64
"""The number of paths up to which each is tried as the one that was left out."""

NEAR = 1000
"""The number of nodes, from either end of the paths, at which something may have gone wrong."""

OPERANDS = 64
"""The number of operands of one node that are tried."""


class Later:
    """Text that is made when it is asked for: of a thousand mistakes three are told."""

    def __init__(self, make: Callable[..., str], *operands: Any) -> None:
        self._make, self._operands = make, operands

    def __str__(self) -> str:
        return self._make(*self._operands)


class Mistake(NamedTuple):
    """A mistake, in a word and in words that follow "if", and the number it leads to.

    What is ``said`` is a text, or a template and what to put into it.

    >>> Mistake("sign flipped", ("the sign of {} is flipped", "∂L/∂w"), 2.0).reason
    'the sign of ∂L/∂w is flipped'
    """

    kind: str
    said: str | tuple[Any, ...]
    number: float

    @property
    def reason(self) -> str:
        """What is to be said, after "if"."""
        if isinstance(self.said, str):
            return self.said
        template, *parts = self.said
        text: str = template.format(*parts)
        return text


def distinct(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Return the mistakes, each that is told in the same words once."""
    return list({(m.kind, m.reason, m.number): m for m in mistakes}.values())


def known_mistakes(why: Paths) -> list[Mistake]:
    """Return the mistakes in a derivative that lead to another number, the likeliest first.

    Where there are more than twice `NEAR` nodes on the paths, slips are tried at so many nearest
    to the node, and at so many nearest to the output, one at a time; of one node, in so many as
    `OPERANDS`.

    >>> from autograd.views.tracing.graph import Graph
    >>> x = Value(3.0, "x")
    >>> for mistake in known_mistakes(Paths(Graph(x * x + x), x))[:2]:
    ...     print(mistake.number, "if", mistake.reason)
    4.0 if one of the 2 paths x → v1 → v2 is left out
    3.0 if of 3 paths only x → v1 → v2 is counted
    """
    forward = _forward(why)
    found = [*_sums_gone_wrong(why, forward), *_links_gone_wrong(why, forward)]
    if len(why.chain) <= 2 * NEAR:
        found = [*_paths_left_out(why), *found, *_slips_everywhere(why)]
        found += _sweeps_gone_wrong(why)
    other = [m for m in found if math.isfinite(m.number) and m.number != why.gradient]
    return sorted(other, key=lambda mistake: KINDS.index(mistake.kind))


# A sum over paths, of which some are lost


def _paths_left_out(why: Paths) -> Iterator[Mistake]:
    if not 1 < why.count <= MANY:
        return
    paths = list(why)
    routes = [_route(why, path) for path in paths]
    for path, route in zip(paths, routes, strict=True):
        found = product(path)
        same = routes.count(route)
        one = f"one of the {same} paths {route}" if same > 1 else f"the path {route}"
        yield Mistake("path left out", f"{one} is left out", why.gradient - found)
        if why.count > 2:
            reason = f"of {why.count} paths only {route} is counted"
            yield Mistake("path left out", reason, found)


def _route(why: Paths, path: Sequence[Factor]) -> str:
    names = [why.graph.names(why.node), *[why.graph.names(edge.node) for edge in reversed(path)]]
    if len(names) > 12:
        names[5:-6] = ["…"]
    return " → ".join(names)


def _near(why: Paths) -> list[Value]:
    """Return the nodes at which slips are tried, the output first."""
    chain = why.chain
    return chain if len(chain) <= 2 * NEAR else [*chain[:NEAR], *chain[-NEAR:]]


def _sums_gone_wrong(why: Paths, forward: Mapping[Value, float]) -> Iterator[Mistake]:
    """Yield what comes of losing a part of a sum, at whatever node of the chain."""
    write = Notation(why.graph)
    for node in _near(why)[1:]:
        if len(why.consumers[node]) < 2:
            continue
        terms = [
            (
                Later(write.local, edge),
                f.contribution(why.graph.derivatives[edge.node], edge.partial),
            )
            for edge in why.consumers[node]
        ]
        symbol = Later(write.derivative, node)
        early = _handed_on_early(terms, symbol) if node is not why.node else ()
        for mistake in [*mistaken_sums(terms, symbol), *early]:
            change = (mistake.number - why.graph.derivatives[node]) * forward[node]
            yield mistake._replace(number=why.gradient + change)


def mistaken_sums(
    terms: Sequence[tuple[str | Later, float]], symbol: str | Later
) -> Iterator[Mistake]:
    """Yield what a sum over paths is taken for, given each contribution and whence it comes.

    >>> for mistake in mistaken_sums([("∂u/∂x", 2.0), ("∂v/∂x", 3.0)], "∂y/∂x"):
    ...     print(mistake.number, "if", mistake.reason)
    3.0 if what comes by way of ∂u/∂x is left out
    2.0 if what comes by way of ∂v/∂x is left out
    3.0 if the 2 contributions to ∂y/∂x overwrite each other (= where += is due): the last is left
    """
    if len(terms) < 2:
        return
    numbers = [number for _, number in terms]
    before = accumulate(numbers[:-1], initial=0.0)
    after = [*accumulate(reversed(numbers[1:]), initial=0.0)]
    for (way, _), left, right in zip(terms, before, reversed(after), strict=True):
        yield Mistake("path left out", ("what comes by way of {} is left out", way), left + right)
    overwritten = "the {} contributions to {} overwrite each other (= where += is due)"
    said = (f"{overwritten}: the last is left", len(terms), symbol)
    yield Mistake("= for +=", said, numbers[-1])


def _handed_on_early(
    terms: Sequence[tuple[str | Later, float]], symbol: str | Later
) -> Iterator[Mistake]:
    sums = accumulate((number for _, number in terms[:-1]), initial=0.0)
    for reported, sum_so_far in enumerate(sums):
        came = f"only {reported}" if reported else "none"
        early = f"{{}} is handed on before it is complete, when {came} of its {len(terms)}"
        said = (f"{early} contributions has come in (steps in a wrong order)", symbol)
        yield Mistake("wrong order", said, sum_so_far)


def _sweeps_gone_wrong(why: Paths) -> Iterator[Mistake]:
    """Yield what comes of a backward pass that is broken all along."""
    reason = "every contribution overwrites the one before it (= where += is due)"
    yield Mistake("= for +=", reason, overwriting(why.graph).gradients[why.node])
    reason = "each node hands on as soon as it is reached (no topological order)"
    yield Mistake("wrong order", reason, unordered(why.graph).gradients[why.node])
    again = recursive(why.graph)
    if again.finished:
        reason = (
            "each node hands on again for each of its uses, with its total so far (a recursion)"
        )
        yield Mistake("wrong order", reason, again.gradients[why.node])


# A product along a path, with a wrong factor


def _links_gone_wrong(why: Paths, forward: Mapping[Value, float]) -> Iterator[Mistake]:
    """Yield what comes of a wrong factor at one node, those nearest to the node explained first."""
    write = Notation(why.graph)
    for node in reversed(_near(why)[:-1]):
        upstream = why.graph.derivatives[node]
        edges = [edge for edge in _edges(node) if edge.parent in forward][:OPERANDS]
        alike: dict[str, dict[Edge, Mistake]] = {}  # by kind: what each operand changes
        for edge in edges:
            right = f.contribution(upstream, edge.partial)
            wrong = [
                slip._replace(number=f.contribution(upstream, slip.number))
                for slip in local_mistakes(edge, write)
            ]
            for slip in [*wrong, *_forgotten_upstream(why, edge, len(edges) > 1)]:
                change = (slip.number - right) * forward[edge.parent]
                yield slip._replace(number=why.gradient + change)
                alike.setdefault(slip.kind, {})[edge] = slip._replace(number=change)
        for slips in alike.values():
            if len(slips) > 1:
                total = math.fsum(slip.number for slip in slips.values())
                first = next(iter(slips.values()))
                also = "{0.reason}, and likewise in its other operands", first
                yield Mistake(first.kind, also, why.gradient + total)


def _forgotten_upstream(why: Paths, edge: Edge, one_of_several: bool) -> Iterator[Mistake]:
    """Yield the contribution along an edge that comes of forgetting what is upstream."""
    write = Notation(why.graph)
    if edge.node is not why.graph.output:
        upstream = why.graph.derivatives[edge.node]
        symbol = Later(write.derivative, edge.node)
        forgotten = "the upstream derivative {} = {} is forgotten"
        forgotten += " in front of {}" if one_of_several else ""
        said = (forgotten, symbol, short(upstream), Later(write.local, edge))
        yield Mistake("upstream forgotten", said, float(edge.partial))


def _slips_everywhere(why: Paths) -> Iterator[Mistake]:
    """Yield what comes of the same wrong factor at every node of an operation."""
    write = Notation(why.graph)
    found: dict[tuple[str, str], dict[Edge, Mistake]] = {}
    on_a_path = set(why.chain)
    for node in reversed(why.chain[:-1]):
        for edge in [edge for edge in _edges(node) if edge.parent in on_a_path][:OPERANDS]:
            for slip in local_mistakes(edge, write):
                found.setdefault((slip.kind, node.op), {})[edge] = slip
    for (kind, op), slips in found.items():
        if len({edge.node for edge in slips}) > 1:
            first = next(iter(slips.values()))
            said = ("{0.reason}, and likewise at every other {1}", first, op)
            yield Mistake(kind, said, _gradient_with(why, slips))


def _gradient_with(why: Paths, slips: Mapping[Edge, Mistake]) -> float:
    """Return the gradient that comes of wrong local derivatives on many edges."""
    partials = {
        node: [slips[edge].number if edge in slips else edge.partial for edge in _edges(node)]
        for node in why.chain[:-1]
    }
    gradient: float = sweep(list(reversed(why.chain)), partials, 1.0).get(why.node, 0.0)
    return gradient


def local_mistakes(edge: Edge, write: Notation) -> Iterator[Mistake]:
    """Yield the mistakes in one local derivative, and what it is taken for.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> z = w * x
    >>> from autograd.views.tracing.graph import Graph
    >>> for mistake in local_mistakes(Edge(z, 0), Notation(Graph(z, {"z": z}))):
    ...     print(mistake.number, "if", mistake.reason)
    -2.0 if the sign of ∂z/∂w is flipped
    1.0 if the local derivative ∂z/∂w = 2 is forgotten
    -3.0 if the operands of z = w × x are swapped in ∂z/∂w
    """
    partial, local = edge.partial, Later(write.local, edge)
    forgotten = ("the local derivative {} = {} is forgotten", local, short(partial))
    slips = [
        Mistake("sign flipped", ("the sign of {} is flipped", local), -partial),
        Mistake("local derivative forgotten", forgotten, 1.0),
        *_confused(edge, local, write),
        *_swapped(edge, local, write),
        *_without_factor(edge, local),
    ]
    taken = type(partial) is not int or partial != 0  # an int 0: where's branch not taken
    yield from (slip for slip in slips if taken and slip.number != partial)


def _confused(edge: Edge, local: Later, write: Notation) -> Iterator[Mistake]:
    if edge.node.rule is None or len(edge.node.parents) > 1:
        return
    z, x = Later(write.name, edge.node), Later(write.name, edge.parent)
    for kind, first, second in (("input for output", x, z), ("output for input", z, x)):
        with_input = kind == "input for output"
        taken = confused(edge.node.rule, edge.parent.data, output_with_input=with_input)
        if taken is not None:
            said = ("{} is used in {} where {} belongs", first, local, second)
            yield Mistake(kind, said, taken)


def _swapped(edge: Edge, local: Later, write: Notation) -> Iterator[Mistake]:
    node, rule = edge.node, edge.node.rule
    count = len(node.parents)
    if rule is None or (rule.sequences != 2 and (rule.sequences or count != 2)):
        return
    mirrored = (edge.position + count // 2) % count
    swapped = "the operands of {} = {} are swapped"
    parts = (Later(write.name, node), Later(write.operation, node), local)
    said = (f"{swapped} in {{}}", *parts)
    yield Mistake("operands swapped", said, float(node.partials[mirrored]))
    if not rule.sequences:
        x, y = node.parents
        try:
            _, partials = rule.evaluate([y.data, x.data])
        except AutogradError:  # the other way round there is no value
            return
        said = (f"{swapped} before {{}} is taken", *parts)
        yield Mistake("operands swapped", said, float(partials[mirrored]))


def _without_factor(edge: Edge, local: Later) -> Iterator[Mistake]:
    node, partial = edge.node, edge.partial
    if node.op == "power" and node.rule is not None and node.rule.constants["n"]:
        n = node.rule.constants["n"]
        said = ("the factor {} of {} is missing", short(n), local)
        yield Mistake("factor missing", said, partial / n)
    if node.op == "mean":
        n = len(node.parents)
        said = ("the 1/{} of the mean is missing in {}", str(n), local)
        yield Mistake("1/n missing", said, partial * n)
    other = node.parents[1 - edge.position] if len(node.parents) == 2 else node
    if node.op in ("mul", "div") and not other.parents and not other.label:
        constant = short(other.data)
        if node.op == "div" and edge.position == 0:
            yield Mistake("1/n missing", ("the 1/{} of {} is missing", constant, local), 1.0)
        elif node.op == "mul":
            said = ("the factor {} of {} is missing", constant, local)
            yield Mistake("factor missing", said, 1.0)


def _edges(node: Value) -> list[Edge]:
    return [Edge(node, position) for position in range(len(node.parents))]


def _forward(why: Paths) -> dict[Value, float]:
    """Return the derivative of every node of the chain with respect to the one explained."""
    found = {why.node: 1.0}
    for node in reversed(why.chain[:-1]):
        found[node] = math.fsum(
            f.contribution(found[edge.parent], edge.partial)
            for edge in _edges(node)
            if edge.parent in found
        )
    return found
