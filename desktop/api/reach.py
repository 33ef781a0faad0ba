"""Who else may be answered: other machines of the network, web pages elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QMessageBox, QWidget

from desktop.api.service import Reach
from desktop.language import tr, tr_later
from desktop.style.notice import Notice
from desktop.style.widgets import Switch, label
from engine.errors import BadRequest
from engine.network import WARNING
from engine.server.access import origins_of

ONLY_HERE, NETWORK_TOO = (
    tr_later("Only this computer is answered"),
    tr_later("Other machines here are answered too"),
)
NO_PAGES = tr_later("None. Let one in by its origin, such as https://app.example")


class ReachPanel(QWidget):
    """Shows a reach and says which one is wanted instead, or why what was typed is none. The
    network is opened after a yes only.

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
        self._warning = Notice(can_be_dismissed=False)
        self._pages = QLineEdit()
        self._pages.setAccessibleName(tr("Web pages"))
        self._pages.setPlaceholderText(tr(NO_PAGES))
        self._pages.editingFinished.connect(self._ask_for_pages)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(10)
        grid.setHorizontalSpacing(12)
        grid.setColumnMinimumWidth(0, label_width)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(tr("Network"), look="muted"), 0, 0)
        grid.addLayout(self._network_row(), 0, 1)
        grid.addWidget(self._warning, 1, 1)
        grid.addWidget(label(tr("Web pages"), look="muted"), 2, 0)
        grid.addWidget(self._pages, 2, 1)

    def show_reach(self, reach: Reach, network_url: str) -> None:
        """`network_url` is where other machines ask, if they may."""
        self._reach = reach
        self._network.setChecked(reach.has_network)
        self._network_state.setText(tr(NETWORK_TOO if reach.has_network else ONLY_HERE))
        self._pages.setText(" ".join(sorted(reach.origins)))
        self._warning.setVisible(reach.has_network)
        if reach.has_network:
            self._warning.show_sentence(
                tr(
                    "Whoever has the key can ask at {network_url}. Nothing is encrypted there.",
                    network_url=network_url,
                )
            )

    def _network_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._network)
        row.addWidget(self._network_state, 1)
        return row

    @Slot(bool)
    def _ask_for_network(self, is_wanted: bool) -> None:
        if is_wanted and not self._is_sure():
            self._network.setChecked(False)
        else:
            self.wanted.emit(Reach(is_wanted, self._reach.origins))

    def _is_sure(self) -> bool:
        answer = QMessageBox.warning(
            self,
            tr("Answer the network"),
            tr(WARNING),
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )
        return answer == QMessageBox.StandardButton.Yes

    @Slot()
    def _ask_for_pages(self) -> None:
        try:
            origins = origins_of(self._pages.text())
        except BadRequest as error:
            self.refused.emit(str(error))
        else:
            if origins != self._reach.origins:
                self.wanted.emit(Reach(self._reach.has_network, origins))
