"""Samples and targets from lists, arrays and data frames, checked before anything is trained."""

from __future__ import annotations

from math import isfinite
from typing import Any, TypeAlias

from autograd import NumberError, UsageError, Value
from nn.tensors import nested

__all__ = ["Rows", "Targets", "pairs", "samples"]

Rows: TypeAlias = list[list[float]]
"""One row of numbers for each sample."""

Targets: TypeAlias = list[Any]
"""One target for each sample: a number, or one number for each output."""


def samples(X: Any, model: Any, operation: str) -> Rows:
    """Return samples as rows of floats, as many in each as the model has inputs.

    Raises `UsageError` if there are none, if rows differ in size or do not fit the model, or if a
    number is not finite.
    """
    rows = nested(X)
    if not isinstance(rows, list | tuple):
        raise UsageError(f"{operation}: X is {rows!r}; give a list of samples")
    if not rows:
        raise UsageError(f"{operation}: X has no samples; give one row of numbers for each")
    if not isinstance(nested(rows[0]), list | tuple):
        is_sample = len(rows) == getattr(model, "inputs", 1) > 1
        how = "[X] for one sample" if is_sample else "[[x] for x in X] for samples of one number"
        raise UsageError(
            f"{operation}: X is {len(rows)} numbers without rows; give a row for each sample, {how}"
        )
    numbers = [_row(row, f"{operation}: X[{i}]") for i, row in enumerate(rows)]
    sizes = [len(row) for row in numbers]
    for i, size in enumerate(sizes):
        if size != sizes[0]:
            raise UsageError(
                f"{operation}: X[{i}] has {size} number(s), but X[0] has {sizes[0]}; "
                "give every sample the same"
            )
    expected = getattr(model, "inputs", sizes[0])
    if sizes[0] != expected:
        raise UsageError(
            f"{operation}: samples of {sizes[0]} number(s), but the model has {expected} input(s)"
        )
    return numbers


def pairs(X: Any, y: Any, model: Any, operation: str) -> tuple[Rows, Targets]:
    """Return samples and their targets, one for each.

    Raises `UsageError` as `samples` does, and if there are more targets than samples or fewer.
    """
    rows, targets = samples(X, model, operation), nested(y)
    if not isinstance(targets, list | tuple):
        raise UsageError(
            f"{operation}: y is {targets!r}; give a list of one target for each sample"
        )
    if len(targets) != len(rows):
        raise UsageError(
            f"{operation}: {len(rows)} samples in X, but {len(targets)} target(s) in y; "
            "give one for each"
        )
    return rows, [_target(target, f"{operation}: y[{i}]") for i, target in enumerate(targets)]


def _target(target: Any, where: str) -> Any:
    target = nested(target)
    if isinstance(target, list | tuple):
        return _row(target, where)
    return _number(target, where)


def _row(row: Any, where: str) -> list[float]:
    row = nested(row)
    if not isinstance(row, list | tuple):
        raise UsageError(f"{where} is {row!r}; give a list of numbers")
    return [_number(x, f"{where}[{k}]") for k, x in enumerate(row)]


def _number(x: Any, where: str) -> float:
    try:
        number = x if type(x) is float else Value(x).data
    except NumberError:
        raise NumberError(
            f"{where} is {x!r}; turn it into a number (classes are 0, 1, …)"
        ) from None
    if not isfinite(number):
        raise UsageError(f"{where} is {number}; leave the sample out or fill it in")
    return number
