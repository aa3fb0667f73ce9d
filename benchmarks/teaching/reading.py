"""What ``check`` says of an answer, in the words of this benchmark."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from autograd import Value, check
from autograd.views.tracing.graph import Graph
from benchmarks.teaching.passes import Edge, Place

__all__ = ["Cause", "Diagnosis", "diagnosed"]


class Cause(NamedTuple):
    """What may have led to a number: kinds in one breath, and what is said of each place.

    ``first`` are the kinds in the first sentence. Of two slips, ``pairs`` has the kinds of both, in
    each way that leads to the number.
    """

    kinds: frozenset[str]
    first: frozenset[str]
    reasons: tuple[str, ...]
    slips: int
    pairs: tuple[tuple[str, str], ...]
    source: Any

    def includes(self, suspect: Any) -> bool:
        """Return whether a cause, or a mistake, is this cause or one of its mistakes."""
        return suspect is self.source or suspect in getattr(self.source, "mistakes", ())


class Diagnosis:
    """A finding: its verdict, all causes, those that are told, and the text."""

    def __init__(self, output: Value, report: Any, finding: Any) -> None:
        self.output, self.report, self.finding = output, report, finding
        self.verdict: str = finding.verdict
        self.text = str(finding)
        if hasattr(finding, "causes"):
            self.causes = [_cause(cause) for cause in finding.causes]
            self.told = [_cause(cause) for cause in finding.told]
        else:  # mistakes alone: one cause for each kind, of which three are told
            kinds = dict.fromkeys(mistake.kind for mistake in finding.mistakes)
            alike = [[m for m in finding.mistakes if m.kind == kind] for kind in kinds]
            self.causes = [_of_mistakes((kind,), a) for kind, a in zip(kinds, alike, strict=True)]
            self.told = self.causes[:3]

    def names_first(self, kinds: Collection[str]) -> bool:
        """Return whether one of the kinds is in the first sentence."""
        return bool(self.causes) and not self.causes[0].first.isdisjoint(kinds)

    def tells(self, kinds: Collection[str]) -> bool:
        """Return whether one of the kinds is printed."""
        return any(not cause.kinds.isdisjoint(kinds) for cause in self.told)

    def tells_place(self, kinds: Collection[str], places: Sequence[Place]) -> bool:
        """Return whether a kind is printed with one of the places; if there are none, a kind."""
        return any(
            not places or any(self._stands_in(place, text) for place in places)
            for cause in self.told
            if not cause.kinds.isdisjoint(kinds)
            for text in cause.reasons or [self.text]
        )

    def __str__(self) -> str:
        kinds = "; ".join(" = ".join(sorted(cause.kinds)) for cause in self.told)
        return f"{self.text}\n({kinds or self.verdict})"

    @cached_property
    def _graph(self) -> Graph:
        return Graph(self.output)

    def _stands_in(self, place: Place, text: str) -> bool:
        """Return whether the name of a node, or the names at both ends of an edge, are in a text.

        One end is enough where it tells which edge it is: an operand that is used once, or the
        only operand of a node.
        """
        names = self._graph.names
        if not isinstance(place, Edge):
            return _contains(text, names(place))
        above, below = (_contains(text, names(n)) for n in (place.node, place.parent))
        return (
            (above and below)
            or (below and len(self._graph.uses[place.parent]) == 1)
            or (above and len(set(place.node.parents)) == 1)
        )


def _contains(text: str, name: str) -> bool:
    """Return whether a name stands in a text by itself, not as a part of another."""
    return re.search(rf"(?<![^\W\d]){re.escape(name)}(?!\w)", text) is not None


class _Raised(NamedTuple):
    """What stands for a finding where there is none."""

    text: str
    verdict: str = "raised"
    causes: tuple[Any, ...] = ()
    told: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return self.text


def _cause(cause: Any) -> Cause:
    parts = [tuple(part.kind for part in getattr(m, "parts", ())) for m in cause.mistakes]
    pairs = tuple((one, other) for one, other in filter(None, parts))
    reasons = (cause.reason,)
    first = frozenset(getattr(cause, "first", cause.kinds))
    return Cause(frozenset(cause.kinds), first, reasons, cause.slips, pairs, cause)


def _of_mistakes(kinds: tuple[str, ...], mistakes: Sequence[Any]) -> Cause:
    reasons = tuple(mistake.reason for mistake in mistakes)
    return Cause(frozenset(kinds), frozenset(kinds), reasons, 1, (), None)


def diagnosed(
    output: Value, wrt: Value, answer: Any, given: tuple[Value, float] | None = None
) -> Diagnosis:
    """Return what is said of an answer; another one may be given beside it."""
    try:
        report = check(({given[0]: given[1]} if given else {}) | {wrt: answer}, output)
        finding: Any = report[wrt]
    except Exception as error:  # a miss, to be shown with its case, and no end of the table
        report, finding = None, _Raised(f"check raised {type(error).__name__}: {error}")
    return Diagnosis(output, report, finding)
