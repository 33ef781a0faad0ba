"""The queue of models to be got: kept over restarts, shared by programs, one worker at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import AlreadyAtWork, FetchFailed, Offline, Unreachable
from engine.models import queue as queues
from engine.models.needs import Target
from engine.models.queue import Job, Place, Queue, Worker

PATIENCE_SECONDS = 20


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "models" / "queue.json")


def job(id: str) -> Job:
    return Job(id, Target.CPU)


def ids(queue: Queue) -> list[str]:
    return [one.id for one in queue.jobs()]


class Getter:
    """A Get that notes what it is asked for, and does what it is told to."""

    def __init__(self, **does: Callable[[Cancellation], None]) -> None:
        self.asked: list[str] = []
        self.does = does

    def __call__(self, job: Job, cancellation: Cancellation) -> None:
        self.asked.append(job.id)
        self.does.get(job.id, lambda _: None)(cancellation)


def fails(error: Exception) -> Callable[[Cancellation], None]:
    def fail(cancellation: Cancellation) -> None:
        raise error

    return fail


def test_what_is_in_it_outlives_the_program(queue: Queue) -> None:
    kept = Job("a", Target.CUDA, keeps_checkpoint=True)
    queue.add(kept)
    queue.add(job("b"))
    queue.pause("b")
    queue.fail("a", "No.")
    failed, paused = Queue(queue.path).jobs()
    assert (failed.target, failed.keeps_checkpoint) == (Target.CUDA, True)
    assert (failed.place, failed.sentence) == (Place.FAILED, "No.")
    assert paused.place is Place.PAUSED
    queue.add(kept)
    assert queue.jobs()[0] == kept
    queue.drop("a")
    assert ids(queue) == ["b"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"id": "a"}]', '[{"id": "a", "target": "x"}]'])
def test_a_damaged_file_is_an_empty_queue(queue: Queue, text: str) -> None:
    queue.path.parent.mkdir()
    queue.path.write_text(text, "utf-8")
    assert queue.jobs() == ()
    queue.add(job("a"))
    assert ids(queue) == ["a"]


def test_many_may_change_it_at_once(queue: Queue) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Queue(queue.path).add(job(f"m{n}")), range(40)))
    assert sorted(ids(queue)) == sorted(f"m{n}" for n in range(40))


def test_all_are_got_in_their_order_and_failures_are_kept(queue: Queue) -> None:
    for id in "abc":
        queue.add(job(id))
    get = Getter(b=fails(FetchFailed("No such file.")))
    (failed,) = Worker(queue, get).run(Cancellation())
    assert get.asked == ["a", "b", "c"]
    assert (failed.id, failed.sentence) == ("b", "No such file.")
    assert ids(queue) == ["b"]
    assert not Worker(queue, get).run(Cancellation()), "what has failed waits for its user"
    queue.resume("b")
    get.does.clear()
    assert not Worker(queue, get).run(Cancellation())
    assert ids(queue) == []


def test_a_server_that_cannot_be_had_is_tried_again_and_others_go_first(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(queues, "FIRST_WAIT_SECONDS", 0.05)
    failures = iter([Unreachable("Not now."), Unreachable("Still not.")])
    seen: list[str] = []

    def sometimes(cancellation: Cancellation) -> None:
        seen.append(queue.jobs()[0].sentence)
        for error in failures:
            raise error

    for id in "ab":
        queue.add(job(id))
    get = Getter(a=sometimes)
    assert not Worker(queue, get).run(Cancellation())
    assert get.asked == ["a", "b", "a", "a"]
    assert seen == ["", "Not now.", "Still not."]


def test_without_patience_that_is_a_failure(queue: Queue) -> None:
    queue.add(job("a"))
    (failed,) = Worker(queue, Getter(a=fails(Unreachable("No."))), is_patient=False).run(
        Cancellation()
    )
    assert failed.sentence == "No."


def test_offline_all_waits(queue: Queue) -> None:
    for id in "ab":
        queue.add(job(id))
    get = Getter(a=fails(Offline("Fetching")))
    with pytest.raises(Offline):
        Worker(queue, get).run(Cancellation())
    assert get.asked == ["a"]
    assert {one.place for one in queue.jobs()} == {Place.WAITING}


def until_cancelled(begun: threading.Event) -> Callable[[Cancellation], None]:
    def work(cancellation: Cancellation) -> None:
        begun.set()
        cancellation.wait(PATIENCE_SECONDS)

    return work


@pytest.mark.parametrize("leave", [Queue.pause, Queue.drop])
def test_one_that_leaves_ends_and_the_next_begins(
    queue: Queue, leave: Callable[[Queue, str], None]
) -> None:
    """As another program does it: by the file alone."""
    begun = threading.Event()
    for id in "ab":
        queue.add(job(id))
    get = Getter(a=until_cancelled(begun))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(Worker(queue, get).run, Cancellation())
        assert begun.wait(PATIENCE_SECONDS)
        leave(Queue(queue.path), "a")
        assert running.result(PATIENCE_SECONDS) == []
    assert get.asked == ["a", "b"]
    assert ids(queue) == (["a"] if leave is Queue.pause else [])


def test_a_cancelled_worker_leaves_its_job_where_it_was(queue: Queue) -> None:
    begun, cancellation = threading.Event(), Cancellation()
    queue.add(job("a"))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(Worker(queue, Getter(a=until_cancelled(begun))).run, cancellation)
        assert begun.wait(PATIENCE_SECONDS)
        with pytest.raises(AlreadyAtWork, match="Another Hearth is getting models already"):
            Worker(queue, Getter()).run(Cancellation())
        cancellation.set()
        with pytest.raises(Cancelled):
            running.result(PATIENCE_SECONDS)
    assert queue.jobs() == (job("a"),)
