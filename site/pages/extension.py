"""What the documentation has of its own: live graphs, examples that run, the table of rules."""

from __future__ import annotations

import doctest
import inspect
import json
import re
import sys
from collections.abc import Iterator
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from pygments.style import Style
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx.util.typing import OptionSpec

import autograd
from autograd import RULES, Rule, steps

__all__ = ["setup"]

GRAPHS = "graphs"
"""The folder of the pages that live graphs are made of."""

BROUGHT = {"autograd", "nn", "IPython", "sympy", "mpmath"}
"""What a notebook may import in a browser."""

FRAME = """<div class="graph">
<iframe class="fitted" src="{page}" title="A live graph: {title}" style="height: {height}px"
  allow="fullscreen"></iframe>
<p><a href="{page}">this graph as a page of its own</a></p>
</div>"""
"""How a live graph is put into a page."""

EXAMPLE = re.compile(r"^>>> ", re.MULTILINE)
"""How a code block begins to be an example."""


class Graph(SphinxDirective):
    """A live graph: the page of a backward pass, made when the documentation is built.

    Its argument is the name of its file, its content Python, of which the last variable is what is
    differentiated; the names of `autograd` are at hand. The code is
    shown above the page, unless the option `alone` is given; `height` is for where no script runs.
    """

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[OptionSpec] = {
        "height": directives.positive_int,
        "alone": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Write the page, and return a frame that shows it."""
        name, code = self.arguments[0], "\n".join(self.content)
        variables = {n: getattr(autograd, n) for n in autograd.__all__}
        known = {*variables, "__builtins__"}
        exec(compile(code, name, "exec"), variables)
        output = [v for n, v in variables.items() if n not in known][-1]
        walk = steps(output, variables)
        path = Path(self.env.app.outdir, GRAPHS, f"{name}.html")
        path.parent.mkdir(parents=True, exist_ok=True)
        walk.save(path)
        frame = FRAME.format(
            page=f"{'../' * self.env.docname.count('/')}{GRAPHS}/{name}.html",
            title=escape(walk.definition()),
            height=self.options.get("height", 1600),
        )
        shown = nodes.raw("", frame, format="html")
        if "alone" in self.options:
            return [shown]
        text = f"{code}\nsteps({_last(code)})"
        return [nodes.literal_block(text, text, language="python"), shown]


def _last(code: str) -> str:
    r"""Return the name that is given something last.

    >>> _last("x = 2\ny = x\ny.label = 'y'")
    'y'
    """
    return str(re.findall(r"^(\w+)(?: =|\.label)", code, re.MULTILINE)[-1])


class Plain(Style):
    """Code without colours of its own: the style sheet has them, light and dark."""

    background_color = "transparent"
    styles: ClassVar[dict[Any, str]] = {}


class Examples(SphinxPostTransform):
    """Make of every code block with prompts an example that a reader can run."""

    default_priority = 5  # before Sphinx highlights
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Put each example into a box that the script of the site finds."""
        for block in list(self.document.findall(nodes.literal_block)):
            text = block.astext()
            if EXAMPLE.search(text) and "example" not in block.parent.get("classes", []):
                code = escape("".join(_sources(text)).rstrip("\n"), quote=True)
                opening = nodes.raw("", f'<div class="example" data-code="{code}">', format="html")
                closing = nodes.raw("", "</div>", format="html")
                block["language"] = "pycon"
                at = block.parent.index(block)
                block.parent[at : at + 1] = [opening, block, closing]


class Within(SphinxPostTransform):
    """Keep readers within the site: addresses elsewhere, as of papers, are text."""

    default_priority = 900
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Put its text in place of every link that leads outside."""
        for link in list(self.document.findall(nodes.reference)):
            if "://" in link.get("refuri", ""):
                link.replace_self(link.children)


def _sources(text: str) -> Iterator[str]:
    r"""Yield the statements of an example, without prompts and results.

    >>> list(_sources(">>> x = 2\n>>> for i in (1, 2):\n...     x += i\n>>> x\n5\n"))
    ['x = 2\n', 'for i in (1, 2):\n    x += i\n', 'x\n']
    """
    for example in doctest.DocTestParser().get_examples(text):
        yield re.sub(r"  # doctest: .*", "", example.source)


class Door(ReferenceRole):
    """A link to a part of the site that Sphinx does not build, from its root."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link."""
        root = "../" * self.env.docname.count("/")
        target = self.target if self.has_explicit_title else self.title
        return [nodes.reference("", self.title, refuri=f"{root}{target}")], []


class Rules(SphinxDirective):
    """The derivative table, in its sections: each rule with its docstring and its source."""

    def run(self) -> list[nodes.Node]:
        """Return an entry for each rule, as for a function."""
        lines: list[str] = []
        for rule in [rule for name, rule in RULES.items() if rule.own and name[0] != "_"]:
            heading = f"## {_section(rule)}"
            lines += [heading] * (heading not in lines)
            lines += _entry(rule)
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def _section(rule: Rule) -> str:
    """Return the comment under which the file of the rules has a rule.

    >>> _section(RULES["mul"])
    'Arithmetic'
    """
    lines, number = inspect.findsource(rule.function)
    return next(line[2:].strip() for line in reversed(lines[:number]) if line.startswith("# "))


def _entry(rule: Rule) -> Iterator[str]:
    """Yield the lines of the entry of a rule."""
    source = inspect.getsource(rule.function)
    body = re.sub(r'^    r?""".*?"""\n', "", source, count=1, flags=re.MULTILINE | re.DOTALL)
    yield f"````{{py:function}} {rule.name}{inspect.signature(rule)}"
    yield f":module: {'autograd' if rule.name in autograd.__all__ else 'autograd.rules'}"
    yield ""
    yield from inspect.cleandoc(rule.__doc__ or "").splitlines()
    yield "\n```python"
    yield from body.rstrip().splitlines()
    yield "```\n````\n"


class Members(SphinxDirective):
    """The reference of some names of a module, each from its docstring."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return an entry for each name, as autodoc makes it."""
        lines = ["```{eval-rst}"]
        for line in self.content:
            name = f"{self.arguments[0]}.{line}"
            module, _, attribute = name.rpartition(".")
            found = getattr(import_module(module), attribute)
            kind = "class" if isinstance(found, type) else "function" if callable(found) else "data"
            lines.append(f".. auto{kind}:: {name}")
            if kind == "class" and not issubclass(found, BaseException):
                lines += ["   :members:", f"   :exclude-members: {', '.join(_of_rules(found))}"]
            lines.append("")
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))


def _of_rules(cls: type) -> list[str]:
    """Return the methods of a class that are rules, which have a page of their own."""
    told = {rule.__doc__ for rule in RULES.values()}
    return [name for name in dir(cls) if getattr(cls, name).__doc__ in told] or ["_"]


def add_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    """Tell the page of a notebook which one it is, and what a browser lacks for it."""
    folder, _, name = page.rpartition("/")
    if folder == "notebooks":
        context["notebook"] = f"{name}.ipynb"
        context["lacking"] = lacking(Path(app.srcdir, f"{page}.ipynb").read_text("utf-8"))


def lacking(notebook: str) -> list[str]:
    r"""Return what a notebook imports that the notebooks' Python in a browser does not have.

    >>> lacking('{"cells": [{"cell_type": "code", "source": ["import torch\\n", "import re"]}]}')
    ['torch']
    """
    cells = [cell for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]
    code = "\n".join("".join(cell["source"]) for cell in cells)
    imported = set(re.findall(r"^ *(?:import|from) (\w+)", code, re.MULTILINE))
    return sorted(imported - sys.stdlib_module_names - BROUGHT)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add what this module has to Sphinx."""
    app.add_directive("graph", Graph)
    app.add_directive("members", Members)
    app.add_directive("rules", Rules)
    app.add_role("door", Door())
    app.add_post_transform(Examples)
    app.add_post_transform(Within)
    app.connect("html-page-context", add_notebook)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
