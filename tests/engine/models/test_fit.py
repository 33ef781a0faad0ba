"""Verdicts before a download, and the needs that they stand on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

import resources
from engine.models.catalogue import Catalogue
from engine.models.convert.checkpoint import Checkpoint
from engine.models.convert.genai import genai_config
from engine.models.convert.gpt_oss import about
from engine.models.convert.gpt_oss_graph import GptOssGraph
from engine.models.convert.gpt_oss_weights import RECIPES, GptOssWeights
from engine.models.convert.onnx_writer import OnnxWriter
from engine.models.convert.weight_file import Slices, Weight, offsets_of
from engine.models.fit import (
    Fit,
    Graphics,
    Machine,
    Verdict,
    best_fit,
    expected_speed,
    fit,
    fit_of,
    memory_of,
)
from engine.models.folder import ModelFolder
from engine.models.needs import Needs, Target, needs_of
from engine.runtime.machine import Gpu, memory_bandwidth, parse_gpu, this_machine
from tests.bench.random_model import SIZES, RandomCheckpoint, shape_of

CATALOGUE = Catalogue.read(Path(resources.__file__).parent / "catalogue.json")
STARTER = Path(resources.__file__).parent / "models" / "smollm2-135m-instruct"
GB = 10**9
LAPTOP = Machine(memory=16 * GB, disk_free=100 * GB, bandwidth=40e9)
H100 = Graphics("NVIDIA H100", 80 * GB)
WORKSTATION = Machine(128 * GB, 500 * GB, 80e9, H100, webgpu=H100)


def with_chip(memory: int | None, is_shared: bool = False, of: int = 64) -> Machine:
    chip = Graphics("Arc", memory and memory * GB, is_shared)
    return Machine(of * GB, 100 * GB, 40e9, webgpu=chip)


class Unwritten:
    """A WeightStore that only counts."""

    def __init__(self) -> None:
        self._end = 0

    def put(self, weights: Sequence[Weight], slices: Slices) -> list[int]:
        offsets = offsets_of(weights, self._end)
        self._end = offsets[-1] + weights[-1].size_bytes
        return offsets


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", [*Target])
def test_the_catalogue_tells_what_the_converted_model_needs(
    tmp_path: Path, size: str, target: Target
) -> None:
    shape = shape_of(*SIZES[size])
    checkpoint = cast("Checkpoint", RandomCheckpoint(shape))
    writer, recipe = OnnxWriter("gpt-oss", Unwritten()), RECIPES[target]
    GptOssGraph(writer, shape, GptOssWeights(writer, checkpoint, recipe)).write()
    writer.save(tmp_path)
    config = genai_config(shape, about(checkpoint, recipe))
    (tmp_path / "genai_config.json").write_text(json.dumps(config), "utf-8")
    needs = needs_of(ModelFolder.read(tmp_path))
    assert CATALOGUE.find(f"gpt-oss-{size}").needs[target] == needs


def test_a_tied_embedding_is_read_whole() -> None:
    needs = needs_of(ModelFolder.read(STARTER))
    assert (needs.table, needs.active) == (0, needs.weights)
    assert 110e6 < needs.weights < 116e6


def verdict(id: str, machine: Machine) -> Fit:
    entry = CATALOGUE.find(id)
    found = best_fit(entry.needs, machine)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("id", "machine", "expected", "target"),
    [
        ("gpt-oss-20b", LAPTOP, Verdict.FITS, Target.CPU),
        ("gpt-oss-120b", LAPTOP, Verdict.NOT, Target.CPU),
        ("gpt-oss-20b", WORKSTATION, Verdict.FITS, Target.CUDA),
        ("gpt-oss-120b", WORKSTATION, Verdict.FITS, Target.CUDA),
        ("gpt-oss-20b", Machine(15 * GB, 0, 40e9), Verdict.TIGHT, Target.CPU),
        ("gpt-oss-20b", Machine(8 * GB, 0, 40e9), Verdict.NOT, Target.CPU),
        ("gpt-oss-20b", with_chip(8), Verdict.FITS, Target.CPU),
        ("gpt-oss-20b", with_chip(16), Verdict.FITS, Target.WEBGPU),
        ("gpt-oss-20b", with_chip(None), Verdict.FITS, Target.CPU),
        ("gpt-oss-20b", with_chip(None, of=8), Verdict.TIGHT, Target.WEBGPU),
        ("gpt-oss-20b", with_chip(16, is_shared=True, of=32), Verdict.FITS, Target.WEBGPU),
        ("gpt-oss-20b", with_chip(8, is_shared=True, of=16), Verdict.FITS, Target.CPU),
    ],
)
def test_verdicts(id: str, machine: Machine, expected: Verdict, target: Target) -> None:
    found = verdict(id, machine)
    assert (found.verdict, found.target) == (expected, target)
    assert f"{found.memory / 1e9:.1f} GB" in found.reason


def test_a_gpu_that_cuda_cannot_use_may_be_of_use_to_webgpu() -> None:
    machine = Machine(64 * GB, 500 * GB, 40e9, H100, "Its driver is too old.", H100)
    found = fit_of(CATALOGUE.find("gpt-oss-20b"), machine)
    assert found is not None
    assert found.in_words() == (
        "on the graphics chip, by WebGPU, it fits. It takes 13.8 GB of memory on NVIDIA H100, and "
        "there are 80.0 GB."
    )


@pytest.mark.parametrize("target", [Target.CUDA, Target.WEBGPU])
def test_a_chip_that_is_not_there_takes_nothing(target: Target) -> None:
    found = fit(CATALOGUE.find("gpt-oss-20b").needs[target], target, LAPTOP)
    assert found.verdict is Verdict.NOT
    assert found.reason.endswith("and there is none.")


def test_a_disk_that_is_too_small_is_said_before_the_download() -> None:
    entry = CATALOGUE.find("gpt-oss-20b")
    disk = entry.disk_bytes(Target.CPU)
    assert disk > 27 * GB  # the checkpoint and the model, side by side
    found = fit(entry.needs[Target.CPU], Target.CPU, Machine(64 * GB, 20 * GB, 40e9), disk)
    assert found.verdict is Verdict.NOT
    assert found.reason == "Getting it takes 27.1 GB of disk, and 20.0 GB are free."


def test_speed_is_what_the_memory_allows() -> None:
    needs = CATALOGUE.find("gpt-oss-20b").needs[Target.CPU]
    slow, fast = (expected_speed(needs, bandwidth) for bandwidth in (20e9, 80e9))
    assert slow is not None
    assert fast is not None
    assert 3 < slow < 5 < fast < 20
    assert not verdict("gpt-oss-20b", Machine(16 * GB, 0, 5e9)).is_usable
    assert verdict("gpt-oss-20b", LAPTOP).is_usable


def test_memory_grows_with_the_cache() -> None:
    small, large = (Needs(1000, 0, 1000, kv, 1, False) for kv in (0, 1000))
    assert memory_of(large, Target.CPU) - memory_of(small, Target.CPU) == 2048 * 1000


def test_this_machine_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.machine.MEASURED_SECONDS", 0.05)
    machine = this_machine(tmp_path / "not" / "there")
    assert machine.memory > GB
    assert machine.disk_free > 0
    assert memory_bandwidth(0.05) > 1e8


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            "NVIDIA H100 80GB HBM3, 81559, 512, 580.95.05\n",
            Gpu("NVIDIA H100 80GB HBM3", 81559 << 20, 512 << 20, "580.95.05"),
        ),
        ("NVIDIA A, 8192, 0, 1\nNVIDIA B, 4096, 0, 1\n", Gpu("NVIDIA A", 8192 << 20, 0, "1")),
        ("NVIDIA GB10, [N/A], [N/A], 580.95.05\n", None),
        ("", None),
    ],
)
def test_a_gpu_is_read_from_what_its_driver_tells(told: str, expected: Gpu | None) -> None:
    assert parse_gpu(told) == expected
