"""What went wrong, to be read and copied by the user. Nothing is sent."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.language import tr, tr_later
from desktop.style.text_dialog import TextDialog

ABOUT = tr_later(
    "This is what Hearth knows about it. It stays on this computer; if you ask for help, you may "
    "copy it. It holds the names of files and folders, and none of your conversations."
)


class ReportDialog(TextDialog):
    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(tr("What went wrong"), tr(ABOUT), tr("Report"), text, parent)
