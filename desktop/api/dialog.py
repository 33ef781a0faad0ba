"""The dialog of the localhost API: its switch, address, key and an example."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.api.reach import ReachPanel
from desktop.api.service import ApiService, ApiState, Off, On, Reach, Turning
from desktop.language import tr, tr_later
from desktop.style.metrics import SMALL_PX, code_families, ui_font
from desktop.style.notice import Notice
from desktop.style.widgets import IconButton, Switch, label
from engine.server.examples import HIDDEN_KEY, curl_example, python_example

WIDTH = 660
COUNT_MILLISECONDS = 1000
LABEL_WIDTH = 100
ABOUT = tr_later(
    "Other programs on this computer can use the model through OpenAI's API. They need the key, "
    "and nobody else is answered, unless you change that here."
)


class ApiDialog(QDialog):
    """Shows the service's state; owns nothing."""

    def __init__(self, service: ApiService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._model_id = "gpt-oss-20b"
        self.setWindowTitle(tr("Local API"))
        self.setAccessibleName(tr("Local API"))
        self.setFixedWidth(WIDTH)
        self._switch = Switch(tr("Local API"))
        self._switch.clicked.connect(self._turn)
        self._state = label(look="strong")
        self._notice = Notice()
        self._address = _read_only(tr("Address"))
        self._key = _read_only(tr("Key"))
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        self._reach = ReachPanel(LABEL_WIDTH)
        self._reach.wanted.connect(service.change_reach)
        self._reach.refused.connect(self._warn)
        self._examples = {
            "Python": (python_example, label(wraps=True)),
            "curl": (curl_example, label(wraps=True)),
        }
        self._asked = label(look="muted")
        self._clock = QTimer(self, interval=COUNT_MILLISECONDS)
        self._clock.timeout.connect(self._show_asked)
        self._details = self._build_details()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 22)
        column.setSpacing(14)
        column.addLayout(self._head())
        column.addWidget(label(tr(ABOUT), look="muted", wraps=True))
        column.addWidget(self._notice)
        column.addWidget(self._details)
        column.addStretch(1)
        service.state_changed.connect(self.show_state)
        self.show_state(service.state)

    @Slot(object)
    def show_state(self, state: ApiState) -> None:
        self._switch.setChecked(isinstance(state, On) or state == Turning())
        self._switch.setEnabled(not isinstance(state, Turning))
        is_restarted = state == Turning() and self._details.isVisible()
        self._details.setVisible(isinstance(state, On) or is_restarted)
        self._details.setEnabled(isinstance(state, On))
        self._notice.setVisible(False)
        match state:
            case Off(error):
                self._state.setText(tr("Off"))
                self._warn(error)
            case Turning(is_on_its_way_on=True):
                self._state.setText(tr("Turning on. Your keyring may ask you to unlock it."))
            case Turning():
                self._state.setText(tr("Turning off."))
            case On(url, key, notice, reach, network_url):
                self._state.setText(_state_of(reach))
                self._reach.show_reach(reach, f"{network_url}/v1")
                self._address.setText(f"{url}/v1")
                self._key.setText(key)
                self._show_examples()
                self._show_asked()
                self._warn(notice)
        self._fit_height()

    def set_model(self, model_id: str) -> None:
        self._model_id = model_id
        self._show_examples()

    def _fit_height(self) -> None:
        """To text that wraps: adjustSize takes its first guess of the width."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setFixedHeight(layout.totalHeightForWidth(WIDTH))

    @Slot(str)
    def _warn(self, text: str) -> None:
        if text:
            self._notice.show_sentence(text)
            self._fit_height()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _show_examples(self) -> None:
        for write, shown in self._examples.values():
            shown.setText(write(self._address.text(), HIDDEN_KEY, self._model_id))
        self._fit_height()

    @Slot()
    def _show_asked(self) -> None:
        count = self._service.asked
        self._asked.setText(
            tr("No requests so far") if not count else tr("Requests so far: {count}", count=count)
        )

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(label(tr("Local API"), look="heading"))
        row.addStretch(1)
        row.addWidget(self._state)
        row.addWidget(self._switch)
        return row

    def _build_details(self) -> QWidget:
        details = QWidget()
        grid = QGridLayout(details)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(10)
        grid.setHorizontalSpacing(12)
        grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        for row, (name, field) in enumerate(
            ((tr("Address"), self._address), (tr("Key"), self._key))
        ):
            grid.addWidget(label(name, look="muted"), row, 0)
            grid.addWidget(field, row, 1)
        copy_address = IconButton("copy", tr("Copy the address"))
        copy_address.clicked.connect(self._copy_address)
        copy_key = IconButton("copy", tr("Copy the key"))
        copy_key.clicked.connect(self._copy_key)
        grid.addWidget(copy_address, 0, 2)
        grid.addWidget(copy_key, 1, 2)
        grid.addWidget(self._reach, 2, 0, 1, 3)
        for row, name in enumerate(self._examples, 3):
            grid.addWidget(label(name, look="muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._example_panel(name), row, 1, 1, 2)
        grid.addLayout(self._foot(), 5, 0, 1, 3)
        return details

    def _example_panel(self, name: str) -> QFrame:
        write, shown = self._examples[name]
        font = ui_font(SMALL_PX)
        font.setFamilies(code_families())
        shown.setFont(font)
        panel = QFrame()
        panel.setObjectName("panel")
        copy = IconButton("copy", tr("Copy the {name} example with the key", name=name))
        copy.clicked.connect(lambda: self._copy_example(write))
        row = QHBoxLayout(panel)
        row.setContentsMargins(14, 10, 6, 10)
        row.addWidget(shown, 1)
        row.addWidget(copy)
        return panel

    def _foot(self) -> QHBoxLayout:
        rotate = QPushButton(tr("New key…"))
        rotate.setAutoDefault(False)
        rotate.setAccessibleName(tr("New key"))
        rotate.clicked.connect(self._rotate)
        page = QPushButton(tr("Open the web chat"))
        page.setAutoDefault(False)
        page.setAccessibleName(tr("Open the web chat"))
        page.clicked.connect(self._open_page)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._asked)
        row.addStretch(1)
        row.addWidget(page)
        row.addWidget(rotate)
        return row

    @Slot(bool)
    def _turn(self, is_on: bool) -> None:
        if is_on:
            self._service.turn_on()
        else:
            self._service.turn_off()

    @Slot()
    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._address.text())

    @Slot()
    def _copy_key(self) -> None:
        QGuiApplication.clipboard().setText(self._key.text())

    def _copy_example(self, write: Callable[[str, str, str], str]) -> None:
        text = write(self._address.text(), self._key.text(), self._model_id)
        QGuiApplication.clipboard().setText(text)

    @Slot()
    def _open_page(self) -> None:
        """The link holds a code that works once, never the key."""
        if link := self._service.page_link():
            QDesktopServices.openUrl(QUrl(link))

    @Slot()
    def _rotate(self) -> None:
        answer = QMessageBox.question(
            self,
            tr("New key"),
            tr("Make a new key? Programs that use the old one will be refused."),
        )
        if answer == QMessageBox.StandardButton.Yes:
            self._service.rotate()


def _state_of(reach: Reach) -> str:
    if reach.has_network:
        return tr("On for the network")
    return tr("On") if reach.needs_key else tr("On without a key")


def _read_only(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setReadOnly(True)
    field.setAccessibleName(name)
    return field
