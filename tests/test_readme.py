"""What the README says is printed is printed; its examples are run as doctests."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autograd import Value, explain
from autograd.__main__ import main

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)\n```$", README, re.MULTILINE | re.DOTALL)


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 250


def test_the_first_command_prints_what_stands_below_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command, printed = BLOCKS[:2]
    arguments = shlex.split(command.rpartition("&& ")[2])
    assert Path(arguments[0]).name == "chainrule"
    assert main(arguments[1:]) == 0
    assert capsys.readouterr().out.strip() == printed
    assert (tmp_path / "graph.svg").exists()


def test_an_explanation_stands_there_as_it_is() -> None:
    w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    z = w * x + b
    y = z * z.sigmoid()
    z.label, y.label = "z", "y"
    assert str(explain(y, z)) in BLOCKS
