"""What networks are made of: neurons in layers, layers in sequence.

The notation is that of paper. The inputs are layer 1, and neuron j of layer l computes

    z_j = Σ_k w_jk a_k + b_j,    a_j = g(z_j)

from the activations a_k of layer l − 1. Its Values are labelled so: ``w_{12}^{(2)}`` leads from
node 2 of layer 1 to node 1 of layer 2.

What has one input takes a number, what has several a list of them; and so do outputs come.

The first weights are drawn by chance, others for each neuron that is made. The same `seed` draws
the same ones again; ``nn.manual_seed(0)``, or ``random.seed(0)``, does so for a whole program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ParamSpec

from autograd import UsageError, Value, dot
from nn.activations import Activation, activation_named, initial_weights, name_of
from nn.module import Module
from nn.seeds import Seed, stream
from nn.tensors import Tensor, listed, nested

if TYPE_CHECKING:
    from autograd import Drawing

__all__ = ["MLP", "Layer", "Layered", "Neuron", "Sequential"]

P = ParamSpec("P")


def _micrograd(**names: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Let a constructor take its arguments by the names that micrograd has for them, too."""

    def taking(init: Callable[P, None]) -> Callable[P, None]:
        @wraps(init)
        def renamed(*arguments: Any, **named: Any) -> None:
            init(*arguments, **{names.get(name, name): x for name, x in named.items()})

        return renamed

    return taking


class Layered(Module):
    """A module that is layers one after another: a neuron, a layer, or a sequence of layers."""

    def sequence(self) -> list[Layer]:
        """Return the layers, the first one first."""
        raise NotImplementedError

    def activations(self, x: Any) -> list[Sequence[Value]]:
        """Return what each layer computes for one sample, the inputs first.

        Shapes: x (inputs); a list of as many Values for each layer as it has neurons.

        >>> [len(a) for a in MLP([2, 4, 1]).activations([1.0, 2.0])]
        [2, 4, 1]
        """
        layers = self.sequence()
        found = [layers[0].entering(x)]
        for layer in layers:
            found.append(layer.forward(found[-1]))
        return found

    def __call__(self, x: Any) -> Any:
        """Return the activations of the last layer for one sample: a list, or the only one."""
        outputs = self.activations(x)[-1]
        return outputs if len(outputs) > 1 else outputs[0]

    def drawing(self, *, gradients: bool = False) -> Drawing:
        """Return the network as on paper, as `autograd.draw` shows it."""
        from nn.drawing import NetworkDrawing  # costs importing nn a tenth of its time

        return NetworkDrawing(self.sequence(), gradients)


class Neuron(Layered):
    r"""One unit: its input z = w · x + b, and its activation g(z).

    Alone it is the logistic unit of the articles, ŷ = σ(Σ w_i x_i + b), and its Values are called
    so. Call it with one sample: numbers or Values. What micrograd calls ``nonlin=True`` is relu,
    and ``nonlin=False`` linear; a neuron is linear unless it is told.

    Shapes: x (inputs), or () for one input, to (). Parameters: weight (1, inputs), bias (1).
    `fan_out` is how many neurons stand beside it, by which Glorot & Bengio 2010
    (https://proceedings.mlr.press/v9/glorot10a.html) draw first weights; relu and its kin are drawn
    by He et al. 2015 (https://arxiv.org/abs/1502.01852).

    >>> unit = Neuron(2, "sigmoid")
    >>> unit([1.0, 2.0]).label, [p.label for p in unit.parameters()]
    ('\\hat{y}', ['w_1', 'w_2', 'b'])
    """

    @_micrograd(nin="inputs")
    def __init__(
        self,
        inputs: int,
        activation: str | Activation = "linear",
        *,
        nonlin: bool | None = None,
        fan_out: int = 1,
        seed: Seed = None,
    ) -> None:
        _check_widths("Neuron", [inputs, fan_out])
        activation = _kind("Neuron", activation, nonlin)
        self.inputs, self.outputs = inputs, 1
        self.activation = name_of(activation)
        self._g = activation_named(activation)
        numbers = initial_weights(self._g, inputs, fan_out, stream(seed, "Neuron"))
        self.w = [Value(w, f"w_{k}") for k, w in enumerate(numbers, 1)]
        self.b = Value(0.0, "b")
        self._name([f"x_{k}" for k in range(1, inputs + 1)], "z", r"\hat{y}")

    @property
    def nonlin(self) -> bool:
        """Whether the neuron has an activation, as micrograd asks."""
        return self._g is not None

    def stand(self, j: int, layer: int, input_labels: list[str]) -> None:
        """Label what is computed here as neuron j of a layer does, both counted from 1."""
        self._name(input_labels, _label("z", j, layer), _label("a", j, layer))

    def label_parameters(self, j: int, layer: int) -> None:
        """Label the weights and the bias as those of neuron j of a layer, counted from 1."""
        for k, w in enumerate(self.w, 1):
            between = "," if max(j, k) > 9 else ""  # w_{1,11} is not w_{11,1}
            w.label = f"w_{{{j}{between}{k}}}^{{({layer})}}"
        self.b.label = _label("b", j, layer)

    def _name(self, inputs: list[str], z: str, a: str) -> None:
        """Choose the labels of the inputs, of z and of a; ``label`` is the output's."""
        self.input_labels, self._z, self.label = inputs, z, a if self._g else z

    def sequence(self) -> list[Layer]:
        """Return a layer of this neuron alone."""
        layer = Layer(self.inputs, 1, seed=0)  # whose own neuron makes room for this one
        layer.neurons, layer.activation = [self], self.activation
        layer.input_labels = self.input_labels
        return [layer]

    def __call__(self, x: Any) -> Value:
        """Return the activation for one sample."""
        return self.forward(_entering(x, self.input_labels, "Neuron"))

    def forward(self, a: Sequence[Value]) -> Value:
        """Return the activation for Values of the right number, unchecked."""
        z: Value = dot(self.w, a) + self.b
        z.label = self._z
        if self._g is None:
            return z
        activation = self._g(z)
        if not isinstance(activation, Value):
            raise UsageError(
                f"the activation {self.activation} returned {activation!r}, which is not a Value; "
                "write it with z.exp() and the like"
            )
        activation.label = self.label
        return activation

    def tensors(self) -> dict[str, Tensor]:
        """Return the parameters as ``torch.nn.Linear(inputs, 1)`` has them."""
        return {"weight": [self.w], "bias": [self.b]}

    def rows(self) -> list[tuple[object, ...]]:
        """Return the row of a table that shows this neuron."""
        return [(2, f"1×{self.inputs}", 1, self.activation, self.inputs + 1)]


class Layer(Layered):
    """Neurons side by side, each of which sees all the inputs.

    Call it with one sample; it returns the list of its activations, or the only one by itself.

    Shapes: x (inputs), or () for one input, to (outputs), or () for one output. Parameters: weight
    (outputs, inputs), bias (outputs).

    >>> layer = Layer(2, 3, "tanh")
    >>> [a.label for a in layer([1.0, 2.0])]
    ['a_1^{(2)}', 'a_2^{(2)}', 'a_3^{(2)}']
    >>> Layer(2, 1, "tanh")([1.0, 2.0]).label
    'a_1^{(2)}'
    """

    @_micrograd(nin="inputs", nout="outputs")
    def __init__(
        self,
        inputs: int,
        outputs: int,
        activation: str | Activation = "linear",
        *,
        nonlin: bool | None = None,
        seed: Seed = None,
    ) -> None:
        _check_widths("Layer", [inputs, outputs])
        activation = _kind("Layer", activation, nonlin)
        random = stream(seed, "Layer")
        self.inputs, self.outputs = inputs, outputs
        self.activation = name_of(activation)
        self.neurons = [
            Neuron(inputs, activation, fan_out=outputs, seed=random) for _ in range(outputs)
        ]
        self._settled = False  # until a network has labelled the parameters
        self._stand(2, _input_labels(inputs))
        self._label_parameters()

    def at(self, index: int, input_labels: list[str]) -> Layer:
        """Return this layer as number `index` of a network, counted from 1 at the inputs.

        The first network that a layer is put into labels its parameters, and they keep these
        labels. In any other place it is another Layer of the same parameters.

        >>> shared = Layer(2, 2)
        >>> first, second = Sequential(shared, Layer(2, 1)), Sequential(Layer(3, 2), shared)
        >>> first.layers[0] is shared, second.layers[1].index, shared.index
        (True, 3, 2)
        >>> second.layers[1].neurons[0].b is shared.neurons[0].b
        True
        """
        if self._settled and (self.index, self.input_labels) == (index, input_labels):
            return self
        layer = self
        if self._settled:
            layer = copy(self)
            layer.neurons = [copy(neuron) for neuron in self.neurons]
        layer._stand(index, input_labels)
        if not self._settled:
            self._settled = True
            self._label_parameters()
        return layer

    def _stand(self, index: int, input_labels: list[str]) -> None:
        self.index, self.input_labels = index, input_labels
        for j, neuron in enumerate(self.neurons, 1):
            neuron.stand(j, index, input_labels)

    def _label_parameters(self) -> None:
        for j, neuron in enumerate(self.neurons, 1):
            neuron.label_parameters(j, self.index)

    def sequence(self) -> list[Layer]:
        """Return this layer alone."""
        return [self]

    def entering(self, x: Any) -> Sequence[Value]:
        """Return one sample as Values, its numbers labelled as the layer before this one."""
        return _entering(x, self.input_labels, f"layer {self.index}")

    def forward(self, a: Sequence[Value]) -> list[Value]:
        """Return the activations for Values of the right number, unchecked."""
        return [neuron.forward(a) for neuron in self.neurons]

    def tensors(self) -> dict[str, Tensor]:
        """Return the parameters as ``torch.nn.Linear(inputs, outputs)`` has them."""
        weight: Tensor = [neuron.w for neuron in self.neurons]
        return {"weight": weight, "bias": [neuron.b for neuron in self.neurons]}

    def rows(self) -> list[tuple[object, ...]]:
        """Return the row of a table that shows this layer."""
        n, m = self.inputs, self.outputs
        return [(self.index, f"{m}×{n}", m, self.activation, m * n + m)]


class Sequential(Layered):
    """Layers one after another, numbered from 2 on.

    Two networks may share a layer: they learn its parameters together. Names in `tensors` are those
    of ``torch.nn.Sequential``, where an activation is a module of its own.

    Shapes: x (inputs of the first layer) to (outputs of the last), or () for one output.

    >>> model = Sequential(Layer(2, 4, "relu"), Layer(4, 1))
    >>> list(model.state_dict())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    >>> model([1.0, 2.0]).label
    'z_1^{(3)}'
    """

    def __init__(self, *layers: Layer | Sequential) -> None:
        name = type(self).__name__
        flat: list[Layer] = []
        for layer in layers:
            if not isinstance(layer, Layer | Sequential):
                raise UsageError(f"{name}: {layer!r} is not a Layer; give Layers or Sequentials")
            flat += layer.layers if isinstance(layer, Sequential) else [layer]
        if not flat:
            raise UsageError(f"{name}: no layers; give at least one, as in Sequential(Layer(2, 1))")
        if len({layer.neurons[0].b for layer in flat}) < len(flat):
            raise UsageError(f"{name}: a layer is given twice; make another one of its kind")
        for index, (before, after) in enumerate(pairwise(flat), 3):
            if before.outputs != after.inputs:
                raise UsageError(
                    f"{name}: layer {index} takes {after.inputs} inputs, "
                    f"but layer {index - 1} has {before.outputs} outputs"
                )
        self.inputs, self.outputs = flat[0].inputs, flat[-1].outputs
        self.layers: list[Layer] = []
        labels = _input_labels(self.inputs)
        for index, layer in enumerate(flat, 2):
            self.layers.append(layer.at(index, labels))
            labels = [neuron.label for neuron in self.layers[-1].neurons]

    def sequence(self) -> list[Layer]:
        """Return the layers, the first one first."""
        return self.layers

    def tensors(self) -> dict[str, Tensor]:
        """Return the parameters as ``torch.nn.Sequential(Linear, ReLU, Linear, …)`` has them."""
        found: dict[str, Tensor] = {}
        place = 0
        for layer in self.layers:
            found |= {f"{place}.{name}": tensor for name, tensor in layer.tensors().items()}
            place += 1 if layer.activation == "linear" else 2
        return found

    def _title(self) -> str:
        widths = [self.inputs, *[layer.outputs for layer in self.layers]]
        return f"{type(self).__name__} {' → '.join(map(str, widths))}"


class MLP(Sequential):
    """A multilayer perceptron of the given widths, the inputs first.

    micrograd's spelling, which keeps the inputs apart, means the same: ``MLP(2, [16, 16, 1])``.
    `activation` is that of the hidden layers, `output` that of the last one.

    Shapes: x (widths[0]) to (widths[-1]), or () for one output. Parameters of layer l: weight
    (widths[l], widths[l − 1]), bias (widths[l]), counted from 0 at the inputs.

    >>> MLP([2, 16, 16, 1], activation="relu", output="linear", seed=0)
    MLP 2 → 16 → 16 → 1
    layer  weights  biases  activation  parameters
        2     16×2      16  relu                48
        3    16×16      16  relu               272
        4     1×16       1  linear              17
                                               337
    """

    @_micrograd(nin="widths", nouts="activation")
    def __init__(
        self,
        widths: int | Sequence[int],
        activation: str | Activation | Sequence[int] = "relu",
        output: str | Activation = "linear",
        *,
        seed: Seed = None,
    ) -> None:
        widths, kind = _widths(nested(widths), nested(activation))
        _check_widths("MLP", widths)
        activation_named(kind)  # refuses one that is unknown, also where no layer is hidden
        random = stream(seed, "MLP")
        kinds = [kind] * (len(widths) - 2) + [output]
        pairs = zip(pairwise(widths), kinds, strict=True)
        super().__init__(*[Layer(*pair, kind, seed=random) for pair, kind in pairs])


def _widths(widths: Any, activation: Any) -> tuple[Sequence[int], str | Activation]:
    """Return all the widths of a perceptron, and the activation of its hidden layers."""
    if hasattr(widths, "__index__") and isinstance(activation, list | tuple):
        widths, activation = [widths, *activation], "relu"  # as micrograd has them
    if not isinstance(widths, list | tuple) or len(widths) < 2:
        raise UsageError(
            f"MLP: widths {widths} make no layer; give two or more, inputs first, as in "
            "MLP([2, 16, 1])"
        )
    return widths, activation


def _kind(name: str, activation: str | Activation, nonlin: bool | None) -> str | Activation:
    """Return the activation, or what micrograd's word for it means."""
    if nonlin is None:
        return activation
    if activation != "linear":
        raise UsageError(f"{name}: activation={activation!r} and nonlin={nonlin!r}; give one")
    return "relu" if nonlin else "linear"


def _check_widths(name: str, widths: Sequence[Any]) -> None:
    for width in widths:
        if isinstance(width, bool) or not hasattr(width, "__index__") or width < 1:
            raise UsageError(f"{name}: a width of {width!r}; widths are whole numbers from 1 on")


def _input_labels(inputs: int) -> list[str]:
    return [_label("a", k, 1) for k in range(1, inputs + 1)]


def _label(letter: str, j: int, layer: int) -> str:
    index = str(j) if j < 10 else f"{{{j}}}"
    return f"{letter}_{index}^{{({layer})}}"


def _entering(x: Any, labels: Sequence[str], name: str) -> Sequence[Value]:
    """Return a sample as Values: its own, and its numbers as labelled leaves."""
    sample = x if isinstance(x, list) else nested(x)
    if len(labels) == 1:
        sample = listed(sample)
    if not isinstance(sample, list | tuple):
        raise UsageError(f"{name}: {x!r} is not a sample; give a list of {len(labels)} number(s)")
    if sample and isinstance(sample[0], list | tuple):
        raise UsageError(f"{name}: give one sample at a time, or use predict(model, X)")
    if len(sample) != len(labels):
        raise UsageError(f"{name} takes {len(labels)} input(s), but the sample has {len(sample)}")
    return [
        v if isinstance(v, Value) else Value(v, label)
        for v, label in zip(sample, labels, strict=True)
    ]
