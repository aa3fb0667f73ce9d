"""Tables as text."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.tools.text import printable, width

__all__ = ["beside", "bracketed", "table"]


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


def bracketed(rows: Sequence[Sequence[object]]) -> list[str]:
    r"""Return the lines of a matrix, in brackets.

    >>> print(*bracketed([["1", "-2.5"], ["0.125", "0"]]), sep="\n")
    ⎡    1  -2.5⎤
    ⎣0.125     0⎦
    """
    lines = table(rows, "r")
    ends = ["⎡⎤", *["⎢⎥"] * (len(lines) - 2), "⎣⎦"] if len(lines) > 1 else ["[]"]
    return [f"{end[0]}{line}{end[1]}" for line, end in zip(lines, ends, strict=True)]


def beside(*blocks: Sequence[str]) -> list[str]:
    r"""Return the lines of blocks of text beside each other, each in the middle of the height.

    >>> print(*beside(["y = "], bracketed([[1], [2], [3]]), [" · 2"]), sep="\n")
        ⎡1⎤
    y = ⎢2⎥ · 2
        ⎣3⎦
    """
    height = max(map(len, blocks))
    rows: list[list[str]] = [[] for _ in range(height)]
    for block in blocks:
        above = (height - len(block)) // 2
        room = max(map(width, block))
        padded = ["", *block, ""]
        for i, row in enumerate(rows):
            line = padded[min(max(i - above + 1, 0), len(block) + 1)]
            row.append(_padded(line, room, "l"))
    return ["".join(row).rstrip() for row in rows]
