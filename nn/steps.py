"""Steps of a training, each on a batch: recorded sample by sample, and differentiated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from autograd import DomainError, UsageError, Value, no_grad
from nn.data import Rows, Targets
from nn.losses import Loss
from nn.module import Module
from nn.optim import Optimizer

__all__ = ["Steps"]


class Steps:
    """A model, the samples it learns from, and the steps that it takes.

    ``engine`` says how they are computed, and why so.
    """

    def __init__(
        self, model: Module, loss: Loss, optimizer: Optimizer, data: tuple[Rows, Targets]
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.rows, self.targets = data
        self.engine = "eager"
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

    def epoch(self, epoch: int, batches: Iterator[list[int]], bar: Any) -> float:
        """Take a step for each batch; return the average loss over the samples."""
        total, seen = 0.0, 0
        for number, chosen in enumerate(batches, 1):
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

    def settle(self) -> None:
        """Write to the leaves whatever is kept elsewhere while steps are taken: nothing."""

    def take(self) -> None:
        """Read from the leaves what someone else may have changed in them: nothing."""

    def restore(self, numbers: Sequence[float]) -> None:
        """Set the parameters back to what `numbers` returned."""
        for p, number in zip(self.optimizer.parameters, numbers, strict=True):
            p.data = number
