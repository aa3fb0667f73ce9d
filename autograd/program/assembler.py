"""Symbols, written down for LLVM: instructions on vectors of numbers, or on single ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.program.elementary import FORMULAS
from autograd.program.rolling import FOLDS
from autograd.program.symbols import Symbol, evaluate
from autograd.tools.optional import optional

__all__ = ["DOUBLE", "I32", "I64", "LANES", "LIBRARY", "POINTER", "VOID", "Assembler", "ir"]

ir = optional("llvmlite.ir", "Program", "fast")

LANES = 8  # numbers computed at once; where registers are narrower, LLVM takes two or four
DOUBLE, I64, I32 = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
POINTER, VOID = ir.PointerType(), ir.VoidType()
_TRUTH = ir.IntType(1)

_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "=="}
_INSTRUCTIONS = {"add": "fadd", "sub": "fsub", "mul": "fmul", "truediv": "fdiv", "neg": "fneg"}
_INTRINSICS = {"absolute": "fabs", "sqrt": "sqrt", "rint": "rint", "muladd": "fmuladd"}
LIBRARY = {
    **{name: name for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf",
        "erfc", "exp2", "fmod", "hypot", "log10", "log2", "sin", "sinh", "tan",
    )},
    "power": "pow",
}  # fmt: skip
"""What the functions are called that C's mathematics has, by the heads of symbols."""


class Assembler:
    """Writes one function of LLVM: loops, loads and stores, and what symbols stand for.

    Numbers have so many ``lanes``: one each for single numbers, else vectors of several.
    """

    def __init__(self, parameters: Sequence[Any], lanes: int = 1) -> None:
        self.module = ir.Module("")
        kind = ir.FunctionType(VOID, parameters)
        self.function = ir.Function(self.module, kind, "kernel")
        self.b = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.lanes = lanes

    def __str__(self) -> str:
        return str(self.module)

    def wide(self, kind: Any) -> Any:
        """Return the type of something in all lanes."""
        return ir.VectorType(kind, self.lanes) if self.lanes > 1 else kind

    @property
    def number(self) -> Any:
        """The type of a number in all lanes."""
        return self.wide(DOUBLE)

    @property
    def integer(self) -> Any:
        """The type of an integer in all lanes."""
        return self.wide(I64)

    @contextmanager
    def loop(self, count: Any, step: int = 1, start: Any = None) -> Iterator[Any]:
        """Repeat what is written within for start (or 0), start + step … below count."""
        before = self.b.block
        head, body, after = [self.function.append_basic_block() for _ in range(3)]
        self.b.branch(head)
        self.b.position_at_end(head)
        i = self.b.phi(I64)
        i.add_incoming(I64(0) if start is None else start, before)
        self.b.cbranch(self.b.icmp_signed("<", i, count), body, after)
        self.b.position_at_end(body)
        yield i
        i.add_incoming(self.b.add(i, I64(step)), self.b.block)
        self.b.branch(head)
        self.b.position_at_end(after)

    def at(self, base: Any, index: Any, kind: Any = DOUBLE) -> Any:
        """Return the address of an element of an array."""
        index = index if isinstance(index, ir.Value) else I64(index)
        return self.b.gep(base, [index], source_etype=kind)

    def load(self, address: Any, kind: Any = None) -> Any:
        """Read what is at an address: a vector or a number, or another kind."""
        return self.b.load(address, typ=kind or self.number, align=4 if kind is I32 else 8)

    def store(self, x: Any, address: Any) -> None:
        """Write to an address."""
        self.b.store(x, address, align=8)

    def variable(self, start: float) -> Any:
        """Return the address of a local variable; LLVM will keep it in a register."""
        with self.b.goto_entry_block():
            address = self.b.alloca(self.number)
        self.store(self.constant(start), address)
        return address

    def constant(self, x: Any, kind: Any = None) -> Any:
        """Return a number in all lanes."""
        kind = kind or self.number
        return kind([kind.element(x)] * self.lanes) if self.lanes > 1 else kind(x)

    def everywhere(self, x: Any) -> Any:
        """Return a computed number in all lanes."""
        if self.lanes == 1:
            return x
        one = self.b.insert_element(self.number(ir.Undefined), x, I32(0))
        return self.b.shuffle_vector(one, one, self.wide(I32)([I32(0)] * self.lanes))

    def across(self, vectors: Sequence[Any]) -> list[Any]:
        """Return the sum over the lanes of each of one, two or four vectors.

        Two vectors become one, in which the halves of each lie side by side; so the last steps
        serve all of them.
        """
        x, sums, size = list(vectors), 1, self.lanes
        while size > 1:
            size //= 2
            pairs = list(zip(x[::2], x[1::2], strict=True)) if len(x) > 1 else [(x[0], x[0])]
            sums *= 2 if len(x) > 1 else 1
            x = [self._halves_added(*pair, sums, size) for pair in pairs]
        if sums == 1:
            return x if x[0].type == DOUBLE else [self.b.extract_element(x[0], I32(0))]
        return [self.b.extract_element(x[0], I32(i)) for i in range(sums)]

    def _halves_added(self, x: Any, y: Any, sums: int, size: int) -> Any:
        """Return what is left of sums whose parts lie side by side in x, or in x and then y."""
        mask = ir.VectorType(I32, sums * size)
        first = [2 * size * s + i for s in range(sums) for i in range(size)]
        return self.b.fadd(
            self.b.shuffle_vector(x, y, mask([I32(i) for i in first])),
            self.b.shuffle_vector(x, y, mask([I32(i + size) for i in first])),
        )

    def write(self, e: Any, known: dict[Symbol, Any]) -> Any:
        """Write what computes an expression from what is known; return the result."""
        [result] = evaluate([e], known, self._written)
        return result if isinstance(e, Symbol) else self.constant(float(e))

    def accumulated(self, total: Any, e: Any, known: dict[Symbol, Any]) -> Any:
        """Write total + e; if e is a product, rounded once where the processor can do that."""
        if isinstance(e, Symbol) and e.head == "mul" and e not in known:
            factors = [self.write(a, known) for a in e.arguments]
            return self._intrinsic("fmuladd", [*factors, total])
        return self.b.fadd(total, self.write(e, known))

    def folded(self, head: str, total: Any, e: Any, known: dict[Symbol, Any]) -> Any:
        """Write what is made of a total and one more term."""
        if head == "add":
            return self.accumulated(total, e, known)
        return self._written(Symbol(head), [total, self.write(e, known)])

    def _written(self, e: Symbol, x: list[Any]) -> Any:
        """Write an operation on operands that are written, or plain numbers."""
        if e.head in FORMULAS:
            return self.write(FORMULAS[e.head](*e.arguments), dict(self._known(e, x)))
        if e.head == "power" and (power := _whole_power(e)):
            return self._power(self._number(x[0]), power)
        x = [self._operand(e.head, i, a) for i, a in enumerate(x)]
        if e.head in _INSTRUCTIONS:
            return getattr(self.b, _INSTRUCTIONS[e.head])(*x)
        if e.head in _INTRINSICS:
            return self._intrinsic(_INTRINSICS[e.head], x)
        if e.head in LIBRARY:
            return self._library(LIBRARY[e.head], x)
        if e.head in _COMPARISONS:
            return self.b.fcmp_ordered(_COMPARISONS[e.head], *x)
        if e.head in FOLDS.values():  # of terms that are not alike
            return self.together(e.head, x)
        written: Callable[..., Any] | None = getattr(self, f"_{e.head}", None)
        if written is None:
            raise NotImplementedError(f"no machine code for {e.head}")
        return written(*x)

    @staticmethod
    def _known(e: Symbol, x: list[Any]) -> Iterator[tuple[Symbol, Any]]:
        return ((a, b) for a, b in zip(e.arguments, x, strict=True) if isinstance(a, Symbol))

    def _operand(self, head: str, i: int, x: Any) -> Any:
        """Return an operand as a number, or as a truth where that is asked for."""
        asks = head in ("and", "or") or (head == "where" and i == 0)
        if not asks:
            return self._number(x)
        if not isinstance(x, ir.Value):
            return self.constant(bool(x), self.wide(_TRUTH))
        return x if self._is_truth(x) else self.b.fcmp_unordered("!=", x, self.constant(0.0))

    def _is_truth(self, x: Any) -> bool:
        kind = x.type.element if self.lanes > 1 else x.type
        return bool(kind == _TRUTH)

    def _number(self, x: Any) -> Any:
        """Return an operand as a number; a truth is 1 or 0."""
        if not isinstance(x, ir.Value):
            return self.constant(float(x))
        return self.b.uitofp(x, self.number) if self._is_truth(x) else x

    def _ne(self, x: Any, y: Any) -> Any:
        return self.b.fcmp_unordered("!=", x, y)

    def _and(self, x: Any, y: Any) -> Any:
        return self.b.and_(x, y)

    def _or(self, x: Any, y: Any) -> Any:
        return self.b.or_(x, y)

    def _where(self, condition: Any, x: Any, y: Any) -> Any:
        return self.b.select(condition, x, y)

    def _maximum(self, x: Any, y: Any) -> Any:
        return self._extreme(">=", x, y)

    def _minimum(self, x: Any, y: Any) -> Any:
        return self._extreme("<=", x, y)

    def _extreme(self, sign: str, x: Any, y: Any) -> Any:
        """Return the first if it is ahead or NaN, else the second."""
        first = self.b.or_(self.b.fcmp_unordered("uno", x, x), self.b.fcmp_ordered(sign, x, y))
        return self.b.select(first, x, y)

    def _isinf(self, x: Any) -> Any:
        return self.b.fcmp_ordered("==", self._intrinsic("fabs", [x]), self.constant(math.inf))

    def _two_to(self, x: Any) -> Any:
        """Return 2 to the power of a whole number, by its bits; of NaN, anything."""
        safe = self.b.select(self.b.fcmp_ordered("ord", x, x), x, self.constant(0.0))
        n = self.b.add(self.b.fptosi(safe, self.integer), self.constant(1023, self.integer))
        return self.b.bitcast(self.b.shl(n, self.constant(52, self.integer)), self.number)

    def _exponent(self, x: Any) -> Any:
        n = self.b.lshr(self.b.bitcast(x, self.integer), self.constant(52, self.integer))
        return self.b.sitofp(self.b.sub(n, self.constant(1023, self.integer)), self.number)

    def _significand(self, x: Any) -> Any:
        mask = self.constant((1 << 52) - 1, self.integer)
        n = self.b.and_(self.b.bitcast(x, self.integer), mask)
        return self.b.bitcast(self.b.or_(n, self.constant(1023 << 52, self.integer)), self.number)

    def together(self, head: str, x: Sequence[Any]) -> Any:
        """Write what is made of several terms."""
        [fold] = [name for name, whole in FOLDS.items() if whole == head]
        result = x[0]
        for y in x[1:]:
            result = self._written(Symbol(fold), [result, y])
        return result

    def _power(self, x: Any, n: int) -> Any:
        result = x
        for _ in range(abs(n) - 1):
            result = self.b.fmul(result, x)
        return result if n > 0 else self.b.fdiv(self.constant(1.0), result)

    def _call(self, name: str, kind: Any, x: list[Any]) -> Any:
        function = self.module.globals.get(name)
        if function is None:
            function = ir.Function(self.module, ir.FunctionType(kind, [kind] * len(x)), name)
        return self.b.call(function, x)

    def _intrinsic(self, name: str, x: list[Any]) -> Any:
        suffix = f"v{self.lanes}f64" if self.lanes > 1 else "f64"
        return self._call(f"llvm.{name}.{suffix}", self.number, x)

    def _library(self, name: str, x: list[Any]) -> Any:
        """Call a function of C's mathematics, lane by lane."""
        if self.lanes == 1:
            return self._call(name, DOUBLE, x)
        result = self.number(ir.Undefined)
        for i in range(self.lanes):
            lane = [self.b.extract_element(a, I32(i)) for a in x]
            result = self.b.insert_element(result, self._call(name, DOUBLE, lane), I32(i))
        return result


def _whole_power(e: Symbol) -> int:
    """Return the exponent where a power is a few products; 0 where it is not."""
    n = e.arguments[1]
    plain = not isinstance(n, Symbol) and n == int(n) and 1 <= abs(n) <= 4
    return int(n) if plain else 0
