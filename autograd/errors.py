"""The exceptions and warnings of the package, each also what Python itself would have raised."""

from autograd.tools.text import printable, width

__all__ = [
    "AutogradError",
    "BranchError",
    "DivisionByZeroError",
    "DomainError",
    "ExpressionError",
    "GradientError",
    "InfiniteGradientWarning",
    "NumberError",
    "RangeError",
    "RendererError",
    "RuleError",
    "UndefinedGradientWarning",
    "UnknownModuleError",
    "UnknownNameError",
    "UsageError",
]


class AutogradError(Exception):
    """Stand at the root: ``except AutogradError`` catches all that this package raises."""


class NumberError(AutogradError, TypeError):
    """Refuse something that is not a real number."""


class UsageError(AutogradError, ValueError):
    """Refuse operands that do not fit together, or a request that makes no sense."""


class UnknownNameError(AutogradError, AttributeError):
    """Say that there is no such name here, and what stands for it."""


class UnknownModuleError(AutogradError, ImportError):
    """Say that there is no such thing to import, and what to import instead."""


class DomainError(AutogradError, ValueError):
    """Say that an operation has no value at its operands."""


class DivisionByZeroError(DomainError, ZeroDivisionError):
    """Say that a divisor is zero."""


class RangeError(DomainError, OverflowError):
    """Say that a result is too large for a float."""


class GradientError(AutogradError, AssertionError):
    """Say that a gradient is wrong: one of the engine's, or one that was worked out by hand."""


class RuleError(GradientError):
    """Say what is wrong with a rule, and where."""


class ExpressionError(AutogradError, ValueError):
    """Refuse the text of an expression, pointing at the column (counted from 1)."""

    def __init__(self, message: str, text: str, column: int) -> None:
        super().__init__(message, text, column)
        self.message = message
        self.text = text
        self.column = column

    def __str__(self) -> str:
        start = max(0, self.column - 40)  # of a long text, what stands around the column
        excerpt = printable(self.text[start : start + 80])
        before = " " * width(excerpt[: self.column - 1 - start])
        return f"column {self.column}: {self.message}\n  {excerpt}\n  {before}^"


class RendererError(AutogradError, RuntimeError):
    """Say that no program could turn a graph into an image, and what would help."""


class BranchError(AutogradError, ValueError):
    """Say that a branch was taken when a graph was recorded that other numbers do not take."""


class InfiniteGradientWarning(RuntimeWarning):
    """Warn that an infinite slope has reached a leaf."""


class UndefinedGradientWarning(InfiniteGradientWarning):
    """Warn that an infinite slope has met a slope of 0: their product is taken as 0."""
