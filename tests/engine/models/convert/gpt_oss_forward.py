"""gpt-oss in float64 numpy, straight from a checkpoint: what a converted graph has to compute.

Source: openai/gpt-oss, gpt_oss/torch/model.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ml_dtypes  # teaches numpy the name bfloat16, which safetensors asks for
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Array = NDArray[Any]
STORED = (ml_dtypes.bfloat16, np.uint8)
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])


class Forward:
    """Logits [tokens, vocabulary] of a whole sequence."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text("utf-8"))
        self.tensors: dict[str, Array] = {}
        for shard in folder.glob("*.safetensors"):
            self.tensors |= load_file(shard)
        assert {tensor.dtype.type for tensor in self.tensors.values()} <= {*STORED}

    def tensor(self, name: str) -> Array:
        return self.tensors[name].astype(np.float64)

    def experts(self, name: str) -> Array:
        """[experts, rows, columns] of MXFP4 weights."""
        blocks, scales = self.tensors[f"{name}_blocks"], self.tensors[f"{name}_scales"]
        codes = np.stack([blocks & 15, blocks >> 4], axis=-1)
        values = E2M1[codes].reshape(*scales.shape, 32) * 2.0 ** (scales[..., None] - 127.0)
        return values.reshape(*scales.shape[:2], -1)

    def __call__(self, ids: list[int]) -> Array:
        hidden = self.tensor("model.embed_tokens.weight")[ids]
        for layer, kind in enumerate(self.config["layer_types"]):
            name = f"model.layers.{layer}"
            window = self.config["sliding_window"] if kind == "sliding_attention" else len(ids)
            normed = self.norm(f"{name}.input_layernorm.weight", hidden)
            hidden = hidden + self.attention(f"{name}.self_attn", normed, window)
            normed = self.norm(f"{name}.post_attention_layernorm.weight", hidden)
            hidden = hidden + self.mixture(f"{name}.mlp", normed)
        return self.norm("model.norm.weight", hidden) @ self.tensor("lm_head.weight").T

    def norm(self, name: str, x: Array) -> Array:
        mean = (x * x).mean(axis=-1, keepdims=True) + self.config["rms_norm_eps"]
        return x / np.sqrt(mean) * self.tensor(name)

    def linear(self, name: str, x: Array) -> Array:
        return x @ self.tensor(f"{name}.weight").T + self.tensor(f"{name}.bias")

    def attention(self, name: str, x: Array, window: int) -> Array:
        tokens, size = len(x), self.config["head_dim"]
        q, k, v = (
            self.linear(f"{name}.{part}_proj", x).reshape(tokens, -1, size) for part in "qkv"
        )
        q, k = self.rotate(q), self.rotate(k)
        shared = q.shape[1] // k.shape[1]
        k, v = np.repeat(k, shared, axis=1), np.repeat(v, shared, axis=1)
        scores = np.einsum("qhd,khd->hqk", q, k) * size**-0.5
        distance = np.arange(tokens)[:, None] - np.arange(tokens)
        scores[:, (distance < 0) | (distance >= window)] = -np.inf
        sinks = np.broadcast_to(
            self.tensor(f"{name}.sinks")[:, None, None], (q.shape[1], tokens, 1)
        )
        weights = softmax(np.concatenate([scores, sinks], axis=-1))[..., :-1]
        return self.linear(
            f"{name}.o_proj", np.einsum("hqk,khd->qhd", weights, v).reshape(tokens, -1)
        )

    def rotate(self, x: Array) -> Array:
        angles, attention = self.yarn(len(x))
        cos, sin = np.cos(angles)[:, None] * attention, np.sin(angles)[:, None] * attention
        first, second = np.split(x, 2, axis=-1)
        return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)

    def yarn(self, positions: int) -> tuple[Array, float]:
        scaling, size = self.config["rope_scaling"], self.config["head_dim"]
        base, factor = self.config["rope_theta"], scaling["factor"]
        half = size / 2
        low, high = (
            half
            * np.log(scaling["original_max_position_embeddings"] / (beta * 2 * np.pi))
            / np.log(base)
            for beta in (scaling["beta_fast"], scaling["beta_slow"])
        )
        frequencies = base ** (np.arange(0, size, 2) / size)
        mask = 1 - np.clip((np.arange(half) - low) / (high - low), 0, 1)
        inverse = (1 - mask) / (factor * frequencies) + mask / frequencies
        return np.outer(np.arange(positions), inverse), 0.1 * np.log(factor) + 1

    def mixture(self, name: str, x: Array) -> Array:
        router = self.linear(f"{name}.router", x)
        up, down = (self.experts(f"{name}.experts.{part}_proj") for part in ("gate_up", "down"))
        up_bias = self.tensor(f"{name}.experts.gate_up_proj_bias")
        down_bias = self.tensor(f"{name}.experts.down_proj_bias")
        out = np.zeros_like(x)
        for row, logits in enumerate(router):
            chosen = np.argsort(-logits)[: self.config["num_experts_per_tok"]]
            for expert, weight in zip(chosen, softmax(logits[chosen]), strict=True):
                inner = swiglu(up[expert] @ x[row] + up_bias[expert], self.config["swiglu_limit"])
                out[row] += weight * (down[expert] @ inner + down_bias[expert])
        return out


def swiglu(x: Array, limit: float) -> Array:
    gate, value = np.minimum(x[0::2], limit), np.clip(x[1::2], -limit, limit)
    return gate / (1 + np.exp(-1.702 * gate)) * (value + 1)


def softmax(x: Array) -> Array:
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
