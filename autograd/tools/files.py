"""Writing files: each whole or not at all, whatever happens meanwhile.

What is new is written to a file of another name in the same folder, down to the disk, and then
renamed, so that a reader finds the old file or the new one. The libraries that do so (boltons,
safer, atomicwriter, durablewrite were tried; atomicwrites is no longer maintained) also replace a
file that its owner has made read-only, and none can write into a pipe.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import combinations
from typing import TypeAlias

from autograd.errors import UsageError
from autograd.tools.text import excerpt

__all__ = ["PathName", "path_named", "suffix_of", "write", "write_all"]

PathName: TypeAlias = "str | bytes | os.PathLike[str] | os.PathLike[bytes]"
"""The name of a file, in any of the forms that ``open`` takes."""

_PATIENCE = 500
"""For how many hundredths of a second a pipe may be without a reader."""


def path_named(path: PathName, operation: str) -> str:
    """Return the name of a file as text.

    Raises `UsageError` for what is none.

    >>> path_named(b"graph.svg", "save")
    'graph.svg'
    """
    try:
        name = os.fsdecode(os.fsencode(path))
    except TypeError:
        given = f"a {type(path).__name__} is not the name of a file"
        raise UsageError(f"{operation}: {given}; give a string or a Path") from None
    except UnicodeEncodeError:
        name = ""
    if not name or "\0" in name:
        raise UsageError(f"{operation}: no file can be called {path!r}; give another name")
    return name


def suffix_of(path: PathName, suffixes: Sequence[str], operation: str) -> str:
    """Return the suffix of a file's name in lower case, which must be one of those given.

    >>> suffix_of("graph.SVG", ("svg", "png"), "save")
    'svg'
    >>> suffix_of("steps.htm", ("html", "pdf"), "save")
    Traceback (most recent call last):
    autograd.errors.UsageError: save: 'steps.htm' must end in one of .html, .pdf
    """
    name = path_named(path, operation)
    suffix = os.path.splitext(name)[1].removeprefix(".").lower()
    if suffix not in suffixes:
        listed = ", ".join(f".{suffix}" for suffix in suffixes)
        said = excerpt(os.path.basename(name) or name)
        raise UsageError(f"{operation}: {said!r} must end in one of {listed}")
    return suffix


def write(path: PathName, content: bytes | str, operation: str = "save") -> None:
    r"""Write a file, in place of what it held before; text as UTF-8.

    Until the new file is whole the old one stays, and it stays for good if the disk is full or
    Ctrl-C comes. A symbolic link leads to the same file as before, which keeps its mode and, where
    that is allowed, its owner; its other names (hard links) keep the old content. Into a pipe or
    a device (``/dev/null``) the content is written where it is.

    Raises `UsageError` with the reason if the file cannot be written, or is read-only.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(f"{folder}/notes.txt", "∂L/∂w\n")
    ...     Path(folder, "notes.txt").read_bytes()
    b'\xe2\x88\x82L/\xe2\x88\x82w\n'
    """
    write_all([(path, content)], operation)


def write_all(files: Sequence[tuple[PathName, bytes | str]], operation: str = "save") -> None:
    """Write several files as `write` does; none is put in place until all are on the disk."""
    outputs = [_Output(path, content, operation) for path, content in files]
    for output, other in combinations(outputs, 2):
        if output.place == other.place and not output.in_place:
            same = excerpt(other.name)
            raise output.refusal(f": {same} is the same file; give one of them another name")
    try:
        try:
            for output in sorted(outputs, key=lambda output: output.in_place):
                output.prepare()
            for output in outputs:
                output.commit()
        finally:
            for output in outputs:
                output.discard()
    finally:  # once more: Ctrl-C may have come in between
        for output in outputs:
            output.discard()


class _Output:
    """A file to be written: prepared beside its place, and then put there."""

    def __init__(self, path: PathName, content: bytes | str, operation: str) -> None:
        self.operation = operation
        self.name = path_named(path, operation)
        self.content = content.encode() if isinstance(content, str) else content
        with self._refusing():
            self.place = os.path.realpath(self.name)
            self.status = _status(self.name)
        self.in_place = self.status is not None and not stat.S_ISREG(self.status.st_mode)
        self._check()
        # 128 random bits: no file has this name, and nobody can plant a link under it
        self._beside = f"{os.path.dirname(self.place)}/.{os.urandom(16).hex()}.part"

    def _check(self) -> None:
        """Refuse what can be seen beforehand to fail, or to do harm."""
        if self.status is None:
            is_folder = not os.path.basename(self.name)  # there is a slash at the end
            folder = self.place if is_folder else os.path.dirname(self.place)
            if not os.path.isdir(folder):
                raise self.refusal(f": there is no folder {excerpt(folder)}; make it first")
            return
        mode = self.status.st_mode
        if stat.S_ISDIR(mode):
            raise self.refusal(": it is a folder; give the name of a file")
        if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
            raise self.refusal(": it is a socket or a disk; give the name of a file")
        if not mode & 0o222 or not os.access(self.name, os.W_OK):  # root may do all, and asks
            raise self.refusal(": it is read-only; allow writing to it, or give another name")
        if not self.in_place and _printed_to(self.status):
            raise self.refusal(": what this program prints goes there; give another name")

    def prepare(self) -> None:
        """Write the content beside the place; or into it, if that is a pipe or a device."""
        with self._refusing():
            if self.in_place:
                self._pour()
                return
            mode = 0o666 if self.status is None else 0o600  # 0o666: less what the umask takes
            with open(self._beside, "xb", opener=partial(os.open, mode=mode)) as file:
                if self.status is not None:
                    _make_alike(self._beside, self.status)
                file.write(self.content)
                file.flush()
                os.fsync(file.fileno())

    def _pour(self) -> None:
        with open(self.name, "wb", buffering=0, opener=_once_it_is_read) as stream:
            os.set_blocking(stream.fileno(), True)
            rest = memoryview(self.content)
            while rest:
                rest = rest[stream.write(rest) :]

    def commit(self) -> None:
        """Put the prepared file in its place."""
        if not self.in_place:
            with self._refusing():
                os.replace(self._beside, self.place)

    def discard(self) -> None:
        """Remove what was prepared and not put in place."""
        if not self.in_place:
            with suppress(OSError):
                os.unlink(self._beside)

    def refusal(self, reason: str) -> UsageError:
        """Return the error that says why this file is not written."""
        return UsageError(f"{self.operation}: cannot write {excerpt(self.name)}{reason}")

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what the system says into one sentence."""
        try:
            yield
        except OSError as error:
            raise self.refusal(f" ({error.strerror}); give another name or place") from None


def _status(name: str) -> os.stat_result | None:
    """Return what is known of a file, None if there is none."""
    try:
        return os.stat(name)
    except FileNotFoundError:
        return None


def _printed_to(status: os.stat_result) -> bool:
    """Return whether a file is the one that standard output or standard error goes to."""
    for stream in (1, 2):
        with suppress(OSError):  # it is closed
            if os.path.samestat(os.fstat(stream), status):
                return True
    return False


def _make_alike(name: str, status: os.stat_result) -> None:
    """Give a file the mode of another, and as far as that is allowed its owner and group."""
    if hasattr(os, "chown"):  # not on Windows
        for owner, group in ((-1, status.st_gid), (status.st_uid, -1)):
            with suppress(OSError):
                os.chown(name, owner, group)
    os.chmod(name, stat.S_IMODE(status.st_mode))  # last, since chown takes some bits away


def _once_it_is_read(name: str, _flags: int) -> int:
    """Open a pipe for writing as soon as there is a reader, or a device."""
    flags = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    for _ in range(_PATIENCE):
        try:
            return os.open(name, flags)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        time.sleep(0.01)
    raise OSError(errno.ENXIO, "no program reads from it")
