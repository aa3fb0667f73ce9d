"""A recorded graph, run once more on other numbers: arrays, Values, symbols, fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from autograd import functions as f
from autograd import rules
from autograd.errors import NumberError, UsageError
from autograd.graph import topological_order
from autograd.libraries import Floats, library, register
from autograd.number import number, shown
from autograd.rule import N, Rule
from autograd.structures import is_array, plain_array
from autograd.value import Value

__all__ = ["replay", "sweep"]


def replay(
    output: Value, numbers: Mapping[Value, N] | None = None, seed: N = 1
) -> tuple[N, dict[Value, N]]:
    """Run the graph of `output` again on other numbers, and differentiate it there.

    `numbers` gives leaves their numbers, of any one kind; the other leaves keep their data. The
    result is the output's number, and for every node the derivative of the output with respect to
    it, times `seed`. Nothing recorded is changed.

    On arrays, every operation runs element by element. The derivative with respect to a leaf has
    the leaf's shape: a leaf that does not vary is shared by all samples, and its derivative is
    the average over them.

    Raises `UsageError` if a key is not a leaf of the graph, `DomainError` where a plain number
    has no value.

    >>> import numpy
    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> y = (w * x) ** 2
    >>> value, derivative = replay(y, {x: numpy.array([1.0, 2.0])})
    >>> [float(v) for v in value], [float(d) for d in derivative[x]], float(derivative[w])
    ([9.0, 36.0], [18.0, 36.0], 15.0)

    >>> from fractions import Fraction
    >>> replay(y, {w: Fraction(1, 3), x: Fraction(1, 2)})[1][w]
    Fraction(1, 6)
    """
    order = topological_order(output)
    numbers = _checked(numbers or {}, order)
    kind = next((n for n in numbers.values() if not isinstance(n, float | int)), 0.0)
    values: dict[Value, N] = {}
    partials: dict[Value, Sequence[N]] = {}
    with _quiet(kind):
        for node in order:
            if node in numbers:
                values[node] = _entering(numbers[node], kind)
            elif not node.rule:
                values[node] = _own(node, kind)
            else:
                operands = [values[parent] for parent in node.parents]
                labels = [parent.label for parent in node.parents]
                values[node], partials[node] = node.rule.evaluate(operands, labels)
        found = sweep(order, partials, f.lift(seed, kind) if type(seed) is int else seed)
    zero = f.lift(0, kind)
    derivatives = {node: _leaving(found.get(node, zero), kind) for node in order}
    for leaf in order:
        if not leaf.parents:
            derivatives[leaf] = _average(derivatives[leaf], values[leaf])
    return _leaving(values[output], kind), derivatives


def sweep(order: Sequence[Value], partials: Mapping[Value, Sequence[N]], seed: N) -> dict[Value, N]:
    """Return the derivative of the last node with respect to every node that it depends on.

    The chain rule on any kind of number: what `Value.backward` does on floats, without touching
    any ``grad``.
    """
    derivatives: dict[Value, N] = {order[-1]: seed}
    for node in reversed(order):
        if node not in derivatives or node not in partials:
            continue
        upstream = derivatives[node]
        for parent, partial in zip(node.parents, partials[node], strict=True):
            if type(partial) is int and partial == 0:
                continue  # the branch not taken, on kinds of number that cannot tell 0 by value
            contribution = f.contribution(upstream, partial)
            known = derivatives.get(parent)
            derivatives[parent] = contribution if known is None else known + contribution
    return derivatives


def _checked(numbers: Mapping[Value, N], order: Sequence[Value]) -> dict[Value, N]:
    """Return the numbers that were given, if they are of one kind and for leaves of the graph."""
    if not isinstance(numbers, Mapping):
        raise UsageError(f"replay: {shown(numbers)} is no dict; give {{leaf: number}}")
    nodes = set(order)
    for leaf in numbers:
        if not isinstance(leaf, Value) or leaf.parents:
            raise UsageError(f"replay: {shown(leaf)} is not a leaf; give numbers to leaves only")
        if leaf not in nodes:
            raise UsageError(f"replay: the output does not depend on {shown(leaf)}; leave it out")
    admitted = {leaf: _admitted(x) for leaf, x in numbers.items()}
    jax = next((library(x).xp for x in admitted.values() if _package(x) == "jax"), None)
    if jax:  # NumPy's arrays may stand beside JAX's
        admitted = {leaf: jax.asarray(x) if is_array(x) else x for leaf, x in admitted.items()}
    _check_kinds(admitted)
    _check_shapes(admitted)
    return admitted


def _admitted(x: N) -> N:
    """Return a number, if rules can compute with it; of no dimension it is a plain one."""
    if hasattr(x, "shape") and _package(x) != "jax":
        x = plain_array(x, "replay") if is_array(x) else number(x, "replay")
    library(x)  # refuses what no rule can compute with
    if is_array(x) and x.dtype.kind in "cO":
        raise NumberError(f"replay: the array of {x.dtype} is not one of floats; convert it")
    return x


def _package(x: Any) -> str:
    return type(x).__module__.partition(".")[0].removesuffix("lib")  # jaxlib is JAX's


def _check_kinds(numbers: Mapping[Value, N]) -> None:
    kinds = {
        type(library(x)): leaf for leaf, x in numbers.items() if not isinstance(x, int | float)
    }
    if len(kinds) > 1:
        told = [f"{shown(leaf)} a {type(numbers[leaf]).__name__}" for leaf in kinds.values()]
        raise UsageError(f"replay: {', '.join(told)}; give all leaves numbers of one kind")


def _check_shapes(numbers: Mapping[Value, N]) -> None:
    shapes = {leaf: x.shape for leaf, x in numbers.items() if is_array(x)}
    if not shapes:
        return
    import numpy

    told = ", ".join(f"{leaf.label or 'a leaf'} of shape {shape}" for leaf, shape in shapes.items())
    try:
        shape = numpy.broadcast_shapes(*shapes.values())
    except ValueError:
        raise UsageError(f"replay: cannot broadcast {told}; give one number a sample") from None
    if 0 in shape:
        raise UsageError(f"replay: no samples in {told}")


def _entering(x: N, kind: N) -> N:
    """Return a number that was given: plain ones as the others' kind, whole arrays as floats."""
    if isinstance(x, int | float):
        return f.lift(x, kind)
    whole = getattr(getattr(x, "dtype", None), "kind", "") in tuple("biu")
    return x.astype(float) if whole else x


def _own(leaf: Value, kind: N) -> N:
    """Return a leaf's own number; among Values it is the leaf, so that derivatives reach it."""
    return leaf if isinstance(kind, Value) else f.lift(leaf.data, kind)


def _leaving(number: N, kind: N) -> N:
    """Return a result; among Values, a plain number as one of them."""
    return Value(number) if isinstance(kind, Value) and not isinstance(number, Value) else number


def _quiet(kind: N) -> Any:
    """Let NumPy return infinities and NaN without warnings, as JAX does."""
    if type(kind).__module__.partition(".")[0] != "numpy":
        return nullcontext()
    import numpy

    return numpy.errstate(all="ignore")


def _average(derivative: N, number: N) -> N:
    """Return a derivative in the shape of its leaf's number, averaged over what that lacks."""
    shape, wide = getattr(number, "shape", ()), getattr(derivative, "shape", ())
    if shape == wide:
        return derivative
    xp = library(derivative, number).xp
    full = xp.broadcast_to(derivative, xp.broadcast_shapes(wide, shape))
    padded = (1,) * (full.ndim - len(shape)) + shape
    axes = [i for i, size in enumerate(padded) if size == 1]
    return full.mean(axis=tuple(axes), keepdims=True).reshape(shape)


def _pole(infinity: float, x: Any) -> Any:
    """Return an infinite slope at x = 0 whose own slope is infinite, never 0."""
    return infinity * (-x).exp() if isinstance(x, Value) else infinity


def _data(x: Any) -> float:
    return x.data if isinstance(x, Value) else x


class _Values:
    """The functions that rules are written with, on Values: each records an operation."""

    where = staticmethod(Floats.where)
    compare = staticmethod(Floats.compare)
    step = staticmethod(Floats.step)

    def lift(self, number: float, like: Any) -> float:
        return number

    def __getattr__(self, name: str) -> Rule:
        found: Rule = getattr(rules, name)
        return found

    def contribution(self, upstream: Any, partial: Any) -> Any:
        for constant, other in ((upstream, partial), (partial, upstream)):
            if not isinstance(constant, Value) and constant in (0, 1):  # no product to record
                return other if constant else 0.0
        return upstream * partial

    def divide(self, x: Any, y: Any) -> Any:
        return x / y if y else _pole(Floats.divide(_data(x), _data(y)), y)

    def power(self, x: Any, y: Any) -> Any:
        return _pole(Floats.power(_data(x), _data(y)), x) if not x and y < 0 else x**y

    def total(self, *x: Any) -> Any:
        return rules.sum(x)

    def logsumexp(self, *x: Any) -> Any:
        return rules.logsumexp(x)


register(Value, _Values())
