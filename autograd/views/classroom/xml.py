"""XML from trees written as calls, and the picture that stands in it."""

from __future__ import annotations

from typing import TypeAlias
from xml.etree import ElementTree

from autograd.errors import RendererError
from autograd.tools.text import printable
from autograd.views.classroom.asked import Task
from autograd.views.pictures.svg import on_paper

__all__ = ["Element", "document", "element", "picture"]

Element: TypeAlias = ElementTree.Element


def element(tag: str, *content: Element | str, **attributes: str) -> Element:
    r"""Return an element with its content, text or elements, in order.

    Characters that XML cannot hold are replaced.

    >>> element("p", "x < ", element("b", "y\0"), id="1")[0].text
    'y�'
    """
    made = ElementTree.Element(tag, {name: printable(text) for name, text in attributes.items()})
    for part in content:
        if isinstance(part, ElementTree.Element):
            made.append(part)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + _text(part)
        else:
            made.text = (made.text or "") + _text(part)
    return made


def document(root: Element) -> bytes:
    """Return a tree as a file, indented as a person reads it."""
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def picture(task: Task, kind: str) -> bytes | None:
    """Return the picture of a sheet as ``"svg"`` or ``"png"``; None if nothing renders it.

    A question stands on white, so that no picture in it follows a reader's dark theme.
    """
    try:
        made = task.sheet.picture.content(f"picture.{kind}") if task.sheet.picture else None
    except RendererError:
        return None
    return on_paper(made) if made and kind == "svg" else made


def _text(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
