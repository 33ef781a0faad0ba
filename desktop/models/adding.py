"""What the user is asked when a folder is added to the models, or chosen for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.language import tr, tr_later
from engine.models.hub_cache import snapshot_in
from engine.models.importing import is_checkpoint

HOW = tr_later(
    "Use {name} where it is, or copy it to the other models? A copy can be checked later."
)
CONVERT = tr_later(
    "{name} holds weights that must be converted before they can run here. That takes a while and "
    "as much disk as they do; they stay as they are. Convert them?"
)


def ask_for_folder(parent: QWidget, title: str, take: Callable[[Path], None]) -> None:
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda name: take(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_how(parent: QWidget, folder: Path, take: Callable[[bool], None]) -> None:
    """`take` is told whether it is to be copied; it is not called where the user gives up."""
    box = QMessageBox(parent)
    box.setWindowTitle(tr("Add a model"))
    role = QMessageBox.ButtonRole.AcceptRole
    if is_checkpoint(snapshot_in(folder)):
        box.setText(tr(CONVERT, name=folder.name))
        choices = {box.addButton(tr("Convert"), role): True}
    else:
        box.setText(tr(HOW, name=folder.name))
        choices = {
            box.addButton(tr("Use it there"), role): False,
            box.addButton(tr("Copy it"), role): True,
        }
    box.addButton(QMessageBox.StandardButton.Cancel)

    def on_click(button: object) -> None:
        for choice, copies in choices.items():
            if choice is button:
                take(copies)

    box.buttonClicked.connect(on_click)
    box.finished.connect(box.deleteLater)
    box.open()
