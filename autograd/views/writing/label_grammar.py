"""The grammar of symbols: how what stands in a label is read into a small tree."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple, TypeAlias

from autograd.views.writing.alphabets import (
    ACCENTS,
    COMMANDS,
    LETTERS,
    LOWERED,
    MARKS,
    RAISED,
    SIGNS,
    STYLED,
)

__all__ = [
    *("Accent", "Name", "Node", "Row", "Script", "Text"),
    *("is_letter", "is_word", "read", "stands_alone"),
]

DEEPEST = 8  # scripts and accents in one another


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


_MARKS = f"[{MARKS}]*"
_LETTER = rf"[^\W\d_]{_MARKS}"
_RUN = rf"(?:[^\W_]{_MARKS})+"
_IDENTIFIER = rf"_*{_LETTER}(?:[^\W_]{_MARKS}|_(?![-+*(\[{{\\]))*"
_ARGUMENT = rf"[-+*]?{_RUN}|[-+*]|\([\w+\-=,. ]+\)|\[[\w+\-=,. ]+\]"
_NUMBERS = ("∞", "inf", "infinity", "nan")
_OPERATORS = "".join(c for c in COMMANDS if not c.isalpha())
_GREEK = f"[{''.join(c for c in COMMANDS if c.isalpha())}]"
_LETTERS = rf"{_GREEK}{_MARKS}|(?:(?!{_GREEK}){_LETTER})+"
_PREFIX = (
    rf"(?:\\(Delta|delta|partial|nabla)(?![A-Za-z]) *|([Δδ∂∇]))(?={_LETTER}|[{{\\{_OPERATORS}])"
)
_TEXT = rf"(?:\\text\{{(?:[^\W_]|[{MARKS}])+\}}|\\_|\{{[{SIGNS}]{_MARKS}\}})+"
_UPRIGHT = rf"{_TEXT}|\\(?:mathrm|operatorname) *\{{(?:{_RUN}|\\?_)+\}}"
_STYLE = (
    r"\\(mathbf|boldsymbol|mathcal|mathbb)(?: *\{(\\?[^\W\d_]+)\}| *(\\[A-Za-z]+)| +([^\W\d_]))"
)
_PRIMES = r"['′]|\^'|\^\\prime(?![A-Za-z])|\^\{ *(?:(?:['′]|\\prime) *)+\}"


def read(text: str) -> Node | None:
    """Return a symbol or a word as a tree, None if it is text.

    >>> read("w_12") == Script(Name("w"), Name("12")), read("a + b")
    (True, None)
    """
    try:
        return _Reader(_on_the_line(text)).label()
    except _NoSymbolError:
        return None


def is_letter(text: str) -> bool:
    """Return whether text is one letter, maybe with accents."""
    return bool(re.fullmatch(_LETTER, text))


def is_word(text: str) -> bool:
    """Return whether text is a word, without a script."""
    return bool(re.fullmatch(_IDENTIFIER, text)) and not isinstance(_identifier(text), Script)


def stands_alone(script: str) -> bool:
    """Return whether a script needs no braces behind its mark."""
    return bool(re.fullmatch(_ARGUMENT, _on_the_line(script)))


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
            sign = self.take(f"[{_OPERATORS}]")
            base = Name(sign[0]) if sign else self.command()
        label = self.scripts(base)
        number = isinstance(label, Name) and label.text.lower() in _NUMBERS
        if number or self.at < len(self.text):
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
        parts: list[Node] = []
        while self.take(" *") and self.at < len(self.text) and self.text[self.at] != "}":
            item = self.item()
            *before, last = item.parts if isinstance(item, Row) else (item,)
            parts += [*before, self.scripts(last)]
        if not parts:
            raise _NoSymbolError
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def item(self) -> Node:
        """Read letters, digits, a sign, a word or a command."""
        if letters := self.take(_LETTERS):
            return _letters(letters[0], self.depth)
        if sign := self.take(rf"\d+|[-+=()\[\],.*/{_OPERATORS}]"):
            return Name(sign[0])
        if upright := self.take(_UPRIGHT):
            text = _upright(upright[0])
            if not re.fullmatch(_RUN, text) or not (text[0].isalpha() or text[0].isdecimal()):
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
                on = self.deeper(rf"[^\W_]{_MARKS}")
                if (
                    isinstance(on, Script) and isinstance(on.base, Name) and len(on.base.text) == 1
                ):  # \hat{w_1} is ŵ₁
                    return on._replace(base=Accent(command[1], on.base))
                return Accent(command[1], on)
            if command[1] in LETTERS:
                return Name(LETTERS[command[1]])
        raise _NoSymbolError


def _upright(text: str) -> str:
    return re.sub(r"\\[a-z]+ *|[{}\\]", "", text)


def _identifier(text: str) -> Node:
    """Return a letter with its index, or a word with its number; or else a letter or a word."""
    if not re.fullmatch(_IDENTIFIER, text):
        raise _NoSymbolError
    if indexed := re.fullmatch(rf"({_LETTER})(?:([0-9]+)|_({_RUN}))", text):
        index = _Reader(indexed[2] or indexed[3], 1).row()
        return Script(_letters(indexed[1]), index, joined=bool(indexed[2]))
    numbered = re.fullmatch(rf"((?:(?!_\d)[\w{MARKS}])+)_([0-9]+)", text)
    if numbered and not re.fullmatch(rf"{_LETTER}(?:[0-9]+|_{_RUN})", numbered[1]):
        return Script(_letters(numbered[1], font="mathrm"), Name(numbered[2]))
    return _letters(text, font="mathrm")


def _letters(text: str, depth: int = 0, font: str = "") -> Node:
    """Return a letter, with its accents; or several letters, in a font if it is no other."""
    if not text.strip("_")[0].isalpha():  # ½
        raise _NoSymbolError
    if re.fullmatch(_LETTER, text):
        letter, *marks = [*unicodedata.normalize("NFD", text)]
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
