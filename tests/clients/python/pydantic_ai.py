"""Pydantic AI, which asks for a type with a tool that must be called, on either API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.messages import ModelResponse, ThinkingPart
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.python.conftest import PARIS, Endpoint

pytestmark = pytest.mark.anyio
APIS = [OpenAIChatModel, OpenAIResponsesModel]


class Colour(BaseModel):
    colour: Literal["green", "blue"]


def get_weather(city: str) -> str:
    """The weather in a city now."""
    return {"Paris": "18 degrees, sunny"}[city]


def add(a: int, b: int) -> int:
    """The sum of two numbers."""
    return a + b


def multiply(a: int, b: int) -> int:
    """The product of two numbers."""
    return a * b


async def model_at(endpoint: Endpoint, kind: type) -> AsyncGenerator[Model]:
    async with AsyncOpenAI(base_url=endpoint.url, api_key=endpoint.key, max_retries=0) as client:
        yield kind(endpoint.model, provider=OpenAIProvider(openai_client=client))


@pytest.fixture(params=APIS, ids=["chat", "responses"])
async def model(gpt_oss: Endpoint, request: pytest.FixtureRequest) -> AsyncGenerator[Model]:
    async for model in model_at(gpt_oss, request.param):
        yield model


@pytest.fixture
async def starters_model(starter: Endpoint) -> AsyncGenerator[Model]:
    async for model in model_at(starter, OpenAIChatModel):
        yield model


async def test_an_agent_answers_after_it_thought(model: Model) -> None:
    agent = Agent(model, instructions="Answer briefly.")
    result = await agent.run("What is the capital of France?")
    assert result.output == PARIS
    assert thoughts_in(result.response) == "The user asks about France. Its capital is Paris."
    assert result.usage.output_tokens > 0


def thoughts_in(response: ModelResponse) -> str:
    """A response's thoughts are raw to it; its content would be a summary, which Hearth has not."""
    (part,) = (part for part in response.parts if isinstance(part, ThinkingPart))
    return part.content or "".join((part.provider_details or {})["raw_content"])


async def test_the_effort_decides_how_long_it_thinks(model: Model) -> None:
    agent = Agent(model, model_settings=OpenAIChatModelSettings(openai_reasoning_effort="low"))
    result = await agent.run("What is 17 + 25?")
    assert result.output == "17 + 25 = 42."
    assert thoughts_in(result.response) == "42."


async def test_an_answer_is_streamed(model: Model) -> None:
    async with Agent(model).run_stream("What is the capital of France?") as run:
        pieces = [piece async for piece in run.stream_text(delta=True, debounce_by=None)]
    assert "".join(pieces) == PARIS
    assert len(pieces) > 1


async def test_tools_are_called_one_after_the_other(model: Model) -> None:
    agent = Agent(model, tools=[add, multiply])
    result = await agent.run("What is (2 + 3) * 4? Use the tools.")
    assert result.output == "(2 + 3) * 4 = 20."


async def test_the_weather_is_asked_for_and_told_and_the_talk_goes_on(model: Model) -> None:
    agent = Agent(model, tools=[get_weather])
    told = await agent.run("What is the weather in Paris?")
    assert told.output == "It is sunny in Paris, at 18 degrees."
    thanked = await agent.run("Thanks a lot.", message_history=told.all_messages())
    assert thanked.output == "Any time!"


async def test_a_tool_is_called_while_streaming(model: Model) -> None:
    agent = Agent(model, tools=[get_weather])
    async with agent.run_stream("What is the weather in Paris?") as run:
        assert await run.get_output() == "It is sunny in Paris, at 18 degrees."


async def test_a_type_is_asked_for_as_a_tool(model: Model) -> None:
    result = await Agent(model, output_type=Colour).run("What colour is grass?")
    assert isinstance(result.output, Colour)


async def test_a_type_is_asked_for_as_json(model: Model) -> None:
    agent = Agent(model, output_type=NativeOutput(Colour))
    result = await agent.run("What colour is grass? Answer in JSON.")
    assert result.output == Colour(colour="green")


async def test_an_earlier_answer_is_remembered(model: Model) -> None:
    agent = Agent(model)
    first = await agent.run("My name is Ada.")
    second = await agent.run("What is my name?", message_history=first.all_messages())
    assert second.output == "Your name is Ada."


async def test_the_starter_answers_whole_and_streamed(starters_model: Model) -> None:
    agent = Agent(starters_model, model_settings={"temperature": 0, "max_tokens": 40})
    question = "What is the capital of France?"
    whole = (await agent.run(question)).output
    assert "France" in whole
    async with agent.run_stream(question) as run:
        assert await run.get_output() == whole
