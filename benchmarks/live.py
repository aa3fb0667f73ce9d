"""How long a changed number takes to the screen: ``python -m benchmarks.live``.

A page of each size is opened in Chromium, and its first leaf is moved by the arrow keys. What is
shown is all that the page's thread does for one change, from the key until the frame is painted, in
milliseconds of the processor; a screen shows a frame each 16.7.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograd import Value
from autograd.graph import topological_order
from autograd.views.page.page import Page
from autograd.views.tracing.walk import Walk
from nn import MLP, manual_seed

__all__ = ["main"]

SHAPES = ([2, 2, 1], [4, 8, 8, 1], [8, 20, 16, 1], [11, 36, 36, 1])
MOVES = 40

MOVE = """(moves) => new Promise((done) => {
    const channel = new MessageChannel();
    const input = document.querySelector(".leaves input");
    const move = () => {
        moves -= 1;
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
        requestAnimationFrame(() => channel.port2.postMessage(0)); // arrives when it is painted
    };
    channel.port1.onmessage = () => (moves ? setTimeout(move, 40) : done());
    input.focus();
    move();
})"""


def main() -> None:
    """Print a line for each size: the page, and a change, the list of steps closed and open."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live")
    parser.add_argument("--moves", type=int, default=MOVES, help=f"default: {MOVES}")
    moves = parser.parse_args().moves
    sys.stdout.write("nodes       page   a change  with the list of steps open\n")
    with TemporaryDirectory() as folder:
        for shape in SHAPES:
            output = _network(shape)
            path = Path(folder, "page.html")
            path.write_text(Page(Walk(output)).document(), encoding="utf-8")
            closed, opened = (_milliseconds(path, moves, is_open) for is_open in (False, True))
            nodes, kilobytes = len(topological_order(output)), path.stat().st_size / 1000
            line = f"{nodes:>5,}  {kilobytes:>6,.0f} kB  {closed:>5.1f} ms  {opened:>5.1f} ms\n"
            sys.stdout.write(line)
            sys.stdout.flush()


def _network(shape: list[int]) -> Value:
    manual_seed(0)
    x = [Value(0.1 * i - 0.2, f"x_{i}") for i in range(shape[0])]
    output = MLP(shape, activation="tanh")(x)
    assert isinstance(output, Value)
    return (output - 1) ** 2


def _milliseconds(path: Path, moves: int, is_open: bool) -> float:
    """Return what the page's thread does for a move, on the average."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page: Any = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(path.as_uri())
        page.wait_for_selector(".leaves input")
        page.evaluate("open => { document.querySelector('.list').open = open; }", is_open)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(MOVE, 3)
        before = _busy(session)
        page.evaluate(MOVE, moves)
        busy = _busy(session) - before
        browser.close()
    return 1000 * busy / moves


def _busy(session: Any) -> float:
    """Return for how many seconds the page's thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    [seconds] = [metric["value"] for metric in metrics if metric["name"] == "TaskDuration"]
    return float(seconds)


if __name__ == "__main__":
    main()
