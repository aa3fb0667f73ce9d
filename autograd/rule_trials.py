"""The checks that a rule must stand: each goes through points and says what is wrong at them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import islice, pairwise, product
from typing import Any, NamedTuple

from autograd.comparisons import set_aside
from autograd.errors import DomainError, NumberError, UsageError
from autograd.finite_differences import Check, excuse
from autograd.float_slopes import Slopes
from autograd.gradients import gradient
from autograd.number import shown
from autograd.precise_slopes import precise_curvatures, precise_slopes, precise_value
from autograd.recording import leniently
from autograd.replay import replay
from autograd.rule import Rule
from autograd.rule_points import Point, Points
from autograd.tools.optional import optional
from autograd.value import Value

__all__ = ["Finding", "findings"]

_TOLERANCE = 1e-6  # of a slope, as in gradcheck
_ROUNDING = 1e-12  # by which kinds of number may differ that compute the same
_TINY = 1e-300  # below it floats lose digits


class Finding(NamedTuple):
    """What one check of a rule found."""

    check: str
    outcome: str
    wrong: bool = False

    def __str__(self) -> str:
        return f"{self.check:<24} {self.outcome}"


class _LeftOutError(Exception):
    """Say why a check does not apply."""


class _At(NamedTuple):
    """What a check found at a point: nothing, a mistake, or what is worth a remark."""

    check: str
    point: Point
    mistake: str = ""
    remark: str = ""


def findings(rule: Rule, count: int, extra: Sequence[Point] = ()) -> Iterator[Finding]:
    """Yield what each check finds of a rule of so many operands, the extra points first."""
    trial = _Trial(rule, count, extra)
    suffix = f" of {count}" if rule.sequences else ""
    if not trial.points.inside:
        yield Finding("value" + suffix, "no point has one; give some with at=…", wrong=True)
        return
    for name, check in _CHECKS.items():
        try:
            found = trial.through(check)
        except _LeftOutError as reason:
            yield Finding(name + suffix, str(reason))
        except Exception as error:
            where = f"at {trial.where(trial.now)}: " if trial.now else ""
            outcome = f"{where}{type(error).__name__}: {error}{_HINTS.get(name, '')}"
            yield Finding(name + suffix, outcome, wrong=True)
        else:
            for label in dict.fromkeys(at.check for at in found):
                same = [at for at in found if at.check == label]
                yield trial.finding((label or name) + suffix, same)


class _Trial:
    """A rule of so many operands, and the points to test it at."""

    def __init__(self, rule: Rule, count: int, extra: Sequence[Point]) -> None:
        self.rule = rule
        self.count = count
        self.names = rule.parameters(count)
        self.points = Points(rule, count, extra)
        self.now: Point = ()

    def where(self, point: Point) -> str:
        """Return a point by the names of its operands."""
        shown = [f"{name} = {x!r}" for name, x in zip(self.names, point, strict=False)]
        return ", ".join([*shown[:4], *(["…"] if len(shown) > 4 else [])])

    def through(self, check: Callable[[_Trial], Iterator[_At]]) -> list[_At]:
        """Return what a check finds, until it has found mistakes enough."""
        found: list[_At] = []
        mistakes = 0
        for at in check(self):
            found.append(at)
            mistakes += bool(at.mistake)
            if mistakes == 4 * self.count:
                break
        return found

    def finding(self, check: str, found: Sequence[_At]) -> Finding:
        """Return what a check found at all its points, in one line."""
        mistakes = [at for at in found if at.mistake]
        if mistakes:
            more = " (and elsewhere)" if len(mistakes) > 1 else ""
            outcome = f"at {self.where(mistakes[0].point)}: {mistakes[0].mistake}{more}"
            return Finding(check, outcome, wrong=True)
        right = f"right at {len(found)} point{'s' if len(found) > 1 else ''}"
        remarks = [f"; at {self.where(at.point)}: {at.remark}" for at in found if at.remark]
        return Finding(check, "".join([right, *remarks[:1]]))

    def inside(self, smooth: bool = False) -> Iterator[Point]:
        """Yield the points where there is a value, or those of them that are not at a kink."""
        for point in self.points.inside:
            if not (smooth and self.bends(point)):
                self.now = point
                yield point

    def bends(self, point: Point) -> bool:
        """Return whether the rule declares a kink at a point."""
        return bool(self.rule.kink and self.rule.kink(*point, **self.rule.constants))

    def record(self, point: Point) -> tuple[Value, list[Value]]:
        """Return the recorded operation at a point, and its operands."""
        leaves = [Value(x) for x in point]
        return Value.record(self.rule, leaves), leaves

    def evaluate(self, numbers: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        """Return value and slopes on any kind of number, as many as there are operands."""
        value, partials = self.rule.evaluate(numbers)
        if len(partials) != self.count:
            raise UsageError(f"{len(partials)} partial(s) for {self.count} operand(s)")
        return value, partials

    def call(self, operands: Sequence[Any]) -> Any:
        """Apply the rule as a caller does, to operands or to sequences of them."""
        n = self.rule.sequences
        size = len(operands) // n if n else 0
        rows = [operands[i * size : (i + 1) * size] for i in range(n)]
        return self.rule(*(rows if n else operands))


def _differ(found: float, true: float, tolerance: float, size: float = 0.0) -> str:
    """Say what came out and what is right, unless they are the same to a tolerance."""
    if found == true or (math.isnan(found) and math.isnan(true)):
        return ""
    if abs(found - true) <= tolerance * max(abs(true), size) + _TINY:
        return ""
    return f"{found!r} came out, {true!r} is right"


# On floats, against many digits


def _values(trial: _Trial) -> Iterator[_At]:
    for point in trial.inside():
        value, partials = trial.rule.derive(*point)
        true = precise_value(trial.rule, point)
        terms = [abs(x * slope) for x, slope in zip(point, partials, strict=True)]
        size = sum(filter(math.isfinite, terms)) if trial.count > 1 else 0.0
        again = trial.rule.derive(*point)[0]
        mistake = _differ(value, true, 1e-9, size) or _differ(value, again, 0.0)
        yield _At("", point, mistake)
    if _is_odd(trial) and repr(trial.rule.derive(-0.0)[0]) == repr(trial.rule.derive(0.0)[0]):
        value = trial.rule.derive(-0.0)[0]
        yield _At("", (-0.0,), f"{value!r} came out, {-value!r} is right: the function is odd")
    for point in trial.points.too_large:
        trial.now = point
        true = precise_value(trial.rule, point)
        if not abs(true) > sys.float_info.max:
            yield _At("", point, remark=f"refused as too large, though it is {true!r}")


def _is_odd(trial: _Trial) -> bool:
    """Return whether the function, of one operand, has the other sign at −x: so also at −0."""
    if trial.rule.arity != 1 or (0.0,) not in trial.points.inside:
        return False
    with suppress(ArithmeticError, ValueError):
        pairs = [
            (trial.rule.derive(*point)[0], trial.rule.derive(-point[0])[0])
            for point in trial.points.inside
        ]
        return any(y for y, _ in pairs) and all(y == -z for y, z in pairs)
    return False


def _slopes(trial: _Trial) -> Iterator[_At]:
    for point in trial.inside():
        output, leaves = trial.record(point)
        slopes = precise_slopes(output, leaves)
        for name, x, found, true in zip(trial.names, point, output.partials, slopes, strict=True):
            if true.sides or not trial.bends(point):  # where it jumps, any slope was chosen
                yield _At(f"slope in {name}", point, *_judge(trial, point, x, found, true))


def _judge(trial: _Trial, point: Point, x: float, found: float, true: Slopes) -> tuple[str, str]:
    """Return the mistake in a slope, and a remark on it."""
    check = Check("", x, found, true.middle)
    verdict = excuse(check, true._replace(rounding=0.0), _TOLERANCE)
    left, right = (true.sides[0], true.sides[-1]) if true.sides else (math.nan, math.nan)
    if not verdict and not check.error <= _TOLERANCE:
        mistake = f"{found!r} came out, {left!r}{f' to {right!r}' if left < right else ''} is right"
        if check._replace(rounding=true.rounding).error <= _TOLERANCE:
            mistake += " (the formula is, but in floats its digits cancel: write it otherwise)"
        return mistake, ""
    kink = f"there is a kink (slopes {left!r} and {right!r})"
    if not (verdict == "kink" or left < right) or trial.bends(point):
        return "", ""
    if trial.rule.kink:
        return f"{kink}, where kink=… says that there is none", ""
    return "", f"{kink}; declare it with kink=…"


def _second_slopes(trial: _Trial) -> Iterator[_At]:
    few = 10 if trial.count > 1 else 40
    for point in islice(trial.inside(smooth=True), few):
        if any(0 < abs(x) < 1e-100 for x in point):
            continue  # a second difference takes steps of 1e-120 and more
        output, leaves = trial.record(point)
        if not all(map(math.isfinite, output.partials)):
            continue
        fresh = [Value(x) for x in point]
        with set_aside():
            _, slopes = replay(output, dict(zip(leaves, fresh, strict=True)))
            rows = [gradient(slopes[leaf], fresh) for leaf in leaves]
        true = precise_curvatures(output, leaves)
        for i, j in product(range(trial.count), repeat=2):
            expected = true[i][j]
            if expected is not None:
                size = abs(output.partials[i]) / max(1.0, abs(point[j]))
                mistake = _differ(rows[i][j], expected, _TOLERANCE, size)
                yield _At(f"second slope in {trial.names[i]}", point, mistake)


# On other kinds of number, against floats


def _installed(module: str, operation: str, extra: str) -> Any:
    try:
        return optional(module, operation, extra)
    except UsageError as error:
        raise _LeftOutError(f"left out: {error}") from None


def _on_values(trial: _Trial) -> Iterator[_At]:
    for point in trial.inside():
        output, leaves = trial.record(point)
        fresh = [Value(x) for x in point]
        with set_aside(), leniently():
            trial.evaluate(fresh)
            value, slopes = replay(output, dict(zip(leaves, fresh, strict=True)))
        yield _compared(trial, point, [value.data, *[slopes[leaf].data for leaf in leaves]])


def _on_arrays(trial: _Trial) -> Iterator[_At]:
    numpy = _installed("numpy", "a test on arrays", "arrays")
    points = list(trial.inside())
    output, leaves = trial.record(points[0])
    columns = [numpy.array(column) for column in zip(*points, strict=True)]
    trial.now = ()  # all at once
    with numpy.errstate(all="ignore"):
        value, partials = trial.evaluate(columns)
        replayed, slopes = replay(output, dict(zip(leaves, columns, strict=True)))
    both = [(value, *partials), (replayed, *[slopes[x] for x in leaves])]
    rows = [[numpy.broadcast_to(row, len(points)).tolist() for row in found] for found in both]
    for point, *found in zip(
        points, *[zip(*columns, strict=True) for columns in rows], strict=True
    ):
        itself, in_replay = (_compared(trial, point, numbers) for numbers in found)
        yield itself if itself.mistake else in_replay


def _on_fractions(trial: _Trial) -> Iterator[_At]:
    everyday = [point for point in trial.inside() if all(0.01 < abs(x) < 100 for x in point)]
    for point in everyday:
        exactly = [Fraction(x).limit_denominator(64) for x in point]
        trial.now = tuple(map(float, exactly))
        if trial.rule.excludes(trial.now):
            continue
        try:
            value, partials = trial.evaluate(exactly)
        except NumberError as error:
            raise _LeftOutError(f"left out: {error}") from None
        yield _compared(trial, trial.now, [float(x) for x in (value, *partials)])


def _compared(trial: _Trial, point: Point, found: Sequence[float]) -> _At:
    """Return how value and slopes on another kind of number compare with those on floats."""
    value, partials = trial.rule.derive(*point)
    terms = [abs(x * slope) for x, slope in zip(point, partials, strict=True)]
    size = sum(filter(math.isfinite, terms)) if trial.count > 1 else 0.0
    mistake = _differ(found[0], value, _ROUNDING, size)
    if not mistake and value == 0 and _is_odd(trial) and repr(found[0]) != repr(value):
        mistake = f"{found[0]!r} came out, {value!r} is right"
    for name, slope, partial in zip(trial.names, found[1:], partials, strict=True):
        if not mistake and (wrong := _differ(slope, partial, 1e-9)):
            mistake = f"slope in {name}: {wrong}"
    return _At("", point, mistake)


def _on_symbols(trial: _Trial) -> Iterator[_At]:
    sympy = _installed("sympy", "a test on symbols", "symbols")
    symbols = [sympy.Symbol(name, real=True) for name in trial.names]
    trial.now = ()
    value, partials = trial.evaluate(symbols)
    formulas = [sympy.sympify(formula) for formula in (value, *partials)]
    everyday = [p for p in trial.inside(smooth=True) if all(0.1 < abs(x) < 5 for x in p)]
    for point in everyday[:4]:
        trial.now = point
        there = dict(zip(symbols, map(sympy.Rational, point), strict=True))
        numbers = [formula.subs(there).evalf(20) for formula in formulas]
        if all(x.is_real for x in numbers):
            yield _compared(trial, point, list(map(float, numbers)))


# NaN, the domain, and the facts that were declared


def _nan(trial: _Trial) -> Iterator[_At]:
    if trial.rule.choice:
        raise _LeftOutError("left out: what the rule does not choose does not count")
    *_, point = trial.inside(smooth=True)
    for i in range(trial.count):
        trial.now = (*point[:i], math.nan, *point[i + 1 :])
        value, partials = trial.rule.derive(*trial.now)
        yield _At("", trial.now, "" if math.isnan(value) else f"{value!r} came out, not NaN")
        for name, partial, varies in zip(trial.names, partials, _varying(trial, i), strict=True):
            if varies and not math.isnan(partial):
                mistake = f"slope in {name}: {partial!r} came out, not NaN"
                yield _At("", trial.now, mistake)


def _varying(trial: _Trial, i: int) -> list[bool]:
    """Return which slopes vary with an operand, the others being fixed."""
    *_, base = trial.inside(smooth=True)
    seen: list[tuple[float, ...]] = []
    for x in {point[i] for point in trial.points.inside}:
        with suppress(DomainError):
            seen.append(trial.rule.derive(*base[:i], x, *base[i + 1 :])[1])
    return [len(set(slopes)) > 1 for slopes in zip(*seen, strict=True)]


def _domain(trial: _Trial) -> Iterator[_At]:
    rule, points = trial.rule, trial.points
    if rule.domain is None:
        where = trial.where(points.empty[0]) if points.empty else ""
        raise _LeftOutError(f"none declared{where and f', but there is no value at {where}'}")
    for point in points.empty:
        yield _At("", point, "there is no value, though the domain allows it")
    inside, leaves = trial.record(points.inside[0])
    ways: dict[str, Callable[[Point], Any]] = {
        "on floats": trial.call,
        "on Values": lambda point: trial.call([Value(x) for x in point]),
        "by replay": lambda point: replay(inside, dict(zip(leaves, point, strict=True))),
    }
    for point in [*points.outside[:6], *points.outside[6:][-4:]]:
        answers = {way: _refusal(ask, point) for way, ask in ways.items()}
        first = answers["on floats"]
        odd = next((way for way, answer in answers.items() if answer != first), "")
        mistake = f"{odd} {answers[odd]}; on floats {first}" if odd else ""
        if not first.startswith("refused: "):
            mistake = f"on floats {first}"
        elif not rule.remedy:
            mistake = "refused without a remedy; declare remedy=…"
        yield _At("", point, mistake)


def _refusal(ask: Callable[[Point], Any], point: Point) -> str:
    """Return how the rule answers outside its domain."""
    try:
        answer = ask(point)
    except DomainError as error:
        return f"refused: {error}"
    except Exception as error:
        return f"raised {type(error).__name__}: {error}"
    return f"{shown(getattr(answer, 'data', answer))} came out, a DomainError is right"


def _commutative(trial: _Trial) -> Iterator[_At]:
    if not trial.rule.commutative or trial.count < 2:
        return
    for point in trial.inside():
        x, y, *rest = point
        value, (dx, dy, *_) = trial.rule.derive(*point)
        swapped, (dy_too, dx_too, *_) = trial.rule.derive(y, x, *rest)
        pairs = [(swapped, value), (dx_too, dx), (dy_too, dy)]
        mistake = next(filter(None, [_differ(*pair, 0.0) for pair in pairs]), "")
        yield _At("", point, mistake and f"with its operands swapped {mistake}")


def _monotonic(trial: _Trial) -> Iterator[_At]:
    if not trial.rule.monotonic or trial.count != 1:
        return
    row = sorted((point[0], trial.rule.derive(*point)[0]) for point in trial.inside())
    for (x, y), (later, z) in pairwise(row):
        wrong = (z - y) * trial.rule.monotonic < 0
        yield _At("", (later,), f"{z!r} came out, but {y!r} at {x!r}" if wrong else "")


def _range(trial: _Trial) -> Iterator[_At]:
    low, high = trial.rule.range
    for point in trial.inside():
        value = trial.rule.derive(*point)[0]
        if math.isfinite(low) or math.isfinite(high):
            beyond = not low <= value <= high
            yield _At("", point, f"{value!r} is not in [{low!r}, {high!r}]" if beyond else "")


_CHECKS: dict[str, Callable[[_Trial], Iterator[_At]]] = {
    "value": _values,
    "slope": _slopes,
    "second slope": _second_slopes,
    "on Values": _on_values,
    "on arrays": _on_arrays,
    "on fractions": _on_fractions,
    "on symbols": _on_symbols,
    "NaN": _nan,
    "domain": _domain,
    "commutative": _commutative,
    "monotonic": _monotonic,
    "range": _range,
}

_HINTS = dict.fromkeys(
    ("on arrays", "on symbols"), " (choose with f.where, not with if; compute with f.exp, not math)"
)
