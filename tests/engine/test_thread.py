"""The contract of the Sink, and a thread that outlives everything."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from engine.cancellation import Cancellation
from engine.errors import (
    ContextOverflow,
    DeviceFailed,
    DeviceLost,
    EngineBusy,
    EngineClosed,
)
from engine.formats.chat_template import ChatTemplate
from engine.formats.template import TemplateFormat
from engine.protocols import Prompt
from engine.thread import EngineThread, Generation
from engine.types import (
    ChatRequest,
    EngineState,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    Idle,
    Loading,
    Message,
    Progress,
    Ready,
    Role,
    Sink,
    Started,
    TextDelta,
)
from tests.fakes import CHATML, END, ScriptedDecoder, byte_tokenizer, scripted_model

ANY_FOLDER = Path("any")
LONG_SECONDS = 30.0


class Listener:
    """A sink that remembers, and tells when something has come."""

    def __init__(self) -> None:
        self.events: list[GenerationEvent] = []
        self.threads: set[str] = set()
        self.started = threading.Event()
        self.spoken = threading.Event()

    def __call__(self, event: GenerationEvent) -> None:
        self.events.append(event)
        self.threads.add(threading.current_thread().name)
        if isinstance(event, Started):
            self.started.set()
        if isinstance(event, TextDelta):
            self.spoken.set()

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def terminal(self) -> list[GenerationEvent]:
        return [event for event in self.events if isinstance(event, Finished | Failed)]

    @property
    def reason(self) -> FinishReason:
        finished = self.events[-1]
        assert isinstance(finished, Finished)
        return finished.reason


def ask(text: str = "Hi", max_tokens: int | None = None) -> ChatRequest:
    return ChatRequest((Message.of(Role.USER, text),), max_tokens=max_tokens)


@pytest.fixture
def decoder() -> ScriptedDecoder:
    return ScriptedDecoder("hello")


@pytest.fixture
def engine(decoder: ScriptedDecoder) -> Generator[EngineThread]:
    engine = EngineThread(lambda folder, cancellation: scripted_model(decoder), max_waiting=3)
    engine.load(ANY_FOLDER)
    yield engine
    assert engine.close(), "the engine thread did not end"


def assert_one_terminal_event_last(listener: Listener) -> None:
    assert listener.terminal == listener.events[-1:]


def test_events_come_in_order_on_the_engine_thread(engine: EngineThread) -> None:
    listener = Listener()
    assert engine.submit(ask(), listener).wait(LONG_SECONDS)
    kinds = [type(event) for event in listener.events]
    assert kinds[0] is Started
    assert kinds[1] is Progress
    assert set(kinds[2:-1]) == {TextDelta}
    assert listener.text == "hello"
    assert listener.threads == {"engine"}
    assert_one_terminal_event_last(listener)


def test_usage_counts_prompt_and_sampled_tokens(engine: EngineThread) -> None:
    listener = Listener()
    engine.submit(ask(), listener).wait(LONG_SECONDS)
    finished = listener.events[-1]
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.STOP
    assert finished.usage is not None
    assert finished.usage.completion_tokens == len("hello") + 1
    started = listener.events[0]
    assert isinstance(started, Started)
    assert finished.usage.prompt_tokens == started.prompt_tokens


def test_max_tokens_ends_with_length(engine: EngineThread) -> None:
    listener = Listener()
    engine.submit(ask(max_tokens=2), listener).wait(LONG_SECONDS)
    assert listener.text == "he"
    assert listener.reason is FinishReason.LENGTH


def test_a_followup_reuses_the_cached_prefix(engine: EngineThread) -> None:
    first, second = Listener(), Listener()
    request = ask("Hi")
    engine.submit(request, first).wait(LONG_SECONDS)
    engine.submit(request, second).wait(LONG_SECONDS)
    started = second.events[0]
    assert isinstance(started, Started)
    assert started.cached_tokens == started.prompt_tokens - 1


def test_cancel_during_decode_ends_soon(decoder: ScriptedDecoder, engine: EngineThread) -> None:
    decoder.script, decoder.seconds_per_token = [*b"x" * 10_000], 0.001
    listener = Listener()
    generation = engine.submit(ask(), listener)
    assert listener.spoken.wait(LONG_SECONDS)
    generation.cancel()
    assert generation.wait(LONG_SECONDS)
    assert listener.reason is FinishReason.CANCELLED
    assert_one_terminal_event_last(listener)
    assert decoder.resets == 0, "the cache stays valid after a cancel"


def test_cancel_during_prefill_interrupts_the_running_chunk(
    decoder: ScriptedDecoder, engine: EngineThread
) -> None:
    decoder.seconds_per_token = 1.0
    listener = Listener()
    generation = engine.submit(ask("x" * 100), listener)
    assert listener.started.wait(LONG_SECONDS)
    generation.cancel()
    assert generation.wait(LONG_SECONDS)
    assert [type(event) for event in listener.events] == [Started, Finished]
    assert decoder.tokens == []


def test_cancel_while_waiting_ends_without_a_turn(
    decoder: ScriptedDecoder, engine: EngineThread
) -> None:
    decoder.script, decoder.seconds_per_token = [*b"x" * 10_000], 0.001
    running, waiting = Listener(), Listener()
    first = engine.submit(ask(), running)
    assert running.spoken.wait(LONG_SECONDS)
    second = engine.submit(ask(), waiting)
    second.cancel()
    assert second.wait(LONG_SECONDS)
    assert waiting.events == [Finished(FinishReason.CANCELLED, None)]
    assert not first.done(), "the one in front goes on"
    first.cancel()


def test_a_raising_sink_cancels_its_own_generation_only(
    decoder: ScriptedDecoder, engine: EngineThread
) -> None:
    def broken(event: GenerationEvent) -> None:
        raise RuntimeError("the view is gone")

    assert engine.submit(ask(), broken).wait(LONG_SECONDS)
    assert decoder.decoded == 0
    listener = Listener()
    engine.submit(ask(), listener).wait(LONG_SECONDS)
    assert listener.text == "hello"


def test_a_decoder_that_throws_fails_the_answer_and_clears_the_cache(
    decoder: ScriptedDecoder, engine: EngineThread
) -> None:
    decoder.fail_at = 2
    listener = Listener()
    engine.submit(ask(), listener).wait(LONG_SECONDS)
    failed = listener.events[-1]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, DeviceFailed)
    assert_one_terminal_event_last(listener)
    assert decoder.resets == 1
    decoder.fail_at = None
    after = Listener()
    engine.submit(ask(), after).wait(LONG_SECONDS)
    assert after.text == "hello"


def test_a_lost_device_fails_its_answer_and_the_model_is_loaded_anew() -> None:
    """Nobody has to ask for it, and what was submitted meanwhile is answered."""
    lost, sound = ScriptedDecoder("hello", fail_at=2), ScriptedDecoder("hello")
    lost.failure = DeviceLost
    decoders, states = iter((lost, sound)), list[EngineState]()
    engine = EngineThread(lambda *_: scripted_model(next(decoders)), states.append)
    try:
        engine.load(ANY_FOLDER)
        first, second = Listener(), Listener()
        asked = [engine.submit(ask(), listener) for listener in (first, second)]
        assert all(one.wait(LONG_SECONDS) for one in asked)
    finally:
        engine.close()
    failed = first.events[-1]
    assert isinstance(failed, Failed)
    assert "the script says so" in str(failed.error)
    assert second.text == "hello"
    kinds = [type(state) for state in states]
    assert kinds == [Loading, Ready, Loading, Ready, Idle]


def test_a_prompt_longer_than_the_context_fails_before_started(engine: EngineThread) -> None:
    listener = Listener()
    engine.submit(ask("x" * 5000), listener).wait(LONG_SECONDS)
    failed = listener.events[0]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ContextOverflow)
    assert "5,0" in str(failed.error)


def test_close_ends_the_running_and_the_waiting(decoder: ScriptedDecoder) -> None:
    decoder.script, decoder.seconds_per_token = [*b"x" * 10_000], 0.001
    engine = EngineThread(lambda folder, cancellation: scripted_model(decoder))
    engine.load(ANY_FOLDER)
    running, waiting = Listener(), Listener()
    engine.submit(ask(), running)
    engine.submit(ask(), waiting)
    assert running.spoken.wait(LONG_SECONDS)
    assert engine.close()
    assert running.reason is FinishReason.CANCELLED
    assert waiting.events == [Finished(FinishReason.CANCELLED, None)]
    with pytest.raises(EngineClosed):
        engine.submit(ask(), running)


def keep_busy(decoder: ScriptedDecoder, engine: EngineThread, client: str = "") -> None:
    """With an answer that has begun, until the decoder's gate is opened."""
    decoder.gate.clear()
    first = Listener()
    engine.submit(ask(), first, client)
    assert first.started.wait(LONG_SECONDS)


def test_a_full_queue_refuses_at_once(decoder: ScriptedDecoder, engine: EngineThread) -> None:
    keep_busy(decoder, engine)
    for _ in range(3):
        engine.submit(ask(), Listener())
    with pytest.raises(EngineBusy, match="3 requests are waiting"):
        engine.submit(ask(), Listener())
    decoder.gate.set()


def test_who_has_given_up_waiting_takes_no_place(
    decoder: ScriptedDecoder, engine: EngineThread
) -> None:
    keep_busy(decoder, engine)
    waiting = [engine.submit(ask(), Listener()) for _ in range(3)]
    waiting[1].cancel()
    assert engine.submit(ask(), Listener())
    decoder.gate.set()


def test_clients_take_turns(decoder: ScriptedDecoder, engine: EngineThread) -> None:
    keep_busy(decoder, engine, "busy")
    order = queue.Queue[str]()

    def ended(name: str) -> Sink:
        return lambda event: order.put(name) if isinstance(event, Finished) else None

    asked = [("busy", "busy 1"), ("busy", "busy 2"), ("other", "other 1")]
    for client, name in asked:
        engine.submit(ask(), ended(name), client)
    decoder.gate.set()
    names = [order.get(timeout=LONG_SECONDS) for _ in asked]
    assert names == ["other 1", "busy 1", "busy 2"]


def test_several_requests_find_room_together_or_not_at_all(
    decoder: ScriptedDecoder, engine: EngineThread
) -> None:
    keep_busy(decoder, engine)
    engine.submit(ask(), Listener())
    with pytest.raises(EngineBusy):
        engine.submit_all([(ask(), Listener())] * 3, "")
    assert len(engine.submit_all([(ask(), Listener())] * 2, "")) == 2
    decoder.gate.set()


def test_a_cancel_while_the_prompt_is_written_is_no_failure() -> None:
    """A schema of the request may take seconds to compile."""
    decoder = ScriptedDecoder("hello")
    running: list[Generation] = []
    has_submitted = threading.Event()

    class Slow(TemplateFormat):
        def render(self, request: ChatRequest, cancellation: Cancellation | None = None) -> Prompt:
            assert has_submitted.wait(LONG_SECONDS)
            running[0].cancel()
            return super().render(request, cancellation)

    slow = Slow(byte_tokenizer(), ChatTemplate(CHATML), [END])
    engine = EngineThread(lambda *_: scripted_model(decoder, chat_format=slow))
    engine.load(ANY_FOLDER)
    listener = Listener()
    running.append(engine.submit(ask(), listener))
    has_submitted.set()
    assert running[0].wait(LONG_SECONDS)
    assert listener.events == [Finished(FinishReason.CANCELLED, None)]
    assert decoder.resets == 0
    assert engine.close()
