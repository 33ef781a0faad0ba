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
WEBGPU_BYTES = 400 << 20
ANSWERED_TOKENS = 1024 * 2
"""A full buffer and the one that it grows from."""
SYSTEM_BYTES = 2 << 30
"""What else a machine does meanwhile: a system and a browser."""

REACHED_BANDWIDTH = 0.6
LAYER_SECONDS = 0.00014
USABLE_TOKENS_PER_SECOND = 3.0
"""About as fast as one reads aloud."""


PREFERRED = (Target.CUDA, Target.WEBGPU, Target.CPU)
"""The fastest first; `min` keeps this order among equals."""


class Verdict(StrEnum):
    FITS = "fits"
    TIGHT = "tight"
    NOT = "will not fit"


DEVICES = {
    Target.CPU: "the CPU",
    Target.CUDA: "the NVIDIA GPU",
    Target.WEBGPU: "the graphics chip, by WebGPU,",
}
VERDICTS = {Verdict.FITS: "fits", Verdict.TIGHT: "is tight", Verdict.NOT: "will not fit"}


@dataclass(frozen=True, slots=True)
class Graphics:
    """A graphics chip, and the bytes of memory that it may take; None where nobody tells. They are
    the computer's own where they are shared."""

    name: str
    memory: int | None
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """In bytes, and bytes a second. `nvidia_problem` says why an NVIDIA GPU that is there cannot
    be used; `webgpu` may be the same chip."""

    memory: int
    disk_free: int
    bandwidth: float
    nvidia: Graphics | None = None
    nvidia_problem: str | None = None
    webgpu: Graphics | None = None

    def graphics(self, target: Target) -> Graphics | None:
        """What can be used."""
        if target is Target.CUDA:
            return None if self.nvidia_problem else self.nvidia
        return self.webgpu


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
        device = DEVICES[self.target]
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
    if target is Target.CPU:
        verdict = verdict_of(memory, machine.memory, SYSTEM_BYTES)
        numbers = f"It takes {in_gb(memory)} of memory, and there are {in_gb(machine.memory)}."
    else:
        verdict, numbers = fit_on(machine.graphics(target), memory, target)
    if verdict is not Verdict.NOT and disk > machine.disk_free:
        verdict, free = Verdict.NOT, in_gb(machine.disk_free)
        numbers = f"Getting it takes {in_gb(disk)} of disk, and {free} are free."
    speed = expected_speed(needs, machine.bandwidth) if target is Target.CPU else None
    return Fit(verdict, target, memory, speed, numbers)


def fit_on(graphics: Graphics | None, memory: int, target: Target) -> tuple[Verdict, str]:
    """The verdict, and its numbers in a sentence. A chip that shares the computer's memory leaves
    it the other half."""
    if graphics is None:
        kind = "an NVIDIA GPU" if target is Target.CUDA else "a graphics chip"
        return Verdict.NOT, f"It takes {in_gb(memory)} of {kind}'s memory, and there is none."
    takes = f"It takes {in_gb(memory)} of memory on {graphics.name}"
    if graphics.memory is None:
        return Verdict.TIGHT, f"{takes}, and how much there is cannot be told."
    verdict = verdict_of(memory, graphics.memory, 0)
    if graphics.is_shared:
        has = f"which may take {in_gb(graphics.memory)} of the computer's"
        return verdict, f"{takes}, {has}."
    return verdict, f"{takes}, and there are {in_gb(graphics.memory)}."


def memory_of(needs: Needs, target: Target) -> int:
    """The peak while a prompt of 1,024 tokens is read and answered."""
    kv = needs.kv * ANSWERED_TOKENS
    if target is Target.CUDA:
        return int(needs.weights * CUDA_WEIGHTS) + CUDA_BYTES + kv
    if target is Target.WEBGPU:
        return needs.weights + WEBGPU_BYTES + kv
    speech = HARMONY_BYTES if needs.is_harmony else TEMPLATE_BYTES
    weights = int((needs.weights - needs.table) * CPU_WEIGHTS)
    return PROGRAM_BYTES + speech + SESSION_BYTES + weights + kv


def verdict_of(needed: int, has: int, spare: int) -> Verdict:
    if needed > has:
        return Verdict.NOT
    return Verdict.FITS if needed + spare <= has else Verdict.TIGHT


def expected_speed(needs: Needs, bandwidth: float) -> float | None:
    """Tokens per second of decode on the processor: all that a token reads must come from memory,
    at `bandwidth` bytes a second; 0 where a busy machine let nothing be measured."""
    if not (needs.active and bandwidth):
        return None
    seconds = needs.active / (REACHED_BANDWIDTH * bandwidth) + LAYER_SECONDS * needs.layers
    return 1 / seconds


def best_fit(needs: Mapping[Target, Needs], machine: Machine, disk: int = 0) -> Fit | None:
    """On a GPU where that has the room, otherwise on the processor. None where nothing is known
    of the model's needs."""
    fits = [fit(needs[target], target, machine, disk) for target in PREFERRED if target in needs]
    ranks = [*Verdict]
    return min(
        fits,
        key=lambda one: (
            ranks.index(one.verdict),
            one.target is not Target.CPU and not machine.graphics(one.target),
        ),
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
