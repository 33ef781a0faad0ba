"""Public exports of gpt-oss load as they are; folders of their shapes, since theirs have 12 GB.

What is known of them: the layouts' file lists and I/O contracts, and that they keep the KV of all
layers at full length, return logits of all positions and leave QMoE's accuracy level out.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from engine.cancellation import Cancellation
from engine.formats.harmony.format import HarmonyFormat
from engine.loading import open_model
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES, Recipe
from engine.models.folder import ModelFolder, find_models
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.placement import on_cpu
from engine.selftest.checkpoint import write_checkpoint
from engine.types import Device, SamplingDefaults

CPU = on_cpu(Device("the CPU", "It is a test."), threads=2)
PROMPT = np.random.default_rng(0).integers(0, 500, 400).tolist()
FLOAT16 = Recipe(np.dtype(np.float16), "int4", attention_bits=4, head_bits=4, providers=("webgpu",))


@pytest.fixture
def source(tmp_path: Path, gpt_oss_tokenizer: Path) -> Path:
    folder = write_checkpoint(tmp_path / "checkpoint", stop_tokens=(2, 3))
    shutil.copy(gpt_oss_tokenizer, folder)
    return folder


def as_published(folder: Path) -> None:
    """Full-length KV everywhere, logits for all positions, GenAI's own configuration."""
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    nodes = {node.output[0]: node for node in model.graph.node}
    for node in model.graph.node:
        names = ("sliding_window_cache", "accuracy_level")
        kept = [
            one for one in node.attribute if one.name not in names or node.op_type == "MatMulNBits"
        ]
        del node.attribute[:]
        node.attribute.extend(kept)
    nodes["last"].op_type = "Identity"
    del nodes["last"].input[1:], nodes["last"].attribute[:]
    shape = next(one for one in model.graph.initializer if one.name == "shape.logits")
    shape.CopyFrom(helper.make_tensor(shape.name, 7, [3], [1, -1, 512]))
    model.graph.output[-1].type.tensor_type.shape.dim[1].dim_param = "sequence_length"
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    config = json.loads((folder / "genai_config.json").read_text("utf-8"))
    del config["hearth"], config["model"]["decoder"]["sliding_window"]
    config["search"] = {"do_sample": True, "top_k": 50, "past_present_share_buffer": True}
    (folder / "genai_config.json").write_text(json.dumps(config), "utf-8")


def logits_of(folder: Path, chunk: int) -> np.ndarray:
    decoder = OnnxDecoder.open(ModelFolder.read(folder), CPU, Cancellation())
    chunks = range(0, len(PROMPT), chunk)
    return [decoder.prefill(PROMPT[n : n + chunk], Cancellation()) for n in chunks][-1].all()


def test_the_onnxruntime_layout_loads_and_computes_the_same(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "ours", RECIPES["cpu"], lambda *_: None, Cancellation())
    shutil.copytree(tmp_path / "ours", tmp_path / "models" / "gpt-oss-20b-onnx")
    public = tmp_path / "models" / "gpt-oss-20b-onnx"
    as_published(public)
    (found,) = find_models([tmp_path / "models"])
    assert found.window.layers == frozenset()
    assert found.sampling == SamplingDefaults()  # GenAI's top_k of 50 is not the makers' advice
    expected = logits_of(tmp_path / "ours", 400)
    for chunk in (400, 150):
        assert np.abs(logits_of(public, chunk) - expected).max() < 0.2


def test_it_branches_without_snapshots(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "public", RECIPES["cpu"], lambda *_: None, Cancellation())
    as_published(tmp_path / "public")
    decoder = OnnxDecoder.open(ModelFolder.read(tmp_path / "public"), CPU, Cancellation())
    decoder.prefill(PROMPT, Cancellation())
    assert decoder.reuse([*PROMPT[:123], 7, 7]) == 123


def test_the_transformers_js_layout_loads(source: Path, tmp_path: Path) -> None:
    """float16 throughout, the graph and its data in `onnx/`, a configuration that names neither."""
    public = tmp_path / "gpt-oss-20b-ONNX"
    convert(source, public, FLOAT16, lambda *_: None, Cancellation())
    as_published(public)
    (public / "onnx").mkdir()
    graph = onnx.load(public / "model.onnx", load_external_data=False)
    for weight in graph.graph.initializer:
        for entry in weight.external_data:
            entry.value = entry.value.replace("model.onnx.data", "model_q4f16.onnx_data")
    (public / "onnx" / "model_q4f16.onnx").write_bytes(graph.SerializeToString())
    (public / "model.onnx.data").rename(public / "onnx" / "model_q4f16.onnx_data")
    (public / "model.onnx").unlink()
    exact = tmp_path / "float32"
    convert(source, exact, RECIPES["float32"], lambda *_: None, Cancellation())
    found, expected = logits_of(public, 150), logits_of(exact, 400)
    assert found.dtype == np.float32
    assert np.corrcoef(found, expected)[0, 1] > 0.9
    model = open_model(public, Cancellation())
    assert model.info.size_bytes > 1_000_000
    assert isinstance(model.format, HarmonyFormat)
    assert "WebGPU" in model.info.device.reason
