"""WebGPU beside the processor, on the same files: the tokens of every conversation must be equal.

    python -m tests.oracle.webgpu

Needs a graphics chip that WebGPU can use, so neither CI nor `make test-oracle` runs it. Two JSON
lines: the trained tiny gpt-oss at every place where it speaks, and a random model in the layout of
the public export for WebGPU, whose logits are compared too.
"""

from __future__ import annotations

import json
import lzma
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.cancellation import Cancellation
from engine.generate import generate
from engine.loading import open_placed
from engine.model import Model
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES, Recipe
from engine.models.folder import ModelFolder
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.devices import choose_placement
from engine.runtime.placement import Placement
from engine.selftest.checkpoint import write_checkpoint
from engine.types import ChatRequest, Failed, Sampling
from tests.public_layouts import FLOAT16, as_transformers_js
from tests.tiny.checkpoint import write_tiny_gpt_oss
from tests.tiny.conversation import moments
from tests.tiny.conversations import CONVERSATIONS

ROOT = Path(__file__).resolve().parents[2]
TOKENIZER = ROOT / "tests" / "data" / "gpt-oss" / "tokenizer.json.xz"
NEVER = Cancellation()
GREEDY, MOST_TOKENS = Sampling(temperature=0.0), 200
PROMPT: list[int] = np.random.default_rng(0).integers(0, 500, 400).tolist()
CHUNK, DECODED = 150, 64

PROCESSOR, CHIP = choose_placement((), on_processor=True), choose_placement(("webgpu",))


def main() -> int:
    if CHIP.is_host:
        print(CHIP.device.reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as root:
        print(json.dumps(conversations(Path(root))), flush=True)
        print(json.dumps(public_layout(Path(root))), flush=True)
    return 0


def conversations(root: Path) -> dict[str, object]:
    tokenizer = root / "tokenizer.json"
    tokenizer.write_bytes(lzma.decompress(TOKENIZER.read_bytes()))
    write_tiny_gpt_oss(root / "tiny-checkpoint", tokenizer)
    folder = converted(root / "tiny-checkpoint", root / "tiny", RECIPES["webgpu"])
    chip, processor = (open_placed(folder, one, NEVER) for one in (CHIP, PROCESSOR))
    asked = [request for one in CONVERSATIONS for request, _ in moments(one)]
    same = [spoken(chip, request) == spoken(processor, request) for request in asked]
    return {
        "device": chip.info.device.name,
        "conversations": len(CONVERSATIONS),
        "answers": len(asked),
        "answers_of_the_same_tokens": sum(same),
    }


def spoken(model: Model, request: ChatRequest) -> list[int]:
    """The prompt and the answer, as token ids."""
    greedy = replace(request, sampling=GREEDY, date=date(2026, 1, 1), max_tokens=MOST_TOKENS)
    events = list(generate(model, greedy, NEVER))
    assert not isinstance(events[-1], Failed), events[-1]
    return list(model.decoder.tokens)


def public_layout(root: Path) -> dict[str, object]:
    checkpoint = write_checkpoint(root / "random-checkpoint")
    (checkpoint / "tokenizer.json").write_text("{}", "utf-8")
    folder = converted(checkpoint, root / "gpt-oss-20b-ONNX", FLOAT16)
    as_transformers_js(folder.path)
    chip, processor = (followed(ModelFolder.read(folder.path), one) for one in (CHIP, PROCESSOR))
    difference = np.abs(chip - processor)
    return {
        "layout": "transformers.js, float16",
        "steps": len(chip),
        "same_top_1": int((chip.argmax(-1) == processor.argmax(-1)).sum()),
        "mean_difference": round(float(difference.mean()), 4),
        "largest_difference": round(float(difference.max()), 4),
        "deviation_of_the_logits": round(float(processor.std()), 3),
    }


def followed(folder: ModelFolder, placement: Placement) -> NDArray[np.float32]:
    """float32 [steps, vocabulary]: after a prompt in chunks, and along tokens that are given."""
    decoder = OnnxDecoder.open(folder, placement, NEVER)
    chunks = range(0, len(PROMPT), CHUNK)
    rows = [decoder.prefill(PROMPT[n : n + CHUNK], NEVER).all() for n in chunks][-1:]
    rows += [decoder.decode(7 * n % 500, NEVER).all() for n in range(DECODED)]
    return np.stack(rows)


def converted(checkpoint: Path, out: Path, recipe: Recipe) -> ModelFolder:
    convert(checkpoint, out, recipe, lambda *_: None, NEVER)
    return ModelFolder.read(out)


if __name__ == "__main__":
    sys.exit(main())
