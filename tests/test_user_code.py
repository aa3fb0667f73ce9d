"""Pages of a user's code: they run, and mypy --strict knows what everything in them is."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(autograd.__file__).parent.parent
PAGES = sorted((Path(__file__).parent / "typing").glob("[!_]*.py"))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_type_checked(page: Path) -> None:
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    done = run("-m", "mypy", "--strict", "--config-file=", str(page))
    assert done.stdout.startswith("Success"), done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs(page: Path) -> None:
    done = run(str(page))
    assert (done.returncode, done.stderr) == (0, "")
