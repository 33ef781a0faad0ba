"""The first use of a device and the first load of a model on this machine: both are put to the
test, once. Where a device fails and the processor can take the model, it does."""

from __future__ import annotations

import logging
from pathlib import Path

from engine.cancellation import Cancellation
from engine.errors import BadModelFolder, DeviceFailed, WrongDevice
from engine.loading import open_placed
from engine.model import Model
from engine.models.folder import ModelFolder
from engine.records import Records, Shown
from engine.runtime.devices import choose_placement, cpu_placement, runs_on_cpu
from engine.runtime.machine import memory_used, name_of
from engine.runtime.placement import Placement
from engine.selftest.device import check
from engine.speed import Counts, measure

log = logging.getLogger(__name__)

COUNTS = Counts(prompt=64, decode=16, repeat=1)
"""Five seconds for gpt-oss-20b on a laptop."""


def open_recorded(
    path: Path, records: Records, cancellation: Cancellation, on_processor: bool = False
) -> Model:
    """Raises BadModelFolder, WrongDevice, DeviceFailed, Cancelled."""
    folder = ModelFolder.read(path)
    placement = choose_placement(folder.providers, on_processor)
    try:
        return _open(folder, placement, records, cancellation)
    except (BadModelFolder, WrongDevice, DeviceFailed) as error:
        if placement.is_host or not runs_on_cpu(folder.providers):
            raise
        log.warning("%s cannot run %s", placement.device.name, folder.id, exc_info=True)
        return _open(folder, cpu_placement(str(error)), records, cancellation)


def _open(
    folder: ModelFolder, placement: Placement, records: Records, cancellation: Cancellation
) -> Model:
    device = name_of(placement)
    if not placement.is_host:
        _check(placement, device, folder.providers[0], records, cancellation)
    known = records.shown(folder.id)
    if known is not None and known.device == device:
        return open_placed(folder, placement, cancellation)
    before = memory_used(placement)
    model = open_placed(folder, placement, cancellation)
    speeds = measure(model.decoder, COUNTS, cancellation)
    memory = max(0, memory_used(placement) - before)
    shown = Shown(device, speeds.prefill_tokens_per_second, speeds.decode_tokens_per_second, memory)
    records.note_shown(folder.id, shown)
    return model


def _check(
    placement: Placement,
    device: str,
    target: str,
    records: Records,
    cancellation: Cancellation,
) -> None:
    """The verdict stands until the device, its driver or ONNX Runtime is another one."""
    problem = records.problem_of(device)
    if problem is None:
        try:
            check(placement, target, cancellation)
        except WrongDevice as error:
            records.note_device(device, str(error))
            raise
        records.note_device(device, "")
    elif problem:
        raise WrongDevice(problem)
