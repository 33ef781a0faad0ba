"""What is found out once on a machine: whether a device is right, how fast a model is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine import firstload
from engine.cancellation import Cancellation
from engine.errors import BadModelFolder, WrongDevice
from engine.firstload import device_of, open_recorded
from engine.loading import open_placed
from engine.model import Model
from engine.models.folder import ModelFolder
from engine.records import Records, Shown
from engine.runtime.devices import choose_placement
from engine.runtime.memory import CUDA, HOST
from engine.runtime.placement import Placement
from engine.speed import Counts, Speeds, measure
from engine.types import Device

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
    assert records.shown(starter_folder.id, "another device") is None
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


class Gpu:
    """A processor that is called a GPU, with the self-test's seam and the loading's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: ModelFolder) -> None:
        self.checked: list[str] = []
        self.is_right = True
        self.loads = True
        self._place = replace(choose_placement(()), memory=CUDA, device=Device("the GPU", ""))
        self._folder = folder
        self._open = open_placed
        monkeypatch.setattr(firstload, "choose_placement", lambda *_: self._place)
        monkeypatch.setattr(firstload, "check", self._check)
        monkeypatch.setattr(firstload, "open_placed", self._open_placed)
        monkeypatch.setattr(firstload, "memory_used", lambda _: 0)
        monkeypatch.setattr(firstload, "memory_bandwidth", lambda _: 1.0)  # promises nothing

    def made_for(self, target: str, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = replace(self._folder, providers=(target,))
        monkeypatch.setattr(firstload.ModelFolder, "read", lambda _: folder)
        return folder.path

    def _check(self, placement: Placement, target: str, cancellation: Cancellation) -> None:
        self.checked.append(target)
        if not self.is_right:
            raise WrongDevice("On the GPU 9 of 9 differ.")

    def _open_placed(
        self, folder: ModelFolder, placement: Placement, cancellation: Cancellation
    ) -> Model:
        if placement is self._place and not self.loads:
            raise BadModelFolder("It needs more memory than is free on the GPU.")
        on_host = replace(placement, memory=HOST)
        return self._open(folder, on_host, cancellation)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, starter_folder: ModelFolder) -> Gpu:
    return Gpu(monkeypatch, starter_folder)


def test_a_device_is_checked_once(
    gpu: Gpu, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gpu.made_for("webgpu", monkeypatch)
    for _ in range(2):
        assert open_recorded(path, records, NEVER).info.device.name == "the GPU"
    assert gpu.checked == ["webgpu"]


@pytest.mark.parametrize("what", ["is_right", "loads"])
def test_where_it_fails_the_processor_takes_the_model_and_says_why(
    gpu: Gpu, records: Records, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = gpu.made_for("webgpu", monkeypatch)
    setattr(gpu, what, False)
    for _ in range(2):
        device = open_recorded(path, records, NEVER).info.device
        assert device.name == "the CPU"
        assert device.reason in (
            "On the GPU 9 of 9 differ.",
            "It needs more memory than is free on the GPU.",
        )
    assert gpu.checked == ["webgpu"], "its verdict stands"


@pytest.mark.parametrize("what", ["is_right", "loads"])
def test_a_model_that_the_processor_cannot_take_is_refused_in_words(
    gpu: Gpu, records: Records, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = gpu.made_for("cuda", monkeypatch)
    setattr(gpu, what, False)
    for _ in range(2):
        with pytest.raises((WrongDevice, BadModelFolder), match="the GPU"):
            open_recorded(path, records, NEVER)
    assert gpu.checked == ["cuda"]


class Pace:
    """Speeds as if they had been measured: (prefill, decode) of the chip and of the processor."""

    def __init__(self, chip: tuple[float, float], processor: tuple[float, float]) -> None:
        self._speeds = {"the GPU": chip, "the CPU": processor}
        self.measured: list[str] = []

    def measure(self, _: object, placement: Placement) -> Speeds:
        self.measured.append(placement.device.name)
        return Speeds(*self._speeds[placement.device.name])


@pytest.mark.parametrize(
    ("chip", "processor", "expected", "measured", "winner"),
    [
        ((500, 20), (40, 6), 7, ["the GPU"], "the GPU"),
        ((500, 20), (40, 6), 25, ["the GPU", "the CPU"], "the GPU"),
        ((20, 2), (40, 6), 7, ["the GPU", "the CPU"], "the CPU"),
        ((500, 5), (40, 6), 7, ["the GPU", "the CPU"], "the GPU"),
    ],
)
def test_the_faster_of_chip_and_processor_takes_the_model(
    gpu: Gpu,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    chip: tuple[float, float],
    processor: tuple[float, float],
    expected: float,
    measured: list[str],
    winner: str,
) -> None:
    """The last row: a prompt is read so much faster that the whole turn ends sooner."""
    path, pace = gpu.made_for("webgpu", monkeypatch), Pace(chip, processor)
    monkeypatch.setattr(firstload.FirstLoad, "_measure", lambda _, *told: pace.measure(*told))
    monkeypatch.setattr(firstload, "expected_speed", lambda *_: expected)
    devices = [open_recorded(path, records, NEVER).info.device for _ in range(2)]
    assert [device.name for device in devices] == [winner, winner]
    assert device_of(ModelFolder.read(path), records) == devices[1], "before it is loaded again"
    assert pace.measured == measured, "once"
    if winner == "the CPU":
        assert devices[0].reason == "it answers in 46 seconds here what takes 125 on the GPU."


@pytest.mark.parametrize("text", ["", "[]", '{"models": 1}', '{"models": {"a": {"x": 1}}}'])
def test_damaged_records_are_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.json"
    path.write_text(text, "utf-8")
    records, shown = Records(path), Shown("d", 1, 2, 3)
    assert records.shown("a") is None
    records.note_shown("a", shown)
    records.note_device("gpu", "")
    assert Records(path).shown("a") == shown
    assert Records(path).problem_of("gpu") == ""
    assert json.loads(path.read_text("utf-8"))["models"]["a"][0]["decode"] == 2


def test_each_device_is_remembered_and_the_last_one_is_told(records: Records) -> None:
    first, second = Shown("gpu", 1, 2, 3), Shown("cpu", 4, 5, 6)
    for shown in (second, first, second):
        records.note_shown("a", shown)
    assert (records.shown("a"), records.shown("a", "gpu")) == (second, first)
    for number in range(9):
        records.note_shown("a", Shown(f"gpu {number}", 1, 2, 3))
    assert records.shown("a", "gpu") is None


def test_where_nothing_can_be_kept_all_is_found_out_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    records = Records(tmp_path / "file" / "records.json")
    records.note_device("gpu", "")
    assert records.problem_of("gpu") is None


def test_a_measurement_leaves_the_cache_empty(starter_folder: ModelFolder) -> None:
    model = firstload.open_placed(starter_folder, choose_placement(()), NEVER)
    speeds = measure(model.decoder, Counts(8, 2, 1, 16), NEVER)
    assert list(model.decoder.tokens) == []
    assert speeds.context_decode_tokens_per_second
