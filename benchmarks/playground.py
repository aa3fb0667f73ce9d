"""How large the playground is, and how long it takes: ``python -m benchmarks.playground FOLDER``.

The folder is the playground in a built site. It is opened in Chromium, from a server on this
machine and as a file, each time by a browser that has never seen it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

__all__ = ["main", "seconds"]

MOMENTS = ("the example is there", "Python is ready", "a first answer", "another answer")


def main() -> None:
    """Print a line for each part of the playground, and one for each moment of its beginning."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.playground")
    parser.add_argument("folder", type=Path, help="site/public/playground, after the build")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    chosen = parser.parse_args()
    files = [path for path in sorted(chosen.folder.rglob("*")) if path.is_file()]
    lines = [f"{path.stat().st_size:>10,} bytes  {path.name}" for path in files]
    total = sum(path.stat().st_size for path in files)
    sys.stdout.write("\n".join([*lines, f"{total:>10,} bytes  in all\n"]))
    with _served(chosen.folder) as address:
        for place, home in (("a server", address), ("a folder", chosen.folder.resolve().as_uri())):
            found = [seconds(f"{home}/index.html") for _ in range(chosen.rounds)]
            sys.stdout.write(f"\nfrom {place}, seconds from the beginning of each, median\n")
            for moment, times in zip(MOMENTS, zip(*found, strict=True), strict=True):
                sys.stdout.write(f"{median(times):>10.2f} s      {moment}\n")


def seconds(address: str) -> list[float]:
    """Return how long it takes to each of the `MOMENTS`; to an answer, since it was asked for."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        start = perf_counter()
        page.goto(address)
        page.frame_locator("iframe").locator(".map svg").wait_for()
        times = [perf_counter() - start]
        page.wait_for_selector(".save:enabled", timeout=0)
        times.append(perf_counter() - start)
        times += [_answer(page, text) for text in ("tanh(w*x) + c", "tanh(w*x)·c")]
        browser.close()
    return times


def _answer(page: Any, expression: str) -> float:
    start = perf_counter()
    page.fill("#expression", expression)
    shown = page.frame_locator("iframe:not(.coming)").locator(".app .facts", has_text="tanh")
    shown.filter(has_text=expression.replace("*", " × ").replace("·", " × ")).wait_for(timeout=0)
    return perf_counter() - start


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Keep still."""


if __name__ == "__main__":
    main()
