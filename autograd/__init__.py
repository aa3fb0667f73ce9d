"""A scalar reverse-mode automatic differentiation engine that explains itself.

A `Value` records how it was computed; ``backward()`` walks back through the record and sums the
chain rule over every path:

    >>> from autograd import Value
    >>> w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    >>> y = (w * x + b).tanh()
    >>> y.backward()
    >>> round(w.grad, 3), round(x.grad, 3), round(b.grad, 3)
    (1.002, -1.503, 0.501)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd.errors import (
    AutogradError,
    DivisionByZeroError,
    DomainError,
    ExpressionError,
    GradientError,
    InfiniteGradientWarning,
    NumberError,
    RangeError,
    RendererError,
    UsageError,
)
from autograd.finite_differences import gradcheck
from autograd.gradients import grad, gradient, hessian, hvp, jacobian, value_and_grad
from autograd.replay import replay
from autograd.rule import rule
from autograd.rules import (
    abs,
    acos,
    asin,
    atan,
    atan2,
    cos,
    cosh,
    dot,
    elu,
    erf,
    exp,
    expm1,
    gelu,
    hypot,
    leaky_relu,
    log,
    log1p,
    logsumexp,
    maximum,
    mean,
    minimum,
    relu,
    sigmoid,
    silu,
    sin,
    sinh,
    softplus,
    sqrt,
    sum,
    tan,
    tanh,
    where,
)
from autograd.value import Value, no_grad

if TYPE_CHECKING:
    from autograd.views.broken_sweeps import what_goes_wrong
    from autograd.views.by_hand import check
    from autograd.views.curve import plot_tangent
    from autograd.views.draw import draw
    from autograd.views.exercises import exercise, worksheet
    from autograd.views.paths import explain
    from autograd.views.quiz import quiz
    from autograd.views.steps import steps

__all__ = [
    "AutogradError",
    "DivisionByZeroError",
    "DomainError",
    "ExpressionError",
    "GradientError",
    "InfiniteGradientWarning",
    "NumberError",
    "RangeError",
    "RendererError",
    "UsageError",
    "Value",
    "abs",
    "acos",
    "asin",
    "atan",
    "atan2",
    "check",
    "cos",
    "cosh",
    "dot",
    "draw",
    "elu",
    "erf",
    "exercise",
    "exp",
    "explain",
    "expm1",
    "gelu",
    "grad",
    "gradcheck",
    "gradient",
    "hessian",
    "hvp",
    "hypot",
    "jacobian",
    "leaky_relu",
    "log",
    "log1p",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "no_grad",
    "plot_tangent",
    "quiz",
    "relu",
    "replay",
    "rule",
    "sigmoid",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "steps",
    "sum",
    "tan",
    "tanh",
    "value_and_grad",
    "what_goes_wrong",
    "where",
    "worksheet",
]

_VIEWS = {
    "check": "autograd.views.by_hand",
    "draw": "autograd.views.draw",
    "exercise": "autograd.views.exercises",
    "explain": "autograd.views.paths",
    "plot_tangent": "autograd.views.curve",
    "quiz": "autograd.views.quiz",
    "steps": "autograd.views.steps",
    "what_goes_wrong": "autograd.views.broken_sweeps",
    "worksheet": "autograd.views.exercises",
}


def __getattr__(name: str) -> Any:
    """Import a view when it is first asked for, so that ``import autograd`` stays light."""
    if name not in _VIEWS:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    view = getattr(import_module(_VIEWS[name]), name)
    globals()[name] = view
    return view


def _show(value: Value) -> dict[str, Any] | None:
    bundle: dict[str, Any] | None = import_module("autograd.views.draw").small_graph(value)
    return bundle


Value.viewer = _show
