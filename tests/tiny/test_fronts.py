"""From a checkpoint to every front: the terminal, the localhost API, the window."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest
from openai import OpenAI

from engine.models.folder import ModelFolder
from tests.desktop.test_app import Driven
from tests.engine.cli.test_commands import HEARTH, LONG_SECONDS, environment, hearth

QUESTION = "What is the capital of France?"
THOUGHT, ANSWER = "Its capital is Paris.", "The capital of France is Paris."
MODEL = "tiny-gpt-oss"


@pytest.fixture(autouse=True)
def installed(own_home: Path, tiny_gpt_oss_folder: ModelFolder) -> None:
    """The model lies where the program looks."""
    (own_home / "models").mkdir(parents=True)
    (own_home / "models" / MODEL).symlink_to(tiny_gpt_oss_folder.path, target_is_directory=True)


def test_the_terminal_prints_the_answer_and_no_thought() -> None:
    done = hearth("chat", QUESTION, "--model", MODEL)
    assert done.stdout.strip() == ANSWER
    assert done.stderr == ""


def test_programs_get_the_thoughts_too() -> None:
    told = json.loads(hearth("chat", QUESTION, "--model", MODEL, "--json").stdout)
    assert told["text"] == ANSWER
    assert THOUGHT in told["reasoning"]
    assert told["finish_reason"] == "stop"
    assert 0 < told["usage"]["reasoning_tokens"] < told["usage"]["completion_tokens"]


def test_the_api_answers_the_official_client(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    command = [*HEARTH, "serve", "--model", MODEL, "--port", "0", "--key-file", str(key_file)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split(" answers at ")[1].split()[0]
        with OpenAI(base_url=url, api_key=key_file.read_text("utf-8").strip()) as client:
            whole = client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": QUESTION}]
            )
            chunks = client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": QUESTION}], stream=True
            )
            streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        message = whole.choices[0].message
        assert message.content == streamed == ANSWER
        assert THOUGHT in getattr(message, "reasoning")  # noqa: B009
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_SECONDS) == 0


def test_the_window_shows_the_answer_and_changes_models() -> None:
    window = Driven()
    try:
        window.sees("welcome", "answers on this computer")
        window.tell(ask=QUESTION)
        shown = window.sees("status", "tokens per second")["shown"]
        assert ANSWER in shown
        assert "▸ Thought for" in shown, "folded"
        window.tell(choose="SmolLM2")
        window.sees("status", "SmolLM2 135M Instruct on the CPU")
        window.tell(choose="gpt-oss")
        window.sees("status", "gpt-oss on the CPU")
        assert window.close() == {"code": 0, "threads": []}
    finally:
        window.leave()
