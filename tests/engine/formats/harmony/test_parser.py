"""The parser on what the model should write, on what it does write, and on anything at all."""

from __future__ import annotations

import random
from dataclasses import replace

import openai_harmony as harmony
import pytest

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.parser import HarmonyParser
from engine.formats.harmony.tool_names import ToolNames
from engine.formats.harmony.vocabulary import (
    CALL,
    CHANNEL,
    CONSTRAIN,
    END,
    ENDOFTEXT,
    LOGITS,
    MESSAGE,
    RETURN,
    START,
    Vocabulary,
)
from engine.types import (
    Channel,
    ChatRequest,
    ParsedEvent,
    TextDelta,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolCallDelta,
)
from tests.engine.formats.harmony.reading import Read, parse, read, read_by_openai

ASKED = ChatRequest((), tools=(Tool("f"),))
STREAMS = 100_000
ANALYSIS, COMMENTARY, FINAL = Channel.ANALYSIS, Channel.COMMENTARY, Channel.FINAL
CONTROLS = [START, END, MESSAGE, CHANNEL, CONSTRAIN, CALL, RETURN, ENDOFTEXT]


def encode(encoding: harmony.HarmonyEncoding, text: str) -> list[int]:
    return encoding.encode(text, allowed_special="all")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>final<|message|>B"
            "<|return|>",
            [(ANALYSIS, "A"), (FINAL, "B")],
        ),
        ("<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>", "call"),
        (" to=functions.f<|channel|>commentary json<|message|>{}<|call|>", "call"),
        (" to=functions.f<|channel|>commentary <|constrain|>json<|message|>{}<|call|>", "call"),
        ("<|channel|>commentary to=functions.f<|constrain|>json<|message|>{}<|call|>", "call"),
        ("<|channel|>commentary to=f <|constrain|>json<|message|>{}<|call|>", "call"),
        ("<|channel|>analysis to=functions.f code json extra<|message|>{}<|call|>", "call"),
        ("<|channel|>commentary to=functions.f <|constrain|>json{}<|call|>", "call"),
        (" to=functions.f<|channel|>commentary json{}<|call|>", "call"),
        (
            "<|channel|>commentary<|message|>Plan<|end|><|start|>assistant<|channel|>commentary "
            "to=functions.f json<|message|>{}<|call|>",
            [(COMMENTARY, "Plan"), ("f", "{}")],
        ),
        ("<|channel|>commentary to=functions.g json<|message|>{}<|call|>", [("g", "{}")]),
        ("<|channel|>analysis to=python code<|message|>1+1<|call|>", [("python", "1+1")]),
        ("<|channel|>final <|constrain|>json<|message|>{}<|return|>", [(FINAL, "{}")]),
        ("Hello there<|return|>", [(FINAL, "Hello there")]),
        ("<|message|>Hello<|return|>", [(FINAL, "Hello")]),
        ('<|channel|>final {"a": 1}<|return|>', [(FINAL, '{"a": 1}')]),
        (
            "<|channel|>analysis Hm é<|end|><|start|>assistant<|channel|>final\nHi<|return|>",
            [(ANALYSIS, "Hm é"), (FINAL, "Hi")],
        ),
        ("<|channel|>finalx<|message|>Hi<|return|>", [(FINAL, "Hi")]),
        ("<|channel|>analysis?<|message|>Hi<|return|>", [(ANALYSIS, "Hi")]),
        ("<|channel|>nonsense<|message|>Hi<|return|>", [(FINAL, "Hi")]),
        (
            "<|channel|>analysis<|message|>A<|end|><|channel|>final<|message|>B<|return|>",
            [(ANALYSIS, "A"), (FINAL, "B")],
        ),
        (
            "<|channel|>analysis<|message|>A<|end|>assistant<|channel|>final<|message|>B<|return|>",
            [(ANALYSIS, "A"), (FINAL, "B")],
        ),
        (
            "<|channel|>analysis<|message|>A<|start|>assistant<|channel|>final<|message|>B",
            [(ANALYSIS, "A"), (FINAL, "B")],
        ),
        ("<|start|><|start|>assistant<|channel|>final<|message|>B<|return|>", [(FINAL, "B")]),
        (
            "<|channel|>commentary to=assistant<|channel|>analysis<|message|>A<|end|>",
            [(ANALYSIS, "A")],
        ),
        ("<|channel|>final<|message|>B<|end|><|return|>", [(FINAL, "B")]),
        ("<|channel|>ana", []),
        ("<|channel|>analysis<|message|>Thin", [(ANALYSIS, "Thin")]),
        (
            "<|channel|>final<|message|>B<|end|><|start|>user<|message|>And now?<|end|>",
            [(FINAL, "B"), (ANALYSIS, "And now?")],
        ),
        (
            "<|channel|>final<|message|>B<|end|><|start|>functions.f to=assistant<|channel|>"
            "commentary<|message|>{}<|end|>",
            [(FINAL, "B"), (ANALYSIS, "{}")],
        ),
        ("<|channel|>final<|message|>a<|constrain|>b<|return|>", [(FINAL, "ab")]),
        ("<|channel|>final a<|return|>", [(FINAL, "a")]),
        ("final is the word<|return|>", [(FINAL, "final is the word")]),
        ("json is a format<|return|>", [(FINAL, "json is a format")]),
        ("assistants help<|return|>", [(FINAL, "assistants help")]),
        (' to=functions.f {"a":1}<|call|>', [("f", '{"a":1}')]),
        ("<|channel|>analysis Hm<|channel|>final<|message|>Hi", [(ANALYSIS, "Hm"), (FINAL, "Hi")]),
        ("Hello<|channel|>final<|message|>, you<|return|>", [(FINAL, "Hello, you")]),
        ("Hello<|message|>, you<|return|>", [(FINAL, "Hello, you")]),
        ("analysis<|message|>Hm<|end|>", [(ANALYSIS, "Hm")]),
        ("<|channel|>commentary to=functions. json<|message|>{}<|call|>", [(COMMENTARY, "{}")]),
        ("", []),
    ],
)
def test_each_shape_that_models_write(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, text: str, expected: Read | str
) -> None:
    wanted = [("f", "{}")] if expected == "call" else expected
    assert read(parse(form, encode(encoding, text), ASKED)) == wanted


def test_a_tool_that_nobody_offered_is_only_spoken_to(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    ids = encode(encoding, "<|channel|>analysis to=python code<|message|>1+1<|call|>")
    assert read(parse(form, ids, replace(ASKED, tools=()))) == [(ANALYSIS, "1+1")]


@pytest.mark.parametrize(("end", "arguments"), [("<|call|>", "{}"), ("", "")])
def test_a_call_without_a_text_has_no_arguments(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, end: str, arguments: str
) -> None:
    """F12: clients read the arguments as JSON. One that was cut short says nothing."""
    header = "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>"
    ids = encoding.encode(header + end, allowed_special="all")
    events = parse(form, ids, ASKED)
    assert [e.arguments for e in events if isinstance(e, ToolCall)] == [arguments]
    assert "".join(e.text for e in events if isinstance(e, ToolCallDelta)) == arguments


def test_a_call_streams_and_then_comes_whole(
    vocabulary: Vocabulary, form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    tools = ToolNames(["look-up"])
    parser = HarmonyParser(
        vocabulary, form.words, tools, lambda key, ids: None, new_id=lambda: "call_7"
    )
    ids = encode(encoding, '<|channel|>commentary to=functions.look_up json<|message|>{"a":1}')
    events = [event for token in [*ids, CALL] for event in parser.feed(token, None)]
    assert events[0] == ToolCallDelta("call_7", "look-up", "")
    assert all(isinstance(event, ToolCallDelta) for event in events[:-1])
    assert "".join(e.text for e in events if isinstance(e, ToolCallDelta)) == '{"a":1}'
    assert events[-1] == ToolCall("call_7", "look-up", '{"a":1}')


def test_characters_are_never_split(form: HarmonyFormat, encoding: harmony.HarmonyEncoding) -> None:
    text = "né 👩‍👩‍👧 𝔘𝔫 日本 漢字㍿"
    header = encode(encoding, "<|channel|>final<|message|>")
    events = parse(form, header + encode(encoding, text), ASKED)
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == text
    assert not any("\ufffd" in e.text for e in events if isinstance(e, TextDelta))


def test_half_a_character_at_the_end_says_so(
    form: HarmonyFormat, vocabulary: Vocabulary, encoding: harmony.HarmonyEncoding
) -> None:
    half = vocabulary.tokens.index(b"\xe2")
    header = encode(encoding, "<|channel|>final<|message|>")
    assert read(parse(form, [*header, half], ASKED)) == [(FINAL, "\ufffd")]


def test_log_probabilities_come_with_their_text(
    form: HarmonyFormat, vocabulary: Vocabulary, encoding: harmony.HarmonyEncoding
) -> None:
    parser = form.parser(ASKED)
    header = encode(encoding, "<|channel|>final<|message|>")
    snowman = [vocabulary.tokens.index(bytes([byte])) for byte in "☃".encode()]
    logprobs = [TokenLogprob(token, b"", -1.0) for token in (*header, *snowman, RETURN)]
    ids = [*header, *snowman, RETURN]
    events = [e for t, p in zip(ids, logprobs, strict=True) for e in parser.feed(t, p)]
    assert events == [TextDelta(FINAL, "☃", tuple(logprobs[3:6]))]


def test_thinking_is_known_and_can_be_ended(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    answer = encode(encoding, "<|channel|>final<|message|>")
    again = encode(encoding, "<|start|>assistant<|channel|>final<|message|>")
    parser = form.parser(ASKED)
    assert parser.to_answer() == tuple(answer)
    for token in encode(encoding, "<|channel|>analysis<|message|>Let"):
        parser.feed(token, None)
    assert parser.is_reasoning
    assert parser.to_answer() == (END, *again)
    parser.feed(END, None)
    assert parser.to_answer() == tuple(again)
    parser.feed(START, None)
    assert parser.to_answer() == tuple(again[1:])
    for token in again[1:]:
        parser.feed(token, None)
    assert not parser.is_reasoning
    assert parser.to_answer() == ()


WORDS = ("Hello", " there", "é", "☃", '{"a": 1}', "\n\n", "assistant", "final", "to=functions.f")


def well_formed(source: random.Random) -> list[tuple[str, str | None, str]]:
    """(channel, recipient, text) of a turn as the format's description has it."""
    messages: list[tuple[str, str | None, str]] = []
    for _ in range(source.randrange(3)):
        channel = source.choice(["analysis", "commentary"])
        messages.append((channel, None, sentence(source)))
    if source.random() < 0.5:
        return [*messages, ("commentary", "functions.f", sentence(source))]
    return [*messages, ("final", None, sentence(source))]


def sentence(source: random.Random) -> str:
    return "".join(source.choice(WORDS) for _ in range(source.randrange(1, 4)))


def rendered(
    encoding: harmony.HarmonyEncoding, turn: list[tuple[str, str | None, str]]
) -> list[int]:
    ids: list[int] = []
    for channel, recipient, text in turn:
        message = harmony.Message.from_role_and_content(harmony.Role.ASSISTANT, text)
        message = message.with_channel(channel)
        if recipient:
            message = message.with_recipient(recipient).with_content_type("<|constrain|>json")
        ids += encoding.render(message)
    beginning = len(encode(encoding, "<|start|>assistant"))
    return [*ids[beginning:-1], CALL if turn[-1][1] else RETURN]


def test_what_is_well_formed_reads_as_openai_harmony_reads_it(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding
) -> None:
    source = random.Random(1)
    for _ in range(500):
        ids = rendered(encoding, well_formed(source))
        theirs = read_by_openai(encoding, ids, ["f"])
        assert read(parse(form, ids, ASKED)) == theirs


def mutated(source: random.Random, ids: list[int]) -> list[int]:
    """A few ids left out, doubled, swapped or replaced by anything, reserved ids included."""
    ids = list(ids)
    for _ in range(source.randrange(1, 5)):
        at = source.randrange(len(ids) + 1)
        match source.randrange(4):
            case 0:
                del ids[at : at + 1]
            case 1:
                ids[at:at] = ids[at : at + 1]
            case 2:
                ids.insert(at, source.choice(CONTROLS))
            case _:
                ids[at : at + 1] = [source.choice([LOGITS, -1, 10**12, 200_014, 200_050, 7])]
    return ids[: source.randrange(len(ids) + 1)] if source.random() < 0.3 else ids


def assert_well_told(events: list[ParsedEvent]) -> None:
    """Every call is announced, then told in pieces, then told whole, one after the other."""
    open_call: ToolCallDelta | None = None
    arguments = ""
    for event in events:
        match event:
            case ToolCallDelta():
                assert open_call is None or event.id == open_call.id
                arguments = arguments + event.text if open_call else event.text
                open_call = event
            case ToolCall():
                assert open_call is not None
                assert (event.id, event.arguments) == (open_call.id, arguments)
                open_call, arguments = None, ""
            case TextDelta():
                assert open_call is None
    assert open_call is None


def spoken(events: list[ParsedEvent]) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta | ToolCallDelta))


def content(vocabulary: Vocabulary, ids: list[int]) -> list[str]:
    """The text after each MESSAGE up to the control token that ends it: none of it may be lost."""
    found: list[str] = []
    current: bytearray | None = None
    for token in ids:
        if token == MESSAGE and current is None:
            current = bytearray()
        elif current is not None and token in (END, START, CHANNEL, CALL, RETURN, ENDOFTEXT):
            found.append(current.decode("utf-8", "replace"))
            current = None
        elif current is not None:
            current += vocabulary.bytes_of(token)
    return found + ([current.decode("utf-8", "replace")] if current is not None else [])


def test_any_tokens_whatever_give_events_and_lose_no_text(
    form: HarmonyFormat, vocabulary: Vocabulary, encoding: harmony.HarmonyEncoding
) -> None:
    source = random.Random(2)
    turns = [rendered(encoding, well_formed(source)) for _ in range(300)]
    for number in range(STREAMS):
        ids = mutated(source, turns[number % len(turns)])
        events = parse(form, ids, ASKED)
        assert_well_told(events)
        text = spoken(events)
        assert "<|" not in text
        at = 0
        for piece in content(vocabulary, ids):
            at = text.index(piece, at) + len(piece)
