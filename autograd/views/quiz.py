"""A quiz on a backward pass, asked and answered in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import AutogradError
from autograd.graph import topological_order
from autograd.value import Value
from autograd.views.answers import Reader
from autograd.views.by_hand import what_went_wrong
from autograd.views.notation import Names, counted, plain, ratio, short
from autograd.views.questions import Question, questions

__all__ = ["Quiz", "Score", "quiz"]


def quiz(output: Value, node: Value | None = None, names: Mapping[str, Any] | None = None) -> Quiz:
    """Return a quiz on the backward pass, or on the paths to a node: ``quiz(y).ask()``.

    It asks for each local derivative, the upstream derivative, their product, and the sum over
    paths, takes numbers, fractions and formulas, says what went wrong, and has three hints for
    each question. A notebook shows it as a page.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> quiz(w * x, w)
    3 questions on ∂v1/∂w; .ask() asks them here
    """
    return Quiz(output, node, names)


HELP = "Answer with a number, fraction or formula; ? is a hint, ! the answer, quit leaves."


class Quiz:
    """Questions on a backward pass, to be asked one after the other."""

    def __init__(
        self, output: Value, node: Value | None = None, names: Mapping[str, Any] | None = None
    ) -> None:
        self.output = output
        self.node = node
        self.questions = questions(output, node, names)
        order = topological_order(output)
        self._names = Names(order, names, numbered=True)
        self._reader = Reader(order, self._names)

    def __repr__(self) -> str:
        whole = f"the backward pass of {self._names(self.output)}"
        on = ratio(self.output, self.node, self._names) if self.node is not None else whole
        return f"{counted(len(self.questions), 'question')} on {on}; .ask() asks them here"

    def ask(
        self, read: Callable[[str], str] = input, say: Callable[[str], object] = print
    ) -> Score:
        """Ask the questions in a terminal, and return the score.

        ``quit``, the end of input and Ctrl-C leave politely.
        """
        score = Score(len(self.questions))
        say(_said(f"{counted(len(self.questions), 'question')}. {HELP}"))
        try:
            for number, question in enumerate(self.questions, 1):
                head = f"{number} of {len(self.questions)}, {question.part}"
                say(_said(f"\n{head}\n{question.prompt}"))
                score.answers.append(self._ask(question, read, say))
        except (EOFError, KeyboardInterrupt):
            say("")
        say(_said(str(score)))
        return score

    def _ask(
        self, question: Question, read: Callable[[str], str], say: Callable[[str], object]
    ) -> str:
        """Ask one question until it is answered, and return how that went."""
        hints, tries = 0, 0
        while True:
            text = read("> ").strip()
            if text.lower() in ("quit", "exit"):
                raise EOFError
            if text == "!":
                say(_said(f"{question.symbol} = {short(question.answer)}"))
                return "shown"
            if text == "?":
                hints = min(hints + 1, len(question.hints))
                say(_said(f"hint {hints} of {len(question.hints)}: {question.hints[hints - 1]}"))
                continue
            try:
                answer = self._reader.read(text)
            except AutogradError as error:
                say(_said(str(error)))
                continue
            tries += 1
            verdict, mistakes = question.judge(answer)
            if verdict != "wrong":
                exact = "" if verdict == "right" else f" More exactly: {short(question.answer)}."
                say(_said(f"Right.{exact}"))
                return "with hints" if hints else "at once" if tries == 1 else "in the end"
            say(_said(what_went_wrong(answer, mistakes)))


class Score:
    """How a quiz went: how many questions there are, and how each that was asked was answered."""

    def __init__(self, asked: int) -> None:
        self.of = asked
        self.answers: list[str] = []

    @property
    def right(self) -> int:
        """How many were answered right, at once or in the end."""
        return sum(answer != "shown" for answer in self.answers)

    def __str__(self) -> str:
        counts = {how: self.answers.count(how) for how in ("at once", "with hints", "in the end")}
        detail = ", ".join(f"{count} {how}" for how, count in counts.items() if count)
        return f"{self.right} of {self.of} right" + (f": {detail}" if detail else "")

    __repr__ = __str__


def _said(text: str) -> str:
    return plain(text, getattr(sys.stdout, "encoding", None) or "utf-8")
