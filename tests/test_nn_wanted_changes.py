"""What gradient descent wants of a network: the numbers, and the pictures of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograd import BranchError, UsageError, Value, no_grad, replay
from nn import (
    MLP,
    SGD,
    Layer,
    Module,
    Neuron,
    Sequential,
    binary_cross_entropy_with_logits,
    cross_entropy,
    l2_penalty,
    mean_squared_error,
    squared_error,
    wanted_changes,
)
from nn.descent import DescentStep

SMOOTH = ("tanh", "sigmoid", "softplus", "gelu", "linear", "sin")
every_seed = pytest.mark.parametrize("seed", range(12))


def random_case(seed: int) -> tuple[Any, list[list[float]], list[Any], Callable[..., Value]]:
    """Return a network with random numbers, a few samples, their targets, and a loss."""
    rng = Random(seed)
    outputs = rng.randint(2, 4)
    widths = [rng.randint(1, 4) for _ in range(rng.randint(1, 3))] + [outputs]
    model = Sequential(*[Layer(n, m, rng.choice(SMOOTH), seed=rng) for n, m in pairwise(widths)])
    for p in model.parameters():
        p.data = rng.uniform(-1.2, 1.2)
    X = [[rng.uniform(-2, 2) for _ in range(model.inputs)] for _ in range(rng.randint(1, 4))]
    loss = rng.choice((squared_error, mean_squared_error, cross_entropy))
    if loss is cross_entropy:
        return model, X, [rng.randrange(outputs) for _ in X], loss
    return model, X, [[rng.uniform(-1, 1) for _ in range(outputs)] for _ in X], loss


def close(x: Any) -> Any:
    return pytest.approx(x, rel=1e-10, abs=1e-12)


def rest_of(model: Any, place: int, a: list[float]) -> list[Value]:
    """Return the outputs of a network whose layer at a place puts out given numbers."""
    values = [Value(x) for x in a]
    for layer in model.layers[place + 1 :]:
        values = layer.forward(values)
    return values


@every_seed
def test_what_is_wanted_is_minus_the_slope_of_the_loss_in_each_activation(seed: int) -> None:
    """The oracle: the later layers run from activations that are moved a little."""
    model, X, y, loss = random_case(seed)
    step = wanted_changes(model, X, y, loss).step
    for place, layer in enumerate(step.layers):
        samples = [[a.data for a in model.activations(x)[place + 1]] for x in X]
        for j, (wanted, mean) in enumerate(zip(layer.wanted, layer.activations, strict=True)):
            slopes = []
            for a, target in zip(samples, y, strict=True):
                losses = []
                for h in (1e-5, -1e-5):
                    moved = [x + h * (k == j) for k, x in enumerate(a)]
                    losses.append(loss(rest_of(model, place, moved), target).data)
                slopes.append((losses[0] - losses[1]) / 2e-5)
            assert wanted == pytest.approx(-sum(slopes) / len(X), rel=1e-5, abs=1e-8)
            assert mean == close(sum(a[j] for a in samples) / len(X))


@pytest.mark.slow
@every_seed
def test_the_step_is_that_of_gradient_descent(seed: int) -> None:
    model, X, y, loss = random_case(seed)
    step = wanted_changes(model, X, y, loss, lr=0.3).step
    copied = deepcopy(model)
    cost = loss([copied.outputs_for(x) for x in X], y)
    cost.backward()
    for layer, found in zip(copied.layers, step.layers, strict=True):
        assert found.weights == [[close(-0.3 * w.grad) for w in n.w] for n in layer.neurons]
        assert found.biases == [close(-0.3 * n.b.grad) for n in layer.neurons]
    SGD(copied.parameters(), lr=0.3).step()
    assert step.loss_before == close(cost.data)
    assert step.loss_after == close(loss([copied.outputs_for(x) for x in X], y).data)


def all_numbers(step: DescentStep) -> list[float]:
    """Return every number of a step but the losses, in one row."""
    found = [*step.inputs]
    for layer in step.layers:
        found += [*layer.activations, *layer.wanted, *layer.biases, *chain(*layer.weights)]
    return found


@every_seed
def test_of_several_samples_all_are_averages(seed: int) -> None:
    model, X, y, loss = random_case(seed)
    whole = wanted_changes(model, X, y, loss).step
    each = [wanted_changes(model, [x], [t], loss).step for x, t in zip(X, y, strict=True)]
    columns = zip(*map(all_numbers, each), strict=True)
    assert whole.samples == len(X)
    assert all_numbers(whole) == [close(sum(column) / len(X)) for column in columns]


@every_seed
def test_the_model_stays_as_it_is(seed: int) -> None:
    model, X, y, loss = random_case(seed)
    first, *others = model.parameters()
    first.grad = 7.0
    before = model.state_dict()
    picture = wanted_changes(model, X, y, loss)
    assert str(picture)
    assert picture.dot
    assert model.state_dict() == before
    assert first.grad == 7.0
    assert not any(p.has_grad for p in others)


@every_seed
def test_the_right_output_is_wanted_up_and_the_others_down(seed: int) -> None:
    rng = Random(seed)
    model = MLP([2, 3, 4], "tanh", seed=rng)
    right = rng.randrange(4)
    picture = wanted_changes(model, [[rng.gauss(0, 1), rng.gauss(0, 1)]], [right], cross_entropy)
    wanted = picture.step.layers[-1].wanted
    assert [x > 0 for x in wanted] == [j == right for j in range(4)]
    assert picture.step.loss_after < picture.step.loss_before
    arrows = [line.split()[2] for line in str(picture).split("\n\n")[1].splitlines()[1:]]
    assert arrows == ["↑" if j == right else "↓" for j in range(4)]


def kinked(z: Value) -> Value:
    """Return a leaky rectified z, by an if."""
    return z if z > 0 else z * 0.1


def test_a_step_over_an_if_is_taken_all_the_same() -> None:
    model = Layer(1, 1, kinked)
    model.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    step = wanted_changes(model, [[1.0]], [[-1.0]], squared_error, lr=1.0).step
    cost = squared_error([model.outputs_for([1.0])], [[-1.0]])
    with pytest.raises(BranchError):
        replay(cost, {p: p.data - 4.0 for p in model.parameters()})
    assert step.loss_after == close((0.1 * (1 - 4 - 4) + 1) ** 2)
    assert model.state_dict() == {"weight": [[1.0]], "bias": [0.0]}


def test_a_loss_may_look_at_the_parameters_too() -> None:
    unit = Neuron(1)
    unit.load_state_dict({"weight": [[2.0]], "bias": [0.0]})

    def loss(outputs: Any, targets: Any) -> Value:
        return squared_error(outputs, targets) + l2_penalty(unit.w, 1.0)

    step = wanted_changes(unit, [[1.0]], [2.0], loss, lr=0.25).step
    assert step.layers[0].wanted == [0.0]
    assert step.layers[0].weights == [[-1.0]]
    assert step.loss_after == 1.0 + 1.0


def test_a_parameter_that_the_loss_does_not_see_stays() -> None:
    model = Layer(1, 2)
    model.load_state_dict({"weight": [[1.0], [1.0]], "bias": [0.0, 0.0]})
    step = wanted_changes(model, [[1.0]], [0.0], lambda a, y: a[0][0] ** 2, lr=0.5).step
    assert step.layers[0].wanted == [-2.0, 0.0]
    assert step.layers[0].weights == [[-1.0], [0.0]]
    assert step.loss_after == 1.0


class Residual(Sequential):
    """Layers with something around them."""

    def __call__(self, x: Any) -> Any:
        """Return the outputs, and the inputs on top."""
        return [a + x_k for a, x_k in zip(self.activations(x)[-1], x, strict=True)]


class Own(Module):
    """A module without layers."""


@pytest.mark.parametrize(
    ("model", "X", "loss", "lr", "said"),
    [
        (Own(), [[1.0]], squared_error, 0.1, "wanted_changes: a Own is not layers one after"),
        (Residual(Layer(1, 1)), [[1.0]], squared_error, 0.1, "a Residual is not layers one after"),
        (Value(1.0), [[1.0]], squared_error, 0.1, "a Value is not layers"),
        (Layer(1, 1), [], squared_error, 0.1, "wanted_changes: X has no samples"),
        (Layer(1, 1), [[1.0, 2.0]], squared_error, 0.1, r"samples of 2 number\(s\), but the model"),
        (Layer(1, 1), [[1.0]], lambda a, y: 0.5, 0.1, "the loss returned 0.5; it must return a"),
        (Layer(1, 1), [[1.0]], lambda a, y: Value(1.0), 0.1, "the loss was not recorded"),
        (Layer(1, 1), [[1.0]], "hinge", 0.1, "loss='hinge'; give a function"),
        (Layer(1, 1), [[1.0]], squared_error, 0.0, "must be a positive number"),
        (Layer(1, 1), [[1.0]], squared_error, -1.0, "must be a positive number"),
        (Layer(1, 1), [[1.0]], squared_error, "fast", "must be a positive number"),
    ],
)
def test_what_makes_no_sense_is_refused(model: Any, X: Any, loss: Any, lr: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        wanted_changes(model, X, [1.0] * len(X), loss, lr=lr)


def test_without_a_record_there_is_nothing_to_pass_back() -> None:
    with no_grad(), pytest.raises(UsageError, match="outside of no_grad"):
        wanted_changes(Layer(1, 1), [[1.0]], [1.0], squared_error)


def arrows(dot: str) -> dict[tuple[int, int], float]:
    """Return the length of every arrow, below 0 if it points down, by column and row of pixels."""
    place = r"point_([-\d.]+)_([-\d.]+)"
    found = re.findall(rf'"?{place}"? -> "?{place}"? \[(.*arrowhead=normal.*)\]', dot)
    assert all(start == end for start, _, end, _, _ in found), "an arrow leans"
    return {
        (round(float(column)), round(float(start) * 100)): float(end) - float(start)
        for column, start, _, end, _ in found
    }


@every_seed
def test_each_neuron_has_an_arrow_up_or_down_as_long_as_its_wish(seed: int) -> None:
    model, X, y, loss = random_case(seed)
    picture = wanted_changes(model, X, y, loss)
    for place, layer in enumerate(picture.step.layers, 1):
        lengths = [
            length
            for (column, _), length in sorted(arrows(picture.dot).items(), key=lambda a: -a[0][1])
            if column == place
        ]  # from the top down, as the neurons are
        assert [x > 0 for x in lengths] == [x > 0 for x in layer.wanted]
        by_wish = sorted(zip(map(abs, layer.wanted), map(abs, lengths), strict=True))
        for (wish, size), (next_wish, next_size) in pairwise(by_wish):
            assert next_size > size - 2e-3
            assert next_size > size or next_wish < wish + 0.05 * by_wish[-1][0]
        for x in layer.wanted:
            assert f"{'+' if x > 0 else ''}{picture.number(x)}" in picture.dot


@pytest.mark.slow
@every_seed
def test_the_walk_goes_back_a_layer_at_a_time_and_never_to_the_inputs(seed: int) -> None:
    model, X, y, loss = random_case(seed)
    picture = wanted_changes(model, X, y, loss)
    walk, last = picture.walk(), len(model.layers)
    assert picture.frames == [frame.dot for frame in walk]
    assert picture.frames[-1] == picture.dot
    for passed, frame in enumerate(walk):
        columns = {column for column, _ in arrows(frame.dot)}
        assert columns == set(range(last - passed + 1, last + 1))
        tables = re.findall(r"^layer (\d+)", str(frame), re.MULTILINE)
        assert tables == [str(layer) for layer in range(last + 1, last + 1 - passed, -1)]
        edges = re.findall(r"layer(\d+)_\d+ -> layer.*color=\"(#\w+)\"", frame.dot)
        moved = {int(column) + 1 for column, color in edges if color != "#cbd5e1"}
        assert moved == columns
        after = f": {picture.number(picture.step.loss_after)}"
        assert (after in frame.dot) == (passed == last)


@pytest.mark.parametrize("widths", [[2, 3, 12, 2], [1, 2], [2, 2]])
def test_all_pictures_of_a_walk_have_one_layout(widths: list[int], tmp_path: Path) -> None:
    model = MLP(widths, "tanh", "sigmoid", seed=1)
    picture = wanted_changes(model, [[1.0, -2.0][: widths[0]]], [[1.0, 0.0]], squared_error)
    sizes, places = [], []
    for i, frame in enumerate(picture.walk()):
        frame.save(tmp_path / f"{i}.svg")
        svg = (tmp_path / f"{i}.svg").read_text()
        sizes.append(re.findall(r'viewBox="([^"]*)"', svg)[0])
        places.append(dict(re.findall(r'\tlayer(\w+) .*pos="([^"]*)"', frame.dot)))
        drawn = re.findall(r"^\t(?!graph|node|edge)(.* \[(?!.*invis).*)", frame.dot, re.MULTILINE)
        names = [re.findall(r"[ \[]id=(\S+?)[ \]]", line) for line in drawn]
        assert len({*chain(*names)}) == len(names) > 8  # each drawn thing has one of its own
    assert len(set(sizes)) == 1
    assert all(place == places[0] for place in places)
    wide = 12 in widths
    assert ("… 6 more" in picture.dot, "…" in str(picture)) == (wide, wide)


def test_a_unit_alone_and_a_layer_alone_have_wishes_too() -> None:
    unit = wanted_changes(Neuron(2, "sigmoid"), [[1.0, 2.0]], [1], lambda a, y: squared_error(a, y))
    assert "ŷ" in str(unit)
    assert "x₁" in unit.dot
    layer = wanted_changes(Layer(3, 1), [[1.0] * 3], [1], binary_cross_entropy_with_logits)
    assert "layer 2" in str(layer)
    assert len(layer.walk()) == 2


def test_numbers_out_of_all_bounds_are_drawn(tmp_path: Path) -> None:
    model = Layer(1, 2)
    model.load_state_dict({"weight": [[1e200], [float("nan")]], "bias": [0.0, 0.0]})
    picture = wanted_changes(model, [[1.0]], [0.0], lambda a, y: a[0][0] + a[0][1], lr=1.0)
    picture.save(tmp_path / "step.png")
    model.drawing().save(tmp_path / "layer.png")
    assert "NaN" in str(picture)
