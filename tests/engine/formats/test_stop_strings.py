"""Stop strings never leak a partial match, however the text is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.stop_strings import StopStrings
from engine.types import Channel, TextDelta, TokenLogprob


def delta(text: str) -> TextDelta:
    return TextDelta(Channel.FINAL, text)


def through(strings: StopStrings, event: TextDelta) -> list[TextDelta]:
    return [e for e in strings.through([event]) if isinstance(e, TextDelta)]


def shown(stops: tuple[str, ...], pieces: list[str]) -> tuple[str, bool]:
    strings = StopStrings(stops)
    text = ""
    for piece in pieces:
        text += "".join(d.text for d in through(strings, delta(piece)))
    return text + "".join(d.text for d in strings.rest()), strings.found


@pytest.mark.parametrize(
    ("stops", "pieces", "text", "found"),
    [
        (("END",), ["a E", "ND b"], "a ", True),
        (("END",), ["a E", "N", "T"], "a ENT", False),
        (("END",), ["a EN"], "a EN", False),
        (("aab",), ["aaab"], "a", True),
        (("\n\n", "###"), ["one\n", "\ntwo ###"], "one", True),
        (("b", "ab"), ["xab"], "x", True),
        ((), ["as it is"], "as it is", False),
        (("",), ["as it is"], "as it is", False),
    ],
)
def test_text_ends_before_the_first_stop_string(
    stops: tuple[str, ...], pieces: list[str], text: str, found: bool
) -> None:
    assert shown(stops, pieces) == (text, found)


@given(
    st.lists(st.text("ab", max_size=3), max_size=12),
    st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=3),
)
def test_any_cut_shows_what_the_whole_would(pieces: list[str], stops: list[str]) -> None:
    whole = "".join(pieces)
    ends = [at for stop in stops if (at := whole.find(stop)) >= 0]
    text, found = shown(tuple(stops), pieces)
    assert found == bool(ends)
    # A stop string that ends earlier may hide one that would have begun before it.
    assert whole.startswith(text)
    assert not any(stop in text for stop in stops)
    assert ends or text == whole


def test_nothing_that_may_still_be_a_stop_string_is_shown() -> None:
    strings = StopStrings(("</answer>",))
    assert [d.text for d in through(strings, delta("4</ans"))] == ["4"]


def test_thinking_is_not_searched() -> None:
    strings = StopStrings(("END",))
    thinking = TextDelta(Channel.ANALYSIS, "the END")
    assert list(strings.through([thinking])) == [thinking]
    assert not strings.found


def test_log_probabilities_of_held_text_come_with_the_next_delta() -> None:
    strings = StopStrings(("END",))
    first, second = TokenLogprob(1, b"E", -0.1), TokenLogprob(2, b"x", -0.2)
    assert not through(strings, TextDelta(Channel.FINAL, "E", (first,)))
    (later,) = through(strings, TextDelta(Channel.FINAL, "x", (second,)))
    assert (later.text, later.logprobs) == ("Ex", (first, second))
