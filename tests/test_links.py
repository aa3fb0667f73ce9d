"""Links between documents lead somewhere: to a file that is there, to a heading that it has."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mistune
import pytest

ROOT = Path(__file__).parent.parent
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("notebooks/*.ipynb")])


class Links(HTMLParser):
    """What a document links to, and what can be linked to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self._heading: list[str] | None = None
        self.feed(html(path))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of links, of names, and of where a heading begins."""
        found = {name: text or "" for name, text in attrs}
        self.targets += [found[name] for name in ("href", "src", "srcset") if name in found]
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag in HEADINGS:
            self._heading = []

    def handle_data(self, data: str) -> None:
        """Take note of the words of a heading."""
        if self._heading is not None:
            self._heading.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Take note of where a heading ends."""
        if tag in HEADINGS and self._heading is not None:
            self.anchors.add(anchor("".join(self._heading)))
            self._heading = None


def anchor(heading: str) -> str:
    """Return the anchor that code hosts give to a heading.

    >>> anchor("What `+=` does, and why")
    'what--does-and-why'
    """
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def html(path: Path) -> str:
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        text = "\n\n".join(texts)
    rendered = mistune.create_markdown(escape=False, plugins=["table"])(text)
    assert isinstance(rendered, str)
    return rendered


@cache
def links(path: Path) -> Links:
    return Links(path)


def leads_somewhere(document: Path, target: str) -> bool:
    """Return whether a link of a document is to another site, or to a file and heading here."""
    url = urlsplit(target)
    if url.scheme or url.netloc:
        return True
    path = (document.parent / unquote(url.path)).resolve() if url.path else document
    if not path.is_relative_to(ROOT) or not path.exists():
        return False
    has_headings = path.suffix in (".md", ".ipynb")
    return not (url.fragment and has_headings) or unquote(url.fragment) in links(path).anchors


def missing(document: Path) -> list[str]:
    """Return the links of a document that lead nowhere."""
    return [target for target in links(document).targets if not leads_somewhere(document, target)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    assert missing(document) == []


def test_a_link_that_leads_nowhere_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.test_links.ROOT", tmp_path)
    document = tmp_path / "a.md"
    document.write_text(
        '# One `two`\n[a](#one-two) [b](#two) [c](a.md#one-two) [d](b.md) <img src="c.png">\n'
        "[e](../d.md) [f](https://example.org/none)\n"
    )
    assert missing(document) == ["#two", "b.md", "c.png", "../d.md"]
