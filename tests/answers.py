"""The corpus of answers, and the graphs that they are read in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from autograd import Value
from autograd.views.by_hand.reader import Reader
from autograd.views.tracing.graph import Graph

CORPUS = Path(__file__).with_suffix(".txt")


class Case(NamedTuple):
    """An answer, the graph it is read in, and its number in Python's notation or a refusal."""

    graph: str
    text: str
    expected: str

    @property
    def refusal(self) -> str | None:
        """Words that the refusal has in it, None if there is to be none."""
        return self.expected[1:] if self.expected.startswith("!") else None

    @property
    def number(self) -> float:
        """The number that the answer is, worked out by Python."""
        names = {**vars(math), "abs": abs, **VARIABLES[self.graph], "nan": math.nan}
        return float(eval(self.expected, names))


def cases() -> Iterator[Case]:
    """Yield all answers of the corpus."""
    graph = ""
    for line in CORPUS.read_text("utf-8").splitlines():
        if line.startswith("[") and "\t" not in line:
            graph = line.strip("[]")
        elif "\t" in line:
            text, _, expected = line.partition("\t")
            yield Case(graph, text, expected)


def graphs() -> dict[str, Reader]:
    """Return a reader for every graph of the corpus."""
    return {name: Reader(Graph(make())) for name, make in _GRAPHS.items()}


def _plain() -> Value:
    return Value(2.0, "x") * Value(3.0, "y")


def _network() -> Value:
    values = VARIABLES["network"]
    labels = {
        "w": "w_{12}^{(2)}",
        "a": "a_1",
        "p": r"\hat{y}",
        "s": r"\sigma_1",
        "t": "loss_1",
        "r": "learning_rate",
        "f": "f'",
        "c": "a + b",
    }
    total = Value(1.0, "x") * Value(2.0, "x")
    for name, label in labels.items():
        total = total * Value(values[name], label)
    return total


def _derivatives() -> Value:
    w, x, b = Value(-1.0, "w"), Value(2.0, "x"), Value(5.0, "b")
    z = w * x + b
    z.label = "z"
    loss = z**2
    loss.label = "L"
    u = x * x + x
    u.label = "u"
    return u + loss


def _odd() -> Value:
    total = Value(1.0, "one")
    for label, number in _ODD.items():
        total = total + Value(number, label)
    return total


_ODD = {
    "e": 1.5, "exp": 4.0, "σ": 6.0, "inf": 7.0, "2": 9.0, "d": 11.0, "x": 2.0, "lambda": 12.0,
    "%": 13.0,
}  # fmt: skip

_GRAPHS = {
    "numbers": lambda: Value(1.0, "one") * 1.0,
    "functions": _plain,
    "network": _network,
    "derivatives": _derivatives,
    "odd": _odd,
}

VARIABLES: dict[str, dict[str, Any]] = {
    "numbers": {},
    "functions": {"x": 2.0, "y": 3.0},
    "network": {
        "w": -0.75, "a": 1.5, "p": 0.25, "s": 0.6, "t": 3.5, "r": 0.1, "f": 7.0, "c": 4.0,
    },
    "derivatives": {"w": -1.0, "x": 2.0, "b": 5.0, "z": 3.0, "L": 9.0, "u": 6.0},
    "odd": {},
}  # fmt: skip
"""The numbers of the nodes, by what the corpus calls them in Python's notation."""
