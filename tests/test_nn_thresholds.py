"""Where the single output of a model turns from class 0 to class 1: it is asked, never guessed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import matplotlib as mpl
import numpy
import pytest

import autograd
from autograd import UsageError, Value, no_grad
from nn import (
    MLP,
    Layer,
    Module,
    Neuron,
    Sequential,
    accuracy,
    plot_decision_boundary,
    predict,
    predict_classes,
)
from tests.untyped import untyped


@pytest.fixture
def plots() -> Iterator[None]:
    """Draw without a screen."""
    mpl.use("Agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")


X = [[-3.0], [-0.5], [0.5], [3.0]]
Y = [0, 0, 1, 1]


class Own(Module):
    """A module of one's own: a function of w · x + b."""

    def __init__(self, output: Callable[[Value], Any]) -> None:
        self.w, self.b, self.output = Value(1.0, "w"), Value(0.0, "b"), output

    def __call__(self, x: Any) -> Any:
        """Return the function of the score."""
        return self.output(self.w * x[0] + self.b)


def with_identity(model: Any) -> Any:
    """Return a model of one input with weights that leave a positive number positive."""
    for name, tensor in model.tensors().items():
        for row in tensor:
            for p in row if isinstance(row, list) else [row]:
                p.data = 1.0 if "weight" in name else 0.0
    return model


KNOWN: dict[str, tuple[Callable[[], Any], float]] = {
    "a linear neuron": (lambda: Neuron(1), 0.0),
    "a linear layer": (lambda: Layer(1, 1), 0.0),
    "a linear output": (lambda: MLP([1, 3, 1], "tanh"), 0.0),
    "a sigmoid": (lambda: Neuron(1, "sigmoid"), 0.5),
    "a sigmoid at the end": (lambda: Sequential(Layer(1, 2), Layer(2, 1, "sigmoid")), 0.5),
    "a sigmoid by its method": (lambda: Layer(1, 1, untyped(Value).sigmoid), 0.5),
    "a sigmoid by its function": (lambda: MLP([1, 1], output=autograd.sigmoid), 0.5),
    "a sigmoid in a function": (lambda: MLP([1, 1], output=lambda z: z.sigmoid()), 0.5),
    "a tanh": (lambda: MLP([1, 2, 1], "tanh", "tanh"), 0.0),
}

OWN: dict[str, tuple[Callable[[Value], Any], float]] = {
    "a score": (lambda z: z, 0.0),
    "a sigmoid": (lambda z: z.sigmoid(), 0.5),
    "a sigmoid in a list": (lambda z: [z.sigmoid()], 0.5),
    "a tanh": (lambda z: z.tanh(), 0.0),
}

UNKNOWN: dict[str, tuple[Callable[[Value], Any], float]] = {
    "a sigmoid by hand": (lambda z: 1 / (1 + (-z).exp()), 0.5),
    "a scaled sigmoid": (lambda z: 10 * z.sigmoid(), 5.0),
    "an exponential": (lambda z: z.exp(), 1.0),
    "a rectified score": (lambda z: z.relu(), 0.0),
}

MODELS = [
    *[
        pytest.param(lambda m=make: with_identity(m()), cut, id=k)
        for k, (make, cut) in KNOWN.items()
    ],
    *[pytest.param(lambda g=g: Own(g), cut, id=f"own: {k}") for k, (g, cut) in OWN.items()],
]


@pytest.mark.parametrize(("make", "cut"), MODELS)
@pytest.mark.parametrize("recording", [True, False])
def test_the_output_says_where_class_1_begins(make: Any, cut: float, recording: bool) -> None:
    model = make()
    with nullcontext() if recording else no_grad():
        assert accuracy(model, X, Y) == 1.0
        assert predict_classes(model, X) == Y
    found = predict(model, X)
    assert [int(a > cut) for a in found] == Y
    assert not all(a > 0.25 for a in found)


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_output_that_does_not_say_is_asked_of_the_caller(name: str) -> None:
    output, cut = UNKNOWN[name]
    for model in (Own(output), with_identity(MLP([1, 1], output=output))):
        for ask in (lambda m: accuracy(m, X, Y), lambda m: predict_classes(m, X)):
            with pytest.raises(
                UsageError, match=r"does not say where class 1 begins; .*threshold="
            ):
                ask(model)
        assert accuracy(model, X, Y, threshold=cut) == 1.0
        assert predict_classes(model, X, threshold=cut) == Y


def test_the_caller_decides() -> None:
    unit = with_identity(Neuron(1, "sigmoid"))
    assert predict_classes(unit, X, threshold=0.9) == [0, 0, 0, 1]
    assert accuracy(unit, X, Y, threshold=0.9) == 0.75
    with pytest.raises(UsageError, match=r"threshold=0\.5 with 2 output"):
        accuracy(Layer(1, 2), X, Y, threshold=0.5)
    with pytest.raises(UsageError, match="threshold=nan with 1 output"):
        predict_classes(unit, X, threshold=math.nan)


def test_a_model_that_reads_its_inputs_as_numbers_is_asked_too() -> None:
    class Table(Module):
        """A score for each whole number."""

        def __init__(self) -> None:
            self.scores = [Value(-1.0), Value(2.0)]

        def __call__(self, x: Any) -> Value:
            """Return the probability for the number x."""
            return self.scores[int(x[0])].sigmoid()

    assert predict_classes(Table(), [[0], [1]]) == [0, 1]


class Written(Module):
    """A score in one of the ways in which people write it."""

    def __init__(self, score: Callable[..., Value]) -> None:
        self.w, self.v, self.b, self.score = Value(2.0), Value(-1.0), Value(0.0), score

    def __call__(self, x: Any) -> Value:
        """Return the score of one number."""
        return self.score(self.w, self.v, self.b, x[0])


WRITTEN: dict[str, Callable[..., Value]] = {
    "the bias last": lambda w, v, b, x: w * x + v * x + b,
    "the bias first": lambda w, v, b, x: sum([w * x, v * x], b),
    "less the bias": lambda w, v, b, x: w * x + v * x - b,
    "a sum": lambda w, v, b, x: autograd.sum([w * x, v * x, b]),
    "a residual": lambda w, v, b, x: v * x + (w * x + b),
}

UNCLEAR: dict[str, Callable[..., Value]] = {
    "a probability times a parameter": lambda w, v, b, x: w * (x + b).sigmoid(),
    "a probability over a parameter": lambda w, v, b, x: (x + b).sigmoid() / w,
    "a product": lambda w, v, b, x: w * x,
    "a parameter": lambda w, v, b, x: w,
    "a difference of probabilities": lambda w, v, b, x: (x + b).sigmoid() - (v * x).sigmoid(),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_score_turns_at_0_however_it_is_written(name: str) -> None:
    assert accuracy(Written(WRITTEN[name]), X, Y) == 1.0


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_no_sum_with_a_parameter_is_no_score(name: str) -> None:
    with pytest.raises(UsageError, match="does not say where class 1 begins"):
        accuracy(Written(UNCLEAR[name]), X, Y)


def test_a_sum_of_sums_is_looked_through_once() -> None:
    def doubled(w: Value, v: Value, b: Value, x: float) -> Value:
        z = w * x + b
        for _ in range(60):
            z = z + z  # 2⁶⁰ ways down to the bias
        return z

    assert predict_classes(Written(doubled), X) == Y


PLANE = [[-1.0, -1.0], [1.0, 1.0], [0.5, 1.0]]


class Plane(Module):
    """The probability that two numbers add up to something positive."""

    def __init__(self, output: Callable[[Value], Any]) -> None:
        self.b, self.output = Value(0.0), output

    def __call__(self, x: Any) -> Any:
        """Return a function of the sum."""
        return self.output(x[0] + x[1] + self.b)


@pytest.mark.slow
@pytest.mark.usefixtures("plots")
@pytest.mark.parametrize("recording", [True, False])
def test_the_boundary_of_a_plot_is_where_the_class_changes(recording: bool) -> None:
    plotted = []
    for model, threshold in (
        (Plane(lambda z: z.sigmoid()), None),
        (Plane(lambda z: 1 / (1 + (-z).exp())), 0.5),
        (with_identity(MLP([2, 1], output="sigmoid")), None),
        (with_identity(Neuron(2, lambda z: 1 / (1 + (-z).exp()))), 0.5),
    ):
        with nullcontext() if recording else no_grad():
            ax = plot_decision_boundary(model, PLANE, [0, 1, 1], threshold=threshold)
        image = numpy.asarray(ax.images[0].get_array())
        plotted.append(image)
        side = (image[..., 2] > image[..., 0]).sum() / image[..., 0].size  # bluer: class 0
        assert side == pytest.approx(0.5, abs=0.01)
    for image in plotted[1:]:
        assert abs(image - plotted[0]).max() < 1e-9
    with pytest.raises(UsageError, match=r"plot_decision_boundary: .* give threshold="):
        plot_decision_boundary(Plane(lambda z: 3 * z), PLANE, [0, 1, 1])


@pytest.mark.usefixtures("plots")
@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_classes_are_called_by_their_names(outputs: int) -> None:
    names = ["cat", "dog", "owl"][: max(2, outputs)]
    model = MLP([2, outputs], seed=1)
    for targets in ([0, 1, 1], ["cat", "dog", "dog"]):
        ax = plot_decision_boundary(model, PLANE, targets, class_names=names)
        legend = untyped(ax.get_legend())
        assert [text.get_text() for text in legend.get_texts()] == names
    with pytest.raises(UsageError, match=rf"4 class_names for {len(names)} classes"):
        plot_decision_boundary(model, PLANE, [0, 1, 1], class_names=["a", "b", "c", "d"])
    with pytest.raises(TypeError, match=r"y\[2\] is 'cow'"):
        plot_decision_boundary(model, PLANE, ["cat", "dog", "cow"], class_names=names)


def test_minus_1_is_class_0() -> None:
    unit = Neuron(1)
    unit.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    assert accuracy(unit, [[-2.0], [3.0], [-1.0]], [-1, 1, -1]) == 1.0
    assert accuracy(unit, [[-2.0], [3.0], [-1.0]], [1, -1, 1]) == 0.0
