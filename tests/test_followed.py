"""Questions whose numbers are followed: at other numbers they are those that are made there."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from autograd import Value
from autograd import functions as f
from autograd.program.symbols import OPERATORS, Symbol, evaluate
from autograd.views.by_hand.followed import Book, Followed, FollowedWalk
from autograd.views.by_hand.questions import Question, gradient_questions, questions
from autograd.views.tracing.walk import Walk
from nn import MLP, squared_error

OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda x, y: x * y,
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x.tanh() * y,
    lambda x, y: (x * x + 1).log() + y,
    lambda _, y: y.sigmoid(),
    lambda _, y: y**2 / 3,
    lambda x, y: x / (y * y + 1),
    lambda _, y: (y * y + 2).sqrt(),
    lambda x, y: x.sin() + y,
]


def expression(rng: random.Random, leaves: Sequence[Value]) -> Value:
    """Return a random expression with a value and a slope anywhere near."""
    nodes = [*leaves]
    for _ in range(rng.randint(3, 8)):
        x, y = rng.choice(nodes), rng.choice(nodes[-3:])
        nodes.append(rng.choice(OPERATIONS)(x, y))
    return nodes[-1] * leaves[0] + sum(leaves[1:], Value(0.0))


def built(seed: int, moved: bool) -> Value:
    """Return a graph, or the same one at numbers nearby."""
    rng = random.Random(seed)
    numbers = [rng.uniform(0.3, 2.0) for _ in range(3)]
    if moved:
        numbers = [x * 1.03125 + 0.0078125 for x in numbers]
    leaves = [Value(x, name) for x, name in zip(numbers, "wxb", strict=True)]
    return expression(rng, leaves)


def network(moved: bool) -> Value:
    model = MLP([2, 2, 1], activation="tanh", seed=3)
    for parameter in model.parameters():
        parameter.data += 0.01 * moved
    return squared_error(model([0.5 + 0.1 * moved, -1.0]), 1.0)


def worked_out(walk: FollowedWalk, there: Walk) -> list[float]:
    """Return all that was written down, at the numbers of another graph of the same form."""
    order, found = there.order, there.derivatives
    leaf: dict[str, Callable[..., float]] = {
        "number": lambda i: order[i].data,
        "partial": lambda i, k: float(order[i].partials[k]),
        "adjoint": lambda i: found[order[i]],
    }

    def apply(e: Symbol, operands: list[Any]) -> Any:
        if e.head in leaf:
            return leaf[e.head](*e.arguments)
        try:
            return (OPERATORS.get(e.head) or getattr(f, e.head))(*operands)
        except (ArithmeticError, ValueError):
            return math.nan

    return evaluate(walk.book.expressions, {}, apply)


def asked(walk: Walk) -> list[Question]:
    return [*questions(walk), *gradient_questions(walk)]


BUILDS = [*range(25), network]


@pytest.mark.parametrize("build", BUILDS, ids=str)
def test_followed_numbers_are_those_of_questions_made_elsewhere(build: Any) -> None:
    here, there = (build(m) if callable(build) else built(build, m) for m in (False, True))
    walk, other = FollowedWalk(Walk(here)), Walk(there)
    followed = asked(walk)
    for question in followed:
        walk.book.place(question.answer)
        for mistake in question.mistakes:
            walk.book.place(mistake.number)
    numbers = worked_out(walk, other)
    by_symbol = {(q.part, q.symbol): q for q in asked(other)}
    agreeing = 0
    for question in followed:
        twin = by_symbol.get((question.part, question.symbol))
        if twin is None:  # two that are answered alike here need not be so there
            continue
        assert numbers[walk.book.place(question.answer)] == pytest.approx(twin.answer, rel=1e-9)
        expected = {mistake.number for mistake in twin.mistakes}
        for mistake in question.mistakes:
            number = numbers[walk.book.place(mistake.number)]
            if math.isnan(number) or math.isclose(number, twin.answer):
                continue
            near = any(math.isclose(number, x, rel_tol=1e-7, abs_tol=1e-12) for x in expected)
            assert near or len(twin.mistakes) >= 60, (question.symbol, mistake.reason, number)
            agreeing += near
    assert agreeing > len(followed)


def test_what_is_written_down_leaves_holes_and_nothing_else_does() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    plain, walk = Walk(w * x), FollowedWalk(Walk(w * x))
    for one, other in zip(asked(plain), asked(walk), strict=True):
        assert float(one.answer) == float(other.answer)
        assert "{" not in one.prompt
        assert [m.number for m in one.mistakes] == [float(m.number) for m in other.mistakes]
    assert any("{#" in question.prompt for question in asked(walk))


@pytest.mark.parametrize("head", ["add", "sub", "mul", "truediv"])
def test_an_operation_is_remembered_from_either_side(head: str) -> None:
    book = Book()
    x, y = (Followed(number, Symbol("number", i), book) for i, number in enumerate((3.0, 4.0)))
    apply = OPERATORS[head]
    for operands in ((x, y), (x, 5.0), (5.0, x), (x, 1), (1, x), (x, 0.0), (0.0, x)):
        if head == "truediv" and operands[1] == 0:
            continue
        made = apply(*operands)
        assert float(made) == apply(*map(float, operands))
        [again] = evaluate(
            [made.symbol],
            {x.symbol: 3.0, y.symbol: 4.0},
            lambda e, numbers: OPERATORS[e.head](*numbers),
        )
        assert again == float(made)
