"""Habits of programs for micrograd, microgpt and PyTorch: each works, or one line answers it."""

from __future__ import annotations

import copy
import random
import threading
from typing import Any

import pytest

import autograd
import nn
from autograd import AutogradError, UnknownModuleError, UnknownNameError, Value, draw, no_grad
from autograd.graph import topological_order
from tests.untyped import untyped

HABITS = {
    "whole numbers": ("Value(2) * 3", 6.0),
    "a zero to begin with": ("Value(0.0) + x", 2.0),
    "isinstance": ("x if isinstance(x, Value) else Value(x)", 2.0),
    "numbers on the left": ("1 + 2 * x - 4 / x - (1 - x)", 4.0),
    "a sum": ("sum(xi * wi for xi, wi in zip([1, 2], [x, y]))", -4.0),
    "a sum from a bias": ("sum((wi * xi for wi, xi in zip([x, y], [1.0, 2.0])), x)", -2.0),
    "an average": ("sum([x, y, x]) * (1.0 / len([x, y, x]))", 1 / 3),
    "an average, divided": ("sum([x, y, x]) / 3", 1 / 3),
    "a power": ("(x * x + 1e-5)**-0.5", (4 + 1e-5) ** -0.5),
    "a hinge by relu": ("(1 + -1 * x).relu()", 0.0),
    "a hinge by max": ("max(0, 1 - y * 1)", 4.0),
    "a hinge by max that gives the number": ("max(0, 1 - x * 1)", 0.0),
    "a penalty": ("1e-4 * sum((p * p for p in [x, y]))", 13e-4),
    "softmax by hand": (
        "[e / sum(es) for es in [[(v - max(u.data for u in [x, y])).exp() for v in [x, y]]] "
        "for e in es][0]",
        1 / (1 + 2.718281828459045**-5),
    ),
    "tanh by exp": ("((2 * x).exp() - 1) / ((2 * x).exp() + 1)", 0.9640275800758169),
    "methods": ("x.exp().log().tanh().relu().sigmoid()", 0.7239274687),
    "the number": ("x.data", 2.0),
    "the number of a result as a float": ("float((x * x).data)", 4.0),
    "item": ("(x * y).item()", -6.0),
    "an untouched gradient": ("x.grad", 0.0),
    "an untouched gradient, squared": ("0.9 * 0.0 + 0.1 * x.grad ** 2", 0.0),
    "the largest": ("max([x, y])", 2.0),
    "the largest number": ("max(v.data for v in [x, y])", 2.0),
    "sorted": ("sorted([x, y])[0]", -3.0),
    "sorted by a key": ("sorted([x, y], key=lambda v: v.data)[0]", -3.0),
    "arg max": ("max(range(2), key=lambda i: [x, y][i].data)", 0),
    "accuracy": ("sum((t > 0) == (v.data > 0) for t, v in zip([1, 1], [x, y])) / 2", 0.5),
    "accuracy of Values": ("sum((t > 0) == (v > 0) for t, v in zip([1, 1], [x, y])) / 2", 0.5),
    "a choice by sign": ("x if x > 0 else -x", 2.0),
    "sampling": (
        "random.choices(range(2), weights=[v.data for v in [Value(0.0), Value(1.0)]])[0]",
        1,
    ),
    "abs": ("abs(y)", 3.0),
    "a dictionary by node": ("{x: 1.0}[x]", 1.0),
    "a set of nodes": ("len({x, y, x})", 2),
    "parents": ("(x * y)._prev[1]", -3.0),
    "parents in a set": ("len(set((x * y + x)._prev))", 2),
    "children": ("(x * y)._children[0]", 2.0),
    "local gradients": ("(x * y)._local_grads[0]", -3.0),
    "a leaf's parents": ("len(x._prev)", 0),
    "MLP": ("len(MLP(3, [4, 4, 1]).parameters())", 41),
    "MLP by name": ("len(MLP(nin=3, nouts=[4, 4, 1]).parameters())", 41),
    "Layer by name": ("len(Layer(nin=3, nout=2, nonlin=False).parameters())", 8),
    "Neuron by name": ("len(Neuron(nin=3, nonlin=True).w)", 3),
    "whether a neuron bends": ("Neuron(3, nonlin=True).nonlin + Neuron(3, nonlin=False).nonlin", 1),
    "several outputs": ("len(MLP(2, [3, 2])([x, y]))", 2),
    "inputs of either kind": ("MLP(2, [1])([x, 1.0]) - MLP(2, [1])([x, 1.0])", None),
}
"""A piece of a program, and the number that it comes to: any, where that is None."""

STATEMENTS = {
    "accumulate": "total = Value(0.0)\nfor v in [x, y]: total += v * v\nassert total.data == 13.0",
    "accumulate from 0": "total = 0\nfor v in [x, y]: total += v\nassert total.data == -1.0",
    "add to a gradient": "x.grad += 1.5\nx.grad += 1\nassert x.grad == 2.5",
    "step": "x.grad = 3\nx.data -= 0.5 * x.grad\nx.data += -0.25 * x.grad\nassert x.data == -0.25",
    "zero": "(x * x).backward()\nx.grad = 0\nassert x.grad == 0 and type(x.grad) is float",
    "one that took no part": "(x * x).backward()\nassert y.grad == 0.0 and not y.has_grad",
    "zero a model": (
        "model = MLP(2, [3, 1])\nmodel([x, y]).backward()\nmodel.zero_grad()\n"
        "assert all(p.grad == 0 for p in model.parameters())"
    ),
    "an input's gradient": "MLP(2, [1])([x, y]).backward()\nassert x.grad != 0",
    "text": "assert f'{x:.2f} {x.data:.2f} {x.grad:.4f}' == '2.00 2.00 0.0000'",
    "percent": "assert '%.2f | %.2f' % (x.data, x.grad) == '2.00 | 0.00'",
    "label": "z = x * y; z.label = 'z'; assert Value(1.0, label='q').label == 'q'",
    "a subclass's state": (
        "class Parameter(Value): pass\n"
        "p = Parameter(3.0); p.m = 0.0; p.m += p.grad; (p * x).backward(); assert p.grad == 2.0"
    ),
    "state in lists": "m = [0.0] * 2\nfor i, p in enumerate([x, y]): m[i] += 0.1 * p.grad",
    "state by node": "m = {p: 0.0 for p in [x, y]}\nm[x] += x.grad",
    "copy": "other = copy.deepcopy(x * y)\nassert other._prev[0].data == 2.0",
    "seeded": (
        "random.seed(1337); first = MLP(3, [4, 1]); random.seed(1337); second = MLP(3, [4, 1])\n"
        "assert first.state_dict() == second.state_dict() != MLP(3, [4, 1]).state_dict()"
    ),
    "a network by hand": (
        "w = [Value(random.uniform(-1, 1)) for _ in range(2)]\nb = Value(0)\n"
        "(sum((wi * xi for wi, xi in zip(w, [1.0, 2.0])), b)).relu().backward()"
    ),
    "a module by hand": (
        "from nn import Module\nclass Net(Module):\n"
        "    def __init__(self): self.w = [Value(1.0), Value(2.0)]\n"
        "    def parameters(self): return self.w\n"
        "    def __call__(self, x): return self.w[0] * x[0] + self.w[1] * x[1]\n"
        "net = Net(); net([x, y]).backward(); net.zero_grad(); assert net.w[0].grad == 0"
    ),
    "the order, by recursion": (
        "topo, visited = [], set()\n"
        "def build(v):\n"
        "    if v not in visited:\n"
        "        visited.add(v)\n"
        "        for child in v._prev: build(child)\n"
        "        topo.append(v)\n"
        "build((x * y + x).relu()); assert len(topo) == 5 and topo[-1]._op == 'ReLU'"
    ),
}

BY_HAND = r"Value\.from_partials\(data, parents, partials, op='name'\)"
NO_NUMBER = r"would cut the graph.* or (x|v)\.data to leave it"

REFUSED = {
    "Value(3.0, (x, y), '+')": BY_HAND,
    "Value(3.0, (x, y), (1.0, 1.0))": BY_HAND,
    "Value(3.0, {x, y})": BY_HAND,
    "Value(3.0, _children=(x, y), _op='+')": BY_HAND,
    "Value(3.0, children=(x, y), local_grads=(1.0, 1.0))": BY_HAND,
    **{
        f"Value(3.0, {name}=(x, y))": BY_HAND
        for name in ("_prev", "_parents", "parents", "children", "local_grads", "partials", "op")
    },
    "setattr(x, '_backward', lambda: None)": BY_HAND,
    "setattr(x, '_prev', (y,))": BY_HAND,
    "setattr(x, '_children', (y,))": BY_HAND,
    "setattr(x, '_local_grads', (1.0,))": BY_HAND,
    "setattr(x, '_op', '+')": BY_HAND,
    "setattr(x, 'parents', (y,))": BY_HAND,
    "setattr(x, 'partials', (1.0,))": BY_HAND,
    "x._backward()": r"v\.partials",
    "Value(3.0, requires_grad=True)": r"no option requires_grad; write Value\(data, label='x'\)",
    "x.requires_grad": "every Value has a gradient",
    "setattr(x, 'requires_grad', False)": "every Value has a gradient",
    "float(x)": NO_NUMBER,
    "int(x)": NO_NUMBER,
    "round(x)": NO_NUMBER,
    "round(x, 2)": NO_NUMBER,
    "math.exp(x)": NO_NUMBER,
    "math.floor(x)": NO_NUMBER,
    "math.trunc(x)": NO_NUMBER,
    "'%.4f' % x": NO_NUMBER,
    "random.choices(range(2), weights=[x, x])": NO_NUMBER,
    "MLP(3)": r"as in MLP\(\[2, 16, 1\]\)",
    "MLP(2, [2, 1])([1.0])": "takes 2 input",
    "autograd.draw_dot": r"draw\(y\) shows the graph",
    "autograd.trace": r"steps\(y\)\.order",
    "autograd.MLP": "from nn import MLP",
    "autograd.Tensor": "every number is a Value",
    "autograd.Variable": "every number is a Value",
    "nn.Linear": "Layer",
    "nn.Value": "from autograd import Value",
}
"""A piece of a program, and what its error says to write instead."""

HIPS = "HIPS autograd.* an environment of its own"

IMPORTS = {
    "from autograd.engine import Value": "from autograd import Value",
    "import autograd.engine": "from autograd import Value",
    "from autograd import engine": "from autograd import Value",
    "from autograd.nn import MLP, Layer": "from nn import MLP, Layer, Neuron",
    "from autograd import nn": "from nn import MLP, Layer, Neuron",
    "from autograd import MLP": "from nn import MLP, Layer, Neuron",
    "from autograd import draw_dot": r"draw\(y\) shows the graph",
    "from autograd import Value, trace": r"steps\(y\)\.order",
    "from autograd import Variable": "every number is a Value",
    "from nn import Linear": "is a linear layer",
    "from nn import MLP, MSELoss": "mean_squared_error is a function",
    "import nn.functional as F": "the losses are functions of nn",
    "from nn.functional import relu": "the losses are functions of nn",
    "from nn import functional": "the losses are functions of nn",
    "import nn.init": "first weights",
    "import autograd.numpy": HIPS,
    "import autograd.numpy as np": HIPS,
    "from autograd import numpy as np": HIPS,
    "import autograd.numpy.random as npr": HIPS,
    "from autograd.numpy.linalg import norm": HIPS,
    "from autograd.scipy.stats import norm": HIPS,
    "from autograd import elementwise_grad": HIPS,
    "from autograd import grad, elementwise_grad as egrad": HIPS,
    "from autograd import make_vjp": HIPS,
    "from autograd.extend import primitive, defvjp": HIPS,
    "from autograd.misc.optimizers import adam": HIPS,
    "from autograd.misc import flatten": HIPS,
    "from autograd.test_util import check_grads": HIPS,
    "from autograd.builtins import tuple": HIPS,
    "from autograd.differential_operators import make_jvp": HIPS,
    "__import__('autograd.scipy')": HIPS,
    "import importlib; importlib.import_module('autograd.scipy')": HIPS,
}
"""An import that another library answers, and what is to be written instead."""


def names() -> dict[str, Any]:
    """Return what a program finds imported: two Values, the libraries, and Python's own."""
    imported = {"random": random, "copy": copy, "math": __import__("math"), "autograd": autograd}
    parts = {"MLP": nn.MLP, "Layer": nn.Layer, "Neuron": nn.Neuron, "nn": nn, "Value": Value}
    return {**imported, **parts, "x": Value(2.0, "x"), "y": Value(-3.0, "y")}


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_works(habit: str) -> None:
    written, expected = HABITS[habit]
    found = eval(written, names())
    number = found.data if isinstance(found, Value) else found
    if expected is not None:
        assert number == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("habit", STATEMENTS)
def test_statements_work(habit: str) -> None:
    exec(STATEMENTS[habit], names())


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_spelled_otherwise_is_answered_in_one_line(written: str) -> None:
    with pytest.raises(AutogradError, match=REFUSED[written]) as refused:
        eval(written, names())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("written", IMPORTS)
def test_what_is_imported_under_another_name_is_answered_in_one_line(written: str) -> None:
    with pytest.raises(ImportError, match=IMPORTS[written]) as refused:
        exec(written, {})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["numpy", "elementwise_grad", "engine", "draw_dot", "nonsense"])
def test_a_name_that_is_not_here_can_be_asked_about(name: str) -> None:
    assert not hasattr(autograd, name)
    assert getattr(autograd, name, None) is None
    with pytest.raises(UnknownNameError, match=f"module 'autograd' has no attribute '{name}'"):
        getattr(autograd, name)


def test_what_nobody_has_is_missing_as_ever() -> None:
    for module in ("autograd.nonsense", "nn.nonsense", "engine"):
        with pytest.raises(ModuleNotFoundError, match="No module named"):
            __import__(module)
    with pytest.raises(ImportError, match=r"cannot import name 'nonsense'"):
        exec("from autograd import nonsense", {})


def test_the_answers_are_errors_of_this_project_too() -> None:
    with pytest.raises(UnknownModuleError) as refused:
        exec("from autograd.engine import Value", {})
    assert isinstance(refused.value, AutogradError)
    assert refused.value.name == "autograd.engine"


def test_no_two_answers_name_what_is_there() -> None:
    for package in (autograd, nn):
        answered = untyped(package)._ELSEWHERE.remedies
        assert not [name for name in answered if hasattr(package, name)]


@pytest.mark.parametrize(
    ("written", "op"),
    [
        ("x", ""), ("x + y", "+"), ("x * y", "*"), ("x ** 2", "**2"), ("x ** -1", "**-1"),
        ("x ** 0.5", "**0.5"), ("x.relu()", "ReLU"), ("x - y", "-"), ("-x", "-"), ("x / y", "/"),
        ("x.tanh()", "tanh"), ("x.exp()", "exp"), ("x ** x", "**"), ("x % y", "%"),
        ("Value.from_partials(4.0, [x], [4.0], op='{square}')", "{square}"),
    ],
)  # fmt: skip
def test_an_operation_is_called_as_micrograd_calls_it(written: str, op: str) -> None:
    assert eval(written, names())._op == op


def test_a_sum_records_nothing_of_the_0_that_it_begins_with() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    total = sum([x, y, x])
    assert isinstance(total, Value)
    assert topological_order(total)[:2] == [x, y]
    assert [node.op for node in topological_order(total)] == ["", "", "add", "add"]
    assert "0 + " in str(draw(0.0 + x).dot)
    assert "0 + " not in str(draw(untyped(sum([x * y, y]))).dot)
    total.backward()
    assert (x.grad, y.grad) == (2.0, 1.0)


@pytest.mark.parametrize("left", [0.0, -0.0, False, 1, untyped(Value(0.0))])
def test_only_the_int_0_is_not_recorded(left: Any) -> None:
    x = Value(2.0, "x")
    assert (left + x).parents[1] is x
    assert (x + 0).op == "add"
    assert (0 - x).op == "sub"
    assert (0 * x).op == "mul"


@pytest.mark.parametrize("unchanged", [lambda x: 0 + x, lambda x: +x, lambda x: sum([x])])
def test_what_adds_nothing_is_cut_off_too_where_nothing_is_recorded(unchanged: Any) -> None:
    x = Value(2.0, "x")
    y = x * x
    assert unchanged(y) is y
    with no_grad():
        cut = unchanged(y)
    assert (cut.data, cut.parents) == (4.0, ())
    elsewhere: list[Value] = []
    with no_grad():  # which holds in this thread alone
        thread = threading.Thread(target=lambda: elsewhere.append(unchanged(y)))
        thread.start()
        thread.join()
    assert elsewhere[0] is y
