"""What one local derivative is taken for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from autograd.rule import Rule
from autograd.value import Value
from autograd.views.by_hand.followed import is_untaken
from autograd.views.by_hand.mistake import Later, Mistake
from autograd.views.by_hand.points import Point
from autograd.views.by_hand.wrong_formulas import wrong_formulas
from autograd.views.tracing.graph import Edge
from autograd.views.tracing.notation import Notation
from autograd.views.writing.formulas import (
    Formula,
    computed,
    confused,
    derived,
    slope_by_formula,
    written,
)
from autograd.views.writing.numbers import short

__all__ = ["LINEAR", "SEVERAL", "local_mistakes", "slope_elsewhere"]

SEVERAL = 8
"""The number of operands up to which the formulas of a rule's local derivatives are spoiled."""

LINEAR = {"add", "sub", "neg", "sum", "mean", "where", "maximum", "minimum", "max", "min", "clip"}
"""Operations of which nobody writes the result where its derivative is due."""


def local_mistakes(edge: Edge, write: Notation, point: Point | None = None) -> Iterator[Mistake]:
    """Yield the mistakes in one local derivative, and what it is taken for, at some numbers.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> z = w * x
    >>> from autograd.views.tracing.graph import Graph
    >>> for mistake in local_mistakes(Edge(z, 0), Notation(Graph(z, {"z": z}))):
    ...     print(mistake.number, "if", mistake.reason)
    -2.0 if the sign of ∂z/∂w is flipped
    1.0 if the local derivative ∂z/∂w = 2 is forgotten
    -3.0 if the operands of z = w × x are swapped in ∂z/∂w
    -6.0 if ∂z/∂w is taken as w × x, which is z and not differentiated
    4.0 if the local derivative ∂z/∂w = 2 is taken twice
    0.5 if ∂z/∂w is turned upside down: 1/2 for 2
    -1.0 if ∂z/∂w is taken as w + x where x is due
    """
    return iter(_Slips(edge, write, point or Point.of(write.graph)).found())


class _Slips:
    """The mistakes in the local derivative along one edge."""

    def __init__(self, edge: Edge, write: Notation, point: Point) -> None:
        self.edge, self.write = edge, write
        self.node, self.position = edge.node, edge.position
        self.rule: Rule | None = edge.node.rule
        self.operands = [point.number(parent) for parent in edge.node.parents]
        self.result = point.number(edge.node)
        self.partials = point.partials(edge.node)
        self.partial = self.partials[edge.position]
        self.local = Later(write.local, edge)

    def found(self) -> list[Mistake]:
        """Return those that lead to another local derivative, one of each kind and number."""
        if is_untaken(self.partial):
            said = "the branch of {} that was not taken passes something on"
            return [self._slip("wrong branch", 1.0, said, self.local)]
        slips = [*self._as_a_factor(), *self._as_a_function()]
        other = {
            (slip.kind, slip.number): slip
            for slip in reversed(slips)
            if slip.number != self.partial and math.isfinite(slip.number)
        }
        return [*reversed(other.values())]

    def _slip(self, kind: str, number: float, template: str, *parts: Any) -> Mistake:
        place = (self.node, self.position, kind, template, *_stable(parts))
        return Mistake(kind, (template, *parts), 1.0 * number, self.local, place)

    def _as_a_factor(self) -> Iterator[Mistake]:
        """Yield what happens to any factor of a product."""
        local, partial = self.local, self.partial
        yield self._slip("sign flipped", -partial, "the sign of {} is flipped", local)
        said = "the local derivative {} = {} is forgotten"
        yield self._slip("local derivative forgotten", 1.0, said, local, _Short(partial))
        yield from self._swapped()
        yield from self._without_constant()
        yield from self._confused()
        if self.node.op not in LINEAR:
            said = "{} is taken as {}, which is {} and not differentiated"
            shown = Later(self.write.operation, self.node)
            name = Later(self.write.name, self.node)
            yield self._slip("not differentiated", self.result, said, local, shown, name)
        said = "the local derivative {} = {} is taken twice"
        yield self._slip("taken twice", partial * partial, said, local, _Short(partial))
        if partial:
            said = "{} is turned upside down: 1/{} for {}"
            upside = _Short(partial)
            yield self._slip("factor inverted", 1 / partial, said, local, upside, upside)

    def _as_a_function(self) -> Iterator[Mistake]:
        """Yield what is written in place of the right formula."""
        if self.rule is None or len(self.operands) > SEVERAL:
            return
        names = self.write.graph.names
        made = derived(
            self.rule,
            [
                Formula(x, name=names[parent])
                for x, parent in zip(self.operands, self.node.parents, strict=True)
            ],
        )
        if made is None:
            return
        if computed(made.value):
            made.value.name = names[self.node]
        right = made.partials[self.position]
        parts: tuple[Later, ...]
        for i, (kind, formula, lost) in enumerate(wrong_formulas(self.rule, made, self.position)):
            number = formula.number if isinstance(formula, Formula) else formula
            if kind == "factor missing" and lost is not None:
                said, parts = "the factor {} of {} is missing", (self._formula(lost), self.local)
            else:
                said = "{} is taken as {} where {} is due"
                parts = (self.local, self._formula(formula), self._formula(right))
            yield self._slip(kind, number, said, *parts)._replace(
                place=(self.node, self.position, kind, i)
            )

    def _formula(self, formula: Any) -> Later:
        script = self.write.script
        if isinstance(formula, Formula):
            return Later(lambda: written(formula, script).text)
        return Later(lambda: script.numeral(formula).text)

    def _confused(self) -> Iterator[Mistake]:
        if self.rule is None or len(self.operands) > 1:
            return
        z, x = Later(self.write.name, self.node), Later(self.write.name, self.edge.parent)
        for kind, first, second in (("input for output", x, z), ("output for input", z, x)):
            with_input = kind == "input for output"
            taken = confused(self.rule, self.operands[0], output_with_input=with_input)
            if taken is not None:
                said = "{} is used in {} where {} belongs"
                yield self._slip(kind, taken, said, first, self.local, second)
        at_result = slope_elsewhere(self.rule, self.operands[0], self.result)
        if at_result is not None and self.node.op not in LINEAR:
            said = "{1} is taken at {0} where {2} belongs"
            yield self._slip("output for input", at_result, said, z, self.local, x)

    def _swapped(self) -> Iterator[Mistake]:
        rule, count = self.rule, len(self.operands)
        if rule is None or (rule.sequences != 2 and (rule.sequences or count != 2)):
            return
        mirrored = (self.position + count // 2) % count
        parts = (Later(self.write.name, self.node), Later(self.write.operation, self.node))
        said = "the operands of {} = {} are swapped in {}"
        number = self.partials[mirrored]
        yield self._slip("operands swapped", number, said, *parts, self.local)
        if not rule.sequences:
            try:
                _, partials = rule.evaluate(self.operands[::-1])
            except Exception:  # the other way round there is no value, or a rule raises anything
                return
            said = "the operands of {} = {} are swapped before {} is taken"
            number = partials[mirrored]
            yield self._slip("operands swapped", number, said, *parts, self.local)

    def _without_constant(self) -> Iterator[Mistake]:
        """Yield what comes of losing the constant of an operation."""
        node, partial = self.node, self.partial
        missing = "the factor {} of {} is missing"
        if node.op == "power" and self.rule is not None and self.rule.constants["n"]:
            n = self.rule.constants["n"]
            yield self._slip("factor missing", partial / n, missing, short(n), self.local)
        if node.op == "mean":
            yield from self._averaged(len(self.operands), "of the mean")
        for position, other in enumerate(node.parents) if len(node.parents) == 2 else ():
            if position == self.position or not _is_plain(other):
                continue
            constant = short(other.data)
            if node.op == "div" and position == 1:
                yield from self._averaged(other.data, "of the quotient")
            elif node.op == "mul":
                yield self._slip("factor missing", 1.0, missing, constant, self.local)
                if abs(other.data) < 1 and other.data:
                    yield from self._averaged(1 / other.data, "of the product")

    def _averaged(self, n: float, whose: str) -> Iterator[Mistake]:
        """Yield what comes of losing 1/n, or of counting it twice."""
        said = f"the 1/{{}} {whose} is missing in {{}}"
        yield self._slip("1/n missing", self.partial * n, said, short(n), self.local)
        said = f"the 1/{{}} {whose} is taken twice in {{}}"
        yield self._slip("1/n twice", self.partial / n, said, short(n), self.local)


def slope_elsewhere(rule: Rule, x: float, elsewhere: float) -> float | None:
    """Return the slope of a rule of one operand at another number, None if it has none there.

    >>> from autograd.rules import log, tanh
    >>> slope_elsewhere(log, 2.0, -4.0), slope_elsewhere(tanh, 2.0, 0.0)
    (-0.25, 1.0)
    """
    try:
        slope: float = rule.evaluate([elsewhere])[1][0]
        return 1.0 * slope
    except Exception:  # it has no value there, but its slope may have a formula
        return slope_by_formula(rule, x, elsewhere)


class _Short:
    """A number as it is told; at other numbers the same mistake tells another."""

    def __init__(self, x: float) -> None:
        self._x = x

    def __str__(self) -> str:
        return short(self._x)


def _stable(parts: tuple[Any, ...]) -> list[str]:
    """Return what tells two mistakes of one template apart, at whatever numbers."""
    return [part for part in parts if isinstance(part, str)]


def _is_plain(node: Value) -> bool:
    return not node.parents and not node.label
