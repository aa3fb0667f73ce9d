"""The whole derivative table, and points at which each of its rules has a value."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

from autograd.rule import RULES, Rule

EXPONENTS = (-2.0, -0.5, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0)
"""The constants for a rule that has no default for its own."""


@dataclass(frozen=True)
class Case:
    """A rule with its constants chosen, and a number of operands for it."""

    rule: Rule
    count: int

    def __str__(self) -> str:
        constants = "".join(f",{c}" for c in self.rule.constants.values())
        return f"{self.rule.name}{constants}({self.count})"

    def __call__(self, operands: Sequence[Any]) -> Any:
        """Apply the rule to a flat row of operands."""
        n = self.rule.sequences
        if not n:
            return self.rule(*operands)
        size = self.count // n
        return self.rule(*[operands[i * size : (i + 1) * size] for i in range(n)])

    def allows(self, point: Sequence[float]) -> bool:
        """Return whether the rule has a value at a point."""
        return not self.rule.domain or self.rule.domain(*point, **self.rule.constants)

    @property
    def operands(self) -> list[str]:
        """What the rule calls its operands."""
        return self.rule.parameters(self.count)

    def points(self, size: int) -> list[tuple[float, ...]]:
        """Return points of the rule's domain, always the same ones, away from kinks and ties."""
        draw = random.Random(str(self))
        found: list[tuple[float, ...]] = [
            point for point in _WHOLE_POWERS if self.rule.name == "pow"
        ]
        while len(found) < size:
            point = tuple(
                draw.choice([0.0, 1.0, -2.5]) if name == "condition" else draw.uniform(-3, 3)
                for name in self.operands
            )
            if self.allows(point):
                found.append(point)
        return found


_WHOLE_POWERS = [(-1.5, 2.0), (-2.0, -3.0)]  # a draw never meets the whole exponents these need


def _cases(rule: Rule) -> list[Case]:
    chosen = [rule] if rule.complete else [rule.bind(n=n) for n in EXPONENTS]
    counts = [rule.sequences * n for n in (1, 2, 3)] if rule.sequences else [rule.arity]
    return [Case(bound, count) for bound in chosen for count in counts]


RULE_TABLE = [rule for rule in RULES.values() if rule.own]
"""Every line of the table; what doctests and tests declared is not among them."""

CASES = [case for rule in RULE_TABLE for case in _cases(rule)]


def _sum(*x: Any) -> Any:
    return sum(x[1:], x[0])


ORACLE: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "mod": lambda x, y: x - y * mpmath.floor(x / y),
    "neg": lambda x: -x,
    "power": lambda x, n: x**n,
    "pow": lambda x, y: x**y,
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": mpmath.log10,
    "sqrt": mpmath.sqrt,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "expm1": mpmath.expm1,
    "log1p": mpmath.log1p,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "atan2": mpmath.atan2,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "sech": mpmath.sech,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "gaussian": lambda x, scale: mpmath.exp(-scale * x * x),
    "abs": lambda x: max(x, -x),
    "maximum": lambda x, y: max(x, y),
    "minimum": lambda x, y: min(x, y),
    "clip": lambda x, low, high: min(max(x, low), high),
    "less": lambda x, y: mpmath.mpf(x < y),
    "less_equal": lambda x, y: mpmath.mpf(x <= y),
    "greater": lambda x, y: mpmath.mpf(x > y),
    "greater_equal": lambda x, y: mpmath.mpf(x >= y),
    "equal": lambda x, y: mpmath.mpf(x == y),
    "not_equal": lambda x, y: mpmath.mpf(x != y),
    "where": lambda condition, x, y: x if condition else y,
    "hypot": mpmath.hypot,
    "sum": _sum,
    "mean": lambda *x: _sum(*x) / len(x),
    "prod": lambda *x: mpmath.fprod(x),
    "max": lambda *x: max(x),
    "min": lambda *x: min(x),
    "norm": lambda *x: mpmath.sqrt(_sum(*[x_k * x_k for x_k in x])),
    "dot": lambda *wx: _sum(
        *[w * x for w, x in zip(wx[: len(wx) // 2], wx[len(wx) // 2 :], strict=True)]
    ),
    "logsumexp": lambda *x: mpmath.log(_sum(*[mpmath.exp(x_k) for x_k in x])),
    "_one_minus_square": lambda x: (1 - x) * (1 + x),
    "_direction": lambda x, y: x / mpmath.hypot(x, y),
}
"""What every rule's value is, by its textbook definition, in as many digits as mpmath is set to."""
