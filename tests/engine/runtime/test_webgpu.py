"""Which graphics chip WebGPU is given, from what the plugin tells; and its real refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import onnxruntime as ort
import pytest

from engine.errors import BadModelFolder
from engine.models.fit import Graphics
from engine.runtime import webgpu
from engine.runtime.devices import choose_placement
from engine.runtime.machine import Gpu, shared_graphics_bytes, webgpu_graphics
from engine.runtime.memory import OfPlugin
from engine.runtime.webgpu import (
    NoWebGpu,
    Plugin,
    best_of,
    chip_of,
    has_own_memory,
    kind_of,
    own_memory,
    webgpu_device,
)

GPU, CPU = ort.OrtHardwareDeviceType.GPU, ort.OrtHardwareDeviceType.CPU


@dataclass
class Hardware:
    type: ort.OrtHardwareDeviceType = GPU
    vendor: str = "Microsoft"
    vendor_id: int = 0x8086
    device_id: int = 0x9A49
    metadata: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class EpDevice:
    """What get_ep_devices() hands out."""

    device: Hardware
    ep_name: str = webgpu.PROVIDER
    ep_metadata: dict[str, str] = field(default_factory=lambda: {"version": "0.4.0"})

    def memory_info(self, type: Any) -> str:
        return "its memory"


def plugin(**hardware: Any) -> Plugin:
    return cast("Plugin", EpDevice(Hardware(**hardware)))


INTEL, NVIDIA = plugin(), plugin(vendor_id=0x10DE, metadata={"Discrete": "1"})
VIRTUAL = plugin(metadata={"is_virtual": "1"})
HOST = plugin(type=CPU)


@pytest.mark.parametrize(
    ("devices", "best"),
    [
        ([INTEL], INTEL),
        ([INTEL, NVIDIA], NVIDIA),
        ([NVIDIA, INTEL], NVIDIA),
        ([VIRTUAL, INTEL], INTEL),
    ],
)
def test_a_chip_with_its_own_memory_goes_first(devices: list[Plugin], best: Plugin) -> None:
    assert best_of(devices) is best


@pytest.mark.parametrize(
    ("devices", "words"),
    [
        ([], "finds no graphics chip"),
        ([HOST], "finds no graphics chip"),
        ([VIRTUAL], "a virtual device only, with no graphics chip behind it"),
    ],
)
def test_without_a_chip_it_says_why(devices: list[Plugin], words: str) -> None:
    with pytest.raises(NoWebGpu, match=words):
        best_of(devices)


def test_a_chip_is_named_for_people_and_for_the_records() -> None:
    assert (chip_of(INTEL), chip_of(NVIDIA)) == ("Intel GPU", "NVIDIA GPU")
    assert chip_of(plugin(metadata={"Description": "Iris Xe"})) == "Iris Xe"
    assert chip_of(plugin(vendor_id=1, vendor="Some")) == "Some GPU"
    assert kind_of(INTEL) == "Intel GPU 8086:9a49, WebGPU 0.4.0"


def test_an_nvidia_chip_and_a_discrete_one_have_their_own_memory() -> None:
    arc = plugin(metadata={"Discrete": "1"})
    assert [has_own_memory(one) for one in (INTEL, NVIDIA, arc)] == [False, True, True]


def test_its_memory_is_what_direct3d_or_linux_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webgpu, "DRM", tmp_path)
    facts = {"vendor": "0x1002\n", "device": "0x744c\n", "mem_info_vram_total": "25753026560\n"}
    for card, left_out in (("card0", "device"), ("card1", "mem_info_vram_total"), ("card2", "")):
        folder = tmp_path / card / "device"
        folder.mkdir(parents=True)
        for name in facts.keys() - {left_out}:
            (folder / name).write_text(facts[name], "ascii")
    assert own_memory(plugin(vendor_id=0x1002, device_id=0x744C)) == 25753026560
    assert own_memory(plugin(metadata={"DxgiVideoMemory": "12010 MB"})) == 12010 << 20
    assert own_memory(INTEL) is None


@pytest.mark.parametrize(
    ("system", "memory", "share"),
    [("win32", 16, 8), ("linux", 32, 16), ("darwin", 24, 16), ("darwin", 64, 48)],
)
def test_a_shared_chip_may_take_a_part_of_the_computers_memory(
    monkeypatch: pytest.MonkeyPatch, system: str, memory: int, share: int
) -> None:
    monkeypatch.setattr("sys.platform", system)
    assert shared_graphics_bytes(memory << 30) == share << 30


@pytest.mark.parametrize(
    ("devices", "gpu", "expected"),
    [
        ([INTEL], None, Graphics("Intel GPU", 1 << 33, is_shared=True)),
        ([NVIDIA], Gpu("RTX", 1 << 34, 0, "580"), Graphics("NVIDIA GPU", 1 << 34)),
        ([NVIDIA], None, Graphics("NVIDIA GPU", None)),
        ([VIRTUAL], None, None),
    ],
)
def test_the_chip_of_this_machine_as_the_verdicts_want_it(
    monkeypatch: pytest.MonkeyPatch,
    devices: list[Plugin],
    gpu: Gpu | None,
    expected: Graphics | None,
) -> None:
    monkeypatch.setattr(ort, "get_ep_devices", lambda: devices)
    monkeypatch.setattr(webgpu, "register", lambda: None)
    monkeypatch.setattr("engine.runtime.machine.shared_graphics_bytes", lambda _: 1 << 33)
    assert webgpu_graphics(gpu) == expected


def test_a_model_for_webgpu_runs_on_the_chip(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [cast("Plugin", EpDevice(Hardware(), ep_name="CPUExecutionProvider")), INTEL]
    monkeypatch.setattr(ort, "get_ep_devices", lambda: others)
    placement = choose_placement(("webgpu",))
    assert placement.plugin is INTEL
    assert isinstance(placement.memory, OfPlugin)
    assert placement.device.name == "the Intel GPU (WebGPU)"
    assert not placement.is_host


def test_the_users_choice_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ort, "get_ep_devices", lambda: [INTEL])
    device = choose_placement(("webgpu",), on_processor=True).device
    assert (device.name, device.reason) == ("the CPU", "you have chosen it.")
    with pytest.raises(BadModelFolder, match="cannot run on the processor"):
        choose_placement(("cuda",), on_processor=True)


def test_what_keeps_the_plugin_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webgpu, "register", lambda: "It is not installed.")
    with pytest.raises(NoWebGpu, match="It is not installed"):
        webgpu_device()
    assert "It is not installed." in choose_placement(("webgpu",)).device.reason


VIRTUAL_ONLY = """
import onnxruntime as ort, onnxruntime_ep_webgpu
from engine.errors import BadModelFolder
from engine.models.fit import Graphics
from engine.runtime import webgpu
ort.register_execution_provider_library("webgpu.virtual", onnxruntime_ep_webgpu.get_library_path())
webgpu.register = lambda: None
try:
    print(webgpu.webgpu_device().device.metadata)
except webgpu.NoWebGpu as error:
    print(error)
"""


def test_the_plugins_own_virtual_device_is_refused() -> None:
    """In a process of its own: a plugin stays for good. A machine with a chip has that one too."""
    told = subprocess.run(
        [sys.executable, "-c", VIRTUAL_ONLY], capture_output=True, text=True, check=True
    ).stdout
    assert "a virtual device only" in told or "is_virtual" not in told
