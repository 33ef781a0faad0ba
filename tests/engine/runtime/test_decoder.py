"""The real decoder on a real, tiny model: the cache always holds what it says."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder
from engine.models.folder import ModelFolder
from engine.protocols import NextLogits
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.kvcache import common_prefix
from engine.runtime.placement import on_cpu
from engine.runtime.rows import FIRST_CAPACITY_TOKENS
from engine.types import Device
from tests.engine.models.convert.tiny_gguf import TINY, convert_tiny, write_tiny_gguf
from tests.float32 import float32_copy

PROMPT = [1, 20, 198, 119, 30, 2, 198, 1, 52, 95, 19, 204, 236, 11, 28, 26, 35]
CPU = on_cpu(Device("the CPU", "It is a test."), threads=2)
CLOSE = 1e-4
"""Logits, whose standard deviation is about 1, of one prompt in other chunks."""


@pytest.fixture(scope="module")
def exact_folder(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """A random model of two layers that computes in float32."""
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_gguf(folder / "tiny.gguf")
    convert_tiny(folder / "tiny.gguf", folder / "tiny")
    return ModelFolder.read(float32_copy(folder / "tiny", folder / "exact"))


@pytest.fixture(scope="module")
def decoder(exact_folder: ModelFolder) -> OnnxDecoder:
    return OnnxDecoder.open(exact_folder, CPU, Cancellation())


@pytest.fixture
def never() -> Cancellation:
    return Cancellation()


def fresh(decoder: OnnxDecoder, ids: list[int]) -> np.ndarray:
    decoder.reset()
    return decoder.prefill(ids, Cancellation()).all().copy()


def assert_same(logits: NextLogits, expected: np.ndarray) -> None:
    found = logits.all()
    assert found.argmax() == expected.argmax()
    assert np.abs(found - expected).max() < CLOSE


def test_logits_are_one_float32_row(decoder: OnnxDecoder) -> None:
    logits = fresh(decoder, PROMPT)
    assert logits.shape == (TINY.vocabulary,)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


def test_chunks_and_single_steps_equal_one_prefill(
    decoder: OnnxDecoder, never: Cancellation
) -> None:
    expected = fresh(decoder, PROMPT)
    decoder.reset()
    decoder.prefill(PROMPT[:5], never)
    assert_same(decoder.prefill(PROMPT[5:], never), expected)
    decoder.reset()
    decoder.prefill(PROMPT[:5], never)
    for token in PROMPT[5:-1]:
        decoder.decode(token, never)
    assert_same(decoder.decode(PROMPT[-1], never), expected)


def test_a_reused_prefix_equals_a_fresh_prefill(decoder: OnnxDecoder, never: Cancellation) -> None:
    other = [*PROMPT[:9], 284, 260, 2365]
    expected = fresh(decoder, other)
    fresh(decoder, PROMPT)
    assert decoder.reuse(other) == 9
    assert list(decoder.tokens) == PROMPT[:9]
    assert_same(decoder.prefill(other[9:], never), expected)
    assert list(decoder.tokens) == other


def test_one_token_is_always_left_to_run(decoder: OnnxDecoder) -> None:
    fresh(decoder, PROMPT)
    assert decoder.reuse(PROMPT) == len(PROMPT) - 1


def test_growing_buffers_keep_what_was_said(
    decoder: OnnxDecoder, exact_folder: ModelFolder, never: Cancellation
) -> None:
    long = (PROMPT * (FIRST_CAPACITY_TOKENS // len(PROMPT) + 8))[: FIRST_CAPACITY_TOKENS + 40]
    expected = fresh(decoder, long)
    young = OnnxDecoder.open(exact_folder, CPU, never)
    chunks = [long[start : start + 300] for start in range(0, len(long), 300)]
    assert_same([young.prefill(chunk, never) for chunk in chunks][-1], expected)


@pytest.mark.model
def test_a_cancel_interrupts_a_running_prefill_and_keeps_the_cache(
    starter_folder: ModelFolder,
) -> None:
    decoder = OnnxDecoder.open(starter_folder, CPU, Cancellation())
    fresh(decoder, PROMPT[:5])
    expected = decoder.decode(PROMPT[5], Cancellation()).all().copy()
    fresh(decoder, PROMPT[:5])
    cancellation = Cancellation()
    timer = threading.Timer(0.05, cancellation.set)
    timer.start()
    with pytest.raises(Cancelled):
        decoder.prefill(PROMPT * 120, cancellation)
    timer.join()
    assert list(decoder.tokens) == PROMPT[:5]
    assert_same(decoder.decode(PROMPT[5], Cancellation()), expected)


def test_a_cancelled_step_does_not_run(decoder: OnnxDecoder) -> None:
    fresh(decoder, PROMPT)
    cancellation = Cancellation()
    cancellation.set()
    with pytest.raises(Cancelled):
        decoder.decode(1, cancellation)
    assert list(decoder.tokens) == PROMPT


def test_a_cancelled_load_is_given_up(exact_folder: ModelFolder) -> None:
    cancellation = Cancellation()
    cancellation.set()
    with pytest.raises(Cancelled):
        OnnxDecoder.open(exact_folder, CPU, cancellation)


def test_a_damaged_model_file_is_one_sentence(
    exact_folder: ModelFolder, tmp_path: Path, never: Cancellation
) -> None:
    for name in ("genai_config.json", "tokenizer.json", "chat_template.jinja"):
        (tmp_path / name).write_bytes((exact_folder.path / name).read_bytes())
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(BadModelFolder, match=r"model\.onnx cannot be loaded"):
        OnnxDecoder.open(ModelFolder.read(tmp_path), CPU, never)


def test_common_prefix_counts_equal_leading_ids() -> None:
    assert common_prefix([1, 2, 3], [1, 2, 4, 5]) == 2
    assert common_prefix([1, 2], [1, 2, 3]) == 2
    assert common_prefix([], [1]) == 0
