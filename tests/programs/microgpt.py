"""A language model in the idiom of microgpt: one block, all in scalars, trained by Adam.

Wherever `autograd` is imported from here, a Value of 60 lines can stand instead.
"""

import random
from typing import Any

from autograd import Value

random.seed(42)

docs = ["mira", "amir", "rima", "mari", "irma"]
random.shuffle(docs)
uchars = sorted(set("".join(docs)))
BOS = len(uchars)
vocab_size = len(uchars) + 1

n_layer = 1
n_embd = 4
n_head = 2
block_size = 6
head_dim = n_embd // n_head


def matrix(nout: int, nin: int, std: float = 0.3) -> Any:
    return [[Value(random.gauss(0, std)) for _ in range(nin)] for _ in range(nout)]


state_dict = {
    "wte": matrix(vocab_size, n_embd),
    "wpe": matrix(block_size, n_embd),
    "lm_head": matrix(vocab_size, n_embd),
}
for i in range(n_layer):
    state_dict[f"layer{i}.attn_wq"] = matrix(n_embd, n_embd)
    state_dict[f"layer{i}.attn_wk"] = matrix(n_embd, n_embd)
    state_dict[f"layer{i}.attn_wv"] = matrix(n_embd, n_embd)
    state_dict[f"layer{i}.attn_wo"] = matrix(n_embd, n_embd, std=0)
    state_dict[f"layer{i}.mlp_fc1"] = matrix(4 * n_embd, n_embd)
    state_dict[f"layer{i}.mlp_fc2"] = matrix(n_embd, 4 * n_embd, std=0)
params = [p for mat in state_dict.values() for row in mat for p in row]
print(f"num params: {len(params)}")


def linear(x: Any, w: Any) -> Any:
    return [sum(wi * xi for wi, xi in zip(wo, x, strict=True)) for wo in w]


def softmax(logits: Any) -> Any:
    max_val = max(val.data for val in logits)
    exps = [(val - max_val).exp() for val in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rmsnorm(x: Any) -> Any:
    ms = sum(xi * xi for xi in x) / len(x)
    scale = (ms + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def gpt(token_id: int, pos_id: int, keys: Any, values: Any) -> Any:
    x = [t + p for t, p in zip(state_dict["wte"][token_id], state_dict["wpe"][pos_id], strict=True)]
    x = rmsnorm(x)
    for li in range(n_layer):
        x_residual = x
        x = rmsnorm(x)
        q = linear(x, state_dict[f"layer{li}.attn_wq"])
        keys[li].append(linear(x, state_dict[f"layer{li}.attn_wk"]))
        values[li].append(linear(x, state_dict[f"layer{li}.attn_wv"]))
        x_attn: list[Any] = []
        for h in range(n_head):
            hs = slice(h * head_dim, (h + 1) * head_dim)
            q_h, k_h, v_h = q[hs], [k[hs] for k in keys[li]], [v[hs] for v in values[li]]
            attn = softmax(
                [sum(q_h[j] * k[j] for j in range(head_dim)) / head_dim**0.5 for k in k_h]
            )
            x_attn += [sum(attn[t] * v_h[t][j] for t in range(len(v_h))) for j in range(head_dim)]
        x = linear(x_attn, state_dict[f"layer{li}.attn_wo"])
        x = [a + b for a, b in zip(x, x_residual, strict=True)]
        x_residual = x
        x = [xi.relu() for xi in linear(rmsnorm(x), state_dict[f"layer{li}.mlp_fc1"])]
        x = linear(x, state_dict[f"layer{li}.mlp_fc2"])
        x = [a + b for a, b in zip(x, x_residual, strict=True)]
    return linear(x, state_dict["lm_head"])


learning_rate, beta1, beta2, eps_adam = 0.05, 0.85, 0.99, 1e-8
m = [0.0] * len(params)
v = [0.0] * len(params)

history: list[float] = []
gradients: list[float] = []
untouched = 0
num_steps = 6
for step in range(num_steps):
    doc = docs[step % len(docs)]
    tokens = [BOS] + [uchars.index(ch) for ch in doc] + [BOS]
    n = min(block_size, len(tokens) - 1)
    keys: Any = [[] for _ in range(n_layer)]
    values: Any = [[] for _ in range(n_layer)]
    losses = []
    for pos_id in range(n):
        probs = softmax(gpt(tokens[pos_id], pos_id, keys, values))
        losses.append(-probs[tokens[pos_id + 1]].log())
    loss: Any = (1 / n) * sum(losses)
    loss.backward()
    history.append(loss.data)
    lr_t = learning_rate * (1 - step / num_steps)
    for i, p in enumerate(params):
        untouched += p.grad == 0  # a position that no word reaches
        gradients.append(p.grad)
        m[i] = beta1 * m[i] + (1 - beta1) * p.grad
        v[i] = beta2 * v[i] + (1 - beta2) * p.grad**2
        m_hat = m[i] / (1 - beta1 ** (step + 1))
        v_hat = v[i] / (1 - beta2 ** (step + 1))
        p.data -= lr_t * m_hat / (v_hat**0.5 + eps_adam)
        p.grad = 0
    print(f"step {step + 1} / {num_steps} | loss {loss.data:.4f}")

samples = []
for _ in range(3):
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    token_id, sample = BOS, ""
    for pos_id in range(block_size):
        logits = gpt(token_id, pos_id, keys, values)
        probs = softmax([x / 0.5 for x in logits])
        token_id = random.choices(range(vocab_size), weights=[p.data for p in probs])[0]
        if token_id == BOS:
            break
        sample += uchars[token_id]
    samples.append(sample)
    print(f"sample: {sample}")
results = [*history, *gradients, untouched, len(params)]
