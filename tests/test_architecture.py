"""Imports point down, and nothing heavy comes along."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import autograd
import nn

ROOT = Path(autograd.__file__).parent.parent

FLOORS = [
    ["tools.text"],
    ["errors"],
    ["tools"],
    ["number", "source"],
    ["graph"],
    ["comparisons"],
    ["libraries.floats"],
    ["libraries.exact", "libraries.arrays"],
    ["libraries.symbols"],
    ["libraries"],
    ["functions"],
    ["rule"],
    ["rules"],
    ["steep", "recording"],
    ["sweep", "copying", "spellings", "ufuncs"],
    ["value"],
    ["structures", "signatures"],
    ["batches"],
    ["program.symbols"],
    ["program.branches", "program.rolling"],
    ["program.forms", "program.elementary", "program.accurate"],
    ["program.blocks", "program.results", "program.cache"],
    ["program.assembler", "program.tape"],
    ["program.arrays"],
    ["program.kernels", "program.jax", "program.every_node"],
    ["program.compiler"],
    ["program.machine"],
    ["program.backends"],
    ["replay"],
    ["program.given", "program.samples", "program.way"],
    ["program.ways", "program.alarm"],
    ["program.run"],
    ["program"],
    ["gradients"],
    ["decimals", "float_slopes"],
    ["precise"],
    ["precise_slopes"],
    ["finite_differences"],
    ["rule_points"],
    ["rule_trials"],
    ["rule_check"],
    ["grammar"],
    ["vocabulary"],
    ["parser"],
    ["expression"],
    ["views.writing.alphabets", "views.writing.numbers"],
    ["views.writing.label_grammar"],
    ["views.writing.printers"],
    ["views.writing.labels"],
    ["views.writing.terminals", "views.writing.scripts"],
    ["views.writing.formulas", "views.writing.tables", "views.writing.javascript"],
    [
        "views.tracing.longest",
        "views.tracing.neurons",
        "views.tracing.samples",
        "views.tracing.wide",
    ],
    ["views.tracing.names"],
    ["views.tracing.graph", "views.tracing.groups"],
    ["views.tracing.averages", "views.tracing.broken", "views.tracing.closed_form"],
    ["views.tracing.folding"],
    ["views.tracing.matrices", "views.tracing.notation", "views.tracing.paths"],
    [
        "views.tracing.equations",
        "views.tracing.layers",
        "views.tracing.ranking",
        "views.tracing.statements",
    ],
    ["views.tracing.flow"],
    ["views.tracing.walk"],
    ["views.tracing.tables"],
    ["views.example"],
    ["views.pictures.renderer", "views.pictures.svg"],
    ["views.pictures.animation", "views.pictures.tikz"],
    ["views.pictures.drawing"],
    ["views.pictures.tree"],
    ["views.pictures.graph"],
    ["views.by_hand.exercises", "views.by_hand.forms", "views.by_hand.points"],
    ["views.by_hand.pools", "views.by_hand.reader"],
    ["views.by_hand.catalogue", "views.by_hand.backward", "views.by_hand.followed"],
    ["views.by_hand.mistake", "views.by_hand.sweeps", "views.by_hand.wrong_formulas"],
    ["views.by_hand.local_slips", "views.by_hand.sums"],
    ["views.by_hand.arrays", "views.by_hand.links", "views.by_hand.matrices"],
    ["views.by_hand.pairs"],
    ["views.by_hand.mistakes"],
    ["views.by_hand.causes", "views.by_hand.judging", "views.by_hand.telling"],
    ["views.by_hand.numbers", "views.by_hand.told"],
    ["views.by_hand.questions"],
    ["views.paper.sheets"],
    ["views.paper.html", "views.paper.latex", "views.paper.pdf"],
    ["views.paper.files"],
    ["views.classroom.asked", "views.classroom.code"],
    ["views.classroom.notebooks", "views.classroom.xml"],
    ["views.classroom.moodle", "views.classroom.qti"],
    ["views.classroom.files"],
    ["views.page.packing"],
    ["views.page.asking", "views.page.computing", "views.page.reading"],
    ["views.page.summing", "views.page.working_out"],
    ["views.page.page"],
    ["views.matrix_check", "views.matrix_explanation"],
    ["views.check", "views.draw", "views.exercise", "views.plot_tangent", "views.what_goes_wrong"],
    ["views.largest_paths"],
    ["views.explain", "views.worksheet"],
    ["views.quiz", "views.steps"],
]
"""The house from the cellar up: the engine, then the views, room by room; above them the door.

``a.b`` is a module that lives below the rest of its room a.
"""

NN_FLOORS = [
    ["tensors", "seeds", "progress"],
    ["axes", "activations"],
    ["drawing", "module"],
    ["modules", "losses", "data", "optim"],
    ["steps", "programs"],
    ["matrices", "prediction", "storage", "history", "sample_gradients", "program_steps"],
    ["training", "decision_boundary", "descent"],
    ["wanted_changes"],
    [""],
]
"""The package `nn` from the cellar up; its door is the package itself."""

MODULES = sorted([*(ROOT / "autograd").rglob("*.py"), *(ROOT / "nn").rglob("*.py")])
ROOMS = {
    "autograd.views", "autograd.views.writing", "autograd.views.tracing", "autograd.views.pictures",
    "autograd.views.by_hand", "autograd.views.paper", "autograd.views.classroom",
    "autograd.views.page", "autograd.program",
}  # fmt: skip
every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: name_of(path))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in MODULES} - {"autograd", "nn"}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def floor(module: str) -> int:
    """Return how high a module lives; the door is above all but the command line."""
    inner = module.removeprefix("autograd.")
    first = inner.partition(".")[0]
    if first in ("autograd", "__main__"):
        return len(FLOORS) + (first == "__main__")
    if module in ROOMS:  # what stands in front of a room says what is in it, and imports nothing
        return -1
    own = (height for height, names in enumerate(FLOORS) if inner in names)
    shared = (height for height, names in enumerate(FLOORS) if first in names)
    return next(chain(own, shared))


def nn_floor(module: str) -> int:
    """Return how high a module of `nn` lives."""
    stem = module.removeprefix("nn").removeprefix(".")
    return next(height for height, names in enumerate(NN_FLOORS) if stem in names)


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (module, name) for every import of this project, wherever in the file it stands.

    The name of a module in a string counts: something is going to import it.
    """
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that they can be read"
            found = [(node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.Constant) and node.value in NAMES and node.value not in ROOMS:
            found = [(node.value, "")]
        else:
            continue
        for module, name in found:
            if module.partition(".")[0] in ("autograd", "nn"):
                inner = f"{module}.{name}".replace(".", "/")
                is_module = (ROOT / f"{inner}.py").exists() or (ROOT / inner).is_dir()
                if module == "autograd" and name in autograd.__all__:
                    is_module = False  # the function `replay`, not its file
                yield (f"{module}.{name}", "") if name and is_module else (module, name)


def test_every_file_has_a_floor_and_every_floor_a_file() -> None:
    stems = {name_of(path).removeprefix("autograd.") for path in MODULES}
    named = {name for names in FLOORS for name in names}
    assert named <= stems
    views = {name for name in stems if name.startswith("views.")}
    rooms = {room.removeprefix("autograd.") for room in ROOMS}
    assert views - rooms == {name for name in named if name.startswith("views.")}


@pytest.mark.slow
@every_module
def test_imports_point_down(path: Path) -> None:
    module = name_of(path)
    own = floor(module) if module.partition(".")[0] == "autograd" else 0
    for imported, _ in imports(path):
        if module.partition(".")[0] == "nn":
            assert imported == "nn" or imported.startswith(("nn.", "autograd"))
            if imported.startswith("nn"):
                assert nn_floor(imported) < nn_floor(module), f"{module} imports {imported}"
            continue
        assert not imported.startswith("nn"), f"{module} imports {imported}"
        if module.startswith("autograd.tools."):  # tools may lean on each other
            assert floor(imported) <= own, f"{module} imports {imported}"
        else:
            assert floor(imported) < own or module == "autograd", f"{module} imports {imported}"


@every_module
def test_nn_uses_only_public_names_of_autograd(path: Path) -> None:
    if name_of(path).partition(".")[0] != "nn":
        return
    for imported, name in imports(path):
        if imported.startswith("autograd.tools."):
            assert name in import_module(imported).__all__
        elif imported.startswith("autograd"):
            assert imported == "autograd"
            assert name in autograd.__all__
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "autograd" or node.attr in autograd.__all__


def test_no_module_imports_itself_by_way_of_others() -> None:
    below = {name_of(path): {imported for imported, _ in imports(path)} for path in MODULES}
    reached = {module: set(imported) - {"autograd"} for module, imported in below.items()}
    for _ in MODULES:
        for module in reached:
            reached[module] |= {
                further for near in reached[module] for further in below.get(near, ())
            } - {"autograd"}
    assert [module for module, seen in reached.items() if module in seen] == []


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


def test_importing_and_using_the_engine_brings_nothing_heavy() -> None:
    program = """
import sys
before = set(sys.modules)
import autograd, nn
x = autograd.Value(2.0, "x")
y = (autograd.tanh(x * x) + autograd.sum([x, 1])) ** 2
y.backward()
autograd.grad(autograd.grad(autograd.exp))(1.0)
autograd.replay(y, {x: 3.0})
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""
    loaded = set(run(program).split())
    assert loaded - {"autograd", "nn"} <= set(sys.stdlib_module_names)
    assert not loaded & {"fractions", "decimal", "random", "asyncio", "unittest", "multiprocessing"}


def test_importing_the_engine_loads_no_view() -> None:
    program = """
import sys
import autograd.finite_differences
import autograd
print(*[name for name in sys.modules if name.startswith("autograd.views")])
"""
    assert run(program).split() == []


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_all_names_what_is_there(package: Any) -> None:
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None


@every_module
def test_docstrings_start_with_one_sentence(path: Path) -> None:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, documented):
            continue
        where = f"{name_of(path)}.{getattr(node, 'name', '')}"
        text = ast.get_docstring(node)
        if text is None:
            assert isinstance(node, ast.FunctionDef), f"{where} has no docstring"
            continue
        first = text.partition("\n\n")[0].replace("\n", " ")
        assert first.endswith((".", ":")), f"{where}: {first}"
        assert ". " not in first, f"{where}: {first}"
