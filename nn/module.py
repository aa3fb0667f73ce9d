"""`Module`: anything with parameters to learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd import UsageError, Value
from autograd.tools.tables import table
from nn.tensors import Tensor, assign, listed, nested, numbers, shape, values

__all__ = ["Module", "check_shapes"]


class Module:
    """Something with parameters: the Values and Modules among its attributes, and in their lists.

    Derive from it to build what the ready-made layers cannot. Called with one sample, of shape
    (inputs), it returns a Value, or a list of them:

    >>> from nn import Layer
    >>> class Residual(Module):
    ...     def __init__(self) -> None:
    ...         self.inner = Layer(2, 2, "tanh")
    ...     def __call__(self, x):
    ...         return [x_k + a_k for x_k, a_k in zip(x, self.inner(x))]
    >>> block = Residual()
    >>> len(block.parameters()), list(block.state_dict())
    (6, ['inner.weight', 'inner.bias'])
    """

    def __call__(self, x: Any) -> Any:
        """Return the output for one sample, or a list of them if there are several."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, x); define it")

    def outputs_for(self, x: Any) -> list[Value]:
        """Return the list of outputs for one sample, be it one or several: its output layer.

        Raises `UsageError` if they are not Values.

        >>> from nn import Layer
        >>> len(Layer(2, 3).outputs_for([1.0, 2.0])), len(Layer(2, 1).outputs_for([1.0, 2.0]))
        (3, 1)
        """
        found = list(listed(nested(self(x))))
        for a in found:
            if not isinstance(a, Value):
                raise UsageError(
                    f"{type(self).__name__} returned {a!r}; "
                    "it must return a Value or a list of Values"
                )
        return found

    def tensors(self) -> dict[str, Tensor]:
        """Return the parameters as nested lists of Values, under the names of ``torch.nn``.

        >>> from nn import Layer
        >>> {name: len(tensor) for name, tensor in Layer(2, 3).tensors().items()}
        {'weight': 3, 'bias': 3}
        """
        found: dict[str, Tensor] = {}
        for name, part in self._parts():
            if isinstance(part, Module):
                found |= {f"{name}.{inner}": tensor for inner, tensor in part.tensors().items()}
            else:
                found[name] = part
        return found

    def _parts(self) -> Iterator[tuple[str, Any]]:
        """Yield the Modules and the Values among the attributes, with their names."""
        for name, attribute in vars(self).items():
            yield from _within(name, attribute)

    def parameters(self) -> list[Value]:
        """Return every parameter once, in the order of `tensors`.

        >>> from nn import MLP
        >>> len(MLP([2, 16, 1]).parameters())
        65
        """
        return list(dict.fromkeys(p for tensor in self.tensors().values() for p in values(tensor)))

    def named_parameters(self) -> dict[str, Value]:
        """Return every parameter under its label, ``w_{12}^{(2)}``, or its place if it has none.

        >>> from nn import Layer
        >>> list(Layer(2, 1).named_parameters())
        ['w_{11}^{(2)}', 'w_{12}^{(2)}', 'b_1^{(2)}']
        """
        named: dict[str, Value] = {}
        seen: set[Value] = set()
        for place, tensor in self.tensors().items():
            for i, p in enumerate(values(tensor)):
                if p not in seen:
                    seen.add(p)
                    name = f"{place}.{i}" if p.label in named or not p.label else p.label
                    while name in named:  # of another parameter, which is labelled like a place
                        name += "′"
                    named[name] = p
        return named

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero, before the next ``backward()``.

        >>> from nn import Neuron
        >>> unit = Neuron(1)
        >>> unit(2.0).backward()
        >>> unit.zero_grad()
        >>> [p.grad for p in unit.parameters()]
        [0.0, 0.0]
        """
        for p in self.parameters():
            p.grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return the numbers of the parameters: nested lists, under the names of ``torch.nn``.

        Lists need no NumPy, compare with ``==`` and can be written as JSON.

        >>> from nn import Layer
        >>> layer = Layer(1, 2)
        >>> layer.load_state_dict({"weight": [[0.5], [1.0]], "bias": [0.0, 0.25]})
        >>> layer.state_dict()
        {'weight': [[0.5], [1.0]], 'bias': [0.0, 0.25]}
        """
        return {name: numbers(tensor) for name, tensor in self.tensors().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set the parameters from what `state_dict` returned, or from PyTorch's.

        Numbers are nested lists, NumPy arrays or tensors. Raises `UsageError`, and changes
        nothing, if a name is missing or unknown or a shape is another.

        >>> from nn import Layer
        >>> layer = Layer(2, 1)
        >>> layer.load_state_dict({"weight": [[0.5, -0.5]], "bias": [0.25]})
        >>> layer([1.0, 1.0]).data
        0.25
        >>> layer.load_state_dict({"weight": [[0.5], [0.5]], "bias": [0.25]})
        Traceback (most recent call last):
        autograd.errors.UsageError: load_state_dict: weight is 2×1, but here it is 1×2
        """
        if not isinstance(state, Mapping):
            raise UsageError(f"load_state_dict: {state!r}; give what state_dict() returned")
        given = {name: nested(tensor) for name, tensor in state.items()}
        check_shapes(self, {name: shape(tensor) for name, tensor in given.items()})
        own = self.tensors()
        fresh = {name: numbers(_leaves(given[name])) for name in own}  # refuses what is no number
        for name, tensor in own.items():
            assign(tensor, fresh[name])

    def rows(self) -> list[tuple[object, ...]]:
        """Return the rows of the table that shows this module, one for each layer."""
        found: list[tuple[object, ...]] = []
        for name, part in self._parts():
            if isinstance(part, Module):
                found += part.rows()
            else:
                found.append((name, _sized(shape(part)), "", "", len([*values(part)])))
        return found

    def __repr__(self) -> str:
        headings = ("layer", "weights", "biases", "activation", "parameters")
        total = ("", "", "", "", len(self.parameters()))
        return "\n".join([self._title(), *table([headings, *self.rows(), total], "rrrlr")])

    def _title(self) -> str:
        return type(self).__name__


def check_shapes(model: Module, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse tensors that are not, by name and shape, those that a model has.

    Raises `UsageError` with the names that are missing or unknown, or with both shapes.
    """
    own = model.tensors()
    missing = [name for name in own if name not in shapes]
    unknown = [name for name in shapes if name not in own]
    if missing or unknown:
        raise UsageError(
            f"load_state_dict: missing {_listed(missing)}, unknown {_listed(unknown)}; "
            f"this {type(model).__name__} has {_listed([*own])}"
        )
    for name, tensor in own.items():
        theirs, here = _sized(shapes[name]), _sized(shape(tensor))
        if theirs != here:
            raise UsageError(f"load_state_dict: {name} is {theirs}, but here it is {here}")


def _within(name: str, x: Any) -> Iterator[tuple[str, Any]]:
    """Yield the Modules and tensors within something, in lists and dicts too, with their names."""
    if isinstance(x, Module) or _holds_values(x):
        yield name, x
    elif isinstance(x, dict | list | tuple):
        for key, part in x.items() if isinstance(x, dict) else enumerate(x):
            yield from _within(f"{name}.{key}", part)


def _holds_values(x: Any) -> bool:
    if isinstance(x, list | tuple):
        return bool(x) and all(map(_holds_values, x))
    return isinstance(x, Value)


def _leaves(x: Any) -> Tensor:
    return [_leaves(part) for part in x] if isinstance(x, list | tuple) else Value(x)


def _listed(names: Sequence[str]) -> str:
    """Return names as they are written in Python, of many the first few."""
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"{list(names[:8])}{more}" if names else "nothing"


def _sized(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"
