"""The playground, as a folder of the site."""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from playground.browser.playground import page
from playground.runtime import build_runtime, sizes

__all__ = ["build"]

HERE = Path(__file__).parent

EXPRESSION = "(sigmoid(w*x + b) − y)²"
NUMBERS = {"w": "0.5", "x": "2", "b": "-0.25", "y": "1"}
"""What is shown while Python loads, and where none runs."""

EXAMPLES = {
    "one neuron": ("tanh(w*x + b)", {"w": "0.5", "x": "2", "b": "-0.25"}),
    "squared error": (EXPRESSION, NUMBERS),
    "logistic loss": (
        "−(y*log(sigmoid(w*x + b)) + (1 − y)*log(1 − sigmoid(w*x + b)))",
        {"y": "1", "w": "0.5", "x": "2", "b": "-0.25"},
    ),
    "one number, many paths": ("x*x + exp(x)", {"x": "1.5"}),
    "a hidden layer": (
        "(v_1*relu(w_1*x + b_1) + v_2*relu(w_2*x + b_2) − y)²",
        {"v_1": "2", "w_1": "0.5", "x": "1.5", "b_1": "0.25", "v_2": "-1", "w_2": "1", "b_2": "-1"}
        | {"y": "1"},
    ),
    "saturated": ("tanh(w*x)", {"w": "4", "x": "2"}),
}
"""What a reader may begin with."""


def build(folder: Path, cache: Path) -> dict[str, int]:
    """Write the playground into a folder, and return the bytes of each file in it."""
    build_runtime(folder / "python", cache)
    for name in ("frame.html", "playground.css", "playground.js"):
        shutil.copy(HERE / name, folder)
    (folder / "default.html").write_text(page(EXPRESSION, NUMBERS)["html"], "utf-8")
    shell = Template((HERE / "index.html").read_text("utf-8")).substitute(
        expression=escape(EXPRESSION),
        numbers=escape(urlencode(NUMBERS)),
        examples="\n".join(_link(name, *example) for name, example in EXAMPLES.items()),
    )
    (folder / "index.html").write_text(shell, "utf-8")
    return sizes(folder)


def _link(name: str, expression: str, numbers: dict[str, str]) -> str:
    """Return a link to an example: an address that the playground follows."""
    address = urlencode({"expression": expression, **numbers})
    return f'      <a href="#{escape(address)}">{escape(name)}</a>'
