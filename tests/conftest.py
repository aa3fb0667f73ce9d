"""A real browser, shared by tests that look at pages; no clock for Hypothesis; kernels apart."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

Opener = Callable[..., Any]

UNPACKED = """() => !document.querySelector("body > script[type='text/plain']")
    || /interactive|old/.test(document.documentElement.className)"""
"""Whether a page is what its script makes of it, if it has one."""

ROOT = Path(__file__).parent.parent

collect_ignore = ["programs"]  # to look for doctests in them would run them

settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks for the browser as slow."""
    for item in items:
        if isinstance(item, pytest.Function) and "browser" in item.fixturenames:
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def _code_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what this process compiles apart from what the user has compiled."""
    if find_spec("llvmlite") is None:
        return
    from autograd.program.compiler import runner

    with pytest.MonkeyPatch.context() as context:
        context.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("compiled")))
        runner()  # by a compiler that remembers the folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield a headless Chromium, or skip where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed (Debian: apt install chromium)")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def open_page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Yield a function that opens HTML; no page may fetch, complain or open a dialog."""
    folder = tmp_path_factory.mktemp("pages")
    problems: list[str] = []
    last: list[Any] = []

    def opened(html: str, **options: Any) -> Any:
        for context in last:
            context.close()
        options.setdefault("viewport", {"width": 1280, "height": 1000})
        context = browser.new_context(reduced_motion="reduce", **options)
        last[:] = [context]
        path = Path(folder, "page.html")
        path.write_text(html, encoding="utf-8")
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda request: problems.extend(_fetched(request.url)))
        page.on("console", lambda message: problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            page.wait_for_function(UNPACKED)
        assert problems == []
        return page

    yield opened
    assert problems == []


def _fetched(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:", "blob:")) else [f"fetched {url}"]


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, or skip where there is none."""
    folder = os.environ.get("NODE_PATH", str(ROOT / ".venv-test" / "node_modules"))
    source = Path(folder, "axe-core", "axe.min.js")
    if shutil.which("node") is None or not source.exists():
        pytest.skip("npm install --prefix .venv-test axe-core@4.14.1")
    return source.read_text("utf-8")


def violations(page: Any, axe: str) -> list[str]:
    """Return what axe finds fault with in a page."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
