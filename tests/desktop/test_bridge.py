"""From a real engine thread into the main thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from desktop.bridge import AnswerSource, EngineBridge
from engine.errors import EngineClosed, NoModel
from engine.types import (
    ChatRequest,
    EngineState,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    Idle,
    Loading,
    Message,
    Ready,
    Role,
    Started,
    TextDelta,
)
from tests.fakes import ScriptedDecoder

LONG_MS = 30_000
REQUEST = ChatRequest((Message.of(Role.USER, "Hi"),))


class Listener(QObject):
    """What was told, and by whom."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.threads: set[threading.Thread] = set()

    @Slot(object)
    def hear(self, event: EngineState | GenerationEvent) -> None:
        self.heard.append(event)
        self.threads.add(threading.current_thread())

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.heard if isinstance(event, TextDelta))

    @property
    def is_over(self) -> bool:
        return any(isinstance(event, Finished | Failed) for event in self.heard)


def listened(bridge: EngineBridge) -> tuple[AnswerSource, Listener]:
    source, listener = bridge.answer_source(), Listener()
    source.told.connect(listener.hear)
    return source, listener


def test_an_answer_arrives_whole_in_order_and_in_the_main_thread(
    qtbot: QtBot, ready_bridge: EngineBridge, decoder: ScriptedDecoder
) -> None:
    decoder.script = [*("0123456789" * 30).encode(), decoder.script[-1]]
    source, listener = listened(ready_bridge)
    source.start(REQUEST)
    qtbot.waitUntil(lambda: listener.is_over, timeout=LONG_MS)
    assert isinstance(listener.heard[0], Started)
    assert listener.text == "0123456789" * 30
    assert isinstance(listener.heard[-1], Finished)
    assert listener.threads == {threading.main_thread()}


def test_no_answer_loses_its_last_event(
    qtbot: QtBot, ready_bridge: EngineBridge, decoder: ScriptedDecoder
) -> None:
    """Once a source that deleted itself cut off the receivers that its signal had yet to reach."""
    decoder.script = decoder.script[-1:]
    for _ in range(300):
        source, listener = listened(ready_bridge)
        source.start(REQUEST)
        qtbot.waitUntil(lambda heard=listener: heard.is_over, timeout=LONG_MS)


def test_the_states_arrive_in_order_and_in_the_main_thread(
    qtbot: QtBot, bridge: EngineBridge
) -> None:
    listener = Listener()
    bridge.state_changed.connect(listener.hear)
    bridge.load(Path("folder"))
    qtbot.waitUntil(lambda: len(listener.heard) >= 2, timeout=LONG_MS)
    assert listener.heard[0] == Loading("folder")
    assert isinstance(listener.heard[1], Ready)
    assert listener.threads == {threading.main_thread()}


def test_a_source_deletes_itself_after_its_last_event(
    qtbot: QtBot, ready_bridge: EngineBridge
) -> None:
    source, _ = listened(ready_bridge)
    with qtbot.waitSignal(source.destroyed, timeout=LONG_MS):
        source.start(REQUEST)
    assert ready_bridge.children() == []


def test_a_source_that_the_engine_refused_is_not_kept(qtbot: QtBot, bridge: EngineBridge) -> None:
    source = bridge.answer_source()
    with qtbot.waitSignal(source.destroyed, timeout=LONG_MS), pytest.raises(NoModel):
        source.start(REQUEST)
    assert bridge.children() == []


def test_cancelling_ends_the_answer(
    qtbot: QtBot, ready_bridge: EngineBridge, decoder: ScriptedDecoder
) -> None:
    decoder.gate.clear()
    source, listener = listened(ready_bridge)
    source.start(REQUEST)
    source.cancel()
    qtbot.waitUntil(lambda: listener.is_over, timeout=LONG_MS)
    last = listener.heard[-1]
    assert isinstance(last, Finished)
    assert last.reason is FinishReason.CANCELLED


def test_cancelling_before_the_start_is_nothing(bridge: EngineBridge) -> None:
    bridge.answer_source().cancel()


def test_closing_ends_the_thread_in_mid_answer_and_what_waits(
    qtbot: QtBot, ready_bridge: EngineBridge, decoder: ScriptedDecoder
) -> None:
    decoder.gate.clear()
    listeners: list[Listener] = []
    for _ in range(3):
        source, listener = listened(ready_bridge)
        source.start(REQUEST)
        listeners.append(listener)
    assert ready_bridge.close()
    assert "engine" not in {thread.name for thread in threading.enumerate()}
    qtbot.waitUntil(lambda: all(listener.is_over for listener in listeners), timeout=LONG_MS)


def test_after_closing_nothing_is_taken(ready_bridge: EngineBridge) -> None:
    ready_bridge.close()
    assert isinstance(ready_bridge.state, Idle)
    with pytest.raises(EngineClosed):
        ready_bridge.answer_source().start(REQUEST)
