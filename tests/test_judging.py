"""Judging: a formula is a function, a number has digits, and rounding is forgiven where it is."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, check, explain
from autograd.graph import topological_order
from autograd.views.by_hand.judging import Judge, compare
from autograd.views.by_hand.points import points_near
from autograd.views.by_hand.reader import Reader
from autograd.views.tracing.graph import Graph
from tests.test_graphs import Plan, plans

READ = Reader(Graph(Value(1.0))).read

# A formula is a function


def verdict(answer: object, node: Value, output: Value) -> str:
    [finding] = check({node: answer}, output)
    return finding.verdict


def square() -> tuple[Value, Value]:
    x = Value(2.0, "x")
    u = x * x
    u.label = "u"
    return x, u


def test_three_answers_to_one_question_get_three_true_replies() -> None:
    x, u = square()
    said = {text: str(check({x: text}, u)) for text in ("x**2", "2*x", "x")}
    assert said["x**2"] == (
        "∂u/∂x = x**2: right only here; right at x = 2 only; at x = 2.5 it is 6.25, and ∂u/∂x is 5"
    )
    assert said["2*x"] == "∂u/∂x = 2*x: right"
    assert said["x"].startswith("∂u/∂x = x: wrong; it is what comes out if")


@pytest.mark.parametrize("text", ["x**2", "x+2", "2**x", "8/x", "x^3/2", "6-x", "∂u/∂x·x/2", "u"])
def test_what_is_right_at_one_number_only_is_told(text: str) -> None:
    x, u = square()
    assert verdict(text, x, u) == "right only here"


@pytest.mark.parametrize("text", ["2x", "x+x", "2u/x", "4", "2·∂u/∂x (1st of 2)", "4.0"])
def test_what_is_the_same_function_is_right(text: str) -> None:
    x, u = square()
    assert verdict(text, x, u) == "right"


def test_numbers_may_be_put_in_for_what_stays_as_it_is() -> None:
    w, x, y = Value(0.5, "w"), Value(3.0, "x"), Value(1.0, "y")
    loss = (w * x - y) ** 2
    for text in ("2(w·x − y)x", "2(3w − 1)·3", "6(3w − y)", "2(1.5 − y)·3"):
        assert verdict(text, w, loss) == "right", text
    for text in ("2(w·x − y)w·6", "6(w·x − y)"):  # of an x that is named, one is put in
        assert verdict(text, w, loss) == "right only here"


@pytest.mark.slow
@settings(max_examples=300)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_what_vanishes_at_the_given_numbers_alone_is_found_out(plan: Plan, seed: int) -> None:
    order = topological_order(plan.values()[-1])
    output = order[-1]
    for i, node in enumerate(order):
        node.label = f"n{i}"
    rng = random.Random(seed)
    leaves = [node for node in order if not node.parents]
    node, leaf = rng.choice(order), rng.choice(leaves)
    assume(1e-3 < abs(explain(output, node).gradient) < 1e3)
    assume(not leaf.data or abs(leaf.data) > 1e-3)
    right = f"∂{output.label}/∂{node.label}"
    assert verdict(right, node, output) == "asked back"
    text = f"{right} + 1e9({leaf.label} − {Fraction(leaf.data)})"
    graph = Graph(output)
    others = Judge(graph).points(Reader(graph).read(text))
    assume(any(abs(p.held(output, node)) < 1e6 for p in others))
    assert verdict(text, node, output) == "right only here"


@pytest.mark.slow
@settings(max_examples=200)
@given(plan=plans())
def test_other_points_are_on_the_same_branch(plan: Plan) -> None:
    order = topological_order(plan.values()[-1])
    leaves = [node for node in order if not node.parents]
    for point in points_near(order, leaves):
        moved, found = autograd.replay(order[-1], {leaf: point.number(leaf) for leaf in leaves})
        assert point.number(order[-1]) == moved
        for node in order:
            assert point.held(order[-1], node) == pytest.approx(found[node], nan_ok=True)


def test_a_branch_that_was_taken_is_kept() -> None:
    x, w = Value(0.05, "x"), Value(3.0, "w")
    for y in ((x * w).relu(), x * w if x > 0.04 else -x, autograd.where(x > 0.04, x * w, -x)):
        assert verdict("w", x, y) == "right"
        assert verdict("w + x − 0.05", x, y) == "right only here"
    kink = Value(0.0, "k")
    assert verdict("k", kink, kink.relu() * 2) == "right"  # nowhere near is the slope 0 at a kink


def test_a_point_outside_the_domain_is_passed_over() -> None:
    x = Value(0.95, "x")
    assert verdict("1/√(1 − x²)", x, x.asin()) == "right"
    assert verdict("3.2025630761017427 + 0·x", x, x.asin()) == "right only here"
    [finding] = check({x: "ln(e·x/0.95)"}, x * 1)
    assert finding.verdict == "right only here"


def test_a_formula_without_a_value_elsewhere_is_right_only_here() -> None:
    x = Value(2.0, "x")
    [finding] = check({x: "1 + 0·ln(x − 1.9) + x − 2"}, x * 1)
    assert finding.verdict == "right only here"
    assert "it has no value" in finding.note or "it is" in finding.note


# A number has digits


@pytest.mark.parametrize(
    ("truth", "text", "expected"),
    [
        (1.75, "1.7", "right"),
        (1.75, "1.8", "right"),
        (1.75, "1.6", "wrong"),
        (1.75, "1.9", "wrong"),
        (1.75, "2", "wrong"),
        (1.95, "2", "too coarse"),
        (19.52, "20", "right"),
        (19.52, "19", "wrong"),
        (19.52, "2e1", "too coarse"),
        (0.3163, "0.3", "too coarse"),
        (0.3163, "0.32", "right"),
        (0.3163, ".316", "right"),
        (0.3163, "3.2e-1", "right"),
        (0.3163, "32/100", "wrong"),
        (1 / 3, "0.33", "right"),
        (1 / 3, "1/3", "right"),
        (1 / 3, "⅓", "right"),
        (1.00194, "501/500", "near, not equal"),
        (1.00194, "1.002", "right"),
        (math.sqrt(2), "√2", "right"),
        (math.sqrt(2), "1.4", "right"),
        (-0.052, "-0.052", "right"),
        (-0.052, "-0.05", "too coarse"),
        (-0.052, "0.052", "wrong"),
        (0.0, "0", "right"),
        (0.0, "0.0", "right"),
        (0.0, "0.001", "wrong"),
        (1e-9, "0", "wrong"),
        (0.4, "0", "wrong"),
        (9.7, "10", "right"),
        (95.0, "1e2", "too coarse"),
        (2.0, "2", "right"),
        (2.0000001, "2", "too coarse"),
        (0.1582, "0.5·0.316", "right"),
        (1234.0, "1230", "too coarse"),
    ],
)
def test_a_number_is_judged_by_its_digits(truth: float, text: str, expected: str) -> None:
    assert compare(READ(text), truth).verdict == expected


@pytest.mark.slow
@settings(max_examples=500)
@given(
    truth=st.floats(1e-6, 1e6), digits=st.integers(1, 8), sign=st.sampled_from([1, -1]),
    units=st.floats(-3, 3),
)  # fmt: skip
def test_right_is_half_a_unit_of_the_last_of_two_digits_or_more(
    truth: float, digits: int, sign: int, units: float
) -> None:
    unit = 10.0 ** (math.floor(math.log10(truth)) - digits + 1)
    given_ = f"{sign * (truth + units * unit):.{digits - 1}e}"
    assume(abs(float(given_)) >= 10.0 ** math.floor(math.log10(truth)))
    assume(abs(float(given_)) < 10.0 ** (math.floor(math.log10(truth)) + 1))
    off = abs(float(given_) - sign * truth) / unit
    assume(abs(off - 0.5) > 1e-6)
    found = compare(READ(given_), sign * truth).verdict
    exact = abs(float(given_) - sign * truth) <= 1e-9 * truth
    assert (found == "right") == (exact or (digits >= 2 and off < 0.5))


# Rounding on the way


@pytest.mark.parametrize("x", [0.3, 3.0, 9.0, 19.0, 20.0, 25.0])
@pytest.mark.parametrize(
    "text", ["1/cosh(x)²", "1/cosh(x)**2", "sech²(x)", "1 − tanh²(x)", "1 - y^2"]
)
def test_a_saturated_unit_forgives_what_rounding_does(x: float, text: str) -> None:
    node = Value(x, "x")
    y = node.tanh()
    y.label = "y"
    assert verdict(text, node, y) == "right"
    assert verdict("0", node, y) == "wrong"


def test_decimals_in_a_formula_may_be_rounded() -> None:
    x = Value(2.0, "x")
    y = x * x * (1 / 3)
    assert verdict("0.67x", x, y) == "right"
    assert verdict("0.6667·x", x, y) == "right"
    assert verdict("0.66x", x, y) == "wrong"
    assert verdict("0.7x", x, y) == "too coarse"


def test_every_answer_has_its_own_verdict() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.0, "b")
    y = w * x + b
    answers = {w: "0,5", x: "w", b: [1], "q": 1, y: "1"}
    report = check(answers, y)
    assert [finding.verdict for finding in report] == [
        *("cannot be read", "right", "cannot be read", "cannot be read", "right"),
    ]
    assert report.score == 0.4
    assert not report


@pytest.mark.parametrize("text", ["∂u/∂x", r"\frac{\partial u}{\partial x}", "du/dx + 0"])
def test_what_is_asked_is_no_answer(text: str) -> None:
    x = Value(2.0, "x")
    v = x.tanh()
    v.label = "v"
    u = v * x
    u.label = "u"
    [finding] = check({x: text}, u)
    assert finding.verdict == "asked back"
    assert str(finding).endswith("asked back; ∂u/∂x is what is asked for; work it out")
    assert check({x: "∂u/∂v·∂v/∂x + ∂u/∂x|v"}, u)  # the sum over both ways
