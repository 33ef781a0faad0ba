"""The row of presets above the instructions: take one, keep one, delete one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QPushButton, QWidget

from desktop.language import tr
from desktop.library.manner import Manner
from desktop.library.presets import Preset, Presets
from desktop.style.widgets import ChoiceBox, label, naming
from engine.errors import HearthError


class PresetRow(QWidget):
    taken = Signal(object)
    """A Manner."""
    refused = Signal(str)

    def __init__(self, presets: Presets, manner: Callable[[], Manner]) -> None:
        """`manner` is what would be kept."""
        super().__init__()
        self._presets = presets
        self._manner = manner
        self._box = ChoiceBox()
        self._box.setAccessibleName(tr("Preset"))
        self._box.activated.connect(self._take)
        self._delete = QPushButton(tr("Delete"))
        self._delete.setAccessibleName(tr("Delete the preset"))
        self._delete.setAutoDefault(False)
        self._delete.clicked.connect(self._remove)
        keep = QPushButton(tr("Save as…"))
        keep.setAccessibleName(tr("Save as a preset"))
        keep.setAutoDefault(False)
        keep.clicked.connect(self._ask_name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(naming(self._box, label(tr("Preset"), look="muted")))
        row.addWidget(self._box, 1)
        row.addWidget(keep)
        row.addWidget(self._delete)
        self._fill(self._name_of(manner()))

    def _name_of(self, manner: Manner) -> str:
        return next((one.name for one in self._presets.all() if one.manner == manner), "")

    def _fill(self, chosen: str) -> None:
        names = [preset.name for preset in self._presets.all()]
        self._box.clear()
        self._box.addItems([tr("None"), *names])
        self._box.setCurrentIndex(names.index(chosen) + 1 if chosen in names else 0)
        self._delete.setEnabled(self._box.currentIndex() > 0)

    @Slot(int)
    def _take(self, place: int) -> None:
        self._delete.setEnabled(place > 0)
        self.taken.emit(self._presets.all()[place - 1].manner if place else Manner())

    @Slot()
    def _ask_name(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle(tr("Save as a preset"))
        dialog.setLabelText(tr("Its name"))
        dialog.setTextValue(self._box.currentText() if self._box.currentIndex() > 0 else "")
        dialog.textValueSelected.connect(self.keep)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def keep(self, name: str) -> None:
        if name := " ".join(name.split()):
            self._do(lambda: self._presets.keep(Preset(name, self._manner())))
            self._fill(name)

    @Slot()
    def _remove(self) -> None:
        name = self._box.currentText()
        self._do(lambda: self._presets.remove(name))
        self._fill("")

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except HearthError as error:
            self.refused.emit(str(error))
