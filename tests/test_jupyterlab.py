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
from autograd import steps
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
    opened.locator(".chainrule-steps .forward").nth(1).wait_for()
    yield opened
    context.close()


def test_the_stepper_works_in_an_output(page: Any) -> None:
    walk = steps(hidden_layer_weight()[0])
    forward = page.locator(".chainrule-steps .forward").first
    for step in walk[:3]:
        forward.click()
        after = page.locator(".chainrule-steps .totals").first.locator("strong .number")
        assert after.get_attribute("title") == repr(step.after)
    assert page.locator(".at").all_inner_texts() == ["step 3 of 23", "step 0 of 2"]
    assert page.dialogs == []


def test_keys_stay_within_the_stepper(page: Any) -> None:
    cells = "jupyterapp.shell.currentWidget.content.widgets.length"
    active = "jupyterapp.shell.currentWidget.content.activeCellIndex"
    count, before = page.evaluate(cells), page.evaluate(active)
    page.locator(".forward").first.focus()
    place = page.locator(".at").first.inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator(".at").first.inner_text() != place
    page.locator(".try").first.click()
    page.keyboard.type("1 a b dd x z")  # each a command where a cell has the focus
    assert page.locator(".field").first.input_value() == "1 a b dd x z"
    page.keyboard.press("Enter")
    assert "cannot read" in page.locator(".verdict").first.inner_text()
    assert (page.evaluate(cells), page.evaluate(active)) == (count, before)


def test_nothing_leaks_into_the_notebook(page: Any) -> None:
    assert page.locator(".jp-OutputArea mjx-container, .jp-OutputArea img[src=q]").count() == 0
    assert page.evaluate(LOOKS) == page.looks
    leaked = "['Stepper', 'Graph', 'Quiz', 'make', 'math'].filter(name => name in window)"
    assert page.evaluate(leaked) == []


def test_what_is_not_trusted_shows_the_static_steps(page: Any) -> None:
    page.evaluate("jupyterapp.commands.execute('docmanager:open', {path: 'saved.ipynb'}) && 0")
    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-RenderedHTML").first
    lines = shown.locator("ol").locator("li")
    lines.last.wait_for()
    assert lines.all_inner_texts() == [repr(step) for step in steps(hidden_layer_weight()[0])]
    assert shown.locator("img.picture").is_visible()
