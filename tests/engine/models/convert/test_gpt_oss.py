"""What a converted gpt-oss computes and holds, for each target."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from engine.cancellation import Cancellation
from engine.errors import BadCheckpoint, CannotWrite
from engine.models.convert import gpt_oss
from engine.models.convert.gpt_oss_weights import RECIPES, Recipe
from engine.models.folder import ModelFolder
from engine.selftest.checkpoint import write_checkpoint
from tests.engine.models.convert.gpt_oss_folder import (
    RoundedForward,
    Session,
    integers,
)
from tests.engine.models.convert.gpt_oss_forward import Forward
from tests.engine.models.convert.stored import stored_weights
from tests.fakes import byte_tokenizer
from tests.float32 import float32_copy

LAYERS, CONTEXT = 2, 4096
IDS = np.random.default_rng(0).integers(0, 512, 200).tolist()
STEPS = (IDS[:150], IDS[150:199], IDS[199:])
"""Longer than the window, in a prompt, its continuation and a token."""


def convert(source: Path, out: Path, recipe: Recipe) -> Path:
    gpt_oss.convert(source, out, recipe, lambda done, total: None, Cancellation())
    return out


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_tokenizer(
        write_checkpoint(tmp_path_factory.mktemp("source"), max_position_embeddings=CONTEXT)
    )


def with_tokenizer(folder: Path) -> Path:
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text("a template", "utf-8")
    return folder


@pytest.fixture(scope="module")
def folders(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By target."""
    root = tmp_path_factory.mktemp("models")
    return {name: convert(checkpoint, root / name, RECIPES[name]) for name in RECIPES}


def logits_of_steps(folder: Path) -> NDArray[np.float64]:
    session = Session(folder)
    return np.array([session(step) for step in STEPS], np.float64)


def ends_of_steps(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return logits[np.cumsum([len(step) for step in STEPS]) - 1]


def relative_error(found: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(found - right) / np.linalg.norm(right))


def test_float32_computes_the_checkpoint(checkpoint: Path, folders: dict[str, Path]) -> None:
    right = ends_of_steps(Forward(checkpoint)(IDS))
    assert np.abs(logits_of_steps(folders["float32"]) - right).max() < 2e-5
    assert right.std() > 0.3


def test_int4_computes_its_own_weights(
    checkpoint: Path, folders: dict[str, Path], tmp_path: Path
) -> None:
    """What is left is the rounding of activations to int8, which accuracy_level 1 does without."""
    right = ends_of_steps(RoundedForward(checkpoint, folders["cpu"], RECIPES["cpu"])(IDS))
    exact = float32_copy(folders["cpu"], tmp_path / "exact")
    assert relative_error(logits_of_steps(exact), right) < 1e-3
    assert relative_error(logits_of_steps(folders["cpu"]), right) < 0.05


@pytest.mark.parametrize("bits", [4, 8, 16])
def test_float16_computes_the_checkpoint(checkpoint: Path, tmp_path: Path, bits: int) -> None:
    """The graph for CUDA, but for its experts, which the CPU cannot run: int4 ones instead."""
    recipe = replace(RECIPES["cuda"], experts="int4", attention_bits=bits, head_bits=bits)
    folder = convert(checkpoint, tmp_path / "half", recipe)
    forward = (
        HalfForward(checkpoint, folder)
        if bits == 16
        else RoundedForward(checkpoint, folder, recipe)
    )
    assert relative_error(logits_of_steps(folder), ends_of_steps(forward(IDS))) < 0.05


class HalfForward(Forward):
    def __init__(self, checkpoint: Path, folder: Path) -> None:
        super().__init__(checkpoint)
        self.stored = stored_weights(folder)

    def experts(self, name: str) -> NDArray[np.float64]:
        return integers(self.stored[f"{name}_codes"], self.stored[f"{name}_scales"], 4)


def test_zeros_that_end_the_mask_change_nothing(folders: dict[str, Path]) -> None:
    """A captured CUDA graph has a mask of fixed length."""
    plain, padded = Session(folders["float32"]), Session(folders["float32"])
    for step in STEPS:
        np.testing.assert_array_equal(plain(step), padded(step, padding=100))


def test_the_embedding_is_stored_as_published(checkpoint: Path, folders: dict[str, Path]) -> None:
    name = "model.embed_tokens.weight"
    published = load_file(checkpoint / "model-head.safetensors")[name]
    for target in ("cpu", "float32"):
        np.testing.assert_array_equal(stored_weights(folders[target])[name], published)


def test_every_expert_for_cuda_is_the_checkpoint_bit_for_bit(
    checkpoint: Path, folders: dict[str, Path]
) -> None:
    published, stored = Forward(checkpoint).tensors, stored_weights(folders["cuda"])
    names = [name.removesuffix("_blocks") for name in published if name.endswith("_blocks")]
    assert len(names) == 2 * LAYERS
    for name in names:
        pairs = stored[f"{name}_blocks"]  # [experts, columns, rows / 2]
        codes = np.stack([pairs & 15, pairs >> 4], axis=-1).reshape(*pairs.shape[:2], -1)
        codes = codes.swapaxes(1, 2)
        blocks = (codes[..., 0::2] | codes[..., 1::2] << 4).reshape(
            published[f"{name}_blocks"].shape
        )
        np.testing.assert_array_equal(blocks, published[f"{name}_blocks"])
        scales = stored[f"{name}_scales"]
        assert scales.dtype == ml_dtypes.float8_e8m0fnu
        np.testing.assert_array_equal(scales.view(np.uint8), published[f"{name}_scales"])


def test_experts_tell_their_kind(folders: dict[str, Path]) -> None:
    kinds = {name: experts(folder) for name, folder in folders.items()}
    assert kinds["cpu"] == {"quant_type": b"int", "block_size": 64, "accuracy_level": 4}
    assert kinds["cuda"] == {"quant_type": b"fp4", "block_size": 32}
    assert kinds["float32"] == {}
    scale = stored_weights(folders["cuda"])["model.layers.0.mlp.experts.global_scale"]
    assert scale.tolist() == [1.0] * 8


def experts(folder: Path) -> dict[str, Any]:
    graph = onnx.load(folder / "model.onnx", load_external_data=False).graph
    nodes = [node for node in graph.node if node.op_type in ("QMoE", "MoE")]
    assert len(nodes) == LAYERS
    wanted = ("quant_type", "block_size", "accuracy_level")
    found = {one.name: onnx.helper.get_attribute_value(one) for one in nodes[0].attribute}
    return {name: value for name, value in found.items() if name in wanted}


def test_the_folder_says_what_it_is(checkpoint: Path, folders: dict[str, Path]) -> None:
    config = json.loads((folders["cuda"] / "genai_config.json").read_text("utf-8"))["model"]
    assert config["type"] == "gptoss"
    assert config["eos_token_id"] == [200002, 199999, 200012]
    assert (config["bos_token_id"], config["pad_token_id"]) == (199998, 199999)
    decoder = config["decoder"]
    assert decoder["session_options"]["provider_options"] == [{"cuda": {}}]
    assert decoder["sliding_window"] == {"window_size": 128, "layers": [0], "cache_slack": 0}
    folder = ModelFolder.read(folders["cpu"])
    assert (folder.name, folder.layers, folder.context_length) == ("gpt-oss", LAYERS, CONTEXT)
    names = {path.name for path in folders["cpu"].iterdir()}
    texts = {"tokenizer.json", "chat_template.jinja", "genai_config.json"}
    assert names == texts | {"model.onnx", "model.onnx.data"}


@pytest.mark.parametrize(
    ("layers", "experts", "name"),
    [(24, 32, "gpt-oss-20b"), (36, 128, "gpt-oss-120b"), (2, 8, "gpt-oss")],
)
def test_a_model_has_its_makers_name(
    checkpoint: Path, layers: int, experts: int, name: str
) -> None:
    shape = gpt_oss.Checkpoint(checkpoint).shape
    assert gpt_oss.model_name(replace(shape, layers=layers, experts=experts)) == name


def test_a_checkpoint_without_generation_config_stops_at_openais_tokens(
    checkpoint: Path, tmp_path: Path
) -> None:
    shutil.copytree(checkpoint, tmp_path / "source")
    (tmp_path / "source" / "generation_config.json").unlink()
    folder = ModelFolder.read(convert(tmp_path / "source", tmp_path / "out", RECIPES["cpu"]))
    assert folder.stop_tokens == (200002, 200012, 199999)


def test_all_layers_may_see_everything(tmp_path: Path) -> None:
    source = write_checkpoint(
        tmp_path / "source", layer_types=["full_attention"] * 2, max_position_embeddings=CONTEXT
    )
    folder = convert(with_tokenizer(source), tmp_path / "out", RECIPES["float32"])
    right = ends_of_steps(Forward(source)(IDS))
    assert np.abs(logits_of_steps(folder) - right).max() < 2e-5


def refused(source: Path, out: Path, target: str, kind: type[Exception] = BadCheckpoint) -> str:
    with pytest.raises(kind) as error:
        convert(source, out, RECIPES[target])
    assert not [*out.parent.glob("*out*")], "nothing is left of a refused checkpoint"
    return str(error.value)


def test_a_missing_tokenizer_is_refused(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", experts=4, hidden=64)
    assert "lacks tokenizer.json" in refused(source, tmp_path / "out", "cpu")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("self_attn.o_proj.bias", 70_000, "self_attn.o_proj.bias has values beyond float16"),
        ("self_attn.k_proj.weight", 1e9, "self_attn.k_proj has values beyond float16"),
        ("mlp.experts.down_proj_scales", 141, "down_proj has values beyond float16"),
    ],
)
def test_values_beyond_float16_are_refused_for_cuda(
    tmp_path: Path, name: str, value: float, sentence: str
) -> None:
    source = changed(tmp_path / "source", name, value)
    assert sentence in refused(source, tmp_path / "out", "cuda")
    convert(source, tmp_path / "out", RECIPES["cpu"])


def test_a_scale_that_is_no_number_is_refused(tmp_path: Path) -> None:
    source = changed(tmp_path / "source", "mlp.experts.gate_up_proj_scales", 255)
    sentence = "model.layers.1.mlp.experts.gate_up_proj of expert 0 has a scale that is no number."
    for target in RECIPES:
        assert refused(source, tmp_path / "out", target) == sentence


def changed(folder: Path, name: str, value: float) -> Path:
    """A tiny checkpoint with one other value in a tensor of its last layer."""
    with_tokenizer(write_checkpoint(folder, experts=4, hidden=64, max_position_embeddings=CONTEXT))
    shard = folder / "model-00001.safetensors"
    tensors = load_file(shard)
    tensors[f"model.layers.1.{name}"].flat[0] = value
    save_file(tensors, shard)
    return folder


def test_a_folder_that_exists_is_left_alone(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(CannotWrite, match="exists already"):
        convert(checkpoint, tmp_path / "out", RECIPES["cpu"])


def test_a_place_that_cannot_be_written_is_told(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(CannotWrite, match="out cannot be written"):
        convert(checkpoint, tmp_path / "file" / "out", RECIPES["cpu"])
