"""What ONNX Runtime and CUDA say when something fails, in people's words, with what helps.

Their words: ONNX Runtime 1.31 and CUDA 13.
"""

from __future__ import annotations

from engine.errors import BadModelFolder
from engine.models.folder import ModelFolder

NO_LIBRARIES = "CUDA's libraries are missing: install hearth[cuda], or CUDA 13 with cuDNN 9."
CUDA_TROUBLES = {
    "libcuda.so": "There is no NVIDIA driver. Install version 580 or a newer one.",
    "driver version is insufficient": "The NVIDIA driver is too old for CUDA 13. Install version "
    "580 or a newer one.",
    "no CUDA-capable device": "The driver shows no NVIDIA GPU to this program: `nvidia-smi` should "
    "list one, and CUDA_VISIBLE_DEVICES should not hide it.",
    "out of memory": "The NVIDIA GPU's memory is full: `nvidia-smi` lists who has it.",
    "Failed to load": NO_LIBRARIES,
    "cannot open shared object": NO_LIBRARIES,
}
"""The first that is found counts."""
NO_ADAPTER = "Failed to get a WebGPU adapter"
NO_MEMORY = ("out of memory", "Failed to allocate memory", "bad_alloc")


def cuda_trouble(said: str) -> str:
    for part, sentence in CUDA_TROUBLES.items():
        if part in said:
            return sentence
    return f"CUDA cannot be used here: {last_words(said)}"


def load_trouble(folder: ModelFolder, device: str, error: Exception) -> BadModelFolder:
    said = str(error)
    if any(part in said for part in NO_MEMORY):
        return BadModelFolder(
            f"{folder.name} needs more memory than is free on {device}: its files alone have "
            f"{folder.size_bytes / 1e9:,.1f} GB. Close other programs, or take a smaller model: "
            "`hearth models fit` says which."
        )
    if NO_ADAPTER in said:
        return BadModelFolder(
            f"{device} does not take {folder.name}: WebGPU finds no driver. On Linux it needs the "
            "Vulkan loader, libvulkan1, and the chip's driver for Vulkan."
        )
    return BadModelFolder(f"{folder.model_file} cannot be loaded: {last_words(said)}")


def last_words(said: str) -> str:
    """Of a report, its failure without the places in the source that it went through."""
    line = next((line for line in said.splitlines() if line.strip()), "nothing says why")
    _, failure, rest = line.rpartition("CUDA failure ")
    return f"{failure}{rest.partition(' ; ')[0]}." if failure else line.strip()
