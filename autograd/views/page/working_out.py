"""How a page works out the numbers that were written down while they were followed."""

from __future__ import annotations

from autograd.program.symbols import inner_first
from autograd.views.by_hand.followed import Book
from autograd.views.writing.javascript import Script

__all__ = ["working_out"]

_TEXTS = {"number": "n[{}]", "partial": "p[{}][{}]", "adjoint": "g[{}]"}


def working_out(book: Book, script: Script) -> str:
    """Return a function from numbers, partials and derivatives to all that stands in a book.

    It needs what the script declares.

    >>> from autograd import Value
    >>> from autograd.views.by_hand.followed import FollowedWalk
    >>> from autograd.views.tracing.walk import Walk
    >>> walk = FollowedWalk(Walk(Value(3.0, "w") * Value(2.0, "x")))
    >>> step = walk.steps[0]
    >>> walk.book.place(step.after), walk.book.place(2 * step.partial + 1)
    (0, 1)
    >>> working_out(walk.book, Script())
    '(n,p,g)=>[g[0],2*p[2][0]+1]'
    """
    known = {
        e: _TEXTS[e.head].format(*e.arguments)
        for e in inner_first(book.expressions)
        if e.head in _TEXTS
    }
    return script.listing("npg", book.expressions, known)
