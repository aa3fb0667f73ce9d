"""What other libraries have under a name, and what it is here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

from autograd.errors import UnknownModuleError

__all__ = ["Elsewhere"]


class Elsewhere:
    """A package's answers to the names of other libraries, as attributes and in imports.

    It stands last in ``sys.meta_path``, where Python looks for modules, and so is asked for those
    that nobody has. ``from package import name`` comes here too, when the package has said that it
    has no such attribute.

    >>> from autograd import draw_dot
    Traceback (most recent call last):
    autograd.errors.UnknownModuleError: module 'autograd' has no attribute 'draw_dot': draw(y) ...
    """

    def __init__(self, package: str, remedies: Mapping[str, str]) -> None:
        self.package = package
        self.remedies = remedies
        sys.meta_path.append(self)

    def answer(self, name: str) -> str:
        """Return the sentence that says that there is no such name, and what to write."""
        remedy = f": {self.remedies[name]}" if name in self.remedies else ""
        return f"module {self.package!r} has no attribute {name!r}{remedy}"

    def find_spec(
        self, module: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Refuse to import a module that another library has, with the answer."""
        package, _, name = module.rpartition(".")
        if package == self.package and name in self.remedies:
            raise UnknownModuleError(self.answer(name), name=module)
