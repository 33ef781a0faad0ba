"""The API's switch over a real server and a real engine, asked by real HTTP."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from pytestqt.qtbot import QtBot

from desktop.api.service import ApiService, Off, On, Reach, Turning
from desktop.secrets import ApiKeys
from engine.server.run import LocalServer
from tests.desktop.api.conftest import MakeService
from tests.desktop.secret_service import needs_secret_service, run_in_session
from tests.engine.server.serving import question

LONG_MS = 30_000


class SlowKeys(ApiKeys):
    """A keyring that waits for its user."""

    def __init__(self) -> None:
        super().__init__()
        self.was_unlocked = threading.Event()
        self.asked_on: threading.Thread | None = None

    def current(self) -> str:
        self.asked_on = threading.current_thread()
        assert self.was_unlocked.wait(LONG_MS / 1000)
        return "the key from the keyring"


def turned_on(qtbot: QtBot, service: ApiService) -> On:
    service.turn_on()
    return on(qtbot, service)


def on(qtbot: QtBot, service: ApiService) -> On:
    qtbot.waitUntil(lambda: not isinstance(service.state, Turning), timeout=LONG_MS)
    assert isinstance(service.state, On)
    return service.state


def ask(url: str, key: str) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=LONG_MS / 1000) as client:
        return client.post(
            f"{url}/v1/chat/completions",
            json=question(),
            headers={"authorization": f"Bearer {key}"},
        )


def test_it_is_off_until_somebody_turns_it_on(make_service: MakeService) -> None:
    assert make_service().state == Off()
    assert "http" not in {thread.name for thread in threading.enumerate()}


def test_on_answers_a_request_with_the_key_and_no_other(
    qtbot: QtBot, make_service: MakeService
) -> None:
    state = turned_on(qtbot, make_service())
    answered = ask(state.url, state.key)
    assert answered.status_code == 200
    assert answered.json()["choices"][0]["message"]["content"] == "Good day."
    assert ask(state.url, "some-other-key").status_code == 401


def turned_off(qtbot: QtBot, service: ApiService) -> None:
    service.turn_off()
    assert service.state == Turning(is_on_its_way_on=False), "clients are let go by a worker"
    qtbot.waitUntil(lambda: service.state == Off(), timeout=LONG_MS)


def test_off_closes_the_port(qtbot: QtBot, make_service: MakeService) -> None:
    service = make_service()
    state = turned_on(qtbot, service)
    turned_off(qtbot, service)
    with pytest.raises(httpx.ConnectError):
        ask(state.url, state.key)


def test_it_can_be_turned_on_again_with_the_same_key(
    qtbot: QtBot, make_service: MakeService
) -> None:
    service = make_service()
    first = turned_on(qtbot, service)
    turned_off(qtbot, service)
    second = turned_on(qtbot, service)
    assert second.key == first.key
    assert ask(second.url, second.key).status_code == 200


def test_a_new_key_makes_the_old_one_worthless(qtbot: QtBot, make_service: MakeService) -> None:
    service = make_service()
    old = turned_on(qtbot, service)
    service.rotate()
    new = on(qtbot, service)
    assert ask(new.url, old.key).status_code == 401
    assert ask(new.url, new.key).status_code == 200


def test_a_page_that_was_let_in_is_answered_with_a_new_key_too(
    qtbot: QtBot, make_service: MakeService
) -> None:
    service = make_service()
    turned_on(qtbot, service)
    service.change_reach(Reach(origins=frozenset({"https://app.example"})))
    on(qtbot, service)
    service.rotate()
    state = on(qtbot, service)
    headers = {"authorization": f"Bearer {state.key}", "origin": "https://app.example"}
    answer = httpx.get(f"{state.url}/v1/models", headers=headers, trust_env=False)
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


def test_the_network_is_not_open_when_it_is_turned_on_again(
    qtbot: QtBot, make_service: MakeService
) -> None:
    service = make_service()
    key = turned_on(qtbot, service).key
    service.change_reach(Reach(has_network=True))
    state = on(qtbot, service)
    assert state.network_url == state.url.replace("127.0.0.1", "lan.example")
    assert state.key == key
    assert ask(state.url, key).status_code == 200
    turned_off(qtbot, service)
    assert turned_on(qtbot, service).reach == Reach()


def test_after_the_network_programs_need_the_key(qtbot: QtBot, make_service: MakeService) -> None:
    service = make_service()
    turned_on(qtbot, service)
    service.change_reach(Reach(has_network=True, is_keyless=True))
    on(qtbot, service)
    turned_off(qtbot, service)
    assert turned_on(qtbot, service).reach == Reach()


def test_a_taken_port_is_a_sentence_and_off(qtbot: QtBot, make_service: MakeService) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        service = make_service(port=port)
        service.turn_on()
        qtbot.waitUntil(lambda: isinstance(service.state, Off), timeout=LONG_MS)
        assert service.state == Off(
            f"Port {port} cannot be opened: another program uses it. Choose another port."
        )
    turned_on(qtbot, service)


def test_what_nobody_foresaw_turns_it_off_in_words(
    qtbot: QtBot, make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(server: LocalServer) -> str:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(LocalServer, "start", fail)
    service = make_service()
    service.turn_on()
    qtbot.waitUntil(lambda: isinstance(service.state, Off), timeout=LONG_MS)
    assert service.state == Off("The API could not be turned on: can't start new thread.")


def test_without_a_keyring_the_key_is_for_this_session_and_it_says_so(
    qtbot: QtBot, make_service: MakeService
) -> None:
    notice = turned_on(qtbot, make_service()).notice
    assert notice.startswith("This system has no keyring that Hearth can use")
    assert notice.endswith("This key works until Hearth is closed.")


def test_the_main_thread_goes_on_while_the_keyring_waits(
    qtbot: QtBot, make_service: MakeService
) -> None:
    keys = SlowKeys()
    service = make_service(keys)
    with qtbot.waitSignal(service.state_changed, timeout=LONG_MS):
        service.turn_on()
    assert service.state == Turning()
    keys.was_unlocked.set()
    state = on(qtbot, service)
    assert state.key == "the key from the keyring"
    assert state.notice == ""
    assert keys.asked_on is not threading.main_thread()


def test_while_it_turns_on_the_switch_does_nothing(qtbot: QtBot, make_service: MakeService) -> None:
    keys = SlowKeys()
    service = make_service(keys)
    service.turn_on()
    for press in (service.turn_on, service.turn_off, service.rotate):
        press()
        assert service.state == Turning()
    keys.was_unlocked.set()
    on(qtbot, service)


def test_closing_does_not_wait_for_a_keyring_for_ever(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.api.service.JOIN_SECONDS", 0.05)
    keys = SlowKeys()
    service = make_service(keys)
    service.turn_on()
    worker = service._worker
    assert worker is not None
    service.close()
    keys.was_unlocked.set()
    worker.join(LONG_MS / 1000)
    assert service._server is None, "a server was started after closing"


IN_THE_SERVICE = """
import json, httpx, keyring
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop.api.service import ApiService, On
from desktop.secrets import ApiKeys
from engine.server.access import Access
from engine.server.run import LocalServer
from engine.thread import EngineThread
from tests.fakes import ScriptedDecoder, scripted_model

app = QCoreApplication([])
engine = EngineThread(lambda *_: scripted_model(ScriptedDecoder("Hi")))
service = ApiService(lambda key, reach: LocalServer(engine, Access(key), 0), ApiKeys())
told = []

def status(state, key):
    headers = {"authorization": f"Bearer {key}"}
    return httpx.get(f"{state.url}/v1/models", headers=headers, trust_env=False).status_code

def on_state(state):
    if not isinstance(state, On):
        return
    first = told[0]["key"] if told else state.key
    told.append({
        "key": state.key, "notice": state.notice, "with_first": status(state, first),
        "with_own": status(state, state.key),
        "stored": keyring.get_password("hearth", "api-key"),
    })
    if len(told) == 1:
        service.rotate()
    else:
        app.quit()

service.state_changed.connect(on_state)
service.turn_on()
app.exec()
service.close()
engine.close()
print(json.dumps(told))
"""


@needs_secret_service
def test_with_a_keyring_the_key_is_kept_there_and_rotated_there(tmp_path: Path) -> None:
    first, second = json.loads(run_in_session(tmp_path, IN_THE_SERVICE))
    assert first["stored"] == first["key"]
    assert second["stored"] == second["key"] != first["key"]
    assert (first["notice"], second["notice"]) == ("", "")
    assert (first["with_own"], second["with_own"], second["with_first"]) == (200, 200, 401)
