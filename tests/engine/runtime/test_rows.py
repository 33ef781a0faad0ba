"""The full layers' keys and values: both kinds keep what they are told to keep."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.runtime.memory import HOST
from engine.runtime.rows import ConcatenatedRows, Rows, SharedRows

PLACES = [(0, "key"), (0, "value")]
EMPTY = np.zeros((1, 1, 0, 1), np.float32)


@pytest.fixture(params=["shared", "concatenated"])
def rows(request: pytest.FixtureRequest) -> Rows:
    if request.param == "shared":
        return SharedRows(PLACES, EMPTY, 4096, HOST)
    return ConcatenatedRows(PLACES, EMPTY, HOST)


def run(rows: Rows, filled: int, more: int, start: int, fails: bool = False) -> int:
    """As a graph would: past and new rows, which count from `start`, into present."""
    total = filled + more
    rows.reserve(total, filled)
    for _, past, present in rows.values():
        kept = past.read()[0, 0, :filled].copy()
        present.read()[0, 0, filled:total, 0] = np.arange(start, start + more)
        if past is not present:
            present.read()[0, 0, :filled] = kept
        if fails:
            present.read()[0, 0, filled:total] = -1
    return total


def numbers(array: NDArray[np.float32]) -> list[int]:
    return array[0, :, 0].astype(int).tolist()


def test_rows_are_appended(rows: Rows) -> None:
    filled = run(rows, 0, 3, 0)
    filled = run(rows, filled, 1, 3)
    filled = run(rows, filled, 2000, 4)  # more than the first buffers hold
    key, value = rows.read(filled)
    assert numbers(key) == numbers(value) == [*range(2004)]


def test_a_conversation_goes_back_and_on(rows: Rows) -> None:
    run(rows, run(rows, 0, 5, 0), 5, 5)
    assert numbers(rows.read(10)[0]) == [*range(10)]
    filled = run(rows, 7, 2, 70)
    assert numbers(rows.read(filled)[0]) == [*range(7), 70, 71]
    filled = run(rows, 3, 1, 30)
    assert numbers(rows.read(filled)[0]) == [0, 1, 2, 30]


def test_a_run_that_failed_leaves_what_was_there(rows: Rows) -> None:
    filled = run(rows, 0, 5, 0)
    run(rows, filled, 3, 50, fails=True)
    filled = run(rows, filled, 2, 5)
    assert numbers(rows.read(filled)[0]) == [*range(7)]


def test_what_was_read_can_be_written_back(rows: Rows) -> None:
    saved = rows.read(run(rows, 0, 6, 0))
    run(rows, 0, 9, 90)
    rows.write(saved, 6)
    filled = run(rows, 6, 1, 6)
    assert numbers(rows.read(filled)[0]) == [*range(7)]
