"""Questions on a backward pass: local derivative, product, sum over uses; whole gradients."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from autograd.graph import depending_on
from autograd.parser import Step as Made
from autograd.value import Value
from autograd.views.by_hand.backward import edges
from autograd.views.by_hand.causes import Suspects
from autograd.views.by_hand.followed import varies
from autograd.views.by_hand.judging import Judgement, compare, derivative
from autograd.views.by_hand.local_slips import local_mistakes
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.reader import Answer
from autograd.views.by_hand.sums import mistaken_sums
from autograd.views.tracing.equations import TERMS, Equations, cut, equated
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Paths
from autograd.views.tracing.walk import Step, Walk
from autograd.views.writing.numbers import counted
from autograd.views.writing.scripts import POWER, TEXT, Part, Script

__all__ = ["Question", "gradient_questions", "questions"]

ALIKE = 2
"""How many questions of one kind that have the same answer are asked."""


CAUSES = 60
"""How many causes of a wrong derivative are told apart by a page."""

MOST = 200
"""How many questions are asked at most."""


class Question(NamedTuple):
    """One question: what is asked, the number that answers it, and what to say to others.

    - ``part``: ``"local derivative"``, ``"product"``, ``"sum over uses"`` or ``"gradient"``;
    - ``step``: the index of the step of the backward pass that it is about, of a gradient the last;
    - ``symbol``: what is asked for, as ``"∂L/∂w"``; ``prompt``: the whole question;
    - ``hints``: three, each saying more than the one before;
    - ``mistakes``: the known ones, with the numbers that they lead to;
    - ``noise``: how much of the answer could be rounding;
    - ``wanted``: the answer as the steps of a formula, which hold at other numbers too;
    - ``tells``: which quantities the answer is, in `key`s; ``made_of``: those of which it is the
      product or the sum, with their numbers.
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
    tells: tuple[str, ...] = ()
    made_of: tuple[tuple[str, float], ...] = ()

    def carried_over(self, wrong: Mapping[str, tuple[str, float]]) -> Iterator[Mistake]:
        """Yield what comes of doing this right with earlier answers that are wrong.

        These are given by what they tell, each as it is to be repeated, and its number.

        >>> x = Value(3.0, "x")
        >>> y = x * x
        >>> total = questions(Walk(y))[-1]
        >>> [mistake] = total.carried_over({total.made_of[0][0]: ("∂v1/∂x (1st of 2) = 4", 4.0)})
        >>> mistake.number, mistake.reason
        (7.0, 'all else is done right with your ∂v1/∂x (1st of 2) = 4')
        """
        used = dict.fromkeys(wrong[part][0] for part, _ in self.made_of if part in wrong)
        if used:
            join = math.prod if self.part == "product" else sum
            number = join(wrong[part][1] if part in wrong else x for part, x in self.made_of)
            reason = f"all else is done right with your {' and '.join(used)}"
            yield from _taken_for([Mistake("carried over", reason, number)], self.answer)

    def judge(self, answer: Answer) -> Judgement:
        """Return the verdict on a number, and the mistakes that lead to it."""
        return compare(answer, self.answer, self.mistakes, self.noise)


def questions(walk: Walk, node: Value | None = None, script: Script = TEXT) -> list[Question]:
    """Return the questions of the backward pass, in its order; of the paths to a node, if given.

    Only what is to be learned is asked: nothing about constants or about ∂y/∂y; no upstream
    derivative, which is the product or the sum that was asked before; a local derivative that is
    1 wherever it stands once, and what is answered alike twice at most. Of very many questions
    the first are asked.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> for question in questions(Walk((w * x).tanh()), w):
    ...     print(question.part, question.symbol, round(question.answer, 7))
    local derivative ∂v2/∂v1 2.46e-05
    local derivative ∂v1/∂w 2.0
    product ∂v2/∂v1 · ∂v1/∂w 4.92e-05
    """
    asked = set(walk.order)
    if node is not None:
        asked = depending_on([walk.node(node, "quiz")], walk.order)
    asker = _Asker(walk, script)
    worthwhile = (
        question
        for i, step in enumerate(walk.steps)
        if {step.node, step.parent} <= asked
        for question in asker.take(i, step)
    )
    return list(islice(worthwhile, MOST))


class _Asker:
    """Makes questions of steps, one step after the other, in a script."""

    def __init__(self, walk: Walk, script: Script) -> None:
        self._walk = walk
        self._script = script
        self._write = Notation(walk, script)
        self._came: dict[Value, list[Step]] = {}  # what has come in, by node
        self._asked: Counter[tuple[str, str, float]] = Counter()

    def take(self, i: int, step: Step) -> Iterator[Question]:
        """Take a step, and yield what is worth asking about it."""
        self._came.setdefault(step.parent, []).append(step)
        if self._is_unheard("local derivative", step, step.partial):
            yield self._local_derivative(i, step)
        at_output = step.node is self._walk.output  # the product is the local derivative there
        if not at_output and self._is_unheard("product", step, step.contribution):
            yield self._product(i, step)
        if step.reported > 1 and not step.pending:
            yield self._sum(i, step)

    def _is_unheard(self, part: str, step: Step, answer: float) -> bool:
        """Return whether a question has not been asked often enough, of other nodes."""
        key = (part, step.node.op, answer if step.formula else step.partial)
        self._asked[key] += 1
        return self._asked[key] <= (ALIKE if step.formula else 1)

    def _local_derivative(self, i: int, step: Step) -> Question:
        write, edge, symbol = self._write, step.edge, self._write.local(step.edge)
        formula, number = write.partial(edge), self._script.number(step.partial)
        sides = list(dict.fromkeys([formula.text if formula else number, number]))
        where = " on the branch that is taken" if varies(*edge) else ""
        hints = (
            f"Hold all else fixed: how does {write.name(step.node)} change with "
            f"{write.name(step.parent)} alone?",
            f"{symbol} = {sides[0]}" if sides[1:] else f"{symbol} is the same everywhere{where}.",
            equated((symbol, sides)),
        )
        number_made = write.number(self._walk.number(step.node)).text
        made = list(dict.fromkeys([write.operation(step.node), number_made]))
        prompt = f"{equated((write.name(step.node), made))}. What is the local derivative {symbol}?"
        constant = f"{write.name(step.parent)} is treated as a constant"
        slips = [*_taken_together(step, write), *local_mistakes(edge, write)]
        slips.append(Mistake("treated as constant", constant, 0.0))
        return Question(
            "local derivative", i, symbol, prompt, step.partial, hints,
            _taken_for(slips, step.partial), wanted=_local(step), tells=self._tells(step),
        )  # fmt: skip

    def _tells(self, step: Step, *, product: bool = False) -> tuple[str, ...]:
        """Return what the local derivative of a step tells, or its product with the upstream."""
        walk = self._walk
        found = () if product else (_key("local", walk, step.node, step.position),)
        if product or step.node is walk.output:
            found = (*found, _key("term", walk, step.node, step.position))
            if step.reported == 1 and not step.pending:
                found = (*found, _key("whole", walk, step.parent))
        return found

    def _product(self, i: int, step: Step) -> Question:
        upstream, local = self._write.derivative(step.node), self._write.local(step.edge)
        symbol, factors = f"{upstream} · {local}", (step.upstream, step.partial)
        numbers = [self._script.shielded(self._script.numeral(x), POWER) for x in factors]
        hints = ("The chain rule: upstream times local derivative.", symbol, " · ".join(numbers))
        slips = (
            Mistake("upstream forgotten", f"{upstream} is forgotten", step.partial),
            Mistake("local derivative forgotten", f"{local} is forgotten", step.upstream),
            Mistake("sign flipped", "the sign is flipped", -step.contribution),
            Mistake("sum for product", "the two are added, not multiplied", sum(factors)),
        )
        parent = self._write.derivative(step.parent)
        return Question(
            "product", i, symbol, f"What comes to {parent} by way of {local}?",
            step.contribution, hints, _taken_for(slips, step.contribution),
            self._walk.noise[step.parent],
            (*derivative(self._walk.output, step.node), *_local(step), _TIMES),
            self._tells(step, product=True),
            (
                (_key("whole", self._walk, step.node), step.upstream),
                (_key("local", self._walk, step.node, step.position), step.partial),
            ),
        )  # fmt: skip

    def _sum(self, i: int, step: Step) -> Question:
        symbol, came = self._write.derivative(step.parent), self._came[step.parent]
        terms = [(self._write.local(s.edge), s.contribution) for s in came[:TERMS]]
        numbers = [self._script.numeral(s.contribution) for s in came]
        known = cut(numbers, lambda _: Part(self._script.ellipsis), TERMS)
        slips = mistaken_sums(terms, symbol) if len(came) == len(terms) else ()
        name = self._write.name(step.parent)
        hints = (
            f"The output depends on {name} by each of its uses; what comes from each is added.",
            f"{len(came)} contributions have come in.",
            self._script.sum(known).text,
        )
        prompt = f"{name} is used {len(came)} times. What is {symbol} in all?"
        return Question(
            "sum over uses", i, symbol, prompt, step.after, hints,
            _taken_for(slips, step.after), self._walk.noise[step.parent],
            derivative(self._walk.output, step.parent), (_key("whole", self._walk, step.parent),),
            tuple([
                (_key("term", self._walk, s.node, s.position), s.contribution) for s in came
            ]),
        )  # fmt: skip


def _key(part: str, walk: Walk, node: Value, *position: int) -> str:
    """Return what tells a quantity of the backward pass from all others."""
    return " ".join([part, str(walk.index[node]), *map(str, position)])


_TIMES = Made("rule", "mul", 2)


def _local(step: Step) -> tuple[Made, ...]:
    """Return the local derivative of a step as the steps of a formula."""
    operand = step.node.parents[: step.position + 1].count(step.parent)
    return (Made("derivative", (step.node, step.parent, (), operand)),)


def _taken_together(step: Step, write: Notation) -> Iterator[Mistake]:
    """Yield what comes of taking all uses of an operand by one node together."""
    alike = (edge for edge in edges(step.node) if edge.parent is step.parent)
    partials = [write.graph.partial(edge) for edge in alike]
    if len(partials) > 1:
        name, both = write.name(step.parent), "both" if len(partials) == 2 else "all"
        reason = f"{both} uses of {name} are taken together; {write.local(step.edge)} is of one"
        yield Mistake("uses taken together", reason, sum(partials))


def _taken_for(mistakes: Iterable[Mistake], truth: float) -> tuple[Mistake, ...]:
    """Return the mistakes that lead to another number than the truth."""
    return tuple(m for m in mistakes if math.isfinite(m.number) and m.number != truth)


def gradient_questions(
    walk: Walk, node: Value | None = None, script: Script = TEXT
) -> list[Question]:
    """Return questions on whole derivatives, in each leaf or in a node.

    Of leaves with the same derivative two are asked about.

    >>> x = Value(3.0, "x")
    >>> [question] = gradient_questions(Walk(x * x + x))
    >>> question.answer, question.hints[2]
    (7.0, '∂v2/∂x = 1 + ∂v2/∂v1 · x + ∂v2/∂v1 · x = 1 + 1 · 3 + 1 · 3')
    """
    alike: dict[float, list[Value]] = {}
    for leaf in walk.leaves:
        alike.setdefault(walk.derivatives[leaf], []).append(leaf)
    few = {leaf for leaves in alike.values() for leaf in leaves[:ALIKE]}
    asked = [leaf for leaf in walk.leaves if leaf in few] if node is None else [node]
    write = Notation(walk, script)
    return [_gradient(walk, write, leaf) for leaf in asked[:MOST]]


def _gradient(walk: Walk, write: Notation, node: Value) -> Question:
    why = Paths(walk, node)
    name, symbol = write.name(node), write.derivative(node)
    left, sides = symbol, ["1", "1"]
    if node is not walk.output:
        left, sides = Equations(why, write).nested(node)
    do = "multiply along it." if why.count == 1 else "multiply along each, and add them up."
    hints = (
        f"{counted(why.count, 'path')} from {name} to {write.name(walk.output)}: {do}",
        equated((left, sides[:1])),
        equated((left, sides[:-1] or sides)),
    )
    prompt = f"What is {symbol}, at {name} = {write.number(walk.number(node)).text}?"
    mistakes = tuple(
        Mistake(cause.kinds[0], write.script.plain(cause.reason), cause.mistakes[0].number)
        for cause in Suspects(walk, node).causes[:CAUSES]
    )
    last = walk.steps_to[node][-1] if walk.steps_to[node] else 0
    noise, wanted = walk.noise[node], derivative(walk.output, node)
    terms = tuple([
        (_key("term", walk, step.node, step.position), step.contribution)
        for step in (walk.steps[i] for i in walk.steps_to[node])
    ])  # fmt: skip
    tells = (_key("whole", walk, node),)
    return Question(
        "gradient", last, symbol, prompt, why.gradient, hints, mistakes, noise, wanted, tells, terms
    )  # fmt: skip
