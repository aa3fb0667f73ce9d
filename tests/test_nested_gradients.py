"""Derivatives within derivatives: every variable, however far out, is seen by all inside it."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest
import sympy

from autograd import grad


class Level:
    """One derivative of a nest: of p(x) + q(x) · (the derivative within), in its own variable.

    p and q are products of some of the variables that are there, and the derivative within is
    taken at a number or at one of them.
    """

    def __init__(self, rng: random.Random, depth: int) -> None:
        variables = range(depth + 1)
        self.added = rng.choices(variables, k=rng.randint(1, 2))
        self.factors = rng.choices(variables, k=rng.randint(0, 2))
        self.at: int | float = rng.choice([*variables, rng.randint(1, 3) / 2])

    def combined(self, variables: list[Any], within: Any) -> Any:
        """Return p + q · (the derivative within)."""
        return product(variables, self.added) + product(variables, self.factors) * within

    def point(self, variables: list[Any]) -> Any:
        """Return where the derivative within is taken."""
        return variables[self.at] if isinstance(self.at, int) else self.at


def product(variables: list[Any], chosen: list[int]) -> Any:
    result: Any = 1
    for i in chosen:
        result = variables[i] * result
    return result


def by_grad(levels: list[Level], outer: list[Any], x: Any) -> Any:
    """Return the value of the outermost level at x, its derivatives taken by `grad`."""
    variables = [*outer, x]
    level, *inner = levels
    if not inner:
        return level.combined(variables, 0)
    within = grad(partial(by_grad, inner, variables))(level.point(variables))
    return level.combined(variables, within)


def by_symbols(levels: list[Level], outer: list[Any]) -> Any:
    """Return the same as a formula in a symbol for each variable."""
    x = sympy.Symbol(f"x{len(outer)}")
    variables = [*outer, x]
    level, *inner = levels
    if not inner:
        return level.combined(variables, 0)
    formula = sympy.diff(by_symbols(inner, variables), sympy.Symbol(f"x{len(variables)}"))
    at = sympy.nsimplify(level.point(variables))
    within = formula.subs(sympy.Symbol(f"x{len(variables)}"), at)
    return level.combined(variables, within)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(40))
def test_nested_derivatives_are_sympys(depth: int, seed: int) -> None:
    rng = random.Random(100 * depth + seed)
    levels = [Level(rng, i) for i in range(depth)]
    formula = sympy.diff(by_symbols(levels, []), sympy.Symbol("x0"))
    for x in (0.5, -2.0):
        true = float(formula.subs(sympy.Symbol("x0"), sympy.nsimplify(x)))
        assert grad(partial(by_grad, levels, []))(x) == pytest.approx(true, rel=1e-12)


def test_a_derivative_three_deep_depends_on_the_outermost_variable_alone() -> None:
    def outermost(x: Any) -> Any:
        return grad(lambda y: y * grad(lambda z: x * z)(1.0))(1.0)  # d/dy of y·x is x

    assert grad(outermost)(2.0) == 1.0
