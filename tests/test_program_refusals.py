"""What a program refuses, each in one sentence that names it; and what it says it is."""

from __future__ import annotations

import importlib.util
import math
import re
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd import NumberError, Program, UsageError, Value, rule
from tests.sampled import BACKENDS
from tests.untyped import untyped


class Given:
    """A graph, and what is no part of it."""

    def __init__(self) -> None:
        self.w, self.x, self.z = Value(3.0, "w"), Value(2.0, "x"), Value(1.0, "z")
        self.y = self.w * self.x

    def program(self, **options: Any) -> Program:
        """Return a program of the graph."""
        return Program(self.y, [self.x], [self.w], **options)


MADE_OF: dict[str, tuple[Callable[[Given], object], str]] = {
    "a varying leaf that is not there": (
        lambda g: Program(g.y, [g.x, g.z], [g.w]), "does not depend on .*'z'.*; leave it out",
    ),
    "the same, with no word of what is shared": (
        lambda g: Program(g.y, [g.x, g.z]), "does not depend on .*'z'.*; leave it out",
    ),
    "both": (lambda g: Program(g.y, [g.x], [g.w, g.x]), "'x'.* is both varying and shared"),
    "a result": (lambda g: Program(g.y, [g.y]), "varying: .*'mul'.* is not a leaf"),
    "a shared result": (lambda g: Program(g.y, [g.x], [g.y]), "shared: .*'mul'.* is not a leaf"),
    "twice": (lambda g: Program(g.y, [g.x, g.x]), "varying: a leaf is given twice"),
    "shared twice": (lambda g: Program(g.y, [g.x], [g.w, g.w]), "shared: a leaf is given twice"),
    "a number": (lambda g: Program(g.y, untyped([2.0])), "varying: 2.0 is not a leaf"),
    "a name": (lambda g: Program(g.y, untyped("x")), "varying: 'x' is not a leaf"),
    "nothing": (lambda g: Program(g.y, untyped(None)), "varying: None is not a leaf"),
    "an output that is no Value": (
        lambda g: Program(untyped(3.0), [g.x]), "3.0 is not a Value; give what you computed",
    ),
    "one of them": (lambda g: Program(untyped([g.y, None]), [g.x]), "None is not a Value"),
    "no outputs": (lambda g: Program([], [g.x]), "no outputs; give one Value at least"),
    "a function that returns none": (
        lambda g: Program(untyped(lambda x: x.data), [g.x]), "2.0 is not a Value",
    ),
    "another back end": (lambda g: g.program(backend="gpu"), "'gpu'; choose from compiled, arrays"),
    "no threads": (lambda g: g.program(threads=0), "threads=0; give a whole number from 1 on"),
    "fewer": (lambda g: g.program(threads=-1), "threads=-1; give"),
    "half a thread": (lambda g: g.program(threads=1.5), "threads=1.5; give"),
    "a true thread": (lambda g: g.program(threads=True), "threads=True; give"),
    "another answer": (lambda g: g.program(on_branch="guess"), "'guess'; choose from raise, rec"),
    "no function": (
        lambda g: g.program(on_branch="record"), "records the function again; give the function",
    ),
    "no samples": (lambda g: Program.of_samples([], [g.w]), "no outputs"),
    "a sample not computed": (lambda g: Program.of_samples([g.x], [g.w]), "was not computed"),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE_OF)
def test_what_no_program_is_made_of_is_refused_by_name(name: str) -> None:
    action, said = MADE_OF[name]
    with pytest.raises(UsageError, match=f"^Program: .*{said}"):
        action(Given())


WRONG_X: dict[str, tuple[Any, type[Exception], str]] = {
    "empty": (np.zeros((0, 2)), UsageError, "X has no samples; give a row for each, one at least"),
    "an empty list": ([], UsageError, r"X of shape \(0,\); give a row for each sample and a col"),
    "no columns": ([[]], UsageError, r"X of shape \(1, 0\); .* each of the 2 varying leaves"),
    "one row": ([1.0, 2.0], UsageError, r"X of shape \(2,\)"),
    "too narrow": ([[1.0]], UsageError, r"X of shape \(1, 1\)"),
    "too wide": ([[1.0, 2.0, 3.0]], UsageError, r"X of shape \(1, 3\)"),
    "too deep": (np.zeros((1, 2, 1)), UsageError, r"X of shape \(1, 2, 1\)"),
    "a number": (3.0, UsageError, r"X of shape \(\)"),
    "ragged": ([[1.0, 2.0], [1.0]], UsageError, "X is no array"),
    "text": ([["a", "b"]], NumberError, "X is an array of <U1; give real numbers"),
    "digits": ([["1", "2"]], NumberError, "X is an array of <U1; give real numbers"),
    "complex": ([[1j, 2.0]], NumberError, "X is an array of complex128; give real numbers"),
    "nothing": (None, NumberError, "X is an array of object; give real numbers"),
    "holes": ([[None, 1.0]], NumberError, "X is an array of object"),
    "Values": ([[Value(1.0), Value(2.0)]], NumberError, "X is an array of object"),
    "too large": ([[10**400, 1]], NumberError, "X is an array of object"),
    "fractions": ([[Fraction(1, 2)] * 2], NumberError, "X is an array of object"),
    "dates": (np.zeros((1, 2), "datetime64[D]"), NumberError, "X is an array of datetime64"),
    "a dictionary": ({"x": 1.0}, NumberError, "X is an array of object"),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", WRONG_X)
def test_a_batch_of_another_kind_is_refused_by_name(name: str, backend: str) -> None:
    X, error, said = WRONG_X[name]
    x, y = Value(1.0, "x"), Value(2.0, "y")
    program = Program(x * y, [x, y], backend=backend)
    for ask in (program, program.values):
        with pytest.raises(error, match=f"^Program: {said}"):
            ask(X)
    assert program.values([[2.0, 3.0]]).tolist() == [6.0]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "theta", [[], [1.0], [1.0, 2.0, 3.0], 3.0, [[1.0, 2.0]], ["a", "b"], [None, 1.0], [1j, 1.0]]
)
def test_parameters_of_another_kind_are_refused_by_name(theta: Any, backend: str) -> None:
    x, w, v = Value(1.0, "x"), Value(2.0, "w"), Value(4.0, "v")
    program = Program(x * w + v, [x], [w, v], backend=backend)
    for ask in (program, program.values):
        with pytest.raises((UsageError, NumberError), match=r"^Program: theta (of|is an array)"):
            ask([[1.0]], theta)
    assert program.values([[1.0]], np.array([3, 5])).tolist() == [8.0]
    assert program.values([[True]], [False, True]).tolist() == [1.0]


def test_a_function_may_not_use_all_its_leaves() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    run = Program(lambda x, y: x * x, [x, y])([[3.0, 1.0], [4.0, 1.0]])
    assert run.input_gradients.tolist() == [[6.0, 0.0], [8.0, 0.0]]


def test_a_function_returns_as_many_outputs_each_time() -> None:
    program = Program(
        lambda x: [x * 1] if x > 0 else [x, x * 2], [Value(1.0, "x")], on_branch="record"
    )
    with pytest.raises(UsageError, match=r"returned 1 output\(s\) at first, and 2 for another sam"):
        program([[1.0], [-1.0]])


@pytest.mark.parametrize("backend", BACKENDS)
def test_rules_that_compute_with_floats_alone_are_refused_by_name(backend: str) -> None:
    @rule
    def by_math(x: Any) -> Any:
        return math.sin(x), (math.cos(x),)

    @rule
    def without_end(x: Any) -> Any:
        while x > 1:
            x = x / 2
        return x, (1.0,)

    x = Value(2.0, "x")
    for wrong in (by_math, without_end):
        with pytest.raises(UsageError, match=f"^rule {wrong.name} runs on floats alone") as caught:
            Program(wrong(x), [x], backend=backend)([[1.0]])
        assert "write it with autograd.functions: f.exp(x), f.where(" in str(caught.value)


def test_what_is_shared_and_what_is_constant() -> None:
    x, w, v, hidden = Value(2.0, "x"), Value(3.0, "w"), Value(4.0, "v"), Value(5.0)
    y = v * hidden + w * x + 7
    assert set(Program(y, [x]).shared) == {v, w}
    assert Program(y, [x], [hidden]).shared == [hidden]
    assert Program(y, [x], []).shared == []
    assert Program(y, [x, v]).shared == [w]
    assert Program(y, [v]).varying == [v]
    assert Program(y, untyped(v)).varying == [v]
    assert Program(y, (v, x)).varying == [v, x]


def test_programs_and_runs_say_what_they_are() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = Program([w * x, x], [x], backend="arrays")
    assert repr(program) == "Program of 2 output(s), 1 varying and 1 shared leaves; arrays"
    run = Program(w * x, [x], backend="compiled")([[1.0], [2.0]])
    assert repr(run) == "Run of 2 sample(s), mean 4.5"


def test_the_back_end_is_the_fastest_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Given()
    assert given.program().backend == "compiled"
    assert given.program(backend="arrays").backend == "arrays"
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    assert importlib.util.find_spec("llvmlite") is None
    program = given.program()
    assert program.backend == "arrays"
    assert program([[1.0], [4.0]]).gradient.tolist() == [2.5]


@pytest.mark.parametrize(
    ("package", "options", "extra"),
    [
        ("llvmlite", {"backend": "compiled"}, "fast"),
        ("numpy", {}, "arrays"),
        ("numpy", {"backend": "compiled"}, "arrays"),
        ("numpy", {"backend": "arrays"}, "arrays"),
    ],
)
def test_a_missing_package_is_named_with_what_brings_it(
    package: str, options: dict[str, str], extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Given()
    monkeypatch.setitem(sys.modules, package, None)
    said = f'Program needs {package}; pip install "chainrule[{extra}]" brings it'
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        given.program(**options)


@pytest.mark.parametrize("backend", ["compiled", "arrays"])
def test_a_shared_leaf_that_takes_no_part_has_the_gradient_0(backend: str) -> None:
    g = Given()
    run = Program(g.y, [g.x], [g.z, g.w], backend=backend)([[2.0], [4.0]])
    assert run.gradient.tolist() == [0.0, 3.0]
    assert run.sample_gradients.tolist() == [[0.0, 2.0], [0.0, 4.0]]
