"""A worked example: a hidden-layer weight that the loss depends on by more than one path."""

from __future__ import annotations

from autograd.rules import dot
from autograd.value import Value

__all__ = ["hidden_layer_weight"]


def hidden_layer_weight() -> tuple[Value, Value]:
    r"""Return the loss C₀ of a small network, and its weight w₂₂ of the hidden layer.

    Layer 3 is the output. With sigmoid activations, a_j = σ(z_j) and z_j = Σ_k w_jk a_k, and the
    loss C₀ = Σ_j (a_j − y_j)² over both outputs. Node 2 of the hidden layer feeds both, so that
    ∂C₀/∂a₂⁽²⁾ = Σ_j 2(a_j⁽³⁾ − y_j) · σ′(z_j⁽³⁾) · w_j2⁽³⁾: one term for each downstream path.

    >>> loss, weight = hidden_layer_weight()
    >>> loss.backward()
    >>> round(loss.data, 4), round(weight.grad, 4)
    (0.5573, 0.3163)
    """
    inputs = [Value(0.5, "a_1^{(1)}"), Value(2.0, "a_2^{(1)}")]
    weight = Value(-0.3, "w_{22}^{(2)}")
    hidden = _activation("2", "2", [Value(0.4, "w_{21}^{(2)}"), weight], inputs)
    activations = [Value(0.6, "a_1^{(2)}"), hidden]
    squares = []
    for j, weights, target in (("1", (0.5, -1.0), 1.0), ("2", (-0.8, 1.5), 0.0)):
        w = [Value(w_k, f"w_{{{j}{k}}}^{{(3)}}") for k, w_k in enumerate(weights, 1)]
        a = _activation(j, "3", w, activations)
        squares.append((a - Value(target, f"y_{j}")) ** 2)
    loss = squares[0] + squares[1]
    loss.label = "C_0"
    return loss, weight


def _activation(j: str, layer: str, w: list[Value], a: list[Value]) -> Value:
    """Return the activation a_j of one node, its input z_j and itself labelled."""
    z = dot(w, a)
    z.label = f"z_{j}^{{({layer})}}"
    activation: Value = z.sigmoid()
    activation.label = f"a_{j}^{{({layer})}}"
    return activation
