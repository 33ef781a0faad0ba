"""From a file that the user names to the composer's strip, or to a sentence why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from desktop.attachments.reader import AttachmentReader
from desktop.bridge import EngineBridge
from desktop.chat.page import ChatPage
from desktop.language import tr
from desktop.library.records import Attachment
from engine.types import Ready


class Attaching(QObject):
    def __init__(self, bridge: EngineBridge, page: ChatPage) -> None:
        super().__init__(page)
        self._bridge = bridge
        self._page = page
        self._reader = AttachmentReader(bridge.count_tokens)
        self._reader.read.connect(self._on_read)
        self._reader.failed.connect(page.notice.show_sentence)
        page.composer.attach_wanted.connect(self._ask_which)
        page.composer.files_came.connect(self.take)

    def close(self) -> None:
        self._reader.close()

    @Slot(object)
    def take(self, paths: Sequence[Path]) -> None:
        self._page.notice.hide()
        for path in paths:
            self._reader.take(path)

    @Slot()
    def _ask_which(self) -> None:
        dialog = QFileDialog(self._page.window(), tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(object)
    def _on_read(self, attachment: Attachment) -> None:
        """What alone is more than the model can read is not taken."""
        state = self._bridge.state
        room = state.model.context_length if isinstance(state, Ready) else None
        if room is not None and attachment.tokens is not None and attachment.tokens >= room:
            self._page.notice.show_sentence(
                tr(
                    "{name} has {tokens} tokens, and the model reads {room} in all. Attach a part "
                    "of it.",
                    name=attachment.name,
                    tokens=attachment.tokens,
                    room=room,
                )
            )
            return
        self._page.composer.attachments.add(attachment)
