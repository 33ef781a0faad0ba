"""The page about Hearth: its version, its licences, and a look for a newer one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.about.updates import UpdateCheck
from desktop.language import tr, tr_later
from desktop.style.icons import application_icon
from desktop.style.text_dialog import TextDialog
from desktop.style.widgets import label

WIDTH, ICON_PX = 480, 64
WHAT = tr_later("OpenAI's open models on your own machine. Nothing you write leaves it.")
LICENCE = tr_later(
    "Hearth is free software under the Apache License 2.0. It uses Qt through PySide6, under the "
    "GNU Lesser General Public License, version 3: its libraries can be replaced."
)
NEVER_BY_ITSELF = tr_later("Hearth never looks for a newer version by itself.")
NO_ADDRESS = tr_later("The makers of this build named no place where newer ones are published.")
ABOUT_LICENCES = tr_later("What is inside Hearth, and under which terms you have it.")
NOTICES, WITHOUT_NOTICES = "THIRD_PARTY_NOTICES.txt", "Qt.txt"


class AboutDialog(QDialog):
    def __init__(self, check: UpdateCheck, licences: Path, parent: QWidget | None = None) -> None:
        """`licences` is a folder of texts, which a frozen program has all notices in."""
        super().__init__(parent)
        self._check = check
        self._licences = licences
        self._page = ""
        self.setWindowTitle(tr("About Hearth"))
        self.setAccessibleName(tr("About Hearth"))
        self.setFixedWidth(WIDTH)
        self._said = label(look="small", wraps=True)
        self._look = QPushButton(tr("Check for updates"))
        self._look.setAutoDefault(False)
        self._look.clicked.connect(self._start)
        self._open = QPushButton(tr("Open its page"))
        self._open.setAutoDefault(False)
        self._open.clicked.connect(self._open_page)
        check.told.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(14)
        column.addLayout(self._head())
        column.addWidget(label(tr(WHAT), wraps=True))
        column.addWidget(label(tr(LICENCE), look="small", wraps=True))
        column.addWidget(self._said)
        column.addLayout(self._buttons())
        self._show(tr(NEVER_BY_ITSELF) if check.is_possible else tr(NO_ADDRESS), "")
        self._look.setVisible(check.is_possible)

    def _head(self) -> QHBoxLayout:
        picture = QLabel()
        picture.setAccessibleName("Hearth")
        picture.setPixmap(application_icon().pixmap(ICON_PX, ICON_PX))
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addStretch(1)
        texts.addWidget(label("Hearth", look="heading"))
        texts.addWidget(label(tr("Version {version}", version=version("hearth")), look="muted"))
        texts.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(picture)
        row.addLayout(texts, 1)
        return row

    def _buttons(self) -> QHBoxLayout:
        licences = QPushButton(tr("Licences"))
        licences.setAutoDefault(False)
        licences.clicked.connect(self._show_licences)
        row = QHBoxLayout()
        row.addWidget(licences)
        row.addStretch(1)
        row.addWidget(self._open)
        row.addWidget(self._look)
        return row

    @Slot()
    def _start(self) -> None:
        self._look.setEnabled(False)
        self._check.start()

    @Slot(str, str)
    def _show(self, sentence: str, page: str) -> None:
        self._page = page
        self._said.setText(sentence)
        self._open.setVisible(bool(page))
        self._look.setEnabled(True)

    @Slot()
    def _open_page(self) -> None:
        if self._page.startswith("https://"):
            QDesktopServices.openUrl(QUrl(self._page))

    @Slot()
    def _show_licences(self) -> None:
        TextDialog(
            tr("Licences"), tr(ABOUT_LICENCES), tr("Licences"), self._licence_text(), self
        ).open()

    def _licence_text(self) -> str:
        """From a clone, whose environment has the others' texts, only Qt's."""
        files = (self._licences / name for name in (NOTICES, WITHOUT_NOTICES))
        return next(file.read_text("utf-8") for file in files if file.is_file())
