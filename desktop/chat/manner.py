"""How this conversation is answered: the effort at hand, the rest in a dialog."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.presets import PresetRow
from desktop.language import tr, tr_later
from desktop.library.manner import LARGEST_TEMPERATURE, Manner
from desktop.library.presets import Preset, Presets
from desktop.style.notice import Notice
from desktop.style.widgets import IconButton, Switch, label
from engine.types import Effort

EFFORTS = {
    Effort.LOW: tr_later("Think briefly"),
    Effort.MEDIUM: tr_later("Think"),
    Effort.HIGH: tr_later("Think long"),
}
NAME = tr_later("How to answer")
MORE = tr_later("Instructions and sampling…")
TOOLS = tr_later("Tools: a calculator and the clock, for models that think")
DIALOG_WIDTH, NUMBER_WIDTH = 520, 76


class MannerButton(IconButton):
    """Owns the manner of the conversation that is shown."""

    changed = Signal(object)
    """A Manner that the user chose."""

    def __init__(self) -> None:
        super().__init__("manner", tr(NAME), tint=QPalette.ColorRole.PlaceholderText, text=" ")
        self.setObjectName("manner")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._value = Manner()
        self._has_effort = True
        self._presets: Presets | None = None
        self._named: list[QAction] = []
        self._efforts: dict[Effort, QAction] = {}
        self.setMenu(self._menu())
        self._show()

    @property
    def value(self) -> Manner:
        return self._value

    def set_value(self, value: Manner) -> None:
        self._value = value
        self._show()

    def set_has_effort(self, has_effort: bool) -> None:
        """Whether the model thinks before it answers."""
        self._has_effort = has_effort
        self._show()

    def offer(self, presets: Presets) -> None:
        self._presets = presets
        self.menu().aboutToShow.connect(self._list_presets)

    @Slot()
    def _list_presets(self) -> None:
        """Between the efforts and the dialog."""
        menu = self.menu()
        for action in self._named:
            menu.removeAction(action)
        assert self._presets is not None
        self._named = [self._action_of(preset) for preset in self._presets.all()]
        if self._named:
            self._named.append(QAction(menu))
            self._named[-1].setSeparator(True)
        menu.insertActions(self._more, self._named)

    def _action_of(self, preset: Preset) -> QAction:
        action = QAction(preset.name, self.menu())
        action.setCheckable(True)
        action.setChecked(preset.manner == self._value)
        action.triggered.connect(lambda: self._choose(preset.manner))
        return action

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(tr(NAME))
        group = QActionGroup(menu)
        for effort, name in EFFORTS.items():
            action = menu.addAction(tr(name))
            action.setCheckable(True)
            action.setData(effort)
            group.addAction(action)
            self._efforts[effort] = action
        group.triggered.connect(self._choose_effort)
        menu.addSeparator()
        self._more = menu.addAction(tr(MORE), self._show_dialog)
        return menu

    def _show(self) -> None:
        for effort, action in self._efforts.items():
            action.setVisible(self._has_effort)
            action.setChecked(effort is self._value.effort)
        effort = tr(EFFORTS[self._value.effort]) if self._has_effort else ""
        marks = [effort, tr("with instructions") if self._value.instructions else ""]
        words = ", ".join(filter(None, marks))
        self.set_label(words)
        self.setAccessibleName(f"{tr(NAME)}: {words}" if words else tr(NAME))

    @Slot(QAction)
    def _choose_effort(self, action: QAction) -> None:
        self._choose(replace(self._value, effort=Effort(action.data())))

    @Slot()
    def _show_dialog(self) -> None:
        dialog = MannerDialog(self._value, self.window(), self._presets)
        dialog.accepted.connect(lambda: self._choose(dialog.value()))
        dialog.open()

    def _choose(self, value: Manner) -> None:
        self.set_value(value)
        self.changed.emit(value)


class MannerDialog(QDialog):
    def __init__(self, manner: Manner, parent: QWidget, presets: Presets | None = None) -> None:
        super().__init__(parent)
        self._manner = manner
        self._notice = Notice()
        self.setWindowTitle(tr(NAME))
        self.setAccessibleName(tr(NAME))
        self.setMinimumWidth(DIALOG_WIDTH)
        self._instructions = QPlainTextEdit(manner.instructions)
        self._instructions.setAccessibleName(tr("Instructions"))
        self._instructions.setPlaceholderText(
            tr("For example: Answer in short sentences, in German.")
        )
        self._instructions.setTabChangesFocus(True)
        self._tools = Switch(tr("Tools"))
        self._tools.setChecked(manner.has_tools)
        self._temperature = Choice(tr("Temperature"), manner.temperature, 1.0, LARGEST_TEMPERATURE)
        self._top_p = Choice(tr("Top p"), manner.top_p, 1.0, 1.0)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        if presets is not None:
            column.addWidget(self._notice)
            column.addWidget(self._preset_row(presets))
        column.addWidget(label(tr("Instructions"), look="heading"))
        column.addWidget(
            label(tr("What the model is told before this conversation."), look="muted", wraps=True)
        )
        column.addWidget(self._instructions, 1)
        column.addLayout(self._tools_row())
        column.addSpacing(6)
        column.addWidget(label(tr("Sampling"), look="heading"))
        column.addWidget(
            label(tr("Left alone, the model's own: what its makers recommend."), look="muted")
        )
        column.addLayout(self._temperature)
        column.addLayout(self._top_p)
        column.addWidget(buttons)
        self._instructions.setFocus()

    def value(self) -> Manner:
        return replace(
            self._manner,
            instructions=self._instructions.toPlainText().strip(),
            has_tools=self._tools.isChecked(),
            temperature=self._temperature.value(),
            top_p=self._top_p.value(),
        )

    def _tools_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label(tr(TOOLS), wraps=True), 1)
        row.addWidget(self._tools)
        return row

    def _preset_row(self, presets: Presets) -> PresetRow:
        row = PresetRow(presets, self.value)
        row.taken.connect(self._take)
        row.refused.connect(self._notice.show_sentence)
        return row

    @Slot(object)
    def _take(self, manner: Manner) -> None:
        self._manner = manner
        self._instructions.setPlainText(manner.instructions)
        self._tools.setChecked(manner.has_tools)
        self._temperature.set_value(manner.temperature)
        self._top_p.set_value(manner.top_p)


class Choice(QHBoxLayout):
    """A number that the model's own takes the place of while the box is empty."""

    def __init__(self, name: str, value: float | None, usual: float, largest: float) -> None:
        super().__init__()
        self._usual = usual
        self._own = Switch(name)
        self._number = QDoubleSpinBox()
        self._number.setAccessibleName(tr("{name}, the value", name=name))
        self._number.setRange(0.0, largest)
        self._number.setSingleStep(0.05)
        self._number.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self._number.setFixedWidth(NUMBER_WIDTH)
        self.set_value(value)
        self._own.toggled.connect(self._number.setEnabled)
        self.addWidget(label(name))
        self.addStretch(1)
        self.addWidget(self._number)
        self.addWidget(self._own)

    def set_value(self, value: float | None) -> None:
        self._own.setChecked(value is not None)
        self._number.setValue(self._usual if value is None else value)
        self._number.setEnabled(value is not None)

    def value(self) -> float | None:
        return round(self._number.value(), 2) if self._own.isChecked() else None
