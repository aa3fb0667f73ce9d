"""How other engines of this lineage spell what a Value has, and what is said of the rest."""

from __future__ import annotations

from typing import Any, Never

from autograd import rules
from autograd.errors import NumberError, UnknownNameError, UsageError
from autograd.graph import BY_HAND, Node
from autograd.number import shown
from autograd.rule import Rule

__all__ = ["Spellings", "misspelled"]

_MICROGRAD = {
    "add": "+",
    "sub": "-",
    "neg": "-",
    "mul": "*",
    "div": "/",
    "mod": "%",
    "pow": "**",
    "relu": "ReLU",
}
"""How micrograd writes what it does not call by the name of the rule."""

_REQUIRES_GRAD = (
    "requires_grad: every Value has a gradient; an optimizer moves only the parameters that it is "
    "given, and with no_grad() nothing is recorded"
)

_LINKS = {
    "_children", "children", "_prev", "_parents", "parents", "_op", "op",
    "_local_grads", "local_grads", "partials", "_backward",
}  # fmt: skip
"""How engines call what they make a node by hand from."""


class Spellings(Node):
    """What micrograd and microgpt call the parts of a node."""

    __slots__ = ()

    rule: Rule | None

    _prev = _children = Node.parents
    _local_grads = Node.partials

    @property
    def _op(self) -> str:
        """How micrograd writes the operation: ``+``, ``*``, ``**2``, ``ReLU``."""
        if self.rule and self.rule.declared is rules.power:
            return f"**{self.rule.constants['n']}"
        return _MICROGRAD.get(self.rule.name, self.rule.name) if self.rule else ""

    @_op.setter
    def _op(self, _: Any) -> None:
        raise UnknownNameError(f"_op: {BY_HAND}")

    @property
    def _backward(self) -> Never:
        raise UnknownNameError(
            "_backward: a node keeps no function, but the slope in each of its parents: v.partials"
        )

    @_backward.setter
    def _backward(self, _: Any) -> None:
        raise UnknownNameError(f"_backward: {BY_HAND}")

    @property
    def requires_grad(self) -> Never:
        """Refuse PyTorch's question."""
        raise UnknownNameError(_REQUIRES_GRAD)

    @requires_grad.setter
    def requires_grad(self, _: Any) -> None:
        raise UnknownNameError(_REQUIRES_GRAD)


def misspelled(data: Any, label: Any, more: tuple[Any, ...], named: dict[str, Any]) -> Exception:
    """Return the error for what other engines accept, and the spelling here."""
    if more or isinstance(label, tuple | list | set) or _LINKS & named.keys():
        return UsageError(f"Value({shown(data)}, parents, …): {BY_HAND}")
    if named:
        return UsageError(f"Value has no option {', '.join(named)}; write Value(data, label='x')")
    return NumberError(f"Value: the label {label!r} is not a string; write {str(label)!r}")
