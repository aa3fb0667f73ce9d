"""The playground and the Python in it, in a real browser, from a folder and from a server."""

from __future__ import annotations

import ast
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".venv-test" / "playground"

pytestmark = pytest.mark.slow

LOADING = 90_000
"""Milliseconds that a crowded machine may take for what takes some seconds elsewhere."""

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the playground, built as the site builds it."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed (Debian: apt install npm)")
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as context:
        context.syspath_prepend(str(ROOT / "site"))
        sizes = import_module("playground.build").build(folder, CACHE)
    assert sizes == {name: Path(folder, name).stat().st_size for name in sizes}
    assert {"index.html", "default.html", "python/python.js"} < sizes.keys()
    return folder


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Keep still."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder while the context is open, and yield its address."""
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[str]:
    """Yield the address of a server of the folder."""
    with served(site) as address:
        yield address


@pytest.fixture
def opened(browser: Any, site: Path) -> Iterator[Open]:
    """Yield a function that opens a page; none may fetch from elsewhere or complain."""
    problems: list[str] = []
    contexts: list[Any] = []

    def made(address: str = "", fragment: str = "", **options: Any) -> Any:
        home = address or site.as_uri()
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LOADING)
        own = ("blob:", "data:", "file:", home)
        page.on("request", lambda r: problems.extend(elsewhere(r.url, own)))
        page.on("console", lambda message: problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.goto(f"{home}/index.html{fragment}")
        return page

    yield made
    for context in contexts:
        context.close()
    assert problems == []


def elsewhere(url: str, own: tuple[str, ...]) -> list[str]:
    return [] if url.startswith(own) else [f"fetched {url}"]


def ready(page: Any) -> Any:
    """Return a page when its Python has started."""
    page.wait_for_selector(".save:enabled")
    return page


def steps_page(page: Any) -> Any:
    """Return the page of the steps in the playground."""
    return page.frame_locator("iframe:not(.coming)")


def facts(page: Any) -> str:
    text: str = steps_page(page).locator(".app .facts").inner_text()
    return text


def shows(page: Any, text: str) -> None:
    """Wait until the page of steps is one of this expression."""
    steps_page(page).locator(".app .facts", has_text=text).wait_for()


def held(page: Any) -> dict[str, str]:
    """Return what the address holds."""
    return dict(parse_qsl(urlsplit(page.url).fragment))


def fragment(expression: str, **numbers: str) -> str:
    return "#" + urlencode({"expression": expression, **numbers})


# The playground


@pytest.mark.parametrize("where", ["folder", "server"])
def test_an_expression_becomes_its_page(where: str, server: str, opened: Open) -> None:
    page = opened(server if where == "server" else "")
    shows(page, "σ(w × x + b) − y")  # before Python is there
    ready(page).fill("#expression", "tanh(w*x) + c")
    shows(page, "tanh(w × x) + c")
    assert held(page) == {"expression": "tanh(w*x) + c", "w": "0.5", "x": "2", "c": "0.5"}
    page.fill("#expression", "(tanh(w·x) − c)²")
    shows(page, "(tanh(w × x) − c)2")
    steps_page(page).locator("button.last").click()
    assert steps_page(page).locator(".map svg .node, .map svg g").count() > 5
    assert "step 6 of 6" in steps_page(page).locator(".at").inner_text()


def test_it_is_driven_by_keys_alone(opened: Open, tmp_path: Path) -> None:
    page = ready(opened())
    focus = "document.activeElement.id || document.activeElement.className"
    for wanted in ("", "expression"):
        page.keyboard.press("Tab")
        assert page.evaluate(focus) == wanted
    page.keyboard.press("Control+a")
    page.keyboard.type("x*x + x")
    page.keyboard.press("Enter")
    shows(page, "x × x + x")
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "save"
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    waiting.value.save_as(tmp_path / "steps.html")
    while page.evaluate("document.activeElement.tagName") != "IFRAME":
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    steps_page(page).locator(".at", has_text="step 1 of 4").wait_for()
    page.goto((tmp_path / "steps.html").as_uri())
    assert "x × x + x" in page.locator(".app .facts").inner_text()


def test_numbers_changed_in_the_page_are_those_of_the_address(opened: Open, tmp_path: Path) -> None:
    page = ready(opened("", fragment("w*x + b", w="1", x="-2", b="3")))
    shows(page, "w × x + b = 1")
    steps_page(page).get_by_label("x", exact=True).fill("5")
    page.wait_for_url(re.compile("x=5"))
    assert held(page) == {"expression": "w*x + b", "w": "1", "x": "5", "b": "3"}
    with page.expect_download() as waiting:
        page.locator(".save").click()
    waiting.value.save_as(tmp_path / "steps.html")
    page.fill("#expression", "x*x")
    shows(page, "x × x = 25")
    page.goto((tmp_path / "steps.html").as_uri())
    assert "w × x + b = 8" in page.locator(".app .facts").inner_text()


def test_who_has_come_to_the_end_stays_there_with_another_expression(opened: Open) -> None:
    page = ready(opened())
    at = steps_page(page).locator(".app .at")
    for text, place in (("u*v", "forward 0 of 1"), ("u*v*t", "forward 0 of 2")):
        page.fill("#expression", text)
        shows(page, f"{text.replace('*', ' × ')} =")
        assert at.inner_text() == place
    steps_page(page).locator("button.last").click()
    page.fill("#expression", "tanh(u*v + t)")
    shows(page, "tanh(u × v + t)")
    assert at.inner_text() == "step 5 of 5"
    page.get_by_role("link", name="saturated").click()
    shows(page, "tanh(w × x)")
    assert at.inner_text() == "forward 0 of 2"
    page.fill("#expression", "x*x")
    shows(page, "x × x")
    assert at.inner_text() == "forward 0 of 1"


def test_how_to_write_is_said_as_long_as_nothing_else_is(opened: Open) -> None:
    page = ready(opened())
    page.locator(".hint", has_text="Names are variables").wait_for()
    page.fill("#expression", "w*(x")
    page.locator(".said", has_text="Column").wait_for()
    assert page.locator(".hint").is_hidden()


def test_a_change_just_before_the_expression_changes_is_kept(opened: Open) -> None:
    page = ready(opened("", fragment("u*v", u="1", v="3")))
    shows(page, "u × v = 3")
    steps_page(page).get_by_label("v", exact=True).fill("5")
    page.evaluate("document.querySelector('form').requestSubmit()")  # at once
    page.fill("#expression", "u*v + 1")
    shows(page, "u × v + 1 = 6")
    with page.expect_download() as waiting:
        steps_page(page).get_by_label("v", exact=True).fill("7")
        steps_page(page).locator(".facts", has_text="= 8").wait_for()
        page.locator(".save").click()
    assert "= 8" in re.sub("<[^>]*>", "", Path(waiting.value.path()).read_text("utf-8"))


def test_a_copied_link_holds_the_expression_and_its_numbers(server: str, opened: Open) -> None:
    page = ready(opened(server, permissions=["clipboard-read", "clipboard-write"]))
    page.fill("#expression", "v*u + b")
    shows(page, "v × u + b")
    steps_page(page).get_by_label("v", exact=True).fill("-0.0001234")
    shows(page, "= −0.2502")
    page.get_by_role("button", name="Copy link").click()
    page.locator(".said", has_text="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    other = opened(link.partition("/index.html")[0], "#" + link.partition("#")[2])
    shows(other, "v × u + b = −0.2502")
    assert held(other) == {"expression": "v*u + b", "v": "-0.0001234", "u": "2", "b": "-0.25"}


def test_names_keep_their_numbers(opened: Open) -> None:
    page = ready(opened("", fragment("w*x", w="3", x="7", unused="2")))
    shows(page, "w × x = 21")
    assert held(page) == {"expression": "w*x", "w": "3", "x": "7"}
    page.fill("#expression", "w*x*x + v")
    shows(page, "= 147.5")
    page.goto(page.url.split("#")[0] + fragment("exp(w)", w="0"))
    shows(page, "exp(w) = 1")


ALPHA = "\N{MATHEMATICAL ITALIC SMALL ALPHA}"  # two of the units that JavaScript counts in
UNREADABLE = {"tanh(w*x": 9, "w * * x": 5, "w.grad": 2, "": 1, "(": 2, f"{ALPHA} + w ≤ 2": 7}
"""Texts, and the column where each goes wrong."""


def test_what_cannot_be_read_is_pointed_at(opened: Open) -> None:
    page = ready(opened())
    before = facts(page)
    for text, column in UNREADABLE.items():
        page.fill("#expression", text)
        page.locator(f".said:has-text('Column {column}:')").wait_for()
        assert page.locator("mark").text_content() == (text[column - 1 : column] or " ")
        page.keyboard.press("Enter")
        before_it = "document.activeElement.value.slice(0, document.activeElement.selectionStart)"
        assert page.evaluate(before_it) == text[: column - 1]
        assert page.get_attribute("#expression", "aria-invalid") == "true"
        assert facts(page) == before
    page.fill("#expression", "w*w")
    shows(page, "w × w")
    assert page.inner_text(".said") == ""
    assert page.get_attribute("#expression", "aria-invalid") == "false"


def test_where_there_is_no_value_numbers_are_asked_for(opened: Open) -> None:
    page = ready(opened())
    page.fill("#expression", "log(x − 10)")
    page.locator(".said:has-text('no value')").wait_for()
    assert page.inner_text(".said").startswith("log at x − 10 = -8.0")
    page.get_by_label("x =").fill("11")
    shows(page, "log(x − 10) = 0")
    assert page.locator(".fields").is_hidden()


HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "x</title><script>alert(1)</script>",
    "__import__('js').alert(1)",
    "alert(1)",
    "${alert(1)}`;alert(1)//",
    "x.__class__.__mro__",
    "javascript:alert(1)",
    "\u202e\u0000\ufeff",
]


def test_what_others_made_is_never_run(opened: Open) -> None:
    page = ready(opened("", fragment(HOSTILE[0], **{HOSTILE[0]: HOSTILE[0]})))
    home = page.url.partition("#")[0]
    for i, text in enumerate(HOSTILE):
        page.goto(home + fragment(text, w=text, **{text: text}))
        page.evaluate("text => { location.hash = text; }", text)
        for k, name in enumerate([text, "__proto__", "constructor"], 3 * i + 2):
            page.goto(f"{home}#expression=w*{k}&w={quote(text)}&{quote(name)}=1")
            shows(page, f"w × {k}")
            assert held(page) == {"expression": f"w*{k}", "w": "0.5"}
    for frame in page.frames:
        assert frame.locator("img[src=x]").count() == 0


def test_a_frame_takes_a_page_only_in_a_sandbox(server: str, opened: Open, site: Path) -> None:
    hostile = "<script>top.postMessage('taken', '*')</script>"
    attack = (
        f"<link rel=icon href=data:,><iframe src='{server}/frame.html'></iframe>"
        "<script>let heard = false;"
        "onmessage = () => { heard = true; };"
        "onload = () => frames[0].postMessage({ html: "
        + repr(hostile).replace("</", "<\\/")
        + " }, '*');</script>"
    )
    page = opened(server)
    for sandbox, taken in (("", False), (" sandbox='allow-scripts'", True)):
        html = attack.replace("'></if", f"'{sandbox}></if")
        Path(site, f"attack-{taken}.html").write_text(html, "utf-8")
        page.goto(f"{server}/attack-{taken}.html")
        page.wait_for_timeout(500)
        assert page.evaluate("heard") is taken


def test_a_calculation_that_takes_long_can_be_given_up(opened: Open) -> None:
    page = ready(opened())
    page.workers[0].evaluate("() => { setTimeout(() => { for (;;); }); }")  # as long as it lasts
    page.fill("#expression", "w + x")
    page.locator(".stop").click()
    page.locator(".said", has_text="started again").wait_for()
    page.fill("#expression", "w*w")
    shows(page, "w × w")


VIEWERS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "has_touch": True},
    "telephone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
}


@pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)
def test_axe_finds_nothing(viewer: dict[str, Any], axe: str, opened: Open) -> None:
    page = opened(bypass_csp=True, **viewer)
    page.evaluate(axe)
    run = "axe.run(document, {iframes: false, preload: false, resultTypes: ['violations']})"
    states = {"w*x": "", "w*(x": "Column", "log(x − 10)": "no value"}
    for text, said in {"": "Python is", **states}.items():
        if text:
            ready(page).fill("#expression", text)
        page.wait_for_function(
            "said => document.querySelector('.said').textContent.includes(said)", arg=said
        )
        found = page.evaluate(run)["violations"]
        assert [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_the_example_is_there(opened: Open) -> None:
    page = opened(java_script_enabled=False)
    assert page.locator(".hint").is_hidden()
    assert "example" in page.inner_text("noscript")
    assert "w" in page.frame_locator("iframe").locator(".static .facts").inner_text()


FIREFOX = """
const { default: puppeteer } = await import(process.argv[3]);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: process.argv[4] });
const page = await browser.newPage();
const problems = [];
page.setDefaultTimeout(Number(process.argv[5]));
page.on("console", (message) => problems.push(message.text()));
page.on("pageerror", (error) => problems.push(error.message));
await page.goto(process.argv[2]);
await page.waitForSelector(".save:enabled");
await page.focus("#expression");
await page.keyboard.down("Control");
await page.keyboard.press("a");
await page.keyboard.up("Control");
await page.keyboard.type("tanh(w*x) + c");
await page.waitForFunction(() => location.hash.includes("c="));
await page.waitForSelector("iframe[src='frame.html'][style*='height']:not(.coming)");
const [, frame] = page.frames();
console.log(await frame.$eval(".app .facts", (facts) => facts.textContent));
console.log(problems.join());
await browser.close();
"""


def test_firefox_runs_it_from_a_folder(site: Path, tmp_path: Path) -> None:
    firefox, modules = shutil.which("firefox-esr"), ROOT / ".venv-test" / "node_modules"
    driver = modules / "puppeteer-core" / "lib" / "esm" / "puppeteer" / "puppeteer-core.js"
    if firefox is None or not driver.exists():
        pytest.skip("no firefox-esr or no puppeteer-core: .ci/run installs them")
    script = tmp_path / "firefox.mjs"
    script.write_text(FIREFOX, "utf-8")
    arguments = [script, (site / "index.html").as_uri(), driver.as_uri(), firefox, LOADING]
    done = subprocess.run(["node", *map(str, arguments)], capture_output=True, text=True)
    assert done.stdout.startswith("v3 = tanh(w × x) + c = 1.262"), done.stderr[-2000:]
    assert done.stdout.splitlines()[1] == ""


# Python in the browser


@pytest.fixture(scope="session")
def python(browser: Any, site: Path) -> Iterator[Callable[[str], list[dict[str, str]]]]:
    """Yield a function that runs code in the browser as a cell of a notebook."""
    Path(site, "python.html").write_text('<script src="python/python.js"></script>', "utf-8")
    page = browser.new_page()
    page.goto(Path(site, "python.html").as_uri())
    page.evaluate("async () => { window.python = await loadPython(); }")
    yield lambda code: page.evaluate("code => python.run(code)", code)
    page.close()


BEGINNING = """
from autograd import *
from autograd.views.example import hidden_layer_weight
x, w, b = Value(2.0, "x"), Value(-3.0, "w"), Value(6.5, "b")
y = (w * x + b).tanh() * x
y.label = "y"
y.backward()
loss, weight = hidden_layer_weight()
"""

VIEWS = [
    "y.data, [v.grad for v in (x, w, b)]",
    "str(steps(y))",
    "str(steps(loss))",
    "str(explain(loss, weight))",
    "str(explain(loss, weight, top=1))",
    "explain(loss, weight).latex",
    "str(check({w: 0.5, b: '1 − tanh(w*x + b)^2'}, y))",
    "str(what_goes_wrong(y))",
    "str(worksheet(loss))",
    "str(steps(exercise(seed=3)))",
    "repr(quiz(loss, weight))",
    "str(draw(loss))",
    "draw(loss).dot",
    "sorted(__import__('re').findall(r'>([^<>]+)</t', draw(loss).svg))",
    "steps(loss)._repr_mimebundle_()['text/html'].count('<li>')",
    "draw(loss).content('graph.tex').count(b'node')",
]


@pytest.mark.parametrize("view", VIEWS)
def test_views_say_in_the_browser_what_they_say_elsewhere(
    view: str, python: Callable[[str], list[dict[str, str]]]
) -> None:
    variables: dict[str, Any] = {}
    exec(BEGINNING, variables)
    assert python(BEGINNING + view) == [{"text/plain": repr(eval(view, variables))}]


def test_a_value_shows_its_picture_or_says_what_is_missing(
    python: Callable[[str], list[dict[str, str]]],
) -> None:
    [shown] = python(BEGINNING + "y")
    assert "data:image/svg+xml" in shown["text/html"]
    code = BEGINNING + "import js\nkept = js.graphviz\ndel js.graphviz\ndraw(y)"
    [shown] = python(code)
    assert shown.keys() == {"text/plain"}
    assert "y = v3 × x" in shown["text/plain"]
    assert "js.graphviz" in shown["text/plain"]
    assert python("js.graphviz = kept\ndraw(y)")[0].keys() == {"text/html", "text/plain"}


README = """
import doctest, json
failures = []

class Runner(doctest.DocTestRunner):
    def report_failure(self, out, test, example, got):
        failures.append([example.source, "", got])

    def report_unexpected_exception(self, out, test, example, info):
        failures.append([example.source, info[0].__name__, str(info[1])])

runner = Runner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
test = doctest.DocTestParser().get_doctest(README, {}, "README", "README.md", 0)
json.dumps([runner.run(test).attempted, failures])
"""


def test_the_examples_of_the_readme_run_in_the_browser(
    python: Callable[[str], list[dict[str, str]]],
) -> None:
    text = Path(ROOT, "README.md").read_text("utf-8")
    shown = python(f"README = {text!r}\n{README}")
    attempted, failures = json.loads(ast.literal_eval(shown[-1]["text/plain"]))
    missing: set[str] = set()  # what is made by packages that no browser has
    for source, kind, said in failures:
        needs = kind == "ModuleNotFoundError" or "brings it" in said
        follows = kind == "NameError" and said.split("'")[1] in missing
        assert needs or follows, (source, said)
        missing |= made(source)
    assert attempted - len(failures) > attempted / 2


def made(source: str) -> set[str]:
    """Return the names that a statement would have given a value."""
    nodes = list(ast.walk(ast.parse(source)))
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    return stored | {each.asname or each.name for n in imports for each in n.names}


INSTALL = """
const [, , folder, index, project, ...tools] = process.argv;
const { readFileSync } = require("fs");
const { loadPyodide } = require(folder);
loadPyodide().then(async (python) => {
  for (const tool of tools) {
    python.unpackArchive(new Uint8Array(readFileSync(tool)), "wheel", { extractDir: "/tools" });
  }
  python.globals.set("index", index);
  python.globals.set("project", project);
  const installed = await python.runPythonAsync(`
    import sys
    sys.path.append("/tools")
    import micropip
    await micropip.install(project, index_urls=[index])
    import autograd, nn
    " ".join(sorted(micropip.list()))
  `);
  console.log(installed);
});
"""


@pytest.mark.usefixtures("site")
def test_micropip_installs_the_wheel_from_a_folder_of_wheels(tmp_path: Path) -> None:
    tools = sorted((ROOT / ".venv-test" / "wheels").glob("*.whl"))
    if not tools:
        pytest.skip("no micropip: .ci/run fetches it")
    wheels = sorted((CACHE / "wheels").glob("*.whl"))
    for wheel in wheels:
        folder = tmp_path / wheel.name.split("-")[0]
        folder.mkdir()
        shutil.copy(wheel, folder)
        Path(folder, "index.html").write_text(
            f'<!doctype html><title>{wheel.name}</title><a href="{wheel.name}">{wheel.name}</a>'
        )
    script = tmp_path / "install.js"
    script.write_text(INSTALL, "utf-8")
    pyodide = CACHE / "node_modules" / "pyodide" / "pyodide.js"
    with served(tmp_path) as index:
        [project] = [f"{index}/chainrule/{w.name}" for w in wheels if "chainrule" in w.name]
        command = ["node", *map(str, [script, pyodide, f"{index}/", project, *tools])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.split() == ["chainrule", "graphviz", "tqdm", "wcwidth"], done.stderr[-2000:]
