"""A person's gradients: what is right is never called wrong, and every mistake is named."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd
from autograd import UsageError, Value, check, explain, gradient
from autograd.graph import depending_on, topological_order
from autograd.views.by_hand.catalogue import KINDS
from autograd.views.by_hand.causes import SAME
from autograd.views.by_hand.reader import Reader
from autograd.views.check import Finding
from autograd.views.example import hidden_layer_weight
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.names import Names
from autograd.views.writing.labels import parse
from tests.test_graphs import Plan, plans

# Mistakes made mechanically, by a backward pass that is written here once more, with a place for
# each to be made in.


def chain_rule(
    order: Sequence[Value],
    partial: Callable[[Value, int, float], float] = lambda node, i, d: d,
    handed_on: Callable[[Value, float], float] = lambda node, total: total,
    added: Callable[[Value, float, float], float] = lambda node, total, term: total + term,
) -> dict[Value, float]:
    """Return the derivatives of the last node, walking through the nodes from last to first."""
    totals = {order[-1]: 1.0}
    for node in reversed(order):
        upstream = handed_on(node, totals.get(node, 0.0))
        for i, parent in enumerate(node.parents):
            term = upstream * partial(node, i, node.partials[i]) if upstream else 0.0
            totals[parent] = added(parent, totals[parent], term) if parent in totals else term
    return totals


CONFUSED: dict[str, dict[str, Callable[[float], float]]] = {
    "input for output": {  # slopes written with z = f(x), read with x in its place
        "exp": lambda x: x,
        "tanh": lambda x: 1 - x * x,
        "sigmoid": lambda x: x * (1 - x),
        "sqrt": lambda x: 1 / (2 * x),
        "tan": lambda x: 1 + x * x,
    },
    "output for input": {  # slopes written with x, read with z in its place
        "sin": lambda z: math.cos(z),
        "cos": lambda z: -math.sin(z),
        "atan": lambda z: 1 / (1 + z * z),
        "sinh": lambda z: math.cosh(z),
        "log1p": lambda z: 1 / (1 + z),
    },
}


def ratio(above: Value, below: Value, names: Names) -> str:
    return f"∂{names(above)}/∂{names(below)}"


class Slip:
    """A mistake made somewhere in a graph: its kind, what comes out, and what must be named."""

    def __init__(self, kind: str, gradients: dict[Value, float], place: str = "") -> None:
        self.kind = kind
        self.gradients = gradients
        self.place = place


def only_at(node: Value, i: int, number: float) -> Callable[[Value, int, float], float]:
    """Return local derivatives as they are, but for one."""
    return lambda n, j, d: number if (n, j) == (node, i) else d


def slips(order: Sequence[Value], target: Value, rng: random.Random) -> Iterator[Slip]:
    """Yield mistakes of every kind, made at random places on the paths to a node."""
    names = Graph(order[-1]).names
    chain = [n for n in order if n in depending_on([target], order)]
    edges = [
        (node, i, parent)
        for node in chain
        for i, parent in enumerate(node.parents)
        if parent in chain and (type(node.partials[i]) is not int or node.partials[i])
    ]
    if not edges:
        return
    node, i, parent = rng.choice(edges)
    local = ratio(node, parent, names)

    def only(number: float) -> Callable[[Value, int, float], float]:
        return only_at(node, i, number)

    yield Slip("sign flipped", chain_rule(order, only(-node.partials[i])), local)
    yield Slip("local derivative forgotten", chain_rule(order, only(1.0)), local)
    alike = {n for n, j, _ in edges if n.op == node.op and n.partials[j]}
    if len(alike) > 1:
        everywhere = chain_rule(order, lambda n, j, d: -d if n in alike else d)
        yield Slip("sign flipped", everywhere, f"likewise at every other {node.op}")
    forgetful = chain_rule(order, handed_on=lambda n, total: 1.0 if n is node else total)
    if node is not order[-1]:
        yield Slip("upstream forgotten", forgetful, ratio(order[-1], node, names))
    shared = [e for e in edges if sum(e[2] is other[2] for other in edges) > 1]
    if shared:
        yield from _lost_contributions(order, target, rng.choice(shared), names, edges)
    binary = [e for e in edges if len(e[0].parents) == 2 and e[0].op not in ("sum", "mean")]
    if binary and (choice := rng.choice(binary)) and choice[0].op not in ("logsumexp",):
        other = choice[0].partials[1 - choice[1]]
        node, i, parent = choice
        if node.rule is not None and not node.rule.sequences:
            place = ratio(node, parent, names)
            yield Slip("operands swapped", chain_rule(order, only(float(other))), place)
    for kind, slopes in CONFUSED.items():
        for node, i, parent in [e for e in edges if e[0].op in slopes][:2]:
            taken = parent.data if kind == "input for output" else node.data
            if taken not in (0, -1) and abs(taken) < 700:  # where a slope may have no value
                number = slopes[node.op](taken)
                place = ratio(node, parent, names)
                yield Slip(kind, chain_rule(order, only_at(node, i, number)), place)
    for op, kind in (("power", "factor missing"), ("mean", "1/n missing")):
        there = [e for e in edges if e[0].op == op and e[0].partials[e[1]]]
        if there:
            node, i, parent = rng.choice(there)
            assert node.rule is not None
            n = node.rule.constants.get("n") or 1 / len(node.parents)
            number = node.partials[i] / n
            yield Slip(kind, chain_rule(order, only(number)), ratio(node, parent, names))


def _lost_contributions(
    order: Sequence[Value],
    target: Value,
    edge: tuple[Value, int, Value],
    names: Names,
    edges: Sequence[tuple[Value, int, Value]],
) -> Iterator[Slip]:
    """Yield what becomes of a sum whose terms are left out, overwritten, or come too late."""
    node, i, parent = edge
    lost = chain_rule(order, lambda n, j, d: 0.0 if (n, j) == (node, i) else d)
    yield Slip("path left out", lost, ratio(node, parent, names))
    overwriting = chain_rule(
        order, added=lambda n, total, term: term if n is parent else total + term
    )
    yield Slip("= for +=", overwriting, ratio(order[-1], parent, names))
    everywhere = chain_rule(order, added=lambda n, total, term: term)
    yield Slip("= for +=", everywhere, "every contribution overwrites")
    consumers = [n for n in order if parent in n.parents]
    if parent is not target and len(consumers) > 1:
        early = [n for n in order if n is not parent]
        early.insert(early.index(consumers[0]) + 1, parent)  # before its last consumer reports
        yield Slip("wrong order", chain_rule(early), ratio(order[-1], parent, names))


def graph_of(plan: Plan) -> list[Value]:
    return topological_order(plan.values()[-1])


def moderate(order: Sequence[Value]) -> bool:
    """Return whether no number is so large or so small that a product loses its digits."""
    numbers = [x for node in order for x in (node.data, *node.partials)]
    numbers += gradient(order[-1], order)
    return all(x == 0 or 1e-50 < abs(x) < 1e50 for x in numbers)


LOST = ("path left out", "= for +=", "upstream forgotten", "local derivative forgotten")
SPOILED = ("sign flipped", "operands swapped", "factor missing")
SEEN: dict[str, int] = dict.fromkeys(KINDS, 0)


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_a_mistake_made_mechanically_is_named_with_its_place(plan: Plan, seed: int) -> None:
    order = graph_of(plan)
    assume(moderate(order))
    rng = random.Random(seed)
    target = rng.choice([n for n in order[:-1] if not n.is_constant] or order[-1:])
    noise = Graph(order[-1]).noise[target]
    truth = explain(order[-1], target).gradient
    for slip in slips(order, target, rng):
        wrong = slip.gradients[target]
        if not math.isfinite(wrong) or abs(wrong - truth) <= max(2 * noise, 0.06 * abs(truth)):
            continue
        finding = check({target: wrong}, order[-1])[target]
        assert finding.verdict == "wrong"
        reasons = [m.reason for m in finding.mistakes if m.kind == slip.kind]
        assert reasons, (slip.kind, slip.place, finding)
        assert any(slip.place in reason for reason in reasons), (slip.place, reasons)
        SEEN[slip.kind] += 1


def test_the_mistakes_on_random_graphs_were_of_every_kind() -> None:
    made = {kind for kind, count in SEEN.items() if count}
    if made:  # nothing was made if this test is run alone
        assert made >= {*CONFUSED, *LOST, *SPOILED}


def test_what_random_graphs_seldom_show_is_named_too() -> None:
    a, b, c = (Value(x, name) for x, name in ((3.0, "a"), (5.0, "b"), (7.0, "c")))
    [finding] = check({b: 2.0}, 2 * autograd.mean([a, b, c]))
    assert [(m.kind, m.reason) for m in finding.mistakes if m.kind == "1/n missing"] == [
        ("1/n missing", "the 1/3 of the mean is missing in ∂v1/∂b")
    ]
    u = a * b
    alone = 3 * b.data  # what a gets if u hands on when only 3u has reported to it
    [finding] = check({a: alone}, 3 * u + u * u * c)
    assert "wrong order" in [mistake.kind for mistake in finding.mistakes]
    assert any("is handed on before it is complete" in m.reason for m in finding.mistakes)


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "sqrt", "tan"])
def test_the_input_in_place_of_the_output_is_named(name: str) -> None:
    x = Value(0.7, "x")
    z = getattr(autograd, name)(x)
    wrong = {  # the slope written with z = f(x), read with x in the place of z
        "exp": x.data,
        "tanh": 1 - x.data**2,
        "sigmoid": x.data * (1 - x.data),
        "sqrt": 1 / (2 * x.data),
        "tan": 1 + x.data**2,
    }[name]
    [finding] = check({x: 3 * wrong}, 3 * z)
    assert "input for output" in [mistake.kind for mistake in finding.mistakes]
    assert "x is used in ∂v1/∂x where v1 belongs" in str(finding)


def test_the_output_in_place_of_the_input_is_named() -> None:
    x = Value(0.7, "x")
    [finding] = check({x: math.cos(math.sin(0.7))}, x.sin())
    assert [mistake.kind for mistake in finding.mistakes] == ["output for input"]


@pytest.mark.parametrize("make", [lambda x, y: x / y, lambda x, y: x**y, lambda x, y: x.atan2(y)])
def test_operands_the_wrong_way_round_are_named(make: Callable[[Value, Value], Value]) -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    right, turned = gradient(make(x, y), [x, y]), gradient(make(y, x), [x, y])
    report = check({x: turned[0], y: turned[1]}, make(x, y))
    assert right != turned
    for finding in report:
        assert any("swapped before" in mistake.reason for mistake in finding.mistakes)


def test_a_missing_path_is_told_by_its_nodes() -> None:
    loss, weight = hidden_layer_weight()
    (first, second) = explain(loss, weight, folded=False).terms()
    products = [math.prod(edge.partial for edge in path) for path in (first, second)]
    for kept, lost in ((products[0], "z₂⁽³⁾ → a₂⁽³⁾"), (products[1], "z₁⁽³⁾ → a₁⁽³⁾")):
        for written in (kept, f"{kept:.4g}", Decimal(f"{kept:.6f}")):
            [finding] = check({weight: written}, loss)
            named = [m.reason for m in finding.mistakes if m.kind == "path left out"]
            assert any(f"the path w₂₂⁽²⁾ → z₂⁽²⁾ → a₂⁽²⁾ → {lost}" in reason for reason in named)


def test_what_follows_from_another_wrong_answer_is_said_to() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.0, "b")
    z = w * x + b
    y = z**2
    report = check({z: 5, w: 10, b: "5"}, y, names={"z": z, "y": y})
    assert report[w].mistakes[0].kind == "carried over"
    assert "all else is done right with your ∂y/∂z = 5" in str(report[b])


@pytest.mark.slow
def test_a_number_that_no_mistake_leads_to_is_not_explained() -> None:
    loss, weight = hidden_layer_weight()
    [finding] = check({weight: 123.456789}, loss)
    assert finding.mistakes == ()
    assert str(finding).endswith("wrong; no known mistake leads to this number")


# What is right, however it is written


def written_in_many_ways(x: float, rng: random.Random) -> Iterator[Any]:
    digits = rng.randint(3, 12)
    yield from (x, repr(x), np.float64(x), f" {x:#.{digits}g} ", Value(x))
    yield from (Decimal(f"{x:#.{digits}g}"), float(f"{x:.{digits}e}"), f"{x:.{digits}e}")
    yield from (Fraction(x), str(Fraction(x)), f"{3 * x!r}/3", f"-({-x!r})", sympy.Rational(x))
    if x < 0:
        yield f"−{-x:#.4g}"


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_a_right_number_is_never_called_wrong(plan: Plan, seed: int) -> None:
    order = graph_of(plan)
    assume(moderate(order))
    rng = random.Random(seed)
    for node, x in zip(order, gradient(order[-1], order), strict=True):
        if 1e-200 < abs(x) < 1e200:
            for written in written_in_many_ways(x, rng):
                assert check({node: written}, order[-1]).ok, (written, x)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(plan=plans())
def test_a_right_formula_is_never_called_wrong(plan: Plan) -> None:
    order = graph_of(plan)
    assume(moderate(order))
    for i, node in enumerate(order):
        node.label = f"n_{{{i}}}^{{(2)}}"
    for node in order:
        why = explain(order[-1], node)
        if why.paths > 20 or not any(order[-1].parents):
            continue
        formulas = [[why.factor(edge) for edge in path] for path in why.terms()]
        text = " + ".join(" · ".join(factors) or "1" for factors in formulas)
        report = check({node: text}, order[-1])
        rounded = {"gelu", "erf"} & {n.op for n in order}  # √2 and √π, in four digits
        assert report[node].verdict == "right" or rounded, text


def test_symbols_are_formulas_too() -> None:
    w, x, y = Value(0.5, "w"), Value(2.0, "x"), Value(1.0, "y")
    p = (w * x).sigmoid()
    p.label = "p"
    loss = -(y * p.log() + (1 - y) * (1 - p).log())
    assert check({w: explain(loss, w).closed_form()}, loss).ok
    assert check({w: "(p - y) * x"}, loss).ok
    [finding] = check({w: "(y - p) * x"}, loss)
    assert "sign flipped" in [mistake.kind for mistake in finding.mistakes]


def test_formulas_are_read_as_they_stand_on_paper() -> None:
    reader = Reader(Graph(Value(-2.0, "x")))
    for text in (
        "|x|·3/2",
        "x² − 1",
        "−x^3 − 5",
        "σ(0)·6",
        "exp 0 + 2",
        "3 × cos 0",
        "12 ÷ 2²",
        "6·½",
    ):
        assert reader.read(text).number == 3, text


@pytest.mark.parametrize(
    "label", ["2", "0.5", "1e5", "-3", "+", "·", "(", "^", "lambda", "None", "inf", "exp", "e", "%"]
)
def test_a_label_of_any_kind_leaves_formulas_their_meaning(label: str) -> None:
    odd, q = Value(3.0, label), Value(2.0, "q")
    output = odd * q + q
    for text in ("2*1", "4*0.5", "q", "(1e5 − 0.5e5)/25e3", "exp(0) + 1", "2⋅1", "–2⋅–1"):
        assert check({odd: text}, output).ok, text
    assert check({label: 2}, output).ok
    assert check({q: f"{parse(label).typed} + 1"}, output).ok


def test_a_name_that_two_nodes_share_is_no_answer() -> None:
    first, second = Value(3.0, "x"), Value(5.0, "x")
    for answers in ({first: "x"}, {"x": 5}):
        [finding] = check(answers, first * second)
        assert finding.verdict == "cannot be read"
        assert "2 nodes are called x" in finding.note
    assert check({first: 5, second: "3"}, first * second).ok


def test_an_endless_answer_is_not_repeated_in_full() -> None:
    x = Value(3.0, "x")
    assert len(str(check({x: "1" * 5000}, x * 2))) < 200
    assert len(str(check({x: "1" + "+1" * 50}, x * 2))) < 200


def test_infinity_is_read_as_it_is_shown() -> None:
    x = Value(0.0, "x")
    assert check({x: "∞"}, x.sqrt()).ok
    assert check({x: "−∞"}, -x.sqrt()).ok


@pytest.mark.slow
def test_an_answer_that_was_rounded_too_far_is_neither_right_nor_wrong() -> None:
    loss, weight = hidden_layer_weight()  # 0.3163
    verdicts = {text: check({weight: text}, loss)[weight].verdict for text in ("0.3", "0.32", "0")}
    assert verdicts == {"0.3": "too coarse", "0.32": "right", "0": "wrong"}
    assert check({weight: 0.3163 * 1.001}, loss)[weight].verdict == "too coarse"
    x = Value(1.0, "x")
    assert check({x: "0"}, x * 0.3)[x].verdict == "wrong"  # 0 is no number rounded far
    assert check({x: 1}, x * 0.81)[x].verdict == "wrong"
    assert "calculate with more digits" in str(check({weight: "0.3"}, loss))


def test_a_tie_may_be_rounded_either_way() -> None:
    x = Value(1.0, "x")
    for text in ("0.312", "0.313"):
        assert check({x: text}, x * 0.3125).ok


def test_a_long_calculation_may_end_in_other_last_digits() -> None:
    loss, weight = hidden_layer_weight()
    true = explain(loss, weight).gradient
    assert check({weight: true * (1 + 5e-10)}, loss).ok
    assert not check({weight: true * (1 + 5e-9)}, loss).ok


def test_nodes_may_be_called_what_python_keeps_for_itself() -> None:
    for name in ("lambda", "if", "exp", "e", "None", "x-y", "3", "σ"):
        x = Value(1.5, name)
        quoted = name in ("x-y", "3")  # which would be taken for a formula, or a number
        report = check({x: f'2 * "{name}"' if quoted else f"2 * {name}"}, x * x)
        assert report.ok, name


def test_infinities_and_nan_are_compared_as_such() -> None:
    x = Value(0.0, "x")
    assert check({x: math.inf}, x.sqrt()).ok
    assert not check({x: 1e300}, x.sqrt()).ok
    assert check({x: math.nan}, x * math.nan).ok
    assert not check({x: math.nan}, x * 2).ok


# The report


def test_a_report_is_a_test_and_a_grade() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    report = check({w: 2, "x": 5}, w * x)
    assert not report
    assert (report.ok, report.score, len(report)) == (False, 0.5, 2)
    assert [finding.verdict for finding in report] == ["right", "wrong"]
    assert report[w].gradient == 2.0
    assert str(report) == repr(report)
    assert check({w: 2, x: 3}, w * x)
    with pytest.raises(UsageError, match="no answer for Value"):
        report[Value(1.0)]


@pytest.mark.slow
def test_checking_changes_no_gradient() -> None:
    loss, weight = hidden_layer_weight()
    check({weight: 1.0}, loss)
    assert not any(node.has_grad for node in topological_order(loss))


def test_nodes_are_called_by_any_of_their_names() -> None:
    loss, weight = hidden_layer_weight()
    true = explain(loss, weight).gradient
    reader = Reader(Graph(loss))
    for name in ("w_{22}^{(2)}", "w₂₂⁽²⁾", "w_22^(2)", "w_22_2"):
        assert check({name: true}, loss).ok
        assert reader.read(name).number == weight.data
    u = Value(1.0, r"\hat{y}") * Value(2.0, "y")
    assert check({"ŷ": "y", "y": "ŷ"}, u).ok


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"q": 1}, "does not depend on 'q'"),
        ({Value(1.0, "z"): 1}, "does not depend on Value"),
        ({"v9": 1}, "does not depend on 'v9'"),
        ({"w": ""}, "an answer is empty"),
        ({"w": "q * 2"}, "there is no q here; it has w, x"),
        ({"w": "0,5 * x"}, "write decimals with a point, as in 0.5"),
        ({"w": "50%"}, "write a percentage as a number"),
        ({"w": "2 3"}, "two numbers side by side"),
        ({"w": "1/0"}, "div at"),
        ({"w": "x.real"}, "only arithmetic"),
        ({"w": "__import__('os').system('true')"}, "not in the table"),
        ({"w": "x if x else 1"}, "only arithmetic"),
        ({"w": "1 +"}, "not an expression"),
        ({"w": "0,5"}, "write decimals with a point"),
        ({"w": "wx"}, "a product is written w·x"),
        ({"w": "x" * 999}, "x…"),
        ({"w": "9**9**9"}, "too large for a float"),
        ({"w": "1e999*2"}, "too large"),
        ({"w": "(" * 100_000}, "too deep to read"),
        ({"w": None}, "not answered yet"),
        ({"w": 1j}, "not a real number"),
        ({"w": [1.0, 2.0]}, "not a real number"),
        ({"w": np.zeros(2)}, "not one real number"),
        ({"w": 10**400}, "does not fit a float"),
        ({"w": 10**5000}, "does not fit a float"),
    ],
)
def test_what_cannot_be_read_is_said_of_that_answer_alone(answers: Any, message: str) -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    unread, right = check({**answers, x: 3}, w * x)
    assert unread.verdict == "cannot be read"
    assert message in unread.note
    assert message in str(unread)
    assert right.verdict == "right"


@pytest.mark.parametrize("answers", [{}, [4], 4, "w", None, {4}])
def test_what_holds_no_answers_is_refused(answers: Any) -> None:
    with pytest.raises(UsageError, match="give a dict of Values and numbers"):
        check(answers, Value(3.0, "w") * 2)


def test_what_went_wrong_is_told_in_lines_that_a_sheet_of_paper_holds() -> None:
    loss, weight = hidden_layer_weight()
    for slip in ("0.1259", "-0.3163", "2.0"):
        finding = check({weight: slip}, loss)[weight]
        assert isinstance(finding, Finding)
        assert max(map(len, str(finding).splitlines())) <= 72
        [first, *_] = finding.causes
        assert " ".join(first.reason.split(SAME)[0].split()) in " ".join(str(finding).split())


def test_no_answer_forges_a_line_of_the_report() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    report = check({w: "1\n∂v1/∂x = 3: right", "q\r\x1b[2J": 1, x: "3\x1b[1m"}, w * x)
    assert len(str(report).splitlines()) == len(report)
    assert all(line.isprintable() for line in str(report).split("\n"))


@pytest.mark.parametrize(
    ("text", "coarse", "precise"),
    [
        ("1.25 - 0.75", 0.01, 0.01),
        ("0.5*3 + 0.25", 0.155, 0.005),
        ("2*0.1 - 0.3", 0.15, 0.0),
        ("-(0.1 - x)", 0.05, 0.0),
        ("20", 0.5, 0.5),
        ("1/3", 0.0, 0.0),
    ],
)
def test_every_decimal_of_a_formula_may_be_rounded(
    text: str, coarse: float, precise: float
) -> None:
    answer = Reader(Graph(Value(3.0, "x"))).read(text)
    assert answer.coarse == pytest.approx(coarse)
    assert answer.precision == pytest.approx(precise)


def test_a_node_answered_twice_is_refused() -> None:
    w = Value(3.0, "w")
    with pytest.raises(UsageError, match="w is answered twice"):
        check({w: 2, "w": 2}, w * 2)


def test_a_ladder_of_2_to_the_200_paths_is_checked() -> None:
    x = Value(1.01, "x")
    rung = x
    for _ in range(200):
        rung = rung.sin() + rung.cos()
    [finding] = check({x: 5.0}, rung)
    assert finding.verdict == "wrong"
