"""The page's own arithmetic, in a real browser, beside sweeps, reader and judge in Python."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

import pytest

from autograd import AutogradError, Value, hypot, maximum, rule, where
from autograd import functions as f
from autograd import sum as total
from autograd.rule import RULES
from autograd.views.by_hand.followed import FollowedWalk
from autograd.views.by_hand.judging import Judge, derivative
from autograd.views.by_hand.questions import questions
from autograd.views.by_hand.reader import Reader
from autograd.views.page.asking import Asking
from autograd.views.page.computing import Computing
from autograd.views.page.reading import Reading
from autograd.views.page.working_out import working_out
from autograd.views.tracing.graph import Graph
from autograd.views.tracing.walk import Walk
from autograd.views.writing.formulas import write
from autograd.views.writing.javascript import Script, javascript, written_contribution
from autograd.views.writing.numbers import short
from autograd.views.writing.scripts import LATEX, TEXT
from tests.answers import cases, graphs
from tests.formulas import formulas, leaves
from tests.table import CASES, Case

READ = """([reading, graph, sources, texts]) => {
  MADE_BY = sources.map((source) => eval(source));
  const arithmetic = new Arithmetic(reading, new Live(graph));
  return texts.map((text) => {
    try {
      const { value, precision, coarse, noise } = arithmetic.evaluate(text);
      return [String(value), precision, coarse, noise];
    } catch (error) {
      if (!(error instanceof Mistyped)) throw error;
      return error.message;
    }
  });
}"""
JUDGE = """([reading, graph, sources, question, texts]) => {
  MADE_BY = sources.map((source) => eval(source));
  const arithmetic = new Arithmetic(reading, new Live(graph));
  return texts.map((text) => arithmetic.judge(arithmetic.evaluate(text), question));
}"""
RUN = """(calls) => calls.map(([name, operands]) => {
  const [value, slopes] = RULES[name](...operands.map(toNumber));
  return [String(Number(value)), slopes.map((slope) => String(Number(slope)))];
})"""

MOVE = """([graph, sources, rows]) => {
  MADE_BY = sources.map((source) => eval(source));
  const live = new Live(graph);
  return rows.map((row) => {
    live.move(row.map((text, k) => [live.leaves[k], toNumber(text)]));
    const { pass } = live;
    return {
      result: String(pass.result),
      gradient: live.leaves.map((i) => String(pass.gradient[i])),
      noise: [...pass.noise],
      flipped: pass.flipped.map((guard) => live.guards.indexOf(guard)),
      like: pass.isLike(live.first),
      near: live.elsewhere.map(({ pass: { numbers }, moved }) => [
        live.leaves.map((i) => numbers[i]), moved.length
      ]),
    };
  });
}"""
"""What a page finds after its leaves were given rows of numbers."""
ASK = """([graph, sources, known, followed, rows]) => {
  MADE_BY = sources.map((source) => eval(source));
  FOLLOWED = eval(followed);
  const live = new Live(graph);
  const asking = new Asking(live, known);
  return rows.map((row) => {
    live.move(row.map((x, k) => [live.leaves[k], x]));
    return asking.questions.map(({ part, symbol, number, noise, wrong }) => {
      return { part, symbol, number, noise, wrong: wrong.map((mistake) => mistake.number) };
    });
  });
}"""
"""The questions of a page after its leaves were given rows of numbers."""
SHOW = """([graph, sources, row]) => {
  MADE_BY = sources.map((source) => eval(source));
  const live = new Live(graph);
  live.move(row.map((x, k) => [live.leaves[k], x]));
  return live.forward.map((node) => [spoken(node.inNumbers), node.value]);
}"""
"""The operations of a page in numbers."""
SLOPES = """([graph, sources, row]) => {
  MADE_BY = sources.map((source) => eval(source));
  const live = new Live(graph);
  live.move(row.map((x, k) => [live.leaves[k], x]));
  return live.steps.map((step) => [step.formula && step.writtenText, step.numbers.partial]);
}"""
"""The formulas of local derivatives that a page shows, and their numbers."""
WRITE = "(texts) => texts.map(toNumber).map((x) => [exactly(x), short(x)])"


@rule(range=(0, math.inf))
def bump_of_the_page_test(x: Any) -> Any:
    """Return exp(−x²/2) for a person's own rule."""
    z = f.exp(-x * x / 2)
    return z, (-x * z,)


@pytest.fixture(scope="module")
def arithmetic(browser: Any) -> Iterator[Any]:
    """Yield an empty page that has the arithmetic of the real one."""
    assets = resources.files("autograd.views.page") / "assets"
    page = browser.new_page()
    names = ("writing.js", "arithmetic.js", "live.js", "questions.js")
    scripts = "\n".join((assets / name).read_text("utf-8") for name in names)
    extra = f"const CONTRIBUTION = {written_contribution()};"
    page.add_script_tag(
        content=f"let MADE_BY, FOLLOWED; const RULES = {javascript()};\n{extra}\n{scripts}"
    )
    yield page
    page.close()


def known(graph: Graph) -> list[Any]:
    """Return what a page knows of a graph."""
    computing = Computing(graph)
    return [Reading(graph).data(), computing.data(), computing.sources]


def number(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


def same(found: Any, answer: Any) -> None:
    """Assert that an answer is the same on the page as in Python, with its errors."""
    assert isinstance(found, list), (found, answer)
    value, *errors = found
    assert number(value) == pytest.approx(answer.number, rel=1e-9, abs=1e-12, nan_ok=True), answer
    expected = [answer.precision, answer.coarse]
    assert errors[:2] == pytest.approx(expected, rel=1e-6, abs=1e-15), answer
    if math.isfinite(answer.number):
        assert errors[2] == pytest.approx(answer.noise, rel=1e-3, abs=1e-15), answer


@pytest.mark.parametrize("graph", sorted(graphs()))
def test_every_answer_of_the_corpus_is_read_as_in_python(arithmetic: Any, graph: str) -> None:
    reader = graphs()[graph]
    corpus = [case for case in cases() if case.graph == graph]
    texts = [case.text for case in corpus]
    found = arithmetic.evaluate(READ, [*known(reader.graph), texts])
    for case, typed in zip(corpus, found, strict=True):
        if case.refusal is None:
            same(typed, reader.read(case.text))
            assert number(typed[0]) == pytest.approx(case.number, rel=1e-9, nan_ok=True), case
        else:
            assert isinstance(typed, str), case
            assert case.refusal in typed, case


@pytest.mark.parametrize("script", [TEXT, LATEX], ids=["text", "latex"])
def test_what_is_printed_is_read_back_as_the_same_number(arithmetic: Any, script: Any) -> None:
    reader, made = leaves(), list(formulas(1500, random.Random(9)))
    texts = [write(formula, script) for formula in made]
    found = arithmetic.evaluate(READ, [*known(reader.graph), texts])
    for formula, text, typed in zip(made, texts, found, strict=True):
        assert isinstance(typed, list), (text, typed)
        assert number(typed[0]) == pytest.approx(formula.number, rel=1e-9, abs=1e-9), text


def test_any_text_whatever_is_read_or_refused_as_in_python(arithmetic: Any) -> None:
    rng = random.Random(15)
    parts = [case.text for case in cases() if case.graph != "numbers"]
    signs = list("0123456789.,+-*/^()[]{}|²₁½√∂πσe·× \\%'\"“”xyLd_=<>é")
    for reader in graphs().values():
        texts = []
        for _ in range(1500):
            text = "".join(rng.choice([rng.choice(parts), rng.choice(signs)]) for _ in range(3))
            texts.append(text[rng.randrange(3) : len(text) - rng.randrange(3)])
        found = arithmetic.evaluate(READ, [*known(reader.graph), texts])
        for text, typed in zip(texts, found, strict=True):
            try:
                answer = reader.read(text)
            except AutogradError:
                assert isinstance(typed, str), text
            else:
                same(typed, answer)


RULE_CASES = [case for case in CASES if case.rule.name in RULES and case.rule.name[0] != "_"]


@pytest.mark.parametrize("case", [c for c in RULE_CASES if c.rule.name != "power"], ids=str)
def test_every_rule_is_the_one_in_python(arithmetic: Any, case: Case) -> None:
    if case.rule is not RULES[case.rule.name]:
        pytest.skip("a rule with another constant than its default")
    name = f"{case.rule.name}/{case.count}" if case.rule.sequences else case.rule.name
    points = case.points(20)
    found = arithmetic.evaluate(RUN, [[name, list(map(repr, point))] for point in points])
    for point, (value, slopes) in zip(points, found, strict=True):
        expected = case([Value(x) for x in point])
        assert number(value) == pytest.approx(expected.data, rel=1e-11, abs=1e-13), point
        partials = list(map(float, expected.partials))
        assert [*map(number, slopes)] == pytest.approx(partials, rel=1e-9, abs=1e-12, nan_ok=True)


def test_a_rule_of_a_persons_own_is_read_on_the_page(arithmetic: Any) -> None:
    reader = Reader(Graph(bump_of_the_page_test(Value(0.7, "x"))))
    text = "bump_of_the_page_test(x) + bump_of_the_page_test′(x)"
    [typed] = arithmetic.evaluate(READ, [*known(reader.graph), [text]])
    same(typed, reader.read(text))


def test_every_answer_is_judged_as_in_python(arithmetic: Any) -> None:
    x, w, b = Value(2.0, "x"), Value(-0.75, "w"), Value(0.3, "b")
    u = (w * x + b).tanh() * x
    u.label = "u"
    graph = Graph(u)
    judge, reader = Judge(graph), Reader(graph)
    z = w * x + b
    for node in (x, w, b):
        wanted = derivative(u, node)
        truth = graph.derivatives[node]
        symbol = f"∂u/∂{node.label}"
        question = {
            "number": truth,
            "asked": [graph.index[u], graph.index[node]],
            "wanted": [
                {
                    "head": "derivative",
                    "value": [graph.index[u], graph.index[node], [], 0],
                    "operands": 0,
                }
            ],
            "noise": graph.noise[node],
            "wrong": [],
            "symbol": symbol,
        }
        texts = [f"{truth:.{digits}g}" for digits in range(1, 9)]
        texts += [
            f"{truth * (1 + off):.{n}g}" for off in (0.01, 0.03, 0.08, 0.3) for n in (1, 2, 4)
        ]
        texts += [symbol, f"{truth!r} + 0·x", f"{truth!r}·x/2", "x", "w·x", "1/3", "0"]
        texts += ["tanh(w·x + b) + x·w·tanh′(w·x + b)", "x²·tanh′(w·x + b)", "x·tanh′(w·x + b)"]
        texts += [f"x²·tanh′({z.data!r})", "4·tanh′(w·2 + b)", "2·tanh′(2w + b)"]
        found = arithmetic.evaluate(JUDGE, [*known(graph), question, texts])
        verdicts = set()
        for text, judged in zip(texts, found, strict=True):
            expected = judge(reader.read(text), wanted, symbol, (), graph.noise[node])
            assert judged["verdict"] == expected.verdict, (text, judged, expected)
            assert bool(judged["note"]) == (expected.verdict in ("right only here", "asked back"))
            verdicts.add(expected.verdict)
        assert {"right", "wrong", "right only here", "asked back"} <= verdicts


def test_a_page_reads_the_rules_of_its_graph_and_no_other_persons() -> None:
    x = Value(0.5, "x")
    name = bump_of_the_page_test(x).op
    for output, there in ((bump_of_the_page_test(x), True), (x.tanh(), False)):
        reading = Reading(Graph(output))
        assert (name in reading.rules) == there
        assert (
            name in {rule for rule, *_ in reading.data()["grammar"]["functions"].values()}
        ) == there


# A graph at other numbers


def moved(page: Any, output: Value, rows: Sequence[Sequence[float]]) -> list[Any]:
    """Return what a page finds at each row of numbers of the leaves."""
    computing = Computing(Graph(output))
    texts = [[repr(float(x)) for x in row] for row in rows]
    found: list[Any] = page.evaluate(MOVE, [computing.data(), computing.sources, texts])
    return found


@pytest.mark.parametrize("name", ["sqrt", "log", "exp"])
def test_what_a_choice_does_not_take_spoils_nothing(arithmetic: Any, name: str) -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    limit = 700 if name == "exp" else 0
    taken = x < limit if name == "exp" else x > limit
    made = where(RULES["less" if name == "exp" else "greater"](x, limit), RULES[name](x), y * y)
    assert taken
    there, lost, again = moved(arithmetic, made, [(2, 3), (1000 if limit else -1, 3), (2, 3)])
    assert (lost["result"], [*map(number, lost["gradient"])]) == ("9", [0.0, 6.0])
    assert number(there["result"]) == pytest.approx(made.data)
    assert there == again
    assert not lost["like"]


def test_what_is_not_taken_has_no_slope_even_of_what_is_nan(arithmetic: Any) -> None:
    x, y, factor = Value(2.0, "x"), Value(3.0, "y"), Value(1.0, "n")
    made = factor * where(x > 0, y * y, x * x) + factor * maximum(x, y)
    [found] = moved(arithmetic, made, [(math.nan, 2.0, 3.0)])
    assert [leaf.label for leaf in Graph(made).leaves] == ["n", "x", "y"]
    gradient = [*map(number, found["gradient"])]
    assert gradient == pytest.approx([12.0, 0.0, math.nan], nan_ok=True)


SIGNS = [operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("sign", SIGNS)
def test_an_if_turns_where_its_comparison_comes_out_otherwise(arithmetic: Any, sign: Any) -> None:
    rows = [(1.0, 2.0), (2.0, 1.0), (2.0, 2.0), (math.inf, math.inf), (-0.0, 0.0)]
    for recorded in rows:
        x, y = (Value(number, label) for number, label in zip(recorded, "xy", strict=True))
        held = bool(sign(x, y))
        for row, found in zip(rows, moved(arithmetic, x + 2 * y, rows), strict=True):
            turned = sign(*row) != held
            assert found["flipped"] == ([0] if turned else []), (recorded, row)
            assert not (turned and found["like"])


def test_a_change_of_branch_is_another_graph_and_no_point_nearby(arithmetic: Any) -> None:
    x, y = Value(0.1, "x"), Value(-0.15, "y")
    made = (x * 3 + y).relu() * y + abs(x + y) + maximum(x, -y * 2)
    rows = [(0.1, -0.15), (0.11, -0.15), (0.1, -0.4), (0.1, -0.01), (0.5, -0.15), (0.2, -0.15)]
    for row, found in zip(rows, moved(arithmetic, made, rows), strict=True):
        assert found["like"] == (_signs(*row) == _signs(*rows[0])), row
        for near, _ in found["near"]:
            assert _signs(*near) == _signs(*row), (row, near)


def _signs(x: float, y: float) -> list[bool]:
    return [x * 3 + y > 0, x + y > 0, x > -y * 2]


def test_points_nearby_move_each_leaf_alone_twice_and_all_in_no_proportion(arithmetic: Any) -> None:
    leaves = [Value(1.3 + i / 7, f"x_{i}") for i in range(5)]
    made = total(leaf * leaf for leaf in leaves)
    here = [leaf.data * 1.25 for leaf in leaves]
    [found] = moved(arithmetic, made, [here])
    counts = [count for _, count in found["near"]]
    assert counts == [1] * 10 + [5, 5]
    for i, (near, _) in enumerate(found["near"][:10]):
        assert [k for k in range(5) if near[k] != here[k]] == [i // 2]
    for near, _ in found["near"][10:]:
        ratios = {round(there / x, 2) for there, x in zip(near, here, strict=True)}
        assert len(ratios) > 2
        assert 1.0 not in ratios


def test_what_may_be_rounding_is_bounded_as_in_python(arithmetic: Any) -> None:
    x, y, c = Value(3.0, "x"), Value(2.0, "y"), Value(1e9, "c")
    made = [x * y + x, (x * c + y) - x * c, (x * c - c * y) / c, x.exp().log() + (y / c).tanh()]
    for output in made:
        graph = Graph(output)
        [found] = moved(arithmetic, output, [[leaf.data for leaf in graph.leaves]])
        expected = [graph.noise[node] for node in graph.order]
        assert found["noise"] == pytest.approx(expected, rel=1e-9, abs=1e-300)
        assert max(found["noise"]) > 0


def test_a_graph_moved_is_the_graph_built_there(arithmetic: Any) -> None:
    rng = random.Random(4)

    def build(x: float, y: float, z: float) -> tuple[Value, list[Value]]:
        leaves = [Value(number, name) for number, name in zip((x, y, z), "xyz", strict=True)]
        a, b, c = leaves
        inner = (a * b - c).relu() + maximum(a, b) * abs(c)
        return inner.tanh() + where(a > c, inner * inner, inner.exp()) / (1 + b * b), leaves

    first = build(0.5, 1.5, -0.7)[0]
    assert [leaf.label for leaf in Graph(first).leaves] == ["x", "y", "z"]
    rows = [[rng.choice([rng.uniform(-2, 2), 0.0, 1.0]) for _ in range(3)] for _ in range(60)]
    for row, found in zip(rows, moved(arithmetic, first, rows), strict=True):
        output, leaves = build(*row)
        output.backward()
        assert number(found["result"]) == pytest.approx(output.data, rel=1e-12)
        slopes = [leaf.grad for leaf in leaves]
        assert [*map(number, found["gradient"])] == pytest.approx(slopes, rel=1e-12, abs=1e-14)


def test_questions_elsewhere_are_those_of_the_graph_built_there(arithmetic: Any) -> None:
    def build(x: float, y: float) -> Value:
        a, b = Value(x, "x"), Value(y, "y")
        return (a * b + a).relu() * b + (a - b).tanh() * a

    here = build(0.5, 1.5)
    walk, computing = FollowedWalk(Walk(here)), Computing(Graph(here))
    known, script = Asking(walk).data(), Script()
    followed = script.around(working_out(walk.book, script))
    rows = [[0.5, 1.5], [0.75, 1.25], [0.25, -0.5], [-0.5, 0.25], [-1.0, -2.0], [0.5, -2.5]]
    asked = arithmetic.evaluate(ASK, [computing.data(), computing.sources, known, followed, rows])
    for row, found in zip(rows, asked, strict=True):
        there = build(*row)
        expected = {(q.part, q.symbol): q.answer for q in questions(Walk(there))}
        for question in found:
            twin = expected.get((question["part"], question["symbol"]))
            assert twin is None or question["number"] == pytest.approx(twin, rel=1e-12, abs=1e-15)
            assert question["number"] not in question["wrong"]
            assert question["part"] != "local derivative" or question["noise"] == 0
        on_the_branch = row[0] * row[1] + row[0] > 0
        assert any(question["wrong"] for question in found) == on_the_branch, row


def test_no_question_has_an_answer_that_no_one_can_write(arithmetic: Any) -> None:
    x, y = Value(0.0, "x"), Value(2.0, "y")
    made = x.sqrt() * y + x * y
    walk, computing = FollowedWalk(Walk(made)), Computing(Graph(made))
    known, script = Asking(walk).data(), Script()
    followed = script.around(working_out(walk.book, script))
    here = [leaf.data for leaf in walk.leaves]
    data = [computing.data(), computing.sources, known, followed, [here]]
    [found] = arithmetic.evaluate(ASK, data)
    assert len(found) > 1
    assert all(math.isfinite(question["number"]) for question in found)


def test_an_operation_in_numbers_is_an_equation(arithmetic: Any) -> None:
    x, y = Value(0.5, "x"), Value(1.5, "y")
    made = (x**2 * y - (y - x) ** 3) / (x * y + y) + (-x) * (x - -y) + x / (y * y) + y.exp()
    graph = Graph(made)
    assert [leaf.label for leaf in graph.leaves] == ["x", "y"]
    computing, reader = Computing(graph), Reader(graph)
    for row in ([0.5, 1.5], [-0.5, 1.5], [-3.0, -2.0], [-3e-7, -4.0], [2.5e9, 3.0], [-5.0, -2e-6]):
        shown = arithmetic.evaluate(SHOW, [computing.data(), computing.sources, row])
        for text, value in shown:
            answer = reader.read(text)
            near = 10 * answer.coarse + 1e-12 * abs(value)
            assert answer.number == pytest.approx(value, rel=1e-3, abs=near), (text, value)


def test_a_formula_is_shown_of_a_slope_as_long_as_it_is_the_slope(arithmetic: Any) -> None:
    def build(x: float, y: float) -> Value:
        a, b = Value(x, "x"), Value(y, "y")
        return (a * b).elu() * abs(a - b) + (a + b).leaky_relu() * b * b + hypot(a, b) / b

    rows = [[-1.5, 0.5], [-0.75, 0.25], [1.5, 0.5], [-2.0, -0.5], [0.25, -1.5]]
    computing, shown = Computing(Graph(build(*rows[0]))), 0
    for row in rows:
        reader = Reader(Graph(build(*row)))
        for text, slope in arithmetic.evaluate(SLOPES, [computing.data(), computing.sources, row]):
            if text:
                assert reader.read(text).number == pytest.approx(slope, rel=1e-9), (text, row)
                shown += 1
    assert shown > 20


def test_numbers_are_written_as_python_writes_them(arithmetic: Any) -> None:
    rng = random.Random(8)
    numbers = [0.0, -0.0, 1e16, 1e15, -1e22, 1e-4, 1e-5, 5e-324, 1.7e308, 9999.5, 99995.0, 0.5]
    numbers += [rng.choice([-1, 1]) * 10 ** rng.uniform(-9, 20) for _ in range(400)]
    numbers += [round(x, rng.randrange(4)) for x in numbers if abs(x) < 1e6]
    numbers += [math.inf, -math.inf, math.nan]
    found = arithmetic.evaluate(WRITE, list(map(repr, numbers)))
    for x, (exact, brief) in zip(numbers, found, strict=True):
        assert (exact, brief) == (repr(x), short(x))
