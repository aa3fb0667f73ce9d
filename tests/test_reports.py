"""Reports on answers: as data, and as failures of a test, which a person reads."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import GradientError, UsageError, Value, check
from tests.test_classroom import neuron


def environment_of(folder: Path) -> dict[str, str]:
    """Return an environment in which programs find this project, and nothing of the user's."""
    root = str(Path(autograd.__file__).parent.parent)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    return {**os.environ, "PYTHONPATH": root, "PATH": path} | dict.fromkeys(own, str(folder))


def test_a_report_is_json_and_tells_no_gradient_unless_it_is_asked_for() -> None:
    w, x, b = Value(3.0, "w"), Value(2.0, "x"), Value(-4.5, "b")
    y = (w * x + b) ** 2
    report = check({w: 4.5, x: "?", b: 3, "nobody": 1}, y)
    told = json.loads(report.to_json())
    assert (told["ok"], told["score"]) == (report.ok, report.score)
    for finding, data in zip(report, told["answers"], strict=True):
        assert data["symbol"] == finding.symbol
        assert data["verdict"] == finding.verdict
        assert data["note"] == finding.note
        assert data["answer"] == finding.answer.written
        assert [(c["kinds"], c["reason"]) for c in data["causes"]] == [
            ([*cause.kinds], cause.reason) for cause in finding.causes
        ]
    assert [data["number"] for data in told["answers"]] == [4.5, None, 3, None]
    assert "gradient" not in report.to_json()
    asked_for = json.loads(report.to_json(gradients=True))
    assert [data["gradient"] for data in asked_for["answers"]] == [6, 9, 3, None]


def test_a_report_is_saved_as_json_alone(tmp_path: Path) -> None:
    report = check({"w": 4}, neuron())
    report.save(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(report.to_json())
    with pytest.raises(UsageError, match=r"must end in one of \.json"):
        report.save(tmp_path / "report.txt")


def test_a_failure_is_what_the_report_says_of_what_is_not_right() -> None:
    report = check({"w": 4, "x": "2(w x + b)w**2", "b": "?"}, neuron())
    wrong = [finding for finding in report if finding.verdict != "right"]
    assert len(wrong) == 2
    with pytest.raises(AssertionError) as failure:
        report.raise_for_mistakes()
    assert str(failure.value) == "\n".join(map(str, wrong))
    for finding in report:
        if finding in wrong:
            with pytest.raises(GradientError):
                finding.raise_for_mistakes()
        else:
            finding.raise_for_mistakes()
    check({"x": "2(w x + b)w**2"}, neuron()).raise_for_mistakes()


@pytest.mark.slow
def test_pytest_prints_a_failure_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "test_answers.py").write_text(
        "from autograd import Value, check\n\n\ndef test_gradients():\n"
        "    w, x = Value(3.0, 'w'), Value(2.0, 'x')\n"
        "    y = (w * x) ** 2\n    y.label = 'y'\n"
        "    check({w: 4, x: 36}, y).raise_for_mistakes()\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment_of(tmp_path), capture_output=True, text=True,
        check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1
    assert r"\n" not in done.stdout
    w, x = Value(3.0, "w"), Value(2.0, "x")
    y = (w * x) ** 2
    y.label = "y"
    printed = [line.removeprefix("E").strip() for line in done.stdout.split("\n")]
    for line in str(check({w: 4}, y)).split("\n"):
        assert any(shown.endswith(line.strip()) for shown in printed), line
    assert "raise GradientError" not in done.stdout  # nobody reads the package's own lines


def test_a_report_that_nobody_holds_is_gone_at_once() -> None:
    """A cycle would wait for Python's collector, and be paid for during a later answer."""
    w, x = Value(3.0, "w"), Value(2.0, "x")
    y = (w * x).tanh() * x
    answers = {w: -1.0, x: "2w·x"}
    (
        repr(check(answers, y)),
        check(answers, y).next_question,
    )  # what is made once for all reports is made
    gc.collect()
    gc.disable()
    try:
        report = check(answers, y)
        repr(report), report.next_question
        del report
        assert gc.collect() == 0
    finally:
        gc.enable()
