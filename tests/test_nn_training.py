"""Training: what it refuses, what stops it, and what it leaves behind."""

from __future__ import annotations

import math
import pickle
from random import Random
from typing import Any

import numpy
import pandas
import pytest

from autograd import DomainError, UsageError, Value, no_grad
from nn import (
    MLP,
    SGD,
    Adam,
    History,
    Neuron,
    accuracy,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_decay,
    cross_entropy,
    exponential_decay,
    fit,
    hinge,
    linear_decay,
    per_sample_gradients,
    predict,
    predict_classes,
    programs,
    squared_error,
)
from nn.optim import Optimizer
from tests.untyped import untyped


@pytest.fixture(params=["eager", "program"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Train by a program wherever there is one, and without."""
    worth = {"eager": math.inf, "program": 0}[request.param]
    monkeypatch.setattr(programs, "WORTH", worth)
    return str(request.param)


X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR = [0, 1, 1, 0]


def trained(seed: int = 0, **options: Any) -> tuple[MLP, History]:
    """Return a small network after a few epochs on XOR."""
    model = options.pop("model", None) or MLP([2, 4, 1], "tanh", seed=1)
    chosen: dict[str, Any] = {
        "loss": binary_cross_entropy_with_logits, "optimizer": SGD(model.parameters(), lr=0.5),
        "epochs": 5, "batch_size": 2, "seed": seed, "progress": False,
    }  # fmt: skip
    history = fit(model, X, XOR, **chosen | options)
    return model, history


def test_the_same_seed_trains_the_same_and_another_another() -> None:
    (first, one), (second, two), (third, three) = trained(3), trained(3), trained(4)
    assert first.state_dict() == second.state_dict() != third.state_dict()
    assert one.losses == two.losses != three.losses


def test_lists_arrays_and_data_frames_train_the_same() -> None:
    states = []
    for samples, targets in (
        (X, XOR),
        (numpy.array(X), numpy.array(XOR)),
        (numpy.array(X, dtype="float32"), numpy.array(XOR, dtype=bool).reshape(-1, 1)),
        (pandas.DataFrame(X), pandas.Series(XOR)),
        ([tuple(row) for row in X], tuple(XOR)),
        ([numpy.array(row) for row in X], [numpy.int64(t) for t in XOR]),
    ):
        model = MLP([2, 3, 1], "tanh", seed=1)
        fit(
            model, samples, targets, loss=binary_cross_entropy_with_logits,
            optimizer=Adam(model.parameters(), lr=0.1), epochs=3, progress=False,
        )  # fmt: skip
        states.append(model.state_dict())
        assert accuracy(model, samples, targets) == accuracy(model, X, XOR)
    assert all(state == states[0] for state in states)


def test_numpy_counts_and_rates_leave_no_numpy_behind() -> None:
    expected, history = trained()
    model = MLP(untyped(numpy.array([2, 4, 1])), "tanh", seed=1)
    rate = numpy.float64(0.5)
    rates: list[Any] = [rate, numpy.float32(0.5), lambda step: rate]
    for lr in rates:
        model.load_state_dict(MLP([2, 4, 1], "tanh", seed=1).state_dict())
        _, found = trained(
            model=model, epochs=numpy.int8(5), batch_size=numpy.int64(2),
            optimizer=SGD(model.parameters(), lr=lr, momentum=untyped(numpy.float32(0.0))),
        )  # fmt: skip
        assert found.losses == history.losses
        assert {type(x) for x in [*found.losses, *(p.data for p in model.parameters())]} == {float}
    assert model.state_dict() == expected.state_dict()


NAN = math.nan


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"X": []}, "X has no samples"),
        ({"X": numpy.empty((0, 2))}, "X has no samples"),
        ({"X": [[0.0, 0.0], [0.0], [1.0, 1.0], [1.0, 0.0]]}, r"X\[1\] has 1 number.s., but X\[0\]"),
        ({"X": [[0.0] * 3] * 4}, r"samples of 3 number\(s\), but the model has 2 input"),
        ({"X": [0.0, 1.0, 0.0, 1.0]}, "4 numbers without rows.* samples of one number"),
        ({"X": [0.0, 1.0]}, r"2 numbers without rows; .*, \[X\] for one sample"),
        ({"X": [[0.0, NAN], *X[1:]]}, r"X\[0\]\[1\] is nan"),
        ({"X": [*X[:3], [math.inf, 0.0]]}, r"X\[3\]\[0\] is inf"),
        ({"X": X[:3]}, r"3 samples in X, but 4 target\(s\) in y"),
        ({"y": [0, 1, NAN, 0]}, r"y\[2\] is nan"),
        ({"y": [0, 1, 2, 0]}, r"target 2\.0 is not 0 or 1, nor between \(sample 2"),
        ({"y": [[0, 1]] * 4}, r"target of 2 number\(s\) for 1 output\(s\)"),
        ({"y": XOR, "loss": hinge}, r"hinge: the target 0\.0 is not -1 or 1"),
        ({"y": XOR, "loss": cross_entropy}, "one output makes no classes"),
        ({"loss": lambda outputs, targets: 1.0}, r"the loss returned 1\.0"),
        ({"X": 5}, "X is 5; give a list of samples"),
        ({"y": None}, "y is None; give a list of one target"),
        ({"loss": "hinge"}, "loss='hinge'; give a function"),
        ({"optimizer": SGD}, "make one: SGD"),
        ({"X": (row for row in X)}, "X is <generator .* give a list of samples"),
        ({"validation": (X,)}, r"validation is no pair; give samples and their targets"),
        ({"validation": 3}, r"validation is no pair"),
        ({"callbacks": print}, r"callbacks=<built-in function print>; give a list"),
        ({"callbacks": [3]}, r"callbacks=\[3\]; give a list of functions"),
        ({"epochs": 2.0}, r"epochs=2\.0"),
        ({"batch_size": True}, "batch_size=True"),
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"patience": -1}, "patience=-1"),
        ({"validation": ([[1.0]], [1])}, r"validation: samples of 1 number"),
        ({"validation": (X, [0, 1, 1, 5])}, r"the target 5\.0 is not 0 or 1"),
        ({"optimizer": SGD([Value(1.0)], lr=1.0)}, "none of the model's parameters"),
    ],
)
def test_what_does_not_fit_is_refused_before_training(
    options: dict[str, Any], message: str
) -> None:
    model = MLP([2, 4, 1], "tanh", seed=1)
    before = model.state_dict()
    chosen: dict[str, Any] = {
        "X": X, "y": XOR, "loss": binary_cross_entropy_with_logits,
        "optimizer": SGD(model.parameters(), lr=0.5), "progress": False,
    }  # fmt: skip
    with pytest.raises(UsageError, match=message):
        fit(model, **chosen | options)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "no loss and no optimizer"),
        ({"loss": hinge}, "no optimizer"),
        ({"optimizer": SGD([Value(1.0)], lr=1.0)}, "no loss"),
    ],
)
def test_what_is_missing_is_said_with_an_example(given: dict[str, Any], missing: str) -> None:
    model = MLP([2, 1])
    with pytest.raises(UsageError, match=rf"fit: {missing}; give both, as in fit\(model, X, y, lo"):
        fit(model, X, XOR, **given)


def test_loss_and_optimizer_need_no_names() -> None:
    model = MLP([2, 4, 1], "tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=0.5)
    options: Any = {"epochs": 5, "batch_size": 2, "progress": False}
    history = fit(model, X, XOR, binary_cross_entropy_with_logits, optimizer, **options)
    assert history.losses == trained()[1].losses


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, None])
def test_the_loss_of_an_epoch_is_the_average_over_samples(batch_size: int | None) -> None:
    rows, targets = [*X, [5.0, -3.0]], [*XOR, 1]
    model = MLP([2, 4, 1], "tanh", seed=1)
    expected = squared_error([model.outputs_for(row) for row in rows], targets).data
    history = fit(
        model, rows, targets, squared_error, SGD(model.parameters(), lr=1e-300),
        epochs=3, batch_size=batch_size, progress=False, validation=(rows, targets),
    )  # fmt: skip
    assert history.losses == pytest.approx([expected] * 3, rel=1e-12)
    assert history.validation_losses == pytest.approx([expected] * 3, rel=1e-12)


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_frozen_layer_neither_moves_nor_has_a_gradient(interrupted: bool) -> None:
    model = MLP([2, 4, 3, 1], "tanh", seed=1)
    first, second, last = model.layers
    before = [layer.state_dict() for layer in model.layers]
    squared_error(model([1.0, 2.0]), 5.0).backward()
    for learned in ([*second.parameters()], [*first.parameters(), *last.parameters()]):
        fit(
            model, X, XOR, squared_error, SGD(learned, lr=0.1, momentum=0.5, weight_decay=0.1),
            epochs=3, batch_size=2, progress=False,
            callbacks=[interrupt(2)] if interrupted else [],
        )  # fmt: skip
        for p in model.parameters():
            assert p.has_grad == (p in learned)
        moved = [
            layer.state_dict() != state for layer, state in zip(model.layers, before, strict=True)
        ]
        assert moved == [layer.neurons[0].b in learned for layer in model.layers]
        before = [layer.state_dict() for layer in model.layers]


def test_what_is_frozen_has_no_gradient_after_a_training_that_fails() -> None:
    model = MLP([2, 2, 1], "tanh", seed=1)
    optimizer = SGD(model.layers[1].parameters(), lr=0.5)
    with pytest.raises(DomainError):
        fit(model, X, XOR, diverging(model, 3, lambda loss: loss * NAN), optimizer, progress=False)
    assert not any(p.has_grad for p in model.layers[0].parameters())


def test_only_a_model_is_trained_and_only_while_recording() -> None:
    model: Any = MLP([2, 1])
    options: Any = {"loss": squared_error, "optimizer": SGD(model.parameters(), lr=0.1)}
    nothing: Any = 5
    with pytest.raises(UsageError, match="5 is not a Module"):
        fit(nothing, X, XOR, **options)
    with no_grad(), pytest.raises(UsageError, match="train outside of no_grad"):
        fit(model, X, XOR, progress=False, **options)


def test_a_model_must_return_values() -> None:
    class Numbers(Neuron):
        """A neuron that forgets what it computed its output from."""

        def __call__(self, x: Any) -> Any:
            """Return a plain number."""
            return super().__call__(x).data

    model = Numbers(2)
    with pytest.raises(UsageError, match=r"Numbers returned .*; it must return a Value or a list"):
        fit(model, X, XOR, loss=squared_error, optimizer=SGD(model.parameters(), lr=0.1))


def test_a_label_out_of_range_names_the_classes() -> None:
    model = MLP([2, 3])
    with pytest.raises(UsageError, match=r"target 3\.0 is not a class; 3 outputs .* \(sample 1"):
        fit(model, X, [0, 3, 1, 2], loss=cross_entropy, optimizer=Adam(model.parameters()))


def test_a_text_among_the_numbers_is_refused() -> None:
    model = MLP([2, 1])
    with pytest.raises(TypeError, match=r"X\[1\]\[0\] is 'a'; turn it into a number"):
        fit(model, [[1, 2], ["a", 2]], [0, 1], loss=hinge, optimizer=Adam(model.parameters()))
    with pytest.raises(TypeError, match=r"y\[0\] is 'cat'; .* \(classes are 0, 1, …\)"):
        fit(model, X[:2], ["cat", "dog"], loss=hinge, optimizer=Adam(model.parameters()))


@pytest.mark.parametrize("rate", [0, -0.1, NAN, math.inf, True, "fast", lambda step: -1.0])
def test_a_learning_rate_must_be_positive(rate: Any) -> None:
    for optimizer in (SGD, Adam):
        with pytest.raises(
            UsageError, match=r"the learning rate of step 0 is .*; it must be a pos"
        ):
            optimizer([Value(1.0)], lr=rate)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda w: SGD([], lr=1.0), "no parameters to learn"),
        (lambda w: SGD(untyped(MLP([1, 1])), lr=1.0), "give model.parameters"),
        (lambda w: SGD([w, w], lr=1.0), "a parameter is given twice"),
        (
            lambda w: SGD([w], lr=1.0, momentum=1.0),
            r"momentum=1\.0; it must be at least 0 and less",
        ),
        (lambda w: SGD([w], lr=1.0, weight_decay=-1), "weight_decay=-1; it must be at least 0"),
        (lambda w: Adam([w], betas=(0.9, 1.5)), r"betas\[1\]=1\.5"),
        (lambda w: Adam([w], eps=NAN), "eps=nan"),
        (lambda w: linear_decay(0.0, 1.0, 5), "learning rates are positive"),
        (lambda w: exponential_decay(1.0, 0.0, 5), "learning rates are positive"),
        (lambda w: cosine_decay(1.0, 0.1, 0), "and steps too"),
    ],
)
def test_options_that_make_no_sense_are_refused(make: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make(Value(1.0))


def test_the_learning_rate_follows_the_step() -> None:
    w = Value(0.0)
    optimizer = SGD([w], lr=lambda step: 1.0 / (step + 1))
    for _ in range(3):
        w.grad = -1.0
        optimizer.step()
    assert w.data == pytest.approx(1 + 1 / 2 + 1 / 3)
    assert optimizer.steps == 3


def test_a_schedule_is_asked_for_each_step_when_it_comes() -> None:
    model, asked = MLP([2, 1], seed=1), []

    def rate(step: int) -> float:
        asked.append(step)
        return 0.01

    optimizer = SGD(model.parameters(), lr=rate)
    stop = [lambda history: len(history.losses) == 2]
    options: Any = {"epochs": 10**6, "batch_size": 2, "progress": False, "callbacks": stop}
    fit(model, X, XOR, squared_error, optimizer, **options)
    assert len(asked) < 10
    assert max(asked) == 2 * 10**6 - 1
    assert optimizer.steps == 4


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf, "fast"])
def test_a_rate_that_goes_wrong_in_between_leaves_whole_steps(bad: Any) -> None:
    model = MLP([2, 3, 1], "tanh", seed=1)
    states = [model.state_dict()]
    optimizer = SGD(model.parameters(), lr=lambda step: bad if step == 3 else 0.1, momentum=0.5)
    with pytest.raises(UsageError, match=r"the learning rate of step 3 is .*; it must be a pos"):
        fit(
            model, X, XOR, squared_error, optimizer, epochs=7, progress=False,
            callbacks=[lambda history: states.append(model.state_dict())],
        )  # fmt: skip
    assert len(states) == 4
    assert model.state_dict() == states[-1] != states[0]
    assert optimizer.steps == 3


DECAYS = [linear_decay(1.0, 0.1, 90), cosine_decay(0.5, 0.0, 7), exponential_decay(1.0, 0.01, 10)]


@pytest.mark.parametrize("decay", DECAYS, ids=repr)
def test_a_decay_is_pickled_compared_and_printed(decay: Any) -> None:
    again = pickle.loads(pickle.dumps(decay))
    assert again == decay == eval(repr(decay))
    assert [again(step) for step in range(100)] == [decay(step) for step in range(100)]
    optimizer = Adam(MLP([2, 1]).parameters(), lr=decay)
    copy = pickle.loads(pickle.dumps(optimizer))
    assert repr(copy) == repr(optimizer) == f"Adam(3 parameters, lr={decay!r})"
    assert decay(0) == decay.start
    assert decay(decay.steps) == pytest.approx(decay.end)
    assert decay(10 * decay.steps) == decay(decay.steps)


def test_numpy_numbers_make_a_decay_of_pythons() -> None:
    made = untyped(cosine_decay)(numpy.float32(0.5), numpy.int64(0), numpy.int64(7))
    assert made == cosine_decay(0.5, 0.0, 7)
    assert [type(x) for x in (made.start, made.end, made.steps, made(3))] == [
        float,
        float,
        int,
        float,
    ]


def test_a_schedule_is_checked_at_its_end_before_training() -> None:
    model = MLP([2, 1])
    before = model.state_dict()
    optimizer = SGD(model.parameters(), lr=lambda step: 1.0 - step / 5)
    with pytest.raises(UsageError, match=r"the learning rate of step 6 is -0\.19"):
        fit(model, X, XOR, loss=squared_error, optimizer=optimizer, epochs=7, progress=False)
    assert model.state_dict() == before
    fit(model, X, XOR, loss=squared_error, optimizer=optimizer, epochs=6, progress=False)
    assert model.state_dict() != before


def test_a_parameter_without_a_gradient_stays() -> None:
    w = Value(2.0)
    for optimizer in (SGD([w], lr=0.1, weight_decay=1.0), Adam([w])):
        optimizer.step()
    assert w.data == 2.0


def diverging(model: MLP, after: int, wrong: Any) -> Any:
    """Return a loss that goes wrong after so many batches."""
    calls = iter(range(1000))

    def loss(outputs: Any, targets: Any) -> Value:
        usual = binary_cross_entropy_with_logits(outputs, targets)
        return wrong(usual) if next(calls) > after else usual  # the rehearsal is call 0

    return loss


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda loss: loss * NAN, "the loss is nan"),
        (lambda loss: loss * math.inf, "the loss is inf"),
        (lambda loss: (loss * 0).log(), r"the loss has no value: log at x = 0\.0"),
    ],
)
def test_a_loss_gone_wrong_stops_and_keeps_the_last_good_parameters(wrong: Any, said: str) -> None:
    model = MLP([2, 4, 1], "tanh", seed=1)
    states = [model.state_dict()]

    class Recorded(SGD):
        """An optimizer that keeps the parameters after each step."""

        def step(self) -> None:
            """Move every parameter once."""
            super().step()
            states.append(model.state_dict())

    optimizer = Recorded(model.parameters(), lr=0.5)
    with pytest.raises(DomainError, match=rf"fit stopped in epoch 2, batch 2: {said}.*below 0\.5"):
        fit(
            model, X, XOR, loss=diverging(model, 3, wrong), optimizer=optimizer,
            epochs=5, batch_size=2, progress=False, engine="eager",
        )  # fmt: skip
    assert len(states) == 4
    assert model.state_dict() == states[-2]  # where the loss was last known to be finite


def test_a_step_too_far_is_taken_back() -> None:
    model = MLP([1, 1])
    before = model.state_dict()
    with pytest.raises(DomainError, match="epoch 1, batch 1: the parameters are not finite"):
        fit(
            model, [[1.0]], [0.0], loss=lambda a, y: a[0][0] * 1e300,
            optimizer=SGD(model.parameters(), lr=1e9), progress=False,
        )  # fmt: skip
    assert model.state_dict() == before


def test_a_diverging_training_is_stopped() -> None:
    model = MLP([1, 1], seed=1)
    with pytest.raises(DomainError, match=r"fit stopped in epoch \d+, batch 1"):
        fit(
            model, [[1.0], [20.0]], [0.0, 1.0], loss=squared_error,
            optimizer=SGD(model.parameters(), lr=10.0), epochs=1000, progress=False,
        )  # fmt: skip
    assert all(math.isfinite(p.data) for p in model.parameters())
    assert all(math.isfinite(a) for a in predict(model, [[1.0]]))


def interrupt(epoch: int) -> Any:
    def callback(history: History) -> None:
        if len(history.losses) == epoch:
            raise KeyboardInterrupt

    return callback


def test_ctrl_c_returns_what_was_learned_so_far() -> None:
    model, history = trained(epochs=50, callbacks=[interrupt(3)])
    expected, _ = trained(epochs=3)
    assert (len(history.losses), history.stopped) == (3, "interrupted")
    assert "interrupted" in repr(history)
    assert model.state_dict() == expected.state_dict()


def test_ctrl_c_within_a_step_takes_that_step_back() -> None:
    model = MLP([2, 4, 1], "tanh", seed=1)

    class Interrupted(SGD):
        """An optimizer that is interrupted in the midst of its fourth step."""

        def direction(self, i: int, slope: float) -> float:
            """Return the velocity of parameter number i."""
            if self.steps == 4 and i == 5:
                raise KeyboardInterrupt
            return super().direction(i, slope)

    optimizer: Optimizer = Interrupted(model.parameters(), lr=0.5)
    history = fit(
        model, X, XOR, loss=binary_cross_entropy_with_logits, optimizer=optimizer,
        epochs=5, batch_size=4, progress=False,
    )  # fmt: skip
    expected, _ = trained(epochs=3, batch_size=4, engine="eager")  # which has such a step
    assert (len(history.losses), history.stopped) == (3, "interrupted")
    assert model.state_dict() == expected.state_dict()


def test_early_stopping_goes_back_to_the_best_epoch() -> None:
    model = MLP([2, 8, 1], "tanh", seed=0)
    states: list[Any] = []
    rng = Random(0)
    train = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(12)]
    held_out = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(12)]
    noise = [rng.randrange(2) for _ in train]  # nothing to learn, so that it soon gets worse
    history = fit(
        model, train, noise, loss=binary_cross_entropy_with_logits, epochs=500, patience=5,
        optimizer=Adam(model.parameters(), lr=0.05), validation=(held_out, noise),
        callbacks=[lambda history: states.append(model.state_dict())], progress=False,
    )  # fmt: skip
    assert history.stopped == "early"
    assert repr(history).endswith("; stopped early")
    assert len(history.losses) == len(history.validation_losses) == history.best_epoch + 5
    assert history.validation_losses[history.best_epoch - 1] == min(history.validation_losses)
    assert model.state_dict() == states[history.best_epoch - 1] != states[-1]


def test_a_callback_stops_by_returning_true() -> None:
    for true in (True, numpy.True_):
        callbacks = [lambda h, true=true: true if len(h.losses) == 4 else None, lambda h: "no"]
        _, history = trained(epochs=50, callbacks=callbacks)
        assert (len(history.losses), history.stopped) == (4, "callback")


def test_the_progress_bar_shows_epoch_and_loss(capsys: pytest.CaptureFixture[str]) -> None:
    _, history = trained(progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "epoch 5/5: 100%" in shown.err
    assert f"loss={history.losses[-1]:.4f}" in shown.err
    trained(progress=False)
    assert capsys.readouterr().err == ""


def test_predictions_and_classes() -> None:
    model = MLP([1, 3])
    model.load_state_dict({"0.weight": [[1.0], [0.0], [-1.0]], "0.bias": [0.0, 0.5, 0.0]})
    assert predict(model, [[2.0], [-1.0]]) == [[2.0, 0.5, -2.0], [-1.0, 0.5, 1.0]]
    assert predict_classes(model, [[2.0], [0.0], [-1.0]]) == [0, 1, 2]
    assert accuracy(model, [[2.0], [-1.0]], [[1, 0, 0], [0, 1, 0]]) == 0.5
    with pytest.raises(UsageError, match=r"y\[1\] is 3\.0, not one of the classes 0 to 2"):
        accuracy(model, [[2.0], [-1.0]], [0, 3])
    with pytest.raises(UsageError, match=r"y\[0\] has 2 numbers for 3 output\(s\)"):
        accuracy(model, [[2.0], [-1.0]], [[1, 0], [0, 1]])
    unit = Neuron(1)
    assert predict(unit, [[0.0]]) == [0.0]
    with pytest.raises(UsageError, match="predict: samples of 2 number"):
        predict(unit, [[0.0, 1.0]])


def test_sample_gradients_are_shown_beside_their_average() -> None:
    model = MLP([2, 1])
    found = per_sample_gradients(model, X * 2, XOR * 2, squared_error)
    assert len(found[2:4]) == 2
    heading = str(found).splitlines()[0].split()
    assert " ".join(heading) == "sample 0 sample 1 sample 2 sample 3 sample 4 … average"


def test_probabilities_train_like_logits() -> None:
    logits, _ = trained(epochs=3)
    model = MLP([2, 4, 1], "tanh", "sigmoid", seed=1)
    fit(
        model, X, XOR, loss=binary_cross_entropy, optimizer=SGD(model.parameters(), lr=0.5),
        epochs=3, batch_size=2, progress=False,
    )  # fmt: skip
    for p, q in zip(model.parameters(), logits.parameters(), strict=True):
        assert p.data == pytest.approx(q.data, rel=1e-12)
