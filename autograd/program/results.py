"""What a back end finds of a batch."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

__all__ = ["Backend", "Results"]


class Results(NamedTuple):
    """The numbers of a batch: arrays.

    - ``values``: of shape (outputs, samples);
    - ``gradient``: of shape (shared,), the sum of the derivatives over the samples;
    - ``slopes``: of shape (samples, varying), the derivatives in the inputs.
    """

    values: Any
    gradient: Any
    slopes: Any


class Backend(Protocol):
    """What computes blocks."""

    def run(
        self, X: Any, numbers: Any, seeded: int | None, seed: float, careful: bool = False
    ) -> Results:
        """Compute the outputs, and from the adjoint `seed` of one of them the derivatives.

        X has a row for each sample; `numbers` are those of the leaves that do not vary. Without
        `seeded`, the index of an output, no derivatives are computed. If `careful`, an infinity
        passes nothing on where it meets a 0.
        """
