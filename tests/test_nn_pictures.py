"""Pictures of networks: as on paper, of large graphs by neuron and layer, and plots."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy
import pytest

from autograd import UsageError, Value, draw
from autograd.graph import topological_order
from autograd.views.tracing.groups import Group, collapse
from autograd.views.tracing.names import Names
from autograd.views.tracing.neurons import places
from nn import (
    MLP,
    SGD,
    History,
    Layer,
    Module,
    Neuron,
    cross_entropy,
    fit,
    hinge,
    l2_penalty,
    plot_decision_boundary,
    plot_history,
    squared_error,
)
from nn.drawing import FEW


@pytest.fixture
def axes() -> Iterator[None]:
    mpl.use("Agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def strokes(dot: str) -> dict[tuple[str, str], str]:
    """Return the edges between neurons, with how they are drawn."""
    found = re.findall(r"\t(layer\d+_\w+) -> (layer\d+_\w+) \[(.*)\]", dot)
    return {(start, end): stroke for start, end, stroke in found}


def test_a_network_has_an_edge_for_each_weight_in_its_colour_and_width() -> None:
    model = MLP([3, 2, 1], "tanh")
    model.load_state_dict(
        {
            "0.weight": [[0.5, -1.0, 0.0], [2.0, 1.0, -2.0]], "0.bias": [0.25, -0.75],
            "2.weight": [[1.0, -0.5]], "2.bias": [0.0],
        }
    )  # fmt: skip
    dot = draw(model).dot
    found = strokes(dot)
    assert len(found) == 8
    assert "solid" in found["layer0_0", "layer1_0"]
    assert "dashed" in found["layer0_1", "layer1_0"]
    assert "penwidth=4.00" in found["layer0_2", "layer1_1"]
    assert "penwidth=0.40" in found["layer0_2", "layer1_0"]
    colors = {re.findall(r'color="(#\w+)"', stroke)[0] for stroke in found.values()}
    assert len(colors) == 3
    assert r'"layer 1\n1 input"' in draw(MLP([1, 2])).dot
    for text in ("a₁⁽¹⁾", r"a₂⁽²⁾\nb -0.75", r"z₁⁽³⁾\nb 0", r"layer 2\n2 tanh", "|weight| = 2"):
        assert f'"{text}"' in dot
    for number in ("0.5", "-1", "2", "-2", "-0.5"):
        assert f"label={number} " in dot or f'label="{number}"' in dot


def test_on_request_the_edges_are_gradients(tmp_path: Path) -> None:
    model = MLP([2, 2, 1], "tanh")
    with pytest.raises(UsageError, match="has no gradient; call backward"):
        draw(model, gradients=True).save(tmp_path / "never.dot")
    squared_error(model([1.0, 0.0]), 5.0).backward()
    picture = draw(model, gradients=True)
    found = strokes(picture.dot)
    assert "penwidth=0.40" in found["layer0_1", "layer1_0"]  # an input of 0 gives no gradient
    assert "|gradient| = " in picture.dot
    assert "∂/∂w₁₂⁽²⁾ = 0" in str(picture)


def test_a_wide_layer_says_how_many_it_leaves_out() -> None:
    dot = draw(MLP([30, 16, FEW, 1])).dot
    assert "… 24 more" in dot
    assert "… 10 more" in dot
    assert dot.count('more"') >= 2
    found = strokes(dot)
    assert "dotted" in found["layer0_more", "layer1_0"]
    assert ("layer0_29", "layer1_15") in found
    assert ("layer0_10", "layer1_0") not in found
    assert "30 inputs" in dot


def test_it_renders_and_reads_as_text(tmp_path: Path) -> None:
    for model in (MLP([2, 20, 1]), Layer(2, 3), Neuron(2, "sigmoid")):
        draw(model).save(tmp_path / "network.png")
        draw(model).save(tmp_path / "network.svg")
        root = ElementTree.parse(tmp_path / "network.svg").getroot()
        circles = [e for e in root.iter() if e.tag.endswith("ellipse")]
        assert len(circles) >= 3
    assert "ŷ = sigmoid(" in str(draw(Neuron(2, "sigmoid")))


def test_a_layer_of_a_network_is_called_as_there() -> None:
    _, _, last = MLP([2, 3, 4, 1], "tanh").layers
    dot = draw(last).dot
    assert r'"layer 3\n4 inputs"' in dot
    assert r'"layer 4\n1 linear"' in dot
    assert "a₄⁽³⁾" in dot


def test_only_a_network_is_drawn_so() -> None:
    class Own(Module):
        """A module without layers."""

    class Scaled(Module):
        """A module with a parameter w, in the place where a neuron has a list."""

        def __init__(self) -> None:
            self.w = Value(1.0)
            self.layers = [self.w]

    for thing, options in (
        (Own(), {}),
        (Scaled(), {}),
        (MLP([2, 1]), {"order": True}),
        (MLP([2, 1]), {"highlight": Value(1.0)}),
    ):
        with pytest.raises(UsageError, match="is not a Value"):
            draw(thing, **options)
    with pytest.raises(UsageError, match="leave out gradients=True"):
        draw(Value(1.0), gradients=True)


def groups(output: Value) -> list[Group]:
    order = topological_order(output)
    found = collapse(order, 60, Names(order).kind)
    assert sorted(map(id, order)) == sorted(id(node) for g in found for node in g.nodes)
    return found


def batch(model: Any, samples: int) -> list[Any]:
    return [model([0.1 * i + k for k in range(model.inputs)]) for i in range(samples)]


def test_a_large_graph_is_collapsed_to_neurons() -> None:
    model = MLP([4, 6, 3], "tanh")
    found = groups(cross_entropy(batch(model, 5), [0, 1, 2, 0, 1]))
    names = {group.name for group in found}
    expected = {f"a_{k}^{{(1)}}" for k in range(1, 5)} | {f"a_{j}^{{(2)}}" for j in range(1, 7)}
    assert len(found) == 4 + 6 + 3 + 1
    assert {"a₁⁽¹⁾", "a₆⁽²⁾", "z₃⁽³⁾", "J"} <= names
    assert len(expected) == 10
    hidden = next(group for group in found if group.name == "a₂⁽²⁾")
    assert hidden.title == "20 nodes: 5 × parameter, 5 × dot, 5 × add, 5 × tanh"
    assert [node.label for node in hidden.results] == ["a_2^{(2)}"] * 5
    assert sum(hidden.sources.values()) == 4 * 5


def test_edges_are_counted_only_where_the_count_stands_on_its_edge() -> None:
    model = MLP([4, 6, 3], "tanh")
    neurons = draw(cross_entropy(batch(model, 5), [0, 1, 2, 0, 1])).dot
    layers = draw(cross_entropy(batch(MLP([4, 20, 3]), 5), [0, 1, 2, 0, 1])).dot
    assert "a₆⁽²⁾" in neurons
    assert " edges" not in neurons
    assert '"400 edges"' in layers


def test_a_larger_one_is_collapsed_to_layers() -> None:
    model = MLP([2, 16, 16, 1])
    loss = hinge(batch(model, 3), [1, -1, 1]) + l2_penalty(model.parameters(), 1e-4)
    found = {group.name: group for group in groups(loss)}
    assert list(found) == [
        name for name in found if name in (
            "layer 1: 2 inputs", "layer 2: 16 neurons", "layer 3: 16 neurons",
            "layer 4: 1 neuron", "output",
        )
    ]  # fmt: skip
    assert len(found) == 5
    assert "272 × parameter" in found["layer 3: 16 neurons"].title
    dot = draw(loss).dot
    assert all(name in dot for name in found)


def by_hand(name_activations: bool) -> Value:
    """Return the loss of a 3–8–8–1 network whose z have labels, and its activations perhaps."""
    a = [Value(0.5, "x"), Value(-1.0, "u"), Value(0.25, "v")]
    for layer, width in ((2, 8), (3, 8), (4, 1)):
        following = []
        for j in range(1, width + 1):
            z: Any = Value(0.1, "b")
            for k, a_k in enumerate(a):
                z = z + Value(0.1 * (k - j), "w") * a_k
            z.label = f"z_{j}^{{({layer})}}"
            following.append(z.tanh())
            if name_activations:
                following[-1].label = f"a_{j}^{{({layer})}}"
        a = following
    return (a[0] - 1.0) ** 2


@pytest.mark.parametrize("name_activations", [True, False])
def test_a_network_labelled_by_hand_is_collapsed_too(name_activations: bool) -> None:
    found = groups(by_hand(name_activations))
    assert [group.kind for group in found].count("input") == 3
    places = {tuple(group.place) for group in found if group.place}
    neurons = {(layer, j) for layer, width in ((2, 8), (3, 8), (4, 1)) for j in range(1, width + 1)}
    assert neurons <= places
    assert places - neurons == {(1, "x"), (1, "u"), (1, "v")}
    neuron = next(group for group in found if group.place == (3, 2))
    assert len(neuron.sources) == 8
    assert len(neuron.nodes) == 1 + 8 + 8 + 8 + 1


def place_of(output: Value, *kinds: tuple[Value, str]) -> dict[Value, Any]:
    found = dict(kinds)
    return places(topological_order(output), lambda node: found.get(node, "input"))


def test_what_several_neurons_share_belongs_to_the_first_or_where_it_comes_from() -> None:
    x, w = Value(0.5, "x"), Value(0.3, "w")
    a, b = (x * w).tanh(), (x + w).tanh()
    a.label, b.label = "a_1^{(2)}", "a_2^{(2)}"
    c = (a * w).tanh()
    c.label = "a_1^{(3)}"
    both = c * b  # of layers 3 and 2, and used by two of layer 4
    d, e = both.tanh(), both.sigmoid()
    d.label, e.label = "a_1^{(4)}", "a_2^{(4)}"
    found = place_of(d + e, (w, "parameter"))
    assert (found[w].layer, found[x], found[both]) == (2, (1, "x"), (3, 1))


@pytest.mark.parametrize(("first", "second", "is_placed"), [(1, 2, 1), (2, 1, 0), (0, 1, 0)])
def test_labels_that_go_back_or_before_the_inputs_are_none_of_layers(
    first: int, second: int, is_placed: bool
) -> None:
    x, y = Value(0.5, "x"), Value(2.0, "y")
    one, other = (x * y).tanh(), (x + y).tanh()
    one.label, other.label = f"a_1^{{({first})}}", f"a_2^{{({first})}}"
    last = (one + other).tanh()
    last.label = f"a_1^{{({second})}}"
    assert bool(place_of(last)) == is_placed


def test_a_graph_without_such_labels_is_collapsed_by_depth() -> None:
    y = Value(0.5, "x")
    for _ in range(40):
        y = (y * 2.0).tanh()
    assert all(group.name == "" for group in groups(y))


def small_fit() -> tuple[Any, History]:
    model = MLP([2, 3, 1], "tanh")
    history = fit(
        model, [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]], [-1, 1, 1], loss=hinge,
        optimizer=SGD(model.parameters(), lr=0.1), epochs=3, progress=False,
        validation=([[0.5, 0.5]], [1]),
    )  # fmt: skip
    return model, history


@pytest.mark.usefixtures("axes")
def test_a_history_plots_itself() -> None:
    _, history = small_fit()
    ax = history.plot()
    assert [line.get_label() for line in ax.lines][:2] == ["training", "validation"]
    assert numpy.asarray(ax.lines[0].get_ydata()).tolist() == history.losses
    assert plot_history(history, ax) is ax
    with pytest.raises(UsageError, match="no epoch"):
        plot_history(History())


@pytest.mark.slow
@pytest.mark.usefixtures("axes")
@pytest.mark.parametrize("outputs", [1, 2, 4])
def test_a_decision_boundary_is_where_the_class_changes(outputs: int) -> None:
    model = MLP([2, 5, outputs], "tanh", seed=2)
    X, y = [[0.0, 0.0], [1.0, 2.0], [-1.0, 1.0]], [0, 1, 1]
    ax = plot_decision_boundary(model, X, y)
    [image] = ax.images
    assert numpy.asarray(image.get_array()).shape == (200, 200, 3)
    assert plot_decision_boundary(model, X, y, ax) is ax
    legend = ax.get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[:2] == ["class 0", "class 1"]


@pytest.mark.slow
@pytest.mark.usefixtures("axes")
def test_a_module_with_branches_is_asked_point_by_point() -> None:
    class Steps(Module):
        """A model whose output depends on an if."""

        def __init__(self) -> None:
            self.high = Value(1.0)

        def __call__(self, x: Any) -> list[Value]:
            """Return 1 to the right of 0.5 and −1 to the left."""
            return [self.high * 1 if x[0] > 0.5 else -self.high]

    ax = plot_decision_boundary(Steps(), [[0.0, 0.0], [1.0, 1.0]], [-1, 1], threshold=0)
    colors = numpy.asarray(ax.images[0].get_array())
    assert (colors[:, 0] != colors[:, -1]).any()
    assert (colors[:, 0] == colors[:, 90]).all()


@pytest.mark.usefixtures("axes")
def test_a_plane_has_two_numbers() -> None:
    with pytest.raises(UsageError, match="samples of 3 numbers; a plane has 2"):
        plot_decision_boundary(MLP([3, 1]), [[1, 2, 3]], [1])
