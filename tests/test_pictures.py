"""The pictures of the README are what is drawn today; ``python -m pictures`` makes them anew."""

from __future__ import annotations

import re
from io import BytesIO

import numpy
import pytest
from PIL import Image

from pictures import FOLDER, PICTURES

README = FOLDER.parent / "README.md"

_PLACE = re.compile(
    r'\b(?:points|d|c?[xy]|r[xy]|width|height|viewBox|transform|textLength)="[^"]*"|<!--.*?-->',
    re.DOTALL,
)
"""Where something stands in an SVG, which versions of Graphviz decide."""

_NAME = re.compile(r"chainrule-picture-[0-9a-f]{8}")
"""What an SVG calls itself: a number for its content, places included."""


def said(svg: bytes) -> str:
    """Return what an SVG shows, in its order and colours, without the places."""
    return _NAME.sub("", _PLACE.sub("", svg.decode()))


def pixels(png: bytes) -> numpy.ndarray[tuple[int, ...], numpy.dtype[numpy.float64]]:
    with Image.open(BytesIO(png)) as image:
        return numpy.asarray(image.convert("RGB"), float)


def test_every_picture_is_there_and_shown() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in (".svg", ".png", ".gif")}
    assert files == set(PICTURES)
    shown = re.findall(r"pictures/([\w.]+)", README.read_text("utf-8"))
    assert set(shown) == files


@pytest.mark.parametrize("name", [name for name in PICTURES if name.endswith(".svg")])
def test_an_svg_is_what_is_drawn(name: str) -> None:
    assert said(PICTURES[name]()) == said((FOLDER / name).read_bytes())


@pytest.mark.parametrize("name", [name for name in PICTURES if name.endswith(".png")])
def test_a_plot_is_what_is_drawn(name: str) -> None:
    """Rounding may differ a little, as from one processor or version of matplotlib to the next."""
    drawn, kept = pixels(PICTURES[name]()), pixels((FOLDER / name).read_bytes())
    assert drawn.shape == kept.shape
    assert numpy.abs(drawn - kept).mean() < 0.4  # of 255; another seed makes 1.6
