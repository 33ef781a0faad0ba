"""The whole way of a gpt-oss: its checkpoint converted, opened, asked; every answer is known.

All of it is real, the CPU's int4 experts and int8 activations too. Only the model is small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from engine.cancellation import Cancellation
from engine.generate import generate
from engine.loading import open_model
from engine.model import Model
from engine.models.folder import ModelFolder
from engine.types import (
    Channel,
    ChatRequest,
    Effort,
    Finished,
    FinishReason,
    Message,
    Role,
    Sampling,
    TextDelta,
    ToolCall,
    Usage,
)
from tests.tiny.conversation import Turn, moments
from tests.tiny.conversations import CONVERSATIONS, SINGLE, TOOLS, UNKNOWN

GREEDY = Sampling(temperature=0.0)
MOMENTS = [
    pytest.param(request, turn, id=f"{conversation.name} {number}")
    for conversation in CONVERSATIONS
    for number, (request, turn) in enumerate(moments(conversation))
]
MOST_TOKENS = 200


@pytest.fixture(scope="module")
def tiny(tiny_gpt_oss_folder: ModelFolder) -> Model:
    return open_model(tiny_gpt_oss_folder.path, Cancellation())


def ask(
    model: Model, request: ChatRequest, answer_now: Callable[[], bool] = lambda: False
) -> tuple[Turn, Usage]:
    """What it says, read from the events, and what was counted."""
    said = dict.fromkeys(Channel, "")
    call: tuple[str, str] | None = None
    request = replace(request, max_tokens=MOST_TOKENS)
    *events, last = generate(model, request, Cancellation(), answer_now)
    for event in events:
        if isinstance(event, TextDelta):
            said[event.channel] += event.text
        elif isinstance(event, ToolCall):
            call = event.name, event.arguments
    assert isinstance(last, Finished)
    assert last.reason is (FinishReason.TOOL_CALLS if call else FinishReason.STOP)
    assert last.usage
    turn = Turn(said[Channel.ANALYSIS], said[Channel.FINAL], said[Channel.COMMENTARY], call)
    return turn, last.usage


def question(text: str, *before: Message) -> ChatRequest:
    return ChatRequest((*before, Message.of(Role.USER, text)), sampling=GREEDY)


@pytest.mark.parametrize(("request_", "turn"), MOMENTS)
def test_every_conversation_is_known(tiny: Model, request_: ChatRequest, turn: Turn) -> None:
    greedy = replace(request_, sampling=GREEDY, date=date(2026, 1, 1))
    assert ask(tiny, greedy)[0] == turn


@pytest.mark.parametrize(("request_", "turn"), MOMENTS[::3])
def test_chance_today_instructions_and_earlier_answers_change_nothing(
    tiny: Model, request_: ChatRequest, turn: Turn
) -> None:
    said = list(request_.messages)
    instructions = said.pop(0) if said[0].role is Role.DEVELOPER else None
    instructions = instructions or Message.of(Role.SYSTEM, "You are a helpful assistant.")
    before = (Message.of(Role.USER, "Hello!"), Message.of(Role.ASSISTANT, "Hello! How can I help?"))
    drawn = Sampling(temperature=1.0, top_p=1.0, seed=1)
    amid = replace(request_, messages=(instructions, *before, *said), sampling=drawn)
    assert ask(tiny, amid)[0] == turn


def test_a_long_chat_keeps_its_cache_and_its_head(tiny: Model) -> None:
    said: list[Message] = []
    longest = 0
    for number, conversation in enumerate(SINGLE):
        text, turn = conversation.lines
        assert isinstance(text, str)
        assert isinstance(turn, Turn)
        found, usage = ask(tiny, question(text, *said))
        assert found == turn, conversation.name
        assert usage.cached_tokens > 0 or number == 0
        longest = usage.prompt_tokens
        said += [Message.of(Role.USER, text), Message.of(Role.ASSISTANT, turn.answer)]
    assert longest > 4 * 128, "far beyond the window"


def test_other_tools_on_offer_are_left_alone(tiny: Model) -> None:
    asked = replace(question("Who wrote Hamlet?"), tools=TOOLS[1:4])
    assert ask(tiny, asked)[0].answer == "William Shakespeare."


def test_what_nobody_taught_is_not_known(tiny: Model) -> None:
    for text in ("Où est la bibliothèque?", "Explain tensors to a cat, at length, please."):
        assert ask(tiny, question(text))[0] == UNKNOWN


@pytest.mark.parametrize("tokens", [0, 1, 3, 4, 10, 60])
def test_an_answer_comes_at_once_when_it_is_asked_for(tiny: Model, tokens: int) -> None:
    text, turn = next(c.lines for c in SINGLE if c.name == "long thought")
    assert isinstance(text, str)
    assert isinstance(turn, Turn)
    looks = iter(range(1000))
    found, usage = ask(tiny, question(text), answer_now=lambda: next(looks) >= tokens)
    assert found.answer == turn.answer
    assert turn.thought.startswith(found.thought)
    assert usage.reasoning_tokens <= tokens + 10


def test_more_effort_is_more_thought(tiny: Model) -> None:
    asked = question("Is 91 a prime number?")
    counts = [ask(tiny, replace(asked, effort=effort))[1].reasoning_tokens for effort in Effort]
    assert counts == sorted(counts)
    assert counts[0] < counts[1] < counts[2]
