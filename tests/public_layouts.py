"""Folders of ours in the layouts of the public exports of gpt-oss, which themselves have 12 GB.

What is known of them: the layouts' file lists and I/O contracts, and that they keep the KV of all
layers at full length, return logits of all positions and leave QMoE's accuracy level out.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from engine.models.convert.gpt_oss_weights import Recipe

FLOAT16 = Recipe(np.dtype(np.float16), "int4", attention_bits=4, head_bits=4, providers=("webgpu",))
"""What the export for WebGPU is made of."""


def as_onnxruntime(folder: Path) -> None:
    """Full-length KV everywhere, logits for all positions, GenAI's own configuration."""
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    for node in model.graph.node:
        names = ("sliding_window_cache", "accuracy_level")
        kept = [
            one for one in node.attribute if one.name not in names or node.op_type == "MatMulNBits"
        ]
        del node.attribute[:]
        node.attribute.extend(kept)
    _return_logits_of_all_positions(model)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    config = json.loads((folder / "genai_config.json").read_text("utf-8"))
    del config["hearth"], config["model"]["decoder"]["sliding_window"]
    config["search"] = {"do_sample": True, "top_k": 50, "past_present_share_buffer": True}
    (folder / "genai_config.json").write_text(json.dumps(config), "utf-8")


def as_transformers_js(folder: Path) -> None:
    """As onnxruntime's, but the graph and its data lie in `onnx/`, and nothing names them."""
    as_onnxruntime(folder)
    (folder / "onnx").mkdir()
    graph = onnx.load(folder / "model.onnx", load_external_data=False)
    for weight in graph.graph.initializer:
        for entry in weight.external_data:
            entry.value = entry.value.replace("model.onnx.data", "model_q4f16.onnx_data")
    (folder / "onnx" / "model_q4f16.onnx").write_bytes(graph.SerializeToString())
    (folder / "model.onnx.data").rename(folder / "onnx" / "model_q4f16.onnx_data")
    (folder / "model.onnx").unlink()


def _return_logits_of_all_positions(model: onnx.ModelProto) -> None:
    last = next(node for node in model.graph.node if node.output[0] == "last")
    last.op_type = "Identity"
    del last.input[1:], last.attribute[:]
    shape = next(one for one in model.graph.initializer if one.name == "shape.logits")
    vocabulary = int(numpy_helper.to_array(shape)[-1])
    shape.CopyFrom(helper.make_tensor(shape.name, 7, [3], [1, -1, vocabulary]))
    model.graph.output[-1].type.tensor_type.shape.dim[1].dim_param = "sequence_length"
