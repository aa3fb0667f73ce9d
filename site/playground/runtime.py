"""What runs Python in a page: Pyodide, Graphviz, this project and what it needs, as scripts."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from base64 import b64encode
from email.parser import HeaderParser
from io import BytesIO
from pathlib import Path

from packaging.requirements import Requirement

__all__ = ["build_runtime", "wheels"]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

BROWSER = {"platform_system": "Emscripten", "sys_platform": "emscripten", "extra": ""}
"""What a requirement's marker says of a browser."""


def build_runtime(folder: Path, cache: Path) -> dict[str, int]:
    """Write ``python.js`` and its parts into a folder, and return the bytes of each file.

    A page loads ``python.js`` by a script element, and says ``await loadPython()``. What npm and
    pip fetch is kept in the cache.
    """
    modules = _fetched(cache)
    pyodide = modules / "pyodide"
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))["info"]
    scripts = [
        (pyodide / "pyodide.asm.js").read_text("utf-8"),
        (pyodide / "pyodide.js").read_text("utf-8"),
        (modules / "@viz-js" / "viz" / "dist" / "viz-global.js").read_text("utf-8"),
        f"const LOCK = {json.dumps({'info': lock, 'packages': {}})};",
        (HERE / "worker.js").read_text("utf-8"),
    ]
    parts = {
        "worker": "\n".join(scripts).encode(),
        "wasm": (pyodide / "pyodide.asm.wasm").read_bytes(),
        "library": (pyodide / "python_stdlib.zip").read_bytes(),
        "packages": _packages(wheels(cache / "wheels")),
    }
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "python.js", folder)
    for name, content in parts.items():
        packed = b64encode(gzip.compress(content, 9, mtime=0)).decode()
        _write_part(folder, name, json.dumps(packed))
    _write_part(folder, "sizes", json.dumps({n: _size(folder / f"{n}.js") for n in parts}))
    return {path.name: _size(path) for path in sorted(folder.iterdir())}


def _write_part(folder: Path, name: str, content: str) -> None:
    (folder / f"{name}.js").write_text(f'loadPython.part("{name}", {content});\n', "utf-8")


def _size(path: Path) -> int:
    return path.stat().st_size


def _fetched(cache: Path) -> Path:
    """Return the folder of the npm packages, fetched as the lock file pins them."""
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, cache)
    options = ["--prefix", str(cache), "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(["npm", "ci", *options], check=True)
    return cache / "node_modules"


def wheels(folder: Path) -> list[Path]:
    """Return this project's wheel and those of all that it needs in a browser, fetched by pip."""
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], check=True)
    found = list(folder.glob("*.whl"))
    needed = [str(r) for r in _requirements(found[0]) if not r.marker or r.marker.evaluate(BROWSER)]
    pure = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--no-deps"]
    subprocess.run([*pip, "download", *pure, "--dest", str(folder), *needed], check=True)
    return sorted(folder.glob("*.whl"))


def _requirements(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    return [Requirement(text) for text in headers.get_all("Requires-Dist", [])]


def _packages(wheels: list[Path]) -> bytes:
    """Return an archive of all packages; uncompressed, for it is compressed as a whole."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as content:
                for name in sorted(content.namelist()):
                    archive.writestr(zipfile.ZipInfo(name), content.read(name))
        for module in sorted((HERE / "inside").glob("*.py")):
            archive.writestr(zipfile.ZipInfo(module.name), module.read_bytes())
    return packed.getvalue()
