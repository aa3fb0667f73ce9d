"""What a program costs once: seconds until its first result, and the bytes of a call."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TypeAlias

from benchmarks.measure import Spread, alone
from benchmarks.program.recorded import Recording

__all__ = ["Recorder", "bytes_of_a_call", "seconds_to_start"]

Recorder: TypeAlias = Callable[[], Recording]
"""What records a loss, in the process in which it is made a program."""


def seconds_to_start(recorder: Recorder, rounds: int) -> tuple[Spread, Spread]:
    """Return how long programs took to be made and called once, without a cache and with one.

    These are seconds of the clock, each of a process of its own, with llvmlite yet to be imported.
    """
    seconds = partial(_seconds, recorder)
    without, with_cache = [], []
    for _ in range(rounds):
        with TemporaryDirectory() as folder:
            without.append(alone(seconds, XDG_CACHE_HOME=folder))
            with_cache.append(alone(seconds, XDG_CACHE_HOME=folder))
    return Spread.of(without), Spread.of(with_cache)


def _seconds(recorder: Recorder) -> float:
    recording = recorder()
    X = recording.array()
    start = perf_counter()
    recording.program()(X)
    return perf_counter() - start


def bytes_of_a_call(recorder: Recorder) -> int:
    """Return the most memory that was taken at any time of the first call of a program."""
    return alone(partial(_bytes, recorder))


def _bytes(recorder: Recorder) -> int:
    recording = recorder()
    X, program = recording.array(), recording.program()
    tracemalloc.start()
    program(X)
    _, most = tracemalloc.get_traced_memory()
    return most
