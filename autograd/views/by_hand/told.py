"""What is said of a wrong answer."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol

from autograd.views.by_hand.causes import SAME, Cause
from autograd.views.writing.numbers import counted

__all__ = ["SHOWN", "what_went_wrong"]

SHOWN = 4
"""How many causes of one answer are told; a `Finding` has them all."""

COLUMNS = 72
"""How wide a line may be: a notebook on a sheet of A4 breaks longer ones within a word."""


class Given(Protocol):
    """An answer of any kind, as it was written."""

    @property
    def written(self) -> str: ...


def what_went_wrong(answer: Given, causes: Sequence[Cause]) -> str:
    """Return what is to be said of a wrong answer, given what may have led to it."""
    if not causes:
        return f"{answer.written}: wrong; no known mistake leads to this number"
    lines = []
    for i, cause in enumerate(causes[:SHOWN]):
        first, *same = cause.reason.split(SAME)
        lines.append(f"  or {first}" if i else f"     {first}")
        lines += [f"     {SAME.strip(' ;')}{rest}" for rest in same]
        lines += [] if i else [f"     ({cause.remedy})"]
    rest = len(causes) - SHOWN
    lines += [f"  (and {counted(rest, 'other cause')})"] if rest > 0 else []
    head = f"{answer.written}: wrong; it is what comes out if"
    return "\n".join([head, *map(_filled, lines)])


def _filled(line: str) -> str:
    """Return a line, a long one as several: broken between words, set in under the first."""
    return textwrap.fill(
        line,
        COLUMNS,
        subsequent_indent=" " * 7,
        break_long_words=False,
        break_on_hyphens=False,
    )
