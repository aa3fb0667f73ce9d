"""Broken loops: backward passes as people program them before they know what order is needed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from autograd import Value
from benchmarks.teaching.passes import Setting, Slip

__all__ = ["MAKERS"]

LIMIT = 5000
"""How many steps a recursion along every path may take."""


class _Loop:
    """Gradients in the making, as a program has them."""

    def __init__(self, setting: Setting) -> None:
        self.grad = dict.fromkeys(setting.order, 0.0) | {setting.output: 1.0}
        self.steps = 0

    def pass_on(self, node: Value) -> None:
        """Add to the gradients of the operands, given what this node has by now."""
        self.steps += 1
        for parent, partial in zip(node.parents, node.partials, strict=True):
            self.grad[parent] += self.grad[node] * partial


def _depth_first_once(setting: Setting, loop: _Loop, step: int = -1) -> None:
    """Visit a node when it is first reached, then its operands in turn."""
    seen: set[Value] = set()
    stack = [setting.output]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            loop.pass_on(node)
            stack.extend(node.parents[::step])


def _last_operand_first(setting: Setting, loop: _Loop) -> None:
    """Do so with a stack from which the last operand comes first."""
    _depth_first_once(setting, loop, step=1)


def _breadth_first_once(setting: Setting, loop: _Loop) -> None:
    """Visit nodes from a queue, each once."""
    seen = {setting.output}
    queue = deque([setting.output])
    while queue:
        node = queue.popleft()
        loop.pass_on(node)
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)


def _forwards(setting: Setting, loop: _Loop) -> None:
    """Walk the topological order from the leaves on: the list was not reversed."""
    for node in setting.order:
        loop.pass_on(node)


def _again_for_each_use(setting: Setting, loop: _Loop) -> None:
    """Add to all operands, then go into each: a node passes on its running total at each visit."""

    def visit(node: Value) -> None:
        if loop.steps < LIMIT:
            loop.pass_on(node)
            for parent in node.parents:
                visit(parent)

    visit(setting.output)


def _again_operand_by_operand(setting: Setting, loop: _Loop) -> None:
    """Add to an operand and go into it, then to the next."""

    def visit(node: Value) -> None:
        loop.steps += 1
        if loop.steps < LIMIT:
            for parent, partial in zip(node.parents, node.partials, strict=True):
                loop.grad[parent] += loop.grad[node] * partial
                visit(parent)

    visit(setting.output)


def _again_breadth_first(setting: Setting, loop: _Loop) -> None:
    """Visit nodes from a queue, each once for each use."""
    queue = deque([setting.output])
    while queue and loop.steps < LIMIT:
        node = queue.popleft()
        loop.pass_on(node)
        queue.extend(node.parents)


_ORDERS: dict[str, Callable[[Setting, _Loop], None]] = {
    "depth first, once": _depth_first_once,
    "a stack, once": _last_operand_first,
    "breadth first, once": _breadth_first_once,
    "forwards": _forwards,
    "again for each use": _again_for_each_use,
    "again, operand by operand": _again_operand_by_operand,
    "again, breadth first": _again_breadth_first,
}


def wrong_order(setting: Setting) -> Iterator[Slip]:
    """Visit nodes before all has come in, or again with what they had passed on before."""
    for manner, order in _ORDERS.items():
        loop = _Loop(setting)
        order(setting, loop)
        if loop.steps < LIMIT:
            kind = "wrong order / taken twice" if manner.startswith("again") else "wrong order"
            yield Slip(kind, manner, (), loop.grad[setting.wrt])


def not_zeroed(setting: Setting) -> Iterator[Slip]:
    """Run the pass two or three times on the same gradients."""
    for times in (2, 3):
        number = times * setting.truth
        yield Slip("not zeroed", f"{times} passes", (), number)
        yield Slip("not zeroed", f"{times} passes, results too", (), _again(setting, times))


def _again(setting: Setting, times: int) -> float:
    """Return what comes of passes in which the gradients of results stay as well."""
    loop = _Loop(setting)
    for _ in range(times):
        loop.grad[setting.output] = 1.0
        for node in reversed(setting.order):
            loop.pass_on(node)
    return loop.grad[setting.wrt]


MAKERS = (wrong_order, not_zeroed)
