"""The sampling head: a tiny session that reads the logits where they are and returns the top ones.

Of the 201,088 logits of gpt-oss a step copies 1 KB to the host instead of 400: the numbers are in
tests/bench/LOG.md.
"""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, TensorProto, helper
from onnx.helper import make_node

from engine.protocols import TopLogits
from engine.runtime.placement import Placement
from engine.runtime.tensor import Tensor

TOP = 128
ONNX_TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}


class Head:
    """For logits of shape [1, 1, vocabulary] in float16 or float32."""

    def __init__(self, vocabulary: int, dtype: np.dtype[np.generic], placement: Placement) -> None:
        self._top = min(TOP, vocabulary)
        model = head_model(vocabulary, self._top, ONNX_TYPES[dtype.name])
        self._session = placement.session(model.SerializeToString(), placement.session_options())
        memory = placement.memory
        self._options = placement.run_options(0)
        self._inverse_temperature = Tensor.on(memory, np.ones(1, np.float32))
        self._packed = Tensor.on(memory, np.zeros(2 * self._top + 1, np.float32))
        self._temperature = 1.0
        self._binding = self._session.io_binding()
        self._binding.bind_ortvalue_input("inverse_temperature", self._inverse_temperature.value)
        self._binding.bind_ortvalue_output("packed", self._packed.value)
        self._bound: Tensor | None = None

    def run(self, logits: Tensor, temperature: float) -> TopLogits:
        """`temperature` divides the logits in `logsumexp` only; 0 is greedy and counts as 1."""
        self._set(logits, temperature or 1.0)
        self._binding.synchronize_inputs()
        self._session.run_with_iobinding(self._binding, self._options)
        packed = self._packed.read()
        values, ids = packed[: self._top].copy(), packed[self._top : -1].astype(np.int64)
        return TopLogits(ids, values, float(packed[-1]))

    def _set(self, logits: Tensor, temperature: float) -> None:
        if logits is not self._bound:
            self._binding.bind_ortvalue_input("logits", logits.value)
            self._bound = logits
        if temperature != self._temperature:
            self._inverse_temperature.write(np.array([1 / temperature], np.float32))
            self._temperature = temperature


def head_model(vocabulary: int, top: int, kind: int) -> ModelProto:
    """packed = the top values, their ids and logsumexp(logits / temperature), float32 [2 top + 1].

    The largest value is taken out first, so that no exponential overflows. Ids are exact in
    float32 up to 2^24.
    """
    nodes = [
        make_node("Cast", ["logits"], ["wide"], to=TensorProto.FLOAT),
        make_node("Reshape", ["wide", "flat"], ["row"]),
        make_node("TopK", ["row", "top"], ["values", "ids"], sorted=1),
        make_node("Slice", ["values", "zero", "one"], ["largest"]),
        make_node("Sub", ["row", "largest"], ["shifted"]),
        make_node("Mul", ["shifted", "inverse_temperature"], ["scaled"]),
        make_node("Exp", ["scaled"], ["exponentials"]),
        make_node("ReduceSum", ["exponentials"], ["sum"], keepdims=1),
        make_node("Log", ["sum"], ["log_sum"]),
        make_node("Mul", ["largest", "inverse_temperature"], ["base"]),
        make_node("Add", ["log_sum", "base"], ["logsumexp"]),
        make_node("Cast", ["ids"], ["float_ids"], to=TensorProto.FLOAT),
        make_node("Concat", ["values", "float_ids", "logsumexp"], ["packed"], axis=0),
    ]
    constants = {"flat": [-1], "top": [top], "zero": [0], "one": [1]}
    graph = helper.make_graph(
        nodes,
        "sampling head",
        [
            helper.make_tensor_value_info("logits", kind, [1, 1, vocabulary]),
            helper.make_tensor_value_info("inverse_temperature", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("packed", TensorProto.FLOAT, [2 * top + 1])],
        [
            helper.make_tensor(name, TensorProto.INT64, [1], value)
            for name, value in constants.items()
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
