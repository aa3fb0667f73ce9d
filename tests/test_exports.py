"""Pictures where people see them: in a notebook's exports, on paper, in light and in dark."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, draw, steps
from autograd.views.example import hidden_layer_weight
from autograd.views.pictures.graph import BackwardDrawing
from autograd.views.pictures.renderer import render, renderers
from autograd.views.pictures.svg import dark, size
from autograd.views.pictures.tikz import mathematics
from tests.test_draw import HOSTILE


def neuron() -> Value:
    w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    return (w * x + b).tanh()


def example() -> Value:
    return hidden_layer_weight()[0]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a notebook that shows two pictures, on a machine without other programs."""
    nbformat = pytest.importorskip("nbformat")
    made = nbformat.v4.new_notebook()
    for output in (neuron(), example()):
        data = output._repr_mimebundle_()
        shown = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
        made.cells.append(nbformat.v4.new_code_cell("y", outputs=[shown]))
    monkeypatch.setenv("PATH", "")
    return made


@pytest.mark.slow
def test_a_notebook_is_exported_to_latex_without_other_programs(notebook: Any) -> None:
    exporter = pytest.importorskip("nbconvert").LatexExporter()
    latex, resources = exporter.from_notebook_node(notebook)
    names = re.findall(r"\{(output_\d_0\.png)\}", latex)
    assert names == ["output_0_0.png", "output_1_0.png"] == list(resources["outputs"])
    assert all(png.startswith(b"\x89PNG") for png in resources["outputs"].values())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_made_of_a_notebook_shows_svg_in_its_theme(
    theme: str, notebook: Any, browser: Any, tmp_path: Path
) -> None:
    exporter = pytest.importorskip("nbconvert").HTMLExporter(theme=theme)
    path = tmp_path / "notebook.html"
    path.write_text(exporter.from_notebook_node(notebook)[0])
    context = browser.new_context(color_scheme="dark" if theme == "light" else "light")
    page = context.new_page()
    page.route(re.compile("^http"), lambda route: route.abort())
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path.as_uri())
        for image in page.locator(".chainrule-picture img").all():
            assert image.evaluate("i => i.currentSrc").startswith("data:image/svg+xml")
            cell, own = image.locator("xpath=../..").bounding_box(), image.bounding_box()
            assert own["x"] + own["width"] <= cell["x"] + cell["width"] + 1
            assert own["width"] <= int(image.get_attribute("width")) + 1
            assert brightness(image.screenshot()) == theme
    context.close()


VIEWERS = {
    "JupyterLab, Notebook, nbconvert": 'data-jp-theme-light="{}"',
    "VS Code": 'class="vscode-{}"',
    "VS Code, high contrast": 'class="vscode-high-contrast{}"',
    "marimo": 'class="{} {}-theme"',
    "Colab": 'theme="{}"',
    "Sphinx": 'data-theme="{}"',
    "Quarto": 'class="fullcontent quarto-{}"',
}
WORDS = {
    "JupyterLab, Notebook, nbconvert": ("true", "false"),
    "VS Code, high contrast": (" vscode-high-contrast-light", ""),
}


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_has_the_theme_of_its_viewer(viewer: str, theme: str, open_page: Any) -> None:
    word = WORDS.get(viewer, ("light", "dark"))[theme == "dark"]
    background = {"light": "white", "dark": "#1f1f1f"}[theme]
    body = f"<body {VIEWERS[viewer].format(word, word)} style='background: {background}'>"
    system = "dark" if theme == "light" else "light"  # the reader's own is another
    page = open_page(f"{body}{draw(neuron()).html}</body>", color_scheme=system)
    image = page.locator("img")
    assert brightness(image.screenshot()) == theme
    page.emulate_media(media="print")
    assert brightness(image.screenshot()) == "light"


def test_an_animation_stands_where_less_motion_is_asked_for(browser: Any) -> None:
    y = neuron()
    html = BackwardDrawing(y, [(step.edge, step.after) for step in steps(y)]).html
    moving = {}
    for motion in ("reduce", "no-preference"):
        context = browser.new_context(reduced_motion=motion)
        page = context.new_page()
        page.set_content(html)
        source = page.locator("img").evaluate("image => image.currentSrc")
        moving[motion] = b"keyframes" in base64.b64decode(source.partition(",")[2])
        context.close()
    assert moving == {"reduce": False, "no-preference": True}


def brightness(png: bytes) -> str:
    """Return whether most of a picture is light or dark."""
    from io import BytesIO

    image = pytest.importorskip("PIL.Image").open(BytesIO(png)).convert("L")
    dark_pixels = sum(image.histogram()[:128])
    return "dark" if dark_pixels > image.width * image.height / 2 else "light"


def test_where_html_is_cleaned_the_png_stays() -> None:
    html = draw(neuron()).html
    image = re.search(r"<img [^>]*>", html)
    assert image is not None
    assert 'src="data:image/png;base64,' in image[0]
    assert 'alt="The graph of v3 = tanh(w × x + b). 6 nodes; 5 edges' in image[0]
    left = re.sub(r"<style>.*?</style>|<[^>]*>", "", html, flags=re.DOTALL)
    assert left == ""  # no text remains where tags are taken away


@pytest.mark.parametrize("build", [neuron, example])
def test_an_svg_fits_and_says_what_it_shows(build: Any) -> None:
    svg = draw(build()).svg
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert "max-width: 100%; height: auto" in (root.get("style") or "")
    assert root.get("viewBox")
    assert root.get("role") == "img"
    ids = {e.get("id"): e for e in root.iter() if e.get("id")}
    assert [e.tag for e in ids.values()] == [f"{space}title", f"{space}desc"]
    assert ids[root.get("aria-labelledby")].text == draw(build()).title
    assert ids[root.get("aria-describedby")].text == draw(build()).description
    assert len(list(root.iter(f"{space}title"))) == 1
    assert {f"v{i}" for i in range(6)} <= {e.get("data-id") for e in root.iter()}


@pytest.mark.parametrize("program", renderers())
def test_every_line_is_in_the_middle_of_its_cell(
    program: str, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever widths the program took its letters to have; no line is wider than its cell."""
    monkeypatch.setenv("AUTOGRAD_DOT", program)
    page = open_page(f"<body>{draw(example()).svg}</body>")
    cells = page.evaluate("""[...document.querySelectorAll(".node text")].map((text) => {
        let cell = text;
        while (cell.tagName !== "polygon") cell = cell.previousElementSibling;
        const [inner, outer] = [text, cell].map((part) => part.getBoundingClientRect());
        return [inner.left - outer.left, outer.right - inner.right];
    })""")
    assert len(cells) > 60
    for left, right in cells:
        assert left > 0
        assert left == pytest.approx(right, abs=1.5)


def test_two_pictures_share_no_id() -> None:
    ids = [set(re.findall(r' id="([^"]*)"', draw(y).svg)) for y in (neuron(), example())]
    assert len(ids[0]) == len(ids[1]) == 2
    assert not ids[0] & ids[1]


def test_two_pictures_of_one_title_share_no_id() -> None:
    found = set()
    for number in (1.5, 2.5):
        picture = draw(Value(number, "x").tanh() * 2)
        found |= {picture.title, *re.findall(r' id="([^"]*)"', picture.svg)}
    assert len(found) == 1 + 2 * 2


@pytest.mark.parametrize("build", [neuron, example])
def test_a_picture_is_as_large_as_its_png_at_96_dots_an_inch(build: Any) -> None:
    picture = draw(build())
    png = render(picture.dot, "png", dpi=96)
    expected = [int.from_bytes(png[start : start + 4]) for start in (16, 20)]
    for svg in (render(picture.dot, "svg"), picture.svg.encode()):
        assert [*size(svg)] == pytest.approx(expected, abs=1)


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_text_can_be_read_in_both_themes() -> None:
    """A contrast of 4.5 at least, on every background there is, as WCAG asks for."""
    w = Value(-3.0, "w")
    y = (w * 2.0 + w).relu() - (w * Value(2.0, "x"))
    for backward in (False, True):
        if backward:
            y.backward()
        svg = draw(y, highlight=w).svg
        inks = {*re.findall(r'<t(?:ext|span)[^>]* fill="(#\w+)"', svg), "#000000"}
        papers = {*re.findall(r'<polygon fill="(#\w+)" stroke="(?:none|transparent)"', svg)}
        papers = {p for p in papers | {"#ffffff"} if luminance(p) > 0.5}
        assert len(inks) > 3
        assert len(papers) > 2
        for ink in inks:
            for paper in papers:
                assert contrast(ink, paper) >= 4.5, (ink, paper)
                assert contrast(dark(ink), dark(paper)) >= 4.5, (ink, paper)


def pieces(latex: str) -> Iterator[str]:
    """Yield the commands, braces and characters of LaTeX."""
    yield from re.findall(r"\\[A-Za-z]+|\\.|\{\}|.", latex)


@pytest.mark.parametrize("label", [*HOSTILE, "ŷ₁⁽²⁾²", "50% #$&_^~\\", "«日本»", "a⁽¹⁾₂⁽³⁾", "₁"])
def test_any_text_is_mathematics_that_latex_takes(label: str) -> None:
    latex = mathematics(label)
    assert latex.isascii()
    depth, scripts = 0, ""
    for piece in pieces(latex):
        depth += (piece == "{") - (piece == "}")
        assert depth >= 0
        assert piece not in ("$", "&", "#", "%", "~")
        if depth == 0 and piece in "_^":
            assert piece not in scripts, "LaTeX refuses a second one"
            scripts += piece
        elif depth == 0 and piece != "}":
            scripts = ""
    assert depth == 0


def test_tikz_has_every_box_edge_and_text(tmp_path: Path) -> None:
    y = neuron()
    draw(y, order=True).save(tmp_path / "graph.tex")
    latex = (tmp_path / "graph.tex").read_text()
    assert latex.isascii()
    assert latex.count("controls") >= 5  # curves: the edges
    for text in (r"\boldsymbol{w}", "$=w\\times x$", r"\mathrm{tanh}(v2)", r"2:\ 1", "6.88"):
        assert text in latex.replace("$$", ""), text
    used = set(re.findall(r"\bc([0-9a-f]{6})\b", latex))
    defined = re.findall(r"\\definecolor\{c([0-9a-f]{6})\}\{HTML\}\{([0-9A-F]{6})\}", latex)
    assert used == {name for name, color in defined if name.upper() == color}
    balanced = re.sub(r"\\[{}]", "", latex)
    assert balanced.count("{") == balanced.count("}")


def test_a_png_stays_on_white() -> None:
    from io import BytesIO

    png = base64.b64decode(draw(neuron())._repr_mimebundle_()["image/png"])
    image = pytest.importorskip("PIL.Image").open(BytesIO(png)).convert("RGBA")
    assert image.getpixel((0, 0)) == (255, 255, 255, 255)
