"""Whether a model fits this machine, and how fast it will be: an estimate before the download.

The constants were measured (tests/bench/LOG.md, "What a model needs"): within 10 % of the peak on
the CPU while 1,024 tokens are read and answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.models.catalogue import Entry
from engine.models.needs import Needs, Target

PROGRAM_BYTES = 60 << 20
"""Python, numpy, ONNX Runtime."""
HARMONY_BYTES, TEMPLATE_BYTES = 188 << 20, 45 << 20
"""Tokenizer, grammar."""
SESSION_BYTES = 15 << 20
CPU_WEIGHTS = 1.1
"""Packed for the processor's kernels."""
CUDA_WEIGHTS, CUDA_BYTES = 1.2, 1600 << 20
ANSWERED_TOKENS = 1024 * 2
"""A full buffer and the one that it grows from."""
SYSTEM_BYTES = 2 << 30
"""What else a machine does meanwhile: a system and a browser."""

REACHED_BANDWIDTH = 0.6
LAYER_SECONDS = 0.00014
USABLE_TOKENS_PER_SECOND = 3.0
"""About as fast as one reads aloud."""


class Verdict(StrEnum):
    FITS = "fits"
    TIGHT = "tight"
    NOT = "will not fit"


VERDICTS = {Verdict.FITS: "fits", Verdict.TIGHT: "is tight", Verdict.NOT: "will not fit"}


@dataclass(frozen=True, slots=True)
class Machine:
    """In bytes, and bytes a second. `gpu_memory` is 0 where none can be used; `gpu_problem` says
    why, if there is one."""

    memory: int
    disk_free: int
    bandwidth: float
    gpu_memory: int = 0
    gpu: str = ""
    gpu_problem: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """`memory` is that of `target`'s device, in bytes. `reason` has the numbers, in a sentence.
    `tokens_per_second` is None where it cannot be told."""

    verdict: Verdict
    target: Target
    memory: int
    tokens_per_second: float | None
    reason: str

    def in_words(self) -> str:
        device = "the CPU" if self.target is Target.CPU else "the NVIDIA GPU"
        speed = self.tokens_per_second if self.verdict is not Verdict.NOT else None
        told = f", at about {speed:,.0f} tokens a second" if speed else ""
        return f"on {device} it {VERDICTS[self.verdict]}{told}. {self.reason}"

    @property
    def is_usable(self) -> bool:
        speed = self.tokens_per_second
        return self.verdict is Verdict.FITS and (speed is None or speed >= USABLE_TOKENS_PER_SECOND)


def fit(needs: Needs, target: Target, machine: Machine, disk: int = 0) -> Fit:
    """`disk` is what must be free there to get the model; nothing for one that is installed."""
    memory = memory_of(needs, target)
    has, spare, where = machine.memory, SYSTEM_BYTES, "memory"
    if target is Target.CUDA:
        has, spare, where = machine.gpu_memory, 0, f"memory on {machine.gpu or 'an NVIDIA GPU'}"
    numbers = f"It takes {in_gb(memory)} of {where}, and there are {in_gb(has)}."
    verdict = verdict_of(memory, has, spare)
    if target is Target.CUDA and not has:
        numbers = f"It takes {in_gb(memory)} of an NVIDIA GPU's memory, and there is no such GPU."
    elif disk > machine.disk_free:
        verdict, free = Verdict.NOT, in_gb(machine.disk_free)
        numbers = f"Getting it takes {in_gb(disk)} of disk, and {free} are free."
    speed = cpu_speed(needs, machine) if target is Target.CPU else None
    return Fit(verdict, target, memory, speed, numbers)


def memory_of(needs: Needs, target: Target) -> int:
    """The peak while a prompt of 1,024 tokens is read and answered."""
    kv = needs.kv * ANSWERED_TOKENS
    if target is Target.CUDA:
        return int(needs.weights * CUDA_WEIGHTS) + CUDA_BYTES + kv
    speech = HARMONY_BYTES if needs.is_harmony else TEMPLATE_BYTES
    weights = int((needs.weights - needs.table) * CPU_WEIGHTS)
    return PROGRAM_BYTES + speech + SESSION_BYTES + weights + kv


def verdict_of(needed: int, has: int, spare: int) -> Verdict:
    if needed > has:
        return Verdict.NOT
    return Verdict.FITS if needed + spare <= has else Verdict.TIGHT


def cpu_speed(needs: Needs, machine: Machine) -> float | None:
    """Tokens per second of decode: all that a token reads must come from memory."""
    if not needs.active:
        return None
    seconds = needs.active / (REACHED_BANDWIDTH * machine.bandwidth) + LAYER_SECONDS * needs.layers
    return 1 / seconds


def best_fit(needs: Mapping[Target, Needs], machine: Machine, disk: int = 0) -> Fit | None:
    """On the GPU where that has the room, otherwise on the processor. None where nothing is known
    of the model's needs."""
    fits = [fit(needs[target], target, machine, disk) for target in Target if target in needs]
    ranks, has_gpu = [*Verdict], machine.gpu_memory > 0
    return min(
        fits,
        key=lambda one: (ranks.index(one.verdict), (one.target is Target.CPU) == has_gpu),
        default=None,
    )


def fit_of(entry: Entry, machine: Machine, target: Target | None = None) -> Fit | None:
    """On the target, or on the best that the machine has."""
    needs = {one: entry.needs[one] for one in entry.needs if target in (None, one)}
    disk = max((entry.disk_bytes(one) for one in needs), default=0)
    return best_fit(needs, machine, disk)


def recommended(fits: Mapping[str, Fit]) -> str | None:
    """The largest model that runs well."""
    usable = [id for id, one in fits.items() if one.is_usable]
    return max(usable, key=lambda id: fits[id].memory, default=None)


def in_gb(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
