from __future__ import annotations

import pytest

from engine.errors import BadRequest
from engine.formats.completion import completion_prompt
from engine.types import CompletionRequest
from tests.fakes import END, byte_format


def test_a_text_is_encoded_as_it_is() -> None:
    chat_format = byte_format()
    prompt = completion_prompt(chat_format, CompletionRequest("Hi<|im_end|>"))
    assert prompt.ids == [*b"Hi<|im_end|>"]


def test_ids_are_taken_as_they_are() -> None:
    assert completion_prompt(byte_format(), CompletionRequest((72, END))).ids == [72, END]


@pytest.mark.parametrize("prompt", ["", (), (-1,), (999_999,)])
def test_what_is_no_text_is_refused(prompt: str | tuple[int, ...]) -> None:
    with pytest.raises(BadRequest) as refused:
        completion_prompt(byte_format(), CompletionRequest(prompt))
    assert refused.value.field == "prompt"
