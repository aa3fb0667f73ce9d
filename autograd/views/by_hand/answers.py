"""A person's answer: a number, a fraction or a formula, and whether it is right."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from keyword import iskeyword
from typing import Any, NamedTuple

from autograd.errors import AutogradError, UsageError
from autograd.expression import evaluate, names_in
from autograd.gradients import gradient
from autograd.graph import topological_order
from autograd.number import number, shown
from autograd.rule import RULES
from autograd.value import Value
from autograd.views.writing.alphabets import raised
from autograd.views.writing.notation import Names
from autograd.views.writing.numbers import short
from autograd.views.writing.terminals import plain

__all__ = ["Answer", "Reader"]

ROUNDED = 0.02
"""How far from the truth, relative to it, a rounded answer may be."""


COARSE = 0.1
"""How far from the truth, relative to it, an answer in too few digits may be to come near it."""

NEAR = 0.005
"""How far from the truth, relative to it, a calculation with rounded numbers may end."""


WRITTEN = 60
"""How much of an answer is repeated."""


class Answer(NamedTuple):
    """A number as a person gave it: how it was written, and half a unit of its last digit."""

    number: float
    written: str
    precision: float = 0.0

    def agrees(self, truth: float, noise: float = 0.0) -> bool:
        """Return whether this is a number, to the digits that were given.

        A rounded answer may be off by half a unit of its last digit, but by no more than 2 %; any
        answer by one part in 10⁹, or by `noise`: what rounding can do to the calculation.

        >>> answer = Reader([]).read("0.32")
        >>> answer.agrees(0.3163), answer.agrees(0.33)
        (True, False)
        """
        if not math.isfinite(truth) or not math.isfinite(self.number):
            return repr(self.number) == repr(truth)  # NaN is the answer where NaN came in
        rounding = min(self.precision, ROUNDED * abs(truth))
        return abs(self.number - truth) <= max(rounding, 1e-9 * abs(truth), noise)

    def is_near(self, truth: float) -> bool:
        """Return whether this is a number as far as it goes, rounded too far to be sure.

        >>> read = Reader([]).read
        >>> read("0.3").is_near(0.3163), read("0.3168421").is_near(0.3163), read("1").is_near(0.81)
        (True, True, False)
        """
        if not self.number or not math.isfinite(truth):
            return False
        rounding = min(self.precision, COARSE * abs(truth))
        return abs(self.number - truth) <= max(rounding, NEAR * abs(truth))


class Reader:
    """Reads answers: numbers of any real kind, and formulas in the names of a graph's nodes.

    A node may be called as it is shown, as it was labelled, or by what of that can be typed:
    ``w₁₂⁽²⁾``, ``w_{12}^{(2)}``, ``w_12^(2)`` and ``w_12_2`` are the same.

    >>> a, y, x = Value(0.75, "a_1^{(2)}"), Value(1.0, "y"), Value(2.0, "x")
    >>> reader = Reader([a, y, x])
    >>> reader.read("(a₁⁽²⁾ − y)·x").number, reader.read("(a_1_2 - y) * x").number
    (-0.5, -0.5)
    >>> reader.read("-1/2"), reader.read(-0.5)
    (Answer(number=-0.5, written='-1/2', precision=0.0),
     Answer(number=-0.5, written='-0.5', precision=0.05...))
    """

    def __init__(self, order: Sequence[Value], names: Names | None = None) -> None:
        called = names or Names(order)
        self._nodes: dict[str, Value] = {}
        self._spellings: dict[str, list[str]] = {}
        exact: set[str] = set()
        for node in order:
            name = called(node)
            if not name or (not node.parents and name == short(node.data)):
                continue  # a constant is called by its number
            typed = _typed(name)
            while typed in self._nodes:
                typed += "_"
            self._nodes[typed] = node
            spellings = {name, node.label} - {""}
            exact |= spellings
            for spelling in spellings:
                self._spellings.setdefault(spelling, []).append(typed)
        for typed, node in self._nodes.items():
            for spelling in {plain(called(node), "ascii"), typed} - exact:
                self._spellings.setdefault(spelling, []).append(typed)
        # a 2 in a formula is 2, whatever has that label
        self._words = {word for word in self._spellings if not _ARITHMETIC.fullmatch(word)}
        longest_first = sorted(self._words, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole_word, longest_first)) or r"\b\B")

    def read(self, given: Any) -> Answer:
        """Return an answer; text is a number or a formula, and is parsed, never run.

        Raises `UsageError` for what is neither, `NumberError` for what is no number at all.
        """
        if isinstance(given, Value):
            return Answer(given.data, short(given.data))
        if hasattr(given, "free_symbols"):  # a formula of SymPy
            given = str(given)
        if not isinstance(given, str):
            written = str(given) if len(str(given)) <= 12 else short(float(given))
            return Answer(number(given, "an answer"), written, _half_a_unit(str(given)))
        text = given.strip()
        if not text:
            raise UsageError("an answer is empty; write a number, a fraction or a formula")
        written = text if len(text) <= WRITTEN else f"{text[: WRITTEN - 1]}…"
        signs = text.translate(_SIGNS).replace("∞", "inf")
        plain_number = "" if text in self._words else signs  # a node may be called inf
        try:
            return Answer(float(plain_number), written, _half_a_unit(plain_number))
        except ValueError:
            return self._formula(text, written)

    def node(self, name: str) -> Value | None:
        """Return the node of a name, None if there is none.

        Raises `UsageError` if there are several.
        """
        nodes = [self._nodes[typed] for typed in self._spellings.get(name, [])]
        if len(nodes) > 1:
            raise UsageError(f"{len(nodes)} nodes are called {name}; give the Value itself")
        return nodes[0] if nodes else None

    def spellings(self) -> dict[str, list[Value]]:
        """Return what may stand in a formula for a node, with the nodes it may stand for."""
        return {
            word: [self._nodes[typed] for typed in self._spellings[word]] for word in self._words
        }

    def _meant(self, spelling: str) -> str:
        """Return what to type for a name, where it does not matter which node is meant."""
        typed = self._spellings[spelling]
        if len({repr(self._nodes[name].data) for name in typed}) > 1:
            raise UsageError(f"{len(typed)} nodes are called {spelling}; answer with a number")
        return typed[0]

    def _formula(self, text: str, written: str) -> Answer:
        """Return the number of a formula, and how much its rounded decimals may have moved it."""
        line = self._pattern.sub(lambda found: self._meant(found[0]), text)
        line = _as_python(line)
        try:
            unknown = [name for name in names_in(line) if name not in {**self._nodes, **RULES}]
            if unknown:
                raise UsageError(
                    f"there is no {_brief(unknown[0])} in the graph; it has {self._listed()}"
                )
            numbers = {name: Value(node.data, name) for name, node in self._nodes.items()}
            result = evaluate(line, numbers)
        except AutogradError as error:
            reason = _remedy(text, error)
            raise UsageError(f"{shown(text)} cannot be worked out: {reason}") from None
        decimals = [leaf for leaf in topological_order(result) if not leaf.data.is_integer()]
        rounded = [leaf for leaf in decimals if not (leaf.parents or leaf.label)]
        slopes = gradient(result, rounded)
        units = [_half_a_unit(repr(leaf.data)) for leaf in rounded]
        slack = sum((abs(s) * unit for s, unit in zip(slopes, units, strict=True)), 0.0)
        return Answer(result.data, written, slack if math.isfinite(slack) else 0.0)

    def _listed(self) -> str:
        more = ["…"] if len(self._nodes) > 12 else []
        return ", ".join([*self._nodes][:12] + more) or "no node that has a name"


_SIGNS = str.maketrans({"·": "*", "⋅": "*", "×": "*", "−": "-", "–": "-", "÷": "/", "^": "**"})
_ARITHMETIC = re.compile(r"(?:[\d\s.,+*/^()|·⋅×÷−–-]|(?<=\d)[eE](?=[-+\d]))*")
_EXPONENTS = "".join(raised(digit) for digit in "0123456789-")


def _as_python(line: str) -> str:
    """Return a formula as it is written on paper in the operators of Python.

    >>> _as_python("2·x² − |cos v|")
    '2*x**(2) - abs(cos(v))'
    """
    line = re.sub(r"σ(?=\()", "sigmoid", line)
    line = re.sub("[¼½¾⅐-⅞]", lambda found: f"({_lowered(found[0])})", line)
    line = re.sub(r"\|([^|]*)\|", r"abs(\1)", line)
    line = re.sub(f"[{_EXPONENTS}]+", lambda found: f"^({_lowered(found[0])})", line)
    functions = "|".join(RULES)
    line = re.sub(rf"\b({functions}) (?=[\w.])([\w.]+)", r"\1(\2)", line)
    return line.translate(_SIGNS)


def _remedy(text: str, error: AutogradError) -> str:
    """Return what to do about a decimal comma, a percentage or a missing sign, else the error."""
    if re.search(r"^[^(]*\d,\d", text):
        return "write decimals with a point, as in 0.5"
    if "%" in text:
        return "write a percentage as a number, 0.5 for 50 %"
    side_by_side = re.search(r"\d[^\W\d_]|[\w)] +[\w(]|\)\w", text)
    return f"a product is written with *: {error}" if side_by_side else str(error)


def _lowered(text: str) -> str:
    """Return superscripts, or a fraction that is one character, as plain digits and signs."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").replace("\N{FRACTION SLASH}", "/")


def _typed(name: str) -> str:
    """Return a name as an identifier: itself if it is one, else what of it can be typed."""
    written = unicodedata.normalize("NFKC", name)
    if not written.isidentifier():
        written = re.sub(r"\W+", "_", plain(name, "ascii")).strip("_")
    return f"v_{written}" if iskeyword(written) or not written.isidentifier() else written


def _whole_word(spelling: str) -> str:
    before = r"(?<!\w)" if re.match(r"\w", spelling) else ""
    after = r"(?!\w)" if re.search(r"\w$", spelling) else ""
    return before + re.escape(spelling) + after


def _half_a_unit(text: str) -> float:
    """Return half a unit of the last digit of a decimal number, 0 for any other text."""
    try:
        exponent = Decimal(text).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    tie = 0.5 + 1e-9  # 0.3125 may be written as 0.312 or as 0.313
    return tie * 10.0 ** min(exponent, 300) if isinstance(exponent, int) else 0.0


def _brief(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"
