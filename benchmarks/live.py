"""How long a changed number takes to the screen: ``python -m benchmarks.live``.

A page of each size is opened in Chromium, and its first leaf is moved by the arrow keys. The work is
what the frame takes that shows the change, from its beginning until it is laid out and painted; the
wait for that frame comes before, and is the screen's.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from autograd import Value
from autograd.graph import topological_order
from autograd.views.page.page import Page
from autograd.views.tracing.walk import Walk
from nn import MLP, manual_seed

__all__ = ["main"]

SHAPES = ([2, 2, 1], [3, 4, 3, 1], [4, 8, 8, 1], [8, 20, 16, 1])
MOVES = 40

FRAME = """(moves) => new Promise((done) => {
    const times = [];
    const channel = new MessageChannel();
    const input = document.querySelector(".leaves input");
    let began = 0;
    const move = () => {
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
        requestAnimationFrame((moment) => { began = moment; channel.port2.postMessage(0); });
    };
    channel.port1.onmessage = () => {
        times.push(performance.now() - began);
        if (times.length < moves) setTimeout(move, 40);
        else done(times);
    };
    input.focus();
    setTimeout(move, 1000);
})"""
"""A message sent from a frame arrives when the frame is painted."""


def main() -> None:
    """Print a line for each size: the page, and the work of a change, the list closed and open."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live")
    parser.add_argument("--moves", type=int, default=MOVES, help=f"default: {MOVES}")
    moves = parser.parse_args().moves
    sys.stdout.write("nodes    page       a change, ms: median (19 of 20); the list of steps open\n")
    with TemporaryDirectory() as folder:
        for shape in SHAPES:
            output = _network(shape)
            path = Path(folder, "page.html")
            path.write_text(Page(Walk(output)).document(), encoding="utf-8")
            closed, opened = (_times(path, moves, is_open) for is_open in (False, True))
            nodes, kilobytes = len(topological_order(output)), path.stat().st_size / 1000
            sys.stdout.write(
                f"{nodes:>5,}  {kilobytes:>6,.0f} kB  {_said(closed)}   {_said(opened)}\n"
            )
            sys.stdout.flush()


def _network(shape: list[int]) -> Value:
    manual_seed(0)
    x = [Value(0.1 * i - 0.2, f"x_{i}") for i in range(shape[0])]
    output = MLP(shape, activation="tanh")(x)
    assert isinstance(output, Value)
    return (output - 1) ** 2


def _times(path: Path, moves: int, is_open: bool) -> list[float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page: Any = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(path.as_uri())
        page.wait_for_selector(".leaves input")
        page.evaluate("open => { document.querySelector('.list').open = open; }", is_open)
        times: list[float] = page.evaluate(FRAME, moves)
        browser.close()
    return times


def _said(times: list[float]) -> str:
    late = sorted(times)[int(0.95 * (len(times) - 1))]
    return f"{median(times):>5.1f} ({late:>5.1f})"


if __name__ == "__main__":
    main()
