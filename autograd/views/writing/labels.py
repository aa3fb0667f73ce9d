r"""Labels: one grammar, read once into a small tree, and a printer for each script.

A label is a symbol, written as in LaTeX or in Unicode (``w_{12}^{(2)}``, ``w₁₂⁽²⁾``, ``\hat y``),
or a word (``learning_rate``). Anything else is text and stands in quotes, so that nobody takes it
for a formula or a number.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from autograd.tools.text import excerpt, printable
from autograd.views.writing.alphabets import ACCENTS, COMMANDS, LETTERS, LOWERED, RAISED, STYLED

__all__ = ["Label", "parse"]

LONGEST = 60  # characters of a label that are shown
DEEPEST = 8  # scripts and accents on one another


class Text(NamedTuple):
    """A label that is no symbol and no word."""

    text: str


class Name(NamedTuple):
    """Letters, digits or a sign, in a font if one was asked for; a word is ``mathrm``."""

    text: str
    font: str = ""


class Accent(NamedTuple):
    """A hat, a bar, a dot … on something."""

    name: str
    on: Node


class Script(NamedTuple):
    """Something with a subscript, primes, a superscript; ``v12`` is `joined`, ``v_12`` is not."""

    base: Node
    below: Node | None = None
    primes: int = 0
    above: Node | None = None
    joined: bool = False


class Row(NamedTuple):
    """Things in a row: the indices ``j,k``, or ``Δt``."""

    parts: tuple[Node, ...]


Node: TypeAlias = Text | Name | Accent | Script | Row


class Label:
    r"""A label that was read; labels that print alike are equal.

    >>> label = parse(r"\hat w_{12}^{(2)}")
    >>> label.unicode, label.latex, label.html, label.typed
    ('ŵ₁₂⁽²⁾', '\\hat{w}_{12}^{(2)}', 'ŵ<sub>12</sub><sup>(2)</sup>', '\\hat{w}_12^(2)')
    >>> parse("w_1") == parse("w₁") == parse("w_{1}"), parse("a + b").unicode
    (True, '“a + b”')
    """

    def __init__(self, tree: Node) -> None:
        self.tree = tree

    @cached_property
    def unicode(self) -> str:
        """The label as plain text, with the characters that Unicode has for it."""
        return Unicode().print(self.tree)

    @cached_property
    def latex(self) -> str:
        """The label as LaTeX that stands wherever a symbol may, in MathJax and in KaTeX."""
        return LaTeX().print(self.tree)

    @cached_property
    def html(self) -> str:
        """The label as HTML, escaped."""
        return HTML().print(self.tree)

    @cached_property
    def typed(self) -> str:
        """The label as it can be typed: in ASCII, but for letters of other alphabets."""
        return Typed().print(self.tree)

    @property
    def is_raised(self) -> bool:
        """Whether it ends in a prime or a superscript: a power of it needs parentheses."""
        last = self.tree.parts[-1] if isinstance(self.tree, Row) else self.tree
        return isinstance(last, Script) and bool(last.primes or last.above)

    def indexed(self, j: int) -> Label:
        """Return the label of the j-th part of what this one stands for.

        >>> parse("C_0").indexed(1).latex, parse("L").indexed(2).unicode
        ('C_{0_1}', 'L₂')
        """
        index = Name(str(j))
        if isinstance(self.tree, Script) and self.tree.below:
            return Label(self.tree._replace(below=Script(self.tree.below, index)))
        if isinstance(self.tree, Script):
            return Label(self.tree._replace(below=index))
        return Label(Script(self.tree, index))

    @cached_property
    def _apart(self) -> str:
        return _Apart().print(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Label) and self._apart == other._apart

    def __hash__(self) -> int:
        return hash(self._apart)

    def __repr__(self) -> str:
        return f"parse({self.typed!r})"


class Typed:
    """The printer of labels as they can be typed; other scripts override what they have."""

    quotes = ('"', '"')
    prime = "'"
    joins = True

    def print(self, tree: Node) -> str:
        """Return a whole label."""
        return unicodedata.normalize("NFC", self.node(tree))

    def node(self, node: Node) -> str:
        """Return a part of a label."""
        match node:
            case Text(text):
                return self.text(text.join(self.quotes)) if text else ""
            case Name():
                return self.name(node)
            case Accent():
                return self.accent(node)
            case Script():
                return self.script(node)
            case Row(parts):
                row = ""
                for part in map(self.node, parts):  # \Delta t, 0_1 2
                    apart = re.search(r"(\\[A-Za-z]+|[_^][^{]*)\Z", row) and part[0].isalnum()
                    row += f" {part}" if apart else part
                return row

    def text(self, text: str) -> str:
        """Return any text."""
        return text

    def name(self, name: Name) -> str:
        """Return letters, digits or a sign."""
        text = COMMANDS.get(name.text, name.text)
        if (name.font, name.text[0]) not in STYLED:
            return text
        font = "boldsymbol" if name.text in COMMANDS else name.font  # \\mathbf has no Greek
        return rf"\{font}{{{text}}}"

    def accent(self, accent: Accent) -> str:
        """Return what has an accent."""
        return rf"\{accent.name}{{{self.node(accent.on)}}}"

    def script(self, script: Script) -> str:
        """Return what has a subscript, primes, a superscript."""
        base = self.node(script.base)
        below = self.below(script.below, base) if script.below else ""
        if script.below and script.joined and self.joins and re.fullmatch(_LETTER, base):
            below = self.node(script.below)
        above = self.above(script.above) if script.above else ""
        return base + below + self.prime * script.primes + above

    def below(self, node: Node, base: str) -> str:
        """Return the subscript of a base."""
        text = _marked("_", self.node(node))
        whole = re.fullmatch(_IDENTIFIER, base + text)
        if whole and not isinstance(_identifier(base + text), Script):  # read as one word
            return f"_{{{text[1:]}}}"
        return text

    def above(self, node: Node) -> str:
        """Return a superscript."""
        return _marked("^", self.node(node))


class Unicode(Typed):
    """The printer of labels as plain text."""

    quotes = ("“", "”")
    prime = "′"

    def name(self, name: Name) -> str:
        """Return letters in their font."""
        return "".join(STYLED.get((name.font, c), c) for c in name.text)

    def accent(self, accent: Accent) -> str:
        """Return a letter with its accent; nothing else can have one."""
        on = self.node(accent.on)
        return on + ACCENTS[accent.name] if re.fullmatch(_LETTER, on) else super().accent(accent)

    def below(self, node: Node, base: str) -> str:
        """Return a subscript, one in a subscript beside it, as in C₀₁."""
        return _shifted(node, LOWERED) or super().below(node, base)

    def above(self, node: Node) -> str:
        """Return a superscript."""
        return _shifted(node, RAISED) or super().above(node)


class _Apart(Unicode):
    """The printer of what two labels are compared by: ``v12`` is ``v_12``."""

    joins = False


class HTML(Unicode):
    """The printer of labels as HTML."""

    joins = False

    def text(self, text: str) -> str:
        """Return text, escaped."""
        return html.escape(text)

    def name(self, name: Name) -> str:
        """Return letters, escaped."""
        return self.text(super().name(name))

    def below(self, node: Node, base: str) -> str:
        """Return a subscript."""
        return f"<sub>{self.node(node)}</sub>"

    def above(self, node: Node) -> str:
        """Return a superscript."""
        return f"<sup>{self.node(node)}</sup>"


_SPECIAL = {c: f"\\{c}" for c in "#$%&_{}"}
_SPECIAL |= {"^": r"{\wedge}", "~": r"{\sim}", "\\": r"{\backslash}"}
_ESCAPED = {escaped: c for c, escaped in _SPECIAL.items()}
_TEXT = r"\\text\{([^{}\\]*)\}|" + "|".join(map(re.escape, _ESCAPED))


class LaTeX(Typed):
    """The printer of labels as LaTeX."""

    quotes = ("“", "”")
    joins = False

    def text(self, text: str) -> str:
        r"""Return text; its special characters stand outside: MathJax has no ``\%`` in a text."""
        runs = re.split(r"([#$%&_{}^~\\])", text)
        return "".join(_SPECIAL.get(run) or rf"\text{{{run}}}" for run in runs if run)

    def name(self, name: Name) -> str:
        """Return letters, digits or a sign: a word upright, other alphabets as text."""
        if name.text in COMMANDS or (name.font, name.text[0]) in STYLED:
            return super().name(name)
        if not name.text.isascii():
            return self.text(name.text)
        text = name.text.replace("_", r"\_")
        return rf"\{name.font}{{{text}}}" if name.font else text

    def below(self, node: Node, base: str) -> str:
        """Return a subscript."""
        return _marked("_", self.node(node), "[A-Za-z0-9]")

    def above(self, node: Node) -> str:
        """Return a superscript."""
        return _marked("^", self.node(node), "[A-Za-z0-9]")


def _marked(mark: str, text: str, alone: str = "") -> str:
    """Return a script behind its mark, in braces unless it can stand alone."""
    bare = re.fullmatch(alone or _ARGUMENT, _on_the_line(text))
    return mark + (text if bare else f"{{{text}}}")


def _shifted(node: Node, table: Mapping[str, str]) -> str:
    """Return a script in the characters that Unicode has for it, "" if it has not all."""
    flat = _flat(node, table)
    return "".join(table[c] for c in flat) if all(c in table for c in flat) else ""


def _flat(node: Node, table: Mapping[str, str]) -> str:
    match node:
        case Name(text, font) if (font, text[0]) not in STYLED:
            return text
        case Row(parts):
            return "".join(_flat(part, table) for part in parts)
        case Script(base, below, 0, None) if below and table is LOWERED:
            return _flat(base, table) + _flat(below, table)
    return "?"


_MARKS = f"[\u0300-\u036f{ACCENTS['vec']}]*"
_LETTER = rf"[^\W\d_]{_MARKS}"
_RUN = rf"(?:[^\W_]{_MARKS})+"
_IDENTIFIER = rf"_*{_LETTER}(?:[^\W_]{_MARKS}|_(?![-+*(\[{{\\]))*"
_ARGUMENT = rf"[-+*]?{_RUN}|[-+*]|\([\w+\-=,. ]+\)|\[[\w+\-=,. ]+\]"
_SIGN = rf"[-+=()\[\],.*/{''.join(c for c in COMMANDS if not c.isalpha())}]"
_GREEK = f"[{''.join(c for c in COMMANDS if c.isalpha())}]"
_LETTERS = rf"{_GREEK}{_MARKS}|(?:(?!{_GREEK}){_LETTER})+"
_PREFIX = rf"(?:\\(Delta|delta|partial|nabla)(?![A-Za-z]) *|([Δδ∂∇]))(?={_LETTER}|\\)"
_UPRIGHT = rf"(?:\\text\{{{_RUN}\}}|\\_)+|\\(?:mathrm|operatorname) *\{{(?:{_RUN}|\\?_)+\}}"
_STYLE = (
    r"\\(mathbf|boldsymbol|mathcal|mathbb)(?: *\{(\\?[^\W\d_]+)\}| *(\\[A-Za-z]+)| +([^\W\d_]))"
)
_PRIMES = r"['′]|\^'|\^\\prime(?![A-Za-z])|\^\{ *(?:(?:['′]|\\prime) *)+\}"


def parse(text: str) -> Label:
    r"""Return any text, read as a label.

    >>> [parse(text).unicode for text in ("w_12", "x'", "loss_1", "v12", "learning_rate", "2")]
    ['w₁₂', 'x′', 'loss₁', 'v12', 'learning_rate', '“2”']
    >>> parse(r"x_{\text{in}}^{[2]}").unicode, parse("50% <").latex
    ('xᵢₙ^[2]', '\\text{“50}\\%\\text{ <”}')
    """
    text = _cleaned(unicodedata.normalize("NFC", printable(text)))
    if re.fullmatch(f"(?:{_TEXT})+", text):
        text = re.sub(_TEXT, lambda found: _ESCAPED.get(found[0], found[1]), text)
    if len(text) > 1 and (text[0], text[-1]) in (Typed.quotes, Unicode.quotes):
        text = text[1:-1]
    else:
        try:
            label = Label(_Reader(_on_the_line(text)).label())
        except _NoSymbolError:
            pass
        else:
            if len(label.unicode) <= LONGEST:
                return label
    return Label(Text(_cleaned(excerpt(text, LONGEST))))


def _cleaned(text: str) -> str:
    """Return text without accents that stand on nothing or that TeX does not know."""
    known = "".join(ACCENTS.values()) + "\u030b\u0327"
    return re.sub(rf"([^\W_][{known}]*)|[\u0300-\u036f]", lambda found: found[1] or "�", text)


def _on_the_line(text: str) -> str:
    """Return text with the subscripts, superscripts and primes of Unicode as they are typed."""
    for mark, table in (("_", LOWERED), ("^", RAISED)):
        text = re.sub(f"([{''.join(table.values())}]+)", rf"{mark}{{\1}}", text)
        text = text.translate({ord(shifted): c for c, shifted in table.items()})
    return text.replace("″", "′′").replace("‴", "′′′")


class _NoSymbolError(Exception):
    """What was read is text."""


class _Reader:
    """Reads a symbol from left to right; `depth` is how deep inside of others it is."""

    def __init__(self, text: str, depth: int = 0) -> None:
        self.text = text
        self.at = 0
        self.depth = depth

    def take(self, pattern: str) -> re.Match[str] | None:
        """Go on behind what comes next, if it matches a pattern."""
        found = re.compile(pattern).match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def label(self) -> Node:
        """Read a whole label: a letter or a word with its scripts, after a Δ as in Δt."""
        prefix = self.take(_PREFIX)
        if run := self.take(_IDENTIFIER):
            base = _identifier(run[0])
        elif upright := self.take(_UPRIGHT):
            base = _identifier(_upright(upright[0]))
            base = Name(base.text, "mathrm") if isinstance(base, Name) else base
        else:
            sign = self.take("[∂∇]")
            base = Name(sign[0]) if sign else self.command()
            if isinstance(base, Name) and base.text in "∞⊤⋆†":
                raise _NoSymbolError
        label = self.scripts(base)
        if self.at < len(self.text):
            raise _NoSymbolError
        return Row((Name(LETTERS.get(prefix[1], prefix[2])), label)) if prefix else label

    def scripts(self, base: Node) -> Node:
        """Read what hangs on a base that was read."""
        script = base if isinstance(base, Script) else Script(base)
        while True:
            if primes := self.take(_PRIMES):
                count = len(re.findall(r"['′]|\\prime", primes[0]))
                script = script._replace(primes=script.primes + count)
            elif not script.below and self.take("_"):
                script = script._replace(below=self.deeper(_ARGUMENT))
            elif not script.above and self.take(r"\^"):
                script = script._replace(above=self.deeper(_ARGUMENT))
            else:
                return script if script.below or script.primes or script.above else base

    def deeper(self, short: str = "(?!)") -> Node:
        """Read what stands in a script or under an accent: in braces, a command or `short`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise _NoSymbolError
        if self.take("{"):
            node = self.row()
            if not self.take("}"):
                raise _NoSymbolError
        elif run := self.take(short):
            node = _Reader(run[0], self.depth).row()
        else:
            node = self.command()
        self.depth -= 1
        return node

    def row(self) -> Node:
        """Read things in a row, up to a brace or the end."""
        parts = []
        while self.take(" *") and self.at < len(self.text) and self.text[self.at] != "}":
            parts.append(self.scripts(self.item()))
        if not parts:
            raise _NoSymbolError
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def item(self) -> Node:
        """Read letters, digits, a sign, a word or a command."""
        if letters := self.take(_LETTERS):
            return _letters(letters[0], self.depth)
        if sign := self.take(rf"\d+|{_SIGN}"):
            return Name(sign[0])
        if upright := self.take(_UPRIGHT):
            text = _upright(upright[0])
            if "_" in text:
                raise _NoSymbolError
            return Name(text, "text" if upright[0].startswith(r"\text") else "mathrm")
        return self.deeper() if self.text[self.at] == "{" else self.command()

    def command(self) -> Node:
        """Read a letter, an accent or a font, as LaTeX has it."""
        if style := self.take(_STYLE):
            font = "mathbf" if style[1] == "boldsymbol" else style[1]
            text = style[2] or style[3] or style[4]
            text = LETTERS.get(text[1:], text) if text.startswith("\\") else text
            if all((font, c) in STYLED for c in text):
                return Name(text, font)
        elif command := self.take(r"\\([A-Za-z]+) *"):
            if command[1] in ACCENTS:
                return Accent(command[1], self.deeper(rf"[^\W_]{_MARKS}"))
            if command[1] in LETTERS:
                return Name(LETTERS[command[1]])
        raise _NoSymbolError


def _upright(text: str) -> str:
    return re.sub(r"\\[a-z]+ *|[{}\\]", "", text)


def _identifier(text: str) -> Node:
    """Return a letter with its index, or a word with its number; or else a letter or a word."""
    if not (re.fullmatch(_IDENTIFIER, text) and text.strip("_")[0].isalpha()) or text.lower() in (
        "inf",
        "infinity",
        "nan",
    ):
        raise _NoSymbolError
    if indexed := re.fullmatch(rf"({_LETTER})(?:([0-9]+)|_({_RUN}))", text):
        index = _Reader(indexed[2] or indexed[3], 1).row()
        return Script(_letters(indexed[1]), index, joined=bool(indexed[2]))
    numbered = re.fullmatch(rf"((?:(?!_\d)[\w{_MARKS[1:-2]}])+)_([0-9]+)", text)
    if numbered and not re.fullmatch(rf"{_LETTER}(?:[0-9]+|_{_RUN})", numbered[1]):
        return Script(_letters(numbered[1], font="mathrm"), Name(numbered[2]))
    return _letters(text, font="mathrm")


def _letters(text: str, depth: int = 0, font: str = "") -> Node:
    """Return a letter, with its accents; or several letters, in a font if it is no other."""
    if re.fullmatch(_LETTER, text):
        letter, *marks = unicodedata.normalize("NFD", text)
        if marks and set(marks) <= _ACCENT_OF.keys() and len(marks) <= DEEPEST - depth:
            node = _letters(letter)
            for mark in marks:
                node = Accent(_ACCENT_OF[mark], node)
            return node
        font = ""
    plain = [_PLAIN.get(c, ("", c)) for c in text]
    if len({style for style, _ in plain}) == 1:
        return Name("".join(c for _, c in plain), plain[0][0] or font)
    return Name(text, font)


_PLAIN = {c: styled for styled, c in STYLED.items()}
_ACCENT_OF = {mark: name for name, mark in ACCENTS.items()}
