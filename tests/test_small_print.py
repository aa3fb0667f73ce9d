"""The small print of the views: signs, parentheses, edges, the line of a tangent."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest

from autograd import (
    InfiniteGradientWarning,
    UsageError,
    Value,
    check,
    dot,
    draw,
    plot_tangent,
    quiz,
    steps,
    what_goes_wrong,
    worksheet,
    worksheets,
)
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


@pytest.mark.parametrize("names", [[("w", 1)], 5, "w", {"w"}])
def test_names_that_are_no_dict_are_refused_in_every_view(names: Any) -> None:
    w = Value(2.0, "w")
    for view in (draw, steps, what_goes_wrong, worksheet, quiz):
        with pytest.raises(UsageError, match=r'names: .* is no dict; give \{"z": z\}, or globals'):
            str(view(w * w, names=names))
    with pytest.raises(UsageError, match=r"names: .* is no dict"):
        check({w: 4}, w * w, names)


def test_one_leaf_alone_is_no_list_of_leaves_to_vary() -> None:
    w = Value(2.0, "w")
    with pytest.raises(UsageError, match="vary is no list of leaves"):
        worksheets(w * w, 2, vary=w)  # type: ignore[arg-type]


def test_what_goes_wrong_with_very_many_leaves_is_cut() -> None:
    weights = [Value(i / 7, f"w_{i}") for i in range(500)]
    shown = str(what_goes_wrong(dot(weights, weights)))
    assert "… 460 more" in shown
    assert shown.count("\n∂v1/∂w") == 40


def test_a_tangent_warns_of_its_own_slope_and_not_of_those_along_the_curve() -> None:
    x = Value(1.0, "x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot_tangent(x.sqrt())
    with pytest.warns(InfiniteGradientWarning, match="the gradient of x is inf"):
        plot_tangent(Value(0.0, "x").sqrt())
    for number in (math.inf, math.nan):
        with pytest.raises(UsageError, match=r"plot_tangent: x is (∞|NaN); give it a number"):
            plot_tangent(Value(number, "x") * 2)
