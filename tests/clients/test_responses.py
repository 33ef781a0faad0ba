"""OpenAI's client on the Responses API: its stream helper checks ids and order by itself."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, Literal

import openai
import pytest
from pydantic import BaseModel

from tests.clients.conftest import Endpoint
from tests.clients.test_gpt_oss import WEATHER

FLAT: Any = {"type": "function", "strict": False, **WEATHER["function"]}
PARIS = "The capital of France is Paris."


@pytest.fixture
def client(gpt_oss: Endpoint) -> Generator[openai.OpenAI]:
    with openai.OpenAI(base_url=gpt_oss.url, api_key=gpt_oss.key, max_retries=0) as client:
        yield client


def test_an_answer_has_thoughts_and_a_message(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    response = client.responses.create(model=gpt_oss.model, input="What is the capital of France?")
    assert response.status == "completed"
    assert response.output_text == PARIS
    thoughts, message = response.output
    assert thoughts.type == "reasoning"
    assert thoughts.content
    assert "Its capital is Paris." in thoughts.content[0].text
    assert message.type == "message"
    assert message.phase == "final_answer"
    assert response.usage is not None
    assert response.usage.output_tokens_details.reasoning_tokens > 0


def test_the_stream_helper_follows_the_events(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    with client.responses.stream(
        model=gpt_oss.model, input="What is the weather in Paris?", tools=[FLAT]
    ) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert "response.reasoning_text.delta" in kinds
    assert "response.function_call_arguments.delta" in kinds
    call = final.output[-1]
    assert call.type == "function_call"
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris"})


def test_a_conversation_goes_on_from_a_response(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    asked = client.responses.create(
        model=gpt_oss.model, input="What is the weather in Paris?", tools=[FLAT]
    )
    call = asked.output[-1]
    assert call.type == "function_call"
    answered = client.responses.create(
        model=gpt_oss.model,
        previous_response_id=asked.id,
        tools=[FLAT],
        input=[
            {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": "18 degrees, sunny",
            }
        ],
    )
    assert answered.output_text == "It is sunny in Paris, at 18 degrees."
    assert answered.usage is not None
    assert answered.usage.input_tokens_details.cached_tokens > 0
    thanked = client.responses.create(
        model=gpt_oss.model, previous_response_id=answered.id, tools=[FLAT], input="Thanks a lot."
    )
    assert thanked.output_text == "Any time!"


def test_a_conversation_may_be_sent_whole(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    said: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked = client.responses.create(model=gpt_oss.model, input=said, tools=[FLAT], store=False)
    said += [item.to_dict() for item in asked.output]
    call = asked.output[-1]
    assert call.type == "function_call"
    output = [{"type": "input_text", "text": "18 degrees, sunny"}]
    said.append({"type": "function_call_output", "call_id": call.call_id, "output": output})
    answered = client.responses.create(model=gpt_oss.model, input=said, tools=[FLAT], store=False)
    assert answered.output_text == "It is sunny in Paris, at 18 degrees."
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answered.id)


def test_a_response_is_kept_until_it_is_deleted(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    response = client.responses.create(model=gpt_oss.model, input="Hello!")
    assert client.responses.retrieve(response.id).output_text == response.output_text
    (item,) = client.responses.input_items.list(response.id).data
    assert item.type == "message"
    with pytest.raises(openai.BadRequestError, match="not streamed again"):
        client.responses.retrieve(response.id, stream=True)
    client.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError, match="send the whole conversation"):
        client.responses.create(model=gpt_oss.model, input="And?", previous_response_id=response.id)


def test_a_long_input_is_listed_page_by_page(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    said: Any = [{"role": "user", "content": f"Hello! {number}"} for number in range(5)]
    response = client.responses.create(model=gpt_oss.model, input=said, max_output_tokens=1)
    first = client.responses.input_items.list(response.id, limit=2, order="asc")
    assert first.has_more
    ids = [item.id for item in first]
    assert len(set(ids)) == 5
    assert [item.id for item in client.responses.input_items.list(response.id)] == ids[::-1]


class Colour(BaseModel):
    colour: Literal["green", "blue"]


def test_an_answer_is_parsed(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    parsed = client.responses.parse(
        model=gpt_oss.model,
        input="What colour is grass? Answer in JSON.",
        text_format=Colour,
    )
    assert parsed.output_parsed == Colour(colour="green")


def test_an_answer_that_is_cut_says_so(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    response = client.responses.create(
        model=gpt_oss.model, input="What is the capital of France?", max_output_tokens=8
    )
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output[-1].type == "reasoning"
    assert response.output_text == ""


def test_logprobs_come_when_they_are_included(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    response = client.responses.create(
        model=gpt_oss.model,
        input="Hello!",
        include=["message.output_text.logprobs"],
        top_logprobs=2,
    )
    message = response.output[-1]
    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    assert part.logprobs
    assert len(part.logprobs[0].top_logprobs) == 2


def test_an_agents_request_is_understood(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    """As coding agents send it: tools of unknown kinds, namespaces, several instructions."""
    extra: Any = {
        "instructions": "Answer briefly.",
        "input": [
            {"role": "developer", "content": [{"type": "input_text", "text": "Be kind."}]},
            {"type": "something_new", "value": 1},
            {"role": "user", "content": "What is the capital of France?"},
        ],
        "tools": [
            {"type": "web_search"},
            {"type": "namespace", "name": "x", "tools": [FLAT]},
            {"type": "custom", "name": "patch", "format": {"type": "text"}},
        ],
        "reasoning": {"effort": "medium", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "parallel_tool_calls": True,
        "store": False,
    }
    response = client.responses.create(model=gpt_oss.model, **extra)
    assert response.output_text == PARIS
    assert [tool.type for tool in response.tools] == ["namespace"]


SHOPS = ("mcp__alpha", "mcp__beta")
SUNNY = "It is sunny in Paris, at 18 degrees."
FORCED: Any = {
    **FLAT,
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"enum": ["Paris", "Rome"]}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
NAMESPACES: Any = [
    {"type": "namespace", "name": name, "description": name, "tools": [FORCED]} for name in SHOPS
]
OUTPUT: Any = {"type": "function_call_output", "output": "18 degrees, sunny"}


@pytest.mark.parametrize("namespace", SHOPS)
def test_like_named_tools_of_two_namespaces_are_told_apart(
    client: openai.OpenAI, gpt_oss: Endpoint, namespace: str
) -> None:
    """Covers C2: a call has both names in the stream and at the end, and both are read back."""
    choice: Any = {"type": "function", "name": "get_weather", "namespace": namespace}
    with client.responses.stream(
        model=gpt_oss.model,
        input="What is the weather in Paris?",
        tools=NAMESPACES,
        extra_body={"tool_choice": choice},
    ) as stream:
        events: list[Any] = [*stream]
        final = stream.get_final_response()
    told = [event.item for event in events if "output_item" in event.type]
    calls = [item for item in (*told, *final.output) if item.type == "function_call"]
    assert [(call.name, call.namespace) for call in calls] == [("get_weather", namespace)] * 3
    output = OUTPUT | {"call_id": calls[-1].call_id}
    asked: Any = {"model": gpt_oss.model, "tools": NAMESPACES, "max_output_tokens": 30}
    kept = client.responses.create(**asked, input=[output], previous_response_id=final.id)
    question = {"role": "user", "content": "What is the weather in Paris?"}
    history = [question, *(item.to_dict() for item in final.output), output]
    whole = client.responses.create(**asked, input=history)
    for answer in (kept, whole):
        assert answer.usage is not None
        assert final.usage is not None
        cached = answer.usage.input_tokens_details.cached_tokens
        assert cached > final.usage.input_tokens, "the call is not as the model wrote it"


def test_some_tools_of_a_namespace_may_be_allowed(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    """Covers C2."""
    beta: Any = {"type": "function", "name": "get_weather", "namespace": "mcp__beta"}
    choice: Any = {"type": "allowed_tools", "mode": "required", "tools": [beta]}
    response = client.responses.create(
        model=gpt_oss.model, input="Hello!", tools=NAMESPACES, extra_body={"tool_choice": choice}
    )
    call = response.output[-1]
    assert call.type == "function_call"
    assert (call.name, call.namespace) == ("get_weather", "mcp__beta")


def test_a_conversation_goes_on_by_references(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    """Covers C3 and F8."""
    ada: Any = {"role": "user", "content": "My name is Ada."}
    met = client.responses.create(model=gpt_oss.model, input=[ada])
    reference: Any = {"type": "item_reference", "id": met.output[-1].id}
    question: Any = {"role": "user", "content": "What is my name?"}
    known = client.responses.create(model=gpt_oss.model, input=[ada, reference, question])
    assert known.output_text == "Your name is Ada."


def test_a_tool_loop_by_references(client: openai.OpenAI, gpt_oss: Endpoint) -> None:
    """Covers C3: the AI SDK sends thoughts and answers by their ids. Calls and results work too."""
    said: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked = client.responses.create(model=gpt_oss.model, input=said, tools=[FLAT])
    call = asked.output[-1]
    assert call.type == "function_call"
    said += [{"type": "item_reference", "id": item.id} for item in asked.output]
    said.append(OUTPUT | {"id": "fco_own", "call_id": call.call_id})
    answered = client.responses.create(model=gpt_oss.model, input=said, tools=[FLAT])
    assert answered.output_text == SUNNY
    said[-1] = {"type": "item_reference", "id": "fco_own"}
    said += [{"type": "item_reference", "id": item.id} for item in answered.output]
    said.append({"role": "user", "content": "Thanks a lot."})
    thanked = client.responses.create(model=gpt_oss.model, input=said, tools=[FLAT])
    assert thanked.output_text == "Any time!"


def test_a_reference_to_what_is_not_kept_is_not_found(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    """Covers C3."""
    response = client.responses.create(model=gpt_oss.model, input="Hello!", store=False)
    reference: Any = {"type": "item_reference", "id": response.output[-1].id}
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.create(model=gpt_oss.model, input=[reference])


def test_thoughts_are_a_summary_where_one_is_wanted(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    """Covers C7: the stream has a summary, which is read back if there is nothing else."""
    asked: Any = {"model": gpt_oss.model, "tools": [FLAT], "store": False}
    question: Any = {"role": "user", "content": "What is the weather in Paris?"}
    with client.responses.stream(
        input=[question], reasoning={"summary": "auto"}, **asked
    ) as stream:
        events = [*stream]
        final = stream.get_final_response()
    pieces = [e.delta for e in events if e.type == "response.reasoning_summary_text.delta"]
    assert "".join(pieces) == "I need the weather tool."
    assert not [event for event in events if event.type == "response.reasoning_text.delta"]
    thought, call = final.output
    assert thought.type == "reasoning"
    assert call.type == "function_call"
    assert [part.text for part in thought.summary] == ["I need the weather tool."]
    assert final.reasoning is not None
    assert final.reasoning.summary == "auto"
    shown: Any = {"type": "reasoning", "id": thought.id, "summary": thought.to_dict()["summary"]}
    history = [question, shown, call.to_dict(), OUTPUT | {"call_id": call.call_id}]
    answered = client.responses.create(input=history, **asked)
    assert answered.output_text == SUNNY
    assert answered.usage is not None
    assert final.usage is not None
    assert answered.usage.input_tokens_details.cached_tokens > final.usage.input_tokens


def test_a_picture_in_a_tools_output_does_not_end_the_conversation(
    client: openai.OpenAI, gpt_oss: Endpoint
) -> None:
    """Covers F16."""
    call = {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": {}}
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AA"}
    history: Any = [call, OUTPUT | {"call_id": "c1", "output": [picture]}]
    history.append({"role": "user", "content": "Hello!"})
    response = client.responses.create(model=gpt_oss.model, input=history, tools=[FLAT])
    assert response.output_text == "Hello! How can I help you?"
