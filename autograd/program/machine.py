"""Blocks, carried out by compiled kernels: chunk by chunk, in a few streams."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from queue import SimpleQueue
from threading import Lock
from typing import Any

import numpy as np

from autograd.program.assembler import LANES
from autograd.program.blocks import Block, Blocks
from autograd.program.compiler import PLAN, kernels, runner
from autograd.program.results import Results

__all__ = ["Machine"]

NEAR = 500_000  # bytes of numbers and adjoints that a processor keeps at hand
WIDEST = 32  # vectors in a chunk: more are no faster
STREAMS = 8  # parts of a large batch: summed in this order, whatever the number of threads
LARGE = 100_000  # numbers from which on a batch is worth several streams


class Machine:
    """The numbers and adjoints of blocks, and the plans by which kernels compute them.

    Numbers and adjoints of what varies are there for one chunk of samples for each thread.
    """

    def __init__(self, blocks: Blocks, threads: int) -> None:
        self.blocks, self.threads = blocks, threads
        self.numbers = np.zeros(blocks.rows[0])
        self._turn = Lock()
        self._layouts: dict[tuple[int, int | None, bool], _Layout] = {}
        self._code: dict[tuple[bool, bool], _Code] = {}

    def run(
        self, X: Any, numbers: Any, seeded: int | None, seed: float, careful: bool = False
    ) -> Results:
        """Compute the outputs, and from the adjoint `seed` of one of them the derivatives.

        X has a row for each sample; `numbers` are those of the leaves that do not vary.
        """
        with self._turn:
            layout = self._layout(len(X), seeded, careful)
            try:
                return layout.run(X, numbers, seed)
            except BaseException:  # Ctrl-C between streams: adjoints may be left over
                self._layouts.clear()
                raise

    def _layout(self, samples: int, seeded: int | None, careful: bool) -> _Layout:
        key = samples, seeded, careful
        if key not in self._layouts:
            if len(self._layouts) >= 4:  # batches, an epoch's last one, a validation
                self._layouts.clear()
            self._layouts[key] = _Layout(self, samples, seeded, self._compiled(seeded, careful))
        return self._layouts[key]

    def _compiled(self, seeded: int | None, careful: bool) -> _Code:
        key = seeded is not None, careful
        if key not in self._code:
            self._code[key] = _Code(self.blocks, *key)
        return self._code[key]


class _Code:
    """The instructions of all blocks: forwards, and if they are wanted backwards."""

    def __init__(self, blocks: Blocks, slopes: bool, careful: bool) -> None:
        ahead = list(blocks)
        back = [block for block in reversed(ahead) if slopes and any(block.kind.wanted)]
        addresses = [*kernels(ahead), *kernels(back, careful)]
        self._instructions = [
            _instruction(block, address)
            for block, address in zip([*ahead, *back], addresses, strict=True)
        ]
        self.blocks = np.array([i.ctypes.data for i in self._instructions], np.intp)
        varying = sum(block.kind.varies for block in back)
        shared = blocks.shared_blocks
        self.cuts = shared, len(ahead) + varying, len(ahead) + len(back)


def _instruction(block: Block, address: int) -> Any:
    _, rows, terms = block.operands.shape
    operands = [index.ctypes.data for index in block.operands]
    return np.array([address, rows, block.start, terms, *operands], np.intp)


class _Layout:
    """Where the numbers of a batch of one size lie, and the plans to compute them."""

    def __init__(self, machine: Machine, samples: int, seeded: int | None, code: _Code) -> None:
        self.machine, self.samples, self.code = machine, samples, code
        blocks = machine.blocks
        self.seeded = None if seeded is None else blocks.outputs[seeded]
        self.varies = bool(blocks.leaves[1])
        rows, inputs = blocks.rows[1], len(blocks.leaves[1])
        self.chunks, self.width = _chunks(samples, rows) if self.varies else (0, LANES)
        whole = self.chunks * self.width
        large = whole * rows > LARGE
        streams = min(STREAMS, self.chunks) if large else 1
        self.X, self.seeds = _aligned(self.chunks, inputs, self.width), _aligned(whole)
        self.values = _aligned(len(blocks.outputs), whole)
        self.slopes = _aligned(self.chunks, inputs, self.width) if blocks.inputs else None
        self.seed = 0.0
        self.adjoints = np.zeros((streams, blocks.rows[0]))
        self.outputs = np.array(blocks.outputs, np.intp)
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(min(machine.threads, streams)):
            self._free.put((_aligned(rows, self.width), _aligned(rows, self.width)))
        self._plan(streams)

    def _plan(self, streams: int) -> None:
        """Write the plans: all at once, or what is shared before and after several streams."""
        first, middle, last = self.code.cuts
        cuts = [self.chunks * s // streams for s in range(streams + 1)]
        if streams == 1:
            plans = [self._written(0, first, middle, last, 0, cuts)]
        else:
            plans = [self._written(0, first, first, first, 0, [0, 0])]
            plans += [
                self._written(first, first, middle, middle, s, cuts[s:]) for s in range(streams)
            ]
            plans.append(self._written(middle, middle, middle, last, 0, [0, 0]))
        self.plans = plans
        self.addresses = [plan.ctypes.data for plan in plans]
        self.run_plan = runner()

    def _written(
        self, begin: int, first: int, middle: int, last: int, stream: int, cuts: Sequence[int]
    ) -> Any:
        tables = self._free.get()
        self._free.put(tables)
        given = {
            "blocks": self.code.blocks[begin:].ctypes.data if begin < len(self.code.blocks) else 0,
            "first": first - begin, "middle": middle - begin, "last": last - begin,
            "V": tables[0].ctypes.data, "A": tables[1].ctypes.data,
            "S": self.machine.numbers.ctypes.data, "B": self.adjoints[stream].ctypes.data,
            "samples": self.width, "X": self.X.ctypes.data, "inputs": self.X.shape[1],
            "rows": self.outputs.ctypes.data, "outputs": len(self.outputs),
            "values": self.values.ctypes.data, "stride": self.values.shape[1],
            "seeds": 0 if self.seeded is None else self.seeds.ctypes.data,
            "seeded": self.seeded or 0,
            "slopes": 0 if self.slopes is None or self.seeded is None else self.slopes.ctypes.data,
            "chunk": cuts[0], "chunks": cuts[1],
        }  # fmt: skip
        return np.array([given[name] for name in PLAN], np.intp)

    def run(self, X: Any, numbers: Any, seed: float) -> Results:
        """Carry out the plans for the samples in the rows of X."""
        shared = self.machine.numbers
        shared[: len(numbers)] = numbers
        if self.varies:
            _lay(X, self.X)
        if self.seeded is not None:
            self._sow(seed, len(numbers))
        run, addresses = self.run_plan, self.addresses
        run(addresses[0])
        if len(addresses) > 1:
            self._streams(addresses[1:-1])
            np.add.reduce(self.adjoints, out=self.adjoints[0])
            run(addresses[-1])
        return self._results()

    def _sow(self, seed: float, leaves: int) -> None:
        """Set the adjoint of the output, of the samples there are, and clear those of leaves."""
        if seed != self.seed:
            self.seeds[: self.samples] = self.seed = seed
        if len(self.adjoints) == 1:
            self.adjoints[0, :leaves] = 0.0
        else:
            self.adjoints.fill(0.0)
        if not self.varies:
            self.adjoints[0, self.seeded] = seed * self.samples

    def _streams(self, addresses: Sequence[int]) -> None:
        """Carry out plans, each with tables that no other thread uses meanwhile."""
        plans = self.plans[1:-1]
        if self.machine.threads == 1:
            for plan in plans:
                self._stream(plan)
        else:
            list(_pool(self.machine.threads).map(self._stream, plans))

    def _stream(self, plan: Any) -> None:
        with self._tables() as (numbers, adjoints):
            plan[_V], plan[_A] = numbers.ctypes.data, adjoints.ctypes.data
            self.run_plan(plan.ctypes.data)

    @contextmanager
    def _tables(self) -> Iterator[Any]:
        tables = self._free.get()
        try:
            yield tables
        finally:
            self._free.put(tables)

    def _results(self) -> Results:
        """Return copies of what was computed, for the tables serve the next batch."""
        blocks, n = self.machine.blocks, self.samples
        if self.varies:
            values = self.values[:, :n].copy()
        else:
            values = np.repeat(self.machine.numbers[self.outputs, None], n, axis=1)
        if self.seeded is None:
            return Results(values, None, None)
        gradient = self.adjoints[0, : blocks.shared].copy()
        if self.slopes is None:
            return Results(values, gradient, None)
        slopes = np.empty((n, self.slopes.shape[1]))
        _collect(self.slopes, slopes)
        return Results(values, gradient, slopes)


_V, _A = PLAN.index("V"), PLAN.index("A")


def _chunks(samples: int, rows: int) -> tuple[int, int]:
    """Return how many chunks of how many samples keep their numbers near the processor."""
    vectors = -(-samples // LANES)
    chunks = -(-vectors // min(WIDEST, max(1, NEAR // (16 * LANES * max(1, rows)))))
    width = LANES * -(-vectors // chunks)
    return -(-samples // width), width


def _lay(X: Any, into: Any) -> None:
    """Lay samples out in chunks, the last one filled up with the last sample."""
    chunks, inputs, width = into.shape
    whole = len(X) // width
    if whole:
        into[:whole] = X[: whole * width].reshape(whole, width, inputs).swapaxes(1, 2)
    if whole < chunks:
        rest = len(X) - whole * width
        into[whole, :, :rest] = X[whole * width :].T
        into[whole, :, rest:] = X[-1][:, None]


def _collect(chunks: Any, into: Any) -> None:
    """Write what was found of samples, in chunks, row by row."""
    width = chunks.shape[2]
    for start, chunk in zip(range(0, len(into), width), chunks, strict=False):
        into[start : start + width] = chunk.T[: len(into) - start]


def _aligned(*shape: int) -> Any:
    """Return zeros that begin at a multiple of 64 bytes."""
    size = int(np.prod(shape))
    raw = np.zeros(size + LANES)
    start = -raw.ctypes.data // 8 % LANES
    return raw[start : start + size].reshape(shape)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


if hasattr(os, "register_at_fork"):  # a forked process has none of the threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
