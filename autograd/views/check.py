"""A person's own gradients, compared with the engine's, and what went wrong with each."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

from autograd.errors import AutogradError, ExpressionError, GradientError, UsageError
from autograd.number import shown
from autograd.sweep import passed_on
from autograd.tools.files import PathName, suffix_of, write
from autograd.tools.text import excerpt
from autograd.value import Value
from autograd.views.by_hand.causes import Cause, Causes, NextQuestion
from autograd.views.by_hand.judging import HINTS, Judge, derivative
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.reader import WRITTEN, Answer, Reader
from autograd.views.by_hand.told import SHOWN, what_went_wrong
from autograd.views.matrix_check import (
    MatrixChecker,
    MatrixEntry,
    MatrixFinding,
    asks_for_matrix,
)
from autograd.views.pictures.drawing import Drawing
from autograd.views.pictures.graph import GraphDrawing
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Paths
from autograd.views.writing.terminals import plain

__all__ = ["Finding", "Report", "check", "what_went_wrong"]


class Finding(NamedTuple):
    """What is to be said of one answer.

    - ``node``, ``symbol``: what was asked for, as in ``"∂L/∂w"``; None for a node that is not
      there;
    - ``answer``: the number that was given; ``gradient``: the engine's;
    - ``verdict``: ``"right"``; ``"right only here"`` for a formula that is another function;
      ``"asked back"`` for one that contains what is asked for; ``"wrong"``; ``"too coarse"``
      for a number that comes near, but was rounded too far to be sure; ``"near, not equal"`` for
      one that was not rounded; ``"cannot be read"``;
    - ``mistakes``: the known mistakes that lead to a wrong number, the likeliest first;
    - ``note``: what else is to be said: where a formula fails, why an answer cannot be read;
    - ``causes``: the same mistakes, those together that lead to one number whatever the inputs.
    """

    node: Value | None
    symbol: str
    answer: Answer
    gradient: float
    verdict: str
    mistakes: tuple[Mistake, ...]
    note: str = ""
    causes: tuple[Cause, ...] = ()

    @property
    def told(self) -> tuple[Cause, ...]:
        """The causes that are told, the likeliest first."""
        return self.causes[:SHOWN]

    def __str__(self) -> str:
        if self.verdict == "wrong":
            return f"{self.symbol} = {what_went_wrong(self.answer, self.causes)}"
        head = f"{self.symbol} = {self.answer.written}: {self.verdict}"
        return f"{head}; {self.note}" if self.note else head

    def raise_for_mistakes(self) -> None:
        """Raise `GradientError` with what is to be said of the answer unless it is right."""
        __tracebackhide__ = True  # pytest shows the line that asked
        if self.verdict != "right":
            raise GradientError(str(self))


class Report:
    """What is to be said of a person's gradients: one `Finding` for each, in the order given.

    True if all are right; ``score`` is the part that is right, from 0 to 1; a whole matrix is one
    answer, and counts once. In a test, ``check(answers, y).raise_for_mistakes()`` fails with all
    that is said; in a cell that nbgrader grades, ``check(answers, y)[w].raise_for_mistakes()`` is a
    point for w. Look a finding up by its Value; that of a matrix, a `MatrixFinding`, as it was
    asked for: by the layer, by rows of Values, or by the layer and the name of one of its matrices.
    """

    def __init__(
        self,
        findings: Sequence[Finding | MatrixFinding],
        graph: Graph,
        ask: Callable[[Any], NextQuestion | None] = lambda finding: None,
    ) -> None:
        self._graph = graph
        self._findings = list(findings)
        self._of = {finding.node: finding for finding in findings}
        self._ask = ask

    @property
    def ok(self) -> bool:
        """Whether all answers are right."""
        return all(finding.verdict == "right" for finding in self)

    @property
    def score(self) -> float:
        """How many of the answers are right, as a part of all."""
        return sum(finding.verdict == "right" for finding in self) / len(self)

    @property
    def next_question(self) -> NextQuestion | None:
        """The question that tells apart what may have led to the first wrong answer it can.

        None where each wrong answer has one cause, or none.
        """
        return next(filter(None, map(self._ask, self)), None)

    def __bool__(self) -> bool:
        return self.ok

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding | MatrixFinding]:
        return iter(self._findings)

    @overload
    def __getitem__(self, node: Value) -> Finding: ...
    @overload
    def __getitem__(self, node: object) -> Finding | MatrixFinding: ...
    def __getitem__(self, node: Any) -> Finding | MatrixFinding:
        if node not in self._of:
            raise UsageError(f"the report has no answer for {shown(node)}; check one")
        return self._of[node]

    def draw(self) -> Drawing:
        """Return the picture of the graph, with the place marked where each answer went wrong.

        It is the place of the likeliest cause, of a path all of it; a cause that has no one place
        marks none.
        """
        marks: dict[Edge, list[str]] = {}
        for finding in self:
            for cause in finding.causes[:1] if isinstance(finding, Finding) else ():
                said = f"{finding.symbol}: {' and '.join(cause.kinds[: cause.slips])}"
                for edge in cause.edges:
                    marks.setdefault(edge, []).append(said)
        joined = {edge: ", ".join(said) for edge, said in marks.items()}
        return GraphDrawing(self._graph.output, self._graph.variables, marks=joined)

    def raise_for_mistakes(self) -> None:
        """Raise `GradientError`, an AssertionError, with all that is said of answers not right.

        So a test fails in words that can be read; of `assert check(answers, y)` pytest prints the
        report in one line, its line breaks escaped.
        """
        __tracebackhide__ = True  # pytest shows the line that asked
        wrong = [str(finding) for finding in self if finding.verdict != "right"]
        if wrong:
            raise GradientError("\n".join(wrong))

    def to_json(self, gradients: bool = False) -> str:
        """Return the report as JSON; with the engine's gradients only if asked for.

        It is an object with ``ok``, ``score`` and ``answers``, a list in the order given. An
        answer has its ``symbol``, ``answer`` as it was written and ``number``, ``verdict``,
        ``note`` and ``causes``, each with a ``kind`` and a ``reason``, the likeliest first. What
        is no finite number is null. Of a matrix, ``number`` is a list of rows, and ``entries`` are
        the wrong ones that have causes of their own.
        """
        answers = [_as_data(finding, gradients) for finding in self]
        report = {"ok": self.ok, "score": self.score, "answers": answers}
        return json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False)

    def save(self, path: PathName) -> None:
        """Write the report to a .json file, without the engine's gradients.

        Raises `UsageError` for another suffix, or where the file cannot be written.
        """
        suffix_of(path, ("json",), "save")
        write(path, self.to_json() + "\n")

    def text(self, encoding: str = "utf-8") -> str:
        """Return the findings, in characters an encoding has."""
        return plain("\n".join(map(str, self)), encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


def _as_data(finding: Finding | MatrixFinding, gradients: bool) -> dict[str, Any]:
    """Return a finding as JSON has it."""
    causes = [
        {"kinds": cause.kinds, "slips": cause.slips, "reason": cause.reason, "remedy": cause.remedy}
        for cause in finding.causes
    ]
    said: dict[str, Any] = {
        "symbol": finding.symbol,
        "answer": finding.answer.written,
        "number": _finite(finding.answer.number),
        "verdict": finding.verdict,
        "note": finding.note,
        "causes": causes,
    }
    if isinstance(finding, MatrixFinding) and finding.entries:
        said["entries"] = [_as_data(entry, gradients) for entry in finding.entries]
    return {**said, "gradient": _finite(finding.gradient)} if gradients else said


def _finite(x: Any) -> Any:
    """Return a number, or rows of them, as JSON has it."""
    if isinstance(x, float):
        return x if math.isfinite(x) else None
    return [_finite(part) for part in x]


def check(
    answers: Mapping[Any, Any], output: Value, names: Mapping[str, Any] | None = None
) -> Report:
    """Compare a person's gradients with the engine's, and say of each wrong one what went wrong.

    `answers` maps Values, or their names, to numbers, fractions or formulas. A formula is text in
    the names of the nodes, ``"2(a − y)"``; it is parsed, never run. It is a function, and tried at
    other numbers of the leaves as well. Numbers may be rounded, to two significant digits or
    more. No ``grad`` is read or changed, and none needs to be there.

    Each answer has its own verdict, one that cannot be read too. In a large graph, slips are
    looked for at the 150 nodes nearest to the one that is asked about, and as many nearest
    to the output.

    A whole matrix is one answer: ``{layer: array}`` for the weights of a layer, ``{layer:
    {"weight": array, "bias": array}}`` for what its ``tensors()`` are called, ``{rows: array}`` for
    a tuple of tuples of Values (a list can be no key). The array is nested lists of numbers or
    formulas, NumPy's or PyTorch's.

    Raises `UsageError` if there are no answers, or two for one node.

    >>> w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.0, "b")
    >>> y = (w * x + b) ** 2
    >>> y.label = "y"
    >>> check({b: 4, x: "2(w·x + b)w", w: -8}, y)
    ∂y/∂b = 4: right
    ∂y/∂x = 2(w·x + b)w: right
    ∂y/∂w = -8: wrong; it is what comes out if
         the sign of the whole is flipped (or so at ∂v1/∂w, ∂v2/∂v1, ∂y/∂v2)
         (keep the minus with its factor until the product is done)
      or ∂y/∂v2 is taken at b = -4, not at v2, and what is inside is not differentiated
    """
    if not isinstance(answers, Mapping) or not answers:
        got = "no answers" if isinstance(answers, Mapping) else f"not {shown(answers)}"
        raise UsageError(f"check: {got}; give a dict of Values and numbers, as {{w: 6}}")
    checker = _Checker(Graph(output, names))
    for key, answer in answers.items():
        if asks_for_matrix(key):
            checker.read_matrices(key, answer)
        else:
            checker.read(key, answer)
    findings = [checker.judged(entry) for entry in checker.entries]
    return Report(findings, checker.graph, checker.question)


class _Entry(NamedTuple):
    """One answer as it was given: for which node, and what was read, or why it cannot be."""

    symbol: str
    node: Value | None
    answer: Answer
    refusal: str = ""


class _Checker:
    """Reads all answers, then judges each, for one may follow from another."""

    def __init__(self, graph: Graph) -> None:
        self.entries: list[_Entry | MatrixEntry] = []
        self.graph, self._write = graph, Notation(graph)
        self._reader, self._judge = Reader(graph), Judge(graph)
        self._answered: set[Value] = set()
        self._given: dict[Value, Answer] = {}
        self._causes = Causes(graph, self._given)

    @property
    def _matrices(self) -> MatrixChecker:
        """Who reads and judges matrices; not kept, as it holds this checker in turn."""
        return MatrixChecker(self.graph, self._reader, self._judge, self._causes, self._diagnosed)

    def read(self, key: Any, given: Any) -> None:
        """Read an answer for a node, which is a Value or a name."""
        written = excerpt(str(given) if isinstance(given, str) else _repr(given), WRITTEN)
        unread = Answer(math.nan, written.strip() or "(nothing)")
        symbol = excerpt(key if isinstance(key, str) else _repr(key), WRITTEN)
        try:
            node = self._node(key)
        except AutogradError as error:
            self.entries.append(_Entry(symbol, None, unread, _said(error)))
            return
        symbol = self._write.derivative(node)
        self._once(node)
        try:
            if given is None:
                raise UsageError("it is not answered yet; write a number or a formula")
            self._given[node] = self._reader.read(given)
        except AutogradError as error:
            self.entries.append(_Entry(symbol, node, unread, _said(error)))
        else:
            self.entries.append(_Entry(symbol, node, self._given[node]))

    def read_matrices(self, key: Any, given: Any) -> None:
        """Read an answer for the matrices of a layer, or for one matrix."""
        for entry in self._matrices.read(key, given):
            for node in dict.fromkeys(entry.matrix.entries) if entry.matrix else ():
                self._once(node)
            self.entries.append(entry)

    def _once(self, node: Value) -> None:
        if node in self._answered:
            name = self.graph.names(node) if node in self.graph.index else _repr(node)
            raise UsageError(f"check: {name} is answered twice; answer it once")
        self._answered.add(node)

    def _node(self, key: Any) -> Value:
        node = self._reader.node(key) if isinstance(key, str) else key
        if not isinstance(node, Value) or node not in self.graph.index:
            raise UsageError(f"the output does not depend on {_repr(key)}; answer for another")
        return node

    def judged(self, entry: _Entry | MatrixEntry) -> Finding | MatrixFinding:
        """Return the finding on an answer that was read."""
        if isinstance(entry, MatrixEntry):
            return self._matrices.judged(entry)
        return self._judged(entry)

    def _diagnosed(self, node: Value, answer: Answer) -> Finding:
        return self._judged(_Entry(self._write.derivative(node), node, answer))

    def _judged(self, entry: _Entry) -> Finding:
        symbol, node, answer, refusal = entry
        if node is None:
            return Finding(None, symbol, answer, math.nan, "cannot be read", (), refusal)
        gradient = self.graph.derivatives[node]
        if refusal:
            return Finding(node, symbol, answer, gradient, "cannot be read", (), refusal)
        wanted, suspects = derivative(self.graph.output, node), self._suspects(node)
        noise = 0.0 if answer.agrees(gradient) else self.graph.noise[node]
        verdict, mistakes, note = self._judge(answer, wanted, symbol, suspects, noise)
        causes: tuple[Cause, ...] = ()
        if verdict == "wrong":
            causes = self._causes.of(node, answer, mistakes, self._judge.points(answer))
        elif verdict in HINTS:
            causes = self._causes.of_near(node, answer, self._judge.points(answer))
        if not causes:
            return Finding(node, symbol, answer, gradient, verdict, mistakes, note)
        told = tuple(mistake for cause in causes for mistake in cause.mistakes)
        return Finding(node, symbol, answer, gradient, "wrong", told, "", causes)

    def question(self, finding: Any) -> NextQuestion | None:
        """Return what to ask next about an answer."""
        if isinstance(finding, MatrixFinding):
            return next(filter(None, map(self.question, finding.entries)), None)
        if finding.node is None or finding.verdict != "wrong":
            return None
        return self._causes.question(finding.node, finding.causes)

    def _suspects(self, node: Value) -> Iterator[Mistake]:
        """Yield the mistakes that may have been made, if they are asked for."""
        suspects = self._causes.suspects(node)
        yield from _carried_over(suspects.why, self._given)
        yield from suspects.wrong


def _said(error: AutogradError) -> str:
    """Return what an error says, in one line."""
    return excerpt(error.message if isinstance(error, ExpressionError) else str(error))


def _repr(given: Any) -> str:
    """Return something as it may be repeated; what has no repr by its type."""
    try:
        return shown(given)
    except Exception as error:
        return f"({type(given).__name__}: {type(error).__name__})"


def _carried_over(why: Paths, given: Mapping[Value, Answer]) -> Iterator[Mistake]:
    """Yield what comes of doing the rest right with other answers of the same person."""
    wrong = {
        node: given[node].number
        for node in why.chain[1:]
        if node is not why.node
        and node in given
        and not given[node].agrees(why.graph.derivatives[node])
    }
    if not wrong:
        return
    totals = {why.graph.output: 1.0}
    for node in why.chain[1:]:
        edges = why.consumers[node]
        passed = (passed_on(edge.node, totals[edge.node], edge.partial) for edge in edges)
        contributions = (contribution or 0.0 for contribution in passed)
        totals[node] = wrong[node] if node in wrong else math.fsum(contributions)
    yours = " and ".join(
        f"{Notation(why.graph).derivative(node)} = {given[node].written}" for node in wrong
    )
    reason = f"all else is done right with your {yours}"
    yield Mistake("carried over", reason, totals[why.node])
