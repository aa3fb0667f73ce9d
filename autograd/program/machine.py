"""Blocks, carried out by compiled kernels: chunk by chunk, in a few streams."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any

import numpy as np

from autograd.program.assembler import LANES
from autograd.program.blocks import Block, Blocks
from autograd.program.compiler import PLAN, kernels, runner
from autograd.program.results import Results

__all__ = ["Machine"]

NEAR = 400_000  # bytes of numbers and adjoints that a processor keeps at hand
WIDEST = 16  # vectors in a chunk: more are no faster
STREAMS = 8  # parts of a large batch: summed in this order, whatever the number of threads
LARGE = 100_000  # numbers from which on a batch is worth several streams


class Machine:
    """The numbers of blocks, the code that computes them, and a layout for each size of batch."""

    def __init__(self, blocks: Blocks, threads: int) -> None:
        self.blocks, self.threads = blocks, threads
        self.table = np.zeros(blocks.rows[0])
        self.numbers = self.table[: len(blocks.leaves[0])]
        self.numbers[:] = [leaf.data for leaf in blocks.leaves[0]]
        self._layouts: dict[tuple[int, int | None, bool], _Layout] = {}
        self._code: dict[tuple[bool, bool], _Code] = {}

    def run(self, X: Any, seeded: int | None, seed: float, careful: bool) -> Results:
        """Compute the outputs, and from the adjoint `seed` of one of them the derivatives."""
        key = len(X), seeded, careful
        layout = self._layouts.get(key) or self._layout(*key)
        try:
            return layout.run(X, seed)
        except BaseException:  # Ctrl-C between streams: adjoints may be left over
            self._layouts.clear()
            raise

    def _layout(self, samples: int, seeded: int | None, careful: bool) -> _Layout:
        if len(self._layouts) >= 4:  # batches, an epoch's last one, a validation
            self._layouts.clear()
        kind = seeded is not None, careful
        if kind not in self._code:
            self._code[kind] = _Code(self.blocks, *kind)
        made = _Layout(self, samples, seeded, self._code[kind])
        self._layouts[samples, seeded, careful] = made
        return made


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
    """Where the numbers of a batch of one size lie, and the plans to compute them.

    Numbers and adjoints of what varies are there for one chunk of samples for each thread.
    """

    def __init__(self, machine: Machine, samples: int, seeded: int | None, code: _Code) -> None:
        self.machine, self.samples, self.code = machine, samples, code
        blocks = machine.blocks
        self.is_seeded = seeded is not None
        self.output, self.seeded = seeded or 0, blocks.outputs[seeded or 0]
        self.varies = bool(blocks.leaves[1])
        rows, inputs = blocks.rows[1], len(blocks.leaves[1])
        self.chunks, self.width = _chunks(samples, rows) if self.varies else (0, LANES)
        large = self.chunks * self.width * rows > LARGE
        streams = min(STREAMS, self.chunks) if large else 1
        self.X, self.values = np.zeros((samples, inputs)), np.zeros((len(blocks.outputs), samples))
        self.slopes = np.zeros((samples, inputs)) if blocks.inputs else None
        self.seed, self.summary = 0.0, np.zeros(2)
        self.adjoints = np.zeros((streams, blocks.rows[0]))
        self.gradient = self.adjoints[0, : blocks.shared]
        self.rows = np.array(blocks.outputs, np.intp)
        self.tables = [
            (_aligned(rows, self.width), _aligned(rows, self.width))
            for _ in range(min(machine.threads, streams))
        ]
        self.run_plan = runner()
        self._plan(streams)

    def _plan(self, streams: int) -> None:
        """Write the plans: all at once, or what is shared before and after several streams."""
        first, middle, last = self.code.cuts
        if streams == 1:
            self.plans = [self._written(0, first, middle, last, end=self.chunks)]
        else:
            cuts = [self.chunks * s // streams for s in range(streams + 1)]
            self.plans = [self._written(0, first, first, first)]
            self.plans += [
                self._written(first, first, middle, middle, s, cuts[s], cuts[s + 1])
                for s in range(streams)
            ]
            self.plans.append(self._written(middle, middle, middle, last))
        if streams == 1 and self.varies:
            self.plans[0][_LEAVES] = len(self.machine.numbers)
        if self.is_seeded and self.varies:
            self.plans[-1][_SUMMARY] = self.summary.ctypes.data
        self.addresses = [plan.ctypes.data for plan in self.plans]

    def _written(
        self, begin: int, first: int, middle: int, last: int,
        stream: int = 0, chunk: int = 0, end: int = 0,
    ) -> Any:  # fmt: skip
        blocks = self.code.blocks
        numbers, adjoints = self.tables[stream % len(self.tables)]
        given = {
            "blocks": blocks[begin:].ctypes.data if begin < len(blocks) else 0,
            "first": first - begin, "middle": middle - begin, "last": last - begin,
            "V": numbers.ctypes.data, "A": adjoints.ctypes.data,
            "S": self.machine.table.ctypes.data, "B": self.adjoints[stream].ctypes.data,
            "width": self.width, "X": self.X.ctypes.data, "inputs": self.X.shape[1],
            "samples": self.samples, "rows": self.rows.ctypes.data, "outputs": len(self.rows),
            "values": self.values.ctypes.data,
            "summed": self.values[self.output].ctypes.data, "seeded": self.seeded,
            "slopes": 0 if self.slopes is None or not self.is_seeded else self.slopes.ctypes.data,
            "chunk": chunk, "chunks": end, "shared": self.machine.blocks.shared,
        }  # fmt: skip
        return np.array([given.get(name, 0) for name in PLAN], np.intp)

    def run(self, X: Any, seed: float) -> Results:
        """Carry out the plans for the samples in the rows of X."""
        self.X[...] = X
        if seed != self.seed and self.is_seeded:
            self._sow(seed)
        if not self.varies:
            self.adjoints[0, : len(self.machine.numbers)] = 0.0
            self.adjoints[0, self.seeded] = seed * self.samples
        run, addresses = self.run_plan, self.addresses
        if len(addresses) > 1:
            self._streams()
        run(addresses[-1])
        return self._results()

    def _sow(self, seed: float) -> None:
        self.seed = seed
        for plan in self.plans:
            plan[_SEED] = np.array(seed).view(np.int64)

    def _streams(self) -> None:
        """Carry out the plans up to the last, those of the streams in a few threads."""
        self.adjoints.fill(0.0)
        self.run_plan(self.addresses[0])
        streams, threads = self.addresses[1:-1], len(self.tables)
        others = [
            _pool(threads).submit(self._carry_out, streams[t::threads]) for t in range(1, threads)
        ]
        try:
            self._carry_out(streams[::threads])
        finally:
            wait(others)
        np.add.reduce(self.adjoints, out=self.adjoints[0])

    def _carry_out(self, addresses: Sequence[int]) -> None:
        for address in addresses:
            self.run_plan(address)

    def _results(self) -> Results:
        """Return copies of what was computed, for the tables serve the next batch."""
        sums = self.summary.tolist()
        if not self.varies:  # of which the plan knows nothing
            self.values[...] = self.machine.table[self.rows, None]
            sums = self._sums()
        if not self.is_seeded:
            return Results(self.values.copy())
        slopes = None if self.slopes is None else self.slopes.copy()
        return Results(self.values.copy(), self.gradient.copy(), slopes, *sums)

    def _sums(self) -> list[float]:
        with np.errstate(all="ignore"):
            total = float(self.values[self.output].sum())
            return [total, total + float(self.gradient.sum())]


_LEAVES, _SEED, _SUMMARY = map(PLAN.index, ("leaves", "seed", "summary"))


def _chunks(samples: int, rows: int) -> tuple[int, int]:
    """Return how many chunks of how many samples keep their numbers near the processor.

    Of a few more chunks those are chosen that are filled best with several vectors at a time.
    """
    vectors = -(-samples // LANES)
    fewest = -(-vectors // min(WIDEST, max(1, NEAR // (16 * LANES * max(1, rows)))))
    widths = {-(-vectors // (fewest + more)) for more in range(3)}
    widths |= {-(-width // 4) * 4 for width in widths if width > 4}
    width = LANES * min(widths, key=lambda w: (-(-vectors // w) * (w // 4 * 2 + w % 4), -w))
    return -(-samples // width), width


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
