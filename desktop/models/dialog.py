"""The Models page: what is here, what is on its way, and what is to be had."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.language import tr, tr_later
from desktop.models.adding import ask_for_folder, ask_how
from desktop.models.arrival import Arrival
from desktop.models.rows import JobRow, ProgressRow, Row
from desktop.models.service import ModelService
from desktop.models.words import of_entry, of_fit, of_model
from desktop.style.notice import Notice
from desktop.style.widgets import ElidedLabel, label
from engine.models.catalogue import Entry
from engine.models.fit import Verdict
from engine.models.folder import ModelFolder
from engine.models.queue import Job, Place
from engine.types import EngineState, Idle, Ready

SIZE = (720, 620)
LOOK_MILLISECONDS = 1000
ABOUT = tr_later(
    "Models are fetched once, checked byte for byte, and then run without a network. What is "
    "interrupted goes on where it was, after a restart too."
)


BUSY = tr_later("A model is on its way or being worked on. Wait for it, or give it up first.")


class ModelsDialog(QDialog):
    """Shows the service's lists; owns nothing."""

    folder_wanted = Signal(str)
    """Where models are to be put from now on."""

    def __init__(self, service: ModelService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._state: EngineState = Idle()
        self._arrivals: dict[str, Arrival] = {}
        self._rows: dict[str, JobRow] = {}
        self._task_row: ProgressRow | None = None
        self._shown: tuple[object, ...] = ()
        self.setWindowTitle(tr("Models"))
        self.setAccessibleName(tr("Models"))
        self.resize(*SIZE)
        self._notice = Notice()
        self._lists = QVBoxLayout()
        self._lists.setSpacing(10)
        self._clock = QTimer(self, interval=LOOK_MILLISECONDS)  # the terminal may change the queue
        self._clock.timeout.connect(self._look)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 8, 16)
        column.setSpacing(14)
        column.addLayout(self._head())
        column.addWidget(label(tr(ABOUT), look="muted", wraps=True))
        column.addWidget(self._notice)
        column.addWidget(self._scrolled(), 1)
        column.addLayout(self._foot())
        service.changed.connect(self._look)
        service.arrived.connect(self._on_arrival)
        service.tending.arrived.connect(self._on_task_arrival)
        service.told.connect(self._notice.show_sentence)

    @Slot(object)
    def show_state(self, state: EngineState) -> None:
        """The model that answers cannot be deleted."""
        self._state = state
        self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._service.measure()
        self._look()
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _scrolled(self) -> QScrollArea:
        inside = QWidget()
        inside.setObjectName("page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 16, 0)
        column.addLayout(self._lists)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName("Models, here and to be had")  # it takes the focus, for the keys
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area

    @Slot()
    def _look(self) -> None:
        """Rows are made anew only where something has changed: a focus or a click would be lost."""
        if not self.isVisible():
            return
        here, jobs, entries = (
            self._service.here,
            self._service.on_the_way,
            self._service.to_be_had,
        )
        verdicts = [self._verdict(entry) for entry in entries]
        tending = self._service.tending
        about = [self._about(model) for model in here]
        damaged = [tending.is_damaged(model.id) for model in here]
        seen = (tuple(here), about, damaged, tending.task, self._answering(), jobs, tuple(entries))
        seen = (*seen, tuple(verdicts))
        if seen == self._shown:
            return
        self._shown = seen
        self._clear()
        self._add(tr("At work"), self._task_rows())
        self._add(tr("On this computer"), [self._model_row(model) for model in here])
        self._add(tr("On the way"), [self._job_row(job) for job in jobs])
        self._add(
            tr("To be had"),
            [self._entry_row(*one) for one in zip(entries, verdicts, strict=True)],
        )

    def _clear(self) -> None:
        self._rows, self._task_row = {}, None
        while (item := self._lists.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()

    def _add(self, heading: str, rows: list[Row]) -> None:
        if rows:
            self._lists.addWidget(label(heading, look="strong"))
        for row in rows:
            self._lists.addWidget(row)

    def _task_rows(self) -> list[Row]:
        task = self._service.tending.task
        if task is None:
            return []
        self._task_row = ProgressRow(task.title, "")
        self._task_row.add_button(tr("Cancel"), self._service.tending.cancel)
        return [self._task_row]

    def _about(self, model: ModelFolder) -> str:
        return of_model(model, self._service.device_of(model), self._service.shown(model))

    def _model_row(self, model: ModelFolder) -> Row:
        row, tending = Row(model.name, self._about(model)), self._service.tending
        if tending.is_damaged(model.id):
            row.add_button(tr("Repair"), lambda: tending.repair(model))
        if self._service.can_be_checked(model):
            row.add_button(tr("Check"), lambda: tending.verify(model))
        if model.id == self._answering():
            row.add_note(tr("answers now"))
        elif self._service.can_be_deleted(model):
            row.add_button(tr("Delete"), lambda: self._delete(model))
        return row

    def _job_row(self, job: Job) -> Row:
        row = JobRow(job, self._arrivals.get(job.id))
        self._rows[job.id] = row
        if job.place is Place.WAITING:
            row.add_button(tr("Pause"), lambda: self._service.pause(job.id))
        else:
            again = tr("Resume") if job.place is Place.PAUSED else tr("Try again")
            row.add_button(again, lambda: self._service.resume(job.id))
        row.add_button(tr("Give up"), lambda: self._service.give_up(job))
        return row

    def _entry_row(self, entry: Entry, verdict: str) -> Row:
        row = Row(entry.name, of_entry(entry, verdict))
        row.add_button(tr("Get"), lambda: self._get(entry))
        return row

    def _get(self, entry: Entry) -> None:
        fit = self._service.fit(entry.id)
        is_in_doubt = fit is not None and fit.verdict is Verdict.NOT
        question = tr(
            "{name}: {verdict} Get it all the same?", name=entry.name, verdict=self._verdict(entry)
        )
        if not is_in_doubt or self._is_sure(question):
            self._service.get(entry.id)

    def _delete(self, model: ModelFolder) -> None:
        if self._is_sure(tr("Delete {name}? It can be fetched again.", name=model.name)):
            self._service.delete(model)

    def _is_sure(self, question: str) -> bool:
        answer = QMessageBox.question(self, tr("Models"), question)
        return answer is QMessageBox.StandardButton.Yes

    def _verdict(self, entry: Entry) -> str:
        fit = self._service.fit(entry.id)
        return of_fit(fit) if fit else ""

    def _answering(self) -> str:
        return self._state.model.id if isinstance(self._state, Ready) else ""

    @Slot(str, object)
    def _on_arrival(self, id: str, arrival: Arrival) -> None:
        self._arrivals[id] = arrival
        if id in self._rows:
            self._rows[id].show_arrival(arrival)

    @Slot(object)
    def _on_task_arrival(self, arrival: Arrival) -> None:
        if self._task_row is not None:
            self._task_row.show_arrival(arrival)

    # what is added, and where

    def _head(self) -> QHBoxLayout:
        add = QPushButton(tr("Add a folder…"))
        add.setAutoDefault(False)
        add.setAccessibleName(tr("Add a model from a folder"))
        add.clicked.connect(self._ask_what_to_add)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 16, 0)
        row.addWidget(label(tr("Models"), look="heading"), 1)
        row.addWidget(add)
        return row

    def _foot(self) -> QHBoxLayout:
        place = ElidedLabel()
        place.setObjectName("small")
        place.set_whole_text(tr("Models are kept in {folder}", folder=self._service.place))
        change = QToolButton()
        change.setObjectName("link")
        change.setText(tr("Change…"))
        change.setAccessibleName(tr("Change where models are kept"))
        change.clicked.connect(self._ask_where)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 16, 0)
        row.addWidget(place, 1)
        row.addWidget(change)
        return row

    @Slot()
    def _ask_what_to_add(self) -> None:
        ask_for_folder(self, tr("Add a model from a folder"), self.ask_how_to_add)

    def ask_how_to_add(self, folder: Path) -> None:
        ask_how(self, folder, lambda copies: self._service.tending.take_in(folder, copies))

    @Slot()
    def _ask_where(self) -> None:
        if self._service.is_busy:
            self._notice.show_sentence(tr(BUSY))
        else:
            ask_for_folder(self, tr("Where models are kept"), self._want_folder)

    def _want_folder(self, folder: Path) -> None:
        if os.access(folder, os.W_OK):
            self.folder_wanted.emit(str(folder))
        else:
            self._notice.show_sentence(tr("{folder} cannot be written.", folder=folder))
