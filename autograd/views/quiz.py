"""A quiz on the backward pass: local derivative, upstream, product, sum over paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from autograd.graph import depending_on
from autograd.value import Value
from autograd.views.notation import operation, ratio, short, signed
from autograd.views.steps import Step, Steps

__all__ = ["Question", "questions"]


class Question(NamedTuple):
    """One question: what is asked, the number that answers it, and what to say to others.

    - ``part``: ``"upstream"``, ``"local derivative"``, ``"product"`` or ``"sum over paths"``;
    - ``step``: the index of the step of the backward pass that it is about;
    - ``symbol``: what is asked for, as ``"∂L/∂w"``; ``prompt``: the whole question;
    - ``hints``: three, each saying more than the one before;
    - ``mistakes``: numbers that known mistakes lead to, each with the reason.
    """

    part: str
    step: int
    symbol: str
    prompt: str
    answer: float
    hints: tuple[str, str, str]
    mistakes: tuple[tuple[float, str], ...] = ()


def questions(
    output: Value, node: Value | None = None, names: Mapping[str, Any] | None = None
) -> list[Question]:
    """Return the questions of the backward pass, in its order; of the paths to a node, if given.

    >>> w, x = Value(-3.0, "w"), Value(2.0, "x")
    >>> [(q.symbol, q.answer) for q in questions(w * x * x, w)][:3]
    [('∂v2/∂v2', 1.0), ('∂v2/∂v1', 2.0), ('∂v2/∂v1', 2.0)]
    """
    walk = Steps(output, names)
    asked = depending_on(node, [s.node for s in reversed(walk)]) if node is not None else None
    found: list[Question] = []
    for i, step in enumerate(walk):
        if asked is None or {step.node, step.parent} <= asked:
            found.extend(_of_step(walk, i, step))
    return found


def _of_step(walk: Steps, i: int, step: Step) -> Iterator[Question]:
    names, output = step.names, step.output
    made = f"{names(step.node)} = {operation(step.node, names)} = {short(step.node.data)}"
    upstream = ratio(output, step.node, names)
    local = ratio(step.node, step.parent, names)
    total = ratio(output, step.parent, names)
    if step.position == 0:
        reports = [s for s in walk[:i] if s.parent is step.node]
        terms = " + ".join(signed(short(s.contribution)) for s in reports) or "1"
        yield Question(
            "upstream", i, upstream, f"{made}. What is the upstream derivative {upstream}?",
            step.upstream,
            (
                "It has been added up already, by the steps from the nodes that use "
                f"{names(step.node)}.",
                f"Of these steps there are {len(reports)}; with none, it is where the pass begins.",
                f"{upstream} = {terms}",
            ),
        )  # fmt: skip
    yield Question(
        "local derivative", i, local, f"{made}. What is the local derivative {local}?",
        step.partial,
        (
            f"Hold all else fixed: how does {names(step.node)} change with "
            f"{names(step.parent)} alone?",
            f"{local} = {step.formula or short(step.partial)}",
            f"{local} = {step.local}",
        ),
    )  # fmt: skip
    yield Question(
        "product", i, total, f"What does this step add to {total}?", step.contribution,
        (
            "Upstream times local derivative.",
            f"{upstream} · {local}",
            f"{signed(short(step.upstream))} · {signed(short(step.partial))}",
        ),
    )  # fmt: skip
    if step.reported > 1 and not step.pending:
        summed = [s.contribution for s in walk[: i + 1] if s.parent is step.parent]
        yield Question(
            "sum over paths", i, total,
            f"{names(step.parent)} is used {step.reported} times. What is {total}?", step.after,
            (
                "Each use is a path on which the output depends; the paths are added.",
                f"{step.reported} contributions have come in.",
                " + ".join(signed(short(term)) for term in summed),
            ),
        )  # fmt: skip
