"""A checkpoint is refused in one sentence before anything is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.errors import BadCheckpoint
from engine.models.convert.checkpoint import Checkpoint
from engine.selftest.checkpoint import CONFIG_FILE, INDEX_FILE, write_checkpoint

SHARD = "model-00001.safetensors"
SINKS, BLOCKS = "model.layers.1.self_attn.sinks", "model.layers.1.mlp.experts.down_proj_blocks"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "checkpoint", experts=4, hidden=64, vocabulary=32)


def refused(folder: Path) -> str:
    with pytest.raises(BadCheckpoint) as error:
        Checkpoint(folder)
    return str(error.value)


def with_settings(folder: Path, **settings: Any) -> Path:
    config = json.loads((folder / CONFIG_FILE).read_text("utf-8")) | settings
    (folder / CONFIG_FILE).write_text(json.dumps(config), "utf-8")
    return folder


def with_tensor(folder: Path, name: str, change: Callable[[np.ndarray], np.ndarray | None]) -> Path:
    tensors = load_file(folder / SHARD)
    changed = change(tensors.pop(name))
    save_file(tensors if changed is None else tensors | {name: changed}, folder / SHARD)
    return folder


def with_place(folder: Path, name: str, place: str) -> Path:
    index = json.loads((folder / INDEX_FILE).read_text("utf-8"))
    index["weight_map"][name] = place
    (folder / INDEX_FILE).write_text(json.dumps(index), "utf-8")
    return folder


def test_rows_are_read_as_they_are_stored(folder: Path) -> None:
    checkpoint = Checkpoint(folder)
    stored = load_file(folder / SHARD)[BLOCKS]
    np.testing.assert_array_equal(checkpoint.read(BLOCKS, 1, 3), stored[1:3])
    np.testing.assert_array_equal(checkpoint.read(BLOCKS), stored)
    assert checkpoint.read(SINKS).dtype == ml_dtypes.bfloat16


def test_a_single_file_needs_no_index(folder: Path) -> None:
    shards = sorted(folder.glob("*.safetensors"))
    tensors = {name: tensor for shard in shards for name, tensor in load_file(shard).items()}
    for path in (*shards, folder / INDEX_FILE):
        path.unlink()
    save_file(tensors, folder / "model.safetensors")
    assert Checkpoint(folder).shape.layers == 2


def test_files_may_be_links_into_a_cache(folder: Path) -> None:
    (folder / SHARD).rename(folder.parent / "blob")
    (folder / SHARD).symlink_to(folder.parent / "blob")
    assert Checkpoint(folder).shape.layers == 2


def test_newer_rotary_settings_are_read(folder: Path) -> None:
    before = Checkpoint(folder).shape.yarn
    config = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
    rope = config["rope_scaling"] | {"rope_theta": config["rope_theta"]}
    with_settings(folder, rope_parameters=rope, rope_theta=None, rope_scaling=None)
    assert Checkpoint(folder).shape.yarn == before


def test_a_changed_file_changes_the_fingerprint(folder: Path) -> None:
    before = Checkpoint(folder).fingerprint
    assert Checkpoint(folder).fingerprint == before
    with_tensor(folder, SINKS, lambda sinks: sinks + 1)
    assert Checkpoint(folder).fingerprint != before


def test_a_file_that_shrinks_later_is_noticed(folder: Path) -> None:
    checkpoint = Checkpoint(folder)
    (folder / SHARD).write_bytes((folder / SHARD).read_bytes()[:2000])
    with pytest.raises(BadCheckpoint, match="has become shorter"):
        checkpoint.read(BLOCKS)


def test_no_checkpoint_at_all(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path} is not a checkpoint: it has no config.json."


@pytest.mark.parametrize("text", ["", "{", "[]", "\udcff"])
def test_a_config_that_is_no_object(folder: Path, text: str) -> None:
    (folder / CONFIG_FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert str(folder / CONFIG_FILE) in refused(folder)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"model_type": "llama"}, "a model of type llama; only gpt_oss is converted"),
        ({"quantization_config": {"quant_method": "gptq"}}, "are gptq, not mxfp4"),
        ({"quantization_config": None}, "are not quantised. Take the one that OpenAI published"),
        ({"hidden_size": 96}, "hidden_size is 96; it must be a multiple of 64"),
        ({"intermediate_size": "64"}, "intermediate_size is 64, not a positive whole number"),
        ({"num_local_experts": None}, "num_local_experts is None, not a positive whole number"),
        ({"num_experts_per_tok": 5}, "5 of 4 experts are chosen"),
        ({"num_key_value_heads": 3}, "4 heads of 64 share 3 keys"),
        ({"rms_norm_eps": 0}, "rms_norm_eps is 0, not a positive number"),
        ({"layer_types": ["full_attention"]}, "1 layer_types for 2 layers"),
        ({"layer_types": None}, "layer_types is None, not a list"),
        ({"layer_types": ["full_attention", "linear"]}, "layers of the type linear"),
        ({"rope_scaling": {"rope_type": "linear"}}, "positions are linear, not yarn"),
        (
            {"num_hidden_layers": 3, "layer_types": ["full_attention"] * 3},
            "lacks the tensor model.layers.2.",
        ),
    ],
)
def test_another_model(folder: Path, settings: dict[str, Any], sentence: str) -> None:
    assert sentence in refused(with_settings(folder, **settings))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda blocks: None, f"The checkpoint lacks the tensor {BLOCKS}."),
        (
            lambda blocks: blocks[:3],
            f"{BLOCKS} has the shape [3, 64, 2, 16]; config.json asks for [4, 64, 2, 16].",
        ),
        (lambda blocks: blocks.astype(np.float32), f"{BLOCKS} is F32; it should be U8."),
    ],
)
def test_a_tensor_that_is_not_as_it_should_be(
    folder: Path, change: Callable[[np.ndarray], np.ndarray | None], sentence: str
) -> None:
    assert refused(with_tensor(folder, BLOCKS, change)) == sentence


@pytest.mark.parametrize("kept", [0, 4, 8, 100, 1500])
def test_a_file_cut_off_in_its_header(folder: Path, kept: int) -> None:
    (folder / SHARD).write_bytes((folder / SHARD).read_bytes()[:kept])
    assert f"{SHARD} is not a whole safetensors file" in refused(folder)


def test_a_file_cut_off_in_its_weights(folder: Path) -> None:
    whole = (folder / SHARD).read_bytes()
    (folder / SHARD).write_bytes(whole[:-1])
    sizes = f"{len(whole) - 1:,} of {len(whole):,} bytes"
    assert refused(folder) == f"{SHARD} is truncated: it has {sizes}. Fetch it again."


@pytest.mark.parametrize(
    "header",
    ["no json", "[]", '{"a": 1}', '{"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 1]}}'],
)
def test_a_header_that_makes_no_sense(folder: Path, header: str) -> None:
    (folder / SHARD).write_bytes(len(header).to_bytes(8, "little") + header.encode() + b"12")
    assert f"{SHARD} is not a whole safetensors file" in refused(folder)


def test_a_missing_file(folder: Path) -> None:
    (folder / SHARD).unlink()
    assert refused(folder) == f"The checkpoint lacks its file {SHARD}."


@pytest.mark.parametrize(
    "place", ["../weights", "/etc/passwd", "..", "", "C:\\x", "sub/file", "c:x"]
)
def test_a_path_that_leaves_the_folder(folder: Path, place: str) -> None:
    sentence = f"{INDEX_FILE} names {place!r}, which is no file of this checkpoint."
    assert refused(with_place(folder, SINKS, place)) == sentence


def test_an_index_without_a_map(folder: Path) -> None:
    (folder / INDEX_FILE).write_text("{}", "utf-8")
    assert refused(folder) == f"{INDEX_FILE} has no weight_map."


def test_no_weights(folder: Path) -> None:
    (folder / INDEX_FILE).unlink()
    assert refused(folder) == f"{folder} is not a checkpoint: it has no {INDEX_FILE}."
