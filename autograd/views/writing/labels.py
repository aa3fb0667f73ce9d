r"""Labels: read once, by one grammar, and printed in any script.

A label is a symbol, written as in LaTeX or in Unicode (``w_{12}^{(2)}``, ``w₁₂⁽²⁾``, ``\hat y``),
or a word (``learning_rate``). Anything else is text and stands in quotes, so that nobody takes it
for a formula or a number.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache

from autograd.tools.text import excerpt, printable
from autograd.views.writing.alphabets import ACCENTS, SIGNS
from autograd.views.writing.label_grammar import Name, Node, Row, Script, Text, read
from autograd.views.writing.printers import HTML, Apart, LaTeX, Typed, Unicode, unescaped

__all__ = ["Label", "parse"]

LONGEST = 60  # characters of a label that are shown


class Label:
    r"""A label that was read; labels that print alike are equal.

    >>> label = parse(r"\hat w_{12}^{(2)}")
    >>> label.unicode, label.latex, label.html, label.typed
    ('ŵ₁₂⁽²⁾', '\\hat{w}_{12}^{(2)}', 'ŵ<sub>12</sub><sup>(2)</sup>', '\\hat{w}_12^(2)')
    >>> parse("w_1") == parse("w₁") == parse("w_{1}"), parse("a + b").unicode
    (True, '“a + b”')
    """

    def __init__(self, tree: Node) -> None:
        self.tree = tree

    @cached_property
    def unicode(self) -> str:
        """The label as plain text, with the characters that Unicode has for it."""
        return Unicode().print(self.tree)

    @cached_property
    def latex(self) -> str:
        """The label as LaTeX that stands wherever a symbol may, in MathJax and in KaTeX."""
        return LaTeX().print(self.tree)

    @cached_property
    def html(self) -> str:
        """The label as HTML, escaped."""
        return HTML().print(self.tree)

    @cached_property
    def typed(self) -> str:
        """The label as it can be typed: in ASCII, but for letters of other alphabets."""
        return Typed().print(self.tree)

    @property
    def is_raised(self) -> bool:
        """Whether it ends in a prime or a superscript: a power of it needs parentheses."""
        last = self.tree.parts[-1] if isinstance(self.tree, Row) else self.tree
        return isinstance(last, Script) and bool(last.primes or last.above)

    def indexed(self, j: int) -> Label:
        """Return the label of the j-th part of what this one stands for.

        >>> parse("C_0").indexed(1).latex, parse("L").indexed(2).unicode
        ('C_{0_1}', 'L₂')
        """
        return Label(_indexed(self.tree, Name(str(j))))

    @cached_property
    def _apart(self) -> str:
        return Apart().print(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Label) and self._apart == other._apart

    def __hash__(self) -> int:
        return hash(self._apart)

    def __repr__(self) -> str:
        return f"parse({self.typed!r})"


@lru_cache(maxsize=4096)  # the samples of a batch share their labels
def parse(text: str) -> Label:
    r"""Return any text, read as a label.

    >>> [parse(text).unicode for text in ("w_12", "x'", "loss_1", "v12", "learning_rate", "2")]
    ['w₁₂', 'x′', 'loss₁', 'v12', 'learning_rate', '“2”']
    >>> parse(r"x_{\text{in}}^{[2]}").unicode, parse("50% <").latex
    ('xᵢₙ^[2]', '\\text{“50}\\%\\text{ <”}')
    """
    text = _cleaned(unicodedata.normalize("NFC", unescaped(printable(text))))
    if len(text) > 1 and (text[0], text[-1]) in (Typed.quotes, Unicode.quotes):
        text = text[1:-1]
    elif (tree := read(text)) and len(Apart().print(tree)) <= LONGEST:
        return Label(tree)
    return Label(Text(_cleaned(excerpt(text, LONGEST))))


def _indexed(tree: Node, index: Name) -> Node:
    """Return a tree with one index more, below the indices that it has."""
    match tree:
        case Row(parts):
            return Row((*parts[:-1], _indexed(parts[-1], index)))
        case Script(below=below):
            below = _indexed(below, index) if below else index
            return tree._replace(below=below, joined=False)
    return Script(tree, index)


_KNOWN = "".join(ACCENTS.values())
_STANDING = (
    rf"([{SIGNS}][{_KNOWN}]*|(?!\U0001d6a4)[^\W_][{_KNOWN}\u030b\u0327]*)|[\u0300-\u036f\U0001d6a4]"
)


def _cleaned(text: str) -> str:
    """Return text without accents that stand on nothing and what KaTeX does not know."""
    return re.sub(_STANDING, lambda found: found[1] or "�", text)
