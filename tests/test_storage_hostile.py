"""A file of a model is not believed: what is wrong with it is said in one sentence."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from math import inf, isnan, nan
from pathlib import Path
from random import Random
from typing import Any

import numpy
import pytest
from safetensors.numpy import save as serialized

import autograd
import nn
from autograd import UsageError, Value
from autograd.rule import RULES
from nn import MLP, Layer, Module, Neuron, Sequential, load, save
from nn.activations import ACTIVATIONS

ROOT = Path(autograd.__file__).parent.parent


def refused(path: Any, model: Module | None = None, says: str = "load") -> str:
    """Return the one sentence with which a file is refused; the model stays as it was."""
    before = repr(model.state_dict()) if model else None
    with pytest.raises(UsageError, match=says) as caught:
        load(path, model)
    said = str(caught.value)
    assert said.startswith("load: ")
    assert said.isprintable()
    assert ";" in said, "there is no remedy"
    assert len(said) < 1000
    assert before is None or repr(model.state_dict()) == before  # type: ignore[union-attr]
    return said


def written(folder: Path, header: Any, data: bytes = b"", length: int | None = None) -> Path:
    """Write a file of a header, given as JSON or as it is, and of the numbers of its tensors."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)
    return path


def described(folder: Path, description: Any, model: Module | None = None) -> Path:
    """Write a file of a model, or of one with a single weight, with another description."""
    state = (model or Neuron(1, seed=3)).state_dict()
    tensors = {name: numpy.array(numbers) for name, numbers in state.items()}
    text = description if isinstance(description, str) else json.dumps(description)
    path = folder / "model.safetensors"
    path.write_bytes(serialized(tensors, metadata={"chainrule": text}))
    return path


def neuron_of(kind: str, size: int) -> tuple[dict[str, Any], bytes]:
    """Return header and data of a Neuron(1) whose numbers are of some kind."""
    metadata = {"chainrule": '{"model": "Neuron", "layers": [[1, 1, "linear"]]}'}
    weight = {"dtype": kind, "shape": [1, 1], "data_offsets": [0, size]}
    bias = {"dtype": kind, "shape": [1], "data_offsets": [size, 2 * size]}
    return {"__metadata__": metadata, "weight": weight, "bias": bias}, bytes(2 * size)


# What a description claims


@pytest.mark.parametrize(
    "layers",
    [
        [[100_000, 100_000, "tanh"]],
        [[1, 10**18, "tanh"]],
        [[10**4000, 10**4000, "tanh"]],
        [[1, 1, "tanh"]] * 100_000,
        [[2, 2, "tanh"]],
        [[1, 1, "tanh"], [1, 1, "tanh"]],
        [[0, 2, "tanh"]],
        [[-2, -1, "tanh"], [2, 1, "tanh"]],
        [[3, 1, "tanh"], [-3, 1, "tanh"]],
    ],
    ids=lambda layers: repr(layers)[:40],
)
@pytest.mark.parametrize("kind", ["MLP", "Sequential", "Layer", "Neuron"])
def test_more_than_the_file_holds_is_not_built(
    kind: str, layers: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = described(tmp_path, {"model": kind, "layers": layers})
    monkeypatch.setattr("nn.modules.Neuron.__init__", lambda *_, **__: pytest.fail("it is built"))
    refused(path, says="description of the layers in .* makes no sense")


def test_a_claim_takes_no_memory(tmp_path: Path) -> None:
    """A process of little memory refuses 300 bytes that claim ten thousand million weights."""
    pytest.importorskip("resource")
    path = described(tmp_path, {"model": "MLP", "layers": [[100_000, 100_000, "tanh"]]})
    assert path.stat().st_size < 400
    limit = 1 << 30
    program = f"""
import resource, sys
import nn
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
try: nn.load(sys.argv[1])
except ValueError as error: print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert "makes no sense (it has another number of parameters than the file)" in done.stdout


def test_a_file_of_holes_is_not_believed_either(tmp_path: Path) -> None:
    """A file may be long and take no place on the disk: what it would become is limited."""
    width, size = 100_000, 8 * (100_000 * 100_000 + 100_000)
    weight = {"dtype": "F64", "shape": [width, width], "data_offsets": [0, size - 8 * width]}
    bias = {"dtype": "F64", "shape": [width], "data_offsets": [size - 8 * width, size]}
    text = json.dumps({"model": "Layer", "layers": [[width, width, "tanh"]]})
    path = written(tmp_path, {"__metadata__": {"chainrule": text}, "weight": weight, "bias": bias})
    os.truncate(path, path.stat().st_size + size)
    refused(path, says="more than 10000000 parameters")
    refused(path, Layer(2, 1), says="weight is 100000×100000, but here it is 1×2")


@pytest.mark.parametrize(
    "description",
    [
        {"model": "MLP", "layers": [[2, 3, "relu"], [3, 3, "tanh"], [3, 1, "linear"]]},
        {"model": "MLP", "layers": [[2, 3, "relu"], [5, 1, "linear"], [1, 3, "linear"]]},
        {"model": "Neuron", "layers": [[24, 1, "relu"]]},
        {"model": "Sequential", "layers": [[24, 1, "relu"]]},
        {"model": "Layer", "layers": [[2, 3, "relu"], [3, 3, "relu"], [3, 1, "linear"]]},
    ],
    ids=repr,
)
def test_what_was_described_is_what_is_built_or_nothing(
    description: dict[str, Any], tmp_path: Path
) -> None:
    path = described(tmp_path, description, MLP([2, 3, 3, 1], "relu"))
    refused(path, says="makes no sense|does not fit the model")


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "NaN", "[]", "5", '"MLP"', "[" * 100_000, '{"a":' * 100_000, "1" * 5000,
        "[" + "[]," * 1_000_000 + "[]]", '{"model": "MLP"}', '{"model": ["MLP"], "layers": []}',
        '{"model": "Neuron", "layers": [["1", 1, "tanh"]]}',
        '{"model": "Neuron", "layers": [[1.0, 1, "tanh"]]}',
        '{"model": "Neuron", "layers": [[true, true, "tanh"]]}',
        '{"model": "Neuron", "layers": [[1, 1, null]]}',
        '{"model": "Neuron", "layers": [[1, 1, ["tanh"]]]}',
        '{"model": "Neuron", "layers": [[1, 1, "zap"]]}',
        '{"model": "Neuron", "layers": [[1, 1, "__class__"]]}',
        '{"model": "Neuron", "layers": [[1, 1, "tanh", 5]]}',
        '{"model": "Neuron", "layers": [[1, 1]]}', '{"model": "Neuron", "layers": ["abc"]}',
        '{"model": "Neuron", "layers": {"abc": 1}}', '{"model": "Neuron", "layers": "abc"}',
        '{"model": "Neuron", "layers": [{"a": 1, "b": 2, "c": 3}]}',
        '{"model": null, "layers": [[1, 1, "tanh"]]}', '{"model": {}, "layers": [[1, 1, "tanh"]]}',
        '{"model": "Conv\\n\\u001b[31m", "layers": [[1, 1, "tanh"]]}',
        '{"model": "Neuron", "layers": [[1, 1, "\\ud800"]]}',
        '{"model": "Neuron", "layers": [[1, 1, "' + "x" * 100_000 + '"]]}',
        '{"model": "Neuron", "layers": [[1, 1, "' + "x" * 1500 + '"]]}', "[" * 1900,
        "[" * 999 + "]" * 999,
    ],
    ids=lambda text: text[:50],
)  # fmt: skip
def test_a_description_of_wrong_types_is_refused(text: str, tmp_path: Path) -> None:
    path = described(tmp_path, text)
    refused(path, says="description of the layers in .*model.safetensors makes no sense")
    assert load(path, Neuron(1, seed=5)).state_dict() == Neuron(1, seed=3).state_dict()


def test_a_description_that_is_too_long_is_not_even_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = described(tmp_path, "[" + "[]," * 1_000_000 + "[]]")
    monkeypatch.setattr("json.loads", lambda _: pytest.fail("it is read"))
    refused(path, says="it is longer than its layers need")


# What a file holds


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("F8_E4M3", 1), ("F8_E5M2", 1), ("BF16", 2), ("I64", 8), ("I32", 4), ("I8", 1), ("U8", 1),
        ("BOOL", 1), ("C64", 8), ("F7", 1), ("", 1),
    ],
)  # fmt: skip
def test_numbers_that_are_no_floats_here_are_refused(kind: str, size: int, tmp_path: Path) -> None:
    path = written(tmp_path, *neuron_of(kind, size))
    for model in (None, Neuron(1)):
        said = refused(path, model)
        assert kind in said
    if kind in ("BF16", "I64"):
        assert f"holds {kind}, and F64, F32, F16 are read" in said


@pytest.mark.parametrize("kind", ["float64", "float32", "float16"])
def test_every_number_comes_back_to_the_last_bit(kind: str, tmp_path: Path) -> None:
    numbers = [0.0, -0.0, 1 / 3, -2e-5, 6e4, 2.0**-24, inf, -inf, nan]
    given = numpy.array([numbers]).astype(kind)
    path = tmp_path / "model.safetensors"
    path.write_bytes(serialized({"weight": given, "bias": numpy.zeros(1, kind)}))
    unit = load(path, Neuron(len(numbers)))
    found = [w.data for w in unit.w]
    assert [*map(repr, found)] == [*map(repr, given[0].tolist())]
    assert all(type(x) is float for x in found)


def test_nan_is_a_number_like_others(tmp_path: Path) -> None:
    unit = Neuron(2)
    unit.w[0].data = nan
    save(unit, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert isnan(again.w[0].data)
    assert isnan(again([1.0, 1.0]).data)


TENSOR = {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}

HEADERS: dict[str, tuple[Any, bytes, int | None]] = {
    "nothing": (b"", b"", None),
    "not JSON": (b"x" * 100, b"", None),
    "a list": ([], b"", None),
    "a number": (5, b"", None),
    "deep": (b'{"a":' * 200_000, b"", None),
    "longer than the file": ({}, b"", 5_000_000),
    "huge": ({}, b"", 2**40),
    "as long as can be said": ({}, b"", 2**64 - 1),
    "metadata of numbers": ({"__metadata__": {"chainrule": 5}}, b"", None),
    "metadata of lists": ({"__metadata__": ["chainrule"]}, b"", None),
    "metadata within metadata": ({"__metadata__": {"chainrule": {"model": "MLP"}}}, b"", None),
    "negative": ({"a": {**TENSOR, "shape": [-1]}}, bytes(8), None),
    "too large": ({"a": {**TENSOR, "shape": [2**40, 2**40]}}, bytes(8), None),
    "not as long as it says": ({"a": {**TENSOR, "shape": [1000]}}, bytes(8), None),
    "missing data": ({"a": TENSOR}, bytes(7), None),
    "more data": ({"a": TENSOR}, bytes(9), None),
    "a gap": ({"a": {**TENSOR, "data_offsets": [8, 16]}}, bytes(16), None),
    "overlapping": ({"a": TENSOR, "b": TENSOR}, bytes(8), None),
    "backwards": ({"a": {**TENSOR, "data_offsets": [8, 0]}}, bytes(8), None),
    "text for numbers": ({"a": {**TENSOR, "shape": ["1"]}}, bytes(8), None),
    "no shape": ({"a": {"dtype": "F64", "data_offsets": [0, 8]}}, bytes(8), None),
    "null": ({"a": None}, b"", None),
    "a name of control characters": ({"a\n\x1b[31m": TENSOR}, bytes(8), None),
    "a name that is no text": (b'{"\\ud800":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}',
                               bytes(8), None),
    "no numbers": ({"weight": {"dtype": "F64", "shape": [0, 2**50], "data_offsets": [0, 0]}},
                   b"", None),
    "many names": ({f"t{i}": {"dtype": "F64", "shape": [0], "data_offsets": [0, 0]}
                    for i in range(50_000)}, b"", None),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_makes_no_sense_is_refused(case: str, tmp_path: Path) -> None:
    path = written(tmp_path, *HEADERS[case])
    for model in (None, Neuron(1), MLP([2, 3, 1])):
        refused(path, model)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_file_that_was_damaged_is_refused_or_read(seed: int, tmp_path: Path) -> None:
    """Cut off anywhere, or with any of its bytes changed."""
    random = Random(seed)
    model = MLP([2, 2, 1], "tanh")
    path = tmp_path / "model.safetensors"
    save(model, path)
    whole = path.read_bytes()
    for length in random.sample(range(len(whole)), 40):
        path.write_bytes(whole[:length])
        refused(path)
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(random.choice([1, 1, 3, 20])):
            damaged[random.randrange(len(whole))] = random.randrange(256)
        path.write_bytes(damaged)
        try:
            load(path)
        except UsageError:
            refused(path)


# What is no file of a model


def test_what_pytorch_pickles_is_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "trapped"),)

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("model/data.pkl", pickle.dumps(Trap()))
    for name, content in {
        "model.pt": archive.getvalue(),
        "old.pt": pickle.dumps(Trap(), protocol=2),
        "model.pkl": pickle.dumps({"weight": [Trap()] * 50}),
    }.items():
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name, says=r"it is a pickle, .*safetensors\.torch\.save_file")
    (tmp_path / "older.pt").write_bytes(pickle.dumps(Trap(), protocol=0))
    refused(tmp_path / "older.pt")
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("length", [0x80, 0x280, 0x380, 0x480, 0x580, 0x4B50])
def test_a_header_whose_length_looks_like_a_pickle_is_read(length: int, tmp_path: Path) -> None:
    header, data = neuron_of("F64", 8)
    if length < 200:
        header.pop("__metadata__")
    text = json.dumps(header, separators=(",", ":")).encode()
    path = written(tmp_path, text.ljust(length), data)
    assert load(path, Neuron(1)).state_dict() == {"weight": [[0.0]], "bias": [0.0]}


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "lost.safetensors").symlink_to("nowhere")
    (tmp_path / "loop.safetensors").symlink_to("loop.safetensors")
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "text.safetensors").write_text("weights: 1 2 3\n" * 100)
    names: list[Any] = [*tmp_path.iterdir(), tmp_path, tmp_path / "text.safetensors" / "inside"]
    names += [os.fsencode(names[0]), os.devnull, "", ".", "a\0b", "\ud800", "x" * 5000, "no\n\x1b"]
    names += [1, None, b"", 2.5, io.BytesIO(), ["model.safetensors"]]
    for name in names:
        refused(name)


@pytest.mark.parametrize("model", ["model", 5, Neuron, {"weight": [1.0]}, [Neuron(1)]])
def test_what_is_no_model_is_refused(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(UsageError, match=r"save: .* is not a Module; give the model"):
        save(model, path)
    assert [*tmp_path.iterdir()] == []
    save(Neuron(1), path)
    with pytest.raises(UsageError, match=r"load: .* is not a Module; give a model"):
        load(path, model)


# What is written


@pytest.mark.parametrize(
    "name",
    [
        "m.pt", "m.pth", "m", "m.", "m.safetensor", "m.safetensors.bak", ".safetensors", "m.onnx",
        "safetensors", "m.safetensors/",
    ],
)  # fmt: skip
def test_another_suffix_is_refused_with_the_name_to_give(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"save: cannot write .*; call it \w+\.safetensors"):
        save(Neuron(1), f"{tmp_path}/{name}")
    assert [*tmp_path.iterdir()] == []


def test_the_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    neuron = Neuron(1)
    save(neuron, tmp_path / "M.SAFETENSORS")
    assert load(tmp_path / "M.SAFETENSORS").state_dict() == neuron.state_dict()


def test_what_no_file_can_hold_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    class Own(Module):
        def __init__(self, **parts: Any) -> None:
            vars(self).update(parts)

    refusals: dict[str, Any] = {
        "rows of different sizes": Own(rows=[[Value(1.0)], [Value(1.0), Value(2.0)]]),
        "no tensor can be called '__metadata__'": Own(__metadata__=Value(1.0)),
        r"no tensor can be called '\\ud800'": Own(**{"\ud800": Value(1.0)}),
    }
    for says, model in refusals.items():
        with pytest.raises(UsageError, match=f"save: .*{says}"):
            save(model, tmp_path / "model.safetensors")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linear", *(name for name in RULES if name in ACTIVATIONS)])
def test_models_of_every_activation_come_back_by_its_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    models: list[Any] = [
        Neuron(3, name), Layer(2, 3, name), MLP([2, 3, 1], name, "linear"),
        MLP([2, 3, 3, 1], name, name), Sequential(Layer(2, 2, name), Layer(2, 1, "tanh")),
    ]  # fmt: skip
    for model in models:
        save(model, path)
        assert repr(load(path)) == repr(model)
        assert load(path).state_dict() == model.state_dict()


def test_names_of_the_module_are_those_of_the_package() -> None:
    assert (nn.save, nn.load) == (save, load)
