"""Checks server-sent events as servers really send them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.remote.sse import DONE, lines, values
from engine.remote.values import Unreadable

ONE, TWO = {"a": 1}, {"b": [2, "\u2028\x85\u2029"]}
AS_JSON = [json.dumps(one, ensure_ascii=False) for one in (ONE, TWO)]
FIRST, SECOND = AS_JSON


def read(*texts: str) -> list[object]:
    return [*values(text.encode() for text in texts)]


@pytest.mark.parametrize(
    "text",
    [
        f"data: {FIRST}\n\ndata: {SECOND}\n\ndata: [DONE]\n\n",
        f"data:{FIRST}\r\n\r\ndata:{SECOND}\r\n\r\ndata:[DONE]\r\n\r\n",
        f"data: {FIRST}\r\rdata: {SECOND}\r\rdata: [DONE]\r\r",
        f"\ufeffdata: {FIRST}\n\ndata: {SECOND}\n\ndata: [DONE]",
        f"data: {FIRST}\ndata: {SECOND}\ndata: [DONE]\n",
        f": ping\n\nevent: message\nid: 1\ndata: {FIRST}\n\ndata: {SECOND} \n\ndata: [DONE] \n\n",
        f'data: {{\ndata: "a": 1\ndata: }}\n\ndata: {SECOND}\n\ndata: [DONE]\n\ndata: more\n\n',
        f'data: {FIRST}\n\nunknown: x\ndata: {SECOND}\n\ndata: "[DONE]"\n\n',
    ],
)
def test_values_are_read_up_to_done(text: str) -> None:
    """Covers F4 and F5: with and without spaces, blank lines, and an end of the last line."""
    assert read(text) == [ONE, TWO, DONE]


def test_without_done_there_is_none() -> None:
    """Covers F5."""
    assert read(f"data: {FIRST}\n\n", f"data: {SECOND}") == [ONE, TWO]
    assert read() == []


@pytest.mark.parametrize("indent", [None, 2])
def test_a_plain_body_is_whole(indent: int | None) -> None:
    assert read(json.dumps({"error": "no", "b": ["", ":"]}, indent=indent)) == [
        {"error": "no", "b": ["", ":"]},
        DONE,
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('error: {"message": "no"}\n\n', {"message": "no"}),
        ("error: no room\n\n", "no room"),
        ('event: error\ndata: {"message": "no"}\n\n', {"message": "no"}),
        ("event: error\ndata: no room\n\n", "no room"),
        ("event: error\ndata: null\n\n", "null"),
    ],
)
def test_errors_have_forms_of_their_own(text: str, error: object) -> None:
    assert read(f"data: {FIRST}\n\n", text) == [ONE, {"error": error}]


def test_the_name_of_an_event_ends_with_it() -> None:
    assert read("event: error\n\n", f"data: {FIRST}\n\n") == [ONE]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!DOCTYPE html>\n<html></html>", "'<!DOCTYPE html> <html></html>' is not JSON"),
        ("data: {'a': 1}\n\n", "is not JSON"),
        ("data: ping\n\n", "'ping' is not JSON"),
        (f"data: {'x' * 90}\n\n", f"'{'x' * 40}…' is not JSON"),
    ],
)
def test_what_is_not_json_is_quoted(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(text)
    assert words in str(error.value)


def test_bytes_that_are_not_unicode_are_replaced() -> None:
    assert [*values([b'data: {"a": "\xff"}\n\n'])] == [{"a": "\ufffd"}]


@given(
    st.text(st.sampled_from(["a", "é", "\u2028", "\r", "\n", ":", " "]), max_size=40),
    st.data(),
)
def test_lines_do_not_depend_on_the_pieces(text: str, data: st.DataObject) -> None:
    whole = text.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    plain = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [*lines(pieces)] == [*lines([whole])] == plain
