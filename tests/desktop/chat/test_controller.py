"""From the key press to the disk, the engine and the screen; only the decoder is a fake."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import EngineBridge
from desktop.library.records import AnswerEnd, Status, StoredMessage
from desktop.library.store import Store
from engine.thread import Generation
from engine.types import ChatRequest, Role, Sink
from tests.desktop.chat.asking import (
    ask,
    ask_slowly,
    disk_refusing,
    is_answering,
    wait_for,
    wait_for_end,
)
from tests.desktop.conftest import Desk, OpenWindow
from tests.fakes import END


def test_the_question_is_on_disk_before_the_engine_has_it(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = desk.bridge.engine.submit
    on_disk: list[tuple[Role, str]] = []

    def spied(request: ChatRequest, sink: Sink) -> Generation:
        for message in read_by_another_process(tmp_path):
            on_disk.append((message.role, message.text))
        return submit(request, sink)

    monkeypatch.setattr(desk.bridge.engine, "submit", spied)
    ask(desk, "Is it kept?")
    assert on_disk == [(Role.USER, "Is it kept?"), (Role.ASSISTANT, "")]
    wait_for_end(qtbot, desk)


def read_by_another_process(folder: Path) -> list[StoredMessage]:
    """From a copy, because opening a store settles what it takes for interrupted."""
    copies = folder / "copy"
    copies.mkdir()
    for file in folder.glob("conversations.sqlite3*"):
        (copies / file.name).write_bytes(file.read_bytes())
    copy = Store(copies / "conversations.sqlite3")
    messages = copy.messages(1)
    copy.close()
    return messages


def test_the_question_and_the_answer_are_shown_and_kept(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.script = [*b"A **bold** answer.", END]
    ask(desk, "A question?")
    assert desk.shown_text.startswith("A question?\n")
    answer = wait_for_end(qtbot, desk)
    assert desk.shown_text == "A question?\nA bold answer."
    assert (answer.text, answer.end.status) == ("A **bold** answer.", Status.COMPLETE)
    assert desk.page.composer.text() == ""


def test_the_composer_keeps_the_text_where_the_engine_refuses(make_window: OpenWindow) -> None:
    desk = make_window()  # without a model
    ask(desk, "Do not lose me")
    assert desk.page.composer.text() == "Do not lose me"
    assert desk.page.notice.isVisible()
    assert desk.page.notice.text() == "No model is loaded."
    assert desk.store.conversations() == []
    assert not is_answering(desk)


def test_a_refusal_leaves_the_conversation_as_it_was(
    qtbot: QtBot, make_window: OpenWindow, store: Store
) -> None:
    question = store.add_question(None, "Old")
    store.finish(question.answer_id, AnswerEnd(Status.COMPLETE))
    desk = make_window()
    desk.chat.show(question.conversation_id)
    ask(desk, "New")
    assert [message.text for message in store.messages(question.conversation_id)] == ["Old", ""]
    assert "New" not in desk.shown_text


def test_the_composer_keeps_the_text_where_the_disk_refuses(desk: Desk) -> None:
    with disk_refusing(desk.store):
        ask(desk, "Do not lose me")
    assert desk.page.composer.text() == "Do not lose me"
    assert "cannot be read or written" in desk.page.notice.text()
    assert not is_answering(desk)


def test_the_notice_goes_with_the_next_question(qtbot: QtBot, desk: Desk) -> None:
    desk.page.notice.show_sentence("Something went wrong.")
    ask(desk)
    assert not desk.page.notice.isVisible()
    wait_for_end(qtbot, desk)


def test_the_model_is_told_the_conversation_so_far_without_empty_answers(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = desk.store.add_question(None, "One")
    desk.store.finish(stopped.answer_id, AnswerEnd(Status.STOPPED))
    submit = desk.bridge.engine.submit
    requests: list[ChatRequest] = []
    monkeypatch.setattr(
        desk.bridge.engine,
        "submit",
        lambda request, sink: requests.append(request) or submit(request, sink),
    )
    desk.chat.show(stopped.conversation_id)
    ask(desk, "Two")
    wait_for_end(qtbot, desk)
    ask(desk, "Three")
    wait_for_end(qtbot, desk)
    said = [(message.role, message.text) for message in requests[-1].messages]
    assert said == [
        (Role.USER, "One"),
        (Role.USER, "Two"),
        (Role.ASSISTANT, "Good day."),
        (Role.USER, "Three"),
    ]


def test_a_second_question_waits_for_the_answer(qtbot: QtBot, desk: Desk) -> None:
    ask_slowly(qtbot, desk)
    ask(desk, "Too early")
    assert desk.page.composer.text() == "Too early"
    assert len(desk.store.messages(1)) == 2
    desk.chat.stop()
    wait_for_end(qtbot, desk)


# the answer on its way


def test_text_is_on_disk_before_it_is_on_the_screen_and_only_grows(
    qtbot: QtBot, desk: Desk
) -> None:
    shown: list[str] = []

    def look() -> None:
        _, _, answer = desk.shown_text.partition("\n")
        stored = desk.store.messages(1)[-1].text
        if stored:
            assert stored.startswith(answer)
            shown.append(answer)

    desk.decoder.script = [*("0123456789" * 30).encode(), END]
    desk.decoder.seconds_per_token = 0.001
    desk.page.transcript.textChanged.connect(look)
    ask(desk)
    wait_for_end(qtbot, desk)
    assert len(shown) > 2, "it did not stream"
    assert shown == sorted(shown, key=len)
    assert shown[-1] == "0123456789" * 30


def test_the_activity_is_shown_until_the_answer_comes(qtbot: QtBot, desk: Desk) -> None:
    desk.decoder.gate.clear()
    ask(desk)
    wait_for(qtbot, desk, "Reading the conversation…")
    assert "Reading the conversation…" in desk.status_text
    desk.decoder.gate.set()
    wait_for(qtbot, desk, "Good day.")
    assert desk.shown_text == "Hello\nGood day."


def test_a_question_can_be_asked_while_the_model_loads(
    qtbot: QtBot, make_window: OpenWindow, bridge: EngineBridge
) -> None:
    desk = make_window()
    bridge.load(Path("any"))
    ask(desk)
    wait_for(qtbot, desk, "Good day.")


@pytest.mark.parametrize(("length", "warns"), [(3000, False), (3400, True)])
def test_a_conversation_that_is_nearly_full_is_said_to_be(
    qtbot: QtBot, desk: Desk, length: int, warns: bool
) -> None:
    """Of 4,096 tokens, one for each letter."""
    ask(desk, "x" * length)
    wait_for_end(qtbot, desk)
    assert desk.page.notice.isVisible() is warns
    if warns:
        assert desk.page.notice.text().startswith("This conversation fills 8")
