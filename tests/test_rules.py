"""The derivative table, as a whole: right against five oracles, and the same on every number."""

from __future__ import annotations

import itertools
import math
import pickle
import random
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import autograd
from autograd import (
    DomainError,
    NumberError,
    RangeError,
    UsageError,
    Value,
    grad,
    gradcheck,
    gradient,
    hessian,
    replay,
    rule,
)
from autograd.rule import RULES, Rule
from tests.table import CASES, ORACLE, RULE_TABLE, Case
from tests.untyped import untyped

every_case = pytest.mark.parametrize("case", CASES, ids=str)

EPSILON = sys.float_info.epsilon
LARGEST = sys.float_info.max

OPERATORS = {"add", "sub", "mul", "div", "neg", "power", "pow"}
FUNCTIONS = {
    *("exp", "log", "sqrt", "expm1", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("sinh", "cosh", "tanh", "sigmoid", "softplus", "relu", "leaky_relu", "elu", "gelu", "silu"),
    *("erf", "abs", "maximum", "minimum", "hypot"),
}
CHOICES_AND_SUMS = {"where", "sum", "mean", "dot", "logsumexp"}
RATIONAL = {
    *("add", "sub", "mul", "div", "neg", "relu", "leaky_relu", "abs", "maximum", "minimum"),
    *("where", "sum", "mean", "dot", "mod", "clip", "prod", "max", "min", "_one_minus_square"),
}
COMPARISONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
RATIONAL |= COMPARISONS
JUMPS = COMPARISONS | {"mod", "max", "min"}
"""Rules that no central difference tells the slope of at a kink, unless that is ½ of two."""


def bits(x: Any) -> str:
    """Return the bits of a number that must be a Python float."""
    assert type(x) is float
    return x.hex()


def close(found: float, true: Any, tolerance: float) -> bool:
    """Return whether a number is right, relative to 1 + |true|; beyond a float it is infinite."""
    if abs(true) > LARGEST:
        return bool(math.isinf(found) and (found > 0) == (true > 0))
    return bool(abs(found - true) <= tolerance * (1 + abs(true)))


# The table is complete, and so are the ways to reach it.


def test_the_table_has_every_operation_once() -> None:
    public = {line.name for line in RULE_TABLE if not line.name.startswith("_")}
    assert public >= OPERATORS | FUNCTIONS | CHOICES_AND_SUMS
    assert set(ORACLE) == {line.name for line in RULE_TABLE}


def test_every_operation_is_a_function_and_those_of_one_or_two_numbers_are_methods() -> None:
    assert set(autograd.__all__) >= FUNCTIONS | CHOICES_AND_SUMS
    for line in RULE_TABLE:
        if line.name not in OPERATORS and not line.name.startswith("_"):
            assert getattr(autograd, line.name) is line
            assert line.name in autograd.__all__
        if line.arity in (1, 2) and line.complete:
            assert callable(getattr(Value, line.name))


# Against SymPy


@cache
def symbols(case: Case) -> list[sympy.Symbol]:
    return [sympy.Symbol(f"s{i}", real=True) for i in range(case.count)]


@cache
def formulas(case: Case) -> tuple[sympy.Expr, list[sympy.Expr]]:
    """Return the value and the partials of a rule, run on symbols."""
    value, partials = case.rule.evaluate(symbols(case))
    return sympy.sympify(value), [sympy.sympify(partial) for partial in partials]


def slope_of(formula: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """Return SymPy's derivative, with the slope 0 for ⌊x⌋, which SymPy leaves open."""
    found = sympy.diff(formula, symbol)
    left_open = sympy.Derivative | sympy.Subs
    return found.replace(lambda part: isinstance(part, left_open), lambda part: sympy.S.Zero)


def at(formula: sympy.Expr, case: Case, point: Sequence[float]) -> Any:
    """Return a formula's number at a point to 30 digits; None where that is not real."""
    exactly = [sympy.Rational(x) for x in point]
    found = formula.subs(dict(zip(symbols(case), exactly, strict=True))).evalf(30)
    return found if found.is_real else None


@every_case
def test_partials_are_sympys_derivatives_of_the_value(case: Case) -> None:
    formula, in_symbols = formulas(case)
    derivatives = [slope_of(formula, symbol) for symbol in symbols(case)]
    for point in case.points(6):
        value, partials = case.rule.evaluate(point)
        assert close(value, at(formula, case, point), 1e-14)
        for partial, derivative, own in zip(partials, derivatives, in_symbols, strict=True):
            true = at(derivative, case, point)
            if true is None:  # in the exponent of a negative base
                assert math.isnan(partial)
            else:
                assert close(partial, true, 1e-13)
                assert close(at(own, case, point), true, 1e-13)


@every_case
def test_second_derivatives_are_sympys(case: Case) -> None:
    formula, _ = formulas(case)
    second = sympy.Matrix(
        [[slope_of(slope_of(formula, x), y) for y in symbols(case)] for x in symbols(case)]
    )
    for point in case.points(3):
        if not isinstance(at(second.trace(), case, point), sympy.Number):
            continue  # not real in the exponent of a negative base
        found = hessian(case)(list(point))
        for i, j in itertools.product(range(case.count), repeat=2):
            assert close(found[i][j], at(second[i, j], case, point), 1e-12)


# Against finite differences


@every_case
def test_partials_are_the_limit_of_difference_quotients(case: Case) -> None:
    for point in case.points(6):
        for i, partial in enumerate(case.rule.evaluate(point)[1]):
            if math.isnan(partial):
                continue

            def along(h: float, i: int = i, point: tuple[float, ...] = point) -> float:
                return float(case([x + h * (k == i) for k, x in enumerate(point)]))

            h = min(1e-3, 0.01 * abs(point[i])) or 1e-3
            coarse, fine = ((along(s) - along(-s)) / (2 * s) for s in (h, h / 2))
            assert close(partial, (4 * fine - coarse) / 3, 1e-6)


# Against mpmath, where floats are hard

HARD = [s * x for x in (1000.0, 40.0, 3.0, 1 + 1e-9, 1 - 1e-9, 0.5, 1e-8, 1e-300) for s in (1, -1)]


def hard_points(case: Case, pool: Sequence[float] = HARD) -> Iterator[tuple[float, ...]]:
    """Yield points of the domain made of hard numbers; a sample of them if they are many."""
    if case.count <= 2:
        points: Any = itertools.product(pool, repeat=case.count)
    else:
        draw = random.Random(str(case))
        points = [tuple(draw.choices(pool, k=case.count)) for _ in range(100)]
    kink = case.rule.kink if case.rule.name in JUMPS else None
    for point in filter(case.allows, points):
        if case.rule.name == "mod" and abs(point[0] / point[1]) > 1e12:
            continue  # its jumps lie closer than floats do
        if not (kink and kink(*point, **case.rule.constants)):
            yield point


def precisely(case: Case, point: Sequence[Any]) -> Any:
    constants = {name: mpmath.mpf(c) for name, c in case.rule.constants.items()}
    return ORACLE[case.rule.name](*map(mpmath.mpf, point), **constants)


def quotient(case: Case, point: Sequence[float], i: int) -> Any:
    """Return the i-th derivative by a central difference, right to 30 digits or more."""
    h = mpmath.mpf(abs(point[i])) * mpmath.mpf(2) ** -150
    ahead, behind = (
        precisely(case, [mpmath.mpf(x) + s * (k == i) for k, x in enumerate(point)])
        for s in (h, -h)
    )
    return (ahead - behind) / (2 * h)


@pytest.mark.slow
@every_case
def test_hard_points_are_right_to_the_last_digits(case: Case) -> None:
    tried = 0
    with mpmath.workdps(800):  # the step beside 1e-300 must be seen beside 1000, too
        for point in hard_points(case):
            true = precisely(case, point)
            if abs(true) > LARGEST:
                with pytest.raises(RangeError, match="too large"):
                    case.rule.evaluate(point)
                continue
            value, partials = case.rule.evaluate(point)
            slopes = [quotient(case, point, i) for i in range(case.count)]
            scale = abs(true)
            if case.count > 1:  # where terms cancel, as exactly as the terms allow
                scale += sum(abs(x * slope) for x, slope in zip(point, slopes, strict=True))
            if case.rule.name == "gelu":  # erfc(−x/√2) of an argument that is rounded
                scale *= 1 + point[0] ** 2 / 2
            assert abs(value - true) <= 4 * EPSILON * scale + 1e-323, point
            for partial, slope in zip(partials, slopes, strict=True):
                if isinstance(slope, mpmath.mpc):
                    assert math.isnan(partial)
                else:
                    assert close(partial, slope, 1e-13), point
            tried += 1
    assert tried >= 4


@pytest.mark.parametrize("case", [case for case in CASES if case.count == 1], ids=str)
def test_second_derivatives_at_hard_points(case: Case) -> None:
    with mpmath.workdps(150):
        for (x,) in hard_points(case, HARD[:-2]):
            h = mpmath.mpf(abs(x)) * mpmath.mpf(2) ** -100
            before, here, after = (precisely(case, [mpmath.mpf(x) + s]) for s in (-h, 0, h))
            if max(abs(here), abs(after - before) / h) > LARGEST:
                continue
            true = (before - 2 * here + after) / (h * h)
            found = grad(grad(lambda v: case([v])))(x)
            assert close(found, true, 1e-12), x


# The same on every kind of number


def shared_points(case: Case) -> list[tuple[float, ...]]:
    """Return regular and hard points at which the value does not overflow."""
    hard = [
        point
        for point in hard_points(case, [1000.0, -1000.0, -0.5, 1e-8])
        if abs(precisely(case, point)) <= LARGEST
    ]
    return case.points(8) + random.Random(0).sample(hard, min(len(hard), 12))


@pytest.mark.filterwarnings("ignore::autograd.InfiniteGradientWarning")
@every_case
def test_recorded_replayed_and_swept_floats_agree_bit_for_bit(case: Case) -> None:
    for point in shared_points(case):
        leaves = [Value(x) for x in point]
        output = case(leaves)
        _, partials = case.rule.derive(*point)
        assert output.parents == tuple(leaves)
        assert bits(output.data) == bits(float(case(point)))
        assert output.partials == pytest.approx(partials, rel=0, abs=0, nan_ok=True)
        value, derivatives = replay(output)
        assert bits(value) == bits(output.data)
        slopes = gradient(output, leaves)
        output.backward()
        for leaf, partial, slope in zip(leaves, partials, slopes, strict=True):
            assert leaf.grad == partial or (math.isnan(leaf.grad) and math.isnan(partial))
            assert bits(leaf.grad) == bits(derivatives[leaf]) == bits(slope)


@every_case
def test_methods_and_operators_record_what_the_rule_records(case: Case) -> None:
    name, (n, *_) = case.rule.name, (*case.rule.constants.values(), 0)
    operations: dict[str, Any] = {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "neg": lambda x: -x,
        "power": lambda x: x**n,
        "pow": lambda x, y: x**y,
    }
    if case.rule.sequences or name == "where":
        assert not hasattr(Value, name)
        return
    operation = operations.get(name) or getattr(Value, name)
    for point in case.points(4):
        leaves = [Value(x) for x in point]
        output, same = operation(*leaves), case(leaves)
        assert output.op == same.op == name
        assert output.parents == same.parents == tuple(leaves)
        assert bits(output.data) == bits(same.data)
        assert same.partials == pytest.approx(output.partials, rel=0, abs=0, nan_ok=True)
        if case.count == 2:
            (x, y), (first, second) = point, leaves
            mixed = [case([x, second]), case([first, y])]
            if name in OPERATORS:
                mixed.append(operation(x, second))
            if name != "pow":  # a plain exponent has a rule of its own
                mixed.append(operation(first, y))
            for other in mixed:
                assert (other.op, bits(other.data)) == (name, bits(same.data))
                assert other.partials == pytest.approx(same.partials, rel=0, abs=0, nan_ok=True)


def recorded(case: Case) -> tuple[Value, list[Value]]:
    leaves = [Value(x) for x in case.points(1)[0]]
    return case(leaves), leaves


def sample_by_sample(case: Case, points: Sequence[Sequence[float]]) -> tuple[Any, Any]:
    """Return values, and derivatives of shape (operands, points), by floats."""
    results = [case.rule.evaluate(point) for point in points]
    return (
        np.array([float(value) for value, _ in results]),
        np.array([[float(partial) for partial in partials] for _, partials in results]).T,
    )


def assert_arrays_agree(case: Case, found: tuple[Any, Any], points: Sequence[Any]) -> None:
    value, slopes = sample_by_sample(case, points)
    np.testing.assert_allclose(found[1], slopes, rtol=1e-12, atol=1e-12, equal_nan=True)
    with np.errstate(all="ignore"):  # where terms cancel, as exactly as the terms allow
        terms = np.abs(np.array(points).T * slopes).sum(axis=0)
    excess = np.abs(found[0] - value) - 1e-12 * (1 + np.abs(value) + np.nan_to_num(terms))
    assert np.all((excess <= 0) | (found[0] == value) | np.isnan(value) & np.isnan(found[0]))


@pytest.mark.filterwarnings("ignore::autograd.InfiniteGradientWarning")
@every_case
def test_numpy_arrays_agree_sample_by_sample(case: Case) -> None:
    output, leaves = recorded(case)
    points = shared_points(case)
    columns = [np.array(column) for column in zip(*points, strict=True)]
    value, derivatives = replay(output, dict(zip(leaves, columns, strict=True)))
    assert value.dtype == float
    assert_arrays_agree(case, (value, [derivatives[leaf] for leaf in leaves]), points)


@pytest.fixture(scope="module")
def jax() -> Any:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


@pytest.mark.slow
@every_case
def test_jax_tracers_agree_sample_by_sample(case: Case, jax: Any) -> None:
    output, leaves = recorded(case)

    def run(columns: Any) -> Any:
        value, derivatives = replay(output, dict(zip(leaves, columns, strict=True)))
        return value, [derivatives[leaf] for leaf in leaves]

    points = shared_points(case)
    value, derivatives = jax.jit(run)([np.array(column) for column in zip(*points, strict=True)])
    assert_arrays_agree(case, (value, derivatives), points)


@every_case
def test_values_agree_and_their_values_bit_for_bit(case: Case) -> None:
    output, leaves = recorded(case)
    for point in shared_points(case):
        fresh = [Value(x) for x in point]
        want, partials = case.rule.evaluate(point)
        if not all(map(math.isfinite, partials)):
            continue
        value, derivatives = replay(output, dict(zip(leaves, fresh, strict=True)))
        assert bits(value.data) == bits(float(want))
        for leaf, partial in zip(leaves, partials, strict=True):
            found = derivatives[leaf]
            slope = found.data if isinstance(found, Value) else found
            assert close(slope, partial, 2 * EPSILON)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.rule.name not in {"elu", "pow"}],  # rational here and there
    ids=str,
)
def test_fractions_are_exact_or_refused(case: Case) -> None:
    output, leaves = recorded(case)
    formula, _ = formulas(case)
    rational = case.rule.name in RATIONAL or isinstance(case.rule.constants.get("n"), int)
    for point in case.points(6):
        exactly = [Fraction(x).limit_denominator(50) for x in point]
        there = dict(zip(symbols(case), map(sympy.Rational, exactly), strict=True))
        numbers = dict(zip(leaves, exactly, strict=True))
        if not rational:
            with pytest.raises(NumberError, match="not a fraction; replay with floats"):
                replay(output, numbers)
            continue
        value, derivatives = replay(output, numbers)
        assert type(value) is Fraction
        assert value == formula.subs(there)
        for leaf, symbol in zip(leaves, symbols(case), strict=True):
            assert type(derivatives[leaf]) is Fraction
            assert derivatives[leaf] == slope_of(formula, symbol).subs(there)


def test_fractions_are_exact_wherever_a_rule_happens_to_be_rational() -> None:
    x, y = Value(1.0), Value(2.0)
    cube, slopes = replay(x**y, {x: Fraction(-2, 3), y: Fraction(3)})
    assert (type(cube), cube, slopes[x]) == (Fraction, Fraction(-8, 27), Fraction(4, 3))
    above, slopes = replay(x.elu(), {x: Fraction(2, 3)})
    assert (type(above), above, slopes[x]) == (Fraction, Fraction(2, 3), 1)


def test_fractions_stay_exact_in_a_graph_whose_units_are_off() -> None:
    x, y = Value(-1.0), Value(1.0)
    output = autograd.mean([x.relu(), x.relu()]) + x.relu() ** 2 + y * y
    value, derivatives = replay(output, {x: Fraction(-1, 3), y: Fraction(1, 3)})
    assert (type(value), value) == (Fraction, Fraction(1, 9))
    assert (type(derivatives[x]), derivatives[x]) == (Fraction, 0)


# NaN


@every_case
def test_nan_in_gives_nan_out_and_never_a_slope(case: Case) -> None:
    if case.rule.name == "where" or case.rule.name in COMPARISONS:
        return  # nothing compares with NaN; the branch not taken does not count: test_where.py
    formula, _ = formulas(case)
    point = case.points(3)[2]
    for i, nan in enumerate(symbols(case)):
        leaves = [Value(math.nan if k == i else x) for k, x in enumerate(point)]
        output = case(leaves)
        output.backward()
        assert math.isnan(output.data) or not formula.has(nan)
        columns = {leaf: np.array([leaf.data, leaf.data]) for leaf in leaves}
        _, in_arrays = replay(output, columns)
        for leaf, symbol in zip(leaves, symbols(case), strict=True):
            slope = slope_of(formula, symbol)
            for found in (leaf.grad, *in_arrays[leaf]):
                if not math.isnan(found):
                    assert not slope.has(nan)
                    assert close(found, at(slope, case, point), 1e-13)


@pytest.mark.parametrize("other", [-math.inf, -1.0, 0.0, math.inf])
@pytest.mark.parametrize("name", ["maximum", "minimum", "logsumexp"])
def test_nan_is_not_lost_among_infinities(name: str, other: float) -> None:
    for point in ((math.nan, other), (other, math.nan)):
        for case in CASES:
            if case.rule.name == name and case.count == 2:
                assert math.isnan(case(point))
                assert all(map(math.isnan, case.rule.derive(*point)[1]))


# Errors


@pytest.mark.parametrize("case", [case for case in CASES if case.rule.domain], ids=str)
def test_outside_the_domain_every_way_in_refuses_with_the_same_words(case: Case) -> None:
    around = itertools.product([-2.5, 0.0, 2.5], repeat=case.count)
    outside = [point for point in around if not case.allows(point)]
    outside = outside or [point for point in [(math.inf,)] if not case.allows(point)]
    assert outside or case.rule.constants
    for point in outside:
        leaves = [Value(x) for x in point]
        inside, others = recorded(case)
        words = set()
        for attempt in (
            lambda point=point: case(point),
            lambda leaves=leaves: case(leaves),
            lambda others=others, inside=inside, point=point: replay(
                inside, dict(zip(others, point, strict=True))
            ),
        ):
            with pytest.raises(DomainError, match=f"{case.rule.name} at .*: no value; .* must"):
                attempt()
            try:
                attempt()
            except DomainError as error:
                words.add((type(error), str(error)))
        assert len(words) == 1


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_take_plain_numbers_of_every_kind(name: str) -> None:
    function = getattr(autograd, name)
    count = len(RULES[name].parameters(2)) if RULES[name].function.__code__.co_argcount == 2 else 1
    want = function(*[0.5] * count)
    assert type(want) is float
    for half in (Decimal("0.5"), Fraction(1, 2), np.float64(0.5), np.float32(0.5)):
        assert function(*[half] * count) == want
    for wrong in ("0.5", None, 0.5j):
        with pytest.raises(NumberError):
            function(*[wrong] * count)


# A user's rule is a rule like any other.


@rule(symbol="⊘", domain=lambda x, y, scale: x + y != 0, remedy="{x} and {y} must not cancel")
def share(x: Any, y: Any, *, scale: float = 1.0) -> Any:
    total = x + y
    return scale * x / total, (scale * y / total / total, -scale * x / total / total)


@rule
def twice_and_thrice(x: Any, *, a: float = 2.0, b: float = 3.0) -> Any:
    return a * x + b * x * x, (a + 2 * b * x,)


def test_a_users_rule_is_used_at_once_on_every_kind_of_number() -> None:
    x, y = Value(1.0, "x"), Value(3.0, "y")
    output = share(x, y) * 2
    output.backward()
    assert (output.data, x.grad, y.grad) == (0.5, 0.375, -0.125)
    assert share(1.0, 3.0) == 0.25
    value, derivatives = replay(output, {x: np.array([1.0, 2.0]), y: np.array([3.0, 2.0])})
    np.testing.assert_allclose(value, [0.5, 1.0])
    np.testing.assert_allclose(derivatives[y], [-0.125, -0.25])
    assert replay(output, {x: Fraction(1, 3), y: Fraction(2, 3)})[1][x] == Fraction(4, 3)
    a, b = sympy.symbols("a b")
    formula, derivatives = replay(output, {x: a, y: b})
    assert sympy.simplify(sympy.diff(formula, b) - derivatives[y]) == 0


def test_a_users_rule_has_derivatives_of_every_order_and_is_checked() -> None:
    assert grad(grad(share))(1.0, 3.0) == pytest.approx(-2 * 3 / 4**3)
    assert grad(grad(grad(share)))(1.0, 3.0) == pytest.approx(6 * 3 / 4**4)
    assert gradcheck(share, 1.0, 3.0).worst.error < 1e-9
    with pytest.raises(DomainError, match="no value; v and y must not cancel"):
        share(Value(1.0, "v"), -1.0)


def test_a_users_rule_survives_pickling_where_it_is_declared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = Value(1.0)
    text = pickle.dumps([share(x, 3.0, scale=8.0), x])
    output, leaf = pickle.loads(text)
    output.backward()
    assert (output.data, output.op, output.rule.constants) == (2.0, "share", {"scale": 8})
    assert leaf.grad == 1.5
    assert replay(output, {leaf: 3.0})[0] == 4.0
    monkeypatch.delattr(sys.modules[__name__], "share")
    with pytest.raises(UsageError, match=r"rule share is not declared here; .*test_rules must"):
        pickle.loads(text)
    with pytest.raises(UsageError, match="share is not this rule; declare it at the top of a"):
        pickle.dumps(output)


def test_constants_are_told_apart_by_name() -> None:
    assert twice_and_thrice(1.0, a=5.0) == 8.0
    assert twice_and_thrice(1.0, b=5.0) == 7.0
    assert twice_and_thrice(1.0, a=1.0, b=7.0) == twice_and_thrice(1.0, b=7.0, a=1.0) == 8.0
    assert twice_and_thrice(1.0, b=1.0, a=7.0) == 8.0
    assert grad(twice_and_thrice)(10.0, b=1.0, a=7.0) == 27.0
    leaky = autograd.leaky_relu(Value(-1.0), slope=untyped(np.float32(0.5)))
    assert leaky.rule is not None
    constant = leaky.rule.constants["slope"]
    assert (type(constant), constant) == (float, 0.5)


def test_many_exponents_do_not_pile_up() -> None:
    power = RULES["power"]
    for n in range(3000):
        power.bind(n=n + 0.5)
    assert len(power._bound) <= 1024
    assert power(2.0, n=0.5) == math.sqrt(2)


def test_a_rule_of_the_table_cannot_be_replaced_and_a_wrong_one_is_refused() -> None:
    def tanh(x: Any) -> Any:
        return x, (1,)

    before = RULES["tanh"]
    with pytest.raises(UsageError, match="rule tanh: the table has this name; choose another"):
        rule(tanh)
    assert RULES["tanh"] is before

    @rule
    def forgetful(x: Any, y: Any) -> Any:
        return x * y, (y,)

    @rule
    def talkative(x: Any) -> Any:
        return x

    with pytest.raises(UsageError, match=r"forgetful returned 1 partial\(s\) for 2 operand"):
        forgetful(Value(1.0), Value(2.0))
    with pytest.raises(UsageError, match="talkative must return value"):
        talkative(Value(1.0))
    with pytest.raises(UsageError, match="is not a Python function; define one with def"):
        rule(untyped(math.sqrt))


def test_the_domain_of_a_rule_is_enforced_even_where_its_function_has_a_value() -> None:
    @rule(domain=lambda x: x > 1, remedy="{x} must be more than 1")
    def cautious(x: Any) -> Any:
        return 2 * x, (2,)

    inside, outside = Value(3.0, "t"), Value(0.5, "t")
    assert cautious(inside).data == cautious(3.0) == 6.0
    for attempt in (
        lambda: cautious(outside),
        lambda: cautious(0.5),
        lambda: replay(cautious(inside), {inside: 0.5}),
        lambda: grad(cautious)(0.5),
    ):
        with pytest.raises(DomainError, match=r"cautious at .* = 0.5: no value; . must be more th"):
            attempt()
    assert math.isnan(cautious(Value(math.nan)).data)


def test_operands_are_counted_and_sequences_checked() -> None:
    with pytest.raises(UsageError, match=r"hypot\(x, y\) takes 2 operand\(s\), not 1"):
        autograd.hypot(Value(1.0))
    with pytest.raises(UsageError, match=r"tanh\(x\) takes 1 operand\(s\), not 2"):
        autograd.tanh(1.0, 2.0)
    with pytest.raises(UsageError, match="dot: sequences of lengths 2 and 1; make them equally"):
        autograd.dot([1.0, 2.0], [Value(1.0)])
    with pytest.raises(UsageError, match="mean: an empty sequence; give at least one number"):
        autograd.mean([])
    with pytest.raises(UsageError, match=r"sum: give 1 sequence\(s\) of numbers"):
        autograd.sum([1.0], [2.0])
    for wrong in (3.0, Value(3.0), "12"):
        with pytest.raises((UsageError, NumberError), match=r"sum: .*sequence"):
            autograd.sum(wrong)
    generated = autograd.sum(Value(x) for x in (1.0, 2.0))
    assert (generated.data, len(generated.parents)) == (3.0, 2)


def test_a_rule_shows_itself() -> None:
    assert isinstance(RULES["power"], Rule)
    assert repr(RULES["power"].bind(n=2.0)) == "<rule power, n=2>"
    assert repr(Value(2.0) * 3) == "Value(data=6.0, grad=?, op='mul')"
