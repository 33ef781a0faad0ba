"""The first use of a device and the first load of a model on this machine: both are put to the
test, once. Of a graphics chip and the processor the faster one takes the model; where a device
fails and the processor can take the model, it does."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from engine.cancellation import Cancellation
from engine.errors import BadModelFolder, DeviceFailed, WrongDevice
from engine.loading import open_placed
from engine.model import Model
from engine.models.fit import expected_speed
from engine.models.folder import ModelFolder
from engine.models.needs import needs_of
from engine.protocols import Decoder
from engine.records import Records, Shown
from engine.runtime.devices import choose_placement, cpu_placement, runs_on_cpu
from engine.runtime.machine import MEASURED_SECONDS, memory_bandwidth, memory_used, name_of
from engine.runtime.placement import Placement
from engine.selftest.device import check
from engine.speed import Counts, Speeds, measure
from engine.types import Device

log = logging.getLogger(__name__)

COUNTS = Counts(prompt=64, decode=16, repeat=1)
"""Five seconds for gpt-oss-20b on a laptop."""
QUESTION_TOKENS, ANSWER_TOKENS = 500, 200
"""A turn: what two devices are compared by."""


def open_recorded(
    path: Path, records: Records, cancellation: Cancellation, on_processor: bool = False
) -> Model:
    """Raises BadModelFolder, WrongDevice, DeviceFailed, Cancelled."""
    folder = ModelFolder.read(path)
    placement = choose_placement(folder.providers, on_processor)
    load = FirstLoad(folder, records, cancellation)
    if placement.is_host or not runs_on_cpu(folder.providers):
        return load.on(placement)
    try:
        return load.on_the_faster(placement)
    except (BadModelFolder, WrongDevice, DeviceFailed) as error:
        log.warning("%s cannot run %s", placement.device.name, folder.id, exc_info=True)
        return load.on(cpu_placement(str(error)))


def device_of(folder: ModelFolder, records: Records) -> Device:
    """Where it would run, by what is known without loading it. Raises BadModelFolder where it
    cannot."""
    placement = choose_placement(folder.providers)
    if placement.is_host or not runs_on_cpu(folder.providers):
        return placement.device
    if problem := records.problem_of(name_of(placement)):
        return cpu_placement(problem).device
    return FirstLoad(folder, records, Cancellation()).faster(placement, cpu_placement("")).device


@dataclass(frozen=True, slots=True)
class FirstLoad:
    folder: ModelFolder
    records: Records
    cancellation: Cancellation

    def on(self, placement: Placement) -> Model:
        """Measured if it is the first time there. Raises as `open_recorded`."""
        device = name_of(placement)
        if not placement.is_host:
            self._check(placement, device)
        if self._shown(placement) is not None:
            return open_placed(self.folder, placement, self.cancellation)
        before = memory_used(placement)
        model = open_placed(self.folder, placement, self.cancellation)
        speeds = self._measure(model.decoder, placement)
        memory = max(0, memory_used(placement) - before)
        shown = Shown(
            device, speeds.prefill_tokens_per_second, speeds.decode_tokens_per_second, memory
        )
        self.records.note_shown(self.folder.id, shown)
        return model

    def on_the_faster(self, chip: Placement) -> Model:
        """The processor is tried only where its memory promises more than the chip has shown."""
        processor = cpu_placement("")
        if self._shown(processor) is None:
            model = self.on(chip)
            shown = self._shown(chip)
            if shown is None or shown.decode >= self._expected_on_processor():
                return model
            log.info("%s is slow with %s", chip.device.name, self.folder.id)
            del model  # its memory is needed
            self.on(processor)
        return self.on(self.faster(chip, processor))

    def faster(self, chip: Placement, processor: Placement) -> Placement:
        """The chip where nobody knows."""
        on_chip, on_processor = (turn_seconds(self._shown(one)) for one in (chip, processor))
        if on_chip is None or on_processor is None or on_chip <= on_processor:
            return chip
        reason = (
            f"it answers in {on_processor:,.0f} seconds here what takes {on_chip:,.0f} on "
            f"{chip.device.name}."
        )
        return replace(processor, device=replace(processor.device, reason=reason))

    def _shown(self, placement: Placement) -> Shown | None:
        return self.records.shown(self.folder.id, name_of(placement))

    def _expected_on_processor(self) -> float:
        """Tokens per second of decode; 0 where nobody can tell."""
        bandwidth = memory_bandwidth(MEASURED_SECONDS)
        return expected_speed(needs_of(self.folder), bandwidth) or 0.0

    def _measure(self, decoder: Decoder, placement: Placement) -> Speeds:
        """A graphics chip's first run compiles what it runs."""
        if not placement.is_host:
            measure(decoder, COUNTS, self.cancellation)
        return measure(decoder, COUNTS, self.cancellation)

    def _check(self, placement: Placement, device: str) -> None:
        """The verdict stands until the device, its driver or ONNX Runtime is another one."""
        problem = self.records.problem_of(device)
        if problem is None:
            try:
                check(placement, self.folder.providers[0], self.cancellation)
            except WrongDevice as error:
                self.records.note_device(device, str(error))
                raise
            self.records.note_device(device, "")
        elif problem:
            raise WrongDevice(problem)


def turn_seconds(shown: Shown | None) -> float | None:
    if shown is None or not (shown.prefill and shown.decode):
        return None
    return QUESTION_TOKENS / shown.prefill + ANSWER_TOKENS / shown.decode
