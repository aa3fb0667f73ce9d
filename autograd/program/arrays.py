"""Blocks on arrays: of NumPy, where nothing is compiled, or of JAX, which compiles them itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.libraries.arrays import Arrays, arrays
from autograd.program.blocks import Block, Blocks
from autograd.program.forms import UPSTREAM, x
from autograd.program.results import Results
from autograd.program.symbols import Symbol
from autograd.program.tape import Tape

__all__ = ["OnArrays", "Rows", "Steps", "Tables"]

NEAR = 8_000_000  # bytes of numbers and adjoints that are computed at a time

_PRODUCT = Symbol("total", x(0) * x(1))


class Rows:
    """Some rows of a table, as a slice where they follow each other."""

    def __init__(self, rows: Any) -> None:
        flat = rows.ravel()
        self.shape = rows.shape
        self.is_slice = bool((np.diff(flat) == 1).all())
        self.once = self.is_slice or len(np.unique(flat)) == len(flat)
        self.index: Any = slice(int(flat[0]), int(flat[-1]) + 1) if self.is_slice else flat

    def of(self, table: Any) -> Any:
        """Return the numbers of the rows, in the shape of the rows."""
        found = table[self.index]
        return found if len(self.shape) == 1 else found.reshape(self.shape + table.shape[1:])


class Tables:
    """The numbers and adjoints of the shared and of the varying rows: NumPy's arrays.

    Arrays that cannot be written to take the methods over.
    """

    def __init__(self, numbers: Sequence[Any], adjoints: Sequence[Any]) -> None:
        self.numbers, self.adjoints = [*numbers], [*adjoints]

    def put(self, varies: bool, rows: slice, x: Any) -> None:
        """Set the numbers of rows."""
        self.numbers[varies][rows] = x

    def add(self, varies: bool, rows: Rows, x: Any) -> None:
        """Add to the adjoints of rows, of which one may be there several times."""
        table = self.adjoints[varies]
        if len(rows.shape) > 1:
            x = x.reshape(-1, *table.shape[1:])
        if rows.once:
            table[rows.index] += x
        else:
            np.add.at(table, rows.index, x)


class _Step:
    """One block: how its operands are read, what is computed, and what they are passed on."""

    def __init__(self, block: Block, library: Arrays) -> None:
        kind = self.kind = block.kind
        self.varies, self.library = kind.varies, library
        self.own = slice(block.start, block.start + block.rows)
        operands = block.operands if kind.many else block.operands[:, :, 0]
        self.operands = [
            (kind.varies and not shared, Rows(rows))
            for shared, rows in zip(kind.shared, operands, strict=True)
        ]
        self.wanted = [s for s, wanted in enumerate(kind.wanted) if wanted]
        form = kind.form
        arguments = [x(s) for s in range(len(operands))]
        self._value = Tape(arguments, [form.value], self._function)
        arguments.append(UPSTREAM)
        if isinstance(form.value, Symbol) and form.value.head != "x":
            arguments.append(form.value)  # the rows' own numbers
        self._passed = [
            Tape(arguments, [form.contribution(s, careful) for s in self.wanted], self._function)
            for careful in (False, True)
        ]

    def read(self, tables: Tables) -> list[Any]:
        """Return the operands: rows, terms if there are many, samples if they vary."""
        found = []
        for varies, rows in self.operands:
            operand = rows.of(tables.numbers[varies])
            found.append(operand[..., None] if self.varies and not varies else operand)
        return found

    def forward(self, tables: Tables) -> None:
        """Compute the numbers of the rows."""
        [value] = self._value(*self.read(tables))
        if self.kind.many and getattr(value, "ndim", 0) > 1:
            value = value[:, 0]
        tables.put(self.varies, self.own, value)

    def backward(self, tables: Tables, careful: bool) -> None:
        """Add upstream × partial to the adjoints of the operands."""
        known = [tables.adjoints[self.varies][self.own], tables.numbers[self.varies][self.own]]
        if self.kind.many:
            known = [row[:, None] for row in known]
        arguments = [*self.read(tables), *known]
        passed = self._passed[careful](*arguments[: self._passed[careful].count])
        for s, c in zip(self.wanted, passed, strict=True):
            if not isinstance(c, float | int):  # a plain one is 0
                self._give(tables, s, c)

    def _give(self, tables: Tables, s: int, c: Any) -> None:
        varies, rows = self.operands[s]
        if self.kind.many:
            samples = tables.numbers[1].shape[1:] if self.varies else ()
            c = self.library.xp.broadcast_to(c, rows.shape + samples)
        tables.add(varies, rows, c.sum(-1) if self.varies and not varies else c)

    def _function(self, head: str) -> Callable[..., Any]:
        """Return what a head means on arrays of rows, terms and samples."""
        if head not in _OVER_TERMS:
            function: Callable[..., Any] = getattr(self.library, head)
            return function
        return functools.partial(self._folded, head)

    def _folded(self, head: str, *terms: Any) -> Any:
        """Return what is over all terms: an axis, or several arrays if they are not alike."""
        method, pairwise = _OVER_TERMS[head]
        if len(terms) > 1:
            return functools.reduce(getattr(self.library.xp, pairwise), terms)
        [term] = terms
        if not self.kind.many:
            return term
        if not hasattr(term, "shape"):  # the same number for each
            term = self.library.xp.full((1, self.operands[0][1].shape[1], 1), term)
        return getattr(term, method)(axis=1, keepdims=True)


_OVER_TERMS = {
    "total": ("sum", "add"),
    "product": ("prod", "multiply"),
    "largest": ("max", "maximum"),
    "smallest": ("min", "minimum"),
}
"""By what method terms along an axis are folded, and by what function two arrays of them."""


class _Product(_Step):
    """A matrix of shared numbers times a matrix of varying ones: what neurons of a layer are."""

    def __init__(self, block: Block, library: Arrays) -> None:
        super().__init__(block, library)
        self.inputs = Rows(block.operands[1][0])

    @staticmethod
    def fits(block: Block) -> bool:
        """Return whether a block is one."""
        last = block.operands[-1]
        return (
            block.kind.many
            and block.kind.form.value is _PRODUCT
            and block.kind.shared == (True, False)
            and bool((last == last[0]).all())
        )

    def forward(self, tables: Tables) -> None:
        """Compute the numbers of the rows."""
        weights = self.operands[0][1].of(tables.numbers[0])
        tables.put(True, self.own, weights @ self.inputs.of(tables.numbers[1]))

    def backward(self, tables: Tables, careful: bool) -> None:
        """Add upstream × partial to the adjoints of the operands."""
        if careful:
            super().backward(tables, careful)
            return
        upstream = tables.adjoints[1][self.own]
        if 0 in self.wanted:
            inputs = self.inputs.of(tables.numbers[1])
            tables.add(False, self.operands[0][1], upstream @ inputs.T)
        if 1 in self.wanted:
            weights = self.operands[0][1].of(tables.numbers[0])
            tables.add(True, self.inputs, weights.T @ upstream)


class Steps:
    """The blocks of a graph, carried out on tables: shared ones, and varying ones."""

    def __init__(self, blocks: Blocks, xp: Any = np) -> None:
        library = arrays(xp)
        steps = [(_Product if _Product.fits(b) else _Step)(b, library) for b in blocks]
        self._steps = [
            [step for step in steps if step.varies == varies] for varies in (False, True)
        ]

    def forward(self, tables: Tables, varies: bool) -> None:
        """Compute the numbers of all rows of a table that begins with those of the leaves."""
        for step in self._steps[varies]:
            step.forward(tables)

    def backward(self, tables: Tables, varies: bool, careful: bool) -> None:
        """Pass adjoints back from all rows of a table, the last one first."""
        for step in reversed(self._steps[varies]):
            if step.wanted:
                step.backward(tables, careful)


class OnArrays:
    """What carries out blocks on NumPy's arrays, some samples at a time."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks, self.steps = blocks, Steps(blocks)
        self.varies = bool(blocks.leaves[1])
        self.numbers = np.array([leaf.data for leaf in blocks.leaves[0]])

    def run(self, X: Any, seeded: int | None, seed: float, careful: bool) -> Results:
        """Compute the outputs, and from the adjoint `seed` of one of them the derivatives."""
        blocks = self.blocks
        shared = np.zeros(blocks.rows[0])
        shared[: len(self.numbers)] = self.numbers
        adjoints = np.zeros(blocks.rows[0])
        tables = Tables([shared, shared[:, None]], [adjoints, adjoints[:, None]])
        values = np.empty((len(blocks.outputs), len(X)))
        slopes = np.empty(X.shape) if blocks.inputs and seeded is not None else None
        with np.errstate(all="ignore"):
            self.steps.forward(tables, varies=False)
            if not self.varies:
                values[:] = shared[blocks.outputs, None]
                if seeded is not None:
                    adjoints[blocks.outputs[seeded]] = seed * len(X)
            for part in self._parts(len(X)) if self.varies else ():
                row = None if seeded is None else blocks.outputs[seeded]
                values[:, part] = self._part(tables, X[part], row, seed, careful)
                if slopes is not None:
                    slopes[part] = tables.adjoints[1][: X.shape[1]].T
            if seeded is None:
                return Results(values)
            self.steps.backward(tables, varies=False, careful=careful)
        gradient = adjoints[: blocks.shared].copy()
        with np.errstate(all="ignore"):
            total = values[seeded].sum()
            finite = total + gradient.sum() + (0.0 if slopes is None else slopes.sum())
        return Results(values, gradient, slopes, float(total), float(finite))

    def _parts(self, samples: int) -> list[slice]:
        """Cut samples into parts whose tables are not large."""
        width = max(1, NEAR // (16 * max(1, self.blocks.rows[1])))
        return [slice(start, start + width) for start in range(0, samples, width)]

    def _part(self, tables: Tables, X: Any, row: int | None, seed: float, careful: bool) -> Any:
        """Compute some samples; return their outputs, and leave the adjoints in the tables."""
        numbers = np.empty((self.blocks.rows[1], len(X)))
        numbers[: X.shape[1]] = X.T
        tables.numbers[1] = numbers
        self.steps.forward(tables, varies=True)
        if row is not None:
            tables.adjoints[1] = np.zeros_like(numbers)
            tables.adjoints[1][row] = seed
            self.steps.backward(tables, varies=True, careful=careful)
        return numbers[self.blocks.outputs]
