"""Whether operations are recorded: `no_grad`, and what the engine itself switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from importlib import import_module
from threading import get_ident
from typing import Any, TypeVar, cast, overload

from autograd.errors import UsageError
from autograd.number import shown

__all__ = [
    "Recording", "is_recording", "leniently", "no_grad", "readers", "switches",
    "tolerates_infinities", "watched",
]  # fmt: skip

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

switches: set[object] = set()
"""While this is empty, no thread and no task need ask `is_recording`."""

readers: list[Callable[[Any], None]] = []
"""What is told of every Value whose number is asked for; while this is empty, nobody."""

_entered: ContextVar[tuple[tuple[object, bool], ...]] = ContextVar("entered", default=())
_lenient: ContextVar[bool] = ContextVar("lenient", default=False)


def is_recording() -> bool:
    """Return whether an operation is recorded here: as the switch that was entered last says."""
    entered = _in_force()
    return not entered or entered[-1][1]


def _in_force() -> tuple[tuple[object, bool], ...]:
    """Return what was entered here and left nowhere: a generator may end in another thread."""
    return tuple([entry for entry in _entered.get() if entry[0] in switches])


class Recording:
    """A switch of the recording of operations: for a while, in this thread or task only.

    It may be entered again and again, and left in any order: a generator that holds it may end
    after another that began later.
    """

    def __init__(self, on: bool) -> None:
        self.on = on
        self._held: list[object] = []

    def __enter__(self) -> None:
        switch = object()
        entered = (*_in_force(), (switch, self.on))
        self._held.append(switch)
        switches.add(switch)
        _entered.set(entered)

    def __exit__(self, *failure: object) -> None:
        here = [switch for switch, _ in _entered.get() if switch in self._held]
        switch = here[-1] if here else self._held[-1]  # another thread may hold this, too
        self._held.remove(switch)
        switches.discard(switch)
        _entered.set(_in_force())

    def __call__(self, function: FunctionT) -> FunctionT:
        """Return a function whose whole run is switched: of a generator each step, not its caller.

        Raises `UsageError` for a class, an asynchronous generator, and what cannot be called.
        """
        if isinstance(function, classmethod | staticmethod):
            return cast("FunctionT", type(function)(self(function.__func__)))
        if isinstance(function, type) or not callable(function):
            raise UsageError(f"no_grad: {shown(function)} is no function; decorate functions")
        inspect = import_module("inspect")  # heavy, and seldom needed
        bodies = (function, type(function).__call__)  # of an object, its method
        if any(map(inspect.isasyncgenfunction, bodies)):
            name = getattr(function, "__name__", "it")
            raise UsageError(f"no_grad: {name} is an asynchronous generator; enter no_grad() in it")
        if any(map(inspect.iscoroutinefunction, bodies)):
            wrapped: Any = self._coroutine(function)
        elif any(map(inspect.isgeneratorfunction, bodies)):
            wrapped = self._generator(function)
        else:
            wrapped = self._function(function)
        return cast("FunctionT", wraps(function)(wrapped))

    def _function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def switched(*arguments: Any, **keywords: Any) -> Any:
            with Recording(self.on):
                return function(*arguments, **keywords)

        return switched

    def _coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def switched(*arguments: Any, **keywords: Any) -> Any:
            with Recording(self.on):
                return await function(*arguments, **keywords)

        return switched

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def switched(*arguments: Any, **keywords: Any) -> Any:
            steps = function(*arguments, **keywords)
            step: Callable[[], Any] = partial(next, steps)
            while True:
                with Recording(self.on):
                    try:
                        produced = step()
                    except StopIteration as end:
                        return end.value
                try:
                    sent = yield produced
                    step = partial(steps.send, sent)
                except GeneratorExit:
                    steps.close()
                    raise
                except BaseException as error:
                    step = partial(steps.throw, error)

        return switched


@overload
def no_grad() -> Recording: ...
@overload
def no_grad(function: FunctionT) -> FunctionT: ...
def no_grad(function: Any = None) -> Any:
    """Compute without recording, as a context or as a decorator.

    It holds in this thread or task alone. Decorated generators and coroutines compute without
    recording too, and leave alone what runs between their steps.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (9.0, ())
    """
    return Recording(False) if function is None else Recording(False)(function)


@contextmanager
def leniently() -> Iterator[None]:
    """Let operations return infinities for a while, as NumPy does, instead of refusing them."""
    token = _lenient.set(True)
    try:
        yield
    finally:
        _lenient.reset(token)


def tolerates_infinities() -> bool:
    """Return whether an overflow is to be recorded here, not refused."""
    return _lenient.get()


@contextmanager
def watched(reader: Callable[[Any], None]) -> Iterator[None]:
    """Tell a reader for a while of each Value whose ``data`` someone asks for, in this thread."""
    thread = get_ident()

    def told(value: Any) -> None:
        if get_ident() == thread:
            reader(value)

    readers.append(told)
    try:
        yield
    finally:
        readers.remove(told)
