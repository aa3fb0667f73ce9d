"""Where chance comes from: a stream of numbers for each seed."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, TypeAlias

from autograd import UsageError

if TYPE_CHECKING:
    from random import Random

__all__ = ["Seed", "stream"]

Seed: TypeAlias = "int | Random | None"
"""A whole number, which always draws the same; a stream to draw from; or None: Python's own."""


def stream(seed: Seed, operation: str) -> Random:
    """Return the stream of random numbers that a seed stands for.

    Without a seed it begins where Python's own stream stands, so that no two are the same, and
    ``random.seed(0)`` at the start of a program makes all of them reproducible.

    >>> stream(7, "Neuron").random() == stream(7, "Neuron").random()
    True
    >>> stream(None, "Neuron").random() == stream(None, "Neuron").random()
    False
    """
    import random  # brings hashlib and more with it

    if isinstance(seed, random.Random):
        return seed
    if seed is None:
        return random.Random(random.getrandbits(64))
    if not hasattr(seed, "__index__"):
        raise UsageError(f"{operation}: seed={seed!r}; give a whole number, or None for any")
    return random.Random(index(seed))
