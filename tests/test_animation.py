"""Animations: frames of one layout as one SVG that CSS moves, and as a GIF."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ElementTree
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from autograd import UsageError, Value, steps
from autograd.views.example import hidden_layer_weight
from autograd.views.pictures.animation import REST, SECONDS, animated_gif, animated_svg
from autograd.views.pictures.graph import BackwardDrawing
from autograd.views.pictures.renderer import render
from autograd.views.pictures.svg import fitted


def backward(output: Value) -> BackwardDrawing:
    return BackwardDrawing(output, [(step.edge, step.after) for step in steps(output)])


def square() -> Value:
    w, x = Value(-3.0, "w"), Value(2.0, "x")
    return (w * x + w) ** 2


def example() -> Value:
    return hidden_layer_weight()[0]


SHOWN = """[...document.querySelectorAll("g.node, g.edge")]
    .filter((group) => getComputedStyle(group).visibility === "visible")
    .map((group) => [group.dataset.id, group.textContent.replace(/\\s+/g, " ").trim(),
                     group.querySelector("path")?.getAttribute("stroke-width") ?? ""].join("|"))
    .sort()"""


def drawn(dot: str) -> list[str]:
    """Return what a frame shows when it is rendered by itself, as SHOWN does."""
    svg = fitted(render(dot, "svg"), "", "")
    found = []
    for group in re.finditer(r'<g data-id="(\S+)" class="(?:node|edge)">.*?</g>\n', svg, re.DOTALL):
        text = re.sub("<[^>]*>", "", group[0])
        texts = " ".join(ElementTree.fromstring(f"<a>{text}</a>").itertext())
        width = re.search(r'<path[^>]*stroke-width="(\S+?)"', group[0])
        words = re.sub(r"\s+", " ", texts).strip()
        found.append(f"{group[1]}|{words}|{width[1] if width else ''}")
    return sorted(found)


@pytest.mark.parametrize("build", [square, example])
def test_frames_have_one_layout_and_show_the_gradients_so_far(build: Any) -> None:
    output = build()
    frames = backward(output).frames
    places = {re.search(r'viewBox="[^"]*"', render(dot, "svg").decode()) for dot in frames}
    assert len({place[0] for place in places if place}) == 1
    assert [frame.count("penwidth") for frame in frames] == [0] + [1] * len(steps(output))
    assert "grad ?" not in frames[-1]
    unknown = [frame.count("grad ?") for frame in frames]
    assert unknown == sorted(unknown, reverse=True)


@pytest.mark.parametrize("build", [square, example])
def test_every_frame_is_shown_in_its_time(build: Any, browser: Any) -> None:
    """Each moment of the animation shows what that frame shows rendered by itself."""
    output = build()
    frames = backward(output).frames
    svg = animated_svg(frames, "The backward pass", "It moves.")
    context = browser.new_context(reduced_motion="no-preference")
    page = context.new_page()
    page.set_content(svg)
    wait = "(time) => document.getAnimations().forEach((a) => (a.pause(), (a.currentTime = time)))"
    for i in [*range(len(frames)), len(frames) - 2 + REST]:
        expected = drawn(frames[min(i, len(frames) - 1)])
        for part in (0.02, 0.98):
            page.evaluate(wait, 1000 * SECONDS * (i + part))
            assert page.evaluate(SHOWN) == expected, (i, part)
    context.close()


def test_where_less_motion_is_asked_for_the_last_frame_stands(browser: Any) -> None:
    output = example()
    frames = backward(output).frames
    svg = animated_svg(frames, "The backward pass", "It moves.")
    for options in ({"reduced_motion": "reduce"}, {}):
        context = browser.new_context(**options)
        page = context.new_page()
        if not options:
            page.emulate_media(media="print")
        page.set_content(svg)
        assert page.evaluate("document.getAnimations().length") == 0
        assert page.evaluate(SHOWN) == drawn(frames[-1])
        context.close()


def test_it_waits_while_a_pointer_is_on_it(browser: Any) -> None:
    context = browser.new_context(reduced_motion="no-preference")
    page = context.new_page()
    page.set_content(backward(square()).svg)
    states = "[...new Set(document.getAnimations().map((a) => a.playState))].join()"
    assert page.evaluate(states) == "running"
    page.locator("svg").hover()
    assert page.evaluate(states) == "paused"
    context.close()


def test_what_is_too_large_to_be_read_stands_still() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(100):
        y = y.tanh()
    picture = backward(y)
    assert picture.frames == []
    assert "keyframes" not in picture.svg
    assert "grad ?" not in picture.dot


def test_its_size_grows_with_what_changes() -> None:
    output = example()
    frames = backward(output).frames
    assert len(backward(output).svg) < len(frames) / 4 * len(render(frames[-1], "svg"))


def test_what_appears_later_is_not_there_before() -> None:
    frames = ["digraph { a [id=a] }", "digraph { a [id=a] b [id=b] }"]
    svg = animated_svg(frames, "", "")
    assert '<g class="from1to2">\n<g data-id="b"' in svg
    assert svg.count('data-id="a"') == 1


def test_a_gif_has_the_frames_and_their_times(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    output = square()
    backward(output).save(tmp_path / "pass.gif")
    times = []
    with image.open(tmp_path / "pass.gif") as gif:
        for i in range(gif.n_frames):
            gif.seek(i)
            times.append(gif.info["duration"])
        assert gif.info["loop"] == 0
    assert times == [1200] * len(steps(output)) + [3600]
    alone = image.open(BytesIO(animated_gif(["digraph { a -> b }"])))
    assert alone.n_frames == 1


def test_without_pillow_there_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(
        UsageError, match=r'save as \.gif needs PIL; pip install "chainrule\[plots\]"'
    ):
        animated_gif(["digraph { a }"])
