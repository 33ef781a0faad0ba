"""Where conversations are written to and come from: the user says which file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.language import tr
from desktop.library.archive import add_conversations, read_conversation
from desktop.library.database import Database
from desktop.library.exchange import (
    as_json,
    as_markdown,
    file_name,
    read_file,
    today,
    write_file,
)
from engine.errors import HearthError

ALL = "SELECT id FROM conversations WHERE deleted_at IS NULL ORDER BY updated_at"


class ConversationFiles(QObject):
    came = Signal()
    """Conversations were added."""
    told = Signal(str)
    """A sentence for the user."""

    def __init__(self, database: Database, parent: QWidget) -> None:
        super().__init__(parent)
        self._database = database
        self._parent = parent

    @Slot(object, str)
    def export(self, conversation_id: int, suffix: str) -> None:
        """As `suffix` says: md or json."""

        def write(path: Path) -> None:
            kept = read_conversation(self._database, conversation_id)
            write_file(path, as_markdown(kept) if suffix == "md" else as_json([kept]))
            self.told.emit(tr("Exported to {path}.", path=path))

        kept = read_conversation(self._database, conversation_id)
        self._ask_where(tr("Export the conversation"), file_name(kept.title, suffix), write)

    @Slot()
    def export_all(self) -> None:
        def write(path: Path) -> None:
            ids = [row[0] for row in self._database.all(ALL)]
            write_file(path, as_json([read_conversation(self._database, id) for id in ids]))
            self.told.emit(tr("Exported to {path}: {count}.", path=path, count=_count(len(ids))))

        self._ask_where(tr("Export all conversations"), f"Hearth {today()}.json", write)

    @Slot()
    def ask_what_to_import(self) -> None:
        dialog = QFileDialog(self._parent.window(), tr("Import conversations"), "", "JSON (*.json)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._open(dialog, self.take_in)

    def take_in(self, path: Path) -> None:
        """Raises HearthError."""
        kept = read_file(path)
        add_conversations(self._database, kept)
        self.came.emit()
        self.told.emit(
            tr("Imported from {name}: {count}.", name=path.name, count=_count(len(kept)))
        )

    def _ask_where(self, title: str, name: str, write: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._parent.window(), title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        self._open(dialog, write)

    def _open(self, dialog: QFileDialog, act: Callable[[Path], None]) -> None:
        def do(chosen: str) -> None:
            try:
                act(Path(chosen))
            except HearthError as error:
                self.told.emit(str(error))

        dialog.fileSelected.connect(do)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _count(conversations: int) -> str:
    if conversations == 1:
        return tr("one conversation")
    return tr("{count} conversations", count=conversations)
