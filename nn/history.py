"""What happened during training, epoch by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import UsageError
from nn.axes import INK, axes, color

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History", "plot_history"]

_ENDED = {"early": "stopped early", "callback": "stopped by a callback"}
"""What ended a training, in words of its own."""


class History:
    """The losses of a training, one for each epoch, and why it stopped.

    - ``losses``: the average loss over the samples of an epoch, while it was being learned from;
    - ``validation_losses``: the loss on the validation samples after each epoch, if there are any;
    - ``stopped``: what ended the training: ``"finished"``, ``"interrupted"`` (by Ctrl-C),
      ``"early"`` (no better loss for a while) or ``"callback"``;
    - ``engine``: what computed the steps: ``"program (compiled)"``, ``"program (arrays)"``, or
      ``"eager: …"`` and why;
    - ``best_epoch``: the epoch with the least loss, counted from 1.

    >>> history = History()
    >>> history.losses += [0.5, 0.25, 0.375]
    >>> history.best_epoch, history
    (2, History: 3 epochs, loss 0.5 → 0.375, best 0.25 in epoch 2; finished)
    """

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.validation_losses: list[float] = []
        self.stopped = "finished"
        self.engine = ""

    @property
    def watched(self) -> list[float]:
        """The losses that early stopping looks at: those on the validation samples, if any."""
        return self.validation_losses or self.losses

    @property
    def best_epoch(self) -> int:
        """The epoch with the least loss, counted from 1; 0 before the first."""
        return self.watched.index(min(self.watched)) + 1 if self.watched else 0

    @property
    def _ended(self) -> str:
        return _ENDED.get(self.stopped, self.stopped)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the losses over the epochs, as `plot_history` does; `ax` is one to draw into."""
        return plot_history(self, ax)

    def __repr__(self) -> str:
        if not self.losses:
            return f"History: no epoch; {self._ended}"
        best = self.best_epoch
        return (
            f"History: {len(self.losses)} epoch{'s' * (len(self.losses) > 1)}, "
            f"loss {self.losses[0]:.4g} → {self.losses[-1]:.4g}, "
            f"best {self.watched[best - 1]:.4g} in epoch {best}; {self._ended}"
        )


def plot_history(history: History, ax: Axes | None = None) -> Axes:
    """Draw the losses of a training over its epochs, and mark the best epoch.

    Returns matplotlib's Axes; `ax` is one to draw into.

    >>> history = History()
    >>> history.losses += [0.5, 0.25, 0.375]
    >>> plot_history(history).figure.savefig("history.png")  # doctest: +SKIP
    """
    if not history.losses:
        raise UsageError("plot_history: the history has no epoch; train for one at least")
    ax = axes(ax)
    epochs = range(1, len(history.losses) + 1)
    ax.plot(epochs, history.losses, color=color(0), label="training")
    if history.validation_losses:
        seen = range(1, len(history.validation_losses) + 1)
        ax.plot(seen, history.validation_losses, "--", color=color(1), label="validation")
    best = history.best_epoch
    label = f"best: {history.watched[best - 1]:.4g} in epoch {best}"
    ax.plot([best], [history.watched[best - 1]], "o", color=INK, label=label)
    ax.set(xlabel="epoch", ylabel="loss", title=f"{history._ended} after {len(epochs)} epochs")
    ax.locator_params(axis="x", integer=True)
    ax.legend()
    return ax
