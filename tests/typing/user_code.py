"""A page of a user's code: it runs, and a type checker knows what everything in it is.

`assert_type` refuses Any, so that what a result can do is known wherever it is used.
"""

from __future__ import annotations

from typing import assert_type

import autograd
from autograd import (
    Value,
    check,
    draw,
    exp,
    explain,
    gradient,
    hypot,
    maximum,
    no_grad,
    quiz,
    replay,
    rule,
    steps,
    tanh,
    what_goes_wrong,
    where,
    worksheet,
)
from nn import MLP, SGD, Layer, Neuron, accuracy, binary_cross_entropy, fit, squared_error

# Numbers that remember how they were computed

w, x, b = Value(-3.0, "w"), Value(2, "x"), Value(6.88, "b")
z = w * x + b
assert_type(z, Value)
assert_type(2 * w - x / 4, Value)
assert_type(1 - w, Value)
assert_type(-(w**2), Value)
assert_type(2**w + w**x, Value)
assert_type(abs(w), Value)

y = z.tanh()
assert_type(y, Value)
assert_type(z.relu().sqrt().exp(), Value)
assert_type(w.maximum(x), Value)
assert_type(w.hypot(2.0), Value)

y.backward()
assert_type(w.grad, float)
assert_type(w.has_grad, bool)
assert_type(y.data, float)
assert_type(y.label, str)
assert_type(y.parents, tuple[Value, ...])
assert_type(gradient(y, [w, x]), list[float])
for p in (w, x, b):
    p.data -= 0.1 * p.grad
    p.zero_grad()

# Functions, on Values and on plain numbers

assert_type(tanh(z), Value)
assert_type(tanh(0.5), float)
assert_type(exp(-z) + exp(0), Value)
assert_type(maximum(z, 0.0), Value)
assert_type(hypot(3.0, 4.0), float)
assert_type(where(w > 0, w, 2.0), Value)
assert_type(autograd.sum([w, x]), Value)
assert_type(autograd.sum([0.5, 2.0]), float)
assert_type(autograd.mean([w, x]), Value)
assert_type(autograd.dot([w, b], [x, z]), Value)
assert_type(autograd.logsumexp([w, x]), Value)
smaller = w if w < x else x
assert_type(smaller, Value)


@no_grad()
def halved(v: Value) -> Value:
    """Return half of a number, unrecorded."""
    return v / 2


assert_type(halved(w), Value)


# A parameter that an optimiser keeps something beside


class Parameter(Value):
    """A leaf with its velocity."""

    velocity = 0.0


q = Parameter(0.5, "q")
q.velocity = 0.9 * q.velocity + gradient(q * q, [q])[0]
q.data -= 0.1 * q.velocity
assert_type(q * 2, Value)
slope = replay(q * q, {q: 3.0})[1][q]


# A rule of one's own


@rule
def cube(v: float) -> tuple[float, tuple[float]]:
    """Return v³ and its slope."""
    return v * v * v, (3 * v * v,)


assert_type(cube(w), Value)
assert_type(cube(2.0), float)


# By hand

u = w * x
u.label = "u"
answers = {x: 3.0}
report = check(answers, u)
assert_type(report.ok, bool)
assert_type(report.score, float)
check({"x": "w", "w": 2}, u)
check({q: 1}, q * q)
check({w: 2, "x": "w"}, u)
print(explain(u, x), steps(u), draw(u), quiz(u, x), what_goes_wrong(u), worksheet(u, seed=7).key)
for step in steps(u):
    assert_type(step.contribution, float)
    assert_type(step.node, Value)
draw(u, highlight=x, order=True, names={"u": u})

# A network

model = MLP([2, 3, 1], activation="tanh", output="sigmoid", seed=1)
samples, targets = [[0.0, 1.0], [1.0, 1.0]], [1, 0]
history = fit(
    model,
    samples,
    targets,
    loss=binary_cross_entropy,
    optimizer=SGD(model.parameters(), lr=0.5),
    epochs=2,
    progress=False,
)
assert_type(history.losses, list[float])
assert_type(accuracy(model, samples, targets), float)
assert_type(model.parameters(), list[Value])
hidden = Layer(2, 3, "relu")([w, x])
assert_type(Neuron(2)([1.0, x]), Value)
assert_type(squared_error(model(samples[0]), 1.0), Value)
