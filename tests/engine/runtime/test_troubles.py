"""What ONNX Runtime says of CUDA, as it was seen on an H100 with something taken away."""

from __future__ import annotations

import re

import pytest

from engine.models.folder import ModelFolder
from engine.runtime.troubles import cuda_trouble, last_words, load_trouble

PLACE = (
    "[ONNXRuntimeError] : 1 : FAIL : Exception during initialization: /onnxruntime_src/cuda_call.cc"
    ":154 std::conditional_t<THRW, void, Status> onnxruntime::CudaCall(ERRTYPE, const char*) "
)
NO_DEVICE, NO_MEMORY, OTHER = (
    f"{PLACE}CUDA failure {told} ; GPU=0 ; hostname=vm ; line=47 ; expr=cudaX(); \n\n\n"
    for told in (
        "100: no CUDA-capable device is detected",
        "2: out of memory",
        "700: an illegal memory access was encountered",
    )
)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Failed to load libcuda.so.1: libcuda.so.1: cannot open", "There is no NVIDIA driver"),
        ("CUDA driver version is insufficient for CUDA runtime version", "too old for CUDA 13"),
        (NO_DEVICE, "CUDA_VISIBLE_DEVICES"),
        (NO_MEMORY, "memory is full"),
        ("Failed to load libcublasLt.so.13: cannot open shared object file", r"hearth\[cuda\]"),
        (OTHER, r"CUDA cannot be used here: CUDA failure 700: an illegal memory access was enc"),
        ("", "nothing says why"),
    ],
)
def test_each_trouble_has_its_sentence(said: str, words: str) -> None:
    assert re.search(words, cuda_trouble(said))


def test_where_it_happened_in_the_source_is_nobodys_business() -> None:
    assert last_words(OTHER) == "CUDA failure 700: an illegal memory access was encountered."
    assert last_words("\n  Gather: out of bounds\nmore") == "Gather: out of bounds"


def test_too_little_memory_is_said_with_what_helps(starter_folder: ModelFolder) -> None:
    told = str(load_trouble(starter_folder, "the NVIDIA GPU", RuntimeError(NO_MEMORY)))
    assert told.startswith(f"{starter_folder.name} needs more memory than is free on the NVIDIA")
    assert "0.1 GB" in told
    assert "hearth models fit" in told


def test_a_chip_without_a_driver_for_webgpu_is_said(starter_folder: ModelFolder) -> None:
    said = "EP_FAIL : webgpu_context.cc:136 Failed to get a WebGPU adapter: No supported adapters"
    told = str(load_trouble(starter_folder, "the NVIDIA GPU (WebGPU)", RuntimeError(said)))
    assert told.startswith("the NVIDIA GPU (WebGPU) does not take SmolLM2")
    assert "libvulkan1" in told
