"""The notebooks, running in the reader's browser: JupyterLite, with a Python that fetches nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["build_lab"]

HERE = Path(__file__).parent

BROWSER = {"platform_system": "Emscripten", "sys_platform": "emscripten", "extra": ""}
"""What a requirement's marker says of a browser."""

KERNEL = Path("extensions", "@jupyterlite", "pyodide-kernel-extension", "static", "pypi")
"""Where JupyterLite has wheels of its own."""


def build_lab(folder: Path, notebooks: Path, pyodide: Path, viz: Path, wheels: Path) -> None:
    """Write a JupyterLite with some notebooks into a folder.

    `pyodide` is the folder of the npm package, `viz` Graphviz as a module of JavaScript, and
    `wheels` those of the project and what it needs in a browser; the rest is downloaded beside them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    _run(
        *("jupyterlite_core", "build", "--lite-dir", HERE, "--contents", notebooks),
        *("--output-dir", folder, "--apps", "notebooks", "--apps", "tree", "--no-sourcemaps"),
    )
    shutil.rmtree(HERE / ".jupyterlite.doit.db", ignore_errors=True)
    python = folder / "pyodide"
    python.mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        shutil.copy(pyodide / name, python)
    for path in (HERE / "start.mjs", viz, *wheels.glob("*.whl"), *_downloaded(wheels.parent)):
        shutil.copy(path, python)
    for wheel in (folder / KERNEL).glob("*.whl"):
        if not wheel.name.startswith("widgetsnbextension"):
            shutil.copy(wheel, python)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    lock["packages"] = dict(_locked(sorted(python.glob("*.whl"))))
    (python / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")


def _downloaded(cache: Path) -> Iterable[Path]:
    """Return the wheels that a notebook needs, downloaded unless they are there."""
    folder = cache / "lab-wheels"
    wanted = HERE / "requirements.txt"
    copy = folder / wanted.name
    if not copy.is_file() or copy.read_text("utf-8") != wanted.read_text("utf-8"):
        pure = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--no-deps"]
        asked = ["--python-version=3.14", "--dest", folder, "--requirement", wanted]
        _run("pip", "--quiet", "--disable-pip-version-check", "download", *pure, *asked)
        shutil.copy(wanted, copy)
    return folder.glob("*.whl")


def _run(*words: object) -> None:
    """Run a module of Python."""
    subprocess.run([sys.executable, "-m", *map(str, words)], check=True)


def _locked(wheels: list[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what Pyodide has to know of each wheel: its name, its hash, what it has and needs."""
    described = {wheel: _described(wheel) for wheel in wheels}
    there = {canonicalize_name(headers["Name"]) for headers, _ in described.values()}
    for wheel, (headers, imports) in described.items():
        name = canonicalize_name(headers["Name"])
        needed = map(Requirement, headers.get_all("Requires-Dist", []))
        depends = {canonicalize_name(r.name) for r in needed if _is_needed(r)}
        yield name, {
            "name": name,
            "version": headers["Version"],
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "install_dir": "site",
            "package_type": "package",
            "imports": imports,
            "depends": sorted(depends & there),
            "unvendored_tests": False,
        }


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
