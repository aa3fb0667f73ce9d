"""Compiled code, kept on disk where only its owner can write."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from autograd.errors import UsageError
from autograd.tools.files import write

__all__ = ["Cache"]

LARGEST = 1 << 25  # bytes; no kernel has more
_DIGEST = hashlib.sha256().digest_size


class Cache:
    """Bytes by name, in a folder of the user's own: ``$XDG_CACHE_HOME`` or ``~/.cache``.

    What is found is believed only if folder and file are the user's and nobody else can write to
    them, and if the bytes are those that were kept under this name. Where nothing can be kept,
    nothing is, without a word.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     cache = Cache(Path(folder, "kept"))
    ...     cache.keep("a", b"code")
    ...     cache.find("a"), cache.find("b")
    (b'code', None)
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _home() / "chainrule"

    def find(self, name: str) -> bytes | None:
        """Return what was kept under a name; None if there is nothing, or nothing to believe."""
        if not _is_own(self.folder, stat.S_ISDIR):
            return None
        path = self.folder / name
        try:
            if not _is_own(path, stat.S_ISREG) or path.stat().st_size > LARGEST:
                return None
            kept = path.read_bytes()
        except OSError:
            return None
        digest, code = kept[:_DIGEST], kept[_DIGEST:]
        return code if digest == _digest(name, code) else None

    def keep(self, name: str, code: bytes) -> None:
        """Keep bytes under a name, whole or not at all."""
        with suppress(OSError, UsageError):  # a full disk, a home that is read-only
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_own(self.folder, stat.S_ISDIR):
                path = self.folder / name
                if path.is_symlink() or (path.exists() and not _is_own(path, stat.S_ISREG)):
                    path.unlink()
                write(path, _digest(name, code) + code)
                path.chmod(0o600)


def _home() -> Path:
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    with suppress(RuntimeError):  # nobody's home
        folder = Path(chosen) if os.path.isabs(chosen) else Path.home() / ".cache"
        if folder.is_absolute():
            return folder
    return Path("/nonexistent")


def _digest(name: str, code: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + code).digest()


def _is_own(path: Path, is_kind: object) -> bool:
    """Return whether something is the user's own, of a kind, and nobody else can write to it."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    assert callable(is_kind)
    if not is_kind(status.st_mode):
        return False
    if not hasattr(os, "getuid"):  # Windows keeps a user's folders from others by other means
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o022
