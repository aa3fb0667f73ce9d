"""What a terminal can show: ASCII where it has no Unicode."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from autograd.views.writing.alphabets import LETTERS

__all__ = ["encodable", "plain", "written"]


_ASCII = str.maketrans(
    {
        "∂": "d",
        "×": "*",
        "·": "*",
        "−": "-",
        "∞": "inf",
        "…": "...",
        "│": "|",
        "└": "`",
        "→": "->",
        "←": "<-",
    }
    | {"├": "|", "─": "-"}
    | dict.fromkeys("⎡⎢⎣", "[")
    | dict.fromkeys("⎤⎥⎦", "]")
    | {letter: name for name, letter in LETTERS.items() if letter not in "∂∞"}
)


def plain(text: str, encoding: str) -> str:
    """Return text as it can be written in an encoding, in ASCII where that has not the characters.

    >>> plain("∂L/∂w₁₂ = 2·σ", "utf-8"), plain("∂L/∂w₁₂ = 2·σ", "ascii")
    ('∂L/∂w₁₂ = 2·σ', 'dL/dw_12 = 2*sigma')
    """
    if not encodable(text, encoding):
        text = unicodedata.normalize("NFKD", _marked(text.translate(_ASCII)))
        text = "".join(c for c in text if not unicodedata.combining(c))
        return text.encode("ascii", "replace").decode()
    return text


def encodable(text: str, encoding: str) -> bool:
    """Return whether an encoding has all the characters of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def written(write: Callable[[str], str], encoding: str) -> str:
    """Return what is written for UTF-8 if an encoding has its characters, else what is for ASCII.

    So writes what stands in columns, which are aligned when the characters are known.
    """
    text = write("utf-8")
    return text if encodable(text, encoding) else write("ascii")


def _marked(text: str) -> str:
    """Put a ^ before every superscript and a _ before every subscript."""
    marked, level = "", ""
    for c in text:
        kind = unicodedata.decomposition(c).partition(" ")[0]
        mark = {"<super>": "^", "<sub>": "_"}.get(kind, "")
        marked += (mark if mark != level else "") + c
        level = mark
    return marked
