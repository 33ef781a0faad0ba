"""What optimum's folders say of themselves, by the configurations of several architectures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadModelFolder
from engine.models.folder import GPT_OSS, ModelFolder, find_models

LLAMA = {
    "model_type": "llama",
    "eos_token_id": 2,
    "hidden_size": 64,
    "max_position_embeddings": 2048,
    "num_attention_heads": 4,
    "num_hidden_layers": 3,
    "num_key_value_heads": 2,
}
QWEN3 = LLAMA | {"model_type": "qwen3", "head_dim": 32}
GPT2 = {
    "model_type": "gpt2",
    "eos_token_id": 2,
    "n_embd": 48,
    "n_head": 4,
    "n_layer": 2,
    "n_positions": 1024,
}


def write(folder: Path, config: Any, generation: Any = None, graph: str = "model.onnx") -> Path:
    (folder / graph).parent.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    if generation is not None:
        (folder / "generation_config.json").write_text(json.dumps(generation), "utf-8")
    (folder / graph).touch()
    return folder


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        (LLAMA, (2048, 3, 2, 16)),
        (QWEN3, (2048, 3, 2, 32)),
        (GPT2, (1024, 2, 4, 12)),
        (GPT2 | {"multi_query": True}, (1024, 2, 1, 12)),
        (LLAMA | {"num_key_value_heads": None}, (2048, 3, 4, 16)),
    ],
)
def test_the_shape_of_the_cache_is_known(
    tmp_path: Path, config: Any, shape: tuple[int, ...]
) -> None:
    model = ModelFolder.read(write(tmp_path / "m", config))
    assert (model.context_length, model.layers, model.kv_heads, model.head_size) == shape
    assert not model.shares_buffers
    assert {"position_ids", "past_key_values.0.key"} <= model.input_names()


def test_what_ends_an_answer_and_how_to_draw_is_the_makers(tmp_path: Path) -> None:
    generation = {"eos_token_id": [5, 6], "do_sample": True, "temperature": 0.6, "top_k": 20}
    model = ModelFolder.read(write(tmp_path / "m", LLAMA, generation))
    assert model.stop_tokens == (5, 6)
    assert (model.sampling.temperature, model.sampling.top_k) == (0.6, 20)
    silent = ModelFolder.read(write(tmp_path / "n", LLAMA, {"temperature": 0.6}))
    assert (silent.stop_tokens, silent.sampling.temperature) == ((2,), 1.0)


def test_gpt_oss_is_known_by_transformers_name(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", LLAMA | {"model_type": "gpt_oss"})
    assert ModelFolder.read(folder).family == GPT_OSS


def test_exports_are_listed_and_checkpoints_are_not(tmp_path: Path) -> None:
    write(tmp_path / "export", LLAMA)
    write(tmp_path / "js", LLAMA, graph="onnx/model_q4.onnx")
    write(tmp_path / "checkpoint", LLAMA, graph="model.safetensors")
    found = find_models([tmp_path])
    assert [model.id for model in found] == ["export", "js"]
    assert found[1].model_file.name == "model_q4.onnx"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    config = {name: value for name, value in LLAMA.items() if name != "max_position_embeddings"}
    with pytest.raises(BadModelFolder, match=r"config.json is incomplete: 'max_position_embed"):
        ModelFolder.read(write(tmp_path / "m", config))
