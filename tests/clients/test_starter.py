"""OpenAI's client with the starter, which knows nothing of thoughts or tools."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import openai
import pytest

from tests.clients.conftest import Endpoint

QUESTION: Any = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.fixture
def client(starter: Endpoint) -> Generator[openai.OpenAI]:
    with openai.OpenAI(base_url=starter.url, api_key=starter.key, max_retries=0) as client:
        yield client


def test_it_answers(client: openai.OpenAI, starter: Endpoint) -> None:
    answer = client.chat.completions.create(
        model=starter.model, messages=QUESTION, max_tokens=40, temperature=0
    )
    assert "France" in (answer.choices[0].message.content or "")


def test_its_answer_keeps_to_a_schema(client: openai.OpenAI, starter: Endpoint) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"enum": ["Paris", "Rome"]}},
        "required": ["city"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        model=starter.model,
        messages=QUESTION,
        temperature=0,
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
    )
    assert json.loads(answer.choices[0].message.content or "")["city"] in ("Paris", "Rome")
    assert answer.choices[0].finish_reason == "stop"


def test_tools_are_refused_in_words(client: openai.OpenAI, starter: Endpoint) -> None:
    tool: Any = {"type": "function", "function": {"name": "f"}}
    with pytest.raises(openai.BadRequestError, match="cannot use tools"):
        client.chat.completions.create(model=starter.model, messages=QUESTION, tools=[tool])


def test_a_text_is_gone_on_with(client: openai.OpenAI, starter: Endpoint) -> None:
    answer = client.completions.create(
        model=starter.model, prompt=["1 2 3 4 5 6 7", "a b c d e"], max_tokens=4, temperature=0
    )
    assert answer.choices[0].text.startswith(" 8")
    assert answer.choices[1].index == 1
