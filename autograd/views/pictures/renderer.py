"""Finding what renders DOT, and having it done: by a program, or in a browser by a function."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from functools import cache
from importlib import import_module

from autograd.errors import RendererError
from autograd.tools.text import excerpt

__all__ = ["render", "renderers"]

_BEGINNINGS = {"svg": b"<svg", "png": b"\x89PNG\r\n", "pdf": b"%PDF", "json": b"{"}
"""What a file of each kind has at its beginning, and what a program merely says has not."""

_SECONDS = 60
"""How long a program may take for a graph."""

_TRIAL = 5
"""How long a program may take for the smallest of graphs; one that takes longer hangs."""

_PAGE = "js.graphviz"
"""Where a page that runs Python puts its Graphviz: a function of DOT text and of a kind."""

_REMEDY = "install one with: pip install graphviz-pure"
_PAGE_REMEDY = f"in a browser, {_PAGE} is the page's function that renders SVG; load it first"
_PDF_REMEDY = (
    "that needs Graphviz's own dot (Debian: apt install graphviz; macOS: brew install graphviz); "
    "or save as .svg, .png or .tex"
)


def renderers() -> list[str]:
    """Return the programs that may render DOT, in the order in which they are tried.

    What ``$AUTOGRAD_DOT`` names, every ``dot`` on the PATH, and the ``graphviz-pure`` that came
    along with this package; in a browser, where no program runs, ``js.graphviz`` of the page.

    Raises `RendererError` if ``$AUTOGRAD_DOT`` names no program.
    """
    if _is_browser():
        return [_PAGE] if _of_the_page() else []
    named = os.environ.get("AUTOGRAD_DOT", "")
    chosen = shutil.which(named) if named else None
    if named and not chosen:
        raise RendererError(f"AUTOGRAD_DOT={named}: no such program; correct or unset it")
    path = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    places = [("dot", path), ("graphviz-pure", [*_scripts(), *path])]
    found = [shutil.which(name, path=folder) for name, folders in places for folder in folders]
    return list(dict.fromkeys(filter(None, [chosen, *found])))


def _is_browser() -> bool:
    return sys.platform == "emscripten"


def _of_the_page() -> Callable[[str, str], str] | None:
    """Return what the page renders by, if it has something."""
    found: Callable[[str, str], str] | None = getattr(import_module("js"), "graphviz", None)
    return found


def _scripts() -> list[str]:
    """Return the folders where pip puts programs."""
    user = sysconfig.get_preferred_scheme("user")
    return [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", user)]


def render(dot: str, kind: str, dpi: int = 144) -> bytes:
    """Return a graph's DOT text rendered as ``"svg"``, ``"png"``, ``"pdf"`` or ``"json"``.

    A program that is broken, hangs, or does not know that kind is passed over for the next, now
    and for as long as this process runs. `dpi` is the sharpness of a PNG: 144 is twice a screen's.

    Raises `RendererError`, with the command that helps, where no program can do it; and another
    where programs that render other graphs fail on this one.
    """
    options = (f"-T{kind}", f"-Gdpi={dpi}") if kind == "png" else (f"-T{kind}",)
    too_much, broken = [], []
    for program in renderers():
        if fault := _fault(program, kind):
            broken.append(f"{program}: {fault}")
            continue
        try:
            return _run(program, options, dot)
        except _FailedError as error:
            too_much.append(f"{program}: {error}")
    if too_much:
        raise RendererError(
            f"this graph is too much for what renders others ({'; '.join(too_much)}); "
            "draw a part of it, or save it as .dot"
        )
    tried = f" ({'; '.join(broken)})" if broken else ""
    if kind == "pdf":
        raise RendererError(f"no program here renders PDF{tried}; {_PDF_REMEDY}")
    remedy = _PAGE_REMEDY if _is_browser() else _REMEDY
    raise RendererError(f"no program renders graphs here{tried}; {remedy}")


class _FailedError(Exception):
    """What a program said instead of rendering."""


@cache
def _fault(program: str, kind: str) -> str:
    """Return what a program says instead of rendering the smallest of graphs; "" if it does."""
    try:
        _run(program, (f"-T{kind}",), "digraph { a -> b }", _TRIAL)
    except _FailedError as error:
        return str(error)
    return ""


def _run(program: str, options: tuple[str, ...], dot: str, seconds: float = _SECONDS) -> bytes:
    kind = options[0].removeprefix("-T")
    if program == _PAGE:
        code, made, said = _asked(dot, kind)
    else:
        code, made, said = _started([program, *options], dot, seconds)
    if code or _BEGINNINGS[kind] not in made[:1000]:
        raise _FailedError(excerpt(said.strip()) or f"it ended with code {code} and no {kind}")
    return made


def _asked(dot: str, kind: str) -> tuple[int, bytes, str]:
    """Return what the page's function makes of a graph, as a program would."""
    try:
        function = _of_the_page()
        return 0, function(dot, kind).encode() if function else b"", ""
    except Exception as error:  # what JavaScript throws is of any kind
        return 1, b"", str(error)


def _started(command: list[str], dot: str, seconds: float) -> tuple[int, bytes, str]:
    """Return the code that a program ends with, what it makes of a graph, and what it says."""
    import subprocess  # costs a fifth of the package's import time

    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise _FailedError(f"it took more than {seconds} s") from None
    except OSError as error:
        raise _FailedError(f"it does not start ({error.strerror})") from None
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")
