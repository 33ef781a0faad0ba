"""What sliding layers keep, and to which places a conversation can come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.models.folder import Window
from engine.runtime.history import MOST_SNAPSHOTS, History
from engine.runtime.kvcache import CacheShape, KVCache
from engine.runtime.parking import Parked, Parking
from engine.runtime.window import WindowRows, resident, restorable, thin_out

WINDOW = Window(8, frozenset({0}))


def rows(first: int, end: int) -> WindowRows:
    return WindowRows(first, end, (np.zeros((1, end - first, 1), np.float32),))


@given(st.integers(0, 500), st.integers(1, 40), st.integers(0, 40))
def test_the_whole_window_stays_and_nothing_beyond_the_buffer(
    tokens: int, window: int, slack: int
) -> None:
    held = resident(tokens, window, window + slack)
    assert min(tokens, window) <= held <= min(tokens, window + slack)


@given(st.integers(1, 300), st.integers(0, 40))
def test_rows_are_evicted_in_order(tokens: int, slack: int) -> None:
    first = [n - resident(n, 8, 8 + slack) for n in range(tokens + 1)]
    assert first == sorted(first)


@pytest.mark.parametrize(
    ("first", "end", "limit", "expected"),
    [
        (0, 5, 9, 5),
        (0, 5, 3, 3),  # nothing was evicted yet: any place will do
        (12, 20, 20, 20),
        (12, 20, 19, 19),  # one fewer looks back one position less
        (12, 20, 18, 0),
        (4, 20, 13, 13),
    ],
)
def test_rows_bring_back_what_the_next_token_looks_at(
    first: int, end: int, limit: int, expected: int
) -> None:
    assert restorable(first, end, limit, WINDOW) == expected


def test_places_that_are_close_together_go_first() -> None:
    assert thin_out([1000, 100, 2000, 2010, 3000], 4) == [100, 1000, 2000, 3000]
    assert thin_out([5, 6, 7], 2)[-1] == 7


def test_a_history_keeps_a_bounded_number_of_snapshots() -> None:
    history = History()
    for end in range(10, 100 * 10, 10):
        history.remember(rows(end - 8, end))
    assert len(history.snapshots) == MOST_SNAPSHOTS
    assert max(history.snapshots) == 990


def test_a_prompt_shares_up_to_the_nearest_snapshot() -> None:
    history = History(list(range(100)), {40: rows(32, 40), 60: rows(52, 60)}, oldest=92)
    assert history.shared_with([*range(70), 7, 7], WINDOW) == 60
    assert history.shared_with([*range(55), 7, 7], WINDOW) == 40
    assert history.shared_with([*range(30), 7, 7], WINDOW) == 0
    assert history.shared_with([*range(100), 7, 7], WINDOW) == 100
    assert history.shared_with(list(range(60)), WINDOW) == 59


def cache(slack: int = 4, max_tokens: int = 64) -> KVCache:
    shape = CacheShape(2, 1, 1, max_tokens, np.float32, WINDOW, WINDOW.size + slack)
    return KVCache(shape)


def append(cache: KVCache, tokens: int) -> None:
    """As GroupQueryAttention would: the row of position p holds p."""
    cache.reserve(tokens, 0)
    for (layer, _), value, _ in cache.values():
        first = cache.first_resident(tokens) if layer == 0 else 0
        value.numpy()[0, 0, : tokens - first, 0] = np.arange(first, tokens)


def window_of(cache: KVCache) -> list[float]:
    value = next(value for place, value, _ in cache.values() if place == (0, "key"))
    return value.numpy()[0, 0, :, 0].tolist()


@pytest.mark.parametrize("slack", [0, 4])
@pytest.mark.parametrize("tokens", [5, 8, 9, 13, 30])
def test_a_restored_window_lies_as_if_the_tokens_had_just_come(slack: int, tokens: int) -> None:
    old, expected = cache(slack), cache(slack)
    append(old, tokens)
    saved = old.window_rows(tokens, oldest=max(0, tokens - 8))
    append(old, tokens + 20)
    old.restore_window(saved, tokens)
    append(expected, tokens)
    base = expected.first_resident(tokens)
    needed = slice(max(0, tokens - 7) - base, tokens - base)
    assert window_of(old)[needed] == window_of(expected)[needed]


def test_a_saved_cache_comes_back_whole() -> None:
    busy = cache()
    append(busy, 30)
    saved = busy.save(30, oldest=busy.first_resident(30))
    append(busy, 50)
    busy.restore(saved)
    assert busy.save(30, oldest=22).full[0][0, :, 0].tolist() == list(range(30))
    assert busy.window_rows(30, oldest=22).rows[0][0, :, 0].tolist() == list(range(22, 30))


def parked(tokens: list[int]) -> Parked:
    one = cache()
    append(one, len(tokens))
    return Parked(History(tokens), one.save(len(tokens), one.first_resident(len(tokens))))


def test_the_least_recently_parked_makes_room() -> None:
    first, second, third = (parked([n] * 20) for n in range(3))
    parking = Parking(first.nbytes * 2)
    for one in (first, second, third):
        parking.put(one)
    assert parking.best([0] * 30, WINDOW) == (0, None)
    assert parking.best([2] * 30, WINDOW) == (20, third)
    parking.take(second)
    assert parking.best([1] * 30, WINDOW) == (0, None)
