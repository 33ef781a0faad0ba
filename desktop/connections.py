"""The page of all connections that Hearth has ever made, and the switch that forbids them."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.language import tr, tr_later
from desktop.style.widgets import Switch, label
from engine.models.download.connections import Connection, Connections

SIZE = (680, 480)
MOST_SHOWN = 1000
COLUMNS = (tr_later("When"), tr_later("To"), tr_later("For"))
ABOUT = tr_later(
    "Hearth connects to another machine only when you ask it to: to get a model, or to ask one "
    "that runs elsewhere. Each time is written down here before it happens. Offline, none happens."
)
NONE = tr_later("No connection was ever made.")


class ConnectionsDialog(QDialog):
    offline_wanted = Signal(bool)

    def __init__(self, connections: Connections, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connections = connections
        self.setWindowTitle(tr("Connections"))
        self.setAccessibleName(tr("Connections"))
        self.resize(*SIZE)
        self._switch = Switch(tr("Offline"))
        self._switch.clicked.connect(self.offline_wanted)
        self._count = label(look="muted")
        self._table = QTreeWidget()
        self._table.setAccessibleName(tr("Connections, the newest first"))
        self._table.setColumnCount(len(COLUMNS))
        self._table.setHeaderLabels([tr(name) for name in COLUMNS])
        self._table.setRootIsDecorated(False)
        self._table.setUniformRowHeights(True)
        header = self._table.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self._copy = QPushButton(tr("Copy all"))
        self._copy.setAutoDefault(False)
        self._copy.clicked.connect(self._copy_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 22)
        column.setSpacing(14)
        column.addLayout(self._head())
        column.addWidget(label(tr(ABOUT), look="muted", wraps=True))
        column.addWidget(self._table, 1)
        column.addLayout(self._foot())
        self.show_offline()

    @Slot()
    def show_offline(self) -> None:
        self._switch.setChecked(self._connections.is_offline)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label(tr("Connections"), look="heading"))
        row.addStretch(1)
        row.addWidget(label(tr("Offline"), look="strong"))
        row.addWidget(self._switch)
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self._count)
        row.addStretch(1)
        row.addWidget(self._copy)
        return row

    def _fill(self) -> None:
        made = [*self._connections.all()]
        self._table.clear()
        self._table.addTopLevelItems([_row(one) for one in islice(reversed(made), MOST_SHOWN)])
        self._table.setVisible(bool(made))
        self._copy.setEnabled(bool(made))
        self._count.setText(tr("{count} in all", count=len(made)) if made else tr(NONE))

    @Slot()
    def _copy_all(self) -> None:
        """Oldest first, as they were written."""
        lines = (f"{one.at}\t{one.host}\t{one.purpose}" for one in self._connections.all())
        QGuiApplication.clipboard().setText("\n".join(lines))


def _row(made: Connection) -> QTreeWidgetItem:
    row = QTreeWidgetItem([local_time(made.at), made.host, made.purpose])
    row.setTextAlignment(0, Qt.AlignmentFlag.AlignLeft)
    return row


def local_time(at: str) -> str:
    """As the clock on the wall shows it; what is no time stays as it is."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return at
