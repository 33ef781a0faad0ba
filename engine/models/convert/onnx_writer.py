"""An ONNX model written node by node, its weights streamed into one external data file.

Only the graph is held in memory; a weight is stored when `weight` or `made` returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from engine.models.convert.weight_file import Array, Slices, Weight, WeightStore

Shape = Sequence[int | str]

OPSET = 21
CONTRIB_DOMAIN = "com.microsoft"
MODEL_FILE, DATA_FILE = "model.onnx", "model.onnx.data"


class OnnxWriter:
    """A graph whose weights go into a store. Values are named by strings."""

    def __init__(self, graph_name: str, store: WeightStore) -> None:
        self._graph_name = graph_name
        self._store = store
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, kind: int, shape: Shape) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, kind: int, shape: Shape) -> str:
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def weight(self, name: str, array: Array) -> str:
        """Store a constant. Small integers for shapes go into the graph itself."""
        if array.dtype == np.int64:
            self._weights.append(helper.make_tensor(name, TensorProto.INT64, array.shape, array))
            return name
        return self.made([Weight(name, array.dtype, array.shape)], lambda: [[array]])[0]

    def made(self, weights: Sequence[Weight], slices: Slices) -> list[str]:
        """Store weights that are made together, slice by slice, if they are not stored already."""
        offsets = self._store.put(weights, slices)
        for weight, offset in zip(weights, offsets, strict=True):
            self._refer(weight.name, weight.dtype, weight.shape, offset, weight.size_bytes)
        return [weight.name for weight in weights]

    def alias(self, name: str, of: str, shape: Sequence[int]) -> str:
        """Another shape of a weight that was written already, without a second copy on disk."""
        source = next(weight for weight in self._weights if weight.name == of)
        place = {entry.key: entry.value for entry in source.external_data}
        dtype = helper.tensor_dtype_to_np_dtype(source.data_type)
        self._refer(name, dtype, shape, int(place["offset"]), int(place["length"]))
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: str | Sequence[str],
        domain: str = "",
        **attributes: Any,
    ) -> str:
        """Append a node; returns the name of its first output."""
        names = [outputs] if isinstance(outputs, str) else list(outputs)
        name = f"{operator}/{names[0]}"
        node = helper.make_node(operator, inputs, names, name=name, domain=domain, **attributes)
        self._nodes.append(node)
        return names[0]

    def contrib(
        self, operator: str, inputs: Sequence[str], outputs: str | Sequence[str], **attributes: Any
    ) -> str:
        """A node of ONNX Runtime's own operators (its docs/ContribOperators.md)."""
        return self.node(operator, inputs, outputs, CONTRIB_DOMAIN, **attributes)

    def add_and_norm(
        self, name: str, hidden: str, update: str, gamma: str, *bias: str, epsilon: float
    ) -> tuple[str, str]:
        """(hidden + update, and maybe a bias [width]; that sum's RMS norm), in one operator."""
        normed, total = f"{name}.normed", f"{name}.hidden"
        self.contrib(
            "SkipSimplifiedLayerNormalization",
            [hidden, update, gamma, *bias],
            [normed, "", "", total],
            epsilon=epsilon,
        )
        return total, normed

    def save(self, folder: Path) -> None:
        """Write `model.onnx`, whose weights are those of `model.onnx.data`, once all are stored."""
        graph = helper.make_graph(
            self._nodes, self._graph_name, self._inputs, self._outputs, self._weights
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB_DOMAIN, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        (folder / MODEL_FILE).write_bytes(model.SerializeToString())

    def _refer(
        self, name: str, dtype: np.dtype[Any], shape: Sequence[int], offset: int, length: int
    ) -> None:
        tensor = TensorProto(
            name=name, data_type=helper.np_dtype_to_tensor_dtype(dtype), dims=shape
        )
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", DATA_FILE), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        self._weights.append(tensor)
