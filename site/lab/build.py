"""The notebooks, running in the reader's browser: JupyterLite, with a Python that fetches nothing.

Pyodide comes from npm, wheels from PyPI, pinned in ``requirements.txt``; a lock file written here
tells Pyodide what there is, so that nothing is looked for elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playground.runtime import BROWSER
from programs import npm, run

__all__ = ["build"]

HERE = Path(__file__).parent

VIZ = "@viz-js/viz@3.31.0"
"""Graphviz for the pictures, as in the playground."""

NAME = "@jupyterlite/pyodide-kernel-extension"
KERNEL = Path(sys.prefix, "share", "jupyter", "labextensions", NAME)
"""What runs Python in a JupyterLite: of all that is installed for Jupyter, that alone is taken."""


def build(folder: Path, cache: Path, *, notebooks: Path, pyodide: Path, wheels: list[Path]) -> None:
    """Write a JupyterLite with some notebooks into a folder.

    `pyodide` is the folder of the npm package; `wheels` are those of the project and what it needs
    in a browser. The rest is downloaded into the cache, unless it is there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    options: list[object] = [
        "--apps",
        "notebooks",
        "--apps",
        "tree",
        "--no-sourcemaps",
        "--ignore-sys-prefix",
    ]
    options += [f"--LiteBuildConfig.federated_extensions={KERNEL}"]
    options += ["--lite-dir", HERE, "--contents", notebooks, "--output-dir", folder]
    with TemporaryDirectory() as work:  # no build is to take anything for done
        run(sys.executable, "-m", "jupyterlite_core", "build", *options, folder=Path(work))
    python = folder / "pyodide"
    python.mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        shutil.copy(pyodide / name, python)
    viz = npm(cache / "npm", VIZ) / "dist" / "viz.js"
    brought = [
        path for path in (KERNEL / "static" / "pypi").glob("*.whl") if "widgets" not in path.name
    ]
    for path in (HERE / "start.mjs", viz, *wheels, *brought, *_downloaded(cache / "wheels")):
        shutil.copy(path, python)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    lock["packages"] = dict(_locked(sorted(python.glob("*.whl"))))
    (python / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")


def _downloaded(folder: Path) -> Iterable[Path]:
    """Return the wheels that a notebook needs, downloaded unless they are there."""
    wanted, done = HERE / "requirements.txt", folder / "requirements.txt"
    if not done.is_file() or done.read_bytes() != wanted.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        pure = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--no-deps"]
        options = [*pure, "--python-version=3.14", "--dest", folder, "--requirement", wanted]
        run(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", *options)
        shutil.copy(wanted, done)
    return folder.glob("*.whl")


def _locked(wheels: list[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what Pyodide has to know of each wheel: its name, its hash, what it has and needs."""
    described = {wheel: _described(wheel) for wheel in wheels}
    there = {canonicalize_name(headers["Name"]) for headers, _ in described.values()}
    for wheel, (headers, imports) in described.items():
        name = canonicalize_name(headers["Name"])
        needed = map(Requirement, headers.get_all("Requires-Dist", []))
        depends = {canonicalize_name(each.name) for each in needed if _is_needed(each)}
        yield (
            name,
            {
                "name": name,
                "version": headers["Version"],
                "file_name": wheel.name,
                "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
                "install_dir": "site",
                "package_type": "package",
                "imports": imports,
                "depends": sorted(depends & there),
                "unvendored_tests": False,
            },
        )


def _described(wheel: Path) -> tuple[Message, list[str]]:
    """Return the headers of a wheel, and what can be imported from it."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(metadata).decode())
    tops = {name.split("/")[0].removesuffix(".py") for name in names if name.endswith(".py")}
    return headers, sorted(top for top in tops if top.isidentifier())


def _is_needed(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(BROWSER)
