"""What a replay is given, a number or a batch of samples, and what comes of it sample by sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from autograd import functions as f
from autograd.errors import NumberError, UsageError
from autograd.libraries import N, library
from autograd.number import number, shown
from autograd.structures import is_array, plain_array
from autograd.value import Value

__all__ = ["admitted", "averaged", "entering", "suspects"]

_REAL = ("bool", "int", "uint", "float", "bfloat")
"""What the names of types of real numbers begin with, in NumPy and in JAX."""

_LOOKED_AT = 100
"""So many samples are looked at for a slope to warn of; most often the first is one."""


def admitted(
    numbers: Mapping[Value, N], seed: N, order: Sequence[Value]
) -> tuple[dict[Value, N], N]:
    """Return the numbers and the seed, if they are of one kind and for leaves of the graph."""
    if not isinstance(numbers, Mapping):
        raise UsageError(f"replay: {shown(numbers)} is no dict; give {{leaf: number}}")
    nodes = set(order) if numbers else ()
    for leaf in numbers:
        if not isinstance(leaf, Value) or leaf.parents:
            raise UsageError(f"replay: {shown(leaf)} is not a leaf; give numbers to leaves only")
        if leaf not in nodes:
            raise UsageError(f"replay: the output does not depend on {shown(leaf)}; leave it out")
    given = [_admitted(x) for x in (*numbers.values(), seed)]
    jax = next((library(x).xp for x in given if _package(x) == "jax"), None)
    if jax:  # NumPy's arrays may stand beside JAX's
        given = [jax.asarray(x) if is_array(x) else x for x in given]
    names = [*(leaf.label or "a leaf" for leaf in numbers), "the seed"]
    _check_kinds(names, given)
    _check_shapes(names, given)
    *given, seed = given
    return dict(zip(numbers, given, strict=True)), seed


def _admitted(x: N) -> N:
    """Return a number, if rules can compute with it; of no dimension it is a plain one."""
    if hasattr(x, "shape") and _package(x) != "jax":
        x = plain_array(x, "replay") if is_array(x) else number(x, "replay")
    if isinstance(x, int | float):
        number(x, "replay")  # refuses what does not fit a float
    library(x)  # refuses what no rule can compute with
    if hasattr(x, "dtype") and not x.dtype.name.startswith(_REAL):
        raise NumberError(f"replay: the array of {x.dtype} is not one of floats; convert it")
    return x


def _package(x: Any) -> str:
    return type(x).__module__.partition(".")[0].removesuffix("lib")  # jaxlib is JAX's


def _check_kinds(names: Sequence[str], given: Sequence[N]) -> None:
    kinds: dict[type, str] = {}
    for name, x in zip(names, given, strict=True):
        if not isinstance(x, int | float):
            kinds.setdefault(type(library(x)), f"{name} a {type(x).__name__}")
    if len(kinds) > 1:
        told = ", ".join(kinds.values())
        raise UsageError(f"replay: {told}; give all leaves numbers of one kind")


def _check_shapes(names: Sequence[str], given: Sequence[N]) -> None:
    shapes = [(name, x.shape) for name, x in zip(names, given, strict=True) if is_array(x)]
    if not shapes:
        return
    import numpy

    told = ", ".join(f"{name} of shape {shape}" for name, shape in shapes)
    try:
        shape = numpy.broadcast_shapes(*[shape for _, shape in shapes])
    except ValueError:
        raise UsageError(f"replay: cannot broadcast {told}; give one number a sample") from None
    if 0 in shape:
        raise UsageError(f"replay: no samples in {told}")


def entering(x: N, kind: N) -> N:
    """Return a number that was given: plain ones as the others' kind, whole arrays as floats."""
    if isinstance(x, int | float):
        return f.lift(x, kind)
    whole = getattr(getattr(x, "dtype", None), "kind", "") in tuple("biu")
    return x.astype(float) if whole else x


def averaged(derivative: N, number: N) -> N:
    """Return a derivative in the shape of its leaf's number, averaged over what that lacks."""
    shape, wide = getattr(number, "shape", ()), getattr(derivative, "shape", ())
    if shape == wide:
        return derivative
    xp = library(derivative, number).xp
    full = xp.broadcast_to(derivative, xp.broadcast_shapes(wide, shape))
    padded = (1,) * (full.ndim - len(shape)) + shape
    axes = [i for i, size in enumerate(padded) if size == 1]
    return full.mean(axis=tuple(axes), keepdims=True).reshape(shape)


def suspects(
    values: Mapping[Value, N], partials: Mapping[Value, Sequence[N]], adjoints: Mapping[Value, N]
) -> Iterator[Callable[[N], float]]:
    """Yield a function for every sample that may have an infinite slope: it takes its number.

    Those come first where a leaf's derivative is not finite. What came in with an infinity or NaN
    is no suspect.
    """
    import numpy

    leaves = [node for node in values if node not in partials]
    steep = [numpy.isinf(slope) for slopes in partials.values() for slope in slopes]
    reached = [~numpy.isfinite(adjoints[leaf]) for leaf in leaves if leaf in adjoints]
    spoilt = [~numpy.isfinite(values[leaf]) for leaf in leaves]
    shape = numpy.broadcast_shapes(*map(numpy.shape, [*steep, *reached, *spoilt]))
    suspicion = numpy.zeros(shape)
    for degree, masks in ((1, steep), (2, reached), (0, spoilt)):
        for mask in masks:
            suspicion = numpy.where(mask, degree, suspicion)
    for degree in (2, 1):
        for i in numpy.flatnonzero(suspicion == degree)[:_LOOKED_AT]:
            yield partial(_sample, shape=shape, i=i)


def _sample(x: N, shape: tuple[int, ...], i: int) -> float:
    import numpy

    return float(numpy.broadcast_to(x, shape).flat[i])
