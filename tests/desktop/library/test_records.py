"""Titles, made of the first words of a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.library.records import MAX_TITLE_CHARACTERS, title_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Why is the sky blue?", "Why is the sky blue?"),
        ("  Two\n\n lines\tand a tab ", "Two lines and a tab"),
        ("word " * 20, "word word word word word word word word word…"),
        ("a" * 47 + ", and more words", "a" * 47 + "…"),
        ("a" * 48, "a" * 48),
        ("a" * 49, "a" * 48 + "…"),
    ],
)
def test_a_title_is_the_first_whole_words(text: str, title: str) -> None:
    assert title_of(text) == title


@given(st.text())
def test_a_title_is_short_and_on_one_line(text: str) -> None:
    title = title_of(text)
    assert len(title) <= MAX_TITLE_CHARACTERS + 1
    assert len(title.splitlines()) <= 1
