"""Which class a model chooses where, as a picture of the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd import BranchError, UsageError
from autograd.tools.optional import optional
from nn.axes import INK, axes, color
from nn.data import pairs
from nn.module import Module
from nn.prediction import class_of, outputs, turning_point
from nn.programs import UnsuitableError, outputs_program
from nn.tensors import nested

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_decision_boundary"]

_MARKERS = "os^DvPX*"  # so that classes can be told apart in black and white too
_STEPS = 200  # points along each side of the grid


def plot_decision_boundary(
    model: Module,
    X: Any,
    y: Any,
    ax: Axes | None = None,
    *,
    class_names: Sequence[str] | None = None,
    threshold: float | None = None,
) -> Axes:
    """Draw which class a model of two inputs chooses where, and the samples over it.

    The paler a region, the less sure the model. Returns matplotlib's Axes.

    - `ax`: axes to draw into;
    - `class_names`: what the classes are called, in the order of their indices; the targets may be
      these names too;
    - `threshold`: where one output turns from class 0 to class 1, as in `nn.predict_classes`.

    Shapes: X (m, 2), y (m), or (m, k) for k outputs. Raises `UsageError` if samples have not two
    numbers each.

    >>> from nn import MLP
    >>> X, y = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    >>> plot_decision_boundary(MLP([2, 4, 1]), X, y).figure.savefig("b.png")  # doctest: +SKIP
    """
    numpy = optional("numpy", "plot_decision_boundary", "nn")
    names = [] if class_names is None else list(map(str, nested(class_names)))
    rows, targets = pairs(X, _indices(y, names), model, "plot_decision_boundary")
    if len(rows[0]) != 2:
        raise UsageError(
            f"plot_decision_boundary: samples of {len(rows[0])} numbers; a plane has 2, so train "
            "on two of them"
        )
    points = numpy.array(rows)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.1 * (high - low) + 1e-3
    across, up = (
        numpy.linspace(a, b, _STEPS) for a, b in zip(low - margin, high + margin, strict=True)
    )
    cut = turning_point(model, rows[0], threshold, "plot_decision_boundary")
    leads = _leads(_on_grid(model, numpy.meshgrid(across, up)), cut)
    called = _called(names, len(leads))
    ax = axes(ax)
    extent = (across[0], across[-1], up[0], up[-1])
    ax.imshow(_tinted(leads), extent=extent, origin="lower", aspect="auto")
    for lead in leads:
        if lead.min() < 0 < lead.max():
            ax.contour(across, up, lead, levels=[0.0], colors=INK, linewidths=1.0)
    chosen = numpy.array([class_of(target, len(leads), i) for i, target in enumerate(targets)])
    for k in range(len(leads)):
        ax.scatter(
            points[chosen == k, 0], points[chosen == k, 1], s=28, color=color(k),
            marker=_MARKERS[k % len(_MARKERS)], edgecolor="white", linewidth=0.6,
            label=called[k],
        )  # fmt: skip
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title="decision boundary")
    ax.legend()
    return ax


def _indices(y: Any, names: list[str]) -> Any:
    """Return targets with the names of classes among them turned into their indices."""
    targets = nested(y)
    if not isinstance(targets, list | tuple):
        return targets
    return [names.index(t) if isinstance(t, str) and t in names else t for t in targets]


def _called(names: list[str], classes: int) -> list[str]:
    """Return what the classes are called: by their names, or by their indices."""
    if names and len(names) != classes:
        raise UsageError(
            f"plot_decision_boundary: {len(names)} class_names for {classes} classes; give one each"
        )
    return names or [f"class {k}" for k in range(classes)]


def _leads(found: Any, cut: float) -> Any:
    """Return by how much each class is ahead of the next best at every point, at most 1."""
    import numpy

    if len(found) == 1:
        score = found[0] - cut
        score = score / (numpy.abs(score).max() or 1.0)
        return numpy.stack([-score, score])
    shares = numpy.exp(found - found.max(axis=0))  # softmax, as the cross-entropy has it
    shares = shares / shares.sum(axis=0)
    others = [numpy.delete(shares, k, axis=0).max(axis=0) for k in range(len(shares))]
    return shares - numpy.stack(others)


def _on_grid(model: Module, columns: Sequence[Any]) -> Any:
    """Return an array for each output: by a program of the model, or point by point."""
    import numpy

    points = numpy.stack(columns, axis=-1).reshape(-1, len(columns))
    try:
        found = outputs_program(model, points[0].tolist()).values(points)
    except (UnsuitableError, BranchError):
        found = numpy.array(outputs(model, points.tolist()))
    return found.T.reshape(-1, *columns[0].shape)


def _tinted(leads: Any) -> Any:
    """Return the image of a plane: the colour of the class that is ahead, paler near the others."""
    import numpy
    from matplotlib.colors import to_rgb

    palette = numpy.array([to_rgb(color(k)) for k in range(len(leads))])
    strength = 0.1 + 0.35 * leads.max(axis=0)[..., None]
    return 1 - strength * (1 - palette[leads.argmax(axis=0)])
