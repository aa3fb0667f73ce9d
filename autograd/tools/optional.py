"""Packages that only some functions need, and what to do where one is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd.errors import UsageError

__all__ = ["optional"]


def optional(module: str, operation: str, extra: str = "") -> Any:
    """Return a module of a package that is imported only here, and may be missing.

    `extra` is the extra of this project that brings the package, if one does.

    Raises `UsageError` with the command that helps, also where the package is there but broken.

    >>> optional("no_such_package.colours", "plot")
    Traceback (most recent call last):
    autograd.errors.UsageError: plot needs no_such_package; pip install no_such_package brings it
    >>> optional("no_such_package", "save", extra="nn")
    Traceback (most recent call last):
    autograd.errors.UsageError: save needs no_such_package; pip install "chainrule[nn]" brings it
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:  # the package, or one that it builds on
        missing = (error.name or package).partition(".")[0]
        source = f'"chainrule[{extra}]"' if extra else package
        raise UsageError(f"{operation} needs {missing}; pip install {source} brings it") from None
    except Exception as error:  # what a broken package raises is of any kind
        remedy = f"pip install --force-reinstall {package}"
        raise UsageError(
            f"{operation} needs {package}, which does not start ({error}); {remedy}"
        ) from error
