"""What is found by which words, and how fast in ten thousand conversations."""

from __future__ import annotations

import pytest

from desktop.library.model import SNIPPET_ROLE, ConversationModel
from desktop.library.records import COMPLETED
from desktop.library.search import find
from desktop.library.store import Store


def tell(store: Store, question: str, answer: str) -> int:
    asked = store.add_question(None, question)
    store.append(asked.answer_id, answer)
    store.finish(asked.answer_id, COMPLETED)
    return asked.conversation_id


def found(store: Store, words: str) -> list[str]:
    return [conversation.title for conversation in find(store.database, words)]


@pytest.fixture
def library(store: Store) -> Store:
    tell(store, "Rust", "Ownership is checked by the compiler.")
    tell(store, "Grüße", "Schöne GRÜSSE aus Köln, 100 % echt.")
    tell(store, "北京", "北京市中心有很多公园。")
    tell(store, "A quote", 'She said "no" and NEAR AND x*; DROP TABLE words.')
    return store


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("compiler", ["Rust"]),
        ("COMPIL", ["Rust"]),
        ("rust owner", ["Rust"]),
        ("rust köln", []),
        ("schöne", ["Grüße"]),
        ("GRÜßE", ["Grüße"]),
        ("100 %", ["Grüße"]),
        ("市中心", ["北京"]),
        ("公园", ["北京"]),
        ("京", ["北京"]),
        ('"no"', ["A quote"]),
        ("NEAR AND", ["A quote"]),
        ("x*;", ["A quote"]),
        ("e", ["A quote", "Grüße", "Rust"]),
        ("   ", []),
        ("nowhere", []),
    ],
)
def test_parts_of_words_are_found_in_any_language(
    library: Store, words: str, titles: list[str]
) -> None:
    assert found(library, words) == titles


def test_where_it_was_found_is_shown(library: Store) -> None:
    model = ConversationModel(library)
    model.search("ownership")
    assert model.index(0).data(SNIPPET_ROLE).startswith("Ownership is checked")
    model.search("quote")
    assert model.index(0).data(SNIPPET_ROLE) == "", "its title says it"
    model.search("")
    assert model.index(0).data(SNIPPET_ROLE) == ""


def test_an_answer_on_its_way_is_found_once_it_has_ended(store: Store) -> None:
    question = store.add_question(None, "Hi")
    store.append(question.answer_id, "Hippopotamus")
    assert found(store, "hippo") == []
    store.finish(question.answer_id, COMPLETED)
    assert found(store, "hippo") == ["Hi"]


def test_all_versions_are_searched(store: Store) -> None:
    tell(store, "One", "Uno")
    question = store.ask_instead(store.messages(1)[0].id, "Deux")
    store.finish(question.answer_id, COMPLETED)
    assert found(store, "uno") == found(store, "deux") == ["One"]


def test_what_is_deleted_is_not_found_and_leaves_the_index(store: Store) -> None:
    number = tell(store, "Secret", "Hippopotamus")
    store.delete(number)
    assert found(store, "hippo") == []
    store.purge_deleted()
    words = "SELECT count(*) FROM words WHERE words MATCH '\"hippo\"'"
    assert store.database.one(words) == (0,)
    assert store.database.one("INSERT INTO words (words) VALUES ('integrity-check')") is None


def test_a_new_title_is_found(store: Store) -> None:
    store.rename(tell(store, "Old", "x"), "Brand new")
    assert found(store, "brand") == ["Brand new"]
    assert found(store, "old") == ["Brand new"], "it was said in the question"
