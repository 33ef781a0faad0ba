"""Folders from elsewhere: whole ones are listed, others are refused with what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tokenizers import decoders

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder, CannotWrite
from engine.loading import open_model
from engine.models.folder import ModelFolder, find_models
from engine.models.importing import check_folder, copy_in, use_in_place
from engine.models.manifest import Manifest
from engine.models.verify import damaged_files
from tests.engine.models.test_folder import write_model
from tests.fakes import CHATML, byte_tokenizer

WEIGHTS = np.arange(1000, dtype=np.float32)


CACHE = ["batch", 3, "past", 64]
INPUTS = {
    "input_ids": ["batch", "tokens"],
    "attention_mask": ["batch", "total"],
    **{f"past_key_values.{n}.{part}": CACHE for n in range(2) for part in ("key", "value")},
}


def save_graph(folder: Path, inputs: Mapping[str, Any], weights: Sequence[TensorProto]) -> None:
    told = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in inputs.items()
    ]
    onnx.save(
        helper.make_model(helper.make_graph([], "g", told, [], weights)), folder / "model.onnx"
    )


def write_whole(folder: Path, location: str = "model.onnx.data", length: int = 4000) -> Path:
    write_model(folder)
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1000])
    weights.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(length))):
        weights.external_data.add(key=key, value=value)
    save_graph(folder, INPUTS, [weights])
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(CHATML, "utf-8")
    (folder / "model.onnx.data").write_bytes(WEIGHTS.tobytes())
    return folder


def nothing(done: int, total: int) -> None:
    pass


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return write_whole(tmp_path / "elsewhere" / "mine")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_a_folder_is_used_where_it_lies(elsewhere: Path, models: Path) -> None:
    assert use_in_place(elsewhere, models).path == elsewhere
    (found,) = find_models([models])
    assert found.path == elsewhere
    assert [file.name for file in models.iterdir()] == ["mine.path"]


def test_a_copy_is_whole_and_can_be_verified(elsewhere: Path, models: Path) -> None:
    told: list[tuple[int, int]] = []
    copied = copy_in(elsewhere, models, lambda *done: told.append(done), Cancellation())
    shutil.rmtree(elsewhere)
    (found,) = find_models([models])
    assert found == copied
    manifest = Manifest.read(found.path)
    assert damaged_files(found.path, manifest, nothing, Cancellation()) == []
    assert told[-1][0] == told[-1][1] > 4000


def test_a_cancelled_copy_leaves_nothing(elsewhere: Path, models: Path) -> None:
    cancellation = Cancellation()
    with pytest.raises(Cancelled):
        copy_in(elsewhere, models, lambda *_: cancellation.set(), cancellation)
    assert [*models.iterdir()] == []


def test_a_copy_that_a_kill_cut_off_is_no_model(elsewhere: Path, models: Path) -> None:
    write_whole(models / ".mine.importing")
    assert find_models([models]) == []
    copy_in(elsewhere, models, nothing, Cancellation())
    assert [path.name for path in models.iterdir()] == ["mine"]


def test_two_of_one_name_are_one_too_many(elsewhere: Path, models: Path) -> None:
    use_in_place(elsewhere, models)
    for again in (
        lambda: use_in_place(elsewhere, models),
        lambda: copy_in(elsewhere, models, nothing, Cancellation()),
    ):
        with pytest.raises(CannotWrite, match="named mine already"):
            again()


def test_a_folder_that_has_gone_is_not_listed(elsewhere: Path, models: Path) -> None:
    use_in_place(elsewhere, models)
    shutil.rmtree(elsewhere)
    assert find_models([models]) == []


def test_too_little_room_is_said(
    elsewhere: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000))
    with pytest.raises(CannotWrite, match="use the folder where it lies"):
        copy_in(elsewhere, models, nothing, Cancellation())
    assert [*models.iterdir()] == []


@pytest.mark.parametrize(
    "location", ["../secret", "/etc/passwd", "C:\\secret", "a\\..\\..\\secret", ""]
)
def test_weights_outside_the_folder_are_refused(tmp_path: Path, location: str) -> None:
    (tmp_path / "secret").write_bytes(WEIGHTS.tobytes())
    with pytest.raises(BadModelFolder, match="outside its folder"):
        check_folder(write_whole(tmp_path / "m", location))


def test_a_link_to_weights_outside_is_refused(elsewhere: Path, tmp_path: Path) -> None:
    (elsewhere / "model.onnx.data").rename(tmp_path / "secret")
    (elsewhere / "model.onnx.data").symlink_to(tmp_path / "secret")
    with pytest.raises(BadModelFolder, match="outside its folder"):
        check_folder(elsewhere)


@pytest.fixture
def snapshot(starter_folder: ModelFolder, tmp_path: Path) -> Path:
    """The starter as huggingface_hub keeps what it has fetched."""
    repo = tmp_path / "hub" / "models--HuggingFaceTB--SmolLM2"
    snapshot = repo / "snapshots" / ("0123" * 10)
    snapshot.mkdir(parents=True)
    (repo / "blobs").mkdir()
    for number, file in enumerate(starter_folder.path.iterdir()):
        blob = repo / "blobs" / f"blob{number}"
        shutil.copyfile(file, blob)
        (snapshot / file.name).symlink_to(f"../../blobs/blob{number}")
    return snapshot


@pytest.mark.model
def test_a_hubs_cache_is_used_where_it_lies_and_copied_whole(
    snapshot: Path, models: Path, tmp_path: Path
) -> None:
    used = use_in_place(snapshot, models)
    assert used.id == "SmolLM2"
    assert [found.id for found in find_models([models])] == ["SmolLM2"]
    open_model(used.path, Cancellation())
    copied = copy_in(snapshot, tmp_path / "others", nothing, Cancellation())
    assert copied.path == tmp_path / "others" / "SmolLM2"
    assert not any(file.is_symlink() for file in copied.path.iterdir())


@pytest.mark.model
def test_a_link_in_a_hubs_cache_leads_to_its_blobs_only(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"")
    (snapshot / "model.onnx.data").unlink()
    (snapshot / "model.onnx.data").symlink_to(tmp_path / "secret")
    with pytest.raises(BadModelFolder, match="outside its folder"):
        check_folder(snapshot)


def test_what_is_not_whole_is_refused(elsewhere: Path, tmp_path: Path) -> None:
    (elsewhere / "model.onnx.data").write_bytes(b"short")
    with pytest.raises(BadModelFolder, match="cut short: it should have 4,000 bytes"):
        check_folder(elsewhere)
    (elsewhere / "model.onnx.data").unlink()
    with pytest.raises(BadModelFolder, match="is missing"):
        check_folder(elsewhere)
    (elsewhere / "model.onnx").write_bytes(b"\xff\xff\xff")
    with pytest.raises(BadModelFolder, match="no ONNX model"):
        check_folder(elsewhere)
    (elsewhere / "model.onnx").unlink()
    with pytest.raises(BadModelFolder, match="is missing"):
        check_folder(elsewhere)


@pytest.mark.model
def test_the_starter_is_whole(starter_folder: ModelFolder) -> None:
    assert check_folder(starter_folder.path) == starter_folder


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (INPUTS | {"pixel_values": [1]}, "asks for 'pixel_values'"),
        ({"input_ids": [1, 1], "attention_mask": [1, 1]}, "without its KV cache"),
        ({name: [1, 8, "past", 64] for name in INPUTS}, "has 8 KV heads of 64"),
    ],
)
def test_a_graph_of_another_kind_is_refused(
    elsewhere: Path, inputs: Mapping[str, Any], words: str
) -> None:
    save_graph(elsewhere, inputs, [])
    with pytest.raises(BadModelFolder, match=words):
        check_folder(elsewhere)


def test_a_tokenizer_that_is_not_of_bytes_is_refused(elsewhere: Path) -> None:
    tokenizer = byte_tokenizer()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.save(str(elsewhere / "tokenizer.json"))
    with pytest.raises(BadModelFolder, match="not of bytes"):
        check_folder(elsewhere)


def test_a_model_that_cannot_chat_is_refused(elsewhere: Path) -> None:
    (elsewhere / "chat_template.jinja").unlink()
    with pytest.raises(BadModelFolder, match="no chat template"):
        check_folder(elsewhere)
