"""The limit: a step of one network as written by hand in C, where there is a compiler."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.program.perceptron import Perceptron
from benchmarks.program.step import Step, numbers
from benchmarks.workloads import ALPHA

__all__ = ["compiler", "limit"]

SOURCE = Path(__file__).with_name("limit.c")
LANES = 64  # samples that go through the network at once; fastest where this was measured
OPTIONS = ("-O3", "-march=native", "-ffast-math", "-shared", "-fPIC")


@cache
def compiler() -> str | None:
    """Return the C compiler of this machine, if it has one."""
    return which("cc") or which("gcc")


def limit(network: Perceptron) -> Step:
    """Return a step of a network of two hidden layers with relu."""
    numpy = import_module("numpy")
    theta, gradient = (numpy.array(network.parameters()) for _ in range(2))
    X, y = map(numpy.array, network.data())
    step = _compiled(network)
    places = [_place(array) for array in (theta, X, y, gradient)]
    return Step(lambda: (step(*places, network.samples), gradient), numbers)


def _place(array: Any) -> Any:
    """Return where the numbers are; the array lives as long as this does."""
    return array.ctypes.data_as(ctypes.c_void_p)


def _compiled(network: Perceptron) -> Callable[..., float]:
    inputs, first, second, _ = network.widths
    sizes = {"INPUTS": inputs, "FIRST": first, "SECOND": second, "LANES": LANES}
    definitions = [f"-D{name}={number}" for name, number in {**sizes, "ALPHA": ALPHA}.items()]
    with TemporaryDirectory() as folder:
        library = f"{folder}/limit.so"
        command = [str(compiler()), *OPTIONS, *definitions, "-o", library, str(SOURCE)]
        subprocess.run(command, check=True)
        step = ctypes.CDLL(library).step
    step.restype = ctypes.c_double
    step.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_long]
    return step
