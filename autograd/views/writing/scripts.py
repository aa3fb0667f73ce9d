r"""The scripts in which mathematics is written: Unicode text, LaTeX, HTML; a class for each.

What a formula is made of, and how tightly its parts hold together, is the same in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from types import MappingProxyType
from typing import NamedTuple, Protocol

from autograd.views.writing.alphabets import raised
from autograd.views.writing.numbers import html_number, latex_number, short

__all__ = [
    "ATOM", "HTML", "LATEX", "NEGATIVE", "POWER", "PRODUCT", "PROSE", "SUM", "TEXT", "Part",
    "Script",
]  # fmt: skip

SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(5)
"""How tightly a part of a formula holds together."""


class Named(Protocol):
    """A name as it is written in each script."""

    @property
    def unicode(self) -> str: ...
    @property
    def latex(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def is_raised(self) -> bool: ...


class Part(NamedTuple):
    """A part of a formula, written: its text, and how tightly it holds together."""

    text: str
    holds: int = ATOM


class Script:
    """Unicode text, which can be typed back; other scripts write some parts in another way."""

    dot, tight, times, minus = " · ", "·", " × ", "−"
    ellipsis, arrow = "…", "→"
    comparisons = MappingProxyType({"lt": "<", "le": "≤", "gt": ">", "ge": "≥"})

    def name(self, name: Named) -> str:
        """Return a name."""
        return name.unicode

    def plain(self, text: str) -> str:
        """Return plain text."""
        return text

    def number(self, x: float) -> str:
        """Return a number in at most four significant digits."""
        return short(x)

    def scientific(self, mantissa: str, exponent: int) -> str:
        """Return a number that no float holds, by its mantissa and its power of ten."""
        return f"{mantissa}e{exponent:+03d}"

    def enclosed(self, text: str) -> str:
        """Return text in parentheses."""
        return f"({text})"

    def raised(self, base: Part, exponent: Part, is_raised: bool) -> Part:
        """Return a power; `is_raised` tells whether the base ends in a superscript."""
        # a⁽²⁾² says nothing
        text = self.enclosed(base.text) if is_raised else self.shielded(base, ATOM)
        shifted = raised(exponent.text)
        if shifted.startswith("^"):
            shifted = f"^{self.shielded(exponent, ATOM)}"
        return Part(text + shifted, POWER)

    def fraction(self, above: Part, below: Part) -> Part:
        """Return a quotient."""
        text = f"{self.shielded(above, NEGATIVE)}/{self.shielded(below, POWER)}"
        return Part(text, _as_first(above))

    def called(self, function: str, operands: Sequence[str]) -> Part:
        """Return a function of operands."""
        return Part(f"{_symbol(function)}({', '.join(operands)})", POWER)

    def derived(self, function: str, operand: str) -> str:
        """Return the derivative of a function of one operand, as g′(z)."""
        return f"{_symbol(function)}′({operand})"

    def derivative(
        self, above: Named, below: Named, held: Sequence[Named | None] = (), which: str = ""
    ) -> str:
        """Return ∂above/∂below, where it matters with what is held, and of which operand.

        None among what is held stands for more.
        """
        bar = f"|{','.join(map(self._held, held))}" if held else ""
        variable = self.name(below)
        if variable.startswith("-"):  # of a constant
            variable = self.enclosed(variable)
        return f"∂{self.name(above)}/∂{variable}{bar}" + (f" ({which})" if which else "")

    def words(self, text: str) -> str:
        """Return what is to be said beside mathematics, in parentheses; nothing of nothing."""
        return f" ({text})" if text else ""

    def _held(self, name: Named | None) -> str:
        return self.ellipsis if name is None else self.name(name)

    def applied(self, name: str, operand: str) -> str:
        """Return a named function of an operand."""
        return f"{name}{self.enclosed(operand)}"

    def shielded(self, part: Part, least: int) -> str:
        """Return a part in parentheses, unless it holds together at least that tightly."""
        return part.text if part.holds >= least else self.enclosed(part.text)

    def numeral(self, x: float) -> Part:
        """Return a number as a part of a formula."""
        text = self.number(x)
        holds = PRODUCT if "times" in text or "×" in text else ATOM
        return Part(text, NEGATIVE if text.startswith(("-", "−")) else holds)

    def product(self, factors: Sequence[Part], sign: str = "") -> Part:
        """Return a product, its factors apart unless there is a `sign` for it; 1 of none."""
        sign = sign or self.dot
        if not factors:
            return Part("1")
        if len(factors) == 1:
            return factors[0]
        first, *rest = factors
        texts = [self.shielded(first, NEGATIVE), *[self.shielded(part, POWER) for part in rest]]
        return Part(sign.join(texts), _as_first(first))

    def chain(self, factors: Sequence[Part]) -> Part:
        """Return the product of the chain rule: its factors stand apart, each as it is written."""
        apart = [Part(f.text, POWER) if f.holds == PRODUCT else f for f in factors]
        return self.product(apart)

    def sum(self, terms: Sequence[Part]) -> Part:
        """Return a sum; a minus stands for the plus before a negative term."""
        if len(terms) == 1:
            return terms[0]
        text = self.shielded(terms[0], SUM)
        for term in terms[1:]:
            if term.holds == NEGATIVE and term.text[0] in "-−":
                text += f" {self.minus} {term.text[1:].lstrip()}"
            else:
                text += f" + {self.shielded(term, PRODUCT)}"
        return Part(text, SUM)

    def difference(self, x: Part, y: Part) -> Part:
        """Return x − y."""
        return Part(f"{x.text} {self.minus} {self.shielded(y, PRODUCT)}", SUM)

    def negative(self, x: Part) -> Part:
        """Return −x."""
        return Part(f"{self.minus}{self.shielded(x, PRODUCT)}", NEGATIVE)


class Latex(Script):
    """LaTeX."""

    dot, tight, times, minus = r" \cdot ", r" \cdot ", r" \times ", "-"
    ellipsis, arrow = r"\dots", r"\to"
    comparisons = MappingProxyType({"lt": "<", "le": r"\le", "gt": ">", "ge": r"\ge"})

    def name(self, name: Named) -> str:
        """Return a name."""
        return name.latex

    def number(self, x: float) -> str:
        """Return a number in at most four significant digits."""
        return latex_number(x)

    def scientific(self, mantissa: str, exponent: int) -> str:
        """Return a number that no float holds, by its mantissa and its power of ten."""
        return rf"{mantissa} \times 10^{{{exponent}}}"

    def enclosed(self, text: str) -> str:
        """Return text in parentheses."""
        return rf"\left({text}\right)"

    def raised(self, base: Part, exponent: Part, is_raised: bool) -> Part:
        """Return a power; `is_raised` tells whether the base ends in a superscript."""
        text = self.enclosed(base.text) if is_raised else self.shielded(base, ATOM)
        return Part(f"{text}^{{{exponent.text}}}", POWER)

    def fraction(self, above: Part, below: Part) -> Part:
        """Return a quotient."""
        return Part(rf"\frac{{{above.text}}}{{{below.text}}}", POWER)

    def called(self, function: str, operands: Sequence[str]) -> Part:
        """Return a function of operands."""
        if function == "sqrt":
            return Part(rf"\sqrt{{{operands[0]}}}", POWER)
        if function == "abs":
            return Part(rf"\left|{operands[0]}\right|")
        return Part(f"{_function(function)}{self.enclosed(', '.join(operands))}", POWER)

    def derived(self, function: str, operand: str) -> str:
        """Return the derivative of a function of one operand, as g′(z)."""
        return f"{_function(function)}'{self.enclosed(operand)}"

    def words(self, text: str) -> str:
        """Return what is to be said beside mathematics, in parentheses; nothing of nothing."""
        return rf"\quad\text{{({text})}}" if text else ""

    def derivative(
        self, above: Named, below: Named, held: Sequence[Named | None] = (), which: str = ""
    ) -> str:
        """Return ∂above/∂below, where it matters with what is held, and of which operand."""
        text = rf"\frac{{\partial {self.name(above)}}}{{\partial {self.name(below)}}}"
        if held:
            names = ", ".join(map(self._held, held))
            text = rf"\left.{text}\right|_{{{names}}}"
        return text + (rf"\,\text{{({which})}}" if which else "")


class Html(Script):
    """HTML: derivatives are fractions, what is held stands below at a bar; text is escaped."""

    def name(self, name: Named) -> str:
        """Return a name."""
        return name.html

    def plain(self, text: str) -> str:
        """Return plain text."""
        return escape(text)

    def number(self, x: float) -> str:
        """Return a number in at most four significant digits."""
        return html_number(x)

    def raised(self, base: Part, exponent: Part, is_raised: bool) -> Part:
        """Return a power; `is_raised` tells whether the base ends in a superscript."""
        text = self.enclosed(base.text) if is_raised else self.shielded(base, ATOM)
        return Part(f"{text}<sup>{exponent.text}</sup>", POWER)

    def fraction(self, above: Part, below: Part) -> Part:
        """Return a quotient."""
        return Part(_stacked(above.text, below.text), POWER)

    def called(self, function: str, operands: Sequence[str]) -> Part:
        """Return a function of operands."""
        return super().called(escape(function), operands)

    def derivative(
        self, above: Named, below: Named, held: Sequence[Named | None] = (), which: str = ""
    ) -> str:
        """Return ∂above/∂below, where it matters with what is held, and of which operand."""
        text = _stacked(f"∂{above.html}", f"∂{below.html}")
        if held:
            text += f'<span class="held">{", ".join(map(self._held, held))}</span>'
        if which:
            text += f"<small>{which}</small>"
        said = escape(TEXT.derivative(above, below, held, which))
        return f'<span class="derivative" role="math" aria-label="{said}">{text}</span>'


class Prose(Html):
    """HTML in running text, where fractions stand on the line."""

    derivative = Script.derivative
    fraction = Script.fraction


def _stacked(above: str, below: str) -> str:
    return f'<span class="fraction"><span>{above}</span><span>{below}</span></span>'


def _as_first(part: Part) -> int:
    """Return how tightly a product holds together that begins with a part."""
    return NEGATIVE if part.holds == NEGATIVE else PRODUCT


def _symbol(function: str) -> str:
    return "σ" if function == "sigmoid" else function


def _function(name: str) -> str:
    r"""Return a function's name as LaTeX has it.

    >>> _function("tanh"), _function("sigmoid"), _function("gelu")
    ('\\tanh', '\\sigma', '\\operatorname{gelu}')
    """
    if name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"):
        return f"\\{name}"
    return r"\sigma" if name == "sigmoid" else rf"\operatorname{{{name.replace('_', ' ')}}}"


TEXT = Script()
LATEX = Latex()
HTML = Html()
PROSE = Prose()
