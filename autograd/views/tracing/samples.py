"""Which nodes an average is taken over: the losses of samples, as the structure says."""

from __future__ import annotations

import math

from autograd.value import Value

__all__ = ["samples"]


def samples(node: Value) -> tuple[Value, ...]:
    """Return what a node is the average of: a mean, a sum of n over n, or 1/n times such a sum.

    Nothing of a node that is no average of several results.

    >>> from autograd import mean
    >>> a, b, c = (Value(float(x)).exp() for x in range(3))
    >>> all(samples(y) == (a, b, c) for y in (mean([a, b, c]), (a + b + c) / 3, sum([a, b, c]) / 3))
    True
    >>> samples((a + b) / 3)
    ()
    """
    found = tuple(_averaged(node))
    return found if len(found) > 1 and all(loss.parents for loss in found) else ()


def _averaged(node: Value) -> list[Value]:
    if node.op == "mean":
        return list(node.parents)
    if node.op == "div":
        total, count = node.parents
        return _terms(total, count.data) if count.is_constant else []
    if node.op == "mul":
        for total, share in (node.parents, reversed(node.parents)):
            if share.is_constant and share.data and not total.is_constant:
                return _terms(total, 1 / share.data)
    return []


def _terms(total: Value, count: float) -> list[Value]:
    """Return the operands of a sum, if they are so many."""
    if not 1 < count < 1e6 or not math.isclose(count, round(count), rel_tol=1e-12):
        return []
    if total.op == "sum":
        return list(total.parents) if len(total.parents) == round(count) else []
    terms: list[Value] = []
    while len(terms) < round(count) - 1 and total.op == "add":
        total, last = total.parents
        terms.append(last)
    return [total, *reversed(terms)] if len(terms) == round(count) - 1 else []
