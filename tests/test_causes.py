"""What led to a wrong answer: each cause is true, one is told first, and what tells them apart."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd import Value, check, mean, rule
from autograd.graph import topological_order
from autograd.rule import Derivative, N
from autograd.views.by_hand.backward import Backward, Change
from autograd.views.by_hand.causes import Cause, Causes, Suspects
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.mistakes import all_mistakes
from autograd.views.by_hand.pairs import numbers_of_both, two_slips
from autograd.views.by_hand.points import points_near
from autograd.views.by_hand.reader import Answer
from autograd.views.by_hand.telling import Telling
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.paths import Paths
from tests.test_graphs import Plan, plans


def spoiled(
    output: Value,
    asked: Value,
    changes: Sequence[Change],
    partials: Mapping[Value, Sequence[float]] | None = None,
) -> float:
    """Return the derivative that a backward pass arrives at that makes the changes as it goes."""
    order = topological_order(output)
    totals: dict[Any, float] = dict.fromkeys(order, 0.0) | {output: 1.0}
    amounts: dict[Any, float] = {}
    for change in changes:
        amounts[change.parent] = amounts.get(change.parent, 0.0) + change.amount
    for node in reversed(order):
        totals[node] += amounts.get(node, 0.0)
        slopes = (partials or {}).get(node, node.partials)
        for parent, partial in zip(node.parents, slopes, strict=True):
            totals[parent] += totals[node] * partial
        for change in changes:
            if change.node is node:
                totals[change.parent] += totals[node] * change.slope
    return totals[asked]


def known(output: Value, asked: Value) -> list[Mistake]:
    return all_mistakes(Backward(Paths(Graph(output), asked)))


def near(x: float, y: float, scale: float = 1.0) -> bool:
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9 * max(1.0, scale))


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(plan=plans(), seed=st.integers(0, 10**6))
def test_what_a_mistake_leads_to_is_what_comes_of_its_changes(plan: Plan, seed: int) -> None:
    output = plan.values()[-1]
    leaves = [node for node in topological_order(output) if not node.parents]
    asked = random.Random(seed).choice(leaves)
    mistakes = known(output, asked)
    places = [mistake.place for mistake in mistakes]
    assert len({*places}) == len(places)
    gradient = Graph(output).derivatives[asked]
    assume(all(abs(d) < 1e6 for node in topological_order(output) for d in node.partials))
    for mistake in mistakes:
        if mistake.changes:
            found = spoiled(output, asked, mistake.changes)
            if math.isfinite(found):
                assert near(mistake.number, found, abs(gradient) + abs(found)), mistake.reason


def test_two_slips_lead_to_what_a_pass_with_both_arrives_at() -> None:
    w, x, b = Value(0.7123, "w"), Value(1.3456, "x"), Value(-0.4213, "b")
    z = w * x + b
    output = (z.tanh() - b) ** 3 + z * w
    backward = Backward(Paths(Graph(output), w))
    slips = [m for m in all_mistakes(backward) if m.changes]
    tried = 0
    for i, first in enumerate(slips):
        for second in slips[:i]:
            places = [{(c.node, c.parent) for c in slip.changes} for slip in (first, second)]
            if not places[0] & places[1]:
                both = spoiled(output, w, [*first.changes, *second.changes])
                found = numbers_of_both(backward, first, second)
                if not (first.bound or second.bound):
                    [number] = found
                    assert near(number, both, abs(both))
                    tried += 1
                elif not any(slip.bound and slip.bound.above for slip in (first, second)):
                    assert near(found[-1], both, abs(both))  # worked out by itself, and right
    assert tried > 1000


def test_a_slip_made_everywhere_is_combined_with_another() -> None:
    w, x, b = Value(0.7123, "w"), Value(1.3456, "x"), Value(-0.4213, "b")
    output = ((w * x).tanh() * w + b).tanh() * x + (w - b) ** 3
    backward = Backward(Paths(Graph(output), w))
    mistakes = all_mistakes(backward)
    everywhere = [m for m in mistakes if m.instead]
    slips = [m for m in mistakes if len(m.changes) == 1 and not m.bound]
    kinds = {m.kind for m in everywhere}
    assert {"= for +=", "wrong power", "local derivative forgotten"} <= kinds
    for first in everywhere:
        partials = {node: [*node.partials] for node in topological_order(output) if node.parents}
        for edge, slope in first.instead:
            partials[edge.node][edge.position] = slope
        for second in slips:
            [change] = second.changes
            if all(change[:2] != (edge.node, edge.parent) for edge, _ in first.instead):
                both = spoiled(output, w, [change], partials)
                assert near(numbers_of_both(backward, second, first)[0], both, abs(both))
            elif change.node.parents.count(change.parent) == 1:  # made once, and not twice
                assert numbers_of_both(backward, second, first) == []


def test_two_slips_that_lead_near_the_right_number_are_told_where_they_lead_exactly() -> None:
    x, w = Value(-0.3, "x"), Value(-1.7, "w")
    v = w + x
    output = (v**3).tanh().sin() - x
    near_truth = -1 + 3 * (v.data**3) ** 2 * 1e-9  # no slips lead here
    z = math.tanh(v.data**3)
    exactly = -math.cos(z) * (1 - z * z) * 3 * (v.data**3) ** 2 - 1
    assert abs(exactly - Graph(output).derivatives[x]) < 1e-4
    found = check({x: exactly}, output)[x]
    assert (found.verdict, found.causes[0].slips) == ("wrong", 2)
    assert check({x: near_truth}, output)[x].verdict != "wrong"


def neuron() -> tuple[Value, Value, Value, Value, Value]:
    w, x, b, y = Value(0.7, "w"), Value(1.3, "x"), Value(-0.4, "b"), Value(0.9, "y")
    a = (w * x + b).sigmoid()
    a.label = "a"
    loss = (a - y) ** 2 + w * w
    loss.label = "L"
    return loss, w, x, b, a


def test_two_ways_to_lose_a_contribution_are_told_in_one_breath() -> None:
    x = Value(1.7, "x")
    v = x.tanh()
    loss = v * v.sin()
    lost = Graph(loss).derivatives
    gradient = v.data * math.cos(v.data) * (1 - v.data**2)  # v.sin() alone counts
    assert lost[x] != gradient
    [finding] = check({x: gradient}, loss)
    first = finding.causes[0]
    assert {"path left out", "= for +=", "wrong order"} <= {*first.kinds}
    assert "2 ways to lose a contribution" in str(finding)
    assert first.slips == 1


def test_a_right_answer_speaks_against_what_would_have_spoiled_it() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.0, "b")
    y = (w * x + b) ** 2
    alone = check({w: 4}, y)[w].causes
    beside = check({w: 4, b: 4}, y)[w].causes
    of_the_square = [c for c in alone if "factor missing" in c.kinds]
    assert of_the_square
    assert alone.index(of_the_square[0]) < len(alone) - 1
    last = [c for c in beside if "factor missing" in c.kinds]
    assert beside.index(last[0]) == len(beside) - 1


def test_a_wrong_answer_speaks_for_what_spoils_both() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.0, "b")
    y = (w * x + b) ** 2
    assert "factor missing" in check({w: 4, b: 2}, y)[w].causes[0].kinds


def test_what_follows_from_an_earlier_answer_is_told_first() -> None:
    loss, _, x, _, a = neuron()
    graph = Graph(loss)
    wrong = 2.5 * graph.derivatives[a]
    right = graph.derivatives[x] * 2.5
    report = check({a: wrong, x: right}, loss)
    assert report[x].causes[0].kinds == ("carried over",)
    assert "all else is done right with your ∂L/∂a" in str(report[x])


def test_a_formula_has_the_cause_that_makes_it_at_other_numbers_too() -> None:
    w, x = Value(2.0, "w"), Value(2.0, "x")
    y = (w * x) ** 2  # at w = x many numbers are one
    y.label = "y"
    [by_number] = check({w: 8}, y)
    [by_formula] = check({w: "(w*x)*x"}, y)
    assert len(by_formula.causes) == 1 < len(by_number.causes)
    assert "factor missing" in by_formula.causes[0].kinds


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(plan=plans(), seed=st.integers(0, 10**6))
def test_the_next_question_splits_and_is_answered_as_who_erred_would(plan: Plan, seed: int) -> None:
    output = plan.values()[-1]
    rng = random.Random(seed)
    leaves = [node for node in topological_order(output) if not node.parents]
    asked = rng.choice(leaves)
    graph = Graph(output)
    mistakes = [m for m in known(output, asked) if m.number != graph.derivatives[asked]]
    assume(mistakes)
    made = rng.choice(mistakes)
    report = check({asked: made.number}, output)
    question = report.next_question
    if question is None:
        return
    numbers = {f"{number:.9g}" for _, number in question.answers}
    assert len(numbers) > 1
    for mistake, number in question.answers:
        assert mistake in question.left(Answer(number, ""))


@pytest.mark.slow
def test_numerology_says_nothing() -> None:
    loss, w, *_ = neuron()
    backward = Backward(Paths(Graph(loss), w))
    slips = all_mistakes(backward)
    rng = random.Random(0)
    found = [two_slips(backward, slips, Answer(rng.uniform(-3, 3), "")) for _ in range(150)]
    assert sum(map(bool, found)) <= 3
    short = [Answer(round(rng.uniform(-3, 3), 1), "", 0.0, 0.05) for _ in range(40)]
    assert not any(two_slips(backward, slips, answer) for answer in short)


def test_a_pass_run_twice_and_orders_of_all_kinds_are_known() -> None:
    a = Value(1.0, "a")
    b = a + a
    c = b + b
    for wrong, kind in ((8, "wrong order"), (2, "= for +="), (12, "not zeroed")):
        causes = check({a: wrong}, c)[a].causes
        assert kind in [k for cause in causes for k in cause.kinds], (wrong, causes)


def test_numbers_at_which_mistakes_meet_are_unclear() -> None:
    w, x = Value(2.0, "w"), Value(2.0, "x")
    telling = Telling(Graph((w * x) ** 2))
    assert telling.unclear({w: 2.0, x: 2.0}) > 0.5
    assert telling.unclear({w: 0.7231, x: 1.3117}) < 0.05


def test_the_place_of_a_cause_is_marked_in_the_picture() -> None:
    loss, w, *_ = neuron()
    report = check({w: -Graph(loss).derivatives[w] + 2 * 1.4}, loss)
    marked = report.draw().dot
    assert "∂L/∂w: sign flipped" in marked
    assert marked.count("∂L/∂w:") == len(report[w].causes[0].edges) == 1


@pytest.mark.parametrize("answer", [math.inf, math.nan, 1e308, -1e-320, 0.0])
def test_strange_answers_are_judged(answer: float) -> None:
    loss, w, *_ = neuron()
    assert check({w: answer}, loss)[w].verdict in ("wrong", "cannot be read")


def test_causes_change_nothing() -> None:
    loss, w, *_ = neuron()
    loss.backward()
    before: Mapping[Value, float] = {node: node.grad for node in topological_order(loss)}
    graph = Graph(loss)
    suspects = Suspects(graph, w)
    assert suspects.causes
    Causes(graph, {}).question(w, suspects.causes)
    assert before == {node: node.grad for node in topological_order(loss)}


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(plan=plans(), seed=st.integers(0, 10**6))
def test_what_is_told_in_one_breath_is_one_number_elsewhere_too(plan: Plan, seed: int) -> None:
    output = plan.values()[-1]
    graph = Graph(output)
    asked = random.Random(seed).choice([n for n in graph.order if not n.parents])
    suspects = Suspects(graph, asked)
    points = list(points_near(graph.order, graph.leaves))
    assume(len(points) == 3 and suspects.wrong)
    slopes = [abs(p) for point in points for node in graph.order for p in point.partials(node)]
    assume(not any(0 < slope < 1e-4 for slope in slopes))  # saturated, σ is 1 to many digits
    third = suspects.at(points[2])[1]
    for cause in suspects.causes:
        numbers = [third[m.place].number for m in cause.mistakes if m.place in third]
        assert all(near(numbers[0], number, abs(numbers[0])) for number in numbers[1:])


def test_what_meets_at_these_numbers_only_is_told_apart() -> None:
    w, x = Value(2.0, "w"), Value(2.1, "x")
    y = (w * x) ** 2
    [finding] = check({w: 2 * w.data * x.data * x.data * 1.05}, y)
    groups = [{*cause.kinds} for cause in Suspects(Graph(y), w).causes]
    assert not any({"sign flipped", "factor missing"} <= kinds for kinds in groups)
    assert len(groups) > 20
    assert finding.verdict == "wrong"


def test_a_slip_beside_another_takes_what_the_other_left() -> None:
    x, w = Value(1.37219, "x"), Value(0.73191, "w")
    a = (w * x + 0.4567).tanh()
    v = a * x
    loss = v**3
    upstream = v.data**2 * x.data * (1 - a.data**2)  # of w · x, the factor 3 missing
    told = [
        {frozenset(part.kind for part in m.parts) for c in check({w: n}, loss)[w].causes for m in
         c.mistakes if "upstream" in m.reason or "divided" in m.reason}
        for n in (3 * upstream**2 * x.data, upstream**2 * x.data, x.data / upstream)
    ]  # fmt: skip
    twice = frozenset({"taken twice", "factor missing"})
    assert twice not in told[0]
    assert twice in told[1]
    assert frozenset({"factor inverted", "factor missing"}) in told[2]
    y = x * x * w
    assert not any(c.slips == 2 for c in check({x: 2.059333227129775}, y)[x].causes)


def test_what_another_derivative_comes_to_is_known_or_not_asked() -> None:
    c, a = Value(-1.1162, "c"), Value(0.0838, "a")
    square = a * a
    y = c + square
    for wrong, asked in ((2.0, c), (0.0, a)):
        question = check({asked: wrong}, y).next_question
        assert question is None or not any(math.isnan(number) for _, number in question.answers)
    [finding] = check({a: 0.0}, square)
    question = check({a: 0.0}, square).next_question
    assert finding.causes[0].kinds[0] == "treated as constant"
    if question is not None and "take" in question.prompt:
        constant = [n for m, n in question.answers if "likewise in its other" in m.reason]
        assert a.data not in constant


def test_a_rule_that_raises_elsewhere_spoils_no_report() -> None:
    @rule
    def raises_elsewhere(x: N) -> Derivative:
        if not 1.9 < x < 2.1:
            raise RuntimeError("elsewhere")
        return x, (1.0,)

    t = Value(2.0, "t")
    y = raises_elsewhere(t) * t
    assert check({t: 1}, y)[t].verdict == "wrong"
    assert check({t: "t + t"}, y)[t].verdict == "right"
    assert check({t: "q" * 100_000}, y)[t].verdict == "cannot be read"


@pytest.mark.slow
@pytest.mark.parametrize("uses", [50, 400])
def test_many_uses_are_no_more_than_so_many_mistakes(uses: int) -> None:
    x, w = Value(0.5, "x"), Value(0.9999, "w")
    y = x
    for _ in range(uses):
        y = y * w
    assert check({w: 3.0}, y)[w].verdict == "wrong"
    assert len(known(y, w)) < 100 * uses


def test_no_other_derivative_is_looked_into_once_a_question_tells_all_causes_apart() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.0, "b")
    graph = Graph((w * x + b).tanh() * x)
    causes = Causes(graph, {})
    fitting = [mistake for mistake in causes.suspects(b).wrong if mistake.number == 1.0]
    question = causes.question(b, causes.of(b, Answer(1.0, "1"), fitting))
    assert question is not None
    assert "take" in question.prompt
    assert len({number for _, number in question.answers}) > 1
    assert causes.suspects.cache_info().currsize == 1


@settings(deadline=None, max_examples=25)
@given(plan=plans())
def test_who_gives_the_value_for_the_derivative_is_told_so(plan: Plan) -> None:
    """Numbers of a graph are read off where the other row of its boxes was asked for."""
    output = plan.values()[-1]
    for asked in topological_order(output)[:-1]:
        [finding] = check({asked: asked.data}, output)
        told = "is given, which is no gradient"
        reasons = " ".join(mistake.reason for mistake in finding.mistakes)
        assert finding.verdict != "wrong" or told in reasons


@settings(deadline=None, max_examples=25)
@given(plan=plans(), seed=st.integers(0, 10**6))
def test_a_place_is_told_alone_only_where_one_slip_leads_there(plan: Plan, seed: int) -> None:
    """Whoever looks at "or so at ∂v2/∂x" makes that one slip, and must come to the number."""
    output = plan.values()[-1]
    rng = random.Random(seed)
    asked = rng.choice([node for node in topological_order(output) if not node.parents])
    several = "all operands", "everywhere"
    for cause in Suspects(Graph(output), asked).causes:
        by_kind: dict[str, list[Mistake]] = {}
        for mistake in cause.mistakes:
            by_kind.setdefault(mistake.kind, []).append(mistake)
        first, *others = next(iter(by_kind.values()))
        _, _, listed = Cause((first, *others)).reason.partition(f"{first.reason} (or so at ")
        if first.place[0] in several or not listed:
            continue
        alone = {str(other.where) for other in others if other.place[0] not in several}
        told = listed.rpartition(")")[0].removesuffix(", …").split(", ")
        assert {place for place in told if not place.endswith(" and its like")} <= alone


def test_a_missing_average_is_told_as_one_first() -> None:
    b = Value(0.5, "b")
    losses = [(b - y) ** 2 for y in (1.0, 2.3, -1.7)]
    [finding] = check({b: sum(2 * (0.5 - y) for y in (1.0, 2.3, -1.7))}, mean(losses))
    assert finding.causes[0].kinds[0] == "1/n missing"
    assert "the 1/3 of the mean is missing" in finding.causes[0].reason


def test_the_path_that_is_told_is_the_path_that_is_marked() -> None:
    w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    z = w * x + b
    y = z * z.sigmoid()
    z.label, y.label = "z", "y"
    report = check({w: z.sigmoid().data * 2.0}, y)  # by way of σ(z) nothing comes
    [cause] = report[w].causes[:1]
    assert cause.reason.startswith("the path w → v1 → z → v2 → y is left out")
    names = Graph(y).names
    assert [names(edge.parent) for edge in reversed(cause.edges)] == ["w", "v1", "z", "v2"]
    assert cause.edges[0].node is y
    assert report.draw().dot.count("path left out") == 4
