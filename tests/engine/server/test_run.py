from __future__ import annotations

import signal
import statistics
import threading

import httpx
import psutil
import pytest

from engine.errors import HearthError, PortUnavailable
from engine.server.access import Access
from engine.server.run import LocalServer
from tests.engine.server.serving import KEY, question, serving
from tests.fakes import ScriptedDecoder


def test_it_answers_as_soon_as_start_returns() -> None:
    with serving() as served:
        assert served.server.url == f"http://127.0.0.1:{served.server.port}"
        assert served.client.get("/v1/models").status_code == 200


def test_it_listens_on_loopback_only() -> None:
    with serving() as served:
        sockets = psutil.Process().net_connections("tcp")
        listening = {own.laddr.ip for own in sockets if own.laddr.port == served.server.port}
        assert listening == {"127.0.0.1"}


def test_small_writes_do_not_wait_for_the_clients_acknowledgement() -> None:
    with serving() as served:
        seconds = [served.client.get("/v1/models").elapsed.total_seconds() for _ in range(21)]
    # Nagle's algorithm against delayed acknowledgements costs 40 ms in each request but the first.
    assert statistics.median(seconds) < 0.03


def test_a_port_in_use_is_told_in_words_at_once() -> None:
    with serving() as served:
        second = LocalServer(served.engine, Access(KEY), served.server.port)
        with pytest.raises(PortUnavailable, match=f"Port {served.server.port} .* another program"):
            second.start()
        assert isinstance(PortUnavailable(), HearthError)
        assert second.close()


def test_a_port_can_be_opened_again_right_after_close() -> None:
    with serving() as served:
        assert served.ask().status_code == 200
        assert served.server.close()
        again = LocalServer(served.engine, Access(KEY), served.server.port)
        again.start()
        try:
            assert served.ask().status_code == 200
        finally:
            again.close()


def test_after_close_nothing_answers_and_no_thread_is_left() -> None:
    with serving() as served:
        assert served.server.close()
        with pytest.raises(httpx.ConnectError):
            served.client.get("/v1/models")
        assert "http" not in {thread.name for thread in threading.enumerate()}
        assert served.server.close()


def test_close_ends_a_stream_with_an_error_and_stops_the_engine() -> None:
    with serving(ScriptedDecoder("x" * 2000, 0.005)) as served:
        body = question(stream=True)
        with served.client.stream("POST", "/v1/chat/completions", json=body) as answer:
            lines = answer.iter_lines()
            next(line for line in lines if '"content":"x"' in line)
            assert served.server.close()
            assert "Hearth is shutting down." in list(lines)[-2]
        assert served.engine.next_submitted().wait(10)


def test_close_does_not_wait_for_an_engine_that_hangs() -> None:
    with serving() as served:
        served.decoder.gate.clear()
        with served.asking() as running, served.asking() as waiting:
            generations = [served.engine.next_submitted() for _ in range(2)]
            assert served.server.close()
            assert running.getresponse().status == waiting.getresponse().status == 503
        assert all(generation.wait(10) for generation in generations)


def test_signal_handlers_stay_the_programs_own() -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with serving() as served:
        served.ask()
        now = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert now == handlers
