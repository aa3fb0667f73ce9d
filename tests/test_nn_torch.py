"""Beside PyTorch: the same weights give the same losses, gradients, steps and files."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

import nn
from tests.untyped import untyped

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

ACTIVATIONS = {
    "linear": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "elu": torch.nn.ELU,
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
    "softplus": torch.nn.Softplus,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
}

F = torch.nn.functional


def hinge(outputs: Any, targets: Any) -> Any:
    return torch.clamp(1 - targets * outputs, min=0).mean()


def squared_error(outputs: Any, targets: Any) -> Any:
    return ((outputs - targets) ** 2).sum(dim=1).mean()


LOSSES: dict[str, tuple[Any, Any, str, str]] = {
    "squared_error": (nn.squared_error, squared_error, "linear", "numbers"),
    "mean_squared_error": (nn.mean_squared_error, F.mse_loss, "linear", "numbers"),
    "binary_cross_entropy": (
        nn.binary_cross_entropy, F.binary_cross_entropy, "sigmoid", "probabilities",
    ),
    "binary_cross_entropy_with_logits": (
        nn.binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits, "linear", "probabilities",
    ),
    "cross_entropy": (nn.cross_entropy, F.cross_entropy, "linear", "classes"),
    "hinge": (nn.hinge, hinge, "linear", "signs"),
}  # fmt: skip


def double(x: Any) -> Any:
    return torch.tensor(x, dtype=torch.float64)


def twins(widths: list[int], activation: str, output: str, seed: int) -> tuple[nn.MLP, Any]:
    """Return our network and PyTorch's, with the same parameters."""
    ours = nn.MLP(widths, activation=activation, output=output, seed=seed)
    rng = Random(seed)
    for p in ours.parameters():
        p.data = rng.uniform(-1, 1)
    modules: list[Any] = []
    for layer in ours.layers:
        modules.append(torch.nn.Linear(layer.inputs, layer.outputs, dtype=torch.float64))
        if layer.activation != "linear":
            modules.append(ACTIVATIONS[layer.activation]())
    theirs = torch.nn.Sequential(*modules)
    theirs.load_state_dict({name: double(x) for name, x in ours.state_dict().items()})
    return ours, theirs


def data(kind: str, samples: int, outputs: int, rng: Random) -> tuple[Any, Any]:
    X = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(samples)]
    draw = {
        "numbers": lambda: rng.gauss(0, 1),
        "probabilities": lambda: rng.choice([0.0, 1.0, 0.25]),
        "signs": lambda: rng.choice([-1.0, 1.0]),
    }
    if kind == "classes":
        return X, [rng.randrange(outputs) for _ in X]
    return X, [[draw[kind]() for _ in range(outputs)] for _ in X]


def tensors(X: Any, y: Any) -> tuple[Any, Any]:
    return double(X), torch.tensor(y) if isinstance(y[0], int) else double(y)


def gradients(ours: nn.MLP) -> dict[str, Any]:
    return {
        name: double([[p.grad for p in x] if isinstance(x, list) else x.grad for x in rows])
        for name, rows in untyped(ours.tensors()).items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_same_loss_and_gradients(loss: str, activation: str) -> None:
    own, reference, output, kind = LOSSES[loss]
    ours, theirs = twins([3, 5, 4, 3], activation, output, seed=len(loss))
    X, y = data(kind, 6, 3, Random(activation))
    mine = own([ours(x) for x in X], y)
    mine.backward()
    inputs, targets = tensors(X, y)
    expected = reference(theirs(inputs), targets)
    expected.backward()
    # PyTorch's softplus is the identity above 20, off by 2e-9
    assert mine.data == pytest.approx(expected.item(), rel=1e-9, abs=1e-12)
    found = gradients(ours)
    for name, parameter in theirs.named_parameters():
        torch.testing.assert_close(found[name], parameter.grad, rtol=1e-9, atol=1e-12)


OPTIMIZERS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "sgd": (nn.SGD, torch.optim.SGD, {"lr": 0.05}),
    "momentum": (nn.SGD, torch.optim.SGD, {"lr": 0.02, "momentum": 0.9}),
    "decay": (nn.SGD, torch.optim.SGD, {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.01}),
    "nesterov": (nn.SGD, torch.optim.SGD, {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    "nesterov with decay": (
        nn.SGD, torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.01, "nesterov": True},
    ),
    "plain": (nn.SGD, torch.optim.SGD, {}),
    "adam": (nn.Adam, torch.optim.Adam, {"lr": 0.01}),
    "adam as it is": (nn.Adam, torch.optim.Adam, {}),
    "adam with decay": (
        nn.Adam, torch.optim.Adam, {"lr": 0.03, "betas": (0.8, 0.9), "weight_decay": 0.1},
    ),
    "adamw": (nn.AdamW, torch.optim.AdamW, {"lr": 0.03, "betas": (0.8, 0.9), "weight_decay": 0.3}),
    "adamw as it is": (nn.AdamW, torch.optim.AdamW, {}),
    "adamw without decay": (nn.AdamW, torch.optim.AdamW, {"lr": 0.03, "weight_decay": 0.0}),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_stay_together(name: str) -> None:
    own, reference, options = OPTIMIZERS[name]
    ours, theirs = twins([3, 6, 3], "tanh", "linear", seed=3)
    X, y = data("classes", 10, 3, Random(0))
    inputs, targets = tensors(X, y)
    optimizer = reference(theirs.parameters(), **options)
    expected = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(theirs(inputs), targets)
        expected.append(loss.item())
        loss.backward()
        optimizer.step()
    history = nn.fit(
        ours, X, y, loss=nn.cross_entropy, optimizer=own(ours.parameters(), **options),
        epochs=50, batch_size=None, progress=False,
    )  # fmt: skip
    assert history.losses == pytest.approx(expected, rel=1e-10)
    assert history.losses[-1] < history.losses[0]
    for tensor, numbers in ours.state_dict().items():
        target = dict(theirs.state_dict())[tensor]
        torch.testing.assert_close(double(numbers), target, rtol=0, atol=1e-10)


SLOPES = {
    "steep": [3.0, -1.0, 2.0, 0.5],
    "sometimes none": [1.0, 0.0, 0.0, -2.0, 0.0],
    "none": [0.0],
    "faint": [1e-12, -1e-9, 0.0],
    "huge": [1e9, -1e6],
}


@pytest.mark.slow
@pytest.mark.parametrize("slopes", SLOPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_weight_moves_as_in_pytorch_whatever_its_slope(name: str, slopes: str) -> None:
    own, reference, options = OPTIMIZERS[name]
    ours, theirs = nn.Neuron(1).w[0], torch.nn.Parameter(double([2.0]))
    ours.data = 2.0
    optimizer, expected = own([ours], **options), reference([theirs], **options)
    for step in range(30):
        slope = SLOPES[slopes][step % len(SLOPES[slopes])]
        ours.grad, theirs.grad = slope, double([slope])
        optimizer.step()
        expected.step()
        assert ours.data == pytest.approx(theirs.item(), rel=1e-13, abs=0)
    moves = options.get("weight_decay", 0.01 if own is nn.AdamW else 0.0) > 0
    assert (ours.data != 2.0) == (moves or any(SLOPES[slopes]))


def test_a_saved_file_loads_into_torch_nn(tmp_path: Path) -> None:
    load_file = pytest.importorskip("safetensors.torch").load_file
    ours, _ = twins([3, 5, 4, 3], "relu", "linear", seed=1)
    nn.save(ours, tmp_path / "model.safetensors")
    state = load_file(tmp_path / "model.safetensors")
    modules = torch.nn
    theirs = modules.Sequential(
        modules.Linear(3, 5), modules.ReLU(), modules.Linear(5, 4), modules.ReLU(),
        modules.Linear(4, 3),
    )  # fmt: skip
    theirs.load_state_dict(state)
    x = [0.5, -1.0, 2.0]
    outputs = [a.data for a in ours(x)]
    assert theirs(torch.tensor(x)).tolist() == pytest.approx(outputs, rel=1e-5)
    theirs.double().load_state_dict(state)
    assert theirs(double(x)).tolist() == pytest.approx(outputs, rel=1e-14)


def test_what_pytorch_saved_is_loaded_here(tmp_path: Path) -> None:
    save_file = pytest.importorskip("safetensors.torch").save_file
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    save_file(theirs.state_dict(), tmp_path / "theirs.safetensors")
    ours = nn.MLP([2, 3, 1], "tanh")
    assert nn.load(tmp_path / "theirs.safetensors", ours) is ours
    expected = theirs(torch.tensor([1.0, 2.0])).item()
    assert ours([1.0, 2.0]).data == pytest.approx(expected, rel=1e-5)
    ours.load_state_dict(theirs.state_dict())
    assert ours([1.0, 2.0]).data == pytest.approx(expected, rel=1e-5)
