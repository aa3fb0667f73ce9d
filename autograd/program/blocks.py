"""A graph of scalars as a few operations on blocks of rows.

The nodes of one rule at one depth are one block: they do not depend on each other, and so they are
rows of one table, computed together. Two tables hold the numbers: what varies from sample to
sample has a lane for each sample, what does not is there once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.graph import leaves_and_results
from autograd.program.forms import Form, form_of, x
from autograd.value import Value

__all__ = ["Block", "Blocks", "Kind"]

TILE = 4  # rows that are computed together, so that what they share is loaded once
SPREAD = Form(x(0), (1,), choice=False)  # a shared number becomes one that varies


@dataclass(frozen=True)
class Kind:
    """What blocks must have in common to be computed by the same code."""

    form: Form
    varies: bool  # whether the rows belong to the varying table
    shared: tuple[bool, ...]  # which operands are read from the shared table instead
    wanted: tuple[bool, ...]  # in which of them the derivative is wanted
    many: bool  # whether a row has more than one term
    tile: int  # so many rows in turn have the same last operand


@dataclass(frozen=True)
class Block:
    """Rows ``start`` … ``start + rows`` of a table, and the rows that each is computed from.

    ``operands`` has a row number for every sequence, row and term.
    """

    kind: Kind
    start: int
    operands: Any

    @property
    def rows(self) -> int:
        """How many nodes are computed."""
        return int(self.operands.shape[1])


class Blocks(list[Block]):
    """The blocks of a graph in the order to compute them: shared ones, then varying ones.

    - ``leaves``: those of the shared table, then those of the varying one; each table begins with
      them. In the shared one the first ``shared`` are those whose derivatives are wanted, the
      others are constants;
    - ``inputs``: whether the derivatives in the varying leaves are wanted, too;
    - ``rows``: how many rows the tables have;
    - ``outputs``: the rows of the outputs, in the varying table if anything varies.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> blocks = Blocks([(w * x).tanh()], varying=[x], shared=[w])
    >>> [block.rows for block in blocks], blocks.rows, blocks.outputs
    ([1, 1], [1, 3], [2])
    """

    def __init__(
        self,
        outputs: Sequence[Value],
        varying: Sequence[Value],
        shared: Sequence[Value],
        *,
        inputs: bool = False,
    ) -> None:
        super().__init__()
        self.inputs = inputs
        leaves, results = leaves_and_results(*outputs)
        given = {*varying, *shared}
        constants = [leaf for leaf in leaves if leaf not in given]
        self.shared = len(shared)
        self.leaves = [*shared, *constants], list(varying)
        self.rows = [len(side) for side in self.leaves]
        self._row = {leaf: row for side in self.leaves for row, leaf in enumerate(side)}
        self._varies = set(varying)
        self._wanted = {*shared, *(varying if inputs else ())}  # and what depends on these
        self._spread: dict[Value, int] = {}
        groups = self._groups(results)
        for (_, _, flags, wanted, form, _), nodes in sorted(groups.items(), key=_depth):
            self._append(form, flags, wanted, nodes)
        if varying:
            self._spread_out([output for output in outputs if output not in self._varies])
        self.outputs = [self._spread.get(output, self._row[output]) for output in outputs]

    @property
    def place(self) -> dict[Value, tuple[bool, int]]:
        """Whether each node is in the varying table, and its row there or in the shared one."""
        return {node: (node in self._varies, row) for node, row in self._row.items()}

    @property
    def shared_blocks(self) -> int:
        """How many blocks come first that compute shared rows."""
        return sum(not block.kind.varies for block in self)

    def _groups(self, results: Sequence[Value]) -> dict[Any, list[Value]]:
        """Group nodes of one form and depth, whose operands vary alike and are wanted alike."""
        forms: dict[Any, Form] = {}
        depth: dict[Value, int] = {}
        groups: dict[Any, list[Value]] = defaultdict(list)
        varies, wanted = self._varies, self._wanted
        for node in results:
            parents, rule = node.parents, node.rule
            count = len(parents)
            form = forms.get((rule, count))
            if form is None:
                assert rule is not None, "a result has a rule"
                form = forms[rule, count] = form_of(rule, count)
            depth[node] = 1 + max([depth.get(p, 0) for p in parents])
            flags = tuple([p in varies for p in parents])
            wants = tuple([p in wanted for p in parents])
            if len(form.partials) < count:
                size = count // len(form.partials)
                flags, wants = _by_sequence(flags, size), _by_sequence(wants, size)
            if True in flags:
                varies.add(node)
            if True in wants:
                wanted.add(node)
            groups[True in flags, depth[node], flags, wants, form, count].append(node)
        return groups

    def _append(
        self, form: Form, flags: tuple[bool, ...], wanted: tuple[bool, ...], nodes: Sequence[Value]
    ) -> None:
        """Make a block of alike nodes, sorted by their operands so that these lie side by side."""
        varies = any(flags)
        index = self._operands(nodes, flags).reshape(len(nodes), len(flags), -1)
        first = index[:, :, 0].T
        order = np.lexsort(first if index.shape[2] > 1 else first[::-1])
        operands = np.ascontiguousarray(index[order].swapaxes(0, 1))
        start = self.rows[varies]
        rows = range(start, start + len(nodes))
        self._row.update(zip([nodes[k] for k in order], rows, strict=True))
        self.rows[varies] += len(nodes)
        shared = tuple([varies and not flag for flag in flags])
        for a, b, tile in _tiles(operands[-1]):
            kind = Kind(form, varies, shared, wanted, operands.shape[2] > 1, tile)
            self.append(Block(kind, start + a, np.ascontiguousarray(operands[:, a:b])))

    def _operands(self, nodes: Sequence[Value], flags: tuple[bool, ...]) -> Any:
        """Return the rows of the operands; shared ones among those that vary are spread first."""
        row = self._row
        if not any(flags):
            return np.array([row[p] for node in nodes for p in node.parents], np.int32)
        size = len(nodes[0].parents) // len(flags)
        wide = [flag for flag in flags for _ in range(size)]
        varies, spread = self._varies, self._spread
        self._spread_out(
            p
            for node in nodes
            for p, flag in zip(node.parents, wide, strict=True)
            if flag and p not in varies
        )
        found = [
            spread[p] if flag and p in spread else row[p]
            for node in nodes
            for p, flag in zip(node.parents, wide, strict=True)
        ]
        return np.array(found, np.int32)

    def _spread_out(self, nodes: Iterator[Value] | Sequence[Value]) -> None:
        """Copy shared numbers into the varying table, once each."""
        for node in dict.fromkeys(nodes):
            if node not in self._spread:
                self._spread[node] = self.rows[1]
                self.rows[1] += 1
                kind = Kind(SPREAD, True, (True,), (node in self._wanted,), many=False, tile=1)
                operands = np.array([[[self._row[node]]]], np.int32)
                self.append(Block(kind, self._spread[node], operands))


def _depth(group: tuple[Any, list[Value]]) -> tuple[bool, int]:
    varies, depth, *_ = group[0]
    return varies, depth


def _by_sequence(flags: tuple[bool, ...], size: int) -> tuple[bool, ...]:
    return tuple([any(flags[k : k + size]) for k in range(0, len(flags), size)])


def _tiles(last: Any) -> Iterator[tuple[int, int, int]]:
    """Cut rows where their last operand changes, into tiles and what is left over."""
    cuts = [0, *(np.flatnonzero((last[1:] != last[:-1]).any(1)) + 1), len(last)]
    if last.shape[1] == 1 or len(cuts) > len(last) / TILE:
        yield 0, len(last), 1
        return
    for a, b in pairwise(cuts):
        whole = a + (b - a) // TILE * TILE
        if whole > a:
            yield int(a), int(whole), TILE
        if b > whole:
            yield int(whole), int(b), 1
