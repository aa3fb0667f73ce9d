"""The rows of the table, each under the name to ask for it with."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.teaching.rows import (
    documented,
    exercises,
    formulas,
    numerology,
    right,
    single,
    two,
)
from benchmarks.teaching.table import Row

__all__ = ["ROWS"]

ROWS: Mapping[str, Row] = {
    "single": single.SINGLE,
    "rounded": single.ROUNDED,
    "question": single.QUESTION,
    "consistent": single.CONSISTENT,
    "two": two.ROW,
    "exercises": exercises.EXERCISES,
    "worksheets": exercises.WORKSHEETS,
    "documented": documented.ROW,
    "right": right.ROW,
    "formulas": formulas.ROW,
    "random": numerology.ROW,
}
