"""A gpt-oss on an NVIDIA GPU: prefill, decode, the whole loop, and where a step's time goes.

    python -m tests.bench.gpt_oss_cuda FOLDER [--plain]

`decoder` is the decoder alone, `top` with the top logits read, `loop` generate() with Harmony's
grammar, sampling and parsing. Random weights give flat logits, whose draws mostly fall outside of
the top ones: a temperature of 0.05 makes them as peaked as a trained model's. With --plain also
without a CUDA graph, whose greedy tokens must be the same. The last line is one JSON object.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from engine.cancellation import Cancellation
from engine.generate import generate
from engine.loading import open_model
from engine.model import Model
from engine.models.folder import ModelFolder
from engine.protocols import Decoder
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.devices import cuda_placement
from engine.types import ChatRequest, Finished, Message, Role, Sampling

PREFILLS, DECODE, REPEAT = (512, 4096), 256, 3
NEVER = Cancellation()


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--plain", is_flag=True, help="Also without a CUDA graph.")
def main(folder: Path, plain: bool) -> None:
    begun = time.perf_counter()
    model = open_model(folder, NEVER)
    figures: dict[str, object] = {"model": folder.name}
    figures["load_seconds"] = round(time.perf_counter() - begun, 1)
    figures["memory_mib_after_load"] = gpu_memory_mib()
    for tokens in PREFILLS:
        figures[f"prefill_{tokens}"] = median(lambda n=tokens: prefill(model.decoder, n))
    figures["decoder"] = median(lambda: decode(model.decoder))
    figures["top"] = median(lambda: decode(model.decoder, is_read=True))
    figures["loop"] = median(lambda: loop(model))
    figures["memory_mib"] = gpu_memory_mib()
    if plain:
        captured = greedy(model.decoder)
        del model
        figures |= without_graph(folder, captured)
    print(json.dumps(figures))


def without_graph(folder: Path, captured: list[int]) -> dict[str, object]:
    plain = replace(cuda_placement(), providers=["CUDAExecutionProvider"], is_captured=False)
    decoder = OnnxDecoder.open(ModelFolder.read(folder), plain, NEVER)
    same = greedy(decoder) == captured
    return {"same_tokens_without_graph": same, "decoder_without_graph": decode(decoder)}


def median(measure: Callable[[], float]) -> float:
    """Tokens per second; the first time only warms up."""
    measure()
    return round(statistics.median(measure() for _ in range(REPEAT)), 1)


def prefill(decoder: Decoder, tokens: int) -> float:
    decoder.reset()
    ids = np.random.default_rng(0).integers(0, 190_000, tokens).tolist()
    begun = time.perf_counter()
    for start in range(0, tokens, decoder.chunk_tokens):
        decoder.prefill(ids[start : start + decoder.chunk_tokens], NEVER).top(1.0)
    return tokens / (time.perf_counter() - begun)


def decode(decoder: Decoder, is_read: bool = False) -> float:
    """Of tokens that are known beforehand; with `is_read`, the top logits come to the host."""
    begun = time.perf_counter()
    for token in range(DECODE):
        logits = decoder.decode(2000 + 7 * token, NEVER)
        if is_read:
            logits.top(1.0)
    return DECODE / (time.perf_counter() - begun)


def greedy(decoder: Decoder) -> list[int]:
    """The tokens that follow on a prompt, each the largest logit's."""
    decoder.reset()
    logits = decoder.prefill(list(range(1000, 1300)), NEVER)
    tokens: list[int] = []
    for _ in range(128):
        top = logits.top(1.0)
        tokens.append(int(logits.all().argmax() if top is None else top.ids[0]))
        logits = decoder.decode(tokens[-1], NEVER)
    return tokens


def loop(model: Model) -> float:
    """What a user gets: tokens per second of an answer."""
    request = ChatRequest(
        (Message.of(Role.USER, "Hello"),),
        Sampling(temperature=0.05, seed=1),
        max_tokens=DECODE,
    )
    finished = [event for event in generate(model, request, NEVER) if isinstance(event, Finished)]
    usage = finished[0].usage
    assert usage is not None
    return usage.decode_tokens_per_second or 0.0


def gpu_memory_mib() -> int:
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    return int(subprocess.run(query, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
