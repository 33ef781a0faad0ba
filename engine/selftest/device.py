"""A device's next tokens beside the processor's, where the processor has no doubt.

Releases of drivers and of ONNX Runtime have come with kernels that compute something else, without
any error: what they make is fluent nonsense, or nearly right.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.cancellation import Cancellation
from engine.errors import WrongDevice
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES, Recipe
from engine.models.folder import TOKENIZER_FILE, ModelFolder
from engine.protocols import Decoder, NextLogits
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.devices import choose_placement
from engine.runtime.placement import Placement
from engine.selftest.checkpoint import write_checkpoint

Rows = NDArray[np.float32]
"""Logits, [places, vocabulary]."""

VOCABULARY, LAYERS, EXPERTS, WIDTH, HEADS, KV_HEADS = 2048, 2, 6, 2880, 64, 8
"""The width and the heads of both models, as kernels are chosen by them."""
PROMPT_TOKENS, CHUNK_TOKENS, DECODED_TOKENS = 192, 48, 44
"""Beyond the window of 128 tokens."""
CLEAR_MARGIN = 0.5
"""The first logit over the second. An H100 differs by 0.1 in the mean (tests/bench/LOG.md)."""
RIGHT_SHARE = 0.95


def check(placement: Placement, target: str, cancellation: Cancellation) -> None:
    """Compare what `target` of RECIPES makes there with the processor; takes some ten seconds.

    The processor computes with the same rounded weights, or exactly where it knows no such ones.

    Raises WrongDevice, Cancelled.
    """
    with tempfile.TemporaryDirectory(prefix="hearth-") as root:
        source = written(Path(root))
        folder = converted(source, "device", RECIPES[target], cancellation)
        same = folder if RECIPES[target].runs_on_cpu else exact_one(source, cancellation)
        expected = logits_of(
            OnnxDecoder.open(same, choose_placement(()), cancellation), cancellation
        )
        found = logits_of(OnnxDecoder.open(folder, placement, cancellation), cancellation)
    compare(found, expected, placement.device.name)


def exact_one(source: Path, cancellation: Cancellation) -> ModelFolder:
    return converted(source, "exact", RECIPES["float32"], cancellation)


def written(root: Path) -> Path:
    source = write_checkpoint(
        root / "checkpoint",
        layers=LAYERS,
        experts=EXPERTS,
        hidden=WIDTH,
        heads=HEADS,
        kv_heads=KV_HEADS,
        vocabulary=VOCABULARY,
    )
    (source / TOKENIZER_FILE).write_text("{}", "utf-8")
    return source


def converted(source: Path, name: str, recipe: Recipe, cancellation: Cancellation) -> ModelFolder:
    out = source.with_name(name)
    convert(source, out, recipe, unseen, cancellation)
    return ModelFolder.read(out)


def unseen(done: int, total: int) -> None:
    """It takes seconds."""


def logits_of(decoder: Decoder, cancellation: Cancellation) -> Rows:
    """After each chunk of a prompt, and after each of some more tokens."""
    rows = _next_logits(decoder, cancellation)
    return np.stack([logits.all().copy() for logits in rows])


def _next_logits(decoder: Decoder, cancellation: Cancellation) -> Iterator[NextLogits]:
    random = np.random.default_rng(1)
    prompt = random.integers(0, VOCABULARY, PROMPT_TOKENS).tolist()
    for start in range(0, PROMPT_TOKENS, CHUNK_TOKENS):
        yield decoder.prefill(prompt[start : start + CHUNK_TOKENS], cancellation)
    for token in random.integers(0, VOCABULARY, DECODED_TOKENS).tolist():
        yield decoder.decode(token, cancellation)


def compare(found: Rows, expected: Rows, device: str) -> None:
    """Raises WrongDevice."""
    second, first = np.partition(expected, -2)[:, -2:].T
    is_clear = first - second > CLEAR_MARGIN
    is_right = np.isfinite(found).all(1) & (found.argmax(1) == expected.argmax(1))
    clear, right = int(is_clear.sum()), int((is_clear & is_right).sum())
    if right < RIGHT_SHARE * clear:
        raise WrongDevice(
            f"On {device} {clear - right} of {clear} clear next tokens differ from the "
            "processor's: its driver or this ONNX Runtime computes wrongly there. Update the "
            "driver, or get the model for the CPU: hearth models get ID --target cpu."
        )
