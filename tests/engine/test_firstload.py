"""What is found out once on a machine: whether a device is right, how fast a model is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine import firstload
from engine.cancellation import Cancellation
from engine.errors import WrongDevice
from engine.firstload import open_recorded
from engine.models.folder import ModelFolder
from engine.records import Records, Shown
from engine.runtime.devices import choose_placement
from engine.runtime.memory import CUDA
from engine.runtime.placement import Placement
from engine.speed import Counts, Speeds, measure

NEVER = Cancellation()


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "home" / "records.json")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Speeds]:
    """What was measured."""
    all_measured: list[Speeds] = []

    def watched(*arguments: object) -> Speeds:
        all_measured.append(measure(*arguments))  # type: ignore[arg-type]
        return all_measured[-1]

    monkeypatch.setattr(firstload, "measure", watched)
    return all_measured


def test_the_first_load_is_measured_and_no_other(
    starter_folder: ModelFolder, records: Records, measured: list[Speeds]
) -> None:
    for _ in range(2):
        model = open_recorded(starter_folder.path, records, NEVER)
        assert list(model.decoder.tokens) == []
    shown = records.shown(starter_folder.id)
    assert shown is not None
    (speeds,) = measured
    assert (shown.prefill, shown.decode) == (
        speeds.prefill_tokens_per_second,
        speeds.decode_tokens_per_second,
    )
    assert shown.memory > 10 << 20
    assert "cores, ONNX Runtime 1." in shown.device


def test_another_onnx_runtime_is_measured_anew(
    starter_folder: ModelFolder, records: Records, measured: list[Speeds]
) -> None:
    records.note_shown(starter_folder.id, Shown("2 cores, ONNX Runtime 0.1", 1, 1, 1))
    open_recorded(starter_folder.path, records, NEVER)
    assert len(measured) == 1


class Checks:
    """The self-test's seam, on a processor that is called a GPU."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.is_right = True
        gpu = replace(choose_placement(()), memory=CUDA)
        monkeypatch.setattr(firstload, "choose_placement", lambda _: gpu)
        monkeypatch.setattr(firstload, "check", self.check)

    def check(self, placement: Placement, target: str, cancellation: Cancellation) -> None:
        self.asked.append(target)
        if not self.is_right:
            raise WrongDevice("On the GPU 9 of 9 differ.")


def test_a_device_is_checked_until_it_has_passed(
    starter_folder: ModelFolder, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks, folder = Checks(monkeypatch), replace(starter_folder, providers=("cuda",))
    monkeypatch.setattr(firstload.ModelFolder, "read", lambda _: folder)
    monkeypatch.setattr(firstload, "open_placed", lambda *_: pytest.fail("opened"))
    checks.is_right = False
    for _ in range(2):
        with pytest.raises(WrongDevice):
            open_recorded(starter_folder.path, records, NEVER)
    checks.is_right = True
    for _ in range(2):
        with pytest.raises(pytest.fail.Exception):
            open_recorded(starter_folder.path, records, NEVER)
    assert checks.asked == ["cuda"] * 3


@pytest.mark.parametrize("text", ["", "[]", '{"models": 1}', '{"models": {"a": {"x": 1}}}'])
def test_damaged_records_are_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.json"
    path.write_text(text, "utf-8")
    records, shown = Records(path), Shown("d", 1, 2, 3)
    assert records.shown("a") is None
    records.note_shown("a", shown)
    records.note_passed("gpu")
    assert Records(path).shown("a") == shown
    assert Records(path).has_passed("gpu")
    assert json.loads(path.read_text("utf-8"))["models"]["a"]["decode"] == 2


def test_where_nothing_can_be_kept_all_is_found_out_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    records = Records(tmp_path / "file" / "records.json")
    records.note_passed("gpu")
    assert not records.has_passed("gpu")


def test_a_measurement_leaves_the_cache_empty(starter_folder: ModelFolder) -> None:
    model = firstload.open_placed(starter_folder, choose_placement(()), NEVER)
    speeds = measure(model.decoder, Counts(8, 2, 1, 16), NEVER)
    assert list(model.decoder.tokens) == []
    assert speeds.context_decode_tokens_per_second
