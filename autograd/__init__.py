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
    RuleError,
    UndefinedGradientWarning,
    UnknownModuleError,
    UnknownNameError,
    UsageError,
)
from autograd.finite_differences import gradcheck
from autograd.gradients import grad, gradient, hessian, hvp, jacobian, value_and_grad
from autograd.recording import no_grad
from autograd.replay import replay
from autograd.rule import RULES, Rule, rule
from autograd.tools.elsewhere import Elsewhere
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.program.program import Program
    from autograd.rule_check import test_rule
    from autograd.views.check import check
    from autograd.views.draw import draw
    from autograd.views.exercise import exercise
    from autograd.views.explain import explain
    from autograd.views.pictures.drawing import Drawing
    from autograd.views.plot_tangent import plot_tangent
    from autograd.views.quiz import quiz
    from autograd.views.steps import steps
    from autograd.views.what_goes_wrong import what_goes_wrong
    from autograd.views.worksheet import worksheet, worksheets

__version__ = "0.2.0"

__all__ = [
    "RULES",
    "AutogradError",
    "BranchError",
    "DivisionByZeroError",
    "DomainError",
    "Drawing",
    "ExpressionError",
    "GradientError",
    "InfiniteGradientWarning",
    "NumberError",
    "Program",
    "RangeError",
    "RendererError",
    "Rule",
    "RuleError",
    "UndefinedGradientWarning",
    "UnknownModuleError",
    "UnknownNameError",
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
    "test_rule",
    "value_and_grad",
    "what_goes_wrong",
    "worksheet",
    "worksheets",
]

_OPERATORS = ("add", "sub", "mul", "div", "neg", "power", "pow")
"""The rules that people write with +, −, ×, / and the like."""

_TABLE = [
    name
    for name, line in RULES.items()
    if line.own and name not in _OPERATORS and not name.startswith("_")
]
__all__ += _TABLE

_LATER = {
    "Drawing": "autograd.views.pictures.drawing",
    "Program": "autograd.program.program",
    "check": "autograd.views.check",
    "draw": "autograd.views.draw",
    "exercise": "autograd.views.exercise",
    "explain": "autograd.views.explain",
    "plot_tangent": "autograd.views.plot_tangent",
    "quiz": "autograd.views.quiz",
    "steps": "autograd.views.steps",
    "test_rule": "autograd.rule_check",
    "what_goes_wrong": "autograd.views.what_goes_wrong",
    "worksheet": "autograd.views.worksheet",
    "worksheets": "autograd.views.worksheet",
}

_HIPS = (
    "numpy", "scipy", "builtins", "core", "differential_operators", "extend", "misc", "test_util",
    "tracer", "util", "wrap_util", "checkpoint", "deriv", "elementwise_grad", "grad_and_aux",
    "grad_named", "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad",
    "jacobian_and_value", "make_ggnvp", "make_hvp", "make_jvp", "make_vjp", "multigrad",
    "multigrad_dict", "primitive", "tensor_jacobian_product", "vector_jacobian_product",
)  # fmt: skip

_ELSEWHERE = Elsewhere(
    "autograd",
    {
        **dict.fromkeys(
            _HIPS,
            "it is of HIPS autograd, and this is chainrule's autograd, imported by the same name; "
            "use an environment of its own for each",
        ),
        "engine": "from autograd import Value",
        **dict.fromkeys(("nn", "MLP", "Layer", "Neuron"), "from nn import MLP, Layer, Neuron"),
        "draw_dot": "draw(y) shows the graph; draw(y).dot is its DOT text",
        "trace": "steps(y).order holds the nodes, each with its parents",
        **dict.fromkeys(("Tensor", "tensor", "Variable"), "here every number is a Value"),
        "Function": "rule declares an operation with its derivatives",
        "backward": "y.backward() fills in the gradients",
    },
)
"""What other engines have under this name, and what it is here."""


def __getattr__(name: str) -> Rule:
    """Import what is seldom needed when it is asked for, so that ``import autograd`` stays light.

    Every other public name is that of a rule.
    """
    if name in _LATER:
        view: Rule = getattr(import_module(_LATER[name]), name)
        globals()[name] = view
        return view
    raise UnknownNameError(_ELSEWHERE.answer(name))


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])


def _show(value: Value) -> dict[str, Any] | None:
    bundle: dict[str, Any] | None = import_module("autograd.views.draw").small_graph(value)
    return bundle


globals().update({name: RULES[name] for name in _TABLE})
Value.viewer = _show
