"""Tables, as lines of text, in HTML and in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from autograd.tools.tables import table
from autograd.tools.text import printable
from autograd.views.writing.terminals import plain

__all__ = ["BLANK", "Table", "latex_words"]

BLANK = "______"
"""Where a person is to write, in text."""


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
    given: int = 0

    @property
    def blank(self) -> Table:
        """The table with all other columns empty."""
        empty = [""] * (len(self.headings) - self.given)
        return self._replace(rows=[[*row[: self.given], *empty] for row in self.rows])

    def lines(self, encoding: str) -> list[str]:
        """Return the table as lines of text, in characters an encoding has."""
        rows = [self.headings, *map(self._filled, self.rows)]
        cells = [[plain(cell, encoding) for cell in row] for row in rows]
        return [*filter(None, [self.caption]), *table(cells)]

    def _filled(self, row: Sequence[str]) -> list[str]:
        """Return a row with room to write in its empty cells, unless it says what is left out."""
        blank = "" if row[0].startswith("…") else BLANK
        return [*row[: self.given], *[cell or blank for cell in row[self.given :]]]

    def html(self) -> str:
        """Return the table in HTML, escaped."""
        caption = f"<caption>{_text(self.caption)}</caption>" if self.caption else ""
        head = "".join(f'<th scope="col">{_text(heading)}</th>' for heading in self.headings)
        rows = "".join(f"<tr>{_row(*row)}</tr>" for row in self.rows)
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def latex(self) -> str:
        """Return the table in LaTeX; its cells are mathematics."""
        rows = [[f"${cell}$" if cell else "" for cell in row] for row in self.rows]
        lines = [" & ".join(row) for row in [[*map(latex_words, self.headings)], *rows]]
        columns = "l" * len(self.headings)
        body = " \\\\\n".join(lines)
        return f"\\begin{{tabular}}{{{columns}}}\n{body}\n\\end{{tabular}}"


def _row(first: str, *rest: str) -> str:
    cells = "".join(f"<td>{_text(cell)}</td>" for cell in rest)
    return f'<th scope="row">{_text(first)}</th>{cells}'


def _text(text: str) -> str:
    return escape(printable(text))


def latex_words(heading: str) -> str:
    """Return the words above a column in LaTeX."""
    return heading.replace("×", r"$\times$").replace("=", "$=$").replace("→", r"$\to$")
