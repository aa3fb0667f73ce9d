"""Finding a program that renders DOT, and running it."""

from __future__ import annotations

import os
import shutil
import sysconfig
from functools import cache

from autograd.errors import RendererError
from autograd.tools.text import excerpt

__all__ = ["render", "renderers"]

_BEGINNINGS = {"svg": b"<svg", "png": b"\x89PNG\r\n", "pdf": b"%PDF", "json": b"{"}
"""What a file of each kind has at its beginning, and what a program merely says has not."""

_SECONDS = 60
"""How long a program may take for a graph; one that takes longer hangs."""

_REMEDY = "install one with: pip install graphviz-pure"
_PDF_REMEDY = (
    "PDF needs Graphviz's own dot (Debian: apt install graphviz; macOS: brew install graphviz); "
    "or save as .svg, .png or .tex"
)


def renderers() -> list[str]:
    """Return the programs that may render DOT, in the order in which they are tried.

    What ``$AUTOGRAD_DOT`` names, every ``dot`` on the PATH, and the ``graphviz-pure`` that came
    along with this package.

    Raises `RendererError` if ``$AUTOGRAD_DOT`` names no program.
    """
    named = os.environ.get("AUTOGRAD_DOT", "")
    chosen = shutil.which(named) if named else None
    if named and not chosen:
        raise RendererError(f"AUTOGRAD_DOT={named}: no such program; correct or unset it")
    path = os.environ.get("PATH", "").split(os.pathsep)
    user = sysconfig.get_preferred_scheme("user")
    scripts = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", user)]
    found = [
        chosen,
        *(shutil.which("dot", path=folder) for folder in path if folder),
        *(shutil.which("graphviz-pure", path=folder) for folder in (*scripts, *path) if folder),
    ]
    return list(dict.fromkeys(filter(None, found)))


def render(dot: str, kind: str, dpi: int = 144) -> bytes:
    """Return a graph's DOT text rendered as ``"svg"``, ``"png"``, ``"pdf"`` or ``"json"``.

    A program that is broken, hangs, or does not know that kind is passed over for the next, now
    and for as long as this process runs. `dpi` is the sharpness of a PNG: 144 is twice a screen's.

    Raises `RendererError`, with the command that helps, where no program can do it; and another
    where programs that render other graphs fail on this one.
    """
    options = (f"-T{kind}", f"-Gdpi={dpi}") if kind == "png" else (f"-T{kind}",)
    failures = []
    for program in renderers():
        if (program, kind) in _broken:
            continue
        try:
            return _run(program, options, dot)
        except _FailedError as error:
            if _works(program, kind):
                failures.append(f"{program}: {error}")
            else:
                _broken[program, kind] = str(error)
    if failures:
        raise RendererError(
            f"this graph is too much for what renders others ({'; '.join(failures)}); "
            "draw a part of it, or save it as .dot"
        )
    said = [f"{program}: {_broken[program, kind]}" for program in _passed_over(kind)]
    passed_over = f" ({'; '.join(said)})" if said else ""
    if kind == "pdf":
        raise RendererError(f"no program here renders PDF{passed_over}: {_PDF_REMEDY}")
    raise RendererError(f"no program renders graphs here{passed_over}; {_REMEDY}")


_broken: dict[tuple[str, str], str] = {}
"""The programs that cannot render a kind of picture, with what they said."""


def _passed_over(kind: str) -> list[str]:
    return [program for program in renderers() if (program, kind) in _broken]


class _FailedError(Exception):
    """What a program said instead of rendering."""


@cache
def _works(program: str, kind: str) -> bool:
    """Return whether a program renders the smallest of graphs."""
    try:
        _run(program, (f"-T{kind}",), "digraph { a -> b }")
    except _FailedError:
        return False
    return True


def _run(program: str, options: tuple[str, ...], dot: str) -> bytes:
    import subprocess  # costs a fifth of the package's import time

    command = [program, *options]
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise _FailedError(f"it took more than {_SECONDS} s") from None
    except OSError as error:
        raise _FailedError(f"it does not start ({error.strerror})") from None
    kind = options[0].removeprefix("-T")
    if done.returncode or _BEGINNINGS[kind] not in done.stdout[:1000]:
        said = excerpt(done.stderr.decode(errors="replace").strip())
        raise _FailedError(said or f"it ended with code {done.returncode} and no {kind}")
    return done.stdout
