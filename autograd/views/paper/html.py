"""Sheets as HTML that is printed well: a sheet a page, tables as tables."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape

from autograd.errors import RendererError
from autograd.tools.text import printable
from autograd.views.paper.sheets import Sheet
from autograd.views.pictures.drawing import Drawing
from autograd.views.writing.tables import Table

__all__ = ["document", "fragment", "styled"]

_STYLE = """
.chainrule-sheet { font: 11pt/1.35 "DejaVu Sans", "Noto Sans", Arial, sans-serif; }
.chainrule-sheet h1 { font-size: 14pt; margin: 0 0 2mm; }
.chainrule-sheet p { margin: 0 0 2mm; }
.chainrule-sheet .formula { font-size: 12pt; overflow-wrap: anywhere; }
.chainrule-sheet .given span { display: inline-block; margin-right: 1em; }
.chainrule-sheet img { display: block; margin: 0 0 2mm; max-width: 100%; }
.chainrule-sheet table { border-collapse: collapse; margin: 0 0 3mm; font-size: 10pt; }
.chainrule-sheet caption { text-align: left; font-weight: bold; padding: 0 0 1mm; }
.chainrule-sheet table :is(th, td) {
  border: 1px solid #6b7280; padding: 0.5mm 2mm; text-align: left; font-weight: normal;
  height: 6mm; box-sizing: border-box;
}
.chainrule-sheet thead th { background: #8882; font-size: 9pt; }
.chainrule-sheet td:empty { min-width: 18mm; }
@media print {
  .chainrule-sheet { break-after: page; font-size: 10pt; }
  .chainrule-sheet:last-of-type { break-after: auto; }
  .chainrule-sheet img { max-height: 66mm; }
  .chainrule-sheet.long img { max-height: 140mm; }
  .chainrule-sheet tr, .chainrule-sheet img { break-inside: avoid; }
  .chainrule-sheet :is(h1, caption, thead) { break-after: avoid; }
}
"""

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 8mm auto; max-width: 190mm; padding: 0 4mm; }}
@page {{ margin: 14mm 15mm; }}
@media print {{
  :root {{ color-scheme: light; }}
  body {{ margin: 0; max-width: none; padding: 0; }}
}}
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def document(sheets: Sequence[Sheet]) -> str:
    """Return a whole file, each sheet on a page of its own."""
    body = "\n".join(_section(sheet, _image) for sheet in sheets)
    return _DOCUMENT.format(title=_text(sheets[0].title), style=_STYLE, body=body)


def fragment(sheet: Sheet) -> str:
    """Return a sheet as a notebook shows it."""
    return f"<style>{_STYLE}</style>{_section(sheet, lambda picture: picture.html)}"


def styled(table: Table) -> str:
    """Return a table by itself as a notebook shows it."""
    return f'<style>{_STYLE}</style><div class="chainrule-sheet">{table.html()}</div>'


def _section(sheet: Sheet, picture: Callable[[Drawing], str]) -> str:
    given = ", ".join(f"<span>{_text(equation)}</span>" for equation in sheet.given)
    parts = [
        f"<h1>{_text(sheet.title)}</h1>",
        f'<p class="formula">{_text(sheet.formula)}</p>',
        f'<p class="given">given: {given}</p>' if given else "",
        _drawn(sheet.picture, picture) if sheet.picture else "",
        *(table.html() for table in sheet.tables),
    ]
    kind = "chainrule-sheet long" if sheet.is_long else "chainrule-sheet"
    return f'<section class="{kind}">{"".join(parts)}</section>'


def _drawn(picture: Drawing, draw: Callable[[Drawing], str]) -> str:
    try:
        return draw(picture)
    except RendererError:
        return f"<pre>{escape(str(picture))}</pre>"


def _image(picture: Drawing) -> str:
    """Return a picture as an image: in the page itself its ids would stand once for each sheet."""
    svg = b64encode(picture.svg.encode()).decode()
    said = _text(f"{picture.title}. {picture.description}")
    return f'<img alt="{said}" src="data:image/svg+xml;base64,{svg}">'


def _text(text: str) -> str:
    return escape(printable(text))
