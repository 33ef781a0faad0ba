"""Which device a folder's providers come to, and in which words another one is refused."""

from __future__ import annotations

import pytest

from engine.errors import BadModelFolder
from engine.runtime import devices
from engine.runtime.devices import choose_placement, cuda_problem
from engine.runtime.memory import CUDA


@pytest.mark.parametrize("targets", [(), ("cpu",)])
def test_no_target_is_the_cpu(targets: tuple[str, ...]) -> None:
    placement = choose_placement(targets)
    assert placement.device.name == "the CPU"
    assert placement.saved_bytes > 1 << 26


def test_webgpus_models_run_on_the_cpu_where_there_is_no_chip() -> None:
    reason = choose_placement(("webgpu",)).device.reason
    assert reason.startswith("it was converted for WebGPU. WebGPU ")


def test_an_unknown_target_is_refused_in_words() -> None:
    with pytest.raises(BadModelFolder, match="converted for qnn"):
        choose_placement(("qnn",))


def test_without_cuda_its_models_are_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "cuda_problem", lambda: "There is none.")
    with pytest.raises(BadModelFolder, match=r"for an NVIDIA GPU\. There is none\."):
        choose_placement(("cuda",))


def test_why_cuda_cannot_be_used_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    """On a machine that has it there is no problem; nothing is printed either way."""
    problem = cuda_problem()
    starts = ("CUDA", "The installed", "There is no NVIDIA", "The driver shows")
    assert problem is None or problem.startswith(starts)
    assert capfd.readouterr().out == ""


def test_on_cuda_single_steps_are_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cuda_problem", lambda: None)
    placement = choose_placement(("cuda",))
    assert (placement.memory, placement.is_captured, placement.window_slack) == (CUDA, True, 0)
