"""What a back end finds of a batch."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

__all__ = ["Backend", "Results"]


class Results(NamedTuple):
    """What was computed of a batch: arrays.

    - ``values``: of shape (outputs, samples);
    - ``gradient``: of shape (shared,), the sum of the derivatives over the samples;
    - ``slopes``: of shape (samples, varying), the derivatives in the inputs;
    - ``total``: the sum of the output that was differentiated;
    - ``finite``: a number that is not finite if one of these is not, or was not at first.
    """

    values: Any
    gradient: Any = None
    slopes: Any = None
    total: float = 0.0
    finite: float = 0.0


class Backend(Protocol):
    """What computes blocks; ``numbers`` are those of the leaves that do not vary, to be set."""

    numbers: Any

    def run(self, X: Any, seeded: int | None, seed: float, careful: bool) -> Results:
        """Compute the outputs, and from the adjoint `seed` of one of them the derivatives.

        X has a row for each sample. Without `seeded`, the index of an output, no derivatives are
        computed. If `careful`, an infinity passes nothing on where it meets a 0.
        """
