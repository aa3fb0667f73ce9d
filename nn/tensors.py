"""Parameters as nested lists, in the shapes that PyTorch gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from autograd import UsageError, Value

__all__ = ["Tensor", "assign", "listed", "nested", "numbers", "shape", "values"]

Tensor: TypeAlias = "Value | list[Any]"
"""A Value, or a list of tensors of one shape: a weight matrix is a list of rows."""


def values(tensor: Tensor) -> Iterator[Value]:
    """Yield every Value of a tensor, row by row."""
    if isinstance(tensor, Value):
        yield tensor
    else:
        for part in tensor:
            yield from values(part)


def numbers(tensor: Tensor, number: Callable[[Value], Any] = lambda p: p.data) -> Any:
    """Return a tensor's numbers, in lists nested as it is.

    >>> numbers([[Value(1.0), Value(2.0)]])
    [[1.0, 2.0]]
    """
    if isinstance(tensor, Value):
        return number(tensor)
    return [numbers(part, number) for part in tensor]


def nested(x: Any) -> Any:
    """Return an array or a data frame as nested lists; what else comes, as it is."""
    if hasattr(x, "to_numpy"):
        x = x.to_numpy()
    return x.tolist() if hasattr(x, "tolist") else x


def listed(x: Any) -> Sequence[Any]:
    """Return a list or tuple as it is, and a single thing as a list of one.

    >>> listed([1.0, 2.0]), listed(3.0)
    ([1.0, 2.0], [3.0])
    """
    return x if isinstance(x, list | tuple) else [x]


def shape(x: Any) -> tuple[int, ...]:
    """Return the shape of nested lists, () for a number.

    Raises `UsageError` if they are ragged.

    >>> shape([[1, 2, 3], [4, 5, 6]])
    (2, 3)
    """
    if not isinstance(x, list | tuple):
        return ()
    shapes = {shape(part) for part in x}
    if len(shapes) > 1:
        raise UsageError(f"rows of different sizes: {', '.join(map(str, sorted(shapes)))}")
    return (len(x), *(shapes.pop() if shapes else ()))


def assign(tensor: Tensor, numbers: Any) -> None:
    """Set the numbers of a tensor from nested lists of the same shape."""
    if isinstance(tensor, Value):
        tensor.data = numbers
    else:
        for part, own in zip(tensor, numbers, strict=True):
            assign(part, own)
