"""Where in a user's own program something happened."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["asked_by", "source_line", "stacklevel"]

_PASSED = ("autograd", "nn", "numpy")  # NumPy's np.max compares Values on a caller's behalf


def source_line() -> str:
    """Return file and line of the innermost caller outside this project's packages and NumPy."""
    frame = sys._getframe()
    while frame.f_back and _package(frame.f_globals) in _PASSED:
        frame = frame.f_back
    file = frame.f_code.co_filename
    return "the command line" if file.startswith("<frozen") else f"{file}:{frame.f_lineno}"


def stacklevel() -> int:
    """Return how many calls up that caller is, as `warnings.warn` counts them: 1 is who asks."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and _package(frame.f_globals) in _PASSED:
        frame, level = frame.f_back, level + 1
    return level


def asked_by(package: str) -> bool:
    """Return whether the innermost caller outside of the engine is in a package or module."""
    frame = sys._getframe()
    while frame.f_back and _package(frame.f_globals) == "autograd":
        frame = frame.f_back
    name = str(frame.f_globals.get("__name__"))
    return name == package or name.startswith(f"{package}.")


def _package(module: dict[str, Any]) -> str:
    return str(module.get("__package__") or "").partition(".")[0]
