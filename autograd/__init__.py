"""A scalar reverse-mode automatic differentiation engine that explains itself."""

from autograd.rule import rule
from autograd.value import Value, no_grad

__all__ = ["Value", "no_grad", "rule"]
