"""Rules that others declare: what they may return, and their domain at every way in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import (
    RULES,
    DomainError,
    InfiniteGradientWarning,
    UsageError,
    Value,
    grad,
    replay,
    rule,
)
from autograd import functions as f
from tests.untyped import untyped

WRONG = {
    "none": lambda x: None,
    "bare": lambda x: x,
    "no_partial": lambda x: (x, ()),
    "too_many": lambda x: (x, (1.0, 2.0)),
    "a_number": lambda x: (x, 1.0),
    "three": lambda x: (x, (1.0,), 2.0),
    "a_set": lambda x: (x, {1.0}),
    "a_dict": lambda x: (x, {1.0: 1.0}),
}
NO_NUMBERS = {
    "text": lambda x: ("3", (1.0,)),
    "text_slope": lambda x: (3.0, ("1",)),
    "complex_value": lambda x: (1j, (1.0,)),
    "none_slope": lambda x: (3.0, (None,)),
}


def declared(name: str, body: Any) -> Any:
    def function(x: Any) -> Any:
        return body(x)

    function.__name__ = f"wrong_{name}"
    return untyped(rule)(function)


@pytest.mark.parametrize("name", WRONG)
def test_what_a_rule_must_return_is_said_on_every_kind_of_number(name: str) -> None:
    wrong = declared(name, WRONG[name])
    for x in (3.0, Value(3.0), np.array([1.0, 2.0])):
        with pytest.raises(UsageError, match=f"rule wrong_{name} (must return|returned)"):
            wrong(x)
    for derive in (grad(wrong), grad(grad(wrong))):
        with pytest.raises(UsageError, match=f"rule wrong_{name} (must return|returned)"):
            derive(3.0)


@pytest.mark.parametrize("name", NO_NUMBERS)
def test_what_is_no_number_is_not_recorded(name: str) -> None:
    with pytest.raises(UsageError, match="must return numbers"):
        declared(name, NO_NUMBERS[name])(Value(3.0))


@rule(domain=lambda x, y: x >= 0 and y > x, remedy="{x} must be between 0 and {y}")
def bounded(x: Any, y: Any) -> Any:
    return f.absolute(x) * y, (y, x)


@pytest.mark.parametrize(("x", "y"), [(-1.0, 2.0), (2.0, 1.0), (-1.0, -2.0), (0.0, 0.0)])
def test_a_domain_holds_at_every_way_in(x: float, y: float) -> None:
    u, v = Value(1.0, "u"), Value(2.0, "v")
    z = bounded(u, v)
    once: Any = grad(bounded)
    twice: Any = grad(once)
    doors: list[Callable[[], Any]] = [
        lambda: bounded(x, y),
        lambda: bounded(Value(x), y),
        lambda: bounded(x, Value(y)),
        lambda: replay(z, {u: x, v: y}),
        lambda: replay(z, {u: Value(x), v: Value(y)}),
        lambda: once(x, y),
        lambda: twice(x, y),
    ]
    for door in doors:
        with pytest.raises(DomainError, match="must be between 0 and"):
            door()
    with pytest.warns(InfiniteGradientWarning, match="has no finite value"):
        value, slopes = replay(z, {u: np.array([1.0, x, 0.5]), v: np.array([2.0, y, 3.0])})
    for found in (value, slopes[u], slopes[v]):
        assert [math.isnan(n) for n in found] == [False, True, False]


def pausing(x: Any) -> Any:
    yield x


def nothing() -> Any:
    return 1.0, ()


def mixed(x: Any, *rest: Any) -> Any:
    return x, (1.0,) + (0.0,) * len(rest)


def plain(x: Any, y: Any) -> Any:
    return x, (1.0, 0.0)


async def waiting(x: Any) -> Any:
    return x, (1.0,)


@pytest.mark.parametrize(
    ("function", "facts", "message"),
    [
        (pausing, {}, "define a plain function"),
        (waiting, {}, "define a plain function"),
        (nothing, {}, "give it operands"),
        (mixed, {}, "give it operands"),
        (plain, {"domain": 3}, "3 is no test"),
        (plain, {"kink": "x"}, "'x' is no test"),
        (plain, {"remedy": "{z} must be positive"}, "may have {x}, {y} in it"),
        (plain, {"remedy": "{x must be positive"}, "may have {x}, {y} in it"),
        (plain, {"remedy": "{} must be positive"}, "may have {x}, {y} in it"),
        (plain, {"sense": True}, "there is no fact sense"),
    ],
)
def test_a_wrong_declaration_is_refused_where_it_stands(
    function: Any, facts: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=f"rule {function.__name__}: .*{message}"):
        untyped(rule)(**facts)(function)
    assert function.__name__ not in RULES


@rule
def stretched(x: Any, *, k: float) -> Any:
    return k * x, (k,)


def test_constants_are_asked_for_and_refused_by_name() -> None:
    x = Value(3.0)
    assert stretched(x, k=2).data == stretched(3.0, k=2) == 6.0
    for wrong in (x, 3.0, np.array([3.0])):
        with pytest.raises(UsageError, match="stretched: give the constant k=…"):
            stretched(wrong)
        with pytest.raises(UsageError, match="there is no constant q; it has k"):
            stretched(wrong, q=2.0)
        with pytest.raises(UsageError, match="tanh: there is no constant x"):
            untyped(RULES["tanh"])(wrong, x=2.0)


@pytest.mark.parametrize(
    "arguments", [(1.0, Value(1.0), [1.0]), (1.0, [Value(1.0)], 1.0), (1.0, [Value(1.0)], [1.0], 3)]
)
def test_a_node_made_by_hand_is_spelled_out(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(UsageError, match=r"write Value\.from_partials"):
        untyped(Value.from_partials)(*arguments)
