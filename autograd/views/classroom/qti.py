"""Quizzes as QTI 2.1: a package with an item for each question, and a test that asks them.

Of the versions, 2.1 is the one that most programs import (Inspera, TAO, OpenOlat, Blackboard,
Canvas). An answer is compared with the range of each number in turn, and what is known of it is
shown (IMS Question and Test Interoperability: Implementation Guide 2.1, "Feedback" and "Response
Processing"). Of each gradient a test takes the question of one sheet.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from autograd.tools.text import excerpt
from autograd.views.classroom.asked import UNKNOWN, Asked, Task
from autograd.views.classroom.xml import Element, document, element, picture

__all__ = ["package"]

NAME = 200
"""How long the title of an item may be."""

WIDTH = 720
"""How wide a picture may be, in pixels: as wide as the narrowest programs show a question."""

_ITEMS = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_CONTENT = "http://www.imsglobal.org/xsd/imscp_v1p1"


def package(tasks: Sequence[Task]) -> bytes:
    """Return the questions of all sheets, and a test that asks them, as a .zip."""
    files: dict[str, bytes] = {}
    items: list[Element] = []
    for i, task in enumerate(tasks, 1):
        png = picture(task, "png")  # which every program shows
        graph = _graph(task, f"graph{i}.png", png)
        if png:
            files[f"graph{i}.png"] = png
        for j, asked in enumerate(task.asked, 1):
            name = f"item{i}-{j}"
            files[f"{name}.xml"] = document(_item(name, task, asked, graph))
            pictures = [node.attrib["src"] for node in graph.iter("img")]
            items.append(_resource(name, "imsqti_item_xmlv2p1", pictures))
    files["test.xml"] = document(_test(tasks))
    needed = [element("dependency", identifierref=item.attrib["identifier"]) for item in items]
    test = _resource("test", "imsqti_test_xmlv2p1", (), needed)
    return _zip({"imsmanifest.xml": document(_manifest([test, *items])), **files})


def _zip(files: dict[str, bytes]) -> bytes:
    """Return files as a .zip, all of one date."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return made.getvalue()


def _manifest(resources: Iterable[Element]) -> Element:
    kind = (element("schema", "QTIv2.1 Package"), element("schemaversion", "1.0.0"))
    return element(
        "manifest",
        element("metadata", *kind),
        element("organizations"),
        element("resources", *resources),
        xmlns=_CONTENT,
        identifier="chainrule",
    )


def _resource(
    name: str, kind: str, files: Iterable[str], needed: Iterable[Element] = ()
) -> Element:
    listed = [element("file", href=file) for file in (f"{name}.xml", *files)]
    return element("resource", *listed, *needed, identifier=name, type=kind, href=f"{name}.xml")


def _test(tasks: Sequence[Task]) -> Element:
    sections = []
    for j, asked in enumerate(tasks[0].asked, 1):
        refs = [
            element("assessmentItemRef", identifier=f"item{i}-{j}", href=f"item{i}-{j}.xml")
            for i, _ in enumerate(tasks, 1)
        ]
        choice = element("selection", select="1")
        title = excerpt(asked.symbol, NAME)
        sections.append(
            element(
                "assessmentSection", choice, *refs,
                identifier=f"section{j}", title=title, visible="true",
            )
        )  # fmt: skip
    part = element(
        "testPart", element("itemSessionControl", maxAttempts="0", showFeedback="true"), *sections,
        identifier="part", navigationMode="nonlinear", submissionMode="individual",
    )  # fmt: skip
    title = excerpt(tasks[0].sheet.formula, NAME)
    return element("assessmentTest", part, xmlns=_ITEMS, identifier="test", title=title)


def _item(name: str, task: Task, asked: Asked, graph: Element) -> Element:
    correct = element("correctResponse", element("value", repr(asked.number)))
    zero = element("defaultValue", element("value", "0"))
    single = {"cardinality": "single"}
    return element(
        "assessmentItem",
        element("responseDeclaration", correct, identifier="RESPONSE", **single, baseType="float"),
        element("outcomeDeclaration", zero, identifier="SCORE", **single, baseType="float"),
        element("outcomeDeclaration", identifier="FEEDBACK", **single, baseType="identifier"),
        _body(task, asked, graph),
        element("responseProcessing", _processing(asked)),
        *(_feedback(f"wrong{k}", wrong.feedback) for k, wrong in enumerate(asked.wrong, 1)),
        _feedback("unknown", UNKNOWN),
        xmlns=_ITEMS,
        identifier=name,
        title=excerpt(task.called(asked.symbol), NAME),
        adaptive="false",
        timeDependent="false",
    )


def _graph(task: Task, file: str, png: bytes | None) -> Element:
    """Return the graph as it is shown: as its picture, if there is one, or as a tree."""
    shown = task.sheet.picture
    if png is None or shown is None:
        return element("pre", str(shown))
    said = f"{shown.title}. {shown.description}"
    width = min(int.from_bytes(png[16:20], "big") // 2, WIDTH)  # it is twice as sharp as a screen
    return element("p", element("img", src=file, alt=said, width=str(width)))


def _body(task: Task, asked: Asked, graph: Element) -> Element:
    answer = element("textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="12")
    return element(
        "itemBody",
        element("p", task.sheet.statement),
        *([element("p", task.defined)] if task.defined else []),
        graph,
        element("p", asked.prompt),
        element("p", f"{asked.symbol} = ", answer),
    )


def _processing(asked: Asked) -> Element:
    response = element("variable", identifier="RESPONSE")
    return element(
        "responseCondition",
        element("responseIf", element("isNull", response), _scored("0")),
        element("responseElseIf", _within(asked.number, asked.tolerance), _scored("1")),
        *(
            element("responseElseIf", _within(wrong.number, wrong.tolerance), _shown(f"wrong{k}"))
            for k, wrong in enumerate(asked.wrong, 1)
        ),
        element("responseElse", _shown("unknown")),
    )


def _within(number: float, tolerance: float) -> Element:
    """Return the condition that an answer lies in the range of a number."""
    low, high = (repr(x) for x in (number - tolerance, number + tolerance))
    bounds = (("gte", low), ("lte", high))
    return element(
        "and",
        *(
            element(how, element("variable", identifier="RESPONSE"), _value("float", bound))
            for how, bound in bounds
        ),
    )


def _scored(score: str) -> Element:
    return element("setOutcomeValue", _value("float", score), identifier="SCORE")


def _shown(feedback: str) -> Element:
    return element("setOutcomeValue", _value("identifier", feedback), identifier="FEEDBACK")


def _value(kind: str, text: str) -> Element:
    return element("baseValue", text, baseType=kind)


def _feedback(name: str, text: str) -> Element:
    return element(
        "modalFeedback", element("p", text),
        outcomeIdentifier="FEEDBACK", showHide="show", identifier=name,
    )  # fmt: skip
