"""LangChain's ChatOpenAI, on either API."""

from __future__ import annotations

from typing import Literal

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient
from pydantic import BaseModel

from tests.clients.python.conftest import PARIS, Endpoint


@tool
def get_weather(city: str) -> str:
    """The weather in a city now."""
    return {"Paris": "18 degrees, sunny"}[city]


class Colour(BaseModel):
    """The colour of a thing."""

    colour: Literal["green", "blue"]


class Capital(BaseModel):
    """The capital of a country."""

    city: Literal["Paris", "Rome"]


def chat_with(endpoint: Endpoint, **options: object) -> ChatOpenAI:
    return ChatOpenAI(
        base_url=endpoint.url,
        api_key=endpoint.key,
        model=endpoint.model,
        max_retries=0,
        stream_usage=True,
        **options,
    )


@pytest.fixture(params=[False, True], ids=["chat", "responses"])
def is_responses(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture
def chat(gpt_oss: Endpoint, is_responses: bool) -> ChatOpenAI:
    return chat_with(gpt_oss, use_responses_api=is_responses)


def test_it_answers(chat: ChatOpenAI) -> None:
    answer = chat.invoke(
        [SystemMessage("Answer briefly."), HumanMessage("What is the capital of France?")]
    )
    assert answer.text == PARIS
    assert answer.usage_metadata
    assert answer.usage_metadata["output_token_details"]["reasoning"] > 0


def test_questions_asked_at_once_are_all_answered(chat: ChatOpenAI) -> None:
    answers = chat.batch(["What is the capital of France?", "Name a fruit."] * 3)
    assert [answer.text for answer in answers] == [PARIS, "An apple."] * 3


def test_an_answer_is_streamed(chat: ChatOpenAI) -> None:
    chunks = list(chat.stream("What is the capital of France?"))
    assert "".join(chunk.text for chunk in chunks) == PARIS
    assert len([chunk for chunk in chunks if chunk.text]) > 1
    assert any(chunk.usage_metadata for chunk in chunks)


@pytest.mark.anyio
async def test_an_answer_is_streamed_to_a_coroutine(gpt_oss: Endpoint, is_responses: bool) -> None:
    async with DefaultAsyncHttpxClient() as http:  # its own one is shared and never closed
        chat = chat_with(gpt_oss, use_responses_api=is_responses, http_async_client=http)
        chunks = [chunk async for chunk in chat.astream("What is the capital of France?")]
    assert "".join(chunk.text for chunk in chunks) == PARIS


def test_a_tool_is_called_and_its_result_answered(chat: ChatOpenAI) -> None:
    bound = chat.bind_tools([get_weather])
    said = [HumanMessage("What is the weather in Paris?")]
    said.append(bound.invoke(said))
    (call,) = said[-1].tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
    said.append(get_weather.invoke(call))
    said.append(bound.invoke(said))
    assert said[-1].text == "It is sunny in Paris, at 18 degrees."
    assert bound.invoke([*said, HumanMessage("Thanks a lot.")]).text == "Any time!"


def test_a_call_is_streamed_in_pieces(chat: ChatOpenAI) -> None:
    first, *others = chat.bind_tools([get_weather]).stream("What is the weather in Paris?")
    whole = sum(others, first)
    (call,) = whole.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})


@pytest.mark.parametrize("choice", ["any", "get_weather"])
def test_a_tool_must_be_called(chat: ChatOpenAI, choice: str) -> None:
    bound = chat.bind_tools([get_weather], tool_choice=choice, strict=True)
    (call,) = bound.invoke("What is the weather in Paris?").tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})


def test_an_answer_is_of_the_type_that_was_asked_for(chat: ChatOpenAI) -> None:
    painter = chat.with_structured_output(Colour)
    assert painter.invoke("What colour is grass? Answer in JSON.") == Colour(colour="green")


def test_a_type_may_be_asked_for_as_a_tool(chat: ChatOpenAI) -> None:
    painter = chat.with_structured_output(Colour, method="function_calling", strict=True)
    assert isinstance(painter.invoke("What colour is grass?"), Colour)


def test_an_earlier_answer_is_remembered(chat: ChatOpenAI) -> None:
    said = [HumanMessage("Name a fruit.")]
    said.append(chat.invoke(said))
    said.append(HumanMessage("And another one?"))
    answer = chat.invoke(said)
    assert isinstance(answer, AIMessage)
    assert answer.text == "A banana."


def test_the_server_remembers_between_responses(gpt_oss: Endpoint) -> None:
    chat = chat_with(gpt_oss, use_responses_api=True, use_previous_response_id=True)
    said = [HumanMessage("Name a fruit.")]
    said.append(chat.invoke(said))
    assert chat.invoke([*said, HumanMessage("And another one?")]).text == "A banana."


def test_the_starter_answers_whole_streamed_and_as_a_type(starter: Endpoint) -> None:
    chat = chat_with(starter, temperature=0, max_tokens=40)
    question = "What is the capital of France?"
    whole = chat.invoke(question).text
    assert "France" in whole
    assert "".join(chunk.text for chunk in chat.stream(question)) == whole
    assert chat.with_structured_output(Capital).invoke(question).city in ("Paris", "Rome")
