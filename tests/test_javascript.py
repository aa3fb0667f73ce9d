"""The rules as JavaScript beside the rules in Python: the same numbers, or 2 units from them.

Where that cannot be, a bound says why: the C library is off, a slope is the square of something
that may be off by a unit, or terms cancel, and the units are those of the terms.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import random
import re
import subprocess
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import mpmath
import pytest

from autograd import AutogradError, Value, rule
from autograd import functions as f
from autograd.graph import topological_order
from autograd.replay import replay
from autograd.rule import RULES, Rule
from autograd.sweep import chooses
from autograd.sweep import sweep as python_sweep
from autograd.views.writing.javascript import (
    OPERANDS,
    Script,
    javascript,
    written_contribution,
    written_rules,
)
from tests.table import EXPONENTS, RULE_TABLE

SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 1 / 3, 10.0, -10.0, 26.0, -26.0, 27.0, 50.0,
    700.0, 709.9, 710.3, -745.0, -746.0, 5e-324, -5e-324, 2.3e-308, 1e-200, 1e200, -1e200, 1.7e308,
    -1.7e308, 1 - 2**-53, 1 + 2**-52, math.inf, -math.inf, math.nan,
]  # fmt: skip

EXACT = {
    "add", "sub", "mul", "div", "neg", "sum", "mean", "prod", "dot", "max", "min", "maximum",
    "minimum", "clip", "where", "less", "less_equal", "greater", "greater_equal", "equal",
    "not_equal", "abs", "relu", "leaky_relu", "mod",
}  # fmt: skip
"""The rules that are made of + − × ÷ and comparisons alone."""

WIDER = {
    ("tan", 1): 3,  # 1 + tan²
    ("tanh", 1): 4,  # squares of 1/cosh
    ("sigmoid", 1): 4,
    ("cbrt", 0): 4,  # what the C library has is off by up to 3.7 units (glibc's manual)
    ("cbrt", 1): 10,
    ("gelu", 0): 5,  # what the C library's erfc is off
}
"""Units in the last place that a value (0) or slopes (1) may be off, if not 2."""

NODE = """"use strict";
const number=t=>({inf:Infinity,'-inf':-Infinity,nan:NaN})[t]??Number(t);
const read=x=>Array.isArray(x)?x.map(read):number(x);
const say=x=>Array.isArray(x)?x.map(say):typeof x!=='number'?`not a number: ${x}`:
  Object.is(x,-0)?'-0':String(x).replace('Infinity','inf');
require('readline').createInterface({input:process.stdin}).on('line',(line)=>{
  const [script,given]=JSON.parse(line);
  try {
    const f=new Function(`"use strict";return (${script})`)();
    console.log(JSON.stringify(given.map(x=>say(f(...read(x))))));
  } catch (error) { console.log(JSON.stringify(error.stack)); }
});"""
"""A program that answers each line, [function, rows], by what the function makes of the rows."""


@functools.cache
def started() -> subprocess.Popen[str]:
    """Return the one process that all tests ask: to start one takes longer than what is asked."""
    pipe = subprocess.PIPE
    return subprocess.Popen(["node", "-e", NODE], stdin=pipe, stdout=pipe, text=True)


@pytest.fixture(scope="module", autouse=True)
def _node_ends() -> Iterator[None]:
    yield
    if started.cache_info().currsize:
        started().communicate()
        started.cache_clear()


def run(script: str, calls: Sequence[Any]) -> list[Any]:
    """Return what a function of JavaScript returns for each row of operands."""
    asked, answers = started().stdin, started().stdout
    assert asked
    assert answers
    asked.write(json.dumps([script, _as_text([*map(list, calls)])]) + "\n")
    asked.flush()
    found = json.loads(answers.readline())
    assert isinstance(found, list), found
    return [_as_numbers(row) for row in found]


def _as_text(x: Any) -> Any:
    return [*map(_as_text, x)] if isinstance(x, list | tuple) else repr(float(x))


def _as_numbers(x: Any) -> Any:
    return [*map(_as_numbers, x)] if isinstance(x, list) else float(x)


def units(found: float, expected: float, scale: float | None = None) -> float:
    """Return how many units in the last place of a scale two numbers are apart."""
    if found == expected or (math.isnan(found) and math.isnan(expected)):
        return 0.0
    if not (math.isfinite(found) and math.isfinite(expected)):
        return math.inf
    unit = math.ulp(expected if scale is None else scale)
    return abs(found - expected) / unit


def same_bits(found: float, expected: float) -> bool:
    return repr(found) == repr(expected)


def any_number(draw: random.Random) -> float:
    sign = draw.choice([-1.0, 1.0])
    picked: float = draw.choice(
        [
            draw.choice(SPECIAL),
            draw.uniform(-3, 3),
            draw.uniform(-30, 30),
            draw.uniform(-750, 750),
            sign * math.ldexp(draw.random(), draw.randrange(-1074, 1024)),
            sign * math.ldexp(draw.random(), draw.randrange(-60, 10)),
        ]
    )
    return picked


def points(rule: Rule, operands: int, size: int) -> Iterable[tuple[float, ...]]:
    """Yield points over all numbers, many near 0, and all pairs of special ones."""
    if operands <= 2 and size > 1000:
        yield from itertools.product(SPECIAL, repeat=operands)
    draw = random.Random(f"{rule.name}{operands}{rule.constants}")
    for i in range(size):
        numbers = [draw.uniform(-3, 3) if i % 3 == 1 else any_number(draw) for _ in range(operands)]
        yield tuple(map(abs, numbers) if i % 3 == 2 else numbers)


def in_python(rule: Rule, point: Sequence[float]) -> list[Any] | None:
    """Return [value, slopes], None where Python refuses."""
    try:
        value, partials = rule.derive(*point)
    except (ArithmeticError, ValueError):
        return None
    if not math.isfinite(value) and all(map(math.isfinite, point)):
        return None
    return [value, [*map(float, partials)]]


def scales(rule: Rule, point: Sequence[float], expected: list[Any]) -> tuple[Any, Any]:
    """Return what units are measured at: the largest term where terms cancel."""
    if rule.name in ("gelu", "silu"):
        return None, 0.5  # of slopes between −0.1 and 1.1 that pass 0
    if rule.name == "logsumexp" and all(map(math.isfinite, point)):
        return max(map(abs, [*point, expected[0]])), None
    return None, None


def compare(rule: Rule, calls: Sequence[Any], found: Sequence[Any]) -> None:
    for point, (value, slopes) in zip(calls, found, strict=True):
        expected = in_python(rule, point)
        if expected is None:
            assert not all(map(math.isfinite, [value, *slopes])), (rule, point, value)
            continue
        if rule.name in EXACT:
            assert same_bits(value, expected[0]), (rule, point, value, expected)
            assert [*map(abs, slopes)] == pytest.approx(
                [*map(abs, expected[1])], rel=0, abs=0, nan_ok=True
            ), (rule, point)
            continue
        at_value, at_slope = scales(rule, point, expected)
        off = units(value, expected[0], at_value)
        assert off <= WIDER.get((rule.name, 0), 2), (rule, point, value, expected)
        for slope, partial in zip(slopes, expected[1], strict=True):
            at = None if at_slope is None or abs(partial) > at_slope else at_slope
            off = units(slope, partial, at)
            assert off <= WIDER.get((rule.name, 1), 2), (rule, point, slopes, expected)


def bound(rule: Rule) -> list[Rule]:
    """Return a rule with its constants chosen, in several ways."""
    if rule.name == "power":
        return [rule.bind(n=n) for n in (*EXPONENTS, 1 / 3, 5.0, 17.0, -1.0, 300.0)]
    if rule.name == "leaky_relu":
        return [rule, rule.bind(slope=0.3)]
    if rule.name == "gaussian":
        return [rule, *[rule.bind(scale=scale) for scale in (0.5, 1e-3, 40.0, 0.0)]]
    return [rule]


def counts(rule: Rule) -> list[int]:
    return [rule.arity] if not rule.sequences else [rule.sequences * n for n in (1, 2, 3, 20)]


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULE_TABLE, ids=lambda rule: rule.name)
def test_every_rule_is_the_one_in_python_over_all_numbers(rule: Rule) -> None:
    for chosen in bound(rule):
        for operands in counts(rule):
            script = Script()
            source = script.around(script.rule(chosen, operands))
            calls = [*points(chosen, operands, 3000 if operands < 4 else 300)]
            compare(chosen, calls, run(source, calls))


def test_the_table_has_the_same_functions_by_name() -> None:
    names = [
        f"{rule.name}/{n}" if rule.sequences else rule.name
        for rule in RULE_TABLE
        if not rule.name.startswith("_") and rule.complete
        for n in ([rule.arity] if not rule.sequences else range(1, OPERANDS + 1))
        if n % (rule.sequences or 1) == 0
    ]
    table = {rule.name: rule for rule in RULE_TABLE}
    text = javascript(table)
    assert len(text) < 9000  # the page carries it
    calls = [
        (i, *point)
        for i, name in enumerate(names)
        for rule in [table[name.partition("/")[0]]]
        for point in points(rule, int(name.partition("/")[2] or rule.arity), 30)
    ]
    found = run(f"((i,...x)=>({text})[{json.dumps(names)}[i]](...x))", calls)
    for (i, *point), row in zip(calls, found, strict=True):
        compare(table[names[int(i)].partition("/")[0]], [point], [row])


def test_nothing_is_called_but_operators_and_math_and_what_is_declared() -> None:
    text = re.sub(r'"[^"]*"|\b[\d.]+e-?\d+|\.\d+', "", javascript())
    declared = set(re.findall(r"([\w]+)=(?:\(|\w+=>)", text))
    keys = set(re.findall(r"[\n{](\w+):", text))
    words = set(re.findall(r"[A-Za-z_]\w+", text))
    language = {"const", "let", "for", "of", "while", "if", "return", "Math"}
    arrays = {"length", "slice", "map", "reduce", "filter", "push", "pop", "every"}
    functions = set(re.findall(r"Math\.(\w+)", text))
    assert run(f"()=>+{json.dumps([*functions])}.every((name)=>name in Math)", [()]) == [1.0]
    assert words <= declared | keys | language | arrays | functions, words


NEAR = {"exp": 0.52, "log": 0.52, "cbrt": 0.7, "erf": 1.0, "cosh": 1.1, "erfc": 1.6}
"""How many units in the last place a formula may be off, one half of which is rounding."""

TRUTH: dict[str, tuple[Callable[[Any], Any], Callable[[random.Random], float]]] = {
    "erf": (mpmath.erf, lambda d: d.choice([-1, 1]) * 2.0 ** d.uniform(-1074, 3)),
    "erfc": (mpmath.erfc, lambda d: d.uniform(-6, 27.3)),
    "exp": (mpmath.exp, lambda d: d.uniform(-708, 709.7)),
    "log": (mpmath.log, lambda d: 2.0 ** d.choice([d.uniform(-1074, 1023), d.uniform(-1, 1)])),
    "cosh": (mpmath.cosh, lambda d: d.uniform(-710.4, 710.4) ** d.choice([1, 1 / 3]).real),
    "cbrt": (
        lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
        lambda d: d.choice([-1, 1]) * 2.0 ** d.uniform(-1074, 1023),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRUTH)
def test_what_is_written_as_a_formula_is_right(name: str) -> None:
    truth, pick = TRUTH[name]
    draw = random.Random(name)
    calls = [(float(abs(x) if isinstance(x := pick(draw), complex) else x),) for _ in range(4000)]
    script = Script()
    found = run(script.around(script.rule(RULES[name], 1)), calls)
    with mpmath.workprec(200):
        for (x,), (value, _) in zip(calls, found, strict=True):
            exact = truth(mpmath.mpf(x))
            assert abs(value - exact) <= NEAR[name] * math.ulp(float(exact)), (x, value)


def test_a_sum_is_rounded_once() -> None:
    draw = random.Random(3)
    rows: list[list[float]] = [
        [1e308, 1e308, -1e308], [1e308, 1e308, -1e308, -1e308, 1.0], [1e308, 1e308],
        [1.0, 1e100, 1.0, -1e100], [0.1] * 10, [-0.0], [-0.0, -0.0, -0.0], [math.inf, 1.0, 2.0],
        [math.inf, -math.inf, 1.0], [math.nan, 1.0, 2.0], [2.0**53, 1.0, 2.0**-60],
        [2.0**53, 1.0, -(2.0**-60)], [-(2.0**53), -1.0, -(2.0**-60)], [5e-324] * 3,
        [2.0**53, 3.0, 2.0**-1000, -(2.0**-1000)], [1.7e308, 1.7e308, -1.7e308, 3e291],
    ]  # fmt: skip
    for _ in range(3000):
        row = [
            draw.choice([-1, 1])
            * 2.0 ** draw.randrange(-70, 70)
            * draw.choice([1.0, draw.random()])
            for _ in range(draw.randrange(1, 12))
        ]
        rows.append([*row, *[-x for x in row[: draw.randrange(len(row) + 1)]]])
    script = Script()
    script.over_all("total", "x")
    found = run(script.around("(...x)=>total(x)"), rows)
    for row, total in zip(rows, found, strict=True):
        assert same_bits(total, f.total(*row)), row


def test_what_is_passed_on_is_decided_as_in_python() -> None:
    calls = [(u, p, c) for u in SPECIAL for p in SPECIAL for c in (0.0, 1.0)]
    found = run(written_contribution(), calls)
    for (upstream, partial, choice), passed in zip(calls, found, strict=True):
        assert same_bits(passed, f.contribution(upstream, partial, bool(choice)))


# Graphs

SWEEP = """((...numbers) => {
  const contribution = CONTRIBUTION, made = [MADE], graph = GRAPH;
  const values = [], slopes = [], adjoints = Array(graph.length).fill(0);
  graph.forEach(([operands, rule], i) => {
    if (!operands.length) [values[i], slopes[i]] = [numbers[rule], []];
    else [values[i], slopes[i]] = made[rule](...operands.map((k) => values[k]));
  });
  adjoints[graph.length - 1] = 1;
  for (let i = graph.length - 1; i >= 0; i -= 1) {
    const [operands, , choice] = graph[i];
    operands.forEach((k, s) => {
      adjoints[k] += contribution(adjoints[i], slopes[i][s], choice);
    });
  }
  return [values, slopes, adjoints];
})"""
"""A sweep of a graph with nothing in it but its rules."""


class Sweep:
    """A graph in JavaScript: its nodes, and what each of them is at other numbers of its leaves."""

    def __init__(self, output: Value) -> None:
        self.order = topological_order(output)
        self.leaves = [node for node in self.order if not node.parents]
        index = {node: i for i, node in enumerate(self.order)}
        script = Script()
        sources, made_by = written_rules(self.order, script)
        graph = [
            [[index[parent] for parent in node.parents], made_by[node], int(chooses(node))]
            if node.parents
            else [[], self.leaves.index(node)]
            for node in self.order
        ]
        sweep = SWEEP.replace("CONTRIBUTION", written_contribution())
        sweep = sweep.replace("MADE", ",\n".join(sources)).replace("GRAPH", json.dumps(graph))
        self.source = script.around(sweep)

    def __call__(self, rows: Sequence[Sequence[float]]) -> list[Any]:
        """Return [values, slopes, adjoints] for each row of numbers."""
        return run(self.source, rows)


UNARY = [
    "tanh", "exp", "log", "sin", "cos", "sigmoid", "softplus", "relu", "silu", "gelu", "sqrt",
    "abs", "erf", "atan", "leaky_relu", "asinh", "expm1", "log1p", "cbrt", "elu", "sech", "neg",
    "power",
]  # fmt: skip
BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "hypot", "atan2", "less", "mod"]
SEVERAL = ["sum", "mean", "prod", "max", "min", "norm", "logsumexp"]


def random_graph(draw: random.Random, names: Sequence[Sequence[str]], size: int = 30) -> Value:
    """Return the last of some operations on what came before, which uses all of it."""
    unary, binary, several = names
    nodes = [Value(draw.uniform(0.2, 2)) for _ in range(4)]
    unused = {*nodes}
    while len(nodes) < size or len(unused) > 1:
        late = sorted(unused, key=nodes.index) if len(nodes) >= size else nodes[-8:]
        name = draw.choice([*binary] if len(nodes) >= size else [*unary, *binary, *several])
        count = 1 if name in unary else 2 if name in binary else 3
        operands = [draw.choice(nodes[-8:]) for _ in range(count)]
        operands[0] = late[0] if len(nodes) >= size else draw.choice(late)
        try:
            if name == "power":
                made = operands[0] ** draw.choice([2, 3, -1, 0.5])
            else:
                made = RULES[name](operands) if name in several else RULES[name](*operands)
        except AutogradError:
            continue
        if abs(made.data) < 50:
            unused = (unused - {*operands}) | {made}
            nodes.append(made)
    return nodes[-1]


def edited(draw: random.Random, output: Value, times: int) -> tuple[Sweep, list[list[float]]]:
    """Return a graph, and the numbers of its leaves after each of some random edits."""
    sweep = Sweep(output)
    numbers = [leaf.data for leaf in sweep.leaves]
    rows = [numbers]
    for _ in range(times):
        i = draw.randrange(len(numbers))
        number = draw.choice(
            [draw.uniform(-2, 2), draw.uniform(0, 3), draw.choice([0.0, 1.0, 40.0])]
        )
        rows.append([*rows[-1][:i], number, *rows[-1][i + 1 :]])
    return sweep, rows


def replayed(sweep: Sweep, row: Sequence[float]) -> tuple[float, list[float]] | None:
    """Return the value and the derivatives at other numbers, None if Python refuses them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value, derivatives = replay(sweep.order[-1], dict(zip(sweep.leaves, row, strict=True)))
        except AutogradError:
            return None
    return float(value), [float(derivatives[node]) for node in sweep.order]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_a_graph_edited_at_random_is_off_by_no_more_than_its_rules(seed: int) -> None:
    draw = random.Random(seed)
    sweep, rows = edited(draw, random_graph(draw, (UNARY, BINARY, SEVERAL)), 8)
    for row, (values, slopes, adjoints) in zip(rows, sweep(rows), strict=True):
        assert [v for v, n in zip(values, sweep.order, strict=True) if not n.parents] == row
        number = dict(zip(sweep.order, values, strict=True))
        for node, value, partials in zip(sweep.order, values, slopes, strict=True):
            if node.rule is not None:  # each node, by what Python makes of the same operands
                point = [number[parent] for parent in node.parents]
                compare(node.rule, [point], [[value, partials]])
        recorded = {n: s for n, s in zip(sweep.order, slopes, strict=True) if n.parents}
        swept = python_sweep(sweep.order, recorded, 1.0)
        for node, adjoint in zip(sweep.order, adjoints, strict=True):
            assert units(adjoint, swept.get(node, 0.0)) == 0.0, (seed, row)
        if replayed(sweep, row) is None:
            assert not all(map(math.isfinite, [*values, *itertools.chain(*slopes)])), (seed, row)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_a_graph_of_arithmetic_is_the_same_to_the_last_bit(seed: int) -> None:
    draw = random.Random(seed)
    names = (["neg", "sqrt", "abs", "relu"], ["add", "sub", "mul", "div"], ["sum", "mean", "prod"])
    sweep, rows = edited(draw, random_graph(draw, names), 20)
    for row, (values, _, adjoints) in zip(rows, sweep(rows), strict=True):
        expected = replayed(sweep, row)
        if expected is not None:
            assert (values[-1], adjoints) == expected, (seed, row)


def test_many_operands_make_no_longer_source() -> None:
    for name in ("dot", "norm", "logsumexp", "sum", "max"):
        few, many = (len(Script().rule(RULES[name], n)) for n in (6, 600))
        assert few == many
    w, x = ([Value(math.sin(i * k)) for i in range(64)] for k in (1, 2))
    sweep = Sweep(RULES["dot"](w, x))
    row = [leaf.data * 1.7 for leaf in sweep.leaves]
    [(values, _, adjoints)] = sweep([row])
    expected = replayed(sweep, row)
    assert expected == (values[-1], adjoints)


# Rules of a person's own


@rule(domain=lambda x: x > 0, remedy="{x} must be positive")
def own_root_of_the_javascript_test(x: Any) -> Any:
    """Return x^¼, with an if that is decided by the number."""
    z = f.sqrt(f.sqrt(x))
    if x > 16:
        return z + (x > 20), (z / (4 * x),)
    return z, (z / (4 * x),)


@rule
def own_floats_of_the_javascript_test(x: Any) -> Any:
    """Return what floats alone can compute."""
    return math.gamma(x), (1.0,)


def test_a_persons_own_rule_is_written_with_its_domain_and_its_ifs() -> None:
    sweep = Sweep(own_root_of_the_javascript_test(Value(2.0)))
    rows = [[1.5], [17.0], [21.0], [1e300], [-1.0], [0.0], [math.nan]]
    for (x,), (values, slopes, _) in zip(rows, sweep(rows), strict=True):
        if x > 0:
            expected = own_root_of_the_javascript_test.derive(x)
            assert (values[1], slopes[1]) == (expected[0], [*expected[1]])
        else:
            assert math.isnan(values[1])


@rule
def own_signs_of_the_javascript_test(x: Any) -> Any:
    """Return what has signs next to signs."""
    minus = -x
    return -minus - -2.0 + -x * -3.0 - (minus - minus * x), (3.0 - minus + -(2.0 - x) - minus**2,)


def test_signs_that_meet_are_kept_apart() -> None:
    calls = [(x,) for x in (0.5, -0.5, 3.0, -0.0)]
    script = Script()
    source = script.rule(own_signs_of_the_javascript_test, 1)
    for (x,), (value, slopes) in zip(calls, run(script.around(source), calls), strict=True):
        expected = own_signs_of_the_javascript_test.derive(x)
        assert (value, *slopes) == pytest.approx((expected[0], *expected[1]), rel=1e-15)


def test_what_cannot_be_written_is_left_out() -> None:
    x = Value(2.0)
    by_hand = Value.from_partials(9.0, [x], [6.0], op="square")
    by_floats = own_floats_of_the_javascript_test(x)
    output = by_hand * by_floats * 2
    sources, made_by = written_rules(topological_order(output))
    assert (len(sources), len(made_by)) == (1, 2)
    assert not {by_hand, by_floats, x} & made_by.keys()
    assert "own_floats_of_the_javascript_test" not in javascript()


def test_a_source_stands_by_itself() -> None:
    x = Value(0.3)
    order = topological_order((x.gelu() + x.tanh()) ** 2)
    sources, made_by = written_rules(order)
    for node in order[1:]:
        assert node.rule is not None
        calls = [*points(node.rule, len(node.parents), 50)]
        compare(node.rule, calls, run(sources[made_by[node]], calls))
