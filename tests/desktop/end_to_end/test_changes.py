"""Changes that take a new window, in the real program with a real keyring: language, encryption."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop.home import default_home
from desktop.library.encryption import is_encrypted
from engine.models.folder import ModelFolder
from tests.desktop.end_to_end.seen import Seen, State

if TYPE_CHECKING:
    from tests.desktop.end_to_end.program import Desktop, Program

QUESTION = "What is the capital of Japan?"
ANSWER = "The capital of Japan is Tokyo."


@pytest.fixture
def home(own_home: Path, tiny_gpt_oss_folder: ModelFolder) -> Path:
    models = default_home().models
    models.mkdir(parents=True)
    (models / "tiny").symlink_to(tiny_gpt_oss_folder.path, target_is_directory=True)
    default_home().settings.write_text(json.dumps({"writes_titles": False}), "utf-8")
    return own_home


@pytest.mark.model
def test_a_conversation_outlives_another_language_and_its_encryption(
    desktop: Desktop, home: Path
) -> None:
    with desktop.running(home) as program:
        program.find("label", "gpt-oss on the CPU")
        program.ask(QUESTION)
        program.shows(ANSWER)
        program.find("push button", "Answer again")
        encrypt(program)
        speak_german(program)
        assert program.quit("Nachricht") == (0, "")
    assert is_encrypted(default_home().database)
    with desktop.running(home) as program:
        program.click("list item", QUESTION)
        program.shows(ANSWER, "Unterhaltung")
        program.find("label", "gpt-oss auf der CPU")
        assert program.quit("Nachricht") == (0, "")


def encrypt(program: Program) -> None:
    """Yes is asked for, and the new window shows the key once, beside the same conversation."""
    program.click("push button", "Preferences")
    program.find("check box", "Encrypt them on the disk")
    program.press("shift+Tab")  # to the button below them,
    program.until(lambda seen: is_focused(seen, "push button", "About Hearth"))
    program.press("shift+Tab")  # and to the last of them, which scrolls into view
    program.until(lambda seen: is_focused(seen, "check box", "Encrypt them on the disk"))
    program.press("space")
    program.click("push button", "Yes")
    program.click("push button", "I have kept it")
    program.shows(ANSWER)
    program.find("label", "gpt-oss on the CPU")


def is_focused(seen: Seen, role: str, name: str) -> bool:
    return any(State.FOCUSED in one.states for one in seen.all(role, name))


def speak_german(program: Program) -> None:
    """The preferences are open again."""
    program.click("combo box", "Like the system")
    program.click("list item", "Deutsch")
    program.find("combo box", "Deutsch")
    program.shows(ANSWER, "Unterhaltung")
    program.press("Escape")
    program.until(lambda seen: not seen.all("dialog"))
