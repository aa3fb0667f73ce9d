"""Finding a program that renders DOT, and running it."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

from autograd.errors import RendererError

__all__ = ["SUFFIXES", "find_renderer", "render"]

SUFFIXES = ("svg", "png", "pdf", "dot", "gv")
"""The kinds of file that a drawing can be saved as; dot and gv are the DOT text itself."""

_FONTS = "Arial, 'Liberation Sans', Arimo, Helvetica, sans-serif"  # of the same widths as Arial
_REMEDY = "install one with: pip install graphviz-pure"


def find_renderer() -> str:
    """Return the program that renders DOT, "" if there is none.

    In this order: what ``$AUTOGRAD_DOT`` names, ``dot`` on the PATH, the ``graphviz-pure`` that
    came along with this package.
    """
    named = os.environ.get("AUTOGRAD_DOT", "")
    if named:
        found = shutil.which(named)
        if not found:
            raise RendererError(f"AUTOGRAD_DOT={named}: no such program; correct or unset it")
        return found
    return shutil.which("dot") or _graphviz_pure()


def _graphviz_pure() -> str:
    user = sysconfig.get_preferred_scheme("user")
    folders = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", user)]
    path = os.pathsep.join([*folders, os.environ.get("PATH", "")])
    return shutil.which("graphviz-pure", path=path) or ""


def render(dot: str, kind: str) -> bytes:
    """Return a graph's DOT text rendered as ``"svg"``, ``"png"`` or ``"pdf"``.

    Raises `RendererError`, with the command that helps, where no renderer can do it.
    """
    import subprocess  # costs a fifth of the package's import time

    program = find_renderer()
    if not program:
        raise RendererError(f"no program renders graphs here; {_REMEDY}")
    if kind == "pdf" and Path(program).stem == "graphviz-pure":
        raise RendererError(
            "PDF needs Graphviz's own dot (Debian: apt install graphviz; macOS: brew install "
            "graphviz); or save as .svg or .png"
        )
    command = [program, f"-T{kind}"]
    if kind == "png":
        command.append("-Gdpi=144")  # twice the screen's, for sharp text
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, check=True)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise RendererError(f"{program} failed on the graph: {said}") from None
    except OSError as error:
        raise RendererError(f"{program} does not start ({error}); {_REMEDY}") from None
    if not done.stdout:
        raise RendererError(f"{program} returned nothing for -T{kind}; {_REMEDY}")
    return _with_font_list(done.stdout) if kind == "svg" else done.stdout


def _with_font_list(svg: bytes) -> bytes:
    """Let a browser without Arial take a font of the same widths, which the boxes were made for."""
    return svg.replace(b'font-family="Arial"', f'font-family="{_FONTS}"'.encode())
