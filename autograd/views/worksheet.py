"""Worksheets: graphs to be filled in by hand, one or a class set, with their answer keys."""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from autograd.errors import UsageError
from autograd.number import shown
from autograd.tools.files import PathName, suffix_of, write_all
from autograd.tools.text import excerpt
from autograd.value import Value
from autograd.views.by_hand.numbers import Numbers, rebuilt
from autograd.views.check import Report, check
from autograd.views.classroom.asked import Task, asked
from autograd.views.classroom.files import export
from autograd.views.paper import html
from autograd.views.paper.files import content
from autograd.views.paper.sheets import Sheet
from autograd.views.pictures.drawing import Drawing
from autograd.views.pictures.graph import GraphDrawing
from autograd.views.pictures.tree import tree
from autograd.views.tracing import tables
from autograd.views.tracing.notation import Notation
from autograd.views.tracing.statements import formula, given
from autograd.views.tracing.walk import Walk
from autograd.views.writing.numbers import short
from autograd.views.writing.scripts import TEXT, Script
from autograd.views.writing.tables import BLANK, Table
from autograd.views.writing.terminals import written

__all__ = ["Worksheet", "Worksheets", "worksheet", "worksheets"]

ROOM = "\N{NO-BREAK SPACE}" * 14
"""Where a person is to write a number in a picture."""

STEPS = 1000
"""The number of steps up to which a graph is put on a sheet."""

MANY = 10_000
"""How many sheets are made at once, at most: five minutes' work."""

LONGEST = 60
"""How long a name on a class list may be."""


def worksheet(
    output: Value, seed: int | None = None, names: Mapping[str, Any] | None = None
) -> Worksheet:
    """Return a graph to be filled in, with its answer key.

    With a seed the leaves get other numbers: easy ones, at which no derivative is 0, 1 or equal to
    another number unless it is so whatever the numbers. A leaf that is 0 or 1, as a target is,
    keeps its number; one that is called like the outputs of a sigmoid stays between 0 and 1.

    Raises `UsageError` if no such numbers are found, or the graph is too large for a sheet.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> sheet = worksheet((w * x) ** 2)
    >>> sheet
    Worksheet
    <BLANKLINE>
    v2 = (w × x)², where w = 3, x = 2
    <BLANKLINE>
    forward
    node  = operation  = value
    v1    w × x        ______
    v2    v1²          ______
    <BLANKLINE>
    backward
    step  from  to  upstream  × local derivative  = contribution  total
    1     v2    v1  ______    ______              ______          ______
    2     v1    w   ______    ______              ______          ______
    3     v1    x   ______    ______              ______          ______
    <BLANKLINE>
    gradients
    gradient  = value
    ∂v2/∂w    ______
    ∂v2/∂x    ______
    >>> sheet.check({"w": 24, "x": 36}).ok
    True
    >>> sheet.save("sheet.pdf", key="key.pdf")  # doctest: +SKIP
    """
    walk = _walk(output, names, "worksheet")
    if seed is None:
        return Worksheet(walk)
    numbers = Numbers(walk)
    drawn = numbers.draw(random.Random(seed), [numbers.own])
    if drawn is None:
        raise UsageError(f"worksheet: {numbers.obstacle}; leave out seed=")
    return Worksheet(Walk(rebuilt(walk, drawn)))


def worksheets(
    output: Value,
    n: int | Sequence[str] = 30,
    vary: Collection[Value] | None = None,
    seed: int = 0,
    names: Mapping[str, Any] | None = None,
) -> Worksheets:
    """Return n worksheets of one graph, each with other numbers, numbered from 1.

    A class list in place of the number, ``["Ada", "Emmy"]``, makes one for each name on it.
    `vary` are the leaves that get other numbers; without it all but targets, as in `worksheet`.

    Raises `UsageError` if there are not so many different sheets, and for a name that is empty, is
    there twice, or cannot be printed.

    >>> w, x = Value(3.0, "w"), Value(2.0, "x")
    >>> sheets = worksheets((w * x) ** 2, n=3)
    >>> sheets
    class set
    sheet  w   x
    1      -5  -3
    2      -5  -4
    3      5   -3
    >>> sheets.save("class.pdf", key="key.pdf", answers="keys.csv")  # doctest: +SKIP
    >>> sheets.export("class.moodle.xml")  # doctest: +SKIP
    """
    if isinstance(n, int) and n > MANY:
        raise UsageError(f"worksheets: n = {shown(n)} is too many sheets; give {MANY} or fewer")
    students = [None] * n if isinstance(n, int) else class_list(n)
    if not students:
        raise UsageError(f"worksheets: n = {shown(n)} is no number of sheets; give 1 or more")
    walk = _walk(output, names, "worksheets")
    listed = () if isinstance(vary, Value) else vary or ()
    chosen = [walk.node(leaf, "worksheets") for leaf in listed]
    if (vary is not None and not chosen) or not set(chosen) <= set(walk.leaves):
        raise UsageError("worksheets: vary is no list of leaves; give those that are to vary")
    numbers, rng = Numbers(walk, chosen), random.Random(seed)
    taken: dict[tuple[float, ...], Worksheet] = {}
    for number, student in enumerate(students, 1):
        drawn = numbers.draw(rng, taken)
        if drawn is None:
            few = f"there are only {len(taken)} sheets with different numbers that suit"
            obstacle = few if taken else numbers.obstacle
            raise UsageError(f"worksheets: {obstacle}; ask for fewer, or vary other leaves")
        taken[tuple(drawn.values())] = Worksheet(Walk(rebuilt(walk, drawn)), number, student)
    sheets = [*taken.values()]
    if len({tuple(x for _, x in sheet._gradients) for sheet in sheets}) < min(2, len(sheets)):
        what = "whatever the numbers, all sheets have the same gradients"
        raise UsageError(f"worksheets: {what}; vary other leaves, or give another graph")
    return Worksheets(sheets)


def class_list(names: Any) -> list[str]:
    """Return the names of a class; raise `UsageError` for one that no sheet can have.

    >>> class_list(["Ada", " Emmy "])
    ['Ada', 'Emmy']
    """
    if isinstance(names, str) or not isinstance(names, Sequence):
        what = f"n = {shown(names)} is no number of sheets and no class list"
        raise UsageError(f'worksheets: {what}; give 30, or ["Ada", "Emmy"]')
    found: list[str] = []
    for place, spelled in enumerate(names, 1):
        name = unicodedata.normalize("NFC", spelled) if isinstance(spelled, str) else spelled
        said = f"worksheets: name {place} of the class list, {excerpt(shown(name), LONGEST)},"
        if not isinstance(name, str) or not name.strip():
            raise UsageError(f"{said} is no name; write one, or leave it out")
        if not name.isprintable() or len(name) > LONGEST:
            raise UsageError(f"{said} has characters that no sheet shows, or too many; shorten it")
        if name.lstrip()[0] in "=+-@":
            raise UsageError(f"{said} would be a formula in a table; begin it with a letter")
        if name.strip() in found:
            raise UsageError(f"{said} is there twice; tell the two apart")
        found.append(name.strip())
    return found


def _walk(output: Value, names: Mapping[str, Any] | None, operation: str) -> Walk:
    if not isinstance(output, Value):
        raise UsageError(f"{operation}: {shown(output)} is not a Value; give what you computed")
    walk = Walk(output, names)
    uses = sum(len(node.parents) for node in walk.order)
    if uses > STEPS:
        raise UsageError(
            f"{operation}: {uses:,} steps are too many for a sheet, which has {STEPS:,} at most; "
            "give a part of the graph"
        )
    return walk


class Worksheet:
    """A graph to be filled in: ``blank`` and ``key`` are sheets, ``picture`` is to be drawn on.

    ``output`` is the graph itself, ``number`` the sheet's in a class set, ``student`` whose it is
    where there is a class list, and ``check`` compares
    answers with the key. A notebook shows the blank sheet, and the key where it is asked for.
    """

    def __init__(self, walk: Walk, number: int | None = None, student: str | None = None) -> None:
        self._graph = walk
        self.output = walk.output
        self.number = number
        self.student = student

    @property
    def blank(self) -> Face:
        """What is to be filled in."""
        return Face(self._blank(TEXT))

    @property
    def key(self) -> Face:
        """What it should say once it is filled in."""
        return Face(self._key(TEXT))

    @property
    def picture(self) -> Drawing:
        """The graph, with room for the numbers."""
        return _Blank(self.output, self._graph.variables)

    def check(self, answers: Mapping[Any, Any]) -> Report:
        """Compare gradients with the key, and say of each wrong one what went wrong."""
        return check(answers, self.output, self._graph.variables)

    def save(self, path: PathName, key: PathName | None = None) -> None:
        """Write the sheet to a file to be printed: .html, .tex or .pdf; the key to one of its own.

        Raises `UsageError` for another suffix, where a file cannot be written, and for a .pdf
        where matplotlib is missing.
        """
        Worksheets([self]).save(path, key)

    def export(self, path: PathName) -> None:
        """Write the sheet as a quiz or a graded notebook, as `Worksheets.export` does."""
        Worksheets([self]).export(path)

    def text(self, encoding: str = "utf-8") -> str:
        """Return the blank sheet, in characters an encoding has."""
        return self.blank.text(encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.blank._repr_html_()

    def _blank(self, script: Script) -> Sheet:
        key = self._key(script)
        blank = [table.blank for table in key.tables]
        return key._replace(title=self._title("Worksheet"), tables=blank, picture=self.picture)

    def _key(self, script: Script) -> Sheet:
        write = Notation(self._graph, script)
        kinds = (tables.forward, tables.backward, tables.gradients)
        filled = [table for made in kinds if (table := made(self._graph, write, STEPS)).rows]
        said = formula(self._graph, script), given(self._graph, script)
        return Sheet(self._title("Answer key"), *said, filled)

    def _title(self, words: str) -> str:
        numbered = words if self.number is None else f"{words} {self.number}"
        return numbered if self.student is None else f"{numbered}: {self.student}"

    @property
    def _task(self) -> Task:
        """What a program asks about the sheet."""
        return Task(self.number, self._graph, self._blank(TEXT), asked(self._graph))

    @cached_property
    def _answers(self) -> list[tuple[str, float]]:
        """What is to be found, by a symbol that can be typed."""
        names, order = self._graph.names, self._graph.written
        results = [(names[node].typed, node.data) for node in order if node.parents]
        return results + self._gradients

    @property
    def _gradients(self) -> list[tuple[str, float]]:
        names, above = self._graph.names, self._graph.names[self.output].typed
        derivatives = self._graph.derivatives
        return [(f"d{above}/d{names[x].typed}", derivatives[x]) for x in self._graph.leaves]


class Face:
    """One side of a worksheet, blank or the key: shown in a notebook, printed as text."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def text(self, encoding: str = "utf-8") -> str:
        """Return the sheet, in characters an encoding has."""
        return self._sheet.text(encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html.fragment(self._sheet)


class Worksheets:
    """A class set: worksheets of one graph at different numbers, called by their number from 1."""

    def __init__(self, sheets: Sequence[Worksheet]) -> None:
        self._sheets = sheets

    def __len__(self) -> int:
        return len(self._sheets)

    def __iter__(self) -> Iterator[Worksheet]:
        return iter(self._sheets)

    def __getitem__(self, number: int) -> Worksheet:
        if not isinstance(number, int) or not 1 <= number <= len(self):
            raise UsageError(f"there is no sheet {shown(number)}; they are 1 to {len(self)}")
        return self._sheets[number - 1]

    def save(
        self, path: PathName, key: PathName | None = None, answers: PathName | None = None
    ) -> None:
        """Write the sheets to a file to be printed, .html, .tex or .pdf, each on its own page.

        The answer keys go to a file of their own, and the answers as a table to a .csv: sheet,
        symbol, value. None of the files is written until all can be.

        Raises `UsageError` as `Worksheet.save` does.
        """
        if answers is not None:
            suffix_of(answers, ("csv",), "save")
        files = [(path, content(path, lambda script: [s._blank(script) for s in self]))]
        if key is not None:
            files.append((key, content(key, lambda script: [s._key(script) for s in self])))
        if answers is not None:
            files.append((answers, self._csv()))
        write_all(files)

    def export(self, path: PathName) -> None:
        """Write the sheets as a quiz or a graded notebook, for the program that a class uses.

        - ``"class.xml"``: questions for Moodle's bank, a category for each gradient;
        - ``"class.zip"``: a package of QTI 2.1, for other programs with quizzes;
        - ``"class.ipynb"``: an assignment for nbgrader;
        - ``"otter"``, or a name that ends in ``.otter``: a folder for otter-grader.

        Whoever gives a known wrong number is told which mistakes lead there, and never the right
        one. The files hold it, for the program to compare with.

        Raises `UsageError` for another ending, where a file cannot be written, and for what a
        program cannot ask: a gradient that is infinite, in notebooks an operation of your own.
        """
        export(path, [sheet._task for sheet in self])

    def _csv(self) -> str:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        named = ["student"] if self._sheets[0].student else []
        rows.writerow(("sheet", *named, "symbol", "value"))
        for sheet in self:
            whose = [sheet.student] if named else []
            rows.writerows((sheet.number, *whose, symbol, repr(x)) for symbol, x in sheet._answers)
        return text.getvalue()

    def text(self, encoding: str = "utf-8") -> str:
        """Return a table of the numbers that vary, in characters an encoding has."""
        return written(lambda known: "\n".join(self._table().lines(known)), encoding)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html.styled(self._table())

    def _table(self) -> Table:
        """Return which sheet has which numbers, where they differ."""
        graphs = [sheet._graph for sheet in self]
        numbers = zip(*([short(leaf.data) for leaf in g.leaves] for g in graphs), strict=True)
        names = map(graphs[0].names, graphs[0].leaves)
        varying = {
            name: column for name, column in zip(names, numbers, strict=True) if len({*column}) > 1
        }
        students = [sheet.student or "" for sheet in self]
        named = {"student": students} if any(students) else {}
        columns = (map(str, range(1, len(self) + 1)), *named.values(), *varying.values())
        headings = ["sheet", *named, *varying]
        return Table("class set", headings, [*zip(*columns, strict=True)], given=len(headings))


class _Blank(GraphDrawing):
    """A graph without the numbers that are to be found, upright as a page is."""

    _direction = "TB"

    @property
    def description(self) -> str:
        """What it shows, in a sentence."""
        return "There is room for the results, the local derivatives and the gradients."

    def __str__(self) -> str:
        return tree(self._write, lambda node: None, self._number)

    def _number(self, node: Value) -> str:
        return BLANK if node.parents else short(node.data)

    def _data_text(self, node: Value) -> str:
        return ROOM if node.parents else super()._data_text(node)

    def _data_range(self, nodes: Sequence[Value]) -> str:
        given = not any(node.parents for node in nodes)
        return super()._data_range(nodes) if given else ROOM

    def _gradient(self, node: Value) -> None:
        return None

    def _grad_text(self, node: Value) -> str:
        return f"grad {ROOM}"

    def _edge_texts(self, node: Value) -> list[str]:
        constant = self._names.is_constant  # nobody asks for a derivative in one
        return ["" if constant(parent) else ROOM for parent in node.parents]
