"""Programs of one rule: the whole derivative table, whatever varies, against eager `backward()`."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from autograd import Program, Value, rule
from autograd import functions as f
from tests.sampled import BACKENDS, SPECIAL, Eager, close, eager
from tests.table import CASES, Case
from tests.untyped import untyped

pytestmark = [
    pytest.mark.filterwarnings(f"ignore::autograd.{kind}")
    for kind in ("InfiniteGradientWarning", "UndefinedGradientWarning")
]
"""Special numbers have infinite slopes; one test is about the warning, and expects it."""


FAR_OUT = (*SPECIAL, 0.5, 3.0, 20.0, -40.0, 710.0, -746.0, 1e-8, 1e-300, -1e300, 5e-324)


def special_points(case: Case) -> list[tuple[float, ...]]:
    """Return points at kinks, ties, infinities and NaN, and far out, as far as there is a value."""
    draw = random.Random(f"special {case}")
    points: list[tuple[float, ...]]
    if case.count == 1:
        points = [(x,) for x in FAR_OUT]
    elif case.count == 2:
        points = [*itertools.product(SPECIAL, repeat=2)]
        points += [(draw.choice(FAR_OUT), draw.choice(FAR_OUT)) for _ in range(20)]
    else:
        points = [tuple(draw.choice(FAR_OUT) for _ in range(case.count)) for _ in range(40)]
        points += [(x,) * case.count for x in SPECIAL]
    if case.rule.name == "dot":  # in a product that is rounded once, with the sum, none overflows
        points = [p for p in points if p.count(-1e300) < 2]
    return [p for p in points if allowed(case, p)]


def allowed(case: Case, point: tuple[float, ...]) -> bool:
    """Return whether a rule may have a value at a point; not every domain knows infinities."""
    if any(map(math.isnan, point)):  # comes in, and goes out
        return True
    try:
        return case.allows(point)
    except (OverflowError, ValueError):  # of ∞ or NaN
        return True


def masks(case: Case) -> Iterator[tuple[bool, ...]]:
    """Yield which operands vary: every mix of up to three, of more the first and last ones."""
    if case.count <= 3:
        yield from itertools.product((False, True), repeat=case.count)
    else:
        half = case.count // 2
        yield (True,) * case.count
        yield (False,) * case.count
        yield (False,) * half + (True,) * (case.count - half)
        yield (True,) * (case.count - 1) + (False,)
        yield ((False, True) * case.count)[: case.count]


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_on_samples_finds_what_it_finds_on_each(case: Case, backend: str) -> None:
    points, special = case.points(6), special_points(case)
    known: dict[str, Eager | None] = {}
    for mask in masks(case):
        leaves = [Value(x, f"x{i}") for i, x in enumerate(points[0])]
        varying = [leaf for leaf, varies in zip(leaves, mask, strict=True) if varies]
        shared = [leaf for leaf in leaves if leaf not in varying]
        program = Program(case(leaves), varying, shared, backend=backend, threads=1)
        at = random.Random(f"{case} {mask}").sample(special, min(4, len(special)))
        for fixed in [points[1], *at] if shared else points[:1]:
            batch = [tuple(mixed(mask, point, fixed)) for point in [*points, *special]]
            batch = [point for point in batch if allowed(case, point)]
            if not varying:
                batch = batch[:2]
            compare(case, program, mask, batch, known)
            compare(case, program, mask, batch[-1:], known)


def mixed(mask: Sequence[bool], row: Sequence[float], fixed: Sequence[float]) -> Iterator[float]:
    """Yield the numbers of all operands: a sample's own where they vary."""
    for varies, own, other in zip(mask, row, fixed, strict=True):
        yield own if varies else other


def compare(
    case: Case,
    program: Program,
    mask: Sequence[bool],
    batch: Sequence[tuple[float, ...]],
    known: dict[str, Eager | None],
) -> None:
    """Run a program on a batch, and hold every sample to what is found of it alone."""
    own = [i for i, varies in enumerate(mask) if varies]
    others = [i for i, varies in enumerate(mask) if not varies]
    X = np.array([[point[i] for i in own] for point in batch]).reshape(len(batch), len(own))
    run = program(X, [batch[0][i] for i in others])
    inputs, slopes = run.input_gradients, run.sample_gradients
    assert (inputs.shape, slopes.shape) == ((len(X), len(own)), (len(X), len(others)))
    for k, point in enumerate(batch):
        key = str(point)  # tells −0 from 0
        if key not in known:
            known[key] = eager(lambda leaves: [case(leaves)], point)
        true = known[key]
        if true is None:
            continue
        where = f"{program.backend} at {point}, of which {own} vary; {run.values[k]} {true}"
        assert close(run.values[k], true.values[0], true.value_sizes[0]), where
        if true.values[0] == 0 and case.rule.arity == 1 and case.rule.name != "power":
            assert math.copysign(1, run.values[k]) == math.copysign(1, true.values[0]), where
        for i, found in [*zip(own, inputs[k], strict=True), *zip(others, slopes[k], strict=True)]:
            assert close(found, true.slopes[0][i], true.sizes[0][i]), f"slope {i} {where}"
    with np.errstate(all="ignore"):
        mean, sizes = [(x / len(X)).sum(axis=0) for x in (slopes, abs(slopes))]
    for found, true_mean, size in zip(run.gradient, mean, sizes, strict=True):
        if math.isfinite(size):
            assert close(found, true_mean, size), f"{found} {true_mean} {size} {case} {batch} {own}"


@rule
def piecewise(x: Any, y: Any) -> Any:
    """Return something else in each of five regions."""
    if x > 0 and y > 0:
        return x * y, (y, x)
    if x > 0:
        return f.exp(-x) * y, (-f.exp(-x) * y, f.exp(-x))
    z = x - y
    if not z < 0:
        return z, (1, -1)
    return (z * z, (2 * z, -2 * z)) if y != 1 else (x, (1.0, 0.0))


@rule
def asks_again(x: Any) -> Any:
    """Return 2x or −x, asking the same question twice."""
    half: Any = None if x <= 0 else x
    if x <= 0:
        return -x, (-1.0,)
    return half * 2, (2.0,)


@rule(domain=lambda x, y: x >= 0 and y > x, remedy="{x} must be between 0 and {y}")
def within(x: Any, y: Any) -> Any:
    return f.sqrt(x * y), (f.sqrt(y / x) / 2, f.sqrt(x / y) / 2)


@rule(domain=lambda x: (x > -1) & (x < 1))
def far_in(x: Any) -> Any:
    return x, (1.0,)


@rule
def five(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    return a * b - c / (1 + d * d) + e, (
        b, a, -1 / (1 + d * d), 2 * c * d / (1 + d * d) ** 2, 1.0,
    )  # fmt: skip


@rule(sequences=1)
def root_mean_square(*x: Any) -> Any:
    mean = sum(x_k * x_k for x_k in x) / len(x)
    z = f.sqrt(mean)
    return z, tuple([x_k / (z * len(x)) for x_k in x])


@rule(sequences=1)
def differences(*x: Any) -> Any:
    """Return the sum of the squares of neighbours' differences: terms that are not alike."""
    steps = [b - a for a, b in itertools.pairwise(x)]
    ahead, behind = [*steps, 0.0], [0.0, *steps]
    return sum([s * s for s in steps], 0.0 * x[0]), tuple(
        [2 * (b - a) for a, b in zip(ahead, behind, strict=True)]
    )


@rule(sequences=2)
def distance(*wx: Any) -> Any:
    w, x = wx[: len(wx) // 2], wx[len(wx) // 2 :]
    gaps = [a - b for a, b in zip(w, x, strict=True)]
    z = f.norm(*gaps)
    slopes = [f.direction(gap, f.sqrt(f.maximum(z * z - gap * gap, 0.0))) for gap in gaps]
    return z, (*slopes, *[-slope for slope in slopes])


@rule(sequences=1)
def in_turn(*x: Any) -> Any:
    """Return x₁ − 2 x₂ + 3 x₃, and so on."""
    signed = [(-1) ** k * (k + 1) for k, _ in enumerate(x)]
    return sum([c * x_k for c, x_k in zip(signed, x, strict=True)], 0.0), tuple(signed)


@rule(sequences=1)
def all_but_the_last(*x: Any) -> Any:
    ones = [1.0] * (len(x) - 1)
    return sum(x[:-1], 0.0 * x[-1]), (*ones, 0.0)


@rule(sequences=1)
def first_ones_squared(*x: Any) -> Any:
    """Return (x₁ + … + xₙ₋₁)², by a sum that is over some of the terms."""
    z = sum(x[1:-1], x[0])
    return z * z, tuple([2 * z if k < max(1, len(x) - 1) else 0.0 for k, _ in enumerate(x)])


@rule(sequences=1)
def one_again(*x: Any) -> Any:
    """Return x₁ + x₂ + x₂ + … + x₂, of as many terms as there are."""
    others = [x[min(1, len(x) - 1)] for _ in x[1:]]
    return sum(others, x[0]), (
        (1.0, float(len(others)), *[0.0] * (len(x) - 2)) if others else (1.0,)
    )


@rule(sequences=1)
def length_of_the_first(*x: Any) -> Any:
    """Return √(x₁² + x₁² + …)."""
    z = f.norm(*[x[0] for _ in x])
    root = math.sqrt(len(x))
    return z, (root * f.direction(x[0], 0.0), *[0.0] * (len(x) - 1))


@rule(sequences=2)
def crossed(*wx: Any) -> Any:
    """Return w₁ xₙ + w₂ xₙ₋₁ and so on."""
    w, x = wx[: len(wx) // 2], wx[len(wx) // 2 :]
    return f.dot(w, x[::-1]), (*x[::-1], *w[::-1])


def counting(of: Callable[[list[Any]], Any]) -> Any:
    """Return a rule that counts positive terms: its slopes are alike whatever it counts."""

    def counted(*x: Any) -> Any:
        return of([f.where(x_k > 0, 1.0, 0.0) for x_k in x]), tuple([0.0 for _ in x])

    return untyped(rule)(counted)


COUNTS: list[Callable[[list[Any]], Any]] = [
    lambda s: sum(s[1:], s[0]),
    lambda s: sum(s[1:-1], s[0]),
    lambda s: sum([s[1] for _ in s[1:]], s[0]),
    lambda s: sum([1 - s_k for s_k in s[1:]], s[0]),
    lambda s: sum(s[1:], s[0]) + s[0],
    lambda s: f.total(*s),
    lambda s: f.total(*s[:-1]),
    lambda s: f.total(*[s[0] for _ in s]),
    lambda s: f.total(*s[::-1], s[0]),
    lambda s: f.total(s[0], *[1 - s_k for s_k in s[1:]]),
]


@rule
def plus_nothing(x: Any) -> Any:
    return 0.0, (0.0,)


@rule
def minus_nothing(x: Any) -> Any:
    return -0.0, (0.0,)


@rule
def signed_nothing(x: Any) -> Any:
    return (0.0, (0.0,)) if x > 0 else (-0.0, (0.0,))


OWN = [
    Case(piecewise, 2), Case(asks_again, 1), Case(within, 2), Case(far_in, 1), Case(five, 5),
    *[Case(root_mean_square, n) for n in (1, 2, 5)], *[Case(differences, n) for n in (1, 2, 5)],
    *[Case(distance, n) for n in (2, 4, 6)], *[Case(crossed, n) for n in (2, 4, 6)],
    *[Case(counting(of), n) for of in COUNTS for n in (2, 3)],
    *[Case(in_turn, n) for n in (1, 2, 5)], *[Case(one_again, n) for n in (1, 2, 3, 4)],
    *[Case(all_but_the_last, n) for n in (2, 3, 4)],
    *[Case(first_ones_squared, n) for n in (1, 2, 3, 4)],
    *[Case(length_of_the_first, n) for n in (1, 2, 3)],
    Case(plus_nothing, 1), Case(minus_nothing, 1), Case(signed_nothing, 1),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", OWN, ids=str)
def test_a_rule_of_ones_own_is_as_good_as_a_rule_of_the_table(case: Case, backend: str) -> None:
    test_a_rule_on_samples_finds_what_it_finds_on_each(case, backend)
