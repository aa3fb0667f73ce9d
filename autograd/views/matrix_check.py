"""A person's whole matrix of gradients, compared with the engine's: one finding for all of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

from autograd.errors import AutogradError, GradientError, UsageError
from autograd.number import shown
from autograd.tools.text import excerpt
from autograd.value import Value
from autograd.views.by_hand.arrays import MatrixAnswer, read_matrix
from autograd.views.by_hand.causes import Cause, Causes
from autograd.views.by_hand.judging import Judge, compare, derivative
from autograd.views.by_hand.matrices import MatrixSuspects
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.reader import TOLERANCES, WRITTEN, Answer, Reader
from autograd.views.by_hand.told import SHOWN, what_went_wrong
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.matrices import Matrix, Rows, matrices_of, matrix_name, weights_of
from autograd.views.tracing.notation import Notation
from autograd.views.writing.numbers import counted
from autograd.views.writing.scripts import TEXT

__all__ = ["MatrixChecker", "MatrixEntry", "MatrixFinding", "asks_for_matrix"]

TOLD = 3
"""How many wrong entries are told, each with what went wrong."""

WORK = 4000
"""How many nodes are gone through to find one mistake that explains every wrong entry."""

WORST = ("wrong", "right only here", "asked back", "near, not equal", "too coarse")
"""The verdicts on entries, the one first that holds for the whole."""


class MatrixFinding(NamedTuple):
    """What is to be said of the answer for a whole matrix.

    - ``node``: what was asked for, as it was given: a layer, a layer and the name of one of its
      matrices, rows of Values; ``symbol``: the same as in ``"∂L/∂W⁽²⁾"``;
    - ``answer``: the `MatrixAnswer` that was given; ``gradient``: the engine's, row by row;
    - ``verdict``: ``"right"`` if all entries are; ``"wrong"`` if one is; ``"wrong shape"``;
      ``"cannot be read"``; otherwise as of a single answer;
    - ``mistakes``, ``causes``: the known mistakes that lead to the whole of a wrong matrix;
    - ``note``: what else is to be said;
    - ``entries``: where no mistake explains the whole, a `Finding` for each of the first few
      entries that are not right.
    """

    node: Any
    symbol: str
    answer: MatrixAnswer
    gradient: Rows
    verdict: str
    mistakes: tuple[Mistake, ...] = ()
    note: str = ""
    causes: tuple[Cause, ...] = ()
    entries: tuple[Any, ...] = ()

    @property
    def told(self) -> tuple[Cause, ...]:
        """The causes that are told, the likeliest first."""
        return self.causes[:SHOWN]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of mistake that lead to the whole."""
        return tuple(dict.fromkeys(kind for cause in self.causes for kind in cause.kinds))

    def raise_for_mistakes(self) -> None:
        """Raise `GradientError` with what is to be said of the answer unless it is right."""
        __tracebackhide__ = True  # pytest shows the line that asked
        if self.verdict != "right":
            raise GradientError(str(self))

    def __str__(self) -> str:
        head = f"{self.symbol} = {self.answer.written}"
        if self.causes:
            return f"{self.symbol} = {what_went_wrong(self.answer, self.causes)}"
        lines = [f"{head}: {self.verdict}" + (f"; {self.note}" if self.note else "")]
        lines += [f"  {line}" for entry in self.entries for line in str(entry).splitlines()]
        return "\n".join(lines)


class MatrixEntry(NamedTuple):
    """An answer for a matrix as it was given: what was read, or why it cannot be."""

    node: Any
    symbol: str
    matrix: Matrix | None
    answer: MatrixAnswer
    refusal: str = ""


def asks_for_matrix(key: Any) -> bool:
    """Return whether the key of an answer is a layer, or rows of Values."""
    return isinstance(key, tuple) or (
        not isinstance(key, Value | str) and matrices_of(key) is not None
    )


class MatrixChecker:
    """Reads and judges the answers for whole matrices in one graph.

    `diagnosed` makes the `Finding` of one entry, with what went wrong.
    """

    def __init__(
        self,
        graph: Graph,
        reader: Reader,
        judge: Judge,
        causes: Causes,
        diagnosed: Callable[[Value, Answer], Any],
    ) -> None:
        self._graph, self._reader, self._judge, self._causes = graph, reader, judge, causes
        self._write, self._diagnosed = Notation(graph), diagnosed

    def read(self, key: Any, given: Any) -> Iterator[MatrixEntry]:
        """Yield the answers for a layer: one for its matrix, or one for each that is named."""
        owned = matrices_of(key)
        if owned is None:
            yield self._read(key, lambda: key, given)
        elif isinstance(given, Mapping):
            for name, part in given.items():
                yield self._read((key, name), partial(_named, owned, name), part)
        else:
            yield self._read(key, partial(weights_of, key, owned), given)

    def _read(self, node: Any, values: Callable[[], Any], given: Any) -> MatrixEntry:
        symbol, matrix = _repeated(node), None
        try:
            matrix = Matrix.of(values())
            if self._graph.index.keys().isdisjoint(matrix.entries):
                raise UsageError(f"the output does not depend on {symbol}; answer for another")
            below = matrix_name(self._graph, matrix)
            symbol = TEXT.derivative(self._graph.names[self._graph.output], below)
            return MatrixEntry(node, symbol, matrix, read_matrix(self._reader, given, matrix))
        except AutogradError as error:
            unread = MatrixAnswer((), excerpt(_repeated(given), WRITTEN), {})
            return MatrixEntry(node, symbol, matrix, unread, excerpt(str(error)))

    def judged(self, entry: MatrixEntry) -> MatrixFinding:
        """Return the finding on an answer that was read."""
        node, symbol, matrix, answer, refusal = entry
        gradient = matrix.filled(self._gradient) if matrix else []
        found = MatrixFinding(node, symbol, answer, gradient, "cannot be read", (), refusal)
        if matrix is None or refusal:
            return found
        if answer.unread or answer.shape == matrix.shape:
            found = self._by_entries(found, matrix)
        else:
            there = "×".join(map(str, answer.shape))
            name = matrix_name(self._graph, matrix).unicode
            note = f"it is {there}, but {name} is {matrix.size}"
            found = found._replace(verdict="wrong shape", note=note)
        if found.verdict in ("wrong", "wrong shape"):
            found = self._explained(found, matrix)
        return found

    def _gradient(self, value: Value) -> float:
        return self._graph.derivatives.get(value, 0.0)  # of what the output does not depend on

    def _noise(self, value: Value, epsilon: float) -> float:
        """Return what rounding can have done to one entry, in numbers of fewer bits if they are.

        Where these cancel, as in the 1 − z² of a saturated tanh, they leave what is small beside
        the largest derivative on the way.
        """
        noise = self._graph.noise.get(value, 0.0)
        if not epsilon:
            return noise
        return max(noise, epsilon * max(min(noise * 1e12, self._largest), 0.01 * self._largest))

    @cached_property
    def _largest(self) -> float:
        found = (abs(x) for x in self._graph.derivatives.values() if math.isfinite(x))
        return max(found, default=0.0)

    def _by_entries(self, found: MatrixFinding, matrix: Matrix) -> MatrixFinding:
        """Return the finding with the verdict that its entries have together."""
        answer = found.answer
        if answer.unread:
            return found._replace(note=self._unread(answer, matrix))
        judged = [
            (value, given, *self._judgement(value, given, answer.epsilon))
            for value, given in zip(matrix.entries, answer.entries, strict=True)
        ]
        verdicts = Counter(verdict for _, _, verdict, _ in judged)
        worst = next((verdict for verdict in WORST if verdicts[verdict]), "right")
        near = all(
            abs(given.number - self._gradient(value)) <= answer.decimal * TOLERANCES["tie"]
            for value, given, *_ in judged
        )
        if worst == "wrong" and near:
            note = "its entries come near, but are rounded to too few digits to be sure"
            return found._replace(verdict="too coarse", note=note)
        first = next((each for each in judged if each[2] == worst != "right"), None)
        note = f"{self._symbol(first[0])}: {first[3]}" if first and first[3] else ""
        return found._replace(verdict=worst, note=note)

    def _judgement(self, value: Value, given: Answer, epsilon: float = 0.0) -> tuple[str, str]:
        truth = self._gradient(value)
        if given.agrees(truth) and not given.steps:
            return "right", ""
        given = given._replace(noise=given.noise + self._noise(value, epsilon))
        if value not in self._graph.index:
            return compare(given, truth).verdict, ""
        wanted = derivative(self._graph.output, value)
        verdict, _, note = self._judge(given, wanted, self._symbol(value))
        return verdict, note

    def _unread(self, answer: MatrixAnswer, matrix: Matrix) -> str:
        """Say which entries cannot be read, and how many of the others are right."""
        said = [
            f"row {j + 1}, column {k + 1} ({answer.rows[j][k].written}): {why}"
            for (j, k), why in answer.unread.items()
        ]
        more = f"; and {counted(len(said) - TOLD, 'other entry')}" if len(said) > TOLD else ""
        note = "; ".join(said[:TOLD]) + more.replace("entrys", "entries")
        if answer.shape != matrix.shape:
            return note
        read = [
            self._judgement(matrix.rows[j][k], given, answer.epsilon)[0] == "right"
            for j, row in enumerate(answer.rows)
            for k, given in enumerate(row)
            if (j, k) not in answer.unread
        ]
        return f"{note}; of the others {sum(read)} of {len(read)} are right" if read else note

    def _explained(self, found: MatrixFinding, matrix: Matrix) -> MatrixFinding:
        """Return the finding on a wrong matrix with what went wrong: with the whole, or where."""
        answer = found.answer
        noise = max(self._noise(value, answer.epsilon) for value in matrix.entries)
        groups: Sequence[Sequence[Mistake]] = []
        if len(matrix.entries) > 1:
            groups = MatrixSuspects(self._graph, matrix).fitting(answer.rows, noise)
        if found.verdict == "wrong shape":
            verdict = "wrong" if groups else found.verdict
            return _with(found._replace(verdict=verdict, note="" if groups else found.note), groups)
        wrong = [
            (value, given)
            for value, given in zip(matrix.entries, answer.entries, strict=True)
            if self._judgement(value, given, answer.epsilon)[0] != "right"
        ]
        if not groups and len(wrong) > 1:
            groups = self._common(wrong)
        if groups:
            return _with(found._replace(note=""), groups)
        total = len(matrix.entries)
        if len(wrong) > max(1, total // 2):
            note = f"{len(wrong)} of {total} entries; no known mistake leads to these numbers"
            return found._replace(note=note)
        known = [pair for pair in wrong if pair[0] in self._graph.index][:TOLD]
        entries = tuple(self._diagnosed(value, given) for value, given in known)
        return found._replace(note=f"{len(wrong)} of {total} entries", entries=entries)

    def _common(self, wrong: Sequence[tuple[Value, Answer]]) -> list[list[Mistake]]:
        """Return the mistake at one place that leads to all wrong entries, if there is one."""
        if any(value not in self._graph.index for value, _ in wrong):
            return []
        first, given = wrong[0]
        suspects = self._causes.suspects(first)
        if len(suspects.why.chain) * len(wrong) > WORK:
            return []
        left = [mistake for mistake in suspects.wrong if given.agrees(mistake.number)]
        for value, given in wrong[1:]:
            if not left:
                break
            here = self._causes.suspects(value).here
            there = [(m, here.get(m.place)) for m in left]
            left = [m for m, other in there if other and given.agrees(other.number)]
        return [[mistake] for mistake in left if mistake.kind != "another variable's gradient"]

    def _symbol(self, value: Value) -> str:
        return self._write.derivative(value) if value in self._graph.index else _repeated(value)


def _with(found: MatrixFinding, groups: Sequence[Sequence[Mistake]]) -> MatrixFinding:
    causes = tuple(Cause(tuple(alike)) for alike in groups)
    return found._replace(causes=causes, mistakes=tuple(m for alike in groups for m in alike))


def _named(owned: Mapping[str, Any], name: Any) -> Any:
    if name not in owned:
        raise UsageError(f"there is no {shown(name)} here; give one of {', '.join(owned)}")
    return owned[name]


def _repeated(x: Any) -> str:
    """Return something as it may be repeated; of a layer what it is."""
    if isinstance(x, tuple) and len(x) == 2 and isinstance(x[1], str):
        return f"{x[1]} of {_repeated(x[0])}"
    if matrices_of(x) is not None:
        return f"the {type(x).__name__}"
    try:
        return excerpt(shown(x), WRITTEN)
    except Exception:
        return f"a {type(x).__name__}"
