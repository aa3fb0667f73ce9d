"""Writing a file whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from autograd.errors import UsageError

__all__ = ["save"]


def save(path: Path, suffixes: Sequence[str], content: Callable[[str], bytes]) -> None:
    """Write what is made for a path's suffix, which must be one of those given.

    Raises `UsageError` for another suffix, and where the path cannot be written.

    >>> save(Path("steps.htm"), ("html", "pdf"), str.encode)
    Traceback (most recent call last):
    autograd.errors.UsageError: save: 'steps.htm' must end in one of .html, .pdf
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in suffixes:
        listed = ", ".join(f".{suffix}" for suffix in suffixes)
        raise UsageError(f"save: {path.name!r} must end in one of {listed}")
    data = content(kind)
    partial = path.with_name(f"{path.name}.part")
    try:
        partial.write_bytes(data)  # a disk that fills up must not leave half a file
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"save: cannot write {path} ({error.strerror})") from None
