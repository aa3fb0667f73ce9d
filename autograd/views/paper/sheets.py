"""A sheet of paper as data, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.tools.tables import table
from autograd.views.pictures.drawing import Drawing
from autograd.views.writing.scripts import Script
from autograd.views.writing.terminals import plain, written

__all__ = ["BLANK", "Pages", "Sheet", "Table"]

BLANK = "______"
"""Where a person is to write, in text."""


PAGE = 24
"""How many rows of tables fit on a page, below a picture."""


class Table(NamedTuple):
    r"""A table: words above, mathematics below; an empty cell is to be filled in.

    What stands in the first columns, ``given``, is there from the beginning.

    >>> forward = Table("forward", ("node", "= value"), [("v1", "6")], given=1)
    >>> print(*forward.blank.lines("utf-8"), sep="\n")
    forward
    node  = value
    v1    ______
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    given: int

    @property
    def blank(self) -> Table:
        """The table with all other columns empty."""
        empty = [""] * (len(self.headings) - self.given)
        return self._replace(rows=[[*row[: self.given], *empty] for row in self.rows])

    def lines(self, encoding: str) -> list[str]:
        """Return the table as lines of text, in characters an encoding has."""
        rows = [self.headings, *([cell or BLANK for cell in row] for row in self.rows)]
        cells = [[plain(cell, encoding) for cell in row] for row in rows]
        return [self.caption, *table(cells)]


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

    def text(self, encoding: str = "utf-8") -> str:
        """Return the sheet without its picture, in characters an encoding has."""
        return written(self._written, encoding)

    def _written(self, encoding: str) -> str:
        where = f", where {', '.join(self.given)}" if self.given else ""
        parts = [[self.title], [self.formula + where]]
        parts += [table.lines(encoding) for table in self.tables]
        return plain("\n\n".join("\n".join(part) for part in parts), encoding)


Pages = Callable[[Script], Sequence[Sheet]]
"""Sheets, written in a script."""
