"""The mistakes that people make with the chain rule: what each is called, and how to mend it.

How a mistake leads to a number stands in `wrong_formulas` and `local_slips` (one local derivative),
`links` (products along a path), `sums` (over paths) and `sweeps` (whole backward passes). Where
each is documented, with the answers that people gave, stands in ``tests/mistakes``.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CATALOGUE", "KINDS", "Kind"]


class Kind(NamedTuple):
    """A kind of mistake: what of a derivative it loses, if anything, and what to do."""

    name: str
    loses: str
    remedy: str


_SUM, _PRODUCT = "contribution", "factor"
_ADD = "a derivative is the sum over all uses of a node: add what comes from each (+=)"
_MULTIPLY = "a path is a product: multiply by every factor on it, from the output to the input"
_TABLE = "look the local derivative up, with all else held fixed, and put the numbers in last"

CATALOGUE = {
    kind.name: kind
    for kind in (
        Kind("carried over", "", "mend the earlier answer first; this one follows from it"),
        Kind("path left out", _SUM, _ADD),
        Kind("= for +=", _SUM, _ADD),
        Kind("treated as constant", _SUM, "ask what changes if this node alone is nudged"),
        Kind(
            "wrong order", _SUM, "a node hands on when all its uses have reported: reverse "
            "topological order, each node once",
        ),
        Kind("sign flipped", "", "keep the minus with its factor until the product is done"),
        Kind("1/n missing", _PRODUCT, "what is divided by n has a derivative divided by n"),
        Kind("local derivative forgotten", _PRODUCT, _MULTIPLY),
        Kind("upstream forgotten", _PRODUCT, _MULTIPLY),
        Kind("inner derivative forgotten", _PRODUCT, _MULTIPLY),
        Kind("factor missing", _PRODUCT, "write the local derivative down whole, constants too"),
        Kind("1/n twice", _PRODUCT, "what is divided by n has a derivative divided by n, once"),
        Kind("not zeroed", "", "call zero_grad() before each backward(): gradients accumulate"),
        Kind("wrong power", "", "look the formula up, and its exponents: (xⁿ)′ = n · xⁿ⁻¹"),
        Kind("input for output", "", "mind in which symbol the local derivative is written"),
        Kind("output for input", "", "mind in which symbol the local derivative is written"),
        Kind("operands swapped", "", "each operand has its own slope: of a product, the other one"),
        Kind("not differentiated", "", _TABLE),
        Kind("wrong input", "", "take f′ where f is taken, then multiply: f′(g(x)) · g′(x)"),
        Kind("product of derivatives", "", "(uv)′ = u′v + uv′, and (u/v)′ = (u′v − uv′)/v²"),
        Kind("sum for product", "", "along a path, factors are multiplied; only paths are added"),
        Kind("product for sum", "", "along a path, factors are multiplied; paths are added"),
        Kind("power rule on exponential", "", "the variable is in the exponent: (aˣ)′ = aˣ · ln a"),
        Kind("another function's derivative", "", _TABLE),
        Kind("term missing", "", "write the local derivative down whole"),
        Kind("factor inverted", "", "multiply by ∂output/∂input, not by its reciprocal"),
        Kind("taken twice", "", "each factor of a path counts once, and so does each path"),
        Kind("wrong branch", "", "only the branch that was taken passes anything on"),
        Kind("another variable's gradient", "", "compare the symbol with what was asked for"),
        Kind("uses taken together", "", "each use of an operand has a local derivative of its own"),
        Kind("transposed", "", "a gradient has the shape of its weights: neuron j in row j"),
        Kind("outer product swapped", "", "δ (a column) times aᵀ (a row): entry j, k is δ_j · a_k"),
        Kind("not averaged", _PRODUCT, "what is divided by n has a derivative divided by n"),
        Kind("averaged, not summed", "", "where losses are added up, so are their derivatives"),
        Kind("bias not summed", _SUM, "a bias is used once by each sample: add their δ up"),
        Kind("row or column lost", "", "compute each entry: row j is δ_j times all activations"),
    )
}  # fmt: skip
"""All kinds by name, the likeliest first."""

KINDS = tuple(CATALOGUE)
"""What can go wrong, the likeliest first."""
