"""Questions, hints and worksheets: what is asked can be answered, and what is hinted is true."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from autograd import UsageError, Value, explain, gradient, quiz
from autograd.graph import topological_order
from autograd.views.by_hand.questions import gradient_questions, questions
from autograd.views.by_hand.reader import Answer
from autograd.views.example import hidden_layer_weight
from autograd.views.quiz import Score
from autograd.views.tracing.walk import Walk
from autograd.views.writing.scripts import PROSE
from tests.test_graphs import Plan, plans


def asked(output: Value, answers: Iterable[str], node: Value | None = None) -> tuple[Score, str]:
    """Return the score and the transcript of a quiz that is given these answers."""
    lines: list[str] = []
    given = iter(answers)

    def read(prompt: str) -> str:
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    score = quiz(output, node).ask(read, lines.append)
    return score, "\n".join(lines)


def article() -> tuple[Value, Value]:
    return hidden_layer_weight()


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_every_question_is_about_a_step_and_has_its_number(plan: Plan) -> None:
    walk = Walk(plan.values()[-1])
    fields = {"local derivative": "partial", "product": "contribution", "sum over uses": "after"}
    found = questions(walk)
    for question in found:
        true = getattr(walk.steps[question.step], fields[question.part])
        assert question.answer == true or true != true
        assert len(question.hints) == 3
        right = question.judge(Answer(question.answer, repr(question.answer))).verdict
        assert right == "right"
        for mistake in question.mistakes:
            verdict, named, _ = question.judge(Answer(mistake.number, repr(mistake.number)))
            assert verdict == "right" or mistake in named
    sums = [walk.steps[q.step].parent for q in found if q.part == "sum over uses"]
    used = [step.parent for step in walk.steps]
    assert set(sums) == {node for node in used if used.count(node) > 1}
    assert len(sums) == len(set(sums))


@pytest.mark.slow
@settings(deadline=None)
@given(plan=plans())
def test_only_what_is_to_be_learned_is_asked(plan: Plan) -> None:
    walk = Walk(plan.values()[-1])
    asked: Counter[tuple[str, str, float]] = Counter()
    plain: Counter[tuple[str, str, float]] = Counter()
    for question in questions(walk):
        step = walk.steps[question.step]
        assert not step.parent.is_constant
        if question.part == "product":
            assert step.node is not walk.output  # it would be the local derivative again
        if question.part != "sum over uses" and question.answer == question.answer:
            asked[question.part, step.node.op, question.answer] += step.formula != ""
            plain[question.part, step.node.op, step.partial] += step.formula == ""
    assert all(count <= 2 for count in asked.values())
    assert all(count <= 1 for count in plain.values())
    kinds = {(step.node.op, step.partial) for step in walk.steps if not step.formula}
    told = {(op, partial) for (part, op, partial), n in plain.items() if n and part[0] == "l"}
    assert {kind for kind in kinds if kind[1] == kind[1]} == told  # but once is asked


def test_who_takes_both_uses_together_is_told() -> None:
    x = Value(3.0, "x")
    _, transcript = asked(x * x, ["2*x", "x"])
    assert "What is the local derivative ∂v1/∂x (1st of 2)?" in transcript
    assert "both uses of x are taken together; ∂v1/∂x (1st of 2) is of one" in transcript
    assert transcript.count("Right.") == 1


def test_questions_read_alike_in_a_terminal_and_on_a_page() -> None:
    loss, weight = article()
    for made in (questions, gradient_questions):
        for said, typeset in zip(
            made(Walk(loss), weight), made(Walk(loss), weight, PROSE), strict=True
        ):
            assert said._replace(symbol="", prompt="", hints=("", "", ""), mistakes=()) == (
                typeset._replace(symbol="", prompt="", hints=("", "", ""), mistakes=())
            )
            for text, markup in zip(
                [said.prompt, said.symbol, *said.hints, *(m.reason for m in said.mistakes)],
                [typeset.prompt, typeset.symbol, *typeset.hints]
                + [m.reason for m in typeset.mistakes],
                strict=True,
            ):
                read = html.unescape(re.sub("<[^>]*>", "", markup))
                assert on_the_line(read) == on_the_line(text)


def on_the_line(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("−", "-")


@pytest.mark.slow
def test_the_whole_gradient_is_a_question_of_its_own() -> None:
    loss, weight = article()
    [question] = gradient_questions(Walk(loss), weight)
    assert question.answer == explain(loss, weight).gradient
    assert question.hints[0].startswith("2 paths from w₂₂⁽²⁾ to C₀: multiply along each, and")
    assert question.hints[1] == "∂C₀/∂w₂₂⁽²⁾ = ∂C₀/∂z₂⁽²⁾ · a₂⁽¹⁾"
    assert question.hints[2].endswith("= 0.1582 · 2")
    everything = gradient_questions(Walk(loss))
    assert len(everything) == 11
    x = Value(2.0, "x")
    assert gradient_questions(Walk(x))[0].answer == 1.0
    assert gradient_questions(Walk(x * 2))[0].hints[0] == "1 path from x to v1: multiply along it."


def test_who_knows_the_whole_is_not_asked_for_the_parts() -> None:
    loss, weight = article()
    score, transcript = asked(loss, ["0.316"], weight)
    assert (score.right, score.questions) == (1, 1)
    assert "Right." in transcript
    assert "1 of 1 right: 1 at once" in transcript


@pytest.mark.slow
def test_a_path_left_out_is_told_then_the_way_is_walked_step_by_step() -> None:
    loss, weight = article()
    right = [repr(question.answer) for question in questions(Walk(loss), weight)]
    score, transcript = asked(loss, ["0.1905", "", "", *right], weight)
    told = " ".join(transcript.split())
    assert "the path w₂₂⁽²⁾ → z₂⁽²⁾ → a₂⁽²⁾ → z₁⁽³⁾ → a₁⁽³⁾ → v1 → v2 → C₀ is left out" in told
    number = len(right)
    assert str(score) == (
        f"{number} of {number} right: {number} at once\nwhat went wrong: path left out (1)"
    )


def test_hints_say_more_and_more_and_the_answer_is_shown_on_request() -> None:
    w, x = Value(-3.0, "w"), Value(2.0, "x")
    answers = ["?", "?", "?", "?", "2*v1", "x", "2*v1*x", "!", "-14"]
    score, transcript = asked((w * x) ** 2, answers)
    assert "hint 1 of 3: Hold all else fixed: how does v2 change with v1 alone?" in transcript
    assert "hint 2 of 3: ∂v2/∂v1 = 2·v1\n" in transcript
    assert transcript.count("hint 3 of 3: ∂v2/∂v1 = 2·v1 = -12") == 2
    assert "-14: wrong; no known mistake" in transcript
    assert "∂v1/∂x = -3" in transcript
    assert score.answers == ["with hints", "at once", "at once", "shown"]
    assert str(score) == (
        "3 of 5 right: 2 at once, 1 with hints; 1 shown\nwhat went wrong: no known mistake (1)"
    )


def test_what_tells_mistakes_apart_is_asked_until_it_can_be_read_or_is_left_open() -> None:
    w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    z = w * x + b
    wrong = "1.7"  # of several causes
    told = "Give what you wrote down"
    _, transcript = asked(z * z.sigmoid(), [wrong, "?", "!", "2 +", "99", "!"], w)
    assert transcript.count("To tell which it was") == 1
    assert transcript.count(told) == 2
    assert "something is missing here" in transcript
    assert "None of them leads there" in transcript
    score, transcript = asked(z * z.sigmoid(), [wrong, "0.7744", "!"], w)
    assert "\nThen the local derivative ∂v4/∂v3 = 0.88 is taken twice" in transcript
    assert str(score).startswith("0 of 1 right; 1 shown\n")
    _, transcript = asked(z * z.sigmoid(), [wrong, "", "!"], w)
    assert told not in transcript
    assert "None of them" not in transcript


def test_what_is_forgotten_in_a_product_is_told() -> None:
    w, x = Value(-3.0, "w"), Value(2.0, "x")
    z = w * x
    products = [q for q in questions(Walk(z * z), w) if q.part == "product"]
    [product] = [q for q in products if "∂w" in q.symbol]
    reasons = {mistake.number: mistake.reason for mistake in product.mistakes}
    assert product.symbol == "∂v2/∂v1 · ∂v1/∂w"
    assert reasons[2.0] == "∂v2/∂v1 is forgotten"
    assert reasons[-12.0] == "∂v1/∂w is forgotten"
    assert reasons[24.0] == "the sign is flipped"
    assert reasons[-10.0] == "the two are added, not multiplied"


def test_what_cannot_be_read_is_asked_again() -> None:
    w = Value(-3.0, "w")
    score, transcript = asked(w * w, ["one", "", "2 +", "∂v1/∂w (1st of 2)", "w"])
    assert "there is no one here" in transcript
    assert "something is missing here" in transcript
    assert "an answer is empty" in transcript
    assert "is what is asked for; work it out" in transcript
    assert score.answers == ["at once"]
    assert not score.mistakes


@pytest.mark.parametrize("leave", [EOFError, KeyboardInterrupt])
def test_it_lets_go_politely(leave: type[BaseException]) -> None:
    def read(prompt: str) -> str:
        raise leave

    lines: list[str] = []
    score = quiz(Value(1.0, "x") * 2).ask(read, lines.append)
    assert lines[-1] == "0 of 1 right"
    assert score.right == 0
    assert str(asked(Value(1.0, "x") * 2, ["quit"])[0]) == "0 of 1 right"


def test_constants_are_not_asked_about() -> None:
    x = Value(3.0, "x")
    asking = [q.symbol for q in questions(Walk(2 * x + 1)) if q.part == "local derivative"]
    assert asking == ["∂v2/∂v1", "∂v1/∂x"]


def test_a_quiz_on_something_else_is_refused() -> None:
    with pytest.raises(UsageError, match="does not depend on"):
        quiz(Value(1.0) * 2, Value(3.0))


# The command line


def run(*arguments: str, answers: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograd", *arguments],
        input=answers,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )


@pytest.mark.slow
def test_the_command_line_asks_about_the_example() -> None:
    done = run("--by-hand", answers="0.1259\n\n\n1\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "w₂₂⁽²⁾ = -0.3\n" in done.stdout
    assert "a₂⁽²⁾ → z₂⁽³⁾ → a₂⁽³⁾ → v3 → v4 → C₀ is left out" in " ".join(done.stdout.split())
    assert "0.3163" not in done.stdout
    assert " right: 1 at once\nwhat went wrong: path left out (1)\n" in done.stdout


def test_the_command_line_asks_about_an_expression_and_then_explains() -> None:
    arguments = ("w*w*x", "w=2", "x=3", "--by-hand", "--explain", "w")
    done = run(*arguments, answers="6\n\n12\n", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.index("6: wrong") < done.stdout.index("Right.")
    assert "one of the 2 paths w -> v1 -> v2 is left out" in " ".join(done.stdout.split())
    assert "dv2/dw: 2 paths, 2 multiplications" in done.stdout


@pytest.mark.slow
def test_bytes_that_are_no_text_and_no_input_at_all_are_survived() -> None:
    command = [sys.executable, "-m", "autograd", "w*x", "w=2", "x=3", "--by-hand"]
    done = subprocess.run(command, input=b"\xff\xfe\n1\n", capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    closed = subprocess.run(
        f"{sys.executable} -m autograd 'w*x' w=2 x=3 --by-hand <&-",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (closed.returncode, closed.stdout) == (2, "")
    assert closed.stderr.startswith("autograd: --by-hand: there is no input")


@pytest.mark.slow
def test_the_command_line_saves_the_page(tmp_path: Path) -> None:
    page = tmp_path / "steps.html"
    done = run("w*x + w", "w=2", "x=3", "--page", str(page))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"saved {page}\n")
    assert "∂v2/∂w += ∂v2/∂v1 · ∂v1/∂w" in page.read_text(encoding="utf-8")
    for name in ("steps.pdf", "steps"):
        refused = run("w*x", "w=2", "x=3", "--page", str(tmp_path / name))
        assert refused.returncode == 2
        assert f"{name}' must end in one of .html, .htm" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["steps.html"]
    lost = run("w*x", "w=2", "x=3", "--page", str(tmp_path / "no" / "steps.html"))
    assert lost.returncode == 2
    assert "cannot write" in lost.stderr
    assert "Traceback" not in lost.stderr


def test_a_curve_with_its_tangent() -> None:
    matplotlib: Any = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from autograd import plot_tangent

    x, w = Value(0.5, "x"), Value(2.0, "w")
    y = (w * x).sin()
    axes = plot_tangent(y, x)
    curve, tangent, point = axes.lines
    xs, ys = curve.get_data()
    assert ys == pytest.approx([__import__("math").sin(2 * t) for t in xs])
    rise = tangent.get_ydata()[-1] - tangent.get_ydata()[0]
    assert rise / (xs[-1] - xs[0]) == pytest.approx(gradient(y, [x])[0])
    assert point.get_xydata().tolist() == [[0.5, y.data]]
    (left, right), (below, above) = tangent.get_data()[0][[0, -1]], tangent.get_data()[1][[0, -1]]
    assert (below + above) / 2 == pytest.approx(y.data)  # it touches the curve in the middle
    assert (left + right) / 2 == pytest.approx(0.5)
    assert not any(node.has_grad for node in topological_order(y))
    refusals: list[tuple[Callable[[], Any], str]] = [
        (lambda: plot_tangent(y), "the leaves with a name are w, x"),
        (lambda: plot_tangent(y, Value(1.0)), "is not a leaf of the graph"),
        (lambda: plot_tangent(y, y), "is not a leaf of the graph"),
    ]
    for refused, message in refusals:
        with pytest.raises(UsageError, match=message):
            refused()
    plot_tangent(Value(1.0, "x").log() * 2, axes=axes)
    matplotlib.pyplot.close("all")
