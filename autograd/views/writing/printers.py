"""How a label is written: a printer for each script."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from autograd.views.writing.alphabets import (
    ACCENTS,
    COMMANDS,
    LOWERED,
    RAISED,
    SIGNS,
    STYLED,
)
from autograd.views.writing.label_grammar import (
    Accent,
    Name,
    Node,
    Row,
    Script,
    Text,
    is_letter,
    is_word,
    stands_alone,
)

__all__ = ["HTML", "Apart", "LaTeX", "Typed", "Unicode", "unescaped"]


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
                return "".join(self.row(parts))

    def row(self, parts: Sequence[Node]) -> Iterator[str]:
        r"""Yield the parts of a row, with a blank where two would run together: \Delta t, 0_1 2."""
        open_ended = False
        for part in parts:
            text = self.node(part)
            yield f" {text}" if open_ended and text[0].isalnum() else text
            open_ended = bool(re.search(r"(\\[A-Za-z]+|[_^][^{}]*)\Z", text))

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
        if script.below and script.joined and self.joins and is_letter(base):
            below = self.node(script.below)
        above = self.above(script.above) if script.above else ""
        return base + below + self.prime * script.primes + above

    def below(self, node: Node, base: str) -> str:
        """Return the subscript of a base."""
        text = self.node(node)
        bare = stands_alone(text) and not is_word(f"{base}_{text}")
        return f"_{text}" if bare else f"_{{{text}}}"

    def above(self, node: Node) -> str:
        """Return a superscript."""
        text = self.node(node)
        return f"^{text}" if stands_alone(text) else f"^{{{text}}}"


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
        return on + ACCENTS[accent.name] if is_letter(on) else super().accent(accent)

    def below(self, node: Node, base: str) -> str:
        """Return a subscript, one in a subscript beside it, as in C₀₁."""
        return _shifted(node, LOWERED) or super().below(node, base)

    def above(self, node: Node) -> str:
        """Return a superscript."""
        return _shifted(node, RAISED) or super().above(node)


class Apart(Unicode):
    """The printer of what labels are compared by: ``v12`` is ``v_12``, all scripts in braces."""

    joins = False

    def below(self, node: Node, base: str) -> str:
        """Return a subscript."""
        return _shifted(node, LOWERED) or f"_{{{self.node(node)}}}"

    def above(self, node: Node) -> str:
        """Return a superscript."""
        return _shifted(node, RAISED) or f"^{{{self.node(node)}}}"


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
_SIGN = f"[{SIGNS}][\u0300-\u036f]*"  # MathJax fails at an arrow, U+20D7, in a formula
_PIECE = r"\\text\{([^{}\\]*)\}|\{(" + _SIGN + r")\}|" + "|".join(map(re.escape, _ESCAPED))


class LaTeX(Typed):
    """The printer of labels as LaTeX."""

    quotes = ("“", "”")
    joins = False

    def text(self, text: str) -> str:
        r"""Return text; its special characters stand outside: MathJax has no ``\%`` in a text."""
        runs = re.split(rf"([#$%&_{{}}^~\\]|{_SIGN})", text)
        return "".join(map(self._run, filter(None, runs)))

    def _run(self, text: str) -> str:
        braced = f"{{{text}}}"
        return _SPECIAL.get(text) or (braced if re.match(_SIGN, text) else rf"\text{braced}")

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
        return _braced("_", self.node(node))

    def above(self, node: Node) -> str:
        """Return a superscript."""
        return _braced("^", self.node(node))


def unescaped(latex: str) -> str:
    r"""Return the text that LaTeX was written for; anything else as it is.

    >>> unescaped(r"\text{50}\%"), unescaped(r"\hat y")
    ('50%', '\\hat y')
    """
    if not re.fullmatch(f"(?:{_PIECE})+", latex):
        return latex
    return re.sub(_PIECE, lambda found: _ESCAPED.get(found[0]) or found[1] or found[2] or "", latex)


def _braced(mark: str, text: str) -> str:
    return mark + (text if re.fullmatch("[A-Za-z0-9]", text) else f"{{{text}}}")


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
