"""What a rule of the derivative table is, and the decorator that declares one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import zip_longest
from numbers import Number
from types import FunctionType
from typing import Any, TypeAlias, overload

from autograd import functions as f
from autograd.errors import (
    AutogradError,
    DivisionByZeroError,
    DomainError,
    NumberError,
    RangeError,
    UsageError,
)
from autograd.libraries import FLOATS, N
from autograd.number import number, plain

__all__ = ["RULES", "Derivative", "N", "Rule", "rule"]

Derivative: TypeAlias = tuple[N, tuple[N, ...]]
"""The value of an operation and its local derivatives, one for each operand."""

_VARIADIC = 0x04  # the flag of a code object whose function takes *operands


class Rule:
    """One line of the table: a function to *(value, local derivatives)*, and how it is written.

    Call it to apply it: on a ``Value`` it records an operation, on plain numbers it computes.
    A rule that takes ``*operands`` is called with sequences. What it computes with is ``function``
    on any kind of number, and ``derive``, the same with its constants filled in, on floats.

    >>> from autograd import rules
    >>> rules.hypot(3.0, 4.0), rules.dot([1.0, 2.0], [10.0, 20.0])
    (5.0, 50.0)
    >>> rules.tanh.derive(0.0)
    (0.0, (1.0,))
    """

    __slots__ = (
        "_bound",
        "constants",
        "derive",
        "domain",
        "function",
        "name",
        "remedy",
        "sequences",
        "source",
        "symbol",
    )

    def __init__(
        self,
        function: Callable[..., Derivative],
        symbol: str = "",
        domain: Callable[..., bool] | None = None,
        remedy: str = "",
        sequences: int = 1,
    ) -> None:
        self.function = function
        self.name = function.__name__
        self.symbol = symbol
        self.domain = domain
        self.remedy = remedy
        self.sequences = sequences if function.__code__.co_flags & _VARIADIC else 0
        self.constants: dict[str, float] = dict(function.__kwdefaults__ or {})
        on_floats = _on_floats(function)
        self.derive = partial(on_floats, **self.constants) if self.constants else on_floats
        self.source = ""
        self._bound: dict[tuple[tuple[str, float], ...], Rule] = {}

    def bind(self, **constants: float) -> Rule:
        """Return this rule with its constants chosen; a whole number is kept as an int.

        >>> from autograd import rules
        >>> rules.power.bind(n=3.0).derive(2.0)
        (8.0, (12.0,))
        """
        floats = {name: number(c, self.name) for name, c in constants.items()}
        whole = {name: int(c) if c.is_integer() else c for name, c in floats.items()}
        key = tuple(sorted(whole.items()))
        if key not in self._bound:
            bound = self._copy()
            bound.constants = {**self.constants, **whole}
            bound.derive = partial(_on_floats(self.function), **bound.constants)
            if len(self._bound) >= 1024:  # exponents that vary without end must not pile up
                self._bound.clear()
            self._bound[key] = bound
        return self._bound[key]

    def at(self, source: str) -> Rule:
        """Return this rule marked with the source line of one use of it."""
        marked = self._copy()
        marked.source = source
        return marked

    def _copy(self) -> Rule:
        copy = object.__new__(Rule)
        for slot in Rule.__slots__:
            setattr(copy, slot, getattr(self, slot))
        copy._bound = {}
        return copy

    def __call__(self, *operands: Any, **constants: float) -> Any:
        """Apply the rule to numbers, to Values, or to sequences of either."""
        rule = self.bind(**constants) if constants else self
        operands = rule._flatten(operands) if rule.sequences else rule._counted(operands)
        for operand in operands:
            if hasattr(type(operand), "record"):
                return type(operand).record(rule, operands)
        numbers = [plain(operand, rule.name) for operand in operands]
        try:
            return rule.evaluate(numbers)[0]
        except NumberError:  # of fractions that have no fraction as an answer
            return rule.evaluate([float(x) for x in numbers])[0]

    def _counted(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        expected = self.function.__code__.co_argcount
        if len(operands) != expected:
            names = ", ".join(self.parameters(expected))
            raise UsageError(
                f"{self.name}({names}) takes {expected} operand(s), not {len(operands)}"
            )
        return operands

    def _flatten(self, sequences: tuple[Iterable[Any], ...]) -> tuple[Any, ...]:
        try:
            columns = [tuple(sequence) for sequence in sequences]
        except TypeError:
            columns = []
        if len(columns) != self.sequences or isinstance(sequences[0], str):
            raise UsageError(f"{self.name}: give {self.sequences} sequence(s) of numbers")
        sizes = [len(column) for column in columns]
        if len(set(sizes)) != 1:
            lengths = " and ".join(map(str, sizes))
            raise UsageError(f"{self.name}: sequences of lengths {lengths}; make them equally long")
        if not sizes[0]:
            raise UsageError(f"{self.name}: an empty sequence; give at least one number")
        return sum(columns, ())

    @property
    def arity(self) -> int:
        """The number of operands; 0 for a rule that takes sequences of any length."""
        return self.function.__code__.co_argcount

    def parameters(self, count: int) -> list[str]:
        """Return the names of the operands when there are `count` of them.

        >>> from autograd import rules
        >>> rules.atan2.parameters(2), rules.sum.parameters(3)
        (['y', 'x'], ['x_1', 'x_2', 'x_3'])
        """
        if self.sequences:
            return [f"x_{i + 1}" for i in range(count)]
        return list(self.function.__code__.co_varnames[:count])

    def evaluate(self, numbers: Sequence[N], labels: Sequence[str] = ()) -> Derivative:
        """Return the value and the local derivatives at numbers of any one kind.

        Raises `DomainError` where there is no value, calling the operands by their labels.
        """
        constants = {k: f.lift(c, numbers[0]) for k, c in self.constants.items()}
        try:
            value, partials = self.function(*numbers, **constants)
        except (ArithmeticError, ValueError) as error:
            if not all(isinstance(x, Number) for x in numbers):
                raise  # what arrays, symbols and Values say is clearer than what is said here
            raise self.refusal(numbers, labels, error) from None
        if isinstance(value, float) and value - value and _finite(numbers):
            raise self.refusal(numbers, labels)
        return value, partials

    def refusal(
        self, numbers: Sequence[N], labels: Sequence[str] = (), error: Exception | None = None
    ) -> Exception:
        """Return the error that says why there is no value at these numbers, and what to do."""
        if isinstance(error, AutogradError):
            return error
        names = self.parameters(len(numbers))
        called = [label or name for label, name in zip_longest(labels, names)]
        shown = [
            f"{x!r}" if name in labels and not label else f"{name} = {x!r}"
            for label, name, x in zip_longest(labels, called, numbers)
        ]
        shown += [f"{name} = {constant!r}" for name, constant in self.constants.items()]
        where = f"{self.name} at {', '.join(shown[:4])}{', …' if len(shown) > 4 else ''}"
        if self.domain and not self.domain(*numbers, **self.constants):
            kind = DivisionByZeroError if isinstance(error, ZeroDivisionError) else DomainError
            remedy = self.remedy.format(**dict(zip(names, called, strict=True)))
            return kind(f"{where}: no value; {remedy}")
        if isinstance(error, ValueError | ZeroDivisionError):
            return DomainError(f"{where}: no value ({error})")
        return RangeError(f"{where}: the result is too large for a float; rescale the operands")

    def __repr__(self) -> str:
        constants = "".join(f", {name}={constant!r}" for name, constant in self.constants.items())
        return f"<rule {self.name}{constants}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.name, self.constants, self.source)


RULES: dict[str, Rule] = {}
"""The table itself, by name."""


@overload
def rule(function: Callable[..., Derivative]) -> Rule: ...
@overload
def rule(
    *,
    symbol: str = "",
    domain: Callable[..., bool] | None = None,
    remedy: str = "",
    sequences: int = 1,
) -> Callable[[Callable[..., Derivative]], Rule]: ...
def rule(function: Callable[..., Derivative] | None = None, **facts: Any) -> Any:
    """Declare a rule of the derivative table.

    The function maps numbers of any kind to *(value, local derivatives)*, one derivative for each
    positional parameter, in order. Facts about it that are not its value or its slope:

    - ``symbol``: how it is written between (or before) its operands, where that is not its name;
    - ``domain``: a test of the operands, false where there is no value, and ``remedy``: what to
      do about it, with each operand in braces (``"{x} must be positive"``);
    - ``sequences``: for a rule of ``*operands``, how many equally long sequences those are.

    Write it with `autograd.functions` (``f.sqrt``, not ``math.sqrt``), which compute on any kind of
    number: higher derivatives, arrays and formulas come from that.

    >>> from autograd import Value, rule, functions as f
    >>> @rule(domain=lambda x: x >= 0, remedy="{x} must not be negative")
    ... def fourth_root(x):
    ...     z = f.sqrt(f.sqrt(x))
    ...     return z, (z / (4 * x),)
    >>> fourth_root(Value(16.0)).partials
    (0.03125,)
    """
    if function is None:
        return partial(_declare, **facts)
    return _declare(function)


def _declare(function: Callable[..., Derivative], **facts: Any) -> Rule:
    if not hasattr(function, "__code__"):
        raise UsageError(f"rule: {function!r} is not a Python function; define one with def")
    declared = Rule(function, **facts)
    present = RULES.get(declared.name)
    home = present.function.__module__ if present else ""
    if home.startswith("autograd.") and function.__module__ != home:
        raise UsageError(f"rule {declared.name}: the table has this name; choose another")
    RULES[declared.name] = declared
    return declared


def _restore(name: str, constants: dict[str, float], source: str) -> Rule:
    if name not in RULES:
        raise UsageError(f"rule {name} is not declared here; import the module that declares it")
    found = RULES[name].bind(**constants) if constants else RULES[name]
    return found.at(source) if source else found


def _on_floats(function: Callable[..., Derivative]) -> Callable[..., Derivative]:
    """Return a rule's function as it is recorded with: on floats, returning floats.

    In the table's own module, ``f`` then means the library of floats, which makes a tanh twice as
    fast. What others declare may return any numbers, and is checked.
    """
    if function.__module__ == "autograd.rules":
        names = {**function.__globals__, "f": FLOATS}
        return FunctionType(function.__code__, names, function.__name__)

    def checked(*numbers: float, **constants: float) -> Derivative:
        name = function.__name__
        try:
            value, partials = function(*numbers, **constants)
            value, partials = float(value), tuple(map(float, partials))
        except TypeError as error:
            raise UsageError(f"rule {name} must return value, (partial, …): {error}") from error
        if len(partials) != len(numbers):
            raise UsageError(
                f"rule {name} returned {len(partials)} partial(s) for {len(numbers)} operand(s); "
                "return one for each"
            )
        return value, partials

    return checked


def _finite(numbers: Sequence[N]) -> bool:
    return all(map(math.isfinite, numbers))
