"""Loading and unloading: who waits, who is refused, and what a failed or endless load does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.cancellation import Cancellation, Cancelled
from engine.errors import BadModelFolder, NoModel
from engine.thread import EngineThread
from engine.types import Broken, EngineState, Failed, Idle, Loading, Ready
from tests.engine.test_thread import ANY_FOLDER, LONG_SECONDS, Listener, ask
from tests.fakes import ScriptedDecoder, scripted_model


@pytest.fixture
def decoder() -> ScriptedDecoder:
    return ScriptedDecoder("hello")


def test_without_a_model_submit_refuses_at_once() -> None:
    engine = EngineThread(lambda folder, cancellation: pytest.fail("nothing is loaded here"))
    with pytest.raises(NoModel):
        engine.submit(ask(), Listener())
    assert engine.close()


def test_requests_made_while_loading_wait_for_the_model(decoder: ScriptedDecoder) -> None:
    may_load = threading.Event()

    def open_slowly(folder: Path, cancellation: Cancellation):
        may_load.wait(LONG_SECONDS)
        return scripted_model(decoder)

    states: list[EngineState] = []
    engine = EngineThread(open_slowly, states.append)
    engine.load(ANY_FOLDER)
    listener = Listener()
    generation = engine.submit(ask(), listener)
    may_load.set()
    assert generation.wait(LONG_SECONDS)
    assert listener.text == "hello"
    assert [type(state) for state in states] == [Loading, Ready]
    engine.close()
    assert isinstance(engine.state, Idle)


def test_a_failed_load_is_a_state_and_fails_those_who_waited() -> None:
    may_load = threading.Event()

    def fail(folder: Path, cancellation: Cancellation):
        may_load.wait(LONG_SECONDS)
        raise BadModelFolder("model.onnx is missing.")

    engine = EngineThread(fail)
    engine.load(ANY_FOLDER)
    listener = Listener()
    generation = engine.submit(ask(), listener)
    may_load.set()
    assert generation.wait(LONG_SECONDS)
    assert isinstance(engine.state, Broken)
    failed = listener.events[0]
    assert isinstance(failed, Failed)
    assert str(failed.error) == "model.onnx is missing."
    with pytest.raises(NoModel):
        engine.submit(ask(), Listener())
    assert engine.close()


def test_close_interrupts_a_load() -> None:
    loading = threading.Event()

    def open_for_ever(folder: Path, cancellation: Cancellation):
        interrupted = threading.Event()
        with cancellation.interrupting(interrupted.set):
            loading.set()
            interrupted.wait(LONG_SECONDS)
        raise Cancelled

    engine = EngineThread(open_for_ever)
    engine.load(ANY_FOLDER)
    assert loading.wait(LONG_SECONDS)
    assert engine.close()
    assert isinstance(engine.state, Idle)


def test_a_listener_of_states_that_raises_does_not_end_the_thread(
    decoder: ScriptedDecoder,
) -> None:
    def broken(state: EngineState) -> None:
        raise RuntimeError("the window is gone")

    engine = EngineThread(lambda folder, cancellation: scripted_model(decoder), broken)
    engine.load(ANY_FOLDER)
    listener = Listener()
    assert engine.submit(ask(), listener).wait(LONG_SECONDS)
    assert listener.text == "hello"
    assert engine.close()


def test_unload_lets_those_before_it_finish(decoder: ScriptedDecoder) -> None:
    idle = threading.Event()
    engine = EngineThread(
        lambda folder, cancellation: scripted_model(decoder),
        lambda state: idle.set() if isinstance(state, Idle) else None,
    )
    engine.load(ANY_FOLDER)
    listener = Listener()
    engine.submit(ask(), listener)
    engine.unload()
    assert idle.wait(LONG_SECONDS)
    assert listener.text == "hello"
    with pytest.raises(NoModel):
        engine.submit(ask(), Listener())
    assert engine.close()
