"""test_rule: the harness finds nothing wrong in the table, and names what is planted."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count
from typing import Any

import pytest

from autograd import (
    GradientError,
    RuleError,
    UsageError,
    Value,
    rule,
    rules,
    test_rule,
)
from autograd import functions as f
from autograd.rule import Rule
from autograd.rule_check import RuleReport
from tests.table import EXPONENTS, RULE_TABLE
from tests.untyped import untyped

TABLE = [
    bound
    for line in RULE_TABLE
    for bound in ([line] if line.complete else [line.bind(n=n) for n in EXPONENTS])
]


@pytest.mark.slow
@pytest.mark.parametrize("line", TABLE, ids=repr)
def test_the_table_stands_every_check(line: Rule) -> None:
    report = test_rule(line)
    assert report.mistakes == []
    for finding in report:
        assert "kink" not in finding.outcome  # none that is not declared
        if finding.check.startswith(("value", "slope", "on Values", "on arrays")):
            assert finding.outcome.startswith("right at"), finding


# Right rules of a user


@rule(domain=lambda x: x >= 0, remedy="{x} must not be negative", monotonic=1)
def fourth_root(x: Any) -> Any:
    z = f.sqrt(f.sqrt(x))
    return z, (f.divide(z, 4 * x) if f.written(x) else f.divide(1, 4 * z * z * z),)


@rule
def softsign(x: Any) -> Any:
    z = 1 + f.absolute(x)
    return x / z, (1 / z / z,)


@rule
def mish(x: Any) -> Any:
    s, z = f.tanh(f.softplus(x)), f.sech(f.softplus(x))
    return x * s, (s + x * z * z * f.sigmoid(x),)


@rule(commutative=True)
def harmonic(x: Any, y: Any) -> Any:
    s = f.exp(x) + f.exp(y)
    return s, (f.exp(x), f.exp(y))


@rule(kink=lambda x, margin: x == margin, monotonic=-1, range=(0, math.inf))
def hinge(x: Any, *, margin: float = 1.0) -> Any:
    return f.maximum(margin - x, f.lift(0, x)), (-f.step(margin - x),)


@rule
def squares(*x: Any) -> Any:
    return f.total(*[x_k * x_k for x_k in x]), tuple([2 * x_k for x_k in x])


@pytest.mark.slow
@pytest.mark.parametrize("right", [fourth_root, softsign, mish, harmonic, hinge, squares], ids=repr)
def test_right_rules_stand_every_check(right: Rule) -> None:
    report = test_rule(right)
    assert isinstance(report, RuleReport)
    assert not report.mistakes
    assert repr(report).startswith(f"{right!r}\n  value ")


def test_a_kink_that_is_not_declared_is_worth_a_remark() -> None:
    @rule
    def ramp(x: Any) -> Any:
        return f.maximum(x, f.lift(0, x)), (f.step(x),)

    assert "; at x = 0.0: there is a kink (slopes 0.0 and 1.0); declare it" in repr(test_rule(ramp))


@pytest.mark.slow
def test_a_refusal_that_need_not_be_is_worth_a_remark() -> None:
    @rule
    def logistic(x: Any) -> Any:
        z = 1 / (1 + f.exp(-x))
        return z, (z * z * f.exp(-x),)

    report = test_rule(logistic)
    assert "; at x = -1000.0: refused as too large, though it is 0.0" in repr(report)


# Planted mistakes


PLANTED: list[tuple[Rule, str]] = []


def planted(named: str, **facts: Any) -> Callable[[Callable[..., Any]], Rule]:
    """Declare a wrong rule, and what the error must say of it."""

    def declare(function: Callable[..., Any]) -> Rule:
        wrong: Rule = rule(**facts)(function)
        PLANTED.append((wrong, named))
        return wrong

    return declare


@planted("slope in x at x = 0.0: 1.0 came out, 0.0 is right")
def wrong_at_0(x: Any) -> Any:
    return x * x, (f.where(f.absolute(x) <= 0, 1, 2 * x),)


@planted("slope in x at x = 40.0: 81.0 came out, 80.0 is right")
def wrong_far_out(x: Any) -> Any:
    return x * x, (f.where(x > 30, 2 * x + 1, 2 * x),)


@planted("slope in x at x = -1000.0: 2000.0 came out, -2000.0 is right")
def wrong_farther_out(x: Any) -> Any:
    return x * x, (f.where(x < -900, -2 * x, 2 * x),)


@planted("slope in x at x = 0.0: 1.1 came out, 1.0 is right")
def wrong_near_0(x: Any) -> Any:
    return f.expm1(x), (f.where(f.absolute(x) < 1e-6, 1.1, f.exp(x)),)


@planted(
    "slope in x at x = 0.0: 0.0 came out, inf is right",
    domain=lambda x: x >= 0,
    remedy="{x} must not be negative",
)
def wrong_at_the_edge(x: Any) -> Any:
    positive = f.where(x > 0, x, 1)
    return f.sqrt(x), (f.where(x > 0, 0.5 / f.sqrt(positive), 0),)


@planted("slope in y at x = 0.0, y = 0.0: 1.0 came out, 0.0 is right")
def wrong_at_a_tie(x: Any, y: Any) -> Any:
    z = x - y
    return z * z, (2 * z, f.where(f.absolute(z) <= 0, 1, -2 * z))


@planted("slope in x")
def of_the_wrong_sign(x: Any) -> Any:
    return f.cos(x), (f.sin(x),)


@planted("slope in x at x = 0.0: 1.0001 came out, 1.0 is right")
def a_little_off(x: Any) -> Any:
    return f.sin(x), (f.cos(x) * (1 + 1e-4),)


@planted("0.0 came out, 7.219405551381661e-35 is right (the formula is, but in floats its digits")
def without_digits_far_out(x: Any) -> Any:
    z = f.tanh(x)
    return z, (1 - z * z,)


@planted("slope in x at x = 1e-08, y = 1e-08")
def swapped(x: Any, y: Any) -> Any:
    return x * x * y, (x * x, 2 * x * y)


@planted("slope in x_2 of 3 at x_1 = ")
def wrong_in_one_of_many(*x: Any) -> Any:
    slopes = [2 * x_k * (1 + 1e-4 * (k == 1)) for k, x_k in enumerate(x)]
    return f.total(*[x_k * x_k for x_k in x]), tuple(slopes)


@planted("slope in x at x = 0.0: 2.0 came out, -1.0 to 1.0 is right", kink=lambda x: x == 0)
def wrong_at_the_kink(x: Any) -> Any:
    return f.absolute(x), (f.where(f.absolute(x) <= 0, 2, f.compare(x, 0)),)


@planted("there is a kink (slopes -1.0 and 1.0), where kink=… says", kink=lambda x: x == 1)
def with_its_kink_elsewhere(x: Any) -> Any:
    return f.absolute(x), (f.compare(x, 0),)


@planted("second slope in x at x = 1e-08: 0.0 came out, 6.000000000000001e-08 is right")
def with_a_slope_cut_off(x: Any) -> Any:
    slope = 3 * x.data**2 if isinstance(x, Value) else 3 * x * x
    return x * x * x, (slope,)


@planted("second slope in y")
def with_one_of_two_slopes_cut_off(x: Any, y: Any) -> Any:
    return x * y * y, (y * y, 2 * x * (y.data if isinstance(y, Value) else y))


@planted("on arrays ValueError: The truth value of an array")
def with_an_if(x: Any) -> Any:
    return (x, (1.0,)) if x > 0 else (0 * x, (0 * x,))


@planted("write f.exp, not math.exp")
def for_floats_only(x: Any) -> Any:
    return math.sin(x), (math.cos(x),)


@planted("on arrays at x = 0.0: 0.001 came out, 0.0 is right")
def otherwise_on_arrays(x: Any) -> Any:
    return x * x + 1e-3 * hasattr(x, "shape"), (2 * x,)


@planted("on fractions at x = 0.5: 1.25 came out, 0.25 is right")
def otherwise_on_fractions(x: Any) -> Any:
    return x * x + isinstance(x, Fraction), (2 * x,)


@planted("on symbols at x = 0.5: slope in x: ")
def otherwise_on_symbols(x: Any) -> Any:
    return x * x, (3 * x if f.written(x) else 2 * x,)


@planted("value at x = 0.0: 1e-06 came out, 0.0 is right")
def otherwise_on_floats(x: Any) -> Any:
    return f.sin(x) + 1e-6 * (type(x) is float), (f.cos(x),)


@planted("value at x = -40.0: 0.0 came out, 4.248354255291589e-18 is right")
def with_a_value_without_digits(x: Any) -> Any:
    return f.log(1 + f.exp(x)), (f.sigmoid(x),)


_calls: Iterator[int] = count()


@planted("value at x = ")
def that_remembers(x: Any) -> Any:
    return x * x + 1e-6 * next(_calls), (2 * x,)


@planted("value at x = -0.0: 0.0 came out, -0.0 is right: the function is odd")
def that_loses_minus_0(x: Any) -> Any:
    return x * f.absolute(x) + 0.0, (2 * f.absolute(x),)


@planted("domain at x = ", domain=lambda x: x >= -1, remedy="{x} must be positive")
def with_too_wide_a_domain(x: Any) -> Any:
    return f.log(x), (f.divide(1, x),)


@planted("refused without a remedy; declare remedy=…", domain=lambda x: x > 0)
def without_a_remedy(x: Any) -> Any:
    return f.log(x), (f.divide(1, x),)


@planted("NaN at x = nan: 0.0 came out, not NaN")
def that_loses_nan(x: Any) -> Any:
    return f.where(x > 0, x, 0 * f.lift(1, x)), (f.where(x > 0, 1, 0),)


@planted("slope in x: 2.0 came out, not NaN")
def that_loses_nan_in_a_slope(x: Any) -> Any:
    return x * f.where(x > 0, 1, 2), (f.where(x > 0, 1, 2),)


@planted("returned 1 partial(s) for 2 operand(s)")
def with_a_partial_missing(x: Any, y: Any) -> Any:
    return x * y, (y,)


@planted("returned 2 partial(s) for 1 operand(s)")
def with_a_partial_too_many(x: Any) -> Any:
    return x * x, (2 * x, 1)


@planted("1 partial(s) for 2 operand(s)")
def with_a_partial_missing_on_arrays(x: Any, y: Any) -> Any:
    return x * y, (y, x)[: 1 if hasattr(x, "shape") else 2]


@planted("commutative at x = ", commutative=True)
def that_is_not_commutative(x: Any, y: Any) -> Any:
    return x - y, (1, -1)


@planted("monotonic at x = ", monotonic=1)
def that_does_not_rise(x: Any) -> Any:
    return x * x, (2 * x,)


@planted("is not in [0, 1]", range=(0, 1))
def that_leaves_its_range(x: Any) -> Any:
    return f.sin(x), (f.cos(x),)


@planted("TypeError: 'NoneType' object is not callable")
def that_does_not_run(x: Any) -> Any:
    return untyped(None)(x), (1,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "named"), PLANTED, ids=lambda x: x.name if isinstance(x, Rule) else ""
)
def test_a_planted_mistake_is_named(wrong: Rule, named: str) -> None:
    with pytest.raises(RuleError) as caught:
        test_rule(wrong)
    assert named in str(caught.value)
    assert str(caught.value).startswith(f"{wrong.name}: ")
    assert isinstance(caught.value, GradientError)


# How it is called


@pytest.mark.slow
def test_points_of_ones_own_come_first() -> None:
    @rule
    def wrong_at_one_point(x: Any, y: Any) -> Any:
        return x * y, (y, f.where(f.absolute(x - 12.5) <= 0, 0, x))

    test_rule(wrong_at_one_point)
    with pytest.raises(RuleError, match=r"slope in y at x = 12.5, y = 3.0: 0.0 came out, 12.5 is"):
        test_rule(wrong_at_one_point, at=[(12.5, 3.0)])
    with pytest.raises(RuleError, match=r"slope in x_1 of 5 at x_1 = 7.0, x_2 = 1.0, .*, …: "):
        test_rule(wrong_far_along, at=[[7.0, 1.0, 1.0, 1.0, 1.0]])


@rule
def wrong_far_along(*x: Any) -> Any:
    return f.total(*x), tuple([1 if len(x) < 5 else 2] * len(x))


def test_what_is_no_rule_or_no_point_is_refused() -> None:
    with pytest.raises(UsageError, match=r"test_rule: <built-in .*> is no rule; declare one with"):
        test_rule(untyped(math.sin))
    with pytest.raises(UsageError, match=r"choose the constants of power: power\.bind"):
        test_rule(rules.power)
    for point in ((1.0, 2.0), (), "x"):
        with pytest.raises((UsageError, TypeError), match="test_rule: "):
            test_rule(softsign, at=untyped([point]))
    with pytest.raises(UsageError, match=r"\(1.0,\) is no point for dot\(x_1, x_2\)"):
        test_rule(rules.dot, at=[(1.0,)])

    @rule
    def nowhere(x: Any) -> Any:
        return f.log(-1 - f.absolute(x)), (x,)

    with pytest.raises(RuleError, match="no point has one; give some with at=…"):
        test_rule(nowhere)


@pytest.mark.parametrize(("package", "check"), [("numpy", "on arrays"), ("sympy", "on symbols")])
def test_a_kind_whose_package_is_missing_is_said_to_be_left_out(
    package: str, check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, untyped(None))
    report = test_rule(softsign)
    (finding,) = [finding for finding in report if finding.check == check]
    assert finding.outcome.startswith(f"left out: a test {check} needs {package}; pip install")


def test_pytest_takes_it_for_no_test() -> None:
    assert not vars(test_rule)["__test__"]
    assert (test_rule.__name__, test_rule.__module__) == ("test_rule", "autograd.rule_check")
