"""Loops are recognised as soon as they are long enough, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.repetition import (
    FEWEST_COPIES,
    LONGEST_BLOCK,
    SHORTEST_LOOP,
    Echo,
    LoopDetector,
)
from tests.fakes import byte_format

BYTES = byte_format().token_bytes
LETTERS = st.integers(ord("a"), ord("c"))

TABLE = "| {0} | {1} | {2} |\n"
ON_PURPOSE = {
    "a rule": "-" * 1000,
    "laughter": "ha " * 300,
    "indentation": " " * 1200 + "return\n",
    "a punishment": "I will not talk in class.\n" * 50,
    "counting": "".join(f"{n}\n" for n in range(1500)),
    "a numbered count": "".join(f"{n}. \n" for n in range(800)),
    "a multiplication table": "".join(f"7 x {n} = {7 * n}\n" for n in range(400)),
    "rows of a table": "".join(TABLE.format(n, n % 7, n * n) for n in range(300)),
    "like objects": "".join(f'{{"id": {n}, "name": "Item {n}"}},\n' for n in range(200)),
    "like lines of code": "".join(f"    assert double({n}) == {2 * n}\n" for n in range(200)),
    "a matrix": ("[0, 0, 0, 0, 0, 0, 0, 0],\n" * 8 + "\n") * 6,
    "a refrain": "".join(f"Verse {n}.\nOh, the sea, the sea!\n\n" for n in range(100)),
    "base64": "AAAA" * 300 + "ABCD",
}


def place_of_loop(tokens: Sequence[int], shortest: int = SHORTEST_LOOP) -> int | None:
    """Count the tokens up to the one at which a loop is recognised."""
    detector = LoopDetector(BYTES, shortest)
    return next((n for n, token in enumerate(tokens, 1) if detector.add(token)), None)


@given(st.lists(LETTERS, max_size=80), st.integers(1, 40))
def test_lengths_are_those_of_a_plain_comparison(tokens: list[int], longest: int) -> None:
    echo = Echo(longest)
    for token in tokens:
        echo.add(token)
    for distance in range(1, longest + 1):
        pairs = zip(
            reversed(tokens), reversed(tokens[: max(0, len(tokens) - distance)]), strict=False
        )
        length = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        expected = max(0, len(tokens) - distance) if length is None else length
        assert echo.lengths[distance - 1] == expected
    known = [*reversed(tokens)][:longest]
    assert echo.latest.tolist() == known + [-1] * (longest - len(known))


@given(st.lists(LETTERS, max_size=60), st.integers(2, 30))
def test_a_loop_is_what_its_definition_says(tokens: list[int], shortest: int) -> None:
    """Compare with a plain search for copies of a block that fill the last `shortest` tokens."""

    def is_loop(ids: list[int], block: int) -> bool:
        wanted = max(shortest, FEWEST_COPIES * block)
        tail = ids[-wanted:]
        return len(tail) == wanted and tail[block:] == tail[:-block]

    places = (
        n
        for n in range(1, len(tokens) + 1)
        if any(is_loop(tokens[:n], block) for block in range(1, n + 1))
    )
    assert place_of_loop(tokens, shortest) == next(places, None)


@given(
    st.text("abcdefgh .\n", max_size=200),
    st.lists(st.integers(0, 255), min_size=1, max_size=LONGEST_BLOCK, unique=True),
)
def test_a_repeated_block_is_recognised_within_known_tokens(before: str, block: list[int]) -> None:
    wanted = max(SHORTEST_LOOP, FEWEST_COPIES * len(block))
    tokens = [*before.encode(), *block * (wanted // len(block) + 1)]
    place = place_of_loop(tokens)
    assert place is not None
    assert wanted <= place <= len(before.encode()) + wanted


@given(st.lists(st.integers(0, 255), min_size=LONGEST_BLOCK, max_size=LONGEST_BLOCK))
@settings(max_examples=20)
def test_a_text_that_goes_on_is_none(block: list[int]) -> None:
    """Repeat a block with one more token each time, which differs from all others."""
    numbers = range(256, 266)
    assert place_of_loop([token for n in numbers for token in (*block, n)]) is None


@pytest.mark.parametrize("text", ON_PURPOSE.values(), ids=ON_PURPOSE)
def test_what_people_ask_for_is_no_loop(text: str) -> None:
    assert place_of_loop(text.encode()) is None


@pytest.mark.parametrize("lead", ["{}. ", "\n**{}.** ", "  - {}) ", "| {} | "])
def test_a_list_in_which_only_the_numbers_change_is_one(lead: str) -> None:
    items = "".join(f"{lead.format(n)}Rest and drink water.\n" for n in range(200))
    assert place_of_loop(items.encode()) is not None


def test_a_loop_that_was_left_again_is_none() -> None:
    tokens = [*b"la " * 500, *b"And so it ends.", *b"la " * 500]
    assert place_of_loop(tokens) is None
