"""A script in few letters: compressed, unpacked by the page, and let in by its hash alone."""

from __future__ import annotations

import base64
import hashlib
import zlib

__all__ = ["LOADER", "hash_of", "packed", "unpacked"]

LOADER = """\
(async () => {
  const root = document.documentElement;
  try {
    const text = document.querySelector("script[type='text/plain']").textContent;
    const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.body.append(script);
  } finally {
    if (!root.classList.contains("interactive")) root.classList.add("old");
  }
})();"""
"""The script that unpacks the other one. Where a browser cannot, the page stays as it is written,
and says so."""


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
