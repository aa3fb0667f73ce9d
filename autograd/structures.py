"""Numbers in lists, tuples, dicts and NumPy arrays: walked, rebuilt, named by their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from typing import Any, TypeAlias

from autograd.errors import NumberError, UsageError
from autograd.libraries import is_plain_array
from autograd.number import is_object_array
from autograd.value import Value

__all__ = [
    "Path",
    "flat",
    "is_array",
    "is_structure",
    "map_numbers",
    "places",
    "plain_array",
    "written",
]

Path: TypeAlias = tuple[tuple[str, Any], ...]
"""Where a number stands: for each step into a structure how it is written, and its key."""


def is_structure(x: Any) -> bool:
    """Return whether x holds numbers, rather than being one."""
    return isinstance(x, list | tuple | dict) or is_array(x)


def is_array(x: Any) -> bool:
    """Return whether x has at least one dimension, as the arrays of any library do."""
    shape = getattr(x, "shape", ())
    return isinstance(shape, tuple) and len(shape) > 0


def map_numbers(function: Callable[[Any], Any], tree: Any, operation: str = "Value") -> Any:
    """Apply a function to every number of a structure, and return the structure of the results.

    Its containers are new ones of the same types; a dict keeps its order. An array of results that
    are arrays of one shape is one array. Nothing of the given structure is changed or kept.

    Raises `NumberError` for an array that is not `plain_array`, and for other containers, and
    `UsageError` for a structure that contains itself.

    >>> map_numbers(lambda x: 2 * x, {"w": [1, 2], "b": (3,)})
    {'w': [2, 4], 'b': (6,)}
    """
    try:
        return _mapped(function, tree, operation)
    except RecursionError:
        raise UsageError(f"{operation}: nested without end, or too deeply") from None


def _mapped(function: Callable[[Any], Any], tree: Any, operation: str) -> Any:
    if isinstance(tree, float | Value):  # most are one of these
        return function(tree)
    if isinstance(tree, list | tuple):
        return _refilled(tree, [_mapped(function, branch, operation) for branch in tree])
    if isinstance(tree, dict):
        return _refilled(tree, [_mapped(function, branch, operation) for branch in tree.values()])
    if is_array(tree):
        array = plain_array(tree, operation)
        return _array([_mapped(function, x, operation) for x in array.flat], array.shape)
    if is_object_array(tree):  # of no dimension: it is the one thing in it
        return _mapped(function, tree.item(), operation)
    return function(_one(tree, operation))


def flat(tree: Any, operation: str = "Value") -> list[Any]:
    """Return every number of a structure, in order.

    >>> flat({"w": [1, 2], "b": (3,)})
    [1, 2, 3]
    """
    found: list[Any] = []
    map_numbers(found.append, tree, operation)
    return found


def places(tree: Any, operation: str = "Value") -> dict[Path, Any]:
    """Return every number of a structure by the place where it stands, in the order of `flat`.

    >>> {written("p", path): x for path, x in places({"w": [1, 2], "b": 3}).items()}
    {"p['w'][0]": 1, "p['w'][1]": 2, "p['b']": 3}
    """
    try:
        return dict(_placed(tree, operation, ()))
    except RecursionError:
        raise UsageError(f"{operation}: nested without end, or too deeply") from None


def _placed(tree: Any, operation: str, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(tree, list | tuple | dict):
        branches = tree.values() if isinstance(tree, dict) else tree
        for step, branch in zip(_steps(tree), branches, strict=True):
            yield from _placed(branch, operation, (*path, step))
    elif is_array(tree):
        import numpy

        for index, x in numpy.ndenumerate(plain_array(tree, operation)):
            yield from _placed(x, operation, (*path, *((f"[{i}]", i) for i in index)))
    elif is_object_array(tree):
        yield from _placed(tree.item(), operation, path)
    else:
        yield path, _one(tree, operation)


def _steps(tree: Any) -> list[tuple[str, Any]]:
    """Return for every branch how Python writes the way to it, and its key."""
    if isinstance(tree, dict):
        return [(f"[{key!r}]", key) for key in tree]
    names = getattr(tree, "_fields", None)  # of a namedtuple
    return [(f".{names[i]}" if names else f"[{i}]", i) for i in range(len(tree))]


def written(name: str, path: Path) -> str:
    """Return a place in the structure of that name as Python writes it."""
    return name + "".join(step for step, _ in path)


def plain_array(array: Any, operation: str) -> Any:
    """Return an array of NumPy's own, of real numbers or objects.

    Raises `NumberError` for the arrays of other libraries, for subclasses that give operators a
    meaning of their own (``numpy.ma``, ``numpy.matrix``), and for text, dates, complex numbers and
    records.
    """
    import numpy

    if not is_plain_array(type(array)):
        masked = isinstance(array, numpy.ma.MaskedArray)
        remedy = "x.filled(…) or x.compressed()" if masked else "numpy.asarray(x)"
        kind = f"the {type(array).__name__} of shape {tuple(array.shape)}"
        raise NumberError(f"{operation}: {kind} is not a plain array; give {remedy}")
    if array.dtype.kind not in "biufO":
        remedy = {"V": "one of its fields", "c": "x.real or x.imag"}.get(
            array.dtype.kind, "x.astype(float)"
        )
        kind = f"the array of {array.dtype}"
        raise NumberError(f"{operation}: {kind} is not a plain array of numbers; give {remedy}")
    return array


def _refilled(tree: Any, branches: list[Any]) -> Any:
    """Return a container of the same type and keys, with other branches."""
    if isinstance(tree, tuple):
        return tuple.__new__(type(tree), branches)  # whatever a namedtuple's own __new__ asks for
    twin = copy(tree)  # a subclass keeps what else it knows, such as a defaultdict its default
    if isinstance(tree, dict):
        dict.update(twin, zip(tree, branches, strict=True))
    else:
        list.__setitem__(twin, slice(None), branches)
    return twin


def _array(results: list[Any], shape: tuple[int, ...]) -> Any:
    """Return the results as an array, stacked if they are arrays themselves."""
    import numpy

    if any(isinstance(result, list | tuple | dict) for result in results):
        boxes = numpy.empty(len(results), dtype=object)
        boxes[:] = results
        return boxes.reshape(shape)
    array = numpy.array(results)
    return array.reshape(shape + array.shape[1:])


def _one(x: Any, operation: str) -> Any:
    """Return what stands where a number is expected, unless it is a container of another kind."""
    if hasattr(type(x), "__dataclass_fields__"):
        raise NumberError(f"{operation}: a {type(x).__name__} is a dataclass; give a dict instead")
    if isinstance(x, Iterable) and not isinstance(x, str | bytes) and not hasattr(x, "shape"):
        other = "dict" if isinstance(x, Mapping) else "list"
        raise NumberError(f"{operation}: give a {other} instead of a {type(x).__name__}")
    return x
