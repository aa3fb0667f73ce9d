"""The SVG that Graphviz writes, made fit for where it is shown.

It scales down to the width there is and never grows; its colours follow the reader's light or dark
theme; a title and a description say in words what it shows; and nothing in it carries an id, since
two pictures in one page must not collide: an ``id`` of DOT is ``data-id`` here.
"""

from __future__ import annotations

import re
from collections import Counter
from colorsys import hls_to_rgb, rgb_to_hls
from html import escape, unescape
from zlib import crc32

__all__ = ["CLASS", "dark", "fitted", "on_paper", "size"]

CLASS = "chainrule-picture"
"""The class of every picture in a page."""

_FONTS = "Arial, 'Liberation Sans', Arimo, Helvetica, sans-serif"  # of the same widths as Arial
_COLOR = r"#[0-9a-f]{6}|white|black"
_PAINTED = re.compile(rf' (fill|stroke)="({_COLOR})"')
_NAMED = {"white": "#ffffff", "black": "#000000"}


def fitted(svg: bytes, title: str, description: str, style: str = "") -> str:
    """Return what Graphviz wrote as an SVG that fits where it is shown; `style` is CSS to add.

    >>> from autograd.views.pictures.renderer import render
    >>> svg = fitted(render("digraph { a -> b }", "svg"), "y = x²", "2 boxes.")
    >>> svg[:29], "<title>" in svg, "prefers-color-scheme" in svg
    ('<svg class="chainrule-picture', False, True)
    """
    width, height = size(svg)
    text = svg.decode()
    text = re.sub(r"<!--.*?-->\n?", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r"<title>.*?</title>\n", "", text, flags=re.DOTALL)  # they say v0, v1
    text = re.sub(r'<g id="([^"]*)"', r'<g data-id="\1"', text)
    text = _CELL.sub(_centered, text.replace('<text xml:space="preserve" ', "<text "))
    text = _ROOM.sub(r"\1\2", text).replace("&#45;", "-")
    text = text.replace('font-family="Arial"', f'font-family="{_FONTS}"')
    text, shared = _shared(text)
    view = re.search(r'viewBox="[^"]*"', text)
    name = f"{CLASS}-{crc32(f'{title}{text}'.encode()):08x}"
    opening = (
        f'<svg class="{CLASS}" xmlns="http://www.w3.org/2000/svg" '
        f'width="{width}" height="{height}" {view[0] if view else ""} '
        f'style="max-width: 100%; height: auto" role="img"{shared} '
        f'aria-labelledby="{name}-title" aria-describedby="{name}-desc">\n'
        f'<title id="{name}-title">{escape(title)}</title>\n'
        f'<desc id="{name}-desc">{escape(description)}</desc>\n'
        f"<style>{_dark_colors(text)}{style}</style>\n"
    )
    return opening + text[text.index(">") + 1 :].lstrip()


_CELL = re.compile(
    r'(<polygon fill="none"[^>]* points="([^"]*)"/>\n)((?:<text text-anchor="start".*</text>\n)+)'
)
"""A cell of a box, and the texts in it: a piece for each font and colour."""

_TEXT = re.compile(r'<text text-anchor="start" x="[^"]*" y="([^"]*)" ([^>]*)>(.*)</text>\n')


_ROOM = re.compile(r"(<text[^>]*>)\xa0*([^<\xa0][^<]*?)\xa0*(?=</text>)")
"""A text, and around it what only kept room for a longer one."""


def _centered(cell: re.Match[str]) -> str:
    """Return a cell with each line in its middle, in whatever font a reader has.

    Graphviz places the pieces of a line by the widths of its own font.
    """
    across = [float(point.partition(",")[0]) for point in cell[2].split()]
    lines: dict[str, list[tuple[str, str]]] = {}
    for y, look, piece in _TEXT.findall(cell[3]):
        lines.setdefault(y, []).append((look, piece))
    middle = (min(across) + max(across)) / 2
    texts = []
    for y, pieces in lines.items():
        while len(pieces) > 1 and not unescape(pieces[0][1]).strip():  # what is room, no text
            del pieces[0]
        while len(pieces) > 1 and not unescape(pieces[-1][1]).strip():
            del pieces[-1]
        place = f'<text text-anchor="middle" x="{middle:g}" y="{y}"'
        if len(pieces) == 1:
            texts.append(f"{place} {pieces[0][0]}>{pieces[0][1]}</text>\n")
        else:
            written = "".join(f"<tspan {look}>{piece}</tspan>" for look, piece in pieces)
            texts.append(f"{place}>{written}</text>\n")
    return cell[1] + "".join(texts)


def _shared(text: str) -> tuple[str, str]:
    """Return a picture without the attributes that most of its texts have, and these."""
    shared = ""
    for name in ("text-anchor", "font-family", "font-size"):
        found = Counter(re.findall(rf'<(?:text|tspan)\b[^>]*?( {name}="[^"]*")', text))
        for attribute, _ in found.most_common(1):
            text = text.replace(attribute, "")
            shared += attribute
    return text, shared


def size(svg: bytes) -> tuple[int, int]:
    """Return width and height of an SVG in pixels, of which 4 are 3 points."""
    found = re.search(rb'<svg[^>]*? width="([\d.]+)(pt|)" height="([\d.]+)', svg)
    if not found:
        return 0, 0
    scale = 4 / 3 if found[2] else 1
    return round(float(found[1]) * scale), round(float(found[3]) * scale)


def _dark_colors(text: str) -> str:
    """Return the style sheet that gives a picture its colours in a dark theme.

    An image has the theme of the element that shows it, by that element's ``color-scheme``.
    """
    rules = [f".{CLASS} text{{fill:{dark('black')}}}"]  # text has no colour of its own
    for attribute, color in sorted(set(_PAINTED.findall(text))):
        rules.append(f'.{CLASS} [{attribute}="{color}"]{{{attribute}:{dark(color)}}}')
    return f"@media (prefers-color-scheme: dark){{{''.join(rules)}}}"


_DARK = re.compile(rb"@media \(prefers-color-scheme: dark\)\{(?:[^{}]*\{[^{}]*\})*\}")


def on_paper(svg: bytes) -> bytes:
    """Return a picture as it is on white, whatever the reader's theme.

    >>> from autograd.views.pictures.renderer import render
    >>> b"dark" in on_paper(fitted(render("digraph { a }", "svg"), "a", "").encode())
    False
    """
    return _DARK.sub(b"", svg)


def dark(color: str) -> str:
    """Return a colour for a dark theme: of the same hue, and as clear on dark as it is on white.

    >>> dark("white"), dark("black"), dark("#2563eb")
    ('#121212', '#ffffff', '#5182ef')
    """
    hue, _, saturation = rgb_to_hls(*_parts(color))
    contrast = (_luminance(_parts("white")) + 0.05) / (_luminance(_parts(color)) + 0.05)  # WCAG 2
    wanted = contrast * (_luminance(_PAPER) + 0.05) - 0.05
    darkest, lightest = 0.0, 1.0
    for _ in range(12):  # halvings: more than a colour has steps
        lightness = (darkest + lightest) / 2
        if _luminance(hls_to_rgb(hue, lightness, saturation)) < wanted:
            darkest = lightness
        else:
            lightest = lightness
    return "#" + "".join(f"{round(255 * c):02x}" for c in hls_to_rgb(hue, lightest, saturation))


_PAPER = (0.07, 0.07, 0.07)
"""The background in a dark theme."""


def _parts(color: str) -> tuple[float, float, float]:
    """Return how much red, green and blue a colour has, from 0 to 1."""
    number = int(_NAMED.get(color, color)[1:], 16)
    return (number >> 16) / 255, (number >> 8 & 255) / 255, (number & 255) / 255


def _luminance(color: tuple[float, float, float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
