"""Random graphs as they stand on worksheets: 3 to 9 operations, with paths that part and meet."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from autograd import RULES, AutogradError, Value
from autograd.graph import topological_order
from autograd.rule import Rule

__all__ = ["Task", "gradient_of", "random_graph", "random_task", "tasks"]

NAMES = ("w", "x", "b", "a", "c", "u", "p", "q", "w_1", "w_2", "x_1", "x_2", "w_{12}^{(2)}", "θ")
RESULTS = ("z", "h", "s", "t", "r", "z_1", "z_2", "a_1", "a^{(1)}", "d")
OUTPUTS = ("y", "L", "C_0", "f")

BINARY = ("add", "add", "add", "sub", "sub", "mul", "mul", "mul", "mul", "mul", "div", "div")
UNARY = (
    "tanh", "tanh", "sigmoid", "sigmoid", "relu", "exp", "log", "sqrt", "sin", "cos", "neg",
    "softplus", "square", "square", "square", "cube", "power", "scaled", "scaled", "shifted",
    "shared_out", "base",
)  # fmt: skip
RARE = (
    "tan", "atan", "abs", "silu", "leaky_relu", "elu", "exp2", "log2", "log10", "cbrt", "sinh",
    "cosh", "gaussian", "asin", "expm1", "log1p", "erf", "pow", "maximum", "minimum", "hypot",
)  # fmt: skip
MANY = ("sum", "mean", "mean", "max", "min", "prod", "logsumexp", "dot", "where", "norm")

SMOOTH = (
    "tanh", "sigmoid", "exp", "log", "sqrt", "sin", "cos", "neg", "softplus", "square", "cube",
    "power", "scaled", "shifted", "shared_out",
)  # fmt: skip


class Task(NamedTuple):
    """A graph, and the node by which it is to be differentiated."""

    output: Value
    wrt: Value


def tasks(count: int, seed: int) -> Iterator[Task]:
    """Yield tasks, each made from a seed of its own, so that any of them can be made again."""
    for i in range(count):
        yield random_task(random.Random(f"{seed}.{i}"))


def random_task(rng: random.Random, smooth: bool = False, most: int = 9) -> Task:
    """Return a random graph, and a node of it whose gradient is neither 0 nor large."""
    while True:
        output = random_graph(rng, rng.randint(3, most), smooth)
        slopes = {n: x for n, x in gradient_of(output).items() if 1e-3 < abs(x) < 1e4}
        leaves = [n for n in slopes if not n.parents and not n.is_constant]
        inner = [n for n in slopes if n.parents and n is not output]
        asked = inner if inner and rng.random() < 0.1 else leaves
        if asked:
            return Task(output, rng.choice(asked))


def gradient_of(output: Value) -> dict[Value, float]:
    """Return the derivative of an output in every node that it depends on."""
    order = topological_order(output)
    slopes = dict.fromkeys(order, 0.0)
    slopes[output] = 1.0
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            slopes[parent] += slopes[node] * partial
    return slopes


def random_graph(rng: random.Random, operations: int, smooth: bool = False) -> Value:
    """Return the output of a graph of about so many operations, all of which it depends on."""
    while True:
        leaves = [Value(_decimal(rng), name) for name in rng.sample(NAMES, rng.randint(2, 4))]
        output = _grown(rng, leaves, operations, smooth)
        if output is not None:
            _put_labels(rng, output)
            return output


def _grown(
    rng: random.Random, leaves: Sequence[Value], operations: int, smooth: bool
) -> Value | None:
    """Apply operations, first to what nothing uses yet; None if the numbers grow out of hand."""
    nodes, unused = list(leaves), list(leaves)
    for left in range(operations, 0, -1):
        made = None
        for _ in range(30):
            merging = len(unused) > left
            made = _applied(rng, nodes, unused, merging, smooth)
            if made is not None and _is_moderate(made) and made not in nodes:
                break
        else:
            return None
        unused = [node for node in unused if node not in made.parents] + [made]
        nodes.append(made)
    return nodes[-1] if len(unused) == 1 else None


def _applied(
    rng: random.Random, nodes: Sequence[Value], unused: Sequence[Value], merging: bool, smooth: bool
) -> Value | None:
    """Return a random operation on random nodes, one of which is still unused; None if invalid."""
    first = rng.choice(unused)
    others = [node for node in unused if node is not first]

    def another() -> Value:
        return rng.choice(others if others and rng.random() < 0.6 else nodes)

    chance = rng.random()
    try:
        if merging and others:
            pair = [first, rng.choice(others)]
            rng.shuffle(pair)
            return Value.record(RULES[rng.choice(BINARY)], pair)
        if chance < 0.45:
            pair = [first, another()]
            rng.shuffle(pair)
            return Value.record(RULES[rng.choice(BINARY)], pair)
        if smooth or chance < 0.83:
            return _unary(rng, rng.choice(SMOOTH if smooth else UNARY), first)
        if chance < 0.91:
            return _rare(rng, rng.choice(RARE), first, another())
        return _many(rng, rng.choice(MANY), first, another)
    except AutogradError:
        return None


def _unary(rng: random.Random, name: str, x: Value) -> Value:
    c, chance = rng.choice([2.0, 3.0, 4.0, 5.0, 0.5, 1.5, 10.0]), rng.random()
    match name:
        case "square":
            return x**2
        case "cube":
            return x**3
        case "power":
            return x ** rng.choice([4, -1, -2, 0.5, 1.5, 5])
        case "scaled":
            return c * x if chance < 0.5 else x * c
        case "shifted":
            return x + c if chance < 0.4 else x - c if chance < 0.7 else c - x
        case "shared_out":
            return x / c if chance < 0.6 else c / x
        case "base":
            return rng.choice([2.0, 3.0, 0.5]) ** x
    return Value.record(RULES[name], [x])


def _rare(rng: random.Random, name: str, x: Value, y: Value) -> Value:
    if name == "leaky_relu":
        return Value.record(_bound("leaky_relu", slope=rng.choice([0.01, 0.1])), [x])
    if name == "gaussian":
        return Value.record(_bound("gaussian", scale=rng.choice([1.0, 0.5])), [x])
    return Value.record(RULES[name], [x, y] if RULES[name].arity == 2 else [x])


def _many(rng: random.Random, name: str, x: Value, another: Callable[[], Value]) -> Value:
    if name == "where":
        return Value.record(RULES["where"], [another() > rng.choice([0.0, 1.0]), x, another()])
    count = 4 if name == "dot" else rng.randint(2, 4)
    operands = [x] + [another() for _ in range(count - 1)]
    rng.shuffle(operands)
    if len(set(operands)) < 2:
        raise AutogradError
    return Value.record(RULES[name], operands)


def _bound(name: str, **constants: float) -> Rule:
    return RULES[name].bind(**constants)


def _decimal(rng: random.Random) -> float:
    """Return a number of one or two decimals, and not 0."""
    while not (x := round(rng.uniform(-3, 3), rng.choice([1, 1, 2]))):
        pass
    return x


def _is_moderate(node: Value) -> bool:
    """Return whether a number and its slopes can stand on a sheet, and nothing is a tie or x/x."""
    numbers = [node.data, *node.partials]
    if not all(math.isfinite(x) and abs(x) < 200 for x in numbers) or abs(node.data) < 1e-3:
        return False
    if node.op not in ("max", "min", "maximum", "minimum", "div", "sub"):
        return True
    return len({parent.data for parent in node.parents}) == len(node.parents)


def _put_labels(rng: random.Random, output: Value) -> None:
    """Name some of the results, as people do."""
    names = rng.sample(RESULTS, len(RESULTS))
    for node in topological_order(output):
        if node.parents and names and rng.random() < 0.4:
            node.label = names.pop()
    output.label = rng.choice([*OUTPUTS, ""])
