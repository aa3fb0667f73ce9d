"""What a rule of the derivative table is, and the decorator that declares one."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from itertools import zip_longest
from numbers import Number
from types import CodeType, FunctionType
from typing import (
    TYPE_CHECKING,
    Any,
    Protocol,
    TypeAlias,
    TypeVar,
    cast,
    overload,
    runtime_checkable,
)

from autograd import functions as f
from autograd.comparisons import Comparison
from autograd.errors import (
    AutogradError,
    DivisionByZeroError,
    DomainError,
    NumberError,
    RangeError,
    UsageError,
)
from autograd.libraries import FLOATS, N
from autograd.number import is_object_array, number, plain, shown

if TYPE_CHECKING:
    from inspect import Signature

__all__ = ["RULES", "Derivative", "N", "Rule", "own_rule", "rule"]

Derivative: TypeAlias = tuple[N, tuple[N, ...]]
"""The value of an operation and its local derivatives, one for each operand."""

_VARIADIC = 0x04  # the flag of a code object whose function takes *operands
_PAUSING = 0x20 | 0x80 | 0x200  # the flags of generators, coroutines, and both at once


@runtime_checkable
class Recorded(Protocol):
    """A kind of number that records what is computed with it, as a ``Value`` does."""

    @staticmethod
    def record(rule: Rule, operands: Sequence[Any]) -> Any:
        """Apply a rule, and record the result."""


R = TypeVar("R", bound=Recorded)


class Rule:
    """One line of the table: a function to *(value, local derivatives)*, and facts about it.

    Call it to apply it: on a ``Value`` it records an operation, on plain numbers it computes.
    A rule that takes ``*operands`` is called with sequences. What it computes with is ``function``
    on any kind of number, and ``derive``, the same with its constants filled in, on floats. The
    facts are those that `rule` was given.

    >>> from autograd import rules
    >>> rules.hypot(3.0, 4.0), rules.dot([1.0, 2.0], [10.0, 20.0])
    (5.0, 50.0)
    >>> rules.tanh.derive(0.0)
    (0.0, (1.0,))
    """

    __name__: str
    __doc__: str | None

    def __init__(
        self, function: Callable[..., Derivative], own: bool = False, **facts: Any
    ) -> None:
        self.function = function
        self.own = own
        self.name = self.__name__ = function.__name__
        self.__qualname__, self.__module__ = function.__qualname__, function.__module__
        self.__doc__ = function.__doc__ or f"Return {self.name} of the operands."
        self.symbol: str = facts.pop("symbol", "")
        self.domain: Callable[..., bool] | None = facts.pop("domain", None)
        self.remedy: str = facts.pop("remedy", "")
        self.kink: Callable[..., bool] | None = facts.pop("kink", None)
        self.commutative: bool = facts.pop("commutative", False)
        self.monotonic: int = facts.pop("monotonic", 0)
        self.range: tuple[float, float] = facts.pop("range", (-math.inf, math.inf))
        self._choice: bool | Callable[..., bool] = facts.pop("choice", False)
        variadic = function.__code__.co_flags & _VARIADIC
        self.sequences: int = facts.pop("sequences", 1) if variadic else 0
        if facts:
            raise UsageError(f"rule {self.name}: there is no fact {', '.join(facts)}")
        self.constants: dict[str, float] = dict(function.__kwdefaults__ or {})
        self.complete = self._is_complete()
        self.choice = self._chooses()
        self.derive = _on_floats(self)
        self.source = ""
        self.declared = self
        self._made_of: tuple[Any, ...] = ()  # of a node made by hand
        self._bound: dict[tuple[tuple[str, float], ...], Rule] = {}

    @property
    def __signature__(self) -> Signature:
        inspect = import_module("inspect")  # heavy, and seldom asked for
        names = self._names or self.parameters(self.arity)
        operands = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
        constants = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=self.constants.get(name, inspect.Parameter.empty),
            )
            for name in self._keywords
        ]
        return cast("Signature", inspect.Signature([*operands, *constants]))

    @property
    def _names(self) -> list[str]:
        """What the sequences are called that the rule takes, if it takes any."""
        several = [f"x_{i + 1}" for i in range(self.sequences)]
        return several if self.sequences != 1 else ["x"]

    @property
    def _keywords(self) -> tuple[str, ...]:
        code = self.function.__code__
        return code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]

    @property
    def smooth(self) -> bool:
        """Whether the function has all its derivatives everywhere in its domain."""
        return self.kink is None

    def bind(self, **constants: float) -> Rule:
        """Return this rule with its constants chosen; a whole number is kept as an int.

        >>> from autograd import rules
        >>> rules.power.bind(n=3.0).derive(2.0)
        (8.0, (12.0,))
        """
        for name in constants.keys() - set(self._keywords):
            known = f"; it has {', '.join(self._keywords)}" if self._keywords else ""
            raise UsageError(f"{self.name}: there is no constant {name}{known}")
        floats = {name: number(c, self.name) for name, c in constants.items()}
        whole = {name: int(c) if c.is_integer() else c for name, c in floats.items()}
        key = tuple(sorted(whole.items()))
        if key not in self._bound:
            bound = self._copy()
            bound.constants = {**self.constants, **whole}
            bound.derive = _on_floats(bound)
            bound.complete = bound._is_complete()
            bound.choice = bound._chooses()
            if len(self._bound) >= 1024:  # exponents that vary without end must not pile up
                self._bound.clear()
            self._bound[key] = bound
        return self._bound[key]

    def at(self, source: str) -> Rule:
        """Return this rule marked with the source line of one use of it."""
        marked = self._copy()
        marked.source = source
        return marked

    def _is_complete(self) -> bool:
        """Return whether every constant of the rule has a number."""
        return self.constants.keys() >= set(self._keywords)

    def _chooses(self) -> bool:
        if callable(self._choice):
            return self.complete and self._choice(**self.constants)
        return self._choice

    def _copy(self) -> Rule:
        copied = object.__new__(Rule)
        copied.__dict__.update(self.__dict__, _bound={})
        return copied

    def __copy__(self) -> Rule:
        return self  # a rule never changes

    def __deepcopy__(self, memo: dict[int, Any]) -> Rule:
        return self

    @overload
    def __call__(self, *operands: R, **constants: float) -> R: ...
    @overload
    def __call__(self, *operands: float, **constants: float) -> float: ...
    @overload
    def __call__(self, x: R, *operands: R | float, **constants: float) -> R: ...
    @overload
    def __call__(self, x: float, y: R, *operands: R | float, **constants: float) -> R: ...
    @overload
    def __call__(self, *operands: Iterable[R], **constants: float) -> R: ...
    @overload
    def __call__(self, *operands: Iterable[float], **constants: float) -> float: ...
    @overload
    def __call__(self, *operands: Any, **constants: float) -> Any: ...
    def __call__(self, *operands: Any, **constants: Any) -> Any:
        """Apply the rule to numbers, to Values, or to sequences of either."""
        rule = self.bind(**constants) if constants else self
        if not rule.complete:
            missing = ", ".join(
                f"{name}=…" for name in rule._keywords if name not in rule.constants
            )
            raise UsageError(f"{self.name}: give the constant {missing}")
        operands = rule._flatten(operands) if rule.sequences else rule._counted(operands)
        for operand in operands:
            node = operand.node() if isinstance(operand, Comparison) else operand
            if hasattr(type(node), "record"):
                return type(node).record(rule, operands)
        if any(map(is_object_array, operands)):
            return import_module("numpy").frompyfunc(rule, len(operands), 1)(*operands)
        numbers = [plain(operand, rule.name) for operand in operands]
        try:
            return rule.evaluate(numbers)[0]
        except NumberError:  # fractions may have no fraction as an answer
            if not all(isinstance(x, Number) for x in numbers):
                raise
            return rule.evaluate([number(x, rule.name) for x in numbers])[0]

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

    @classmethod
    def by_hand(
        cls, name: str, operands: Sequence[float], value: float, partials: tuple[float, ...]
    ) -> Rule:
        """Return the rule of one node made by hand, known at the numbers of its operands alone."""

        def function(*numbers: N) -> Derivative:
            if all(isinstance(x, int | float) for x in numbers) and [*numbers] == [*operands]:
                return value, partials
            raise UsageError(
                f"{name} was made by hand, at other numbers; a replay needs its formula: declare "
                "it with @rule"
            )

        function.__name__ = name
        made = cls(function, own=False)
        made._made_of = (name, tuple(operands), value, partials)
        return made

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
        if not self.own and self.excludes(floats := [getattr(x, "data", x) for x in numbers]):
            raise self.refusal(floats, labels)
        try:
            returned = self.function(*numbers, **constants)
        except (ArithmeticError, ValueError) as error:
            if not all(isinstance(x, Number) for x in numbers):
                raise  # what arrays, symbols and Values say is clearer than what is said here
            raise self.refusal(numbers, labels, error) from None
        if not self.own:
            returned = self._within(numbers, *_unpacked(self.name, returned, len(numbers)))
        value, partials = returned
        if isinstance(value, float) and value - value and _finite(numbers):
            raise self.refusal(numbers, labels)
        return value, partials

    def _within(self, numbers: Sequence[N], value: N, partials: tuple[N, ...]) -> Derivative:
        """Return what was computed, NaN in the elements of NumPy's arrays outside the domain."""
        arrays = [x for x in numbers if hasattr(x, "shape")]
        if self.domain is None or not any(type(x).__module__ == "numpy" for x in arrays):
            return value, partials
        numpy = import_module("numpy")
        outside = numpy.frompyfunc(lambda *x: self.excludes(x), len(numbers), 1)(*numbers)
        cut = numpy.where(outside.astype(bool), math.nan, 0.0)
        return value + cut, tuple([partial + cut for partial in partials])

    def excludes(self, numbers: Sequence[N]) -> bool:
        """Return whether plain numbers lie outside the domain; NaN may come in and go on."""
        if self.domain is None or not all(isinstance(x, Number) and x == x for x in numbers):
            return False
        return not self.domain(*numbers, **self.constants)

    def refusal(
        self, numbers: Sequence[N], labels: Sequence[str] = (), error: Exception | None = None
    ) -> Exception:
        """Return the error that says why there is no value at these numbers, and what to do."""
        if isinstance(error, AutogradError):
            return error
        names = self.parameters(len(numbers))
        called = [label or name for label, name in zip_longest(labels, names)]
        shown = [
            f"{x!r}" if name == repr(x) or (name in labels and not label) else f"{name} = {x!r}"
            for label, name, x in zip_longest(labels, called, numbers)
        ]
        shown += [f"{name} = {constant!r}" for name, constant in self.constants.items()]
        where = f"{self.name} at {', '.join(shown[:4])}{', …' if len(shown) > 4 else ''}"
        if self.excludes(numbers):
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
        if self._made_of:
            return Rule.by_hand, self._made_of
        module = sys.modules.get(self.__module__)
        if getattr(module, self.name, None) is not self.declared:
            raise UsageError(
                f"rule {self.name}: a graph is pickled with the names of its rules, but "
                f"{self.__module__}.{self.name} is not this rule; declare it at the top of a module"
            )
        return _restore, (self.__module__, self.name, self.constants, self.source)


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
    kink: Callable[..., bool] | None = None,
    choice: bool | Callable[..., bool] = False,
    commutative: bool = False,
    monotonic: int = 0,
    range: tuple[float, float] = (-math.inf, math.inf),
) -> Callable[[Callable[..., Derivative]], Rule]: ...
def rule(function: Callable[..., Derivative] | None = None, **facts: Any) -> Any:
    """Declare a rule of the derivative table.

    The function maps numbers of any kind to *(value, local derivatives)*, one derivative for each
    positional parameter, in order. Facts about it that are not its value or its slope:

    - ``symbol``: how it is written between (or before) its operands, where that is not its name;
    - ``domain``: a test of the operands, false where there is no value, and ``remedy``: what to
      do about it, with each operand in braces (``"{x} must be positive"``);
    - ``sequences``: for a rule of ``*operands``, how many equally long sequences those are;
    - ``kink``: a test of the operands, true where a slope was chosen, for want of the one;
    - ``choice``: a zero slope means that the operand was not taken, and nothing passes on to it
      (or a test of the constants, true where that is so);
    - ``commutative``: whether operands may be swapped; ``monotonic``: 1 if the function rises with
      its operand, −1 if it falls; ``range``: the least and the greatest value it can come near.

    Its docstring is what ``help`` shows.

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
    return partial(_declare, own=False, **facts) if function is None else _declare(function)


def own_rule(**facts: Any) -> Callable[[Callable[..., Derivative]], Rule]:
    """Declare a rule of the engine's own table: its module calls `autograd.functions` ``f``."""
    return partial(_declare, own=True, **facts)


def _declare(function: Callable[..., Derivative], own: bool = False, **facts: Any) -> Rule:
    if not hasattr(function, "__code__"):
        raise UsageError(f"rule: {function!r} is not a Python function; define one with def")
    declared = Rule(function, own, **facts)
    if not own and (fault := _fault(declared)):
        raise UsageError(f"rule {declared.name}: {fault}")
    present = RULES.get(declared.name)
    if present and present.own and not own:
        raise UsageError(f"rule {declared.name}: the table has this name; choose another")
    RULES[declared.name] = declared
    return declared


def _fault(declared: Rule) -> str:
    """Return what is wrong with a declaration, where its first use would say it worse."""
    code = declared.function.__code__
    if code.co_flags & _PAUSING:
        return "a generator or coroutine returns no value; define a plain function"
    if bool(declared.arity) == bool(declared.sequences):
        return "give it operands (x, y) or sequences of them (*operands), and not both"
    for fact in (declared.domain, declared.kink):
        if fact is not None and not callable(fact):
            return f"{shown(fact)} is no test; give a function of the operands"
    names = declared.parameters(declared.arity)
    try:
        if names:
            declared.remedy.format(**dict.fromkeys(names, ""))
    except (LookupError, ValueError):
        braces = ", ".join(f"{{{name}}}" for name in names)
        return f"the remedy {shown(declared.remedy)} may have {braces} in it, and no other braces"
    return ""


def _restore(module: str, name: str, constants: dict[str, float], source: str) -> Rule:
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:
        found = None
    if not isinstance(found, Rule):
        raise UsageError(f"rule {name} is not declared here; {module} must declare it")
    found = found.bind(**constants) if constants else found
    return found.at(source) if source else found


def _on_floats(rule: Rule) -> Callable[..., Derivative]:
    """Return a rule's function as it is recorded with: on floats, returning floats.

    In the engine's own rules, ``f`` then means the library of floats, which makes a tanh twice as
    fast. What others declare may return any numbers, and is checked.
    """
    function = rule.function
    if rule.own:
        names = {**function.__globals__, "f": FLOATS}
        fast = FunctionType(_with_float_slopes(function.__code__), names, function.__name__)
        return partial(fast, **rule.constants) if rule.constants else fast

    def checked(*numbers: float) -> Derivative:
        if rule.excludes(numbers):
            raise ValueError
        returned = function(*numbers, **rule.constants)
        value, partials = _unpacked(rule.name, returned, len(numbers))
        try:
            return number(value, "value"), tuple([number(d, "partial") for d in partials])
        except NumberError as error:
            raise UsageError(f"rule {rule.name} must return numbers: {error}") from error

    return checked


def _with_float_slopes(code: CodeType) -> CodeType:
    """Return code whose constant slopes, as (1, −1) of a difference, are floats.

    The product of two floats takes a third of the time that a float and an int take.
    """
    constants = [
        tuple(map(float, c)) if isinstance(c, tuple) and all(type(x) is int for x in c) else c
        for c in code.co_consts
    ]
    return code.replace(co_consts=tuple(constants))


def _unpacked(name: str, returned: Any, count: int) -> Derivative:
    """Return the value and as many partials as there are operands, if that was returned."""
    try:
        value, partials = returned
        partials = tuple(partials)
    except (TypeError, ValueError) as error:
        raise UsageError(f"rule {name} must return value, (partial, …): {error}") from error
    if isinstance(returned[1], set | dict | str):
        raise UsageError(f"rule {name} must return value, (partial, …), not {returned[1]!r}")
    if len(partials) != count:
        raise UsageError(
            f"rule {name} returned {len(partials)} partial(s) for {count} operand(s); return one "
            "for each"
        )
    return value, partials


def _finite(numbers: Sequence[N]) -> bool:
    return all(map(math.isfinite, numbers))
