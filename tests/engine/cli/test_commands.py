"""The real program `hearth`, as a shell starts it, with the real starter model."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from openai import OpenAI

from engine.cli.serve import key_from_file
from engine.errors import KeyUnavailable
from engine.models.folder import ModelFolder

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("starter_folder")]

HEARTH = [sys.executable, "-X", "faulthandler", "-W", "error", "-m", "desktop"]
QUESTION = "Name three primary colours."
LONG_SECONDS = 60


def environment() -> dict[str, str]:
    """No display of any kind."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    return {name: value for name, value in os.environ.items() if name not in hidden}


def hearth(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HEARTH, *arguments],
        input=given,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LONG_SECONDS,
        check=False,
    )


def test_a_question_is_answered_and_nothing_else_is_printed() -> None:
    done = hearth("chat", QUESTION, "--temperature", "0", "--max-tokens", "60")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "red" in done.stdout.lower()


def test_the_same_seed_gives_the_same_text() -> None:
    options = ["--seed", "5", "--temperature", "1", "--max-tokens", "30"]
    first, second = hearth("chat", QUESTION, *options), hearth("chat", QUESTION, *options)
    assert first.stdout == second.stdout
    assert len(first.stdout) > 20


@pytest.mark.parametrize("arguments", [["chat", "-"], ["chat"]])
def test_a_prompt_comes_from_standard_input(arguments: list[str]) -> None:
    done = hearth(*arguments, "--temperature", "0", "--max-tokens", "40", given=QUESTION)
    assert "primary" in done.stdout.lower()


def test_json_tells_text_reason_and_usage() -> None:
    done = hearth("chat", QUESTION, "--max-tokens", "3", "--json")
    document = json.loads(done.stdout)
    assert document["finish_reason"] == "length"
    assert document["usage"]["completion_tokens"] == 3
    assert document["text"]


def test_an_unknown_model_is_named_in_one_line() -> None:
    done = hearth("chat", "--model", "gpt-9", QUESTION)
    assert done.returncode == 3
    assert done.stderr == (
        "hearth: There is no model named gpt-9. Installed: smollm2-135m-instruct.\n"
    )


def test_a_wrong_option_is_a_usage_error() -> None:
    done = hearth("chat", "--loud", QUESTION)
    assert done.returncode == 2
    assert "No such option" in done.stderr


def test_a_prompt_that_does_not_fit_is_one_line(tmp_path: Path) -> None:
    done = hearth("chat", "-", given="word " * 9000)
    assert done.returncode == 1
    assert "tokens long, but the model reads at most 8,192" in done.stderr
    assert done.stdout == ""


def test_a_reader_that_leaves_is_no_traceback() -> None:
    command = " ".join([*HEARTH, "chat", "'Count to one hundred.'", "| head -c 3"])
    done = subprocess.run(
        command,
        shell=True,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LONG_SECONDS,
        check=False,
    )
    assert len(done.stdout) == 3
    assert "Traceback" not in done.stderr


def test_models_are_listed() -> None:
    assert "SmolLM2 135M Instruct" in hearth("models").stdout
    (model,) = json.loads(hearth("models", "--json").stdout)
    assert (model["id"], model["context_length"]) == ("smollm2-135m-instruct", 8192)


def test_doctor_names_what_a_bug_report_needs(own_home: Path) -> None:
    page = hearth("doctor").stdout
    for name in ("Hearth", "Python", "Memory", "ONNX Runtime", "Device", "Keyring", "Models"):
        assert f"\n{name} " in f"\n{page}"
    facts = json.loads(hearth("doctor", "--json").stdout)
    assert facts["Data"] == str(own_home)


def test_bench_measures() -> None:
    options = "--prompt 64 --decode 4 --repeat 1 --context 80 --json"
    result = json.loads(hearth("bench", *options.split()).stdout)
    for name in ("prefill", "decode", "context_prefill", "context_decode"):
        assert result[f"{name}_tokens_per_second"] > 0


def test_without_display_and_terminal_one_sample_question_is_answered() -> None:
    done = hearth()
    assert done.returncode == 0
    assert QUESTION in done.stderr
    assert done.stdout.strip()


# A terminal


class Terminal:
    """The program on a pseudo-terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._text = ""

    def read_until(self, words: str) -> str:
        """All that was printed since the last call, up to and with `words`."""
        while words not in self._text:
            try:
                part = os.read(self._descriptor, 4096)
            except OSError:  # Linux says EIO when the other side has closed
                part = b""
            assert part, f"the program ended before {words!r}; it said: {self._text}"
            self._text += part.decode(errors="replace")
        found, _, self._text = self._text.partition(words)
        return found + words

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def press_ctrl_c_until_it_leaves(self) -> int:
        """One that comes between the prompt and Python's read is seen only with the next key."""
        for _ in range(LONG_SECONDS):
            self.type("\x03")
            with suppress(subprocess.TimeoutExpired):
                return self.process.wait(1)
        self.process.send_signal(signal.SIGABRT)  # faulthandler tells where each thread stands
        pytest.fail(f"Ctrl-C did not end the program: {self._rest()}")

    def _rest(self) -> str:
        with suppress(OSError):
            while part := os.read(self._descriptor, 4096):
                self._text += part.decode(errors="replace")
        return self._text


@contextmanager
def terminal(*arguments: str) -> Generator[Terminal]:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*HEARTH, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment(), "TERM": "dumb"},
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _take_terminal() -> None:
    """As a shell starts what runs in front: Ctrl-C reaches it, and is not ignored, which tests that
    run in the background would pass on."""
    import fcntl
    import termios

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_followup_knows_what_was_said_before() -> None:
    with terminal("chat", "--temperature", "0", "--max-tokens", "40") as tty:
        tty.read_until("› ")
        tty.type("I have a dog called Rex.\n")
        tty.read_until("› ")
        tty.type("What is the name of my dog?\n")
        tty.read_until("What is the name of my dog?")
        assert "Rex" in tty.read_until("› ")
        tty.type("\x04")
        assert tty.process.wait(LONG_SECONDS) == 0


def test_ctrl_c_stops_the_answer_and_the_conversation_goes_on() -> None:
    with terminal("chat") as tty:
        tty.read_until("› ")
        tty.type("Write a very long story about a ship.\n")
        tty.read_until("ship.")
        tty.read_until(" ")
        tty.type("\x03")
        tty.read_until("stopped.")
        tty.read_until("› ")
        assert tty.press_ctrl_c_until_it_leaves() == 130


def test_a_stopped_question_leaves_with_130() -> None:
    with terminal("chat", "Write a very long story about a ship.") as tty:
        tty.read_until(" ")
        assert tty.press_ctrl_c_until_it_leaves() == 130


def test_without_a_display_a_terminal_gets_the_chat() -> None:
    with terminal() as tty:
        tty.read_until("There is no display, so Hearth talks here.")
        tty.read_until("› ")
        tty.type("\x04")
        assert tty.process.wait(LONG_SECONDS) == 0


# The server


def test_serve_answers_the_official_client_and_ends_politely(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    command = [*HEARTH, "serve", "--port", "0", "--key-file", str(key_file)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        url = first.split(" answers at ")[1].split()[0]
        client = OpenAI(base_url=url, api_key=key_file.read_text("utf-8").strip())
        (model,) = client.models.list().data
        answer = client.chat.completions.create(
            model=model.id,
            messages=[{"role": "user", "content": [{"type": "text", "text": QUESTION}]}],
            max_completion_tokens=40,
            temperature=0,
        )
        assert "red" in (answer.choices[0].message.content or "").lower()
        client.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_SECONDS) == 0
        assert key_file.read_text("utf-8").strip() not in first + process.stderr.read()


def test_the_network_is_let_in_only_after_a_yes(tmp_path: Path) -> None:
    key_file = ["--key-file", str(tmp_path / "key")]
    done = hearth("serve", "--lan", "--port", "0", *key_file)
    assert done.returncode != 0
    assert "nothing is encrypted" in done.stderr


def test_without_a_key_the_network_is_never_answered() -> None:
    done = hearth("serve", "--lan", "--no-key", "--port", "0")
    assert done.returncode == 2
    assert "--no-key and --lan together" in done.stderr


@pytest.mark.parametrize("option", [("--show-key",), ("--key-file", "key")])
def test_without_a_key_there_is_none_to_show_or_to_keep(option: tuple[str, ...]) -> None:
    done = hearth("serve", "--no-key", "--port", "0", *option)
    assert done.returncode == 2
    assert "--no-key needs no --key-file and no --show-key" in done.stderr


def test_serve_answers_programs_that_have_no_key() -> None:
    command = [*HEARTH, "serve", "--port", "0", "--no-key", "--host-name", "desk.example"]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first, second = process.stderr.readline(), process.stderr.readline()
        assert "No key is needed: every program on this computer can ask" in second
        client = OpenAI(base_url=first.split(" answers at ")[1].split()[0], api_key="none")
        assert len(client.models.list().data) == 1
        client.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_SECONDS) == 0


def test_what_is_no_origin_is_refused(tmp_path: Path) -> None:
    done = hearth("serve", "--origin", "*", "--key-file", str(tmp_path / "key"))
    assert done.returncode == 1
    assert "is not the origin of a page" in done.stderr


def test_without_a_keyring_serve_says_what_to_do() -> None:
    done = hearth("serve")
    assert done.returncode == 1
    assert "--key-file" in done.stderr


def test_a_new_key_file_is_private_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = key_from_file(path)
    assert len(key) >= 43, "256 bits in base64"
    assert key_from_file(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\n", "utf-8")
    with pytest.raises(KeyUnavailable, match="too short"):
        key_from_file(tmp_path / "key")


def test_a_key_file_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="cannot be used: No such file or directory"):
        key_from_file(tmp_path / "missing" / "key")


def test_the_starter_is_where_the_program_looks(starter_folder: ModelFolder) -> None:
    assert starter_folder.name == "SmolLM2 135M Instruct"
