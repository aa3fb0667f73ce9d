"""Right far out, at ±1000, with no epsilon."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import autograd
from autograd import (
    DomainError,
    Value,
    grad,
    gradient,
)
from autograd.rule import RULES
from tests.table import ORACLE


def test_activations_and_losses_are_right_far_out() -> None:
    for x in (1000.0, -1000.0):
        for name in ("sigmoid", "tanh", "softplus"):
            with mpmath.workdps(1000):
                true = ORACLE[name](mpmath.mpf(x))
                slope = mpmath.diff(ORACLE[name], mpmath.mpf(x))
            assert getattr(Value(x), name)().data == float(true)
            assert grad(getattr(autograd, name))(x) == pytest.approx(float(slope), abs=1e-300)
    for point in ([1000.0, 999.0], [-1000.0, -1001.0], [1000.0, -1000.0]):
        leaves = [Value(x) for x in point]
        z = autograd.logsumexp(leaves)
        with mpmath.workdps(1000):
            assert z.data == pytest.approx(float(ORACLE["logsumexp"](*map(mpmath.mpf, point))))
        assert sum(z.partials) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
def test_arrays_are_as_right_far_out_as_floats(name: str) -> None:
    x = Value(0.0)
    y = getattr(autograd, name)(x)
    for point in (-1000.0, -740.0, -720.0, 720.0, 1000.0):  # exp(720) is no float, exp(-720) is
        values, slopes = autograd.replay(y, {x: np.array([point])})
        alone, slope = autograd.replay(y, {x: point})
        assert values[0] == alone
        assert slopes[x][0] == slope[x]


@pytest.mark.parametrize("target", [0, 1])
def test_cross_entropy_is_right_far_out(target: int) -> None:
    for z in (1000.0, -1000.0):
        score = Value(z)
        by_softplus = score.softplus() - target * score
        by_logsumexp = autograd.logsumexp([score, 0.0]) - target * score
        right = (z > 0) == bool(target)
        for loss in (by_softplus, by_logsumexp):
            assert loss.data == (0.0 if right else 1000.0)
            assert gradient(loss, [score]) == [0.0 if right else float(1 - 2 * target)]


def test_no_epsilon_makes_an_error_go_away() -> None:
    score = Value(1000.0)
    with pytest.raises(DomainError, match=r"log at x = 0.0: no value; x must be positive"):
        (1 - score.sigmoid()).log()
    tiny = Value(5e-324)
    assert (tiny.log().data, (tiny / tiny).data) == (math.log(5e-324), 1.0)
    assert autograd.sqrt(Value(1e-300)).partials == (0.5e150,)


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 0.5, 1.0, 100.0])
def test_a_bell_is_as_wide_on_arrays_as_on_floats(scale: float) -> None:
    xs = [0.1, 30.0, 70.0, -100.0, 1000.0, 1e5, -3e100]
    y = RULES["gaussian"](x := Value(0.5), scale=scale)
    value, _ = autograd.replay(y, {x: np.array(xs)})
    one_by_one = [autograd.replay(y, {x: x_i})[0] for x_i in xs]
    assert value.tolist() == pytest.approx(one_by_one, rel=1e-14, abs=0)
