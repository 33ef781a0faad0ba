"""A random GGUF file of the Llama architecture, as small as its formats allow."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from engine.formats.byte_level import byte_of_character
from engine.models.convert.llama_gguf import Progress, convert_llama_gguf
from engine.models.convert.llama_graph import LlamaShape
from engine.types import SamplingDefaults
from tests.fakes import CHATML

CONTROLS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TINY = LlamaShape(
    layers=2,
    width=64,
    heads=4,
    kv_heads=2,
    head_size=16,
    inner_width=96,
    vocabulary=len(CONTROLS) + 256 + 1,
    context_length=2048,
    rope_base=10_000.0,
    norm_epsilon=1e-5,
)


def write_tiny_gguf(
    path: Path,
    architecture: str = "llama",
    linear: gguf.GGMLQuantizationType = gguf.GGMLQuantizationType.Q4_1,
    without: str = "",
) -> None:
    writer = gguf.GGUFWriter(path, architecture)
    _write_values(writer)
    for name, values in _tensors().items():
        if name == without:
            continue
        kind = gguf.GGMLQuantizationType.F32 if values.ndim == 1 else linear
        if name == "token_embd.weight":
            kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def convert_tiny(
    source: Path, out: Path, name: str = "Tiny", on_progress: Progress = lambda done, total: None
) -> None:
    convert_llama_gguf(source, out, name, SamplingDefaults(), on_progress)


def _write_values(writer: gguf.GGUFWriter) -> None:
    writer.add_block_count(TINY.layers)
    writer.add_context_length(TINY.context_length)
    writer.add_embedding_length(TINY.width)
    writer.add_feed_forward_length(TINY.inner_width)
    writer.add_head_count(TINY.heads)
    writer.add_head_count_kv(TINY.kv_heads)
    writer.add_rope_freq_base(TINY.rope_base)
    writer.add_layer_norm_rms_eps(TINY.norm_epsilon)
    writer.add_vocab_size(TINY.vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([*CONTROLS, *byte_of_character(), "12"])
    writer.add_token_types([3] * len(CONTROLS) + [1] * 257)
    writer.add_token_merges(["1 2"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_chat_template(CHATML)


def _tensors() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    width, inner, kv_width = TINY.width, TINY.inner_width, TINY.kv_heads * TINY.head_size

    def normal(*shape: int) -> np.ndarray:
        return random.normal(0, 0.1, shape).astype(np.float32)

    tensors = {
        "token_embd.weight": normal(TINY.vocabulary, width),
        "output_norm.weight": normal(width),
    }
    for layer in range(TINY.layers):
        block = {
            "attn_norm": normal(width),
            "ffn_norm": normal(width),
            "attn_q": normal(width, width),
            "attn_k": normal(kv_width, width),
            "attn_v": normal(kv_width, width),
            "attn_output": normal(width, width),
            "ffn_gate": normal(inner, width),
            "ffn_up": normal(inner, width),
            "ffn_down": normal(width, inner),
        }
        tensors |= {f"blk.{layer}.{name}.weight": values for name, values in block.items()}
    return tensors
