"""Samples that were recorded one by one, as one graph with a row of numbers for each of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from autograd import rules
from autograd.errors import UsageError
from autograd.graph import leaves_and_results, leaves_as_written
from autograd.recording import Recording, leniently
from autograd.value import Value

__all__ = ["Merged", "merged"]

WAYS = 64
"""How many different structures samples may have, at most."""


class Merged(NamedTuple):
    """An output that stands for all samples, the leaves that vary, and their numbers by sample."""

    output: Value
    varying: list[Value]
    rows: list[list[float]]


class _Sample:
    """A recorded output as what it shares with others of its kind, and its own numbers."""

    def __init__(self, output: Value, known: Collection[Value]) -> None:
        self.output = output
        leaves, (_, results) = leaves_as_written(output), leaves_and_results(output)
        place = {node: i for i, node in enumerate([*leaves, *results])}
        self.own = [leaf for leaf in leaves if leaf not in known]
        self.kind = (
            tuple([leaf if leaf in known else None for leaf in leaves]),
            tuple([(*_same(node.rule), *[place[p] for p in node.parents]) for node in results]),
        )

    @property
    def numbers(self) -> list[float]:
        """The numbers of the leaves that are its own."""
        return [leaf.data for leaf in self.own]


def _same(rule: Any) -> tuple[Any, ...]:
    """Return what a rule is, wherever it is used."""
    return rule.declared, tuple(rule.constants.values())


def merged(
    outputs: Sequence[Value], shared: Collection[Value], inputs: Sequence[Value] = ()
) -> Merged:
    """Return one graph for recorded samples, whatever differs among them as a varying leaf.

    Samples of one structure differ in the numbers of their leaves. Of several structures the
    output is that C_k whose indicator m_k is 1. `shared` and `inputs` are leaves that
    all samples have in common; the numbers of the inputs, which come first, are their data.

    >>> w = Value(3.0, "w")
    >>> merged([w * 2.0, w * 5.0], [w]).rows
    [[2.0], [5.0]]
    """
    known = {*shared, *inputs}
    samples = [_Sample(output, known) for output in outputs]
    groups: dict[Any, list[_Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.kind, []).append(sample)
    if len(groups) > WAYS:
        raise UsageError(f"Program: the samples are computed in {len(groups)} different ways")
    first = [group[0] for group in groups.values()]
    varying = [_differing(group) for group in groups.values()]
    masks = [Value(1.0) for _ in first[1:]]  # the last one is chosen where no other is
    place = {kind: k for k, kind in enumerate(groups)}
    rows = []
    for sample in samples:
        k = place[sample.kind]
        indicators = [float(k == other) for other, _ in enumerate(masks)]
        own = [
            (sample if other == k else first[other]).own[i].data
            for other, columns in enumerate(varying)
            for i in columns
        ]
        rows.append([*[leaf.data for leaf in inputs], *indicators, *own])
    leaves = [first[k].own[i] for k, columns in enumerate(varying) for i in columns]
    return Merged(_chosen(first, masks), [*inputs, *masks, *leaves], rows)


def _differing(group: Sequence[_Sample]) -> list[int]:
    """Return which of their own leaves have different numbers in samples of one structure."""
    columns = zip(*[sample.numbers for sample in group], strict=True)
    return [i for i, column in enumerate(columns) if any(x != column[0] for x in column)]


def _chosen(samples: Sequence[_Sample], masks: Sequence[Value]) -> Value:
    """Return the output of the one sample, or of that whose mask is 1."""
    found = samples[-1].output
    with Recording(True), leniently():
        for mask, sample in zip(reversed(masks), samples[-2::-1], strict=True):
            found = rules.where(mask, sample.output, found)  # which passes nothing of others on
    return found
