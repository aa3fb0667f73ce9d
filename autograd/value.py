"""`Value`: a number that remembers how it was computed, and ``backward()``."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import _GeneratorContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, TypeVar

from autograd import copying, infinite_slopes, rules
from autograd.errors import NumberError
from autograd.graph import leaves_and_results, topological_order
from autograd.number import is_object_array, number
from autograd.rule import Rule

__all__ = ["Value", "no_grad"]

OperationT = TypeVar("OperationT", bound=Callable[..., Any])

_recording: ContextVar[bool] = ContextVar("recording", default=True)
_switches: set[object] = set()  # while empty, no thread need look at `_recording`
_new: Callable[[type[Value]], Value] = object.__new__


def no_grad() -> _GeneratorContextManager[None]:
    """Compute without recording, as a context or as a decorator.

    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (9.0, ())
    """
    return recording(False)


@contextmanager
def recording(on: bool) -> Iterator[None]:
    """Switch the recording of operations on or off for a while, in this thread only."""
    token, switch = _recording.set(on), object()
    _switches.add(switch)
    try:
        yield
    finally:
        _switches.discard(switch)
        _recording.reset(token)


def _unary(rule: Rule) -> Callable[[Value], Value]:
    """Return the method that applies a rule of one operand."""
    derive = rule.derive

    def operation(self: Value) -> Value:
        x = self._data
        try:
            data, partials = derive(x)
        except (ArithmeticError, ValueError) as error:
            raise rule.refusal([x], [self.label], error) from None
        node = _new(Value)
        node._data, node.grad, node.label = data, None, ""
        node.parents, node.partials, node.rule = (self,), partials, rule
        if 0.0 * data * partials[0]:  # NaN if either is infinite or NaN, else 0
            _examine(node)
        return node if not _switches else _as_recording_says(node)

    return _named(operation, rule)


def _binary(rule: Rule) -> Callable[[Value, Any], Value]:
    """Return the method that applies a rule of two operands."""
    derive = rule.derive
    steep = rule.domain is not None  # without a pole, finite operands have finite slopes

    def operation(self: Value, other: Any) -> Any:
        if other.__class__ is not Value:
            if is_object_array(other):  # NumPy takes its Values one by one
                return NotImplemented
            other = _operand(other, rule.name)
        x, y = self._data, other._data
        try:
            data, partials = derive(x, y)
        except (ArithmeticError, ValueError) as error:
            raise rule.refusal([x, y], [self.label, other.label], error) from None
        node = _new(Value)  # written out here: Value(...) would cost a third of an operation
        node._data, node.grad, node.label = data, None, ""
        node.parents, node.partials, node.rule = (self, other), partials, rule
        if 0.0 * data or (steep and 0.0 * sum(partials)):  # NaN if any is infinite or NaN
            _examine(node)
        return node if not _switches else _as_recording_says(node)

    return _named(operation, rule)


def _reflected(rule: Rule) -> Callable[[Value, Any], Value]:
    """Return the method that applies a rule with the operands the other way round."""
    forward = _binary(rule)

    def operation(self: Value, other: Any) -> Value:
        return forward(_operand(other, rule.name), self)

    return _named(operation, rule)


def _named(operation: OperationT, rule: Rule) -> OperationT:
    operation.__name__ = rule.name
    operation.__qualname__ = f"Value.{rule.name}"
    operation.__doc__ = f"Record the operation ``{rule.name}``."
    return operation


def _operand(x: Any, operation: str) -> Value:
    if isinstance(x, Value):
        return x
    return Value(x if type(x) is float else number(x, operation))


def _comparison(compare: Callable[[float, float], bool]) -> Callable[[Value, Any], bool]:
    """Return the method that compares numbers."""

    def comparison(self: Value, other: Any) -> Any:
        if is_object_array(other):
            return NotImplemented
        return compare(self._data, _operand(other, "comparison")._data)

    return comparison


def _examine(node: Value) -> None:
    """Judge a result that is not finite, or has a slope that is not.

    Raises `DomainError` if finite operands have no finite value. If only a slope is infinite,
    marks the node's rule with the line of the caller's source that met it.
    """
    rule: Any = node.rule
    numbers = [parent._data for parent in node.parents]
    if not all(map(math.isfinite, [*numbers, *rule.constants.values()])):
        return  # infinities and NaN that came in go on
    if not math.isfinite(node._data):
        raise rule.refusal(numbers, [parent.label for parent in node.parents])
    if not all(map(math.isfinite, node.partials)):
        node.rule = rule.at(infinite_slopes.source_line())


def _as_recording_says(node: Value) -> Value:
    """Return the node, cut off from its parents where `no_grad` holds."""
    if not _recording.get():
        node.parents, node.partials, node.rule = (), (), None
    return node


def _sweep(leaves: Sequence[Value], results: Sequence[Any], output: Value) -> None:
    """Set every gradient of the graph: the chain rule, from the last node back to the first."""
    for node in leaves:
        node.grad = 0.0
    for node in results:
        node.grad = 0.0
    output.grad = 1.0
    for node in reversed(results):
        upstream = node.grad
        if not upstream:
            continue  # what does not count passes nothing on, however steep: 0 × inf is not NaN
        parents = node.parents
        partials = node.partials
        if len(parents) == 2:  # unrolled: two parents, then one, are the common cases
            x, y = parents
            dx, dy = partials
            x.grad += upstream * dx
            y.grad += upstream * dy
        elif len(parents) == 1:
            parents[0].grad += upstream * partials[0]
        else:
            for parent, partial in zip(parents, partials, strict=True):
                if partial.__class__ is not int or partial:  # an int 0: where's branch not taken
                    parent.grad += upstream * partial


class Value:
    """A number that records its parents and the local derivatives of the operation that made it.

    - ``data``: the number, always a Python float;
    - ``grad``: the derivative of the output that ``backward()`` was called on with respect to
      this Value; None until then;
    - ``parents``, ``partials``: the operands in order, and the derivative in each of them;
    - ``op``, ``rule``: the operation's name and its line of the derivative table ("" and None for
      a leaf, which nothing computed);
    - ``label``: a name for pictures and formulas, LaTeX-like: ``"w_{12}^{(2)}"``.

    A result is connected to its operands, so that one call finds every gradient:

    >>> x, y = Value(2.0, "x"), Value(5.0, "y")
    >>> z = x * y + x
    >>> z.backward()
    >>> x.grad, y.grad
    (6.0, 2.0)
    """

    __slots__ = ("_data", "grad", "label", "parents", "partials", "rule")

    grad: float | None
    label: str
    parents: tuple[Value, ...]
    partials: tuple[float, ...]
    rule: Rule | None

    viewer: ClassVar[Callable[[Value], dict[str, Any] | None] | None] = None
    """What a notebook shows for a Value; the views set it, since the engine imports none."""

    def __init__(self, data: Any, label: str = "") -> None:
        self._data: float = data if type(data) is float else number(data)
        self.grad = None
        self.parents = ()
        self.partials = ()
        self.rule = None
        if not isinstance(label, str):
            raise NumberError(f"Value: the label {label!r} is not a string; write {str(label)!r}")
        self.label = label

    @property
    def data(self) -> float:
        """The number; changing it changes nothing that was already recorded."""
        return self._data

    @data.setter
    def data(self, x: Any) -> None:
        self._data = number(x)

    @property
    def op(self) -> str:
        """The name of the operation that made this Value; "" for a leaf."""
        return self.rule.name if self.rule else ""

    def backward(self) -> None:
        """Fill in ``grad`` of every Value that this one depends on.

        The chain rule, applied once to each edge in reverse topological order: a parent's
        gradient is the sum, over all the nodes that use it, of their own gradient times their
        local derivative. Interior gradients start afresh; those of leaves add to what previous
        calls left there, until ``zero_grad()``.

        Warns with `InfiniteGradientWarning` if an infinite slope reaches a leaf.
        """
        leaves: list[Any]
        leaves, results = leaves_and_results(self)
        before = [leaf.grad for leaf in leaves]
        _sweep(leaves, results, self)
        finite = math.isfinite(sum([leaf.grad for leaf in leaves]))
        for leaf, known in zip(leaves, before, strict=True):
            if known is not None:
                leaf.grad += known
        if not finite:
            infinite_slopes.warn(leaves, results)

    def zero_grad(self) -> None:
        """Set ``grad`` of this Value, and of every one that it depends on, to zero."""
        for node in topological_order(self):
            node.grad = 0.0

    def detach(self) -> Value:
        """Return a leaf with the same number and label, cut off from the graph."""
        return Value(self._data, self.label)

    @staticmethod
    def record(rule: Rule, operands: Sequence[Any]) -> Value:
        """Apply a rule to Values and plain numbers, and record the result."""
        parents = tuple([x if x.__class__ is Value else _operand(x, rule.name) for x in operands])
        numbers = [parent._data for parent in parents]
        try:
            data, partials = rule.derive(*numbers)
        except (ArithmeticError, ValueError) as error:
            raise rule.refusal(numbers, [parent.label for parent in parents], error) from None
        node = _new(Value)
        node._data, node.grad, node.label = data, None, ""
        node.parents, node.partials, node.rule = parents, partials, rule
        if 0.0 * data * sum(partials):
            _examine(node)
        return node if not _switches else _as_recording_says(node)

    def __repr__(self) -> str:
        facts = [f"data={self._data!r}", f"grad={self.grad!r}"]
        facts += [f"op={self.op!r}"] if self.rule else []
        facts += [f"label={self.label!r}"] if self.label else []
        return f"Value({', '.join(facts)})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any] | None:
        return Value.viewer(self) if Value.viewer else None

    # A plain float would leave the graph without a word.

    def __float__(self) -> float:
        raise NumberError(
            f"float({self.label or 'v'}) would cut the graph, as math.exp(v) would; "
            "write v.exp() to stay in it, or v.data to leave it"
        )

    # Comparisons are of numbers; == and hash are by identity.

    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)

    def __bool__(self) -> bool:
        return self._data != 0

    # Operators. What stands on the left of an operator comes first among the parents.

    __add__, __radd__ = _binary(rules.add), _reflected(rules.add)
    __sub__, __rsub__ = _binary(rules.sub), _reflected(rules.sub)
    __mul__, __rmul__ = _binary(rules.mul), _reflected(rules.mul)
    __truediv__, __rtruediv__ = _binary(rules.div), _reflected(rules.div)
    __neg__ = _unary(rules.neg)
    __abs__ = abs = _unary(rules.abs)
    __rpow__ = _reflected(rules.pow)
    _pow = _binary(rules.pow)

    def __pow__(self, exponent: Any) -> Value:
        if isinstance(exponent, Value) or is_object_array(exponent):
            return self._pow(exponent)
        return Value.record(rules.power.bind(n=number(exponent, "power")), (self,))

    def __pos__(self) -> Value:
        return self

    # Functions

    exp = _unary(rules.exp)
    log = _unary(rules.log)
    sqrt = _unary(rules.sqrt)
    expm1 = _unary(rules.expm1)
    log1p = _unary(rules.log1p)
    sin = _unary(rules.sin)
    cos = _unary(rules.cos)
    tan = _unary(rules.tan)
    asin = _unary(rules.asin)
    acos = _unary(rules.acos)
    atan = _unary(rules.atan)
    atan2 = _binary(rules.atan2)
    sinh = _unary(rules.sinh)
    cosh = _unary(rules.cosh)
    tanh = _unary(rules.tanh)
    sigmoid = _unary(rules.sigmoid)
    softplus = _unary(rules.softplus)
    relu = _unary(rules.relu)
    leaky_relu = _unary(rules.leaky_relu)
    elu = _unary(rules.elu)
    gelu = _unary(rules.gelu)
    silu = _unary(rules.silu)
    erf = _unary(rules.erf)
    maximum = _binary(rules.maximum)
    minimum = _binary(rules.minimum)
    hypot = _binary(rules.hypot)

    # NumPy: its scalars are numbers; object arrays of Values work element by element.

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        import numpy

        with numpy.errstate(invalid="ignore"):  # the engine judges its infinities itself
            return getattr(ufunc, method)(*map(_boxed, inputs), **options)

    # Copies and pickles keep the graph, however deep it is.

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return copying.deep_copy(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        return copying.reduce(self)

    def __getstate__(self) -> tuple[Any, ...]:
        own = getattr(self, "__dict__", {})  # the attributes of a subclass
        return (self._data, self.grad, self.label, self.parents, self.partials, self.rule, own)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._data, self.grad, self.label, self.parents, self.partials, self.rule, own = state
        for name, attribute in own.items():
            setattr(self, name, attribute)


def _boxed(x: Any) -> Any:
    """Return an operand of a NumPy function as something NumPy takes element by element."""
    if isinstance(x, Value):
        import numpy

        box = numpy.empty((), dtype=object)
        box[()] = x
        return box
    if is_object_array(x):
        return x
    # NumPy hands over its own scalars as arrays of no dimension
    return number(x.item() if getattr(x, "shape", None) == () else x, "operation")
