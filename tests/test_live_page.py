"""The numbers of a page, changed in a real browser: all that follows is what Python finds there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

from autograd import Value, atan2, maximum, norm, rule, where
from autograd.graph import topological_order
from autograd.views.page.page import Page
from autograd.views.tracing.walk import Walk
from autograd.views.writing.numbers import short
from autograd.views.writing.scripts import HTML
from tests.conftest import Opener, violations

pytestmark = pytest.mark.slow

Build = Callable[..., tuple[Value, dict[str, Value]]]


def neuron(w: float = -3.0, x: float = 2.0, b: float = 6.88) -> tuple[Value, dict[str, Value]]:
    leaves = {"w": Value(w, "w"), "x": Value(x, "x"), "b": Value(b, "b")}
    return ((leaves["w"] * leaves["x"] + leaves["b"]).tanh() - 1) ** 2, leaves


def logarithm(x: float = 2.0, y: float = 3.0) -> tuple[Value, dict[str, Value]]:
    leaves = {"x": Value(x, "x"), "y": Value(y, "y")}
    return leaves["x"].log() * leaves["y"] + leaves["y"], leaves


def branch(x: float = 2.0) -> tuple[Value, dict[str, Value]]:
    leaf = Value(x, "x")
    return leaf * leaf if leaf > 1 else leaf + 1, {"x": leaf}


def choice(x: float = 2.0) -> tuple[Value, dict[str, Value]]:
    leaf = Value(x, "x")
    return where(leaf > 0, leaf * leaf, -leaf), {"x": leaf}


def html(build: Build, **numbers: float) -> str:
    return Page(Walk(build(**numbers)[0])).document()


def field(page: Any, name: str) -> Any:
    return page.get_by_role("textbox", name=name, exact=True)


def row(page: Any, name: str) -> Any:
    return page.locator(".leaves li").filter(has=field(page, name))


def box(page: Any, build: Build, name: str) -> Any:
    """Return the box of a leaf in the picture."""
    return page.locator(place(build, name))


def place(build: Build, name: str) -> str:
    output, leaves = build()
    return f'.map [data-id="v{topological_order(output).index(leaves[name])}"]'


def until(page: Any, holds: str) -> None:
    """Wait until an expression is true, which the page's policy lets no one else evaluate."""
    for _ in range(500):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(20)
    raise AssertionError(holds)


def settled(page: Any) -> None:
    """Wait until what was done is on the screen."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def enter(page: Any, name: str, text: str) -> None:
    field(page, name).fill(text)
    field(page, name).press("Enter")
    settled(page)


def shown(page: Any, build: Build) -> dict[str, float]:
    """Return the numbers of the leaves, to the last bit."""
    found = {}
    for name in build()[1]:
        field(page, name).focus()
        found[name] = float(field(page, name).input_value())
    return found


def follows(page: Any, build: Build, **numbers: float) -> None:
    """Compare the leaves, their gradients, every box and the facts with a graph built anew."""
    output, leaves = build(**numbers)
    output.backward()
    assert shown(page, build) == {name: leaf.data for name, leaf in leaves.items()}
    for name, leaf in leaves.items():
        slope = row(page, name).locator(".slope .number").get_attribute("title")
        assert float(slope) == pytest.approx(leaf.grad, rel=1e-13)
    for i, node in enumerate(topological_order(output)):
        texts = page.locator(f'.map [data-id="v{i}"] text').all_text_contents()
        if "grad" in texts[-1]:
            gradient = texts[-1].removeprefix("grad ").split(" (")[0]
            assert texts[-2:-1] == [short(node.data)]
            assert gradient == short(node.grad)
    exact = page.locator(".facts .number").get_attribute("title")
    assert float(exact) == pytest.approx(output.data, rel=1e-13)


@pytest.mark.parametrize(
    ("text", "number"), [("-2.5", -2.5), ("1/3", 1 / 3), ("√2", math.sqrt(2)), ("2e-3", 2e-3)]
)
def test_a_typed_number_moves_all_that_depends_on_it(
    text: str, number: float, open_page: Opener
) -> None:
    page = open_page(html(neuron))
    enter(page, "w", text)
    follows(page, neuron, w=number)
    enter(page, "x", "0.7")
    follows(page, neuron, w=number, x=0.7)


def test_a_choice_goes_the_other_way(open_page: Opener) -> None:
    page = open_page(html(choice))
    enter(page, "x", "-1.5")
    follows(page, choice, x=-1.5)
    assert page.locator(".state").inner_text() == ""


@pytest.mark.parametrize(
    "number",
    [
        2.5e-05,
        -2.5e-05,
        1e-300,
        5e-324,
        -3e21,
        12345.0,
        -0.25,
        0.0,
        1.0625,
        0.40625,
        -1234.25,
        1234.75,
        9.99951,
        9999.5,
    ],
)
def test_a_number_is_typeset_as_python_has_it(number: float, open_page: Opener) -> None:
    page = open_page(html(neuron))
    enter(page, "b", repr(number))
    page.locator(place(neuron, "b")).click()
    made = page.locator(".derivation .definition .number").last.inner_html()
    assert made == HTML.number(number)


def test_an_edge_from_a_constant_has_the_slope_of_the_moment(open_page: Opener) -> None:
    def scaled(x: float = 3.0) -> tuple[Value, dict[str, Value]]:
        leaf = Value(x, "x")
        return leaf.exp() * 0.5 + 2 * leaf, {"x": leaf}

    page = open_page(html(scaled))
    enter(page, "x", "-1")
    output, _ = scaled(-1.0)
    order = topological_order(output)
    seen = 0
    for i, node in enumerate(order):
        for k, parent in enumerate(node.parents):
            if not parent.parents and not parent.label:
                edge = page.locator(f'.map [data-id="v{i}from{k}"] text')
                assert edge.text_content() == short(node.partials[k])
                seen += 1
    assert seen == 2


@pytest.mark.parametrize("text", ["", "two", "1/0", "w", "1e999", "<b>1</b>", "alert(1)"])
def test_what_is_no_number_keeps_the_last_one_and_says_so(text: str, open_page: Opener) -> None:
    page = open_page(html(neuron))
    enter(page, "w", "-2")
    field(page, "w").fill(text)
    assert field(page, "w").get_attribute("aria-invalid") == "true"
    field(page, "w").press("Enter")
    assert "w stays -2" in page.locator(".told").inner_text()
    field(page, "x").focus()
    follows(page, neuron, w=-2.0)
    assert field(page, "w").get_attribute("aria-invalid") is None


def test_what_is_typed_follows_at_once(open_page: Opener) -> None:
    page = open_page(html(neuron))
    field(page, "w").press("Control+a")
    page.keyboard.type("-2.25")
    settled(page)
    assert box(page, neuron, "w").locator("text").all_text_contents()[1] == "-2.25"
    assert field(page, "w").input_value() == "-2.25"
    page.keyboard.press("Control+z")
    follows(page, neuron)


def test_arrows_step_in_the_field_the_slider_and_the_picture(open_page: Opener) -> None:
    page = open_page(html(neuron))
    field(page, "w").press("ArrowUp")
    settled(page)
    assert shown(page, neuron)["w"] == -2.9
    row(page, "w").locator("[type=range]").press("Shift+ArrowLeft")
    settled(page)
    assert shown(page, neuron)["w"] == -3.9
    box(page, neuron, "w").press("ArrowDown")
    settled(page)
    follows(page, neuron, w=-4.0)


def test_steps_are_of_short_numbers_and_each_press_is_a_step_back(open_page: Opener) -> None:
    page = open_page(html(neuron, w=0.1, x=0.1))
    entered = "document.querySelector('.entered[aria-label=\"w\"]')"
    press = (
        'dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowUp", bubbles: true, repeat: %s}))'
    )

    def press_all(*repeats: str) -> None:  # in one frame
        page.evaluate(";".join(f"{entered}.{press % repeat}" for repeat in repeats))
        settled(page)

    field(page, "w").focus()
    reach = float(row(page, "w").locator("[type=range]").get_attribute("max"))
    press_all("false", "false", "false", "true", "true")
    found = shown(page, neuron)["w"]
    assert found == round(0.1 + 5 * reach / 100, 6)
    for steps in (2, 1, 0):
        page.locator("button.undo").click()
        settled(page)
        assert shown(page, neuron)["w"] == round(0.1 + steps * reach / 100, 6)
    assert page.locator("button.undo").get_attribute("aria-disabled") == "true"


def test_a_slider_reaches_further_once_it_has_come_to_its_end(open_page: Opener) -> None:
    page = open_page(html(neuron))
    slider = row(page, "w").locator("[type=range]")
    assert slider.get_attribute("max") == "10"
    slider.press("End")
    settled(page)
    assert shown(page, neuron)["w"] == 10
    assert slider.get_attribute("max") == "20"
    enter(page, "w", "3e-6")
    assert slider.get_attribute("max") == "0.00001"
    follows(page, neuron, w=3e-6)


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_a_box_of_the_picture_is_dragged_and_that_is_one_step_back(
    touch: bool, open_page: Opener
) -> None:
    page = open_page(html(neuron), has_touch=touch)
    found = box(page, neuron, "w").bounding_box()
    x, y = found["x"] + found["width"] / 2, found["y"] + found["height"] / 2
    if touch:
        cdp = page.context.new_cdp_session(page)

        def finger(kind: str, *points: float) -> None:
            touches = [{"x": at, "y": y} for at in points]
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

        finger("touchStart", x)
        for across in range(0, 41, 4):
            finger("touchMove", x + across)
        finger("touchEnd")
    else:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 3, steps=5)
        page.mouse.up()
    settled(page)
    assert page.locator(".follow").is_hidden()  # it was no click
    follows(page, neuron, w=-1.0)
    page.keyboard.press("Control+z")
    follows(page, neuron)


# One step back


def test_every_change_is_undone_and_done_again(open_page: Opener) -> None:
    page = open_page(html(neuron))
    numbers = [-3.0, -2.0, 0.5, 1.25]
    for number in numbers[1:]:
        enter(page, "w", str(number))
    for number in numbers[-2::-1]:
        page.locator("button.undo").click()
        follows(page, neuron, w=number)
    assert page.locator("button.undo").get_attribute("aria-disabled") == "true"
    page.locator("button.undo").click(force=True)
    follows(page, neuron)
    for keys, number in zip(
        ["Control+y", "Control+Shift+z", "Control+y"], numbers[1:], strict=True
    ):
        page.keyboard.press(keys)
        follows(page, neuron, w=number)
    page.locator("button.reset").click()
    settled(page)
    follows(page, neuron)
    page.locator("button.undo").click()
    follows(page, neuron, w=1.25)
    enter(page, "x", "1")
    assert page.locator("button.redo").get_attribute("aria-disabled") == "true"


def test_the_address_has_the_numbers(open_page: Opener) -> None:
    page = open_page(html(neuron))
    enter(page, "w", "-2.5")
    enter(page, "b", "1e21")
    until(page, "location.hash.includes('b=')")
    address = page.url
    assert parse_qs(address.split("#")[1]) == {"w": ["-2.5"], "b": ["1e+21"]}
    page.goto("about:blank")
    page.goto(address)
    follows(page, neuron, w=-2.5, b=1e21)
    page.locator("button.reset").click()
    until(page, "!location.hash")
    page.evaluate("location.hash = '#x=.5'")
    until(page, "document.querySelector('.leaves li:nth-child(2) input').value === '0.5'")
    follows(page, neuron, x=0.5)


def test_leaves_of_one_name_have_addresses_of_their_own(open_page: Opener) -> None:
    leaves = [Value(float(i), "x") for i in range(3)] + [Value(4.0, "0")]  # the place of the first
    y = leaves[0] * leaves[1] + leaves[2] * leaves[3]
    page = open_page(Page(Walk(y)).document())
    fields = page.locator(".entered")
    for i in range(4):
        fields.nth(i).fill(str(i + 10))
        fields.nth(i).press("Enter")
    until(page, "location.hash.split('&').length === 4")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    assert [fields.nth(i).input_value() for i in range(4)] == ["10", "11", "12", "13"]


HOSTILE = [
    "w=1;alert(1)", "w=alert(1)", "<img src=x onerror=alert(1)>=1", "w=<script>alert(1)</script>",
    "__proto__=3", "constructor=1", "w=NaN", "w=1e999", "w=0x10", "w", "=", "%", "%E0%A4%A=1",
    "w=" + "9" * 100_000, "q=1&" * 2000 + "q=2",
]  # fmt: skip


@pytest.mark.parametrize("hash", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_address_is_ignored_in_one_sentence(hash: str, open_page: Opener) -> None:
    page = open_page(html(neuron))
    address = f"{page.url}#{quote(hash, safe='=&;()<>%')}&x=0.5"
    page.goto("about:blank")
    page.goto(address)
    page.locator(".told").filter(has_text="Ignored in the address").wait_for()
    assert page.locator(".told").inner_text().count(".") <= 2
    assert len(page.locator(".told").inner_text()) < 120
    assert page.locator(".told *").count() == 0
    follows(page, neuron, x=0.5)


def test_a_frame_has_no_address_to_share(open_page: Opener) -> None:
    page = open_page("<!doctype html>" + Page(Walk(neuron()[0])).fragment())
    frame = page.frame_locator("iframe")
    frame.locator(".entered").first.fill("-2")
    frame.locator(".undo").click()
    assert frame.locator("button.share").is_hidden()
    assert frame.locator(".entered").first.input_value() == "-3"


# Gradient descent


def descended(rate: float, count: int, learned: str = "wb") -> tuple[dict[str, float], list[float]]:
    numbers, losses = {"w": -3.0, "x": 2.0, "b": 6.88}, []
    for _ in range(count):
        output, leaves = neuron(**numbers)
        output.backward()
        losses.append(output.data)
        for name in learned:
            numbers[name] -= rate * leaves[name].grad
    return numbers, [*losses, neuron(**numbers)[0].data]


def losses(page: Any) -> int:
    """Return how many losses are drawn."""
    path: str = page.locator(".descent .curve").get_attribute("d")
    return path.count("M") + path.count("L")


def test_descent_is_a_loop_in_python(open_page: Opener) -> None:
    page = open_page(html(neuron))
    page.locator(".descent summary").click()
    page.locator(".updates strong").first.wait_for()
    updates = page.locator(".descent .updates").inner_text()
    assert "= −3 − 0.1 · (−0.5883) = −2.941" in " ".join(updates.split())
    page.locator(".one").click()
    numbers, _ = descended(0.1, 1)
    assert shown(page, neuron) == pytest.approx(numbers, rel=1e-13)
    page.locator(".ten").click()
    numbers, on_the_way = descended(0.1, 11)
    assert shown(page, neuron) == pytest.approx(numbers, rel=1e-12)
    assert losses(page) == 12
    said = page.locator(".descent svg.chart").get_attribute("aria-label")
    assert f"from {short(on_the_way[0])} to {short(on_the_way[-1])}" in said
    page.locator(".undo").click()
    assert shown(page, neuron) == pytest.approx(descended(0.1, 1)[0], rel=1e-13)
    assert losses(page) == 2
    page.locator(".undo").click()
    follows(page, neuron)


def test_the_losses_that_are_kept_are_the_last(open_page: Opener) -> None:
    page = open_page(html(neuron))
    page.locator(".descent summary").click()
    page.evaluate("for (let k = 0; k < 101; k += 1) document.querySelector('.ten').click()")
    settled(page)
    assert losses(page) == 1000
    loss = page.locator(".facts .number").get_attribute("title")
    said = page.locator(".descent svg.chart").get_attribute("aria-label")
    assert f" to {short(float(loss))}" in said


def test_the_rate_and_what_is_learned_are_chosen(open_page: Opener) -> None:
    page = open_page(html(neuron))
    page.locator(".descent summary").click()
    boxes = page.locator(".learned input")
    assert [boxes.nth(i).is_checked() for i in range(3)] == [True, False, True]
    boxes.nth(1).check()
    boxes.nth(0).uncheck()
    page.locator(".rate").fill("0")
    page.locator(".ten").click()
    assert shown(page, neuron) == pytest.approx(descended(1.0, 10, "xb")[0], rel=1e-11)


def test_descent_stops_where_there_is_no_loss(open_page: Opener) -> None:
    page = open_page(html(logarithm, x=0.5))
    page.locator(".descent summary").click()
    page.locator(".rate").fill("1")
    page.locator(".ten").click()
    assert "Stopped after 1: the loss has no value there" in page.locator(".told").inner_text()
    assert shown(page, logarithm)["x"] == pytest.approx(0.5 - 10 * 6)
    assert "no value" in page.locator(".state").inner_text()
    page.locator(".one").click()
    assert "The loss has no value here" in page.locator(".told").inner_text()
    page.keyboard.press("Control+z")
    follows(page, logarithm, x=0.5)


# The curve


def test_the_curve_has_the_tangent_that_python_has(open_page: Opener) -> None:
    page = open_page(html(neuron))
    enter(page, "w", "-3.5")
    output, leaves = neuron(w=-3.5)
    output.backward()
    said = page.locator(".tangent svg.chart").get_attribute("aria-label")
    assert said.startswith("v5 against w from -10 to 10; at w = -3.5: ")
    assert f"v5 = {short(output.data)}, slope {short(leaves['w'].grad)}" in said
    enter(page, "b", "5")
    said = page.locator(".tangent svg.chart").get_attribute("aria-label")
    assert said.startswith("v5 against b from -20 to 20; at b = 5: ")
    scale = drawn_as(page, [neuron(w=-3.5, b=-20 + k / 3)[0].data for k in range(121)])
    (left, low), (right, high) = corners(page, "touching")
    output, leaves = neuron(w=-3.5, b=5.0)
    output.backward()
    steepness = scale * leaves["b"].grad * 40 / 330  # 40 to be seen, 330 wide
    assert (high - low) / (right - left) == pytest.approx(steepness, abs=1e-3)
    page.locator(".tangent select").select_option(label="w")
    drawn_as(page, [neuron(w=-10 + k / 6, b=5.0)[0].data for k in range(121)])
    page.locator("button.undo").click()
    drawn_as(page, [neuron(w=-10 + k / 6)[0].data for k in range(121)])


def test_the_curve_is_drawn_anew_where_a_leaf_leaves_what_is_drawn(open_page: Opener) -> None:
    page = open_page(html(neuron))
    enter(page, "w", "-3.5")
    enter(page, "w", "-30")
    chart = page.locator(".tangent svg.chart")
    assert chart.get_attribute("aria-label").startswith("v5 against w from -100 to 100; ")
    drawn_as(page, [neuron(w=-100 + 5 * k / 3)[0].data for k in range(121)])


def test_a_pole_does_not_flatten_the_curve(open_page: Opener) -> None:
    def pole(x: float = 2.0) -> tuple[Value, dict[str, Value]]:
        leaf = Value(x, "x")
        return leaf * leaf + 0.01 / (leaf * leaf * leaf * leaf), {"x": leaf}

    page = open_page(html(pole))
    enter(page, "x", "2.5")
    (left, low), *others = corners(page, "curve")
    nearby = [height for x, height in others if x < left + 60]
    chart = page.locator(".tangent svg.chart").bounding_box()["height"]
    assert low < min(nearby)
    assert max(nearby) - low > 0.15 * chart


def corners(page: Any, kind: str) -> list[tuple[float, ...]]:
    """Return the points of a line that is drawn against a leaf."""
    path = page.locator(f".tangent .{kind}").get_attribute("d")
    points = path.replace("M", "L").split("L")[1:]
    return [tuple(map(float, point.split())) for point in points]


def drawn_as(page: Any, truth: list[float]) -> float:
    """Compare the curve with what Python finds; return how high 1 is drawn."""
    heights = [height for _, height in corners(page, "curve")]
    highest, lowest = truth.index(max(truth)), truth.index(min(truth))
    scale = (heights[highest] - heights[lowest]) / (truth[highest] - truth[lowest])
    assert scale < 0  # downwards, as a screen counts
    expected = [heights[lowest] + scale * (value - truth[lowest]) for value in truth]
    assert heights == pytest.approx(expected, abs=0.11)
    return scale


@pytest.mark.parametrize("number", [1e308, -1.7e308, 5e-324, 0.0, math.inf, math.nan])
def test_the_curve_is_drawn_as_far_as_numbers_go(number: float, open_page: Opener) -> None:
    page = open_page(html(neuron, w=number, x=0.5))
    enter(page, "b", "1e308")
    page.locator(".tangent select").select_option(label="w")
    enter(page, "x", "-1e308")
    page.locator(".descent summary").click()
    page.locator(".ten").click()
    for kind in ("tangent", "descent"):
        markup = page.locator(f".{kind} svg.chart").inner_html()
        assert not any(wrong in markup for wrong in ("NaN", "Infinity", "undefined"))


def test_the_curve_has_gaps_where_there_is_no_value(open_page: Opener) -> None:
    page = open_page(html(logarithm))
    page.locator(".tangent select").select_option(label="x")
    path = page.locator(".tangent .curve").get_attribute("d")
    assert path.count("M") == 1
    assert path.count("L") == 59  # of 120: the right half without 0
    enter(page, "x", "-1")
    assert "at x = -1: no value" in page.locator(".tangent svg.chart").get_attribute("aria-label")
    assert page.locator(".tangent circle").count() == 0


# Where there is no value, or another branch


def test_an_operation_without_a_value_says_so_and_recovers(open_page: Opener) -> None:
    page = open_page(html(logarithm))
    enter(page, "x", "0")
    assert page.locator(".state").inner_text() == "log(x) at x = 0: no value; x must be positive."
    assert "log(x)" in page.locator(".map .refused").text_content().replace("\xa0", " ")
    texts = page.locator(".map .refused text").all_text_contents()
    assert texts[-2:] == ["—", "grad —"]
    assert row(page, "x").locator(".slope").inner_text() == "—"
    body = page.locator(".app").inner_text()
    assert "NaN" not in body
    assert "∞" not in body
    enter(page, "x", "1.5")
    assert page.locator(".state").inner_text() == ""
    assert page.locator(".map .refused").count() == 0
    follows(page, logarithm, x=1.5)


def test_what_is_told_of_a_refusal_names_no_constant(open_page: Opener) -> None:
    def build(x: float = 2.0) -> tuple[Value, dict[str, Value]]:
        leaf = Value(x, "x")
        return (1 / leaf).exp() + 2, {"x": leaf}

    page = open_page(html(build))
    enter(page, "x", "0")
    fraction, _, said = page.locator(".state").inner_text().partition(" at ")
    assert fraction.split() == ["1", "x"]
    assert said == "x = 0: no value; x must not be 0."
    enter(page, "x", "0.5")
    follows(page, build, x=0.5)


@pytest.mark.parametrize("label", ["{0}", "{#1}", "{z}", "{\ue0000}", "$&", "</span>", "a\u202eb"])
def test_a_label_is_a_label_even_if_it_looks_like_a_hole(label: str, open_page: Opener) -> None:
    w, x = Value(3.0, label), Value(2.0, "x")
    walk = Walk((w * x + w).tanh() / w)
    name = walk.names[w].unicode
    page = open_page(Page(walk).document())
    page.locator(".entered").last.fill("0.5")
    page.locator(".map [data-id='v0']").click()
    assert name in page.locator(".app .facts").inner_text()
    assert page.locator(".derivation .sums .derivative").count() > 3
    assert "aria" not in page.locator(".derivation").inner_text()
    page.get_by_role("button", name="Try it yourself").click()
    page.locator(".extent").select_option("gradients")
    assert name in page.locator(".prompt").inner_text()
    assert name in hint_of(page)


def test_paper_has_the_numbers_of_the_moment(open_page: Opener) -> None:
    page = open_page(html(neuron))
    enter(page, "w", "-2")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".static").is_hidden()
    assert box(page, neuron, "w").is_visible()
    steps = [str(step) for step in Walk(neuron(w=-2.0)[0]).steps]
    assert page.locator(".list li").all_inner_texts() == steps
    for control in page.locator(".app :is(button.reset, [type=range], .controls)").all():
        assert control.is_hidden()
    page.emulate_media(media="screen")
    page.locator("button.reset").click()
    settled(page)
    page.emulate_media(media="print")
    assert page.locator(".app").is_hidden()


def ladder(x: float = 0.5) -> tuple[Value, dict[str, Value]]:
    leaf = Value(x, "x")
    y = leaf
    for _ in range(40):
        y = (y * leaf).sin() + leaf
    return y, {"x": leaf}


def test_a_long_list_of_steps_follows_where_it_is_seen_and_then_whole(open_page: Opener) -> None:
    page = open_page(html(ladder), viewport={"width": 1280, "height": 4000})
    steps = {x: [str(step) for step in Walk(ladder(x)[0]).steps] for x in (0.5, 0.25)}
    rows = page.locator(".list li")
    assert page.locator(".list").get_attribute("open") is not None
    assert rows.all_text_contents() == steps[0.5]
    page.locator(".list ol").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    page.evaluate("clearTimeout = setTimeout = () => 0")  # it is never quiet
    enter(page, "x", "0.25")
    assert rows.last.text_content() == steps[0.25][-1]
    assert rows.first.text_content() == steps[0.5][0]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert rows.all_text_contents() == steps[0.25]


def test_all_of_a_long_list_is_written_when_it_is_quiet(open_page: Opener) -> None:
    page = open_page(html(ladder))
    enter(page, "x", "0.75")
    page.locator(".list summary").click()
    steps = [str(step) for step in Walk(ladder(0.75)[0]).steps]
    last = "document.querySelector('.list li:last-child').textContent"
    until(page, f"{last} === {json.dumps(steps[-1])}")
    assert page.locator(".list li").all_text_contents() == steps


def test_a_fraction_within_a_fraction_is_read_out(open_page: Opener) -> None:
    z, x = Value(1.0, "z"), Value(2.0, "x")
    y = atan2(z, x) * x
    page = open_page(Page(Walk(y)).document())
    for step, button in zip(Walk(y).steps, page.locator(".list li button").all(), strict=True):
        assert button.text_content() == str(step)


def kinked(x: float = 2.0) -> tuple[Value, dict[str, Value]]:
    leaf = Value(x, "x")
    return norm([leaf, leaf.sin()]) * leaf.relu() + maximum(leaf, 2.5) * leaf, {"x": leaf}


@pytest.mark.parametrize("x", [0.0, -1.5, 3.0])
def test_what_a_page_says_on_another_branch_is_true_there(x: float, open_page: Opener) -> None:
    page = open_page(html(kinked))
    enter(page, "x", repr(x))
    output, leaves = kinked(x)
    output.backward()
    page.locator(".map [data-id='v0']").click()
    rows = page.locator(".derivation .sums .side").all_text_contents()
    assert "sin" not in "".join(rows)
    *_, sum_of, total = [row.replace("−", "-").replace(" × 10", "e") for row in rows]
    assert sum(map(float, re.sub("[()]", "", sum_of).split(" + "))) == pytest.approx(
        leaves["x"].grad, rel=1e-2
    )
    assert total == short(leaves["x"].grad)
    page.get_by_role("button", name="Try it yourself").click()
    page.locator(".extent").select_option("gradients")
    hints = [hint_of(page) for _ in range(3)]
    assert hints[1] == "Another branch is taken than where this page was made."
    sides = hints[2].replace("−", "-").split(" = ")[-1].split(" + ")
    found = [math.prod(map(float, re.sub("[()]", "", side).split(" · "))) for side in sides]
    assert sum(found) == pytest.approx(leaves["x"].grad, rel=1e-2)


def hint_of(page: Any) -> str:
    """Return one more hint."""
    page.locator("button.hint").click()
    text: str = page.locator(".hints li").last.text_content()
    return text


def test_a_frozen_if_that_would_turn_is_told(open_page: Opener) -> None:
    page = open_page(html(branch))
    enter(page, "x", "0.5")
    said = page.locator(".state").inner_text()
    assert said.startswith("x > 1 was true when this graph was recorded (")
    assert "test_live_page.py" in said
    assert "what is shown is not" in said
    enter(page, "x", "1.5")
    assert page.locator(".state").inner_text() == ""
    follows(page, branch, x=1.5)


def test_leaves_below_a_rule_of_no_source_say_why_they_stay(open_page: Opener) -> None:
    @rule
    def only_floats(x: Any) -> Any:
        return math.erf(float(x)), (2 / math.sqrt(math.pi) * math.exp(-(float(x) ** 2)),)

    w, x = Value(0.5, "w"), Value(2.0, "x")
    page = open_page(Page(Walk(only_floats(w * 1) * x)).document())
    assert page.locator(".leaves li").count() == 1
    assert page.locator(".kept").inner_text().startswith("w cannot be changed here")
    enter(page, "x", "-1")
    slope = page.locator(".slope .number").get_attribute("title")
    assert float(slope) == math.erf(0.5)
    page = open_page(Page(Walk(only_floats(w))).document())
    for place in (".edits", ".tangent", ".descent", ".leaves li"):
        assert not page.locator(place).is_visible()


# Whoever changes them, and how many there are


def test_all_is_done_by_keyboard_alone(open_page: Opener) -> None:
    page = open_page(html(neuron))

    def tab_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("at => document.activeElement.matches(at)", selector):
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    tab_to(place(neuron, "w"))
    page.keyboard.press("ArrowUp")
    tab_to('.entered[aria-label="x"]')
    page.keyboard.type("1")  # what is focused by Tab is selected
    tab_to('li:nth-child(3) [type="range"]')
    page.keyboard.press("ArrowDown")
    settled(page)
    follows(page, neuron, w=-2.9, x=1.0, b=6.68)
    tab_to(".descent summary")
    page.keyboard.press("Enter")
    tab_to(".rate")
    page.keyboard.press("End")
    tab_to(".learned input")
    page.keyboard.press("Space")
    tab_to(".one")
    page.keyboard.press("Enter")
    output, leaves = neuron(w=-2.9, x=1.0, b=6.68)
    output.backward()
    assert shown(page, neuron)["b"] == pytest.approx(6.68 - 10 * leaves["b"].grad, rel=1e-13)
    assert shown(page, neuron)["w"] == -2.9


def test_more_leaves_are_listed_when_they_are_asked_for(open_page: Opener) -> None:
    leaves = [Value(0.1 * i, f"x_{i}") for i in range(60)]
    y = leaves[0]
    for leaf in leaves[1:]:
        y = y + leaf * leaf
    page = open_page(Page(Walk(y)).document())
    rows = page.locator(".leaves li")
    for count, rest in ((24, "More (36)"), (48, "More (12)"), (60, "")):
        assert rows.count() == count
        more = page.get_by_role("button", name="More")
        assert more.all_inner_texts() == [rest] * bool(rest)
        for button in more.all():
            button.click()


def test_a_quiz_is_told_no_gradients(open_page: Opener) -> None:
    page = open_page(html(neuron))
    page.get_by_role("button", name="Try it yourself").click()
    for place in (".slope", ".tangent", ".descent"):
        assert page.locator(place).first.is_hidden()


def test_a_browser_without_its_colours_keeps_the_static_form(open_page: Opener) -> None:
    page = open_page(html(neuron))
    page.add_init_script("CSS.supports = () => false")
    page.reload()
    page.locator(".old-browser").wait_for()
    assert page.locator(".static").is_visible()
    assert page.locator("button, input").count() == 0


@pytest.mark.parametrize(
    "viewer",
    [
        {},
        {"color_scheme": "dark"},
        {"forced_colors": "active"},
        {"viewport": {"width": 320, "height": 640}},
    ],
    ids=["light", "dark", "forced colours", "320 px"],
)
def test_axe_finds_nothing_in_the_controls(
    viewer: dict[str, Any], axe: str, open_page: Opener
) -> None:
    page = open_page(html(logarithm), bypass_csp=True, **viewer)
    for card in page.locator("details.card").all():
        if card.get_attribute("open") is None:
            card.locator("summary").click()
    page.locator(".ten").click()
    for text in ("1.5", "two", "-1"):
        enter(page, "x", text)
        assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
