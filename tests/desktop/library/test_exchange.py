"""Conversations out to files and back in, every branch of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from desktop.library.archive import KeptConversation, add_conversations, read_conversation
from desktop.library.exchange import (
    BadExchangeFile,
    as_json,
    as_markdown,
    file_name,
    read_document,
    read_file,
)
from desktop.library.files import ConversationFiles
from desktop.library.manner import Manner
from desktop.library.records import AnswerEnd, Status
from desktop.library.store import Store
from engine.types import Effort, Role
from tests.desktop.conftest import LONG_MS


@pytest.fixture
def kept(store: Store) -> KeptConversation:
    """Two versions of a question; the second one is shown."""
    manner = Manner(Effort.HIGH, "Be kind.", 0.5, None)
    first = store.add_question(None, "What is *rust*?", manner)
    store.append(first.answer_id, "Think.", is_reasoning=True)
    store.append(first.answer_id, "A language.")
    store.finish(first.answer_id, AnswerEnd(Status.CUT, "", 100, 12.5, 2.0, 0.5, 3, 4))
    second = store.ask_instead(first.question_id, "And on iron?")
    store.append(second.answer_id, "Oxide.\n")
    store.finish(second.answer_id, AnswerEnd(Status.FAILED, "It stopped."))
    store.pin(1, True)
    return read_conversation(store.database, 1)


def same(one: KeptConversation) -> tuple[object, ...]:
    """All but the numbers, which are another database's own."""
    order = {message.number: place for place, message in enumerate(one.messages)}
    messages = [
        replace(
            message, number=place, parent=None if message.parent is None else order[message.parent]
        )
        for place, message in enumerate(one.messages)
    ]
    return (replace(one, messages=(), leaf=None), messages, order.get(one.leaf or -1))


def test_json_brings_everything_back(kept: KeptConversation, tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(as_json([kept]), "utf-8")
    assert read_file(path) == [kept]
    other = Store(tmp_path / "other.sqlite3")
    other.add_question(None, "Something that was there")
    add_conversations(other.database, read_file(path))
    assert same(read_conversation(other.database, 2)) == same(kept)
    assert [message.text for message in other.messages(2)] == ["And on iron?", "Oxide.\n"]
    other.close()


def test_markdown_is_the_branch_that_is_shown(kept: KeptConversation) -> None:
    assert as_markdown(kept) == (
        "# What is *rust*?\n\n## You\n\nAnd on iron?\n\n## Assistant\n\nOxide.\n"
    )


def test_an_answer_that_was_on_its_way_comes_back_as_interrupted(store: Store) -> None:
    store.add_question(None, "Hi")
    document = json.loads(as_json([read_conversation(store.database, 1)]))
    (read,) = read_document(document)
    assert read.messages[-1].end.status is Status.INTERRUPTED


def node(id: str, parent: str | None, children: list[str], role: str, *parts: Any) -> Any:
    message = {"author": {"role": role}, "create_time": 1.5, "content": {"parts": list(parts)}}
    return {"id": id, "parent": parent, "children": children, "message": message if role else None}


CHATGPT = {
    "title": "Iron",
    "create_time": 1700000000.5,
    "update_time": 1700000100.0,
    "current_node": "a2",
    "mapping": {
        "a2": node("a2", "t", [], "assistant", "Oxide.", {"asset": "picture"}, "Really."),
        "root": node("root", None, ["sys"], ""),
        "sys": node("sys", "root", ["q", "q2"], "system", "Be nice."),
        "q": node("q", "sys", ["a"], "user", "What is rust?"),
        "a": node("a", "q", [], "assistant", "A language."),
        "q2": node("q2", "sys", ["t"], "user", "On iron?"),
        "t": node("t", "q2", ["a2"], "tool", "looked up"),
    },
}


def test_chatgpts_export_is_read_with_its_branches(store: Store) -> None:
    (read,) = read_document([CHATGPT])
    assert (read.title, read.created_at, read.updated_at) == ("Iron", 1700000000.5, 1700000100.0)
    add_conversations(store.database, [read])
    shown = store.messages(1)
    assert [(one.role, one.text) for one in shown] == [
        (Role.USER, "On iron?"),
        (Role.ASSISTANT, "Oxide.\n\nReally."),
    ]
    assert (shown[0].version, shown[0].versions) == (2, 2)
    store.show_version(shown[0].id, 1)
    assert [one.text for one in store.messages(1)] == ["What is rust?", "A language."]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"title": None}, ["What is rust?"]),
        ({"current_node": "nowhere"}, ["Iron"]),
        ({"create_time": None, "update_time": None}, ["Iron"]),
        ({"mapping": {}}, []),
    ],
)
def test_what_chatgpt_leaves_out_is_made_up_for(
    change: dict[str, object], expected: list[str]
) -> None:
    assert [one.title for one in read_document([{**CHATGPT, **change}])] == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "My shopping list",
        "{}",
        "[1]",
        '[{"mapping": 3}]',
        "null",
        '{"format": "hearth.conversations", "version": 1}',
        "[" * 100_000,
    ],
)
def test_a_file_of_something_else_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(BadExchangeFile, match=r"^x\.json holds no conversations that Hearth"):
        read_file(tmp_path / "x.json")


def test_a_newer_file_and_a_missing_one_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"format": "hearth.conversations", "version": 9}', "utf-8")
    with pytest.raises(BadExchangeFile, match="newer version"):
        read_file(tmp_path / "x.json")
    with pytest.raises(BadExchangeFile, match="cannot be read"):
        read_file(tmp_path / "none.json")


@pytest.mark.parametrize(
    "damage",
    [
        {"parent": 99},
        {"role": "assistant"},
        {"end": {"status": "new"}},
        {"end": {"status": "complete", "more": 1}},
    ],
)
def test_a_tree_that_is_none_is_refused_whole(
    kept: KeptConversation, tmp_path: Path, damage: dict[str, object]
) -> None:
    document = json.loads(as_json([kept]))
    document["conversations"][0]["messages"][0] |= damage
    (tmp_path / "x.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(BadExchangeFile):
        read_file(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What: is/rust?", "What is rust.md"),
        ("../../etc", "etc.md"),
        ("北京 — Grüße", "北京 Grüße.md"),
        ("???", "Conversation.md"),
        ("x" * 200, f"{'x' * 60}.md"),
    ],
)
def test_titles_become_names_that_every_system_takes(title: str, name: str) -> None:
    assert file_name(title, "md") == name


@pytest.fixture
def files(qtbot: QtBot, store: Store) -> ConversationFiles:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    files = ConversationFiles(store.database, parent)
    files.setProperty("parent", parent)
    return files


def choose(files: ConversationFiles, path: Path) -> None:
    """As the user does in the dialog that is open."""
    dialog = files._parent.window().findChildren(QFileDialog)[-1]
    dialog.fileSelected.emit(str(path))
    dialog.reject()


@pytest.mark.parametrize("suffix", ["md", "json"])
def test_a_conversation_is_exported_where_the_user_says(
    qtbot: QtBot, files: ConversationFiles, kept: KeptConversation, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out.{suffix}"
    files.export(1, suffix)
    with qtbot.waitSignal(files.told, timeout=LONG_MS) as told:
        choose(files, path)
    assert told.args == [f"Exported to {path}."]
    assert path.read_text("utf-8") == (as_markdown(kept) if suffix == "md" else as_json([kept]))


def test_all_are_exported_and_come_in_again(
    qtbot: QtBot, files: ConversationFiles, kept: KeptConversation, store: Store, tmp_path: Path
) -> None:
    store.add_question(None, "Another")
    path = tmp_path / "all.json"
    files.export_all()
    choose(files, path)
    files.ask_what_to_import()
    with qtbot.waitSignals([files.came, files.told], timeout=LONG_MS):
        choose(files, path)
    assert len(store.conversations()) == 4


@pytest.mark.parametrize("what", ["export", "import"])
def test_what_cannot_be_is_said(
    qtbot: QtBot, files: ConversationFiles, kept: KeptConversation, tmp_path: Path, what: str
) -> None:
    if what == "export":
        files.export(1, "md")
    else:
        files.ask_what_to_import()
    with qtbot.waitSignal(files.told, timeout=LONG_MS) as told:
        choose(files, tmp_path / "missing" / "x.json")
    assert told.args is not None
    assert "cannot be" in told.args[0]
