"""One way through a function: a recorded graph, and what decided that it was this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.comparisons import Comparison, guards
from autograd.graph import leaves_and_results
from autograd.program.backends import backend_of
from autograd.program.results import Results
from autograd.recording import Recording, leniently
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.program.blocks import Blocks
    from autograd.program.results import Backend

__all__ = ["AVERAGE", "INPUTS", "SAMPLES", "Numbers", "Way"]

Numbers: TypeAlias = "tuple[Any, Mapping[Value, float]]"
"""The numbers of the shared leaves, and of those that neither vary nor are shared."""

AVERAGE, INPUTS, SAMPLES = "average", "inputs", "samples"
"""What derivatives are asked for: those of the shared leaves, added up over the samples; those of
the inputs; or those of the shared leaves for every sample."""


class Way:
    """A recorded graph, what varies in it, and the comparisons that must come out as they did."""

    def __init__(
        self,
        outputs: Sequence[Value],
        varying: Sequence[Value],
        shared: Sequence[Value],
        backend: str,
        threads: int,
    ) -> None:
        self.varying, self.shared = varying, shared
        self.backend, self.threads = backend, threads
        self.count = len(outputs)
        self.guards = _guards_of(outputs, varying)
        with Recording(True), leniently():
            asked = [Value.record(guard.rule, guard.operands) for guard in self.guards]
        self.outputs = [*outputs, *asked]
        given = {*varying, *shared}
        leaves, _ = leaves_and_results(*self.outputs)
        self.others = [leaf for leaf in leaves if not leaf.is_constant and leaf not in given]
        self.expected = [bool(int(guard)) for guard in self.guards]
        self._prepared: dict[tuple[str, bool], _Prepared] = {}
        self._prepare(AVERAGE, single=False)  # refuses rules that no back end can run

    def run(
        self, purpose: str, X: Any, numbers: Numbers, seeded: int | None, seed: float
    ) -> Results:
        """Compute a batch; carefully, if that is needed to tell 0 from what is not finite."""
        prepared = self._prepare(purpose, single=len(X) == 1)
        with prepared.turn:
            prepared.set(X, *numbers)
            found = prepared.run(X, seeded, seed, careful=False)
            if not isfinite(found.finite):
                careful = prepared.run(X, seeded, seed, careful=True)
                found = careful._replace(finite=found.finite)
        return found

    def turned(self, found: Results) -> Any:
        """Return for each guard and sample whether it came out otherwise; None if none did."""
        if not self.expected:
            return None
        import numpy

        answers = found.values[self.count :] != 0
        turned = answers != numpy.array(self.expected)[:, None]
        return turned if turned.any() else None

    def _prepare(self, purpose: str, single: bool) -> _Prepared:
        single = single and self.backend == "compiled" and bool(self.varying)
        known = self._prepared.get((purpose, single))
        if known is None:
            kind = _Single if single else _Samples if purpose == SAMPLES else _Prepared
            known = self._prepared[purpose, single] = kind(self, purpose)
        return known


class _Prepared:
    """The blocks of a way for a purpose, and the back end that computes them."""

    def __init__(self, way: Way, purpose: str) -> None:
        self.way, self.purpose = way, purpose
        self.turn = Lock()
        blocks = self._blocks()
        self.backend: Backend = backend_of(way.backend, blocks, way.threads)
        self.theta = self.backend.numbers[: blocks.shared]
        place = {leaf: i for i, leaf in enumerate(blocks.leaves[0])}
        self.others = [(place[leaf], leaf) for leaf in way.others]

    def _blocks(self) -> Blocks:
        from autograd.program.blocks import Blocks

        way = self.way
        return Blocks(way.outputs, way.varying, way.shared, inputs=self.purpose == INPUTS)

    def set(self, X: Any, theta: Any, others: Mapping[Value, float]) -> None:
        """Set the numbers of the leaves that do not vary."""
        self.theta[...] = theta
        for i, leaf in self.others:
            self.backend.numbers[i] = others.get(leaf, leaf._number)

    def run(self, X: Any, seeded: int | None, seed: float, careful: bool) -> Results:
        """Compute a batch."""
        return self.backend.run(X, seeded, seed, careful)


class _Samples(_Prepared):
    """The same with shared leaves that vary, so that their derivatives are had sample by sample."""

    def _blocks(self) -> Blocks:
        from autograd.program.blocks import Blocks

        way = self.way
        return Blocks(way.outputs, [*way.varying, *way.shared], [], inputs=True)

    def set(self, X: Any, theta: Any, others: Mapping[Value, float]) -> None:
        """Set the numbers of the leaves that do not vary, and keep those that do here."""
        super().set(X, self.theta[:0], others)
        self.repeated = theta

    def run(self, X: Any, seeded: int | None, seed: float, careful: bool) -> Results:
        """Compute a batch."""
        import numpy

        repeated = numpy.broadcast_to(self.repeated, (len(X), len(self.repeated)))
        rows = numpy.concatenate([X, repeated], axis=1)
        found = self.backend.run(rows, seeded, seed, careful)
        if found.slopes is None:
            return found
        return found._replace(slopes=found.slopes[:, X.shape[1] :])


class _Single(_Prepared):
    """The same for one sample, whose inputs are numbers like any other: no lanes are needed."""

    def _blocks(self) -> Blocks:
        from autograd.program.blocks import Blocks

        way = self.way
        return Blocks(way.outputs, [], [*way.shared, *way.varying])

    def set(self, X: Any, theta: Any, others: Mapping[Value, float]) -> None:
        """Set the numbers of all leaves."""
        super().set(X, [*theta, *X[0]], others)

    def run(self, X: Any, seeded: int | None, seed: float, careful: bool) -> Results:
        """Compute the one sample."""
        found = self.backend.run(X[:, :0], seeded, seed, careful)
        if found.gradient is None:
            return found
        count = len(self.way.shared)
        gradient, slopes = found.gradient[:count], found.gradient[count:]
        asked = gradient if self.purpose == SAMPLES else slopes
        return found._replace(gradient=gradient, slopes=asked[None])


def _guards_of(outputs: Sequence[Value], varying: Sequence[Value]) -> list[Comparison]:
    """Return the comparisons that may have decided how the outputs were computed.

    Those are the ones that depend on a varying leaf, and those of other leaves of the graph alone:
    what was asked of a leaf that is not in it decided something else.
    """
    leaves = {leaf for leaf in leaves_and_results(*outputs)[0] if not leaf.is_constant}
    leaves.update(varying)
    found = []
    for guard in guards(leaves):
        beneath = {v for v in leaves_and_results(*guard.operands)[0] if not v.is_constant}
        if beneath <= leaves or not beneath.isdisjoint(varying):
            found.append(guard)
    return found
