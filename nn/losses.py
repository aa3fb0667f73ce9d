r"""What training makes small: how far a network's outputs are from their targets.

Each loss takes the outputs of one sample and its target, or a list of samples and a list of
targets; then it averages over the samples, J = (1/m) Σ L. The lists alone say which it is:

- a Value is the output of one sample, its target a number;
- a list of Values is the output layer of one sample, its target a list of as many numbers;
- a list of lists is samples, ``[model.outputs_for(x) for x in X]``, with a target for each.

In shapes, for m samples and k outputs: outputs are (), (k) or (m, k), targets (), (k), and (m) or
(m, k); for the cross-entropy a target is one class, (), or (m) of them. A loss is one Value.

Nothing is clipped and no epsilon is added: the formulas are chosen to be right at extreme outputs.
They are the same at all outputs and targets, so that a recorded loss can be replayed at others;
only the class of the cross-entropy, which is an index, is part of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from autograd import DomainError, UsageError, Value, dot, logsumexp, mean, where
from autograd import sum as total
from nn.tensors import listed, nested

__all__ = [
    "Loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge",
    "l2_penalty",
    "mean_squared_error",
    "recorded_loss",
    "squared_error",
]

Loss: TypeAlias = Callable[[Any, Any], Value]
"""A function of outputs and targets; any that returns a Value will do for `nn.fit`."""


def squared_error(outputs: Any, targets: Any) -> Value:
    """Return C_0 = Σ_j (a_j − y_j)²: summed over the output layer, averaged over samples.

    Raises `UsageError` for a list of Values that all come from one neuron, as ``map(model, X)``
    makes it of a model with one output: they are no output layer, and samples have a list each.

    Shapes: outputs (k) or (m, k), targets the same; (m) where k is 1.
    Source: the articles' C_0; with k = 1 the squared residual of least squares.

    >>> squared_error([Value(0.5), Value(2.0)], [1.0, 1.0]).data  # one sample, an output layer
    1.25
    >>> squared_error([[Value(0.5)], [Value(2.0)]], [1.0, 1.0]).data  # two samples
    0.625
    """

    def loss(a: Sequence[Value], target: Any) -> Value:
        squares = _squares(a, target)
        return total(squares) if len(squares) > 1 else squares[0]

    outputs = nested(outputs)
    if _of_one_neuron(outputs):
        raise UsageError(
            f"squared_error: {len(outputs)} outputs of one neuron are no output layer; give a list "
            "for each sample, [model.outputs_for(x) for x in X], or [outputs] for one sample"
        )
    return _over_samples("squared_error", loss, outputs, targets, ("C_0", "C"))


def mean_squared_error(outputs: Any, targets: Any) -> Value:
    """Return the average of (a_j − y_j)² over outputs and samples: (1/mk) Σ_i Σ_j (a_j − y_j)².

    Shapes: outputs (), (k) or (m, k), targets the same. Source: as ``torch.nn.MSELoss`` has it.

    >>> mean_squared_error([Value(0.5), Value(2.0)], [1.0, 1.0]).data
    0.625
    """

    def loss(a: Sequence[Value], target: Any) -> Value:
        return _mean(_squares(a, target))

    return _over_samples("mean_squared_error", loss, outputs, targets)


def binary_cross_entropy(outputs: Any, targets: Any) -> Value:
    """Return −[y log ŷ + (1 − y) log(1 − ŷ)] of probabilities ŷ, averaged over outputs.

    Targets are 0 or 1, or probabilities between. Raises `DomainError` where the loss is infinite,
    as a sigmoid's output can be once it has been rounded to 0 or 1: there
    `binary_cross_entropy_with_logits` is right.

    Shapes: outputs (), (k) or (m, k), targets the same.
    Source: Bishop 2006, Pattern Recognition and Machine Learning, equation 4.90.

    >>> round(binary_cross_entropy(Value(0.8), 1).data, 4)
    0.2231
    """

    def term(p: Value, y: Value) -> Value:
        if not 0 <= p.data <= 1:
            raise UsageError(
                f"binary_cross_entropy: the output {p.data!r} is not a probability; end in a "
                "sigmoid, or use binary_cross_entropy_with_logits"
            )
        if p.data in (0, 1) and p.data != y.data:
            raise DomainError(
                f"binary_cross_entropy at ŷ = {p.data!r}, y = {y.data!r}: infinite; leave out the "
                "sigmoid and use binary_cross_entropy_with_logits"
            )
        no = 1 - y
        yes_part = y * where(y + p, p, 1.0).log()  # where both are 0, 0 · log 0 counts for 0
        no_part = no * where(no + (1 - p), -p, 0.0).log1p()
        loss: Value = -(yes_part + no_part)
        return loss

    return _elementwise("binary_cross_entropy", term, _probability, outputs, targets)


def binary_cross_entropy_with_logits(outputs: Any, targets: Any) -> Value:
    """Return the binary cross-entropy of σ(z), from the logits z, averaged over outputs.

    −log σ(z) is softplus(−z) and −log(1 − σ(z)) is softplus(z). Neither overflows, nor do they
    cancel, as softplus(z) − y·z does where σ(z) is almost y. Targets are 0 or 1, or probabilities
    between.

    Shapes: outputs (), (k) or (m, k), targets the same. Source: `binary_cross_entropy` of σ(z).

    >>> binary_cross_entropy_with_logits([Value(1000.0), Value(-1000.0)], [0, 0]).data
    500.0
    """

    def term(z: Value, y: Value) -> Value:
        loss: Value = y * (-z).softplus() + (1 - y) * z.softplus()
        return loss

    name = "binary_cross_entropy_with_logits"
    return _elementwise(name, term, _probability, outputs, targets)


def cross_entropy(outputs: Any, targets: Any) -> Value:
    """Return −log softmax(z)_y of a sample's logits z and its class y, averaged over samples.

    A target is the index of a class, counted from 0. The loss is the logarithm of
    Σ_k exp(z_k − z_y), so that the difference of large logits is taken before anything is lost.

    Shapes: outputs (k) and a class (), or (m, k) and classes (m), with k ≥ 2.
    Source: Bishop 2006, Pattern Recognition and Machine Learning, equation 4.108.

    >>> round(cross_entropy([Value(1.0), Value(3.0)], 1).data, 4)
    0.1269
    >>> cross_entropy([[Value(1000.0), Value(0.0)], [Value(1000.0), Value(0.0)]], [0, 1]).data
    500.0
    """

    def loss(z: Sequence[Value], target: Any) -> Value:
        chosen = _class(target, len(z))
        z_y = z[chosen]
        loss: Value = logsumexp([z_k - z_y if k != chosen else 0.0 for k, z_k in enumerate(z)])
        return loss

    return _over_samples("cross_entropy", loss, outputs, targets)


def hinge(outputs: Any, targets: Any) -> Value:
    """Return max(0, 1 − y·s) of a score s, averaged over outputs; targets are −1 and +1.

    Shapes: outputs (), (k) or (m, k), targets the same.
    Source: Cortes & Vapnik 1995, https://doi.org/10.1007/BF00994018: the margin of a machine.

    >>> hinge([Value(0.5), Value(-2.0)], [1, 1]).data
    1.75
    """
    return _elementwise("hinge", lambda s, y: (1 - y * s).relu(), _sign, outputs, targets)


def recorded_loss(loss: Any, outputs: Any, targets: Any, operation: str) -> Value:
    """Return what a loss of one's own makes of samples, to be differentiated.

    Raises `UsageError`, in the name of the operation, if it is no function, if it returns no
    Value, or if there is no record of how that was computed.
    """
    if not callable(loss):
        raise UsageError(
            f"{operation}: loss={loss!r}; give a function of outputs and targets, as nn.hinge"
        )
    cost = loss(outputs, targets)
    if not isinstance(cost, Value):
        raise UsageError(f"{operation}: the loss returned {cost!r}; it must return a Value")
    if not cost.parents:
        raise UsageError(
            f"{operation}: the loss was not recorded; compute it from the outputs, and outside of "
            "no_grad()"
        )
    return cost


def l2_penalty(parameters: Iterable[Value], strength: float) -> Value:
    """Return strength · Σ w², to add to a loss: it keeps the parameters small.

    Shapes: any number of parameters; one Value. Source: Krogh & Hertz 1991, A Simple Weight Decay
    Can Improve Generalization, whose λ/2 is the strength here.

    >>> l2_penalty([Value(3.0), Value(4.0)], 0.5).data
    12.5
    """
    w = list(parameters) if isinstance(parameters, Iterable) else []
    if not w:
        raise UsageError("l2_penalty: no parameters; give model.parameters()")
    penalty: Value = strength * dot(w, w)
    return penalty


def _over_samples(
    name: str,
    loss: Callable[[Sequence[Value], Any], Value],
    outputs: Any,
    targets: Any,
    labels: tuple[str, str] = ("L", "J"),
) -> Value:
    """Return the loss of one sample, or the average over samples; `labels` are theirs.

    In the average, the loss of sample i is labelled as the article's C_i, counted from 0.
    """
    result: Value
    outputs, targets = listed(nested(outputs)), nested(targets)
    if not outputs:
        raise UsageError(f"{name}: no outputs; give those of one sample, or a list of samples")
    if _are_samples(name, outputs):
        each = _losses(name, loss, outputs, targets)
        letter = labels[0][0]
        for i, one in enumerate(each):
            one.label = f"{letter}_{i}" if i < 10 else f"{letter}_{{{i}}}"
        result, label = mean(each), labels[1]
    elif any(isinstance(nested(y), list | tuple) for y in listed(targets)):
        raise UsageError(
            f"{name}: the targets are lists, as of samples, but the outputs are those of one; give "
            "a list for each sample, [model.outputs_for(x) for x in X]"
        )
    else:
        result, label = loss(_values(outputs), targets), labels[0]
    result.label = label
    return result


def _are_samples(name: str, outputs: Sequence[Any]) -> bool:
    """Return whether outputs are a list for each sample, rather than the output layer of one."""
    kinds = {isinstance(nested(a), list | tuple) for a in outputs}
    if len(kinds) > 1:
        raise UsageError(f"{name}: lists among the outputs, but not for all; give one a sample")
    return kinds.pop()


def _losses(
    name: str, loss: Callable[[Sequence[Value], Any], Value], outputs: Any, targets: Any
) -> list[Value]:
    """Return the loss of every sample."""
    count = len(listed(targets))
    if len(outputs) != count:
        raise UsageError(f"{name}: {len(outputs)} sample(s), but {count} target(s)")
    losses = []
    for i, (a, target) in enumerate(zip(outputs, listed(targets), strict=True)):
        try:
            losses.append(loss(_values(nested(a)), nested(target)))
        except UsageError as error:
            raise UsageError(f"{error} (sample {i}, counted from 0)") from None
    return losses


def _elementwise(
    name: str,
    term: Callable[[Value, Value], Value],
    check: Callable[[str, Any], None],
    outputs: Any,
    targets: Any,
) -> Value:
    """Return the average of a term over outputs and samples."""

    def loss(a: Sequence[Value], target: Any) -> Value:
        y = _labelled(a, target)
        for y_j in y:
            check(name, y_j.data)
        return _mean(list(map(term, a, y)))

    return _over_samples(name, loss, outputs, targets)


def _squares(a: Sequence[Value], target: Any) -> list[Value]:
    return [(a_j - y_j) ** 2 for a_j, y_j in zip(a, _labelled(a, target), strict=True)]


def _mean(terms: list[Value]) -> Value:
    average: Value = mean(terms) if len(terms) > 1 else terms[0]
    return average


def _values(outputs: Sequence[Any]) -> Sequence[Value]:
    return [a if isinstance(a, Value) else Value(a) for a in outputs]


def _of_one_neuron(outputs: Any) -> bool:
    """Return whether several Values were computed with the same weight and bias: g(w · x + b)."""
    if not isinstance(outputs, list | tuple) or len(outputs) < 2:
        return False
    found = {_weight_and_bias(a) for a in outputs if isinstance(a, Value)}
    return len(found) == 1 and None not in found


def _weight_and_bias(a: Value) -> tuple[Value, Value] | None:
    """Return the first weight and the bias of the neuron that computed a Value, if one did."""
    while len(a.parents) == 1:
        a = a.parents[0]
    if a.op != "add" or a.parents[1].parents or not a.parents[0].parents:
        return None
    return a.parents[0].parents[0], a.parents[1]


def _labelled(a: Sequence[Value], target: Any) -> list[Value]:
    """Return the target of one sample as Values y_1, y_2 …, one for each output."""
    numbers = listed(target)
    if len(numbers) != len(a):
        raise UsageError(f"a target of {len(numbers)} number(s) for {len(a)} output(s)")
    if len(a) == 1:
        return [Value(numbers[0], "y")]
    return [Value(y, f"y_{j}") for j, y in enumerate(numbers, 1)]


def _probability(name: str, y: float) -> None:
    if not 0 <= y <= 1:
        raise UsageError(f"{name}: the target {y!r} is not 0 or 1, nor between")


def _sign(name: str, y: float) -> None:
    if y not in (-1, 1):
        raise UsageError(f"{name}: the target {y!r} is not -1 or 1; turn 0 and 1 into 2*y - 1")


def _class(target: Any, count: int) -> int:
    """Return the index of a class, checked against the number of outputs."""
    y = listed(target)[0] if len(listed(target)) == 1 else target
    if count == 1:
        raise UsageError(
            "cross_entropy: one output makes no classes; give one for each class, or use "
            "binary_cross_entropy_with_logits"
        )
    number = Value(y).data
    if number not in range(count):
        raise UsageError(
            f"cross_entropy: the target {y!r} is not a class; {count} outputs are the classes "
            f"0 to {count - 1}"
        )
    return int(number)
