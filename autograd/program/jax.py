"""The way out: a program as a function of JAX, for a GPU or for many machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import UsageError
from autograd.program.arrays import Rows, Steps, Tables
from autograd.program.blocks import Blocks
from autograd.tools.optional import optional

__all__ = ["as_jax"]


class _Tables(Tables):
    """Tables of arrays that cannot be written to: each change makes another one."""

    def put(self, varies: bool, rows: slice, x: Any) -> None:
        """Set the numbers of rows."""
        self.numbers[varies] = self.numbers[varies].at[rows].set(x)

    def add(self, varies: bool, rows: Rows, x: Any) -> None:
        """Add to the adjoints of rows, of which one may be there several times."""
        table = self.adjoints[varies]
        self.adjoints[varies] = table.at[rows.index].add(x.reshape(-1, *table.shape[1:]))


def as_jax(blocks: Blocks) -> Callable[[Any, Any], Any]:
    """Return the function from the shared leaves' numbers and a batch to the average output.

    Blocks are those of one output, with the derivatives in the inputs wanted, too.
    """
    jax, xp = optional("jax", "as_jax", "jax"), optional("jax.numpy", "as_jax", "jax")
    steps = Steps(blocks, xp)
    constants = [leaf.data for leaf in blocks.leaves[0][blocks.shared :]]

    def differentiated(theta: Any, X: Any) -> tuple[Any, tuple[Any, Any]]:
        tables = _filled(blocks, xp, theta, X, constants)
        steps.forward(tables, varies=False)
        steps.forward(tables, varies=True)
        varies, row = bool(blocks.leaves[1]), blocks.outputs[0]
        mean = xp.mean(tables.numbers[varies][row])
        seed = 1 / X.shape[0] if varies else 1.0
        tables.adjoints[varies] = tables.adjoints[varies].at[row].set(seed)
        steps.backward(tables, varies=True, careful=True)
        steps.backward(tables, varies=False, careful=True)
        slopes = tables.adjoints[1][: X.shape[1]].T
        return mean, (tables.adjoints[0][: blocks.shared], slopes)

    average = jax.custom_vjp(lambda theta, X: differentiated(theta, X)[0])

    def backward(slopes: Sequence[Any], upstream: Any) -> tuple[Any, ...]:
        return tuple(upstream * slope for slope in slopes)

    average.defvjp(differentiated, backward)

    def checked(theta: Any, X: Any) -> Any:
        """Return the average of the output over the samples in the rows of X."""
        theta, X = xp.asarray(theta), xp.asarray(X)
        shapes = (blocks.shared,), len(blocks.leaves[1])
        if theta.shape != shapes[0] or X.ndim != 2 or X.shape[1] != shapes[1] or not X.shape[0]:
            raise UsageError(
                f"as_jax: theta of shape {theta.shape} and X of shape {X.shape}; give "
                f"{shapes[0][0]} numbers, and rows of {shapes[1]} for one sample at least"
            )
        return average(theta, X)

    return checked


def _filled(blocks: Blocks, xp: Any, theta: Any, X: Any, constants: Sequence[float]) -> _Tables:
    """Return tables that begin with the numbers of the leaves."""
    kind = xp.result_type(theta, X, float)
    shared = xp.zeros(blocks.rows[0], kind)
    leaves = xp.concatenate([theta.astype(kind), xp.asarray(constants, kind)])
    varying = xp.zeros((blocks.rows[1], X.shape[0]), kind)
    numbers = [shared.at[: len(leaves)].set(leaves), varying.at[: X.shape[1]].set(X.T)]
    return _Tables(numbers, [xp.zeros_like(table) for table in numbers])
