"""The notebooks run from top to bottom, and what a cell shows can be shown."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def shown(source: str, variables: dict[str, Any]) -> Any:
    """Run a cell as a notebook does and return the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), variables)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), variables)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_pictures_render(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    variables: dict[str, Any] = {"__name__": "__main__"}
    pictures = 0
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            result = shown("".join(cell["source"]), variables)
            pictures += "image/png" in (getattr(result, "_repr_mimebundle_", dict)() or {})
    assert pictures > 0


def test_the_first_steps_agree_with_the_hand_calculation() -> None:
    path = next(path for path in NOTEBOOKS if path.stem == "first_steps")
    variables: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(path.read_text())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            result = shown(source, variables)
            if source.startswith("terms"):
                assert result[0] == pytest.approx(result[1], rel=1e-12)
                return
    pytest.fail("the notebook lost its calculation by hand")
