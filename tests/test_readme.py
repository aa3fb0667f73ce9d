"""What the README says is so: what is printed, and what others do; its examples are doctests."""

from __future__ import annotations

import math
import re
import shlex
import warnings
from pathlib import Path

import pytest

from autograd import RULES, DomainError, InfiniteGradientWarning, Value, explain, where
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


def claimed(row: str) -> list[str]:
    """Return a row of the table of features: ours, micrograd's, PyTorch's, CasADi's."""
    [cells] = re.findall(rf"^\| {re.escape(row)}.*? \| (.*) \|$", README, re.MULTILINE)
    return [cell.strip() for cell in cells.split("|")]


def test_operations_are_counted() -> None:
    ours = [name for name, line in RULES.items() if line.own and not name.startswith("_")]
    assert claimed("operations differentiated")[:2] == [str(len(ours)), "4"]


def test_micrograd_is_what_is_said_of_it() -> None:
    engine = pytest.importorskip("micrograd.engine")
    lines = [
        len(path.read_text().splitlines()) for path in Path(engine.__file__).parent.glob("*.py")
    ]
    assert claimed("to be read")[1] == f"all of it: {sum(lines)} lines"
    x = engine.Value(0.0)
    assert not any(hasattr(x, name) for name in ("log", "exp", "sqrt"))
    (x * x).backward()
    assert type(x.grad) is not engine.Value  # so that it has no second derivatives
    for _ in range(5000):
        x = x + 1.0
    with pytest.raises(RecursionError):
        x.backward()
    assert claimed("a million operations")[:2] == ["yes", "recursion fails"]


def test_pytorch_is_what_is_said_of_it() -> None:
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it says nothing
        x = torch.tensor(0.0, requires_grad=True)
        untaken = torch.where(x > 0, x.sqrt(), 0 * x)
        slopes = [torch.autograd.grad(y, x)[0].item() for y in (x.sqrt(), untaken)]
        found = [x.log().item(), *slopes]
    assert found[:2] == [-math.inf, math.inf]
    assert math.isnan(found[2])
    assert claimed("log of 0")[2] == "−∞, ∞, NaN, in silence"


def test_casadi_is_what_is_said_of_it() -> None:
    casadi = pytest.importorskip("casadi")
    x = casadi.SX.sym("x")
    untaken = casadi.if_else(x > 0, casadi.sqrt(x), 0 * x)
    slopes = [casadi.gradient(y, x) for y in (casadi.sqrt(x), untaken)]
    found = casadi.Function("f", [x], [casadi.log(x), *slopes])(0)
    assert [*map(float, found)] == [-math.inf, math.inf, 0]
    assert claimed("log of 0")[3] == "−∞, ∞, 0, in silence"
    assert str(casadi.gradient(casadi.sin(x), x)) == "cos(x)"
    assert claimed("the gradient as a formula")[3] == "yes"


def test_we_are_what_is_said_of_us() -> None:
    x = Value(0.0, "x")
    with pytest.raises(DomainError):
        x.log()
    with pytest.warns(InfiniteGradientWarning):
        x.sqrt().backward()
    x = Value(0.0, "x")
    where(x > 0, x.sqrt(), 0 * x).backward()
    assert x.grad == 0
    assert claimed("log of 0")[0] == "an error, a warning, 0"
