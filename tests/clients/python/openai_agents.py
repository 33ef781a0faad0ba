"""The OpenAI Agents SDK, which runs the tools itself and speaks either API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal

import pytest
from agents import (
    Agent,
    Model,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    SQLiteSession,
    function_tool,
)
from openai import AsyncOpenAI
from openai.types.shared import Reasoning
from pydantic import BaseModel

from tests.clients.python.conftest import PARIS, Endpoint

pytestmark = pytest.mark.anyio
UNTRACED = RunConfig(tracing_disabled=True)
APIS = [OpenAIResponsesModel, OpenAIChatCompletionsModel]


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city now."""
    return {"Paris": "18 degrees, sunny"}[city]


@function_tool
def add(a: int, b: int) -> int:
    """The sum of two numbers."""
    return a + b


@function_tool
def multiply(a: int, b: int) -> int:
    """The product of two numbers."""
    return a * b


class Colour(BaseModel):
    colour: Literal["green", "blue"]


@pytest.fixture(params=APIS, ids=["responses", "chat"])
async def model(gpt_oss: Endpoint, request: pytest.FixtureRequest) -> AsyncGenerator[Model]:
    async with AsyncOpenAI(base_url=gpt_oss.url, api_key=gpt_oss.key, max_retries=0) as client:
        yield request.param(model=gpt_oss.model, openai_client=client)


async def test_an_agent_answers(model: Model) -> None:
    agent = Agent(name="Guide", instructions="Answer briefly.", model=model)
    result = await Runner.run(agent, "What is the capital of France?", run_config=UNTRACED)
    assert result.final_output == PARIS


async def test_an_answer_is_streamed(model: Model) -> None:
    agent = Agent(name="Guide", model=model)
    run = Runner.run_streamed(agent, "What is the capital of France?", run_config=UNTRACED)
    kinds: set[str] = set()
    text = ""
    async for event in run.stream_events():
        if event.type == "raw_response_event":
            kinds.add(event.data.type)
            if event.data.type == "response.output_text.delta":
                text += event.data.delta
    assert text == run.final_output == PARIS
    assert "response.completed" in kinds


async def test_the_weather_is_asked_for_and_told_and_the_talk_goes_on(model: Model) -> None:
    agent = Agent(name="Guide", instructions="Use tools.", model=model, tools=[get_weather])
    told = await Runner.run(agent, "What is the weather in Paris?", run_config=UNTRACED)
    assert told.final_output == "It is sunny in Paris, at 18 degrees."
    history = [*told.to_input_list(), {"role": "user", "content": "Thanks a lot."}]
    thanked = await Runner.run(agent, history, run_config=UNTRACED)
    assert thanked.final_output == "Any time!"


async def test_one_tool_after_the_other_is_called_while_streaming(model: Model) -> None:
    agent = Agent(name="Reckoner", model=model, tools=[add, multiply])
    run = Runner.run_streamed(agent, "What is (2 + 3) * 4? Use the tools.", run_config=UNTRACED)
    items = [
        event.item.type
        async for event in run.stream_events()
        if event.type == "run_item_stream_event"
    ]
    assert items.count("tool_call_output_item") == 2
    assert run.final_output == "(2 + 3) * 4 = 20."


async def test_a_tool_must_be_called(model: Model) -> None:
    """The model would not by itself; the SDK ends at the tool's result."""
    agent = Agent(
        name="Guide",
        model=model,
        tools=[function_tool(lambda: "done", name_override="now", description_override="Now.")],
        model_settings=ModelSettings(tool_choice="required", max_tokens=200),
        tool_use_behavior="stop_on_first_tool",
    )
    result = await Runner.run(agent, "Tell me a joke.", run_config=UNTRACED)
    assert result.final_output == "done"


async def test_an_answer_is_of_the_type_that_was_asked_for(model: Model) -> None:
    agent = Agent(name="Painter", model=model, output_type=Colour)
    question = "What colour is grass? Answer in JSON."
    result = await Runner.run(agent, question, run_config=UNTRACED)
    assert result.final_output == Colour(colour="green")


async def test_a_session_remembers(model: Model) -> None:
    agent = Agent(name="Grocer", model=model)
    session = SQLiteSession("fruit")
    try:
        answers = [
            (await Runner.run(agent, line, session=session, run_config=UNTRACED)).final_output
            for line in ("Name a fruit.", "And another one?", "Which of them is yellow?")
        ]
    finally:
        session.close()
    assert answers == ["An apple.", "A banana.", "The banana is yellow."]


@pytest.mark.parametrize("model", APIS[:1], indirect=True)
async def test_the_server_remembers_between_responses(model: Model) -> None:
    agent = Agent(name="Guide", model=model, tools=[get_weather])
    told = await Runner.run(
        agent,
        "What is the weather in Paris?",
        auto_previous_response_id=True,
        run_config=UNTRACED,
    )
    assert told.final_output == "It is sunny in Paris, at 18 degrees."
    thanked = await Runner.run(
        agent,
        "Thanks a lot.",
        previous_response_id=told.last_response_id,
        run_config=UNTRACED,
    )
    assert thanked.final_output == "Any time!"


@pytest.mark.parametrize("model", APIS[:1], indirect=True)
async def test_nothing_need_be_kept_on_the_server(model: Model) -> None:
    """Each request then carries the thoughts of the earlier ones."""
    agent = Agent(
        name="Reckoner",
        model=model,
        tools=[add, multiply],
        model_settings=ModelSettings(
            store=False,
            parallel_tool_calls=True,
            response_include=["reasoning.encrypted_content"],
            reasoning=Reasoning(effort="medium", summary="auto"),
        ),
    )
    question = "What is (2 + 3) * 4? Use the tools."
    result = await Runner.run(agent, question, run_config=UNTRACED)
    assert result.final_output == "(2 + 3) * 4 = 20."


async def test_an_agent_hands_over_to_another(model: Model) -> None:
    guide = Agent(name="Guide", model=model, tools=[get_weather])
    porter = Agent(
        name="Porter",
        model=model,
        handoffs=[guide],
        model_settings=ModelSettings(tool_choice="transfer_to_guide"),
    )
    result = await Runner.run(porter, "What is the capital of France?", run_config=UNTRACED)
    assert result.last_agent is guide
    assert result.final_output
