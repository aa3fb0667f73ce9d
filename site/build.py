"""Build the site: a folder that fetches nothing, for a server or a memory stick.

    pip install -e ".[site]" && python site/build.py

Without arguments all parts are built; `python site/build.py documentation` builds one of them. What
has been downloaded is kept in `site/_build`, so that another build needs no network.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from lab.builder import build_lab
from playground.runtime import build_runtime, wheels

SITE = Path(__file__).resolve().parent
ROOT = SITE.parent
WORK = SITE / "_build"
"""What is downloaded or put together on the way."""

KATEX = "katex@0.16.22"
"""The version that sphinxcontrib-katex typesets with."""


PYODIDE = "pyodide@314.0.6"
"""The version that jupyterlite-pyodide-kernel was made for."""


def documentation(folder: Path) -> None:
    """Build the pages, with the notebooks as they were saved."""
    source = WORK / "documentation"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(SITE / "documentation", source)
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        (source / "notebooks").mkdir(exist_ok=True)
        shutil.copy(notebook, source / "notebooks")
    katex = npm(KATEX) / "dist"
    shutil.copytree(katex / "fonts", source / "_static" / "katex" / "fonts")
    shutil.copy(katex / "katex.min.css", source / "_static" / "katex")
    run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E"]
        + ["-d", WORK / "doctrees", source, folder],
        environment={"CHAINRULE_ROOT": str(ROOT)},
    )
    for leftover in (".buildinfo", ".doctrees"):
        (folder / leftover).unlink(missing_ok=True)


def playground(folder: Path) -> None:
    """Build what runs Python in a page."""
    build_runtime(folder / "playground" / "python", WORK / "playground")


def lab(folder: Path) -> None:
    """Build the notebooks that run in the reader's browser."""
    project = wheels(WORK / "wheels")[0].parent
    viz = WORK / "playground" / "node_modules" / "@viz-js" / "viz" / "dist" / "viz.js"
    build_lab(folder / "lab", ROOT / "notebooks", npm(PYODIDE), viz, project)


PARTS: dict[str, Callable[[Path], None]] = {
    "playground": playground,
    "lab": lab,
    "documentation": documentation,
}
"""The parts, in the order in which they are built."""


def npm(*packages: str) -> Path:
    """Install packages of npm, unless they are there, and return the folder of the first."""
    folder = WORK / "npm"
    names = [package.rpartition("@")[0] for package in packages]
    if not all((folder / "node_modules" / name).is_dir() for name in names):
        folder.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--prefix", folder, "--silent", "--no-audit", "--no-fund", *packages])
    return folder / "node_modules" / names[0]


def run(command: list[object], environment: dict[str, str] | None = None) -> None:
    """Run a program; the build ends where it fails."""
    words = [str(word) for word in command]
    made = subprocess.run(words, env=os.environ | (environment or {}), check=False)
    if made.returncode:
        sys.exit(f"site: {words[0]} failed: {' '.join(words)}")


def size(*paths: Path) -> int:
    """Return the number of bytes of files and folders."""
    files = [f for path in paths for f in ([path] if path.is_file() else path.rglob("*"))]
    return sum(file.stat().st_size for file in files if file.is_file())


def written(count: int) -> str:
    """Return a number of bytes as people say it.

    >>> written(830), written(12_340), written(56_780_000)
    ('830 B', '12 kB', '57 MB')
    """
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if count >= factor:
            return f"{count / factor:.0f} {unit}" if count >= 10 * factor else f"{count / factor:.1f} {unit}"
    return f"{count} B"


def main() -> None:
    """Build the parts that were asked for, and say how large they are."""
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, unless named")
    parser.add_argument("--to", type=Path, default=SITE / "public", help="the folder to fill")
    given = parser.parse_args()
    folder = given.to.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in given.parts or PARTS:
        PARTS[name](folder)
    print(f"{written(size(folder))} in {folder}")


if __name__ == "__main__":
    main()
