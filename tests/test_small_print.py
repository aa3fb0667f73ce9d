"""The small print of the views: signs, parentheses, edges, the line of a tangent."""

from __future__ import annotations

import math

import pytest

from autograd import Value, plot_tangent
from autograd.expression import evaluate
from autograd.views.writing.formulas import Formula, write
from autograd.views.writing.labels import parse
from autograd.views.writing.numbers import short
from autograd.views.writing.scripts import LATEX


@pytest.mark.parametrize(
    ("condition", "holds"),
    [("x < 2", False), ("x <= 2", True), ("x > 2", False), ("x >= 2", True)],
)
def test_a_comparison_in_an_expression_has_its_edge(condition: str, holds: bool) -> None:
    found = evaluate(f"where({condition}, 1, 0)", {"x": Value(2.0, "x")})
    assert found.data == holds


def test_infinities_keep_their_signs() -> None:
    assert [short(x) for x in (math.inf, -math.inf, math.nan)] == ["∞", "-∞", "NaN"]


def test_what_is_taken_away_keeps_its_parentheses() -> None:
    a, b, c = (Formula(x, name=parse(name)) for x, name in ((1.0, "a"), (2.0, "b"), (3.0, "c")))
    assert write(a - (b + c)) == "a − (b + c)"
    assert write(a - (b - c)) == "a − (b − c)"
    assert write((a - b) - c) == "a − b − c"
    assert write(a / (b * c)) == "a/(b·c)"
    assert write(a - (b + c), LATEX) == r"a - \left(b + c\right)"


def test_a_tangent_touches_the_curve_with_its_slope() -> None:
    x = Value(1.5, "x")
    y = x**3 - x
    slope = 3 * 1.5**2 - 1
    curve, tangent, *_ = plot_tangent(y, x).lines
    across, up = (list(map(float, data)) for data in tangent.get_data())
    for x_k, y_k in zip(across, up, strict=True):
        assert y_k == pytest.approx(y.data + slope * (x_k - 1.5))
    assert max(across) > 1.5 > min(across)
    points = zip(*curve.get_data(), strict=True)
    assert all(y_k == pytest.approx(x_k**3 - x_k) for x_k, y_k in points)
