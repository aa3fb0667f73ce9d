"""Models in files that any program can read: safetensors, never pickle.

A file is not believed. What it says of its layers is compared with the shapes of its tensors, and
these with the length of the file, before anything is built, so that no file takes more memory
than numbers as many as it holds.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from typing import Any, TypeAlias

from autograd import UsageError
from autograd.tools.files import PathName, path_named, write
from autograd.tools.optional import optional
from autograd.tools.text import excerpt
from nn.activations import ACTIVATIONS
from nn.module import Module, check_shapes
from nn.modules import MLP, Layer, Neuron, Sequential
from nn.tensors import shape

__all__ = ["load", "save"]

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
"""The shape of every tensor of a file, under its name."""

_SUFFIX = ".safetensors"

_ARCHITECTURE = "chainrule"
"""The key of the file's metadata under which the layers are described."""

_NUMBERS = ("F64", "F32", "F16")
"""The kinds of number that a Python float holds to the last bit."""

_HEADER = 10_000_000
"""The bytes that a file's table of tensors may have: enough for 100,000 of them."""

_DESCRIPTION = 1000
"""The characters that a description may have for each tensor."""

_PARAMETERS = 10_000_000
"""How many parameters a model may have that is built because a file says so."""


def save(model: Module, path: PathName) -> None:
    """Write the parameters to a safetensors file, in names and shapes as ``torch.nn`` has them.

    The layers and their activations go along as metadata, for `load`. The numbers are 64-bit
    floats, so that they come back bit for bit, NaN and infinities too. In PyTorch, with a Linear
    and an activation for each layer::

        model = torch.nn.Sequential(Linear(2, 16), ReLU(), Linear(16, 1))
        model.load_state_dict(safetensors.torch.load_file("model.safetensors"))

    Raises `UsageError` if the name does not end in ``.safetensors``, or the file cannot be
    written; what was there before is then unharmed.

    Source of the format: https://huggingface.co/docs/safetensors.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(MLP([2, 3, 1], "tanh"), Path(folder, "model.safetensors"))
    ...     Path(folder, "model.safetensors").stat().st_size > 13 * 8
    True
    """
    numpy = optional("numpy", "save", "nn")
    safetensors = optional("safetensors.numpy", "save", "nn")
    if not isinstance(model, Module):
        raise UsageError(f"save: a {type(model).__name__} is not a Module; give the model first")
    name = path_named(path, "save")
    stem, suffix = os.path.splitext(os.path.basename(name))
    if suffix.lower() != _SUFFIX:
        remedy = f"call it {excerpt(stem).strip('.') or 'model'}{_SUFFIX}, which PyTorch reads"
        raise UsageError(f"save: cannot write {excerpt(name)}: a model is safetensors; {remedy}")
    numbers = model.state_dict()
    _check_tensors(numbers)
    tensors = {key: numpy.array(rows) for key, rows in numbers.items()}
    described = _description(model)
    metadata = {"format": "pt"} | ({_ARCHITECTURE: json.dumps(described)} if described else {})
    write(name, safetensors.save(tensors, metadata=metadata), "save")


def load(path: PathName, model: Module | None = None) -> Any:
    """Return the model that `save` wrote; or put a file's numbers into the model that is given.

    A file from elsewhere, such as PyTorch's, has no description of its layers: give the model.

    Raises `UsageError`, and changes nothing, if the file cannot be read, holds tensors of other
    names or shapes, or numbers that are not floats of 16, 32 or 64 bits.

    >>> from tempfile import TemporaryDirectory
    >>> model = MLP([2, 3, 1], "tanh")
    >>> with TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/model.safetensors")
    ...     again = load(f"{folder}/model.safetensors")
    >>> again.state_dict() == model.state_dict(), again.layers[0].activation
    (True, 'tanh')
    """
    if not isinstance(model, Module | None):
        raise UsageError(f"load: a {type(model).__name__} is not a Module; give a model")
    name = path_named(path, "load")
    with _opened(name) as file:
        keys = file.keys()
        shapes = {key: tuple(file.get_slice(key).get_shape()) for key in keys}
        if model is None:
            model = _described(file.metadata() or {}, shapes, excerpt(name))
        try:
            check_shapes(model, shapes)
            _check_kinds({key: file.get_slice(key).get_dtype() for key in keys})
            model.load_state_dict({key: file.get_tensor(key) for key in keys})
        except UsageError as error:
            raise UsageError(f"load: {excerpt(name)} does not fit the model; {error}") from None
    return model


def _check_tensors(tensors: Mapping[str, Any]) -> None:
    """Refuse names and shapes that no file can hold."""
    for key, rows in tensors.items():
        if key == "__metadata__" or key.encode("utf-8", "ignore").decode() != key:
            raise UsageError(f"save: no tensor can be called {key!r}; rename the attribute")
        try:
            shape(rows)
        except UsageError as error:
            raise UsageError(f"save: {key} is no tensor, but {error}; give it one shape") from None


def _check_kinds(kinds: Mapping[str, str]) -> None:
    """Refuse numbers that are not floats, and floats that NumPy has not."""
    for key, kind in kinds.items():
        if kind not in _NUMBERS:
            raise UsageError(
                f"{key} holds {kind}, and {', '.join(_NUMBERS)} are read; in PyTorch, save it "
                "after model.double()"
            )


@contextmanager
def _opened(name: str) -> Iterator[Any]:
    """Open a file of tensors, once a look at its beginning has shown that it can be one.

    Whatever cannot be read in it, then or later, is a `UsageError`.
    """
    optional("numpy", "load", "nn")
    safetensors = optional("safetensors", "load", "nn")
    try:
        _check_beginning(name)
        with safetensors.safe_open(name, framework="numpy") as file:
            yield file
    except (OSError, safetensors.SafetensorError) as error:
        said = excerpt(getattr(error, "strerror", None) or str(error))
        raise UsageError(
            f"load: cannot read {excerpt(name)} ({said}); give a file that save wrote"
        ) from None


def _check_beginning(name: str) -> None:
    """Refuse what cannot be safetensors, which begins with the length of its table of tensors."""
    if not stat.S_ISREG(os.stat(name).st_mode):  # a pipe would be waited for
        raise UsageError(f"load: cannot read {excerpt(name)}: it is not a file; give one")
    with open(name, "rb") as file:
        beginning = file.read(8)
    if int.from_bytes(beginning, "little") <= _HEADER:
        return
    reason = "it is not safetensors, or has too many tensors; give a file that save wrote"
    if beginning.startswith((b"PK\x03\x04", b"\x80")):
        reason = (
            "it is a pickle, as torch.save writes, which could run any program; in PyTorch, write "
            "the state_dict() with safetensors.torch.save_file"
        )
    raise UsageError(f"load: cannot read {excerpt(name)}: {reason}")


def _described(metadata: Mapping[str, str], shapes: Shapes, name: str) -> Module:
    """Return a model as the metadata describe it, its numbers still to be filled in."""
    remedy = "build the model and give it, as in load(path, model)"
    text = metadata.get(_ARCHITECTURE)
    if text is None:
        raise UsageError(f"load: {name} does not describe its layers; {remedy}")
    try:
        if len(text) > _DESCRIPTION * len(shapes):
            raise UsageError("it is longer than its layers need")
        return _built(json.loads(text), shapes)
    except (ValueError, RecursionError) as error:
        said = f"makes no sense ({excerpt(str(error))})"
        raise UsageError(
            f"load: the description of the layers in {name} {said}; {remedy}"
        ) from None


def _built(description: Any, shapes: Shapes) -> Module:
    """Return a model of a description, after a look at how large it would become."""
    match description:
        case {"model": str(kind), "layers": [_, *_] as layers} if all(map(_is_layer, layers)):
            claimed = sum((inputs + 1) * outputs for inputs, outputs, _ in layers)
        case _:
            raise UsageError("it has no model, or no layers")
    if claimed != sum(map(prod, shapes.values())):
        raise UsageError("it has another number of parameters than the file")
    if claimed > _PARAMETERS:
        raise UsageError(f"it has more than {_PARAMETERS} parameters")
    model = _model(kind, layers)
    if _description(model) != {"model": kind, "layers": layers}:
        raise UsageError(f"there is no {kind} of these layers")
    return model


def _is_layer(x: Any) -> bool:
    match x:
        case [int(inputs), int(outputs), str()]:
            return inputs > 0 and outputs > 0
    return False


def _model(kind: str, layers: list[Any]) -> Module:
    inputs, outputs, activation = layers[0]
    match kind:
        case "Neuron":
            return Neuron(inputs, activation)
        case "Layer":
            return Layer(inputs, outputs, activation)
        case "MLP":
            widths = [inputs, *[outputs for _, outputs, _ in layers]]
            return MLP(widths, activation, output=layers[-1][2])
        case "Sequential":
            return Sequential(*[Layer(*layer) for layer in layers])
    raise UsageError(f"there is no model {kind!r}")


def _description(model: Module) -> dict[str, Any] | None:
    """Return what it takes to build the model again, None if a part of it has no name."""
    layers = getattr(model, "layers", [model])
    known = type(model) in (MLP, Sequential, Layer, Neuron)
    if not known or not all(layer.activation in ACTIVATIONS for layer in layers):
        return None
    sizes = [[layer.inputs, layer.outputs, layer.activation] for layer in layers]
    return {"model": type(model).__name__, "layers": sizes}
