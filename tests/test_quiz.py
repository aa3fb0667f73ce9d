"""Questions, hints and worksheets: what is asked can be answered, and what is hinted is true."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from autograd import UsageError, Value, explain, gradient, quiz, steps
from autograd.graph import topological_order
from autograd.views.by_hand.questions import gradient_questions, questions
from autograd.views.by_hand.reader import Answer
from autograd.views.example import hidden_layer_weight
from autograd.views.quiz import Score
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


@settings(deadline=None)
@given(plan=plans())
def test_every_question_is_about_a_step_and_has_its_number(plan: Plan) -> None:
    output = plan.values()[-1]
    for node in topological_order(output):
        node.label = node.label or ("" if node.parents else f"x_{id(node)}")
    walk = steps(output)
    parts = {"local derivative": 4, "upstream": 3, "product": 6, "sum over paths": 8}
    found = questions(output)
    for question in found:
        step = walk[question.step]
        fields = {4: step.partial, 3: step.upstream, 6: step.contribution, 8: step.after}
        true = fields[parts[question.part]]
        assert question.answer == true or true != true
        assert len(question.hints) == 3
        right, *_ = question.judge(Answer(question.answer, repr(question.answer)))
        assert right == "right"
        for mistake in question.mistakes:
            verdict, named, _ = question.judge(Answer(mistake.number, repr(mistake.number)))
            assert verdict == "right" or mistake in named
    assert [q.step for q in found if q.part == "product"] == list(range(len(walk)))
    sums = [walk[q.step].parent for q in found if q.part == "sum over paths"]
    used = [step.parent for step in walk]
    assert set(sums) == {node for node in used if used.count(node) > 1}
    assert len(sums) == len(set(sums))


def test_the_whole_gradient_is_a_question_of_its_own() -> None:
    loss, weight = article()
    [question] = gradient_questions(loss, weight)
    assert question.answer == explain(loss, weight).gradient
    assert question.hints[0].startswith("2 paths from w₂₂⁽²⁾ to C₀: multiply along each, and")
    assert question.hints[1] == "∂C₀/∂w₂₂⁽²⁾ = ∂C₀/∂z₂⁽²⁾ · a₂⁽¹⁾"
    assert question.hints[2].endswith("= 0.1582 · 2")
    everything = gradient_questions(loss)
    assert len(everything) == 11
    x = Value(2.0, "x")
    assert gradient_questions(x)[0].answer == 1.0
    assert gradient_questions(x * 2)[0].hints[0] == "1 path from x to v1: multiply along it."


def test_who_knows_the_whole_is_not_asked_for_the_parts() -> None:
    loss, weight = article()
    score, transcript = asked(loss, ["0.316"], weight)
    assert (score.right, score.questions) == (1, 1)
    assert "Right." in transcript
    assert "of 36" not in transcript


def test_a_path_left_out_is_told_then_the_way_is_walked_step_by_step() -> None:
    loss, weight = article()
    right = [repr(question.answer) for question in questions(loss, weight)]
    score, transcript = asked(loss, ["0.1905", "", *right], weight)
    assert (
        "the path w₂₂⁽²⁾ → z₂⁽²⁾ → a₂⁽²⁾ → z₁⁽³⁾ → a₁⁽³⁾ → v3 → v4 → C₀ is left out" in transcript
    )
    assert str(score) == "36 of 36 right: 36 at once"


def test_hints_say_more_and_more_and_the_answer_is_shown_on_request() -> None:
    w, x = Value(-3.0, "w"), Value(2.0, "x")
    answers = ["1", "?", "?", "?", "?", "x", "3", "!", "5", "w", "-3"]
    score, transcript = asked(w * x, answers)
    assert "hint 1 of 3: Hold all else fixed: how does v1 change with w alone?" in transcript
    assert "hint 2 of 3: ∂v1/∂w = x\n" in transcript
    assert transcript.count("hint 3 of 3: ∂v1/∂w = x = 2") == 2
    assert "3: wrong; it is what comes out if\n     the two are added" in transcript
    assert "∂v1/∂w = 2" in transcript
    assert score.answers == ["at once", "with hints", "shown", "in the end", "at once"]
    assert str(score) == "4 of 5 right: 2 at once, 1 with hints, 1 in the end"


def test_what_is_forgotten_in_a_product_is_told() -> None:
    w, x = Value(-3.0, "w"), Value(2.0, "x")
    z = w * x
    [product] = [q for q in questions(z * z, w) if q.part == "product" and "∂w" in q.symbol]
    reasons = {mistake.number: mistake.reason for mistake in product.mistakes}
    assert reasons[2.0] == "∂v2/∂v1 is forgotten"
    assert reasons[-12.0] == "∂v1/∂w is forgotten"
    assert reasons[24.0] == "the sign is flipped"
    assert reasons[-10.0] == "the two are added, not multiplied"


def test_what_cannot_be_read_is_asked_again() -> None:
    w = Value(-3.0, "w")
    score, transcript = asked(w * 2, ["one", "", "ww", "1"])
    assert "there is no one here" in transcript
    assert "an answer is empty" in transcript
    assert "a product is written w·w" in transcript
    assert score.answers == ["in the end"]


@pytest.mark.parametrize("leave", [EOFError, KeyboardInterrupt])
def test_it_lets_go_politely(leave: type[BaseException]) -> None:
    def read(prompt: str) -> str:
        raise leave

    lines: list[str] = []
    score = quiz(Value(1.0, "x") * 2).ask(read, lines.append)
    assert lines[-1] == "0 of 3 right"
    assert score.right == 0
    assert str(asked(Value(1.0, "x") * 2, ["quit"])[0]) == "0 of 3 right"


def test_constants_are_not_asked_about() -> None:
    x = Value(3.0, "x")
    assert [q.symbol for q in questions(2 * x + 1) if q.part == "local derivative"] == [
        "∂v2/∂v1",
        "∂v1/∂x",
    ]


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


def test_the_command_line_asks_about_the_example() -> None:
    done = run("--by-hand", answers="0.1259\n\n1\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "w₂₂⁽²⁾ = -0.3\n" in done.stdout
    assert "a₂⁽²⁾ → z₂⁽³⁾ → a₂⁽³⁾ → v1 → v2 → C₀ is left out" in done.stdout
    assert "0.3163" not in done.stdout
    assert done.stdout.endswith("1 of 36 right: 1 at once\n")


def test_the_command_line_asks_about_an_expression_and_then_explains() -> None:
    arguments = ("w*w*x", "w=2", "x=3", "--by-hand", "--explain", "w")
    done = run(*arguments, answers="6\n12\n", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.index("6: wrong") < done.stdout.index("Right.")
    assert "one of the 2 paths w -> v1 -> v2 is left out" in done.stdout
    assert "dv2/dw: 2 paths, 2 multiplications" in done.stdout


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
