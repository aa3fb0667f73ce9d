"""What may stand in a formula for what, and where a word begins and ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from autograd.grammar import PATTERNS, grammar

__all__ = ["Vocabulary", "brief", "folded", "is_letter"]


LONGEST = 200
"""How long a word may be that is taken apart into names, or compared with them."""


class Vocabulary:
    """What may stand in a formula for what: every spelling, and all that it may stand for.

    What is ambiguous is refused by naming the candidates: `told_apart` gives the spelling of each
    that is its own. An `open` vocabulary takes every unknown word for a name.

    >>> words = Vocabulary({"x": ["first"], "x_1": ["second"]})
    >>> words.find("2x_1", 1), words.find("2xy", 1), words.split("xx")
    ('x_1', None, ['x', 'x'])
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[Any]],
        told_apart: dict[Any, str] | None = None,
        *,
        only_quoted: Iterable[str] = (),
        open: bool = False,
    ) -> None:
        self.names: dict[str, list[Any]] = {}
        for name, found in names.items():
            if spelling := folded(name):  # what is blank names nothing
                known = self.names.setdefault(spelling, [])
                known += [one for one in found if one not in known]
        self.told_apart = told_apart or {}
        self.open = open
        self.only_quoted = {*map(folded, only_quoted)}
        self._bare = self.names.keys() - self.only_quoted
        self._lengths = sorted({len(name) for name in self._bare}, reverse=True)

    def find(self, line: str, start: int) -> str | None:
        """Return the longest name that stands in a line at some place, None if there is none."""
        for length in self._lengths:
            name = line[start : start + length]
            if name in self._bare and not _continues(name, line[start + length :][:1]):
                return name
        return None

    def split(self, word: str) -> list[str] | None:
        """Return the names that a word is made of, written side by side; None if it is of none."""
        if len(word) > LONGEST:
            return None
        parts: dict[int, list[str]] = {0: []}
        for end in range(1, len(word) + 1):
            for start in range(end):
                if start in parts and word[start:end] in self._bare:
                    parts.setdefault(end, [*parts[start], word[start:end]])
        return parts.get(len(word))

    def unknown(self, word: str, *, called: bool = False) -> str:
        """Return what is to be said of a word that is no name; `called` like a function or not."""
        known = [*self._bare, *grammar()["functions"]] if len(word) <= LONGEST else []
        near = get_close_matches(word, known, n=3)
        what = f"{brief(word)} is not in the table" if called else f"there is no {brief(word)} here"
        if near:
            *first, last = near
            meant = f"{', '.join(first)} or {last}" if first else last
            return f"{what}; did you mean {meant}?"
        if called:
            return f"{what} of functions"
        return f"{what}; {self.remedy(word)}"

    def remedy(self, word: str) -> str:
        """Return what to do about a word that is like no name."""
        names = list(reversed(self.told_apart.values())) or [*self._bare]
        listed = names[:12] + ["…"] * (len(names) > 12)
        return f"it has {', '.join(listed)}" if listed else "there are no names, only numbers"


def folded(text: str) -> str:
    r"""Return text as it is compared: in one line, accents composed, wide characters narrow.

    >>> folded(" x +\n \N{FULLWIDTH DIGIT TWO}")
    'x + 2'
    """
    if text.isascii() and text.isidentifier():
        return text  # as most names are: there may be many
    narrow = re.sub(PATTERNS["wide"], lambda c: unicodedata.normalize("NFKC", c[0]), text)
    return unicodedata.normalize("NFC", " ".join(narrow.split()))


def brief(word: str) -> str:
    """Return a word as it is repeated."""
    return word if len(word) <= 40 else f"{word[:39]}…"


def is_letter(c: str) -> bool:
    """Return whether a character is of words: a letter, an accent, a lower index."""
    if c.isascii():
        return c.isalpha() or c == "_"
    index = re.match(PATTERNS["subscript"], c)
    return bool(index) or (
        unicodedata.category(c)[0] in "LM" and not re.match(PATTERNS["superscript"], c)
    )


def _continues(name: str, following: str) -> bool:
    """Return whether a word goes on after what looks like a name: x is not the name of xy.

    After an index it does not: x₁y is a product.
    """
    if not following or not (is_letter(name[-1]) or name[-1].isdigit()):
        return False
    index = re.compile(PATTERNS["subscript"])
    if index.match(name[-1]):
        return bool(index.match(following)) or following == "_"
    raised = re.match(PATTERNS["superscript"], name[-1])
    return not raised and (is_letter(following) or following.isdecimal())
