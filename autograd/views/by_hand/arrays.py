"""A person's matrix: lists, arrays and tensors, read entry by entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd.errors import AutogradError, ExpressionError, UsageError
from autograd.number import shown
from autograd.tools.text import excerpt
from autograd.views.by_hand.reader import TOLERANCES, WRITTEN, Answer, Reader
from autograd.views.tracing.matrices import Matrix, nested

__all__ = ["MatrixAnswer", "read_matrix"]

DIGITS = {"float32": 6, "float16": 3, "bfloat16": 2}
"""How many digits surely survive in a number of fewer bits, by the name of its type."""


class MatrixAnswer(NamedTuple):
    """A matrix as a person gave it: its entries, how it was written, and what cannot be read.

    - ``rows``: an `Answer` for each entry, NaN for one that cannot be read;
    - ``unread``: why, by row and column, counted from 0;
    - ``decimal``: half a unit of the last decimal to which all its numbers were rounded;
    - ``epsilon``: what one operation may add by rounding, where that is more than Python's.
    """

    rows: tuple[tuple[Answer, ...], ...]
    written: str
    unread: dict[tuple[int, int], str]
    decimal: float = 0.0
    epsilon: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of columns."""
        return len(self.rows), len(self.rows[0])

    @property
    def number(self) -> list[list[float]]:
        """The numbers of the entries."""
        return [[float(answer.number) for answer in row] for row in self.rows]

    @property
    def entries(self) -> Iterator[Answer]:
        """The answers, row by row."""
        return (answer for row in self.rows for answer in row)


def read_matrix(reader: Reader, given: Any, matrix: Matrix) -> MatrixAnswer:
    """Return what a person gave for a matrix: nested lists, an array or a tensor.

    Each entry is a number or a formula, as of a single answer. Where the decimals show that all
    were rounded to the same place, a small entry need not have two digits. A list of numbers will
    do for a single row, and a row or a column for a vector.

    Raises `UsageError` for what is no matrix.

    >>> from autograd import Value
    >>> from autograd.views.tracing.graph import Graph
    >>> w = [[Value(1.0, "v"), Value(2.0, "w")]]
    >>> answer = read_matrix(Reader(Graph(w[0][0] * w[0][1])), [["w", 1]], Matrix.of(w))
    >>> [entry.number for entry in answer.entries], answer.shape
    ([2.0, 1.0], (1, 2))
    """
    rows = _arranged(_rows(given), matrix)
    digits = DIGITS.get(str(getattr(given, "dtype", "")).rpartition(".")[2], 0)
    unread: dict[tuple[int, int], str] = {}
    read = [
        [_entry(reader, entry, digits, (j, k), unread) for k, entry in enumerate(row)]
        for j, row in enumerate(rows)
    ]
    rounding = _Rounding.of([answer for row in read for answer in row])
    answers = tuple(tuple(map(rounding.known, row)) for row in read)
    texts = [[answer.written for answer in row] for row in read]
    lines = [text for [text] in texts] if matrix.is_vector and len(read[0]) == 1 else texts
    written = excerpt(str(lines).replace("'", ""), WRITTEN)
    epsilon = 10.0 ** (1 - digits) if digits else 0.0  # of a few operations, and of the reading
    return MatrixAnswer(answers, written, unread, rounding.decimal, epsilon)


def _rows(given: Any) -> list[Any]:
    """Return rows of entries, or entries in a list."""
    rows = nested(given)
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{_repeated(given)} is no matrix; give rows of numbers")
    rows = [nested(row) for row in rows]
    lengths = [len(row) if isinstance(row, list) else 0 for row in rows]
    if any(length != lengths[0] for length in lengths):
        odd = next(i for i, length in enumerate(lengths) if length != lengths[0])
        raise UsageError(
            f"row 1 has {_counted(rows[0])}, but row {odd + 1} has {_counted(rows[odd])}; give "
            "rows of one length"
        )
    if any(row == [] for row in rows):
        raise UsageError(f"{_repeated(given)} is no matrix; give rows of numbers")
    if any(isinstance(nested(x), list) for row in rows if isinstance(row, list) for x in row):
        raise UsageError("the entries are lists themselves; give rows of numbers")
    return rows


def _counted(row: Any) -> str:
    if not isinstance(row, list):
        return "no entries, it is one"
    return f"{len(row)} entries" if len(row) != 1 else "1 entry"


def _repeated(given: Any) -> str:
    try:
        return excerpt(shown(given), WRITTEN)
    except Exception:
        return f"a {type(given).__name__}"


def _arranged(rows: list[Any], matrix: Matrix) -> Sequence[Sequence[Any]]:
    """Return entries in rows; a vector is a column, and so is a list of numbers for a column."""
    if not isinstance(rows[0], list):
        return [rows] if matrix.shape[0] == 1 and matrix.shape[1] > 1 else [[x] for x in rows]
    if matrix.is_vector and len(rows) == 1 != len(matrix.rows):
        return [[x] for x in rows[0]]
    return rows


def _entry(
    reader: Reader, given: Any, digits: int, place: tuple[int, int], unread: dict[Any, str]
) -> Answer:
    if digits and isinstance(given, float):
        given = float(f"{given:.{digits}g}")
    try:
        return reader.read(given)
    except AutogradError as error:
        unread[place] = excerpt(error.message if isinstance(error, ExpressionError) else str(error))
        return Answer(math.nan, given if isinstance(given, str) else _repeated(given))


class _Rounding(NamedTuple):
    """How all entries were rounded: to as many decimals, or to as many digits, as any has.

    Where another has 0.316, an entry of 0.05 may be 0.050 or 0.0500. Each is half a unit, the first
    as it is, the second of the first digit; 0 where there are too few of them.
    """

    decimal: float
    place: float
    digits: float

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> _Rounding:
        rounded = [a for a in answers if _is_rounded(a) and a.number]
        decimal = min((a.coarse for a in rounded), default=1.0)
        decimal = decimal if decimal <= TOLERANCES["digits"] else 0.0
        enough = decimal <= TOLERANCES["digits"] * max(
            (abs(a.number) for a in rounded), default=0.0
        )
        digits = min((a.coarse / _unit(a.number) for a in rounded), default=1.0)
        enough_digits = digits <= TOLERANCES["digits"]
        return cls(decimal, decimal if enough else 0.0, digits if enough_digits else 0.0)

    def known(self, answer: Answer) -> Answer:
        """Return an entry with what the others say of its rounding."""
        if not _is_rounded(answer):
            return answer
        ending = self.digits * _unit(answer.number) if answer.number else 0.0
        return answer._replace(precision=max(answer.precision, self.place, ending))


def _is_rounded(answer: Answer) -> bool:
    return bool(answer.coarse and not answer.steps and math.isfinite(answer.number))


def _unit(x: float) -> float:
    """Return the power of ten of the first digit of a number."""
    return 10.0 ** math.floor(math.log10(abs(x)))
