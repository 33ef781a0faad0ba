"""The decoder on a converted gpt-oss: whatever came before, its logits are a fresh start's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import onnxruntime as ort
import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES
from engine.models.folder import ModelFolder
from engine.protocols import NextLogits
from engine.runtime.decoder import WORTH_SAVING_TOKENS, OnnxDecoder
from engine.runtime.placement import CUDA_RUN_SIZES, on_cpu
from engine.selftest.checkpoint import write_checkpoint
from engine.types import Device
from tests.engine.runtime.sessions import CapturingSession

CPU = on_cpu(Device("the CPU", "It is a test."), threads=2)
LONG = np.random.default_rng(0).integers(0, 500, 700).tolist()
CLOSE = 2e-4
"""Of logits whose standard deviation is about 1: float32 adds up in another order."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """Four random layers, two of them sliding over 128 tokens, in float32."""
    root = tmp_path_factory.mktemp("windowed")
    source = write_checkpoint(root / "checkpoint", layers=4)
    (source / "tokenizer.json").write_text("{}", "utf-8")
    convert(source, root / "model", RECIPES["float32"], lambda *_: None, Cancellation())
    return ModelFolder.read(root / "model")


@pytest.fixture(scope="module")
def reference(folder: ModelFolder) -> Callable[[list[int]], np.ndarray]:
    """Logits after a prompt that is prefilled at once by a decoder that knows nothing else."""
    decoder = OnnxDecoder.open(folder, CPU, Cancellation())

    def logits_after(prompt: list[int]) -> np.ndarray:
        decoder.reset()
        return decoder.prefill(prompt, Cancellation()).all().copy()

    return logits_after


@pytest.fixture(params=["as on the CPU", "as on a GPU"])
def decoder(folder: ModelFolder, request: pytest.FixtureRequest) -> OnnxDecoder:
    """On a GPU, steps of one token are captured, windows have no slack, prompts are cut."""
    if request.param == "as on the CPU":
        return OnnxDecoder.open(folder, CPU, Cancellation())
    placement = replace(CPU, is_captured=True, window_slack=0, run_sizes=CUDA_RUN_SIZES)
    session = placement.load(folder, placement.session_options(), Cancellation())
    capturing = cast("ort.InferenceSession", CapturingSession(session))
    return OnnxDecoder(capturing, folder, placement)


def prefill(decoder: OnnxDecoder, prompt: list[int], chunk: int = 512) -> tuple[int, NextLogits]:
    """What generate() does: reuse, then chunks. Returns what was reused too."""
    kept = decoder.reuse(prompt)
    logits = [
        decoder.prefill(prompt[start : min(start + chunk, len(prompt))], Cancellation())
        for start in range(kept, len(prompt), chunk)
    ]
    return kept, logits[-1]


def assert_same(logits: NextLogits, expected: np.ndarray) -> None:
    found = logits.all()
    assert found.argmax() == expected.argmax()
    assert np.abs(found - expected).max() < CLOSE


def test_the_folder_has_windows(folder: ModelFolder) -> None:
    assert folder.window.size == 128
    assert folder.window.layers == {0, 2}


def test_a_warm_up_leaves_nothing_behind(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray]
) -> None:
    decoder.warm_up(Cancellation())
    assert list(decoder.tokens) == []
    assert decoder.reuse([0] * 600) == 0
    assert_same(prefill(decoder, LONG[:300])[1], reference(LONG[:300]))


@pytest.mark.parametrize("chunk", [1, 100, 512])
def test_chunks_equal_one_prefill(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray], chunk: int
) -> None:
    assert_same(prefill(decoder, LONG[:600], chunk)[1], reference(LONG[:600]))


def test_single_steps_equal_a_prefill(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray]
) -> None:
    prefill(decoder, LONG[:110])
    for n in range(110, 420):
        logits = decoder.decode(LONG[n], Cancellation())
        if n in (127, 128, 129, 255, 256, 257, 384, 419):
            assert_same(logits, reference(LONG[: n + 1]))


def test_a_prompt_is_asked_again_without_a_prefill(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray]
) -> None:
    prompt = LONG[:300]
    prefill(decoder, prompt)
    for token in LONG[300:500]:
        decoder.decode(token, Cancellation())
    for _ in range(3):
        kept, logits = prefill(decoder, prompt)
        assert kept == len(prompt) - 1
        assert_same(logits, reference(prompt))


@pytest.mark.parametrize("turn", [130, 290, 450])
def test_a_conversation_branches_at_every_earlier_turn(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray], turn: int
) -> None:
    for end in (130, 290, 450, 610):
        prefill(decoder, LONG[:end])
    branch = [*LONG[:turn], 7, 8, 9, *LONG[:40]]
    kept, logits = prefill(decoder, branch)
    assert kept == turn
    assert_same(logits, reference(branch))
    assert_same(decoder.decode(11, Cancellation()), reference([*branch, 11]))


@pytest.mark.parametrize("length", [100, 300, 600])
def test_a_prompt_that_shares_nothing_begins_anew(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray], length: int
) -> None:
    """Also where the sliding layers' rows of the first one begin before the second one ends."""
    prefill(decoder, LONG[:length])
    other = LONG[50:140]
    for prompt, expected in ((other, 0), ([*other, 7, 8, 9], len(other))):
        kept, logits = prefill(decoder, prompt)
        assert kept == expected
        assert_same(logits, reference(prompt))


def test_an_edit_amid_a_message_goes_back_to_where_it_began(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray]
) -> None:
    for end in (200, 400, 600):
        prefill(decoder, LONG[:end])
    edited = [*LONG[:330], 3, 4, 5]
    kept, logits = prefill(decoder, edited)
    assert kept == 200
    assert_same(logits, reference(edited))


def test_two_clients_do_not_evict_each_other(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray]
) -> None:
    one, two = LONG[:400], LONG[::-1][:500]
    assert len(one) > WORTH_SAVING_TOKENS
    prefill(decoder, one)
    assert prefill(decoder, two)[0] == 0
    kept, logits = prefill(decoder, [*one, 5, 6])
    assert kept == len(one)
    assert_same(logits, reference([*one, 5, 6]))
    kept, logits = prefill(decoder, [*two, 1])
    assert kept == len(two)
    assert_same(logits, reference([*two, 1]))


def test_what_is_shared_is_not_read_twice(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray]
) -> None:
    """Two conversations with the same instructions, both kept."""
    prefill(decoder, LONG[:200])
    prefill(decoder, LONG[:600])
    other = [*LONG[:200], *LONG[:300]]
    assert prefill(decoder, other)[0] == 200
    kept, logits = prefill(decoder, [*LONG[:600], 9])
    assert kept == 600
    assert_same(logits, reference([*LONG[:600], 9]))


def test_a_budget_of_nothing_keeps_one_conversation(folder: ModelFolder) -> None:
    decoder = OnnxDecoder.open(folder, replace(CPU, saved_bytes=0), Cancellation())
    prefill(decoder, LONG[:400])
    prefill(decoder, LONG[::-1][:400])
    assert decoder.reuse(LONG[:500]) == 0


def test_a_cancelled_prefill_leaves_only_what_is_certain(
    decoder: OnnxDecoder, reference: Callable[[list[int]], np.ndarray]
) -> None:
    prefill(decoder, LONG[:200])
    decoder.decode(LONG[200], Cancellation())
    cancellation = Cancellation()
    timer = threading.Timer(0.1, cancellation.set)
    timer.start()
    with pytest.raises(Cancelled):
        decoder.prefill(LONG[201:] * 6, cancellation)
    timer.join()
    kept, logits = prefill(decoder, LONG[:400])
    assert kept in (200, 201)
    assert_same(logits, reference(LONG[:400]))
