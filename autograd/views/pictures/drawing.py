"""What every picture can do: be shown by a notebook, be printed, be saved to a file."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

from autograd.errors import RendererError
from autograd.tools.files import PathName, suffix_of, write
from autograd.tools.optional import optional
from autograd.views.pictures.animation import animated_gif, animated_svg
from autograd.views.pictures.renderer import render
from autograd.views.pictures.svg import CLASS, fitted, size
from autograd.views.pictures.tikz import tikz
from autograd.views.writing.labels import parse
from autograd.views.writing.numbers import short

__all__ = ["SUFFIXES", "Drawing"]

SUFFIXES = ("svg", "png", "pdf", "tex", "gif", "dot", "gv")
"""The kinds of file that a drawing can be saved as; dot and gv are the DOT text itself."""

# What the viewers say of their theme: JupyterLab, Notebook and nbconvert, VS Code, marimo,
# Colab, Sphinx, Quarto. An image takes on the theme that is said here; others have the reader's.
# Blending takes away its background, where that is not the page's own.
_LIGHT = (
    "[data-jp-theme-light=true], .vscode-light, .vscode-high-contrast-light, body.light, "
    "[theme=light], [data-theme=light], .quarto-light"
)
_DARK = (
    "[data-jp-theme-light=false], .vscode-dark, .vscode-high-contrast:not("
    ".vscode-high-contrast-light), body.dark, [theme=dark], [data-theme=dark], .quarto-dark"
)
_STYLE = (
    f"<style>.{CLASS} img{{max-width:100%;height:auto}}"
    f":is({_LIGHT}) .{CLASS}{{color-scheme:light}}:is({_DARK}) .{CLASS}{{color-scheme:dark}}"
    f":is({_LIGHT}) .{CLASS} img{{mix-blend-mode:darken}}"
    f":is({_DARK}) .{CLASS} img{{mix-blend-mode:lighten}}"
    f"@media print{{.{CLASS}{{color-scheme:light!important}}"
    f".{CLASS} img{{mix-blend-mode:normal!important}}"
    # no higher than a page, where a sheet around it does not say how high
    f":where(.{CLASS}) img{{width:auto;max-height:240mm;break-inside:avoid}}}}</style>"
)


class Drawing:
    """A picture: shown by a notebook, printed as text, or saved to a file.

    A subclass gives its `dot` and its text, says more in `title` and `description`, and moves if
    it gives `frames`:

    >>> class Named(Drawing):
    ...     def __init__(self, label):
    ...         self.label = label
    ...     @property
    ...     def dot(self):
    ...         graph = self.blank()
    ...         graph.node(self.name(self.label))
    ...         return graph.source
    ...     def __str__(self):
    ...         return self.name(self.label)
    >>> Named("w_{12}^{(2)}")
    w₁₂⁽²⁾
    >>> Named("w_{12}^{(2)}").save("named.svg")  # doctest: +SKIP
    """

    @property
    def dot(self) -> str:
        """The picture in Graphviz's DOT language; of an animation, its last frame."""
        raise NotImplementedError

    @property
    def frames(self) -> list[str]:
        """The frames of an animation in DOT, all of one layout; none of a picture that stands."""
        return []

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        return "A picture"

    @property
    def description(self) -> str:
        """What it shows, in a sentence or two."""
        return ""

    def __str__(self) -> str:
        raise NotImplementedError

    @staticmethod
    def blank(gap: float = 0.6, direction: str = "LR") -> Any:
        """Return an empty picture in the look that all have, `gap` inches from rank to rank."""
        return optional("graphviz", "a picture").Digraph(
            graph_attr={
                "rankdir": direction, "bgcolor": "white", "nodesep": "0.2", "ranksep": str(gap),
            },
            node_attr={"shape": "plain", "fontname": "Arial", "fontsize": "12"},
            edge_attr={
                "fontname": "Arial", "fontsize": "11", "color": "#8a94a6",
                "fontcolor": "#44506a", "arrowsize": "0.7",
            },
        )  # fmt: skip

    @staticmethod
    def name(label: str) -> str:
        """Return a label as pictures show it, in Unicode."""
        return parse(label).unicode if label else ""

    @staticmethod
    def number(x: float) -> str:
        """Return a number as pictures show it."""
        return short(x)

    def save(self, path: PathName) -> None:
        """Write the picture to a file: .svg, .png, .tex, .dot, .gv, .gif, or .pdf.

        The .tex is LaTeX with TikZ. A .pdf takes Graphviz's own dot, and a .gif Pillow.

        Raises `UsageError` for another suffix, `RendererError` where nothing can render it.
        """
        write(path, self.content(path))

    def content(self, path: PathName) -> bytes:
        """Return what `save` writes to a path of that suffix."""
        kind = suffix_of(path, SUFFIXES, "save")
        if kind in ("dot", "gv"):
            return self.dot.encode()
        if kind == "svg":
            return self.svg.encode()
        if kind == "tex":
            return tikz(self.dot, self.title).encode()
        if kind == "gif":
            return animated_gif(self.frames or [self.dot])
        return render(self.dot, kind)

    @property
    def svg(self) -> str:
        """The picture as SVG, which fits where it is shown."""
        if frames := self.frames:
            return animated_svg(frames, self.title, self.description)
        return self._still()

    def _still(self) -> str:
        return fitted(render(self.dot, "svg"), self.title, self.description)

    @property
    def html(self) -> str:
        """The picture as a piece of HTML: SVG in the theme of the page, or else PNG."""
        return self._html(self._png())

    def _png(self) -> bytes | None:
        """Return the picture as PNG; None where there is none to be had, as in a browser."""
        try:
            return render(self.dot, "png")
        except RendererError:
            return None

    def _html(self, png: bytes | None) -> str:
        svg = self.svg
        width, height = size(svg.encode())
        said = escape(f"{self.title}. {self.description}".strip())
        still = self._still() if self.frames else svg
        source = _source(still, _STILL) if self.frames else ""
        image = _inline("png", png) if png else _inline("svg+xml", still.encode())
        return (  # what cleans the HTML of others leaves the <img> and takes the rest
            f'<picture class="{CLASS}">{source}{_source(svg)}'
            f'<img alt="{said}" width="{width}" height="{height}" src="{image}"></picture>{_STYLE}'
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the picture as HTML and as PNG, since some viewers drop one of them.

        The SVG stands in the HTML: where there is an SVG by itself, nbconvert wants Inkscape.
        """
        png = self._png()
        try:
            shown = {"text/html": self._html(png), "text/plain": str(self)}
        except RendererError as error:
            return {"text/plain": f"{self}\n\n({error})"}
        return {**shown, "image/png": b64encode(png).decode()} if png else shown


_STILL = "print, (prefers-reduced-motion: reduce)"  # which browsers do not tell to an image


def _source(svg: str, media: str = "all") -> str:
    """Return an SVG as a choice that a page has for an image."""
    address = _inline("svg+xml", svg.encode())
    return f'<source media="{media}" type="image/svg+xml" srcset="{address}">'


def _inline(kind: str, image: bytes) -> str:
    """Return an image as an address that holds all of it."""
    return f"data:image/{kind};base64,{b64encode(image).decode()}"
