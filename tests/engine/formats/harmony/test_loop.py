"""The loop with Harmony: thoughts, calls, the answer that is asked for now, and what is reused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import openai_harmony as harmony

from engine.cancellation import Cancellation
from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import LOGITS
from engine.generate import chunk_ends, generate, never
from engine.protocols import Prompt
from engine.repetition import SHORTEST_LOOP
from engine.types import (
    Channel,
    ChatRequest,
    Finished,
    FinishReason,
    GenerationEvent,
    Message,
    Role,
    Sampling,
    Started,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    Usage,
)
from tests.fakes import ScriptedDecoder, scripted_model

GREEDY = Sampling(temperature=0)
ASKED = ChatRequest((Message.of(Role.USER, "Hi"),), GREEDY)
THOUGHT = "<|channel|>analysis<|message|>They greet me.<|end|><|start|>assistant"
ANSWER = "<|channel|>final<|message|>Hello!<|return|>"
BACK_TO_ANSWER = "<|end|><|start|>assistant<|channel|>final<|message|>"
CALL = '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a":1}<|call|>'


def decoder_of(encoding: harmony.HarmonyEncoding, script: str) -> ScriptedDecoder:
    ids = encoding.encode(script, allowed_special="all")
    return ScriptedDecoder(ids, vocabulary=LOGITS)


def run(
    form: HarmonyFormat,
    decoder: ScriptedDecoder,
    request: ChatRequest = ASKED,
    answer_now: Callable[[], bool] = never,
) -> list[GenerationEvent]:
    model = scripted_model(decoder, chat_format=form)
    return list(generate(model, request, Cancellation(), answer_now))


def text(events: list[GenerationEvent], channel: Channel) -> str:
    said = (e for e in events if isinstance(e, TextDelta) and e.channel is channel)
    return "".join(event.text for event in said)


def end_of(events: list[GenerationEvent]) -> tuple[FinishReason, Usage]:
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.usage is not None
    return finished.reason, finished.usage


def test_thoughts_and_answer_come_apart(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    events = run(form, decoder_of(encoding, THOUGHT + ANSWER))
    assert text(events, Channel.ANALYSIS) == "They greet me."
    assert text(events, Channel.FINAL) == "Hello!"
    reason, usage = end_of(events)
    assert reason is FinishReason.STOP
    assert usage.completion_tokens == len(encoding.encode(THOUGHT + ANSWER, allowed_special="all"))
    assert 4 <= usage.reasoning_tokens < usage.completion_tokens - 3


def test_a_call_ends_the_answer_as_one(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    request = replace(ASKED, tools=(Tool("f"),))
    events = run(form, decoder_of(encoding, THOUGHT + CALL), request)
    (call,) = [event for event in events if isinstance(event, ToolCall)]
    assert (call.name, call.arguments) == ("f", '{"a":1}')
    assert end_of(events)[0] is FinishReason.TOOL_CALLS


def test_a_tool_loop_prefills_only_the_result(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    request = replace(ASKED, tools=(Tool("f"),))
    decoder = decoder_of(encoding, THOUGHT + CALL)
    first = run(form, decoder, request)
    (call,) = [event for event in first if isinstance(event, ToolCall)]
    back = (
        Message.of(Role.ASSISTANT, "They greet me.", Channel.ANALYSIS),
        Message(Role.ASSISTANT, (), tool_calls=(call,)),
        Message(Role.TOOL, (TextPart("2"),), name="f"),
    )
    decoder.script = encoding.encode(ANSWER, allowed_special="all")
    second = run(form, decoder, replace(request, messages=(*request.messages, *back)))
    started = next(event for event in second if isinstance(event, Started))
    usage = end_of(first)[1]
    assert started.cached_tokens == usage.context_tokens - 1  # the end token was never decoded


def test_the_answer_can_be_asked_for_amid_the_thoughts(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    decoder = decoder_of(encoding, THOUGHT.replace("greet", "greet " * 50) + ANSWER)
    wanted = iter([False] * 8 + [True] * 1000)
    decoder.script[20:] = encoding.encode("Hello!<|return|>", allowed_special="all")
    events = run(form, decoder, answer_now=lambda: next(wanted))
    assert text(events, Channel.ANALYSIS).startswith("They greet")
    assert text(events, Channel.FINAL).endswith("Hello!")
    assert end_of(events)[0] is FinishReason.STOP


def test_thoughts_that_repeat_themselves_end_and_the_answer_begins(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    thought = "<|channel|>analysis<|message|>" + " But wait, they greet me." * 250
    decoder = decoder_of(encoding, thought)
    answer = encoding.encode("Hello!<|return|>", allowed_special="all")
    to_answer = len(encoding.encode(BACK_TO_ANSWER, allowed_special="all"))
    looped_at = 3 + SHORTEST_LOOP  # after the header
    decoder.script[looped_at + to_answer :] = answer
    events = run(form, decoder)
    assert text(events, Channel.ANALYSIS).startswith(" But wait, they greet me. But wait,")
    assert text(events, Channel.FINAL) == "Hello!"
    assert events[-1] == Finished(*end_of(events), is_loop=False)
    assert end_of(events)[0] is FinishReason.STOP


def test_an_answer_that_repeats_itself_after_such_thoughts_is_stopped(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    decoder = decoder_of(encoding, "<|channel|>analysis<|message|>" + "But wait, " * 2000)
    events = run(form, decoder)
    assert "But wait, But wait, " in text(events, Channel.FINAL)
    assert events[-1] == Finished(*end_of(events), is_loop=True)
    assert end_of(events)[0] is FinishReason.STOP


def test_a_call_that_repeats_itself_is_cut(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    decoder = decoder_of(encoding, CALL.replace('{"a":1}<|call|>', '{"a":[' + "0, " * 2000))
    events = run(form, decoder, replace(ASKED, tools=(Tool("f"),)))
    assert events[-1] == Finished(*end_of(events), is_loop=True)
    assert end_of(events)[0] is FinishReason.LENGTH


def test_a_model_without_thoughts_is_not_hurried() -> None:
    decoder = ScriptedDecoder("Good day.")
    request = ChatRequest(ASKED.messages)
    events = list(generate(scripted_model(decoder), request, Cancellation(), lambda: True))
    assert text(events, Channel.FINAL) == "Good day."


def test_chunks_end_where_turns_do_unless_they_would_be_short() -> None:
    prompt = Prompt([0] * 1500, turns=(10, 100, 700, 1490))
    assert chunk_ends(0, prompt, 512) == [100, 612, 700, 1212, 1490, 1500]
    assert chunk_ends(690, prompt, 512) == [1202, 1490, 1500]
    assert chunk_ends(1499, prompt, 512) == [1500]
