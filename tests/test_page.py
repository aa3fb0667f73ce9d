"""The interactive page, in a real browser: every number is the engine's, every label a text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autograd import UsageError, Value, quiz, steps
from autograd import sum as total
from autograd.graph import topological_order
from autograd.views.by_hand.catalogue import KINDS
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.questions import Question, gradient_questions, questions
from autograd.views.by_hand.reader import Reader
from autograd.views.example import hidden_layer_weight
from autograd.views.page.page import Page
from autograd.views.steps import Step, Steps
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.walk import Walk
from autograd.views.writing.numbers import short, signed
from autograd.views.writing.scripts import PRODUCT, TEXT
from tests.conftest import Opener
from tests.work import growth

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<!-- <script>",
    "a<b>&amp;\"d'`${1}",
    "]]>]]&gt;",
    "new\nline\u2028end",
    "\u202eright to left",
    "a lone \ud800 surrogate",
    "$\\href{javascript:alert(1)}{x}$",
]


def neuron() -> Value:
    w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    return (w * x + b).tanh()


def hidden() -> Value:
    return hidden_layer_weight()[0]


def square() -> Value:
    x = Value(3.0, "x")
    return x * x + x + 2e-9


def html(output: Value) -> str:
    return Page(Walk(output)).document()


def typeset(number: str) -> str:
    """Return a short number as the page shows it."""
    mantissa, e, exponent = number.replace("-", "−").partition("e")
    exponent = exponent.replace("+", "").replace("−0", "−").lstrip("0")
    return f"{mantissa} × 10{exponent}" if e else mantissa


def numbers(page: Any, where: str) -> list[tuple[str, str]]:
    """Return the numbers shown somewhere: as they read, and as they are exactly."""
    return [
        (text.strip("()"), exact)
        for text, exact in page.locator(f"{where} .number").evaluate_all(
            "found => found.map(n => [n.textContent, n.title])"
        )
    ]


def same(shown: Iterable[str], expected: Iterable[str]) -> None:
    """Compare numbers of the page with the engine's: they may differ in the last places."""
    assert [float(x) for x in shown] == pytest.approx([float(x) for x in expected], rel=1e-14)


def boxes(page: Any) -> list[str]:
    """Return what the boxes of the picture say about gradients, in topological order."""
    read = """found => found.map(n => [
        Number(n.dataset.id.slice(1)), [...n.querySelectorAll("text")].at(-1).textContent])"""
    return [text for _, text in sorted(page.locator(".map .node").evaluate_all(read))]


def written(page: Any) -> list[str]:
    """Return the gradients that are written in the boxes, as far as they are seen."""
    texts: list[str] = page.locator(".map .node text").all_text_contents()
    return [text for text in texts if text.startswith("grad ")]


def expected_boxes(walk: Steps, done: int) -> list[str]:
    """Return what the boxes say after so many steps of the backward pass."""
    constants = {node for node in walk.order if walk.names.kind(node) == "constant"}
    said = dict.fromkeys(walk.order, "grad ?") | {walk.output: "grad 1"}
    said |= {node: short(node.data) for node in constants}
    for step in walk[:done]:
        uses = sum(node.parents.count(step.parent) for node in walk.order)
        said[step.parent] = f"grad {short(step.after)}"
        if uses > 1:
            said[step.parent] += f" ({step.reported} of {uses})"
    return [said[node] for node in walk.order]


def operations(walk: Steps) -> list[Value]:
    return [node for node in walk.order if node.parents]


def go_to_step(page: Any, walk: Steps, done: int) -> None:
    """Go to where so many steps of the backward pass are done."""
    page.locator(".slider").fill(str(len(operations(walk)) + 1 + done))


def shows_forward(page: Any, walk: Steps, position: int) -> None:
    """Compare all that is shown after so many operations with the engine."""
    made = operations(walk)
    assert page.locator(".at").inner_text() == f"forward {position} of {len(made)}"
    unknown = made[position:]
    for i, node in enumerate(walk.order):
        texts = page.locator(f'.map [data-id="v{i}"] text').all_text_contents()
        number = "?" if node in unknown else short(node.data)
        constant = walk.names.kind(node) == "constant"
        assert texts == [number] if constant else texts[-2:] == [number, "grad ?"]
    given = [repr(leaf.data) for leaf in walk.walk.leaves]
    computed = [repr(node.data) for node in made[position - 1 : position]]
    shown = [exact for _, exact in numbers(page, ".equation .body")]
    same(shown[-len(computed) :] if position else shown, computed if position else given)
    assert page.locator(".equation .body").inner_text().count("=") >= 2 * len(computed)


def shows(page: Any, walk: Steps, done: int) -> None:
    """Compare all that is shown after so many steps of the backward pass with the engine."""
    assert page.locator(".at").inner_text() == f"step {done} of {len(walk)}"
    expected = expected_boxes(walk, done)
    assert boxes(page) == expected
    assert sorted(written(page)) == sorted(text for text in expected if text.startswith("grad"))
    if not done:
        assert numbers(page, ".equation") == []
        return
    step = walk[done - 1]
    upstream = [step.upstream] * (2 if step.formula else 1)
    product = [*upstream, step.partial, step.contribution]
    got = numbers(page, ".equation .body")
    same([exact for _, exact in got], map(repr, product))
    if step.formula:
        got.pop(0)
    assert [text for text, _ in got] == [typeset(short(n)) for n in product[len(upstream) - 1 :]]
    totals = [step.before, abs(step.contribution), step.after]
    got = numbers(page, ".totals")
    same([exact for _, exact in got], map(repr, totals))
    assert [text for text, _ in got] == [typeset(short(n)) for n in totals]
    assert squeezed(page, ".equation .body") == written_equation(step)
    assert squeezed(page, ".totals .sum") == written_total(step)
    assert page.locator(".spoken").text_content() == f"step {done} of {len(walk)}: {step!r}"


def squeezed(page: Any, where: str) -> str:
    """Return a text without its spaces."""
    text: str = page.locator(where).inner_text()
    return "".join(text.split())


def set_in_type(text: str) -> str:
    """Return what the engine wrote as the page sets it, its fractions without their bars."""
    text = re.sub(r"\((\d\w\w of \d)\)", r"\1", re.sub("[/|]", "", text))
    text = re.sub(r"(\d)e([-+])0*(\d+)", r"\1×10\2\3", text).replace("×10+", "×10")
    return "".join(unicodedata.normalize("NFKD", text).replace("-", "−").split())


def factor_of(x: float) -> str:
    """Return a number as a factor: in parentheses if it is negative or has a power of ten."""
    return f"({short(x)})" if "e" in short(x) else signed(short(x))


def written_equation(step: Step) -> str:
    """Return the equation of a step as the page shows it: symbols, labels, formula, numbers."""
    write = step.write
    upstream = write.derivative(step.node)
    symbols = f"{write.derivative(step.parent)} += {upstream} · {write.local(step.edge)}"
    known, contribution = short(step.upstream), short(step.contribution)
    formula = write.partial(step.edge) if step.formula else None
    factors = [TEXT.shielded(formula, PRODUCT)] if formula else []
    factors.append(factor_of(step.partial))
    products = "".join(f" = {known} · {factor}" for factor in factors)
    return set_in_type(f"{symbols} gradient upstream local derivative {products} = {contribution}")


def written_total(step: Step) -> str:
    """Return the sum below it: the total before, what is added, the total after."""
    before, added, after = map(short, (step.before, step.contribution, step.after))
    change = added if added.startswith("-") else f"+ {added}"
    return set_in_type(f"{step.write.derivative(step.parent)} = {before} {change} = {after}")


def written_derivation(walk: Steps, node: Value) -> str:
    """Return the sum over the uses of a node, once the pass is complete."""
    terms, total = [], 0.0
    for i, step in enumerate(walk, 1):
        if step.parent is node:
            total = step.after
            numbers = f"{short(step.upstream)} · {factor_of(step.partial)}"
            symbols = f"{step.write.derivative(step.node)} · {step.write.local(step.edge)}"
            terms.append(f"{symbols} = {numbers} = {short(step.contribution)} step {i}")
    symbol = walk.walk.write.derivative(node)
    return set_in_type(f"{symbol} = {' + '.join(terms)} = {short(total)}")


def walk_through(open_page: Opener, output: Value) -> None:
    walk = steps(output)
    page = open_page(html(output))
    for position in range(len(operations(walk)) + 1):
        shows_forward(page, walk, position)
        page.locator(".forward").click()
    for done in range(len(walk) + 1):
        shows(page, walk, done)
        page.locator(".forward").click(force=True)
    output.backward()
    for node, box in zip(walk.order, boxes(page), strict=True):
        if walk.names.kind(node) != "constant":
            assert box.partition(" (")[0] == f"grad {short(node.grad)}"


@pytest.mark.parametrize("build", [neuron, hidden, square])
def test_every_step_shows_the_numbers_of_the_engine(build: Any, open_page: Opener) -> None:
    walk_through(open_page, build())


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    leaves=st.lists(st.floats(-3, 3), min_size=2, max_size=4),
    operations=st.lists(
        st.tuples(st.sampled_from("+-*ts"), st.integers(0, 99), st.integers(0, 99)),
        min_size=1,
        max_size=7,
    ),
)
def test_every_step_of_random_graphs_shows_the_numbers_of_the_engine(
    leaves: list[float], operations: list[tuple[str, int, int]], open_page: Opener
) -> None:
    nodes = [Value(number, f"x_{i}") for i, number in enumerate(leaves)]
    for operation, i, j in operations:
        x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
        made = {"+": x + y, "-": x - y, "*": x * y, "t": x.tanh(), "s": x.sigmoid()}
        nodes.append(made[operation])
    walk_through(open_page, nodes[-1])


def test_it_goes_back_and_jumps_by_buttons_slider_and_list(open_page: Opener) -> None:
    walk = steps(hidden())
    page = open_page(html(hidden()))
    page.locator(".last").click()
    shows(page, walk, 23)
    page.locator(".back").click()
    shows(page, walk, 22)
    page.locator(".forward").click()
    page.locator(".forward").click(force=True)
    shows(page, walk, 23)
    page.locator(".first").click()
    page.locator(".back").click(force=True)
    shows_forward(page, walk, 0)
    page.locator(".slider").fill("17")
    shows(page, walk, 17 - 1 - len(operations(walk)))
    page.locator(".list summary").click()
    page.locator(".list li button").nth(9).click()
    shows(page, walk, 10)
    assert page.locator(".list [aria-current=step]").count() == 1
    assert page.locator(".edge.walked").count() == 10
    assert page.locator(".edge.current").get_attribute("data-id") == "step10"


def test_it_plays_and_pauses(open_page: Opener) -> None:
    page = open_page(html(neuron()))
    stop_the_clock(page)
    page.locator(".speed").select_option("fast")
    play, at = page.locator(".play"), page.locator(".at")
    play.click()
    assert play.get_attribute("aria-label") == "Pause"
    page.clock.run_for(2 * FAST)
    assert at.inner_text() == "forward 2 of 3"
    play.click()
    assert play.get_attribute("aria-label") == "Play"
    page.clock.run_for(9 * FAST)
    assert at.inner_text() == "forward 2 of 3"
    play.click()
    page.clock.run_for(9 * FAST)
    assert at.inner_text() == "step 5 of 5"
    assert play.get_attribute("aria-label") == "Play"
    play.click()  # at the end, it begins anew
    page.clock.run_for(FAST)
    assert at.inner_text() == "forward 1 of 3"


FAST = 600  # milliseconds of a step


def stop_the_clock(page: Any) -> None:
    """Let the page's time run only where a test lets it."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


def test_the_keyboard_alone_is_enough(open_page: Opener) -> None:
    page = open_page(html(neuron()))
    stop_the_clock(page)
    at, keys = page.locator(".at"), page.keyboard
    for key, place in [
        ("ArrowRight", "forward 1 of 3"),
        ("ArrowRight", "forward 2 of 3"),
        ("ArrowLeft", "forward 1 of 3"),
        ("End", "step 5 of 5"),
        ("ArrowLeft", "step 4 of 5"),
    ]:
        keys.press(key)
        assert at.inner_text() == place
    keys.press("Home")
    keys.press("Space")
    page.clock.run_for(1600)
    assert at.inner_text() == "forward 1 of 3"
    keys.press("Space")
    reached = []
    for _ in range(20):
        keys.press("Tab")
        reached.append(focused(page))
        outline = page.evaluate(f"getComputedStyle({FOCUSED}).outlineStyle")
        halo = page.evaluate(f"{FOCUSED}.querySelector('.halo') !== null")
        assert outline != "none" or halo
        if reached[-1] == "w -3 grad ?":
            break
    assert reached[:3] == ["Walk through", "Try it yourself", "First"]
    keys.press("Enter")
    assert "Derivation of w" in page.locator(".derivation").inner_text()
    page.get_by_role("button", name="Try it yourself").focus()
    keys.press("Enter")
    keys.type("0.501")
    keys.press("Enter")
    assert page.locator(".verdict.right").count() == 1
    keys.press("Enter")
    assert page.locator(".place").inner_text().startswith("Question 2 of")


def test_a_page_opens_where_the_forward_pass_begins(open_page: Opener) -> None:
    page = open_page(html(hidden()), viewport={"width": 1000, "height": 800})
    picture = page.locator(".map")
    assert picture.evaluate("map => map.scrollHeight > map.clientHeight")
    assert picture.evaluate("map => map.scrollTop") == 0  # its first operation stands at the top


def test_nothing_that_was_said_before_answers_a_question(open_page: Opener) -> None:
    page = open_page(html(square()))
    page.get_by_role("button", name="Last").click()
    assert page.locator(".spoken").inner_text()
    page.get_by_role("button", name="Try it yourself").click()
    assert not page.locator(".spoken").inner_text()


def test_enter_alone_leads_through_the_quiz_to_the_summary(open_page: Opener) -> None:
    page = open_page(html(square()))
    page.get_by_role("button", name="Try it yourself").click()
    for question in questions(Walk(square())):
        page.keyboard.type(short(question.answer))
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
    assert page.locator(".place").inner_text() == "Summary"


FOCUSED = "document.activeElement"


def focused(page: Any) -> str:
    named: str = page.evaluate(
        f"(found => found.getAttribute('aria-label') || found.textContent)({FOCUSED})"
    )
    return " ".join(named.split())


def test_a_click_on_a_node_shows_its_derivation(open_page: Opener) -> None:
    output = hidden()
    walk = steps(output)
    page = open_page(html(output))
    output.backward()
    page.locator(".last").click()
    for i, node in enumerate(walk.order):
        page.locator(f'[data-id="v{i}"]').dispatch_event("click")
        terms = [step for step in walk if step.parent is node]
        shown = [repr(node.data)]
        for step in terms:
            shown += map(repr, (step.upstream, step.partial, step.contribution))
        shown += [repr(node.grad)] if terms else []
        told = numbers(page, ".derivation .body > :is(.definition, .terms, .sum)")
        same([exact for _, exact in told], shown)
        listed = page.locator(".derivation .where button").all_inner_texts()
        assert listed == [f"step {walk[:].index(step) + 1}" for step in terms]
        if terms:
            assert squeezed(page, ".derivation .terms") == written_derivation(walk, node)
        else:
            assert "1, where the backward pass begins" in page.locator(".derivation").inner_text()
    page.locator(".follow").click()
    assert page.locator(".follow").is_hidden()


def test_a_derivation_tells_no_more_than_the_pass_has_found(open_page: Opener) -> None:
    output = hidden()
    walk = steps(output)
    page = open_page(html(output))
    hidden_node = next(i for i, n in enumerate(walk.order) if n.label == "a_2^{(2)}")
    page.locator(f'[data-id="v{hidden_node}"]').click()
    assert page.locator(".derivation .total").inner_text() == "?"
    page.locator(".derivation .where button").first.click()
    assert page.locator(".at").inner_text() == "step 10 of 23"
    assert "so far, 1 to come" in page.locator(".derivation .total").inner_text()
    assert page.locator(".derivation .numbers").nth(1).inner_text() == "= ?"


# Try-it mode


def framed(page: Any) -> Any:
    """Return what is in the frame of a page, once it is at work."""
    frame = page.frame_locator("iframe")
    frame.locator(".app").wait_for()
    return frame


def asked(monkeypatch: pytest.MonkeyPatch, *those: Question) -> None:
    monkeypatch.setattr("autograd.views.page.asking.questions", lambda *_: list(those))


def answer(page: Any, text: str) -> tuple[str, str]:
    """Type an answer; return what kind of verdict comes, and its words."""
    page.locator(".field").fill(text)
    page.locator(".field").press("Enter")
    verdict = page.locator(".verdict")
    return verdict.get_attribute("class").split()[-1], verdict.inner_text()


@pytest.mark.parametrize("build", [square, hidden])
def test_right_answers_are_right_all_the_way(build: Any, open_page: Opener) -> None:
    page = open_page(html(build()))
    page.get_by_role("button", name="Try it yourself").click()
    asking = questions(Walk(build()))
    for count, question in enumerate(asking, 1):
        assert page.locator(".place").inner_text().startswith(f"Question {count} of {len(asking)}")
        assert answer(page, short(question.answer))[0] == "right"
        assert page.locator(".score").inner_text() == f"{count} right of {count} answered"
        page.locator(".check").click()
    said = f"{len(asking)} of {len(asking)} right: {len(asking)} at once"
    assert page.locator(".prompt").inner_text() == said
    assert page.locator(".field").is_hidden()


def test_names_mean_on_the_page_what_they_mean_to_check(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    y, two = Value(0.25, "y"), Value(3.0, "2")
    hat = (y * two).tanh()
    hat.label = r"\hat{y}"
    same, other = Value(5.0, "x"), Value(7.0, "x")
    texts = ("y - 0.62509", "2 - 2 - 0.37509", "“2” - 3.37509", "ŷ - ŷ - 0.37509", "x/5")
    asked(monkeypatch, *[QUESTION] * len(texts))
    page = open_page(html(hat * y * same * other))
    page.get_by_role("button", name="Try it yourself").click()
    for text in texts:
        kind, said = answer(page, text)
        assert kind == ("unread" if text == "x/5" else "right"), text
        page.locator(".next").click(force=True)
    assert said.endswith("2 nodes are called x; write x#1 or x#2.")


QUESTION = Question(
    "local derivative", 1, "∂v2/∂v1", "What is it?", -0.37509, ("one", "two", "three"),
    (
        Mistake("sign flipped", "the sign is flipped", 0.37509),
        Mistake("path left out", "the first", 2.001),
        Mistake("= for +=", "the second", 2.002),
    ),
)  # fmt: skip


ANSWERS = [
    ("-0.37509", "right"), ("-.375", "right"), ("−0.3751", "right"), ("-3/8", "right"),
    ("-0.38", "right"), ("-0.4", "right"), ("-0", "wrong"), ("-37.509e-2", "right"),
    ("-0.376", "right"), ("-0.38-0.002", "wrong"), ("w*x+b-1.25509", "right"),
    ("w × x + b − 1.25509", "right"), ("v₁ + 6.88 - 1.25509", "right"),
    ("v1 + b − 1.25509", "right"), ("-(0.61245**2)", "right"), ("-0.61245²", "right"),
    ("-sqrt(0.61245^4)", "right"), ("-exp(log(0.37509))", "right"), ("-0.37509*cos 0", "right"),
    ("2 ** 3 ** 0 - 2.37509", "right"), ("-2^2 + 3.62491", "right"), ("", "unread"),
    ("0,5", "unread"), ("alert(1)", "unread"), ("q", "unread"), ("1 +", "unread"),
    ("(1", "unread"), ("1/0", "unread"), ("2 3", "unread"), ("1e999", "unread"),
    ("0.37509", "wrong"), ("wx", "unread"), ("__proto__", "unread"),
    ("-|0.37509|", "right"), ("-hypot(0.37509, 0)", "right"), ("-hypot(0,0.37509)", "right"),
    ("-0.37509 * cosh 0", "right"), ("maximum(1)", "unread"), ("sin(1,2)", "unread"),
    ("|1", "unread"), ("hypot(1", "unread"), ("50%", "unread"), ("9**9**9", "unread"),
    ("(" * 100_000, "unread"), ("-" * 100_000 + "0.37509", "unread"),
]  # fmt: skip


def test_answers_may_be_written_in_any_way(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(monkeypatch, *[QUESTION] * len(ANSWERS))
    page = open_page(html(neuron()))
    page.get_by_role("button", name="Try it yourself").click()
    for text, kind in ANSWERS:
        assert answer(page, text)[0] == kind, text
        page.locator(".next").click(force=True)


def test_a_wrong_answer_is_diagnosed_or_honestly_not(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(monkeypatch, QUESTION)
    page = open_page(html(neuron()))
    page.get_by_role("button", name="Try it yourself").click()
    assert "what comes out if\nthe sign is flipped" in answer(page, "0.375")[1]
    said = answer(page, "2.00")[1]
    assert "the first" in said
    assert "the second" in said
    assert "the second" not in answer(page, "2.001")[1]
    assert "no mistake known here" in answer(page, "17")[1]
    for i, hint in enumerate(QUESTION.hints, 1):
        page.locator(".hint").click()
        assert page.locator(".hints li").all_inner_texts()[i - 1 :] == [hint]
    assert page.locator(".hint").is_disabled()
    page.locator(".give").click()
    assert "−0.3751" in page.locator(".verdict").inner_text()
    assert page.locator(".score").inner_text() == "0 right of 1 answered"


def test_what_comes_near_is_wrong_where_it_is_what_a_mistake_leads_to(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = ("the first", "the second", "the third", "the fourth", "the fifth")
    mistakes = [Mistake("sign flipped", reason, 1.0) for reason in reasons[:3]]
    mistakes += [Mistake("path left out", reason, 2.0) for reason in reasons[:2]]
    mistakes += [
        Mistake(kind, reason, 3.0) for kind, reason in zip(KINDS[1:], reasons, strict=False)
    ]
    question = QUESTION._replace(answer=1.06, mistakes=tuple(mistakes))
    asked(monkeypatch, question)
    page = open_page(html(neuron()))
    page.get_by_role("button", name="Try it yourself").click()
    for text, told, rest in [
        ("1", 1, "(and by 2 other known mistakes)"),
        ("2", 1, "(and by another known mistake)"),
        ("3", 3, "(and by 2 other known mistakes)"),
    ]:
        assert question.judge(Reader(Graph(Value(1.0))).read(text))[0] == "wrong"
        kind, said = answer(page, text)
        assert kind == "wrong"
        assert [reason in said for reason in reasons] == [i < told for i in range(5)]
        assert said.endswith(rest)
    assert answer(page, "1.2")[0] == "wrong"
    assert answer(page, "1")[0] == "wrong"
    assert answer(page, "1.06")[0] == "right"


def test_whole_gradients_are_asked_for_and_judged_as_check_does(open_page: Opener) -> None:
    output = hidden()
    asking = gradient_questions(Walk(output))
    page = open_page(html(output))
    page.get_by_role("button", name="Try it yourself").click()
    page.locator(".extent").select_option("gradients")
    leaves = sum(not node.parents for node in topological_order(output))
    assert len(asking) == leaves
    for number, question in enumerate(asking, 1):
        assert page.locator(".place").inner_text() == f"Question {number} of {leaves}: gradient"
        assert set(boxes(page)) <= {"grad ?", "grad 1"}
        assert page.locator(".edge:not(.secret) text:visible").count() == 0
        some = question.mistakes[:: max(1, len(question.mistakes) // 4)]
        for text in [*[repr(mistake.number) for mistake in some], "0.0", "77.7"]:
            verdict, mistakes, _ = question.judge(Reader(Graph(Value(1.0))).read(text))
            if verdict == "wrong":
                kinds = min(3, len({mistake.kind for mistake in mistakes}))
                assert answer(page, text)[0] == "wrong", (question.symbol, text)
                reasons = page.locator(".verdict li").all_inner_texts()
                more = len(mistakes) > kinds
                assert len(reasons) == kinds + more
                first = mistakes[0].reason.split() if mistakes else [""]
                assert not kinds or reasons[0].endswith(first[-1]) or "∂" in first[-1]
        assert answer(page, short(question.answer))[0] == "right"
        assert "grad 1" in boxes(page)
        page.locator(".check").click()
    page.locator(".extent").select_option("questions")
    assert page.locator(".place").inner_text().endswith("local derivative")


def test_a_quiz_opens_where_it_asks(open_page: Opener) -> None:
    loss, weight = hidden_layer_weight()
    bundle = quiz(loss, weight)._repr_mimebundle_()
    page = framed(open_page(bundle["text/html"]))
    assert (
        page.get_by_role("button", name="Try it yourself").get_attribute("aria-pressed") == "true"
    )
    count = len(questions(Walk(loss), weight))
    assert page.locator(".place").inner_text() == f"Question 1 of {count}: local derivative"
    assert page.locator(":focus").count() == 0  # no focus is stolen
    page.locator(".extent").select_option("gradients")
    assert page.locator(".place").inner_text() == "Question 1 of 1: gradient"
    assert answer(page, "0.3163")[0] == "right"


def test_an_open_question_is_not_answered_by_the_page(open_page: Opener) -> None:
    output = hidden()
    walk = steps(output)
    page = open_page(html(output))
    page.locator(".last").click()
    page.get_by_role("button", name="Try it yourself").click()
    for i, question in enumerate(questions(Walk(output))):
        assert boxes(page) == expected_boxes(walk, question.step), i
        known = question.step + (question.part in ("product", "sum over uses"))
        labels = page.locator(".edge:not(.secret) text:visible")
        assert labels.count() == known
        assert page.locator(".list, .equation, .controls").locator("visible=true").count() == 0
        assert repr(question.answer) not in [e for _, e in numbers(page, ".terms .total")]
        if page.locator(".next").is_enabled():
            page.locator(".next").click()


def test_the_colour_of_a_gradient_says_its_sign(open_page: Opener) -> None:
    walk = steps(hidden())
    page = open_page(html(hidden()))
    for done in (0, 9, 23):
        go_to_step(page, walk, done)
        texts = page.locator(".map .node text.rises, .map .node text.falls, .map .node text.level")
        shown = texts.evaluate_all("found => found.map(t => [t.textContent, t.classList[0]])")
        assert len(shown) == len(walk.order)
        for text, kind in shown:
            number = text.removeprefix("grad ").partition(" ")[0]
            sign = 0.0 if number == "?" else float(number)
            assert kind == ("rises" if sign > 0 else "falls" if sign < 0 else "level")


def test_keys_that_mean_something_else_are_left_alone(open_page: Opener) -> None:
    page = open_page(html(neuron()))
    at = page.locator(".at")
    for key in ("Alt+ArrowRight", "Control+End", "a", "ArrowUp"):
        page.keyboard.press(key)
    assert at.inner_text() == "forward 0 of 3"
    page.locator(".slider").focus()
    page.keyboard.press("ArrowRight")  # moves the slider, once
    assert at.inner_text() == "forward 1 of 3"
    page.locator(".forward").focus()
    page.keyboard.press("Space")  # presses the button, and does not play
    assert at.inner_text() == "forward 2 of 3"
    assert page.locator(".play").get_attribute("aria-label") == "Play"


@pytest.mark.parametrize(
    ("loading", "directive"),
    [
        ("new Image().src = 'http://127.0.0.1:9/x.png'", "img-src"),
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "connect-src"),
        ("document.head.append(Object.assign(document.createElement('script'), {text: '1'}))",
         "script-src-elem"),
        ("document.head.append(Object.assign(document.createElement('script'), {src: url}))",
         "script-src-elem"),
        ("document.head.append(Object.assign(document.createElement('link'), "
         "{rel: 'stylesheet', href: url}))", "style-src-elem"),
        ("document.body.append(Object.assign(document.createElement('iframe'), {src: url}))",
         "frame-src"),
    ],
)  # fmt: skip
def test_a_page_can_load_nothing(
    loading: str, directive: str, browser: Any, tmp_path: Path
) -> None:
    steps(neuron()).save(tmp_path / "steps.html")
    page = browser.new_page()
    page.goto((tmp_path / "steps.html").as_uri())
    refused = page.evaluate(
        f"""() => new Promise((done) => {{
             const url = "http://127.0.0.1:9/";
             document.addEventListener("securitypolicyviolation", (event) => {{
               done(event.effectiveDirective);
             }});
             {loading};
             setTimeout(() => done("nothing"), 10_000);
           }})"""
    )
    page.close()
    assert refused == directive


# Whatever the labels, the graph, the viewer


@pytest.fixture(scope="module", params=range(len(HOSTILE)))
def hostile(request: pytest.FixtureRequest) -> tuple[str, Value]:
    label = HOSTILE[request.param]
    y = Value(2.0, label) * Value(3.0, "x")
    y.label = label
    return label, y


def test_a_hostile_label_is_shown_as_text(hostile: tuple[str, Value], open_page: Opener) -> None:
    label, y = hostile
    page = open_page(html(y))
    page.locator(".last").click()
    shown = Walk(y).names(y)
    assert page.title() == f"The backward pass of {' '.join(shown.split())}"
    assert "\n" not in shown
    assert shown[:10] in page.locator('.map [data-id="v2"]').text_content()
    assert page.locator(".title").text_content() == f"The backward pass of {shown}"
    page.locator('[data-id="v2"]').click()
    assert page.locator(".derivation .heading").text_content() == f"Derivation of {shown}"
    assert shown in page.locator(".list li").first.text_content()
    assert f"From {shown} to its" in page.locator(".equation .heading").text_content()
    page.get_by_role("button", name="Try it yourself").click()
    answer(page, "7")
    page.locator(".give").click()
    assert page.locator("img").count() == 1
    assert page.locator("img").get_attribute("src").startswith("data:image/svg+xml;charset=utf-8,")
    assert page.evaluate("document.scripts.length") == 3
    plain = open_page(html(y), java_script_enabled=False)
    assert shown.strip() in plain.locator("h2").text_content(), label


@pytest.mark.parametrize("build", [neuron, hidden])
def test_without_scripts_there_are_the_picture_and_every_step(
    build: Any, open_page: Opener
) -> None:
    output = build()
    walk = steps(output)
    page = open_page(html(output), java_script_enabled=False)
    assert page.locator("ol li").all_inner_texts() == [repr(step) for step in walk]
    assert page.locator("img.picture").is_visible()
    output.backward()
    leaves = [leaf for leaf in walk.walk.leaves if leaf.label]
    said = page.locator("ul li").all_inner_texts()
    assert [line.rpartition(" = ")[2] for line in said] == [repr(leaf.grad) for leaf in leaves]


def test_paper_shows_the_static_steps(open_page: Opener) -> None:
    page = open_page(html(neuron()))
    page.emulate_media(media="print")
    assert page.locator(".app").is_hidden()
    assert page.locator("ol li").first.is_visible()


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_moves_or_sticks_out(width: int, open_page: Opener) -> None:
    page = open_page(html(hidden()), viewport={"width": width, "height": 800})
    places = set()
    for _ in range(23):
        page.keyboard.press("ArrowRight")
        places.add(str([page.locator(f".{c}").bounding_box() for c in ("map", "equation")]))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        body = page.locator(".equation .body")
        assert body.evaluate("body => body.scrollWidth <= body.clientWidth")
    assert len(places) == 1


def test_two_pieces_in_one_document_do_not_disturb_each_other(open_page: Opener) -> None:
    first, second = steps(neuron()), steps(hidden())
    pieces = "".join(walk._repr_mimebundle_()["text/html"] for walk in (first, second))
    page = open_page(f"<!doctype html><meta charset=utf-8><p id=v0>mine</p>{pieces}")
    names = "Object.keys(window).filter((name) => !/^[01]$/.test(name))"  # but for the frames
    assert page.evaluate(names) == open_page("<!doctype html><p>").evaluate(names)
    page = open_page(f"<!doctype html><meta charset=utf-8><p id=v0>mine</p>{pieces}")
    one, two = (page.frame_locator("iframe").nth(i) for i in (0, 1))
    two.locator(".forward").click()
    page.keyboard.press("ArrowRight")
    assert one.locator(".at").inner_text() == "forward 0 of 3"
    assert two.locator(".at").inner_text() == "forward 2 of 11"
    assert page.locator("p#v0").inner_text() == "mine"


def test_without_a_renderer_the_text_tree_takes_its_place(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd.views.pictures.renderer.renderers", list)
    page = open_page(html(neuron()))
    go_to_step(page, steps(neuron()), 1)
    assert "v3 = tanh(v2) = 0.7064  grad 1" in page.locator(".map pre").inner_text()
    assert "pip install graphviz-pure" in page.locator(".map").inner_text()
    assert "finished pass" in page.locator(".map").inner_text()
    same([numbers(page, ".totals")[-1][1]], [repr(steps(neuron())[0].after)])


def chain(length: int) -> Value:
    w = Value(0.999, "w")
    y = Value(0.5, "x")
    for _ in range(length):
        y = (y * w).tanh()
    return y


def test_a_graph_of_hundreds_of_nodes_is_collapsed_and_stepped_through(open_page: Opener) -> None:
    output = chain(150)
    walk = steps(output)
    page = open_page(html(output))
    assert page.locator(".list li").count() == len(walk) == 450
    assert page.locator(".map svg").is_visible()
    page.locator(".last").click()
    same([numbers(page, ".totals")[-1][1]], [repr(walk[-1].after)])
    assert page.locator(".modes").is_hidden()


@pytest.mark.parametrize("build", [lambda: chain(5000), lambda: total([Value(1.0, "x")] * 5000)])
def test_a_huge_graph_gets_a_clear_message(build: Any, open_page: Opener) -> None:
    output = build()
    document = html(output)
    assert len(document) < 1_000_000
    page = open_page(document)
    said = page.locator("body").inner_text()
    assert "explain(y, w)" in said
    assert "steps(part)" in said
    output.backward()
    leaf = next(n for n in steps(output).order if n.label)
    assert f"= {leaf.grad!r}" in said


@pytest.mark.slow
@pytest.mark.parametrize("build", [chain, lambda n: total([Value(1.0, "x")] * n)])
def test_the_page_of_a_graph_four_times_as_large_is_four_times_the_work(build: Any) -> None:
    assert growth(lambda n: html(build(n)), 1200) < 5


def test_a_leaf_has_a_page_too(open_page: Opener) -> None:
    page = open_page(html(Value(2.0, "x")))
    assert "∂x/∂x = 1" in page.locator("body").inner_text()


def test_infinities_and_nan_are_shown(open_page: Opener) -> None:
    x = Value(math.inf, "x")
    page = open_page(html(x * 2.0 + Value(math.nan, "y")))
    page.locator(".last").click()
    assert page.locator(".at").inner_text() == "step 3 of 3"


def test_another_suffix_is_refused_and_a_file_is_written_whole(tmp_path: Path) -> None:
    page = Page(Walk(neuron()))
    with pytest.raises(UsageError, match=r"'steps\.pdf' must end in one of \.html, \.htm"):
        page.save(tmp_path / "steps.pdf")
    page.save(tmp_path / "steps.html")
    page.save(str(tmp_path / "STEPS.HTM"))
    assert (tmp_path / "steps.html").read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(UsageError, match="cannot write"):
        page.save(tmp_path / "missing" / "steps.html")
    assert len([*tmp_path.iterdir()]) == 2


def test_a_page_changes_no_gradient() -> None:
    output = neuron()
    html(output)
    assert not any(node.has_grad for node in steps(output).order)


def test_names_come_from_variables_here_too(open_page: Opener) -> None:
    p, q = Value(2.0), Value(3.0)
    page = open_page(Page(Walk(p * q, {"p": p, "q": q})).document())
    page.get_by_role("button", name="Try it yourself").click()
    assert answer(page, "q")[0] == "right"


def test_the_picture_scrolls_to_the_step(open_page: Opener) -> None:
    page = open_page(html(chain(18)), viewport={"width": 700, "height": 700})
    walk = steps(chain(18))
    for done in (1, 20, 54, 3):
        go_to_step(page, walk, done)
        parent = walk.order.index(walk[done - 1].parent)
        inner, outer = (page.locator(s).bounding_box() for s in (f'[data-id="v{parent}"]', ".map"))
        assert inner["x"] >= outer["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
