"""A backward pass that is interrupted, or that others run beside it: whole or not at all."""

from __future__ import annotations

import linecache
import sys
import threading
from collections.abc import Callable
from itertools import count
from types import FrameType
from typing import Any

import pytest

from autograd import Value
from autograd.graph import topological_order
from tests.work import work


def interrupted(action: Callable[[], object], moment: int) -> bool:
    """Run an action with a Ctrl-C at its n-th line of Python; return whether it came so far.

    The moments at which a ``with`` or ``try`` is entered or left do not count: there a tracer can
    raise an error, but no Ctrl-C comes.
    """
    lines = 0
    entering = False

    def trace(frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        nonlocal lines, entering
        if not frame.f_globals["__name__"].startswith("autograd."):
            return trace  # of whoever looks on, when Python collects its garbage
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip()
        entered, entering = entering, line.startswith(("with ", "try:"))
        lines += event == "line" and not entering and not entered
        if lines == moment:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


def test_ctrl_c_at_any_moment_leaves_every_gradient_as_it_was_or_as_it_should_be() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = (x * w).tanh() * x + w
    (x * w).backward()  # what the leaves have accumulated so far
    nodes = topological_order(y)
    before = [(node.grad, node.has_grad) for node in nodes]
    y.backward()
    after = [(node.grad, node.has_grad) for node in nodes]
    for moment in count(1):
        for node, (grad, known) in zip(nodes, before, strict=True):
            node.grad = grad if known else None
        if not interrupted(y.backward, moment):
            break
        assert [(node.grad, node.has_grad) for node in nodes] in (before, after), moment
    assert moment > 20


def test_an_interrupted_pass_does_not_keep_others_waiting() -> None:
    x = Value(2.0)
    y = x
    for _ in range(50):
        y = y * 1.0
    assert interrupted(y.backward, work(y.backward) // 2)
    x.zero_grad()
    other = threading.Thread(target=y.backward, daemon=True)
    other.start()
    other.join(60)
    assert x.grad == 1.0


@pytest.fixture
def eager_threads() -> Any:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("eager_threads")
def test_passes_in_several_threads_add_up_in_the_leaves_they_share() -> None:
    x = Value(2.0, "x")
    passes = 100

    def passes_of(slope: float) -> None:
        y = x
        for _ in range(20):
            y = y + 0.0
        y = y * slope
        for _ in range(passes):
            y.backward()

    slopes = [1.0, 2.0, 4.0, 8.0]
    threads = [threading.Thread(target=passes_of, args=(slope,)) for slope in slopes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad == passes * sum(slopes)
