"""Titles by a model that has nothing else to do."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import EngineBridge
from desktop.chat import titles
from desktop.chat.titles import Titles, title_in
from desktop.library.records import COMPLETED
from desktop.library.store import Store
from engine.types import Ready
from tests.desktop.conftest import ANY_FOLDER, LONG_MS
from tests.fakes import END, ScriptedDecoder, scripted_model

QUESTION = "Who painted it?"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(titles, "IDLE_MS", 0)


@pytest.fixture
def bridge(qtbot: QtBot, decoder: ScriptedDecoder) -> Generator[EngineBridge]:
    bridge = EngineBridge(lambda *_: scripted_model(decoder, has_effort=True))
    bridge.load(ANY_FOLDER)
    qtbot.waitUntil(lambda: isinstance(bridge.state, Ready), timeout=LONG_MS)
    yield bridge
    decoder.gate.set()
    assert bridge.close()


@pytest.fixture
def conversation(store: Store) -> int:
    question = store.add_question(None, QUESTION)
    store.append(question.answer_id, "Leonardo da Vinci.")
    store.finish(question.answer_id, COMPLETED)
    return question.conversation_id


@pytest.fixture
def makes(bridge: EngineBridge, store: Store) -> Generator[Titles]:
    made = Titles(bridge, store, lambda: True)
    yield made
    made.give_way()


def title(store: Store) -> str:
    return store.conversations()[0].title


def test_a_new_conversation_gets_the_models_title(
    qtbot: QtBot, makes: Titles, decoder: ScriptedDecoder, store: Store, conversation: int
) -> None:
    decoder.script = [*b'"The Mona Lisa\'s Painter."', END]
    with qtbot.waitSignal(makes.named, timeout=LONG_MS):
        makes.consider(conversation)
    assert title(store) == "The Mona Lisa's Painter"
    assert len(store.messages(conversation)) == 2, "the asking for it is no message"


def test_the_users_own_title_stays(
    qtbot: QtBot, makes: Titles, decoder: ScriptedDecoder, store: Store, conversation: int
) -> None:
    store.rename(conversation, "Mine")
    makes.consider(conversation)
    qtbot.waitUntil(lambda: decoder.decoded > 0 and makes._answer is None, timeout=LONG_MS)
    assert title(store) == "Mine"


def test_who_asks_goes_first(
    qtbot: QtBot, makes: Titles, decoder: ScriptedDecoder, store: Store, conversation: int
) -> None:
    decoder.gate.clear()
    makes.consider(conversation)
    qtbot.waitUntil(lambda: makes._answer is not None, timeout=LONG_MS)
    makes.give_way()
    decoder.gate.set()
    qtbot.wait(50)
    assert title(store) == QUESTION


def test_a_later_answer_names_nothing(
    qtbot: QtBot, makes: Titles, decoder: ScriptedDecoder, store: Store, conversation: int
) -> None:
    store.finish(store.add_question(conversation, "And when?").answer_id, COMPLETED)
    makes.consider(conversation)
    qtbot.waitUntil(lambda: not makes._timer.isActive(), timeout=LONG_MS)
    assert makes._answer is None


def test_it_can_be_turned_off(bridge: EngineBridge, store: Store, conversation: int) -> None:
    unwanted = Titles(bridge, store, lambda: False)
    unwanted.consider(conversation)
    assert not unwanted._timer.isActive()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris in Spring", "Paris in Spring"),
        ('**Title: "Paris in Spring"**\n\nIt says…', "Paris in Spring"),
        ("\n\n# Frühling in Paris.\n", "Frühling in Paris"),
        ("标题：巴黎的春天", "巴黎的春天"),
        ("word " * 30, "word word word word word word word word word…"),
        ("", ""),
        ('""', ""),
    ],
)
def test_what_models_put_around_a_title_goes(text: str, expected: str) -> None:
    assert title_in(text) == expected
