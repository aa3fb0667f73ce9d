"""Packages that only some functions need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd import UsageError

__all__ = ["extra"]


def extra(module: str, operation: str) -> Any:
    """Return a module of a package that the plain install does not bring.

    Raises `UsageError` with the command that installs it.

    >>> extra("no_such_package", "plot")
    Traceback (most recent call last):
    autograd.errors.UsageError: plot needs no_such_package; pip install "chainrule[nn]" brings it
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise UsageError(
            f'{operation} needs {package}; pip install "chainrule[nn]" brings it'
        ) from None
