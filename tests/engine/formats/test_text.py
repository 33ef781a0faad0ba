from __future__ import annotations

from engine.formats.text import TextParser
from engine.types import Channel, TextDelta, TokenLogprob


def test_characters_are_not_split_and_logprobs_stay_with_them() -> None:
    parser = TextParser(lambda token: bytes([token]), frozenset({0}))
    logprobs = [TokenLogprob(token, bytes([token]), -1.0) for token in "é".encode()]
    assert parser.feed(logprobs[0].token_id, logprobs[0]) == []
    told = parser.feed(logprobs[1].token_id, logprobs[1])
    assert told == [TextDelta(Channel.FINAL, "é", tuple(logprobs))]
    assert parser.feed(0, None) == []
    assert parser.finish() == []


def test_half_a_character_at_the_end_is_dropped() -> None:
    parser = TextParser(lambda token: bytes([token]), frozenset())
    assert parser.feed(0xC3, None) == []
    assert parser.finish() == []


def test_the_logprobs_of_half_a_character_are_told() -> None:
    parser = TextParser(lambda token: bytes([token]), frozenset())
    half = TokenLogprob(0xC3, b"\xc3", -1.0)
    assert parser.feed(0xC3, half) == []
    assert parser.finish() == [TextDelta(Channel.FINAL, "", (half,))]
