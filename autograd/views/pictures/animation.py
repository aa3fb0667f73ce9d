"""Frames of one layout as one animated picture: an SVG that CSS animates, or a GIF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

from autograd.tools.optional import optional
from autograd.views.pictures.renderer import render
from autograd.views.pictures.svg import CLASS, fitted

__all__ = ["animated_gif", "animated_svg"]

SECONDS = 1.2
"""How long a frame is shown; the last one REST times as long."""

REST = 3

_GROUP = re.compile(r'<g id="([^"]*)" class="(?:node|edge)[^"]*">\n.*?\n</g>\n', re.DOTALL)
"""What Graphviz draws of one node or edge."""


def animated_svg(dots: Sequence[str], title: str, description: str) -> str:
    """Return frames, given as DOT texts of the same layout, as one SVG.

    A node or an edge is repeated for every look that it takes on, and no more: the size grows with
    what changes. Where less motion is asked for, on paper, and where CSS moves nothing, the last
    frame stands; the animation waits while a pointer is on it.
    """
    frames = [render(dot, "svg").decode() for dot in dots]
    looks: dict[str, list[tuple[int, str]]] = {}  # of a node or edge, each after its first frame
    for at, frame in enumerate(frames):
        for group in _GROUP.finditer(frame):
            known = looks.setdefault(group[1], [])
            if not known or known[-1][1] != group[0]:
                known.append((at, group[0]))
    spans = {
        name: [*pairwise([*(start for start, _ in known), len(frames)])]
        for name, known in looks.items()
        if len(known) > 1 or known[0][0]  # it changes, or is not there from the beginning
    }

    def over_time(group: re.Match[str]) -> str:
        """Return a node or an edge in all its looks, one above the other."""
        return "".join(
            f'<g class="{_name(*span)}">\n{look}</g>\n'
            for span, (_, look) in zip(spans[group[1]], looks[group[1]], strict=True)
        )

    whole = _GROUP.sub(lambda g: over_time(g) if g[1] in spans else g[0], frames[-1])
    windows = sorted({span for several in spans.values() for span in several})
    return fitted(whole.encode(), title, description, _style(windows, len(frames)))


def _name(start: int, end: int) -> str:
    return f"from{start}to{end}"


def _style(windows: Sequence[tuple[int, int]], frames: int) -> str:
    """Return the style sheet that shows each look from its first frame until the next one's."""
    length = frames - 1 + REST
    still, moving = "", ""
    for start, end in windows:
        look, keys = f".{CLASS} .{_name(start, end)}", f"{CLASS}-{start}-{end}-of-{frames}"
        times = {start: "visible", end: "hidden"} if end < frames else {start: "visible"}
        times = {0: "hidden", **times, length: times.get(end, "visible")}
        shown = "".join(f"{100 * t / length:.4g}%{{visibility:{v}}}" for t, v in times.items())
        still += f"{look}{{visibility:hidden}}" if end < frames else ""
        moving += f"@keyframes {keys}{{{shown}}}"
        moving += f"{look}{{animation:{keys} {length * SECONDS:.4g}s step-end infinite}}"
    moving += f".{CLASS}:hover *{{animation-play-state:paused}}"
    return f"{still}@media screen and (prefers-reduced-motion: no-preference){{{moving}}}"


def animated_gif(dots: Sequence[str]) -> bytes:
    """Return frames, given as DOT texts of the same layout, as one GIF, in a loop.

    Raises `UsageError` where Pillow is missing.
    """
    image = optional("PIL.Image", "save as .gif", "plots")
    shown = [image.open(BytesIO(render(dot, "png", dpi=96))).convert("RGB") for dot in dots]
    colors = shown[-1].quantize(64)  # the same in all frames, so that only changes take room
    frames = [frame.quantize(palette=colors, dither=image.Dither.NONE) for frame in shown]
    still = round(1000 * SECONDS)
    written = BytesIO()
    frames[0].save(
        written, "GIF", save_all=True, append_images=frames[1:], loop=0, optimize=True,
        duration=[still] * (len(frames) - 1) + [REST * still],
    )  # fmt: skip
    return written.getvalue()
