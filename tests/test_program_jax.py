"""A program as a function of JAX: the same gradient, compiled, and sharded over devices."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Program, UsageError, Value
from nn import MLP, cross_entropy, l2_penalty, squared_error


@pytest.fixture(scope="module")
def jax() -> Any:
    module = pytest.importorskip("jax")
    module.config.update("jax_enable_x64", True)
    return module


def network(activation: str, inputs: int = 3) -> Program:
    """Return the program of a small network's loss."""
    model = MLP([inputs, 4, 2], activation, seed=1)
    x = [Value(0.3 * k, f"x_{k}") for k in range(inputs)]
    loss = squared_error(model(x), [0.5, -0.5]) + l2_penalty(model.parameters(), 0.01)
    return Program(loss, x, model.parameters())


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "softplus", "elu"])
def test_value_and_gradients_are_those_of_the_program(jax: Any, activation: str) -> None:
    program = network(activation)
    rng = np.random.default_rng(1)
    X, theta = rng.normal(size=(9, 3)), rng.normal(size=len(program.shared))
    run = program(X, theta)
    average = program.as_jax()
    differentiate = jax.jit(jax.value_and_grad(average, argnums=(0, 1)))
    value, (gradient, slopes) = differentiate(theta, X)
    assert float(value) == pytest.approx(run.mean, rel=1e-12)
    np.testing.assert_allclose(gradient, run.gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(9 * slopes, run.input_gradients, rtol=1e-9, atol=1e-12)


def test_rules_of_sequences_are_no_more_operations_for_more_operands(jax: Any) -> None:
    sizes = []
    for count in (4, 400):
        w = [Value(0.01 * k, f"w_{k}") for k in range(count)]
        x = Value(1.0, "x")
        terms = autograd.logsumexp([w_k * x for w_k in w]) + autograd.dot(w, w) + autograd.max(w)
        average = Program(terms, [x], w).as_jax()
        traced = jax.make_jaxpr(jax.value_and_grad(average))(np.zeros(count), np.ones((2, 1)))
        sizes.append(str(traced).count(" = "))
    assert sizes[0] == sizes[1]


@pytest.mark.slow
def test_kinks_and_branches_not_taken_are_those_of_the_table(jax: Any) -> None:
    x, w = Value(1.0, "x"), Value(0.0, "w")
    y = autograd.where(x > 0, (x * w).relu().sqrt(), abs(w))
    program = Program(y, [x], [w])
    X = np.array([[1.0], [-1.0]])
    gradient = jax.grad(program.as_jax())(np.zeros(1), X)
    assert gradient.tolist() == program(X).gradient.tolist() == [0.0]


def test_an_if_that_decided_something_is_refused() -> None:
    x = Value(2.0, "x")
    y = x * x if x > 1 else x
    with pytest.raises(UsageError, match=r"as_jax: x > 1 decided something .*test_program_jax"):
        Program(y, [x]).as_jax()


def test_several_outputs_have_no_one_average() -> None:
    x = Value(2.0, "x")
    with pytest.raises(UsageError, match="as_jax: a list of outputs has no one average"):
        Program([x * x, x + 1], [x]).as_jax()


SHARDED = """
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
import jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
jax.config.update("jax_enable_x64", True)
from autograd import Program, Value
from nn import MLP, squared_error

model = MLP([2, 4, 1], "tanh", seed=0)
x, y = [Value(0.0, "x_1"), Value(0.0, "x_2")], Value(0.0, "y")
program = Program((model(x) - y) ** 2, [*x, y], model.parameters())
X, theta = np.random.default_rng(0).normal(size=(64, 3)), [p.data for p in program.shared]
devices = Mesh(np.array(jax.devices()), ("samples",))
shards = jax.device_put(X, NamedSharding(devices, PartitionSpec("samples")))
gradient = jax.jit(jax.grad(program.as_jax()))(np.array(theta), shards)
print(len(shards.sharding.device_set), np.abs(gradient - program(X).gradient).max() < 1e-12)
"""
"""A batch in eight shards; the devices are made before JAX is imported, hence another process."""


@pytest.mark.slow
def test_a_batch_sharded_over_eight_devices_has_the_same_gradient(jax: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHARDED], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["8", "True"], done.stderr


@pytest.mark.slow
def test_a_loss_with_indices_of_classes_runs_too(jax: Any) -> None:
    model = MLP([2, 3], seed=0)
    x = [Value(0.5, "x_1"), Value(-0.5, "x_2")]
    program = Program(cross_entropy(model(x), 1), x, model.parameters())
    theta, X = [p.data for p in program.shared], np.ones((2, 2))
    gradient = jax.grad(program.as_jax())(np.array(theta), X)
    np.testing.assert_allclose(gradient, program(X).gradient, rtol=1e-12)
