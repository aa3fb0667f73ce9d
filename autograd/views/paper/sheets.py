"""A sheet of paper as data, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.views.pictures.drawing import Drawing
from autograd.views.writing.scripts import Script
from autograd.views.writing.tables import Table
from autograd.views.writing.terminals import plain, written

__all__ = ["Pages", "Sheet"]

PAGE = 20
"""How many rows of tables fit on a page, below a picture."""


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
        return sum(len(table.rows) for table in self.tables) > PAGE

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
