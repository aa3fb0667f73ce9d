"""Computing without recording, and cutting what is recorded."""

from __future__ import annotations

import threading

import pytest

import autograd
from autograd import (
    DomainError,
    Value,
    no_grad,
)


def test_no_grad_computes_without_recording_in_this_thread_only() -> None:
    x = Value(3.0)
    elsewhere: list[Value] = []
    with no_grad():
        y = x * x
        assert (y.data, y.parents, y.op) == (9.0, (), "")
        with no_grad():
            pass
        assert (x + 1).parents == ()
        thread = threading.Thread(target=lambda: elsewhere.append(x * x))
        thread.start()
        thread.join()
        assert autograd.sum([x, x]).parents == ()
        with pytest.raises(DomainError):
            (x - 3).log()
    assert elsewhere[0].parents == (x, x)
    assert (x * x).parents == (x, x)

    @no_grad()
    def decorated() -> Value:
        return x.exp()

    assert decorated().parents == decorated().parents == ()
    assert (x * x).parents == (x, x)
    with pytest.raises(ZeroDivisionError), no_grad():
        x / 0
    assert (x * x).parents == (x, x)


def test_detach_cuts_the_graph() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    cut = y.detach()
    assert (cut.data, cut.label, cut.parents, cut.has_grad) == (9.0, "y", (), False)
    (cut * 2).backward()
    assert (x.has_grad, cut.grad) == (False, 2.0)
