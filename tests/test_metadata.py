"""What says who and which version this is agrees with itself, and its files are what they claim."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograd import __version__
from autograd.__main__ import main

ROOT = Path(__file__).parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CITATION: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))


def test_the_version_is_that_of_the_last_release() -> None:
    headings = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "Unreleased"
    releases = [heading.split(" - ") for heading in headings[1:]]
    dates = [date.fromisoformat(day) for _, day in releases]
    assert dates == sorted(dates, reverse=True)
    assert releases[0] == [__version__, str(CITATION["date-released"])]
    assert str(CITATION["version"]) == __version__
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "autograd.__version__"}


def test_changes_are_of_the_kinds_that_keep_a_changelog_has() -> None:
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE)) <= kinds


def test_the_citation_names_the_same_authors_license_and_keywords() -> None:
    project = PROJECT["project"]
    assert CITATION["authors"] == project["authors"]
    assert CITATION["license"] == project["license"]
    assert set(CITATION["keywords"]) <= set(project["keywords"])


@pytest.mark.parametrize("called", ["chainrule", "python -m autograd"])
def test_help_says_what_was_typed(
    called: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "bin/chainrule" if called == "chainrule" else "autograd/__main__.py"
    monkeypatch.setattr(sys, "argv", [place])
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: {called} ")
    assert f'\n  {called} "tanh(w*x + b)"' in printed
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"chainrule {__version__}\n"


def test_the_console_script_is_the_module() -> None:
    module, function = PROJECT["project"]["scripts"]["chainrule"].split(":")
    program = f"import sys; from {module} import {function}; sys.exit({function}(['x*x', 'x=3']))"
    by_script, by_module = (
        subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
        for arguments in (["-c", program], ["-m", "autograd", "x*x", "x=3"])
    )
    assert by_script.stdout == by_module.stdout != ""


def test_what_is_run_before_a_commit_is_pinned_once() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    pinned = {
        line.partition("==")[0] for line in PROJECT["project"]["optional-dependencies"]["test"]
    }
    assert {hook["entry"].split()[0] for hook in hooks} == {"ruff", "mypy"} <= pinned
