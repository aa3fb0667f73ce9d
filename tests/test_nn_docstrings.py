"""What `nn` offers says what it is: with an example, which pytest runs, and the shapes it takes."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import nn

PUBLIC = {name: getattr(nn, name) for name in nn.__all__}
METHODS = {
    f"{name}.{attribute}": member
    for name, kind in PUBLIC.items()
    if inspect.isclass(kind)
    for attribute, member in inspect.getmembers(kind)
    if not attribute.startswith("_") and (callable(member) or isinstance(member, property))
}
OF_ARRAYS = {"X", "outputs", "widths", "inputs", "layer", "layers"}
"""Parameters that have a shape, or give one to what is made."""


def parameters(member: Any) -> set[str]:
    return set(inspect.signature(member).parameters)


@pytest.mark.parametrize("name", PUBLIC)
def test_it_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_what_it_does(name: str) -> None:
    assert (inspect.getdoc(METHODS[name]) or "").partition("\n")[0].endswith((".", ":"))


@pytest.mark.parametrize(
    "name", [name for name, member in PUBLIC.items() if parameters(member) & OF_ARRAYS]
)
def test_it_says_its_shapes(name: str) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    assert "Shapes: " in text or "(m, inputs)" in text


def test_losses_and_optimizers_name_their_sources() -> None:
    named = [name for name in PUBLIC if name.endswith(("error", "entropy", "logits", "penalty"))]
    for name in [*named, "hinge", "Adam", "AdamW", "cosine_decay"]:
        assert "Source: " in (inspect.getdoc(PUBLIC[name]) or ""), name
