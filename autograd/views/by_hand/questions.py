"""Questions on a backward pass: local derivative, upstream, product, sum over paths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.graph import depending_on
from autograd.parser import Step as Made
from autograd.value import Value
from autograd.views.by_hand.judging import Judgement, compare, derivative
from autograd.views.by_hand.mistakes import (
    Mistake,
    distinct,
    known_mistakes,
    local_mistakes,
    mistaken_sums,
)
from autograd.views.by_hand.reader import Answer
from autograd.views.tracing.equations import Equations, equated
from autograd.views.tracing.paths import Paths
from autograd.views.tracing.walk import Step, Walk
from autograd.views.writing.numbers import counted, short, signed

__all__ = ["Question", "gradient_questions", "questions"]


class Question(NamedTuple):
    """One question: what is asked, the number that answers it, and what to say to others.

    - ``part``: ``"upstream"``, ``"local derivative"``, ``"product"``, ``"sum over paths"`` or
      ``"gradient"``;
    - ``step``: the index of the step of the backward pass that it is about, of a gradient the last;
    - ``symbol``: what is asked for, as ``"∂L/∂w"``; ``prompt``: the whole question;
    - ``hints``: three, each saying more than the one before;
    - ``mistakes``: the known ones, with the numbers that they lead to;
    - ``noise``: how much of the answer could be rounding;
    - ``wanted``: the answer as the steps of a formula, which hold at other numbers too.
    """

    part: str
    step: int
    symbol: str
    prompt: str
    answer: float
    hints: tuple[str, str, str]
    mistakes: tuple[Mistake, ...] = ()
    noise: float = 0.0
    wanted: tuple[Made, ...] = ()

    def judge(self, answer: Answer) -> Judgement:
        """Return the verdict on a number, and the mistakes that lead to it."""
        return compare(answer, self.answer, self.mistakes, self.noise)


def questions(
    output: Value, node: Value | None = None, names: Mapping[str, Any] | None = None
) -> list[Question]:
    """Return the questions of the backward pass, in its order; of the paths to a node, if given.

    Constants are not asked about.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> for question in questions(w * x, w):
    ...     print(question.part, question.symbol, question.answer)
    upstream ∂v1/∂v1 1.0
    local derivative ∂v1/∂w 2.0
    product ∂v1/∂w 2.0
    """
    walk = Walk(output, names)
    asked = set(walk.order)
    if node is not None:
        asked = depending_on([walk.node(node, "quiz")], walk.order)
    asker = _Asker(walk)
    for i, step in enumerate(walk.steps):
        asker.take(i, step, ask={step.node, step.parent} <= asked)
    return asker.questions


class _Asker:
    """Makes questions of steps, one step after the other."""

    def __init__(self, walk: Walk) -> None:
        self.questions: list[Question] = []
        self._noise = walk.noise
        self._terms: dict[Value, list[tuple[str, float]]] = {}  # what has come in, by node
        self._introduced: set[Value] = set()

    def take(self, i: int, step: Step, *, ask: bool) -> None:
        """Take a step, and ask about it if it is to be asked about, and is not of a constant."""
        way = step.write.local(step.edge)
        self._terms.setdefault(step.parent, []).append((way, step.contribution))
        if not ask:
            return
        if step.node not in self._introduced:
            self._introduced.add(step.node)
            self.questions.append(self._upstream(i, step))
        self.questions += [_local_derivative(i, step), self._product(i, step)]
        if step.reported > 1 and not step.pending:
            self.questions.append(self._sum(i, step))

    def _upstream(self, i: int, step: Step) -> Question:
        symbol = step.write.derivative(step.node)
        terms = self._terms.get(step.node, [])
        hints = (
            "It is known by now: what the steps from the nodes that use "
            f"{step.write.name(step.node)} have added up.",
            f"{counted(len(terms), 'contribution')} came in, to be added.",
            f"{symbol} = {_sum_of(terms)}",
        )
        if not terms:
            hints = (
                "The backward pass begins here.",
                f"How does {step.write.name(step.node)} change with itself?",
                f"{symbol} = 1",
            )
        prompt = f"{_made(step)}. What is the upstream derivative {symbol}?"
        mistakes = _taken_for(mistaken_sums(terms, symbol), step.upstream)
        noise = self._noise[step.node]
        wanted = derivative(step.write.graph.output, step.node)
        return Question(
            "upstream", i, symbol, prompt, step.upstream, hints, mistakes, noise, wanted
        )

    def _product(self, i: int, step: Step) -> Question:
        symbol = step.write.derivative(step.parent)
        upstream = step.write.derivative(step.node)
        local = step.write.local(step.edge)
        hints = (
            "The chain rule: upstream times local derivative.",
            f"{upstream} · {local}",
            f"{signed(short(step.upstream))} · {signed(short(step.partial))}",
        )
        slips = (
            Mistake("upstream forgotten", f"{upstream} is forgotten", step.partial),
            Mistake("local derivative forgotten", f"{local} is forgotten", step.upstream),
            Mistake("sign flipped", "the sign is flipped", -step.contribution),
            Mistake(
                "sum for product", "the two are added, not multiplied", step.upstream + step.partial
            ),
        )
        return Question(
            "product", i, symbol, f"What does {step.write.name(step.node)} contribute to {symbol}?",
            step.contribution, hints, _taken_for(slips, step.contribution),
            self._noise[step.parent],
            (*derivative(step.write.graph.output, step.node), *_local(step), _TIMES),
        )  # fmt: skip

    def _sum(self, i: int, step: Step) -> Question:
        symbol = step.write.derivative(step.parent)
        terms = self._terms[step.parent]
        hints = (
            "Every use is a path by which the output depends on it; paths are added.",
            f"{len(terms)} contributions have come in.",
            _sum_of(terms),
        )
        prompt = (
            f"{step.write.name(step.parent)} is used {len(terms)} times. What is {symbol} in all?"
        )
        mistakes = _taken_for(mistaken_sums(terms, symbol), step.after)
        noise = self._noise[step.parent]
        wanted = derivative(step.write.graph.output, step.parent)
        return Question(
            "sum over paths", i, symbol, prompt, step.after, hints, mistakes, noise, wanted
        )


def _local_derivative(i: int, step: Step) -> Question:
    symbol = step.write.local(step.edge)
    hints = (
        f"Hold all else fixed: how does {step.write.name(step.node)} change with "
        f"{step.write.name(step.parent)} alone?",
        f"{symbol} = {step.formula}" if step.formula else f"{symbol} is the same everywhere.",
        f"{symbol} = {step.local}",
    )
    prompt = f"{_made(step)}. What is the local derivative {symbol}?"
    slips = local_mistakes(step.edge, step.write)
    mistakes = _taken_for(slips, step.partial)
    return Question(
        "local derivative", i, symbol, prompt, step.partial, hints, mistakes, wanted=_local(step)
    )


_TIMES = Made("rule", "mul", 2)


def _local(step: Step) -> tuple[Made, ...]:
    """Return the local derivative of a step as the steps of a formula."""
    operand = step.node.parents[: step.position + 1].count(step.parent)
    return (Made("derivative", (step.node, step.parent, (), operand)),)


def _made(step: Step) -> str:
    node = step.node
    return f"{step.write.name(node)} = {step.write.operation(node)} = {short(node.data)}"


def _sum_of(terms: Sequence[tuple[str, float]]) -> str:
    return " + ".join(signed(short(term)) for _, term in terms)


def _taken_for(mistakes: Iterable[Mistake], truth: float) -> tuple[Mistake, ...]:
    """Return the mistakes that lead to another number than the truth."""
    return tuple(m for m in mistakes if math.isfinite(m.number) and m.number != truth)


def gradient_questions(
    output: Value, node: Value | None = None, names: Mapping[str, Any] | None = None
) -> list[Question]:
    """Return one question for each named leaf, or for a node, on the whole derivative in it.

    >>> x = Value(3.0, "x")
    >>> [question] = gradient_questions(x * x + x)
    >>> question.answer, question.hints[2]
    (7.0, '∂v2/∂x = 1 + ∂v2/∂v1 · x + ∂v2/∂v1 · x = 1 + 1 · 3 + 1 · 3')
    """
    walk = Walk(output, names)
    return [_gradient(walk, asked) for asked in (walk.leaves if node is None else [node])]


def _gradient(walk: Walk, node: Value) -> Question:
    why = Paths(walk, node)
    name, symbol = walk.names(node), walk.write.derivative(node)
    equation = f"{symbol} = 1 = 1"
    if node is not walk.output:
        equation = equated(Equations(why, walk.write).nested()[-1])
    do = "multiply along it." if why.count == 1 else "multiply along each, and add them up."
    hints = (
        f"{counted(why.count, 'path')} from {name} to {walk.names(walk.output)}: {do}",
        " = ".join(equation.split(" = ")[:2]),
        equation.rpartition(" = ")[0],
    )
    prompt = f"What is {symbol}, at {name} = {short(node.data)}?"
    mistakes = tuple(distinct(known_mistakes(why)))
    last = walk.steps_to[node][-1] if walk.steps_to[node] else 0
    noise, wanted = walk.noise[node], derivative(walk.output, node)
    return Question("gradient", last, symbol, prompt, why.gradient, hints, mistakes, noise, wanted)
