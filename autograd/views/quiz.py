"""A quiz on a backward pass, asked and answered in a terminal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.errors import AutogradError
from autograd.value import Value
from autograd.views.by_hand.causes import Cause, Causes, NextQuestion, each_kind
from autograd.views.by_hand.judging import Judge, compare, derivative_asked
from autograd.views.by_hand.mistake import Mistake
from autograd.views.by_hand.questions import Question, gradient_questions, questions
from autograd.views.by_hand.reader import Answer, Reader
from autograd.views.check import what_went_wrong
from autograd.views.page.page import Page
from autograd.views.tracing.statements import definitions, formula, given
from autograd.views.tracing.walk import Walk
from autograd.views.writing.numbers import counted, short
from autograd.views.writing.terminals import plain

__all__ = ["Quiz", "Score", "quiz"]


def quiz(output: Value, node: Value | None = None, names: Mapping[str, Any] | None = None) -> Quiz:
    """Return a quiz on the backward pass, or on the paths to a node: ``quiz(y).ask()``.

    It asks for local derivatives, for their products with what is upstream, and for the sum over
    the uses of a node; takes numbers, fractions and formulas, says what went wrong, has three hints
    for each question, and ends with a summary. A notebook shows it as a page.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> quiz((w * x).tanh(), w)
    3 questions on ∂v2/∂w; .ask() asks them here
    """
    return Quiz(output, node, names)


HOW = ("at once", "with hints", "in the end", "shown")
"""How a question can be answered: without a mistake, without one but with hints, at last, not."""

STATED = 60
"""The number of nodes up to which a graph is written down before it is asked about."""

UNKNOWN = "no known mistake"

HELP = "Answer with a number, fraction or formula; ? is a hint, ! the answer, quit leaves."


class Quiz:
    """Questions on a backward pass, to be asked one after the other."""

    def __init__(
        self, output: Value, node: Value | None = None, names: Mapping[str, Any] | None = None
    ) -> None:
        self.output = output
        self.node = node
        self._walk = Walk(output, names)
        self.questions = questions(self._walk, node)
        self.whole = gradient_questions(self._walk, node) if node is not None else []
        self._reader, self._judge = Reader(self._walk), Judge(self._walk)

    def __repr__(self) -> str:
        whole = f"the backward pass of {self._walk.names(self.output)}"
        on = self._walk.write.derivative(self.node) if self.node is not None else whole
        return f"{counted(len(self.questions), 'question')} on {on}; .ask() asks them here"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        page = Page(self._walk, ask=True, about=self.node)
        return {"text/html": page.fragment(), "text/plain": repr(self)}

    @property
    def _statement(self) -> str:
        """What the questions are about: the formula, what is given, the results on the way."""
        graph = self._walk
        if len(graph.written) > STATED:
            return f"{graph.names(self.output)} is the end of {counted(len(graph.order), 'node')}"
        known = ", ".join(given(graph))
        lines = [f"{formula(graph)}, where {known}" if known else formula(graph)]
        return "\n".join(lines + [f"  {equation}" for equation in definitions(graph)])

    def ask(
        self, read: Callable[[str], str] = input, say: Callable[[str], object] = print
    ) -> Score:
        """Ask the questions in a terminal, and return the score.

        On a node's derivative it asks for the whole first. ``quit``, the end of input and Ctrl-C
        leave politely.
        """
        talk = _Talk(self._reader, self._judge, Causes(self._walk, {}), read, say)
        talk.tell(f"{HELP}\n\n{self._statement}")
        try:
            answered = [
                talk.ask(whole, "The whole (press Enter to go step by step)", skip="")
                for whole in self.whole
            ]
            if not all(answered) or not self.whole:
                talk.score.questions = len(self.questions)
                for number, question in enumerate(self.questions, 1):
                    talk.ask(question, f"{number} of {len(self.questions)}, {question.part}")
        except (EOFError, KeyboardInterrupt):
            say("")
        talk.tell(str(talk.score))
        return talk.score


class Score:
    """How a quiz went.

    - ``questions``: how many there are; ``answers``: how each that was asked was answered;
    - ``mistakes``: what went wrong on the way, by kind, and how often.
    """

    def __init__(self, questions: int) -> None:
        self.questions = questions
        self.answers: list[str] = []
        self.mistakes: Counter[str] = Counter()

    @property
    def right(self) -> int:
        """How many were answered right, at once or in the end."""
        return sum(answer != "shown" for answer in self.answers)

    def __str__(self) -> str:
        answers = Counter(self.answers)
        shown = answers.pop("shown", 0)
        counts = [f"{answers[how]} {how}" for how in HOW if answers[how]]
        said = f"{self.right} of {self.questions} right"
        said += f": {', '.join(counts)}" if counts else ""
        said += f"; {shown} shown" if shown else ""
        wrong = [f"{kind} ({number})" for kind, number in self.mistakes.most_common()]
        return said + (f"\nwhat went wrong: {', '.join(wrong)}" if wrong else "")

    __repr__ = __str__


class _Talk:
    """A conversation: what is said and read, and how it goes."""

    def __init__(
        self,
        reader: Reader,
        judge: Judge,
        causes: Causes,
        read: Callable[[str], str],
        say: Callable[[str], object],
    ) -> None:
        self._reader = reader
        self._judge = judge
        self._causes = causes
        self._read = read
        self._say = say
        self._wrong: dict[str, tuple[str, float]] = {}  # by what it tells
        self.score = Score(1)

    def tell(self, text: str) -> None:
        """Say something in characters that the terminal has."""
        self._say(plain(text, getattr(sys.stdout, "encoding", None) or "utf-8"))

    def ask(self, question: Question, head: str, skip: str | None = None) -> bool:
        """Ask a question until it is answered, and note how that went; False if it is skipped."""
        self.tell(f"\n{head}\n{question.prompt}")
        hints, failed = 0, False
        while True:
            text = self._line()
            while text == "?":
                hints = min(hints + 1, len(question.hints))
                self.tell(f"hint {hints} of {len(question.hints)}: {question.hints[hints - 1]}")
                text = self._line()
            if text == skip:
                return False
            if text == "!":
                self.tell(f"{question.symbol} = {short(question.answer)}")
                self.score.answers.append("shown")
                break
            verdict = self._verdict(question, text)
            if verdict in ("right", "too coarse", "near, not equal"):
                how = "with hints" if hints else "in the end" if failed else "at once"
                self.score.answers.append(how)
                break
            failed = failed or verdict in ("wrong", "right only here")
        return True

    def _line(self) -> str:
        text = self._read("> ").strip()
        if text.lower() in ("quit", "exit"):
            raise EOFError
        return text

    def _verdict(self, question: Question, text: str) -> str:
        """Say what is to be said of an answer, and return its verdict; "" if it cannot be read."""
        try:
            answer = self._reader.read(text)
        except AutogradError as error:
            self.tell(str(error))
            return ""
        known = [*question.carried_over(self._wrong), *question.mistakes]
        verdict, mistakes, note = self._judge(
            answer, question.wanted, question.symbol, known, question.noise
        )
        if verdict == "wrong":
            self._tell_what_went_wrong(question, answer, mistakes)
        elif verdict in ("right only here", "asked back"):
            self.tell(f"{answer.written}: {note}")
            if verdict == "right only here":
                self.score.mistakes[verdict] += 1
        else:
            exact = "" if verdict == "right" else f" More exactly: {short(question.answer)}."
            self.tell(f"Right.{exact}")
        return verdict

    def _tell_what_went_wrong(
        self, question: Question, answer: Answer, mistakes: Sequence[Mistake]
    ) -> None:
        """Say what may have led to a wrong answer; ask what tells it apart, where it is not one."""
        causes = self._went_wrong(question, answer, mistakes)
        self.tell(what_went_wrong(answer, causes))
        given = f"{question.symbol} = {answer.written}", answer.number
        self._wrong.update(dict.fromkeys(question.tells, given))
        asked = derivative_asked(question.wanted) if question.part == "gradient" else None
        further = self._causes.question(asked[1], causes) if asked else None
        kind = causes[0].kinds[0] if causes else UNKNOWN
        if further is not None:
            kind = self._told_apart(further) or kind
        self.score.mistakes[kind] += 1

    def _told_apart(self, question: NextQuestion) -> str:
        """Ask which of several mistakes it was; return its kind, "" if that stays open."""
        self.tell(f"To tell which it was: {question.prompt} (Enter leaves it open)")
        while text := self._line():
            if text in ("?", "!"):
                self.tell("Give what you wrote down, right or wrong; Enter leaves it open.")
                continue
            try:
                left = question.left(self._reader.read(text))
                break
            except AutogradError as error:
                self.tell(str(error))
        else:
            return ""
        if not left:
            self.tell("None of them leads there: it stays open.")
            return ""
        self.tell(f"Then {Cause((left[0],)).reason}. ({Cause((left[0],)).remedy})")
        return left[0].kind

    def _went_wrong(
        self, question: Question, answer: Answer, mistakes: Sequence[Mistake]
    ) -> Sequence[Cause]:
        """Return what may have led to a wrong answer."""
        asked = derivative_asked(question.wanted)
        carried = [mistake for mistake in mistakes if mistake.kind == "carried over"]
        if question.part != "gradient" or asked is None or carried:
            return each_kind(carried or mistakes)
        node = asked[1]
        fitting = compare(
            answer, question.answer, self._causes.suspects(node).wrong, question.noise
        ).mistakes
        return self._causes.of(node, answer, fitting, self._judge.points(answer))
