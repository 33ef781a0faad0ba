"""A GGUF of gpt-oss's true shapes with random weights, for llama.cpp, the peer of our benches.

    .venv/bin/python -m tests.bench.random_gguf OUT.gguf                            # 20b, 12.1 GB
    .venv/bin/python -m tests.bench.random_gguf OUT.gguf --layers 36 --experts 128  # 120b, 63 GB

MXFP4 experts and Q8_0 elsewhere. Keys and tensor names are those of llama.cpp's own conversion
of gpt-oss (conversion/gpt_oss.py, src/models/openai-moe.cpp), blocks those of ggml-common.h. The
vocabulary is a dummy: feed token ids, not text.

One random stretch of each kind of block is written over and over, each tensor starting elsewhere
in it, so that the disk is what limits. Embeddings are large beside what the layers add, as in
a trained model: otherwise constant biases send every token to the same four experts, and prefill
looks faster than it is.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, RopeScalingType
from gguf.constants import GGML_QUANT_SIZES

WIDTH, HEADS, KV_HEADS, HEAD_SIZE, VOCABULARY = 2880, 64, 8, 64, 201_088
F32, Q8_0, MXFP4 = (
    GGMLQuantizationType.F32,
    GGMLQuantizationType.Q8_0,
    GGMLQuantizationType.MXFP4,
)
BLOCK_WEIGHTS = 32
ALIGNMENT = 32
STRETCH_BLOCKS = 1_000_003  # a prime: no expert starts where another one did
MXFP4_EXPONENTS = (112, 115)  # e8m0 around 2**-14: expert outputs stay small
INT8_SPREAD = 74.0  # the standard deviation of a uniform int8
MOSTLY_MXFP4_MOE = 38  # llama.cpp's LLAMA_FTYPE


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    kind: GGMLQuantizationType
    spread: float = 0.02
    """The standard deviation; MXFP4 ignores it. Zero means all ones."""

    @property
    def stored_bytes(self) -> int:
        weights, size = GGML_QUANT_SIZES[self.kind]
        return math.prod(self.shape) // weights * size


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--layers", type=click.IntRange(1), default=24, show_default=True)
@click.option("--experts", type=click.IntRange(4), default=32, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=os.cpu_count(), show_default=True)
def main(out: Path, layers: int, experts: int, threads: int) -> None:
    """Write OUT."""
    tensors = list(gpt_oss_tensors(layers, experts))
    position = write_header(out, layers, experts, tensors)
    with ThreadPoolExecutor(threads) as pool:
        jobs = []
        for index, tensor in enumerate(tensors):
            jobs.append(pool.submit(write_tensor, out, position, index, tensor))
            position += padded(tensor.stored_bytes)
        for job in jobs:
            job.result()
    os.truncate(out, position)


def gpt_oss_tensors(layers: int, experts: int) -> Iterator[Tensor]:
    yield Tensor("token_embd.weight", (VOCABULARY, WIDTH), Q8_0, spread=0.5)
    yield Tensor("output.weight", (VOCABULARY, WIDTH), Q8_0)
    yield Tensor("output_norm.weight", (WIDTH,), F32, spread=0)
    for layer in range(layers):
        for tensor in (*attention_tensors(), *expert_tensors(experts)):
            yield Tensor(f"blk.{layer}.{tensor.name}", tensor.shape, tensor.kind, tensor.spread)


def attention_tensors() -> Iterator[Tensor]:
    yield Tensor("attn_norm.weight", (WIDTH,), F32, spread=0)
    yield Tensor("attn_sinks.weight", (HEADS,), F32, spread=1)
    query, key = HEADS * HEAD_SIZE, KV_HEADS * HEAD_SIZE
    for part, rows in (("q", query), ("k", key), ("v", key)):
        yield Tensor(f"attn_{part}.weight", (rows, WIDTH), Q8_0)
        yield Tensor(f"attn_{part}.bias", (rows,), F32)
    yield Tensor("attn_output.weight", (WIDTH, query), Q8_0)
    yield Tensor("attn_output.bias", (WIDTH,), F32)


def expert_tensors(experts: int) -> Iterator[Tensor]:
    yield Tensor("post_attention_norm.weight", (WIDTH,), F32, spread=0)
    yield Tensor("ffn_gate_inp.weight", (experts, WIDTH), F32)
    yield Tensor("ffn_gate_inp.bias", (experts,), F32)
    for part in ("gate", "up", "down"):
        yield Tensor(f"ffn_{part}_exps.weight", (experts, WIDTH, WIDTH), MXFP4)
        yield Tensor(f"ffn_{part}_exps.bias", (experts, WIDTH), F32)


def write_header(out: Path, layers: int, experts: int, tensors: list[Tensor]) -> int:
    """All but the weights; where these begin."""
    writer = GGUFWriter(out, "gpt-oss")
    add_shape(writer, layers, experts)
    add_vocabulary(writer)
    for tensor in tensors:
        size, kind = tensor.stored_bytes, tensor.kind
        writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), size, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    return padded(out.stat().st_size)


def add_shape(writer: GGUFWriter, layers: int, experts: int) -> None:
    writer.add_block_count(layers)
    writer.add_context_length(131_072)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(WIDTH)
    writer.add_expert_feed_forward_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD_SIZE)
    writer.add_value_length(HEAD_SIZE)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_expert_count(experts)
    writer.add_expert_used_count(4)
    writer.add_sliding_window(128)
    writer.add_rope_freq_base(150_000.0)
    writer.add_rope_scaling_type(RopeScalingType.YARN)
    writer.add_rope_scaling_factor(32.0)
    writer.add_rope_scaling_orig_ctx_len(4096)
    writer.add_file_type(MOSTLY_MXFP4_MOE)


def add_vocabulary(writer: GGUFWriter) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-4o")
    writer.add_token_list([f"t{n}" for n in range(VOCABULARY)])
    writer.add_token_types([1] * VOCABULARY)
    writer.add_token_merges(["t 1"])
    writer.add_bos_token_id(199_998)
    writer.add_eos_token_id(200_002)
    writer.add_pad_token_id(199_999)


def write_tensor(out: Path, position: int, index: int, tensor: Tensor) -> None:
    """`index` decides where in the random stretch the tensor begins."""
    block_bytes = GGML_QUANT_SIZES[tensor.kind][1]
    stretch = memoryview(random_stretch(tensor.kind, tensor.spread))
    start = index * 7919 * block_bytes % len(stretch)
    left = tensor.stored_bytes
    with out.open("r+b", buffering=0) as file:
        file.seek(position)
        while left:
            written = file.write(stretch[start : start + left])
            start = (start + written) % len(stretch)
            left -= written


@cache
def random_stretch(kind: GGMLQuantizationType, spread: float) -> bytes:
    """Blocks of a kind in a row."""
    random = np.random.default_rng(0)
    if kind == F32:
        values = random.normal(1.0 if spread == 0 else 0.0, spread, STRETCH_BLOCKS)
        return values.astype(np.float32).tobytes()
    size = GGML_QUANT_SIZES[kind][1]
    blocks = random.integers(0, 256, (STRETCH_BLOCKS, size), dtype=np.uint8)
    if kind == Q8_0:
        blocks[:, :2] = np.array([spread / INT8_SPREAD], np.float16).view(np.uint8)
    else:
        blocks[:, 0] = random.integers(*MXFP4_EXPONENTS, STRETCH_BLOCKS)
    return blocks.tobytes()


def padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


if __name__ == "__main__":
    main()
