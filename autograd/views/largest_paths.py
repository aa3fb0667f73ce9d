"""Where a derivative comes from in a large graph, told: the largest paths, and where flow dies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from autograd.steep import UNDEFINED
from autograd.sweep import chooses
from autograd.tools.text import printable
from autograd.value import Value
from autograd.views.tracing.equations import cut
from autograd.views.tracing.flow import STILL, Along, End, Flow
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.neurons import Place
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Factor
from autograd.views.tracing.wide import Wide
from autograd.views.writing.numbers import counted, short
from autograd.views.writing.printers import LaTeX
from autograd.views.writing.scripts import LATEX, TEXT, Part, Script

__all__ = ["LargestPaths", "Line"]

FACTORS = 8
"""The number of factors up to which those of 1 are written too."""

BREAKING = 3
"""The number of factors up to which a product is written in one line."""

CUT = 12
"""The number of factors, and of paths, up to which all others are written."""

FEW = 5
"""The number of places where flow dies, and of neurons of a layer, up to which all are written."""

INDENT = "   "
"""What a line begins with that belongs to the one before."""

LONG = {TEXT: 40, LATEX: 120}
"""The length up to which the formula of a factor is written."""

Line: TypeAlias = list[str | Part]
"""A line of words, and of mathematics in a script."""


class LargestPaths:
    """Tells where a derivative comes from: in lines of words and of mathematics."""

    def __init__(self, flow: Flow, top: Sequence[Along], write: Notation) -> None:
        self.flow = flow
        self.top = top
        self.write = write
        self.script = write.script
        self.output = write.name(flow.paths.graph.output)

    def paragraphs(self) -> list[list[str]]:
        """Return what there is to say, part by part, each in lines of the script."""
        return [[_told(line, self.script) for line in section] for section in self.sections()]

    def sections(self) -> Iterator[list[Line]]:
        """Yield what there is to say, part by part; the first goes on from the definition."""
        yield [*self._sum(), *self._overflow()]
        yield [self._heading(), *self._paths()]
        if neurons := self.flow.neurons:
            yield [["through which neurons, in parts of the absolute mass:"], *_layers(neurons)]
        yield [*self._ends()]

    def _sum(self) -> Iterator[Line]:
        flow = self.flow
        paths = counted(flow.paths.count, "path")
        symbol = self.write.derivative(flow.paths.node)
        total = Part(f"{symbol} = {self.script.number(flow.paths.gradient)}")
        yield [total, f", the sum over {paths}"]
        if not flow.mass:
            yield ["every path leads through a 0: nothing flows"]
        elif flow.paths.count > 1:
            line: Line = ["their absolute values add up to ", self._number(flow.mass)]
            yield [*line, f", the absolute mass{_cancelling(flow.cancelled)}"]

    def _overflow(self) -> Iterator[Line]:
        """Yield what is lost where products leave the range of floats."""
        found = self.flow.paths.gradient
        total = self.flow.total
        if math.isnan(found) or not total:
            return
        if not (total.is_ordinary and math.isclose(float(total), found, rel_tol=1e-6)):
            number = self._number(total)
            yield ["the sum is ", number, ", but products on the way leave the range of floats"]

    def _heading(self) -> Line:
        count = len(self.top)
        if count == self.flow.paths.count:
            return ["the only path:" if count == 1 else f"all {count} paths, the largest first:"]
        part = sum(along.share_of_mass for along in self.top)
        what = "path of largest contribution" if count == 1 else f"{count} largest paths"
        of_mass = "" if math.isnan(part) or not part else f", {percent(part)} of the absolute mass"
        return [f"the {what}{of_mass}:"]

    def _paths(self) -> Iterator[Line]:
        numbers = cut(range(len(self.top)), lambda more: -more, CUT)
        for i in numbers:
            if i < 0:
                yield [f"… {-i} more"]
            else:
                yield from self._path(i + 1, self.top[i])

    def _path(self, number: int, along: Along) -> Iterator[Line]:
        factors = along.factors
        if len(factors) > FACTORS:
            factors = [factor for factor in factors if factor.partial != 1]
        yield [f"{number}. ", self._nodes(factors)]
        first, *others = dict.fromkeys(
            [
                self._product(factors, self._formula),
                self._product(factors, self._partial),
                self._number(along.exact).text,
            ]
        )
        lines = [first, *(f"= {other}" for other in others)]
        *before, last = lines if len(factors) > BREAKING else [" ".join(lines)]
        for line in before:
            yield [INDENT, Part(line)]
        yield [INDENT, Part(last), *self._note(along)]
        left_out = len(along.factors) - len(factors)
        shares = {"sum": along.share, "absolute mass": along.share_of_mass}
        if self.flow.cancelled < 1e-12:
            del shares["absolute mass"]
        about = "about " if along.exact and not along.share else ""  # where floats end
        said = [
            f"{about}{percent(x)} of the {whole}"
            for whole, x in shares.items()
            if not math.isnan(x)
        ]
        if left_out:
            said.append(f"{counted(left_out, 'factor')} of 1 left out")
        if said:
            yield [INDENT + ", ".join(said)]

    def _product(self, factors: Sequence[Factor], writes: Callable[[Factor], Part]) -> str:
        parts = [writes(f) if f else Part(self.script.ellipsis) for f in _cut(factors)]
        return self.script.chain(parts).text

    def _nodes(self, factors: Sequence[Factor]) -> Part:
        """Return a path by the nodes at which a factor is shown, from the node to the output."""
        paths, write = self.flow.paths, self.write
        names = [write.name(paths.node)]
        for factor in _cut([*reversed(factors)]):
            if factor is None:
                names.append(self.script.ellipsis)
                continue
            if names[-1] != self.script.ellipsis:
                names[-1] += self.script.words(write.which(factor))
            names.append(write.name(factor.node))
        if (output := write.name(paths.graph.output)) != names[-1]:
            names.append(output)
        return Part(f" {self.script.arrow} ".join(names))

    def _formula(self, factor: Factor) -> Part:
        """Return a factor as a formula, one that is very long as a symbol."""
        found = self.write.primed(factor) or self.write.partial(factor) or self._partial(factor)
        return found if len(found.text) <= LONG[self.script] else Part(self.write.local(factor))

    def _partial(self, factor: Factor) -> Part:
        return self.script.numeral(factor.partial)

    def _note(self, along: Along) -> Line:
        """Return what is to be said where a product is 0 though it is none of numbers."""
        partials = [factor.partial for factor in along.factors]
        if along.exact or all(map(math.isfinite, partials)):
            return []
        if any(chooses(f.node) and not f.partial for f in along.factors):
            return [" (what was not taken passes nothing on)"]
        return [f" ({UNDEFINED})"] if math.inf in map(abs, partials) else []

    def _ends(self) -> Iterator[Line]:
        ends = self.flow.ends
        if not ends:
            yield [f"the flow dies nowhere: no factor is below {STILL} in absolute value"]
            return
        dead = sum(end.paths for end in ends)
        yield [
            f"where the flow dies, on {self._part(dead)}: ",
            f"at the first factor below {STILL} on the way from ", Part(self.output),
        ]  # fmt: skip
        groups: dict[tuple[object, ...], list[End]] = {}
        for end in ends:
            layer = end.place.layer if end.place else None
            groups.setdefault((layer, end.reason, end.factor.node.op), []).append(end)
        for group in [*groups.values()][:FEW]:
            yield self._end(group)
        if len(groups) > FEW:
            rest = [end for group in [*groups.values()][FEW:] for end in group]
            yield [f"{INDENT}… {len(rest)} more factors, {self._part(sum(e.paths for e in rest))}"]

    def _end(self, group: Sequence[End]) -> Line:
        """Return where the flow dies for one reason, in one layer if there are any."""
        first, count = group[0], len({end.factor.node for end in group})
        line: Line = [f"{INDENT}{self._part(sum(end.paths for end in group))}: "]
        if where := _where(group):
            line.append(f"{where}: ")
        if count > 1:
            line.append(
                f"{count} × {printable(first.factor.node.op)} {_REASONS[first.reason]}, as "
            )
        return [*line, *self._culprit(first, alone=count == 1)]

    def _culprit(self, end: End, *, alone: bool) -> Line:
        factor, reason = end.factor, _REASONS[end.reason]
        if not isinstance(factor, Edge):
            formula = self.write.partial(factor)
            sides = dict.fromkeys([formula.text if formula else "", self._partial(factor).text])
            return [Part(" = ".join([self.write.local(factor), *filter(None, sides)]))]
        made, operand = self._made(factor.node), self._operand(factor.parent)
        slope = self._partial(factor)
        if end.reason == "not taken":
            return [made, " does not take ", operand]
        if end.reason == "small":
            return [made, ", whose slope in ", operand, " is ", self._slope(factor)]
        at = Part(f"{operand.text} = {self.script.number(factor.parent.data)}")
        why: Line = [f", {reason} at " if alone else " at ", at]
        return [made, *why] if end.reason == "off" else [made, *why, ", slope ", slope]

    def _made(self, node: Value) -> Part:
        """Return a node as it was written, with its name where it has one in this view."""
        operation = self.write.operation(node)
        named = f"{self.write.name(node)} = {operation}"
        return Part(operation if self._is_folded(node) else named)

    def _operand(self, node: Value) -> Part:
        writes = self.write.operation if self._is_folded(node) else self.write.name
        return Part(writes(node))

    def _slope(self, factor: Edge) -> Part:
        number = self._partial(factor)
        formula = None if self.flow.folding else self.write.partial(factor)
        if formula is None or formula.text == number.text:
            return number
        return Part(f"{formula.text} = {number.text}")

    def _is_folded(self, node: Value) -> bool:
        folding = self.flow.folding
        return folding is not None and node not in folding.kept

    def _part(self, paths: int) -> str:
        """Return how many paths these are, of all."""
        count = self.flow.paths.count
        if count == paths:
            return "every path"
        return f"{paths} of {count} paths" if count < 1000 else f"{percent(paths / count)} of paths"

    def _number(self, x: Wide) -> Part:
        if x.is_ordinary:
            return self.script.numeral(float(x))
        mantissa, _, exponent = repr(x).partition("e")
        return Part(self.script.scientific(mantissa, int(exponent)))


_REASONS = {
    "off": "off",
    "saturated": "saturated",
    "flat": "flat",
    "not taken": "not taken",
    "small": "with a small factor",
    "product": "with a small factor",
}


def _told(line: Line, script: Script) -> str:
    """Return a line in a script, an indent in LaTeX as room."""
    if script is not LATEX:
        return "".join(part.text if isinstance(part, Part) else part for part in line)
    first, *rest = line
    room = isinstance(first, str) and first.startswith(INDENT)
    words = [first.removeprefix(INDENT) if isinstance(first, str) else first, *rest]
    write = LaTeX()
    told = [part.text if isinstance(part, Part) else write.text(part) for part in words]
    return r"\quad " * room + "".join(told)


def percent(part: float) -> str:
    """Return a part of a whole in percent.

    >>> percent(0.25), percent(-1.0), percent(1e-9)
    ('25 %', '-100 %', '1e-07 %')
    """
    return f"{short(100 * part)} %"


def _cut(factors: Sequence[Factor]) -> list[Factor | None]:
    """Return factors; of very many the first and the last, and None between them."""
    return cut([*factors], lambda _: None, CUT)


def _cancelling(part: float) -> str:
    if math.isnan(part):
        return ""
    return ": nothing cancels" if part < 1e-12 else f": {percent(part)} of it cancels"


def _layers(neurons: dict[Place, float]) -> Iterator[Line]:
    for layer, places in groupby(neurons, key=lambda place: place.layer):
        known = [*places]
        used = [place for place in known if neurons[place]]
        said = [f"{_called(place)}: {percent(neurons[place])}" for place in used[:FEW]]
        said += [f"… {len(used) - FEW} more"] * (len(used) > FEW)
        if idle := len(known) - len(used):
            said.append(f"nothing through {idle} other{'s' * (idle > 1)}")
        yield [f"{INDENT}layer {layer}, {', '.join(said)}"]


def _called(place: Place) -> str:
    return f"neuron {place.neuron}" if isinstance(place.neuron, int) else place.neuron


def _where(group: Sequence[End]) -> str:
    """Return the layer and the neurons of a group."""
    places = sorted({end.place for end in group if end.place}, key=str)
    if not places:
        return ""
    names = [str(place.neuron) for place in places]
    several = "s" if len(names) > 1 else ""
    shown = ", ".join(cut(names, lambda _: "…", 2 * FEW))
    return f"layer {places[0].layer}, neuron{several} {shown}"
