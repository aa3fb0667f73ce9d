"""Powers: a plain exponent has a rule of its own, right at 0 and for a negative base."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autograd import (
    DomainError,
    Value,
    gradient,
)


def test_a_plain_exponent_has_its_own_rule() -> None:
    x = Value(-3.0)
    y = x**2
    assert y.rule is not None
    assert (y.op, y.parents, y.rule.constants) == ("power", (x,), {"n": 2})
    y.backward()
    assert (y.data, x.grad) == (9.0, -6.0)
    assert (Value(-2.0) ** 3).partials == (12.0,)
    assert (Value(-2.0) ** -1).partials == (-0.25,)


@pytest.mark.parametrize(("n", "slope"), [(0, 0.0), (1, 1.0), (2, 0.0), (1.5, 0.0), (3, 0.0)])
def test_a_plain_exponent_is_right_at_0(n: float, slope: float) -> None:
    assert (Value(0.0) ** n).partials == (slope,)
    assert (Value(0.0) ** n).data == 0.0**n


def test_values_as_exponents_work() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x**y
    assert (z.op, z.data) == ("pow", 8.0)
    assert gradient(z, [x, y]) == [12.0, 8.0 * math.log(2)]
    assert gradient(2**y, [y]) == [8.0 * math.log(2)]
    assert (Value(-2.0) ** Value(3.0)).partials[0] == 12.0
    assert (Value(0.0) ** Value(2.0)).partials == (0.0, 0.0)
    assert (Value(0.0) ** Value(0.0)).partials == (0.0, 0.0)
    assert (Value(0.0) ** Value(0.0)).data == 1.0


@pytest.mark.parametrize("exponent", [0.5, -1.5, Value(0.5), 1 / 3])
def test_a_fractional_power_of_a_negative_base_is_an_error(exponent: Any) -> None:
    with pytest.raises(DomainError, match=r"at x = -8.0, .*: no value; x must not be 0 for a neg"):
        Value(-8.0) ** exponent
    if not isinstance(exponent, Value):
        with pytest.raises(DomainError, match="no value"):
            (-8.0) ** Value(exponent)
