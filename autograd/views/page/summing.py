"""The derivative in each leaf as its sum over paths, which a page works out at any numbers."""

from __future__ import annotations

from autograd.views.by_hand.followed import FollowedWalk
from autograd.views.tracing.equations import Equations
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.paths import Paths
from autograd.views.writing.scripts import HTML

__all__ = ["sums"]

PATHS = 8
"""The number of paths up to which a sum is written out."""

LEAVES = 30
"""The number of leaves of which the sums are written out."""


def sums(walk: FollowedWalk) -> dict[int, list[list[str]]]:
    r"""Return for leaves the terms of their sums: as symbols, as formulas, as numbers, in all.

    Numbers are holes, to be filled in by what stands in the book of the walk.

    >>> from autograd import Value
    >>> from autograd.views.tracing.walk import Walk
    >>> x = Value(3.0, "x")
    >>> found = sums(FollowedWalk(Walk(x.exp() * x)))
    >>> found[0][1][1], found[0][-1]
    ('<i>v<sub>1</sub></i>', ['{\ue0004}'])
    """
    write = Notation(walk, HTML)
    found: dict[int, list[list[str]]] = {}
    for leaf in walk.leaves[:LEAVES]:
        paths = Paths(walk, leaf)
        if 0 < paths.count <= PATHS and leaf is not walk.output:
            found[walk.index[leaf]] = Equations(paths, write).sums()
    return found
