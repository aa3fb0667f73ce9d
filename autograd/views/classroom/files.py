"""The files in which a class set is exported, which the end of the name decides."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from autograd.errors import UsageError
from autograd.tools.files import PathName, path_named, suffix_of, write_all
from autograd.tools.text import excerpt
from autograd.views.classroom import moodle, qti
from autograd.views.classroom.asked import Task
from autograd.views.classroom.notebooks import nbgrader, otter

__all__ = ["export"]

KINDS = ("xml", "zip", "ipynb", "otter")
"""What names end in: of Moodle XML, a QTI package, nbgrader's notebook, a folder for otter."""


def export(path: PathName, tasks: Sequence[Task]) -> None:
    """Write worksheets to a file, or a folder, that a program for classes imports.

    Raises `UsageError` for another ending, and where a file cannot be written.
    """
    name = path_named(path, "export").rstrip("/")
    kind = "otter" if os.path.basename(name) == "otter" else suffix_of(name, KINDS, "export")
    if kind == "otter":
        files = [(os.path.join(name, file), made) for file, made in otter(tasks).items()]
        _make_folders({os.path.dirname(file) for file, _ in files})
    else:
        write = {"xml": moodle.quiz, "zip": qti.package, "ipynb": nbgrader}[kind]
        files = [(name, write(tasks))]
    write_all(files, "export")


def _make_folders(folders: Iterable[str]) -> None:
    for folder in sorted(folders):
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            said = f"export: cannot make the folder {excerpt(folder)} ({error.strerror})"
            raise UsageError(f"{said}; give another name or place") from None
