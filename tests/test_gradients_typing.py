"""A type checker knows what a derivative is: a page of a user's code, under ``mypy --strict``."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from tests.typing import gradients

pytestmark = pytest.mark.slow

MISTAKES = {
    "grad(line)([1.0, 2.0])": "call-overload",
    'grad(line)([1.0, 2.0], "3")': "call-overload",
    "grad(line)([1.0, 2.0], 3.0, tilt=2.0)": "call-overload",
    "grad(cube)(2.0).backward()": "attr-defined",
    "grad(2.0)": "call-overload",
    "gradient(x * x, [2.0])": "list-item",
    "value_and_grad(cube)(2.0)[2]": "misc",
}
"""What a user may get wrong, each with what the type checker calls it."""


def checked(page: Path) -> str:
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    root = Path(autograd.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(page)],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )
    return done.stdout + done.stderr


def test_the_page_is_right() -> None:
    report = checked(Path(gradients.__file__))
    assert report.startswith("Success"), report


def test_mistakes_are_found(tmp_path: Path) -> None:
    page = tmp_path / "mistakes.py"
    lines = Path(gradients.__file__).read_text(encoding="utf-8").splitlines()
    page.write_text("\n".join([*lines, *MISTAKES]), encoding="utf-8")
    report = checked(page)
    for i, (line, kind) in enumerate(MISTAKES.items(), start=len(lines) + 1):
        found = [text for text in report.splitlines() if f"mistakes.py:{i}: error" in text]
        assert found, f"{line} passes"
        assert any(f"[{kind}]" in text for text in found), found
