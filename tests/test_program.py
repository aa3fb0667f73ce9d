"""Programs over random graphs: whatever eager `backward()` finds, sample by sample."""

from __future__ import annotations

import copy
import math
import pickle
import threading
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    InfiniteGradientWarning,
    Program,
    UsageError,
    Value,
    exp,
    maximum,
    no_grad,
    rule,
    tanh,
    where,
)
from autograd import functions as f
from autograd.graph import topological_order
from tests.sampled import BACKENDS, SPECIAL, Eager, close, eager
from tests.test_graphs import KINKED, REACH, STEPS, Plan, plans, rounding_decides

pytestmark = [
    pytest.mark.filterwarnings(f"ignore::autograd.{kind}")
    for kind in ("InfiniteGradientWarning", "UndefinedGradientWarning")
]
"""Special numbers have infinite slopes; one test is about the warning, and expects it."""


@rule
def bent_between(x: Any, y: Any) -> Any:
    """Return what two Python `if`s choose."""
    if x > y:
        return x * y, (y, x)
    if x + y > 0:
        return x - 2 * y, (1, -2)
    return f.exp(x) + y, (f.exp(x), 1)


@rule(domain=lambda x, y: x >= 0 and y > x, remedy="{x} must be between 0 and {y}")
def bounded(x: Any, y: Any) -> Any:
    return f.sqrt(1 + x) * y, (y / (2 * f.sqrt(1 + x)), f.sqrt(1 + x))


@rule(sequences=1)
def of_squares(*x: Any) -> Any:
    z = sum([x_k * x_k for x_k in x], 0.0)
    return z, tuple([2 * x_k for x_k in x])


@rule(sequences=1)
def in_turn(*x: Any) -> Any:
    """Return x₁ − 2 x₂ + 3 x₃ − …, whose terms are not alike."""
    signed = [(-1) ** k * (k + 1) for k, _ in enumerate(x)]
    return sum([c * x_k for c, x_k in zip(signed, x, strict=True)], 0.0), tuple(signed)


OWN: dict[str, Callable[..., Any]] = {
    "bent_between": lambda f, x, y: bent_between(x, y),
    "bounded": lambda f, x, y: bounded(f.abs(x), f.abs(x) + f.exp(f.sin(y))),
    "of_squares": lambda f, x, y, z: of_squares([x, y, x, z]),
    "of_one": lambda f, x: of_squares([x]),
    "in_turn": lambda f, x, y, z: in_turn([x, y, z, y, x]),
}
JUMPING = KINKED | {"bent_between", "bounded"}
ALL = STEPS | OWN


def outputs_of(plan: Plan, chosen: Sequence[int]) -> Callable[[list[Value]], list[Value]]:
    """Return the function from leaves to some of a plan's nodes."""

    def build(leaves: list[Value]) -> list[Value]:
        pool = plan.build(leaves, autograd, lambda node, _: node)
        return [pool[i] for i in chosen]

    return build


def settled(plan: Plan, numbers: Sequence[float]) -> bool:
    """Return whether rounding decides no choice at a sample, and nothing grows without end."""
    pool: list[Value] = [Value(x) for x in numbers]
    try:
        for name, indices in plan.steps:
            operands = [pool[i] for i in indices]
            if name in JUMPING and rounding_decides(operands):
                return False
            pool.append(ALL[name](autograd, *operands))
            if REACH**2 < abs(pool[-1].data) < math.inf:
                return False
    except (autograd.AutogradError, ValueError):
        return False
    return True


@st.composite
def batches(draw: st.DrawFn, base: Sequence[float]) -> list[tuple[float, ...]]:
    """Draw samples around a point, at random, and of numbers at which choices tie."""
    near = st.tuples(*[st.floats(x - 0.5, x + 0.5) for x in base])
    special = st.tuples(*[st.sampled_from(SPECIAL) | st.just(x) for x in base])
    tied = st.sampled_from(SPECIAL).map(lambda x: (x,) * len(base))
    samples: list[tuple[float, ...]] = draw(
        st.lists(near | special | tied, min_size=1, max_size=10)
    )
    return samples


def check(found: Any, true: float, size: float, what: object) -> None:
    assert close(found, true, 1 + size, rel=1e-9), f"{found}, eager {true}: {what}"


def compared(
    program: Program, X: Any, shared: Sequence[int], varying: Sequence[int],
    eagerly: Sequence[Eager | None],
) -> None:  # fmt: skip
    """Hold a program's run to what is found eagerly of each of its samples."""
    run = program(X)
    inputs, slopes = run.input_gradients, run.sample_gradients
    outputs = len(program.outputs)
    assert run.values.shape == (len(X), outputs)
    assert inputs.shape == (len(X), outputs, len(varying))
    assert slopes.shape == (len(X), outputs, len(shared))
    assert run.gradient.shape == (outputs, len(shared))
    assert np.array_equal(program.values(X), run.values, equal_nan=True)
    for k, true in enumerate(eagerly):
        for o in range(outputs) if true else ():
            assert true is not None
            where = f"output {o} of sample {k}, {program.backend}"
            check(run.values[k, o], true.values[o], true.value_sizes[o], where)
            for found, i in zip(inputs[k, o], varying, strict=True):
                check(found, true.slopes[o][i], true.sizes[o][i], where)
            for found, i in zip(slopes[k, o], shared, strict=True):
                check(found, true.slopes[o][i], true.sizes[o][i], where)
    if all(eagerly):
        for o in range(outputs):
            for found, i in zip(run.gradient[o], shared, strict=True):
                terms = [true.slopes[o][i] / len(X) for true in eagerly if true]
                size = sum(true.sizes[o][i] / len(X) for true in eagerly if true)
                if all(map(math.isfinite, terms)):
                    check(found, math.fsum(terms), size, f"average of {o}")
        means = [[true.values[o] for true in eagerly if true] for o in range(outputs)]
        for found, each in zip(run.mean, means, strict=True):
            if all(map(math.isfinite, each)):
                check(found, math.fsum(each) / len(X), max(map(abs, each)), "mean")


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_random_graphs_are_replayed_as_eager_finds_them(data: st.DataObject) -> None:
    with patch.dict(STEPS, OWN):
        plan = data.draw(plans(ALL))
        last = plan.size - 1
        chosen = [last, *data.draw(st.lists(st.integers(0, last), max_size=2))]
        build = outputs_of(plan, chosen)
        leaves = [Value(x, f"x{i}") for i, x in enumerate(plan.leaves)]
        outputs = build(leaves)
        used = [i for i, leaf in enumerate(leaves) if leaf in topological_order(*outputs)]
        varying = [i for i in used if data.draw(st.booleans())]
        shared = [i for i in used if i not in varying and data.draw(st.booleans())]
        rows = data.draw(batches(plan.leaves))
        samples = [
            [
                x if i in varying else base
                for i, (x, base) in enumerate(zip(row, plan.leaves, strict=True))
            ]
            for row in [plan.leaves, *rows]
        ]
        eagerly = [eager(build, sample) if settled(plan, sample) else None for sample in samples]
    X = np.array([[sample[i] for i in varying] for sample in samples])
    X = X.reshape(len(samples), len(varying))
    for backend in BACKENDS:
        program = Program(
            outputs, [leaves[i] for i in varying], [leaves[i] for i in shared],
            backend=backend, threads=1,
        )  # fmt: skip
        compared(program, X, shared, varying, eagerly)
        compared(program, X[:1], shared, varying, eagerly[:1])


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_numbers_of_one_sample_never_reach_another(data: st.DataObject) -> None:
    with patch.dict(STEPS, OWN):
        plan = data.draw(plans(ALL))
        build = outputs_of(plan, [plan.size - 1])
    leaves = [Value(x, f"x{i}") for i, x in enumerate(plan.leaves)]
    with patch.dict(STEPS, OWN):
        [output] = build(leaves)
    used = [leaf for leaf in leaves if leaf in topological_order(output)]
    varying = [leaf for leaf in used if data.draw(st.booleans())]
    if not varying:
        return
    base = np.array([leaf.data for leaf in varying])
    X = base + np.linspace(0, 1, 11)[:, None]
    changed = X.copy()
    k = data.draw(st.integers(0, 10))
    changed[k] = data.draw(st.sampled_from([math.nan, math.inf, -math.inf, 0.0]))
    others = np.arange(11) != k
    for backend in BACKENDS:
        program = Program(output, varying, backend=backend, threads=1)
        run, other = program(X), program(changed)
        assert np.array_equal(run.values[others], other.values[others], equal_nan=True)
        for found, again in [
            (run.input_gradients, other.input_gradients),
            (run.sample_gradients, other.sample_gradients),
        ]:
            assert np.array_equal(np.isnan(found[others]), np.isnan(again[others]))
            assert np.allclose(found[others], again[others], 1e-9, 1e-9, equal_nan=True)
        assert np.array_equal(program(X).values, run.values, equal_nan=True)


def layers(width: int, depth: int) -> tuple[Value, list[Value], list[Value]]:
    """Return the output of a small network, its inputs and its weights."""
    inputs = [Value(0.1 * (i + 1), f"x{i}") for i in range(3)]
    weights: list[Value] = []

    def weight() -> Value:
        weights.append(Value(math.sin(len(weights) + 1.0), f"w{len(weights)}"))
        return weights[-1]

    row = inputs
    for _ in range(depth):
        row = [
            tanh(autograd.dot([weight() for _ in row], row) + weight() + 0.1 * exp(-row[0]))
            for _ in range(width)
        ]
    loss = autograd.mean([z * z for z in row]) + 0.01 * autograd.sum([w * w for w in weights])
    return loss, inputs, weights


def found_of(program: Program, X: Any) -> list[Any]:
    run = program(X)
    return [run.values, run.gradient, run.input_gradients, run.sample_gradients, run.mean]


def sine(*shape: int) -> Any:
    """Return numbers of no pattern, always the same."""
    return np.sin(np.arange(1.0, 1 + math.prod(shape))).reshape(shape)


def same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("terms", [1, 2, 3, 5, 17])
def test_neurons_are_added_up_in_layers_of_every_width(terms: int, backend: str) -> None:
    for rows in range(1, 10):
        inputs = [Value(0.5 - 0.3 * k, f"x{k}") for k in range(terms)]
        weights = [[Value(math.sin(r + 2.0 * k)) for k in range(terms)] for r in range(rows)]
        flat = [w for row in weights for w in row]
        neurons = [autograd.dot(row, inputs) for row in weights]
        loss = autograd.sum([z * z for z in neurons])
        X, matrix = sine(9, terms), np.array([leaf.data for leaf in flat]).reshape(rows, terms)
        sums = X @ matrix.T
        for varying, shared, at in [(inputs, flat, X), ([], [*inputs, *flat], X[:, :0])]:
            theta = [leaf.data for leaf in flat] if varying else [*X[0], *matrix.ravel()]
            for n in (1, 9) if varying else (1,):
                program = Program(loss, varying, shared, backend=backend, threads=1)
                run = program(at[:n], theta)
                assert np.allclose(run.values, (sums[:n] ** 2).sum(axis=1), 1e-12)
                slopes = 2 * sums[:n, :, None] * X[:n, None, :]
                own = run.sample_gradients[:, -terms * rows :]
                assert np.allclose(own, slopes.reshape(n, -1), 1e-12, 1e-14)
                assert np.allclose(run.gradient[-terms * rows :], own.mean(axis=0), 1e-12, 1e-14)
                upstream = run.input_gradients if varying else run.sample_gradients[:, :terms]
                assert np.allclose(upstream, 2 * sums[:n] @ matrix, 1e-12, 1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_sums_of_several_lengths_stand_side_by_side(backend: str) -> None:
    x, w, v = Value(2.0, "x"), Value(3.0, "w"), Value(5.0, "v")

    def build(leaves: list[Value]) -> list[Value]:
        x, w, v = leaves
        sums = [
            total(terms)
            for total in (autograd.sum, autograd.prod, autograd.mean, autograd.max, of_squares)
            for terms in ([x], [x, w], [x, v], [x, w, v], [v, w, x], [x, x, x, v], [w, v], [w])
        ]
        dots = [autograd.dot([w, v], [x, x]), autograd.dot([w, v, w], [x, v, x])]
        z = x * w
        dots += [autograd.dot([w, v], row) for row in ([x, z], [z, x], [z, z])]
        return [autograd.mean([*sums, *dots]), *sums, *dots]

    program = Program(build([x, w, v]), [x], [w, v], backend=backend)
    for X in ([[1.5], [-2.0], [0.25]], [[0.75]]):
        eagerly = [eager(build, [row[0], 3.0, 5.0]) for row in X]
        compared(program, np.array(X), [1, 2], [0], eagerly)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_batches_of_every_size_are_cut_where_nothing_is_lost(backend: str) -> None:
    loss, inputs, weights = layers(24, 12)  # so many rows that a chunk has few samples
    program = Program(loss, inputs, weights[:2], backend=backend, threads=1)
    X = sine(300, 3)
    whole = program(X)
    values, slopes = whole.values, whole.input_gradients
    each = whole.sample_gradients
    for n in [1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 63, 64, 65, 127, 128, 129, 299]:
        run = program(X[:n])
        assert np.allclose(run.values, values[:n], 1e-13, 0)
        assert np.allclose(run.input_gradients, slopes[:n], 1e-11, 1e-16)
        assert np.allclose(run.gradient, each[:n].mean(axis=0), 1e-11, 1e-16)
        assert math.isclose(run.mean, values[:n].mean(), rel_tol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 247, 248, 249, 255, 256, 257, 511, 512, 513, 8193])
def test_a_batch_is_as_good_as_its_samples(n: int, backend: str) -> None:
    x, w = Value(2.0, "x"), Value(0.5, "w")
    program = Program((w * x).tanh() * x + w * w, [x], backend=backend)
    X = np.linspace(-2, 2, n)[:, None]
    run = program(X)
    t = np.tanh(0.5 * X[:, 0])
    assert np.allclose(run.values, t * X[:, 0] + 0.25, 1e-14, 1e-15)
    slopes = (1 - t * t) * X[:, 0] ** 2 + 1.0
    assert np.allclose(run.sample_gradients[:, 0], slopes, 1e-13)
    assert np.allclose(run.gradient, slopes.mean(), 1e-12)
    inputs = t + 0.5 * X[:, 0] * (1 - t * t)
    assert np.allclose(run.input_gradients[:, 0], inputs, 1e-12, 1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("samples", [5, 700, 4001, 30_000])
def test_the_number_of_threads_changes_no_bit(samples: int) -> None:
    loss, inputs, weights = layers(6, 2)
    X = sine(samples, 3)
    found = [
        found_of(Program(loss, inputs, weights, backend="compiled", threads=threads), X)
        for threads in (1, 2, 3)
    ]
    assert same(found[0], found[1])
    assert same(found[0], found[2])
    again = Program(loss, inputs, weights, threads=2)
    assert same(found_of(again, X), found[0])
    assert same(found_of(again, X), found[0])


def test_large_batches_are_sums_of_small_ones() -> None:
    loss, inputs, weights = layers(6, 2)
    X = sine(20_000, 3)
    large, small = (Program(loss, inputs, weights, threads=2) for _ in range(2))
    parts = [found_of(small, part) for part in np.split(X, 50)]
    values, gradient, slopes, each, mean = found_of(large, X)
    assert math.isclose(mean, values.mean(), rel_tol=1e-13)
    assert np.array_equal(values, np.concatenate([part[0] for part in parts]))
    assert np.allclose(gradient, np.mean([part[1] for part in parts], axis=0), 1e-12, 1e-16)
    assert np.array_equal(slopes, np.concatenate([part[2] for part in parts]))
    assert np.array_equal(each, np.concatenate([part[3] for part in parts]))


def test_programs_live_side_by_side() -> None:
    graphs = [layers(width, depth) for width, depth in [(2, 1), (3, 2), (5, 1), (2, 3)]]
    x = Value(1.5, "x")
    graphs += [(output, [x], []) for output in (x.erf() + 0.25, x.tanh() * 7.5, x.exp() / 3.25)]
    X = {n: sine(40, n) for n in (1, 3)}
    alone = [
        found_of(Program(loss, inputs, weights), X[len(inputs)]) for loss, inputs, weights in graphs
    ]
    programs = [Program(*graph, backend=backend) for graph in graphs for backend in BACKENDS]
    for _ in range(2):
        for i, program in enumerate(programs):
            found = found_of(program, X[len(program.varying)])
            if program.backend == "compiled":
                assert same(found, alone[i // 2])
            else:
                for a, b in zip(found, alone[i // 2], strict=True):
                    assert np.allclose(a, b, 1e-11, 1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
def test_threads_that_share_a_program_find_their_own_numbers(backend: str) -> None:
    x, w, v = Value(1.0, "x"), Value(2.0, "w"), Value(3.0, "v")
    program = Program((w * x + 1).tanh() * v, [x], [w, v], backend=backend, threads=1)
    X = sine(3000, 1)
    thetas = [[float(k), 2.0 + k] for k in range(4)]
    true = [program(X, theta).gradient for theta in thetas]
    wrong: list[int] = []

    def work(k: int) -> None:
        for _ in range(150):
            if not np.array_equal(program(X, thetas[k]).gradient, true[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_numbers_of_leaves_are_those_given_or_their_own(backend: str) -> None:
    x, w, c = Value(2.0, "x"), Value(3.0, "w"), Value(5.0, "c")
    program = Program(w * x + c, [x], [w], backend=backend)
    assert program.values([[1.0], [2.0]]).tolist() == [8.0, 11.0]
    assert program.values([[1.0], [2.0]], [10.0]).tolist() == [15.0, 25.0]
    w.data = 4.0
    assert program.values([[1.0], [2.0]]).tolist() == [9.0, 13.0]
    c.data = 0.0
    for X in ([[1.0], [2.0]], [[2.0]]):
        run = program(X)
        assert run.values.tolist() == [4.0 * row[0] for row in X]
        assert run.input_gradients.tolist() == [[4.0]] * len(X)
        assert run.sample_gradients.tolist() == X
    assert (x.data, w.data, c.data) == (2.0, 4.0, 0.0)
    assert not any(leaf.has_grad for leaf in (x, w, c, *program.outputs))
    assert [output.data for output in program.outputs] == [11.0]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("changed", ["arrays", "shared", "constant"])
def test_a_run_stays_what_it_was(changed: str, single: bool, backend: str) -> None:
    x, w, c = Value(2.0, "x"), Value(3.0, "w"), Value(5.0, "c")
    output = w * x * x + c * w
    program = Program(output if single else [output], [x], [w], backend=backend)
    X, theta = np.array([[1.0], [2.0]]), np.array([3.0])
    true, run = program(X, theta), program(X, theta)
    values = run.values.copy()
    expected = [true.gradient, true.input_gradients, true.sample_gradients]
    if changed == "arrays":
        X[:], theta[:] = 100.0, 100.0
    else:
        (w if changed == "shared" else c).data = 7.0
    program([[9.0], [9.0]])
    found = [run.sample_gradients, run.input_gradients, run.gradient]
    assert same(found, expected[::-1])
    assert np.array_equal(run.values, values)


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrays_of_every_layout_and_kind_are_read(backend: str) -> None:
    loss, inputs, weights = layers(3, 1)
    program = Program(loss, inputs, weights, backend=backend)
    X = np.round(4 * sine(20, 3))
    true = found_of(program, X)
    wide = np.zeros((40, 6))
    wide[::2, ::2] = X
    for other in (
        np.asfortranarray(X), X[::-1][::-1], wide[::2, ::2], X.tolist(), X.astype(np.float32),
        X.astype(int), X.astype(">f8"), X.astype(np.int8), [tuple(row) for row in X],
    ):  # fmt: skip
        assert same(found_of(program, other), true)


@pytest.mark.parametrize("backend", BACKENDS)
def test_outputs_may_be_leaves_and_what_does_not_vary(backend: str) -> None:
    x, w, c = Value(2.0, "x"), Value(3.0, "w"), Value(5.0, "c")
    square = w * w
    program = Program([x, w, square, x * square, c, square], [x], [w, c], backend=backend)
    for X in ([[1.0], [4.0]], [[4.0]]):
        run = program(X)
        for row, values, inputs, slopes in zip(
            X, run.values, run.input_gradients, run.sample_gradients, strict=True
        ):
            t = row[0]
            assert values.tolist() == [t, 3.0, 9.0, 9 * t, 5.0, 9.0]
            assert inputs[:, 0].tolist() == [1.0, 0.0, 0.0, 9.0, 0.0, 0.0]
            assert slopes.tolist() == [[0, 0], [1, 0], [6, 0], [6 * t, 0], [0, 1], [6, 0]]
        mean = sum(row[0] for row in X) / len(X)
        assert run.mean.tolist() == [mean, 3.0, 9.0, 9 * mean, 5.0, 9.0]
        assert run.gradient.tolist() == [[0, 0], [1, 0], [6, 0], [6 * mean, 0], [0, 1], [6, 0]]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("samples", [1, 3])
def test_where_nothing_varies_every_sample_is_the_same(samples: int, backend: str) -> None:
    w, v = Value(3.0, "w"), Value(2.0, "v")
    program = Program((w * v).exp(), [], [v, w], backend=backend)
    run = program(np.zeros((samples, 0)), [0.5, 2.0])
    assert np.allclose(run.values, [math.e] * samples, 1e-15)
    assert np.allclose(run.gradient, [2 * math.e, math.e / 2], 1e-15)
    assert run.input_gradients.shape == (samples, 0)
    assert np.allclose(run.sample_gradients, [[2 * math.e, math.e / 2]] * samples, 1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_infinities_pass_no_branch_that_is_not_taken(backend: str) -> None:
    x, w = Value(2.0, "x"), Value(1.0, "w")
    inf, nan = math.inf, math.nan
    output = where(x > 0, w, w * x) * x + maximum(x, 0) * w + w.sqrt() * (x - x)
    program = Program(output, [x], [w], backend=backend)
    for theta in (1.0, 0.0):
        for numbers in ([1.0, -2.0, 0.0], [1.0, inf, nan, -inf, 0.0, -0.0], [inf], [nan], [0.0]):
            run = program([[t] for t in numbers], [theta])
            assert math.isfinite(run.mean) == all(map(math.isfinite, run.values))
            for k, t in enumerate(numbers):
                true = eager(
                    lambda leaves: [
                        where(leaves[0] > 0, leaves[1], leaves[1] * leaves[0]) * leaves[0]
                        + maximum(leaves[0], 0) * leaves[1]
                        + leaves[1].sqrt() * (leaves[0] - leaves[0])
                    ],
                    [t, theta],
                )
                assert true is not None
                found = [run.values[k], run.input_gradients[k, 0], run.sample_gradients[k, 0]]
                for a, b in zip(found, [true.values[0], *true.slopes[0]], strict=True):
                    assert close(a, b), (t, theta, found, true)


CHOICES: dict[str, Callable[..., Value]] = {
    "maximum": autograd.maximum,
    "minimum": autograd.minimum,
    "max": lambda x, w: autograd.max([x, w, x]),
    "min": lambda x, w: autograd.min([w, x]),
    "clip": lambda x, w: autograd.clip(x, -0.5, 0.5) + autograd.clip(w, -5, 5),
    "clip of all": lambda x, w: autograd.clip(x, w, 2 * w + 1),
    "relu": lambda x, w: x.relu() + w,
    "leaky_relu": lambda x, w: autograd.leaky_relu(x) * w,
    "where": lambda x, w: where(x > w, x, w),
    "where not": lambda x, w: where(x > w, 1.0, x * w),
    "less": lambda x, w: autograd.less(x, w) * w,
    "abs": lambda x, w: abs(x - w),
    "sqrt": lambda x, w: (x * w).sqrt(),
    "dot": lambda x, w: autograd.dot([w, 2 * w], [x, x * x]).sqrt(),
    "norm": lambda x, w: autograd.norm([x, w]),
    "prod": lambda x, w: autograd.prod([x, w, x]),
}


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_what_passes_nothing_on_stops_infinities_and_nan(
    choice: Callable[..., Value], backend: str
) -> None:
    def build(leaves: list[Value]) -> list[Value]:
        x, w, y = leaves
        return [choice(x, w) * y, (choice(x, w) * y * y).exp() * x]

    x, w, y = Value(1.0, "x"), Value(0.5, "w"), Value(2.0, "y")
    program = Program(build([x, w, y]), [x, y], [w], backend=backend)
    for theta in (0.5, 0.0):
        samples = [(a, theta, b) for a in SPECIAL for b in SPECIAL]
        eagerly = [eager(build, sample) for sample in samples]
        for part in (slice(None), slice(0, 1), slice(-1, None), slice(4, 5)):
            X = np.array([[a, b] for a, _, b in samples[part]])
            run = program(X, [theta])
            inputs, slopes = run.input_gradients, run.sample_gradients
            for k, true in enumerate(eagerly[part]):
                for o in range(2) if true else ():
                    assert true is not None
                    found = [run.values[k, o], inputs[k, o, 0], slopes[k, o, 0], inputs[k, o, 1]]
                    for a, b in zip(found, [true.values[o], *true.slopes[o]], strict=True):
                        assert close(a, b, 4.0), (X[k], theta, o, found, true)


@pytest.mark.parametrize("backend", BACKENDS)
def test_layers_pass_no_infinity_on_by_a_weight_of_zero(backend: str) -> None:
    inputs = [Value(0.5, f"x{k}") for k in range(3)]
    weights = [Value(0.5 * (k % 3), f"w{k}") for k in range(12)]

    def build(leaves: list[Value]) -> list[Value]:
        x, w = leaves[:3], leaves[3:]
        rows = [autograd.dot(w[r : r + 3], x).sqrt() for r in range(0, 12, 3)]
        return [autograd.sum(rows)]

    program = Program(build([*inputs, *weights]), inputs, weights, backend=backend)
    X = [[0.0, 0.0, 0.0], [1.0, 2.0, 0.5], [math.inf, 1.0, 1.0], [0.0, 1.0, 0.0]]
    run = program(X)
    for k, row in enumerate(X):
        true = eager(build, [*row, *[w.data for w in weights]])
        assert true is not None
        found = [*run.input_gradients[k, 0], *run.sample_gradients[k, 0]]
        for a, b in zip(found, true.slopes[0], strict=True):
            assert close(a, b), (row, found, true)
    first = program(X[:1])
    assert np.array_equal(program([X[0]] * 2).gradient, first.gradient)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_has_no_value_is_nan_and_harms_no_other_sample(backend: str) -> None:
    x, y, w = Value(1.0, "x"), Value(2.0, "y"), Value(1.0, "w")
    program = Program(
        [(w * x).log(), w * bounded(x, y), (x * w).sqrt()], [x, y], [w], backend=backend
    )
    run = program([[1.0, 2.0], [-1.0, 2.0], [3.0, 2.0], [0.25, 4.0]])
    true = [[0.0, 2 * math.sqrt(2), 1.0], [math.log(0.25), 4 * math.sqrt(1.25), 0.5]]
    assert np.allclose(run.values[[0, 3]], true)
    assert np.isnan(run.values[1]).tolist() == [True, True, True]
    assert np.isnan(run.values[2]).tolist() == [False, True, False]
    assert np.isfinite(run.input_gradients[[0, 3]]).all()
    assert np.isfinite(run.sample_gradients[[0, 3]]).all()
    assert np.isnan(run.gradient).tolist() == [[False], [True], [True]] or (
        np.isnan(run.gradient[1:]).all()
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_parameters_that_are_nan_make_everything_nan_that_depends_on_them(backend: str) -> None:
    x, w, v = Value(2.0, "x"), Value(3.0, "w"), Value(4.0, "v")
    program = Program([w * x, v * x, maximum(w, x)], [x], [w, v], backend=backend)
    run = program([[1.0], [2.0]], [math.nan, 5.0])
    assert np.isnan(run.values).tolist() == [[True, False, True]] * 2
    assert run.values[:, 1].tolist() == [5.0, 10.0]
    assert run.gradient[1].tolist() == [0.0, 1.5]
    assert np.isnan(run.input_gradients[:, 0]).all()


def test_an_interruption_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd.program import machine

    loss, inputs, weights = layers(6, 2)
    program = Program(loss, inputs, weights, backend="compiled", threads=1)
    X = sine(20_000, 3)
    true = found_of(program, X)
    carried_out = machine._Layout._carry_out

    def interrupted(layout: Any, addresses: Sequence[int]) -> None:
        carried_out(layout, addresses[:3])
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(machine._Layout, "_carry_out", interrupted)
        with pytest.raises(KeyboardInterrupt):
            program(X, [w.data * 2 for w in weights])
    assert same(found_of(program, X), true)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_samples_recorded_one_by_one_are_one_program(data: st.DataObject) -> None:
    numbers = st.integers(-3, 3).map(float)
    rows = data.draw(st.lists(st.lists(numbers, min_size=1, max_size=3), min_size=1, max_size=6))
    w, v, inputs = Value(0.5, "w"), Value(-1.5, "v"), [Value(0.25, "a"), Value(2.0, "b")]
    used = data.draw(st.integers(0, 2))

    def loss(row: list[float], leaves: list[Value]) -> Any:
        z = leaves[0] * row[0] + leaves[1]
        for x in row[1:]:
            z = z.tanh() * x + leaves[0] if x > 0 else z - leaves[1] * x
        return z * z + autograd.sum([0.0, *leaves[2:]])

    def losses(row: list[float], leaves: list[Value]) -> list[Value]:
        return [loss(row, leaves)]

    leaves = [w, v, *inputs[:used]]
    for backend in BACKENDS:
        program, X = Program.of_samples(
            [loss(row, leaves) for row in rows], [w, v], inputs[:used], backend=backend
        )
        run = program(X)
        assert program.varying[:used] == inputs[:used]
        slopes = []
        for k, row in enumerate(rows):
            true = eager(partial(losses, row), [leaf.data for leaf in leaves])
            assert true is not None
            assert close(run.values[k], true.values[0], 100)
            for found, exact in zip(
                [*run.sample_gradients[k], *run.input_gradients[k][:used]],
                true.slopes[0],
                strict=True,
            ):
                assert close(found, exact, 100)
            slopes.append(true.slopes[0][:2])
        assert np.allclose(run.gradient, np.mean(slopes, axis=0), 1e-12, 1e-11)


def test_what_is_recorded_says_where_it_looked_at_numbers() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")

    def looks() -> Any:
        y = w * x
        return y * 2 if y.data > 0 and x.data > 0 else y

    y, lines = Program.recorded(looks, [w])
    line = looks.__code__.co_firstlineno + 2
    assert (y.data, len(lines)) == (12.0, 1)
    assert f"{__file__}:{line}" in lines[0]
    assert Program.recorded(lambda: w * x, [w])[1] == []
    assert Program.recorded(lambda: w * x.data, [w])[1] == []
    assert len(Program.recorded(lambda: w * x.data, [x])[1]) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_sums_beyond_all_numbers_are_infinite_without_a_warning(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(1.0, "w")
    program = Program(w * x, [x], [w], backend=backend)
    for X, mean in [
        ([[math.inf], [-math.inf]], math.nan),
        ([[math.inf], [1.0]], math.inf),
        ([[1e308]] * 20, math.inf),
    ]:
        run = program(X)
        assert run.values.tolist() == [row[0] for row in X]
        assert run.sample_gradients.tolist() == X
        if not math.isfinite(X[0][0]):
            assert [str(run.mean), str(run.gradient[0])] == [str(mean)] * 2
        assert math.isnan(run.mean) == math.isnan(mean)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_was_returned_is_not_written_to_again(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    program = Program(w * x, [x], [w], backend=backend)
    asked: list[Callable[[float], Any]] = [
        lambda t: program.values([[t], [t]]),
        lambda t: program.values([[t]]),
        lambda t: program([[t], [t]], [t]).gradient,
        lambda t: program([[t], [t]], [t]).values,
        lambda t: program([[t], [t]], [t]).input_gradients,
        lambda t: program([[t], [t]], [t]).sample_gradients,
        lambda t: program([[t]], [t]).sample_gradients,
        lambda t: Program(w * w, [], [w], backend=backend).values(np.zeros((2, 0)), [t]),
    ]
    for ask in asked:
        found = ask(3.0)
        before = found.copy()
        ask(5.0)
        assert np.array_equal(found, before)


@pytest.mark.parametrize("backend", BACKENDS)
def test_samples_are_one_only_where_rules_constants_and_parameters_are(backend: str) -> None:
    w, v = Value(3.0, "w"), Value(2.0, "v")
    samples = [w * 2.0, v * 5.0, w**2, w**3, v**2, w.exp() * 0, w.log() * 0, w + 1, 1 + w, w - 1]
    program, X = Program.of_samples(samples, [w, v], backend=backend)
    run = program(X)
    assert np.allclose(run.values, [sample.data for sample in samples], 1e-14)
    slopes = [[2, 0], [0, 5], [6, 0], [27, 0], [0, 4], [0, 0], [0, 0], [1, 0], [1, 0], [1, 0]]
    assert np.allclose(run.sample_gradients, slopes, 1e-14)
    assert np.allclose(run.gradient, np.mean(slopes, axis=0), 1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_infinite_slope_is_warned_of_by_node_and_line(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    program = Program((x * w).sqrt(), [x], [w], backend=backend)
    with pytest.warns(InfiniteGradientWarning, match="the gradient of x is inf: sqrt at x = 0.0"):
        run = program([[1.0], [4.0], [0.0], [2.0]])
    assert run.values.tolist() == [2**0.5, 8**0.5, 0.0, 2.0]
    with pytest.warns(InfiniteGradientWarning, match=r"sqrt at .* = 0.0 has a value but no finite"):
        program([[1.0], [4.0]], [0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program([[1.0], [math.nan]])  # what came in is nobody's fault


@pytest.mark.parametrize("backend", BACKENDS)
def test_samples_of_another_structure_leak_nothing(backend: str) -> None:
    k = Value(2.0, "k")
    samples = [k * math.nan, (k + 1).log(), (k * 1.0).exp(), 1 / k]
    program, X = Program.of_samples(samples, [k], backend=backend)
    run = program(X, np.array([1000.0]))
    expected = [math.nan, math.log(1001.0), math.inf, 0.001]
    np.testing.assert_allclose(run.values, expected, rtol=1e-14)
    slopes = [math.nan, 1 / 1001.0, math.inf, -1e-6]
    np.testing.assert_allclose(run.sample_gradients[:, 0], slopes, rtol=1e-14)


def test_a_program_is_made_of_what_a_function_computes_even_without_recording() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    with no_grad():
        program = Program(lambda a: a * w, varying=[x])
        assert program([[1.0], [5.0]]).values.tolist() == [3.0, 15.0]
    assert program([[1.0], [5.0]]).gradient.tolist() == [3.0]


def test_a_way_of_its_own_may_have_no_value_and_leaves_of_its_own() -> None:
    x, w, v = Value(1.0, "x"), Value(2.0, "w"), Value(5.0, "v")
    program = Program(lambda a: w * a if a > 0 else (a + 1).sqrt() * v, [x], on_branch="record")
    for order in ([1.0, -0.5, -3.0], [1.0, -3.0, -0.5]):
        run = program([[a] for a in order])
        expected = [w.data * a if a > 0 else v.data * np.sqrt(max(a + 1, 0.0)) for a in order]
        expected = [math.nan if a < -1 else e for a, e in zip(order, expected, strict=True)]
        np.testing.assert_array_equal(run.values, expected)
        assert run.input_gradients.shape == (3, 1)
    assert program.shared == [w]  # v, of which nothing was known, is a constant


def test_a_program_is_not_copied_or_pickled_but_made_again() -> None:
    x = Value(2.0, "x")
    program = Program(x * x, [x])
    for clone in (pickle.dumps, copy.deepcopy):
        with pytest.raises(UsageError, match="copy or pickle the outputs, and make a Program"):
            clone(program)
