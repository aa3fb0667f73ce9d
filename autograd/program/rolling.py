"""Rolling up: a rule of a thousand terms as what it does with any one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.program.symbols import Symbol, inner_first, same

__all__ = ["FOLDS", "rolled_up"]

FOLDS = {"add": "total", "mul": "product", "maximum": "largest", "minimum": "smallest"}
"""What is made of many terms, two by two, and what the whole is called."""


class _Roll(NamedTuple):
    """A symbol of some term, written as one of any term."""

    place: int | None  # which term; None if it is the same for all
    inner: Any


class _Fold(NamedTuple):
    """The first so many terms, added up or the like."""

    head: str
    terms: int
    inner: Any


def rolled_up(expressions: Sequence[Any], size: int) -> list[tuple[int | None, Any]] | None:
    """Return expressions of ``Symbol("term", s, k)``, k < size, with ``Symbol("x", s)`` instead.

    Each comes with its k, or None where it is over all terms: ``Symbol("total", …)`` of the inner
    symbol. Returns None if one mentions several terms in any other way.

    >>> w, v = (Symbol("term", 0, k) for k in range(2))
    >>> rolled_up([w * w + v * v, 2 * v], 2)
    [(None, total(mul(x(0), x(0)))), (1, mul(2, x(0)))]
    >>> rolled_up([w - v], 2)
    """
    rolls: dict[Symbol, _Roll] = {}
    folds: dict[Symbol, _Fold] = {}
    for e in inner_first(expressions):
        parts = [_roll(rolls, a) for a in e.arguments]
        if fold := _fold(e, parts, folds, size):
            folds[e] = fold
        if roll := _rolled(e, parts, fold, size):
            rolls[e] = roll
    found = [_roll(rolls, e) for e in expressions]
    return None if None in found else [tuple(roll) for roll in found if roll]


def _roll(rolls: dict[Symbol, _Roll], e: Any) -> _Roll | None:
    return rolls.get(e) if isinstance(e, Symbol) else _Roll(None, e)


def _rolled(e: Symbol, parts: list[_Roll | None], fold: _Fold | None, size: int) -> _Roll | None:
    """Return a symbol, rolled up, whose arguments are; None if it mixes terms."""
    if e.head == "term":
        s, k = e.arguments
        return _Roll(k, Symbol("x", s))
    if fold:
        return _Roll(None, Symbol(FOLDS[fold.head], fold.inner)) if fold.terms == size else None
    known = [part for part in parts if part]
    if len(known) < len(parts):
        return None
    places = [part.place for part in known]
    if e.head in FOLDS.values():
        return _Roll(None, Symbol(e.head, known[0].inner)) if _is_all(known, size) else None
    places = [place for place in places if place is not None]
    if len(set(places)) > 1:
        return None
    inner = Symbol(e.head, *[part.inner for part in known])
    return _Roll(places[0] if places else None, inner)


def _is_all(terms: list[_Roll], size: int) -> bool:
    """Return whether these are all the terms, in turn and alike."""
    alike = all(same(term.inner, terms[0].inner) for term in terms)
    return alike and len(terms) == size and all(t.place in (None, k) for k, t in enumerate(terms))


def _fold(
    e: Symbol, parts: list[_Roll | None], folds: dict[Symbol, _Fold], size: int
) -> _Fold | None:
    """Return the fold that a symbol carries on by one term; None if it is no such thing."""
    if e.head not in FOLDS or len(parts) != 2 or not parts[1] or size < 2:
        return None
    first, term = parts[0], parts[1]
    before = folds.get(e.arguments[0]) if isinstance(e.arguments[0], Symbol) else None
    if before is None and first and first.place == 0:
        before = _Fold(e.head, 1, first.inner)
    if not before or before.head != e.head or term.place != before.terms:
        return None
    return before._replace(terms=before.terms + 1) if same(term.inner, before.inner) else None
