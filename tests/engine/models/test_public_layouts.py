"""Public exports of gpt-oss load as they are; by folders in their layouts."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.cancellation import Cancellation
from engine.formats.harmony.format import HarmonyFormat
from engine.loading import open_model
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES
from engine.models.folder import ModelFolder, find_models
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.placement import on_cpu
from engine.selftest.checkpoint import write_checkpoint
from engine.types import Device, SamplingDefaults
from tests.public_layouts import FLOAT16, as_onnxruntime, as_transformers_js

CPU = on_cpu(Device("the CPU", "It is a test."), threads=2)
PROMPT = np.random.default_rng(0).integers(0, 500, 400).tolist()


@pytest.fixture
def source(tmp_path: Path, gpt_oss_tokenizer: Path) -> Path:
    folder = write_checkpoint(tmp_path / "checkpoint", stop_tokens=(2, 3))
    shutil.copy(gpt_oss_tokenizer, folder)
    return folder


def logits_of(folder: Path, chunk: int) -> np.ndarray:
    decoder = OnnxDecoder.open(ModelFolder.read(folder), CPU, Cancellation())
    chunks = range(0, len(PROMPT), chunk)
    return [decoder.prefill(PROMPT[n : n + chunk], Cancellation()) for n in chunks][-1].all()


def test_the_onnxruntime_layout_loads_and_computes_the_same(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "ours", RECIPES["cpu"], lambda *_: None, Cancellation())
    shutil.copytree(tmp_path / "ours", tmp_path / "models" / "gpt-oss-20b-onnx")
    public = tmp_path / "models" / "gpt-oss-20b-onnx"
    as_onnxruntime(public)
    (found,) = find_models([tmp_path / "models"])
    assert found.window.layers == frozenset()
    assert found.sampling == SamplingDefaults()  # GenAI's top_k of 50 is not the makers' advice
    expected = logits_of(tmp_path / "ours", 400)
    for chunk in (400, 150):
        assert np.abs(logits_of(public, chunk) - expected).max() < 0.2


def test_it_branches_without_snapshots(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "public", RECIPES["cpu"], lambda *_: None, Cancellation())
    as_onnxruntime(tmp_path / "public")
    decoder = OnnxDecoder.open(ModelFolder.read(tmp_path / "public"), CPU, Cancellation())
    decoder.prefill(PROMPT, Cancellation())
    assert decoder.reuse([*PROMPT[:123], 7, 7]) == 123


def test_the_transformers_js_layout_loads(source: Path, tmp_path: Path) -> None:
    """float16 throughout, the graph and its data in `onnx/`, a configuration that names neither."""
    public = tmp_path / "gpt-oss-20b-ONNX"
    convert(source, public, FLOAT16, lambda *_: None, Cancellation())
    as_transformers_js(public)
    exact = tmp_path / "float32"
    convert(source, exact, RECIPES["float32"], lambda *_: None, Cancellation())
    found, expected = logits_of(public, 150), logits_of(exact, 400)
    assert found.dtype == np.float32
    assert np.corrcoef(found, expected)[0, 1] > 0.9
    model = open_model(public, Cancellation())
    assert model.info.size_bytes > 1_000_000
    assert isinstance(model.format, HarmonyFormat)
    assert "WebGPU" in model.info.device.reason
