"""Tables as text."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.tools.text import printable, width

__all__ = ["table"]


def table(rows: Sequence[Sequence[object]], columns: str = "l") -> list[str]:
    r"""Return the lines of a table, every column as wide as its widest cell.

    As in LaTeX, `columns` has a letter for each column, ``l`` (flush left) or ``r`` (flush
    right); the last one holds for all that follow.

    >>> print(*table([("epoch", "loss", "of"), (1, 0.25, "名"), (10, 0.125, "p̂")], "rrl"), sep="\n")
    epoch   loss  of
        1   0.25  名
       10  0.125  p̂
    """
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    sides = columns.ljust(len(widths), columns[-1])
    return ["  ".join(map(_padded, row, widths, sides)).rstrip() for row in cells]


def _padded(cell: str, columns: int, side: str) -> str:
    room = " " * (columns - width(cell))
    return cell + room if side == "l" else room + cell
