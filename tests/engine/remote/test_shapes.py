"""Checks what OpenAI-compatible servers really stream: the exact lines of F4 and F5, and similar
ones."""

from __future__ import annotations

import math

import pytest

from engine.errors import RemoteFailed
from engine.types import Channel, CompletionRequest, FinishReason, TextDelta, Usage
from tests.engine.remote.scripted_server import (
    Client,
    Script,
    choice,
    cut,
    finish_of,
    stream,
    text_of,
    whole,
)

HI = choice({"role": "assistant", "content": "Hi"})
STOP = choice({}, "stop")
COUNTS = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def usage_of(client: Client, *chunks: object) -> Usage:
    usage = finish_of(client.answer(*chunks)).usage
    assert usage is not None
    return usage


@pytest.mark.parametrize(
    "odd",
    [
        {"choices": None, "usage": COUNTS},
        {"usage": COUNTS},
        {"choices": [], "usage": COUNTS},
        {"choices": [None]},
        {"choices": {}},
        {"choices": [{"index": 0, "delta": None, "finish_reason": "stop"}]},
        {"choices": [{"index": 0, "finish_reason": "stop"}]},
        {"choices": [{}]},
        {"choices": [{"delta": {"role": None, "content": None, "tool_calls": None}}]},
        {"choices": [{"delta": {"content": "", "reasoning": None, "tool_calls": []}}]},
        {"choices": [{"delta": {}, "finish_reason": "", "logprobs": None}]},
        {"choices": [{"delta": {}, "logprobs": {"content": None}}], "usage": None},
        {"error": None, "choices": []},
        "data: null\n\n",
        "data: []\n\n",
        "data:\n\n",
        ": ping\n\n",
        "event: ping\nid: 5\nretry: 1000\n\n",
        "something else\n\n",
    ],
)
def test_nulls_and_missing_fields_are_nothing_to_read(client: Client, odd: object) -> None:
    """Covers F4, for choices, deltas and all that is in them."""
    events = client.answer(HI, odd, choice({"content": " there"}), STOP, odd)
    assert text_of(events) == "Hi there"
    assert finish_of(events).reason is FinishReason.STOP


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "Hi"}], "Hi"),
        ([{"type": "text", "text": "H"}, {"type": "output_text", "text": "i"}], "Hi"),
        (["H", "i", None], "Hi"),
        ({"type": "text", "text": "Hi"}, "Hi"),
        ([{"type": "image_url", "image_url": {"url": "data:"}}, {"text": "Hi"}], "Hi"),
        ([{"type": "refusal", "refusal": "No."}], "No."),
    ],
)
def test_parts_are_their_text(client: Client, content: object, text: str) -> None:
    """Covers F4, for content as a list."""
    assert text_of(client.answer(choice({"content": content}), STOP)) == text


def test_thoughts_may_be_parts_of_the_content(client: Client) -> None:
    """Covers F4, as Mistral streams them."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    events = client.answer(choice({"content": [thought, {"type": "text", "text": "Hi"}]}), STOP)
    assert text_of(events, Channel.ANALYSIS) == "Hm."
    assert text_of(events) == "Hi"


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning": "Hm."},
        {"reasoning_content": "Hm."},
        {"reasoning": "Hm.", "reasoning_content": "Hm.", "content": None},
        {"reasoning": "Hm.", "reasoning_content": "", "reasoning_details": [{"text": "Hm."}]},
    ],
)
def test_thoughts_are_read_once_under_either_name(client: Client, delta: object) -> None:
    events = client.answer(choice(delta), HI, STOP)
    assert text_of(events, Channel.ANALYSIS) == "Hm."


def test_a_refusal_is_an_answer(client: Client) -> None:
    assert text_of(client.answer(choice({"refusal": "I will not."}), STOP)) == "I will not."


@pytest.mark.parametrize("reason", ["stop", "eos_token", "content_filter", "STOP", "anything"])
def test_unknown_reasons_are_a_stop(client: Client, reason: str) -> None:
    assert finish_of(client.answer(HI, choice({}, reason))).reason is FinishReason.STOP


@pytest.mark.parametrize("reason", ["length", "max_tokens", "model_length", "LENGTH"])
def test_each_name_of_a_length_limit_is_known(client: Client, reason: str) -> None:
    assert finish_of(client.answer(HI, choice({}, reason))).reason is FinishReason.LENGTH


@pytest.mark.parametrize(
    "chunks",
    [
        (HI, STOP, {"choices": [], "usage": COUNTS}),
        (HI, {**STOP, "usage": COUNTS}),
        (HI, choice({}, "stop", usage=COUNTS)),
        (HI, STOP, {"usage": COUNTS}),
        (
            {**HI, "usage": {"prompt_tokens": 7, "completion_tokens": 1}},
            {**STOP, "usage": COUNTS},
            {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
        ),
        (HI, {**STOP, "timings": {"prompt_n": 5, "cache_n": 2, "predicted_n": 3}}),
        (HI, {**STOP, "x_groq": {"usage": COUNTS}}),
        (HI, {**STOP, "usage": {"prompt_tokens": 7.0, "completion_tokens": 3.0}}),
    ],
)
def test_counts_are_found_wherever_they_are(client: Client, chunks: tuple[object, ...]) -> None:
    """Covers F4 for usage: at the end, beside or in a choice, in each chunk, as timings."""
    usage = usage_of(client, *chunks)
    assert (usage.prompt_tokens, usage.completion_tokens) == (7, 3)


@pytest.mark.parametrize("count", [None, "3", -3, True, math.nan, math.inf, 1e300, [], {}, 0])
def test_what_is_no_count_is_counted(client: Client, count: object) -> None:
    """Covers F4: completion_tokens null was a TypeError behind `hearth serve`."""
    counts = {"prompt_tokens": count, "completion_tokens": count, "prompt_tokens_details": count}
    usage = usage_of(client, HI, choice({"content": " there"}), {**STOP, "usage": counts})
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (0, 2, 0)


def test_details_of_the_counts_are_read(client: Client) -> None:
    details = {
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    usage = usage_of(client, HI, {**STOP, "usage": COUNTS | details})
    assert (usage.cached_tokens, usage.reasoning_tokens) == (4, 2)


def test_log_probabilities_may_have_gaps(client: Client) -> None:
    entries = [
        {"token": "H", "logprob": None, "bytes": None, "top_logprobs": None},
        {"token": "i", "logprob": -0.5, "bytes": [105], "top_logprobs": [{"token": "i"}, None]},
        {"token": "!", "logprob": -math.inf, "bytes": [999]},
        {"logprob": -1.0},
        None,
    ]
    events = client.answer(choice({"content": "Hi!"}, "stop", logprobs={"content": entries}))
    (delta,) = (event for event in events if isinstance(event, TextDelta))
    assert [one.token for one in delta.logprobs] == [b"H", b"i", b"!"]
    assert [one.logprob for one in delta.logprobs] == [-9999.0, -0.5, -9999.0]


def test_done_says_that_an_answer_is_whole(client: Client) -> None:
    """Covers F5: Foundry Local gave no finish_reason."""
    events = client.answer(HI, choice({"content": " there"}))
    assert text_of(events) == "Hi there"
    assert finish_of(events).reason is FinishReason.STOP


@pytest.mark.parametrize(
    "script",
    [
        stream(HI, end=""),
        stream(HI, choice({}, ""), end=""),
        stream(HI, {"choices": [], "usage": COUNTS}, end=""),
        stream(end=""),
        stream(),
        stream({"choices": [], "usage": COUNTS}),
        Script([]),
        cut(Script([])),
    ],
)
def test_an_answer_without_an_end_is_broken_off(client: Client, script: Script) -> None:
    """Covers F5: neither a reason nor [DONE], or [DONE] and no answer before it."""
    with pytest.raises(RemoteFailed, match=r"^127\.0\.0\.1:\d+ (broke the answer off\.|cannot be)"):
        client.ask(script)


@pytest.mark.parametrize(
    "script", [stream(HI, STOP, end=""), cut(stream(HI, STOP)), cut(stream(HI, STOP, end=""))]
)
def test_a_connection_may_break_after_the_reason(client: Client, script: Script) -> None:
    assert text_of(client.ask(script)) == "Hi"


def test_a_connection_that_breaks_amid_an_answer_is_reported(client: Client) -> None:
    with pytest.raises(RemoteFailed, match=r"cannot be reached, or has hung up: Connection error"):
        client.ask(cut(stream(HI, end="")))


@pytest.mark.parametrize("message", ["content", "text"])
def test_a_server_that_does_not_stream_is_read(client: Client, message: str) -> None:
    one = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    if message == "text":
        one = {"index": 0, "text": "Hi"}
    events = client.ask(whole({"object": "chat.completion", "choices": [one], "usage": COUNTS}))
    assert text_of(events) == "Hi"
    assert finish_of(events).reason is FinishReason.STOP


def test_a_message_after_deltas_is_not_read_twice(client: Client) -> None:
    """Covers text-generation-webui, which sends the whole message beside its deltas."""
    last = {"index": 0, "delta": {}, "message": {"content": "Hi"}, "finish_reason": "stop"}
    assert text_of(client.answer(HI, {"choices": [last]})) == "Hi"


def test_completions_have_the_same_gaps(client: Client) -> None:
    """Covers F4, for /v1/completions."""
    chunks = [
        {"choices": None},
        {"choices": [{"index": 0, "text": None, "logprobs": {"tokens": ["a"]}}]},
        {"choices": [{"index": 0, "text": " Paris", "finish_reason": None}]},
        {"choices": [{"text": "."}], "usage": {"completion_tokens": None}},
    ]
    events = client.ask(stream(*chunks), CompletionRequest("The capital is"))
    assert text_of(events) == " Paris."
    assert finish_of(events).reason is FinishReason.STOP


def test_half_a_character_does_not_reach_the_user(client: Client) -> None:
    """Covers servers that cut a surrogate pair in two. No file and no terminal accepts a half."""
    events = client.answer('data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n', STOP)
    assert text_of(events) == "a\ufffd"
    joined = client.answer('data: {"choices":[{"delta":{"content":"\\ud83d\\ude00"}}]}\n\n', STOP)
    assert text_of(joined) == "😀"


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"choices": "none"}, "'choices' is a text"),
        ({"choices": [5]}, "'choices' is a number"),
        (choice("Hi"), "'delta' is a text"),
        (choice({"content": 5}), "'content' is a number"),
        (choice({"content": [5]}), "'content' is a number"),
        (choice({"reasoning": True}), "'reasoning' is a truth value"),
        (choice({"tool_calls": "x"}), "'tool_calls' is a text"),
        (choice({"tool_calls": [{"function": [1]}]}), "'function' is a list"),
        ("data: 5\n\n", "'data' is a number"),
        ("data: {oops}\n\n", "'{oops}' is not JSON"),
        (f"data: {'[' * 9999}\n\n", "is not JSON"),
        (f"data: {'9' * 9999}\n\n", "is not JSON"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(client: Client, odd: object, words: str) -> None:
    """Covers F4: what carries the answer and has a wrong type is not passed over."""
    with pytest.raises(RemoteFailed, match=r"does not answer as OpenAI's API does: .*\.$") as error:
        client.answer(HI, odd, STOP)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
