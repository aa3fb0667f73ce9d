"""What views cost: graphs of five shapes, and the views of each.

What runs in the process of a view is found in this module, which imports no engine: each shape and
each view is handed the package.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from time import process_time
from typing import Any

from benchmarks.gpt import ALPHABET, GPT
from benchmarks.measure import alone

__all__ = ["SHAPES", "SIZES", "VIEWS", "largest_paths_seconds", "seconds"]

SIZES = (10_000, 100_000)
"""How many nodes the graphs have whose costs for each node are compared."""


def chain(autograd: Any, size: int) -> tuple[Any, Any]:
    """Return a chain of operations on a leaf that is used all along."""
    x = autograd.Value(0.5, "x")
    y = x
    for i in range(size):
        y = y * x if i % 2 else y.tanh()
    return y, x


def ladder(autograd: Any, size: int) -> tuple[Any, Any]:
    """Return a graph in which paths part and meet again, so that there are very many."""
    x = autograd.Value(0.25, "x")
    y = x
    for _ in range(size // 2):
        y = (y + y).tanh()
    return y, x


def names(autograd: Any, size: int) -> tuple[Any, Any]:
    """Return a sum over leaves that each have a name."""
    leaves = [autograd.Value(i / size, f"x_{i}") for i in range(size)]
    return autograd.sum(leaves), leaves[0]


def namesakes(autograd: Any, size: int) -> tuple[Any, Any]:
    """Return a long sum of leaves that all have one name."""
    leaves = [autograd.Value(i / size, "x") for i in range(size // 2)]
    total = leaves[0]
    for leaf in leaves[1:]:
        total = total + leaf
    return total, leaves[0]


def operands(autograd: Any, size: int) -> tuple[Any, Any]:
    """Return a sum over one leaf again and again."""
    x = autograd.Value(0.5, "x")
    return autograd.sum([x] * size), x


SHAPES: dict[str, Callable[[Any, int], tuple[Any, Any]]] = {
    shape.__name__: shape for shape in (chain, ladder, names, namesakes, operands)
}

VIEWS: dict[str, Callable[[Any, Any, Any], object]] = {
    "draw, as a picture": lambda autograd, y, x: autograd.draw(y).dot,
    "draw, as a tree": lambda autograd, y, x: str(autograd.draw(y)),
    "steps": lambda autograd, y, x: str(autograd.steps(y)),
    "steps, as a page": lambda autograd, y, x: autograd.steps(y)._repr_mimebundle_(),
    "explain": lambda autograd, y, x: (str(autograd.explain(y, x)), autograd.explain(y, x).latex),
    "explain, the largest paths": lambda autograd, y, x: str(autograd.explain(y, x, top=5)),
    "check": lambda autograd, y, x: str(autograd.check({x: 0.125}, y)),
    "quiz": lambda autograd, y, x: repr(autograd.quiz(y)),
    "what_goes_wrong": lambda autograd, y, x: str(autograd.what_goes_wrong(y)),
    "worksheet": lambda autograd, y, x: str(autograd.worksheet(y)),
}
"""The views, of an output and a leaf."""


def seconds(view: str, shape: str, size: int) -> float:
    """Return the processor time of a view, in a process of its own; a refusal is a view too."""
    return alone(partial(_seconds, view, shape, size))


def _seconds(view: str, shape: str, size: int) -> float:
    autograd = import_module("autograd")
    VIEWS[view](autograd, *SHAPES[shape](autograd, 10))  # imports of the first call do not count
    output, leaf = SHAPES[shape](autograd, size)
    start = process_time()
    with suppress(autograd.AutogradError):
        VIEWS[view](autograd, output, leaf)
    return process_time() - start


def largest_paths_seconds() -> float:
    """Return the processor time of a GPT's largest paths, in a process of its own."""
    return alone(_largest_paths_seconds)


def _largest_paths_seconds() -> float:
    autograd = import_module("autograd")
    view = VIEWS["explain, the largest paths"]
    view(autograd, *chain(autograd, 10))
    model = GPT(autograd.Value)
    loss = model.loss("gradient")
    start = process_time()
    view(autograd, loss, model.letters[ALPHABET.index("g")][0])
    return process_time() - start
