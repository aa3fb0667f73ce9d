"""Saved models come back bit for bit, and a file that does not fit is refused."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from autograd import UsageError
from nn import MLP, Layer, Module, Neuron, Sequential, load, save


@pytest.mark.parametrize(
    "model",
    [
        MLP([2, 5, 3, 1], "gelu", "sigmoid", seed=3),
        MLP([3, 2], output="tanh"),
        Sequential(Layer(2, 3, "linear"), Layer(3, 3, "elu"), Layer(3, 1)),
        Layer(4, 2, "softplus", seed=1),
        Neuron(3, "sigmoid", seed=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_was_learned_comes_back_bit_for_bit(model: Any, tmp_path: Path) -> None:
    for i, p in enumerate(model.parameters()):
        p.data = p.data / 3 + i * 1e-17
    path = tmp_path / "model.safetensors"
    save(model, path)
    again = load(path)
    assert type(again) is type(model)
    assert repr(again) == repr(model)
    assert again.state_dict() == model.state_dict()
    assert list(again.named_parameters()) == list(model.named_parameters())
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]


def test_the_file_says_what_is_in_it(tmp_path: Path) -> None:
    save(MLP([2, 3, 1], "relu"), tmp_path / "model.safetensors")
    with safe_open(tmp_path / "model.safetensors", framework="numpy") as file:
        assert sorted(file.keys()) == ["0.bias", "0.weight", "2.bias", "2.weight"]
        assert file.get_tensor("0.weight").shape == (3, 2)
        assert file.get_tensor("0.weight").dtype == "float64"
        described = json.loads(file.metadata()["chainrule"])
    assert described == {"model": "MLP", "layers": [[2, 3, "relu"], [3, 1, "linear"]]}


def test_a_file_of_another_shape_is_refused_with_both_shapes(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save(MLP([2, 4, 1]), path)
    model = MLP([2, 3, 1])
    before = model.state_dict()
    with pytest.raises(UsageError, match=r"does not fit the model.* 0.weight is 4×2, .* is 3×2"):
        load(path, model)
    with pytest.raises(UsageError, match=r"missing \['4.weight', '4.bias'\]"):
        load(path, MLP([2, 4, 4, 1]))
    assert model.state_dict() == before


class Own(Module):
    """A network that no file can describe."""

    def __init__(self) -> None:
        self.inner = Layer(2, 2)


def test_a_model_that_cannot_be_described_is_given(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    model = Own()
    save(model, path)
    with pytest.raises(UsageError, match="does not describe its layers; build the model and give"):
        load(path)
    again = Own()
    again.inner.neurons[0].w[0].data = 5.0
    assert load(path, again).state_dict() == model.state_dict()
    save(MLP([1, 1], output=lambda z: z * z), path)
    with pytest.raises(UsageError, match="does not describe its layers"):
        load(path)


def test_what_is_not_a_model_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="load: cannot read"):
        load(tmp_path / "missing.safetensors")
    (tmp_path / "noise").write_bytes(os.urandom(100))
    with pytest.raises(UsageError, match="load: cannot read"):
        load(tmp_path / "noise")
    path = tmp_path / "model.safetensors"
    save(MLP([2, 4, 1]), path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(UsageError, match="load: cannot read"):
        load(path)


def test_without_safetensors_the_command_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(UsageError, match=r'save needs safetensors; pip install "chainrule\[nn\]"'):
        save(MLP([1, 1]), tmp_path / "model.safetensors")


def test_a_disk_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="save: cannot write"):
        save(MLP([1, 1]), tmp_path / "missing" / "model.safetensors")
    (tmp_path / "model").mkdir()
    with pytest.raises(UsageError, match="save: cannot write"):
        save(MLP([1, 1]), tmp_path / "model")
    for path in (tmp_path / "model" / "..", "."):
        with pytest.raises(UsageError, match="save: cannot write"):
            save(MLP([1, 1]), path)
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    (tmp_path / "model" / "file").touch()
    with pytest.raises(UsageError, match="save: cannot write"):
        save(MLP([1, 1]), tmp_path / "model" / "file" / "inside")


@pytest.mark.parametrize(
    "description",
    [
        "{", "[]", "5", '{"model": "MLP"}', '{"model": "MLP", "layers": []}',
        '{"model": "MLP", "layers": [[2, 1, "zap"]]}',
        '{"model": "MLP", "layers": [[2, 0, "relu"]]}',
        '{"model": "Conv", "layers": [[2, 1, "relu"]]}', '{"layers": [[2, 1, "relu"]]}',
    ],
)  # fmt: skip
def test_a_description_that_makes_no_sense_is_refused(description: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    model = MLP([2, 1])
    tensors = {name: numpy.array(x) for name, x in model.state_dict().items()}
    save_file(tensors, path, metadata={"chainrule": description})
    with pytest.raises(UsageError, match=r"description of the layers in .*model.safetensors makes"):
        load(path)
    assert load(path, MLP([2, 1], seed=3)).state_dict() == model.state_dict()
