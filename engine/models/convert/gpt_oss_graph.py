"""The graph of gpt-oss for ONNX Runtime, the same for every target but for the weights' widths.

Activations are two-dimensional, [tokens, width]: there is one sequence. Only the last position
reaches the vocabulary. What it computes: openai/gpt-oss, gpt_oss/torch/model.py; inputs and outputs
are named as ONNX Runtime GenAI names them.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper

from engine.models.convert.gpt_oss_shape import GptOssShape
from engine.models.convert.gpt_oss_weights import GptOssWeights
from engine.models.convert.onnx_writer import OnnxWriter

SWIGLU = {
    "activation_type": "swiglu",
    "swiglu_fusion": 1,  # a gate's row and its value's alternate, as in the checkpoint
    "activation_alpha": 1.702,
    "activation_beta": 1.0,
    "normalize_routing_weights": 1,  # softmax over the chosen experts alone
}
GQA_SHARED_INPUTS = ("seqlens_k", "total_sequence_length", "rope.cos", "rope.sin")
NO_POSITIONS_NO_BIAS = ("", "")


class GptOssGraph:
    """Writes the whole decoder."""

    def __init__(self, writer: OnnxWriter, shape: GptOssShape, weights: GptOssWeights) -> None:
        self._writer = writer
        self._shape = shape
        self._weights = weights
        self._float = helper.np_dtype_to_tensor_dtype(weights.recipe.activations)

    def write(self) -> None:
        self._writer.input("input_ids", TensorProto.INT64, [1, "tokens"])
        self._writer.input("attention_mask", TensorProto.INT64, [1, "total_tokens"])
        self._write_shared()
        hidden = self._weights.embedding(self._ids())
        normed = self._norm_first(hidden)
        for layer in range(self._shape.layers):
            hidden, normed = self._layer(layer, hidden, normed)
        self._head(normed)

    def _write_shared(self) -> None:
        """What every layer reads: sequence lengths and the rotary tables.

        The mask may be longer than the sequence, with zeros after it: a captured CUDA graph has a
        mask of fixed length, and knows the sequence's by its sum.
        """
        writer, shape = self._writer, self._shape
        writer.weight("one", np.array([1], np.int64))
        writer.node("ReduceSum", ["attention_mask", "one"], "mask_sum", keepdims=0)
        writer.node("Sub", ["mask_sum", "one"], "last_index")
        writer.node("Cast", ["last_index"], "seqlens_k", to=TensorProto.INT32)
        writer.node("Shape", ["attention_mask"], "mask_shape")
        writer.weight("one_scalar", np.array(1, np.int64))
        writer.node("Gather", ["mask_shape", "one_scalar"], "total_tokens", axis=0)
        writer.node("Cast", ["total_tokens"], "total_sequence_length", to=TensorProto.INT32)
        self._weights.rotary_tables("rope.cos", "rope.sin")
        writer.weight("shape.qkv", np.array([1, -1, shape.qkv_width], np.int64))
        writer.weight("shape.attention", np.array([-1, shape.attention_width], np.int64))

    def _ids(self) -> str:
        self._writer.weight("minus_one", np.array([-1], np.int64))
        return self._writer.node("Reshape", ["input_ids", "minus_one"], "ids")

    def _norm_first(self, hidden: str) -> str:
        gamma = self._weights.vector("model.layers.0.input_layernorm.weight")
        epsilon = self._shape.norm_epsilon
        return self._writer.node(
            "SimplifiedLayerNormalization", [hidden, gamma], "normed.0", axis=-1, epsilon=epsilon
        )

    def _layer(self, layer: int, hidden: str, normed: str) -> tuple[str, str]:
        """(hidden, normed) before the layer to (hidden, normed for the next one) after it."""
        name, following = f"model.layers.{layer}", f"model.layers.{layer + 1}.input_layernorm"
        attended = self._attention(f"{name}.self_attn", layer, normed)
        bias = self._weights.vector(f"{name}.self_attn.o_proj.bias")
        after = f"{name}.post_attention_layernorm"
        hidden, normed = self._add_and_norm(after, hidden, attended, bias)
        mixed = self._mixture(f"{name}.mlp", normed)
        last = layer + 1 == self._shape.layers
        return self._add_and_norm("model.norm" if last else following, hidden, mixed)

    def _attention(self, name: str, layer: int, normed: str) -> str:
        """Without the last bias, which the norm after it adds. The first one is added behind a
        Reshape: fused into MatMulNBits it would keep CUDA's fast kernels from taking it."""
        writer, shape = self._writer, self._shape
        parts = tuple(f"{name}.{part}_proj" for part in "qkv")
        qkv = self._weights.dense(f"{name}.qkv", normed, parts)
        unbiased = writer.node("Reshape", [qkv, "shape.qkv"], f"{name}.qkv_3d")
        packed = writer.node("Add", [unbiased, self._weights.biases(parts)], f"{name}.packed")
        window = shape.windows[layer]
        is_short = self._is_short(layer)
        sinks = self._weights.vector(f"{name}.sinks")
        past = self._cache("past_key_values", layer)
        attended = writer.contrib(
            "GroupQueryAttention",
            [packed, "", "", *past, *GQA_SHARED_INPUTS, *NO_POSITIONS_NO_BIAS, sinks],
            [f"{name}.attended", *self._cache("present", layer)],
            num_heads=shape.heads,
            kv_num_heads=shape.kv_heads,
            scale=shape.head_size**-0.5,
            do_rotary=1,
            rotary_interleaved=0,
            local_window_size=window or -1,
            **({"sliding_window_cache": 1} if is_short else {}),
        )
        flat = writer.node("Reshape", [attended, "shape.attention"], f"{name}.attended_2d")
        return self._weights.dense(f"{name}.o", flat, (f"{name}.o_proj",))

    def _cache(self, prefix: str, layer: int) -> list[str]:
        """Declare a layer's keys and values; a sliding layer's buffers may be as short as its
        window."""
        declare = self._writer.output if prefix == "present" else self._writer.input
        rows = "window_capacity" if self._is_short(layer) else "capacity"
        shape = [1, self._shape.kv_heads, rows, self._shape.head_size]
        names = [f"{prefix}.{layer}.{part}" for part in ("key", "value")]
        return [declare(name, self._float, shape) for name in names]

    def _is_short(self, layer: int) -> bool:
        return self._weights.recipe.has_windows and self._shape.windows[layer] is not None

    def _mixture(self, name: str, normed: str) -> str:
        shape, writer = self._shape, self._writer
        router = self._weights.router(f"{name}.router", normed)
        operator, inputs, attributes = self._weights.experts(f"{name}.experts")
        return writer.contrib(
            operator,
            [normed, router, *inputs],
            f"{name}.mixed",
            k=shape.chosen_experts,
            swiglu_limit=shape.swiglu_limit,
            **SWIGLU,
            **attributes,
        )

    def _add_and_norm(self, norm: str, hidden: str, update: str, *bias: str) -> tuple[str, str]:
        gamma, epsilon = self._weights.vector(f"{norm}.weight"), self._shape.norm_epsilon
        return self._writer.add_and_norm(norm, hidden, update, gamma, *bias, epsilon=epsilon)

    def _head(self, normed: str) -> None:
        writer, vocabulary = self._writer, self._shape.vocabulary
        writer.node("Gather", [normed, "minus_one"], "last", axis=0)
        logits = self._weights.dense("lm_head.product", "last", ("lm_head",))
        writer.weight("shape.logits", np.array([1, 1, vocabulary], np.int64))
        writer.node("Reshape", [logits, "shape.logits"], "logits")
        writer.output("logits", self._float, [1, 1, vocabulary])
