"""A backward pass: leaves accumulate, all else starts afresh, and every bit is the same again."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from autograd import (
    Value,
)


def test_leaves_accumulate_and_interior_gradients_do_not() -> None:
    x = Value(3.0)
    z = x * x
    y = z * z
    for times in (1, 2, 3):
        y.backward()
        assert (x.grad, z.grad, y.grad) == (times * 108.0, 18.0, 1.0)
    y.zero_grad()
    assert (x.grad, z.grad, y.grad) == (0.0, 0.0, 0.0)
    y.backward()
    assert x.grad == 108.0


def test_a_gradient_reads_as_0_and_is_known_to_be_unknown_until_backward() -> None:
    x, unused = Value(3.0), Value(4.0)
    y = x * 2
    for node in (x, y):
        assert (node.grad, node.has_grad) == (0.0, False)
        assert "grad=?" in repr(node)
    y.backward()
    assert (x.has_grad, y.has_grad, unused.has_grad) == (True, True, False)
    x.backward()
    assert x.grad == 3.0
    x.grad = None
    assert (x.grad, x.has_grad) == (0.0, False)
    y.backward()
    assert x.grad == 2.0
    y.zero_grad()
    assert (x.grad, x.has_grad) == (0.0, True)


def test_gradients_of_a_leaf_shared_by_two_outputs_add_up() -> None:
    x = Value(3.0)
    z = x * x
    first, second = z * 2, z * 5
    first.backward()
    second.backward()
    assert (x.grad, z.grad) == (6.0 * 7, 5.0)


PROGRAM = """
import random
from autograd import Value, sum, tanh
from autograd.graph import topological_order
draw = random.Random(1)
nodes = [Value(draw.uniform(-1, 1), f"x{i}") for i in range(8)]
leaves = nodes[:]
for _ in range(300):
    x, y, z = draw.choices(nodes, k=3)
    nodes.append(draw.choice([x * y + z, tanh(x - y * 3), sum([x, y, z]) / 3, (x * 1.1).sin()]))
output = sum(nodes)
output.backward()
print([leaf.grad.hex() for leaf in leaves])
print([node.label or node.op for node in topological_order(output)])
"""


def test_gradients_are_the_same_to_the_last_bit_in_every_process() -> None:
    outputs = set()
    for seed, junk in (("1", ""), ("2", "x" * 100_000), ("3", "")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "JUNK": junk}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert "0x" in outputs.pop()


def test_threads_take_turns_over_shared_leaves() -> None:
    w = Value(1.0)
    outputs = []
    for _ in range(4):
        y = w
        for _ in range(5000):
            y = y * 1.0 + 0.0
        outputs.append(y)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(Value.backward, outputs * 5))
    finally:
        sys.setswitchinterval(interval)
    assert w.grad == 20.0
