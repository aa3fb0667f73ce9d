"""Where chance comes from: a stream of numbers for each seed."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, SupportsIndex, TypeAlias

from autograd import UsageError

if TYPE_CHECKING:
    from random import Random

__all__ = ["Seed", "manual_seed", "stream"]

Seed: TypeAlias = "SupportsIndex | Random | None"
"""A whole number, which always draws the same; a stream to draw from; or None: Python's own."""


def manual_seed(seed: SupportsIndex) -> None:
    """Make all that is drawn without a seed from here on reproducible.

    It is ``random.seed``: first weights begin where Python's own stream stands.

    >>> from nn import Neuron
    >>> manual_seed(3)
    >>> first = Neuron(2)
    >>> manual_seed(3)
    >>> Neuron(2).state_dict() == first.state_dict() != Neuron(2).state_dict()
    True
    """
    import random  # brings hashlib and more with it

    random.seed(_whole(seed, "manual_seed"))


def stream(seed: Seed, operation: str) -> Random:
    """Return the stream of random numbers that a seed stands for.

    Without a seed it begins where Python's own stream stands, so that no two are the same.

    >>> stream(7, "Neuron").random() == stream(7, "Neuron").random()
    True
    >>> stream(None, "Neuron").random() == stream(None, "Neuron").random()
    False
    """
    import random

    if isinstance(seed, random.Random):
        return seed
    if seed is None:
        return random.Random(random.getrandbits(64))
    return random.Random(_whole(seed, operation))


def _whole(seed: object, operation: str) -> int:
    if not isinstance(seed, SupportsIndex):
        raise UsageError(f"{operation}: seed={seed!r}; give a whole number")
    return index(seed)
