"""The steps in a notebook, as a person meets them: JupyterLab in a real browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import quiz, steps
from autograd.views.example import hidden_layer_weight

ROOT = Path(autograd.__file__).parent.parent
CELLS = [
    "from autograd import Value, steps\n"
    "from autograd.views.example import hidden_layer_weight\n"
    "steps(hidden_layer_weight()[0])",
    "x = Value(3.0, '$x$ <img src=q onerror=alert(1)>')\nsteps(x * x)",
]

LOOKS = """[...document.querySelectorAll('.jp-NotebookPanel-toolbar button, .jp-InputPrompt')].map(
    ({tagName}, i, found) => [tagName, ...['font', 'color', 'padding', 'display', 'background'].map(
        name => getComputedStyle(found[i])[name])].join())"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a JupyterLab that shows a notebook with the two cells."""
    if find_spec("jupyterlab") is None or find_spec("ipykernel") is None:
        pytest.skip("jupyterlab is not installed")
    home = tmp_path_factory.mktemp("lab")
    shown = steps(hidden_layer_weight()[0])._repr_mimebundle_()
    saved = {"output_type": "display_data", "data": shown, "metadata": {}}
    (home / "steps.ipynb").write_text(json.dumps(notebook()))
    (home / "saved.ipynb").write_text(json.dumps(notebook(saved)))
    asked = saved | {"data": quiz(*hidden_layer_weight())._repr_mimebundle_()}
    (home / "asked.ipynb").write_text(json.dumps(notebook(asked)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ip=127.0.0.1", "--ServerApp.port_retries=0", "--ServerApp.token=",
        "--ServerApp.password=", "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={home}",
    ]  # fmt: skip
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = os.environ | {name: str(home / name.lower()) for name in folders}
    environment |= {"PYTHONPATH": str(ROOT), "HOME": str(home)}
    announcements = home / "jupyter_config_dir" / "labconfig" / "page_config.json"
    announcements.parent.mkdir(parents=True)
    off = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    announcements.write_text(json.dumps(off))
    with open(home / "lab.log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=home)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api/status", server)
        yield f"{address}/lab/tree/steps.ipynb"
    finally:
        stop(server)


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ask for an end, which lets the kernels end too; they follow a server that was killed."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def notebook(*outputs: dict[str, Any]) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"cell-{i}", "source": source, "metadata": {},
         "outputs": list(outputs), "execution_count": None}
        for i, source in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(3000):
        assert server.poll() is None, "JupyterLab stopped"
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("JupyterLab did not answer within five minutes")


@pytest.fixture(scope="module")
def page(browser: Any, lab: str) -> Iterator[Any]:
    """Yield the notebook's page with both cells run."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(120_000)
    opened.dialogs = []
    opened.on("dialog", lambda dialog: (opened.dialogs.append(dialog.message), dialog.dismiss()))
    opened.goto(lab)
    opened.wait_for_function("window.jupyterapp?.shell?.currentWidget?.context?.isReady")
    opened.wait_for_function("jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    opened.looks = opened.evaluate(LOOKS)
    opened.evaluate("jupyterapp.commands.execute('notebook:run-all-cells') && 0")
    for frame in frames(opened):
        frame.locator(".forward").wait_for()
    yield opened
    context.close()


def frames(page: Any) -> list[Any]:
    """Return what is in the frames of the two pieces."""
    return [page.frame_locator(".chainrule-steps iframe").nth(i) for i in (0, 1)]


def test_the_stepper_works_in_an_output(page: Any) -> None:
    walk = steps(hidden_layer_weight()[0])
    first, second = frames(page)
    first.locator(".slider").fill("12")
    for step in walk[:3]:
        first.locator(".forward").click()
        after = first.locator(".totals strong .number")
        assert after.get_attribute("title") == repr(step.after)
    assert first.locator(".at").inner_text() == "step 3 of 23"
    assert second.locator(".at").inner_text() == "forward 0 of 1"
    assert page.locator(".chainrule-steps .static").first.is_hidden()
    assert page.dialogs == []


def test_a_frame_is_as_high_as_what_it_shows(page: Any) -> None:
    for i, frame in enumerate(frames(page)):
        frame.locator("html.interactive").wait_for()
        page.locator(".chainrule-steps iframe").nth(i).scroll_into_view_if_needed()
        for _ in range(50):  # the frame is told what its page unpacks to
            inner = frame.locator("html").evaluate("html => html.getBoundingClientRect().height")
            outer = page.locator(".chainrule-steps iframe").nth(i).bounding_box()["height"]
            if abs(outer - inner) <= 1:
                break
            page.wait_for_timeout(100)
        assert outer == pytest.approx(inner, abs=1)


def test_keys_stay_within_the_stepper(page: Any) -> None:
    cells = "jupyterapp.shell.currentWidget.content.widgets.length"
    active = "jupyterapp.shell.currentWidget.content.activeCellIndex"
    count, before = page.evaluate(cells), page.evaluate(active)
    first, _ = frames(page)
    first.locator(".forward").focus()
    place = first.locator(".at").inner_text()
    page.keyboard.press("ArrowRight")
    assert first.locator(".at").inner_text() != place
    first.locator("button.try").click()
    page.keyboard.type("1 a b dd x z")  # each a command where a cell has the focus
    assert first.locator(".field").input_value() == "1 a b dd x z"
    page.keyboard.press("Enter")
    assert first.locator(".verdict.unread").count() == 1
    assert (page.evaluate(cells), page.evaluate(active)) == (count, before)


def test_nothing_leaks_into_the_notebook(page: Any) -> None:
    assert page.locator(".jp-OutputArea mjx-container, .jp-OutputArea img[src=q]").count() == 0
    page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    page.evaluate("jupyterapp.shell.currentWidget.content.node.focus()")
    assert page.evaluate(LOOKS) == page.looks
    leaked = "['Stepper', 'Graph', 'Quiz', 'make', 'cell'].filter(name => name in window)"
    assert page.evaluate(leaked) == []


def test_it_takes_on_the_theme_of_the_notebook(page: Any) -> None:
    scheme = "html => getComputedStyle(html).colorScheme"
    first, _ = frames(page)
    assert first.locator("html").evaluate(scheme) == "light"
    theme = "jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    page.evaluate(f"{theme} && 0")
    page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells') && 0")
    first.locator("html[style*=dark]").wait_for()


def opened(page: Any, path: str) -> Any:
    """Return the panel of a notebook that is opened."""
    page.evaluate(f"jupyterapp.commands.execute('docmanager:open', {{path: '{path}'}}) && 0")
    page.wait_for_function(f"jupyterapp.shell.currentWidget?.context?.path === '{path}'")
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")


def test_what_is_not_trusted_shows_the_static_steps(page: Any) -> None:
    panel = opened(page, "saved.ipynb")
    shown = panel.locator(".jp-RenderedHTML").first
    lines = shown.locator("ol").locator("li")
    lines.last.wait_for()
    assert lines.all_inner_texts() == [repr(step) for step in steps(hidden_layer_weight()[0])]
    assert shown.locator("img.picture").is_visible()
    assert panel.locator(".jp-OutputArea :is(iframe, button, input)").count() == 0  # none is dead


def test_a_quiz_that_is_not_trusted_asks_and_does_not_tell(page: Any) -> None:
    panel = opened(page, "asked.ipynb")
    shown = panel.locator(".jp-RenderedHTML").first
    lines = shown.locator("ol").locator("li")
    lines.last.wait_for()
    loss, weight = hidden_layer_weight()
    assert lines.count() == len(quiz(loss, weight).questions) + 1
    assert all(text.endswith("______") for text in lines.all_inner_texts())
    assert "0.3163" not in panel.inner_text()
    assert panel.locator(".jp-OutputArea :is(iframe, button, input)").count() == 0
