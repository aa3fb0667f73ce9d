"""A recorded graph, run once more on other numbers: arrays, Values, symbols, fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from numbers import Number
from typing import Any
from weakref import WeakKeyDictionary

from autograd import functions as f
from autograd import rules
from autograd.batches import admitted, averaged, entering, suspects
from autograd.comparisons import Comparison, guards
from autograd.errors import BranchError
from autograd.graph import topological_order
from autograd.libraries import Floats, library, register
from autograd.recording import leniently
from autograd.rule import N, Rule
from autograd.source import stacklevel
from autograd.steep import warn
from autograd.sweep import sweep
from autograd.value import Value

__all__ = ["replay"]


def replay(
    output: Value, numbers: Mapping[Value, N] | None = None, seed: N = 1
) -> tuple[N, dict[Value, N]]:
    """Run the graph of `output` again on other numbers, and differentiate it there.

    `numbers` gives leaves their numbers, of any one kind; the other leaves keep their data. The
    result is the output's number, and for every node the derivative of the output with respect to
    it, times `seed`. Nothing recorded is changed.

    On arrays, every operation runs element by element. The derivative with respect to a leaf has
    the leaf's shape: a leaf that does not vary is shared by all samples, and its derivative is
    the average over them; and so is that of every other node that does not vary.

    Raises `UsageError` if a key is not a leaf of the graph, `DomainError` where a plain number
    has no value, and `BranchError` where a comparison that decided something while the graph was
    recorded comes out otherwise. Warns of infinite slopes as `Value.backward` does.

    >>> import numpy
    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> y = (w * x) ** 2
    >>> value, derivative = replay(y, {x: numpy.array([1.0, 2.0])})
    >>> [float(v) for v in value], [float(d) for d in derivative[x]], float(derivative[w])
    ([9.0, 36.0], [18.0, 36.0], 15.0)

    >>> from fractions import Fraction
    >>> replay(y, {w: Fraction(1, 3), x: Fraction(1, 2)})[1][w]
    Fraction(1, 6)
    """
    order = _order(output)
    numbers, seed = admitted(numbers or {}, seed, order)
    kind = next((n for n in numbers.values() if not isinstance(n, float | int)), 0.0)
    found = None
    if isinstance(kind, float) and isinstance(seed, int | float):
        found = _by_floats(order, numbers, float(seed))
    elif _is_numpy(kind):
        found = _by_blocks(output, numbers, seed)
    if found:
        return found
    run = _Run(numbers, kind)
    with _tolerant(kind) as met_infinities:
        for node in order:
            run.compute(node)
        run.ask(guards(numbers))
        seed = f.lift(seed, kind) if type(seed) is int else seed
        adjoints = sweep(order, run.partials, seed)
    if met_infinities or not run.finite(adjoints):
        _warn(order, run, adjoints, seed)
    zero = f.lift(0, kind)
    derivatives = {node: _leaving(adjoints.get(node, zero), kind) for node in order}
    for node in order:
        if not node.parents or not getattr(run.values[node], "shape", ()):
            derivatives[node] = averaged(derivatives[node], run.values[node])
    return _leaving(run.values[output], kind), derivatives


_orders: WeakKeyDictionary[Value, list[Value]] = WeakKeyDictionary()
"""The order of graphs that were replayed, without the output: what keeps it keeps them all."""


def _order(output: Value) -> list[Value]:
    """Return the topological order of a graph, which does not change."""
    known = _orders.get(output) if isinstance(output, Value) else None
    if known is None:
        order = topological_order(output)
        _orders[output] = order[:-1]
        return order
    return [*known, output]


def _by_floats(
    order: Sequence[Value], numbers: Mapping[Value, N], seed: float
) -> tuple[float, dict[Value, float]] | None:
    """Return the replay on plain numbers where nothing asks for more than products and sums.

    None where a comparison is to be asked, an operation has no value or a slope is not finite.
    """
    if guards(numbers):
        return None
    values: dict[Value, float] = {leaf: float(x) for leaf, x in numbers.items()}
    recorded = []
    for node in order:
        rule = node.rule
        if rule is None:
            values.setdefault(node, node.data)
            continue
        parents = node.parents
        try:
            value, partials = rule.derive(*[values[parent] for parent in parents])
        except (ArithmeticError, ValueError):
            return None
        if 0.0 * value * sum(partials):  # NaN if one is infinite or NaN
            return None
        values[node] = value
        recorded.append((node, parents, partials))
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[order[-1]] = seed
    for node, parents, partials in reversed(recorded):
        upstream = adjoints[node]
        for parent, partial in zip(parents, partials, strict=True):
            adjoints[parent] += upstream * partial
    return (values[order[-1]], adjoints) if math.isfinite(sum(adjoints.values())) else None


def _by_blocks(
    output: Value, numbers: Mapping[Value, N], seed: N
) -> tuple[N, dict[Value, N]] | None:
    """Return the replay on arrays where everything is finite; None where it is to be told why."""
    every_node = import_module("autograd.program.every_node").every_node  # NumPy is there
    arrays = {leaf: entering(x, 0.0) for leaf, x in numbers.items()}
    found = every_node(output, arrays, seed, guards(numbers))
    if found is None:
        return None
    value, derivatives = found
    for leaf, x in arrays.items():
        if getattr(x, "shape", ()):
            derivatives[leaf] = averaged(derivatives[leaf], x)
    return value, derivatives


class _Run:
    """The numbers of a graph's nodes, and its local derivatives there."""

    def __init__(self, numbers: Mapping[Value, N], kind: N) -> None:
        self.numbers, self.kind = numbers, kind
        self.values: dict[Value, N] = {}
        self.partials: dict[Value, Sequence[N]] = {}

    def compute(self, node: Value) -> None:
        """Compute a node whose parents are computed."""
        if node in self.numbers:
            self.values[node] = entering(self.numbers[node], self.kind)
        elif not node.rule:
            self.values[node] = _own(node, self.kind)
        else:
            operands = [self.values[parent] for parent in node.parents]
            labels = [parent.label for parent in node.parents]
            self.values[node], self.partials[node] = node.rule.evaluate(operands, labels)

    def finite(self, adjoints: Mapping[Value, N]) -> bool:
        """Return whether leaves have finite derivatives, and plain slopes are finite."""
        leaves = [adjoints[node] for node in adjoints if node not in self.partials]
        slopes = chain.from_iterable(self.partials.values())
        return all(map(_finite, chain(leaves, (x for x in slopes if isinstance(x, float | Value)))))

    def ask(self, questions: Sequence[Comparison]) -> None:
        """Raise `BranchError` unless all comparisons come out as they did while recording.

        They are asked one after the other: behind ``if x > 0`` there may be an ``x.log()``.
        """
        own = set(self.values)  # what else is computed is no part of the differentiated graph
        operands = chain.from_iterable(reversed(question.operands) for question in questions)
        ahead = iter(topological_order(*reversed([*operands])))  # of the first question first
        for question in questions:
            while any(operand not in self.values for operand in question.operands):
                node = next(ahead)
                if node not in self.values:
                    self.compute(node)
            self.compare(question)
        for node in self.partials.keys() - own:
            del self.partials[node]

    def compare(self, guard: Comparison) -> None:
        """Raise `BranchError` unless a comparison comes out as it did while recording."""
        answer, _ = guard.rule.evaluate([self.values[operand] for operand in guard.operands])
        other = _elsewhere(answer, bool(int(guard)))
        if other is not None:
            raise BranchError(
                f"replay: {guard.question} was {guard!r} when it was recorded "
                f"({guard.source}), and {other}: a Python `if` is no part of a graph; write "
                "where(condition, a, b), record again at these numbers, or compare .data if "
                "nothing here depends on it"
            )


def _warn(order: Sequence[Value], run: _Run, adjoints: Mapping[Value, N], seed: N) -> None:
    """Warn of slopes as `Value.backward` does, of the first sample where there is a reason."""
    values = {node: run.values[node] for node in order}
    if isinstance(run.kind, float | Value):
        samples: Iterable[Callable[[N], float]] = [_data]
    elif _is_numpy(run.kind):
        samples = suspects(values, run.partials, adjoints)
    else:
        return  # symbols, fractions and tracers do not say whether they are infinite
    for number_of in samples:
        numbers = {node: number_of(x) for node, x in values.items()}
        partials = {node: [*map(number_of, slopes)] for node, slopes in run.partials.items()}
        found = sweep(order, partials, number_of(seed))
        if warn(order, numbers, partials, found, stacklevel()):
            return


def _finite(x: N) -> bool:
    if isinstance(x, float | Value):
        return math.isfinite(_data(x))
    return not _is_numpy(x) or bool(library(x).isfinite(x).all())


def _is_numpy(x: N) -> bool:
    return type(x).__module__.partition(".")[0] == "numpy"


def _elsewhere(answer: N, recorded: bool) -> str | None:
    """Say where an answer is not the recorded one; None if it is everywhere."""
    if isinstance(answer, Number | Value):
        return None if bool(_data(answer)) == recorded else f"is {not recorded} at these numbers"
    try:
        flipped = (answer != 0).ravel() != recorded
        samples = [int(i) for i in flipped.nonzero()[0]]
    except Exception:
        return "it cannot be told what it is for symbols"
    if not samples:
        return None
    return f"is {not recorded} in {len(samples)} of {flipped.size} sample(s), first in {samples[0]}"


def _own(leaf: Value, kind: N) -> N:
    """Return a leaf's own number; among Values it is the leaf, so that derivatives reach it."""
    return leaf if isinstance(kind, Value) else f.lift(leaf.data, kind)


def _leaving(number: N, kind: N) -> N:
    """Return a result; among Values, a plain number as one of them."""
    return Value(number) if isinstance(kind, Value) and not isinstance(number, Value) else number


@contextmanager
def _tolerant(kind: N) -> Iterator[list[str]]:
    """Let infinities and NaN pass without an error; yield a list of what NumPy says of them."""
    met: list[str] = []
    if isinstance(kind, Value):
        with leniently():
            yield met
    elif _is_numpy(kind):
        numpy = import_module("numpy")
        with numpy.errstate(all="call", under="ignore", call=lambda what, _: met.append(what)):
            yield met
    else:
        yield met


def _pole(infinity: float, x: Any) -> Any:
    """Return an infinite slope at x = 0 whose own slope is infinite, never 0."""
    return infinity * (-x).exp() if isinstance(x, Value) else infinity


def _data(x: Any) -> float:
    return x.data if isinstance(x, Value) else x


class _Values:
    """The functions that rules are written with, on Values: each records an operation."""

    written = staticmethod(Floats.written)
    where = staticmethod(Floats.where)
    compare = staticmethod(Floats.compare)
    step = staticmethod(Floats.step)
    direction = rules._direction
    one_minus_square = rules._one_minus_square

    def lift(self, number: float, like: Any) -> float:
        return number

    def __getattr__(self, name: str) -> Rule:
        found: Rule = getattr(rules, name)
        return found

    def contribution(self, upstream: Any, partial: Any, choice: bool = False) -> Any:
        for constant, other in ((upstream, partial), (partial, upstream)):
            if not isinstance(constant, Value) and constant in (0, 1):  # no product to record
                return other if constant else 0.0
        u, p = _data(upstream), _data(partial)
        if math.isnan(u * p) and not math.isnan(u) and not math.isnan(p):
            return 0.0
        return upstream * partial

    def gaussian(self, x: Any, scale: float = 1.0) -> Any:
        return rules.gaussian(x, scale=scale)

    def divide(self, x: Any, y: Any) -> Any:
        return x / y if _data(y) else _pole(Floats.divide(_data(x), _data(y)), y)

    def power(self, x: Any, y: Any) -> Any:
        pole = not _data(x) and _data(y) < 0
        return _pole(Floats.power(_data(x), _data(y)), x) if pole else x**y

    def softmax(self, *x: Any) -> tuple[Any, ...]:
        top = max(map(_data, x))
        exponentials = [rules.exp(x_k - top) for x_k in x]
        total = rules.sum(exponentials)
        return tuple([e / total for e in exponentials])

    def dot(self, w: tuple[Any, ...], x: tuple[Any, ...]) -> Any:
        return rules.dot(w, x)

    def total(self, *x: Any) -> Any:
        return rules.sum(x)

    def norm(self, *x: Any) -> Any:
        return rules.norm(x)

    def logsumexp(self, *x: Any) -> Any:
        return rules.logsumexp(x)


register(Value, _Values())
