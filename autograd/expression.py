"""Text to graph: an expression such as ``tanh(w*x + b)``, parsed, never run as Python."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from autograd.comparisons import Comparison
from autograd.errors import ExpressionError, UsageError
from autograd.rule import RULES, Rule
from autograd.value import Value

__all__ = ["evaluate", "names_in"]

_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def names_in(text: str) -> list[str]:
    """Return the names of the variables in an expression, in the order they appear.

    >>> names_in("tanh(w*x + b)")
    ['w', 'x', 'b']
    """
    tree = _parse(_one_line(text))
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in functions]
    return list(dict.fromkeys(n.id for n in sorted(names, key=lambda n: (n.lineno, n.col_offset))))


def evaluate(text: str, variables: Mapping[str, Value]) -> Value:
    """Return the Value of an expression: arithmetic, the table's functions, numbers, variables.

    ``sum``, ``mean`` and ``logsumexp`` take any number of operands, ``dot`` two lists, and
    ``where`` a comparison first.

    Raises `ExpressionError`, pointing at the column, for anything else, and `DomainError` where
    an operation has no value.

    >>> evaluate("tanh(w*x + b)", {"w": Value(-3), "x": Value(2), "b": Value(6.88)}).data
    0.7064193203972353
    >>> evaluate("1 + w.grad", {"w": Value(-3)})
    Traceback (most recent call last):
    autograd.errors.ExpressionError: column 5: only arithmetic, functions, numbers and names ...
    """
    line = _one_line(text)
    try:
        return _Reader(line, variables).read(_parse(line))
    except RecursionError:
        raise ExpressionError(_TOO_DEEP, line, 1) from None


_TOO_DEEP = "this is too deep to read; split it into parts"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _parse(line: str) -> ast.expr:
    try:
        return ast.parse(line, mode="eval").body
    except SyntaxError as error:
        column = min(error.offset or len(line) + 1, len(line) + 1)  # no offset: at the end
        said = "a number is too long" if "digits" in error.msg else error.msg
        raise ExpressionError(f"this is not an expression ({said})", line, column) from None
    except UnicodeError:
        raise ExpressionError("this is not text in the terminal's encoding", line, 1) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError(_TOO_DEEP, line, 1) from None


def _or(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _is_number(node: ast.expr) -> bool:
    """Return whether this is a number as it is written, with its sign."""
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


class _Reader:
    """Reads the nodes of a parsed expression and computes with Values."""

    def __init__(self, text: str, variables: Mapping[str, Value]) -> None:
        self.text = text
        self.variables = variables

    def refuse(self, node: ast.expr, message: str) -> ExpressionError:
        """Return the error that points at a node."""
        return ExpressionError(message, self.text, self.column(node) + 1)

    def column(self, node: ast.expr) -> int:
        """Return where a node begins, in characters; ast counts bytes."""
        return len(self.text.encode()[: node.col_offset].decode())

    def read(self, node: ast.expr) -> Value:
        """Return the Value that a node stands for."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if math.isinf(number):
                    raise self.refuse(node, "this number is too large for a float")
                return Value(number)
            case ast.Name(id=name):
                return self.variable(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as constant):
                return Value(-self.read(constant).data)  # -3 is a number, not an operation
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                x = self.read(operand)
                return -x if isinstance(sign, ast.USub) else x
            case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
                return self.power(base, exponent)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
                apply = _OPERATORS[type(sign)]
                result: Value = apply(self.read(left), self.read(right))
                return result
            case ast.BinOp(op=ast.BitXor(), left=left):
                column = self.text.index("^", self.column(left)) + 1
                raise ExpressionError("^ is not a power in Python; write **", self.text, column)
            case ast.Compare():
                raise self.refuse(node, "a comparison is the condition of where(…), and no number")
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(node, name, arguments)
            case ast.Call(func=ast.Constant() | ast.BinOp()):
                raise self.refuse(node, "a product is written with *, as in 2*(x + 1)")
        raise self.refuse(node, "only arithmetic, functions, numbers and names are read here")

    def variable(self, node: ast.expr, name: str) -> Value:
        """Return the Value given for a name."""
        if name in self.variables:
            return self.variables[name]
        what = "a function; give it operands in parentheses" if name in RULES else "not given"
        remedy = "" if name in RULES else f"; add {name}=NUMBER"
        raise self.refuse(node, f"{name} is {what}{remedy}")

    def power(self, base: ast.expr, exponent: ast.expr) -> Value:
        """Return a power; a plain number as exponent has a rule of its own."""
        x, n = self.read(base), self.read(exponent)
        raised: Value = x ** (n.data if _is_number(exponent) else n)
        return raised

    def condition(self, node: ast.Compare) -> Value:
        """Return 1 if a comparison holds, else 0."""
        if len(node.ops) > 1 or type(node.ops[0]) not in _COMPARISONS:
            raise self.refuse(node, "compare two numbers with <, <=, > or >=")
        compare = _COMPARISONS[type(node.ops[0])]
        asked: Comparison = compare(self.read(node.left), self.read(node.comparators[0]))
        result: Value = asked.node()
        return result

    def call(self, node: ast.expr, name: str, arguments: list[ast.expr]) -> Value:
        """Return the result of one of the table's functions."""
        rule = RULES.get(name)
        if rule is None:
            known = get_close_matches(name, RULES, n=3) or sorted(RULES)
            raise self.refuse(node, f"{name} is not in the table; did you mean {_or(known)}?")
        try:
            if name in ("pow", "power") and len(arguments) == 2:
                return self.power(*arguments)
            result: Value = rule(*self.operands(rule, arguments))
        except UsageError as error:
            raise self.refuse(node, str(error)) from None
        return result

    def operands(self, rule: Rule, arguments: list[ast.expr]) -> list[Any]:
        """Return the operands of a rule, gathered into sequences where it takes these."""
        if not rule.sequences:
            if rule.name == "where" and arguments and isinstance(arguments[0], ast.Compare):
                return [self.condition(arguments[0]), *map(self.read, arguments[1:])]
            return [self.read(argument) for argument in arguments]
        columns = [self.sequence(argument) for argument in arguments]
        return columns if rule.sequences > 1 else [[x for column in columns for x in column]]

    def sequence(self, node: ast.expr) -> list[Value]:
        """Return the Values of a list, or of one operand."""
        items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        return [self.read(item) for item in items]
