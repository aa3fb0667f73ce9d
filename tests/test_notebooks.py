"""The notebooks run from a clean kernel, and say what they are committed with."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests import notebooks
from tests.notebooks import PATHS, ROOT, nbformat, read

MACHINE = re.compile(r"/home/|/root/|/tmp/|/Users/|site-packages|/ipykernel_|0x[0-9a-f]{6}")
"""What holds on one machine only, or in one process."""

each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
run = cache(notebooks.run)


def sources(path: Path, kind: str) -> list[str]:
    return [cell.source for cell in read(path).cells if cell.cell_type == kind]


@pytest.mark.slow
@each
def test_a_notebook_says_what_it_is_committed_with(path: Path) -> None:
    found, _ = run(path)
    assert notebooks.said(found) == notebooks.said(read(path))


@pytest.mark.slow
@each
def test_a_notebook_leaves_no_file_behind(path: Path) -> None:
    assert run(path)[1] == []


@each
def test_a_file_is_as_the_runner_writes_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert notebooks.written(notebooks.normalised(read(path))) == text
    assert len(text) < 1_000_000  # what a code host still shows


@each
def test_no_cell_complains_or_names_a_machine(path: Path) -> None:
    for cell in read(path).cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text
            assert output.output_type != "error" or "raises-exception" in cell.metadata.tags
            for kind in [kind for kind in output.get("data", {}) if kind.startswith("image/")]:
                del output.data[kind]
        text = re.sub(r"base64,[\w+/=]+", "", json.dumps(cell))
        assert str(ROOT) not in text
        assert not MACHINE.search(text), MACHINE.search(text)


@each
def test_a_notebook_says_what_its_reader_will_be_able_to_do_and_ends_with_exercises(
    path: Path,
) -> None:
    texts = sources(path, "markdown")
    assert re.match(r"# .+\n\n.*will be able to", texts[0], re.DOTALL)
    headings = re.findall(r"^## (.+)$", "\n".join(texts), re.MULTILINE)
    assert headings[-1] == "Exercises"


@each
def test_what_the_prose_claims_is_asserted_where_its_reader_sees_it(path: Path) -> None:
    assert sum("assert " in source for source in sources(path, "code")) >= 2


@each
def test_a_sheet_of_paper_holds_every_line_of_code(path: Path) -> None:
    """On A4, nbconvert cuts off what goes beyond."""
    lines = "\n".join(sources(path, "code")).split("\n")
    assert [line for line in lines if len(line) > 72] == []


@each
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    for text in sources(path, "markdown"):
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert target.startswith("https://") or (path.parent / target).exists(), target


def test_what_a_machine_leaves_in_a_notebook_is_taken_out() -> None:
    output = nbformat.v4.new_output("stream", name="stdout", text="1\n")
    cell = nbformat.v4.new_code_cell("print(1)\nprint(2)", id="3f1c", execution_count=17)
    cell.metadata = nbformat.from_dict({"execution": {"iopub.execute_input": "12:00"}, "tags": []})
    cell.outputs = [output, nbformat.from_dict(output | {"text": "2\n"})]
    made = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})
    found = notebooks.normalised(made)
    assert found.metadata.keys() == {"kernelspec", "language_info"}
    [cell] = found.cells
    assert (cell.id, cell.execution_count, cell.metadata) == ("cell-1", 1, {"tags": []})
    assert [output.text for output in cell.outputs] == ["1\n2\n"]
    assert notebooks.said(found) == [[("stdout", "1\n2\n")]]
    cell.metadata["tags"] = ["varies"]
    assert notebooks.said(found) == []


def test_what_outputs_say_of_their_machine_or_of_timing_is_taken_out() -> None:
    def stream(name: str, text: str) -> object:
        return nbformat.v4.new_output("stream", name=name, text=text)

    noise = BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(noise, "PNG")
    png = b64encode(noise.getvalue()).decode()
    data = {"image/png": png, "text/html": f'<img src="data:image/png;base64,{png}">'}
    frames = ["File /home/somebody/autograd/value.py", "ValueError: no"]
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        stream("stderr", "autograd: compiling a program, once; it takes 3 s\n"),
        stream("stdout", "1\n"),
        stream("stderr", "careful\n"),
        nbformat.v4.new_output("display_data", data, metadata={"needs_background": "light"}),
        nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=frames),
    ]
    [cell] = notebooks.normalised(nbformat.v4.new_notebook(cells=[cell])).cells
    one, careful, shown, error = cell.outputs
    assert [(o.name, o.text) for o in (one, careful)] == [
        ("stdout", "1\n"),
        ("stderr", "careful\n"),
    ]
    assert error.traceback == ["ValueError: no"]
    assert shown.metadata == {}
    small = shown.data["image/png"]
    assert len(small) < len(png) / 2
    assert shown.data["text/html"] == f'<img src="data:image/png;base64,{small}">'
    again = notebooks.normalised(nbformat.v4.new_notebook(cells=[cell])).cells[0]
    assert again == cell
