"""How parameters move down the slope: optimizers, and learning rates that change with the step.

The updates are PyTorch's, to the last digit that floats keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import cos, inf, nan, pi, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd import NumberError, UsageError, Value

if TYPE_CHECKING:
    from numpy import ndarray

    Array: TypeAlias = ndarray[Any, Any]

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Decay",
    "Optimizer",
    "Rate",
    "cosine_decay",
    "exponential_decay",
    "linear_decay",
]

Rate: TypeAlias = "float | Decay | Callable[[int], float]"
"""A learning rate, or a function of the step, counted from 0; a function may return 0."""


class Optimizer:
    """Parameters, and a rule that moves each of them against its gradient.

    What a model has beyond these parameters is frozen. `weight_decay` adds weight_decay · w to the
    gradient: the L2 penalty ½ weight_decay Σ w². Where it is `decoupled`, each weight shrinks by
    lr · weight_decay of itself instead, whatever its gradient.
    """

    decoupled = False
    state: tuple[str, ...] = ()  # the attributes with a number for each parameter

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
            if not p.has_grad:
                continue
            slope = p.grad
            if self.decoupled:
                p.data *= 1 - rate * self.weight_decay
            else:
                slope += self.weight_decay * p.data
            p.data -= rate * self.direction(i, slope)

    def direction(self, i: int, slope: float) -> float:
        """Return how far parameter number i moves down its slope at a learning rate of 1."""
        raise NotImplementedError

    def moved(self, numbers: Array, slopes: Array) -> Array:
        """Return the numbers of all parameters after a step, as `step` would move them.

        What does not fit a float is infinite. What is kept beside the parameters is in arrays
        until `settle`.
        """
        import numpy

        rate = self.rate(self.steps)
        self.steps += 1
        with numpy.errstate(all="ignore"):
            if self.decoupled:
                numbers = numbers * (1 - rate * self.weight_decay)
            else:
                slopes = slopes + self.weight_decay * numbers
            return numbers - rate * self._directions(slopes)

    def _directions(self, slopes: Array) -> Array:
        """Return the directions of all parameters."""
        import numpy

        for name in type(self).state:
            if isinstance(getattr(self, name), list):
                setattr(self, name, numpy.array(getattr(self, name), float))
        return _AT_ONCE[type(self).direction](self, slopes)

    def settle(self) -> None:
        """Keep the numbers beside the parameters in lists, where `moved` made arrays of them."""
        for name in type(self).state:
            setattr(self, name, [*map(float, getattr(self, name))])

    @property
    def is_plain(self) -> bool:
        """Whether `moved` does what `step` does: nothing of it is redefined."""
        kind = type(self)
        redefined = [
            name
            for name in ("step", "zero_grad", "rate")
            if getattr(kind, name) is not getattr(Optimizer, name)
        ]
        own = {"step", "zero_grad", "rate", "direction"}
        return not redefined and kind.direction in _AT_ONCE and own.isdisjoint(vars(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr!r})"


class SGD(Optimizer):
    """Stochastic gradient descent: w ← w − lr · v, where v ← momentum · v + ∂L/∂w.

    With `nesterov` the step looks one step of the momentum ahead: w ← w − lr · (∂L/∂w +
    momentum · v), as Sutskever et al. 2013 (https://proceedings.mlr.press/v28/sutskever13.html)
    have it. `weight_decay` is the L2 penalty ½ weight_decay Σ w². Without momentum it is gradient
    descent as in the articles, w ← w − λ ∂L/∂w (Robbins & Monro 1951,
    https://doi.org/10.1214/aoms/1177729586). The parameters are any number of Values, each updated
    by itself.

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
        lr: Rate = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum = _between("SGD", "momentum", momentum, 0, 1)
        self.nesterov = nesterov
        if nesterov and not self.momentum:
            raise UsageError("SGD: nesterov=True without momentum; give one, as momentum=0.9")
        self._velocity = [0.0] * len(self.parameters)

    state = ("_velocity",)

    def direction(self, i: int, slope: float) -> float:
        """Return the velocity of parameter number i, or with `nesterov` what it will be next."""
        self._velocity[i] = velocity = self.momentum * self._velocity[i] + slope
        return slope + self.momentum * velocity if self.nesterov else velocity

    def all_directions(self, slopes: Array) -> Array:
        """Return the velocities of all parameters."""
        kept: Any = self._velocity
        kept *= self.momentum
        kept += slopes
        velocity: Array = slopes + self.momentum * kept if self.nesterov else kept
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
        name = type(self).__name__
        self.betas = (
            _between(name, "betas[0]", betas[0], 0, 1),
            _between(name, "betas[1]", betas[1], 0, 1),
        )
        self.eps = _between(name, "eps", eps, 0)
        self._mean = [0.0] * len(self.parameters)
        self._square = [0.0] * len(self.parameters)

    state = ("_mean", "_square")

    def direction(self, i: int, slope: float) -> float:
        """Return the corrected mean of parameter number i over the root of its mean square."""
        keep, keep_square = self.betas
        self._mean[i] += (1 - keep) * (slope - self._mean[i])
        self._square[i] += (1 - keep_square) * (slope * slope - self._square[i])
        mean = self._mean[i] / (1 - keep**self.steps)  # both began at 0, not at their mean
        square = self._square[i] / (1 - keep_square**self.steps)
        return mean / (sqrt(square) + self.eps) if mean else 0.0  # 0/0 where eps is 0

    def all_directions(self, slopes: Array) -> Array:
        """Return the corrected means of all parameters over the roots of their mean squares."""
        import numpy

        keep, keep_square = self.betas
        means: Any = self._mean
        squares: Any = self._square
        means += (1 - keep) * (slopes - means)
        squares += (1 - keep_square) * (slopes * slopes - squares)
        mean = means / (1 - keep**self.steps)
        root = numpy.sqrt(squares / (1 - keep_square**self.steps)) + self.eps
        root[mean == 0] = 1.0
        directions: Array = mean / root
        return directions


class AdamW(Adam):
    """Adam whose weight decay stays out of the means, where weights of steep slopes escape it.

    Each step first takes the share lr · weight_decay of a weight away. Source: Loshchilov & Hutter
    2019, https://arxiv.org/abs/1711.05101, algorithm 2.

    >>> w = Value(1.0)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    0.85
    """

    decoupled = True

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: Rate = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)


_AT_ONCE: dict[Any, Callable[[Any, Array], Array]] = {
    SGD.direction: SGD.all_directions,
    Adam.direction: Adam.all_directions,
}
"""The same for all parameters as arrays, by the method for one of them."""


class Decay(NamedTuple):
    """A learning rate that falls from start to end in so many steps: call it with the step.

    It is compared, printed and pickled by its numbers.
    """

    name: str
    start: float
    end: float
    steps: float

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        return float(_CURVES[self.name](self.start, self.end, min(step / self.steps, 1)))

    def __repr__(self) -> str:
        return f"{self.name}({self.start!r}, {self.end!r}, steps={self.steps!r})"


def linear_decay(start: float, end: float, steps: int) -> Decay:
    """Return the learning rate that falls from start to end on a straight line.

    Of step t it is start + (end − start) · t/steps, and `end` from then on.

    >>> rate = linear_decay(1.0, 0.1, steps=90)
    >>> rate(0), round(rate(45), 3), round(rate(1000), 3)
    (1.0, 0.55, 0.1)
    """
    return _decay("linear_decay", start, end, steps)


def cosine_decay(start: float, end: float, steps: int) -> Decay:
    """Return the learning rate that falls from start to end along half a cosine.

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, without restarts.

    >>> rate = cosine_decay(1.0, 0.1, steps=90)
    >>> rate(0), round(rate(45), 3), round(rate(90), 3)
    (1.0, 0.55, 0.1)
    """
    return _decay("cosine_decay", start, end, steps)


def exponential_decay(start: float, end: float, steps: int) -> Decay:
    """Return the learning rate that falls from start to end by the same factor at each step.

    Of step t it is start · (end/start)^(t/steps), and `end` from then on.

    >>> rate = exponential_decay(1.0, 0.01, steps=90)
    >>> rate(0), round(rate(45), 3), round(rate(90), 3)
    (1.0, 0.1, 0.01)
    """
    return _decay("exponential_decay", start, end, steps)


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


_CURVES: dict[str, Callable[[float, float, float], float]] = {
    "linear_decay": lambda start, end, done: start + (end - start) * done,
    "cosine_decay": lambda start, end, done: end + (start - end) * (1 + cos(pi * done)) / 2,
    "exponential_decay": lambda start, end, done: start * (end / start) ** done,
}
"""The curve of each decay: its height where a share of the way, from 0 to 1, is done."""


def _decay(name: str, start: float, end: float, steps: int) -> Decay:
    first, last, count = _real(start), _real(end), _real(steps)
    lowest = 5e-324 if name == "exponential_decay" else 0.0  # no factor leads to 0
    if not (0 < first < inf and lowest <= last < inf and 1 <= count < inf):
        raise UsageError(
            f"{name}({start!r}, {end!r}, {steps!r}): learning rates are positive, and steps too"
        )
    return Decay(name, first, last, int(count) if count.is_integer() else count)
