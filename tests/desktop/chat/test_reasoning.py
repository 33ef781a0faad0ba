"""A model that thinks, at a desk: real Harmony around a scripted decoder."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.bridge import EngineBridge
from desktop.library.records import Status
from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import Vocabulary
from engine.types import Ready
from tests.desktop.chat.asking import ask, wait_for, wait_for_end
from tests.desktop.conftest import ANY_FOLDER, LONG_MS, Desk, OpenWindow
from tests.fakes import ScriptedDecoder, scripted_model
from tests.harmony_oracle import load_encoding

THOUGHT, ANSWER = "The user greets. " * 20, "Good day."


@pytest.fixture(scope="module")
def vocabulary(gpt_oss_tokenizer: Path) -> Vocabulary:
    return Vocabulary.read(gpt_oss_tokenizer)


@pytest.fixture
def decoder(vocabulary: Vocabulary) -> ScriptedDecoder:
    said = (
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|>"
        f"<|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>"
    )
    ids = load_encoding(vocabulary).encode(said, allowed_special="all")
    return ScriptedDecoder(ids, vocabulary=201_088)


@pytest.fixture
def bridge(
    qtbot: QtBot, decoder: ScriptedDecoder, vocabulary: Vocabulary
) -> Generator[EngineBridge]:
    form = HarmonyFormat(vocabulary)
    bridge = EngineBridge(lambda *_: scripted_model(decoder, chat_format=form))
    bridge.load(ANY_FOLDER)
    qtbot.waitUntil(lambda: isinstance(bridge.state, Ready), timeout=LONG_MS)
    yield bridge
    decoder.gate.set()
    assert bridge.close(), "the engine thread did not end"


@pytest.fixture
def desk(make_window: OpenWindow) -> Desk:
    return make_window()


def answer_now(desk: Desk) -> QPushButton:
    button = desk.page.composer.findChild(QPushButton, "answer_now")
    assert isinstance(button, QPushButton)
    return button


def test_thoughts_are_seen_live_then_folded_and_kept(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.seconds_per_token = 0.005
    ask(desk)
    wait_for(qtbot, desk, "The user greets.")
    assert "▾ Thinking…" in desk.shown_text
    assert "Thinking…" in desk.status_text
    answer = wait_for_end(qtbot, desk)
    assert (answer.reasoning, answer.text) == (THOUGHT, ANSWER)
    assert answer.end.reasoning_tokens
    assert answer.end.answer_tokens
    assert answer.end.reasoning_seconds
    assert answer.end.first_token_seconds
    _, header, *_, said = desk.shown_text.split("\n")
    assert header.startswith("▸ Thought for")
    assert said == ANSWER


def test_it_looks_the_same_when_it_is_opened_again(qtbot: QtBot, desk: Desk) -> None:
    ask(desk)
    wait_for_end(qtbot, desk)
    live = desk.shown_text
    desk.chat.new_chat()
    desk.chat.show(1)
    assert desk.shown_text == live


def test_another_conversation_in_mid_thought_and_back(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.seconds_per_token = 0.005
    ask(desk)
    wait_for(qtbot, desk, "The user greets.")
    desk.chat.new_chat()
    assert not answer_now(desk).isVisible()
    desk.chat.show(1)
    assert "▾ Thinking…" in desk.shown_text
    assert answer_now(desk).isVisible()
    assert wait_for_end(qtbot, desk).text == ANSWER
    assert desk.shown_text.endswith(ANSWER)
    assert desk.shown_text.count("The user greets.") == 20


def test_answer_now_is_there_while_it_thinks_and_ends_the_thoughts(
    qtbot: QtBot, desk: Desk, vocabulary: Vocabulary
) -> None:
    assert not answer_now(desk).isVisible()
    desk.decoder.seconds_per_token = 0.02
    ask(desk)
    wait_for(qtbot, desk, "The user greets.")
    assert answer_now(desk).isVisible()
    answer_now(desk).click()
    qtbot.waitUntil(lambda: "▸ Thought for" in desk.shown_text, timeout=LONG_MS)
    assert not answer_now(desk).isVisible()
    stored = desk.store.messages(1)[-1]
    assert len(stored.reasoning) < len(THOUGHT)
    desk.chat.stop()
    wait_for_end(qtbot, desk)


def test_stopped_in_mid_thought_the_thoughts_are_kept(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.seconds_per_token = 0.005
    ask(desk)
    wait_for(qtbot, desk, "The user greets.")
    desk.chat.stop()
    answer = wait_for_end(qtbot, desk)
    assert (answer.end.status, answer.text) == (Status.STOPPED, "")
    assert answer.reasoning
    assert "▸ Thought for" in desk.shown_text
    assert desk.shown_text.endswith("You stopped this answer.")
    ask(desk, "Go on")
    assert wait_for_end(qtbot, desk).text == ANSWER


def test_the_program_that_ends_in_mid_thought_keeps_them(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.seconds_per_token = 0.005
    ask(desk)
    wait_for(qtbot, desk, "The user greets.")
    desk.chat.close()
    answer = desk.store.messages(1)[-1]
    assert (answer.end.status, bool(answer.reasoning)) == (Status.INTERRUPTED, True)
