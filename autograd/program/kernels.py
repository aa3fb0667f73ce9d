"""Kernels: the functions that compute the rows of a block, forwards and backwards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from autograd.program.assembler import DOUBLE, I32, I64, LANES, POINTER, Assembler
from autograd.program.blocks import Kind
from autograd.program.forms import UPSTREAM, reductions, x
from autograd.program.rolling import FOLDS
from autograd.program.symbols import Symbol, inner_first

__all__ = ["PARAMETERS", "backward", "forward"]

PARAMETERS = [POINTER] * 5 + [I64]

PARTS = 4  # sums that are added up side by side: one waits for its last addition
BOTH = 2  # terms that are passed on together, so that what comes from upstream is loaded once

_STARTS = {"total": 0.0, "product": 1.0, "largest": -math.inf, "smallest": math.inf}
_FOLD = {whole: name for name, whole in FOLDS.items()}


class _Kernel(Assembler):
    """What both directions have in common: where the numbers of a row lie.

    The parameters are the block (its kernel, number of rows, first row, terms, and for every
    sequence the row numbers of the operands), the numbers and adjoints of what varies, those of
    what is shared, and the number of samples, rounded up to whole vectors.
    """

    def __init__(self, kind: Kind, wide: int) -> None:
        super().__init__(PARAMETERS)
        self.kind = kind
        self.widths = ([wide, LANES] if wide > LANES else [LANES]) if kind.varies else [1]
        for parameter in self.function.args[1:5]:
            parameter.add_attribute("noalias")
        block, *tables, self.samples = self.function.args
        *varying, self.shared_numbers, self.shared_adjoints = tables
        self.numbers, self.adjoints = varying if kind.varies else tables[2:]
        _, self.rows, self.start, self.terms = [
            self.load(self.at(block, i, I64), I64) for i in range(4)
        ]
        self.sequences = range(len(kind.shared))
        self.operands = [self.load(self.at(block, 4 + s, I64), POINTER) for s in self.sequences]

    def each_row(self) -> AbstractContextManager[Any]:
        return self.loop(self.rows, self.kind.tile)

    def each_term(self, some: int = 1) -> Iterator[list[Any]]:
        """Yield some terms at a time within a loop over the terms, then the others one by one."""
        start = I64(0)
        for size in dict.fromkeys([some, 1]) if self.kind.many else ():
            end = self.b.mul(self.b.udiv(self.terms, I64(size)), I64(size))
            with self.loop(end, size, start) as k:
                yield [self.b.add(k, I64(i)) for i in range(size)]
            start = end
        if not self.kind.many:
            yield [start]

    def each_sample(self) -> Iterator[Any]:
        """Yield within a loop over the samples: as many at a time as fit, then the others."""
        start = I64(0)
        for lanes in self.widths if self.kind.varies else ():
            self.lanes = lanes
            end = self.b.and_(self.samples, I64(-lanes))
            with self.loop(end, lanes, start) as sample:
                yield sample
            start = end
        if not self.kind.varies:
            yield start

    def tiled(self, s: int) -> range:
        """Return which rows of a tile have operands of their own in a sequence."""
        return range(1 if self.kind.tile > 1 and s == self.sequences[-1] else self.kind.tile)

    def result(self, r: Any, i: int) -> Any:
        """Return the row number of the result in row r + i."""
        return self.b.add(self.start, self.b.add(r, I64(i)))

    def operand(self, s: int, r: Any, i: int, k: Any) -> Any:
        """Return the row number of the k-th operand in a sequence of row r + i."""
        row = self.b.add(r, I64(i))
        at = self.b.add(self.b.mul(row, self.terms), k) if self.kind.many else row
        return self.b.sext(self.load(self.at(self.operands[s], at, I32), I32), I64)

    def address(self, table: Any, row: Any, sample: Any) -> Any:
        """Return where the number of a row is for some samples."""
        if not self.kind.varies:
            return self.at(table, row)
        return self.at(table, self.b.add(self.b.mul(row, self.samples), sample))

    def rows_of(self, expressions: Sequence[Any], r: Any, k: Any) -> dict[int, list[Any]]:
        """Return the row numbers of the operands that expressions mention."""
        mentioned = {*inner_first(expressions)}
        return {
            s: [self.operand(s, r, i, k) for i in self.tiled(s)]
            for s in self.sequences
            if x(s) in mentioned
        }

    def read(
        self, known: Sequence[dict[Symbol, Any]], rows: dict[int, list[Any]], sample: Any
    ) -> None:
        """Load operands, for every row of the tile."""
        for s, own in rows.items():
            numbers = [self.number_at(s, row, sample) for row in own]
            for i, names in enumerate(known):
                names[x(s)] = numbers[i % len(numbers)]

    def number_at(self, s: int, row: Any, sample: Any) -> Any:
        """Load an operand of a sequence."""
        if self.kind.shared[s]:
            return self.everywhere(self.load(self.at(self.shared_numbers, row), DOUBLE))
        return self.load(self.address(self.numbers, row, sample))

    def reduce(
        self, whole: Sequence[Symbol], known: Sequence[dict[Symbol, Any]], r: Any, sample: Any
    ) -> None:
        """Write what is over all terms, inner ones first, for every row of the tile."""
        parts = 1 if self.kind.varies or self.kind.tile > 1 else PARTS
        for e in whole:
            [inner] = e.arguments
            totals = [[self.variable(_STARTS[e.head]) for _ in range(parts)] for _ in known]
            for terms in self.each_term(parts):
                for k, part in zip(terms, range(parts), strict=False):
                    names = [dict(row) for row in known]
                    self.read(names, self.rows_of([inner], r, k), sample)
                    for row, total in zip(names, totals, strict=True):
                        found = self.folded(_FOLD[e.head], self.load(total[part]), inner, row)
                        self.store(found, total[part])
            for row, total in zip(known, totals, strict=True):
                row[e] = self.together(e.head, list(map(self.load, total)))

    def add_to(self, addresses: Sequence[Any], e: Any, known: Sequence[dict[Symbol, Any]]) -> None:
        """Write additions to what is at some addresses, for the rows of the tile in turn."""
        for i, address in enumerate(addresses):
            total = self.load(address)
            for names in known[i :: len(addresses)]:
                total = self.accumulated(total, e, names)
            self.store(total, address)


def forward(kind: Kind, wide: int) -> str:
    """Write the kernel that computes the numbers of a block's rows."""
    f = _Kernel(kind, wide)
    value = kind.form.value
    whole = reductions([value])
    with f.each_row() as r:
        for sample in f.each_sample():
            known: list[dict[Symbol, Any]] = [{} for _ in range(kind.tile)]
            f.reduce(whole, known, r, sample)
            if not kind.many:
                f.read(known, f.rows_of([value], r, I64(0)), sample)
            for i, names in enumerate(known):
                f.store(f.write(value, names), f.address(f.numbers, f.result(r, i), sample))
    f.b.ret_void()
    return str(f)


def backward(kind: Kind, wide: int, careful: bool) -> str:
    """Write the kernel that adds upstream × partial to the adjoints of a block's operands.

    It leaves the adjoints of the rows themselves at 0, ready for other samples.
    """
    backwards = _Backward(kind, wide, careful)
    return backwards.over_all_terms() if backwards.whole else backwards.term_by_term()


class _Backward(_Kernel):
    """What is passed on to the operands wanted, and what has to be known for that."""

    def __init__(self, kind: Kind, wide: int, careful: bool) -> None:
        super().__init__(kind, wide)
        form = kind.form
        given = {s: form.contribution(s, careful) for s in self.sequences if kind.wanted[s]}
        self.given = {s: e for s, e in given.items() if isinstance(e, Symbol)}  # others are 0
        value = form.value  # which is no news if it is an operand, passed through
        stored = [value] if isinstance(value, Symbol) and value.head != "x" else []
        self.whole = reductions([*self.given.values()], stored)
        self.mentioned = [*inner_first(self.given.values(), stored)]
        uses = {a for e in self.mentioned for a in e.arguments if isinstance(a, Symbol)}
        self.stored = [value for value in stored if value in uses]
        if any(self.kind.shared[s] for s in self.given):
            self.widths = [LANES]  # sums over samples fill the registers

    def names(self, rows: dict[int, list[Any]], r: Any, sample: Any) -> list[dict[Symbol, Any]]:
        """Load what is known of every row of the tile: operands, upstream and its own number."""
        known: list[dict[Symbol, Any]] = [{} for _ in range(self.kind.tile)]
        self.read(known, rows, sample)
        for i, names in enumerate(known):
            names[UPSTREAM] = self.load(self.address(self.adjoints, self.result(r, i), sample))
            for value in self.stored:
                row = self.result(r, i)
                names[value] = self.load(self.address(self.numbers, row, sample))
        return known

    def operands_of(self, r: Any, k: Any) -> dict[int, list[Any]]:
        """Return the row numbers of what is read, by sequence."""
        read = [e for e in self.mentioned if e.head == "x"]
        return self.rows_of(read, r, k)

    def clear(self, r: Any, sample: Any) -> None:
        """Set the adjoints of the tile's own rows to 0."""
        for i in range(self.kind.tile):
            self.store(self.constant(0.0), self.address(self.adjoints, self.result(r, i), sample))

    def term_by_term(self) -> str:
        """Write the loops where every term has all that it needs."""
        with self.each_row() as r:
            for terms in self.each_term(BOTH if self.kind.varies else 1):
                self.pass_on_over_samples(r, terms)
            if self.kind.many:
                for sample in self.each_sample():
                    self.clear(r, sample)
        self.b.ret_void()
        return str(self)

    def pass_on_over_samples(self, r: Any, terms: Sequence[Any]) -> None:
        """Write the loop over the samples in which some terms of the tile are passed on."""
        rows = [self.operands_of(r, k) for k in terms]
        to = [self.targets(own, r, k) for own, k in zip(rows, terms, strict=True)]
        sums = [{s: self.totals(s) for s in self.given if self.kind.shared[s]} for _ in terms]
        for sample in self.each_sample():
            known = [self.names(own, r, sample) for own in rows]
            if not self.kind.many:
                self.clear(r, sample)
            for targets, totals, names in zip(to, sums, known, strict=True):
                for s, e in self.given.items():
                    own = [self.address(self.adjoints, row, sample) for row in targets[s]]
                    self.add_to(totals.get(s, own), e, names)
        for targets, totals in zip(to, sums, strict=True):
            for s, total in totals.items():
                self.add_shared(targets[s], list(map(self.load, total)))

    def targets(self, rows: dict[int, list[Any]], r: Any, k: Any) -> dict[int, list[Any]]:
        """Return the row numbers of what is passed on to, by sequence."""
        return {
            s: rows.get(s) or [self.operand(s, r, i, k) for i in self.tiled(s)] for s in self.given
        }

    def over_all_terms(self) -> str:
        """Write the loops where a term needs what is over all of them."""
        with self.each_row() as r:
            for sample in self.each_sample():
                known = self.names({}, r, sample)
                self.clear(r, sample)
                self.reduce(self.whole, known, r, sample)
                for [k] in self.each_term():
                    self.pass_on(known, r, k, sample)
        self.b.ret_void()
        return str(self)

    def pass_on(self, known: Sequence[dict[Symbol, Any]], r: Any, k: Any, sample: Any) -> None:
        """Write what the k-th operands of the tile are passed on."""
        rows = self.operands_of(r, k)
        names = [dict(row) for row in known]
        self.read(names, rows, sample)
        targets = self.targets(rows, r, k)
        for s, e in self.given.items():
            to = targets[s]
            if self.kind.shared[s]:
                for i, row in enumerate(names):
                    self.add_shared([to[i % len(to)]], [self.write(e, row)])
            else:
                self.add_to([self.address(self.adjoints, row, sample) for row in to], e, names)

    def totals(self, s: int) -> list[Any]:
        """Return variables for sums over the samples, for each row of the tile."""
        self.lanes = self.widths[-1]
        return [self.variable(0.0) for _ in self.tiled(s)]

    def add_shared(self, rows: Sequence[Any], totals: Sequence[Any]) -> None:
        """Write additions of all lanes to the adjoints of shared numbers."""
        for row, total in zip(rows, self.across(totals), strict=True):
            address = self.at(self.shared_adjoints, row)
            found = self.b.load(address, typ=DOUBLE, align=8)
            self.b.store(self.b.fadd(found, total), address, align=8)
