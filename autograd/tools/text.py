"""What a terminal makes of text: which characters it shows, and in how many columns."""

from __future__ import annotations

__all__ = ["excerpt", "printable", "width"]


def printable(text: str) -> str:
    r"""Return text without line breaks and control characters, which tables and XML cannot hold.

    >>> printable("a\nb")
    'a�b'
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def excerpt(text: str, length: int = 200) -> str:
    r"""Return text as it fits into a sentence: in one line, of a long one its ends.

    >>> excerpt("a\nb"), excerpt("0123456789", length=5)
    ('a�b', '01…89')
    """
    half = length // 2
    return printable(text if len(text) <= length else f"{text[:half]}…{text[-half:]}")


def width(text: str) -> int:
    """Return how many columns of a terminal a printable text takes.

    An accent takes none, a Chinese letter or an emoji two.

    >>> width("abc"), width("p̂"), width("名"), width("❤️")
    (3, 1, 2, 2)
    """
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # doubles the package's import time

    return wcswidth(text)
