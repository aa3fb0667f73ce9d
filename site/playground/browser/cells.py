"""Code run as a notebook runs a cell, and what a reader sees of it."""

from __future__ import annotations

import ast
import linecache
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import count
from typing import Any

__all__ = ["run"]

_numbers = count(1)

Bundle = dict[str, str]
"""What is shown, in each form that it has: ``text/plain``, ``text/html``, ``text/latex`` …"""


def run(code: str) -> list[Bundle]:
    r"""Run code among the variables of all cells before, and return what it prints and shows.

    An error is a bundle with its traceback as ``error``.

    >>> run("x = 2\nprint('two')\nx * 3")
    [{'text/plain': 'two\n'}, {'text/plain': '6'}]
    >>> run("y = x +")[0]["error"].splitlines()[-1]
    'SyntaxError: invalid syntax'
    """
    name = f"<cell {next(_numbers)}>"
    lines = code.splitlines(keepends=True)
    linecache.cache[name] = (len(code), None, lines, name)  # for tracebacks, and for warnings
    variables = vars(sys.modules["__main__"])
    printed = StringIO()
    shown: list[Bundle] = []
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            body = ast.parse(code, name).body
            last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
            exec(compile(ast.Module(body, []), name, "exec"), variables)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), name, "eval"), variables)
                shown = [] if value is None or code.rstrip().endswith(";") else [_bundle(value)]
        except BaseException as error:  # what a reader's code raises is of any kind
            shown = [{"error": _told(error)}]
    said = printed.getvalue()
    return [{"text/plain": said}, *shown] if said else shown


def _bundle(value: Any) -> Bundle:
    """Return a value in the forms that it has for notebooks."""
    bundle: Bundle = {"text/plain": repr(value)}
    if hasattr(value, "_repr_mimebundle_"):
        return {**bundle, **value._repr_mimebundle_()}
    for kind, method in (("text/html", "_repr_html_"), ("text/latex", "_repr_latex_")):
        if hasattr(value, method):
            bundle[kind] = getattr(value, method)()
    return bundle


def _told(error: BaseException) -> str:
    """Return the traceback from the reader's code on."""
    inner = error.__traceback__ and error.__traceback__.tb_next
    return "".join(traceback.format_exception(error.with_traceback(inner)))
