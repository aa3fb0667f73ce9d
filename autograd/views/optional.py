"""Packages that only some views need, and what to do where one is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd.errors import UsageError

__all__ = ["optional"]


def optional(module: str, what_for: str) -> Any:
    """Return a module of a package that a learner may not have.

    Raises `UsageError` with the command that helps.

    >>> optional("no_such_package.colours", "plot_tangent")
    Traceback (most recent call last):
    autograd.errors.UsageError: plot_tangent needs no_such_package; install it with: pip install ...
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name != package:
            raise
        remedy = f"install it with: pip install {package}"
        raise UsageError(f"{what_for} needs {package}; {remedy}") from None
