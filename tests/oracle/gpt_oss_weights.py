"""The weights of a converted gpt-oss as the numbers that its rounded codes stand for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper

Floats = NDArray[np.float32]
Stored = NDArray[Any]
Weights = dict[str, Stored]


def rounded_weights(folder: Path, kv_rows: int) -> dict[str, Floats]:
    """Every MatMulNBits' and QMoE's weights, float32, named and laid out as transformers has them:
    [rows, columns], experts [experts, columns, rows]. `kv_rows` are those of the keys."""
    model = onnx.load(folder / "model.onnx")
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found: dict[str, Floats] = {}
    for node in model.graph.node:
        if node.op_type == "QMoE":
            found |= dict(experts(node, stored))
        elif node.op_type == "MatMulNBits":
            found |= dense(node, stored, kv_rows)
    return found


def experts(node: NodeProto, stored: Weights) -> Iterator[tuple[str, Floats]]:
    """uint8 [experts, rows, columns / 2], the earlier value low, and a scale for 64 columns."""
    for codes, scales in ((node.input[2], node.input[3]), (node.input[5], node.input[6])):
        values = decoded(int4(stored[codes]), stored[scales], zero=8)
        yield codes.removesuffix("_codes"), np.ascontiguousarray(values.transpose(0, 2, 1))


def dense(node: NodeProto, stored: Weights, kv_rows: int) -> dict[str, Floats]:
    """uint8 [rows, blocks, bytes of a block] and a scale for a block."""
    codes, name = stored[node.input[1]], node.input[1].removesuffix(".codes")
    bits = next(attribute.i for attribute in node.attribute if attribute.name == "bits")
    flat = codes.reshape(codes.shape[0], -1)
    values = decoded(int4(flat) if bits == 4 else flat, stored[node.input[2]], zero=1 << (bits - 1))
    if not name.endswith(".qkv"):
        return {f"{name.removesuffix('.product').replace('.o', '.o_proj')}.weight": values}
    parts = np.split(values, [-2 * kv_rows, -kv_rows])
    place = name.removesuffix("qkv")
    return {f"{place}{x}_proj.weight": part for x, part in zip("qkv", parts, strict=True)}


def int4(packed: Stored) -> Stored:
    """Two codes a byte along the last axis, the earlier one in the low half."""
    both = np.stack([packed & 15, packed >> 4], axis=-1)
    return both.reshape(*packed.shape[:-1], -1)


def decoded(codes: Stored, scales: Stored, zero: int) -> Floats:
    """Codes [..., columns] and scales [..., blocks]."""
    blocks = codes.astype(np.float32).reshape(*scales.shape, -1) - zero
    return (blocks * scales[..., None]).reshape(codes.shape)
