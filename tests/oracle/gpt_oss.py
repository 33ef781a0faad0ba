"""gpt-oss as Hearth converts and runs it, against transformers on the same random checkpoint.

    make test-oracle

The checkpoint has gpt-oss's head size, window, YaRN and grouped queries at a small width. In
float32 every logit must agree. For the CPU's integers this is split in two: with float32
activations the logits must be those of transformers with the same rounded weights, and what int8
activations add is measured.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from engine.cancellation import Cancellation
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES
from engine.models.folder import TOKENIZER_FILE, ModelFolder
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.devices import choose_placement
from engine.selftest.checkpoint import HEAD_SIZE, write_checkpoint
from tests.float32 import float32_copy
from tests.oracle.environment import run_in_oracle
from tests.oracle.gpt_oss_weights import rounded_weights

LAYERS, EXPERTS, HIDDEN, HEADS, KV_HEADS, VOCABULARY = 4, 8, 256, 8, 2, 2048
POSITIONS = 16
"""So many logits are compared at the end of each prompt, as gpt_oss_reference.py gives them."""
EXACT = 1e-3
"""The logits' standard deviation is about 0.8."""
INT8_ACTIVATIONS, INT4_EXPERTS = 0.06, 0.15
"""Mean differences; single rows differ by more, where the rounding made a router choose otherwise.
Measured: 0.014 to 0.037, and 0.086 to 0.097."""
CHUNK_TOKENS = 512
SHORT, MIDDLE, BRANCH, LONG = "24 tokens", "400 tokens", "a branch at 300", "4500 tokens"
NAMES = (SHORT, MIDDLE, BRANCH, LONG)

Logits = NDArray[np.float32]
Reference = dict[str, Logits]


def random_prompts() -> dict[str, list[int]]:
    """Shorter and longer than the window of 128, and longer than the 4096 tokens of training, from
    where on positions are right only with YaRN."""
    random = np.random.default_rng(0)

    def ids(count: int) -> list[int]:
        return random.integers(0, VOCABULARY, count).tolist()

    middle = ids(400)
    return {SHORT: ids(24), MIDDLE: middle, BRANCH: middle[:300] + ids(60), LONG: ids(4500)}


PROMPTS = random_prompts()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkpoint and the prompts, to which the rest is added."""
    folder = tmp_path_factory.mktemp("oracle")
    write_checkpoint(
        folder / "checkpoint",
        layers=LAYERS,
        experts=EXPERTS,
        hidden=HIDDEN,
        heads=HEADS,
        kv_heads=KV_HEADS,
        vocabulary=VOCABULARY,
        pad_token_id=0,
        seed=3,
    )
    (folder / "checkpoint" / TOKENIZER_FILE).write_text("{}", "utf-8")  # no text is read here
    prompts: dict[str, Any] = {name: np.array(ids) for name, ids in PROMPTS.items()}
    np.savez(folder / "prompts.npz", **prompts)
    return folder


@pytest.fixture(scope="module")
def reference(workshop: Path) -> Reference:
    return transformers_logits(workshop, "reference.npz")


@pytest.fixture(scope="module")
def rounded_reference(workshop: Path, int4_folder: Path) -> Reference:
    """Of the weights that the CPU's folder holds."""
    weights = workshop / "rounded.safetensors"
    save_file(rounded_weights(int4_folder, KV_HEADS * HEAD_SIZE), weights)
    return transformers_logits(workshop, "rounded.npz", weights)


@pytest.fixture(scope="module")
def exact(workshop: Path) -> OnnxDecoder:
    return opened(converted(workshop, "float32"))


@pytest.fixture(scope="module")
def int4_folder(workshop: Path) -> Path:
    return converted(workshop, "cpu")


def transformers_logits(workshop: Path, name: str, *weights: Path) -> Reference:
    out = workshop / name
    places = (workshop / "checkpoint", workshop / "prompts.npz", out)
    run_in_oracle("gpt_oss_reference.py", *places, *weights)
    return dict(np.load(out))


def converted(workshop: Path, target: str) -> Path:
    out = workshop / target
    convert(workshop / "checkpoint", out, RECIPES[target], lambda done, total: None, Cancellation())
    return out


def opened(path: Path) -> OnnxDecoder:
    folder = ModelFolder.read(path)
    return OnnxDecoder.open(folder, choose_placement(folder.providers), Cancellation())


def prefill(decoder: OnnxDecoder, ids: Sequence[int], chunk: int = CHUNK_TOKENS) -> Logits:
    """[vocabulary] after the last id; goes on after what the decoder holds."""
    never = Cancellation()
    parts = [ids[start : start + chunk] for start in range(0, len(ids), chunk)]
    return [decoder.prefill(part, never) for part in parts][-1].all().copy()


def decode(decoder: OnnxDecoder, ids: Sequence[int]) -> list[Logits]:
    never = Cancellation()
    return [decoder.decode(token, never).all().copy() for token in ids]


def last_logits(decoder: OnnxDecoder, ids: Sequence[int]) -> Logits:
    """[POSITIONS, vocabulary]: prefilled up to the first of them, then token by token."""
    decoder.reset()
    first = prefill(decoder, ids[: 1 - POSITIONS])
    return np.stack([first, *decode(decoder, ids[1 - POSITIONS :])])


def report(what: str, ours: Logits, expected: Logits) -> Logits:
    """Prints how far apart they are; returns the differences."""
    differences = np.abs(ours - expected)
    figures: dict[str, Any] = {
        "what": what,
        "largest_difference": float(f"{differences.max():.3g}"),
        "mean_difference": float(f"{differences.mean():.3g}"),
        "standard_deviation_of_logits": round(float(expected.std()), 3),
        "equal_best_tokens": f"{(ours.argmax(1) == expected.argmax(1)).sum()} of {len(ours)}",
    }
    print("\n" + json.dumps(figures), end=" ")
    return differences


@pytest.mark.parametrize("name", NAMES)
def test_float32_says_what_transformers_says(
    exact: OnnxDecoder, reference: Reference, name: str
) -> None:
    ours = last_logits(exact, PROMPTS[name])
    assert report(f"float32, {name}", ours, reference[name]).max() < EXACT


@pytest.mark.parametrize("chunk", [1, 63, 128, 129, 400])
def test_chunks_of_any_length_give_the_same_logits(
    exact: OnnxDecoder, reference: Reference, chunk: int
) -> None:
    exact.reset()
    ours = prefill(exact, PROMPTS[MIDDLE], chunk)
    assert np.abs(ours - reference[MIDDLE][-1]).max() < EXACT


def test_a_conversation_that_branches_and_comes_back_gives_the_same_logits(
    exact: OnnxDecoder, reference: Reference
) -> None:
    """The sliding layers have lost what the branch needs: it comes from a snapshot."""
    exact.reset()
    prefill(exact, PROMPTS[MIDDLE][:300])
    decode(exact, PROMPTS[MIDDLE][300:])
    for name, shared in ((BRANCH, 300), (MIDDLE, 300), (BRANCH, 300)):
        kept = exact.reuse(PROMPTS[name])
        assert kept == shared, f"{name}: {kept} tokens were kept"
        ours = prefill(exact, PROMPTS[name][kept:-1], chunk=50)
        ours = np.stack([ours, *decode(exact, PROMPTS[name][-1:])])
        differences = report(f"float32, back to {name}", ours, reference[name][-2:])
        assert differences.max() < EXACT


@pytest.mark.parametrize("name", NAMES)
def test_rounded_weights_with_float32_activations_are_those_weights_exactly(
    int4_folder: Path, rounded_reference: Reference, tmp_path: Path, name: str
) -> None:
    decoder = opened(float32_copy(int4_folder, tmp_path / "exact"))
    ours = last_logits(decoder, PROMPTS[name])
    differences = report(f"int4, float32 activations, {name}", ours, rounded_reference[name])
    assert differences.max() < EXACT


@pytest.mark.parametrize("name", NAMES)
def test_int8_activations_and_int4_experts_cost_what_they_are_known_to(
    int4_folder: Path, reference: Reference, rounded_reference: Reference, name: str
) -> None:
    ours = last_logits(opened(int4_folder), PROMPTS[name])
    activations = report(f"int8 activations, {name}", ours, rounded_reference[name])
    everything = report(f"and int4 experts, {name}", ours, reference[name])
    assert activations.mean() < INT8_ACTIVATIONS
    assert everything.mean() < INT4_EXPERTS
