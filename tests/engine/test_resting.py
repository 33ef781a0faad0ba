"""A model that nobody asks gives its memory back, and is there when somebody does."""

from __future__ import annotations

import gc
import queue
import weakref
from collections.abc import Generator
from pathlib import Path

import pytest

from engine.cancellation import Cancellation
from engine.errors import BadModelFolder
from engine.model import Model
from engine.thread import EngineThread
from engine.types import Broken, EngineState, Failed, Idle, Loading, Ready
from tests.engine.test_thread import LONG_SECONDS, Listener, ask
from tests.fakes import ScriptedDecoder, scripted_model


class Bench:
    """An engine, its states as they come, and the decoders that were opened."""

    def __init__(self) -> None:
        self.states: queue.Queue[EngineState] = queue.Queue()
        self.opened: list[weakref.ref[ScriptedDecoder]] = []
        self.failure: Exception | None = None
        self.engine = EngineThread(self._open, self.states.put)

    def _open(self, folder: Path, cancellation: Cancellation) -> Model:
        if self.failure is not None:
            raise self.failure
        decoder = ScriptedDecoder("hello")
        self.opened.append(weakref.ref(decoder))
        return scripted_model(decoder)

    def next_state(self) -> EngineState:
        return self.states.get(timeout=LONG_SECONDS)

    def load_and_rest(self) -> Ready:
        self.engine.load(Path("any"))
        assert isinstance(self.next_state(), Loading)
        assert isinstance(self.next_state(), Ready)
        self.engine.rest_after(0.01)
        resting = self.next_state()
        assert isinstance(resting, Ready)
        return resting

    def ask(self) -> Listener:
        listener = Listener()
        assert self.engine.submit(ask(), listener).wait(LONG_SECONDS)
        return listener


@pytest.fixture
def bench() -> Generator[Bench]:
    bench = Bench()
    yield bench
    assert bench.engine.close()


def test_it_gives_its_memory_back_and_the_next_question_wakes_it(bench: Bench) -> None:
    assert bench.load_and_rest().is_resting
    bench.engine.rest_after(None)
    gc.collect()
    assert bench.opened[0]() is None, "the model is still in memory"
    assert bench.ask().text == "hello"
    assert bench.next_state() == Loading("any")
    assert bench.next_state() == bench.engine.state
    assert isinstance(bench.engine.state, Ready)
    assert not bench.engine.state.is_resting


def test_it_rests_again_after_each_answer(bench: Bench) -> None:
    bench.load_and_rest()
    for _ in range(2):
        assert bench.ask().text == "hello"
        states = [bench.next_state() for _ in range(3)]
        assert [type(state) for state in states] == [Loading, Ready, Ready]
        assert states[-1] == Ready(states[-1].model, is_resting=True)  # type: ignore[union-attr]


def test_one_that_is_gone_meanwhile_fails_the_question_in_words(bench: Bench) -> None:
    bench.load_and_rest()
    bench.failure = BadModelFolder("The folder any is not there any more.")
    failed = bench.ask().events[-1]
    assert isinstance(failed, Failed)
    assert str(failed.error) == "The folder any is not there any more."
    assert isinstance(bench.engine.state, Broken)


def test_a_model_at_rest_can_be_unloaded(bench: Bench) -> None:
    bench.load_and_rest()
    bench.engine.unload()
    assert bench.next_state() == Idle()


def test_without_a_limit_it_stays(bench: Bench) -> None:
    bench.load_and_rest()
    bench.engine.rest_after(None)
    bench.ask()
    bench.engine.rest_after(3600)
    assert bench.ask().text == "hello"
    assert not bench.engine.state.is_resting  # type: ignore[union-attr]
