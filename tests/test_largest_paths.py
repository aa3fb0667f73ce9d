"""The paths of largest contribution, what cancels, and where the flow dies: against all paths."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import UsageError, Value, explain, where
from autograd.__main__ import main
from autograd.graph import topological_order
from autograd.views.by_hand.reader import Reader
from autograd.views.explain import Explanation
from autograd.views.largest_paths import LargestPaths
from autograd.views.tracing.flow import STILL, Along, End, Flow
from autograd.views.tracing.folding import Folding
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.longest import longest
from autograd.views.tracing.notation import FoldedNotation, Notation
from autograd.views.tracing.paths import Factor, Paths
from autograd.views.tracing.wide import Wide
from autograd.views.writing.scripts import LATEX, TEXT, Part, Script
from benchmarks.gpt import GPT
from nn import MLP, mean_squared_error
from tests.test_graphs import Plan, plans
from tests.test_notation import labelled, moderate, true
from tests.work import growth, work

# What is listed one by one

Way = list[Edge]

CHOICES = ("relu", "maximum", "where")

ORDINARY = [1.0, -1.0, 2.0, -0.5, 3.0, 1e-4, 7.25]
HOSTILE = [*ORDINARY, 0.0, -0.0, 1e200, -1e-200, 5e-324, 1.7e308, math.inf, -math.inf, math.nan]


def ways(node: Value, source: Value) -> Iterator[Way]:
    """Yield every path, one by one."""
    if node is source:
        yield []
    for position, parent in enumerate(node.parents):
        for rest in ways(parent, source):
            yield [Edge(node, position), *rest]


def outcome(way: Sequence[Factor]) -> Fraction | float:
    """Return what comes down a path, exactly: a fraction, ∞ with its sign, or NaN."""
    found: Fraction | float = Fraction(1)
    for factor in way:
        partial = factor.partial
        if partial == 0 and factor.node.op in CHOICES:
            return Fraction(0)
        if isinstance(found, Fraction):
            if not found:
                continue
            if math.isfinite(partial):
                found *= Fraction(partial)
            else:
                found = math.nan if math.isnan(partial) else partial * (1 if found > 0 else -1)
        elif not math.isnan(found):
            found = Fraction(0) if partial == 0 else found * math.copysign(1, partial)
            found = math.nan if math.isnan(partial) else found
    return found


def size(x: Fraction | float) -> tuple[int, Fraction]:
    """Return what paths are sorted by: NaN above ∞ above every fraction."""
    if isinstance(x, Fraction):
        return 0, abs(x)
    return (2 if math.isnan(x) else 1), Fraction(0)


def exactly(x: Wide) -> Fraction | float:
    if not math.isfinite(x.mantissa):
        return x.mantissa
    return Fraction(x.mantissa) * Fraction(2) ** x.exponent


def fractions(numbers: Iterable[Fraction | float]) -> list[Fraction]:
    """Return numbers that are all finite, as what they are."""
    every = [*numbers]
    found = [x for x in every if isinstance(x, Fraction)]
    assert len(found) == len(every)
    return found


def close(x: Fraction | float, y: Fraction | float, within: float = 1e-12) -> bool:
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return abs(x - y) <= Fraction(within) * max(abs(x), abs(y))
    return x == y or (math.isnan(x) and math.isnan(y))


def random_node(rng: random.Random, a: Value, b: Value, partials: Sequence[float]) -> Value:
    first, second = rng.choice(partials), rng.choice(partials)
    kind = rng.choice(["one", "two", "twice", "relu", "larger", "where"])
    if kind == "relu":
        return (a * rng.choice([-1, 1])).relu()
    if kind == "larger":
        return autograd.maximum(a, b)
    if kind == "where":
        return where(rng.random() < 0.5, a, b)
    parents = {"one": [a], "two": [a, b], "twice": [a, a]}[kind]
    return Value.from_partials(1.0, parents, [first, second][: len(parents)])


def random_graph(rng: random.Random, partials: Sequence[float]) -> tuple[Value, Value]:
    """Return a node that depends on another by several paths, of slopes from a list."""
    x = Value(0.5, "x")
    pool = [x, Value(1.5, "y")]
    for _ in range(rng.randint(1, 9)):
        a, b = rng.choice(pool[-3:]), rng.choice(pool)
        pool.append(random_node(rng, a, b, partials))
    return autograd.sum(pool[2:]), x


def flow_of(output: Value, node: Value) -> Flow:
    return Flow(Paths(Graph(output), node))


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 2**32), hostile=st.booleans(), count=st.integers(1, 30))
def test_the_largest_paths_are_those_of_a_list_of_all(seed: int, hostile: bool, count: int) -> None:
    output, x = random_graph(random.Random(seed), HOSTILE if hostile else ORDINARY)
    if x not in topological_order(output):
        return
    listed = [*ways(output, x)]
    found = explain(output, x, top=count, folded=False).top
    assert len(found) == min(count, len(listed))
    assert len({tuple(along.factors) for along in found}) == len(found)
    largest = sorted(map(outcome, listed), key=size, reverse=True)
    for along, expected in zip(found, largest, strict=False):
        assert along.factors in listed
        assert along.nodes == [output, *[factor.parent for factor in along.factors]]
        assert close(exactly(along.exact), outcome(along.factors))
        assert size(outcome(along.factors))[0] == size(expected)[0]
        assert close(size(outcome(along.factors))[1], size(expected)[1])
        assert close(along.contribution, float(along.exact))


@settings(deadline=None, max_examples=200)
@given(seed=st.integers(0, 2**32), steep=st.booleans())
def test_sum_mass_and_shares_are_those_of_a_list_of_all(seed: int, steep: bool) -> None:
    finite = [x for x in HOSTILE if math.isfinite(x)]
    output, x = random_graph(random.Random(seed), finite if steep else ORDINARY)
    if x not in topological_order(output):
        return
    products = fractions(map(outcome, ways(output, x)))
    flow = flow_of(output, x)
    mass, total = sum(map(abs, products), Fraction(0)), sum(products, Fraction(0))
    assert close(exactly(flow.mass), mass)
    [found] = fractions([exactly(flow.total)])
    assert abs(found - total) <= Fraction(1e-12) * mass
    for along in flow.largest(5) if mass else []:
        [product] = fractions([exactly(along.exact)])
        part = float(abs(product) / mass)
        assert along.share_of_mass == pytest.approx(part, rel=1e-9, abs=1e-300)
    if mass:
        assert flow.cancelled == pytest.approx(float(1 - abs(total) / mass), abs=1e-9)
        together = [along.share_of_mass for along in flow.largest(10_000)]
        assert len(together) == 10_000 or sum(together) == pytest.approx(1)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(seed=st.integers(0, 2**32))
def test_each_path_that_dies_is_counted_where_it_dies_first(seed: int) -> None:
    slopes = [*ORDINARY, 0.0, 2e-5, -9.99e-4, 1e-3]
    output, x = random_graph(random.Random(seed), slopes)
    if x not in topological_order(output):
        return
    first = [
        next((edge for edge in way if abs(edge.partial) < STILL), None) for way in ways(output, x)
    ]
    found = flow_of(output, x).ends
    assert {end.factor: end.paths for end in found} == Counter(filter(None, first))
    assert [end.lost for end in found] == sorted((end.lost for end in found), reverse=True)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_folded_paths_are_those_that_explain_shows(plan: Plan, seed: int) -> None:
    output = labelled(plan, random.Random(seed))
    for leaf in Graph(output).leaves:
        found = explain(output, leaf, top=4, folded=True)
        listed = sorted((outcome(term) for term in found.terms()), key=size, reverse=True)
        assert len(found.top) == min(4, found.paths) == min(4, len(listed))
        for along, expected in zip(found.top, listed, strict=False):
            assert close(size(exactly(along.exact))[1], size(expected)[1])


def test_the_longest_paths_come_in_the_order_of_a_list_of_all() -> None:
    rng = random.Random(11)
    for _ in range(300):
        last = rng.randint(0, 7)
        to = [[rng.randint(i + 1, last) for _ in range(rng.randint(1, 3))] for i in range(last)]
        weights = [[rng.randint(-3, 3) for _ in row] for row in to]

        def listed(node: int, to: Any = to, weights: Any = weights) -> Iterator[tuple[int, ...]]:
            if node == len(to):
                yield (0,)
            for position, target in enumerate(to[node] if node < len(to) else []):
                for weight, *rest in listed(target):
                    yield (weight + weights[node][position], position, *rest)

        known = {tuple(path): weight for weight, *path in listed(0)}
        found = [tuple(path) for path in longest([*to, []], [*weights, []])]
        assert sorted(found) == sorted(known)
        assert [known[path] for path in found] == sorted(known.values(), reverse=True)


# Numbers that floats do not hold, and those that are none


def chain_of(slopes: Sequence[float]) -> tuple[Value, Value]:
    x = Value(1.0, "x")
    y = x
    for slope in reversed(slopes):
        y = Value.from_partials(1.0, [y], [slope])
    return y, x


def test_a_product_that_a_float_cannot_hold_is_told_as_it_is() -> None:
    found = explain(*chain_of([0.1] * 3000), top=1)
    [along] = found.top
    assert (along.contribution, along.share, along.share_of_mass) == (0.0, 1.0, 1.0)
    assert along.exact.log2 == pytest.approx(3000 * math.log2(0.1))
    assert "the sum is 1.000e-3000, but products on the way leave the range of" in str(found)
    assert r"1.000 \times 10^{-3000}" in found.latex


def test_an_overflow_on_the_way_is_not_the_product() -> None:
    for slopes in ([1e200, 1e200, 1e-300], [1e-200, 1e-200, 1e300]):
        [along] = explain(*chain_of(slopes), top=1).top
        assert along.contribution == pytest.approx(math.prod(map(Fraction, slopes)), rel=1e-15)
        assert along.share == 1


def test_what_a_float_loses_on_the_way_is_found_beside_what_it_holds() -> None:
    y, x = chain_of([1e-140, 1e-200, 1e300])
    found = explain(y + 1e-40 * x, x, top=2)
    assert [along.contribution for along in found.top] == pytest.approx([1e-40, 1e-40])
    assert float(found.flow.mass) == float(found.flow.total) == pytest.approx(2e-40)
    assert found.gradient == 1e-40
    assert "the sum is 2e-40, but products on the way leave the range of floats" in str(found)


def test_paths_that_differ_in_their_last_digits_are_told_apart() -> None:
    x = Value(1.0, "x")
    slopes = [1.0, 1 + 2**-50, 1 - 2**-50]
    y = Value.from_partials(1.0, [x, x, x], slopes)
    assert [along.contribution for along in explain(y, x, top=3).top] == sorted(slopes)[::-1]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=6))
def test_wide_numbers_add_and_multiply_as_fractions_do(numbers: list[float]) -> None:
    total, product = Wide(0.0), Wide(1.0)
    for x in numbers:
        total, product = total + abs(Wide(x)), product * Wide(x)
    assert close(exactly(total), sum((abs(Fraction(x)) for x in numbers), Fraction(0)))
    assert close(exactly(product), math.prod(map(Fraction, numbers), start=Fraction(1)))
    assert total.is_ordinary is (exactly(total) == 0 or 2.0**-1022 <= float(total) < math.inf)


@given(st.floats(), st.floats())
def test_wide_numbers_are_floats_where_floats_hold_them(x: float, y: float) -> None:
    for wide, plain in ((Wide(x) * Wide(y), x * y), (Wide(x) + Wide(y), x + y)):
        if not math.isfinite(plain):
            assert not math.isfinite(float(wide)) or abs(float(wide)) > 1e308
        elif abs(plain) > 1e-290 and math.isfinite(x) and math.isfinite(y):
            assert float(wide) == plain
    assert math.isnan(float(Wide(x) / Wide(0.0)))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (Wide(1.0, 5000), "1.412e+1505"), (Wide(-1.0, -5000), "-7.080e-1506"),
        (Wide(0.25), "0.25"), (Wide(math.inf), "∞"), (Wide(0.0), "0"),
        (Wide(9.9999e199) * Wide(1e200), "1.000e+400"), (Wide(2.0**-1022), "2.225e-308"),
        (Wide(2.0**-1022) * Wide(0.5), "1.113e-308"), (Wide(1e308) * Wide(10.0), "1.000e+309"),
    ],
)  # fmt: skip
def test_wide_numbers_are_written_short(x: Wide, text: str) -> None:
    assert repr(x) == text


def test_a_float_holds_in_full_what_is_neither_too_large_nor_subnormal() -> None:
    least, largest = Wide(2.0**-1022), Wide(1.7e308)
    assert least.is_ordinary
    assert not (least * Wide(0.5)).is_ordinary
    assert largest.is_ordinary
    assert not (largest + largest).is_ordinary


def test_not_a_number_comes_first_and_what_was_not_taken_last() -> None:
    x = Value(math.nan, "x")
    y = x * 2 + 3 * x.detach() * x + where(False, x * x, x * 5)
    found = explain(y, x, top=9)
    assert [along.contribution for along in found.top][1:] == [5, 2, 0, 0]
    assert math.isnan(found.top[0].contribution)
    assert "v7, 5) does not take v5" not in str(found)
    assert "(what was not taken passes nothing on)" in str(found)
    assert found.flow.mass.mantissa != found.flow.mass.mantissa
    assert math.isnan(found.flow.cancelled)


def test_a_0_above_not_a_number_passes_nothing_and_below_it_nothing_else() -> None:
    [first] = explain(*chain_of([0.0, math.nan]), top=1).top
    [second] = explain(*chain_of([math.nan, 0.0]), top=1).top
    assert first.contribution == 0
    assert math.isnan(second.contribution)
    y, x = chain_of([0.0, math.nan, math.inf])
    assert [along.contribution for along in explain(y + 5 * x, x, top=2).top] == [5, 0]


def test_what_was_not_taken_passes_nothing_on_not_even_nan() -> None:
    x = Value(-1.0, "x")
    flow = flow_of(Value.from_partials(1.0, [x.relu()], [math.nan]), x)
    assert flow.mass == flow.total == Wide(0.0)
    assert math.isnan(float(flow_of(*chain_of([math.nan, 0.0])).mass))


def test_where_0_meets_infinity_the_path_says_so() -> None:
    x = Value(0.0, "x")
    text = str(explain(x.sqrt() * x, x, top=2))
    assert "0 · ∞ = 0 (0 · ∞, undefined, taken as 0)" in text
    assert "every path leads through a 0: nothing flows" in text


# Ties, signs, operands used twice


def test_equal_paths_come_in_an_order_that_the_graph_decides() -> None:
    def positions() -> list[list[int]]:
        x = Value(0.5, "x")
        y = x
        for _ in range(300):
            y = (y + y).tanh()
        return [[f.position for f in along.factors] for along in explain(y, x, top=20).top]

    assert positions() == positions()
    assert len({*map(tuple, positions())}) == 20


def test_the_same_factors_in_another_order_are_no_less() -> None:
    slopes = [0.1, 0.7, 1.3, 1e-3, 11.0]
    rng = random.Random(3)
    orders = [rng.sample(slopes, len(slopes)) for _ in range(12)]
    x = Value(1.0, "x")
    ends = []
    for order in orders:
        y = x
        for slope in order:
            y = Value.from_partials(1.0, [y], [slope])
        ends.append(y)
    found = explain(autograd.sum(ends), x, top=12).top
    assert [along.factors[0].position for along in found] == [*range(12)]


def test_an_operand_that_is_used_twice_has_two_paths_that_are_told_apart() -> None:
    x = Value(3.0, "x")
    found = explain(x * x - x, x, top=5)
    assert [along.contribution for along in found.top] == [3, 3, -1]
    assert [along.share for along in found.top] == [0.6, 0.6, -0.2]
    text = str(found)
    assert "1. x (1st of 2) → v1 → v2\n   1 · x = 1 · 3 = 3\n   60 % of the sum, 42.86 %" in text
    assert "2. x (2nd of 2) → v1 → v2" in text
    assert "-20 % of the sum, 14.29 % of the absolute mass" in text
    assert "add up to 7, the absolute mass: 28.57 % of it cancels" in text


# Where the flow dies


def ends_of(output: Value, node: Value, **options: Any) -> list[End]:
    return explain(output, node, top=1, **options).flow.ends


@pytest.mark.parametrize(
    ("function", "at", "reason", "said"),
    [
        (lambda x: x.relu(), -2.0, "off", "v1 = relu(x), off at x = -2"),
        (lambda x: x.tanh(), 9.0, "saturated", "tanh(x), saturated at x = 9, slope 6.092e-08"),
        (lambda x: x.sigmoid(), -9.0, "saturated", "saturated at x = -9, slope 0.0001234"),
        (lambda x: x.exp(), -9.0, "saturated", "saturated at x = -9, slope 0.0001234"),
        (lambda x: x.sin(), math.pi / 2, "flat", "flat at x = 1.571, slope 6.123e-17"),
        (lambda x: x.sqrt(), 1e8, "flat", "v1 = sqrt(x), flat at x = 1e+08, slope 5e-05"),
        (lambda x: x**2, 1e-5, "flat", "v1 = x², flat at x = 1e-05, slope 2e-05"),
        (lambda x: x * Value(1e-4, "c"), 3.0, "small", "whose slope in x is c = 0.0001"),
        (lambda x: x / Value(4e4, "c"), 3.0, "small", "whose slope in x is 1/c = 2.5e-05"),
        (lambda x: autograd.maximum(x, 5), 3.0, "not taken", "maximum(x, 5) does not take x"),
        (lambda x: where(False, x, 5), 3.0, "not taken", "5) does not take x"),
        (lambda x: autograd.rules.less(x, 5), 3.0, "flat", "flat at x = 3, slope 0"),
    ],
)  # fmt: skip
def test_it_says_where_the_flow_dies_and_why(
    function: Any, at: float, reason: str, said: str
) -> None:
    x = Value(at, "x")
    y = function(x)
    [end] = ends_of(y, x)
    assert (end.factor, end.reason, end.paths) == (Edge(y, 0 if y.op != "where" else 1), reason, 1)
    text = str(explain(y, x, top=1))
    assert f"every path: v1 = {said}"[-len(said) :] == said
    assert said in text
    assert "where the flow dies, on every path: at the first factor below 0.001" in text


def test_a_dead_unit_says_that_nothing_flows() -> None:
    x = Value(-1.0, "x")
    text = str(explain((x * 3).relu() * 2, x, top=5))
    assert "the sum over 1 path\nevery path leads through a 0: nothing flows" in text
    assert "the only path:\n1. x → v1 → v2 → v3\n   2 · relu′(v1) · 3 = 2 · 0 · 3 = 0\n" in text
    assert "every path: v2 = relu(v1), off at v1 = -3" in text


@pytest.mark.slow
def test_the_share_of_an_average_is_no_death() -> None:
    w = Value(0.5, "w")
    losses = [(w * i + 1) ** 2 for i in range(1, 3001)]
    for output in (autograd.mean(losses), autograd.sum(losses) / 3000):
        for folded in (True, False):
            assert ends_of(output, w, folded=folded) == []
    saturated = autograd.mean([(w * 100).tanh() for _ in range(3000)])
    assert {end.reason for end in ends_of(saturated, w)} == {"saturated"}


def test_inside_a_folded_factor_the_first_small_one_is_named() -> None:
    w, b = Value(1.0, "w"), Value(-3.0, "b")
    h = (w * 2 + b).relu() * 5
    h.label = "h"
    y = (h - 1) ** 2
    y.label = "L"
    found = explain(y, b, top=1)
    assert found.paths == 1
    assert "every path: relu(w × 2 + b), off at w × 2 + b = -1" in str(found)
    nearly = [Value(1.0001, "a"), *[Value(i, "a") for i in range(2, 3000)]]
    loss = autograd.mean([(a - 1) ** 2 for a in nearly])
    assert [end.factor.node.op for end in ends_of(loss, nearly[0], folded=True)] == ["power"]
    small = Value(1.0, "u")
    h = (small * Value(0.03, "v")) * Value(0.03, "s")
    h.label = "h"
    assert "∂h/∂u = s·v = 0.0009" in str(explain(h, small, top=1, folded=True))
    a = small * 3
    a.label = "a"
    beside = ends_of(a * 2 + small * Value(1e-5, "c"), small, folded=True)
    assert [(end.factor.node.op, end.reason) for end in beside] == [("mul", "small")]


def test_neurons_and_layers_are_taken_together() -> None:
    model = MLP([2, 8, 8, 1], activation="relu", seed=0)
    inputs = [[0.1 * i, 1 - 0.2 * i] for i in range(8)]
    loss = mean_squared_error([model(x) for x in inputs], [1.0] * 8)
    weight = next(iter(model.parameters()))
    found = explain(loss, weight, top=3)
    layers = dict.fromkeys((4, 3, 2), 0.0)
    [mass] = fractions([exactly(found.flow.mass)])
    for place, share in found.flow.neurons.items():
        layers[place.layer] += share
        through = fractions(
            outcome(way)
            for way in found.terms()
            if any(label_of(f.node) == (place.layer, place.neuron) for f in way)
        )
        assert share == pytest.approx(float(sum(map(abs, through), Fraction(0)) / mass))
    assert layers == pytest.approx({4: 1, 3: 1, 2: 1})
    text = str(found)
    assert "   layer 2, neuron 1: 100 %\n" in text
    assert "   24 of 64 paths: layer 2, neuron 1: 4 × relu off, as a₁⁽²⁾[3] = relu(z₁⁽²⁾[3]" in text
    assert "   28 of 64 paths: layer 3, neurons 2, 3, 5, 6, 7, 8: 28 × relu off, as a" in text


def label_of(node: Value) -> tuple[int, int] | None:
    """Return the layer and the number of the neuron whose activation or input this is."""
    if node.label[:2] not in ("a_", "z_"):
        return None
    number, layer = (
        "".join(filter(str.isdigit, part)) for part in node.label.rsplit("^", maxsplit=1)
    )
    return int(layer), int(number)


# Large graphs


@cache
def gpt() -> tuple[Value, Value]:
    model = GPT(Value)
    return model.loss("gradient"), model.letters[7][0]


@pytest.mark.slow
def test_a_graph_of_60_000_nodes_takes_a_few_lines_for_each() -> None:
    loss, weight = gpt()
    edges = sum(len(node.parents) for node in topological_order(loss))
    assert edges > 90_000
    assert work(lambda: str(explain(loss, weight, top=5))) < 120 * edges
    found = explain(loss, weight, top=5)
    assert found.paths > 10**13
    assert len(found.top) == 5
    assert sum(end.paths for end in found.flow.ends) < found.paths
    assert len(str(found)) < 5000


@pytest.mark.slow
def test_work_grows_with_the_graph_and_with_the_paths_asked_for() -> None:
    def chain(n: int) -> str:
        x = Value(0.5, "x")
        y = x
        for i in range(n):
            y = y * x if i % 2 else y.tanh()
        return str(explain(y, x, top=5))

    def fan(n: int) -> str:
        x = Value(0.5, "x")
        return str(explain(autograd.sum([x.tanh() for _ in range(n)]), x, top=5))

    def ladder(count: int) -> list[Along]:
        x = Value(0.25, "x")
        y = x
        for _ in range(60):
            y = (y + y).tanh()
        return explain(y, x, top=count).top

    assert growth(chain, 300) < 6
    assert growth(fan, 1500) < 5
    assert growth(ladder, 30) < 5


# What a person asks, and sees


@pytest.mark.parametrize("top", [0, -1, True, numpy.True_, "5", 2.0, math.nan, [3], 10**9])
def test_what_is_no_number_of_paths_is_refused(top: Any) -> None:
    x = Value(3.0, "x")
    with pytest.raises(UsageError, match=r"explain: top = .* is no number of paths; give a whole"):
        explain(x * x, x, top=top)


def test_fewer_paths_than_asked_for_are_all_shown() -> None:
    x = Value(3.0, "x")
    found = explain(x * x, x, top=5)
    assert len(found.top) == 2
    assert "all 2 paths, the largest first:" in str(found)
    assert explain(x * x, x).top == []
    assert len(explain(x * x, x, top=numpy.int64(1)).top) == 1
    whole = explain(x, x, top=5)
    assert [(along.nodes, along.factors, along.contribution) for along in whole.top] == [
        ([x], [], 1.0)
    ]
    assert "the only path:\n1. x\n   1\n" in str(whole)


@pytest.mark.slow
@pytest.mark.parametrize("script", [TEXT, LATEX], ids=["text", "latex"])
@settings(deadline=None, max_examples=100)
@given(plan=plans(), seed=st.integers(0, 2**32), folded=st.booleans())
def test_every_equation_about_the_largest_paths_is_true(
    script: Script, plan: Plan, seed: int, folded: bool
) -> None:
    graph = Graph(labelled(plan, random.Random(seed)))
    if not moderate(graph):
        return
    folding = Folding(graph)
    reader = Reader(graph)
    for leaf in graph.leaves:
        flow = Flow(Paths(graph, leaf, folding if folded else None), folding if folded else None)
        write = FoldedNotation(folding, script) if folded else Notation(graph, script)
        for section in LargestPaths(flow, flow.largest(3), write).sections():
            for part in (part for line in section for part in line if isinstance(part, Part)):
                if " = " in part.text:
                    left, *sides = part.text.split(" = ")
                    true((left, sides), reader)


def test_a_path_of_many_factors_is_cut_and_its_ones_are_left_out() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(10):
        y = y.tanh() + 0.0
    assert "10 factors of 1 left out" in str(explain(y, x, top=1))
    for _ in range(200):
        y = y.sin()
    text = str(explain(y, x, top=1))
    assert " · … · " in text
    assert len(text) < 2000


def test_the_picture_marks_the_largest_paths() -> None:
    x, y = Value(3.0, "x"), Value(0.5, "y")
    output = x * y + x * 7 + x.sin()
    dot = explain(output, x, top=2).draw().dot
    assert dot.count("path 1") == 3
    assert dot.count("penwidth=3") == 3 + 2  # one of the edges is on both
    large = x
    for _ in range(100):
        large = (large * y).tanh()
    assert "penwidth=3" in explain(large, x, top=1).draw().dot
    assert "penwidth=3" in autograd.draw(large, highlight=x).dot
    assert "penwidth" not in autograd.draw(large).dot


def test_the_command_line_tells_the_largest_paths(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["w*x + w*w", "w=3", "x=2", "--explain", "w", "--top", "2"]) == 0
    assert "the 2 largest paths, 75 % of the absolute mass:\n1. w (1st" in capsys.readouterr().out
    assert main(["w*x", "w=3", "x=2", "--top", "2"]) == 2
    assert "--top: which variable's paths? add --explain NAME" in capsys.readouterr().err
    assert main(["w*x", "w=3", "x=2", "--explain", "w", "--top", "0"]) == 2
    assert "explain: top = 0 is no number of paths" in capsys.readouterr().err


def test_it_stays_an_explanation_with_its_views() -> None:
    x = Value(3.0, "x")
    found = explain(x * x, x, top=1)
    assert isinstance(found, Explanation)
    assert found._repr_latex_() == f"$$\n{found.latex}\n$$"
    assert found.latex.startswith("\\begin{aligned}\nv_1 &= x \\times x = 9 \\\\\n")
    assert (
        r"\text{the path of largest contribution, 50 }\%\text{ of the absolute mass:}"
        in found.latex
    )
    assert found.text("ascii").isascii()
    assert "x (1st of 2) -> v1" in found.text("ascii")


def test_labels_that_are_none_of_layers_make_no_layers() -> None:
    z, a, w = Value(0.3, "z_1^{(4)}"), Value(0.5, "a_3^{(2)}"), Value(0.7, "w")
    y = z
    for i in range(8):
        y = (y * w + a).tanh()
        y.label = f"a_{i % 3 + 1}^{{({i % 4 + 1})}}"
    said = str(explain(y, w, top=3))
    assert "layer" not in said
    assert "neuron" not in said
