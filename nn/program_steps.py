"""Steps of a training whose batches a program computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import isclose, isfinite, nan
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd import AutogradError, BranchError, Program, gradient, no_grad
from nn.data import Rows, Targets
from nn.programs import UnsuitableError, key_of, loss_program
from nn.steps import Steps

if TYPE_CHECKING:
    from numpy import ndarray

    Array: TypeAlias = ndarray[Any, Any]

__all__ = ["ProgramSteps"]

_FEW = 24  # samples that are compared before the first step
_CLOSELY = 8  # epochs after each of which a sample is looked at again, without callbacks
_KINDS = 16  # targets of which a sample each is looked at again
_REFUSALS = 3
"""After so many batches in a row that a program cannot compute it is not asked again."""


class ProgramSteps(Steps):
    """The same steps as those of `Steps`, by a program of the average loss and its gradient.

    Parameters and gradients are arrays, until they are settled in the leaves. A batch that the
    program cannot compute, where something goes another way than it was recorded or is not finite,
    is computed sample by sample. Raises `UnsuitableError` where there is no such program.
    """

    theta: Array
    slopes: Array

    def __init__(self, eager: Steps, held_out: tuple[Rows, Targets] | None) -> None:
        vars(self).update(vars(eager))
        self.eager = eager
        if not self.optimizer.is_plain:
            raise UnsuitableError("the optimizer has steps of its own")
        rate = partial(self.optimizer.rate, self.optimizer.steps)
        if Program.recorded(rate, self.optimizer.parameters)[1]:
            raise UnsuitableError("the learning rate looks at the parameters")
        rows, targets = held_out or ([], [])
        self.program, self.batch = loss_program(
            self.model, self.loss, [*self.rows, *rows], [*self.targets, *targets],
            self.optimizer.parameters,
        )  # fmt: skip
        self.engine = f"program ({self.program.backend})"
        import numpy

        self.parameters = list(self.optimizer.parameters)
        place = {p: i for i, p in enumerate(self.parameters)}
        self.places = numpy.array([place[p] for p in self.program.shared], int)
        self.is_agreed, self.is_seen, self.refused = False, False, 0
        self.take()
        self.is_seen = False

    def epoch(self, epoch: int, batches: Iterator[list[int]], bar: Any) -> float:
        """Take a step for each batch; return the average loss over the samples."""
        self._look_again(epoch)
        return super().epoch(epoch, batches, bar)

    def step(self, chosen: Sequence[int], when: str) -> float:
        """Take one step on the chosen samples; return the loss before it."""
        if self.refused >= _REFUSALS:
            return self._by_sample(chosen, when)
        try:
            mean, slopes = self._differentiated(chosen)
        except BranchError as error:
            self.refused += 1
            if self.refused >= _REFUSALS:
                self._give_up(str(error))
            return self._by_sample(chosen, when)
        if not (isfinite(mean) and isfinite(slopes.sum())) or not self._agrees(chosen):
            return self._by_sample(chosen, when)
        self.refused = 0
        self.good, self.slopes = self.numbers(), slopes
        theta = self.optimizer.moved(self.theta, slopes)
        if not isfinite(theta.sum()):
            raise self.failure("parameters are not finite", when)
        self.theta = theta
        return mean

    def _differentiated(self, chosen: Sequence[int]) -> tuple[float, Array]:
        """Return the average loss of the chosen samples, and its slope in every parameter."""
        import numpy

        run = self.program(self.batch[chosen], self.theta[self.places])
        slopes = numpy.zeros(len(self.theta))
        slopes[self.places] = run.gradient
        return run.mean, slopes

    def _agrees(self, chosen: Sequence[int]) -> bool:
        """Return whether a few samples, recorded anew, have the same loss and gradient.

        They are asked once; the program is given up if they have not.
        """
        if self.is_agreed:
            return True
        few = chosen[:_FEW]
        mean, slopes = self._differentiated(few)
        self.settle()
        targets = [self.targets[i] for i in few]
        try:
            cost = self.loss(self.outputs([self.rows[i] for i in few]), targets)
        except AutogradError:  # a step sample by sample says more
            return False
        eager = gradient(cost, self.optimizer.parameters)
        near = 1e-9 * (1 + abs(slopes).max())
        self.is_agreed = _are_close(cost.data, mean) and not (abs(slopes - eager) > near).any()
        if not self.is_agreed:
            self._give_up("a program of the loss finds other gradients")
        return self.is_agreed

    def _look_again(self, epoch: int) -> None:
        """Give the program up if a loss that depends on more than its samples has changed."""
        if self.refused >= _REFUSALS or not self.is_agreed:
            return
        if not self.is_seen and epoch > _CLOSELY and epoch % 4:
            return
        self.eager.restore(self.theta.tolist())
        for i in self._examples(epoch):
            try:
                [found, _] = self.program.values(self.batch[[i, i]], self.theta[self.places])
                with no_grad():
                    outputs = self.model.outputs_for(self.rows[i])
                    loss = self.loss([outputs], [self.targets[i]]).data
            except AutogradError:  # another branch, or no loss: its batch will tell
                continue
            if isfinite(loss) and not _are_close(loss, found):
                self._give_up("the loss of a sample has changed during the training")
                return

    def _examples(self, epoch: int) -> list[int]:
        """Return a sample; or one for each of a few targets, where a callback was called."""
        count = len(self.rows)
        if not self.is_seen:
            return [epoch % count]
        first: dict[Any, int] = {}
        for i in ((epoch + k) % count for k in range(count)):
            first.setdefault(key_of(self.targets[i]), i)
            if len(first) == _KINDS:
                break
        return list(first.values())

    def _give_up(self, reason: str) -> None:
        self.refused = _REFUSALS
        self.engine = f"eager: {reason}"

    def _by_sample(self, chosen: Sequence[int], when: str) -> float:
        """Take a step as an eager training does."""
        self.settle()
        self.eager.good = [*map(float, self.good)]
        try:
            return self.eager.step(chosen, when)
        finally:
            self.take()

    def validate(self, epoch: int, data: tuple[Rows, Targets]) -> float:
        """Return the loss on samples that are not learned from."""
        mean = nan
        if self.refused < _REFUSALS:
            held_out, theta = self.batch[len(self.rows) :], self.theta[self.places]
            try:
                mean = float(self.program.values(held_out, theta).mean())
            except BranchError:
                mean = nan
        if isfinite(mean):
            return mean
        self.settle()
        self.eager.good = [*map(float, self.good)]
        return self.eager.validate(epoch, data)

    def numbers(self) -> Any:
        """Return the numbers of the parameters that are learned."""
        return self.theta

    def restore(self, numbers: Sequence[float]) -> None:
        """Set the parameters back to what `numbers` returned."""
        import numpy

        self.theta = numpy.array(numbers, float)
        self.eager.restore(self.theta.tolist())

    def take(self) -> None:
        """Read the parameters and their gradients from the leaves, which someone has seen."""
        import numpy

        if self.optimizer.parameters != self.parameters:
            self.parameters = list(self.optimizer.parameters)
            self._give_up("the optimizer has other parameters")
        self.is_seen = True
        self.theta = numpy.array(self.eager.numbers())
        self.slopes = numpy.array([p.grad for p in self.optimizer.parameters])

    def settle(self) -> None:
        """Write the parameters and their gradients to the leaves; frozen ones have none."""
        self.optimizer.settle()
        self.eager.restore(self.theta.tolist())
        for p, slope in zip(self.optimizer.parameters, self.slopes.tolist(), strict=True):
            p.grad = slope
        for p in self.frozen:
            p.grad = None


def _are_close(x: float, y: float) -> bool:
    return isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)
