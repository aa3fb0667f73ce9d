"""What every picture can do: be shown by a notebook, be printed, be saved to a file."""

from __future__ import annotations

import base64
from typing import Any

from autograd.errors import RendererError
from autograd.tools.files import PathName, suffix_of, write
from autograd.tools.optional import optional
from autograd.views.pictures.renderer import SUFFIXES, render
from autograd.views.writing.labels import parse
from autograd.views.writing.numbers import short

__all__ = ["Drawing"]


class Drawing:
    """A picture: shown by a notebook, printed as text, or saved to a file.

    A subclass gives its ``dot`` and its text:

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
        """The picture in Graphviz's DOT language."""
        raise NotImplementedError

    def __str__(self) -> str:
        raise NotImplementedError

    @staticmethod
    def blank(gap: float = 0.6) -> Any:
        """Return an empty picture in the look that all have, `gap` inches from rank to rank."""
        return optional("graphviz", "a picture").Digraph(
            graph_attr={
                "rankdir": "LR", "bgcolor": "white", "nodesep": "0.3", "ranksep": str(gap),
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
        """Return a number as pictures show it, short."""
        return short(x)

    def save(self, path: PathName) -> None:
        """Write the picture to a file: .svg, .png, .dot, .gv, or .pdf with Graphviz's own dot.

        Raises `UsageError` for another suffix, `RendererError` where nothing can render it.
        """
        write(path, self.content(path))

    def content(self, path: PathName) -> bytes:
        """Return what `save` writes to a path of that suffix."""
        kind = suffix_of(path, SUFFIXES, "save")
        return self.dot.encode() if kind in ("dot", "gv") else render(self.dot, kind)

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the picture as SVG and PNG together, since some viewers drop one of them."""
        dot = self.dot
        try:
            return {
                "image/svg+xml": render(dot, "svg").decode(),
                "image/png": base64.b64encode(render(dot, "png")).decode(),
                "text/plain": str(self),
            }
        except RendererError as error:
            return {"text/plain": f"{self}\n\n({error})"}
