"""Who else may be answered: programs without a key, the network, web pages, other host names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QWidget,
)

from desktop.api.service import Reach
from desktop.language import tr, tr_later
from desktop.style.notice import Notice
from desktop.style.widgets import Switch, label
from engine.errors import BadRequest
from engine.network import WARNING
from engine.server.access import host_names_of, origins_of

ONLY_HERE, NETWORK_TOO = (
    tr_later("Only this computer is answered"),
    tr_later("Other machines here are answered too"),
)
NEEDS_KEY, KEYLESS, NETWORK_NEEDS_KEY, KEYLESS_STAYS = (
    tr_later("Every program needs the key"),
    tr_later("Any program on this computer is answered"),
    tr_later("Turn off the network first"),
    tr_later("Not while programs need no key"),
)
KEYLESS_WARNING = tr_later(
    "Every program on this computer could use the model, and so could its other users. Web pages "
    "are still refused. Answer without a key?"
)
NO_PAGES = tr_later("None. Let one in by its origin, such as https://app.example")
NO_HOST_NAMES = tr_later("None. For containers, such as host.docker.internal")


class ReachPanel(QWidget):
    """Shows a reach, and emits the one that the user wants instead, or why a text is not one.

    The network and programs without a key are let in after a confirmation, and never both.
    `label_width` is that of the first column, in pixels.
    """

    wanted = Signal(object)
    refused = Signal(str)

    def __init__(self, label_width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reach = Reach()
        self._network = Switch(tr("Answer the network"))
        self._network.clicked.connect(self._ask_for_network)
        self._network_state = label(look="muted")
        self._keyless = Switch(tr("Answer without a key"))
        self._keyless.clicked.connect(self._ask_for_keyless)
        self._keyless_state = label(look="muted")
        self._warning = Notice(can_be_dismissed=False)
        self._pages = _field(tr("Web pages"), tr(NO_PAGES), self._ask_for_pages)
        self._hosts = _field(tr("Host names"), tr(NO_HOST_NAMES), self._ask_for_hosts)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(10)
        grid.setHorizontalSpacing(12)
        grid.setColumnMinimumWidth(0, label_width)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(tr("No key"), look="muted"), 0, 0)
        grid.addLayout(_row(self._keyless, self._keyless_state), 0, 1)
        grid.addWidget(label(tr("Network"), look="muted"), 1, 0)
        grid.addLayout(_row(self._network, self._network_state), 1, 1)
        grid.addWidget(self._warning, 2, 1)
        grid.addWidget(label(tr("Web pages"), look="muted"), 3, 0)
        grid.addWidget(self._pages, 3, 1)
        grid.addWidget(label(tr("Host names"), look="muted"), 4, 0)
        grid.addWidget(self._hosts, 4, 1)

    def show_reach(self, reach: Reach, network_url: str) -> None:
        """`network_url` is where other machines ask, if they may."""
        self._reach = reach
        self._show_switches()
        self._pages.setText(" ".join(sorted(reach.origins)))
        self._hosts.setText(" ".join(sorted(reach.host_names)))
        self._warning.setVisible(reach.has_network)
        if reach.has_network:
            self._warning.show_sentence(
                tr(
                    "Whoever has the key can ask at {network_url}. Nothing is encrypted there.",
                    network_url=network_url,
                )
            )

    def _show_switches(self) -> None:
        reach = self._reach
        is_keyless = not reach.needs_key
        self._network.setChecked(reach.has_network)
        self._network.setEnabled(not is_keyless)
        self._keyless.setChecked(is_keyless)
        self._keyless.setEnabled(not reach.has_network)
        network = NETWORK_TOO if reach.has_network else KEYLESS_STAYS if is_keyless else ONLY_HERE
        keyless = KEYLESS if is_keyless else NETWORK_NEEDS_KEY if reach.has_network else NEEDS_KEY
        self._network_state.setText(tr(network))
        self._keyless_state.setText(tr(keyless))

    @Slot(bool)
    def _ask_for_network(self, is_wanted: bool) -> None:
        if is_wanted and not self._is_sure(tr("Answer the network"), tr(WARNING)):
            self._network.setChecked(False)
        else:
            self.wanted.emit(replace(self._reach, has_network=is_wanted))

    @Slot(bool)
    def _ask_for_keyless(self, is_wanted: bool) -> None:
        if is_wanted and not self._is_sure(tr("Answer without a key"), tr(KEYLESS_WARNING)):
            self._keyless.setChecked(False)
        else:
            self.wanted.emit(replace(self._reach, is_keyless=is_wanted))

    def _is_sure(self, title: str, warning: str) -> bool:
        answer = QMessageBox.warning(
            self,
            title,
            warning,
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )
        return answer == QMessageBox.StandardButton.Yes

    @Slot()
    def _ask_for_pages(self) -> None:
        self._ask_for(lambda: replace(self._reach, origins=origins_of(self._pages.text())))

    @Slot()
    def _ask_for_hosts(self) -> None:
        self._ask_for(lambda: replace(self._reach, host_names=host_names_of(self._hosts.text())))

    def _ask_for(self, read: Callable[[], Reach]) -> None:
        try:
            reach = read()
        except BadRequest as error:
            self.refused.emit(str(error))
        else:
            if reach != self._reach:
                self.wanted.emit(reach)


def _field(name: str, placeholder: str, on_finished: Callable[[], None]) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(placeholder)
    field.editingFinished.connect(on_finished)
    return field


def _row(switch: Switch, state: QLabel) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(switch)
    row.addWidget(state, 1)
    return row
