"""For tests that give on purpose what a type checker refuses."""

from __future__ import annotations

from typing import Any


def untyped(x: Any) -> Any:
    """Return what is given, of which a type checker then knows nothing."""
    return x
