"""Edited questions and other answers: what is shown, what is kept."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop.library.manner import Manner
from desktop.library.migrations import MIGRATIONS
from desktop.library.records import AnswerEnd, Question, Status
from desktop.library.store import Store
from engine.types import Effort, Role


def answered(store: Store, question: Question, text: str) -> Question:
    store.append(question.answer_id, text)
    store.finish(question.answer_id, AnswerEnd(Status.COMPLETE))
    return question


def said(store: Store, conversation_id: int = 1) -> list[str]:
    return [message.text for message in store.messages(conversation_id)]


def versions(store: Store) -> list[tuple[int, int]]:
    return [(message.version, message.versions) for message in store.messages(1)]


@pytest.fixture
def first(store: Store) -> Question:
    """One, 1, Two, 2."""
    question = answered(store, store.add_question(None, "One"), "1")
    answered(store, store.add_question(1, "Two"), "2")
    return question


def test_an_edited_question_begins_a_branch_and_the_old_one_stays(
    store: Store, first: Question
) -> None:
    answered(store, store.ask_instead(first.question_id, "Uno"), "I")
    assert said(store) == ["Uno", "I"]
    assert versions(store) == [(2, 2), (1, 1)]
    store.show_version(store.messages(1)[0].id, 1)
    assert said(store) == ["One", "1", "Two", "2"]
    assert versions(store) == [(1, 2), (1, 1), (1, 1), (1, 1)]


def test_an_answer_may_come_again(store: Store, first: Question) -> None:
    answered(store, store.answer_again(first.answer_id), "one")
    assert said(store) == ["One", "one"]
    answered(store, store.add_question(1, "Three"), "3")
    assert said(store) == ["One", "one", "Three", "3"]
    store.show_version(store.messages(1)[1].id, 1)
    assert said(store) == ["One", "1", "Two", "2"]
    store.show_version(store.messages(1)[1].id, 2)
    assert said(store) == ["One", "one", "Three", "3"], "to where it was written last"


@pytest.mark.parametrize("what", ["next", "instead", "again"])
def test_what_the_engine_did_not_take_leaves_the_branch_that_was_shown(
    store: Store, first: Question, what: str
) -> None:
    match what:
        case "next":
            question = store.add_question(1, "Three")
        case "instead":
            question = store.ask_instead(first.question_id, "Uno")
        case _:
            question = store.answer_again(first.answer_id)
    store.take_back(question)
    assert said(store) == ["One", "1", "Two", "2"]
    assert set(versions(store)) == {(1, 1)}


def test_reasoning_grows_beside_the_answer_and_outlives_a_kill(
    store: Store, tmp_path: Path
) -> None:
    question = store.add_question(None, "Hi")
    for piece in ("Let me ", "think."):
        store.append(question.answer_id, piece, is_reasoning=True)
    store.append(question.answer_id, "Good day.")
    for opened in (store, Store(tmp_path / "conversations.sqlite3")):
        answer = opened.messages(1)[-1]
        assert (answer.reasoning, answer.text) == ("Let me think.", "Good day.")
    opened.close()


def test_all_figures_of_an_answer_come_back(store: Store) -> None:
    question = store.add_question(None, "Hi")
    end = AnswerEnd(Status.COMPLETE, "", 100, 12.5, 3.25, 0.75, 40, 60)
    store.finish(question.answer_id, end)
    assert store.messages(1)[-1].end == end


def test_each_conversation_keeps_its_manner(store: Store) -> None:
    brief = Manner(Effort.LOW, "Be brief.", 0.2, 0.9)
    store.add_question(None, "Hi", brief)
    store.add_question(None, "Hello")
    assert store.manner(1) == brief
    assert store.manner(2) == Manner()
    store.set_manner(2, brief)
    assert store.manner(2) == brief


@pytest.mark.parametrize(
    "stored",
    [
        "{}",
        '{"effort": "utmost", "instructions": 3, "temperature": 9, "top_p": -1, "new": 1}',
        '{"temperature": true, "top_p": "0.5"}',
    ],
)
def test_a_manner_of_another_version_is_read_as_far_as_it_goes(stored: str) -> None:
    assert Manner.from_json(stored) == Manner()


def test_conversations_of_the_first_schema_become_branches(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
        for number in (1, 2):
            old.execute("INSERT INTO conversations VALUES (?, 'Old', 0, 0, NULL)", (number,))
        for text, owner in (("One", 1), ("Other", 2), ("1", 1), ("Two", 1), ("2", 1)):
            role = "assistant" if text.isdigit() else "user"
            old.execute(
                "INSERT INTO messages (conversation_id, role, text, status, created_at) "
                "VALUES (?, ?, ?, 'complete', 0)",
                (owner, role, text),
            )
    store = Store(path)
    assert said(store) == ["One", "1", "Two", "2"]
    assert said(store, 2) == ["Other"]
    assert set(versions(store)) == {(1, 1)}
    assert store.manner(1) == Manner()
    answered(store, store.ask_instead(store.messages(1)[2].id, "Zwei"), "zwei")
    assert said(store) == ["One", "1", "Zwei", "zwei"]
    store.close()


@dataclass
class Node:
    """A message in memory."""

    text: str
    number: int
    children: list[Node] = field(default_factory=list["Node"])
    parent: Node | None = None

    def branch(self) -> list[Node]:
        return [*(self.parent.branch() if self.parent else ()), self]

    def last_below(self) -> Node:
        return max((child.last_below() for child in self.children), key=number_of, default=self)

    def add(self, text: str, number: int) -> Node:
        self.children.append(Node(text, number, parent=self))
        return self.children[-1]


def number_of(node: Node) -> int:
    return node.number


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_edits_and_turns_shows_what_a_tree_in_memory_shows(
    store: Store, seed: int
) -> None:
    draw, root = random.Random(seed), Node("", 0)
    answered(store, store.add_question(None, "0"), "1")
    shown = root.add("0", 1).add("1", 2)
    for step in range(40):
        branch = shown.branch()[1:]
        node = draw.choice(branch)
        stored = store.messages(1)[branch.index(node)]
        before = max(number_of(one) for one in everything(root))
        kind = draw.choice(["next", "edit", "version"])
        if kind == "version":
            assert node.parent is not None
            version = draw.randrange(len(node.parent.children))
            store.show_version(stored.id, version + 1)
            shown = node.parent.children[version].last_below()
        elif kind == "edit" and stored.role is Role.ASSISTANT:
            assert node.parent is not None
            answered(store, store.answer_again(stored.id), f"a{step}")
            shown = node.parent.add(f"a{step}", before + 1)
        else:
            is_edit = kind == "edit"
            parent = node.parent if is_edit else shown
            assert parent is not None
            question = (
                store.ask_instead(stored.id, f"q{step}")
                if is_edit
                else store.add_question(1, f"q{step}")
            )
            answered(store, question, f"a{step}")
            shown = parent.add(f"q{step}", before + 1).add(f"a{step}", before + 2)
        assert said(store) == [one.text for one in shown.branch()[1:]]
        assert versions(store) == [
            (one.parent.children.index(one) + 1, len(one.parent.children))
            for one in shown.branch()[1:]
            if one.parent
        ]


def everything(node: Node) -> list[Node]:
    return [node, *(below for child in node.children for below in everything(child))]
