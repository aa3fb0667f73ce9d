"""A person's own gradients, compared with the engine's, and what went wrong with each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.errors import UsageError
from autograd.graph import topological_order
from autograd.number import shown
from autograd.sweep import passed_on, sweep
from autograd.value import Value
from autograd.views.by_hand.answers import Answer, Reader
from autograd.views.by_hand.mistakes import Mistake, known_mistakes
from autograd.views.explain import Explanation
from autograd.views.writing.notation import Names, ratio
from autograd.views.writing.numbers import counted
from autograd.views.writing.terminals import plain

__all__ = ["Finding", "Report", "check", "judge", "rounding_noise", "what_went_wrong"]

SHOWN = 3
"""How many mistakes that lead to the same number are told; a `Finding` has them all."""


class Finding(NamedTuple):
    """What is to be said of one answer.

    - ``node``, ``symbol``: what was asked for, as in ``"∂L/∂w"``;
    - ``answer``: the number that was given; ``gradient``: the engine's;
    - ``verdict``: ``"right"``, ``"wrong"``, or ``"too coarse"`` for one that comes near, but was
      rounded too far to be sure;
    - ``mistakes``: the known mistakes that lead to a wrong number, the likeliest first.
    """

    node: Value
    symbol: str
    answer: Answer
    gradient: float
    verdict: str
    mistakes: tuple[Mistake, ...]

    def __str__(self) -> str:
        head = f"{self.symbol} = {self.answer.written}: {self.verdict}"
        if self.verdict == "too coarse":
            return f"{head}; it comes near, calculate with more digits and give three or more"
        if self.verdict == "right":
            return head
        return f"{self.symbol} = {what_went_wrong(self.answer, self.mistakes)}"


def what_went_wrong(answer: Answer, mistakes: Sequence[Mistake]) -> str:
    """Return what is to be said of a wrong answer, given the mistakes that lead to it."""
    if not mistakes:
        return f"{answer.written}: wrong; no known mistake leads to this number"
    reasons = [mistake.reason for mistake in _one_of_each_kind(mistakes)][:SHOWN]
    lines = [f"{answer.written}: wrong; it is what comes out if", f"     {reasons[0]}"]
    lines += [f"  or {reason}" for reason in reasons[1:]]
    rest = len(mistakes) - len(reasons)
    lines += [f"  (and by {counted(rest, 'other known mistake')})"] if rest else []
    return "\n".join(lines)


class Report:
    """What is to be said of a person's gradients: one `Finding` for each, in the order given.

    True if all are right, so that ``assert check(answers, y)`` is a test; ``score`` is the part
    that is right, from 0 to 1. Look a finding up by its Value.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = {finding.node: finding for finding in findings}

    @property
    def ok(self) -> bool:
        """Whether all answers are right."""
        return all(finding.verdict == "right" for finding in self)

    @property
    def score(self) -> float:
        """How many of the answers are right, as a part of all."""
        return sum(finding.verdict == "right" for finding in self) / len(self)

    def __bool__(self) -> bool:
        return self.ok

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings.values())

    def __getitem__(self, node: Value) -> Finding:
        if node not in self._findings:
            raise UsageError(f"the report has no answer for {shown(node)}; check one")
        return self._findings[node]

    def text(self, encoding: str = "utf-8") -> str:
        """Return the findings, in characters an encoding has."""
        return plain("\n".join(map(str, self)), encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


def check(
    answers: Mapping[Any, Any], output: Value, names: Mapping[str, Any] | None = None
) -> Report:
    """Compare a person's gradients with the engine's, and say of each wrong one what went wrong.

    `answers` maps Values, or their names, to numbers, fractions or formulas. A formula is text in
    the names of the nodes, ``"2 * (a - y)"``; it is parsed, never run. Numbers may be rounded, to
    two significant digits or more. No ``grad`` is read or changed, and none needs to be there.

    Raises `UsageError` if there are no answers, or one is for a node that the output does not
    depend on, or cannot be read.

    >>> w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.0, "b")
    >>> y = (w * x + b) ** 2
    >>> y.label = "y"
    >>> check({b: 4, x: "2 * (w*x + b) * w", w: 4}, y)
    ∂y/∂b = 4: right
    ∂y/∂x = 2 * (w*x + b) * w: right
    ∂y/∂w = 4: wrong; it is what comes out if
         the local derivative ∂v1/∂w = 2 is forgotten
      or the factor 2 of ∂y/∂v2 is missing
    """
    order = topological_order(output)
    called = Names(order, names, numbered=True)
    if not answers:
        raise UsageError("check: no answers; give a dict of Values and numbers, as {w: 6}")
    reader = Reader(order, called)
    given: dict[Value, Answer] = {}
    for key, answer in answers.items():
        node = _node(key, reader, order)
        if node in given:
            raise UsageError(f"check: {called(node)} is answered twice; answer it once")
        given[node] = reader.read(answer)
    noise = rounding_noise(order)
    findings = []
    for node, answer in given.items():
        why = Explanation(order, node, called)
        verdict, fitting = judge(answer, why.gradient, _suspects(why, given), noise[node])
        symbol = ratio(output, node, called)
        findings.append(Finding(node, symbol, answer, why.gradient, verdict, fitting))
    return Report(findings)


def judge(
    answer: Answer, truth: float, mistakes: Iterable[Mistake], noise: float = 0.0
) -> tuple[str, tuple[Mistake, ...]]:
    """Return the verdict on an answer, and of the mistakes those that lead to its number.

    Whoever rounds is given the benefit of the doubt: a number that agrees with the truth to the
    digits that were given is not held against a mistake that it agrees with as well.
    """
    if answer.agrees(truth, noise):
        return "right", ()
    suspects = list(mistakes)
    exact = answer._replace(precision=0.0)
    fitting = [mistake for mistake in suspects if exact.agrees(mistake.number, noise)]
    if not fitting and answer.is_near(truth):
        return "too coarse", ()
    return "wrong", tuple(fitting or [m for m in suspects if _explains(m, answer, noise)])


def _explains(mistake: Mistake, answer: Answer, noise: float) -> bool:
    """Return whether an answer, perhaps rounded, is what a mistake leads to."""
    if mistake.kind == "carried over" and answer.is_near(mistake.number):
        return True  # it starts from what the person rounded before
    return answer.agrees(mistake.number, noise)


def rounding_noise(order: Sequence[Value]) -> dict[Value, float]:
    """Return, for the derivative in each node, how much of it could be rounding.

    One part in 10¹² of the sum over all paths, were nothing to cancel; on long ladders that bound
    says nothing, and one part in 10⁶ of the largest derivative is enough.
    """
    partials = {node: node.partials for node in order}
    sizes = {node: [abs(partial) for partial in node.partials] for node in order}
    derivatives = [abs(x) for x in sweep(order, partials, 1.0).values() if math.isfinite(x)]
    enough = 1e-6 * max(derivatives, default=0.0)
    return dict.fromkeys(order, 0.0) | {
        node: bound if bound < enough else enough  # NaN is not less
        for node, bound in sweep(order, sizes, 1e-12).items()
    }


def _node(key: Value | str, reader: Reader, order: Sequence[Value]) -> Value:
    node = reader.node(key) if isinstance(key, str) else key
    if not isinstance(node, Value) or node not in set(order):
        raise UsageError(f"check: the output does not depend on {shown(key)}; answer for another")
    return node


def _suspects(why: Explanation, given: Mapping[Value, Answer]) -> Iterator[Mistake]:
    yield from _carried_over(why, given)
    yield from known_mistakes(why)


def _carried_over(why: Explanation, given: Mapping[Value, Answer]) -> Iterator[Mistake]:
    """Yield what comes of doing the rest right with other answers of the same person."""
    wrong = {
        node: given[node].number
        for node in why.chain[1:]
        if node is not why.node and node in given and not given[node].agrees(why.derivatives[node])
    }
    if not wrong:
        return
    totals = {why.output: 1.0}
    for node in why.chain[1:]:
        edges = why.consumers[node]
        passed = (passed_on(edge.node, totals[edge.node], edge.partial) for edge in edges)
        contributions = (contribution or 0.0 for contribution in passed)
        totals[node] = wrong[node] if node in wrong else math.fsum(contributions)
    yours = " and ".join(
        f"{ratio(why.output, node, why.names)} = {given[node].written}" for node in wrong
    )
    reason = f"all else is done right with your {yours}"
    yield Mistake("carried over", reason, totals[why.node])


def _one_of_each_kind(mistakes: Iterable[Mistake]) -> list[Mistake]:
    kinds: dict[str, Mistake] = {}
    for mistake in mistakes:
        kinds.setdefault(mistake.kind, mistake)
    return list(kinds.values())
