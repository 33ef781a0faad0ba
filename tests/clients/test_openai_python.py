"""The official client, unmodified, against a real server."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import openai
import pytest

from tests.engine.server.serving import KEY, Served, serving
from tests.fakes import ScriptedDecoder

QUESTION: Any = [
    {"role": "user", "content": [{"type": "text", "text": "Name three primary colours."}]}
]


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving() as served:
        yield served


@pytest.fixture
def client(served: Served) -> Generator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.server.url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def test_the_first_listed_model_answers(client: openai.OpenAI) -> None:
    model = client.models.list().data[0].id
    answer = client.chat.completions.create(
        model=model, messages=QUESTION, max_completion_tokens=100
    )
    assert answer.choices[0].message.content == "Red, green, blue."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 18


def test_the_first_listed_model_answers_in_a_stream(client: openai.OpenAI) -> None:
    model = client.models.list().data[0].id
    stream = client.chat.completions.create(
        model=model, messages=QUESTION, max_completion_tokens=100, stream=True
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert text == "Red, green, blue."


def test_usage_and_logprobs_are_read_from_a_stream(client: openai.OpenAI) -> None:
    *chunks, last = client.chat.completions.create(
        model="scripted",
        messages=QUESTION,
        stream=True,
        stream_options={"include_usage": True},
        logprobs=True,
        top_logprobs=1,
    )
    assert last.usage is not None
    assert last.usage.completion_tokens == 18
    tokens = [chunk.choices[0].logprobs for chunk in chunks if chunk.choices[0].delta.content]
    assert all(entry and entry.content and entry.content[0].top_logprobs for entry in tokens)


def test_errors_become_the_clients_own_exceptions(client: openai.OpenAI) -> None:
    ask = client.chat.completions.create
    with pytest.raises(openai.NotFoundError, match="not loaded"):
        ask(model="gpt-4o", messages=QUESTION)
    with pytest.raises(openai.BadRequestError, match="temperature") as refused:
        ask(model="scripted", messages=QUESTION, temperature=9)
    assert refused.value.param == "temperature"
    assert refused.value.request_id
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()


def test_a_failure_in_mid_stream_is_raised() -> None:
    with serving(ScriptedDecoder("Hello", fail_at=3)) as served:
        url = f"{served.server.url}/v1"
        with openai.OpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
            stream = client.chat.completions.create(
                model="scripted", messages=QUESTION, stream=True
            )
            with pytest.raises(openai.APIError, match="Hearth's log"):
                list(stream)


def test_a_busy_engine_is_the_clients_rate_limit() -> None:
    with serving(max_waiting=1) as served:
        url = f"{served.server.url}/v1"
        with openai.OpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
            with served.kept_busy(), pytest.raises(openai.RateLimitError) as refused:
                client.chat.completions.create(model="scripted", messages=QUESTION)
            assert refused.value.response.headers["retry-after"] == "1"
