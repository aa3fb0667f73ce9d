"""Compiled code on disk: believed only where nobody else can have written it, and whole."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Program, Value, rule
from autograd import functions as f
from autograd.program import compiler
from autograd.program.cache import Cache

ROOT = Path(autograd.__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which programs of this test keep their code."""
    compiler.runner()  # is there once in a process, and kept elsewhere
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "chainrule"


class Started:
    """Compilers that know nothing yet but what is on disk, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.made: list[Any] = []  # the code of each is there as long as it is
        self.compiled: list[int] = []

    def __call__(self) -> None:
        """Begin anew, as another process would."""
        made = compiler._Compiler()
        kernels = cache(lambda write, *arguments: made.address(write(*arguments)))
        whole = made._compile

        def counted(text: str) -> bytes:
            self.compiled[-1] += 1
            return whole(text)

        self.monkeypatch.setattr(made, "_compile", counted)
        self.monkeypatch.setattr(compiler, "_kernel", kernels)
        self.made.append(made)
        self.compiled.append(0)


@pytest.fixture
def start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Return what starts another compiler, and has started one."""
    started = Started(monkeypatch)
    started()
    return started


def found() -> list[list[float]]:
    """Return what a program finds."""
    x, w = Value(2.0, "x"), Value(0.5, "w")
    run = Program((w * x).tanh() * x + w.exp(), [x], [w], backend="compiled")(
        np.linspace(-1, 1, 20)[:, None]
    )
    return [run.values.tolist(), run.gradient.tolist(), run.input_gradients[:, 0].tolist()]


def test_what_was_compiled_once_is_read_from_disk(folder: Path, start: Started) -> None:
    true = found()
    files = {path: path.read_bytes() for path in folder.iterdir()}
    assert len(files) == start.compiled[0] > 5
    assert found() == true
    assert start.compiled == [len(files)]
    start()
    assert found() == true
    assert start.compiled == [len(files), 0]
    assert {path: path.read_bytes() for path in folder.iterdir()} == files
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def flipped(path: Path) -> None:
    kept = bytearray(path.read_bytes())
    kept[len(kept) // 2] ^= 1
    path.write_bytes(kept)


def linked(path: Path) -> None:
    other = path.with_suffix(".other")
    path.rename(other)
    path.symlink_to(other)


SPOILED: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "digest alone": lambda path: path.write_bytes(path.read_bytes()[:32]),
    "long": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "flipped": flipped,
    "foreign": lambda path: path.write_bytes(b"#!/bin/sh\n" * 100),
    "symlink": linked,
    "for the group": lambda path: path.chmod(0o660),
    "for all": lambda path: path.chmod(0o602),
}


@pytest.mark.slow
@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_what_is_not_as_it_was_kept_is_compiled_again_and_mended(
    spoil: Callable[[Path], object], folder: Path, start: Started
) -> None:
    true = found()
    files = {path: path.read_bytes() for path in folder.iterdir()}
    for path in files:
        spoil(path)
    start()
    assert found() == true
    assert start.compiled == [len(files)] * 2
    for path, kept in files.items():
        assert path.read_bytes() == kept
        assert not path.is_symlink()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    start()
    assert found() == true
    assert start.compiled[-1] == 0


@pytest.mark.slow
def test_one_kernel_is_not_taken_for_another(folder: Path, start: Started) -> None:
    true = found()
    paths = sorted(folder.iterdir())
    contents = [path.read_bytes() for path in paths]
    for path, kept in zip(paths, contents[1:] + contents[:1], strict=True):
        path.write_bytes(kept)
    start()
    assert found() == true
    assert start.compiled[-1] == len(paths)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_folder_that_others_can_write_to_is_not_used(
    mode: int, folder: Path, start: Started
) -> None:
    true = found()
    files = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    folder.chmod(mode)
    start()
    assert found() == true
    assert start.compiled[-1] == len(files)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == files


@pytest.mark.slow
def test_a_folder_that_is_a_link_is_not_used(folder: Path, start: Started) -> None:
    true = found()
    count = len([*folder.iterdir()])
    folder.rename(folder.with_name("other"))
    folder.symlink_to(folder.with_name("other"))
    start()
    assert found() == true
    assert start.compiled[-1] == count


@pytest.mark.slow
def test_what_belongs_to_another_is_not_used(
    folder: Path, start: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = found()
    count = len([*folder.iterdir()])
    with monkeypatch.context() as context:
        context.setattr(os, "getuid", lambda: 12345)
        start()
        assert found() == true
    assert start.compiled == [count] * 2


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("what", ["folder", "files"])
def test_what_was_given_away_is_not_used(what: str, folder: Path, start: Started) -> None:
    true = found()
    files = [*folder.iterdir()]
    for path in [folder] if what == "folder" else files:
        os.chown(path, 12345, -1)
    start()
    assert found() == true
    assert start.compiled == [len(files)] * 2


@pytest.mark.slow
@pytest.mark.parametrize("there", ["a file", "a file above", "nothing that is absolute"])
def test_where_nothing_can_be_kept_nothing_is_said(
    there: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    (tmp_path / "nobody").write_text("")
    if there == "a file":
        folder.parent.mkdir()
        folder.write_text("mine")
    elif there == "a file above":
        folder.parent.write_text("mine")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        monkeypatch.chdir(tmp_path)
    started = Started(monkeypatch)
    started()
    true = found()
    started()
    assert found() == true
    assert started.compiled[0] == started.compiled[1] > 5
    assert not Path("relative").exists()
    if there != "nothing that is absolute":
        assert (folder if there == "a file" else folder.parent).read_text() == "mine"


@pytest.mark.slow
def test_a_full_disk_leaves_no_halves(
    folder: Path, start: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograd.program import cache as module

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as context:
        context.setattr(module, "write", full)
        true = found()
    assert [*folder.iterdir()] == []
    start()
    assert found() == true
    assert len([*folder.iterdir()]) == start.compiled[-1] > 5


def test_the_folder_is_the_one_that_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for chosen, home in [
        (str(tmp_path / "c"), tmp_path / "c"), ("", tmp_path / ".cache"),
        ("relative/c", tmp_path / ".cache"),
    ]:  # fmt: skip
        monkeypatch.setenv("XDG_CACHE_HOME", chosen)
        assert Cache().folder == home / "chainrule"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert Cache().folder == tmp_path / ".cache" / "chainrule"


def test_another_name_of_the_same_bytes_is_another_thing(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "kept")
    kept.keep("a", b"code")
    kept.keep("b", b"other")
    kept.keep("b", b"newer")
    assert (kept.find("a"), kept.find("b"), kept.find("c")) == (b"code", b"newer", None)
    (tmp_path / "kept" / "c").write_bytes((tmp_path / "kept" / "a").read_bytes())
    (tmp_path / "kept" / "c").chmod(0o600)
    assert kept.find("c") is None
    (tmp_path / "kept" / "d").mkdir()
    assert kept.find("d") is None
    kept.keep("d", b"code")
    assert kept.find("d") is None


def test_a_rule_that_changed_is_compiled_anew(start: Started) -> None:
    x = Value(2.0, "x")

    def slope_of(factor: float) -> list[list[float]]:
        @rule
        def scaled(x: Any) -> Any:
            return factor * f.sin(x), (factor * f.cos(x),)

        run = Program(scaled(x), [x], backend="compiled")([[0.0], [0.0]])
        slopes: list[list[float]] = run.input_gradients.tolist()
        return slopes

    for again in range(2):
        for factor in (1.0, -3.0, 1.0, 0.5):
            assert slope_of(factor) == [[factor]] * 2
        if not again:
            start()
    assert start.compiled[0] >= 6
    assert start.compiled[1] == 0


@pytest.mark.slow
def test_another_processor_or_compiler_has_code_of_its_own(
    folder: Path, start: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = found()
    count = len([*folder.iterdir()])
    with monkeypatch.context() as context:
        context.setattr(compiler, "version", lambda name: "another")
        start()
        assert found() == true
    assert start.compiled == [count] * 2
    assert len([*folder.iterdir()]) == 2 * count


PROCESS = """
import sys
import numpy as np
from autograd import Program, Value
leaves = [Value(0.1 * k, f"w{k}") for k in range(6)]
x, y = Value(2.0, "x"), leaves[0]
for k, name in enumerate(["tanh", "exp", "sigmoid", "erf", "atan", "cbrt", "softplus", "gelu"]):
    y = getattr(y * x + leaves[k % 6], name)()
run = Program(y, [x], leaves, backend="compiled")(np.linspace(0.5, 1, 50)[:, None])
print(run.values.tobytes().hex(), run.gradient.tobytes().hex())
"""


@pytest.mark.slow
def test_processes_that_fill_the_cache_at_once_find_the_same(folder: Path) -> None:
    def begun() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROCESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, cwd=ROOT,
        )  # fmt: skip

    started = [begun() for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in started]
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    outputs.append(begun().communicate(timeout=120))
    found = [printed for printed, _ in outputs]  # a slow one says that it compiles
    assert len(found[0]) > 800
    assert found[1:] == found[:1] * 2
    assert len(files) > 15
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert all(Cache(folder).find(name) for name in files)


FORKED = """
import os, warnings
import numpy as np
from autograd import Program, Value
warnings.simplefilter("ignore")
x, w = Value(2.0, "x"), Value(0.5, "w")
program = Program((w * x).tanh() * x, [x], [w], backend="compiled", threads=2)
X = np.linspace(-1, 1, 60_000)[:, None]
true = program(X).gradient
child = os.fork()
if not child:
    os._exit(0 if (program(X).gradient == true).all() else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")
def test_a_forked_process_has_threads_of_its_own(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_what_takes_long_is_said_once(
    folder: Path, start: Started, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    found()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(compiler, "SLOW", -1.0)
    start()
    found()
    said = capsys.readouterr().err.splitlines()
    assert set(said) == {"autograd: compiling a program, once; it is kept for the next time"}
