"""The first use of a device and the first load of a model on this machine: both are put to the
test, once."""

from __future__ import annotations

from pathlib import Path

from engine.cancellation import Cancellation
from engine.loading import open_placed
from engine.model import Model
from engine.models.folder import ModelFolder
from engine.records import Records, Shown
from engine.runtime.devices import choose_placement
from engine.runtime.machine import memory_used, name_of
from engine.selftest.device import check
from engine.speed import Counts, measure

COUNTS = Counts(prompt=64, decode=16, repeat=1)
"""Five seconds for gpt-oss-20b on a laptop."""


def open_recorded(path: Path, records: Records, cancellation: Cancellation) -> Model:
    """Raises BadModelFolder, WrongDevice, Cancelled."""
    folder = ModelFolder.read(path)
    placement = choose_placement(folder.providers)
    device = name_of(placement)
    if not placement.is_host and not records.has_passed(device):
        check(placement, folder.providers[0], cancellation)
        records.note_passed(device)
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
