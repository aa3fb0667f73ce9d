"""Questions whose numbers are followed: at other numbers they are those that are made there."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from autograd import Value, maximum, where
from autograd import functions as f
from autograd.program.symbols import OPERATORS, Symbol, evaluate
from autograd.rule import RULES
from autograd.views.by_hand.followed import Book, Followed, FollowedWalk
from autograd.views.by_hand.questions import Question, gradient_questions, questions
from autograd.views.page.summing import sums
from autograd.views.page.working_out import working_out
from autograd.views.tracing.paths import Paths, product
from autograd.views.tracing.walk import Walk
from autograd.views.writing.javascript import Script
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


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: getattr(build, "__name__", None))
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
    assert any("{\ue000" in question.prompt for question in asked(walk))


def test_what_passes_nothing_on_does_so_when_followed() -> None:
    book = Book()
    zero, infinite = (Followed(n, Symbol("n", i), book) for i, n in enumerate((0.0, math.inf)))
    for upstream, partial in ((zero, infinite), (infinite, zero), (zero, zero), (infinite, 2.0)):
        expected = f.contribution(float(upstream), float(partial))
        assert float(f.contribution(upstream, partial)) == expected


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


@pytest.mark.parametrize("name", [name for name in RULES if not name.startswith("_")])
def test_every_rule_can_be_followed_and_worked_out_by_a_page(name: str) -> None:
    rule = RULES[name]
    operands = [Value(0.5 + 0.1 * i, f"x_{i}") for i in range(rule.arity or 2 * rule.sequences)]
    if name == "acosh":
        operands[0].data = 1.5
    y = operands[0] ** 3 if name == "power" else Value.record(rule, operands)
    walk = FollowedWalk(Walk(y * 2 + operands[0]))
    for question in asked(walk):
        walk.book.place(question.answer)
        for mistake in question.mistakes:
            walk.book.place(mistake.number)
    assert working_out(walk.book, Script()).startswith("(n,p,g)=>")


def zero(x: float) -> Value:
    leaf = Value(x, "x")
    return (leaf * leaf).erf() * leaf + leaf.sin()


def branches(x: float) -> Value:
    leaf = Value(x, "x")
    return where(leaf > 1, leaf * leaf, leaf.exp()) * leaf.relu() + maximum(leaf, 2.0) * leaf


def steep(x: float) -> Value:
    leaf = Value(x, "x")
    return (leaf * leaf).sqrt() * leaf


@pytest.mark.parametrize("here", [0.0, -0.0, 1.0, 2.0, 1.5, -1.5, 3.0])
@pytest.mark.parametrize("there", [0.7, -1.5, 0.0, 2.5])
@pytest.mark.parametrize("build", [zero, branches, steep])
def test_a_sum_over_paths_is_true_on_every_branch_and_from_0(
    build: Callable[[float], Value], here: float, there: float
) -> None:
    walk, other = FollowedWalk(Walk(build(here))), Walk(build(there))
    [groups] = sums(walk).values()
    numbers = worked_out(walk, other)
    *_, rows, products, [total] = [[filled(term, numbers) for term in row] for row in groups]
    paths = list(Paths(other, other.leaves[0]))
    found = [math.prod(other.partial(factor) for factor in path) for path in paths]
    assert [*map(calculated, rows)] == pytest.approx(found, nan_ok=True)
    assert calculated(products[0]) == pytest.approx(sum(product(other, path) for path in paths))
    assert calculated(total) == pytest.approx(other.derivatives[other.leaves[0]])


def filled(term: str, numbers: Sequence[float]) -> str:
    return re.sub(r"\{\ue000(\d+)\}", lambda hole: f"({numbers[int(hole[1])]!r})", term)


def calculated(text: str) -> float:
    """Return what comes of numbers, products and sums."""
    plain = re.sub(r"<.*?>| \(0 · ∞.*", "", text).replace("·", "*").replace("−", "-")
    found: float = eval(plain, {"inf": math.inf, "nan": math.nan})
    return found
