"""Model folders as people and crashes leave them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadModelFolder
from engine.models.folder import CONFIG_FILE, ModelFolder, find_models, new_folder

CONFIG: dict[str, Any] = {
    "model": {
        "context_length": 100,
        "eos_token_id": 2,
        "decoder": {
            "filename": "model.onnx",
            "num_hidden_layers": 2,
            "num_key_value_heads": 3,
            "head_size": 64,
            "inputs": {
                "input_ids": "input_ids",
                "attention_mask": "attention_mask",
                "past_key_names": "past_key_values.%d.key",
                "past_value_names": "past_key_values.%d.value",
            },
            "outputs": {"logits": "logits"},
        },
    },
}


def write_model(path: Path, config: Any = CONFIG) -> Path:
    path.mkdir(parents=True)
    text = config if isinstance(config, str) else json.dumps(config)
    (path / CONFIG_FILE).write_text(text, "utf-8")
    return path


def with_decoder(**values: Any) -> dict[str, Any]:
    model = CONFIG["model"]
    return {"model": {**model, "decoder": {**model["decoder"], **values}}}


def test_a_folder_without_a_name_is_called_by_its_path(tmp_path: Path) -> None:
    folder = ModelFolder.read(write_model(tmp_path / "phi"))
    assert (folder.id, folder.name, folder.stop_tokens) == ("phi", "phi", (2,))
    assert folder.providers == ()


def test_several_end_tokens_all_stop(tmp_path: Path) -> None:
    config = {"model": {**CONFIG["model"], "eos_token_id": [200002, 200012]}}
    assert ModelFolder.read(write_model(tmp_path / "m", config)).stop_tokens == (200002, 200012)


def test_the_providers_are_read(tmp_path: Path) -> None:
    config = with_decoder(session_options={"provider_options": [{"CUDA": {}}]})
    assert ModelFolder.read(write_model(tmp_path / "m", config)).providers == ("cuda",)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "does not hold a JSON object"),
        ({"model": {}}, "is incomplete: 'decoder'"),
        (with_decoder(num_hidden_layers="many"), "is incomplete: invalid literal"),
        (with_decoder(filename="../other.onnx"), "lies outside the folder"),
        (with_decoder(filename="/etc/passwd"), "lies outside the folder"),
    ],
)
def test_a_bad_configuration_is_one_sentence(tmp_path: Path, config: Any, words: str) -> None:
    with pytest.raises(BadModelFolder, match=words):
        ModelFolder.read(write_model(tmp_path / "m", config))


def test_a_folder_that_is_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadModelFolder, match="is not a model folder"):
        ModelFolder.read(tmp_path)


def test_models_are_found_in_all_roots_and_the_first_root_wins(tmp_path: Path) -> None:
    own, bundled = tmp_path / "own", tmp_path / "bundled"
    write_model(own / "starter")
    write_model(bundled / "starter")
    write_model(bundled / "another")
    found = find_models([own, bundled, tmp_path / "missing"])
    assert [model.path for model in found] == [bundled / "another", own / "starter"]


def test_a_bad_model_does_not_hide_the_good_ones(tmp_path: Path) -> None:
    write_model(tmp_path / "bad", "{")
    write_model(tmp_path / "good")
    assert [model.id for model in find_models([tmp_path])] == ["good"]


def test_an_unfinished_folder_is_never_listed(tmp_path: Path) -> None:
    with new_folder(tmp_path / "m") as folder:
        (folder / CONFIG_FILE).write_text(json.dumps(CONFIG), "utf-8")
        assert find_models([tmp_path]) == []
    assert [model.id for model in find_models([tmp_path])] == ["m"]


def test_a_crash_leaves_nothing_and_what_an_old_one_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".m.unfinished"
    left.mkdir()
    (left / "old").write_text("x", "utf-8")
    seen: list[Path] = []

    def crash() -> None:
        with new_folder(tmp_path / "m") as folder:
            seen.extend(folder.iterdir())
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        crash()
    assert not seen
    assert not [*tmp_path.iterdir()]
