"""A sheet of paper as data, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.views.pictures.drawing import Drawing
from autograd.views.writing.scripts import Script
from autograd.views.writing.tables import Table
from autograd.views.writing.terminals import plain, written

__all__ = ["Pages", "Sheet"]

PAGE, HEAD, CAPTION, ROW = 248.0, 23.0, 8.5, 6.1
"""The height of a page in millimetres, and of what stands on it: head, captions, and rows."""

LEAST, LARGE = 60.0, 140.0
"""How high a picture is at most that shares a page with all the rest, and one that does not."""


class Sheet(NamedTuple):
    """A sheet: a title in words, a formula, the equations of what is given, a picture, tables."""

    title: str
    formula: str
    given: Sequence[str]
    tables: Sequence[Table]
    picture: Drawing | None = None

    @property
    def is_long(self) -> bool:
        """Whether it goes on over the page anyway, so that its picture may be larger."""
        return self._left < LEAST

    @property
    def room(self) -> float:
        """How high the picture may be, in millimetres."""
        return LARGE if self.is_long else min(self._left, LARGE)

    @property
    def _left(self) -> float:
        """How much of a page the tables leave, in millimetres."""
        return PAGE - HEAD - sum(CAPTION + ROW * (len(table.rows) + 1) for table in self.tables)

    @property
    def statement(self) -> str:
        """The formula with what is given, as in ``"y = w × x, where w = 3, x = 2"``."""
        return self.formula + (f", where {', '.join(self.given)}" if self.given else "")

    def text(self, encoding: str = "utf-8") -> str:
        """Return the sheet without its picture, in characters an encoding has."""
        return written(self._written, encoding)

    def _written(self, encoding: str) -> str:
        parts = [[self.title], [self.statement]]
        parts += [table.lines(encoding) for table in self.tables]
        return plain("\n\n".join("\n".join(part) for part in parts), encoding)


Pages = Callable[[Script], Sequence[Sheet]]
"""Sheets, written in a script."""
