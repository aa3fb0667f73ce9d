"""The site stays within its folder, holds what it promises, and its examples run."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest

import autograd
import nn
from tests.conftest import violations
from tests.test_playground import LOADING, served

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".venv-test" / "site"
QUESTIONS = sorted((ROOT / "site" / "documentation" / "questions").glob("*.md"))
MAIN = [
    "index.html", "questions/why-is-my-gradient-0.html", "reference/gradients.html",
    "reference/rules.html", "about.html", "search.html",
]  # fmt: skip

pytestmark = pytest.mark.slow

Open = Callable[..., Any]


def build(folder: Path, *parts: str) -> str:
    """Build parts of the site as a person does, and return what is printed."""
    for needed in ("sphinx", "myst_nb", "jupyterlite_core"):
        pytest.importorskip(needed, reason=f"{needed} is not installed")
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed (Debian: apt install npm)")
    command = [sys.executable, "site/build.py", *parts, "--to", str(folder), "--cache", str(CACHE)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site without its JupyterLite."""
    folder = tmp_path_factory.mktemp("site")
    printed = build(folder, "playground", "documentation")
    assert re.findall(r"B  (\w+)$", printed, re.MULTILINE) == [
        "playground", "lab", "documentation", "whole",
    ]  # fmt: skip
    return folder


def watch(page: Any, home: str, problems: list[str]) -> None:
    """Take down what a page fetches from elsewhere, what it misses, and what it complains of."""

    def fetched(request: Any) -> None:
        if not request.url.startswith(("blob:", "data:", "about:", home)):
            problems.append(f"fetched {request.url}")

    def missed(request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before
            problems.append(f"missed {request.url}: {request.failure}")

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            problems.append(f"{page.url}: {message.text}")

    page.on("request", fetched)
    page.on("console", said)
    page.on("requestfailed", missed)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))


@pytest.fixture
def opened(browser: Any, site: Path) -> Iterator[Open]:
    """Yield a function that opens a page; none may fetch from elsewhere, miss or complain."""
    problems: list[str] = []
    contexts: list[Any] = []

    def made(path: str, address: str = "", **options: Any) -> Any:
        home = address or site.as_uri()
        options.setdefault("viewport", {"width": 1280, "height": 1000})
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LOADING)
        watch(page, home, problems)
        page.goto(f"{home}/{path}")
        return page

    yield made
    for context in contexts:
        context.close()
    assert problems == []


# What is in the folder


class Links(HTMLParser):
    """What a page points to, and what in it can be pointed to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes that lead somewhere."""
        for name, value in attrs:
            if name in ("href", "src", "action", "poster", "data") and value:
                self.targets.append(value)
            elif name in ("id", "name") and value:
                self.anchors.add(value)


def pages(site: Path) -> Iterator[Path]:
    """Yield what is to be read: the pages of the documentation, and the playground."""
    for path in sorted(site.rglob("*.html")):
        if path.relative_to(site).parts[0] != "lab":
            yield path


def test_no_link_leaves_or_dangles(site: Path) -> None:
    read = {path: Links(path.read_text("utf-8")) for path in pages(site)}
    assert len(read) > 40
    assert [
        f"{path.relative_to(site)}: {target}"
        for path, links in read.items()
        for target in links.targets
        if not target.startswith("data:") and not leads(target, path, site, read)
    ] == []


def leads(target: str, path: Path, site: Path, read: dict[Path, Links]) -> bool:
    """Return whether a link leads to something in the site."""
    address, fragment = urldefrag(target)
    file = unquote(address.partition("?")[0])  # without the version, for browsers that keep files
    found = (path.parent / file).resolve() if file else path
    if found.is_relative_to(site / "lab"):
        return True  # is not built here
    if not found.is_relative_to(site) or not found.is_file():
        return False
    takes_any = found.is_relative_to(site / "playground") or found not in read
    return not fragment or takes_any or unquote(fragment) in read[found].anchors


def test_no_style_or_script_names_another_host(site: Path) -> None:
    for path in site.rglob("*.css"):
        text = path.read_text("utf-8")
        assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text), path


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    head, _, packed = (site / "objects.inv").read_bytes().partition(b"zlib.\n")
    assert b"chainrule" in head
    names = {line.split()[0] for line in zlib.decompress(packed).decode().splitlines()}
    for module in (autograd, nn):
        assert {f"{module.__name__}.{name}" for name in module.__all__} <= names


def test_every_rule_shows_its_derivatives(site: Path) -> None:
    html = (site / "reference" / "rules.html").read_text("utf-8")
    text = unescape(re.sub("<[^>]*>", "", html))
    for name, rule in autograd.RULES.items():
        if rule.own and not name.startswith("_"):
            assert f"def {name}(" in text
            told = (rule.__doc__ or "").split("\n")[0].replace("`", "").rstrip(".")
            assert told in text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: str(path.stem))
def test_every_question_has_a_graph_to_play_with(question: Path, site: Path) -> None:
    text = (site / "questions" / f"{question.stem}.html").read_text("utf-8")
    frames = re.findall(r'<iframe class="fitted" src="\.\./(graphs/[\w-]+\.html)"', text)
    assert frames
    for frame in frames:
        assert '<meta http-equiv="Content-Security-Policy"' in (site / frame).read_text("utf-8")


def test_every_notebook_is_shown(site: Path) -> None:
    shown = {path.stem for path in (site / "notebooks").glob("*.html")}
    assert shown == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_it_says_how_large_it_is(site: Path) -> None:
    for path in ("index.html", "guide/how-fast.html", "about.html"):
        text = (site / path).read_text("utf-8")
        assert re.search(r'data-size="whole">\d+ MB<', text)
        assert 'data-size="whole"><' not in text


def test_the_examples_of_its_builder_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sphinx", reason="sphinx is not installed")
    for folder in ("site", "site/pages"):
        monkeypatch.syspath_prepend(str(ROOT / folder))
    for name in ("extension", "programs", "playground.browser.examples"):
        found = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
        assert (found.failed, found.attempted > 0) == (0, True)


# In a browser


@pytest.mark.parametrize("where", ["folder", "server"])
def test_every_page_opens_and_fetches_nothing(where: str, site: Path, opened: Open) -> None:
    with served(site) as address:
        paths = [p.relative_to(site).as_posix() for p in pages(site) if "graphs" not in p.parts]
        page = opened("index.html", address if where == "server" else "")
        home = page.url.removesuffix("/index.html")
        for path in paths:
            page.goto(f"{home}/{path}")
            assert page.title(), path


@pytest.mark.parametrize("where", ["folder", "server"])
def test_a_search_finds(where: str, site: Path, opened: Open) -> None:
    with served(site) as address:
        page = opened("index.html", address if where == "server" else "")
        page.get_by_role("searchbox").or_(page.locator("input[name=q]")).first.fill("saturated")
        page.keyboard.press("Enter")
        page.locator("#search-results li a").first.wait_for()
        found = page.locator("#search-results li a").all_inner_texts()
        assert any("gradient 0" in text for text in found)
        page.locator("#search-results li a", has_text="gradient 0").first.click()
        page.get_by_role("heading", name="A saturated neuron").wait_for()


@pytest.mark.parametrize("where", ["folder", "server"])
def test_an_example_runs(where: str, site: Path, opened: Open) -> None:
    with served(site) as address:
        page = opened("start.html", address if where == "server" else "")
        examples = page.locator(".example")
        second = examples.nth(1)
        second.locator(".run").click()  # the first has to run before it
        output = second.locator(".output")
        output.get_by_text("(1.0019434875390167, -1.502915231308525").wait_for()
        editor = second.locator("textarea")
        editor.fill("y.backward()\n(w * 2 for w in [])\nint('no number')\nx.grad")
        editor.press("Shift+Enter")
        output.locator(".error").wait_for()
        assert output.locator("pre").count() == 2  # what follows an error has not run
        assert "invalid literal" in output.locator(".error").inner_text()
        editor.fill("draw(y)\nsteps(y)")
        editor.press("Control+Enter")
        frames = output.locator("iframe")
        frames.nth(1).wait_for()
        frames.nth(0).content_frame.locator("svg, img").first.wait_for()
        page_of_steps = frames.nth(1).content_frame.locator("iframe").content_frame
        page_of_steps.locator(".app .title").wait_for()
        second.get_by_role("button", name="Restore").click()
        assert examples.nth(1).locator("pre").first.is_visible()


def test_an_example_that_never_ends_is_stopped(opened: Open) -> None:
    page = opened("questions/why-zero-grad.html")
    example = page.locator(".example").first
    example.locator(".run").click()
    example.locator(".output").get_by_text("6.0").wait_for()
    example.locator("textarea").fill("while True: pass")
    example.locator(".run").click()
    example.locator(".run", has_text="Stop").click()
    example.locator(".said", has_text="stopped").wait_for()
    example.locator("textarea").fill("1 + 1")
    example.locator(".run", has_text="Run").click()
    example.locator(".output").get_by_text("2", exact=True).wait_for()


def test_a_graph_follows_the_page_around_it(opened: Open) -> None:
    page = opened("questions/why-plus-equals.html", color_scheme="light")
    frame = page.locator(".graph iframe").first
    inside = frame.content_frame
    frame.scroll_into_view_if_needed()
    inside.locator(".map svg").wait_for()
    page.wait_for_timeout(500)
    height = inside.locator("html").evaluate("html => html.getBoundingClientRect().height")
    assert abs(frame.evaluate("frame => frame.clientHeight") - height) < 2
    theme = "html => html.style.colorScheme"
    assert inside.locator("html").evaluate(theme) == "light"
    for _ in range(3):  # automatic, light, dark
        if page.locator("body").get_attribute("data-theme") != "dark":
            page.locator(".theme-toggle:visible").click()
    page.wait_for_timeout(200)
    assert inside.locator("html").evaluate(theme) == "dark"


@pytest.mark.parametrize("path", MAIN)
@pytest.mark.parametrize(
    "viewer",
    [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}],
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing(
    path: str, viewer: dict[str, Any], axe: str, site: Path, opened: Open
) -> None:
    with served(site) as address:  # axe reads the styles, which a page in a folder may not
        page = opened(path, address, **viewer)
        page.wait_for_load_state("networkidle")
        assert violations(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# The notebooks, running


def test_a_notebook_runs_in_the_browser(tmp_path: Path, browser: Any) -> None:
    build(tmp_path, "lab")
    notebook = min((ROOT / "notebooks").glob("*.ipynb")).name
    problems: list[str] = []
    with served(tmp_path) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        page.set_default_timeout(LOADING)
        watch(page, address, problems)
        with page.expect_event("worker", lambda worker: "pyodide" in worker.url, timeout=LOADING):
            page.goto(f"{address}/lab/notebooks/index.html?path={notebook}")
        page.locator(".jp-Toolbar-kernelName", has_text="Pyodide").first.wait_for()
        page.wait_for_timeout(2000)  # until then it would ask for a kernel
        cell = page.locator(".jp-Notebook .jp-CodeCell").first
        cell.locator(".cm-content").fill(
            "from autograd import Value, draw\nx = Value(3.0, 'x')\ny = x * x\ny.backward()\n"
            "print(x.grad)\ndraw(y)"
        )
        page.keyboard.press("Shift+Enter")
        cell.get_by_text("6.0", exact=True).wait_for()
        cell.locator(".jp-OutputArea-output svg, .jp-OutputArea-output img").first.wait_for()
        page.context.close()
    assert [problem for problem in problems if problem.startswith("fetched")] == []
