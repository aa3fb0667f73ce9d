"""Training: mini-batches, and one step down the slope for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from operator import index
from typing import Any, TypeAlias

from autograd import DomainError, UsageError, Value, no_grad
from nn.data import Rows, Targets, pairs
from nn.history import History
from nn.losses import Loss
from nn.module import Module
from nn.optim import Optimizer
from nn.progress import progress_bar
from nn.seeds import Seed, stream
from nn.tensors import nested

__all__ = ["fit"]

Callback: TypeAlias = Callable[[History], Any]
"""Called after each epoch; it stops the training by returning True."""


def fit(
    model: Module,
    X: Any,
    y: Any,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    *,
    epochs: int = 10,
    batch_size: int | None = 32,
    seed: Seed = 0,
    validation: tuple[Any, Any] | None = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = True,
) -> History:
    """Train a model on samples X and targets y, and return how it went.

    An epoch goes through all samples once, in an order drawn from `seed`, `batch_size` at a time
    (None: all at once), and takes a step of the optimizer for each batch. X and y are lists,
    NumPy arrays or data frames.

    - `loss`: a function of the outputs of samples (a list of lists) and their targets;
    - `optimizer`: what moves the parameters that it was made with; those that it lacks are frozen,
      and have no gradient afterwards;
    - `validation`: samples and targets that are not learned from, whose loss is recorded;
    - `patience`: stop after so many epochs without a better loss (on the validation samples, if
      there are any), and go back to the parameters at the end of the best epoch;
    - `callbacks`: called with the `History` after each epoch; one that returns True stops;
    - `progress`: a bar with epoch and loss; ``TQDM_DISABLE=1`` in the environment hides it too.

    Ctrl-C stops too, and what has been learned so far stays. What does not fit together raises
    `UsageError` before anything changes. A loss that becomes NaN or infinite raises `DomainError`
    with the epoch and the batch, and the model keeps its last good parameters. A learning rate
    that makes no sense is refused before the first step if it is that of the first or the last,
    else before the step that it is for.

    >>> from nn import MLP, SGD, squared_error
    >>> model = MLP([1, 1], seed=0)
    >>> history = fit(
    ...     model, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss=squared_error,
    ...     optimizer=SGD(model.parameters(), lr=0.1), epochs=200, progress=False,
    ... )
    >>> {name: round(p.data, 3) for name, p in model.named_parameters().items()}
    {'w_{11}^{(2)}': 2.0, 'b_1^{(2)}': 1.0}
    """
    epochs = _count("epochs", epochs)
    batch_size = None if batch_size is None else _count("batch_size", batch_size)
    patience = None if patience is None else _count("patience", patience)
    _check_kinds(model, validation, callbacks)
    loss, optimizer = _aims(loss, optimizer)
    training = _Training(model, loss, optimizer, pairs(X, y, model, "fit"))
    held_out = pairs(*validation, model, "fit: validation") if validation is not None else None
    if held_out:
        training.try_targets(held_out)
    best = _Best(training, patience)
    history = History()
    batches = _Batches(len(training.rows), batch_size, seed)
    optimizer.rate(optimizer.steps)  # refuses one that makes no sense
    optimizer.rate(optimizer.steps + epochs * batches.count - 1)  # a decay that went below 0
    try:
        with progress_bar(epochs * batches.count, progress) as bar:
            for epoch in range(1, epochs + 1):
                bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                history.losses.append(training.epoch(epoch, batches, bar))
                if held_out:
                    history.validation_losses.append(training.validate(epoch, held_out))
                waited = best.waits_in_vain(history)
                asked = [nested(callback(history)) is True for callback in callbacks]
                if waited or any(asked):
                    history.stopped = "early" if waited else "callback"
                    break
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    best.restore()
    return history


class _Training:
    """A model, the samples it learns from, and the steps that it takes."""

    def __init__(
        self, model: Module, loss: Loss, optimizer: Optimizer, data: tuple[Rows, Targets]
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.rows, self.targets = data
        learned = set(optimizer.parameters)
        self.frozen = [p for p in model.parameters() if p not in learned]
        if learned.isdisjoint(model.parameters()):
            raise UsageError(
                "fit: the optimizer has none of the model's parameters; make it with "
                f"{type(optimizer).__name__}(model.parameters(), …)"
            )
        self.try_targets(data)
        self.good = self.numbers()

    def try_targets(self, data: tuple[Rows, Targets]) -> None:
        """Put one sample through the model and all targets through the loss, as a rehearsal."""
        rows, targets = data
        with no_grad():
            [outputs] = self.outputs(rows[:1])
            loss = self.loss([[Value(0.5) for _ in outputs]] * len(rows), targets)
        if not isinstance(loss, Value):
            raise UsageError(f"fit: the loss returned {loss!r}; it must return a Value")

    def outputs(self, rows: Rows) -> list[Sequence[Value]]:
        """Return the outputs of samples, a list for each."""
        return [self.model.outputs_for(row) for row in rows]

    def epoch(self, epoch: int, batches: _Batches, bar: Any) -> float:
        """Take a step for each batch; return the average loss over the samples."""
        total, seen = 0.0, 0
        for number, chosen in enumerate(batches.shuffled(), 1):
            total += self.step(chosen, f"epoch {epoch}, batch {number}") * len(chosen)
            seen += len(chosen)
            bar.set_postfix(loss=f"{total / seen:.4f}", refresh=False)
            bar.update()
        return total / seen

    def step(self, chosen: Sequence[int], when: str) -> float:
        """Take one step on the chosen samples; return the loss before it."""
        data = [self.rows[i] for i in chosen], [self.targets[i] for i in chosen]
        loss = self.finite_loss(data, when)
        if not loss.parents:
            raise UsageError("fit: the loss was not recorded; train outside of no_grad()")
        self.good = self.numbers()
        self.optimizer.zero_grad()
        try:
            loss.backward()
        finally:
            for p in self.frozen:
                p.grad = None  # would grow from batch to batch, and mean nothing
        if not isfinite(sum([p.grad for p in self.optimizer.parameters])):
            raise self.failure("gradient is not finite", when)
        try:
            self.optimizer.step()
        except KeyboardInterrupt:  # half of the parameters may have moved
            self.restore(self.good)
            raise
        if not isfinite(sum(self.numbers())):
            raise self.failure("parameters are not finite", when)
        return loss.data

    def validate(self, epoch: int, data: tuple[Rows, Targets]) -> float:
        """Return the loss on samples that are not learned from."""
        with no_grad():
            return self.finite_loss(data, f"the validation after epoch {epoch}").data

    def finite_loss(self, data: tuple[Rows, Targets], when: str) -> Value:
        """Return the loss on samples; `DomainError` if it is none."""
        rows, targets = data
        try:
            loss = self.loss(self.outputs(rows), targets)
        except DomainError as error:
            raise self.failure(f"loss has no value: {error}", when) from error
        if not isfinite(loss.data):
            raise self.failure(f"loss is {loss.data}", when)
        return loss

    def failure(self, what: str, when: str) -> DomainError:
        """Put the last good parameters back, and return the error that says so."""
        self.restore(self.good)
        return DomainError(
            f"fit stopped in {when}: the {what}. The model keeps its last good parameters; try a "
            f"learning rate below {self.optimizer.rate(max(0, self.optimizer.steps - 1)):.4g}"
        )

    def numbers(self) -> list[float]:
        """Return the numbers of the parameters that are learned."""
        return [p.data for p in self.optimizer.parameters]

    def restore(self, numbers: Sequence[float]) -> None:
        """Set the parameters back to what `numbers` returned."""
        for p, number in zip(self.optimizer.parameters, numbers, strict=True):
            p.data = number


class _Best:
    """The parameters of the best epoch, if someone has the patience to wait for a better one."""

    def __init__(self, training: _Training, patience: int | None) -> None:
        self.training, self.patience = training, patience
        self.numbers: list[float] | None = None

    def waits_in_vain(self, history: History) -> bool:
        """Keep the parameters if they are the best; return whether to stop."""
        if self.patience is None:
            return False
        waited = len(history.losses) - history.best_epoch
        if waited == 0:
            self.numbers = self.training.numbers()
        return waited >= self.patience

    def restore(self) -> None:
        """Go back to the best epoch."""
        if self.numbers is not None:
            self.training.restore(self.numbers)


class _Batches:
    """The numbers of the samples, in a new order for each epoch, cut into batches."""

    def __init__(self, samples: int, batch_size: int | None, seed: Seed) -> None:
        self._samples = list(range(samples))
        self._size = min(batch_size or samples, samples)
        self._random = stream(seed, "fit")
        self.count = -(-samples // self._size)

    def shuffled(self) -> Iterator[list[int]]:
        """Yield the batches of one epoch."""
        order = self._random.sample(self._samples, len(self._samples))
        for start in range(0, len(order), self._size):
            yield order[start : start + self._size]


def _check_kinds(model: Any, validation: Any, callbacks: Any) -> None:
    if not isinstance(model, Module):
        raise UsageError(f"fit: {model!r} is not a Module; give a model, such as MLP([2, 16, 1])")
    if validation is not None and (
        not isinstance(validation, list | tuple) or len(validation) != 2
    ):
        raise UsageError("fit: validation is no pair; give samples and their targets, (X, y)")
    if not isinstance(callbacks, list | tuple) or not all(map(callable, callbacks)):
        raise UsageError(f"fit: callbacks={callbacks!r}; give a list of functions of the history")


def _aims(loss: Any, optimizer: Any) -> tuple[Loss, Optimizer]:
    """Return the loss and the optimizer; `UsageError` if one is missing or something else."""
    if loss is None or optimizer is None:
        missing = " and no ".join(
            name for name, x in (("loss", loss), ("optimizer", optimizer)) if x is None
        )
        raise UsageError(
            f"fit: no {missing}; give both, as in fit(model, X, y, loss=nn.squared_error, "
            "optimizer=nn.SGD(model.parameters(), lr=0.1))"
        )
    if not callable(loss):
        raise UsageError(f"fit: loss={loss!r}; give a function of outputs and targets, as nn.hinge")
    if not isinstance(optimizer, Optimizer):
        raise UsageError(f"fit: optimizer={optimizer!r}; make one: SGD(model.parameters(), lr=0.1)")
    return loss, optimizer


def _count(name: str, x: Any) -> int:
    if isinstance(x, bool) or not hasattr(x, "__index__") or x < 1:
        raise UsageError(f"fit: {name}={x!r}; give a whole number from 1 on")
    return index(x)
