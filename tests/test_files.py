"""Saved files: whole or not at all, where their owner put them and as their owner made them."""

from __future__ import annotations

import ast
import errno
import io
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import autograd
from autograd import AutogradError, UsageError, Value, draw, steps
from autograd.__main__ import main
from autograd.tools import files
from autograd.tools.files import PathName, suffix_of, write, write_all
from nn import MLP, load, save

ROOT = Path(autograd.__file__).parent.parent

Saver = Callable[[PathName], None]


def graph() -> Value:
    return (Value(2.0, "w") * Value(3.0, "x")).tanh()


SAVERS: dict[str, Saver] = {
    ".dot": lambda path: draw(graph()).save(path),
    ".html": lambda path: steps(graph()).save(path),
    ".safetensors": lambda path: save(MLP([2, 1], output=lambda z: z * z, seed=0), path),
    "": lambda path: write(path, "content"),
}
"""Everything that writes a file, by the suffix it asks for."""

every_saver = pytest.mark.parametrize("suffix", SAVERS)


def saved(suffix: str, folder: Path) -> bytes:
    """Return what a saver writes, written where nothing is in the way."""
    path = folder / f"reference{suffix}"
    SAVERS[suffix](path)
    content = path.read_bytes()
    path.unlink()
    return content


def left(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def full_disk(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


# Where a file is put, and what it keeps


@pytest.mark.slow
@every_saver
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o666, 0o755, 0o200, 0o2660, 0o4755])
def test_a_file_keeps_its_mode(suffix: str, mode: int, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_text("old")
    path.chmod(mode)
    SAVERS[suffix](path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    path.chmod(0o600)
    assert path.read_bytes() == saved(suffix, tmp_path)
    assert left(tmp_path) == [path.name]


@every_saver
@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o027, 0o077])
def test_a_fresh_file_has_the_mode_that_the_umask_leaves(
    suffix: str, mask: int, tmp_path: Path
) -> None:
    with umask(mask):
        SAVERS[suffix](tmp_path / f"file{suffix}")
    assert stat.S_IMODE((tmp_path / f"file{suffix}").stat().st_mode) == 0o666 & ~mask


def test_what_is_private_is_so_while_it_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o600)
    seen = []

    def watched(call: Callable[..., None]) -> Callable[..., None]:
        def watching(*given: Any) -> None:
            [beside] = [p for p in tmp_path.iterdir() if p != path]
            seen.append(stat.S_IMODE(beside.stat().st_mode))
            call(*given)

        return watching

    for call in (os.chmod, os.fsync):
        monkeypatch.setattr(os, call.__name__, watched(call))
    with umask(0):
        write(path, "new")
    assert seen == [0o600, 0o600]


@every_saver
def test_a_file_keeps_its_owner_and_group(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_text("old")
    try:
        os.chown(path, 1234, 4321)
    except PermissionError:
        pytest.skip("only root gives files away")
    path.chmod(0o4640)
    SAVERS[suffix](path)
    found = path.stat()
    assert (found.st_uid, found.st_gid) == (1234, 4321)
    assert stat.S_IMODE(found.st_mode) == 0o4640


@pytest.mark.slow
@every_saver
@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555, 0o000])
def test_a_read_only_file_is_refused_by_name(suffix: str, mode: int, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_text("old")
    path.chmod(mode)
    (tmp_path / f"link{suffix}").symlink_to(path)
    for name in (path, tmp_path / f"link{suffix}"):
        with pytest.raises(
            UsageError, match=rf"cannot write .*{name.name}: it is read-only; allow"
        ):
            SAVERS[suffix](name)
    path.chmod(0o600)
    assert path.read_text() == "old"
    assert left(tmp_path) == [path.name, f"link{suffix}"]


@every_saver
@pytest.mark.parametrize("old", ["old", None], ids=["a file", "nothing yet"])
def test_a_link_stays_a_link_and_leads_to_the_new_content(
    suffix: str, old: str | None, tmp_path: Path
) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    target = elsewhere / "target"
    if old:
        target.write_text(old)
        target.chmod(0o600)
    links = [home / f"first{suffix}", home / f"second{suffix}"]
    links[0].symlink_to("../elsewhere/target")
    links[1].symlink_to(links[0].name)
    SAVERS[suffix](links[1])
    assert all(link.is_symlink() for link in links)
    assert target.read_bytes() == saved(suffix, tmp_path)
    assert not target.is_symlink()
    assert not old or stat.S_IMODE(target.stat().st_mode) == 0o600
    assert left(home) == sorted(link.name for link in links)
    assert left(elsewhere) == ["target"]


@every_saver
def test_links_that_lead_nowhere_are_refused(suffix: str, tmp_path: Path) -> None:
    loop, lost = tmp_path / f"loop{suffix}", tmp_path / f"lost{suffix}"
    loop.symlink_to(loop.name)
    lost.symlink_to("missing/target")
    with pytest.raises(UsageError, match=r"cannot write .*loop.*;"):
        SAVERS[suffix](loop)
    with pytest.raises(UsageError, match=r"cannot write .*lost.*: there is no folder .*missing;"):
        SAVERS[suffix](lost)
    assert loop.is_symlink()
    assert lost.is_symlink()
    assert left(tmp_path) == [loop.name, lost.name]


@every_saver
def test_files_of_a_similar_name_are_not_touched(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    own = [tmp_path / f"{path.name}{ending}" for ending in (".part", ".tmp", "~")]
    for other in own:
        other.write_text("mine")
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f"{path.name}.new").symlink_to(victim)
    before = left(tmp_path)
    SAVERS[suffix](path)
    assert all(other.read_text() == "mine" for other in own)
    assert victim.read_text() == "precious"
    assert left(tmp_path) == sorted([*before, path.name])


def test_not_even_a_name_that_was_guessed_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.urandom", lambda n: bytes(n))
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f".{bytes(16).hex()}.part").symlink_to(victim)
    with pytest.raises(UsageError, match=r"cannot write .*\(File exists\)"):
        write(tmp_path / "file", "new")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "file").exists()


def test_other_names_of_a_file_keep_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("old")
    os.link(tmp_path / "backup", tmp_path / "file")
    write(tmp_path / "file", "new")
    assert (tmp_path / "backup").read_text() == "old"


# What is no file


@every_saver
def test_a_pipe_is_written_into(suffix: str, tmp_path: Path) -> None:
    pipe = tmp_path / f"pipe{suffix}"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    SAVERS[suffix](pipe)
    reader.join()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert left(tmp_path) == [pipe.name]
    assert read == [saved(suffix, tmp_path)]


def test_a_pipe_takes_more_than_it_holds(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    content = os.urandom(3_000_000)
    write(pipe, content)
    reader.join()
    assert read == [content]


@every_saver
def test_a_pipe_that_nobody_reads_is_refused(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PATIENCE", 1)
    pipe = tmp_path / f"pipe{suffix}"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match=r"cannot write .*no program reads from it"):
        SAVERS[suffix](pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_reader_that_leaves_is_said(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def leave() -> None:
        with pipe.open("rb", buffering=0) as reader:
            reader.read(1)

    impatient = threading.Thread(target=leave)
    impatient.start()
    with pytest.raises(UsageError, match=r"cannot write .*\(Broken pipe\)"):
        write(pipe, b"x" * 3_000_000)
    impatient.join()


def test_only_a_pipe_without_a_reader_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> int:
        raise OSError(errno.EIO, "Input/output error")

    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr("os.open", broken)
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits"))
    with pytest.raises(UsageError, match=r"cannot write .*\(Input/output error\)"):
        write(tmp_path / "pipe", "")


@every_saver
def test_a_device_is_written_into(suffix: str, tmp_path: Path) -> None:
    before = os.stat(os.devnull)
    link = tmp_path / f"null{suffix}"
    link.symlink_to(os.devnull)
    SAVERS[suffix](link)
    assert link.is_symlink()
    after = os.stat(os.devnull)
    assert (after.st_mode, after.st_rdev) == (before.st_mode, before.st_rdev)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
@every_saver
def test_a_device_that_is_full_is_said(suffix: str, tmp_path: Path) -> None:
    link = tmp_path / f"full{suffix}"
    link.symlink_to("/dev/full")
    with pytest.raises(UsageError, match=r"cannot write .*No space left"):
        SAVERS[suffix](link)
    assert link.is_symlink()


@pytest.mark.slow
def test_standard_output_is_written_into(tmp_path: Path) -> None:
    link = tmp_path / "out.dot"
    link.symlink_to("/dev/stdout")
    program = f"from autograd import *; draw(Value(2.0, 'w').exp()).save({str(link)!r})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT
    )
    assert done.stdout.startswith(b"digraph")
    printed = tmp_path / "printed"
    with printed.open("wb") as stream:
        done = subprocess.run(
            [sys.executable, "-c", f"print('said', flush=True); {program}"],
            stdout=stream, stderr=subprocess.PIPE, check=False, cwd=ROOT,
        )  # fmt: skip
    assert b"UsageError: save: cannot write" in done.stderr
    assert b"what this program prints goes there" in done.stderr
    assert printed.read_text() == "said\n"
    assert left(tmp_path) == ["out.dot", "printed"]


@every_saver
def test_sockets_disks_and_folders_are_refused(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(UsageError, match=r"cannot write .*folder.*: it is a folder"):
        SAVERS[suffix](tmp_path / f"folder{suffix}")
    path = tmp_path / f"socket{suffix}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        with pytest.raises(UsageError, match=r"cannot write .*: it is a socket or a disk"):
            SAVERS[suffix](path)
        assert stat.S_ISSOCK(path.stat().st_mode)
    disk = tmp_path / f"disk{suffix}"
    try:
        os.mknod(disk, stat.S_IFBLK | 0o666, os.makedev(7, 99))
    except PermissionError:
        return  # only root makes devices, and not everywhere
    with pytest.raises(UsageError, match=r"cannot write .*: it is a socket or a disk"):
        SAVERS[suffix](disk)


# Names


@every_saver
def test_every_form_of_a_name_is_taken(suffix: str, tmp_path: Path) -> None:
    content = saved(suffix, tmp_path)
    name = f"{tmp_path}/a{suffix}"

    class Named:
        def __fspath__(self) -> bytes:
            return os.fsencode(name)

    forms: list[Any] = [name, Path(name), os.fsencode(name), Named()]
    for form in forms:
        SAVERS[suffix](form)
        assert Path(name).read_bytes() == content
        Path(name).unlink()
    raw = os.fsencode(tmp_path) + b"/\xff\xfe" + suffix.encode()
    SAVERS[suffix](raw)
    assert os.listdir(os.fsencode(tmp_path)) == [b"\xff\xfe" + suffix.encode()]
    longest = "x" * (255 - len(suffix)) + suffix
    SAVERS[suffix](tmp_path / longest)
    assert (tmp_path / longest).read_bytes() == content


@every_saver
@pytest.mark.parametrize(
    "name",
    [
        "a\0b{}", "\ud800{}", "x" * 300 + "{}", "y/" * 3000 + "z{}", "no/such/folder/a{}", "a{}/",
        "a\n/b{}", "\x1b[31m/a{}",
    ],
    ids=["NUL", "surrogate", "long", "long path", "no folder", "folder", "two lines", "escape"],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused_in_a_sentence(
    suffix: str, name: str, tmp_path: Path
) -> None:
    path = f"{tmp_path}/{name.format(suffix)}"
    with pytest.raises(UsageError) as caught:
        SAVERS[suffix](path)
    said = str(caught.value)
    assert said.startswith("save: ")
    assert said.isprintable()
    assert left(tmp_path) == []


@pytest.mark.parametrize("name", ["", 1, None, 2.5, io.BytesIO(), ["a.svg"], b""])
@every_saver
def test_what_is_no_name_is_refused(suffix: str, name: Any) -> None:
    with pytest.raises(UsageError, match=r"save: .*(is not the name of a file|can be called)"):
        SAVERS[suffix](name)


def test_long_names_are_shortened_in_what_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write(tmp_path / ("x" * 100_000), "")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ["graph", "graph.", ".svg", "graph.svg.txt", "svg", "a.svg/"])
def test_suffixes_are_those_of_names(name: str) -> None:
    with pytest.raises(UsageError, match=r"save: .* must end in one of \.svg, \.png"):
        suffix_of(name, ("svg", "png"), "save")
    assert suffix_of(f"{name}/.a.SVG", ("svg", "png"), "save") == "svg"


# Whatever happens meanwhile


@pytest.mark.slow
def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """Three writers of a file, and a reader: each time it reads what one of them wrote."""
    path, size, rounds = tmp_path / "file", 300_000, 60
    write(path, b"0" * size)
    program = (
        "import sys; from autograd.tools.files import write\n"
        f"for _ in range({rounds}): write(sys.argv[1], sys.argv[2].encode() * {size})"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(path), letter], cwd=ROOT)
        for letter in "abc"
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        content = path.read_bytes()
        assert len(content) == size
        assert len(set(content)) == 1
        seen.add(content[:1])
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert seen & {b"a", b"b", b"c"}
    assert left(tmp_path) == ["file"]


def test_threads_that_write_one_file_do_not_meet(tmp_path: Path) -> None:
    failed: list[Exception] = []

    def writer(letter: str) -> None:
        try:
            for _ in range(20):
                write(tmp_path / "file", letter * 10_000)
        except UsageError as error:
            failed.append(error)

    threads = [threading.Thread(target=writer, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    content = (tmp_path / "file").read_text()
    assert content in {letter * 10_000 for letter in "abcd"}
    assert left(tmp_path) == ["file"]


@every_saver
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_text("old")

    monkeypatch.setattr("os.fsync", full_disk)
    for name in (path, tmp_path / f"fresh{suffix}"):
        with pytest.raises(UsageError, match=r"cannot write .*\(No space left on device\)"):
            SAVERS[suffix](name)
    assert path.read_text() == "old"
    assert left(tmp_path) == [path.name]


def test_a_file_that_may_not_grow_leaves_the_old_one(tmp_path: Path) -> None:
    """The system's own limit stands in for a disk that is full after a part was written."""
    pytest.importorskip("resource")
    path = tmp_path / "file"
    path.write_text("old")
    program = (
        "import resource, sys; from autograd.tools.files import write\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try: write(sys.argv[1], 'new' * 100_000)\n"
        "except ValueError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.startswith(f"save: cannot write {path} (File too large)")
    assert path.read_text() == "old"
    assert left(tmp_path) == ["file"]


TRACED = ("autograd/tools/files.py", "contextlib.py")

interrupted = pytest.mark.filterwarnings(
    # a file that Ctrl-C kept from being closed is closed, and warned of, when it is collected
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def interruptions(action: Callable[[], None]) -> Iterator[bool]:
    """Run an action with Ctrl-C at its first line, its second … and once to its end.

    Yields each time whether it was interrupted.
    """
    came = True
    for line in count():
        if not came:
            return
        came = interrupted_at(line, action)
        yield came


def interrupted_at(line: int, action: Callable[[], None]) -> bool:
    """Run an action with Ctrl-C at a line of the writer; return whether it has so many."""
    lines = count()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(TRACED):
            return None
        if event == "line" and next(lines) == line:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@interrupted
@pytest.mark.parametrize("old", ["old" * 100, None], ids=["a file", "nothing yet"])
def test_ctrl_c_at_any_line_leaves_the_old_file_or_the_new_one(
    old: str | None, tmp_path: Path
) -> None:
    path, new = tmp_path / "file", "new" * 100
    found: list[str | None] = []

    def overwrite() -> None:
        path.unlink(missing_ok=True)
        if old is not None:
            path.write_text(old)
        write(path, new)

    for came in interruptions(overwrite):
        found.append(path.read_text() if path.exists() else None)
        assert found[-1] in ((old, new) if came else (new,))
        assert left(tmp_path) == ([path.name] if found[-1] else [])
    assert found.count(old) > 30
    assert found.count(new) > 3


@interrupted
def test_ctrl_c_while_a_failure_is_cleared_away_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", full_disk)
    (tmp_path / "file").write_text("old")

    def failing() -> None:
        with pytest.raises(UsageError):
            write(tmp_path / "file", "new")

    for _ in interruptions(failing):
        assert left(tmp_path) == ["file"]
        assert (tmp_path / "file").read_text() == "old"


@interrupted
def test_ctrl_c_while_several_are_written_leaves_each_whole(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("first", "second")]
    (tmp_path / "second").write_text("old")

    def several() -> None:
        write_all([(path, "new" * 1000) for path in paths])

    for _ in interruptions(several):
        found = {path.name: path.read_text() for path in paths if path.exists()}
        assert set(found.values()) <= {"old", "new" * 1000}
        assert left(tmp_path) == sorted(found)
        for path in paths:
            path.unlink(missing_ok=True)
        paths[1].write_text("old")


# Several files


@pytest.mark.parametrize("bad", ["missing/page", "folder", "read-only", "unread"])
@pytest.mark.parametrize("last", [True, False])
def test_of_several_files_none_is_written_if_one_cannot_be(
    bad: str, last: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PATIENCE", 1)
    os.mkfifo(tmp_path / "unread")
    (tmp_path / "folder").mkdir()
    (tmp_path / "read-only").write_text("old")
    (tmp_path / "read-only").chmod(0o444)
    (tmp_path / "kept").write_text("old")
    before = left(tmp_path)
    with pytest.raises(UsageError, match=f"cannot write .*{bad}"):
        write_all(
            [(tmp_path / name, "new") for name in ("fresh", "kept", bad)[:: 1 if last else -1]]
        )
    assert left(tmp_path) == before
    assert (tmp_path / "kept").read_text() == "old"


def test_a_pipe_gets_nothing_before_the_files_are_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(UsageError, match=r"cannot write .*file \(No space"):
        write_all([(tmp_path / "pipe", "new"), (tmp_path / "file", "new")])
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_of_several_files_no_two_are_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(UsageError, match=r"link: .*file is the same file; give one of them"):
        write_all([(tmp_path / "link", "a"), (tmp_path / "file", "b")])
    assert left(tmp_path) == ["link"]


def test_a_command_that_cannot_write_one_file_writes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, page = str(tmp_path / "graph.svg"), str(tmp_path / "missing" / "page.html")
    assert main(["w*x", "w=2", "x=3", "--draw", picture, "--page", page]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "there is no folder" in captured.err
    assert left(tmp_path) == []
    page = str(tmp_path / "page.html")
    assert main(["w*x", "w=2", "x=3", "--draw", picture, "--page", page]) == 0
    assert left(tmp_path) == ["graph.svg", "page.html"]


# There is one writer


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            yield node.func.id if isinstance(node.func, ast.Name) else name, node


@pytest.mark.slow
def test_no_other_module_writes_a_file() -> None:
    writing = {"write_text", "write_bytes", "replace_with", "savefig", "mkstemp", "fdopen", "touch"}
    for path in [*(ROOT / "autograd").rglob("*.py"), *(ROOT / "nn").rglob("*.py")]:
        if path == Path(files.__file__):
            continue
        for name, call in calls(ast.parse(path.read_text("utf-8"))):
            assert name not in writing, f"{path}:{call.lineno}"
            if name == "open" and isinstance(call.func, ast.Name):
                assert [ast.literal_eval(mode) for mode in call.args[1:]] == ["rb"], path


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    model = MLP([2, 3, 1], seed=5)
    save(model, tmp_path / "model.safetensors")
    assert load(tmp_path / "model.safetensors").state_dict() == model.state_dict()
    assert issubclass(UsageError, AutogradError)
