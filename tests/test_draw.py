"""Pictures: as DOT text, as text, and really rendered, on a machine without a dot program."""

import base64
import json
import math
import random
import re
import stat
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from autograd import RendererError, UsageError, Value, draw, rule, steps
from autograd import sum as total
from autograd.graph import topological_order
from autograd.views.pictures.graph import GraphDrawing
from autograd.views.pictures.renderer import render, renderers
from autograd.views.tracing.graph import Edge, Graph
from autograd.views.tracing.groups import collapse
from autograd.views.tracing.names import Names
from autograd.views.tracing.notation import Notation
from autograd.views.writing.formulas import Formula
from autograd.views.writing.labels import parse
from autograd.views.writing.numbers import short
from autograd.views.writing.terminals import plain
from tests.table import CASES
from tests.work import growth

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "a<b>c&amp;\"d'",
    r"\N\G\l\n\\",
    "new\nline\x00\x1b",
    "<>",
    "{|}[]",
    "]]><!-- -->",
    "x" * 500,
]


@pytest.fixture
def no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)


def neuron() -> Value:
    w, x, b = Value(-3.0, "w_{12}^{(2)}"), Value(2.0, "x"), Value(6.88, "b")
    z = w * x + b
    z.label = "z"
    a = z.tanh()
    a.label = "a"
    return a


def edges(dot: str) -> list[str]:
    return [line for line in dot.splitlines() if " -> " in line]


def svg_texts(svg: bytes) -> list[str]:
    return [
        e.text or ""
        for e in ElementTree.fromstring(svg).iter()
        if e.tag.endswith(("text", "tspan"))
    ]


def test_every_operand_has_an_edge_even_if_it_is_used_twice() -> None:
    x = Value(3.0, "x")
    assert len(edges(draw(x * x).dot)) == 2


def test_a_picture_says_what_was_computed_and_with_which_derivatives() -> None:
    a = neuron()
    dot = draw(a).dot
    assert dot.count("grad ?") == 6
    a.backward()
    dot = draw(a).dot
    assert "grad ?" not in dot
    dot = dot.replace("&#160;", " ")
    titles = ("<B>v1</B> = w₁₂⁽²⁾ × x", "<B>z</B> = v1 + b", "<B>a</B> = tanh(z)")
    for text in (*titles, "grad -1.503", "0.7064"):
        assert text in dot
    assert r'"∂/∂w₁₂⁽²⁾\n= x\n= 2"' in dot
    assert r'"1 − a²\n= 0.5010"' in dot


def test_names_come_from_variables_unless_a_label_is_there() -> None:
    p, q = Value(2.0), Value(3.0, "own")
    r = p * q
    dot = draw(r, names={"p": p, "q": q, "_": r, "n": 5}).dot
    assert "p × own" in dot
    assert re.findall("<B>(.*?)</B>", dot) == ["p", "own", "v1"]  # _ is a notebook's, and no name


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.usefixtures("no_path")
def test_a_hostile_label_is_shown_as_text(label: str, tmp_path: Path) -> None:
    y = Value(2.0, label) * Value(3.0, "x")
    y.label = label
    draw(y).save(tmp_path / "graph.svg")
    root = ElementTree.fromstring((tmp_path / "graph.svg").read_bytes())
    assert not {"script", "img", "image", "a"} & {e.tag.rpartition("}")[2] for e in root.iter()}
    boxes = [
        "".join(e.text or "" for e in group.iter() if e.tag.endswith(("text", "tspan")))
        for group in root.iter()
        if group.get("class") == "node"
    ]
    visible = parse("".join(c if c.isprintable() else "\ufffd" for c in label)).unicode[:20]
    assert sum(box.startswith(visible) for box in boxes) == 2


@pytest.mark.usefixtures("no_path")
def test_it_renders_where_no_dot_is_installed(tmp_path: Path) -> None:
    picture = draw(neuron())
    for name in ("g.svg", "g.png", "g.dot", "g.gv"):
        picture.save(tmp_path / name)
    texts = svg_texts((tmp_path / "g.svg").read_bytes())
    assert "\xa0= w₁₂⁽²⁾ × x" in texts
    assert "Liberation Sans" in (tmp_path / "g.svg").read_text()
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert (tmp_path / "g.dot").read_text() == picture.dot
    assert sorted(p.name for p in tmp_path.iterdir()) == ["g.dot", "g.gv", "g.png", "g.svg"]


@pytest.mark.usefixtures("no_path")
def test_pdf_asks_for_a_dot_that_can() -> None:
    with pytest.raises(RendererError, match="apt install graphviz"):
        draw(neuron()).save("graph.pdf")


def test_a_dot_on_the_path_comes_before_the_one_that_was_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nread all; echo %PDF of $1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert renderers()[0] == str(program)
    draw(neuron()).save(tmp_path / "graph.pdf")
    assert (tmp_path / "graph.pdf").read_text() == "%PDF of -Tpdf\n"


def test_the_environment_variable_comes_first_and_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTOGRAD_DOT", "no-such-program")
    with pytest.raises(RendererError, match="AUTOGRAD_DOT=no-such-program"):
        draw(neuron()).save("graph.svg")


def test_without_a_renderer_there_is_a_tree_and_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autograd.views.pictures.renderer.renderers", list)
    bundle = draw(neuron())._repr_mimebundle_()
    assert bundle.keys() == {"text/plain"}
    assert "a = tanh(z) = 0.7064" in bundle["text/plain"]
    assert "pip install graphviz-pure" in bundle["text/plain"]


@pytest.mark.parametrize("name", ["graph", "graph.jpg", "graph.svg.txt"])
def test_another_suffix_is_refused_with_the_ones_there_are(name: str) -> None:
    with pytest.raises(UsageError, match=r"must end in one of \.svg, \.png"):
        draw(neuron()).save(name)


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        draw(neuron()).save(tmp_path / "missing" / "graph.dot")
    (tmp_path / "graph.dot").mkdir()
    with pytest.raises(UsageError, match="cannot write"):
        draw(neuron()).save(tmp_path / "graph.dot")
    assert [p.name for p in tmp_path.iterdir()] == ["graph.dot"]


def test_only_a_value_is_drawn() -> None:
    number: Any = 3.0
    with pytest.raises(UsageError, match=r"draw: 3\.0 is not a Value"):
        draw(number)


def test_a_notebook_shows_a_small_graph_by_itself() -> None:
    a = neuron()
    bundle = a._repr_mimebundle_()
    assert bundle is not None
    assert bundle.keys() == {"text/html", "image/png", "text/plain"}
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(a)
    assert Value(1.0)._repr_mimebundle_() is None
    assert total([Value(1.0) for _ in range(100)])._repr_mimebundle_() is None


def places(output: Value) -> dict[str, tuple[float, float]]:
    """Return where the middle of each box is, by its name in DOT: to the right, and down."""
    drawn = json.loads(render(draw(output).dot, "json"), strict=False)
    found = {box["name"]: [float(x) for x in box["pos"].split(",")] for box in drawn["objects"]}
    return {name: (x, -y) for name, (x, y) in found.items()}


def expression_tree(rng: random.Random, size: int) -> Value:
    """Return an expression whose operands are all different, of operations with few operands."""
    parts = [Value(rng.uniform(1, 2), f"x_{i}") for i in range(size)]
    while len(parts) > 1:
        above, below = (parts.pop(rng.randrange(len(parts))) for _ in range(2))
        made = above / below if rng.random() < 0.5 else above - below
        parts.append(made.tanh() if rng.random() < 0.3 else made)
    return parts[0]


@pytest.mark.slow
@pytest.mark.parametrize("program", renderers())
def test_operands_come_in_the_order_in_which_they_were_written(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numerator above the denominator; from left to right where the graph goes down."""
    monkeypatch.setenv("AUTOGRAD_DOT", program)
    rng = random.Random(5)
    directions = set()
    for _ in range(40):
        output = expression_tree(rng, rng.randint(2, 8))
        order = topological_order(output)
        found = places(output)
        across = "rankdir=TB" in draw(output).dot
        directions.add(across)
        for node in order:
            names = [f"v{order.index(parent)}" for parent in node.parents]
            along = [found[name][0 if across else 1] for name in names]
            assert along == sorted(along)
    assert directions == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("program", renderers())
def test_every_graph_is_rendered(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Operands in an order of their own everywhere, though no picture can keep all of them."""
    monkeypatch.setenv("AUTOGRAD_DOT", program)
    rng = random.Random(7)
    for _ in range(40):
        nodes = [Value(rng.uniform(1, 2), f"x_{i}") for i in range(rng.randint(1, 5))]
        for _ in range(rng.randint(1, 25)):
            nodes.append(total([rng.choice(nodes) for _ in range(rng.randint(1, 4))]))
        assert ElementTree.fromstring(draw(nodes[-1]).svg) is not None


@pytest.mark.slow
def test_a_graph_that_goes_far_goes_down() -> None:
    """So that it fits across a cell or a sheet: as a text does, it goes on below."""
    x = Value(0.5, "x")
    y = x
    for i in range(45):
        y = y.sin() if i % 2 else (y * x).tanh()
        shown = re.search(r' width="(\d+)"', draw(y).svg)
        assert shown is not None
        assert int(shown[1]) < 1400


def test_a_picture_that_goes_far_down_is_printed_on_one_page(browser: Any) -> None:
    y = Value(0.5, "x")
    for _ in range(20):
        y = y.sin()
    page = browser.new_page()
    page.set_content(f'<body style="margin: 0; width: 186mm">{draw(y).html}')
    whole = "img => [img.clientWidth / img.clientHeight, img.naturalWidth / img.naturalHeight]"
    page.emulate_media(media="print")
    height = page.locator("img").evaluate("img => img.clientHeight")
    shape, natural = page.locator("img").evaluate(whole)
    page.close()
    assert 0 < height <= 273 / 25.4 * 96  # of a sheet of A4 with margins of 12 mm, in CSS pixels
    assert shape == pytest.approx(natural, rel=0.01)


def test_an_operand_that_is_used_many_times_has_one_edge() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    dot = draw(total([w] * 1000 + [x])).dot
    assert len(edges(dot)) == 2
    assert "1,000 uses" in dot
    assert len(edges(draw(total([w] * 4)).dot)) == 4


def test_many_edges_are_too_many_for_boxes_and_many_operands_for_a_tree() -> None:
    x = [Value(float(i), f"x_{i}") for i in range(20)]
    sums = [total(x[i:] + x[:i]) for i in range(10)]
    assert "20 × input" in draw(total(sums)).dot
    assert total(sums)._repr_mimebundle_() is None
    text = str(draw(total([Value(float(i), f"x_{i}") for i in range(1000)])))
    assert text.splitlines()[-1] == "└─ … and 981 more operands"
    assert len(text.splitlines()) == 21


@pytest.mark.slow
@pytest.mark.parametrize(
    "build",
    [
        lambda n: total([Value(1.0, f"x_{i}") for i in range(n)]),
        lambda n: total([Value(1.0, "x")] * n),
        lambda n: reduce(lambda y, _: y.tanh(), range(n), Value(1.0, "x")),
    ],
    ids=["operands", "uses", "chain"],
)
def test_a_picture_is_no_worse_than_linear(build: Callable[[int], Value]) -> None:
    made = {n: build(n) for n in (1, 500, 2000)}
    for y in made.values():  # what is remembered of labels is not counted
        assert draw(y).dot + draw(y).description + str(draw(y))
    assert growth(lambda n: draw(made[n]).dot, 500) < 5
    assert growth(lambda n: str(draw(made[n])), 500) < 5
    assert growth(lambda n: draw(made[n]).title + draw(made[n]).description, 500) < 5


def test_a_mark_makes_an_edge_stand_out() -> None:
    x = Value(3.0, "x")
    y = x * x
    dot = GraphDrawing(y, marks={Edge(y, 1): "left \\N out"}).dot
    marked = [edge for edge in edges(dot) if "penwidth" in edge]
    assert len(marked) == 1
    assert r"left \\N out" in marked[0]
    assert "step2" in marked[0]


def test_steps_are_counted_as_they_are_taken() -> None:
    """No step leads to a constant, in the numbers on the edges neither."""
    x = Value(3.0, "x")
    y = (2.0 * x + 1.0).tanh()
    dot = draw(y, order=True).dot
    labelled = re.findall(r'label="(\d+): [^"]*" id=(\w+)', dot)
    assert labelled == [(str(i), f"step{i}") for i in range(1, len(steps(y)) + 1)]


def layered(width: int, depth: int) -> Value:
    layer = [Value(0.1 * i, f"x_{i}") for i in range(width)]
    for _ in range(depth):
        layer = [total(layer).tanh() for _ in range(width)]
    output: Value = total(layer)
    return output


@pytest.mark.parametrize(("width", "depth"), [(8, 8), (20, 3), (2, 200)])
def test_a_large_graph_is_collapsed_and_says_what_was(width: int, depth: int) -> None:
    output = layered(width, depth)
    order = topological_order(output)
    groups = collapse(order, 60, Names(order).kind)
    assert len(groups) <= 60
    assert sorted(map(id, order)) == sorted(id(node) for g in groups for node in g.nodes)
    place = {node: i for i, group in enumerate(groups) for node in group.nodes}
    between = [(place[p], place[n]) for n in order for p in n.parents if place[p] != place[n]]
    counted = [(s, i) for i, g in enumerate(groups) for s in g.sources.elements()]
    assert sorted(between) == sorted(counted)
    dot = draw(output).dot
    assert all(group.title in dot for group in groups)
    assert ElementTree.fromstring(draw(output).svg) is not None


def test_formulas_are_numbers_that_rules_agree_on() -> None:
    for case in CASES:
        for numbers in case.points(3):
            value, partials = case.rule.derive(*numbers)
            operands = [Formula(x, name=parse(f"x{i}")) for i, x in enumerate(numbers)]
            written, formulas = case.rule.function(*operands, **case.rule.constants)
            found = [p.number if isinstance(p, Formula) else p for p in (written, *formulas)]
            expected = pytest.approx([value, *partials], rel=1e-11, nan_ok=True)
            assert found == expected, case  # on paper 1 − z², where a float keeps more digits


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("w_{12}^{(2)}", "w₁₂⁽²⁾"),
        (r"\hat{y}", "ŷ"),
        (r"\hat y", "ŷ"),
        (r"\theta_0", "θ₀"),
        ("x_", "x_"),
        ("x^", "“x^”"),
        ("a_{", "“a_{”"),
        ("w_max", "wₘₐₓ"),
        ("C_Q", "C_Q"),
        (r"\unknown", r"“\unknown”"),
        ("", ""),
        ("日本", "日本"),
    ],
)
def test_labels_are_shown_in_unicode(label: str, shown: str) -> None:
    assert parse(label).unicode == shown


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        *((0.70641932, "0.7064"), (-3.0, "-3"), (12345.0, "1.234e+04"), (2e-9, "2e-09")),
        *((math.inf, "∞"), (-math.inf, "-∞"), (math.nan, "NaN"), (-0.0, "0")),
    ],
)
def test_numbers_are_shown_in_four_digits(x: float, shown: str) -> None:
    assert short(x) == shown
    read = float(shown.replace("∞", "inf"))
    assert read == pytest.approx(x, rel=1e-3, nan_ok=True)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert plain("∂L/∂w₁₂⁽²⁾ = 2·x² − ŷ…", "ascii") == "dL/dw_12^(2) = 2*x^2 - y..."
    assert plain("∂L", "utf-8") == "∂L"


def test_no_helper_of_the_rules_shows_in_a_formula() -> None:
    for case in CASES:
        node = case([Value(x, f"x_{i}") for i, x in enumerate(case.points(1)[0])])
        write = Notation(Graph(node))
        parts = [write.partial(Edge(node, i)) for i in range(len(node.parents))]
        written = " ".join(part.text for part in parts if part)
        for helper in ("contribution", "absolute", "compare", "lift", "total", "step", "where"):
            assert helper not in written, case


def test_a_rule_written_for_floats_alone_is_drawn_without_formulas() -> None:
    def sine(x: Any) -> Any:
        return math.sin(x), (math.cos(x),)

    y = rule(sine)(Value(0.5, "x"))
    assert "0.8776" in draw(y).dot
    assert re.search(r"x +1 +0\.8776 +0\.8776", str(steps(y)))


def test_names_of_variables_are_shown_as_they_are_meant() -> None:
    for name, shown in [
        ("learning_rate", "learning_rate"),
        ("max_iter", "max_iter"),
        ("_x", "_x"),
        ("w_12", "w₁₂"),
        ("loss_1", "loss₁"),
        ("x1", "x1"),
        ("w_{12_a}", "w₁₂ₐ"),
    ]:
        assert parse(name).unicode == shown


def test_leaves_are_told_apart_by_their_names() -> None:
    leaves = [
        Value(1.0, label) for label in ("w", "b_1", r"\theta_0", "x", "batch", "brightness", "")
    ]
    names = Names(leaves)
    assert [names.kind(leaf)[0] for leaf in leaves] == list("pppiiii")
