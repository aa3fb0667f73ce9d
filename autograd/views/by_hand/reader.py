"""A person's answer: a number, a fraction or a formula, read and worked out."""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from autograd import functions as f
from autograd.errors import DomainError, NumberError, UsageError
from autograd.number import number
from autograd.parser import Step, parse
from autograd.rule import RULES
from autograd.rules import power
from autograd.tools.text import excerpt
from autograd.value import Value
from autograd.views.by_hand.points import Point
from autograd.views.tracing.graph import Graph
from autograd.views.writing.numbers import short
from autograd.views.writing.terminals import plain
from autograd.vocabulary import Vocabulary, folded

__all__ = ["TOLERANCES", "Answer", "Numbers", "Reader", "half_a_unit", "worked_out"]

TOLERANCES = {
    "equal": 1e-9,  # a long calculation may end in other last digits
    "digits": 0.05,  # half a unit of the second significant digit, at most
    "coarse": 0.1,  # an answer in too few digits comes near it
    "near": 0.005,  # a calculation with rounded numbers may end here
    "tie": 1 + 1e-9,  # 0.3125 may be written as 0.312 or as 0.313
    "noise": 2.0**-51,  # what one operation may add by rounding
}
"""How far from the truth an answer may be, relative to it (the tie and the noise: to itself)."""

LARGE = 1000
"""The number of nodes up to which one without a name may also be called v₁ or v_1."""

WRITTEN = 60
"""How much of an answer is repeated."""


class Numbers(Protocol):
    """Where a formula is worked out: the numbers of a graph's nodes, and its derivatives."""

    def number(self, node: Any) -> float:
        """Return the number of a node."""

    def held(self, above: Any, below: Any, held: Sequence[Any]) -> float:
        """Return the derivative of one node in another while some nodes are held fixed."""

    def local(self, above: Any, below: Any, operand: int) -> float:
        """Return the local derivative of a node in an operand, of several that are it the n-th."""


class Answer(NamedTuple):
    """A number as a person gave it, how it was written, and how far off that may be.

    - ``precision``: half a unit of its last digit, if it has two significant digits at least; of
      a formula, what such a half in each of its decimals makes of it;
    - ``coarse``: the same, of however few digits;
    - ``outward``: how far the truth may lie farther from 0, if that is more;
    - ``noise``: what rounding on the way can have done to a formula;
    - ``steps``: those of a formula with names, which is to hold at other numbers too.
    """

    number: float
    written: str
    precision: float = 0.0
    coarse: float = 0.0
    noise: float = 0.0
    steps: tuple[Step, ...] = ()
    outward: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether nothing was rounded: a fraction, a root, a formula without decimals."""
        return not self.coarse

    def agrees(self, truth: float, noise: float = 0.0) -> bool:
        """Return whether this is a number, to the digits that were given, two at least.

        It may be off by half a unit of its last digit, one part in 10⁹, or by `noise`: what
        rounding can do to the calculation of the truth, and of the answer.

        >>> answer = Reader(Graph(Value(1.0))).read("0.32")
        >>> answer.agrees(0.3163), answer.agrees(0.33)
        (True, False)
        """
        if not math.isfinite(truth) or not math.isfinite(self.number):
            return repr(self.number) == repr(truth)  # NaN is the answer where NaN came in
        outward = self.outward if abs(truth) > abs(self.number) else 0.0
        precision = max(self.precision, outward)
        allowed = precision * TOLERANCES["tie"], TOLERANCES["equal"] * abs(truth)
        return abs(self.number - truth) <= max(*allowed, noise + self.noise)

    def is_near(self, truth: float) -> bool:
        """Return whether this is a number as far as it goes, rounded too far to be sure.

        >>> read = Reader(Graph(Value(1.0))).read
        >>> read("0.3").is_near(0.3163), read("0.3168421").is_near(0.3163), read("1").is_near(0.81)
        (True, True, False)
        """
        if not self.number or not math.isfinite(truth):
            return False
        rounding = min(self.coarse, TOLERANCES["coarse"] * abs(truth))
        return abs(self.number - truth) <= max(rounding, TOLERANCES["near"] * abs(truth))


class Reader:
    """Reads answers: numbers of any real kind, and formulas in the names of a graph's nodes.

    A node may be called as it is shown, as it was labelled, or by what of that can be typed:
    ``w₁₂⁽²⁾``, ``w_{12}^{(2)}``, ``w_12^(2)`` and ``w_12_2`` are the same. ``∂L/∂w`` and
    ``∂u/∂x|v1`` are read as they are printed. A name that is no word, as “a + b”, stands in
    quotes.

    >>> a, y, x = Value(0.75, "a_1^{(2)}"), Value(1.0, "y"), Value(2.0, "x")
    >>> reader = Reader(Graph((a - y) * x))
    >>> reader.read("(a₁⁽²⁾ − y)x").number, reader.read("(a_1_2 - y) * x").number
    (-0.5, -0.5)
    >>> reader.read("-1/2").number, reader.read(-0.25)
    (-0.5, Answer(number=-0.25, written='-0.25', precision=0.005, coarse=0.005, ...))
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._here = Point(graph.order, known={(graph.output,): graph.derivatives})

    @cached_property
    def words(self) -> Vocabulary:
        """What may stand in a formula: every spelling of every node."""
        return _vocabulary(self.graph)

    def read(self, given: Any) -> Answer:
        """Return an answer; text is a number or a formula, and is parsed, never run.

        Raises `ExpressionError` for text that cannot be read, `DomainError` for a formula without
        a value, `NumberError` for what is no number at all.
        """
        if isinstance(given, Value):
            return Answer(given.data, short(given.data))
        if hasattr(given, "free_symbols"):
            return worked_out(self._symbolic(given), self._here)._replace(
                written=excerpt(str(given), WRITTEN)
            )
        if not isinstance(given, str):
            return _plain(given)
        if not given.strip():
            raise UsageError("an answer is empty; write a number, a fraction or a formula")
        words = self.words if _NAMED.search(given) else _NO_WORDS
        return self.worked_out(parse(given, words), excerpt(folded(given), WRITTEN))

    def worked_out(self, steps: Sequence[Step], written: str) -> Answer:
        """Return the answer that the steps of a formula lead to, at the graph's own numbers."""
        if len(steps) == 1 and steps[0].head == "number":
            x, digits = steps[0].value
            return _rounded(x, written, half_a_unit(digits))
        return worked_out(steps, self._here)._replace(written=written)

    def _symbolic(self, formula: Any) -> list[Step]:
        """Return the steps of a formula of SymPy: its symbols, and what it makes of numbers."""
        symbols = sorted(formula.free_symbols, key=str)
        named = [step for symbol in symbols for step in parse(f'"{symbol}"', self.words)]

        def function(*numbers: float) -> float:
            there = formula.subs(dict(zip(symbols, numbers, strict=True))).evalf()
            if not there.is_number or there.is_real is False:
                raise DomainError(f"{excerpt(str(formula), WRITTEN)} has no real value here")
            return float(there)

        return [*named, Step("function", function, len(symbols))]

    def node(self, name: str) -> Value | None:
        """Return the node of a name, None if there is none.

        Raises `UsageError` if there are several.
        """
        named = folded(name)
        nodes = self.words.names.get(named) or self.words.names.get(named.strip('“”"'), [])
        if len(nodes) > 1:
            raise UsageError(f"{len(nodes)} nodes are called {name}; give the Value itself")
        return nodes[0] if nodes else None


_NAMED = re.compile(r"[^\W\d_]|[∂\\\"“„]")  # without a letter or a quote there is no name
_NO_WORDS = Vocabulary({})


def _plain(given: Any) -> Answer:
    """Return a number of any real kind as an answer."""
    if isinstance(given, int) and abs(given) > sys.float_info.max:
        raise NumberError("an answer: this whole number does not fit a float (too large)")
    x = number(given, "an answer")
    written = str(given) if len(str(given)) <= 12 else short(x)
    whole = isinstance(given, float) and given.is_integer() and abs(x) < 2**53
    found = _rounded(x, written, half_a_unit(f"{x:.0f}" if whole else str(given)))
    if isinstance(given, float) and found.coarse and not found.precision and abs(x) > 1e-300:
        below, above = (10.0 ** math.floor(math.log10(abs(x) * by)) for by in (1 - 1e-9, 1))
        digits = TOLERANCES["digits"]  # a float 0.3 may be 0.30, and 1.0 be 1.04 or 0.996
        return found._replace(precision=digits * below, outward=digits * above)
    return found


def _rounded(x: float, written: str, half: float) -> Answer:
    precise = half <= TOLERANCES["digits"] * TOLERANCES["tie"] * abs(x)
    return Answer(x, written, half if precise else 0.0, max(half, _perhaps(x, half)))


def _perhaps(x: float, half: float) -> float:
    """Return how far a whole number may be rounded that ends in zeros: 130 may stand for 132.

    >>> _perhaps(130.0, 0.5), _perhaps(2000.0, 0.5), _perhaps(12.0, 0.5)
    (5.0, 50.0, 0.0)
    """
    if half != 0.5 or not 100 <= abs(x) < 2**53:
        return 0.0
    digits = f"{abs(x):.0f}"
    zeros = min(len(digits) - len(digits.rstrip("0")), len(digits) - 2)
    return 0.5 * 10.0**zeros if zeros else 0.0


def half_a_unit(digits: str) -> float:
    """Return half a unit of the last digit of a decimal number, 0 for any other text.

    >>> half_a_unit("0.25"), half_a_unit("1e3"), half_a_unit("1/3")
    (0.005, 500.0, 0.0)
    """
    try:
        exponent = Decimal(digits).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    return 0.5 * 10.0 ** min(exponent, 300) if isinstance(exponent, int) else 0.0


def worked_out(steps: Sequence[Step], numbers: Numbers) -> Answer:
    """Return what the steps of a formula lead to, where the nodes have some numbers.

    The errors of rounding are carried along: each operation passes those of its operands on by
    its local derivatives, and adds its own.

    Raises `DomainError` where an operation has no value.

    >>> worked_out(parse("1 − 0.30·2", Vocabulary({})), Point([]))
    Answer(number=0.4, written='', precision=0.01, coarse=0.01, noise=..., steps=(), outward=0.0)
    """
    stack: list[Answer] = []
    for step in steps:
        stack.append(_made(step, step.take(stack), numbers))
    named = any(step.head in ("name", "derivative") for step in steps)
    return stack[0]._replace(steps=tuple(steps) if named else ())


def _made(step: Step, operands: Sequence[Answer], numbers: Numbers) -> Answer:
    """Return the number that a step makes of its operands, with its errors."""
    if step.head == "number":
        x, digits = step.value
        half = half_a_unit(digits) if "." in digits or "e" in digits.lower()[1:] else 0.0
        return _rounded(x, "", half)
    if step.head == "name":
        return Answer(numbers.number(step.value), "")
    if step.head == "derivative":
        above, below, held, operand = step.value
        if operand:
            return Answer(numbers.local(above, below, operand), "")
        return Answer(numbers.held(above, below, held), "")
    if step.head == "function":
        x = step.value(*[operand.number for operand in operands])
        return Answer(x, "", noise=TOLERANCES["noise"] * abs(x))
    rule = power.bind(n=step.value) if step.head == "power" else RULES[step.value]
    x, partials = rule.evaluate([float(operand.number) for operand in operands])
    if step.head == "slope":
        return Answer(float(partials[0]), "", noise=TOLERANCES["noise"] * abs(float(partials[0])))
    slopes = [abs(float(d)) for d in partials]
    errors = (
        math.fsum(map(f.contribution, column, slopes))
        for column in zip(*[operand[2:5] for operand in operands], strict=True)
    )
    precision, coarse, noise = (0.0 if math.isnan(error) else error for error in errors)
    own = TOLERANCES["noise"] * abs(x)
    return Answer(float(x), "", precision, coarse, noise + own if own < math.inf else noise)


# What the nodes of a graph may be called


def _vocabulary(graph: Graph) -> Vocabulary:
    """Return every spelling of every node; one of its own goes before one that is made of it."""
    own: dict[str, list[Value]] = {}
    made: dict[str, list[Value]] = {}
    quoted: set[str] = set()
    is_large = len(graph.written) > LARGE
    for node in graph.written:
        if graph.names.is_constant(node):
            continue  # it is called by its number
        if (number := graph.names.number(node)) is not None:  # to be spelled in few ways
            own.setdefault(f"v{number}", []).append(node)
            for spelling in (
                () if is_large else (f"v_{number}", f"v_{{{number}}}", f"v{_lowered(str(number))}")
            ):
                made.setdefault(spelling, []).append(node)
            continue
        name = graph.names[node]
        for spelling in dict.fromkeys((name.unicode, name.latex, name.typed)):
            own.setdefault(spelling, []).append(node)
        is_quoted = name.unicode.startswith("“")
        quoted |= {node.label} if is_quoted else set()
        for spelling in {node.label, *(() if is_quoted else _typed(name.unicode))} - {""}:
            made.setdefault(spelling, []).append(node)
    names = {**{name: nodes for name, nodes in made.items() if name not in own}, **own}
    return Vocabulary(names, _told_apart(own), only_quoted=quoted - own.keys())


def _told_apart(own: Mapping[str, Sequence[Value]]) -> dict[Value, str]:
    """Return for each node the first of its spellings that is its alone."""
    return {nodes[0]: name for name, nodes in reversed([*own.items()]) if len(nodes) == 1}


def _lowered(digits: str) -> str:
    return "".join(chr(ord("₀") + int(digit)) for digit in digits)


def _typed(name: str) -> set[str]:
    """Return how a name may be typed, with the keys that everyone has."""
    lowered = "".join(
        unicodedata.normalize("NFKC", c) if unicodedata.decomposition(c)[:5] == "<sub>" else c
        for c in name
    )
    marked = plain(name, "ascii")
    typed = {lowered, marked, re.sub(r"\W+", "_", marked).strip("_")}
    if indexed := _INDEXED.fullmatch(lowered):
        letters, digits = indexed.groups()
        index = digits, f"_{digits}", f"_{{{digits}}}", _lowered(digits)
        typed |= {f"{letters}{written}" for written in index}
    return {word for word in typed if word[:1].isalpha() and "?" not in word}


_INDEXED = re.compile(r"([^\W\d_]+)_?([0-9]+)")  # x1 is printed as x_{1} by SymPy, and x₁ on paper
