"""What has no value is refused, naming the operation, the operand and the remedy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    AutogradError,
    DivisionByZeroError,
    DomainError,
    NumberError,
    RangeError,
    Value,
    replay,
)
from tests.untyped import untyped


def test_nothing_cuts_the_graph_in_silence() -> None:
    v = Value(2.0, "v_1")
    cuts: list[Callable[[Value], Any]] = [
        *(float, math.exp, math.sqrt, math.floor, np.float64, complex),
        lambda v: math.hypot(v, 1.0),
        lambda v: np.array([v], dtype=float),
    ]
    for cut in cuts:
        with pytest.raises(NumberError) as caught:
            cut(v)
        assert str(caught.value) == (
            "float(v_1) would cut the graph, as math.exp(v) would; "
            "write v.exp() to stay in it, or v.data to leave it"
        )
    for refusing in (int, round, math.trunc, range):
        with pytest.raises(TypeError):
            untyped(refusing)(v)


X = Value(-1.0, "x_1")
ZERO = Value(0.0, "b")
BIG = Value(1e200, "w")
ERRORS: list[tuple[Callable[[], Any], type[AutogradError], type[Exception], str]] = [
    (
        lambda: Value(0.0).log(),
        *(DomainError, ValueError, "log at x = 0.0: no value; x must be positive"),
    ),
    (
        lambda: X.log(),
        *(DomainError, ValueError, "log at x_1 = -1.0: no value; x_1 must be positive"),
    ),
    (
        lambda: X.sqrt(),
        *(DomainError, ValueError, "sqrt at x_1 = -1.0: no value; x_1 must not be negative"),
    ),
    (
        lambda: X.log1p(),
        *(DomainError, ValueError, "log1p at x_1 = -1.0: no value; x_1 must be greater than -1"),
    ),
    (
        lambda: (2 * X).asin(),
        *(DomainError, ValueError, "asin at x = -2.0: no value; x must lie between -1 and 1"),
    ),
    (
        lambda: X / ZERO,
        *(DivisionByZeroError, ZeroDivisionError),
        "div at x_1 = -1.0, b = 0.0: no value; b must not be 0",
    ),
    (
        lambda: 1 / ZERO,
        *(DivisionByZeroError, ZeroDivisionError),
        "div at x = 1.0, b = 0.0: no value; b must not be 0",
    ),
    (
        lambda: ZERO**-1,
        *(DomainError, ValueError),
        "power at b = 0.0, n = -1: no value; b must not be 0 for a negative exponent, nor "
        "negative for a fractional one",
    ),
    (
        lambda: ZERO**X,
        *(DomainError, ValueError),
        "pow at b = 0.0, x_1 = -1.0: no value; b must not be 0 for a negative exponent, nor "
        "negative for a fractional one",
    ),
    (
        lambda: X**0.5,
        *(DomainError, ValueError),
        "power at x_1 = -1.0, n = 0.5: no value; x_1 must not be 0 for a negative exponent, nor "
        "negative for a fractional one",
    ),
    (
        lambda: Value(1000.0, "z").exp(),
        *(RangeError, OverflowError),
        "exp at z = 1000.0: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: BIG * BIG,
        *(RangeError, OverflowError),
        "mul at w = 1e+200, w = 1e+200: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: BIG**2,
        *(RangeError, OverflowError),
        "power at w = 1e+200, n = 2: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: autograd.dot([BIG], [BIG]),
        *(RangeError, OverflowError),
        "dot at w = 1e+200, w = 1e+200: the result is too large for a float; rescale the operands",
    ),
    (
        lambda: autograd.sum([Value(1e308), 1e308, 1.0, 2.0, 3.0]),
        *(RangeError, OverflowError),
        "sum at x_1 = 1e+308, x_2 = 1e+308, x_3 = 1.0, x_4 = 2.0, …: the result is too large for "
        "a float; rescale the operands",
    ),
    (
        lambda: Value(math.inf, "t").sin(),
        *(DomainError, ValueError, "sin at t = inf: no value; t must be finite"),
    ),
]


@pytest.mark.parametrize(("attempt", "error", "python", "message"), ERRORS)
def test_no_value_raises_naming_operation_operand_and_remedy(
    attempt: Callable[[], Any],
    error: type[AutogradError],
    python: type[Exception],
    message: str,
) -> None:
    for expected in (error, python, AutogradError):
        with pytest.raises(expected) as caught:
            attempt()
        assert str(caught.value) == message
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_an_unlabelled_operand_is_not_mistaken_for_a_labelled_one() -> None:
    with pytest.raises(DivisionByZeroError, match=r"^div at 1.0, x = 0.0: no value; x must not"):
        Value(1.0) / Value(0.0, "x")


def test_replay_refuses_with_the_operands_labels() -> None:
    x = Value(2.0, "x")
    y = (x - 1).log()
    with pytest.raises(DomainError, match=r"log at x = 0.0: no value; x must be positive"):
        replay(y, {x: 1.0})
    with pytest.raises(RangeError, match=r"exp at x = 1000.0: the result is too large"):
        replay(x.exp(), {x: 1000.0})
