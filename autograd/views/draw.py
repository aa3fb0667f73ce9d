"""The picture of a graph, or of whatever has a picture of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd.errors import UsageError
from autograd.graph import topological_order
from autograd.number import shown
from autograd.tools.files import PathName, suffix_of
from autograd.value import Value
from autograd.views.page.page import PAGES, Page
from autograd.views.pictures.drawing import SUFFIXES, Drawing
from autograd.views.pictures.graph import GraphDrawing, readable
from autograd.views.tracing.walk import Walk

__all__ = ["draw", "small_graph"]


class GraphPicture(GraphDrawing):
    """The picture of a graph, which has a page too."""

    def content(self, path: PathName) -> bytes:
        """Return what `save` writes to a path of that suffix; .html is the interactive page."""
        if suffix_of(path, (*SUFFIXES, *PAGES), "save") in PAGES:
            return Page(Walk(self._graph.output, self._graph.variables)).content(path)
        return super().content(path)


def draw(
    output: Any,
    *,
    names: Mapping[str, Any] | None = None,
    highlight: Value | None = None,
    order: bool = False,
    gradients: bool = False,
) -> Drawing:
    """Return a picture of the graph that an output was computed by, or of a network.

    One box for each Value: its label and the operation as it was written, the number, and the
    gradient (``?`` until ``backward()`` was called). One edge for each operand, with the local
    derivative. `names` takes the names of unlabelled Values from variables:
    ``draw(y, names=globals())``. `highlight` marks every path from that node to the output, and
    `order` numbers the edges in the order of the backward pass. More than 60 nodes or 120 edges
    are collapsed to groups: to neurons and layers, where labels such as ``z_1^{(2)}`` say which
    there are.

    What has a method ``drawing`` is drawn by that. A network (of the package `nn`) is drawn as on
    paper: neurons in layers, an edge for each weight. With `gradients`, the edges show the
    gradients of the weights instead.

    A notebook shows the picture by itself; a file's suffix decides its format.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> picture = draw((w * x).tanh())
    >>> print(picture)
    v2 = tanh(v1) = -1.000  grad ?
    └─ v1 = w × x = -6  grad ?
       ├─ w = -3  grad ?
       └─ x = 2  grad ?
    >>> picture.save("graph.svg")  # doctest: +SKIP

    Saved as .html, it is the page of `steps`, on which the numbers can be changed.
    """
    if isinstance(output, Value):
        if gradients:
            raise UsageError("draw: a graph shows its gradients anyway; leave out gradients=True")
        return GraphPicture(output, names, highlight, order)
    drawing = None if isinstance(output, type) else getattr(output, "drawing", None)
    if names is not None or highlight is not None or order or not callable(drawing):
        raise UsageError(f"draw: {shown(output)} is not a Value; draw what you computed with them")
    picture: Drawing = drawing(gradients=gradients)
    return picture


def small_graph(value: Value) -> dict[str, Any] | None:
    """Return what a notebook shows for a Value: its picture, if that is small."""
    if not value.parents or not readable(topological_order(value)):
        return None
    return {**GraphDrawing(value)._repr_mimebundle_(), "text/plain": repr(value)}
