"""The whole program, in a process of its own: it opens, answers, closes, and survives a kill."""

from __future__ import annotations

import json
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from desktop.home import Home, default_home
from desktop.library.records import Status
from desktop.library.store import Store
from engine.models.folder import CONFIG_FILE
from engine.types import Role
from tests.conftest import ROOT
from tests.engine.models.test_folder import write_model

PATIENCE_SECONDS = 60.0
SLEEP_SECONDS = 3.0
WORDS = " ".join(f"word{number}" for number in range(2000))
SOME_WORDS = " ".join(f"word{number}" for number in range(200))
INTERRUPTED = "Hearth was closed before this answer was finished."

Seen = dict[str, Any]


class Driven:
    """A window in another process; see tests/desktop/driving.py."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "tests.desktop.driving", *options]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        self._lines: queue.Queue[Seen | None] = queue.Queue()
        self.last: Seen = {}
        threading.Thread(target=self._read).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(json.loads(line))
        self._lines.put(None)

    def tell(self, **command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def until(self, is_it: Callable[[Seen], object]) -> Seen:
        """What was shown last, if that is it, or what comes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_it(self.last):
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            assert line is not None, f"it ended after {self.last}"
            self.last = line
        return self.last

    def sees(self, name: str, part: str) -> Seen:
        return self.until(lambda seen: part in seen.get(name, ""))

    def close(self) -> Seen:
        """The exit code and the threads left."""
        self.tell(close=True)
        end = self.until(lambda seen: "code" in seen)
        assert self._process.wait(PATIENCE_SECONDS) == end["code"]
        return end

    def sleep(self, seconds: float) -> None:
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> Seen:
        """As the system kills, at once. What was shown last, as far as this process was told."""
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)
        while (line := self._lines.get(timeout=PATIENCE_SECONDS)) is not None:
            self.last = line
        return self.last

    def leave(self) -> None:
        if self._process.poll() is None:
            self.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()


Open = Callable[..., Driven]


@pytest.fixture
def home(own_home: Path) -> Home:
    """With a folder that looks like a model; what is in it, only the starter's tests open."""
    write_model(own_home / "models" / "a-model")
    return default_home()


@pytest.fixture
def open_window() -> Generator[Open]:
    opened: list[Driven] = []

    def start(*options: str) -> Driven:
        opened.append(Driven(*options))
        return opened[-1]

    yield start
    for driven in opened:
        driven.leave()


def stored(home: Home) -> list[tuple[Role, str, Status]]:
    store = Store(home.database)
    messages = store.messages(store.conversations()[0].id)
    store.close()
    return [(message.role, message.text, message.end.status) for message in messages]


@pytest.mark.model
@pytest.mark.usefixtures("starter_folder")
def test_the_starter_answers_a_typed_question_and_the_window_closes_clean(
    open_window: Open,
) -> None:
    window = open_window()
    window.until(lambda seen: seen.get("is_shown"))
    window.sees("welcome", "answers on this computer")
    window.tell(ask="Name three primary colours.")
    answered = window.sees("status", "tokens per second")
    assert answered["shown"].startswith("Name three primary colours.")
    assert "\n" in answered["shown"]
    assert answered["titles"] == ["Name three primary colours."]
    assert answered["composer"] == ""
    assert window.close() == {"code": 0, "threads": []}
    assert [row[2] for row in stored(default_home())] == [Status.COMPLETE, Status.COMPLETE]


def test_without_a_model_it_says_how_to_get_one(open_window: Open, own_home: Path) -> None:
    window = open_window("--no-model")
    said = window.sees("welcome", "There is no model yet.")["welcome"]
    assert "make run" in said
    assert str(own_home / "models") in said
    assert CONFIG_FILE in said
    window.tell(ask="Hello?")
    refused = window.sees("notice", "No model is loaded.")
    assert refused["composer"] == "Hello?", "what was typed is lost"
    assert refused["titles"] == []
    assert window.close() == {"code": 0, "threads": []}


def test_a_model_that_does_not_load_is_said_in_the_window(open_window: Open, home: Home) -> None:
    window = open_window()
    window.sees("notice", "The model could not be loaded.")
    assert window.close() == {"code": 0, "threads": []}


def test_after_a_kill_in_mid_answer_all_that_was_shown_is_there(
    open_window: Open, home: Home
) -> None:
    window = open_window("--script", WORDS)
    window.sees("welcome", "answers on this computer")
    window.tell(ask="Count.")
    window.sees("shown", "word20 ")
    shown = window.kill()["shown"]

    again = open_window("--script", WORDS)
    again.until(lambda seen: seen.get("titles") == ["Count."])
    again.tell(open=0)
    after = again.sees("shown", INTERRUPTED)["shown"]
    assert after.startswith(shown.strip())
    assert again.close() == {"code": 0, "threads": []}

    (question, answer) = stored(home)
    assert question == (Role.USER, "Count.", Status.COMPLETE)
    assert answer[2] is Status.INTERRUPTED
    assert WORDS.startswith(answer[1])
    assert len(answer[1]) < len(WORDS)


def test_closing_in_mid_answer_keeps_it_and_ends_all_threads(open_window: Open, home: Home) -> None:
    window = open_window("--script", WORDS)
    window.tell(ask="Count.")
    shown = window.sees("shown", "word20 ")["shown"]
    assert window.close() == {"code": 0, "threads": []}
    (_, answer) = stored(home)
    assert answer[2] is Status.INTERRUPTED
    assert answer[1].startswith(shown.removeprefix("Count.\n").strip())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot halt a process so")
def test_a_computer_that_sleeps_in_mid_answer_goes_on_when_it_wakes(
    open_window: Open, home: Home
) -> None:
    """As far as a process sees it: all of its threads stand still for a while."""
    window = open_window("--script", SOME_WORDS)
    window.sees("welcome", "answers on this computer")
    window.tell(ask="Count.")
    window.sees("shown", "word20 ")
    window.sleep(SLEEP_SECONDS)
    window.sees("shown", "word199")
    window.sees("status", "tokens per second")
    assert window.close() == {"code": 0, "threads": []}
    assert stored(home)[1] == (Role.ASSISTANT, SOME_WORDS, Status.COMPLETE)


def test_a_second_start_reads_the_old_conversations(open_window: Open, home: Home) -> None:
    first = open_window("--script", "Good **day**.")
    for question in ("One", "Two"):
        first.tell(ask=question)
        first.sees("shown", f"{question}\nGood day.")
        first.sees("status", "tokens per second")
        first.tell(press="New chat (Ctrl+N)")
    first.close()
    second = open_window("--script", "Good day.")
    second.until(lambda seen: seen.get("titles") == ["Two", "One"])
    second.tell(open=1)
    assert second.sees("shown", "Good day.")["shown"].split() == ["One", "Good", "day."]
    second.close()


def test_an_exception_in_a_slot_is_shown_and_the_window_goes_on(
    open_window: Open, home: Home
) -> None:
    window = open_window("--script", "Good day.")
    window.until(lambda seen: seen.get("is_shown"))
    window.tell(fail="the lamp is out")
    window.sees("notice", "the lamp is out")
    assert "RuntimeError: the lamp is out" in (home.logs / "hearth.log").read_text("utf-8")
    window.tell(ask="Still there?")
    window.sees("shown", "Good day.")
    assert window.close()["code"] == 0


def test_a_damaged_library_is_one_sentence_and_the_program_ends(
    open_window: Open, home: Home
) -> None:
    home.database.write_bytes(b"not a database at all " * 100)
    window = open_window()
    window.sees("box", "The conversations cannot be read: their file is encrypted, or damaged.")
    assert window.until(lambda seen: "code" in seen) == {"code": 1, "threads": []}
    assert home.database.read_bytes() == b"not a database at all " * 100


def test_a_home_that_cannot_be_is_one_sentence_and_the_program_ends(
    open_window: Open, own_home: Path
) -> None:
    own_home.write_text("a file, not a folder")
    window = open_window("--no-model")
    window.sees("box", f"Hearth cannot keep its files in {own_home}")
    assert window.until(lambda seen: "code" in seen)["code"] == 1


def test_the_api_serves_the_loaded_model_and_its_key_is_in_no_file(
    open_window: Open, home: Home
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    home.settings.write_text(json.dumps({"api_port": port}), "utf-8")
    window = open_window("--script", "Good day.")
    window.sees("welcome", "answers on this computer")
    window.tell(press="Local API")  # opens the dialog
    window.tell(press="Local API")  # is its switch
    key = window.until(lambda seen: seen.get("key"))["key"]
    url = f"http://127.0.0.1:{port}/v1/models"
    for used, status in ((key, 200), ("wrong", 401)):
        headers = {"authorization": f"Bearer {used}"}
        assert httpx.get(url, headers=headers, trust_env=False).status_code == status
    assert window.close() == {"code": 0, "threads": []}
    files = [path for path in home.data.rglob("*") if path.is_file()]
    assert home.settings in files
    assert not [path for path in files if key.encode() in path.read_bytes()]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM on Windows")
def test_the_command_opens_the_window_and_a_signal_closes_it(home: Home) -> None:
    """The program itself, without the driver."""
    process = subprocess.Popen([sys.executable, "-m", "desktop"], cwd=ROOT, stderr=subprocess.PIPE)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not home.settings.exists():  # written once the window is up and a model chosen
        assert time.monotonic() < deadline
        assert process.poll() is None
        threading.Event().wait(0.01)
    process.send_signal(signal.SIGTERM)
    _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, complaints) == (0, b"")
