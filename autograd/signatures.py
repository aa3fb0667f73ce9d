"""What a type checker is told of `grad` and its kin: a derivative is typed as its argument is.

A function of Values is differentiated at floats, so that the type of a derivative comes from the
call: of a float it is a float, of a list of floats a list of floats, of a Value a Value. The
further arguments are those of the function.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from autograd.value import Value

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

__all__ = ["Derivative", "Hessian", "Rows", "ValueAndDerivative"]

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
ArrayT = TypeVar("ArrayT", bound="Array")

Real: TypeAlias = "float | Fraction | Decimal"
Ints: TypeAlias = tuple[int, ...]
Floats: TypeAlias = tuple[float, ...]


class Array(Protocol):
    """An array as NumPy has it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The length in every dimension."""

    @property
    def flat(self) -> Any:
        """The numbers in one row."""


class Derivative(Protocol[P]):
    """The derivative of a function of one output, in its first argument."""

    __name__: str

    @overload
    def __call__(self, x: Value, /, *rest: P.args, **named: P.kwargs) -> Value: ...
    @overload
    def __call__(self, x: Real, /, *rest: P.args, **named: P.kwargs) -> float: ...
    @overload
    def __call__(self, x: list[int], /, *rest: P.args, **named: P.kwargs) -> list[float]: ...
    @overload
    def __call__(self, x: Ints, /, *rest: P.args, **named: P.kwargs) -> Floats: ...
    @overload
    def __call__(self, x: dict[K, int], /, *rest: P.args, **named: P.kwargs) -> dict[K, float]: ...
    @overload
    def __call__(self, x: T, /, *rest: P.args, **named: P.kwargs) -> T: ...


class ValueAndDerivative(Protocol[P]):
    """The value, a Value at Values and a float elsewhere, and the derivative."""

    __name__: str

    @overload
    def __call__(self, x: Value, /, *rest: P.args, **named: P.kwargs) -> tuple[Value, Value]: ...
    @overload
    def __call__(self, x: Real, /, *rest: P.args, **named: P.kwargs) -> tuple[float, float]: ...
    @overload
    def __call__(
        self, x: list[int] | list[float], /, *rest: P.args, **named: P.kwargs
    ) -> tuple[float, list[float]]: ...
    @overload
    def __call__(self, x: Ints, /, *rest: P.args, **named: P.kwargs) -> tuple[float, Floats]: ...
    @overload
    def __call__(
        self, x: dict[K, int] | dict[K, float], /, *rest: P.args, **named: P.kwargs
    ) -> tuple[float, dict[K, float]]: ...
    @overload
    def __call__(self, x: T, /, *rest: P.args, **named: P.kwargs) -> tuple[Any, T]: ...


class Rows(Protocol[P]):
    """The derivative of every entry of a list."""

    __name__: str

    @overload
    def __call__(self, x: Value, /, *rest: P.args, **named: P.kwargs) -> list[Value]: ...
    @overload
    def __call__(self, x: Real, /, *rest: P.args, **named: P.kwargs) -> list[float]: ...
    @overload
    def __call__(self, x: list[int], /, *rest: P.args, **named: P.kwargs) -> list[list[float]]: ...
    @overload
    def __call__(self, x: Ints, /, *rest: P.args, **named: P.kwargs) -> list[Floats]: ...
    @overload
    def __call__(
        self, x: dict[K, int], /, *rest: P.args, **named: P.kwargs
    ) -> list[dict[K, float]]: ...
    @overload
    def __call__(self, x: T, /, *rest: P.args, **named: P.kwargs) -> list[T]: ...


class Hessian(Protocol[P]):
    """All second derivatives: the structure of the argument, with that structure in each place."""

    __name__: str

    @overload
    def __call__(self, x: Value, /, *rest: P.args, **named: P.kwargs) -> Value: ...
    @overload
    def __call__(self, x: Real, /, *rest: P.args, **named: P.kwargs) -> float: ...
    @overload
    def __call__(
        self, x: list[int] | list[float], /, *rest: P.args, **named: P.kwargs
    ) -> list[list[float]]: ...
    @overload
    def __call__(
        self, x: dict[K, int] | dict[K, float], /, *rest: P.args, **named: P.kwargs
    ) -> dict[K, dict[K, float]]: ...
    @overload
    def __call__(self, x: ArrayT, /, *rest: P.args, **named: P.kwargs) -> ArrayT: ...
    @overload
    def __call__(self, x: Any, /, *rest: P.args, **named: P.kwargs) -> Any: ...
