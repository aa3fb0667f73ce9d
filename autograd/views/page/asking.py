"""What a page asks: questions whose numbers it works out itself, at whatever numbers it is at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.value import Value
from autograd.views.by_hand.followed import FollowedWalk
from autograd.views.by_hand.judging import derivative_asked
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.questions import Question, gradient_questions, questions
from autograd.views.writing.scripts import PROSE

__all__ = ["Asking"]


class Asking:
    r"""The questions about a graph as data; each number in them is the place of an expression.

    >>> from autograd.views.tracing.walk import Walk
    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> asking = Asking(FollowedWalk(Walk(w * x)))
    >>> question = asking.data()["gradients"][0]
    >>> question["prompt"]
    'What is ∂<i>v<sub>1</sub></i>/∂<i>w</i>, at <i>w</i> = {\ue00013}?'
    """

    def __init__(self, walk: FollowedWalk, about: Value | None = None) -> None:
        self._walk = walk
        self._about = about
        self._kinds: dict[str, int] = {}
        self._reasons: dict[str, int] = {}

    def data(self) -> dict[str, Any]:
        """Return the questions on steps and on whole gradients, and what mistakes are called."""
        asked = {
            "questions": self._told(questions(self._walk, self._about, PROSE)),
            "gradients": self._told(gradient_questions(self._walk, self._about, PROSE)),
        }
        return asked | {"kinds": list(self._kinds), "reasons": list(self._reasons)}

    def _told(self, asked: Sequence[Question]) -> list[dict[str, Any]]:
        return [self._question(question) for question in asked if math.isfinite(question.answer)]

    def _question(self, question: Question) -> dict[str, Any]:
        return {
            "part": question.part,
            "step": question.step,
            "prompt": question.prompt,
            "hints": question.hints,
            "answer": self._place(question.answer),
            "asked": self._indices(derivative_asked(question.wanted) or ()),
            "wanted": [
                {"head": step.head, "value": self._value(step.value), "operands": step.operands}
                for step in question.wanted
            ],
            "mistakes": [self._mistake(mistake) for mistake in question.mistakes],
            "tells": question.tells,
            "madeOf": [(part, self._place(number)) for part, number in question.made_of],
        }

    def _mistake(self, mistake: Mistake) -> list[int]:
        kind = self._kinds.setdefault(mistake.kind, len(self._kinds))
        reason = self._reasons.setdefault(mistake.reason, len(self._reasons))
        return [kind, reason, self._place(mistake.number)]

    def _place(self, number: float) -> int:
        """Return where a number stands among those that are worked out."""
        return self._walk.book.place(number)

    def _indices(self, nodes: Sequence[Value]) -> list[int]:
        return [self._walk.index[node] for node in nodes]

    def _value(self, value: Any) -> Any:
        """Return what a step of a formula is about, with indices for nodes."""
        if isinstance(value, tuple):
            return [*map(self._value, value)]
        return self._walk.index[value] if isinstance(value, Value) else value
