"""The real program from its first window to its second start, by keyboard and mouse."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop.home import default_home
from desktop.library.records import Status
from engine.models.folder import ModelFolder
from engine.types import Role

if TYPE_CHECKING:
    from tests.desktop.end_to_end.program import Desktop, Program
    from tests.desktop.end_to_end.seen import Seen

ASKED_OF_THE_STARTER = "Name three primary colours."
QUESTION = "What is the capital of France?"
THOUGHT = "The user asks about France. Its capital is Paris."
ANSWER = "The capital of France is Paris."
TINY = "tiny-gpt-oss"
Row = tuple[str, str, str, str]
"""Role, text, reasoning and status of a message."""


@pytest.fixture
def home(own_home: Path, starter_folder: ModelFolder, tiny_gpt_oss_folder: ModelFolder) -> Path:
    """A tiny gpt-oss is installed; the starter was used last."""
    models = default_home().models
    models.mkdir(parents=True)
    (models / TINY).symlink_to(tiny_gpt_oss_folder.path, target_is_directory=True)
    settings = {"last_model": str(starter_folder.path), "writes_titles": False}
    default_home().settings.write_text(json.dumps(settings), "utf-8")
    return own_home


@pytest.mark.model
def test_questions_are_answered_kept_found_and_there_again(desktop: Desktop, home: Path) -> None:
    with desktop.running(home) as program:
        the_starter_answers(program)
        gpt_oss_answers_in_a_new_chat(program)
        the_first_chat_is_found(program)
        assert program.quit() == (0, "")
    with desktop.running(home) as program:
        program.find("button menu", "Model: gpt-oss")
        assert program.until(titles) == [QUESTION, ASKED_OF_THE_STARTER]
        program.click("list item", QUESTION)
        program.shows(ANSWER)
        assert program.quit() == (0, "")


def the_starter_answers(program: Program) -> None:
    program.find("label", "SmolLM2 135M Instruct on the CPU")
    program.ask(ASKED_OF_THE_STARTER)
    program.find("push button", "Answer again")
    asked, answered = messages(ASKED_OF_THE_STARTER)
    assert asked == (Role.USER, ASKED_OF_THE_STARTER, "", Status.COMPLETE)
    assert answered[0] == Role.ASSISTANT
    assert answered[1]
    assert answered[3] == Status.COMPLETE
    program.shows(answered[1].split("\n")[0])


def gpt_oss_answers_in_a_new_chat(program: Program) -> None:
    menu = program.menu_at("ctrl+m")
    program.choose(menu, "gpt-oss")
    program.find("label", "gpt-oss on the CPU")
    program.press("ctrl+n")
    program.find("label", "What is on your mind?")
    program.ask(QUESTION)
    program.find("push button", "Answer again")
    program.shows(ANSWER)
    assert messages(QUESTION)[1] == (Role.ASSISTANT, ANSWER, THOUGHT, Status.COMPLETE)


def the_first_chat_is_found(program: Program) -> None:
    program.press("ctrl+k")
    program.type("primary")
    program.until(lambda seen: titles(seen) == [ASKED_OF_THE_STARTER])
    program.press("Down")
    program.press("Return")
    program.shows(ASKED_OF_THE_STARTER)


def titles(seen: Seen) -> list[str]:
    """Of the conversations in the library."""
    return [one.name for one in seen.all("list item")]


def messages(title: str) -> list[Row]:
    """Of the conversation of this title, as they are on the disk."""
    with closing(sqlite3.connect(default_home().database)) as library:
        return library.execute(
            "SELECT role, text, reasoning, status FROM messages WHERE conversation_id = "
            "(SELECT id FROM conversations WHERE title = ?) ORDER BY id",
            [title],
        ).fetchall()
