"""Blocks on arrays: of NumPy, where nothing is compiled, or of JAX, which compiles them itself."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.libraries import library
from autograd.program.blocks import Block, Blocks
from autograd.program.forms import UPSTREAM, x
from autograd.program.results import Results
from autograd.program.symbols import OPERATORS, Symbol, evaluate

__all__ = ["OnArrays", "Steps", "Tables"]

NEAR = 8_000_000  # bytes of numbers and adjoints that are computed at a time

_PRODUCT = Symbol("total", x(0) * x(1))


class Tables:
    """The numbers and adjoints of shared and of varying rows, as arrays that are written to.

    A kind of array that cannot be written to overrides `put` and `add`.
    """

    def __init__(self, numbers: Sequence[Any], adjoints: Sequence[Any]) -> None:
        self.numbers, self.adjoints = [*numbers], [*adjoints]

    def put(self, varies: bool, rows: Any, x: Any) -> None:
        """Set the numbers of rows."""
        self.numbers[varies][rows] = x

    def add(self, varies: bool, rows: _Rows, x: Any) -> None:
        """Add to the adjoints of rows, of which one may be there several times."""
        table = self.adjoints[varies]
        if rows.once:
            table[rows.index] += x.reshape(rows.shape + table.shape[1:])
        else:
            np.add.at(table, rows.index.ravel(), x.reshape(-1, *table.shape[1:]))

    def clear(self, varies: bool, rows: Any) -> None:
        """Set the adjoints of rows to 0, ready for other samples."""
        self.adjoints[varies][rows] = 0.0


class _Rows:
    """Rows of a table, as a slice where they follow each other."""

    def __init__(self, rows: Any) -> None:
        flat = rows.ravel()
        self.shape = rows.shape
        consecutive = bool((np.diff(flat) == 1).all())
        self.once = consecutive or len(np.unique(flat)) == len(flat)
        self.slice = slice(int(flat[0]), int(flat[-1]) + 1) if consecutive else None
        self.index: Any = rows if self.slice is None or rows.ndim > 1 else self.slice

    def of(self, table: Any) -> Any:
        """Return the rows of a table, in the shape of their numbers."""
        if self.slice is None:
            return table[self.index]
        return table[self.slice].reshape(self.shape + table.shape[1:])


class _Step:
    """One block: how its operands are read, computed with and given their part."""

    def __init__(self, block: Block) -> None:
        kind = self.kind = block.kind
        self.form, self.varies = kind.form, kind.varies
        self.own = slice(block.start, block.start + block.rows)
        operands = block.operands if kind.many else block.operands[:, :, 0]
        last = block.operands[-1]
        self.is_product = (
            kind.many
            and self.form.value is _PRODUCT
            and kind.shared == (True, False)
            and bool((last == last[0]).all())
        )
        tables = [kind.varies and not shared for shared in kind.shared]
        self.operands = list(zip(tables, map(_Rows, operands), strict=True))
        if self.is_product:
            self.operands[1] = True, _Rows(last[0])
        self.wanted = [s for s, wanted in enumerate(kind.wanted) if wanted]

    def read(self, tables: Tables) -> list[Any]:
        """Return the operands: rows, terms if there are many, samples if they vary."""
        found = []
        for varies, rows in self.operands:
            operand = rows.of(tables.numbers[varies])
            found.append(operand[..., None] if self.varies and not varies else operand)
        return found

    def forward(self, tables: Tables) -> None:
        """Compute the numbers of the rows."""
        operands = self.read(tables)
        if self.is_product:
            tables.put(True, self.own, operands[0][..., 0] @ operands[1])
            return
        [value] = self._evaluated([self.form.value], operands, {})
        if self.kind.many and getattr(value, "ndim", 0) > 1:
            value = value[:, 0]
        tables.put(self.varies, self.own, value)

    def backward(self, tables: Tables, careful: bool) -> None:
        """Add upstream × partial to the adjoints of the operands."""
        upstream = tables.adjoints[self.varies][self.own]
        operands = self.read(tables)
        if self.is_product and not careful:
            self._product(tables, upstream, operands)
        else:
            self._contributions(tables, upstream, operands, careful)
        tables.clear(self.varies, self.own)

    def _product(self, tables: Tables, upstream: Any, operands: list[Any]) -> None:
        W, inputs = operands[0][..., 0], operands[1]
        for s in self.wanted:
            varies, rows = self.operands[s]
            tables.add(varies, rows, W.T @ upstream if s else upstream @ inputs.T)

    def _contributions(
        self, tables: Tables, upstream: Any, operands: list[Any], careful: bool
    ) -> None:
        if self.is_product:
            operands = [operands[0], operands[1][None]]
        known: dict[Symbol, Any] = {UPSTREAM: upstream[:, None] if self.kind.many else upstream}
        value = self.form.value
        if isinstance(value, Symbol) and value.head != "x":
            number = tables.numbers[self.varies][self.own]
            known[value] = number[:, None] if self.kind.many else number
        given = [self.form.contribution(s, careful) for s in self.wanted]
        for s, c in zip(self.wanted, self._evaluated(given, operands, known), strict=True):
            if not isinstance(c, float | int):  # a plain one is 0
                self._give(tables, s, c)

    def _give(self, tables: Tables, s: int, c: Any) -> None:
        varies, rows = self.operands[s]
        samples = tables.numbers[1].shape[1:] if self.varies else ()
        xp = library(c).xp
        if self.is_product and s:
            c = c.sum(0)
            tables.add(varies, rows, c)
            return
        c = xp.broadcast_to(c, rows.shape + samples)
        tables.add(varies, rows, c.sum(-1) if self.varies and not varies else c)

    def _evaluated(
        self, expressions: Sequence[Any], operands: list[Any], known: dict[Symbol, Any]
    ) -> list[Any]:
        known |= {x(s): operand for s, operand in enumerate(operands)}
        return evaluate(expressions, known, self._apply)

    def _apply(self, e: Symbol, operands: list[Any]) -> Any:
        """Return what an operation makes of arrays."""
        if e.head in _FOLDS:
            if len(operands) > 1:  # terms that are not alike
                return functools.reduce(_PAIRWISE[e.head], operands)
            return self._over_terms(e.head, operands[0]) if self.kind.many else operands[0]
        apply = OPERATORS.get(e.head) or getattr(library(*operands), e.head)
        return apply(*operands)

    def _over_terms(self, head: str, terms: Any) -> Any:
        if not hasattr(terms, "shape"):  # one number for every term
            terms = np.full((1, self.operands[0][1].shape[1], 1), terms)
        return getattr(terms, _FOLDS[head])(axis=1, keepdims=True)


_FOLDS = {"total": "sum", "product": "prod", "largest": "max", "smallest": "min"}
_PAIRWISE: dict[str, Callable[[Any, Any], Any]] = {
    "total": OPERATORS["add"],
    "product": OPERATORS["mul"],
    "largest": lambda x, y: library(x, y).maximum(x, y),
    "smallest": lambda x, y: library(x, y).minimum(x, y),
}


class Steps:
    """The blocks of a graph, forwards and backwards on tables."""

    def __init__(self, blocks: Blocks) -> None:
        steps = [_Step(block) for block in blocks]
        self.shared = [step for step in steps if not step.varies]
        self.varying = [step for step in steps if step.varies]

    @staticmethod
    def forward(steps: Sequence[_Step], tables: Tables) -> None:
        """Compute the numbers of steps in turn."""
        for step in steps:
            step.forward(tables)

    @staticmethod
    def backward(steps: Sequence[_Step], tables: Tables, careful: bool) -> None:
        """Pass the adjoints of steps back, the last one first."""
        for step in reversed(steps):
            if step.wanted:
                step.backward(tables, careful)


class OnArrays:
    """What carries out blocks on NumPy's arrays, some samples at a time."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks, self.steps = blocks, Steps(blocks)

    def run(
        self, X: Any, numbers: Any, seeded: int | None, seed: float, careful: bool = False
    ) -> Results:
        """Compute the outputs, and from the adjoint `seed` of one of them the derivatives."""
        blocks, steps = self.blocks, self.steps
        varies = bool(blocks.leaves[1])
        S, B = np.zeros(blocks.rows[0]), np.zeros(blocks.rows[0])
        S[: len(numbers)] = numbers
        width = max(1, min(len(X), NEAR // (16 * max(1, blocks.rows[1]))))
        values = np.empty((len(blocks.outputs), len(X)))
        slopes = np.empty(X.shape) if blocks.inputs and seeded is not None else None
        with np.errstate(all="ignore"):
            shared = Tables([S, np.empty((0, 0))], [B, np.empty((0, 0))])
            steps.forward(steps.shared, shared)
            for start in range(0, len(X), width) if varies else ():
                part = slice(start, start + width)
                tables = self._tables(X[part], S, B)
                steps.forward(steps.varying, tables)
                values[:, part] = tables.numbers[1][blocks.outputs]
                if seeded is not None:
                    tables.adjoints[1][blocks.outputs[seeded]] = seed
                    steps.backward(steps.varying, tables, careful)
                if slopes is not None:
                    slopes[part] = tables.adjoints[1][: X.shape[1]].T
            if not varies:
                values[:] = S[blocks.outputs, None]
            if seeded is None:
                return Results(values, None, None)
            if not varies:
                B[blocks.outputs[seeded]] = seed * len(X)
            steps.backward(steps.shared, shared, careful)
        return Results(values, B[: blocks.shared].copy(), slopes)

    def _tables(self, X: Any, S: Any, B: Any) -> Tables:
        V = np.empty((self.blocks.rows[1], len(X)))
        V[: X.shape[1]] = X.T
        return Tables([S, V], [B, np.zeros_like(V)])
