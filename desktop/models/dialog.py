"""The Models page: what is here, what is on its way, and what is to be had."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models.service import Arrival, ModelService
from desktop.models.words import of_entry, of_job, of_model
from desktop.style.notice import Notice
from desktop.style.widgets import label
from engine.models.catalogue import Entry
from engine.models.fit import Verdict
from engine.models.folder import ModelFolder
from engine.models.queue import Job, Place
from engine.types import EngineState, Idle, Ready

SIZE = (720, 620)
LOOK_MILLISECONDS = 1000
BAR_STEPS = 1000
"""A progress bar counts in 32 bits, and models have more bytes."""
ABOUT = (
    "Models are fetched once, checked byte for byte, and then run without a network. What is "
    "interrupted goes on where it was, after a restart too."
)


class ModelsDialog(QDialog):
    """Shows the service's lists; owns nothing."""

    def __init__(self, service: ModelService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._state: EngineState = Idle()
        self._arrivals: dict[str, Arrival] = {}
        self._rows: dict[str, JobRow] = {}
        self._shown: tuple[object, ...] = ()
        self.setWindowTitle("Models")
        self.setAccessibleName("Models")
        self.resize(*SIZE)
        self._notice = Notice()
        self._lists = QVBoxLayout()
        self._lists.setSpacing(10)
        self._clock = QTimer(self, interval=LOOK_MILLISECONDS)  # the terminal may change the queue
        self._clock.timeout.connect(self._look)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 8, 16)
        column.setSpacing(14)
        column.addWidget(label("Models", look="heading"))
        column.addWidget(label(ABOUT, look="muted", wraps=True))
        column.addWidget(self._notice)
        column.addWidget(self._scrolled(), 1)
        service.changed.connect(self._look)
        service.arrived.connect(self._on_arrival)
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
        seen = (tuple(here), self._answering(), jobs, tuple(entries), tuple(verdicts))
        if seen == self._shown:
            return
        self._shown = seen
        self._clear()
        self._add("On this computer", [self._model_row(model) for model in here])
        self._add("On the way", [self._job_row(job) for job in jobs])
        self._add(
            "To be had",
            [self._entry_row(*one) for one in zip(entries, verdicts, strict=True)],
        )

    def _clear(self) -> None:
        self._rows = {}
        while (item := self._lists.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()

    def _add(self, heading: str, rows: list[Row]) -> None:
        if rows:
            self._lists.addWidget(label(heading, look="strong"))
        for row in rows:
            self._lists.addWidget(row)

    def _model_row(self, model: ModelFolder) -> Row:
        row = Row(model.name, of_model(model))
        if model.id == self._answering():
            row.add_note("answers now")
        elif self._service.can_be_deleted(model):
            row.add_button("Delete", lambda: self._delete(model))
        return row

    def _job_row(self, job: Job) -> Row:
        row = JobRow(job, self._arrivals.get(job.id))
        self._rows[job.id] = row
        if job.place is Place.WAITING:
            row.add_button("Pause", lambda: self._service.pause(job.id))
        else:
            again = "Resume" if job.place is Place.PAUSED else "Try again"
            row.add_button(again, lambda: self._service.resume(job.id))
        row.add_button("Give up", lambda: self._service.give_up(job))
        return row

    def _entry_row(self, entry: Entry, verdict: str) -> Row:
        row = Row(entry.name, of_entry(entry, verdict))
        row.add_button("Get", lambda: self._get(entry))
        return row

    def _get(self, entry: Entry) -> None:
        fit = self._service.fit(entry.id)
        is_in_doubt = fit is not None and fit.verdict is Verdict.NOT
        question = f"{entry.name}: {self._verdict(entry)} Get it all the same?"
        if not is_in_doubt or self._is_sure(question):
            self._service.get(entry.id)

    def _delete(self, model: ModelFolder) -> None:
        if self._is_sure(f"Delete {model.name}? It can be fetched again."):
            self._service.delete(model)

    def _is_sure(self, question: str) -> bool:
        answer = QMessageBox.question(self, "Models", question)
        return answer is QMessageBox.StandardButton.Yes

    def _verdict(self, entry: Entry) -> str:
        fit = self._service.fit(entry.id)
        return fit.in_words() if fit else ""

    def _answering(self) -> str:
        return self._state.model.id if isinstance(self._state, Ready) else ""

    @Slot(str, object)
    def _on_arrival(self, id: str, arrival: Arrival) -> None:
        self._arrivals[id] = arrival
        if id in self._rows:
            self._rows[id].show_arrival(arrival)


class Row(QFrame):
    """A name, what is to be said of it, and its buttons."""

    def __init__(self, name: str, about: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAccessibleName(name)
        self._name = name
        self._about = label(about, look="muted", wraps=True)
        self._texts = QVBoxLayout()
        self._texts.setSpacing(4)
        self._texts.addWidget(label(name, look="strong"))
        self._texts.addWidget(self._about)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(16, 12, 12, 12)
        self._line.setSpacing(10)
        self._line.addLayout(self._texts, 1)

    def add_note(self, text: str) -> None:
        self._line.addWidget(label(text, look="muted"))

    def add_button(self, text: str, act: Callable[[], None]) -> None:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setAccessibleName(f"{text}: {self._name}")
        button.clicked.connect(lambda: act())
        self._line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)


class JobRow(Row):
    """With its progress."""

    def __init__(self, job: Job, arrival: Arrival | None) -> None:
        super().__init__(job.id, of_job(job, arrival))
        self._job = job
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setAccessibleName(f"Progress of {job.id}")
        self._texts.addWidget(self._bar)
        if arrival is not None:
            self.show_arrival(arrival)

    def show_arrival(self, arrival: Arrival) -> None:
        self._about.setText(of_job(self._job, arrival))
        self._bar.setValue(int(BAR_STEPS * arrival.done / arrival.total) if arrival.total else 0)
