"""How much work something is, counted and not timed: the same on every machine, however busy."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def work(action: Callable[[], object]) -> int:
    """Return how many lines of Python an action runs, in loops and comprehensions too.

    >>> work(lambda: [i for i in range(1000)]) - work(lambda: [i for i in range(10)])
    990
    """
    count = 0

    def counted(frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return counted

    before, collecting = sys.gettrace(), gc.isenabled()
    gc.disable()  # which Hypothesis looks on at, in Python
    sys.settrace(counted)
    try:
        action()
    finally:
        sys.settrace(before)
        if collecting:
            gc.enable()
    return count


def growth(action: Callable[[int], object], size: int) -> float:
    """Return how much more work four times the size is: 4 where it is linear, 16 if quadratic."""
    action(1)  # what is done once is not counted
    return work(lambda: action(4 * size)) / work(lambda: action(size))
