"""How parameters move down the slope: optimizers, and learning rates that change with the step.

The updates are PyTorch's, to the last digit that floats keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import cos, inf, nan, pi, sqrt
from typing import Any, TypeAlias

from autograd import NumberError, UsageError, Value

__all__ = [
    "SGD",
    "Adam",
    "Optimizer",
    "Rate",
    "cosine_decay",
    "exponential_decay",
    "linear_decay",
]

Rate: TypeAlias = "float | Callable[[int], float]"
"""A learning rate, or a function of the step, counted from 0; a function may return 0."""


class Optimizer:
    """Parameters, and a rule that moves each of them against its gradient."""

    def __init__(self, parameters: Iterable[Value], lr: Rate, weight_decay: float) -> None:
        name = type(self).__name__
        self.parameters = list(parameters) if isinstance(parameters, Iterable) else []
        if not self.parameters or not all(isinstance(p, Value) for p in self.parameters):
            raise UsageError(f"{name}: no parameters to learn; give model.parameters()")
        if len(set(self.parameters)) < len(self.parameters):
            raise UsageError(f"{name}: a parameter is given twice; give each once")
        self.lr = lr
        self.weight_decay = _between(name, "weight_decay", weight_decay, 0)
        self.steps = 0
        self.rate(0)  # refuses a learning rate that moves nothing, or uphill

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0; `UsageError` if it makes no sense."""
        rate = self.lr(step) if callable(self.lr) else self.lr
        number = _real(rate)
        if not 0 <= number < inf or not (number or callable(self.lr)):
            raise UsageError(
                f"{type(self).__name__}: the learning rate of step {step} is {rate!r}; "
                "it must be a positive number"
            )
        return number

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero, before the next ``backward()``."""
        for p in self.parameters:
            p.grad = 0.0

    def step(self) -> None:
        """Move every parameter once; one without a gradient stays where it is."""
        rate = self.rate(self.steps)
        self.steps += 1
        for i, p in enumerate(self.parameters):
            if p.grad is not None:
                slope = p.grad + self.weight_decay * p.data
                p.data -= rate * self.direction(i, slope)

    def direction(self, i: int, slope: float) -> float:
        """Return how far parameter number i moves down its slope at a learning rate of 1."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr!r})"


class SGD(Optimizer):
    """Stochastic gradient descent: w ← w − lr · v, where v ← momentum · v + ∂L/∂w.

    `weight_decay` adds weight_decay · w to the gradient: the L2 penalty ½ weight_decay Σ w².

    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: Rate,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum = _between("SGD", "momentum", momentum, 0, 1)
        self._velocity = [0.0] * len(self.parameters)

    def direction(self, i: int, slope: float) -> float:
        """Return the velocity of parameter number i."""
        self._velocity[i] = velocity = self.momentum * self._velocity[i] + slope
        return velocity


class Adam(Optimizer):
    """Adam: the gradient's running mean, divided by the root of its running mean square.

    `betas` say how much of the old means is kept at each step. Source: Kingma & Ba 2015,
    https://arxiv.org/abs/1412.6980, algorithm 1; `weight_decay` is as in `SGD`.

    >>> w = Value(1.0)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    0.9
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: Rate = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.betas = (
            _between("Adam", "betas[0]", betas[0], 0, 1),
            _between("Adam", "betas[1]", betas[1], 0, 1),
        )
        self.eps = _between("Adam", "eps", eps, 0)
        self._mean = [0.0] * len(self.parameters)
        self._square = [0.0] * len(self.parameters)

    def direction(self, i: int, slope: float) -> float:
        """Return the corrected mean of parameter number i over the root of its mean square."""
        keep, keep_square = self.betas
        self._mean[i] += (1 - keep) * (slope - self._mean[i])
        self._square[i] += (1 - keep_square) * (slope * slope - self._square[i])
        mean = self._mean[i] / (1 - keep**self.steps)  # both began at 0, not at their mean
        square = self._square[i] / (1 - keep_square**self.steps)
        return mean / (sqrt(square) + self.eps) if mean else 0.0  # 0/0 where eps is 0


def linear_decay(start: float, end: float, steps: int) -> Callable[[int], float]:
    """Return the learning rate that falls from start to end on a straight line.

    >>> rate = linear_decay(1.0, 0.1, steps=90)
    >>> rate(0), round(rate(45), 3), round(rate(1000), 3)
    (1.0, 0.55, 0.1)
    """
    _check_schedule("linear_decay", start, end, steps)
    return lambda step: start + (end - start) * min(step / steps, 1)


def cosine_decay(start: float, end: float, steps: int) -> Callable[[int], float]:
    """Return the learning rate that falls from start to end along half a cosine.

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, without restarts.

    >>> rate = cosine_decay(1.0, 0.1, steps=90)
    >>> rate(0), round(rate(45), 3), round(rate(90), 3)
    (1.0, 0.55, 0.1)
    """
    _check_schedule("cosine_decay", start, end, steps)
    return lambda step: end + (start - end) * (1 + cos(pi * min(step / steps, 1))) / 2


def exponential_decay(start: float, end: float, steps: int) -> Callable[[int], float]:
    """Return the learning rate that falls from start to end by the same factor at each step.

    >>> rate = exponential_decay(1.0, 0.01, steps=90)
    >>> rate(0), round(rate(45), 3), round(rate(90), 3)
    (1.0, 0.1, 0.01)
    """
    _check_schedule("exponential_decay", start, end or -1.0, steps)  # no factor leads to 0
    return lambda step: float(start * (end / start) ** min(step / steps, 1))


def _between(name: str, option: str, x: Any, low: float, below: float = inf) -> float:
    number = _real(x)
    if not low <= number < below:
        bound = f" and less than {below}" if below < inf else ""
        raise UsageError(f"{name}: {option}={x!r}; it must be at least {low}{bound}")
    return number


def _real(x: Any) -> float:
    """Return a real number, NumPy's too, as a float; NaN for what is none."""
    try:
        return nan if isinstance(x, bool) else Value(x).data
    except NumberError:
        return nan


def _check_schedule(name: str, start: float, end: float, steps: int) -> None:
    if not (0 < start < inf and 0 <= end < inf and steps >= 1):
        raise UsageError(
            f"{name}({start!r}, {end!r}, {steps!r}): learning rates are positive, and steps too"
        )
