"""Functions of many digits: right to the last one, against mpmath, and none is missing."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import mpmath
import pytest

from autograd import Value, decimals, functions, replay
from autograd.errors import NumberError
from autograd.libraries import library
from autograd.precise import Precise

ORACLE: dict[str, Callable[..., Any]] = {
    "atan2": mpmath.atan2,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "direction": lambda x, y: x / mpmath.hypot(x, y),
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "gaussian": lambda x: mpmath.exp(-x * x),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "logsumexp": lambda *x: mpmath.log(sum(map(mpmath.exp, x))),
    "mod": lambda x, y: x - y * mpmath.floor(x / y),
    "norm": lambda *x: mpmath.sqrt(sum(x_k * x_k for x_k in x)),
    "power": lambda x, y: x**y,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "total": lambda *x: sum(x),
}

NAMES = [name for name in decimals.__all__ if name != "digits"]
ROW = [0.3, -2.7, 1e-8, -1e-8, 1e-300, 40.0, 700.0, 1 - 1e-9, 1 + 1e-9, 1 + 2**-52, 5e-324]
PAIRS = [(0.3, -2.7), (-1e-8, 3.0), (1e-300, 1e-300), (40.0, 0.5), (2.0, -1e-9), (-1.0, -700.0)]


def points(name: str) -> list[tuple[float, ...]]:
    two = {"atan2", "direction", "hypot", "logsumexp", "mod", "norm", "power", "total"}
    return list(PAIRS) if name in two else [(x,) for x in ROW]


@pytest.mark.slow
@pytest.mark.parametrize("count", [16, 60, 450])
@pytest.mark.parametrize("name", NAMES)
def test_functions_are_right_to_the_last_digit(name: str, count: int) -> None:
    oracle = ORACLE.get(name) or getattr(mpmath, name)
    tried = 0
    for point in points(name):
        with mpmath.workdps(count + 700), decimals.digits(count):
            true = oracle(*map(mpmath.mpf, point))
            found = getattr(decimals, name)(*map(Decimal, point))
            if not isinstance(true, mpmath.mpf) or not mpmath.isfinite(true):
                assert not found.is_finite()
                continue
            error = abs(mpmath.mpf(str(found)) - true)
            assert error <= 5.01 * abs(true) * mpmath.mpf(10) ** -count, point
            tried += 1
    assert tried >= 3


def test_rounding_is_that_of_the_context() -> None:
    for rounding, last in (("ROUND_DOWN", "2.718"), ("ROUND_UP", "2.719")):
        with localcontext() as context:
            context.prec, context.rounding = 4, rounding
            assert str(decimals.exp(Decimal(1))) == last


def test_far_out_and_at_infinity_there_is_a_limit() -> None:
    with decimals.digits(30):
        infinity = Decimal("Infinity")
        assert decimals.exp(-infinity) == decimals.erfc(infinity) == 0
        assert decimals.tanh(infinity) == decimals.erf(Decimal(1000)) == 1
        assert decimals.erfc(Decimal(-1000)) == 2
        assert decimals.softplus(Decimal("1e150")) == Decimal("1e150")
        assert decimals.exp(Decimal("-1e300")) == 0
        for nothing in (decimals.log(Decimal(-1)), decimals.asin(Decimal(2))):
            assert nothing.is_nan()
        assert decimals.power(Decimal(0), Decimal(-1)) == infinity
        assert decimals.power(Decimal(-2), Decimal("0.5")).is_nan()
        assert decimals.power(Decimal(0), Decimal(0)) == 1


def test_every_function_of_a_rule_computes_with_many_digits() -> None:
    with decimals.digits(40):
        third = Precise(1) / 3
        for name in set(functions.__all__) - {"lift", "written", "contribution", "dot", "softmax"}:
            function = getattr(functions, name)
            count = len(inspect.signature(function).parameters)
            operands = [third, Precise(2.0), third][: max(1, count)]
            if name == "acosh":
                operands = [Precise(2.0)]
            if name == "gaussian":
                operands = [third]
            result = function(*operands)
            plain = function(*[float(x.decimal) for x in operands])
            found = result.rounded() if isinstance(result, Precise) else float(result)
            assert found == pytest.approx(plain, rel=1e-14), name
        first, second = functions.softmax(third, third)
        assert first.rounded() == second.rounded() == 0.5
        assert functions.dot((third, third), (third, third)).rounded() == pytest.approx(2 / 9)


def test_numbers_of_many_digits_mix_with_floats_and_with_nothing_else() -> None:
    x = Precise(0.1)
    assert str(x) == "0.1000000000000000055511151231257827021181583404541015625"
    with decimals.digits(60):
        assert 1 + x > 1
        assert abs(-x) == x == 0.1
        assert 2 * x - x == x
        assert x / x == 1
    assert (math.floor(-x), math.ceil(x), bool(x)) == (-1, 1, True)
    assert hash(x) == hash(Precise(0.1))
    with pytest.raises(TypeError):
        x + "1"
    with pytest.raises(NumberError, match=r"write f\.exp, not math\.exp"):
        math.exp(x)
    assert library(x) is library(Precise(2))


def test_a_graph_is_replayed_in_as_many_digits_as_wanted() -> None:
    x = Value(0.5)
    with decimals.digits(50):
        value, slopes = replay(x.exp() / 3, {x: Precise(0.5)})
    with mpmath.workdps(60):
        true = mpmath.exp(0.5) / 3
        for found in (value, slopes[x]):
            assert abs(mpmath.mpf(str(found)) - true) < 1e-49
