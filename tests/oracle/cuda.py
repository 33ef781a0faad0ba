"""CUDA against the exact float32 model on the CPU, from one random checkpoint.

    python -m tests.oracle.cuda

Needs an NVIDIA GPU, so neither CI nor `make test-oracle` runs it. One JSON line for each width of
attention and head, with a CUDA graph and without: both must say the same, branches included.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.cancellation import Cancellation
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES, Recipe
from engine.models.folder import ModelFolder
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.devices import choose_placement, cuda_placement, cuda_problem
from engine.runtime.placement import Placement
from engine.selftest.checkpoint import write_checkpoint

NEVER = Cancellation()
PROMPT, CHUNK, DECODED = 600, 200, 100
WIDTH, BITS = 2880, (16, 8, 4)
IDS: list[int] = np.random.default_rng(1).integers(0, 2000, PROMPT + DECODED).tolist()


def main() -> int:
    problem = cuda_problem()
    if problem:
        print(problem, file=sys.stderr)
        return 1
    captured = cuda_placement()
    plain = replace(captured, providers=["CUDAExecutionProvider"], is_captured=False)
    with tempfile.TemporaryDirectory() as root:
        expected = logits_of(converted(Path(root), RECIPES["float32"]), choose_placement(()))
        for bits in BITS:
            recipe = replace(RECIPES["cuda"], attention_bits=bits, head_bits=bits)
            folder = converted(Path(root), recipe)
            for name, placement in (("graph", captured), ("no graph", plain)):
                report(f"{bits} bits, {name}", logits_of(folder, placement), expected)
                print(json.dumps(branch(folder, placement)), flush=True)
                print(json.dumps(saved(folder, placement)), flush=True)
    return 0


def converted(root: Path, recipe: Recipe) -> ModelFolder:
    """The true widths, four layers, eight experts."""
    source = root / "checkpoint"
    if not source.exists():
        write_checkpoint(source, layers=4, hidden=WIDTH, heads=64, kv_heads=8, vocabulary=2048)
        (source / "tokenizer.json").write_text("{}", "utf-8")
    out = root / f"{recipe.experts}-{recipe.attention_bits}"
    convert(source, out, recipe, lambda *_: None, NEVER)
    return ModelFolder.read(out)


def logits_of(folder: ModelFolder, placement: Placement) -> np.ndarray:
    """After a prompt in chunks, and after each of some more tokens; [1 + DECODED, vocabulary]."""
    decoder = OnnxDecoder.open(folder, placement, NEVER)
    rows = [prefill(decoder, IDS[:PROMPT])]
    rows += [decoder.decode(token, NEVER).all().copy() for token in IDS[PROMPT:]]
    return np.stack(rows)


def prefill(decoder: OnnxDecoder, prompt: Sequence[int]) -> np.ndarray:
    kept = decoder.reuse(prompt)
    chunks = range(kept, len(prompt), CHUNK)
    return [decoder.prefill(prompt[n : n + CHUNK], NEVER) for n in chunks][-1].all().copy()


def branch(folder: ModelFolder, placement: Placement) -> dict[str, float | bool]:
    """Back to an earlier place and on from there, beside a fresh start; and the sampling head."""
    decoder = OnnxDecoder.open(folder, placement, NEVER)
    prefill(decoder, IDS[:400])
    decoder.decode(IDS[400], NEVER)
    other = [*IDS[:400], 7, 8, 9]
    branched = prefill(decoder, other)
    after = decoder.decode(10, NEVER)
    top, decoded = after.top(0.7), after.all().copy()
    decoder.reset()
    fresh = prefill(decoder, [*other, 10])
    return {
        "branch_difference": float(np.abs(decoded - fresh).max()),
        "is_finite": bool(np.isfinite(branched).all()),
        "head_is_exact": top is not None and bool((decoded[top.ids] == top.values).all()),
    }


def saved(folder: ModelFolder, placement: Placement) -> dict[str, float | int]:
    """Another conversation, and back to the first one and on, beside a fresh start."""
    decoder = OnnxDecoder.open(folder, placement, NEVER)
    prefill(decoder, IDS[:400])
    for token in IDS[400:450]:
        decoder.decode(token, NEVER)
    prefill(decoder, IDS[::-1][:500])
    again = [*IDS[:450], 7, 8, 9]
    kept = decoder.reuse(again)
    prefill(decoder, again)
    returned = decoder.decode(10, NEVER).all().copy()
    decoder.reset()
    fresh = prefill(decoder, [*again, 10])
    return {"saved_tokens": kept, "saved_difference": float(np.abs(returned - fresh).max())}


def report(name: str, found: np.ndarray, expected: np.ndarray) -> None:
    difference = np.abs(found - expected)
    figures = {
        "model": name,
        "largest_difference": round(float(difference.max()), 4),
        "mean_difference": round(float(difference.mean()), 4),
        "equal_top_1": round(float((found.argmax(1) == expected.argmax(1)).mean()), 4),
        "standard_deviation_of_logits": round(float(expected.std()), 3),
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    sys.exit(main())
