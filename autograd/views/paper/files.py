"""Sheets as the content of a file, which the suffix of its name decides."""

from __future__ import annotations

from autograd.tools.files import PathName, suffix_of
from autograd.views.paper import html, latex, pdf
from autograd.views.paper.sheets import Pages
from autograd.views.writing.scripts import LATEX, TEXT

__all__ = ["content"]


def content(path: PathName, pages: Pages) -> bytes | str:
    """Return what is to be written to a file: .html, .tex or .pdf.

    Raises `UsageError` for another suffix.
    """
    kind = suffix_of(path, ("html", "htm", "tex", "pdf"), "save")
    if kind == "tex":
        return latex.document(pages(LATEX))
    return pdf.document(pages(TEXT)) if kind == "pdf" else html.document(pages(TEXT))
