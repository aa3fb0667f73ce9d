"""A package that is missing: who needs it, and the command that brings it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import autograd
from autograd import UsageError, Value, draw, explain, plot_tangent
from autograd.tools.optional import optional
from nn import MLP, SGD, fit, load, plot_decision_boundary, save, squared_error

ROOT = Path(autograd.__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


ASKING = {"optional", "_installed"}
"""The functions that ask for an optional package."""


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ]", requirement)[0] for requirement in requirements}


def asked_for() -> Iterator[tuple[str, list[str]]]:
    """Yield where an optional package is asked for, and what is passed."""
    for path in [*(ROOT / "autograd").rglob("*.py"), *(ROOT / "nn").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ASKING:
                given = [argument for argument in node.args if isinstance(argument, ast.Constant)]
                if len(given) == len(node.args):  # else it hands on what it was asked for
                    yield f"{path}:{node.lineno}", [str(argument.value) for argument in given]


@pytest.mark.slow
def test_every_extra_that_is_named_brings_the_package() -> None:
    found = list(asked_for())
    assert len(found) > 8
    for where, (module, operation, *extra) in found:
        package = {"PIL": "pillow"}.get(name := module.partition(".")[0], name)
        assert operation
        if extra:
            assert package in names(PROJECT["optional-dependencies"][extra[0]]), where
        else:
            assert package in names(PROJECT["dependencies"]), where


def test_what_needs_a_package_says_so_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = Value(1.0, "x")
    y = x.tanh()
    model = MLP([2, 1])
    before = model.state_dict()
    path = tmp_path / "model.safetensors"
    save(model, path)
    X, targets = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    optimizer = SGD(model.parameters(), lr=0.1)
    needs: dict[str, tuple[Callable[[], object], str, str]] = {
        "graphviz": (lambda: draw(y).dot, "a picture", "graphviz"),
        "sympy": (lambda: explain(y, x).closed_form(), "closed_form", '"chainrule[symbols]"'),
        "numpy": (lambda: plot_tangent(y), "plot_tangent", '"chainrule[plots]"'),
        "matplotlib.pyplot": (lambda: plot_tangent(y), "plot_tangent", '"chainrule[plots]"'),
        "safetensors.numpy": (lambda: save(model, path), "save", '"chainrule[nn]"'),
        "safetensors": (lambda: load(path), "load", '"chainrule[nn]"'),
        "tqdm": (
            lambda: fit(model, X, targets, loss=squared_error, optimizer=optimizer), "fit", "tqdm",
        ),
    }  # fmt: skip
    for module, (action, operation, source) in needs.items():
        package = module.partition(".")[0]
        said = re.escape(f"{operation} needs {package}; pip install {source} brings it")
        with monkeypatch.context() as context:
            context.setitem(sys.modules, module, None)
            with pytest.raises(UsageError, match=f"^{said}$"):
                action()
    with monkeypatch.context() as context:
        context.setitem(sys.modules, "matplotlib.pyplot", None)
        with pytest.raises(UsageError, match=r'a plot needs matplotlib; pip install "chainrule\['):
            plot_decision_boundary(model, X, targets)
    assert model.state_dict() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that packages are imported from."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_package_that_lacks_another_names_that_one(packages: Path) -> None:
    (packages / "leaning.py").write_text("import no_such_package.part")
    with pytest.raises(UsageError, match=r"^plot needs no_such_package; pip install leaning brin"):
        optional("leaning", "plot")
    with pytest.raises(
        UsageError, match=r'needs no_such_package; pip install "chainrule\[plots\]"'
    ):
        optional("leaning", "plot", "plots")


@pytest.mark.parametrize(
    "error", ["ImportError('libc.so.7')", "AttributeError('_ARRAY_API')", "1 / 0", "exec('(')"]
)
def test_a_package_that_is_broken_is_said_to_be(error: str, packages: Path) -> None:
    raising = error if error[0] in "1e" else f"raise {error}"
    (packages / "broken_package.py").write_text(raising)
    with pytest.raises(
        UsageError, match=r"^save needs broken_package, which does not st"
    ) as caught:
        optional("broken_package", "save")
    assert "; pip install --force-reinstall broken_package" in str(caught.value)
    assert caught.value.__cause__ is not None


def test_what_is_there_is_returned() -> None:
    assert optional("json.decoder", "load") is sys.modules["json.decoder"]
