"""Tables as text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["table"]


def table(rows: Sequence[Sequence[object]], left: Sequence[int] = ()) -> str:
    """Return rows as text, their columns aligned: to the right, but for those in `left`.

    >>> print(table([["epoch", "loss"], [1, 0.25], [10, 0.125]]))
    epoch   loss
        1   0.25
       10  0.125
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        sized = enumerate(zip(row, widths, strict=True))
        lines.append("  ".join(c.ljust(n) if i in left else c.rjust(n) for i, (c, n) in sized))
    return "\n".join(line.rstrip() for line in lines)
