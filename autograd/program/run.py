"""What a program found of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.program.results import Results
from autograd.program.way import AVERAGE, INPUTS, SAMPLES
from autograd.program.ways import total

if TYPE_CHECKING:
    from numpy import ndarray

    Array: TypeAlias = ndarray[Any, Any]

__all__ = ["Run"]

Compute: TypeAlias = Callable[[str, "int | None"], Results]
"""What computes the batch again, for derivatives of a kind and of one of the outputs."""


class Run:
    """What a program found of a batch; derivatives that cost more are found when asked for.

    Of a program with a list of outputs, every array has an axis for them: after the samples, or
    first if there are none.

    - ``values``: the output for every sample;
    - ``mean``: its average;
    - ``gradient``: the derivative of the average in each of the shared leaves;
    - ``input_gradients``: the derivative of each sample's output in its own inputs, of shape
      (samples, varying);
    - ``sample_gradients``: that in the shared leaves, of shape (samples, shared).
    """

    def __init__(self, found: Results, compute: Compute, samples: int, is_single: bool) -> None:
        self._values, self._total = found.values, found.total
        self._gradients = {} if found.gradient is None else {0: found.gradient}
        self._compute, self._samples, self._is_single = compute, samples, is_single

    def __repr__(self) -> str:
        return f"Run of {self._samples} sample(s), mean {self.mean}"

    @property
    def values(self) -> Array:
        """The output for every sample."""
        found: Array = self._values[0] if self._is_single else self._values.T
        return found

    @property
    def mean(self) -> Any:
        """The average of the output over the samples."""
        if self._is_single:
            known = 0 in self._gradients  # where the sum was found, too
            return (self._total if known else total(self._values[0])) / self._samples
        import numpy

        return numpy.array([total(row) for row in self._values]) / self._samples

    @property
    def gradient(self) -> Array:
        """The derivative of the average in each of the shared leaves."""
        each = [self._gradient_of(output) for output in range(len(self._values))]
        return self._of_outputs(each, axis=0)

    @property
    def input_gradients(self) -> Array:
        """The derivative of each sample's output in its inputs."""
        return self._slopes(INPUTS)

    @property
    def sample_gradients(self) -> Array:
        """The derivative of each sample's output in the shared leaves."""
        return self._slopes(SAMPLES)

    def _gradient_of(self, output: int) -> Any:
        if output not in self._gradients:
            self._gradients[output] = self._compute(AVERAGE, output).gradient
        return self._gradients[output]

    def _slopes(self, purpose: str) -> Array:
        each = [self._compute(purpose, output).slopes for output in range(len(self._values))]
        return self._of_outputs(each, axis=1)

    def _of_outputs(self, each: Sequence[Any], axis: int) -> Array:
        import numpy

        found: Array = each[0] if self._is_single else numpy.stack(each, axis=axis)
        return found
