"""OpenAI's client with gpt-oss: thoughts, tools, JSON, and texts without a conversation."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, Literal

import openai
import pytest
from pydantic import BaseModel

from tests.clients.conftest import Endpoint

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city now.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "The city's name"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["city"],
        },
    },
}
ADD: Any = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "The sum of two numbers.",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
            "required": ["a", "b"],
        },
    },
}


@pytest.fixture
def client(gpt_oss: Endpoint) -> Generator[openai.OpenAI]:
    with openai.OpenAI(base_url=gpt_oss.url, api_key=gpt_oss.key, max_retries=0) as client:
        yield client


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def test_a_tool_is_called_and_its_result_answered(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    said = user("What is the weather in Paris?")
    asked = client.chat.completions.create(model=gpt_oss.model, messages=said, tools=[WEATHER])
    choice = asked.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert choice.message.tool_calls is not None
    (call,) = choice.message.tool_calls
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == (
        "get_weather",
        {"city": "Paris"},
    )
    said.append(choice.message.to_dict())
    said.append({"role": "tool", "tool_call_id": call.id, "content": "18 degrees, sunny"})
    answered = client.chat.completions.create(model=gpt_oss.model, messages=said, tools=[WEATHER])
    assert answered.choices[0].message.content == "It is sunny in Paris, at 18 degrees."
    assert answered.usage is not None
    details = answered.usage.completion_tokens_details
    assert details is not None
    assert details.reasoning_tokens
    cached = answered.usage.prompt_tokens_details
    assert cached is not None
    assert asked.usage is not None
    assert (cached.cached_tokens or 0) > asked.usage.prompt_tokens


def test_a_call_is_streamed_in_pieces(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    with client.chat.completions.stream(
        model=gpt_oss.model, messages=user("What is the weather in Paris?"), tools=[WEATHER]
    ) as stream:
        whole = stream.get_final_completion()
    calls = whole.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].function.arguments == '{"city":"Paris"}'
    assert whole.choices[0].finish_reason == "tool_calls"


def test_no_tool_is_called_where_none_may_be(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    answer = client.chat.completions.create(
        model=gpt_oss.model,
        messages=user("What is the weather in Paris?"),
        tools=[WEATHER],
        tool_choice="none",
        max_tokens=60,
    )
    assert answer.choices[0].message.tool_calls is None


@pytest.mark.parametrize("is_strict", [True, False])
@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "add"}}])
def test_a_tool_is_called_where_one_must_be(
    client: openai.OpenAI, gpt_oss: Endpoint, choice: Any, is_strict: bool
) -> None:
    numbers = {name: {"enum": [1, 2]} for name in "ab"}
    schema = {**ADD["function"]["parameters"], "properties": numbers, "additionalProperties": False}
    add: Any = {**ADD, "function": {**ADD["function"], "strict": is_strict, "parameters": schema}}
    answer = client.chat.completions.create(
        model=gpt_oss.model,
        messages=user("Tell me a joke."),
        tools=[add],
        tool_choice=choice,
        max_tokens=200,
        seed=1,
    )
    assert answer.choices[0].message.tool_calls is not None
    (call,) = answer.choices[0].message.tool_calls
    assert call.type == "function"
    assert {*json.loads(call.function.arguments)} == {"a", "b"}


class Colour(BaseModel):
    colour: Literal["green", "blue"]


def test_an_answer_is_parsed_into_the_clients_own_class(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    parsed = client.chat.completions.parse(
        model=gpt_oss.model,
        messages=user("What colour is grass? Answer in JSON."),
        response_format=Colour,
    )
    assert parsed.choices[0].message.parsed == Colour(colour="green")


def test_any_answer_is_json_where_json_is_asked_for(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    answer = client.chat.completions.create(
        model=gpt_oss.model,
        messages=user("Hello!"),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "x", "schema": {"enum": ["yes", "no"]}, "strict": True},
        },
    )
    assert json.loads(answer.choices[0].message.content or "") in ("yes", "no")


def test_a_schema_that_cannot_be_kept_is_refused_with_its_keyword(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    with pytest.raises(openai.BadRequestError, match="uniqueItems") as refused:
        client.chat.completions.create(
            model=gpt_oss.model,
            messages=user("Hello!"),
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "name": "x",
                    "strict": True,
                    "schema": {"type": "array", "uniqueItems": True},
                },
            },
        )
    assert refused.value.param == "response_format"


@pytest.mark.parametrize(("effort", "thought"), [("low", "42."), ("high", "tens first")])
def test_the_effort_decides_how_long_it_thinks(
    client: openai.OpenAI, gpt_oss: Endpoint, effort: Any, thought: str
) -> None:
    answer = client.chat.completions.create(
        model=gpt_oss.model, messages=user("What is 17 + 25?"), reasoning_effort=effort
    )
    assert thought in getattr(answer.choices[0].message, "reasoning")  # noqa: B009
    assert answer.choices[0].message.content == "17 + 25 = 42."


def test_an_answer_that_ends_within_its_thoughts_says_so(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    answer = client.chat.completions.create(
        model=gpt_oss.model, messages=user("What is the capital of France?"), max_tokens=8
    )
    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].message.content == ""
    assert getattr(answer.choices[0].message, "reasoning")  # noqa: B009


def test_several_choices_are_several_answers(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    answer = client.chat.completions.create(
        model=gpt_oss.model, messages=user("What is the capital of France?"), n=3
    )
    texts = [choice.message.content for choice in answer.choices]
    assert texts == ["The capital of France is Paris."] * 3
    assert [choice.index for choice in answer.choices] == [0, 1, 2]


def test_several_choices_are_streamed_by_their_index(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    texts = ["", ""]
    chunks = client.chat.completions.create(
        model=gpt_oss.model, messages=user("What is the capital of France?"), n=2, stream=True
    )
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == ["The capital of France is Paris."] * 2


def test_a_text_is_gone_on_with(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    whole = client.completions.create(
        model=gpt_oss.model, prompt="The capital", max_tokens=5, logprobs=2, seed=1
    )
    (choice,) = whole.choices
    assert choice.logprobs is not None
    assert choice.logprobs.tokens is not None
    assert len(choice.logprobs.tokens) == 5
    assert choice.logprobs.text_offset is not None
    assert choice.logprobs.text_offset[0] == 0
    echoed = client.completions.create(
        model=gpt_oss.model, prompt="The capital", max_tokens=5, echo=True, seed=1
    )
    assert echoed.choices[0].text == "The capital" + choice.text
    chunks = client.completions.create(
        model=gpt_oss.model, prompt="The capital", max_tokens=5, stream=True, seed=1
    )
    text = "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)
    assert text == choice.text


@pytest.mark.parametrize("words", [180, 203, 226, 249, 272])
def test_a_conversation_goes_on_after_another_one(
    client: openai.OpenAI, gpt_oss: Endpoint, words: int
) -> None:
    """C1 and A1: an agent's fixed instructions, another question, and the instructions again."""
    rules = {"role": "developer", "content": "Be brief. " + f"rule{words} " * words}
    france = user("What is the capital of France?")
    cached = 0
    for said in ([rules, *user("Who wrote Hamlet?")], user(f"Hello! {words}"), [rules, *france]):
        answer = client.chat.completions.create(
            model=gpt_oss.model, messages=said, max_tokens=60, temperature=0
        )
        assert answer.usage is not None
        assert answer.usage.prompt_tokens_details is not None
        cached = answer.usage.prompt_tokens_details.cached_tokens or 0
    assert cached > words
