"""Why a gradient is what it is: paths counted and listed, and sums that are the gradient."""

import math
import random
from collections.abc import Callable

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import UsageError, Value, draw, explain, gradient
from autograd.__main__ import main
from autograd.graph import topological_order
from autograd.rule import Rule
from autograd.views.by_hand.questions import gradient_questions
from autograd.views.example import hidden_layer_weight
from autograd.views.tracing.walk import Walk
from tests.work import growth

OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: x - y,
    lambda x, y: x.tanh(),
    lambda x, y: (x * y).sin(),
    lambda x, y: x.relu(),
]


def random_graph(seed: int, size: int = 9) -> tuple[Value, list[Value]]:
    draw_from = random.Random(seed)
    leaves = [Value(draw_from.uniform(-2, 2), f"x_{i}") for i in range(3)]
    pool = list(leaves)
    for _ in range(size):
        operation = draw_from.choice(OPERATIONS)
        pool.append(operation(draw_from.choice(pool[-4:]), draw_from.choice(pool)))
    return pool[-1], leaves


def brute_force(node: Value, source: Value) -> int:
    if node is source:
        return 1
    return sum(brute_force(parent, source) for parent in node.parents)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_paths_are_counted_as_they_are_listed_and_sum_to_the_gradient(seed: int) -> None:
    output, leaves = random_graph(seed)
    for leaf in leaves:
        if leaf not in topological_order(output):
            with pytest.raises(UsageError, match="does not depend on"):
                explain(output, leaf)
            continue
        found = explain(output, leaf)
        paths = list(found.terms())
        assert found.paths == len(paths) == brute_force(output, leaf)
        for path in paths:
            nodes = [edge.node for edge in path]
            assert (nodes[0] if path else leaf) is output
            assert [edge.parent for edge in path] == [*nodes[1:], leaf][-len(path) or 1 :]
        products = [math.prod(edge.partial for edge in path) for path in paths]
        (true,) = gradient(output, [leaf])
        assert found.gradient == true
        assert math.fsum(products) == pytest.approx(true, rel=1e-9, abs=1e-12)
        assert found.multiplications <= max(1, sum(len(path) for path in paths))


def test_a_ladder_of_diamonds_is_counted_and_shown_nested() -> None:
    x = Value(1.01, "x")
    rung = x
    for _ in range(200):
        rung = rung.sin() + rung.cos()
    found = explain(rung, x)
    assert found.paths == 2**200
    assert found.multiplications == 798
    text = str(found)
    assert "about 10^60 paths, 798 multiplications" in text
    assert "… 560 more" in text
    assert " · ∂v2/∂v1" not in text


def test_the_articles_weight_is_explained_as_in_the_articles() -> None:
    loss, weight = hidden_layer_weight()
    found = explain(loss, weight)
    loss.backward()
    text = str(found)
    assert "\n∂C₀/∂w₂₂⁽²⁾: 2 paths, 6 multiplications" in text
    assert "∂C₀/∂z₁⁽³⁾ · w₁₂⁽³⁾ + ∂C₀/∂z₂⁽³⁾ · w₂₂⁽³⁾ = -0.2620 · (-1) + 0.2642 · 1.5" in text
    assert "= 0.1259 + 0.1905" in text
    assert found.gradient == weight.grad
    latex = found._repr_latex_()
    assert r"\frac{\partial C_0}{\partial w_{22}^{(2)}} &= " in latex
    assert latex.count("{") == latex.count("}")


def test_the_closed_form_of_the_logistic_unit_is_that_on_paper() -> None:
    w, x, b, y = Value(0.5, "w"), Value(2.0, "x"), Value(0.1, "b"), Value(1.0, "y")
    z = w * x + b
    z.label = "z"
    p = z.sigmoid()
    p.label = r"\hat{y}"
    loss = -(y * p.log() + (1 - y) * (1 - p).log())
    loss.label = "L"
    symbols = {name: sympy.Symbol(name, real=True) for name in ("x", "y", "ŷ")}
    assert explain(loss, w).closed_form() == symbols["x"] * (symbols["ŷ"] - symbols["y"])
    assert explain(loss, b).closed_form() == symbols["ŷ"] - symbols["y"]
    assert str(explain(loss, w).closed_form()) == "x*(-y + ŷ)"


def test_the_closed_form_is_in_the_names_of_variables_and_keeps_namesakes_apart() -> None:
    p, q = Value(2.0), Value(3.0)
    r = p * q + p
    assert str(explain(r, p, names={"p": p, "q": q}).closed_form()) == "q + 1"
    first, second = Value(3.0, "x"), Value(5.0, "x")
    assert str(explain((first - second) ** 2, first).closed_form()) == "2*x#1 - 2*x#2"


def test_a_rule_for_floats_has_no_closed_form_and_says_so() -> None:
    def cosine(x: float) -> tuple[float, tuple[float]]:
        return math.cos(x), (-math.sin(x),)

    u = Value(0.3, "u")
    output: Value = Rule(cosine)(u)  # not in the table, as one made by @rule would be
    with pytest.raises(UsageError, match="closed_form: cosine takes only floats"):
        explain(output, u).closed_form()


def test_a_node_explained_by_itself_has_derivative_1() -> None:
    x = Value(3.0, "x")
    assert (explain(x, x).paths, explain(x, x).gradient) == (1, 1.0)
    assert str(explain(x, x)) == "x = 3\n∂x/∂x: 1 path, 0 multiplications\n\n∂x/∂x = 1"


def test_the_picture_has_the_names_of_the_equations() -> None:
    p, q = Value(2.0), Value(3.0)
    names = {"p": p, "q": q}
    assert "p × q" in str(explain(p * q, p, names=names).draw())


def test_a_sum_of_thousands_is_explained_and_asked_about() -> None:
    x = Value(1.0, "x")
    output = autograd.sum([x] * 2000)
    assert "\n∂v1/∂x: 2000 paths, 0 multiplications" in str(explain(output, x))
    assert len(gradient_questions(Walk(output))) == 1


@pytest.mark.slow
def test_no_formula_of_an_operand_is_made_anew_for_every_other() -> None:
    def total(n: int) -> tuple[Value, Value]:
        x = Value(1.0, "x")
        return autograd.sum([x] * n), x

    assert growth(lambda n: str(explain(*total(n))), 100) < 5
    assert growth(lambda n: gradient_questions(Walk(total(n)[0])), 100) < 8


def test_the_picture_highlights_the_paths_and_numbers_the_steps() -> None:
    x, y = Value(3.0, "x"), Value(2.0, "y")
    output = (x * y).tanh() + y
    lines = [
        line for line in draw(output, highlight=x, order=True).dot.splitlines() if "->" in line
    ]
    assert sum("penwidth=3" in line for line in lines) == 3
    assert [line.partition('label="')[2].partition(":")[0] for line in lines] == list("12345")
    with pytest.raises(UsageError, match="does not depend on"):
        draw(output, highlight=Value(1.0))


def test_the_command_line_explains(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["w*x + w", "w=3", "x=2", "--explain", "w"]) == 0
    assert "∂v2/∂w: 2 paths, 1 multiplication\n" in capsys.readouterr().out
    assert main(["w*x + w", "w=3", "x=2", "--explain", "q"]) == 2
    assert "--explain q: no such variable; choose from w, x" in capsys.readouterr().err


@pytest.mark.slow
def test_a_path_without_end_is_cut_in_the_middle() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(20_000):
        y = y.sin()
    found = explain(y, x)
    assert found.paths == 1
    [path] = found.terms()
    assert len(path) == 20_000
    for text in (str(found), found.latex):
        assert len(text) < 20_000  # of a path 40 factors are written, of the nested form 40 lines
        assert (
            "∂v20000/∂v19999 ·" in text or r"\frac{\partial v_{20000}}{\partial v_{19999}}" in text
        )
        assert "· … ·" in text or r"\cdots" in text or r"\ldots" in text or r"\dots" in text
    with pytest.raises(UsageError, match="closed_form: this formula is too deep for SymPy; label"):
        found.closed_form()


def test_where_0_meets_infinity_the_sum_over_paths_says_so_as_the_nested_form_does() -> None:
    x = Value(0.0, "x")
    found = explain(x.sqrt() ** 2 + 3 * x, x)
    ends = [line for line in str(found).splitlines() if line.endswith("taken as 0)")]
    assert len(ends) == 2
    assert found.latex.count("taken as 0") == 2
