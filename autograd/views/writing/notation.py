"""How names and numbers are written: labels as Unicode, numbers short."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from autograd.tools.text import printable
from autograd.value import Value

__all__ = [
    "Names",
    "counted",
    "encodable",
    "latex_function",
    "latex_label",
    "latex_number",
    "operation",
    "plain",
    "raised",
    "ratio",
    "short",
    "signed",
    "unicode_label",
    "written",
]

_RAISED = dict(
    zip(
        "0123456789+-=()niTL'abcdefghjklmoprstuvwxyz",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᴸ′ᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        strict=True,
    )
)
_LOWERED = dict(
    zip(
        "0123456789+-=()aehijklmnoprstuvx",
        "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ",
        strict=True,
    )
)
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307"}
_LETTERS = {
    name: unicodedata.lookup(f"GREEK {case} LETTER {name.upper()}")
    for case, names in (
        ("SMALL", "alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho "
                  "sigma tau upsilon phi chi psi omega"),
        ("CAPITAL", "Gamma Delta Theta Xi Pi Sigma Phi Psi Omega"),
    )
    for name in names.split()
} | {"lambda": "λ", "Lambda": "Λ", "ell": "ℓ", "partial": "∂"}  # fmt: skip


def short(x: float) -> str:
    """Return a number in at most four significant digits.

    >>> short(0.70641932), short(-3.0), short(2e-9), short(float("inf"))
    ('0.7064', '-3', '2e-09', '∞')
    """
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    return "NaN" if math.isnan(x) else f"{x + 0.0:.4g}"


def raised(text: str) -> str:
    """Return text as a superscript: in Unicode if it has all the characters, else after a ^.

    >>> raised("(2)"), raised("-1"), raised("Q")
    ('⁽²⁾', '⁻¹', '^Q')
    """
    return _shifted(text, _RAISED, "^")


def _shifted(text: str, table: Mapping[str, str], mark: str) -> str:
    if all(c in table for c in text):
        return "".join(table[c] for c in text)
    return mark + text


def unicode_label(label: str) -> str:
    r"""Return a LaTeX-like label as Unicode; what it does not know it leaves as it is.

    A subscript without braces reaches to the end of the word, and hangs on one letter, or is a
    number: the names of variables are labels too.

    >>> unicode_label("w_{12}^{(2)}"), unicode_label(r"\hat{y}"), unicode_label(r"\sigma_1")
    ('w₁₂⁽²⁾', 'ŷ', 'σ₁')
    >>> unicode_label("w_12"), unicode_label("loss_1"), unicode_label("learning_rate")
    ('w₁₂', 'loss₁', 'learning_rate')
    """
    written, rest = "", label
    while rest:
        head, rest = rest[0], rest[1:]
        if head == "_" and (word := re.match(r"[^\W_]+", rest)):
            if not re.search(r"(^|\W|[\d_])[^\W\d_]$|[\u0300-\u036f]$", written):
                word = re.match(r"\d+(?![^\W_])", rest) if written else None
            group = word[0] if word else ""
            rest = rest[len(group) :]
            written += _shifted(group, _LOWERED, "_") if word else "_"
        elif head in "_^" and rest:
            group, rest = _group(rest)
            table = _LOWERED if head == "_" else _RAISED
            written += _shifted(unicode_label(group), table, head)
        elif head == "\\":
            command = _leading_letters(rest)
            rest = rest[len(command) :]
            if command in _ACCENTS:
                group, rest = _group(rest.lstrip())
                written += unicode_label(group) + _ACCENTS[command]
            else:
                written += _LETTERS.get(command, f"\\{command}")
        else:
            written += head
    return unicodedata.normalize("NFC", written)


def _group(text: str) -> tuple[str, str]:
    """Split text after its first group: what stands in braces, or one character."""
    depth = 0
    for end, c in enumerate(text if text.startswith("{") else ""):
        depth += (c == "{") - (c == "}")
        if depth == 0:
            return text[1:end], text[end + 1 :]
    return text[:1], text[1:]


def _leading_letters(text: str) -> str:
    return text[: next((i for i, c in enumerate(text) if not c.isalpha()), len(text))]


def latex_label(label: str) -> str:
    r"""Return a label as LaTeX: as it is if it was written so, a word upright, the rest as text.

    >>> latex_label("w_{12}^{(2)}"), latex_label("loss"), latex_label("v12"), latex_label("50% <")
    ('w_{12}^{(2)}', '\\mathrm{loss}', 'v_{12}', '\\text{50\\% <}')
    """
    if re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?", label):
        return latex_number(float(label))
    if numbered := re.fullmatch(r"([A-Za-z])(\d+)", label):
        return f"{numbered[1]}_{{{numbered[2]}}}"
    if subscripted := re.fullmatch(r"([A-Za-z])_([A-Za-z0-9]{2,})", label):
        return f"{subscripted[1]}_{{{subscripted[2]}}}"
    if re.fullmatch(r"[A-Za-z]{2}\w*|[A-Za-z_]\w+_\w+", label):
        return rf"\mathrm{{{re.sub('_', chr(92) + '_', label)}}}"
    if re.fullmatch(_MATH, label) or not label:
        return label
    return rf"\text{{{re.sub(_SPECIAL, _escaped, label)}}}"


_MATH = re.compile(r"(\\[A-Za-z]+ ?|\w|')(\{\w+\})?([_^](\w|\{[\w()+\-=,']*\}))*")
_SPECIAL = re.compile(r"[\\{}$%&#_^~]")


def _escaped(match: re.Match[str]) -> str:
    c = match[0]
    return {"\\": r"\backslash ", "^": r"\char94 ", "~": r"\char126 "}.get(c, f"\\{c}")


def latex_number(x: float) -> str:
    r"""Return a number in at most four significant digits, as LaTeX.

    >>> latex_number(0.5), latex_number(-2e-9)
    ('0.5', '-2 \\times 10^{-9}')
    """
    if not math.isfinite(x):
        return {"∞": r"\infty", "-∞": r"-\infty"}.get(short(x), r"\mathrm{NaN}")
    mantissa, e, exponent = short(x).partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else mantissa


def latex_function(name: str) -> str:
    r"""Return a function's name as LaTeX has it.

    >>> latex_function("tanh"), latex_function("sigmoid"), latex_function("gelu")
    ('\\tanh', '\\sigma', '\\operatorname{gelu}')
    """
    if name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"):
        return f"\\{name}"
    return r"\sigma" if name == "sigmoid" else rf"\operatorname{{{name.replace('_', ' ')}}}"


def signed(number: str) -> str:
    """Return a factor as it stands in a product: a negative one in parentheses.

    >>> signed("2"), signed("-2")
    ('2', '(-2)')
    """
    return f"({number})" if number.startswith(("-", "−")) else number


def counted(count: int, what: str) -> str:
    """Return how many there are of something, about how many if there are very many.

    >>> counted(1, "path"), counted(2, "path"), counted(2**200, "path")
    ('1 path', '2 paths', 'about 10^60 paths')
    """
    digits = len(str(count))
    number = str(count) if digits <= 15 else f"about 10^{digits - 1}"
    return f"{number} {what}" if count == 1 else f"{number} {what}s"


_ASCII = str.maketrans(
    {
        "∂": "d",
        "×": "*",
        "·": "*",
        "−": "-",
        "∞": "inf",
        "…": "...",
        "│": "|",
        "└": "`",
        "→": "->",
        "←": "<-",
    }
    | {"├": "|", "─": "-"}
    | {letter: name for name, letter in _LETTERS.items() if name != "partial"}
)


def plain(text: str, encoding: str) -> str:
    """Return text as it can be written in an encoding, in ASCII where that has not the characters.

    >>> plain("∂L/∂w₁₂ = 2·σ", "utf-8"), plain("∂L/∂w₁₂ = 2·σ", "ascii")
    ('∂L/∂w₁₂ = 2·σ', 'dL/dw_12 = 2*sigma')
    """
    if not encodable(text, encoding):
        text = unicodedata.normalize("NFKD", _marked(text.translate(_ASCII)))
        text = "".join(c for c in text if not unicodedata.combining(c))
        return text.encode("ascii", "replace").decode()
    return text


def encodable(text: str, encoding: str) -> bool:
    """Return whether an encoding has all the characters of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def written(write: Callable[[str], str], encoding: str) -> str:
    """Return what is written for UTF-8 if an encoding has its characters, else what is for ASCII.

    So writes what stands in columns, which are aligned when the characters are known.
    """
    text = write("utf-8")
    return text if encodable(text, encoding) else write("ascii")


def _marked(text: str) -> str:
    """Put a ^ before every superscript and a _ before every subscript."""
    marked, level = "", ""
    for c in text:
        kind = unicodedata.decomposition(c).partition(" ")[0]
        mark = {"<super>": "^", "<sub>": "_"}.get(kind, "")
        marked += (mark if mark != level else "") + c
        level = mark
    return marked


class Names:
    """What the nodes of a graph are called.

    A node is called by its label, or by the variable in `variables` that holds it. With
    `numbered`, results without a name are called v1, v2 … in the order they were computed, and
    constants by their number; otherwise these have no name (""). ``variables`` is kept for the
    next view of the same graph.

    >>> x = Value(2.0)
    >>> y = x * x
    >>> Names([x, y], {"x": x})(x), Names([x, y], {"x": x}, numbered=True)(y)
    ('x', 'v1')
    """

    def __init__(
        self,
        order: Sequence[Value],
        variables: Mapping[str, Any] | None = None,
        *,
        numbered: bool = False,
    ) -> None:
        self.variables = variables
        held = {
            value: name
            for name, value in (variables or {}).items()
            if isinstance(value, Value) and not name.startswith("_")  # not a notebook's _ and _12
        }
        self._labels = {node: printable(node.label or held.get(node, "")) for node in order}
        self._unnamed = {node for node in order if not self._labels[node]}
        if numbered:
            taken = set(self._labels.values())
            free = (name for i in count(1) if (name := f"v{i}") not in taken)
            for node in order:
                if not self._labels[node]:
                    self._labels[node] = next(free) if node.parents else short(node.data)

    def __call__(self, node: Value, script: str = "text") -> str:
        """Return the name of a node, as Unicode text or as ``"latex"``; "" if it has none."""
        label = self._labels[node]
        return unicode_label(label) if script == "text" else latex_label(label)

    def label(self, node: Value) -> str:
        """Return the name of a node as it was written; "" if it has none."""
        return self._labels[node]

    def named(self, node: Value) -> bool:
        """Return whether a node has a name of its own, more than a number in a row."""
        return node not in self._unnamed

    def kind(self, node: Value) -> str:
        """Return what a node is: an operation, or by its name a parameter, input or constant.

        In the articles' notation weights w and biases b are learned, and so are θ.
        """
        if node.parents:
            return "operation"
        if node in self._unnamed:
            return "constant"
        learned = re.match(r"(w|W|b|B|\\theta|θ)(?![^\W\d_])", self._labels[node])
        return "parameter" if learned else "input"


def ratio(above: Value, below: Value, names: Names, script: str = "text") -> str:
    r"""Return the derivative of one node with respect to another, as a symbol.

    >>> x, y = Value(1.0, "x_1"), Value(2.0, "y")
    >>> names = Names([x, y])
    >>> ratio(y, x, names), ratio(y, x, names, "latex")
    ('∂y/∂x₁', '\\frac{\\partial y}{\\partial x_1}')
    """
    top, bottom = names(above, script), names(below, script)
    if script == "text":
        return f"∂{top}/∂{bottom}"
    return rf"\frac{{\partial {top}}}{{\partial {bottom}}}"


def operation(node: Value, names: Names) -> str:
    """Return the operation that made a node as it was written, a dot for an unnamed operand.

    >>> z = Value(2.0, "w") * 3.0
    >>> a = z.tanh()
    >>> names = Names([*z.parents, z, a])
    >>> operation(z, names), operation(a, names)
    ('w × 3', 'tanh ·')
    """
    if node.rule is None:
        return ""
    symbol, constants, parents = node.rule.symbol, node.rule.constants, node.parents
    if node.rule.sequences:
        half = len(parents) // node.rule.sequences
        columns = [parents[i : i + half] for i in range(0, len(parents), half)]
        listed = "; ".join(
            ", ".join([*[_operand(p, names) for p in column[:3]], "…"][: len(column)])
            for column in columns
        )
        return f"{node.op}({listed})"
    operands = [_operand(parent, names) for parent in parents]
    if node.op == "power":
        return operands[0] + raised(short(constants["n"]))
    if symbol == "^":
        return operands[0] + raised(operands[1])
    if symbol and len(operands) == 2:
        return f" {symbol} ".join(operands)
    if symbol:
        return symbol + operands[0]
    if len(operands) == 1:
        return f"{node.op} {operands[0]}"
    return f"{node.op}({', '.join(operands)})"


def _operand(node: Value, names: Names) -> str:
    return names(node) or (short(node.data) if not node.parents else "·")
