"""The bar of a training: in a terminal, in a notebook, and nowhere if it is not wanted."""

from __future__ import annotations

from typing import Any

import pytest

from nn import MLP, SGD, fit, squared_error

TRAINING = """
from nn import MLP, SGD, fit, squared_error
model = MLP([1, 4, 1], "tanh", seed=1)
X, y = [[float(i)] for i in range(40)], [float(i % 2) for i in range(40)]
history = fit(
    model, X, y, loss=squared_error, optimizer=SGD(model.parameters(), lr=0.001), epochs=40,
    batch_size=2,
)
"""


def train(**options: Any) -> None:
    """Train a small network for two epochs."""
    model = MLP([1, 1], seed=1)
    optimizer = SGD(model.parameters(), lr=0.1)
    fit(model, [[0.0], [1.0]], [0.0, 1.0], squared_error, optimizer, epochs=2, **options)


def test_a_terminal_shows_it_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    train()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "epoch 2/2: 100%" in shown.err


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_the_environment_silences_it(
    value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TQDM_DISABLE", value)
    for progress in (True, False):
        train(progress=progress)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("value", ["0", ""])
def test_the_environment_may_leave_it_on(
    value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TQDM_DISABLE", value)
    train()
    assert "epoch 2/2" in capsys.readouterr().err
    train(progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_a_notebook_keeps_one_line_of_it() -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    exporters = pytest.importorskip("nbconvert", reason="nbconvert is not installed")
    notebook = nbformat.v4.new_notebook()
    silenced = "import os; os.environ['TQDM_DISABLE'] = '1'" + TRAINING
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (TRAINING, silenced)]
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    [line] = notebook.cells[0].outputs
    assert line.output_type == "display_data"
    assert line.data["text/plain"].startswith("epoch 40/40: 100%|█")
    assert "800/800" in line.data["text/plain"]
    assert notebook.cells[1].outputs == []
    page, _ = exporters.HTMLExporter().from_notebook_node(notebook)
    assert page.count("epoch 40/40: 100%") == 1
    assert "application/vnd.jupyter.stderr" not in page.partition("<body")[2]
