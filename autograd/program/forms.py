"""Forms: a rule as symbols, which is what everything else is written from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

from autograd import functions as f
from autograd.errors import AutogradError, UsageError
from autograd.program.branches import every_way
from autograd.program.rolling import FOLDS, rolled_up
from autograd.program.symbols import Expression, Symbol, inner_first, same
from autograd.rule import Rule

__all__ = ["UPSTREAM", "Form", "form_of", "reductions", "x"]

UPSTREAM = Symbol("upstream")
"""The derivative of the output with respect to the result of a rule."""


def x(s: int) -> Symbol:
    """Return the symbol for operand s of a rule, or for any term of its sequence s."""
    return Symbol("x", s)


@dataclass(frozen=True, eq=False)
class Form:
    """A rule as symbols: its value, and its partials in the operands x(0), x(1) and so on.

    Equal ones are one object. A rule that takes sequences is rolled up: its symbols are of any
    terms, and ``Symbol("total", e)`` is over all of them. If its terms are not all alike, each is a
    sequence of its own.

    >>> from autograd import rules
    >>> form_of(rules.dot, 6)
    Form(value=total(mul(x(0), x(1))), partials=(x(1), x(0)), choice=False)
    """

    value: Expression
    partials: tuple[Expression, ...]
    choice: bool

    def contribution(self, s: int, careful: bool) -> Expression:
        """Return what operand s is passed on; from a branch not taken 0, whatever the upstream.

        If not `careful` it is upstream × partial, even where a 0 meets an infinity.
        """
        return _contribution(self.partials[s], self.choice, careful)


def _contribution(partial: Any, choice: bool, careful: bool) -> Expression:
    if not isinstance(partial, Symbol) and partial in (-1, 1):
        return UPSTREAM if partial == 1 else -UPSTREAM
    if not isinstance(partial, Symbol) and partial == 0 and choice:
        return 0.0
    if isinstance(partial, Symbol) and partial.head == "where" and choice:
        condition, *branches = partial.arguments
        if any(not isinstance(branch, Symbol) and branch == 0 for branch in branches):
            passed = [_contribution(branch, choice, careful) for branch in branches]
            return Symbol("where", condition, *passed)
    product: Expression = (
        f.contribution(UPSTREAM, partial, choice) if careful else UPSTREAM * partial
    )
    return product


def reductions(expressions: Sequence[Expression], known: Sequence[Symbol] = ()) -> list[Symbol]:
    """Return what is over all terms in some expressions, inner ones first, as far as not known."""
    made = inner_first(expressions, known)
    return [e for e in made if e.head in FOLDS.values() and len(e.arguments) == 1]


def form_of(rule: Rule, operands: int) -> Form:
    """Run a rule on symbols, if that has not been done.

    Raises `UsageError` for a rule that computes with floats alone.
    """
    return _form(rule.declared, tuple(rule.constants.items()), operands)


@lru_cache(1024)  # constants that vary without end must not pile up
def _form(declared: Rule, constants: tuple[tuple[str, float], ...], operands: int) -> Form:
    rule = declared.bind(**dict(constants)) if constants else declared
    form = _rolled(rule, operands) or _traced(rule, [x(s) for s in range(operands)])
    made = [e if isinstance(e, Symbol) else repr(e) for e in (form.value, *form.partials)]
    return _forms.setdefault((form.choice, *made), form)


_forms: WeakValueDictionary[tuple[Any, ...], Form] = WeakValueDictionary()


def _traced(rule: Rule, operands: Sequence[Symbol]) -> Form:
    try:
        value, *partials = every_way(lambda: _results(rule, operands))
    except AutogradError:
        raise
    except Exception as error:  # what a rule of one's own raises here is of any kind
        raise UsageError(
            f"rule {rule.name} runs on floats alone ({error}); write it with autograd.functions: "
            "f.exp(x), f.where(condition, x, y)"
        ) from error
    return Form(value, tuple(partials), bool(rule.choice))


def _results(rule: Rule, operands: Sequence[Symbol]) -> list[Any]:
    """Return the value of a rule, and its partials: for one's own NaN outside of its domain."""
    value, partials = rule.function(*operands, **rule.constants)
    if rule.own or rule.domain is None:
        return [value, *partials]
    inside = rule.domain(*operands, **rule.constants)
    known = f.total(*[f.where(x_k == x_k, 0.0, 1.0) for x_k in operands]) == 0
    outside = [f.where(known, math.nan, e) for e in (value, *partials)]  # NaN comes in and goes on
    within = zip((value, *partials), outside, strict=True)
    return [f.where(inside, e, other) for e, other in within]


def _rolled(rule: Rule, operands: int) -> Form | None:
    """Return the form of a rule of sequences, rolled up; None if its terms are not alike."""
    if not rule.sequences:
        return None
    size = operands // rule.sequences
    form = _traced(rule, [Symbol("term", i // size, i % size) for i in range(operands)])
    rolls = rolled_up([form.value, *form.partials], size)
    if rolls is None:
        return None
    value, *partials = rolls
    sequences = [partials[start : start + size] for start in range(0, operands, size)]
    alike = all(
        place in (None, k) and same(inner, sequence[0][1])
        for sequence in sequences
        for k, (place, inner) in enumerate(sequence)
    )
    if value[0] is not None or not alike:
        return None
    return Form(value[1], tuple([sequence[0][1] for sequence in sequences]), form.choice)
