"""Build the site: a folder that fetches nothing, for a server or a memory stick.

    pip install -e ".[site]" && python site/build.py

Without arguments all parts are built; ``python site/build.py documentation`` builds one of them.
What pip and npm download is kept in ``site/_build``: another build needs no network.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import ignore_patterns
from typing import NamedTuple

from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION
from lab.build import build as build_lab
from playground.build import build as build_playground
from playground.runtime import wheels
from programs import npm, run

__all__: list[str] = []

SITE = Path(__file__).resolve().parent
ROOT = SITE.parent
PAGES = SITE / "pages"

KATEX = "katex@0.16.22"
"""What typesets formulas."""

SIZE = re.compile(r'(<span data-size="(\w+)">)[^<]*')
"""Where a page of the documentation says how large a part is."""


class Site(NamedTuple):
    """A site: the folder that it fills, and the one where what was downloaded is kept."""

    folder: Path
    cache: Path


def playground(site: Site) -> None:
    """Build the playground, and the Python that examples run in."""
    build_playground(site.folder / "playground", site.cache / "playground")


def lab(site: Site) -> None:
    """Build the notebooks that run in the reader's browser."""
    build_lab(
        site.folder / "lab",
        site.cache / "lab",
        notebooks=ROOT / "notebooks",
        pyodide=npm(site.cache / "npm", f"pyodide@{PYODIDE_VERSION}"),
        wheels=wheels(site.cache / "playground" / "wheels"),
    )


def documentation(site: Site) -> None:
    """Build the pages, and the notebooks as they were saved."""
    source = site.cache / "documentation"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(SITE / "documentation", source)
    shutil.copy(ROOT / "README.md", site.cache)  # the documentation includes a table of it
    (source / "notebooks").mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, source / "notebooks")
    static = site.cache / "static"
    shutil.rmtree(static, ignore_errors=True)
    katex = npm(site.cache / "npm", KATEX)
    fonts = ignore_patterns("*.ttf", "*.woff")  # for browsers that cannot read .woff2
    shutil.copytree(katex / "dist" / "fonts", static / "katex" / "fonts", ignore=fonts)
    shutil.copy(katex / "dist" / "katex.min.css", static / "katex")
    options = ["-W", "--keep-going", "-q", "-E", "-d", site.cache / "doctrees", "-c", PAGES]
    options += ["-D", f"katex={katex}"]
    styles = f"html_static_path={PAGES / 'static'},{static}"
    made = site.cache / "pages" / "html"  # beside it, pictures of notebooks are put down
    shutil.rmtree(made.parent, ignore_errors=True)
    run(sys.executable, "-m", "sphinx", *options, "-D", styles, source, made)
    shutil.copytree(made, site.folder, ignore=ignore_patterns(".buildinfo"), dirs_exist_ok=True)


PARTS: dict[str, Callable[[Site], None]] = {
    "playground": playground,
    "lab": lab,
    "documentation": documentation,
}
"""The parts, in the order in which they are built."""


def sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of each part of a site; what has no folder of its own is documentation."""
    found = dict.fromkeys(PARTS, 0)
    for path in folder.rglob("*"):
        if path.is_file():
            top = path.relative_to(folder).parts[0]
            found[top if top in found else "documentation"] += path.stat().st_size
    return found | {"whole": sum(found.values())}


def written(count: int) -> str:
    """Return a number of bytes as people say it.

    >>> written(830), written(12_340), written(1_260_000), written(56_780_000)
    ('1 kB', '12 kB', '1.3 MB', '57 MB')
    """
    if count < 999_500:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.{1 if count < 9_950_000 else 0}f} MB"


def tell(folder: Path, found: dict[str, int]) -> None:
    """Write into the pages how large the site is."""
    for page in folder.rglob("*.html"):
        if page.relative_to(folder).parts[0] not in ("playground", "lab", "graphs"):
            text = page.read_text("utf-8")
            told = SIZE.sub(lambda m: f"{m[1]}{written(found[m[2]])}", text)
            page.write_text(told, "utf-8")


def main() -> None:
    """Build the parts that were asked for, and say how large they are."""
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument("--to", type=Path, default=SITE / "public", help="the folder to fill")
    parser.add_argument("--cache", type=Path, default=SITE / "_build", help="what is kept")
    given = parser.parse_args()
    if unknown := [part for part in given.parts if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]}; choose of {', '.join(PARTS)}")
    site = Site(given.to.resolve(), given.cache.resolve())
    for folder in site:
        folder.mkdir(parents=True, exist_ok=True)
    for name in given.parts or PARTS:
        PARTS[name](site)
    found = sizes(site.folder)
    tell(site.folder, found)
    for name, count in found.items():
        print(f"{written(count):>8}  {name}")
    print(f"in {site.folder}")


if __name__ == "__main__":
    main()
