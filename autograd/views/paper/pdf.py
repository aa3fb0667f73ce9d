"""Sheets as PDF, set by matplotlib, whose font has all sub- and superscripts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any

from autograd.errors import RendererError
from autograd.tools.optional import optional
from autograd.tools.text import printable
from autograd.views.paper.sheets import Sheet
from autograd.views.pictures.drawing import Drawing
from autograd.views.writing.tables import Table

__all__ = ["document"]

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 15.0
"""A sheet of A4 in millimetres, as all lengths here; its content fits on Letter paper too."""

BOTTOM = 279.0 - MARGIN
"""Where a page ends: Letter is shorter than A4."""

ROW, PAD, BLANK = 6.0, 2.0, 24.0
"""The height of a row, the room beside a cell's text, and the room for a number by hand."""

MM = 25.4 / 72
"""A point in millimetres."""

_SETTINGS = {
    "font.family": "DejaVu Sans",
    "pdf.fonttype": 42,  # text that can be searched and copied
    "text.parse_math": False,
    "text.usetex": False,
}


def document(sheets: Sequence[Sheet]) -> bytes:
    """Return a file, each sheet beginning on a page of its own.

    Raises `UsageError` where matplotlib is missing.
    """
    matplotlib = optional("matplotlib", "a .pdf", "plots")
    backend = _matplotlib("backends.backend_pdf")
    file = BytesIO()
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a box stands for what no font has
        with backend.PdfPages(file, metadata={"CreationDate": None}) as pages:
            for sheet in sheets:
                paper = _Paper(pages)
                paper.write(sheet)
                paper.finish()
    return file.getvalue()


def _matplotlib(part: str) -> Any:
    return optional(f"matplotlib.{part}", "a .pdf", "plots")


class _Paper:
    """The pages of one sheet, written from top to bottom."""

    def __init__(self, pages: Any) -> None:
        self.pages = pages
        self.begin()

    def begin(self) -> None:
        """Begin a page."""
        figure = _matplotlib("figure").Figure((WIDTH / 25.4, HEIGHT / 25.4))
        from_above = _matplotlib("transforms").Affine2D().translate(0, -HEIGHT)
        self.millimetres = from_above.scale(1 / 25.4, -1 / 25.4) + figure.dpi_scale_trans
        self.figure = figure
        self.lines: list[list[tuple[float, float]]] = []
        self.y = MARGIN

    def finish(self) -> None:
        """Draw the lines of a page, and add it to the file."""
        collections = _matplotlib("collections")
        lines = collections.LineCollection(
            self.lines, colors="#6b7280", linewidths=0.5, transform=self.millimetres
        )
        self.figure.add_artist(lines)
        _matplotlib("backends.backend_pdf").FigureCanvasPdf(self.figure).print_pdf(self.pages)

    def write(self, sheet: Sheet) -> None:
        """Write a sheet from its title to its last table."""
        self.line(sheet.title, 13, weight="bold")
        self.line(sheet.formula, 11)
        for line in _filled(sheet.given, 10):
            self.line(line, 10)
        if sheet.picture:
            self.picture(sheet.picture, sheet.room)
        for table in sheet.tables:
            self.table(table)

    def line(self, text: str, size: float, weight: str = "normal") -> None:
        """Write a line, in a smaller font if it is too long."""
        size *= min(1.0, (WIDTH - 2 * MARGIN) / max(_width(text, size), 1.0))
        self.text(MARGIN, self.y + 3, text, size, weight)
        self.y += 6.5

    def text(self, x: float, y: float, text: str, size: float, weight: str = "normal") -> None:
        """Write a text, its middle at a height."""
        self.figure.text(
            x, y, printable(text), size=size, weight=weight, va="center_baseline",
            transform=self.millimetres,
        )  # fmt: skip

    def picture(self, picture: Drawing, most: float) -> None:
        """Draw a picture as wide and high as there is room; nothing where nothing renders it."""
        try:
            png = BytesIO(picture.content("picture.png"))
        except RendererError:
            return
        image = _matplotlib("image").imread(png)
        pixels_high, pixels_wide = image.shape[:2]
        unit = min((WIDTH - 2 * MARGIN) / pixels_wide, most / pixels_high, 25.4 / 144)
        wide, high = unit * pixels_wide, unit * pixels_high
        place = MARGIN / WIDTH, 1 - (self.y + high) / HEIGHT, wide / WIDTH, high / HEIGHT
        axes = self.figure.add_axes(place)
        axes.axis("off")
        axes.imshow(image, aspect="auto")
        self.y += high + 3

    def table(self, table: Table) -> None:
        """Write a table; where it goes on over the page, its headings stand there again."""
        rows = [table.headings, *table.rows]
        widths = [
            max(_width(cell, 9) if cell else BLANK for cell in column)
            for column in zip(*rows, strict=True)
        ]
        whole = sum(widths) + 2 * PAD * len(widths)
        scale = min(1.0, (WIDTH - 2 * MARGIN) / whole)
        columns = [scale * (width + 2 * PAD) for width in widths]
        self.room(5 + 2 * ROW)
        self.text(MARGIN, self.y + 2.5, table.caption, 10, "bold")
        self.y += 5
        self.row(table.headings, columns, scale, head=True)
        for row in table.rows:
            if self.room(ROW):
                self.row(table.headings, columns, scale, head=True)
            self.row(row, columns, scale)
        self.y += 3

    def room(self, height: float) -> bool:
        """Begin another page if so much does not fit; return whether it did."""
        if self.y + height <= BOTTOM:
            return False
        self.finish()
        self.begin()
        return True

    def row(
        self, cells: Sequence[str], columns: Sequence[float], scale: float, head: bool = False
    ) -> None:
        """Write a row of a table, in a frame."""
        x, bottom = MARGIN, self.y + ROW
        right = MARGIN + sum(columns)
        self.lines += [[(x, y), (right, y)] for y in ((self.y, bottom) if head else (bottom,))]
        self.lines += [[(right, self.y), (right, bottom)]]
        for cell, width in zip(cells, columns, strict=True):
            self.lines += [[(x, self.y), (x, bottom)]]
            self.text(x + scale * PAD, self.y + ROW / 2, cell, 9 * scale)
            x += width
        self.y = bottom


@lru_cache(maxsize=4096)
def _width(text: str, size: float) -> float:
    """Return how wide a text is in millimetres."""
    if not text:
        return 0.0
    setter = _matplotlib("textpath").text_to_path
    font = _matplotlib("font_manager").FontProperties(size=size)
    width, *_ = setter.get_text_width_height_descent(printable(text), font, ismath=False)
    return float(width) * MM


def _filled(items: Sequence[str], size: float) -> Iterator[str]:
    """Yield lines of as many items as there is room for."""
    line = ""
    for item in items:
        longer = f"{line},   {item}" if line else f"given:   {item}"
        if line and _width(longer, size) > WIDTH - 2 * MARGIN:
            yield f"{line},"
            longer = item
        line = longer
    if line:
        yield line
