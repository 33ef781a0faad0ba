"""The loop over a scripted decoder: what is said, counted, held back and reused."""

from __future__ import annotations

import math

import pytest

from engine.cancellation import Cancellation
from engine.errors import ContextOverflow
from engine.generate import generate
from engine.repetition import SHORTEST_LOOP
from engine.types import (
    ChatRequest,
    CompletionRequest,
    Finished,
    FinishReason,
    GenerationEvent,
    JsonAnswer,
    Message,
    Progress,
    Request,
    Role,
    Sampling,
    Started,
    TextDelta,
    Usage,
)
from tests.fakes import CHUNK_TOKENS, END, ScriptedDecoder, scripted_model

EMPTY_PROMPT_TOKENS = len("user\n\nassistant\n") + 3


def ask(text: str = "Hi", **options: object) -> ChatRequest:
    return ChatRequest((Message.of(Role.USER, text),), **options)  # type: ignore[arg-type]


def run(decoder: ScriptedDecoder, request: Request) -> list[GenerationEvent]:
    return list(generate(scripted_model(decoder), request, Cancellation()))


def text_of(events: list[GenerationEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def end_of(events: list[GenerationEvent]) -> tuple[FinishReason, Usage]:
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.usage is not None
    return finished.reason, finished.usage


def test_an_answer_ends_at_the_end_token_which_is_no_text() -> None:
    events = run(ScriptedDecoder("Good day."), ask())
    assert text_of(events) == "Good day."
    reason, usage = end_of(events)
    assert reason is FinishReason.STOP
    assert usage.completion_tokens == len("Good day.") + 1


def test_characters_over_several_tokens_come_whole() -> None:
    events = run(ScriptedDecoder("né ☃"), ask())
    assert [e.text for e in events if isinstance(e, TextDelta)] == ["n", "é", " ", "☃"]


def test_a_stop_string_ends_the_answer_before_it() -> None:
    decoder = ScriptedDecoder("one, two, three")
    events = run(decoder, ask(stop=(", t",)))
    assert text_of(events) == "one"
    assert end_of(events)[0] is FinishReason.STOP
    assert decoder.decoded == len("one, t") - 1, "nothing is decoded after it"


def test_what_looked_like_a_stop_string_is_told_in_the_end() -> None:
    assert text_of(run(ScriptedDecoder("wait"), ask(stop=("ity",)))) == "wait"
    assert text_of(run(ScriptedDecoder("wait"), ask(stop=("ity",), max_tokens=3))) == "wai"


def test_the_limit_ends_with_length_and_decodes_no_more_than_needed() -> None:
    decoder = ScriptedDecoder("Good day.")
    events = run(decoder, ask(max_tokens=4))
    assert text_of(events) == "Good"
    assert end_of(events)[0] is FinishReason.LENGTH
    assert decoder.decoded == 3


def test_half_a_character_at_the_limit_is_not_told() -> None:
    assert text_of(run(ScriptedDecoder("a☃"), ask(max_tokens=3))) == "a"


def test_a_full_context_ends_with_length() -> None:
    decoder = ScriptedDecoder("x" * 100, context_length=EMPTY_PROMPT_TOKENS + 10)
    events = run(decoder, ask(""))
    assert text_of(events) == "x" * 10
    reason, usage = end_of(events)
    assert reason is FinishReason.LENGTH
    assert usage.context_tokens == decoder.context_length


def test_a_prompt_that_leaves_no_room_is_refused_before_anything_runs() -> None:
    decoder = ScriptedDecoder("x", context_length=EMPTY_PROMPT_TOKENS)
    with pytest.raises(ContextOverflow) as error:
        run(decoder, ask(""))
    assert error.value.prompt_tokens == EMPTY_PROMPT_TOKENS
    assert not decoder.prefilled


def test_a_long_prompt_is_read_in_chunks_with_progress() -> None:
    decoder = ScriptedDecoder("ok")
    events = run(decoder, ask("x" * 1200))
    total = EMPTY_PROMPT_TOKENS + 1200
    assert decoder.prefilled == [512, 512, total - 1024]
    assert text_of(events) == "ok"
    assert [e for e in events if isinstance(e, Progress)] == [
        Progress(CHUNK_TOKENS, total),
        Progress(2 * CHUNK_TOKENS, total),
        Progress(total, total),
    ]


def test_a_followup_reads_only_what_is_new() -> None:
    decoder = ScriptedDecoder("ok")
    first = ask("x" * 100)
    run(decoder, first)
    second = ChatRequest(
        (*first.messages, Message.of(Role.ASSISTANT, "ok"), Message.of(Role.USER, "y"))
    )
    events = run(decoder, second)
    started = events[0]
    assert isinstance(started, Started)
    assert started.cached_tokens == EMPTY_PROMPT_TOKENS + 100 + len("ok")
    assert decoder.prefilled[-1] == started.prompt_tokens - started.cached_tokens
    assert end_of(events)[1].cached_tokens == started.cached_tokens


def test_a_cancel_tells_what_was_sampled_so_far() -> None:
    cancellation = Cancellation()
    events: list[GenerationEvent] = []
    for event in generate(scripted_model(ScriptedDecoder("Good day.")), ask(), cancellation):
        events.append(event)
        if text_of(events) == "Goo":
            cancellation.set()
    reason, usage = end_of(events)
    assert reason is FinishReason.CANCELLED
    assert text_of(events) == "Goo"
    assert usage.completion_tokens == 3


def test_log_probabilities_are_the_models_own_before_any_bias() -> None:
    request = ask(top_logprobs=2, sampling=Sampling(logit_bias={ord("!"): 100}), max_tokens=1)
    events = run(ScriptedDecoder("a"), request)
    assert text_of(events) == "!"
    delta = next(event for event in events if isinstance(event, TextDelta))
    (entry,) = delta.logprobs
    assert (entry.token, entry.token_id) == (b"!", ord("!"))
    assert entry.logprob < math.log(1e-10)
    assert entry.top[0].token == b"a"
    assert entry.top[0].logprob == pytest.approx(0, abs=1e-6)


def test_the_end_token_has_no_log_probability_of_its_own_in_the_text() -> None:
    events = run(ScriptedDecoder("a"), ask(top_logprobs=0))
    entries = [entry for e in events if isinstance(e, TextDelta) for entry in e.logprobs]
    assert [entry.token_id for entry in entries] == [ord("a")]
    assert END not in [entry.token_id for entry in entries]


def test_the_same_seed_says_the_same() -> None:
    def answer(seed: int) -> str:
        sampling = Sampling(temperature=2.0, seed=seed, logit_bias=dict.fromkeys(b"abcd", 50.0))
        return text_of(run(ScriptedDecoder("e" * 30), ask(sampling=sampling, max_tokens=30)))

    assert answer(1) == answer(1)
    assert answer(1) != answer(2)


# loops

LOOP = "Well:" + "I hope you enjoy it. " * 200


def test_an_answer_that_repeats_itself_is_stopped() -> None:
    decoder = ScriptedDecoder(LOOP, context_length=8192)
    events = run(decoder, ask(max_tokens=8000))
    reason, usage = end_of(events)
    assert reason is FinishReason.STOP
    assert events[-1] == Finished(reason, usage, is_loop=True)
    assert usage.completion_tokens == len("Well:") + SHORTEST_LOOP
    assert LOOP.startswith(text_of(events))
    assert decoder.decoded == usage.completion_tokens - 1, "nothing is decoded after it"


def test_so_is_a_text_that_is_gone_on_with() -> None:
    events = run(ScriptedDecoder(LOOP), CompletionRequest("Once"))
    assert events[-1] == Finished(*end_of(events), is_loop=True)


def test_an_answer_without_a_loop_is_none() -> None:
    events = run(ScriptedDecoder("ha " * 300), ask())
    assert events[-1] == Finished(*end_of(events), is_loop=False)


def test_json_that_repeats_itself_is_cut_and_not_complete() -> None:
    """Expect `length`, by which clients recognise JSON that is incomplete."""
    decoder = ScriptedDecoder('{"a": [' + "0, " * 1000)
    events = run(decoder, ask(json_answer=JsonAnswer()))
    assert end_of(events)[0] is FinishReason.LENGTH
    assert events[-1] == Finished(*end_of(events), is_loop=True)


def test_a_stop_string_is_looked_for_before_a_loop() -> None:
    decoder = ScriptedDecoder("a" * SHORTEST_LOOP + "bc", context_length=8192)
    decoder.script[SHORTEST_LOOP - 1 : SHORTEST_LOOP] = [*b"stop"]
    events = run(decoder, ask(stop=("stop",)))
    assert events[-1] == Finished(*end_of(events), is_loop=False)
