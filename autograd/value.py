"""`Value`: a number that remembers how it was computed, and ``backward()``."""

from __future__ import annotations

import math
import operator
from collections import deque
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Never, TypeVar

from autograd import comparisons, copying, rules, ufuncs
from autograd.comparisons import Comparison
from autograd.errors import NumberError, UsageError
from autograd.graph import LITERAL, MANY, Node, leaves_and_results, topological_order
from autograd.number import DIFFERENT, SAME, is_object_array, number
from autograd.recording import is_recording, readers, switches, tolerates_infinities
from autograd.rule import RULES, Rule
from autograd.source import source_line
from autograd.spellings import Spellings, misspelled
from autograd.steep import warn
from autograd.sweep import sweep

__all__ = ["Value", "operand"]

OperationT = TypeVar("OperationT", bound=Callable[..., Any])

_new: Callable[[type[Value]], Value] = object.__new__


def _unary(rule: Rule) -> Callable[[Value], Value]:
    """Return the method that applies a rule of one operand."""
    derive = rule.derive

    def operation(self: Value) -> Value:
        x = self._number
        try:
            data, (slope,) = derive(x)
        except (ArithmeticError, ValueError) as error:
            raise rule.refusal([x], [self.label], error) from None
        node = _new(Value)  # written out, here and below: a call would cost half of an operation
        node._number = data
        node._grad = None
        node.label = ""
        node.rule = rule
        node._x = self
        node._y = None
        node._dx = slope
        if 0.0 * data * slope:  # NaN if either is infinite or NaN, else 0
            _examine(node)
        return node if not switches else _as_recording_says(node)

    return _named(operation, rule)


def _binary(rule: Rule) -> Callable[[Value, Any], Value]:
    """Return the method that applies a rule of two operands."""
    derive = rule.derive
    steep = rule.domain is not None  # without a pole, finite operands have finite slopes

    def operation(self: Value, other: Any) -> Any:
        if other.__class__ is not Value:
            if is_object_array(other):  # NumPy takes its Values one by one
                return NotImplemented
            other = operand(other, rule.name)
        x, y = self._number, other._number
        try:
            data, (dx, dy) = derive(x, y)
        except (ArithmeticError, ValueError) as error:
            raise rule.refusal([x, y], [self.label, other.label], error) from None
        node = _new(Value)
        node._number = data
        node._grad = None
        node.label = ""
        node.rule = rule
        node._x = self
        node._y = other
        node._dx = dx
        node._dy = dy
        if 0.0 * data or (steep and 0.0 * (dx + dy)):  # NaN if any is infinite or NaN
            _examine(node)
        return node if not switches else _as_recording_says(node)

    return _named(operation, rule)


def _reflected(rule: Rule) -> Callable[[Value, Any], Value]:
    """Return the method that applies a rule with the operands the other way round."""
    forward = _binary(rule)

    def operation(self: Value, other: Any) -> Value:
        return forward(operand(other, rule.name), self)

    return _named(operation, rule)


def _named(operation: OperationT, rule: Rule) -> OperationT:
    operation.__name__ = rule.name
    operation.__qualname__ = f"Value.{rule.name}"
    operation.__doc__ = rule.__doc__
    return operation


def operand(x: Any, operation: str) -> Value:
    """Return what an operation takes: a Value as it is, a plain number as a constant."""
    if isinstance(x, Value):
        return x
    if isinstance(x, Comparison):
        return operand(x.node(), operation)
    constant = Value(x if type(x) is float else number(x, operation))
    constant._y = LITERAL
    return constant


def _comparison(
    rule: Rule, compare: Callable[[float, float], bool]
) -> Callable[[Value, Any], bool]:
    """Return the method that compares numbers, and keeps what was asked."""

    def comparison(self: Value, other: Any) -> Any:
        if is_object_array(other):
            return NotImplemented
        operands = (self, operand(other, rule.name))
        answer = compare(self._number, operands[1]._number)
        if not is_recording():
            return answer
        return Comparison.of(answer, operands, rule, lambda: Value.record(rule, operands))

    return _named(comparison, rule)


def _cutting(function: str) -> Callable[..., Any]:
    """Return the method that refuses to become a plain number."""

    def refuse(self: Value, *_: Any) -> Never:
        raise NumberError(
            f"{function}({self.label or 'v'}) would cut the graph, as math.exp(v) would; "
            "write v.exp() to stay in it, or v.data to leave it"
        )

    return refuse


def _examine(node: Value) -> None:
    """Judge a result that is not finite, or has a slope that is not.

    Raises `DomainError` if finite operands have no finite value. If only a slope is infinite,
    marks the node's rule with the line of the caller's source that met it.
    """
    rule: Any = node.rule
    numbers = [parent._number for parent in node.parents]
    if not all(map(math.isfinite, [*numbers, *rule.constants.values()])):
        return  # infinities and NaN that came in go on
    if not math.isfinite(node._number) and not tolerates_infinities():
        raise rule.refusal(numbers, [parent.label for parent in node.parents])
    if not all(map(math.isfinite, node.partials)):
        node.rule = rule.at(source_line())


def _tell(node: Value) -> None:
    for reader in readers:
        reader(node)


def _as_recording_says(node: Value) -> Value:
    """Return the node, cut off from its parents where `no_grad` holds."""
    if not is_recording():
        node._link((), ())
        node.rule = None
    return node


def _accumulate(leaves: Sequence[Value], results: Sequence[Any], output: Value) -> bool:
    """Set every gradient of the graph: the chain rule, from the last node back to the first.

    Returns whether all gradients of leaves came out finite. If not, a 0 may have met an infinity,
    which here gives NaN: `autograd.sweep` knows what becomes of it.
    """
    for node in leaves:
        node._grad = 0.0
    for node in results:
        node._grad = 0.0
    output._grad = 1.0
    for node in reversed(results):
        upstream, y = node._grad, node._y
        if y is None:
            node._x._grad += upstream * node._dx
        elif y is not MANY:
            node._x._grad += upstream * node._dx
            y._grad += upstream * node._dy
        else:
            for parent, partial in zip(node._x, node._dx, strict=True):
                parent._grad += upstream * partial
    return math.isfinite(sum([leaf._grad for leaf in leaves if leaf._grad is not None]))


class Value(Spellings):
    """A number that records its parents and the local derivatives of the operation that made it.

    - ``data``: the number, always a Python float;
    - ``grad``: the derivative of the output that ``backward()`` was called on with respect to
      this Value. Before that it reads as 0.0, and ``has_grad`` is False;
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

    Every rule of the table that takes numbers is a method, too: ``x.tanh()``. A Value is kept small
    and has no other attributes; where an optimizer keeps its state at the parameters, two lines do:

    >>> class Parameter(Value):
    ...     pass
    >>> p = Parameter(0.5, "p")
    >>> p.m = 0.0
    """

    __slots__ = ("_grad", "_number", "label", "rule")

    _grad: float | None
    label: str
    rule: Rule | None

    viewer: ClassVar[Callable[[Value], dict[str, Any] | None] | None] = None
    """What a notebook shows for a Value; the views set it, since the engine imports none."""

    def __init__(self, data: Any, label: str = "", *made_by_hand: Never, **named: Never) -> None:
        if made_by_hand or named or not isinstance(label, str):
            raise misspelled(data, label, made_by_hand, named)
        self._number: float = data if type(data) is float else number(data)
        self._grad = self.rule = self._x = self._y = None
        self.label = label

    @staticmethod
    def from_partials(
        data: float,
        parents: Sequence[Value],
        partials: Sequence[float],
        op: str = "custom",
        label: str = "",
    ) -> Value:
        """Return a node made by hand: its number, its parents, and the derivative in each.

        Every view shows it. What has a formula is better declared with `autograd.rule`, which
        gives second derivatives and a replay on other numbers.

        >>> x = Value(3.0, "x")
        >>> y = Value.from_partials(9.0, [x], [6.0], op="square")
        >>> y.backward()
        >>> y.op, x.grad
        ('square', 6.0)
        """
        if not isinstance(op, str) or isinstance(parents, Value) or isinstance(partials, float):
            raise UsageError(
                "from_partials: write Value.from_partials(data, [x, y], [dx, dy], op='name')"
            )
        parents = [operand(parent, "from_partials") for parent in parents]
        slopes = tuple([number(partial, "from_partials") for partial in partials])
        if not parents or len(parents) != len(slopes):
            raise UsageError(
                f"from_partials: {len(parents)} parent(s), but {len(slopes)} partial(s); give one "
                "for each, and one at least"
            )
        node = Value(data, label)
        node._link(parents, slopes)
        node.rule = Rule.by_hand(op, [p._number for p in parents], node._number, slopes)
        return node if not switches else _as_recording_says(node)

    @property
    def data(self) -> float:
        """The number; changing it changes nothing that was already recorded."""
        if readers:
            _tell(self)
        return self._number

    @data.setter
    def data(self, x: Any) -> None:
        self._number = x if type(x) is float else number(x)
        comparisons.changed(self)

    def item(self) -> float:
        """Return the number, as PyTorch's tensors do."""
        return self.data

    @property
    def grad(self) -> float:
        """The derivative of an output with respect to this Value; 0.0 while it is unknown."""
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, slope: float | None) -> None:
        self._grad = slope if slope is None or type(slope) is float else number(slope, "grad")

    @property
    def has_grad(self) -> bool:
        """Whether ``backward()`` or an assignment has filled in ``grad``."""
        return self._grad is not None

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

        Warns with `InfiniteGradientWarning` if an infinite slope reaches a leaf, and with
        `UndefinedGradientWarning` if it meets a slope of 0 on its way.

        Calls take turns, in whatever threads, so that contributions to shared leaves add up; read
        gradients when they are done. A call that is interrupted leaves every gradient as it was.
        """
        leaves: list[Any]
        leaves, results = leaves_and_results(self)
        nodes = leaves + results
        partials = None
        with _turn:
            before = [node._grad for node in nodes]
            try:
                if not _accumulate(leaves, results, self):
                    partials = {node: node.partials for node in results}
                    adjoints = sweep(nodes, partials, 1.0)
                    _set_gradients(nodes, [adjoints.get(node, 0.0) for node in nodes])
                for leaf, known in zip(leaves, before, strict=False):
                    if known is not None:  # in place: a list of totals would scatter the floats
                        leaf._grad += known
            except BaseException:
                _set_gradients(nodes, before)
                raise
        if partials is not None:
            warn(nodes, {node: node.data for node in nodes}, partials, adjoints, stacklevel=2)

    def zero_grad(self) -> None:
        """Set ``grad`` of this Value, and of every one that it depends on, to zero."""
        for node in topological_order(self):
            node._grad = 0.0

    def detach(self) -> Value:
        """Return a leaf with the same number and label, cut off from the graph."""
        return Value(self._number, self.label)

    @staticmethod
    def record(rule: Rule, operands: Sequence[Any]) -> Value:
        """Apply a rule to Values and plain numbers, and record the result."""
        parents = tuple([x if x.__class__ is Value else operand(x, rule.name) for x in operands])
        numbers = [parent._number for parent in parents]
        try:
            data, partials = rule.derive(*numbers)
        except (ArithmeticError, ValueError) as error:
            raise rule.refusal(numbers, [parent.label for parent in parents], error) from None
        node = _new(Value)
        node._number = data
        node._grad = None
        node.label = ""
        node.rule = rule
        node._link(parents, partials)
        if 0.0 * data * sum(partials):
            _examine(node)
        return node if not switches else _as_recording_says(node)

    def __repr__(self) -> str:
        facts = [f"data={self._number!r}", f"grad={self._grad!r}" if self.has_grad else "grad=?"]
        facts += [f"op={self.op!r}"] if self.rule else []
        facts += [f"label={self.label!r}"] if self.label else []
        return f"Value({', '.join(facts)})"

    def __format__(self, spec: str) -> str:
        return format(self._number, spec) if spec else str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any] | None:
        return Value.viewer(self) if Value.viewer else None

    # A plain float would leave the graph without a word.

    __float__ = _cutting("float")
    __int__ = __trunc__ = _cutting("int")
    __round__ = _cutting("round")

    # Comparisons are of numbers; == and hash are by identity.

    __lt__ = _comparison(rules.less, operator.lt)
    __le__ = _comparison(rules.less_equal, operator.le)
    __gt__ = _comparison(rules.greater, operator.gt)
    __ge__ = _comparison(rules.greater_equal, operator.ge)
    __hash__ = Node.__hash__

    def __eq__(self, other: object) -> Any:
        return NotImplemented if is_object_array(other) else SAME if self is other else DIFFERENT

    def __ne__(self, other: object) -> Any:
        return NotImplemented if is_object_array(other) else DIFFERENT if self is other else SAME

    _is_not = _comparison(rules.not_equal, operator.ne)

    def __bool__(self) -> bool:
        return bool(self._is_not(0.0))

    # Operators. What stands on the left of an operator comes first among the parents.

    __add__, _radd = _binary(rules.add), _reflected(rules.add)
    __sub__, __rsub__ = _binary(rules.sub), _reflected(rules.sub)
    __mul__, __rmul__ = _binary(rules.mul), _reflected(rules.mul)
    __truediv__, __rtruediv__ = _binary(rules.div), _reflected(rules.div)
    __mod__, __rmod__ = _binary(rules.mod), _reflected(rules.mod)
    __neg__ = _unary(rules.neg)
    __abs__ = _unary(rules.abs)
    __rpow__ = _reflected(rules.pow)
    _pow = _binary(rules.pow)

    def __pow__(self, exponent: Any) -> Value:
        if isinstance(exponent, Value) or is_object_array(exponent):
            return self._pow(exponent)
        apply = _powers.get(exponent) if type(exponent) in (int, float) else None
        if apply is None:
            n = number(exponent, "power")
            if len(_powers) >= 1024:  # exponents that vary without end must not pile up
                _powers.clear()
            apply = _powers[n] = _unary(rules.power.bind(n=n))
        return apply(self)

    def __pos__(self) -> Value:
        """Return the Value itself, or where nothing is recorded a leaf of its number."""
        return self if is_recording() else self.detach()

    def __radd__(self, other: Any) -> Value:
        """Add what stands on the left; the int 0, with which Python's ``sum`` begins, adds nothing.

        >>> x, y = Value(2.0, "x"), Value(3.0, "y")
        >>> sum([x, y]).parents == (x, y), 0 + x is x, (0.0 + x).op
        (True, True, 'add')
        """
        if other.__class__ is int and not other:  # no box "0 + x"; a lone −0.0 stays −0.0
            return +self
        return self._radd(other)

    def clip(self, low: Any = None, high: Any = None, out: None = None) -> Value:
        """Return this number, or the bound that it exceeds; NumPy calls it with an `out`."""
        if low is None or high is None:
            above: Value = self if low is None else self.maximum(low)
            return above if high is None else above.minimum(high)
        return Value.record(rules.clip, (self, low, high))

    if TYPE_CHECKING:  # the methods that the table makes; a real one would slow down every slot

        def __getattr__(self, name: str) -> Callable[..., Value]: ...

    def conjugate(self) -> Value:
        """Return the Value itself, as for every real number."""
        return self

    # NumPy: its scalars are numbers; object arrays of Values work element by element.

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return ufuncs.apply(ufunc, method, inputs, options)

    # Copies and pickles keep the graph, however deep it is.

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return copying.deep_copy(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        return copying.reduce(self)

    def __getstate__(self) -> tuple[Any, ...]:
        own = copying.own_attributes(self)
        links = (self.parents, self.partials, self.rule, self.is_constant)
        return (self._number, self._grad, self.label, *links, own)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._number, self._grad, self.label, parents, partials, self.rule, *rest = state
        constant, own, *asked = rest
        self._link(parents, partials)
        if constant:
            self._y = LITERAL
        for name, attribute in own.items():
            setattr(self, name, attribute)
        for comparison in asked:
            comparisons.ask_again(comparison)


_powers: dict[float, Callable[[Value], Value]] = {}
"""The methods of powers, by their exponents."""

_turn = RLock()


def _set_gradients(nodes: Sequence[Value], gradients: Sequence[float | None]) -> None:
    """Set all gradients in one call into C, which neither Ctrl-C nor a thread comes between."""
    deque(map(vars(Value)["_grad"].__set__, nodes, gradients), maxlen=0)


def _define_methods() -> None:
    """Make a method of every rule of one or two numbers, under NumPy's name for it too."""
    for rule in RULES.values():
        if rule.arity in (1, 2) and rule.complete and not hasattr(Value, rule.name):
            method = _unary(rule) if rule.arity == 1 else _binary(rule)
            setattr(Value, rule.name, method)
            if rule.name in _ARCS:
                setattr(Value, f"arc{rule.name[1:]}", method)


_ARCS = ("asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh")
_define_methods()
