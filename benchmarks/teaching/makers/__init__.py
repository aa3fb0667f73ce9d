"""Makers of mistakes: each goes through a graph and makes its mistakes wherever they can be made.

They are written from what textbooks, forums and broken programs show, and share no code with what
``check`` knows. A maker says of a mistake its kind, its manner (there are many of a kind), its
place, and the number that comes of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain
from typing import TypeAlias

from benchmarks.teaching.makers import factors, inner, slopes, sums, sweeps
from benchmarks.teaching.passes import Setting, Slip

__all__ = ["MAKERS", "Maker", "differs", "made", "same_number"]

Maker: TypeAlias = Callable[[Setting], Iterator[Slip]]

MAKERS: tuple[Maker, ...] = (
    *factors.MAKERS, *slopes.MAKERS, *inner.MAKERS, *sums.MAKERS, *sweeps.MAKERS,
)  # fmt: skip


def made(setting: Setting) -> list[Slip]:
    """Return every mistake that leads to a wrong number, one that is finite and not 0.

    An answer of 0 says nothing of where it went wrong: any factor may have been lost.
    """
    return [
        slip for slip in chain.from_iterable(maker(setting) for maker in MAKERS)
        if differs(slip.number, setting.truth)
    ]  # fmt: skip


def differs(number: float, truth: float) -> bool:
    """Return whether a number is wrong, can be written down, and says something.

    One that is the truth in fewer digits is right: 1.0 for 1.02.
    """
    if not math.isfinite(number) or not 1e-6 < abs(number) < 1e8:
        return False
    last_digit = Decimal(repr(number)).as_tuple().exponent
    coarseness = 0.5 * 10.0 ** int(last_digit)
    return abs(number - truth) > coarseness and not same_number(number, truth, 1e-6)


def same_number(x: float, y: float, tolerance: float = 1e-9) -> bool:
    """Return whether two numbers are the same but for rounding."""
    return math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-12)
