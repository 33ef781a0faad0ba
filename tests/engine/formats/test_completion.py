from __future__ import annotations

import pytest

from engine.errors import BadRequest
from engine.formats.completion import CompletionFormat, CompletionParser
from engine.types import Channel, CompletionRequest, TextDelta, TokenLogprob
from tests.fakes import END, byte_format


def test_a_text_is_encoded_as_it_is() -> None:
    chat_format = byte_format()
    prompt = CompletionFormat(chat_format).render(CompletionRequest("Hi<|im_end|>"))
    assert prompt.ids == [*b"Hi<|im_end|>"]


def test_ids_are_taken_as_they_are() -> None:
    assert CompletionFormat(byte_format()).render(CompletionRequest((72, END))).ids == [72, END]


@pytest.mark.parametrize("prompt", ["", (), (-1,), (999_999,)])
def test_what_is_no_text_is_refused(prompt: str | tuple[int, ...]) -> None:
    with pytest.raises(BadRequest) as refused:
        CompletionFormat(byte_format()).render(CompletionRequest(prompt))
    assert refused.value.field == "prompt"


def test_characters_are_not_split_and_logprobs_stay_with_them() -> None:
    parser = CompletionParser(lambda token: bytes([token]), frozenset({0}))
    logprobs = [TokenLogprob(token, bytes([token]), -1.0) for token in "é".encode()]
    assert parser.feed(logprobs[0].token_id, logprobs[0]) == []
    told = parser.feed(logprobs[1].token_id, logprobs[1])
    assert told == [TextDelta(Channel.FINAL, "é", tuple(logprobs))]
    assert parser.feed(0, None) == []
    assert parser.finish() == []


def test_half_a_character_at_the_end_is_told_as_unreadable() -> None:
    parser = CompletionParser(lambda token: bytes([token]), frozenset())
    assert parser.feed(0xC3, None) == []
    assert parser.finish() == [TextDelta(Channel.FINAL, "\ufffd")]
