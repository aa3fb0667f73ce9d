"""One notation: a symbol stands for one number, every equation is true, all can be typed back."""

from __future__ import annotations

import math
import os
import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, rule
from autograd.graph import topological_order
from autograd.rule import RULES, Rule
from autograd.views.by_hand.reader import Answer, Reader
from autograd.views.tracing import statements
from autograd.views.tracing.equations import Equation, Equations
from autograd.views.tracing.folding import Folding
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.notation import FoldedNotation, Notation
from autograd.views.tracing.paths import Paths
from autograd.views.writing.scripts import LATEX, TEXT, Script
from tests.table import CASES, Case
from tests.test_graphs import Plan, plans

LABELS = (
    *("", "", "", "x", "x", "w_{12}^{(2)}", "w₁₂⁽²⁾", r"\hat y", "v1", "v_1", "e", "pi", "sin"),
    *("a + b", "2", "∂L/∂w", "|x|", "x#1", "a[0]", "“q”", 'say "hi"', "\n", "learning_rate"),
    *(r"\sigma_1'", "x'", "σ", "a^{[2]}", r"\Delta t", "名", "-1", "1e5", "d", "log", r"\frac"),
)


def labelled(plan: Plan, rng: random.Random) -> Value:
    """Return the output of a graph whose nodes are called in hostile ways, or not at all."""
    output = plan.values()[-1]
    for node in topological_order(output):
        if not node.is_constant:
            node.label = rng.choice(LABELS)
    return output


def symbols(graph: Graph, script: Script) -> Iterator[tuple[str, float]]:
    """Yield every symbol that a view of the graph may show, with its number."""
    write, folding = Notation(graph, script), Folding(graph)
    for node in graph.order:
        if graph.names.kind(node) != "constant":
            yield write.name(node), node.data
            yield write.derivative(node), graph.derivatives[node]
    for node in graph.order:
        for position, parent in enumerate(node.parents):
            if graph.names.kind(parent) != "constant":
                edge = Edge(node, position)
                yield write.local(edge), edge.partial
    folded = FoldedNotation(folding, script)
    for node in folding.kept:
        for link in folding.links(node):
            if graph.names.kind(link.parent) != "constant":
                yield folded.local(link), link.partial


def same(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("script", [TEXT, LATEX], ids=["text", "latex"])
@settings(deadline=None, max_examples=150)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_a_symbol_stands_for_one_number(script: Script, plan: Plan, seed: int) -> None:
    stands_for: dict[str, float] = {}
    for symbol, number in symbols(Graph(labelled(plan, random.Random(seed))), script):
        assert same(stands_for.setdefault(symbol, number), number), symbol


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_every_symbol_can_be_typed_back(plan: Plan, seed: int) -> None:
    graph = Graph(labelled(plan, random.Random(seed)))
    reader = Reader(graph)
    for script in (TEXT, LATEX):
        for symbol, number in symbols(graph, script):
            assert same(reader.read(symbol).number, number), symbol
    for node in graph.order:
        if graph.names.kind(node) != "constant":
            assert reader.node(graph.names[node].typed) is node


def is_cut(text: str) -> bool:
    return "…" in text or r"\dots" in text


def true(equation: Equation, reader: Reader) -> None:
    """Assert that the sides of an equation are equal, to what rounding can have done to them."""
    left, sides = equation
    read = [(text, reader.read(text)) for text in (left, *sides) if not is_cut(text)]
    for (first, x), (second, y) in pairwise(read):
        at_hand = max(map(float, re.findall(r"\d+\.?\d*", f"{first} {second}")), default=0.0)
        assert agree(x, y, at_hand), f"{first} = {second}: {x.number!r}, {y.number!r}"


def agree(x: Answer, y: Answer, at_hand: float) -> bool:
    """Return whether two sides are equal; a number without decimals may be off in its last bit."""
    if not (math.isfinite(x.number) and math.isfinite(y.number)):
        return str(x.number) == str(y.number) or math.isnan(x.number) or math.isnan(y.number)
    slack = x.coarse + y.coarse + x.noise + y.noise + 2.0**-50 * at_hand
    return abs(x.number - y.number) <= slack * (1 + 1e-6) + 1e-9 * max(1e-9, abs(x.number))


def equations(graph: Graph, script: Script) -> Iterator[Equation]:
    """Yield every equation that the views of a graph show."""
    write, folding = Notation(graph, script), Folding(graph)
    for node in graph.order:
        if node.parents:
            yield write.name(node), [write.operation(node), script.number(node.data)]
    for notation, fold in ((write, None), (FoldedNotation(folding, script), folding)):
        for node in graph.order:
            if node is graph.output or graph.names.kind(node) == "constant":
                continue
            if fold is None or node in folding.kept:
                paths = Paths(graph, node, fold)
                written = Equations(paths, notation)
                yield written.definition()
                yield from map(written.nested, paths.chain[1:])
                if paths.count <= 8:
                    groups = written.sums()
                    yield written.symbol, [" + ".join(group) for group in groups]


def moderate(graph: Graph) -> bool:
    """Return whether no slope is so steep that a rounded factor says nothing."""
    numbers = [x for node in graph.order for x in (node.data, *node.partials)]
    return all(math.isfinite(x) and (x == 0 or 1e-6 < abs(x) < 1e6) for x in numbers)


GRAPHS = int(os.environ.get("CHAINRULE_GRAPHS", "100"))


@pytest.mark.slow
@pytest.mark.parametrize("script", [TEXT, LATEX], ids=["text", "latex"])
@settings(deadline=None, max_examples=GRAPHS)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_every_equation_is_true(script: Script, plan: Plan, seed: int) -> None:
    graph = Graph(labelled(plan, random.Random(seed)))
    if moderate(graph):
        reader = Reader(graph)
        for equation in equations(graph, script):
            true(equation, reader)


@pytest.mark.slow
@pytest.mark.parametrize("script", [TEXT, LATEX], ids=["text", "latex"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_rule_makes_can_be_typed_back(script: Script, case: Case) -> None:
    for numbers in case.points(3):
        output = case([Value(x, f"x_{i}") for i, x in enumerate(numbers)])
        graph = Graph(output)
        reader, write = Reader(graph), Notation(graph, script)
        for position, slope in enumerate(output.partials):
            edge = Edge(output, position)
            for part in (write.partial(edge), write.primed(edge)):
                if part is not None and not is_cut(part.text):
                    found = reader.read(part.text)
                    slack = found.coarse + found.noise + 1e-9 * max(1.0, abs(slope))
                    assert same(found.number, slope) or abs(found.number - slope) <= slack


@rule
def steep(x: Any, *, k: float = 1.0) -> Any:
    return (x if x > 0 else k * x), (1 if x > 0 else k,)


@rule
def grown(x: Any, *, k: float = 1.0) -> Any:
    return math.exp(k * x), (k * math.exp(k * x),)


@pytest.mark.parametrize("number", [-2.0, 2.0])
@pytest.mark.parametrize("name", ["leaky_relu", "gaussian"])
def test_an_operation_with_constants_is_written_for_all_numbers_not_for_those_at_hand(
    name: str, number: float
) -> None:
    constants = {"leaky_relu": {"slope": 0.2}, "gaussian": {"scale": 3.0}}[name]
    x = Value(number, "x")
    y = RULES[name](x, **constants)
    text = Notation(Graph(y)).operation(y)
    for other in (-1.5, number, 1.5):
        there = Value(other, "x")
        made = RULES[name](there, **constants)
        assert Reader(Graph(made)).read(text).number == pytest.approx(made.data, rel=1e-12)
    edge = Edge(y, 0)
    assert Notation(Graph(y)).primed(edge) is None  # leaky_relu′ has another slope


@pytest.mark.parametrize("made", [steep, grown], ids=lambda made: made.name)
@pytest.mark.parametrize("number", [-2.0, 2.0])
def test_an_operation_that_cannot_be_written_is_called_by_name_and_not_given_away(
    made: Rule, number: float
) -> None:
    x = Value(number, "x")
    y = made(x, k=0.25)
    assert Notation(Graph(y)).operation(y) == f"{made.name}(x, 0.25)"


def test_what_is_held_fixed_is_found_where_very_much_lies_between() -> None:
    x, q = Value(0.5, "x"), Value(2.0, "q")
    chain = x
    for _ in range(400):
        chain = chain + x
    depends, does_not = x.tanh(), q.tanh()
    node = autograd.sum([x, depends, does_not, chain])
    found = Graph(node).other_way(node, x, node.parents)
    assert [*map(id, found)] == [id(depends), id(chain)]


def test_what_is_used_more_than_once_is_not_folded_into_its_uses() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    once, twice = a + b, a * b
    output = once * twice + twice.tanh()
    kept = Folding(Graph(output)).kept
    assert {a, b, twice, output} == kept
    assert once not in kept


def test_a_blank_label_names_nothing() -> None:
    d, x = Value(3.0, "d"), Value(2.0, "x")
    blank = (d / x).tanh()
    output = blank.exp()
    blank.label = output.label = "\n"
    read = Reader(Graph(output)).read
    assert read(r"\frac{d}{x}").number == read("d/x").number == 1.5
    assert read("“�”#1").number == blank.data


def test_definitions_come_as_they_were_written_after_what_they_are_made_of() -> None:
    a, b, c, d = (Value(float(i), name) for i, name in enumerate("abcd", 1))
    graph = Graph((a * b - c / d).tanh() * (a + d))
    assert statements.given(graph) == ["a = 1", "b = 2", "c = 3", "d = 4"]
    found = statements.definitions(graph)
    assert [line.partition(" = ")[2] for line in found[:2]] == ["a × b", "c/d"]
    known = set("abcd")
    for name, _, made in (line.partition(" = ") for line in found):
        assert set(re.findall(r"\bv\d+|\b[abcd]\b", made)) <= known
        known.add(name)
    assert statements.given(Graph(a)) == []  # it is what is asked for
