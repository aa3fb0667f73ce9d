"""A graph on NumPy's arrays: the numbers and the derivatives of every node."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograd.comparisons import Comparison
from autograd.errors import UsageError
from autograd.graph import topological_order
from autograd.program.arrays import Steps, Tables
from autograd.program.blocks import Blocks
from autograd.recording import Recording, leniently
from autograd.value import Value

__all__ = ["EveryNode", "every_node"]


class EveryNode:
    """The blocks of a graph, and where each of its nodes is found in their tables.

    The output is not kept, so that this can be kept as long as the output is there.
    """

    def __init__(
        self, output: Value, varying: Sequence[Value], guards: Sequence[Comparison]
    ) -> None:
        order = topological_order(output)
        self.varying = list(varying)
        given = set(varying)
        shared = [node for node in order if not node.parents and node not in given]
        with Recording(True), leniently():
            asked = [Value.record(guard.rule, guard.operands) for guard in guards]
        self.answers = [float(bool(int(guard))) for guard in guards]
        blocks = Blocks([output, *asked], varying, shared, inputs=True)
        self.steps, self.rows = Steps(blocks), blocks.rows
        self.output, *self.asked = blocks.outputs
        self.leaves = blocks.leaves[0]
        place = blocks.place
        self.nodes = [[n for n in order[:-1] if place[n][0] == varies] for varies in (False, True)]
        self.places = [[place[node][1] for node in nodes] for nodes in self.nodes]

    def run(
        self, columns: Sequence[Any], shared: Sequence[float], seed: Any
    ) -> tuple[Any, list[Any]] | None:
        """Return the tables of numbers and of adjoints; None if anything in them is not finite.

        Columns are the numbers of the varying leaves, sample by sample; adjoints of shared rows
        are sums over the samples. None, too, if a comparison comes out otherwise.
        """
        samples = len(columns[0])
        numbers = [np.zeros(self.rows[0]), np.empty((self.rows[1], samples))]
        numbers[0][: len(shared)] = shared
        numbers[1][: len(columns)] = columns
        tables = Tables(numbers, [np.zeros_like(table) for table in numbers])
        tables.adjoints[1][self.output] = seed
        with np.errstate(all="ignore"):
            for varies in (False, True):
                self.steps.forward(tables, varies)
            for varies in (True, False):
                self.steps.backward(tables, varies, careful=False)
            if not np.isfinite(sum(table.sum() for table in [*numbers, *tables.adjoints])):
                return None
        for row, answer in zip(self.asked, self.answers, strict=True):
            if (numbers[1][row] != answer).any():
                return None
        return numbers[1][self.output], tables.adjoints

    def derivatives(self, adjoints: Sequence[Any], shape: tuple[int, ...]) -> dict[Value, Any]:
        """Return the derivatives in all nodes but the output, averages where they do not vary."""
        means = (adjoints[0][self.places[0]] / adjoints[1].shape[1]).tolist()
        each = adjoints[1].reshape(-1, *shape)
        found = dict(zip(self.nodes[0], means, strict=True))
        found.update(zip(self.nodes[1], [each[row] for row in self.places[1]], strict=True))
        return found


_known: WeakKeyDictionary[Value, EveryNode] = WeakKeyDictionary()


def every_node(
    output: Value, numbers: Mapping[Value, Any], seed: Any, guards: Collection[Comparison]
) -> tuple[Any, dict[Value, Any]] | None:
    """Return what `autograd.replay` returns, of arrays of floats; None where that is not enough.

    It is not where something is not finite, which has to be told by node, nor for rules that
    compute with floats alone.
    """
    arrays = {leaf: x for leaf, x in numbers.items() if getattr(x, "shape", ())}
    if not arrays or not output.parents or any(x.dtype != float for x in arrays.values()):
        return None
    shape = np.broadcast_shapes(np.shape(seed), *[x.shape for x in arrays.values()])
    prepared = _known.get(output)
    if prepared is None or prepared.varying != [*arrays] or guards or prepared.answers:
        try:
            prepared = EveryNode(output, [*arrays], [*guards])
        except UsageError:
            return None
        if not guards:  # whose operands may depend on the output, and would keep it
            _known[output] = prepared
    columns = [np.broadcast_to(x, shape).ravel() for x in arrays.values()]
    shared = [numbers.get(leaf, leaf.data) for leaf in prepared.leaves]
    found = prepared.run(columns, shared, np.broadcast_to(seed, shape).ravel())
    if found is None:
        return None
    value, adjoints = found
    derivatives = prepared.derivatives(adjoints, shape)
    derivatives[output] = float(seed) if isinstance(seed, int) else seed
    return value.reshape(shape), derivatives
