"""WebGPU: any graphics chip, by Direct3D 12, Vulkan or Metal; a plugin of ONNX Runtime's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import onnxruntime as ort

REGISTERED_AS = "webgpu"
PROVIDER = "WebGpuExecutionProvider"
NVIDIA = 0x10DE
VENDORS = {
    NVIDIA: "NVIDIA",
    0x1002: "AMD",
    0x8086: "Intel",
    0x106B: "Apple",
    0x5143: "Qualcomm",
    0x13B5: "Arm",
}
"""By their PCI numbers."""
DRM = Path("/sys/class/drm")
"""Where Linux lists its graphics cards."""

Plugin = ort.OrtEpDevice


class NoWebGpu(Exception):
    """The text is a sentence for people."""


def webgpu_device() -> Plugin:
    """The best one that there is. Raises NoWebGpu."""
    problem = register()
    if problem:
        raise NoWebGpu(problem)
    devices = [device for device in ort.get_ep_devices() if device.ep_name == PROVIDER]
    return best_of(devices)


def best_of(devices: Iterable[Plugin]) -> Plugin:
    """One with memory of its own before one that shares the computer's. Raises NoWebGpu."""
    found = [one for one in devices if one.device.type == ort.OrtHardwareDeviceType.GPU]
    real = [one for one in found if one.device.metadata.get("is_virtual") != "1"]
    if found and not real:
        raise NoWebGpu("WebGPU has a virtual device only, with no graphics chip behind it.")
    if not real:
        raise NoWebGpu("WebGPU finds no graphics chip, or no driver of one.")
    return max(real, key=lambda one: one.device.metadata.get("Discrete") == "1")


@cache
def register() -> str | None:
    """Once in a process. Why it cannot be, in a sentence."""
    try:
        import onnxruntime_ep_webgpu
    except ImportError:
        return "ONNX Runtime's WebGPU plugin is not installed: onnxruntime-ep-webgpu."
    try:
        ort.register_execution_provider_library(
            REGISTERED_AS, onnxruntime_ep_webgpu.get_library_path()
        )
    except Exception as error:  # onnxruntime's exceptions share no other base
        return f"ONNX Runtime's WebGPU plugin cannot be loaded: {error}"
    return None


def chip_of(plugin: Plugin) -> str:
    """What people call it: by its driver's words, or else by its maker's name."""
    maker = VENDORS.get(plugin.device.vendor_id, plugin.device.vendor)
    return plugin.device.metadata.get("Description") or f"{maker} GPU".strip()


def has_own_memory(plugin: Plugin) -> bool:
    """Windows and Linux tell; an NVIDIA chip always has."""
    hardware = plugin.device
    return hardware.metadata.get("Discrete") == "1" or hardware.vendor_id == NVIDIA


def own_memory(plugin: Plugin) -> int | None:
    """In bytes, as Direct3D or Linux's driver tells; None where neither does."""
    megabytes = plugin.device.metadata.get("DxgiVideoMemory", "").removesuffix(" MB")
    if megabytes.isdigit():
        return int(megabytes) << 20
    hardware = plugin.device
    for card in sorted(DRM.glob("card*/device")):
        try:
            ids = [int((card / name).read_text("ascii"), 16) for name in ("vendor", "device")]
            if ids == [hardware.vendor_id, hardware.device_id]:
                return int((card / "mem_info_vram_total").read_text("ascii"))
        except (OSError, ValueError):
            continue
    return None


def kind_of(plugin: Plugin) -> str:
    """Another one for each chip and each version of the plugin."""
    hardware = plugin.device
    version = plugin.ep_metadata.get("version", "")
    return f"{chip_of(plugin)} {hardware.vendor_id:x}:{hardware.device_id:x}, WebGPU {version}"
