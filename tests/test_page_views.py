"""The page as people look at it: zoomed, in the dark, on paper, small, by a screen reader."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings

from autograd import Value, quiz, steps
from autograd import sum as total
from autograd.views.by_hand.questions import questions
from autograd.views.example import hidden_layer_weight
from autograd.views.page.page import Page
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.walk import Walk
from autograd.views.writing.numbers import short
from autograd.views.writing.scripts import HTML, TEXT
from tests.conftest import Opener, violations
from tests.test_graphs import Plan, plans
from tests.test_page import set_in_type
from tests.work import growth


def held() -> Value:
    x = Value(3.0, "x")
    y = x * x + x
    y.label = "y"
    return y


def hidden() -> Value:
    return hidden_layer_weight()[0]


def document(output: Value, *, ask: bool = False) -> str:
    return Page(Walk(output), ask=ask).document()


# What Python sends typeset


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_html_says_what_text_says(plan: Plan) -> None:
    walk = Walk(plan.values()[-1])
    write = Notation(walk, HTML)
    for step in walk.steps:
        for text, markup in (
            (walk.write.local(step.edge), write.local(step.edge)),
            (walk.write.derivative(step.parent), write.derivative(step.parent)),
            (step.formula, getattr(write.partial(step.edge), "text", "") if step.formula else ""),
        ):
            read = "".join(re.sub("<[^>]*>", "", markup).split())
            assert re.sub("[()^]", "", read) == re.sub("[()^]", "", set_in_type(text))
            opened, closed = (re.findall(f"<{slash}([a-z]+)", markup) for slash in ("", "/"))
            assert sorted(opened) == sorted(closed)


def test_what_is_held_stands_below_at_a_bar(open_page: Opener) -> None:
    page = open_page(document(held()))
    page.locator(".last").click()
    x = next(i for i, node in enumerate(Walk(held()).order) if node.label == "x")
    page.locator(f'.map [data-id="v{x}"]').click()
    found = page.locator(".terms .symbols .derivative:last-child")
    assert found.evaluate_all("found => found.map(d => d.getAttribute('aria-label'))") == [
        "∂y/∂x|v1",
        "∂v1/∂x (1st of 2)",
        "∂v1/∂x (2nd of 2)",
    ]
    fraction, bar = (found.first.locator(part).bounding_box() for part in (".fraction", ".held"))
    assert bar["x"] >= fraction["x"] + fraction["width"] - 1
    above, below = found.first.locator(".fraction > span").all()
    assert above.bounding_box()["y"] < below.bounding_box()["y"]
    name = found.first.locator(".held i").bounding_box()
    assert name["y"] > fraction["y"] + fraction["height"] / 2


def test_edges_out_of_a_node_are_uses(open_page: Opener) -> None:
    page = open_page(document(held()))
    said = set()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        said |= set(page.locator(".reports").all_inner_texts())
    several = {f"{'●' * i}{'○' * (3 - i)}{i} of 3 uses reported" for i in (1, 2, 3)}
    assert said == {"its only use has reported", *several}


# Larger, smaller, all of it


def width(page: Any) -> float:
    found: float = page.locator(".map svg").bounding_box()["width"]
    return found


def test_the_picture_grows_shrinks_and_fits(open_page: Opener) -> None:
    page = open_page(document(hidden()))
    natural = width(page)
    page.locator(".closer").click()
    assert width(page) == pytest.approx(natural * 1.25, rel=0.02)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert width(page) == pytest.approx(natural * 0.8, rel=0.02)
    page.keyboard.press("0")
    frame, svg = (page.locator(part).bounding_box() for part in (".map", ".map svg"))
    assert svg["width"] <= frame["width"]
    assert svg["height"] <= frame["height"]
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert width(page) == pytest.approx(natural * 1.25**2, rel=0.02)


def test_the_picture_is_dragged_and_a_drag_is_no_click(open_page: Opener) -> None:
    page = open_page(document(hidden()))
    for _ in range(4):
        page.keyboard.press("+")
    place = "map => [map.scrollLeft, map.scrollTop]"
    before = page.locator(".map").evaluate(place)
    box = page.locator(".map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 40, steps=4)
    page.mouse.up()
    after = page.locator(".map").evaluate(place)
    assert after == [before[0] + 60, before[1] + 40]
    assert page.locator(".follow").is_hidden()


def test_large_type_and_the_full_screen(open_page: Opener) -> None:
    page = open_page(document(held()))
    size = "getComputedStyle(document.body).fontSize"
    before = page.evaluate(size)
    page.keyboard.press("l")
    assert page.locator("button.large").get_attribute("aria-pressed") == "true"
    assert float(page.evaluate(size)[:-2]) > 1.3 * float(before[:-2])
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement")
    page.locator(".screen").click()
    page.wait_for_function("!document.fullscreenElement")


# Whoever looks, and wherever


@pytest.mark.parametrize("mode", ["walk", "try"])
@pytest.mark.parametrize(
    "viewer",
    [
        {},
        {"color_scheme": "dark"},
        {"forced_colors": "active"},
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 640, "height": 500}, "device_scale_factor": 2},
    ],
    ids=["light", "dark", "forced colours", "320 px", "200 %"],
)
def test_axe_finds_nothing(viewer: dict[str, Any], mode: str, axe: str, open_page: Opener) -> None:
    page = open_page(document(hidden()), bypass_csp=True, **viewer)
    page.locator(f"button.{mode}").click()
    if mode == "walk":
        page.locator(".list summary").click()
        for position in ("0", "5", "20"):
            page.locator(".slider").fill(position)
            assert violations(page, axe) == []
    for text in ("17", "one", "1") if mode == "try" else ():
        page.locator(".field").fill(text)
        page.locator(".check").click()
        assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_that_was_asked_for_is_told_where_no_script_runs(open_page: Opener) -> None:
    loss, weight = hidden_layer_weight()
    for html in (
        document(loss, ask=True),
        quiz(loss, weight)._repr_mimebundle_()["text/html"],
    ):
        static = re.sub("<(script|template|iframe).*?</\\1>", "", html, flags=re.DOTALL)
        page = open_page(static, java_script_enabled=False)
        said = page.locator("body").inner_text()
        assert "What is the local derivative" in said
        assert "C0 = (a1(3) − y1)2 + (a2(3) − y2)2" in said
        assert "w22(2) = −0.3" in said
        computed = {short(node.data) for node in Walk(loss).order}
        found = {short(x) for step in Walk(loss).steps for x in (step.after, step.contribution)}
        for number in found - computed:
            assert number.replace("-", "−") not in said or len(number) < 4
        [encoded] = re.findall(r'img class="picture"[^>]*utf-8,([^"]*)', static)
        svg = unquote(encoded)
        assert set(re.findall(r"grad&#160;\S+|grad [^\s<]+", svg)) == {"grad ?"}
        assert page.locator("button, input, select").count() == 0


def test_a_quiz_on_paper_is_a_sheet_of_questions(open_page: Opener) -> None:
    page = open_page(document(hidden(), ask=True))
    page.emulate_media(media="print")
    assert page.locator(".app").is_hidden()
    asked = page.locator(".static ol li")
    assert asked.count() == len(questions(Walk(hidden())))
    assert all(line.endswith("______") for line in asked.all_inner_texts())
    assert page.locator(".static ul").count() == 0


def test_a_piece_is_a_frame_where_scripts_run_and_the_steps_on_paper(open_page: Opener) -> None:
    piece = steps(hidden())._repr_mimebundle_()["text/html"]
    wrapped = f"<body style='color: #ddd; background: #111'><div>{piece}</div>"
    page = open_page(f"<!doctype html><meta charset=utf-8>{wrapped}")
    frame = page.frame_locator("iframe")
    frame.locator("html[style*=dark]").wait_for()  # for the text around is light
    assert page.locator(".static").is_hidden()
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    inner = frame.locator("html").evaluate("html => html.getBoundingClientRect().height")
    assert page.locator("iframe").bounding_box()["height"] == pytest.approx(inner, abs=1)
    page.emulate_media(media="print")
    assert page.locator("iframe").is_hidden()
    assert page.locator(".static ol li").first.is_visible()


@pytest.mark.parametrize("handlers", ["kept", "dropped"])
def test_a_piece_works_where_no_inline_script_runs(handlers: str, open_page: Opener) -> None:
    piece = steps(hidden())._repr_mimebundle_()["text/html"]
    if handlers == "dropped":
        piece = re.sub(' onload="[^"]*"', "", piece)
    page = open_page("<!doctype html><meta charset=utf-8><body>")
    page.evaluate("piece => { document.body.innerHTML = piece; }", piece)
    frame = page.frame_locator("iframe")
    frame.locator(".forward").click()
    assert frame.locator(".at").inner_text() == "forward 1 of 11"
    assert page.locator(".static").is_hidden()
    assert page.locator("iframe").bounding_box()["height"] > 600


def test_the_summary_says_what_went_wrong_as_the_terminal_does(open_page: Opener) -> None:
    x = Value(3.0, "x")
    page = open_page(document(x * x, ask=True))
    answers = ["2*x", "x", "x", "5", "6"]
    for text in answers:
        page.locator(".field").fill(text)
        page.locator(".check").click()
        if page.locator(".verdict.right").count():
            page.locator(".check").click()
    typed = iter(answers)
    score = quiz(x * x).ask(lambda _: next(typed), lambda _: None)
    assert page.locator(".prompt").inner_text() == str(score)
    assert str(score) == (
        "3 of 3 right: 1 at once, 2 in the end\n"
        "what went wrong: uses taken together (1), no known mistake (1)"
    )


def _chain(n: int) -> Value:
    w, y = Value(0.999, "w"), Value(0.5, "x")
    for _ in range(n):
        y = (y * w).tanh()
    return y


@pytest.mark.slow
@pytest.mark.parametrize("build", [_chain, lambda n: total([Value(1.0, "x")] * n)])
def test_a_quiz_on_a_graph_four_times_as_large_is_four_times_the_work(build: Any) -> None:
    assert growth(lambda n: quiz(build(n)), 1000) < 6


@pytest.mark.slow
def test_a_long_expression_is_cut() -> None:
    x = [Value(1.0, f"x_{i}") for i in range(2000)]
    y = x[0]
    for other in x[1:]:
        y = y * other
    assert len(Page(Walk(y)).document()) < 500_000
    assert TEXT.ellipsis in Page(Walk(y)).document()
