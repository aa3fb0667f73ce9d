"""Whole matrices: mistakes made with NumPy, by the algebra of layers, and what is said of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import autograd
from autograd import UsageError, Value, check, explain
from autograd.views.check import Report
from autograd.views.matrix_check import MatrixFinding
from nn import MLP, Layer, Module, Neuron, l2_penalty, squared_error
from nn import gradient_matrix as nn_gradient_matrix

Array = NDArray[np.float64]

G: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "linear": (lambda z: z, np.ones_like),
}
"""Each activation and its derivative, written down once more."""

each_seed = pytest.mark.parametrize("seed", range(12))


class Net(NamedTuple):
    """A network of nn, and the same as arrays: a row for each sample."""

    model: MLP
    loss: Value
    kinds: list[str]
    w: list[Array]
    z: list[Array]  # of each layer; of the first those of the inputs, which have none
    a: list[Array]
    targets: Array
    averaged: bool

    def deltas(
        self,
        slopes: Callable[[int], Callable[[Array], Array]] | None = None,
        back: Callable[[int, Array, Array], Array] = lambda layer, delta, w: delta @ w,
    ) -> list[Array]:
        """Return ∂C_i/∂z of every layer but the first, by the algebra of layers."""
        slope = slopes or (lambda layer: G[self.kinds[layer]][1])
        last = len(self.w) - 1
        delta = 2 * (self.a[-1] - self.targets) * slope(last)(self.z[-1])
        found = [delta]
        for layer in range(last - 1, -1, -1):
            delta = back(layer, delta, self.w[layer + 1]) * slope(layer)(self.z[layer + 1])
            found.append(delta)
        return found[::-1]

    def matrix(self, layer: int, deltas: list[Array] | None = None) -> Array:
        """Return ∂C/∂W of a layer."""
        delta = (deltas or self.deltas())[layer]
        return delta.T @ self.a[layer] / self.divisor

    def bias(self, layer: int) -> Array:
        """Return ∂C/∂b of a layer."""
        found: Array = self.deltas()[layer].sum(axis=0) / self.divisor
        return found

    @property
    def divisor(self) -> int:
        """What the loss is divided by."""
        return len(self.targets) if self.averaged else 1


def network(
    seed: int, widths: list[int] | None = None, samples: int = 0, averaged: bool = True
) -> Net:
    rng = random.Random(seed)
    widths = widths or [rng.randint(2, 4) for _ in range(rng.randint(3, 4))]
    samples = samples or rng.randint(2, 4)
    kinds = [rng.choice(["tanh", "sigmoid"]) for _ in widths[1:]]
    layers = [
        Layer(n, m, kind, seed=rng.randrange(999))
        for n, m, kind in zip(widths, widths[1:], kinds, strict=False)
    ]
    from nn import Sequential

    model: Any = Sequential(*layers)
    draw = np.random.default_rng(seed)
    for p in model.parameters():
        p.data = float(draw.normal())
    x, y = draw.normal(size=(samples, widths[0])), draw.normal(size=(samples, widths[-1]))
    outputs = [model.outputs_for(row.tolist()) for row in x]
    if averaged:
        loss = squared_error(outputs, y.tolist())
    else:
        loss = autograd.sum([squared_error(o, t.tolist()) for o, t in zip(outputs, y, strict=True)])
    w = [np.array(layer.state_dict()["weight"]) for layer in model.layers]
    b = [np.array(layer.state_dict()["bias"]) for layer in model.layers]
    a, z = [x], [x]
    for w_l, b_l, kind in zip(w, b, kinds, strict=True):
        z.append(a[-1] @ w_l.T + b_l)
        a.append(G[kind][0](z[-1]))
    return Net(model, loss, kinds, w, z, a, y, averaged)


def whole(report: Report) -> MatrixFinding:
    """Return the finding of a report on one matrix."""
    [finding] = report
    assert isinstance(finding, MatrixFinding)
    return finding


def judged(net: Net, layer: int, answer: Any) -> MatrixFinding:
    return whole(check({net.model.layers[layer]: answer}, net.loss))


def judged_bias(net: Net, layer: int, answer: Any) -> MatrixFinding:
    report = check({net.model.layers[layer]: {"bias": answer}}, net.loss)
    found = report[net.model.layers[layer], "bias"]
    assert isinstance(found, MatrixFinding)
    return found


def names(finding: MatrixFinding, kind: str) -> None:
    """Expect that a kind of mistake is named in the first sentence."""
    assert finding.verdict == "wrong", finding
    assert finding.causes, (kind, finding)
    assert kind in finding.causes[0].kinds, (kind, str(finding))


def scale(matrix: Array) -> float:
    return float(np.abs(matrix).max())


# Right answers


@pytest.mark.slow
@each_seed
@pytest.mark.parametrize("averaged", [True, False])
def test_what_the_algebra_of_layers_gives_is_right_in_any_form(seed: int, averaged: bool) -> None:
    net = network(seed, averaged=averaged)
    for layer in range(len(net.w)):
        right = net.matrix(layer)
        forms: list[Any] = [
            right,
            right.tolist(),
            tuple(map(tuple, right)),
            list(right),
            right.astype(np.float32),
            right.astype(object),
            [[Fraction(x) for x in row] for row in right.tolist()],
            [[f"{x:.3g}" for x in row] for row in right],
            [[f"{x:.4e}" for x in row] for row in right],
            [[Value(x) for x in row] for row in right.tolist()],
        ]
        for form in forms:
            assert judged(net, layer, form).verdict == "right", form
        bias = net.bias(layer)
        for form in (bias, bias[:, None], bias[None, :], bias.tolist(), bias.astype(np.float32)):
            assert judged_bias(net, layer, form).verdict == "right", form


@each_seed
@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_who_rounds_all_entries_to_one_decimal_place_is_not_called_wrong(
    seed: int, digits: int
) -> None:
    net = network(seed)
    for layer in range(len(net.w)):
        right = net.matrix(layer)
        rounded = np.round(right, digits)
        verdict = judged(net, layer, rounded).verdict
        enough = 0.5 * 10.0**-digits < 0.01 * scale(right)
        if not rounded.any():
            continue  # nothing is left of it
        assert verdict in (("right",) if enough else ("right", "too coarse")), rounded


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(12), 102, 103, 142])  # the last ones: tanh, saturated
def test_gradients_computed_in_few_bits_are_right(seed: int) -> None:
    torch = pytest.importorskip("torch")
    net = network(seed)
    w = [torch.tensor(w_l, dtype=torch.float32, requires_grad=True) for w_l in net.w]
    b = [
        torch.tensor(layer.state_dict()["bias"], dtype=torch.float32, requires_grad=True)
        for layer in net.model.layers
    ]
    a = torch.tensor(net.a[0], dtype=torch.float32)
    for w_l, b_l, kind in zip(w, b, net.kinds, strict=True):
        a = getattr(torch, kind)(a @ w_l.T + b_l)
    ((a - torch.tensor(net.targets, dtype=torch.float32)) ** 2).sum(dim=1).mean().backward()
    for layer, (w_l, b_l) in enumerate(zip(w, b, strict=True)):
        assert judged(net, layer, w_l.grad).verdict == "right"
        assert judged_bias(net, layer, b_l.grad).verdict == "right"
        names(judged(net, layer, -w_l.grad), "sign flipped")
        assert judged(net, layer, w_l.grad * 1.001).verdict != "right"


def test_what_is_rounded_in_few_bits_is_rounded() -> None:
    net = network(8)
    for layer in range(len(net.w)):
        right = net.matrix(layer)
        factor = 1 / scale(right)  # so that three decimals are three digits
        rounded = (np.round(right * factor, 3)).astype(np.float32)
        loss = net.loss * factor
        assert check({net.model.layers[layer]: rounded}, loss), rounded


def test_the_matrix_that_nn_shows_is_right() -> None:
    net = network(0)
    net.loss.backward()
    for layer in net.model.layers:
        assert check({layer: nn_gradient_matrix(layer)}, net.loss)


# Mistakes in the whole


@each_seed
def test_a_transposed_matrix_is_told_in_either_shape(seed: int) -> None:
    net = network(seed)
    for layer in range(len(net.w)):
        names(judged(net, layer, net.matrix(layer).T), "transposed")


@each_seed
def test_the_outer_product_the_other_way_round_is_told_in_any_shape(seed: int) -> None:
    rng = random.Random(seed)
    m, n = rng.randint(2, 4), rng.randint(2, 4)
    net = network(seed, [n, m, 2])
    delta = net.deltas()[0]
    swapped = sum(np.outer(a, d) for a, d in zip(net.a[0], delta, strict=True)) / net.divisor
    assert isinstance(swapped, np.ndarray)
    names(judged(net, 0, swapped), "outer product swapped")
    names(judged(net, 0, swapped.reshape(m, n)), "outer product swapped")


def test_with_a_penalty_a_transposed_matrix_is_not_the_outer_product_swapped() -> None:
    net = network(3, [3, 3, 2])
    layer = net.model.layers[0]
    loss = net.loss + l2_penalty([w for neuron in layer.neurons for w in neuron.w], 0.3)
    outer, rest = net.matrix(0), 0.6 * net.w[0]
    assert check({layer: outer + rest}, loss)
    found = {
        "transposed": (outer + rest).T,
        "outer product swapped": outer.T + rest,
        "path left out": outer,
        "not averaged": net.divisor * outer + rest,
    }
    for kind, answer in found.items():
        finding = whole(check({layer: answer}, loss))
        assert finding.kinds == (kind,), finding


@pytest.mark.slow
@each_seed
def test_an_average_forgotten_or_taken_twice_is_told(seed: int) -> None:
    net = network(seed)
    for layer in range(len(net.w)):
        right = net.matrix(layer)
        names(judged(net, layer, net.divisor * right), "not averaged")
        names(judged(net, layer, right / net.divisor), "1/n twice")
        names(judged_bias(net, layer, net.divisor * net.bias(layer)), "not averaged")


@each_seed
def test_an_average_of_what_is_to_be_summed_is_told(seed: int) -> None:
    net = network(seed, averaged=False)
    names(judged(net, 0, net.matrix(0) / len(net.targets)), "averaged, not summed")


@pytest.mark.slow
@each_seed
def test_a_bias_that_is_not_summed_over_the_batch_is_told(seed: int) -> None:
    for averaged in (True, False):
        net = network(seed, averaged=averaged)
        for layer, delta in enumerate(net.deltas()):
            for i in (0, -1):
                for answer in (delta[i], delta[i] / net.divisor):
                    names(judged_bias(net, layer, answer), "bias not summed")
            if len(delta) != len(delta[0]):
                names(judged_bias(net, layer, delta), "bias not summed")
                names(judged_bias(net, layer, delta.T / net.divisor), "bias not summed")


@pytest.mark.slow
@each_seed
def test_the_weights_of_one_sample_only_are_told(seed: int) -> None:
    net = network(seed)
    for layer, delta in enumerate(net.deltas()):
        for i in (0, -1):
            alone = np.outer(delta[i], net.a[layer][i])
            names(judged(net, layer, alone / net.divisor), "= for +=")
            names(judged(net, layer, alone), "= for +=")


@pytest.mark.slow
@each_seed
def test_a_row_or_a_column_that_is_lost_is_told_with_its_number(seed: int) -> None:
    net, rng = network(seed), random.Random(seed)
    for layer in range(len(net.w)):
        right = net.matrix(layer)
        for axis, what in enumerate(("row", "column")):
            i, o = rng.sample(range(right.shape[axis]), 2)
            for put in (0.0, np.take(right, o, axis)):
                answer = right.copy()
                answer[(slice(None),) * axis + (i,)] = put
                finding = judged(net, layer, answer)
                names(finding, "row or column lost")
                assert f"{what} {i + 1} is lost" in str(finding)


@pytest.mark.slow
@each_seed
def test_what_is_given_for_the_whole_is_told(seed: int) -> None:
    net = network(seed)
    for layer, w in enumerate(net.w):
        right = net.matrix(layer)
        names(judged(net, layer, -right), "sign flipped")
        names(judged(net, layer, w), "not differentiated")
        names(judged(net, layer, 0 * right), "treated as constant")
        five = network(seed, samples=5).matrix(layer)
        names(judged(network(seed, samples=5), layer, 2 * five), "not zeroed")


# Mistakes with the layers above


@pytest.mark.slow
@each_seed
def test_the_derivative_of_an_activation_forgotten_throughout_its_layer_is_told(seed: int) -> None:
    net = network(seed)
    for layer in range(len(net.w)):
        for forgotten in range(layer, len(net.w)):

            def slopes(at: int, forgotten: int = forgotten) -> Callable[[Array], Array]:
                return np.ones_like if at == forgotten else G[net.kinds[at]][1]

            finding = judged(net, layer, net.matrix(layer, net.deltas(slopes)))
            names(finding, "local derivative forgotten")


@pytest.mark.slow
@each_seed
def test_the_derivative_of_an_activation_at_its_output_is_told(seed: int) -> None:
    net = network(seed)

    def slopes(at: int) -> Callable[[Array], Array]:
        g, slope = G[net.kinds[at]]
        return (lambda z: slope(g(z))) if at == 0 else slope

    finding = judged(net, 0, net.matrix(0, net.deltas(slopes)))
    names(finding, "output for input")


@pytest.mark.slow
@each_seed
def test_weights_transposed_or_not_used_on_the_way_back_are_told(seed: int) -> None:
    net = network(seed, [2, 3, 3, 2])
    turned = net.deltas(back=lambda at, d, w: d @ w.T if w.shape == (3, 3) else d @ w)
    names(judged(net, 0, net.matrix(0, turned)), "transposed")
    unused = net.deltas(back=lambda at, d, w: d @ np.ones_like(w) if w.shape == (3, 3) else d @ w)
    names(judged(net, 0, net.matrix(0, unused)), "local derivative forgotten")


@pytest.mark.slow
@each_seed
def test_what_is_multiplied_by_the_wrong_thing_is_told(seed: int) -> None:
    net = network(seed)
    last = len(net.w) - 1
    delta = net.deltas()[last]
    names(judged(net, last, delta.T @ net.z[last] / net.divisor), "input for output")
    ones = np.ones_like(delta).T @ net.a[last]
    names(judged(net, last, ones), "upstream forgotten")
    names(judged(net, last, ones / net.divisor), "upstream forgotten")
    no_inputs = delta.T @ np.ones_like(net.a[last]) / net.divisor
    names(judged(net, last, no_inputs), "local derivative forgotten")


@pytest.mark.slow
@each_seed
def test_two_mistakes_of_which_one_is_the_shape_are_told(seed: int) -> None:
    net = network(seed)
    right = net.matrix(0)
    finding = judged(net, 0, -net.divisor * right.T / net.divisor)
    names(finding, "transposed")
    names(finding, "sign flipped")
    names(judged(net, 0, net.divisor * right.T), "not averaged")


# Mistakes in some entries


@pytest.mark.slow
@each_seed
def test_some_wrong_entries_are_told_each_with_what_went_wrong(seed: int) -> None:
    net, rng = network(seed, [3, 3, 2]), random.Random(seed)
    right = net.matrix(0)
    j, k = rng.randrange(3), rng.randrange(3)
    answer = right.copy()
    answer[j, k] *= -1
    finding = judged(net, 0, answer)
    assert not finding.causes
    [entry] = finding.entries
    assert entry.symbol == f"∂C/∂w{'₁₂₃'[j]}{'₁₂₃'[k]}⁽²⁾"
    assert "sign flipped" in [mistake.kind for mistake in entry.mistakes]
    assert "1 of 9 entries" in str(finding)


@each_seed
def test_one_path_left_out_of_every_entry_is_told_once(seed: int) -> None:
    x = [Value(1.5, "x_1"), Value(-0.7, "x_2")]
    w = [Value(0.3, "w_1"), Value(0.8, "w_2")]
    rng = random.Random(seed)
    u, v = rng.uniform(0.5, 2), rng.uniform(0.5, 2)
    z = autograd.dot(w, x)
    z.label = "z"
    loss = u * z.tanh() + v * z.sin()
    part = v * np.cos(z.data)
    finding = whole(check({(tuple(w),): [[part * 1.5, part * -0.7]]}, loss))
    names(finding, "path left out")


@pytest.mark.slow
@each_seed
def test_random_matrices_get_no_diagnosis(seed: int) -> None:
    net, draw = network(seed), np.random.default_rng(seed + 1000)
    for layer, w in enumerate(net.w):
        right = net.matrix(layer)
        for wrong in (
            draw.normal(size=w.shape) * scale(right),
            right + draw.normal(size=w.shape) * scale(right),
            np.round(draw.normal(size=w.shape), 1) + 7,
        ):
            finding = judged(net, layer, wrong)
            assert finding.verdict == "wrong"
            assert not finding.causes, finding
            assert not finding.entries
            assert "no known mistake" in str(finding)


# What cannot be told apart


def test_where_transposed_is_right_it_is_called_right() -> None:
    w = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    x = [2.0, 3.0]
    z = [autograd.dot(row, x) for row in w]
    loss = 2 * z[0] + 3 * z[1]  # δ = x: the outer product is symmetric
    key = tuple(map(tuple, w))
    assert check({key: np.outer(x, x).T}, loss)
    finding = whole(check({key: -np.outer(x, x)}, loss))
    assert finding.kinds == ("sign flipped",)


def test_a_mistake_that_is_none_is_not_told() -> None:
    net = network(1, samples=1)
    for layer in range(len(net.w)):
        names(judged(net, layer, -net.matrix(layer)), "sign flipped")
        assert "not averaged" not in judged(net, layer, 2 * net.matrix(layer)).kinds


def test_one_weight_alone_is_told_as_a_single_answer() -> None:
    unit = Neuron(1, "tanh")
    unit.w[0].data, unit.b.data = 0.7, 0.1
    loss = squared_error(unit([1.3]), 0.4)
    loss.backward()
    [right] = [w.grad for w in unit.w]
    assert check({unit: [[right]]}, loss)
    finding = whole(check({unit: [[-right]]}, loss))
    assert "sign" in str(finding)


# Whose matrix it is


def test_rows_of_values_written_by_hand_are_a_matrix_in_either_order() -> None:
    draw = np.random.default_rng(7)
    x = draw.normal(size=(3, 2))
    for turned in (False, True):
        shape = (2, 3) if turned else (3, 2)
        w = tuple(
            tuple(Value(float(draw.normal())) for _ in range(shape[1])) for _ in range(shape[0])
        )
        b = tuple(Value(float(draw.normal())) for _ in range(3))
        losses = []
        for row in x.tolist():
            z = []
            for j in range(3):
                total: Any = b[j]
                for k in range(2):
                    total = total + (w[k][j] if turned else w[j][k]) * row[k]
                z.append(total)
            losses.append(autograd.sum([z_j.tanh() ** 2 for z_j in z]))
        loss = sum(losses[1:], losses[0]) / 3
        numbers = np.array([[v.data for v in row] for row in w])
        z_all = x @ (numbers if turned else numbers.T) + [v.data for v in b]
        delta = 2 * np.tanh(z_all) * (1 - np.tanh(z_all) ** 2)
        right = (x.T @ delta if turned else delta.T @ x) / 3
        assert check({w: right, b: delta.sum(axis=0) / 3}, loss)
        for answer, kind in (
            (right.T, "outer product swapped"),
            (3 * right, "not averaged"),
            (2 * ((x.T @ np.tanh(z_all)) if turned else (np.tanh(z_all).T @ x)) / 3,
             "local derivative forgotten"),
        ):  # fmt: skip
            finding = whole(check({w: answer}, loss))
            names(finding, kind)
        finding = whole(check({b: delta[-1] / 3}, loss))
        names(finding, "bias not summed")
        text = str(explain(loss, w))
        assert ("a[0] (δ[0])ᵀ" if turned else "δ[0] (a[0])ᵀ") in text


class Linear(Module):
    """A module of one's own, with a matrix and a vector."""

    def __init__(self) -> None:
        self.kernel = [[Value(0.5), Value(-1.0)], [Value(2.0), Value(0.25)]]
        self.shift = [Value(0.1), Value(0.2)]
        self.scale = Value(3.0)

    def __call__(self, x: Any) -> list[Value]:
        """Return the outputs for one sample."""
        return [
            self.scale * (autograd.dot(w, x) + b)
            for w, b in zip(self.kernel, self.shift, strict=True)
        ]


def test_a_module_of_ones_own_is_asked_by_the_names_of_its_parameters() -> None:
    own = Linear()
    x, y = [0.5, -2.0], [1.0, 0.0]
    loss = squared_error(own(x), y)
    delta = 6 * (np.array([v.data for v in own(x)]) - y)
    right = {"kernel": np.outer(delta, x), "shift": delta}
    assert check({own: right}, loss)
    assert check({own: right["kernel"]}, loss)
    report = check({own: {"kernel": -right["kernel"], "shift": delta, "bias": [1]}}, loss)
    assert [finding.verdict for finding in report] == ["wrong", "right", "cannot be read"]
    assert report.score == 1 / 3
    assert report[own, "kernel"].causes[0].kinds == ("sign flipped",)
    assert "there is no 'bias' here; give one of kernel, shift, scale" in str(report)


def test_all_the_parameters_of_a_network_are_asked_by_their_names_in_torch() -> None:
    net = network(2)
    state = net.model.tensors()
    layers = iter(range(len(net.w)))
    answers: dict[str, Any] = {}
    for name in state:
        if name.endswith("weight"):
            layer = next(layers)
            answers[name] = net.matrix(layer)
        else:
            answers[name] = net.bias(layer)
    assert check({net.model: answers}, net.loss)
    with pytest.raises(UsageError, match="answered twice"):
        check({net.model: answers, net.model.layers[0].neurons[0].b: 1.0}, net.loss)
    finding = whole(check({net.model: net.matrix(0)}, net.loss))
    assert "answer for each by its name" in str(finding)


def test_answers_for_nodes_and_for_matrices_stand_in_one_report() -> None:
    net = network(4, [2, 2, 1], samples=1)
    layer = net.model.layers[0]
    report = check({net.loss: 1.0, layer: net.matrix(0), "nonsense": 3}, net.loss)
    assert [finding.verdict for finding in report] == ["right", "right", "cannot be read"]
    assert report[layer].verdict == "right"
    assert report.next_question is None


# Hostile answers


HOSTILE: dict[str, tuple[Any, str, str]] = {
    "ragged": ([[1, 2], [3]], "cannot be read", "row 1 has 2 entries, but row 2 has 1 entry"),
    "a row that is none": ([[1, 2], 3], "cannot be read", "row 2 has no entries"),
    "a number": (3.0, "cannot be read", "3.0 is no matrix"),
    "text": ("[[1, 2], [3, 4]]", "cannot be read", "is no matrix"),
    "nothing": ([], "cannot be read", "is no matrix"),
    "empty rows": ([[], []], "cannot be read", "is no matrix"),
    "None": (None, "cannot be read", "None is no matrix"),
    "too deep": ([[[1, 2]], [[3, 4]]], "cannot be read", "the entries are lists"),
    "a generator": ((x for x in [[1, 2], [3, 4]]), "cannot be read", "is no matrix"),
    "wrong shape": (np.ones((3, 2)), "wrong shape", "it is 3×2, but W⁽²⁾ is 2×2"),
    "complex": (np.ones((2, 2)) * 1j, "cannot be read", "row 1, column 1"),
    "an entry": ([[1, "import os"], [None, 4]], "cannot be read", "row 1, column 2 (import os): "),
    "NaN": (np.full((2, 2), np.nan), "wrong", "4 of 4 entries"),
    "infinite": ([[1e400, 1], [1, 1]], "wrong", "no known mistake"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_says_so_in_one_sentence(name: str) -> None:
    given, verdict, said = HOSTILE[name]
    net = network(5, [2, 2, 1], samples=2)
    report = check({net.model.layers[0]: given, net.model.layers[1]: net.matrix(1)}, net.loss)
    first, second = report
    assert first.verdict == verdict, first
    assert said in str(first)
    assert second.verdict == "right"
    assert "\n" not in str(first).rstrip() or verdict == "wrong"


def test_a_list_that_contains_itself_is_refused() -> None:
    net = network(5, [2, 2, 1])
    endless: list[Any] = [1.0]
    endless.append(endless)
    finding = whole(check({net.model.layers[0]: [endless, endless]}, net.loss))
    assert finding.verdict == "cannot be read"


def test_entries_may_be_formulas_and_those_that_are_another_function_are_told() -> None:
    w = ((Value(0.5, "w_11"), Value(-1.0, "w_12")), (Value(2.0, "w_21"), Value(0.25, "w_22")))
    x = [Value(2.0, "x_1"), Value(3.0, "x_2")]
    z = [autograd.dot(row, x) for row in w]
    z[0].label, z[1].label = "z_1", "z_2"
    loss = z[0] ** 2 + z[1] ** 2
    loss.label = "L"
    right = [["2·z_1·x_1", "2·z_1·x_2"], ["2·z_2·x_1", "2·z_2·x_2"]]
    assert check({w: right}, loss)
    only_here = [[right[0][0], "z_1·x_1·x_2"], right[1]]
    finding = whole(check({w: only_here}, loss))
    assert finding.verdict == "right only here"
    assert str(finding).count("∂L/∂w₁₂") == 2
    finding = whole(check({w: [[row[i] for row in right] for i in (0, 1)]}, loss))
    names(finding, "transposed")


@pytest.mark.parametrize(
    "key",
    [(), ((),), (1.0, 2.0), ((Value(1.0), 2.0),), ((Value(1.0),), (Value(1.0), Value(2.0)))],
    ids=str,
)
def test_keys_that_are_no_matrix_are_refused(key: Any) -> None:
    x = Value(1.0, "x")
    report = check({key: [[1.0]], x: 2.0}, x * x)
    assert [finding.verdict for finding in report] == ["cannot be read", "right"]


def test_a_matrix_that_the_output_does_not_depend_on_is_refused() -> None:
    net = network(6)
    finding = whole(check({Layer(2, 2): np.ones((2, 2))}, net.loss))
    assert "the output does not depend on the Layer" in str(finding)
    with pytest.raises(UsageError, match="does not depend"):
        explain(net.loss, Layer(2, 2))


def test_rows_that_are_not_used_have_a_derivative_of_0() -> None:
    table = tuple(tuple(Value(float(j + k)) for k in range(2)) for j in range(3))
    loss = table[1][0] * 2 + table[1][1] * table[1][1]
    assert check({table: [[0, 0], [2, 4], [0, 0]]}, loss)
    finding = whole(check({table: [[0, 0], [2, 4], [1, 0]]}, loss))
    assert finding.verdict == "wrong"


# Explained


@each_seed
def test_the_terms_of_an_explanation_are_those_of_the_algebra(seed: int) -> None:
    for averaged in (True, False):
        net = network(seed, averaged=averaged)
        for layer, delta in enumerate(net.deltas()):
            found = explain(net.loss, net.model.layers[layer])
            assert np.allclose(found.gradient, net.matrix(layer))
            assert np.allclose([term.upstream for term in found.terms], delta)
            assert np.allclose([term.factors for term in found.terms], net.a[layer])
            products = [np.array(term.product) for term in found.terms]
            assert np.allclose(sum(products) / found.layer.count, found.gradient)
            assert found.layer.rest is None
            biases = explain(net.loss, [neuron.b for neuron in net.model.layers[layer].neurons])
            assert np.allclose([term.upstream for term in biases.terms], delta)


def test_an_explanation_names_every_entry_and_both_factors() -> None:
    net = network(3, [2, 2, 2], samples=1)
    found = explain(net.loss, net.model.layers[1])
    text = str(found)
    assert text.startswith("∂C/∂W⁽³⁾ = δ⁽³⁾ (a⁽²⁾)ᵀ,  δ⁽³⁾ = ∂C/∂z⁽³⁾\n")
    for entry in ("∂C/∂w₁₁⁽³⁾", "∂C/∂w₁₂⁽³⁾", "∂C/∂w₂₁⁽³⁾", "∂C/∂w₂₂⁽³⁾"):
        assert entry in text
    assert found.text("ascii").isascii()
    assert "?" not in found.text("ascii")
    lines = text.split("\n\n")[1].splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("⎡")
    latex = found.latex
    assert latex.count(r"\begin{pmatrix}") == latex.count(r"\end{pmatrix}") == 4
    assert r"\delta^{(3)} \left(a^{(2)}\right)^{\top}" in latex


def test_a_penalty_is_what_comes_by_other_ways() -> None:
    net = network(3, [2, 2, 1])
    weights = [w for neuron in net.model.layers[0].neurons for w in neuron.w]
    found = explain(net.loss + l2_penalty(weights, 0.5), net.model.layers[0])
    assert found.layer.rest is not None
    assert np.allclose(found.layer.rest, net.w[0])
    assert "R = " in str(found)


def test_a_penalty_on_a_single_row_is_no_sample() -> None:
    unit = Neuron(3, "tanh", seed=0)
    loss = squared_error(unit([1.0, -2.0, 0.5]), 0.3) + l2_penalty(unit.w, 0.5)
    found = explain(loss, unit)
    [term] = found.terms
    assert term.factors == (1.0, -2.0, 0.5)
    assert np.allclose(found.layer.rest or [], [[w.data for w in unit.w]])


def test_a_neuron_is_called_by_what_has_the_derivative_that_is_said() -> None:
    w = [[Value(1.0, "w_11"), Value(2.0, "w_12")], [Value(3.0, "w_21"), Value(4.0, "w_22")]]
    x = [Value(5.0, "x_1"), Value(6.0, "x_2")]
    for factor, called in ((1, "s"), (2, "(v1 … v3)")):
        s = [factor * autograd.dot(row, x) + 1.0 for row in w]
        s[0].label, s[1].label = "s_1", "s_2"
        [term] = explain(s[0] - 8 * s[1], w).terms
        assert term.upstream == (factor, -8.0 * factor)
        assert term.neurons.unicode == called


def test_where_there_is_no_layer_the_entries_are_shown() -> None:
    w = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    determinant = w[0][0] * w[1][1] - w[0][1] * w[1][0]
    found = explain(determinant, w, {"W": w, "D": determinant})
    assert not found.terms
    assert str(found).startswith("∂D/∂W = ⎡")
    assert found.gradient == [[4.0, -3.0], [-2.0, 1.0]]
