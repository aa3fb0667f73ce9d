"""Formulas of the documentation, typeset by KaTeX as it is built: pages need no script for them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

__all__ = ["setup"]

SCRIPT = """
const katex = require(process.argv[1]);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const typeset = ([text, displayMode]) => katex.renderToString(text, { displayMode, strict: false });
console.log(JSON.stringify(formulas.map(typeset)));
"""


def typeset(katex: str, formulas: Sequence[nodes.Element]) -> list[str]:
    """Return formulas as HTML, by the KaTeX in a folder; one that it cannot read ends the build."""
    asked = [(node.astext(), isinstance(node, nodes.math_block)) for node in formulas]
    command = ["node", "-e", SCRIPT, katex]
    made = subprocess.run(command, input=json.dumps(asked).encode(), stdout=-1, check=True)
    found: list[str] = json.loads(made.stdout)
    return found


class Formulas(SphinxPostTransform):
    """Typeset all formulas of a page at once: to start KaTeX takes longer than to use it."""

    default_priority = 950
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Put its HTML into each formula."""
        found = [
            *self.document.findall(nodes.math),
            *self.document.findall(nodes.math_block),
        ]
        if found:
            for node, html in zip(found, typeset(self.config.katex, found), strict=True):
                node["html"] = html


def write(translator: Any, node: nodes.Element) -> None:
    """Write a formula into a page, or into a list of contents, where it is not typeset yet."""
    html = node.get("html") or typeset(translator.config.katex, [node])[0]
    tag = "div" if isinstance(node, nodes.math_block) else "span"
    translator.body.append(f'<{tag} class="math">{html}</{tag}>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Make this what writes formulas."""
    app.add_config_value("katex", "", "html", str)
    app.add_post_transform(Formulas)
    app.add_html_math_renderer("formulas", (write, None), (write, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
