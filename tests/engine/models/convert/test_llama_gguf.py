"""The conversion loses nothing, and refuses what it would have to lose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from engine.cancellation import Cancellation
from engine.errors import BadGguf
from engine.formats.template import TemplateFormat
from engine.models.convert.gguf_blocks import BLOCK, shift_is_exact
from engine.models.folder import ModelFolder
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.devices import choose_placement
from engine.types import ChatRequest, Message, Role
from tests.engine.models.convert.stored import Weights, stored_weights
from tests.engine.models.convert.tiny_gguf import TINY, convert_tiny, write_tiny_gguf


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(GGUF file, converted folder) of a random model of two layers."""
    folder = tmp_path_factory.mktemp("tiny")
    source, out = folder / "tiny.gguf", folder / "tiny"
    write_tiny_gguf(source)
    convert_tiny(source, out)
    return source, out


def int4_values(weights: Weights, name: str) -> np.ndarray:
    """float32 [rows, columns] of a linear layer, by the formula of its two operators."""
    packed = weights[f"{name}.weight"]
    values = np.stack([packed & 15, packed >> 4], axis=-1).reshape(*packed.shape[:2], BLOCK)
    scales = weights[f"{name}.scales"].reshape(packed.shape[:2])
    shifts = weights[f"{name}.shifts"].T
    exact = (values.astype(np.float64) - 8) * scales[..., None] + shifts[..., None]
    return exact.astype(np.float32).reshape(packed.shape[0], -1)


def original(reader: gguf.GGUFReader, *names: str) -> np.ndarray:
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    parts = [gguf.dequantize(tensors[name].data, tensors[name].tensor_type) for name in names]
    return np.concatenate(parts)


def assert_lossless(source: Path, folder: Path, layers: int) -> int:
    """Compare every weight; returns how many tensors of the GGUF were compared."""
    reader, weights = gguf.GGUFReader(source), stored_weights(folder)
    compared = 0

    def same(found: np.ndarray, *names: str) -> None:
        nonlocal compared
        np.testing.assert_array_equal(found, original(reader, *names))
        compared += len(names)

    for n in range(layers):
        block = f"blk.{n}"
        attention = [f"{block}.attn_{part}.weight" for part in "qkv"]
        same(int4_values(weights, f"{block}.qkv"), *attention)
        same(int4_values(weights, f"{block}.output"), f"{block}.attn_output.weight")
        gates = [f"{block}.ffn_{part}.weight" for part in ("gate", "up")]
        same(int4_values(weights, f"{block}.gate_up"), *gates)
        same(int4_values(weights, f"{block}.down"), f"{block}.ffn_down.weight")
        same(weights[f"{block}.attn_norm"], f"{block}.attn_norm.weight")
        same(weights[f"{block}.ffn_norm"], f"{block}.ffn_norm.weight")
    same(weights["output_norm"], "output_norm.weight")
    scales = np.repeat(weights["embedding.scales"], BLOCK, axis=1)
    same((weights["embedding.weight"].astype(np.float32) - 128) * scales, "token_embd.weight")
    head = weights["head.weight"].reshape(weights["embedding.weight"].shape)
    np.testing.assert_array_equal(head, weights["embedding.weight"])
    assert compared == len(reader.tensors)
    return compared


def test_every_weight_equals_the_gguf_packages_dequantisation(tiny: tuple[Path, Path]) -> None:
    assert assert_lossless(*tiny, layers=TINY.layers) == 2 * 9 + 2


@pytest.mark.model
def test_every_weight_of_the_starter_does(starter_gguf: Path, starter_folder: ModelFolder) -> None:
    assert assert_lossless(starter_gguf, starter_folder.path, starter_folder.layers) == 272


def test_the_folder_reads_and_decodes(tiny: tuple[Path, Path]) -> None:
    folder = ModelFolder.read(tiny[1])
    form = TemplateFormat.read(folder.path, folder.stop_tokens)
    prompt = form.render(ChatRequest((Message.of(Role.USER, "12 cafés"),)))
    decoder = OnnxDecoder.open(folder, choose_placement([]), Cancellation())
    logits = decoder.prefill(prompt.ids, Cancellation()).all()
    assert logits.shape == (TINY.vocabulary,)
    assert np.isfinite(logits).all()


def test_digits_are_tokens_of_their_own(tiny: tuple[Path, Path]) -> None:
    form = TemplateFormat.read(tiny[1], [2])
    ids = form.render(ChatRequest((Message.of(Role.USER, "12"),))).ids
    assert [form.token_bytes(i) for i in ids if form.token_bytes(i).isdigit()] == [b"1", b"2"]


def refused(source: Path, out: Path) -> str:
    with pytest.raises(BadGguf) as error:
        convert_tiny(source, out)
    assert not out.exists(), "a refused file leaves no folder"
    assert not [*out.parent.glob(".*unfinished")]
    return str(error.value)


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    write_tiny_gguf(tmp_path / "a.gguf", architecture="mamba")
    assert "mamba, not llama" in refused(tmp_path / "a.gguf", tmp_path / "out")


def test_another_quantisation_is_refused(tmp_path: Path) -> None:
    write_tiny_gguf(tmp_path / "a.gguf", linear=gguf.GGMLQuantizationType.Q5_1)
    assert "Q5_1; only Q4_1" in refused(tmp_path / "a.gguf", tmp_path / "out")


def test_a_missing_tensor_is_refused(tmp_path: Path) -> None:
    write_tiny_gguf(tmp_path / "a.gguf", without="blk.1.ffn_down.weight")
    assert "lacks the tensor blk.1.ffn_down.weight" in refused(tmp_path / "a.gguf", tmp_path / "o")


@pytest.mark.parametrize("kept", [0, 3, 100, 5000])
def test_a_truncated_file_is_refused(tmp_path: Path, tiny: tuple[Path, Path], kept: int) -> None:
    (tmp_path / "a.gguf").write_bytes(tiny[0].read_bytes()[:kept])
    assert "a.gguf is not a whole GGUF file" in refused(tmp_path / "a.gguf", tmp_path / "out")


def test_a_block_whose_shift_has_no_float32_is_seen() -> None:
    scale, minimum = np.float16(6e-8), np.float16(60000)
    block: np.ndarray[Any, Any] = np.zeros(20, np.uint8)
    block[:2] = np.frombuffer(scale.tobytes(), np.uint8)
    block[2:4] = np.frombuffer(minimum.tobytes(), np.uint8)
    assert not shift_is_exact(block[None])


def test_a_conversion_that_fails_midway_keeps_the_old_folder(tmp_path: Path) -> None:
    source, out = tmp_path / "tiny.gguf", tmp_path / "out"
    write_tiny_gguf(source)
    convert_tiny(source, out, "Old")

    def fail(done: int, total: int) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        convert_tiny(source, out, "New", fail)
    assert ModelFolder.read(out).name == "Old"


def test_progress_counts_layers(tmp_path: Path) -> None:
    write_tiny_gguf(tmp_path / "tiny.gguf")
    seen: list[tuple[int, int]] = []
    convert_tiny(
        tmp_path / "tiny.gguf", tmp_path / "out", on_progress=lambda *args: seen.append(args)
    )
    assert seen == [(1, 2), (2, 2)]
