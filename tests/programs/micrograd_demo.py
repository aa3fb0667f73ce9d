"""A classifier in the idiom of micrograd: two arcs, hinge loss, weight decay, a traced graph.

Wherever `autograd` and `nn` are imported from here, micrograd's modules can stand instead.
"""

import math
import random
from typing import Any

from autograd import Value
from nn import MLP

random.seed(1337)

# by hand first: one expression, and its picture as text

a = Value(-3.0)
b = Value(1.5)
c = a * b + b**3
c += 2 + c - a
d = (c * 0.25 + b).relu()
e = (d - b) ** 2 / 4.0
e += 10.0 / (1 + b)
f = -e + (1 - a)
f.backward()
expression = [f.data, a.grad, b.grad, c.grad]
print(f"f = {f.data:.4f}, df/da = {a.grad:.4f}, df/db = {b.grad:.4f}")


def trace(root: Any) -> tuple[set[Any], set[Any]]:
    nodes, edges = set(), set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root: Any) -> str:
    nodes, edges = trace(root)
    lines = ["digraph {", "rankdir=LR;"]
    for n in nodes:
        name = str(id(n))
        numbers = f"data {n.data:.4f} | grad {n.grad:.4f}"
        lines.append(f'"{name}" [shape=record, label="{{ {numbers} }}"]')
        if n._op:
            lines.append(f'"{name + n._op}" [label="{n._op}"]')
            lines.append(f'"{name + n._op}" -> "{name}"')
    for n1, n2 in edges:
        lines.append(f'"{id(n1)}" -> "{str(id(n2)) + n2._op}"')
    return "\n".join([*lines, "}"])


g = (a * b + 3).relu() ** 2 + b * a
seen, edges = trace(g)
picture = draw_dot(g)
counts = [len(seen), len(edges), picture.count("->"), picture.count("shape=record")]
operations = sorted(n._op for n in seen)

# the data: two arcs, one inside the other's opening

X, y = [], []
for i in range(24):
    angle = math.pi * i / 24
    side = 1 if i % 2 else -1
    px = side * (math.cos(angle) - 0.5) + random.gauss(0, 0.05)
    py = side * (math.sin(angle) - 0.25) + random.gauss(0, 0.05)
    X.append([px, py])
    y.append(side)

model: Any = MLP(2, [6, 6, 1])
random.seed(1338)  # each library draws its first weights in its own way
for layer in model.layers:
    for n in layer.neurons:
        for p in n.parameters():
            p.data = random.uniform(-1, 1)
print(model)
print("number of parameters", len(model.parameters()))


def loss() -> tuple[Any, float]:
    inputs = [list(map(Value, xrow)) for xrow in X]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    alpha = 1e-4
    reg_loss = alpha * sum(p * p for p in model.parameters())
    total_loss = data_loss + reg_loss
    accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
    return total_loss, sum(accuracy) / len(accuracy)


losses: list[float] = []
gradients: list[float] = []
for k in range(12):
    total_loss, acc = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 100
    for layer in model.layers:
        gradients += [p.grad for n in layer.neurons for p in n.parameters()]
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    losses.append(total_loss.data)
    if k % 4 == 0:
        print(f"step {k} loss {total_loss.data}, accuracy {acc * 100}%")

confident = max(range(len(X)), key=lambda i: abs(model(X[i]).data))
ranked = sorted(range(len(X)), key=lambda i: model(X[i]).data)
results = [*expression, *counts, *losses, *gradients, confident, *ranked]
