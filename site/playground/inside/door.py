"""Where the page's questions come in."""

from __future__ import annotations

import json
from importlib import import_module

__all__ = ["answer"]


def answer(name: str, values: str) -> str:
    """Return what a function returns, called by its name; arguments and answer are JSON.

    >>> answer("calendar.isleap", '{"year": 2000}')
    'true'
    """
    module, _, function = name.rpartition(".")
    made = getattr(import_module(module), function)(**json.loads(values))
    return json.dumps(made, allow_nan=False)
