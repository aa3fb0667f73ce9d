"""A script in few letters: compressed, unpacked by the page, and let in by its hash alone."""

from __future__ import annotations

import base64
import hashlib
import zlib

__all__ = ["hash_of", "packed", "unpacked"]


def packed(script: str) -> str:
    """Return a script compressed, in letters that no markup is made of.

    >>> unpacked(packed("const x = 1;"))
    'const x = 1;'
    """
    return base64.b64encode(zlib.compress(script.encode(), 9)).decode()


def unpacked(text: str) -> str:
    """Return the script that was packed."""
    return zlib.decompress(base64.b64decode(text)).decode()


def hash_of(script: str) -> str:
    """Return what stands for a script in a Content-Security-Policy.

    >>> hash_of("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
