"""What may be differentiated in and returned: every kind of number, container and position."""

from __future__ import annotations

import gc
import math
import threading
import warnings
from collections import UserDict, deque, namedtuple
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    AutogradError,
    NumberError,
    UsageError,
    Value,
    grad,
    gradcheck,
    gradient,
    hessian,
    hvp,
    jacobian,
    replay,
    value_and_grad,
)
from autograd.structures import flat, map_numbers, places, written

Point = namedtuple("Point", "x y")
Other = namedtuple("Other", "y x")


def squares(tree: Any) -> Any:
    """Return a function of every number of a structure: the sum of k · xₖ² for k from 1 on."""
    return sum(((k + 1) * x * x for k, x in enumerate(flat(tree))), start=Value(0.0))


DERIVATIVES: dict[str, Callable[[Any], Any]] = {
    "grad": lambda x: grad(squares)(x),
    "value_and_grad": lambda x: value_and_grad(squares)(x),
    "jacobian": lambda x: jacobian(squares)(x),
    "hessian": lambda x: hessian(squares)(x),
    "hvp": lambda x: hvp(squares)(x, x),
    "gradcheck": lambda x: gradcheck(squares, x),
}
every_derivative = pytest.mark.parametrize("operation", DERIVATIVES)


def matrix() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy discourages them
        return np.matrix([[1.0, 2.0]])


def series() -> Any:
    return pytest.importorskip("pandas").Series([1.0, 2.0])


def frame() -> Any:
    return pytest.importorskip("pandas").DataFrame({"a": [1.0, 2.0]})


def tensor() -> Any:
    return pytest.importorskip("torch").ones(2)


def jax_array() -> Any:
    return pytest.importorskip("jax.numpy").ones(2)


class Meters(np.ndarray):
    """An array that means something by itself."""


RECORD = np.dtype([("a", float), ("b", float)])

NOT_PLAIN: dict[str, tuple[Callable[[], Any], str]] = {
    "masked": (
        lambda: np.ma.array([1.0, 2.0], mask=[False, True]),
        r"give x\.filled\(…\) or x\.compr",
    ),
    "without a mask": (lambda: np.ma.array([1.0, 2.0]), r"give x\.filled\(…\) or x\.compr"),
    "matrix": (matrix, r"give numpy\.asarray\(x\)"),
    "subclass": (lambda: np.ones(2).view(Meters), r"give numpy\.asarray\(x\)"),
    "recarray": (lambda: np.rec.array([(1.0, 2.0)], dtype=RECORD), r"give numpy\.asarray\(x\)"),
    "records": (lambda: np.array([(1.0, 2.0)], dtype=RECORD), "give one of its fields"),
    "complex": (lambda: np.array([1j]), r"give x\.real or x\.imag"),
    "text": (lambda: np.array(["1", "2"]), r"give x\.astype\(float\)"),
    "dates": (lambda: np.array(["2020-01-01"], dtype="M8[D]"), r"give x\.astype\(float\)"),
    "series": (series, r"give numpy\.asarray\(x\)"),
    "frame": (frame, r"give numpy\.asarray\(x\)"),
    "tensor": (tensor, r"give numpy\.asarray\(x\)"),
}
NOT_PLAIN_IN_GRAD = {**NOT_PLAIN, "jax": (jax_array, r"give numpy\.asarray\(x\)")}


@every_derivative
@pytest.mark.parametrize(
    ("made", "remedy"), NOT_PLAIN_IN_GRAD.values(), ids=list(NOT_PLAIN_IN_GRAD)
)
@pytest.mark.parametrize("inside", [False, True])
def test_what_is_not_a_plain_array_is_refused_by_name(
    operation: str, made: Callable[[], Any], remedy: str, inside: bool
) -> None:
    array = made()
    named = type(array).__name__ if type(array) is not np.ndarray else "array"
    with pytest.raises(
        NumberError, match=rf"^{operation}: the {named} of .* is not a plain array.*; {remedy}"
    ):
        DERIVATIVES[operation]([1.0, {"deep": array}] if inside else array)


@pytest.mark.parametrize(("made", "remedy"), NOT_PLAIN.values(), ids=list(NOT_PLAIN))
def test_a_batch_that_is_not_a_plain_array_is_refused_by_name(
    made: Callable[[], Any], remedy: str
) -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    with pytest.raises(NumberError, match=rf"replay: .* is not a plain array.*; {remedy}"):
        replay(w * x, {x: made()})


def test_a_vector_that_is_not_a_plain_array_is_refused_by_name() -> None:
    with pytest.raises(NumberError, match=r"hvp: the MaskedArray of .* is not a plain array"):
        hvp(squares)(np.ones(2), np.ma.array([1.0, 2.0]))


def test_an_output_that_is_not_a_plain_array_is_refused_by_name() -> None:
    masked = np.ma.array([1.0, 2.0])
    with pytest.raises(NumberError, match=r"jacobian: .* MaskedArray of .* is not a plain array"):
        jacobian(lambda x: masked)(1.0)


@pytest.mark.parametrize(
    "dtype", [bool, np.int8, np.uint64, int, np.float16, np.float32, float, np.longdouble, object]
)
def test_arrays_of_every_real_type_are_taken_and_their_derivative_is_one_of_floats(
    dtype: Any,
) -> None:
    x = np.array([[1, 0], [1, 1]]).astype(dtype)
    before = x.copy()
    slope: Any = grad(squares)(x)
    assert (type(slope), slope.dtype, slope.tolist()) == (np.ndarray, float, [[2, 0], [6, 8]])
    assert hvp(squares)(x, x).tolist() == slope.tolist()
    assert hessian(squares)(x).shape == (2, 2, 2, 2)
    assert (x.dtype, x.tolist()) == (before.dtype, before.tolist())


def test_every_layout_of_an_array_is_the_same_numbers(tmp_path: Path) -> None:
    x = np.arange(12.0).reshape(3, 4)
    mapped = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(3, 4))
    mapped[:] = x
    for view in (
        x,
        np.asfortranarray(x),
        mapped,
        x[::-1, ::-1],
        x.T,
        np.broadcast_to(x[0], (2, 4)),
    ):
        weights = np.arange(1, view.size + 1).reshape(view.shape)
        slope = grad(squares)(view)
        assert type(slope) is np.ndarray
        np.testing.assert_array_equal(slope, 2 * weights * view)
    leaf, w = Value(1.0), Value(2.0)
    doubled = replay(leaf * w, {leaf: mapped})[0]
    assert (type(doubled), doubled.tolist()) == (np.ndarray, (2 * x).tolist())


def test_an_array_of_no_dimension_is_one_number() -> None:
    for two in (
        np.array(2.0),
        np.array(2),
        np.float32(2),
        np.int64(2),
        np.array(2.0, dtype=object),
    ):
        slope: Any = grad(lambda x: x**3)(two)
        assert (type(slope), slope) == (float, 12.0)
        assert grad(squares)([two, 1.0]) == [4.0, 4.0]
        assert hvp(lambda x: x**3)(two, two) == 24.0
    x = Value(2.0)
    boxed: Any = np.array(x, dtype=object)
    slope = grad(lambda x: x**3)(boxed)
    assert (type(slope), slope.data) == (Value, 12.0)
    assert grad(lambda x: np.array(x * x, dtype=object))(3.0) == 6.0
    w = Value(3.0)
    for two in (np.array(2.0), np.array(2), np.float32(2), np.int64(2)):
        value, found = replay(w * x, {x: two})
        assert (type(value), value, found[x]) == (float, 6.0, 3.0)


@pytest.mark.parametrize("package", ["torch", "jax.numpy"])
def test_a_tensor_of_no_dimension_is_one_number(package: str) -> None:
    library = pytest.importorskip(package)
    two: Any = library.tensor(2.0) if package == "torch" else library.array(2.0)
    assert grad(lambda x: x**3)(two) == 12.0
    assert type(grad(lambda x: x**3)(two)) is float


def test_a_masked_number_is_none() -> None:
    x = Value(1.0)
    for refused in (
        lambda: grad(squares)(np.ma.masked),
        lambda: grad(squares)([1.0, np.ma.masked]),
        lambda: grad(lambda x: np.ma.masked)(1.0),
        lambda: replay(x * x, {x: np.ma.masked}),
    ):
        with pytest.raises(NumberError, match="MaskedConstant"):
            refused()


def test_a_masked_array_in_a_function_is_an_array_like_any_other() -> None:
    weights = np.ma.array([1.0, 2.0])
    assert grad(lambda w: (weights * w).sum())(3.0) == 3.0


def test_every_real_number_is_taken_and_nan_stays_nan() -> None:
    for two in (2, 2.0, Fraction(2), Decimal(2), np.float64(2), np.uint8(2), np.longdouble(2)):
        assert (type(grad(squares)(two)), grad(squares)(two)) == (float, 4.0)
    assert grad(squares)(True) == 2.0
    assert all(map(math.isnan, grad(squares)([math.nan, math.nan])))
    assert grad(squares)([math.nan, 1.0])[1] == 4.0
    assert np.isnan(grad(squares)(np.array([np.nan]))).all()
    assert grad(squares)([math.inf])[0] == math.inf


REFUSED: dict[str, tuple[Any, str]] = {
    "None": (None, r"None \(NoneType\) is not a real number"),
    "text": ("2", r"'2' \(str\) is not a real number; write float\('2'\)"),
    "bytes": (b"2", "is not a real number"),
    "complex": (1j, "is not a real number"),
    "numpy complex": (np.complex128(1j), "is not a real number"),
    "class": (Value, "is not a real number"),
    "set": ({1.0, 2.0}, "give a list instead of a set"),
    "frozenset": (frozenset({1.0}), "give a list instead of a frozenset"),
    "range": (range(3), "give a list instead of a range"),
    "deque": (deque([1.0]), "give a list instead of a deque"),
    "generator": ((x for x in [1.0]), "give a list instead of a generator"),
    "view": ({"a": 1.0}.values(), "give a list instead of a dict_values"),
    "mapping": (MappingProxyType({"a": 1.0}), "give a dict instead of a mappingproxy"),
    "user dict": (UserDict(a=1.0), "give a dict instead of a UserDict"),
    "too large": (10**400, "does not fit a float"),
}


@every_derivative
@pytest.mark.parametrize(("argument", "reason"), REFUSED.values(), ids=list(REFUSED))
@pytest.mark.parametrize("inside", [False, True])
def test_what_is_no_number_is_refused_by_name(
    operation: str, argument: Any, reason: str, inside: bool
) -> None:
    with pytest.raises(NumberError, match=f"^{operation}: .*{reason}"):
        DERIVATIVES[operation]({"deep": (1.0, argument)} if inside else argument)


@dataclass
class Parameters:
    """What a function may compute with, and grad may not take apart."""

    w: float = 1.0


class Figure:
    """What has a shape, and is no array."""

    shape: Any = "round"


@every_derivative
@pytest.mark.parametrize("shape", ["round", None, 3, [2]])
def test_what_merely_has_a_shape_is_refused(operation: str, shape: Any) -> None:
    figure = Figure()
    figure.shape = shape
    with pytest.raises(NumberError, match=rf"^{operation}: .* is not (a|one) real number"):
        DERIVATIVES[operation]([1.0, figure])


@every_derivative
def test_a_dataclass_is_refused_with_the_remedy(operation: str) -> None:
    with pytest.raises(NumberError, match=f"^{operation}: a Parameters is a dataclass; give a"):
        DERIVATIVES[operation](Parameters())


# Structures


@every_derivative
def test_a_list_that_contains_itself_is_refused(operation: str) -> None:
    endless: list[Any] = [1.0]
    endless.append(endless)
    with pytest.raises(UsageError, match=f"^{operation}: nested without end, or too deeply"):
        DERIVATIVES[operation](endless)
    with pytest.raises(UsageError, match=r"^jacobian: what the function .*: nested without end"):
        jacobian(lambda x: endless)(1.0)


def test_empty_structures_have_empty_derivatives() -> None:
    empty: Any
    for empty in ([], (), {}, [[]], {"a": {}}):
        assert grad(lambda x: 1.0)(empty) == empty
        assert hessian(squares)(empty) == empty
        assert hvp(squares)(empty, empty) == empty
    for shape in ((0,), (0, 3), (2, 0)):
        assert grad(squares)(np.zeros(shape)).shape == shape
        assert hvp(squares)(np.zeros(shape), np.zeros(shape)).shape == shape
    assert jacobian(lambda x: [])(1.0) == []
    assert jacobian(lambda x: {"a": ()})([1.0]) == {"a": ()}


def test_keys_of_any_types_stay_in_order() -> None:
    tree = {"b": 1.0, 1: 2.0, None: 3.0, (0, "a"): 4.0, 2.5: 5.0, "a": 6.0, Point: 7.0}
    slopes = grad(squares)(tree)
    assert list(slopes.items()) == [(key, 2 * x * x) for key, x in tree.items()]
    assert hvp(squares)(tree, dict(reversed(tree.items()))) == slopes


def test_namedtuples_stay_namedtuples() -> None:
    class Restricted(Point):
        def __new__(cls, xy: str) -> Any:
            return super().__new__(cls, *map(float, xy.split()))

    assert grad(squares)(Point(1.0, 2.0)) == Point(2.0, 8.0)
    slopes = grad(squares)(Restricted("1 2"))
    assert (type(slopes), slopes) == (Restricted, (2.0, 8.0))


def test_the_same_value_in_two_places_is_two_variables() -> None:
    x = Value(3.0, "x")
    slopes = grad(lambda p: p[0] * p[0] * p["k"])({0: x, "k": x})
    assert [slope.data for slope in slopes.values()] == [18.0, 9.0]
    a, b = grad(lambda a, b: a * a * b, argnums=(0, 1))(x, x)
    assert (a.data, b.data) == (18.0, 9.0)
    (a + b).backward()  # 2x² + x²
    assert x.grad == 18.0


def test_a_value_that_has_a_graph_stays_connected_to_it() -> None:
    x, w = Value(3.0), Value(2.0)
    z = x * w
    slope = grad(lambda z: z**3 + w)(z)  # 3z²
    assert slope.data == 108.0
    slope.backward()
    assert (x.grad, w.grad) == (72.0, 108.0)
    assert grad(lambda x: grad(lambda z: z**3)(x * x))(2.0) == 96.0  # 3x⁴


# Positions


def product(x: Any, y: Any, z: Any = 1.0) -> Any:
    return x * x * y * z


@pytest.mark.parametrize(
    ("argnums", "slopes"),
    [
        (np.int64(1), 4.0),
        (-2, 12.0),
        ((0, 0), (12.0, 12.0)),
        ((0, -2), (12.0, 12.0)),
        ((-1, 0), (4.0, 12.0)),
        ([1], (4.0,)),
        (np.array([1, 0]), (4.0, 12.0)),
        (range(2), (12.0, 4.0)),
        ((), ()),
    ],
)
def test_positions_are_counted_from_either_end(argnums: Any, slopes: Any) -> None:
    assert grad(product, argnums)(2.0, 3.0) == slopes
    assert value_and_grad(product, argnums)(2.0, 3.0) == (12.0, slopes)
    assert jacobian(product, argnums)(2.0, 3.0) == slopes


def test_positions_that_can_be_read_once_serve_for_every_call() -> None:
    once: Any = iter([0, 1])
    slopes = grad(product, once)
    assert slopes(2.0, 3.0) == slopes(2.0, 3.0) == (12.0, 4.0)


@pytest.mark.parametrize("operation", ["grad", "value_and_grad", "jacobian"])
@pytest.mark.parametrize("argnums", [True, 0.0, "0", None, (0, "1"), (0, True), {"x": 0}, np.True_])
def test_a_position_is_a_whole_number(operation: str, argnums: Any) -> None:
    with pytest.raises(UsageError, match=rf"{operation}: argnums=.*; give a whole number, or"):
        getattr(autograd, operation)(product, argnums)


@pytest.mark.parametrize("operation", ["grad", "value_and_grad", "jacobian"])
@pytest.mark.parametrize("argnums", [2, -3, (0, 2), 10**30])
def test_a_position_without_an_argument_is_refused(operation: str, argnums: Any) -> None:
    refusal = rf"{operation}: argnums=.* with 2 argument\(s\); count from 0"
    with pytest.raises(UsageError, match=refusal):
        getattr(autograd, operation)(product, argnums)(2.0, 3.0)
    with pytest.raises(UsageError, match=r"with 0 argument\(s\); .* given by position"):
        getattr(autograd, operation)(product)(x=2.0, y=3.0)


def test_keyword_arguments_reach_the_function_as_they_are() -> None:
    untyped: Any = grad(product)
    assert grad(product)(2.0, y=3.0, z=5.0) == 60.0
    assert hessian(product)(2.0, 3.0, z=5.0) == 30.0
    assert jacobian(lambda x, **k: {name: x * v for name, v in k.items()})(2.0, a=3.0) == {"a": 3.0}
    with pytest.raises(TypeError, match="unexpected keyword argument 'q'"):
        untyped(2.0, 3.0, q=1.0)


@pytest.mark.parametrize("operation", ["grad", "value_and_grad", "jacobian", "hessian", "hvp"])
@pytest.mark.parametrize("thing", [Value(2.0), 3.0, None, "f", [squares]])
def test_what_is_no_function_is_refused(operation: str, thing: Any) -> None:
    with pytest.raises(UsageError, match=rf"{operation}: .* is not a function; of a recorded"):
        getattr(autograd, operation)(thing)


# What functions return


def generator(x: Any) -> Iterator[Any]:
    yield x


OUTPUTS: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "None": (lambda x: None, NumberError, "the function returned None, which is not a real number"),
    "text": (lambda x: "2", NumberError, r"'2' \(str\) is not a real number; write float"),
    "complex": (lambda x: 1j, NumberError, "is not a real number"),
    "generator": (generator, NumberError, "give a list instead of a generator"),
    "set": (lambda x: {x}, NumberError, "give a list instead of a set"),
    "function": (lambda x: squares, NumberError, "is not a real number"),
    "dataclass": (lambda x: Parameters(x), NumberError, "is a dataclass; give a dict"),
    "equality": (lambda x: x == 3.0, NumberError, "compare their numbers"),
    "text array": (lambda x: np.array("a"), NumberError, "is not a real number"),
}


@pytest.mark.parametrize("operation", ["grad", "value_and_grad", "jacobian", "hessian", "hvp"])
@pytest.mark.parametrize(("function", "error", "reason"), OUTPUTS.values(), ids=list(OUTPUTS))
def test_what_is_no_output_is_refused_by_name(
    operation: str, function: Callable[[Any], Any], error: type[Exception], reason: str
) -> None:
    arguments = (1.0, 1.0) if operation == "hvp" else (1.0,)
    with pytest.raises(error, match=rf"^{operation}: .*{reason}"):
        getattr(autograd, operation)(function)(*arguments)
    if operation == "jacobian":
        with pytest.raises(error, match=rf"^{operation}: .*{reason}"):
            jacobian(lambda x: {"good": x, "bad": [function(x)]})(1.0)


@pytest.mark.parametrize("operation", ["grad", "value_and_grad", "hessian", "hvp"])
@pytest.mark.parametrize(
    "many",
    [lambda x: [x], lambda x: (), lambda x: {}, lambda x: np.array([x]), lambda x: Point(x, x)],
)
def test_many_outputs_are_for_jacobian(operation: str, many: Callable[[Any], Any]) -> None:
    arguments = (1.0, 1.0) if operation == "hvp" else (1.0,)
    with pytest.raises(UsageError, match=rf"^{operation}: the function returned .*; use jacobian"):
        getattr(autograd, operation)(many)(*arguments)


def test_numbers_that_depend_on_nothing_have_no_slope() -> None:
    for constant in (5, 5.0, True, np.float32(5), np.array(5), Fraction(5), Value(5.0)):
        assert grad(lambda x, constant=constant: constant)(2.0) == 0.0
        assert hessian(lambda x, constant=constant: constant)([2.0]) == [[0.0]]
        assert jacobian(lambda x, constant=constant: {"a": [constant, x]})(2.0) == {"a": [0.0, 1.0]}


def test_jacobian_takes_structures_of_arrays_and_arrays_of_structures() -> None:
    found = jacobian(lambda x: {"a": np.array([x[0], 2 * x[1]]), "b": Point(x[1], 3)})([1.0, 2.0])
    assert list(found["a"]) == [[1.0, 0.0], [0.0, 2.0]]
    assert found["b"] == Point([0.0, 1.0], [0.0, 0.0])
    pairs = jacobian(lambda a, b: np.array([a * b, a + b]), argnums=(0, 1))(2.0, 5.0)
    assert list(pairs) == [(5.0, 2.0), (1.0, 1.0)]
    twice = jacobian(jacobian(lambda x: np.array([x[0] * x[1], x[0] ** 3])))([2.0, 5.0])
    assert list(twice) == [[[0.0, 1.0], [1.0, 0.0]], [[12.0, 0.0], [0.0, 0.0]]]


# Gradients at hand


def test_gradient_takes_values_in_any_order_and_number() -> None:
    x, y, other = Value(2.0, "x"), Value(5.0, "y"), Value(1.0)
    z = x * y
    output = z * z
    for values in ([x, z, other, x], (x, z, other, x), np.array([x, z, other, x])):
        assert gradient(output, values) == [100.0, 20.0, 0.0, 100.0]
    assert gradient(output, (v for v in [x, y])) == [100.0, 40.0]
    assert gradient(output, {"x": x, "y": y}.values()) == [100.0, 40.0]


@pytest.mark.parametrize(
    "inputs",
    [[2.0], "w", ["w"], 2.0, None, [None], [[]], {"x": 1.0}, {Value(1.0)}, [True], Value(2.0)],
)
def test_gradient_refuses_what_is_no_value(inputs: Any) -> None:
    y = Value(3.0, "w") * 2
    with pytest.raises(UsageError, match=r"gradient: .* is (not a Value|no list of Values); "):
        gradient(y, inputs)


# Hessian times vector, paired by place


keys = st.sampled_from(["a", "b", "c", 1, None, (1, 2)])
leaves = st.integers(-3, 3).map(float)
trees = st.recursive(
    leaves,
    lambda branch: st.one_of(
        st.lists(branch, max_size=3),
        st.lists(branch, max_size=3).map(tuple),
        st.dictionaries(keys, branch, max_size=3),
        st.builds(Point, branch, branch),
        st.lists(leaves, min_size=1, max_size=4).map(np.array),
    ),
    max_leaves=8,
)


def turned(tree: Any) -> Any:
    """Return the same structure with the entries of every dict in the opposite order."""
    if isinstance(tree, dict):
        return {key: turned(branch) for key, branch in reversed(tree.items())}
    if isinstance(tree, list | tuple):
        branches = [turned(branch) for branch in tree]
        return Point(*branches) if isinstance(tree, Point) else type(tree)(branches)
    return tree


def coupled(tree: Any) -> Any:
    """Return a function whose Hessian is full: (Σ k xₖ)²."""
    total = sum(((k + 1) * x for k, x in enumerate(flat(tree))), start=Value(0.0))
    return total * total


@given(trees)
def test_hvp_pairs_by_key_whatever_the_order(tree: Any) -> None:
    steps = iter(range(1, 100))
    vector = map_numbers(lambda x: float(next(steps)), tree)
    n = len(flat(tree))
    along = sum((k + 1) * v for k, v in enumerate(flat(vector)))
    for equal in (vector, turned(vector)):
        found = hvp(coupled)(tree, equal)
        assert list(places(found)) == list(places(tree))
        assert flat(found) == [2.0 * (k + 1) * along for k in range(n)]


@given(trees, trees)
def test_hvp_refuses_another_structure_and_names_the_place(point: Any, vector: Any) -> None:
    ours, theirs = places(point), places(vector)
    if ours.keys() == theirs.keys():
        hvp(coupled)(point, vector)
        return
    with pytest.raises(
        UsageError, match="has no counterpart: give the vector the struct"
    ) as caught:
        hvp(coupled)(point, vector)
    lonely = [written("point", path) for path in ours.keys() - theirs.keys()]
    lonely += [written("vector", path) for path in theirs.keys() - ours.keys()]
    assert any(f"; {place} has no" in str(caught.value) for place in lonely)


@pytest.mark.parametrize(
    ("point", "vector", "place"),
    [
        ({"a": 1.0, "b": 2.0}, {"a": 1.0}, "point['b']"),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, "vector['b']"),
        ({"a": 1.0, "b": 2.0}, {"a": 1.0, "c": 2.0}, "point['b']"),
        ({"a": 1.0, "b": 2.0}, [1.0, 2.0], "point['a']"),
        ({"a": [1.0, 2.0]}, {"a": [1.0]}, "point['a'][1]"),
        ({"a": [1.0, 2.0]}, {"a": [1.0, [2.0]]}, "point['a'][1]"),
        ({"1": 1.0}, {1: 1.0}, "point['1']"),
        (np.ones((2, 2)), np.ones(4), "point[0][0]"),
        (np.ones((2, 2)), np.ones((2, 3)), "vector[0][2]"),
        (Point(1.0, 2.0), Other(1.0, 2.0), "point.x"),
        (1.0, [1.0], "point"),
        ([], 1.0, "vector"),
    ],
)
def test_the_place_without_a_counterpart_is_named(point: Any, vector: Any, place: str) -> None:
    counted = f"hvp: a point of {len(flat(point))} but a vector of {len(flat(vector))} numbers; "
    with pytest.raises(UsageError) as caught:
        hvp(squares)(point, vector)
    assert str(caught.value).startswith(f"{counted}{place} has no counterpart")


def test_an_array_and_a_list_of_its_shape_have_the_same_places() -> None:
    x = [[1.0, 2.0], [3.0, 4.0]]
    assert hvp(squares)(np.array(x), x).tolist() == hvp(squares)(x, np.array(x))
    assert hvp(squares)(tuple(x), x) == tuple(hvp(squares)(x, x))


@pytest.mark.parametrize("component", ["2", None, 1j, np.array("2")])
def test_a_component_of_the_vector_is_a_number(component: Any) -> None:
    with pytest.raises(
        NumberError, match=r"hvp: vector\['a'\]\[1\]: .* is not (a|one) real number"
    ):
        hvp(squares)({"a": [1.0, 2.0]}, {"a": [1.0, component]})


def test_the_vector_may_be_of_values_and_a_variable() -> None:
    assert hvp(lambda x: x[0] ** 3)([5.0], [Value(2.0)]) == [60.0]
    assert grad(lambda v: hvp(lambda x: x**3)(5.0, v) * v)(2.0) == 120.0


# Functions that raise, threads


def test_an_error_of_the_function_is_passed_on_and_leaves_nothing_behind() -> None:
    def failing(x: Any) -> Any:
        raise KeyError("mine")

    for derivative in (grad(failing), jacobian(failing), hessian(failing), value_and_grad(failing)):
        with pytest.raises(KeyError, match="mine"):
            derivative([1.0])

    def catching(x: Any) -> Any:
        try:
            return grad(failing)(x)
        except KeyError:
            return x * x

    assert grad(catching)(3.0) == 6.0
    assert grad(grad(catching))(3.0) == 2.0
    assert type(grad(lambda x: x * x)(3.0)) is float


def test_a_variable_that_escaped_is_a_number_afterwards() -> None:
    kept: list[Any] = []

    def leaking(x: Any) -> Any:
        kept.append(x)
        return x * x

    grad(leaking)(3.0)
    assert grad(lambda y: y * kept[0])(2.0) == 3.0
    assert gradient(kept[0] * kept[0], kept) == [6.0]


def test_derivatives_in_threads_do_not_see_each_other() -> None:
    barrier = threading.Barrier(4)

    def function(x: Any) -> Any:
        barrier.wait(timeout=60)
        return grad(lambda y: x * y**3)(x)  # 3x³

    def slope(x: float) -> Any:
        return grad(function)(x)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(slope, [1.0, 2.0, 3.0, 4.0]))
    assert found == [9.0, 36.0, 81.0, 144.0]
    assert all(type(slope) is float for slope in found)


def test_a_derivative_taken_in_another_thread_is_part_of_the_function() -> None:
    def outer(x: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            slopes = list(pool.map(lambda y: grad(lambda z: x * z**3)(y), [1.0, 2.0]))  # 3x, 12x
        return slopes[0] * slopes[1]

    assert grad(outer)(2.0) == 144.0
    assert grad(grad(outer))(2.0) == 72.0


@pytest.mark.slow
def test_variables_are_freed() -> None:
    gc.collect()
    before = sum(type(thing) is Value for thing in gc.get_objects())
    for _ in range(3):
        grad(grad(lambda x: x**3))(2.0)
    gc.collect()
    assert sum(type(thing) is Value for thing in gc.get_objects()) == before


# Replays


def test_a_replay_takes_numbers_of_one_kind() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    batch = np.ones(2)
    pairs: Any = [(x, 1.0)]
    with pytest.raises(UsageError, match=r"replay: .*ndarray, .*Fraction; give all leaves"):
        replay(x * w, {x: batch, w: Fraction(1, 2)})
    with pytest.raises(UsageError, match=r"replay: .*ndarray, .*Value; give all leaves"):
        replay(x * w, {x: batch, w: Value(1.0)})
    assert replay(x * w, {x: batch, w: 3})[0].tolist() == [3.0, 3.0]
    with pytest.raises(UsageError, match=r"replay: .* is no dict; give \{leaf: number\}"):
        replay(x * w, pairs)


def test_arrays_of_numpy_may_stand_beside_those_of_jax() -> None:
    jax = pytest.importorskip("jax")
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = autograd.where(x > w, x.exp() * w, autograd.maximum(x, w) ** 2)
    batch, weights = np.array([1.0, 4.0]), np.array([2.0, 3.0])
    _, true = replay(y, {x: batch, w: weights})
    for first in (True, False):
        pairs = [(x, batch), (w, None)][:: 1 if first else -1]

        def slope(a: Any, pairs: Any = pairs) -> Any:
            return replay(y, {leaf: a if b is None else b for leaf, b in pairs})[1][w]

        np.testing.assert_allclose(jax.jit(slope)(weights), true[w], rtol=1e-6)


def test_a_batch_holds_real_numbers() -> None:
    numpy_of_jax = pytest.importorskip("jax.numpy")
    x = Value(2.0, "x")
    for batch in (numpy_of_jax.array([1j]), np.array([Value(1.0), 2.0], dtype=object)):
        with pytest.raises(NumberError, match=r"replay: the array of .* is not one of floats"):
            replay(x * x, {x: batch})


def test_the_seed_is_a_number_like_the_others() -> None:
    x = Value(2.0, "x")
    assert replay(x * x, {x: np.ones(2)}, seed=np.array([1, 3]))[1][x].tolist() == [2.0, 6.0]
    assert replay(x * x, {x: 3.0}, seed=np.array(2))[1][x] == 12.0
    with pytest.raises(NumberError, match=r"replay: the MaskedArray of .* is not a plain array"):
        replay(x * x, {x: np.ones(2)}, seed=np.ma.ones(2))
    with pytest.raises(UsageError, match=r"x of shape \(2,\), the seed of shape \(3,\)"):
        replay(x * x, {x: np.ones(2)}, seed=np.ones(3))
    with pytest.raises(UsageError, match="x a ndarray, the seed a Fraction; give all"):
        replay(x * x, {x: np.ones(2)}, seed=Fraction(1, 2))


def test_batches_of_other_lengths_are_refused_by_name() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    refusal = r"replay: cannot broadcast x of shape \(3,\), w of shape \(2,\)"
    with pytest.raises(UsageError, match=refusal):
        replay(x * w, {x: np.ones(3), w: np.ones(2)})
    with pytest.raises(UsageError, match=r"replay: no samples in x of shape \(0,\)"):
        replay(x * w, {x: np.ones(0)})


def test_all_refusals_are_of_the_projects_own_tree() -> None:
    for argument, _ in REFUSED.values():
        with pytest.raises(AutogradError):
            grad(squares)(argument)
