"""What the nodes of a graph are called: each by one name, and no two alike."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from autograd.errors import UsageError
from autograd.number import shown
from autograd.value import Value
from autograd.views.tracing.samples import samples
from autograd.views.writing.labels import Label, parse
from autograd.views.writing.numbers import html_number, latex_number, short

__all__ = ["Name", "Names"]


class Name:
    """A label, and what tells it from equal ones: a sample's index ``[0]``, or a mark ``#2``."""

    def __init__(self, label: Label, mark: str = "") -> None:
        self.label = label
        self.mark = mark

    @property
    def unicode(self) -> str:
        """The name in Unicode."""
        return self.label.unicode + self.mark

    @property
    def typed(self) -> str:
        """The name as it can be typed."""
        return self.label.typed + self.mark

    @property
    def is_raised(self) -> bool:
        """Whether a power of it needs parentheses."""
        return self.label.is_raised or bool(self.mark)

    @property
    def latex(self) -> str:
        r"""The name in LaTeX; a mark stands as a subscript.

        >>> Name(parse("x"), "#2").latex, Name(parse("x"), "[0]").latex
        ('{x}_{\\#2}', 'x[0]')
        """
        if self.mark.startswith("#"):
            return rf"{{{self.label.latex}}}_{{\{self.mark}}}"
        return self.label.latex + self.mark

    def indexed(self, j: int) -> Name:
        """Return the name of the j-th term of what has this name, as C₀₁ of C₀."""
        return Name(self.label.indexed(j), self.mark)

    @property
    def html(self) -> str:
        """The name in HTML, in italics."""
        return f"<i>{self.label.html}</i>{self.mark}"


class Numeral:
    """The name of a constant: its number."""

    is_raised = False

    def __init__(self, number: float) -> None:
        self.unicode = self.typed = short(number)
        self.latex = latex_number(number)
        self.html = html_number(number)

    def indexed(self, j: int) -> Name:
        """Return the name of the j-th term."""
        return Name(parse(self.unicode).indexed(j))


class Names:
    """What the nodes of a graph are called.

    A node is called by its label, or by the variable that holds it, in `variables` or in what a
    person types into a notebook. Others are called v1, v2 … in the order they were computed, and
    constants by their number. Where several have one label, those of the samples of a batch get
    the sample's index, as in ``a₁[0]``, and others a mark, as in ``x#2``.

    >>> x = Value(2.0)
    >>> y = x * x
    >>> names = Names([x, y], {"x": x})
    >>> names(x), names(y)
    ('x', 'v1')
    """

    def __init__(self, order: Sequence[Value], variables: Mapping[str, Any] | None = None) -> None:
        held = _held(_notebook()) | _held(variables or {})
        given = {node: label for node in order if (label := node.label or held.get(node, ""))}
        self._labels = {node: parse(label) for node, label in given.items()}
        self._marks = _marks(order, self._labels)
        self._constants = {node for node in order if node.is_constant and node not in given}
        taken = {label.latex for label in self._labels.values()}
        free = (i for i in count(1) if f"v_{{{i}}}" not in taken and f"v_{i}" not in taken)
        unnamed = (n for n in order if n not in given and n not in self._constants)
        self._numbers = dict(zip(unnamed, free, strict=False))
        self._names: dict[Value, Name | Numeral] = {}  # made when they are asked for

    def __call__(self, node: Value) -> str:
        """Return the name of a node as text."""
        return self[node].unicode

    def __getitem__(self, node: Value) -> Name | Numeral:
        """Return the name of a node, to be written in any script."""
        if node not in self._names:
            self._names[node] = self._named(node)
        return self._names[node]

    def _named(self, node: Value) -> Name | Numeral:
        if node in self._constants:
            return Numeral(node.data)
        if node in self._labels:
            return Name(self._labels[node], self._marks.get(node, ""))
        return Name(parse(f"v{self._numbers[node]}"))

    def given(self, node: Value) -> bool:
        """Return whether a person gave a node its name."""
        return node in self._labels

    def number(self, node: Value) -> int | None:
        """Return the number of a node that is only numbered, v1, v2 …, None of any other."""
        return self._numbers.get(node)

    def is_constant(self, node: Value) -> bool:
        """Return whether a node stands for a plain number in an expression."""
        return node in self._constants

    def kind(self, node: Value) -> str:
        """Return what a node is: an operation, a constant, or by its name a parameter or an input.

        In the articles' notation weights w and biases b are learned, and so are θ.
        """
        if node.parents:
            return "operation"
        if node in self._constants:
            return "constant"
        learned = re.match(r"(\\\w+\{)?(\\theta|[wWbB])(?![A-Za-z])", self[node].latex)
        return "parameter" if learned else "input"


def _held(variables: Mapping[str, Any]) -> dict[Value, str]:
    """Return the names of the variables that hold Values."""
    if not isinstance(variables, Mapping):
        raise UsageError(f'names: {shown(variables)} is no dict; give {{"z": z}}, or globals()')
    return {
        value: name
        for name, value in list(variables.items())
        if isinstance(value, Value) and isinstance(name, str) and not name.startswith("_")
    }  # not a notebook's _ and _12


def _notebook() -> Mapping[str, Any]:
    """Return the variables of a notebook or an interactive session; of a program none."""
    variables = vars(sys.modules["__main__"]) if "__main__" in sys.modules else {}
    return variables if "__file__" not in variables or "__marimo__" in variables else {}


def _marks(order: Sequence[Value], labels: Mapping[Value, Label]) -> dict[Value, str]:
    """Return what tells the nodes apart that have one label."""
    counts = Counter(labels.values())
    alike: dict[Label, list[Value]] = {}
    for node, label in labels.items():
        if counts[label] > 1:
            alike.setdefault(label, []).append(node)
    known = _samples(order) if alike else {}
    return dict(mark for nodes in alike.values() for mark in _marked(nodes, known))


def _marked(nodes: Sequence[Value], known: Mapping[Value, int]) -> Iterator[tuple[Value, str]]:
    if len({known[node] for node in nodes if node in known}) == len(nodes):
        yield from ((node, f"[{known[node]}]") for node in nodes)
    else:
        yield from ((node, f"#{number}") for number, node in enumerate(nodes, 1))


def _samples(order: Sequence[Value]) -> dict[Value, int]:
    """Return which sample each node belongs to: which term of the average it leads to alone.

    >>> x = Value(1.0)
    >>> losses = [x * 2.0, x * 3.0]
    >>> from autograd import mean
    >>> from autograd.graph import topological_order
    >>> found = _samples(topological_order(mean(losses)))
    >>> found[losses[1]], x in found
    (1, False)
    """
    losses = next(filter(None, map(samples, reversed(order))), ())
    several = len(losses)
    found = {loss: i for i, loss in enumerate(losses)}
    for node in reversed(order) if losses else ():
        for parent in node.parents if node in found else ():
            own = found[node]
            known = found.setdefault(parent, own)
            if known != own:
                found[parent] = several
    return {node: i for node, i in found.items() if i < several}
