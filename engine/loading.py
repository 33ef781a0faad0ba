"""Opens a model: reads its folder, chooses the device, loads the session, and warms it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cancellation import Cancellation
from engine.model import Answering, Model
from engine.models.download.connections import Connections
from engine.models.folder import GPT_OSS, ModelFolder
from engine.records import Records
from engine.remote.remote import Remote, is_remote
from engine.types import ModelInfo

if TYPE_CHECKING:
    from engine.protocols import ChatFormat
    from engine.runtime.placement import Placement


def open_model(path: Path, cancellation: Cancellation) -> Model:
    """A model that runs here. Raises BadModelFolder, Cancelled."""
    # Imported here, on the engine thread: onnxruntime must not delay the window.
    from engine.runtime.devices import choose_placement

    folder = ModelFolder.read(path)
    return open_placed(folder, choose_placement(folder.providers), cancellation)


def open_placed(folder: ModelFolder, placement: Placement, cancellation: Cancellation) -> Model:
    """Raises BadModelFolder, Cancelled."""
    from engine.runtime.decoder import OnnxDecoder

    chat_format = open_format(folder)
    decoder = OnnxDecoder.open(folder, placement, cancellation)
    decoder.warm_up(cancellation)
    info = ModelInfo(
        id=folder.id,
        name=folder.name,
        context_length=folder.context_length,
        size_bytes=folder.size_bytes,
        device=placement.device,
        sampling=folder.sampling,
        has_effort=folder.family == GPT_OSS,
    )
    return Model(info, decoder, chat_format)


@dataclass(frozen=True, slots=True)
class Opener:
    """A ModelOpener of folders and of remote models, whose keys `key_of` tells by their ids."""

    connections: Callable[[], Connections]
    key_of: Callable[[str], str | None]
    records: Records
    on_processor: bool = False
    """The user's choice, which wins over what is faster."""

    def __call__(self, path: Path, cancellation: Cancellation) -> Answering:
        """Raises ModelError, RemoteFailed, KeyUnavailable, Cancelled."""
        if not is_remote(path):
            from engine.firstload import open_recorded

            return open_recorded(path, self.records, cancellation, self.on_processor)
        from engine.remote.model import RemoteModel

        remote = Remote.read(path)
        key = self.key_of(remote.id) if remote.has_key else None
        return RemoteModel.open(remote, key, self.connections())


def open_format(folder: ModelFolder) -> ChatFormat:
    """How this family of models speaks. Raises BadModelFolder."""
    if folder.family == GPT_OSS:
        from engine.formats.harmony.format import HarmonyFormat

        return HarmonyFormat.read(folder.path)
    from engine.formats.template import TemplateFormat

    return TemplateFormat.read(folder.path, folder.stop_tokens)
