"""Computing without recording, and cutting what is recorded."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

import autograd
from autograd import (
    DomainError,
    UsageError,
    Value,
    no_grad,
)
from tests.untyped import untyped


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


T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


def records(x: Value) -> bool:
    """Return whether operations are recorded here."""
    return (x * x).parents == (x, x)


def test_generators_that_end_in_another_order_leave_nothing_switched_off() -> None:
    x = Value(3.0)

    def unrecorded() -> Generator[Value, None, None]:
        with no_grad():
            yield x * x
            yield x * x

    first, second = unrecorded(), unrecorded()
    assert next(first).parents == next(second).parents == ()
    first.close()
    assert not records(x)  # the second has not ended
    assert next(second).parents == ()
    second.close()
    assert records(x)


def test_a_decorated_generator_does_not_switch_its_caller() -> None:
    x = Value(3.0)

    @no_grad()
    def squares() -> Generator[Value, float, str]:
        factor = 1.0
        while factor:
            factor = yield x * x * factor
        return "done"

    steps = squares()
    assert (next(steps).data, (x * x).parents) == (9.0, (x, x))
    again = steps.send(2.0)
    assert (again.data, again.parents) == (18.0, ())
    with pytest.raises(StopIteration) as end:
        steps.send(0.0)
    assert end.value.value == "done"
    with pytest.raises(KeyError):
        squares().throw(KeyError)
    assert records(x)


def test_decorated_coroutines_compute_unrecorded_while_others_record() -> None:
    x = Value(3.0)

    @no_grad
    async def unrecorded() -> list[Value]:
        found = []
        for _ in range(3):
            found.append(x * x)
            await asyncio.sleep(0)
        return found

    async def recorded() -> list[Value]:
        found = []
        for _ in range(3):
            found.append(x * x)
            await asyncio.sleep(0)
        return found

    async def together() -> tuple[list[Value], list[Value], list[Value]]:
        return await asyncio.gather(unrecorded(), recorded(), unrecorded())

    first, second, third = run(together())
    assert {node.parents for node in (*first, *third)} == {()}
    assert {node.parents for node in second} == {(x, x)}
    assert records(x)


def test_one_switch_serves_again_and_again() -> None:
    x = Value(3.0)
    switch = no_grad()
    for _ in range(2):
        with switch, switch:
            assert not records(x)
        assert records(x)

    @switch
    def function() -> Value:
        return x * x

    assert function().parents == function().parents == ()
    assert records(x)


def test_an_asynchronous_generator_is_refused() -> None:
    async def numbers() -> AsyncIterator[float]:
        yield 1.0

    with pytest.raises(UsageError, match="numbers is an asynchronous generator; enter no_grad"):
        no_grad(numbers)


def test_a_generator_that_another_thread_starts_or_ends_leaves_no_trace() -> None:
    x = Value(3.0)

    def holding() -> Generator[None]:
        with no_grad():
            yield

    for first_here in (True, False):
        held = holding()
        for door, here in ((held.__next__, first_here), (held.close, not first_here)):
            if here:
                door()
            else:
                thread = threading.Thread(target=door)
                thread.start()
                thread.join()
        elsewhere = holding()
        thread = threading.Thread(target=elsewhere.__next__)
        thread.start()
        thread.join()
        assert (x * x).parents == (x, x)
        elsewhere.close()
    context = contextvars.copy_context()
    switch = no_grad()
    context.run(switch.__enter__)
    assert (x * x).parents == (x, x)
    context.run(switch.__exit__)


def test_one_switch_serves_two_threads_at_once() -> None:
    x, switch = Value(3.0), no_grad()
    both, second_in = threading.Barrier(2), threading.Barrier(2)
    recorded: dict[tuple[str, bool], bool] = {}

    def run(first: bool) -> None:
        with switch:
            both.wait(10)
            recorded["within", first] = bool((x * x).parents)
            if not first:
                second_in.wait(10)
                recorded["still", first] = bool((x * x).parents)
        recorded["after", first] = bool((x * x).parents)
        if first:
            second_in.wait(10)

    threads = [threading.Thread(target=run, args=(first,)) for first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key for key, answer in recorded.items() if answer} == {
        ("after", True),
        ("after", False),
    }


class _Model:
    @no_grad()
    def method(self, x: Value) -> Value:
        """Square, with the switch around a method."""
        return x * x

    @classmethod
    @no_grad
    def inner_class(cls, x: Value) -> Value:
        """Square, with the switch within a classmethod."""
        return x * x

    outer_class = untyped(no_grad)(classmethod(lambda cls, x: x * x))
    outer_static = untyped(no_grad())(staticmethod(lambda x: x * x))


class _Stepping:
    def __call__(self, x: Value) -> Iterator[Value]:
        yield x * x


class _Awaited:
    async def __call__(self, x: Value) -> Value:
        return x * x


def test_whatever_can_be_called_can_be_decorated() -> None:
    x, model = Value(3.0), _Model()
    for call in (model.method, model.inner_class, _Model.outer_class, model.outer_static):
        assert call(x).parents == ()
    assert _Model.outer_static(x).parents == ()
    assert [y.parents for y in no_grad(_Stepping())(x)] == [()]
    assert run(no_grad(_Awaited())(x)).parents == ()
    assert (x * x).parents == (x, x)


@pytest.mark.parametrize("wrong", [3, "x", _Model, [len]])
def test_what_is_no_function_is_not_decorated(wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"no_grad: .* is no function"):
        untyped(no_grad)(wrong)
