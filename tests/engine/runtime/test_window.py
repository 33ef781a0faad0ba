"""What sliding layers keep, and to which places a conversation can come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.models.folder import Window
from engine.runtime.kvcache import MOST_SNAPSHOTS, CacheShape, KVCache
from engine.runtime.saved_sequences import SavedSequences
from engine.runtime.window import resident, restorable, thin_out

WINDOW = Window(8, frozenset({0}))


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


def cache(slack: int = 4, max_tokens: int = 4096) -> KVCache:
    """Two layers of one head and one value; the first layer slides."""
    shape = CacheShape(2, 1, 1, max_tokens, np.float32, WINDOW, WINDOW.size + slack)
    return KVCache(shape)


def run(cache: KVCache, ids: list[int]) -> KVCache:
    """Write what GroupQueryAttention would: the row of each position holds the token's id."""
    cache.reserve(len(ids))
    cache.append(ids)
    tokens = [*cache.tokens]
    for (layer, _), value, _ in cache.values():
        held = resident(len(tokens), WINDOW.size, value.shape()[2]) if layer == 0 else len(tokens)
        value.numpy()[0, 0, :held, 0] = tokens[len(tokens) - held :]
    return cache


def window_of(cache: KVCache) -> list[float]:
    """Return the rows that the next token looks at."""
    value = next(value for place, value, _ in cache.values() if place == (0, "key"))
    held = resident(len(cache.tokens), WINDOW.size, value.shape()[2])
    return value.numpy()[0, 0, :held, 0].tolist()[-(WINDOW.size - 1) :]


def test_a_cache_keeps_a_bounded_number_of_snapshots() -> None:
    busy = cache()
    for start in range(0, 1000, 10):
        run(busy, [*range(start, start + 10)]).take_snapshot()
    saved = busy.save()
    assert len(saved.windows) == 1 + MOST_SNAPSHOTS
    assert max(rows.end for rows in saved.windows[1:]) == 1000


def test_a_prompt_shares_up_to_the_nearest_snapshot() -> None:
    busy = cache()
    for start, end in ((0, 40), (40, 60), (60, 100)):
        run(busy, [*range(start, end)])
        if end < 100:
            busy.take_snapshot()
    assert busy.shared_with([*range(70), 7, 7]) == 60
    assert busy.shared_with([*range(55), 7, 7]) == 40
    assert busy.shared_with([*range(30), 7, 7]) == 0
    assert busy.shared_with([*range(100), 7, 7]) == 100
    assert busy.shared_with(list(range(60))) == 59
    assert busy.save().shared_with([*range(70), 7, 7]) == 60


@pytest.mark.parametrize("slack", [0, 4])
@pytest.mark.parametrize("tokens", [5, 8, 9, 13, 30])
def test_a_snapshot_lies_as_if_the_tokens_had_just_come(slack: int, tokens: int) -> None:
    old = run(cache(slack), [*range(tokens)])
    old.take_snapshot()
    run(old, [*range(tokens, tokens + 20)])
    old.truncate(tokens)
    assert window_of(old) == [*range(tokens)][-(WINDOW.size - 1) :]


def test_a_place_whose_rows_are_gone_is_refused() -> None:
    busy = run(cache(), [*range(40)])
    with pytest.raises(ValueError, match="cannot go back to 20"):
        busy.truncate(20)


def test_a_saved_sequence_comes_back_whole() -> None:
    busy = run(cache(), [*range(30)])
    saved = busy.save()
    busy.truncate(0)
    run(busy, [*range(100, 150)])
    busy.restore(saved)
    assert [*busy.tokens] == [*range(30)]
    assert busy.save().full[0][0, :, 0].tolist() == list(range(30))
    assert window_of(busy) == list(range(23, 30))


@given(
    st.integers(20, 60),
    st.integers(0, 12),
    st.integers(1, 30),
    st.lists(st.integers(1, 59), max_size=4),
)
def test_a_saved_sequence_holds_what_it_promises(
    tokens: int, slack: int, back: int, turns: list[int]
) -> None:
    """C1 and A1: it promised the rows that the cache held before they were copied."""
    busy = cache(slack)
    for turn in (*sorted(turn for turn in turns if turn < tokens), tokens):
        run(busy, [*range(len(busy.tokens), turn)]).take_snapshot()
    run(busy, [*range(tokens, tokens + 7)])
    saved = busy.save()
    prompt = [*range(max(0, tokens + 7 - back)), 1000]
    promised = saved.shared_with(prompt)
    busy.truncate(0)
    run(busy, [*range(500, 540)])
    busy.restore(saved)
    assert busy.shared_with(prompt) == promised
    busy.truncate(promised)
    assert window_of(busy) == [*range(promised)][-(WINDOW.size - 1) :]


def test_the_least_recently_saved_makes_room() -> None:
    first, second, third = (run(cache(), [n] * 20).save() for n in range(3))
    kept = SavedSequences(first.nbytes * 2)
    for one in (first, second, third):
        kept.put(one)
    assert kept.take([0] * 30, beyond=0) is None
    assert kept.take([2] * 30, beyond=20) is None
    assert kept.take([2] * 30, beyond=0) is third
    assert kept.take([1] * 30, beyond=0) is second
    assert kept.take([1] * 30, beyond=0) is None


def test_equal_sequences_are_kept_apart() -> None:
    """Comparing their arrays would raise."""
    one, two = (run(cache(), [5] * 20).save() for _ in range(2))
    kept = SavedSequences(one.nbytes * 2)
    kept.put(one)
    kept.put(two)
    assert kept.take([5] * 30, beyond=0) is one
    assert kept.take([5] * 30, beyond=0) is two
