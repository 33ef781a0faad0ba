"""A Llama GGUF file (Q4_1 weights, Q8_0 embedding) to an ONNX folder, with no loss.

Every weight of the folder dequantises to exactly the float32 value that llama.cpp's own format
defines; a file for which that would not hold is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader
from gguf.gguf_reader import ReaderTensor
from numpy.typing import NDArray

from engine.errors import BadGguf
from engine.models.convert.genai import About, genai_config
from engine.models.convert.gguf_blocks import (
    Int4Blocks,
    Int8Blocks,
    int4_from_q4_1,
    int8_from_q8_0,
    shift_is_exact,
)
from engine.models.convert.gguf_tokenizer import byte_level_tokenizer
from engine.models.convert.llama_graph import LlamaGraph, LlamaShape, LlamaWeights
from engine.models.convert.onnx_writer import DATA_FILE, OnnxWriter
from engine.models.convert.weight_file import WeightFile
from engine.models.folder import CONFIG_FILE, TEMPLATE_FILE, TOKENIZER_FILE, new_folder
from engine.types import SamplingDefaults

Progress = Callable[[int, int], None]


def convert_llama_gguf(
    source: Path, out: Path, name: str, sampling: SamplingDefaults, on_progress: Progress
) -> None:
    """Write the model folder `out`, whole or not at all. `on_progress(done, total)` in layers.

    A GGUF file does not say how to sample: `sampling` is what the model's makers recommend.

    Raises BadGguf for another architecture or quantisation, OSError where the disk refuses.
    """
    gguf = GgufFile(source)
    shape = gguf.shape()
    with new_folder(out) as folder:
        weights = LlamaWeights(gguf.int4, gguf.int8, gguf.float32)
        with WeightFile(folder / DATA_FILE) as file:
            writer = OnnxWriter(name, file)
            LlamaGraph(writer, shape, weights).write(lambda done: on_progress(done, shape.layers))
        writer.save(folder)
        _write_texts(gguf, folder, genai_config(shape, about(name, sampling, gguf)))


def _write_texts(gguf: GgufFile, folder: Path, config: dict[str, Any]) -> None:
    gguf.tokenizer().save(str(folder / TOKENIZER_FILE))
    template = str(gguf.value("tokenizer.chat_template"))
    (folder / TEMPLATE_FILE).write_text(template, "utf-8")
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2), "utf-8")


def about(name: str, sampling: SamplingDefaults, gguf: GgufFile) -> About:
    return About(
        family="llama",
        name=name,
        begin_token=gguf.value("tokenizer.ggml.bos_token_id"),
        stop_tokens=gguf.value("tokenizer.ggml.eos_token_id"),
        pad_token=gguf.value("tokenizer.ggml.padding_token_id"),
        sampling=sampling,
    )


class GgufFile:
    """A GGUF file of the Llama architecture, its tensors by name."""

    def __init__(self, path: Path) -> None:
        try:
            self._reader = GGUFReader(path)
        except (ValueError, IndexError, KeyError) as error:
            raise BadGguf(f"{path.name} is not a whole GGUF file: {error}") from None
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        architecture = self.value("general.architecture")
        if architecture != "llama":
            raise BadGguf(f"{path.name} holds a model of type {architecture}, not llama.")

    def value(self, key: str) -> Any:
        field = self._reader.get_field(key)
        if field is None:
            raise BadGguf(f"This GGUF file does not say its {key}.")
        return field.contents()

    def shape(self) -> LlamaShape:
        width, heads = (
            self.value("llama.embedding_length"),
            self.value("llama.attention.head_count"),
        )
        return LlamaShape(
            layers=self.value("llama.block_count"),
            width=width,
            heads=heads,
            kv_heads=self.value("llama.attention.head_count_kv"),
            head_size=width // heads,
            inner_width=self.value("llama.feed_forward_length"),
            vocabulary=self.value("llama.vocab_size"),
            context_length=self.value("llama.context_length"),
            rope_base=self.value("llama.rope.freq_base"),
            norm_epsilon=self.value("llama.attention.layer_norm_rms_epsilon"),
        )

    def tokenizer(self) -> Any:
        keys = ("model", "pre", "tokens", "token_type", "merges")
        return byte_level_tokenizer(*(self.value(f"tokenizer.ggml.{key}") for key in keys))

    def int4(self, names: tuple[str, ...]) -> Int4Blocks:
        """Q4_1 tensors with equal columns, joined by rows."""
        tensors = [self._tensor(name, GGMLQuantizationType.Q4_1) for name in names]
        raw = np.concatenate([tensor.data for tensor in tensors])
        if not shift_is_exact(raw):
            raise BadGguf(f"{names[0]} cannot be converted without loss.")
        return int4_from_q4_1(raw)

    def int8(self, name: str) -> Int8Blocks:
        return int8_from_q8_0(self._tensor(name, GGMLQuantizationType.Q8_0).data)

    def float32(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self._tensor(name, GGMLQuantizationType.F32).data, np.float32)

    def _tensor(self, name: str, kind: GGMLQuantizationType) -> ReaderTensor:
        tensor = self._tensors.get(name)
        if tensor is None:
            raise BadGguf(f"This GGUF file lacks the tensor {name}.")
        if tensor.tensor_type is not kind:
            found = tensor.tensor_type.name
            raise BadGguf(f"{name} is {found}; only {kind.name} is converted without loss.")
        return tensor
