"""The bar that shows how far a training is, in a terminal or in a notebook."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from autograd.tools.optional import optional

__all__ = ["progress_bar"]


def progress_bar(total: int, shown: bool) -> Any:
    """Return a bar of tqdm that counts to `total`, hidden too where ``TQDM_DISABLE=1`` is set."""
    hidden = not shown or os.environ.get("TQDM_DISABLE", "") not in ("", "0")
    notebook = type(sys.stdout).__module__.startswith("ipykernel.")
    file = _Line() if notebook and not hidden else None  # None: stderr, as it is now
    return optional("tqdm", "fit").tqdm(total=total, disable=hidden, file=file)


class _Line:
    """A line of a notebook that each text replaces: a stream would keep every one, and in red."""

    encoding = "utf-8"  # tqdm asks whether it can draw with blocks

    def __init__(self) -> None:
        display = import_module("IPython.display").display  # a notebook runs in IPython
        self._shown = display({"text/plain": ""}, raw=True, display_id=True)

    def write(self, text: str) -> None:
        """Show a text in place of the last."""
        if text.strip():
            self._shown.update({"text/plain": text.strip()}, raw=True)

    def flush(self) -> None:
        """Do nothing: what is written is shown."""
