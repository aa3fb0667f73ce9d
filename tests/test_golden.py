"""What the views say of two graphs, word for word; ``python -m tests.golden`` writes it anew."""

from __future__ import annotations

from functools import cache

import pytest

from tests import golden

PATHS = sorted(
    str(path.relative_to(golden.FOLDER))
    for path in golden.FOLDER.rglob("*")
    if path.is_file() and path.suffix not in (".py", ".pyc")
)


@cache
def contents() -> dict[str, str]:
    return golden.contents()


def test_every_view_has_its_files() -> None:
    assert sorted(contents()) == PATHS


@pytest.mark.parametrize("path", PATHS)
def test_a_view_says_what_it_said(path: str) -> None:
    written = (golden.FOLDER / path).read_text("utf-8")
    assert f"{contents()[path]}\n" == written
