"""Models in files that any program can read: safetensors, never pickle."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograd import UsageError
from nn.activations import ACTIVATIONS
from nn.extras import extra
from nn.module import Module
from nn.modules import MLP, Layer, Neuron, Sequential

__all__ = ["load", "save"]

_ARCHITECTURE = "chainrule"
"""The key of the file's metadata under which the layers are described."""


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write the parameters to a safetensors file, in names and shapes as ``torch.nn`` has them.

    The layers and their activations go along as metadata, for `load`. The numbers are 64-bit
    floats, so that they come back bit for bit. In PyTorch, with a Linear and an activation for
    each layer::

        model = torch.nn.Sequential(Linear(2, 16), ReLU(), Linear(16, 1))
        model.load_state_dict(safetensors.torch.load_file("model.safetensors"))

    Raises `UsageError` if the file cannot be written; what was there before is then unharmed.
    """
    numpy, safetensors = extra("numpy", "save"), extra("safetensors.numpy", "save")
    target = Path(path)
    tensors = {name: numpy.array(numbers) for name, numbers in model.state_dict().items()}
    described = _description(model)
    metadata = {"format": "pt"} | ({_ARCHITECTURE: json.dumps(described)} if described else {})
    data = safetensors.save(tensors, metadata=metadata)
    partial = target.parent / f"{target.name}.part"
    try:
        partial.write_bytes(data)  # a disk that fills up must not leave half a model
        partial.replace(target)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise UsageError(f"save: cannot write {target} ({error.strerror})") from None


def load(path: str | os.PathLike[str], model: Module | None = None) -> Any:
    """Return the model that `save` wrote; or put a file's numbers into the model that is given.

    A file from elsewhere, such as PyTorch's, has no description of its layers: give the model.

    Raises `UsageError` if the file cannot be read, or holds tensors of other names or shapes.

    >>> from tempfile import TemporaryDirectory
    >>> model = MLP([2, 3, 1], "tanh")
    >>> with TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/model.safetensors")
    ...     again = load(f"{folder}/model.safetensors")
    >>> again.state_dict() == model.state_dict(), again.layers[0].activation
    (True, 'tanh')
    """
    safetensors = extra("safetensors", "load")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            metadata, names = file.metadata() or {}, list(file.keys())
            state = {name: file.get_tensor(name) for name in names}
    except (OSError, TypeError, safetensors.SafetensorError) as error:
        raise UsageError(f"load: cannot read {path} ({error})") from None
    if model is None:
        if _ARCHITECTURE not in metadata:
            raise UsageError(
                f"load: {path} does not describe its layers; build the model and give it, "
                "as in load(path, model)"
            )
        try:
            model = _built(json.loads(metadata[_ARCHITECTURE]))
        except (LookupError, TypeError, ValueError) as error:
            raise UsageError(
                f"load: the description of the layers in {path} makes no sense ({error}); build "
                "the model and give it, as in load(path, model)"
            ) from None
    try:
        model.load_state_dict(state)
    except UsageError as error:
        raise UsageError(f"load: {path} does not fit the model; {error}") from None
    return model


def _description(model: Module) -> dict[str, Any] | None:
    """Return what it takes to build the model again, None if a part of it has no name."""
    layers = getattr(model, "layers", [model])
    known = type(model) in (MLP, Sequential, Layer, Neuron)
    if not known or not all(layer.activation in ACTIVATIONS for layer in layers):
        return None
    sizes = [[layer.inputs, layer.outputs, layer.activation] for layer in layers]
    return {"model": type(model).__name__, "layers": sizes}


def _built(description: dict[str, Any]) -> Module:
    """Return a model of a description, its numbers still to be filled in."""
    layers = description["layers"]
    inputs, outputs, activation = layers[0]
    match description["model"]:
        case "Neuron":
            return Neuron(inputs, activation)
        case "Layer":
            return Layer(inputs, outputs, activation)
        case "MLP":
            widths = [inputs, *[outputs for _, outputs, _ in layers]]
            return MLP(widths, activation, output=layers[-1][2])
        case "Sequential":
            return Sequential(*[Layer(*layer) for layer in layers])
        case other:
            raise UsageError(f"there is no model {other!r}")
