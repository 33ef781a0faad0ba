"""Titles by the model: it names a new conversation while nobody waits for it."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.bridge import AnswerSource, EngineBridge
from desktop.chat.request import request_for
from desktop.library.manner import Manner
from desktop.library.records import MAX_TITLE_CHARACTERS, StoredMessage, title_of
from desktop.library.store import Store
from engine.errors import HearthError
from engine.types import (
    Channel,
    ChatRequest,
    Effort,
    EngineState,
    Failed,
    Finished,
    GenerationEvent,
    Message,
    Ready,
    Role,
    TextDelta,
)

IDLE_MS = 2000
"""Who reads an answer is not asking the next question yet."""
MOST_TOKENS = 300
ASK = (
    "Write a title for this conversation, in at most six words, in the language of my question. "
    "Answer with the title alone."
)
AROUND = " \t\"'“”„‘’*#_`.:"


class Titles(QObject):
    """One title at a time. A small model without thoughts gives none worth reading: of four that
    were tried with the starter, none named its conversation."""

    named = Signal()

    def __init__(
        self,
        bridge: EngineBridge,
        store: Store,
        is_wanted: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._store = store
        self._is_wanted = is_wanted
        self._conversation: int | None = None
        self._answer: AnswerSource | None = None
        self._text = ""
        self._timer = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._timer.timeout.connect(self._ask)

    @Slot(object)
    def consider(self, conversation_id: int) -> None:
        """An answer has come in this conversation."""
        self.give_way()
        state = self._bridge.state
        if self._is_wanted() and _can_name(state):
            self._conversation = conversation_id
            self._timer.start()

    @Slot()
    def give_way(self) -> None:
        """Somebody asks: the title waits for another answer."""
        self._timer.stop()
        if self._answer is not None:
            self._answer.cancel()
        self._answer = self._conversation = None

    @Slot()
    def _ask(self) -> None:
        if self._conversation is None:
            return
        try:
            said = self._store.messages(self._conversation)
            if len(said) == 2:  # a later answer would name it by where it has gone
                self._start(request_for_title(said, self._store.manner(self._conversation)))
        except HearthError:
            self.give_way()

    def _start(self, request: ChatRequest) -> None:
        self._text = ""
        self._answer = self._bridge.answer_source()
        self._answer.told.connect(self._on_event)
        self._answer.start(request)

    @Slot(object)
    def _on_event(self, event: GenerationEvent) -> None:
        if self.sender() is not self._answer:
            return
        match event:
            case TextDelta(Channel.FINAL, text):
                self._text += text
            case Finished():
                self._answer = None
                self._name(title_in(self._text))
            case Failed():
                self.give_way()
            case _:
                pass

    def _name(self, title: str) -> None:
        conversation, self._conversation = self._conversation, None
        if not title or conversation is None:
            return
        try:
            if self._store.name_by_model(conversation, title):
                self.named.emit()
        except HearthError:
            pass  # its first words name it as well


def request_for_title(said: list[StoredMessage], manner: Manner) -> ChatRequest:
    """Behind the conversation itself, which the model has in its cache already."""
    asked = request_for(said, manner)
    return ChatRequest(
        (*asked.messages, Message.of(Role.USER, ASK)), effort=Effort.LOW, max_tokens=MOST_TOKENS
    )


def title_in(text: str) -> str:
    """Its first line without what models put around a title; empty where there is none."""
    lines = [line.strip(AROUND) for line in text.splitlines()]
    first = next(filter(None, lines), "")
    title = re.sub(r"^(title|titel|标题)\s*[:：]\s*", "", first, flags=re.IGNORECASE).strip(AROUND)
    return title if len(title) <= MAX_TITLE_CHARACTERS else title_of(title)


def _can_name(state: EngineState) -> bool:
    """What runs elsewhere is asked nothing that the user did not ask."""
    return isinstance(state, Ready) and state.model.has_effort and state.model.device.is_here
