"""Packed weights are saved once, used from then on, and never trusted when anything has changed."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from engine.cancellation import Cancellation
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES
from engine.models.folder import ModelFolder
from engine.runtime import prepacked
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.placement import on_cpu
from engine.selftest.checkpoint import write_checkpoint
from engine.types import Device

CPU = on_cpu(Device("the CPU", "It is a test."), threads=2)
PROMPT = [1, 2, 3, 5, 8, 13]


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    source = write_checkpoint(tmp_path / "checkpoint")
    (source / "tokenizer.json").write_text("{}", "utf-8")
    convert(source, tmp_path / "model", RECIPES["cpu"], lambda *_: None, Cancellation())
    return ModelFolder.read(tmp_path / "model")


def load(folder: ModelFolder) -> ort.InferenceSession:
    return prepacked.load(folder, CPU.session_options(), Cancellation(), memory_bytes=0)


def logits(folder: ModelFolder) -> np.ndarray:
    decoder = OnnxDecoder(load(folder), folder, CPU)
    return decoder.prefill(PROMPT, Cancellation()).all().copy()


def test_the_second_load_computes_bit_for_bit_the_same(folder: ModelFolder) -> None:
    first = logits(folder)
    assert (folder.path / "prepacked" / "fingerprint.json").is_file()
    assert (logits(folder) == first).all()


def test_the_saved_weights_are_the_ones_that_are_loaded(folder: ModelFolder) -> None:
    load(folder)
    folder.model_file.rename(folder.path / "elsewhere")
    fingerprint = folder.path / "prepacked" / "fingerprint.json"
    told = json.loads(fingerprint.read_text("utf-8"))
    told["files"] = [entry for entry in told["files"] if entry[0] != "model.onnx"]
    fingerprint.write_text(json.dumps(told), "utf-8")
    assert load(folder) is not None


def test_a_changed_model_is_packed_anew(folder: ModelFolder) -> None:
    load(folder)
    fingerprint = folder.path / "prepacked" / "fingerprint.json"
    before = fingerprint.read_text("utf-8")
    os.utime(folder.model_file, (1, 1))
    load(folder)
    assert fingerprint.read_text("utf-8") != before


def test_where_memory_is_plenty_nothing_is_saved(folder: ModelFolder) -> None:
    prepacked.load(folder, CPU.session_options(), Cancellation())
    assert not (folder.path / "prepacked").exists()


def test_a_folder_that_cannot_be_written_loads_all_the_same(
    folder: ModelFolder, caplog: pytest.LogCaptureFixture
) -> None:
    (folder.path / ".prepacked.unfinished").write_text("in the way", "utf-8")
    with caplog.at_level(logging.WARNING):
        assert load(folder) is not None
    assert "were not saved" in caplog.text
