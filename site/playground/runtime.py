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
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

__all__ = ["build_runtime", "sizes", "wheels"]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

BROWSER = {"platform_system": "Emscripten", "sys_platform": "emscripten", "extra": ""}
"""What a requirement's marker says of a browser."""


def build_runtime(folder: Path, cache: Path) -> None:
    """Write ``python.js`` and its parts into a folder.

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
    _write_part(folder, "sizes", json.dumps({n: sizes(folder)[f"{n}.js"] for n in parts}))


def sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of each file in a folder, by its path there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _write_part(folder: Path, name: str, content: str) -> None:
    (folder / f"{name}.js").write_text(f'loadPython.part("{name}", {content});\n', "utf-8")


def _fetched(cache: Path) -> Path:
    """Return the folder of the npm packages, fetched once as the lock file pins them."""
    lock, done = HERE / "package-lock.json", cache / "fetched.json"
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        cache.mkdir(parents=True, exist_ok=True)
        for path in (HERE / "package.json", lock):
            shutil.copy(path, cache)
        options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(["npm", "ci", "--prefix", str(cache), *options], check=True)
        shutil.copy(lock, done)
    return cache / "node_modules"


def wheels(folder: Path) -> list[Path]:
    """Return this project's wheel and those of all that it needs in a browser, fetched once."""
    for path in folder.glob("chainrule-*.whl"):
        path.unlink()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]  # needs no network
    with TemporaryDirectory() as place:  # in the tree it leaves modules behind, for the next wheel
        sources = _copied(Path(place))
        subprocess.run([*pip, "wheel", *options, str(sources)], check=True)
    needed = _requirements(next(folder.glob("chainrule-*.whl")))
    missing = [str(requirement) for requirement in needed if not _is_there(requirement, folder)]
    pure = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--no-deps"]
    if missing:
        subprocess.run([*pip, "download", *pure, "--dest", str(folder), *missing], check=True)
    return sorted(folder.glob("*.whl"))


def _copied(folder: Path) -> Path:
    """Copy what a wheel is made of into a folder, and return it."""
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("autograd", "nn"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _is_there(requirement: Requirement, folder: Path) -> bool:
    kept = [parse_wheel_filename(path.name)[:2] for path in folder.glob("*.whl")]
    name = canonicalize_name(requirement.name)
    return any(name == n and requirement.specifier.contains(version) for n, version in kept)


def _requirements(wheel: Path) -> list[Requirement]:
    """Return what a wheel needs in a browser."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    found = [Requirement(text) for text in headers.get_all("Requires-Dist", [])]
    return [each for each in found if each.marker is None or each.marker.evaluate(BROWSER)]


def _packages(wheels: list[Path]) -> bytes:
    """Return an archive of all packages; uncompressed, for it is compressed as a whole."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as content:
                for name in sorted(content.namelist()):
                    archive.writestr(zipfile.ZipInfo(name), content.read(name))
        for module in sorted((HERE / "browser").glob("*.py")):
            archive.writestr(zipfile.ZipInfo(f"browser/{module.name}"), module.read_bytes())
    return packed.getvalue()
