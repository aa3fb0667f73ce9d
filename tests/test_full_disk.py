"""What is saved is written whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograd import Value, draw, steps
from nn import MLP, save

SAVED = {
    "graph.svg": "draw(Value(2.0, 'x') * 3).save({path!r})",
    "graph.dot": "draw(Value(2.0, 'x') * 3).save({path!r})",
    "steps.html": "steps(Value(2.0, 'x') * 3).save({path!r})",
    "model.safetensors": "save(MLP([9, 9, 9]), {path!r})",
}

ON_A_FULL_DISK = """
import resource, signal
from autograd import AutogradError, Value, draw, steps
from nn import MLP, save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    {statement}
except AutogradError as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the size of files is limited as on Unix")
@pytest.mark.parametrize("name", SAVED)
@pytest.mark.parametrize("before", [None, b"what was there before"])
def test_a_disk_that_fills_up_leaves_what_was_there(
    name: str, before: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    if before is not None:
        path.write_bytes(before)
    program = ON_A_FULL_DISK.format(statement=SAVED[name].format(path=str(path)))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "cannot write" in done.stdout
    assert [*tmp_path.iterdir()] == ([] if before is None else [path])
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("name", SAVED)
def test_what_was_there_is_replaced_and_nothing_else_is_left(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"what was there before" * 100_000)
    names = {"Value": Value, "draw": draw, "steps": steps, "MLP": MLP, "save": save}
    exec(SAVED[name].format(path=str(path)), names)
    assert [*tmp_path.iterdir()] == [path]
    assert b"what was there before" not in path.read_bytes()
