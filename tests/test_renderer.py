"""Which program renders: the first that works, and what is said where none does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograd import RendererError, Value, draw
from autograd.views.pictures import renderer
from autograd.views.pictures.renderer import render, renderers

Make = Callable[[str, str | None], Path]

DOT = "digraph { a -> b }"
SPEAKS = "cat > /dev/null; echo '<svg>'"
BROKEN = {
    "it does not start": None,
    "it crashes": "kill -9 $$",
    "it fails": "echo no fonts >&2; exit 1",
    "it is silent": "cat > /dev/null",
    "it says what it is not": "cat > /dev/null; echo 'usage: dot FILE'",
    "it hangs": "sleep 60",
}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that puts a program on the PATH, behind those that are there."""
    monkeypatch.delenv("AUTOGRAD_DOT", raising=False)
    monkeypatch.setattr(renderer, "_scripts", list)
    monkeypatch.setenv("PATH", "/no/such/folder")
    renderer._fault.cache_clear()

    def made(name: str, program: str | None) -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        path = folder / name
        first = "#!/no/such/interpreter" if program is None else "#!/bin/sh"
        path.write_text(f"{first}\nPATH=/bin:/usr/bin\n{program}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{folder}")
        return path

    return made


@pytest.mark.slow
@pytest.mark.parametrize("program", BROKEN.values(), ids=BROKEN)
def test_a_broken_program_is_passed_over_for_one_that_works(
    program: str | None, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer, "_TRIAL", 0.5 if program == BROKEN["it hangs"] else 60)
    first, second = make("dot", program), make("dot", f"echo again >> $0.log; {SPEAKS}")
    assert renderers() == [str(first), str(second)]
    assert render(DOT, "svg") == b"<svg>\n"
    if program == BROKEN["it hangs"]:
        assert renderer._fault(str(first), "svg") == "it took more than 0.5 s"
    first.write_text("#!/bin/sh\necho tried > $0.log\n")
    assert render(DOT, "svg") == b"<svg>\n"
    assert not first.with_suffix(".log").exists()  # what is broken is not tried again


def test_the_order_is_the_environment_variable_each_dot_and_graphviz_pure(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    pure, one, two = make("graphviz-pure", SPEAKS), make("dot", SPEAKS), make("dot", SPEAKS)
    assert renderers() == [str(one), str(two), str(pure)]
    monkeypatch.setenv("AUTOGRAD_DOT", str(two))
    assert renderers() == [str(two), str(one), str(pure)]
    monkeypatch.setenv("AUTOGRAD_DOT", "no-such-program")
    with pytest.raises(RendererError, match="AUTOGRAD_DOT=no-such-program: no such program"):
        render(DOT, "svg")


def test_a_program_is_asked_for_what_it_can_do(make: Make) -> None:
    make("dot", f"[ $1 = -Tsvg ] || exit 1; {SPEAKS}")
    make("graphviz-pure", "cat > /dev/null; echo '%PDF'")
    assert render(DOT, "svg") == b"<svg>\n"
    assert render(DOT, "pdf") == b"%PDF\n"
    with pytest.raises(RendererError, match="no program renders graphs here"):
        render(DOT, "png")


def test_a_png_is_as_sharp_as_is_asked_for_and_nothing_else_is(make: Make) -> None:
    make("dot", "cat > /dev/null; printf '\\211PNG\\r\\n<svg %s>' \"$*\"")
    assert render(DOT, "png", dpi=300).endswith(b"<svg -Tpng -Gdpi=300>")
    assert render(DOT, "svg", dpi=300).endswith(b"<svg -Tsvg>")


def test_with_none_the_command_that_helps_is_said(make: Make) -> None:
    with pytest.raises(RendererError, match="pip install graphviz-pure"):
        render(DOT, "svg")
    broken = make("dot", "echo no fonts >&2; exit 1")
    with pytest.raises(RendererError, match=rf"{broken}: no fonts.*pip install graphviz-pure"):
        render(DOT, "svg")
    with pytest.raises(RendererError, match="apt install graphviz"):
        render(DOT, "pdf")
    shown = draw(Value(2.0, "x") * 3)._repr_mimebundle_()
    assert shown.keys() == {"text/plain"}
    assert "v1 = x × 3 = 6" in shown["text/plain"]
    assert "pip install graphviz-pure" in shown["text/plain"]


def test_a_program_that_fails_on_one_graph_is_not_called_broken(make: Make) -> None:
    program = make(
        "dot", "grep -q crash && { echo trouble in init_rank >&2; exit 1; }; echo '<svg>'"
    )
    with pytest.raises(RendererError, match=r"this graph is too much.*trouble in init_rank"):
        render("digraph { crash }", "svg")
    assert render(DOT, "svg") == b"<svg>\n"
    other = make("graphviz-pure", SPEAKS)
    assert render("digraph { crash }", "svg") == b"<svg>\n"
    assert renderers() == [str(program), str(other)]


def test_in_a_browser_the_function_of_the_page_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    def graphviz(dot: str, kind: str) -> str:
        if kind != "svg":
            raise ValueError(f"no {kind} here")
        return f"<svg>{dot}</svg>"

    page = SimpleNamespace()
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setitem(sys.modules, "js", page)
    renderer._fault.cache_clear()
    with pytest.raises(RendererError, match=r"no program renders graphs here; .* js\.graphviz"):
        render(DOT, "svg")
    page.graphviz = graphviz
    assert render(DOT, "svg").decode() == f"<svg>{DOT}</svg>"
    with pytest.raises(RendererError, match=r"js\.graphviz: no png here"):
        render(DOT, "png")
    shown = draw(Value(2.0, "x") * 3)._repr_mimebundle_()
    assert shown.keys() == {"text/html", "text/plain"}
    assert "image/svg+xml" in shown["text/html"]
