"""Training: mini-batches, and one step down the slope for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import index
from typing import Any, TypeAlias

from autograd import UsageError
from nn.data import Rows, Targets, pairs
from nn.history import History
from nn.losses import Loss
from nn.module import Module
from nn.optim import Optimizer
from nn.program_steps import ProgramSteps
from nn.programs import UnsuitableError, is_layers, is_worth_it
from nn.progress import progress_bar
from nn.seeds import Seed, stream
from nn.steps import Steps
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
    engine: str = "auto",
) -> History:
    """Train a model on samples X and targets y, and return how it went.

    An epoch goes through all samples once, in an order drawn from `seed`, `batch_size` at a time
    (None: all at once), and takes a step of the optimizer for each batch. X and y are lists,
    NumPy arrays or data frames: X (m, inputs), y (m) or (m, k) for m samples and k outputs.

    - `loss`: a function of the outputs of samples (a list of lists) and their targets;
    - `optimizer`: what moves the parameters that it was made with; those that it lacks are frozen,
      and have no gradient afterwards;
    - `validation`: samples and targets that are not learned from, whose loss is recorded;
    - `patience`: stop after so many epochs without a better loss (on the validation samples, if
      there are any), and go back to the parameters at the end of the best epoch;
    - `callbacks`: called with the `History` after each epoch; one that returns True stops;
    - `engine`: ``"program"`` records model and loss as an `autograd.Program`, which computes whole
      batches at once; ``"eager"`` records each sample of each batch; ``"auto"`` chooses a program
      for layers and a loss where it is sure to find the same and saves time. A model or loss of
      one's own must then depend on its samples and parameters alone, and a number that overflows
      on the way to a finite one is no error. ``history.engine`` says which it was;
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
    if engine not in ("auto", "program", "eager"):
        raise UsageError(f"fit: engine={engine!r}; choose from auto, program, eager")
    loss, optimizer = _aims(loss, optimizer)
    steps = Steps(model, loss, optimizer, pairs(X, y, model, "fit"))
    held_out = pairs(*validation, model, "fit: validation") if validation is not None else None
    if held_out:
        steps.try_targets(held_out)
    batches = _Batches(len(steps.rows), batch_size, seed)
    optimizer.rate(optimizer.steps)  # refuses one that makes no sense
    optimizer.rate(optimizer.steps + epochs * batches.count - 1)  # a decay that went below 0
    steps = _fastest(steps, engine, held_out, epochs)
    best = _Best(steps, patience)
    history = History()
    try:
        with progress_bar(epochs * batches.count, progress) as bar:
            for epoch in range(1, epochs + 1):
                bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                history.losses.append(steps.epoch(epoch, batches.shuffled(), bar))
                if held_out:
                    history.validation_losses.append(steps.validate(epoch, held_out))
                waited = best.waits_in_vain(history)
                asked = _called(callbacks, history, steps)
                if waited or any(asked):
                    history.stopped = "early" if waited else "callback"
                    break
        steps.settle()
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    finally:
        steps.settle()
    best.restore()
    history.engine = steps.engine
    return history


def _called(callbacks: Sequence[Callback], history: History, steps: Steps) -> list[bool]:
    """Call the callbacks, for which the model is as it is; return which of them stop."""
    if not callbacks:
        return []
    steps.settle()
    asked = [nested(callback(history)) is True for callback in callbacks]
    steps.take()
    return asked


def _fastest(
    steps: Steps, engine: str, held_out: tuple[Rows, Targets] | None, epochs: int
) -> Steps:
    """Return the steps by a program, where that is asked for or saves time, and where there is one.

    Raises `UsageError` where there is none though it is asked for.
    """
    samples = epochs * len(steps.rows)
    if engine == "eager":
        return steps
    if engine == "auto" and not is_layers(steps.model):
        kind = type(steps.model).__name__
        steps.engine = f"eager: a {kind} may do anything; engine='program' records each sample"
    elif engine == "auto" and not is_worth_it(steps.model, samples):
        steps.engine = "eager: a program would save no time"
    else:
        import random  # heavy

        chance = random.getstate()
        try:
            return ProgramSteps(steps, held_out)
        except UnsuitableError as error:
            if engine == "program":
                raise UsageError(f"fit: no program: {error}; give engine='auto'") from error
            steps.engine = f"eager: {error}"
        finally:
            random.setstate(chance)  # what was recorded on trial may have drawn numbers
    return steps


class _Best:
    """The parameters of the best epoch, if someone has the patience to wait for a better one."""

    def __init__(self, steps: Steps, patience: int | None) -> None:
        self.steps, self.patience = steps, patience
        self.numbers: list[float] | None = None

    def waits_in_vain(self, history: History) -> bool:
        """Keep the parameters if they are the best; return whether to stop."""
        if self.patience is None:
            return False
        waited = len(history.losses) - history.best_epoch
        if waited == 0:
            self.numbers = self.steps.numbers()
        return waited >= self.patience

    def restore(self) -> None:
        """Go back to the best epoch."""
        if self.numbers is not None:
            self.steps.restore(self.numbers)


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
