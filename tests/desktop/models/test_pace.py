"""Speed and time left, and both in words."""

from __future__ import annotations

import pytest

from desktop.models.arrival import Arrival
from desktop.models.pace import WINDOW_SECONDS, Pace
from desktop.models.words import duration, of_arrival, of_job
from engine.models.needs import Target
from engine.models.queue import Job, Place


def test_the_first_second_tells_nothing() -> None:
    pace = Pace()
    assert (pace.bytes_per_second, pace.seconds_left(100)) == (None, None)
    pace.add(10, 5.0)
    pace.add(20, 5.5)
    assert (pace.bytes_per_second, pace.seconds_left(100)) == (None, None)


def test_only_the_last_seconds_count() -> None:
    pace = Pace()
    for second in range(100):
        pace.add(second * (1 if second < 50 else 100), float(second))
    assert pace.bytes_per_second == pytest.approx(100)
    assert pace.seconds_left(10_900) == pytest.approx(10)


def test_what_was_there_before_is_no_speed() -> None:
    pace = Pace()
    pace.add(5_000_000, 0.0)
    pace.add(5_000_200, 2.0)
    assert pace.bytes_per_second == pytest.approx(100)


def test_a_standstill_has_no_end_and_a_file_that_begins_anew_no_negative_speed() -> None:
    pace = Pace()
    pace.add(100, 0.0)
    pace.add(100, WINDOW_SECONDS - 1)
    assert pace.bytes_per_second == 0
    assert pace.seconds_left(200) is None
    pace.add(0, WINDOW_SECONDS)
    pace.add(10, WINDOW_SECONDS + 1)
    assert pace.bytes_per_second == pytest.approx(10)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "less than a minute"),
        (60, "a minute"),
        (61, "2 minutes"),
        (3599, "60 minutes"),
        (3601, "1 h 1 min"),
        (8000, "2 h 14 min"),
    ],
)
def test_times_are_rounded_up(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_job_says_how_far_it_is_or_why_not() -> None:
    job = Job("m", Target.CPU)
    far = Arrival("Fetching", 3_200_000_000, 13_800_000_000, 45e6, 235.0)
    assert of_arrival(far) == "Fetching: 3.2 of 13.8 GB · 45 MB a second · 4 minutes left"
    held = Arrival("Fetching", 0, 10**9, trouble="The hub cannot be reached.")
    assert of_arrival(held) == "Fetching: 0.0 of 1.0 GB · The hub cannot be reached."
    assert of_job(job, None) == "Waits for its turn."
    assert of_job(Job("m", Target.CPU, sentence="No network."), None) == "No network."
    assert "what has arrived is kept" in of_job(Job("m", Target.CPU, place=Place.PAUSED), far)
    assert of_job(Job("m", Target.CPU, place=Place.FAILED, sentence="404."), far) == "404."
