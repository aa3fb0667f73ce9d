"""The look of plots: matplotlib's axes, and colours that can be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.tools.optional import optional

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["INK", "axes", "color"]

INK = "#374151"
"""The colour of lines that belong to no class."""

_COLORS = ("#2563eb", "#d97706", "#0f766e", "#9333ea", "#be123c", "#4d7c0f", "#0369a1", "#78716c")


def color(k: int) -> str:
    """Return the colour of class or curve number k, counted from 0."""
    return _COLORS[k % len(_COLORS)]


def axes(ax: Axes | None) -> Axes:
    """Return the axes to draw into: new ones, if none are given."""
    pyplot = optional("matplotlib.pyplot", "a plot", "nn")
    chosen: Axes = ax if ax is not None else pyplot.subplots(layout="constrained")[1]
    chosen.spines[["top", "right"]].set_visible(False)
    return chosen
