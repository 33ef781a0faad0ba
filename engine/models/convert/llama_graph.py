"""The graph of a Llama-shaped decoder with GGUF's quantised weights, for ONNX Runtime on the CPU.

Activations are float32 and two-dimensional, [tokens, width]: there is one sequence, and a Gemm can
then add a linear layer's two terms. Only the last position reaches the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from engine.models.convert.gguf_blocks import BLOCK, Int4Blocks, Int8Blocks
from engine.models.convert.onnx_writer import OnnxWriter

ACCURACY_LEVEL = 4
"""MatMulNBits with int8 activations: their cost and gain are in tests/bench/LOG.md."""


GQA_SHARED_INPUTS = ("seqlens_k", "total_sequence_length", "rope.cos", "rope.sin")


@dataclass(frozen=True, slots=True)
class LlamaShape:
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_size: int
    inner_width: int
    vocabulary: int
    context_length: int
    rope_base: float
    norm_epsilon: float


@dataclass(frozen=True, slots=True)
class LlamaWeights:
    """Reads weights by their GGUF names; row-joined where several names are given."""

    int4: Callable[[tuple[str, ...]], Int4Blocks]
    int8: Callable[[str], Int8Blocks]
    float32: Callable[[str], NDArray[np.float32]]


class LlamaGraph:
    """Writes the whole decoder. Inputs and outputs are named as ONNX Runtime GenAI names them."""

    def __init__(self, writer: OnnxWriter, shape: LlamaShape, weights: LlamaWeights) -> None:
        self._writer = writer
        self._shape = shape
        self._weights = weights

    def write(self, on_layer: Callable[[int], None]) -> None:
        """`on_layer(n)` is called when n layers are written."""
        self._writer.input("input_ids", TensorProto.INT64, [1, "tokens"])
        self._writer.input("attention_mask", TensorProto.INT64, [1, "total_tokens"])
        self._write_shared()
        hidden = self._embed()
        normed = self._norm_first(hidden)
        for layer in range(self._shape.layers):
            hidden, normed = self._layer(layer, hidden, normed)
            on_layer(layer + 1)
        self._head(normed)

    def _write_shared(self) -> None:
        """What every layer reads: sequence lengths, the rotary tables, the block sums' pattern."""
        writer, shape = self._writer, self._shape
        writer.weight("one", np.array([1], np.int64))
        writer.node("ReduceSum", ["attention_mask", "one"], "mask_sum", keepdims=0)
        writer.node("Sub", ["mask_sum", "one"], "last_index")
        writer.node("Cast", ["last_index"], "seqlens_k", to=TensorProto.INT32)
        writer.node("Shape", ["attention_mask"], "total_tokens", start=1, end=2)
        writer.weight("scalar", np.array([], np.int64))
        writer.node("Reshape", ["total_tokens", "scalar"], "total_scalar")
        writer.node("Cast", ["total_scalar"], "total_sequence_length", to=TensorProto.INT32)
        cosines, sines = rotary_tables(shape.context_length, shape.head_size, shape.rope_base)
        writer.weight("rope.cos", cosines)
        writer.weight("rope.sin", sines)
        for width in {shape.width, shape.heads * shape.head_size, shape.inner_width}:
            writer.weight(f"block_sum.{width}", block_sum_matrix(width))
        qkv_width = (shape.heads + 2 * shape.kv_heads) * shape.head_size
        writer.weight("shape.qkv", np.array([1, -1, qkv_width], np.int64))
        writer.weight("shape.attention", np.array([-1, shape.heads * shape.head_size], np.int64))

    def _embed(self) -> str:
        """The embedding is stored once; the output layer reads the same bytes in blocks."""
        writer, shape = self._writer, self._shape
        table = self._weights.int8("token_embd.weight")
        writer.weight("head.weight", table.packed)
        writer.weight("head.scales", table.scales.reshape(-1))
        writer.alias("embedding.weight", "head.weight", [shape.vocabulary, shape.width])
        writer.alias("embedding.scales", "head.scales", [shape.vocabulary, shape.width // BLOCK])
        writer.weight("minus_one", np.array([-1], np.int64))
        writer.node("Reshape", ["input_ids", "minus_one"], "ids")
        return writer.contrib(
            "GatherBlockQuantized",
            ["embedding.weight", "ids", "embedding.scales"],
            "embedded",
            bits=8,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )

    def _norm_first(self, hidden: str) -> str:
        gamma = self._writer.weight(
            "blk.0.attn_norm", self._weights.float32("blk.0.attn_norm.weight")
        )
        return self._writer.node(
            "SimplifiedLayerNormalization",
            [hidden, gamma],
            "normed.0",
            axis=-1,
            epsilon=self._shape.norm_epsilon,
        )

    def _layer(self, layer: int, hidden: str, normed: str) -> tuple[str, str]:
        """(hidden, normed) before the layer to (hidden, normed for the next one) after it."""
        name, last = f"blk.{layer}", layer + 1 == self._shape.layers
        attended = self._attention(name, layer, normed)
        hidden, normed = self._add_and_norm(f"{name}.ffn_norm", hidden, attended)
        fed = self._feed_forward(name, normed)
        next_norm = "output_norm" if last else f"blk.{layer + 1}.attn_norm"
        return self._add_and_norm(next_norm, hidden, fed)

    def _attention(self, name: str, layer: int, normed: str) -> str:
        writer, shape = self._writer, self._shape
        parts = tuple(f"{name}.attn_{part}.weight" for part in "qkv")
        qkv = self._linear(f"{name}.qkv", normed, parts, shape.width)
        packed = writer.node("Reshape", [qkv, "shape.qkv"], f"{name}.qkv_3d")
        attended = writer.contrib(
            "GroupQueryAttention",
            [packed, "", "", *self._cache_inputs(layer), *GQA_SHARED_INPUTS],
            [f"{name}.attended", *self._cache_outputs(layer)],
            num_heads=shape.heads,
            kv_num_heads=shape.kv_heads,
            do_rotary=1,
            rotary_interleaved=1,  # GGUF keeps Llama's queries and keys in Meta's order
        )
        flat = writer.node("Reshape", [attended, "shape.attention"], f"{name}.attended_2d")
        width = shape.heads * shape.head_size
        return self._linear(f"{name}.output", flat, (f"{name}.attn_output.weight",), width)

    def _cache_inputs(self, layer: int) -> list[str]:
        return [
            self._cache("input", f"past_key_values.{layer}.{part}") for part in ("key", "value")
        ]

    def _cache_outputs(self, layer: int) -> list[str]:
        return [self._cache("output", f"present.{layer}.{part}") for part in ("key", "value")]

    def _cache(self, side: str, name: str) -> str:
        declare = self._writer.input if side == "input" else self._writer.output
        shape = [1, self._shape.kv_heads, "capacity", self._shape.head_size]
        return declare(name, TensorProto.FLOAT, shape)

    def _feed_forward(self, name: str, normed: str) -> str:
        writer, shape = self._writer, self._shape
        parts = (f"{name}.ffn_gate.weight", f"{name}.ffn_up.weight")
        both = self._linear(f"{name}.gate_up", normed, parts, shape.width)
        gate, up = f"{name}.gate", f"{name}.up"
        writer.node("Split", [both], [gate, up], axis=-1, num_outputs=2)
        writer.contrib("QuickGelu", [gate], f"{name}.silu", alpha=1.0)
        product = writer.node("Mul", [f"{name}.silu", up], f"{name}.product")
        return self._linear(
            f"{name}.down", product, (f"{name}.ffn_down.weight",), shape.inner_width
        )

    def _add_and_norm(self, norm: str, hidden: str, update: str) -> tuple[str, str]:
        gamma = self._writer.weight(norm, self._weights.float32(f"{norm}.weight"))
        epsilon = self._shape.norm_epsilon
        return self._writer.add_and_norm(norm, hidden, update, gamma, epsilon=epsilon)

    def _linear(self, name: str, x: str, weights: tuple[str, ...], width: int) -> str:
        """x @ W.T in two terms: the int4 values around 8, and each block's shift by its sum of x.

        Zero points in float would say the same in one operator, but make ONNX Runtime dequantise
        the whole matrix at every call: 1,000 us instead of 60 for one row.
        """
        writer, blocks = self._writer, self._weights.int4(weights)
        rows = blocks.packed.shape[0]
        product = writer.contrib(
            "MatMulNBits",
            [
                x,
                writer.weight(f"{name}.weight", blocks.packed),
                writer.weight(f"{name}.scales", blocks.scales.reshape(-1)),
            ],
            f"{name}.product",
            K=width,
            N=rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=ACCURACY_LEVEL,
        )
        sums = writer.node("MatMul", [x, f"block_sum.{width}"], f"{name}.block_sums")
        shifts = writer.weight(f"{name}.shifts", np.ascontiguousarray(blocks.shifts.T))
        return writer.node("Gemm", [sums, shifts, product], f"{name}.out")

    def _head(self, normed: str) -> None:
        writer, shape = self._writer, self._shape
        writer.node("Gather", [normed, "minus_one"], "last", axis=0)
        writer.contrib(
            "MatMulNBits",
            ["last", "head.weight", "head.scales"],
            "last_logits",
            K=shape.width,
            N=shape.vocabulary,
            bits=8,
            block_size=BLOCK,
            accuracy_level=ACCURACY_LEVEL,
        )
        writer.weight("shape.logits", np.array([1, 1, shape.vocabulary], np.int64))
        writer.node("Reshape", ["last_logits", "shape.logits"], "logits")
        writer.output("logits", TensorProto.FLOAT, [1, 1, shape.vocabulary])


def rotary_tables(
    positions: int, head_size: int, base: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines and sines, float32 [positions, head_size / 2]. Source: Su et al., RoFormer, 2021."""
    frequencies = base ** (-np.arange(0, head_size, 2, dtype=np.float64) / head_size)
    angles = np.outer(np.arange(positions, dtype=np.float64), frequencies)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def block_sum_matrix(width: int) -> NDArray[np.float32]:
    """[width, width / 32]: x times this is the sum of each block of x."""
    return np.kron(np.eye(width // BLOCK, dtype=np.float32), np.ones((BLOCK, 1), np.float32))
