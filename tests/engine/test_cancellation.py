from __future__ import annotations

import threading

import pytest

from engine.cancellation import Cancellation, Cancelled


def test_it_is_set_once_and_for_ever() -> None:
    cancellation = Cancellation()
    cancellation.check()
    cancellation.set()
    assert cancellation.is_set
    with pytest.raises(Cancelled):
        cancellation.check()


def test_running_work_is_told_by_the_thread_that_cancels() -> None:
    cancellation, told = Cancellation(), threading.Event()
    with cancellation.interrupting(told.set):
        threading.Thread(target=cancellation.set).start()
        assert told.wait(30)


def test_work_that_has_ended_is_not_told() -> None:
    cancellation, told = Cancellation(), threading.Event()
    with cancellation.interrupting(told.set):
        pass
    cancellation.set()
    assert not told.is_set()


def test_cancelled_work_does_not_begin() -> None:
    cancellation = Cancellation()
    cancellation.set()
    with pytest.raises(Cancelled), cancellation.interrupting(lambda: None):
        pytest.fail("the block must not run")
