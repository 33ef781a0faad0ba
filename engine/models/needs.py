"""What a model takes of a machine, read from its graph."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.models.folder import GPT_OSS, ModelFolder
from engine.models.graph import read_graph

if TYPE_CHECKING:
    import onnx

TABLES = {"Gather", "GatherBlockQuantized"}
EXPERTS = ("MoE", "QMoE")
WIDTHS = {1: 4, 2: 1, 3: 1, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 16: 2}
"""Bytes by onnx.TensorProto.DataType; the others are of 4 bits, two in a byte."""


class Target(StrEnum):
    """What weights are converted for."""

    CPU = "cpu"
    CUDA = "cuda"
    WEBGPU = "webgpu"


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes of all weights; of those among them that only the embedding reads, a row for a token;
    of those that every token reads; and what a token leaves in the KV cache's full layers."""

    weights: int
    table: int
    active: int
    kv: int
    layers: int
    is_harmony: bool


def needs_of(folder: ModelFolder) -> Needs:
    """Raises BadModelFolder."""
    graph = read_graph(folder.model_file)
    sizes = {place_of(tensor): size_of(tensor) for tensor in graph.initializer}
    places = {tensor.name: place_of(tensor) for tensor in graph.initializer}
    table = sum(sizes[place] for place in _tables(graph, places))
    weights = sum(sizes.values())
    full_layers = folder.layers - len(folder.window.layers)
    return Needs(
        weights=weights,
        table=table,
        active=weights - table - sum(_idle_experts(graph)),
        kv=2 * full_layers * folder.kv_heads * folder.head_size * _kv_width(graph, folder),
        layers=folder.layers,
        is_harmony=folder.family == GPT_OSS,
    )


def place_of(tensor: onnx.TensorProto) -> str:
    """The same for weights that share their bytes under several names."""
    place = {entry.key: entry.value for entry in tensor.external_data}
    return f"{place['location']} {place.get('offset', 0)}" if place else tensor.name


def size_of(tensor: onnx.TensorProto) -> int:
    """As stored, in bytes."""
    width, count = WIDTHS.get(tensor.data_type), math.prod(tensor.dims)
    return count * width if width else -(-count // 2)


def _tables(graph: onnx.GraphProto, places: Mapping[str, str]) -> set[str]:
    """An output layer that is tied to the embedding reads all of it: then it is none."""
    readers: dict[str, set[str]] = {}
    for node in graph.node:
        for name in node.input:
            if name in places:
                readers.setdefault(places[name], set()).add(node.op_type)
    return {place for place, kinds in readers.items() if kinds <= TABLES}


def _idle_experts(graph: onnx.GraphProto) -> Iterator[int]:
    """Of each layer's experts the bytes that a token does not read."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type not in EXPERTS:
            continue
        chosen = next(one.i for one in node.attribute if one.name == "k")
        for tensor in (weights[name] for name in node.input if name in weights):
            if len(tensor.dims) > 1:
                size = size_of(tensor)
                yield size - size * chosen // tensor.dims[0]


def _kv_width(graph: onnx.GraphProto, folder: ModelFolder) -> int:
    name = folder.inputs["past_key_names"] % 0
    kind = next(one.type.tensor_type.elem_type for one in graph.input if one.name == name)
    return WIDTHS[kind]
