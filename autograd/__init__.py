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
    BranchError,
    DivisionByZeroError,
    DomainError,
    ExpressionError,
    GradientError,
    InfiniteGradientWarning,
    NumberError,
    RangeError,
    RendererError,
    UndefinedGradientWarning,
    UsageError,
)
from autograd.finite_differences import gradcheck
from autograd.gradients import grad, gradient, hessian, hvp, jacobian, value_and_grad
from autograd.recording import no_grad
from autograd.replay import replay
from autograd.rule import RULES, Rule, rule
from autograd.value import Value

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
    "RULES",
    "AutogradError",
    "BranchError",
    "DivisionByZeroError",
    "DomainError",
    "ExpressionError",
    "GradientError",
    "InfiniteGradientWarning",
    "NumberError",
    "RangeError",
    "RendererError",
    "Rule",
    "UndefinedGradientWarning",
    "UsageError",
    "Value",
    "check",
    "draw",
    "exercise",
    "explain",
    "grad",
    "gradcheck",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "no_grad",
    "plot_tangent",
    "quiz",
    "replay",
    "rule",
    "steps",
    "value_and_grad",
    "what_goes_wrong",
    "worksheet",
]

_OPERATORS = ("add", "sub", "mul", "div", "neg", "power", "pow")
"""The rules that people write with +, −, ×, / and the like."""

_TABLE = [
    name
    for name, line in RULES.items()
    if line.own and name not in _OPERATORS and not name.startswith("_")
]
__all__ += _TABLE

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

_ELSEWHERE = {
    "draw_dot": "draw(y) shows the graph; draw(y).dot is its DOT text",
    "trace": "steps(y).order holds the nodes, each with its parents",
    "Neuron": "from nn import Neuron",
    "Layer": "from nn import Layer",
    "MLP": "from nn import MLP",
    "Tensor": "here every number is a Value",
    "tensor": "here every number is a Value",
}
"""What other engines have under this name, and what it is here."""

_HIPS = (
    "numpy", "scipy", "elementwise_grad", "make_vjp", "make_jvp", "make_hvp", "make_ggnvp",
    "holomorphic_grad", "deriv", "multigrad_dict", "checkpoint", "extend", "misc", "tracer",
    "wrap_util", "differential_operators", "test_util", "builtins", "vector_jacobian_product",
    "grad_and_aux", "jacobian_and_value", "hessian_tensor_product", "tensor_jacobian_product",
)  # fmt: skip


def __getattr__(name: str) -> Rule:
    """Import a view when it is first asked for, so that ``import autograd`` stays light.

    Every other public name is that of a rule.
    """
    if name in _VIEWS:
        view: Rule = getattr(import_module(_VIEWS[name]), name)
        globals()[name] = view
        return view
    if name in _HIPS:
        raise ImportError(
            f"autograd.{name} is of HIPS autograd; this is chainrule's autograd, which is imported "
            "by the same name: use an environment of its own for each"
        )
    if name in _ELSEWHERE:
        raise AttributeError(f"module 'autograd' has no {name}: {_ELSEWHERE[name]}")
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_VIEWS])


def _show(value: Value) -> dict[str, Any] | None:
    bundle: dict[str, Any] | None = import_module("autograd.views.draw").small_graph(value)
    return bundle


globals().update({name: RULES[name] for name in _TABLE})
Value.viewer = _show
