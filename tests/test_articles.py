"""The equations of the two articles as they stand there, for networks by hand and of `nn`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograd import Value, check, dot, explain, mean
from autograd import sum as total
from nn import Layer, Sequential, squared_error

INPUTS, TARGETS = (0.5, 2.0), (1.0, 0.0)


def by_hand() -> tuple[Value, dict[str, Value]]:
    """Return C_0 of a 2–2–2 network whose nodes are labelled, and its nodes by their labels."""
    a = [Value(x, f"a_{k}^{{(1)}}") for k, x in enumerate(INPUTS, 1)]
    for layer in (2, 3):
        following = []
        for j in (1, 2):
            w = [Value(0.3 * (j - k) + 0.1 * layer, f"w_{{{j}{k}}}^{{({layer})}}") for k in (1, 2)]
            z = dot(w, a)
            z.label = f"z_{j}^{{({layer})}}"
            following.append(z.sigmoid())
            following[-1].label = f"a_{j}^{{({layer})}}"
        a = following
    loss: Value = total(
        [
            (a_j - Value(y, f"y_{j}")) ** 2
            for j, (a_j, y) in enumerate(zip(a, TARGETS, strict=True), 1)
        ]
    )
    loss.label = "C_0"
    return loss, labelled(loss)


def by_nn() -> tuple[Value, dict[str, Value]]:
    """Return C_0 of a 2–2–2 network of `nn`, and its nodes by their labels."""
    model = Sequential(Layer(2, 2, "sigmoid"), Layer(2, 2, "sigmoid"))
    loss = squared_error(model(list(INPUTS)), list(TARGETS))
    return loss, labelled(loss)


def labelled(output: Value) -> dict[str, Value]:
    found: dict[str, Value] = {}
    stack = [output]
    while stack:
        node = stack.pop()
        found.setdefault(node.label, node)
        stack.extend(node.parents)
    return found


networks = pytest.mark.parametrize("build", [by_hand, by_nn], ids=["by hand", "nn"])
Build = Callable[[], tuple[Value, dict[str, Value]]]


@networks
def test_the_output_layers_weight_has_three_factors(build: Build) -> None:
    loss, nodes = build()
    text = str(explain(loss, nodes["w_{12}^{(3)}"]))
    assert text.startswith("C₀ = (a₁⁽³⁾ − y₁)² + (a₂⁽³⁾ − y₂)² = ")
    assert "∂C₀/∂w₁₂⁽³⁾ = ∂C₀/∂a₁⁽³⁾ · ∂a₁⁽³⁾/∂z₁⁽³⁾ · ∂z₁⁽³⁾/∂w₁₂⁽³⁾\n" in text
    assert "= 2·(a₁⁽³⁾ − y₁) · σ′(z₁⁽³⁾) · a₂⁽²⁾\n" in text
    latex = explain(loss, nodes["w_{12}^{(3)}"]).latex
    assert r"2 \cdot \left(a_1^{(3)} - y_1\right) \cdot \sigma'\left(z_1^{(3)}\right)" in latex


@networks
def test_what_puts_the_back_in_backprop_is_a_sum_over_downstream_paths(build: Build) -> None:
    loss, nodes = build()
    text = str(explain(loss, nodes["a_2^{(2)}"]))
    assert "= 2·(a₁⁽³⁾ − y₁) · σ′(z₁⁽³⁾) · w₁₂⁽³⁾\n" in text
    assert "+ 2·(a₂⁽³⁾ − y₂) · σ′(z₂⁽³⁾) · w₂₂⁽³⁾\n" in text
    text = str(explain(loss, nodes["w_{22}^{(2)}"]))
    nested = "∂C₀/∂a₂⁽²⁾ = ∂C₀/∂z₁⁽³⁾ · w₁₂⁽³⁾ + ∂C₀/∂z₂⁽³⁾ · w₂₂⁽³⁾"
    assert nested in text
    assert "∂C₀/∂w₂₂⁽²⁾ = ∂C₀/∂z₂⁽²⁾ · " in text


@networks
def test_the_loss_is_a_composition_of_functions(build: Build) -> None:
    loss, nodes = build()
    found = explain(loss, nodes["w_{12}^{(3)}"])
    assert found.composition == "C₀ = C₀₁(a₁⁽³⁾(z₁⁽³⁾(w₁₂⁽³⁾))) + C₀₂"
    found = explain(loss, nodes["w_{22}^{(2)}"])
    inner = "a₂⁽²⁾(z₂⁽²⁾(w₂₂⁽²⁾))"
    assert found.composition == f"C₀ = C₀₁(a₁⁽³⁾(z₁⁽³⁾({inner}))) + C₀₂(a₂⁽³⁾(z₂⁽³⁾({inner})))"
    assert r"C_{0_1}\left(a_1^{(3)}\left(z_1^{(3)}" in found.composition_latex


def test_the_gradient_of_a_batch_is_the_average_over_its_samples() -> None:
    model = Sequential(Layer(2, 2, "sigmoid"), Layer(2, 2, "sigmoid"))
    samples = [[0.5, -1.0], [1.0, 0.25], [0.0, 2.0]]
    loss = squared_error([model.outputs_for(x) for x in samples], [[1.0, 0.0]] * 3)
    weight = model.layers[1].neurons[0].w[1]
    found = explain(loss, weight)
    text = str(found)
    assert "∂C/∂w₁₂⁽³⁾ = (∂C₀/∂w₁₂⁽³⁾ + ∂C₁/∂w₁₂⁽³⁾ + ∂C₂/∂w₁₂⁽³⁾)/3 = " in text
    assert "∂C/∂a₁⁽³⁾[0] = ∂C/∂C₀ · 2·(a₁⁽³⁾[0] − y₁[0])" in text
    assert r"\frac{1}{3} \sum_{i=0}^{2} \frac{\partial {C}_i}{\partial w_{12}^{(3)}}" in found.latex
    loss.backward()
    assert found.gradient == weight.grad
    assert check({weight: "(∂C₀/∂w₁₂⁽³⁾ + ∂C₁/∂w₁₂⁽³⁾ + ∂C₂/∂w₁₂⁽³⁾)/3"}, loss).ok


def test_the_logistic_unit_has_the_gradient_on_paper() -> None:
    w, b, x = Value(0.5, "w"), Value(-0.25, "b"), Value(2.0, "x")
    z = w * x + b
    z.label = "z"
    p = z.sigmoid()
    p.label = r"\hat{y}"
    y = Value(1.0, "y")
    loss = -(y * p.log() + (1 - y) * (1 - p).log())
    loss.label = "L"
    text = str(explain(loss, w))
    assert "∂L/∂w = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂w\n" in text
    assert "= ((1 − y)/(1 − ŷ) − y/ŷ) · σ′(z) · x\n" in text
    assert str(explain(loss, w).closed_form()) == "x*(-y + ŷ)"


def test_two_units_in_a_chain_have_five_factors() -> None:
    w_1, w_2, x, y = (Value(v, n) for v, n in ((0.5, "w_1"), (-1.0, "w_2"), (2.0, "x"), (1.0, "y")))
    z_1 = w_1 * x
    a_1 = z_1.sigmoid()
    z_2 = w_2 * a_1
    a_2 = z_2.sigmoid()
    loss = -(y * a_2.log() + (1 - y) * (1 - a_2).log())
    for node, label in ((z_1, "z_1"), (a_1, "a_1"), (z_2, "z_2"), (a_2, "a_2"), (loss, "L")):
        node.label = label
    assert "∂L/∂w₁ = ∂L/∂a₂ · ∂a₂/∂z₂ · ∂z₂/∂a₁ · ∂a₁/∂z₁ · ∂z₁/∂w₁\n" in str(explain(loss, w_1))


def test_softmax_with_cross_entropy_has_the_difference_as_its_closed_form() -> None:
    z = [Value(x, f"z_{k}") for k, x in enumerate((0.5, -1.0, 2.0), 1)]
    e = [z_k.exp() for z_k in z]
    whole = total(e)
    whole.label = "S"
    p = [e_k / whole for e_k in e]
    for k, p_k in enumerate(p, 1):
        p_k.label = f"p_{k}"
    assert str(explain(-p[1].log(), z[1]).closed_form()) == "p₂ - 1"


def test_a_mean_of_samples_by_hand_tells_them_apart() -> None:
    w = Value(2.0, "w")
    losses = []
    for x, y in ((1.0, 2.0), (2.0, 1.0), (3.0, 0.0)):
        a = w * Value(x, "x")
        a.label = "a"
        losses.append((a - Value(y, "y")) ** 2)
        losses[-1].label = "C"
    average = mean(losses)
    average.label = "J"
    assert "∂J/∂a[1] = ∂J/∂C[1] · 2·(a[1] − y[1])" in str(explain(average, w))


@pytest.mark.parametrize(
    "average",
    [mean, lambda losses: sum(losses) / 3, lambda losses: total(losses) * (1 / 3)],
    ids=["mean", "a sum over n", "1/n times a sum"],
)
def test_an_average_is_one_however_it_is_written(
    average: Callable[[list[Value]], Value],
) -> None:
    w = Value(2.0, "w")
    losses = []
    for x in (1.0, 2.0, 3.0):
        losses.append((w * Value(x, "x") - 1) ** 2)
        losses[-1].label = "C_0"
    output = average(losses)
    output.label = "J"
    found = explain(output, w)
    assert "∂J/∂w = (∂C₀[0]/∂w + ∂C₀[1]/∂w + ∂C₀[2]/∂w)/3 = (2 + 12 + 30)/3 = " in str(found)
    assert r"\sum_{i=0}^{2} \frac{\partial C_0[i]}{\partial w}" in found.latex
    assert found.composition == "J = (C₀[0](w) + C₀[1](w) + C₀[2](w))/3"
