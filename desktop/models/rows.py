"""The rows of the Models page: a name, what is to be said of it, its progress and its buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from desktop.language import tr
from desktop.models.arrival import Arrival
from desktop.models.words import of_arrival, of_job
from desktop.style.widgets import label
from engine.models.queue import Job

BAR_STEPS = 1000
"""A progress bar counts in 32 bits, and models have more bytes."""


class Row(QFrame):
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


class ProgressRow(Row):
    def __init__(self, name: str, about: str) -> None:
        super().__init__(name, about)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setAccessibleName(tr("Progress of {name}", name=name))
        self._texts.addWidget(self._bar)

    def show_arrival(self, arrival: Arrival) -> None:
        self._about.setText(of_arrival(arrival))
        self._bar.setValue(int(BAR_STEPS * arrival.done / arrival.total) if arrival.total else 0)


class JobRow(ProgressRow):
    """A model that is being got; what is said of it depends on where it is in the queue."""

    def __init__(self, job: Job, arrival: Arrival | None) -> None:
        super().__init__(job.id, of_job(job, arrival))
        self._job = job
        if arrival is not None:
            self.show_arrival(arrival)

    def show_arrival(self, arrival: Arrival) -> None:
        super().show_arrival(arrival)
        self._about.setText(of_job(self._job, arrival))
