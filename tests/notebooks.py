"""Run the notebooks from a clean kernel; ``python -m tests.notebooks [name ...]`` writes them anew.

A notebook is committed with its outputs, in one form, so that a difference shows what changed and
nothing else. A cell tagged ``varies`` prints what depends on the machine, as timings do: it runs
like every other, and what it prints is not compared.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from base64 import b64decode, b64encode
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from matplotlib import font_manager  # noqa: F401 - its cache, which kernels would complain to build
from nbclient import NotebookClient
from PIL import Image

from tests.golden import portable

nbformat: Any = import_module("nbformat")  # its types are given in part

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
TEXTS = ("text/plain", "text/latex", "text/markdown")
"""What is compared word for word; of a picture or a page, that there is one."""

COMPILING = re.compile(r"(autograd: compiling a program, once; .+\n)+")
"""What is said where the machine is slow and has not yet kept the code of a program."""


def read(path: Path) -> Any:
    """Return a notebook as it is in its file."""
    return nbformat.read(path, as_version=4)


def run(path: Path) -> tuple[Any, list[str]]:
    """Return a notebook run by a clean kernel, and the names of the files that it left behind.

    The kernel is this interpreter, in an empty folder, without settings of the user, a program
    ``dot``, or a way to the network.
    """
    notebook = read(path)
    with TemporaryDirectory() as home, TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            km=AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[])),
            timeout=600,
            resources={"metadata": {"path": folder}},
            record_timing=False,
            extra_arguments=["--log-level=ERROR"],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of the client; a kernel's are in its output
            client.execute(env=_environment(home), cleanup_kc=True)
        left = sorted(str(found.relative_to(folder)) for found in Path(folder).rglob("*"))
    return normalised(notebook), left


def _environment(home: str) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9"
    return {name: value for name, value in os.environ.items() if name != "AUTOGRAD_DOT"} | {
        "PATH": home,
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": home,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }


def normalised(notebook: Any) -> Any:
    """Return a notebook without what differs from run to run and from machine to machine."""
    made = nbformat.from_dict(notebook)
    made.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    made.nbformat, made.nbformat_minor = 4, 5
    count = 0
    for i, cell in enumerate(made.cells, 1):
        cell.id = f"cell-{i}"
        cell.metadata = {key: cell.metadata[key] for key in ("tags",) if key in cell.metadata}
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            outputs = [
                o for o in _joined(cell.outputs) if not COMPILING.fullmatch(o.get("text", ""))
            ]
            cell.outputs = [_output(output, count) for output in outputs]
    return made


def _output(output: Any, count: int) -> Any:
    if "execution_count" in output:
        output.execution_count = count
    if "data" in output:
        output.metadata = {}
        for kind in output.data.keys() & {"text/html", "image/png"}:
            output.data[kind] = _PNG.sub(lambda found: _small(found[0]), output.data[kind])
    if output.output_type == "error":  # its frames name the files of a machine
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output


_PNG = re.compile(r"iVBORw0KGgo[\w+/=]{100,}")  # eight bytes by which each begins


def _small(png: str) -> str:
    """Return a PNG in 64 colours, which our pictures look the same in: a third of the bytes.

    Covering the colours that occur, rather than cutting at medians, keeps those of small marks.
    """
    image = Image.open(BytesIO(b64decode(png)))
    if image.mode == "P":
        return png
    small = BytesIO()
    image.convert("RGB").quantize(64, Image.Quantize.MAXCOVERAGE).save(small, "PNG", optimize=True)
    return b64encode(small.getvalue()).decode()


def _joined(outputs: list[Any]) -> list[Any]:
    """Return the outputs with neighbouring pieces of one stream, which timing splits, as one."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            joined.append(output)
    return joined


def said(notebook: Any) -> list[list[Any]]:
    """Return what each code cell says in words, and which kinds of pictures and pages it shows."""
    return [
        [_said(output) for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code" and "varies" not in cell.metadata.get("tags", [])
    ]


def _said(output: Any) -> Any:
    if output.output_type == "stream":
        return output.name, portable(output.text)
    if output.output_type == "error":
        return output.ename, output.evalue
    return {
        kind: portable(content) if kind in TEXTS else "shown"
        for kind, content in sorted(output.data.items())
    }


def written(notebook: Any) -> str:
    """Return the text of a notebook's file."""
    return re.sub(r"\n*$", "\n", nbformat.writes(notebook))


if __name__ == "__main__":
    for path in PATHS:
        if not sys.argv[1:] or any(path.stem.startswith(name) for name in sys.argv[1:]):
            notebook, left = run(path)
            path.write_text(written(notebook), "utf-8")
            print(f"{path.stem}: {path.stat().st_size / 1000:.0f} kB", *left)
