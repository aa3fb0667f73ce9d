"""Examples of the documentation, run as Python's prompt runs them: a result for each statement."""

from __future__ import annotations

import ast
from itertools import pairwise

from . import cells

__all__ = ["run"]


def run(code: str) -> list[cells.Bundle]:
    r"""Run code one statement after the other, and return what each prints and shows.

    The first error ends it; code that cannot be read runs not at all.

    >>> run("x = 2\nx * 3\nfor i in (1, 2):\n    x += i\nx")
    [{'text/plain': '6'}, {'text/plain': '5'}]
    >>> len(run("1 / 0\nx"))
    1
    """
    try:
        statements = ast.parse(code).body
    except (SyntaxError, ValueError):
        return cells.run(code)
    lines = code.splitlines(keepends=True)
    shown: list[cells.Bundle] = []
    ends = [0, *[statement.end_lineno or 0 for statement in statements]]
    for start, end in pairwise(ends):
        shown += cells.run("".join(lines[start:end]))
        if shown and "error" in shown[-1]:
            break
    return shown
