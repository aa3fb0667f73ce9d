"""`test_rule`: whether a rule is right, where numbers are hard and on every kind of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from autograd.errors import InfiniteGradientWarning, RuleError, UsageError
from autograd.number import number, shown
from autograd.rule import Rule
from autograd.rule_points import Point
from autograd.rule_trials import Finding, findings

__all__ = ["RuleReport", "test_rule"]


class RuleReport(list[Finding]):
    """What `test_rule` found, a line for each check."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule

    @property
    def mistakes(self) -> list[Finding]:
        """What is wrong."""
        return [finding for finding in self if finding.wrong]

    def __repr__(self) -> str:
        return "\n".join([repr(self.rule), *[f"  {finding}" for finding in self]])


def rule_test(rule: Rule, at: Sequence[float | Sequence[float]] = ()) -> RuleReport:
    """Test a rule at everyday and at hard points, with the harness that the table is tested with.

    Its values and slopes are compared with its values in hundreds of digits; second slopes, which
    come from its slopes, too. The rule is run on floats, Values, arrays, fractions and symbols, as
    far as their packages are installed; NaN must come out where it went in; outside its domain
    every way in must refuse with the remedy. Points of your own come first: `at` holds numbers, or
    one row of operands each.

    Returns the report. Raises `RuleError` naming operand and point, what came out and what is
    right.

    >>> from autograd import rule, functions as f
    >>> @rule
    ... def softsign(x):
    ...     z = 1 + f.absolute(x)
    ...     return x / z, (1 / z / z,)
    >>> test_rule(softsign)
    <rule softsign>
      value                    right at 34 points
      slope in x               right at 34 points
      second slope in x        right at ... points
      on Values                right at 34 points
      on arrays                right at 34 points
      on fractions             right at ... points
      on symbols               right at 4 points
      NaN                      right at 1 point
      domain                   none declared
    """
    if not isinstance(rule, Rule):
        raise UsageError(f"test_rule: {shown(rule)} is no rule; declare one with @rule")
    if not rule.complete:
        raise UsageError(f"test_rule: choose the constants of {rule.name}: {rule.name}.bind(…)")
    points = [_row(rule, point) for point in at]
    counts = [rule.arity] if not rule.sequences else [rule.sequences * n for n in (1, 2, 3)]
    counts = sorted({*counts, *map(len, points)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InfiniteGradientWarning)  # slopes are judged here
        report = RuleReport(rule)
        for count in counts:
            report += findings(rule, count, [point for point in points if len(point) == count])
    if report.mistakes:
        different = {found.outcome: found for found in reversed(report.mistakes)}  # first of each
        lines = [f"{rule.name}: {x.check} {x.outcome}" for x in reversed(different.values())]
        raise RuleError("\n".join(lines))
    return report


# pytest, and linters, take what is defined by this name for a test of the module
test_rule = rule_test
test_rule.__name__ = test_rule.__qualname__ = "test_rule"
test_rule.__dict__["__test__"] = False


def _row(rule: Rule, point: float | Sequence[float]) -> Point:
    row = tuple(point) if isinstance(point, list | tuple) else (point,)
    operands = tuple([number(x, "test_rule") for x in row])
    fits = len(row) % rule.sequences == 0 and row if rule.sequences else len(row) == rule.arity
    if not fits:
        names = ", ".join(rule.parameters(rule.arity or rule.sequences))
        raise UsageError(f"test_rule: {shown(point)} is no point for {rule.name}({names})")
    return operands
