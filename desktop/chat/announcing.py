"""What screen readers are told of an answer: that it is there, and how it begins."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from desktop.language import tr

LONGEST = 600
"""Characters: the rest is in the transcript, for who wants it."""


def announce_answer(view: QWidget, text: str) -> None:
    if QAccessible.isActive() and text:
        told = text if len(text) <= LONGEST else f"{text[:LONGEST].rpartition(' ')[0]}…"
        QAccessible.updateAccessibility(
            QAccessibleAnnouncementEvent(view, tr("Answer: {told}", told=told))
        )
