"""Programs that the build starts, and packages that it fetches once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["npm", "run"]


def run(*words: object, folder: Path | None = None) -> None:
    """Run a program in a folder; where it fails, say what it said, and end.

    >>> run("echo", "hello")
    """
    command = [str(word) for word in words]
    made = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        said = made.stdout.decode(errors="replace")
        sys.exit(f"{said}\n{' '.join(command)} ended with code {made.returncode}")


def npm(folder: Path, package: str) -> Path:
    """Return the folder of a package of npm, ``name@version``, installed unless it is there."""
    installed = folder / package.replace("/", "-")
    if not installed.is_dir():
        options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        run("npm", "install", "--prefix", installed, *options, package)
    return installed / "node_modules" / package.rpartition("@")[0]
