"""The first model of one's own takes the starter's place by itself; no later one does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.page import MODELS
from desktop.program import Program
from desktop.shell import Shell
from engine.types import Ready
from tests.desktop.conftest import LONG_MS
from tests.engine.models.test_folder import write_model


@pytest.fixture
def shell(program: Program, make_shell: Callable[[], Shell]) -> Shell:
    write_model(program.home.bundled_models / "starter")
    return make_shell()


def wait_for_model(qtbot: QtBot, shell: Shell, id: str) -> None:
    def is_it() -> bool:
        state = shell._bridge.state
        return isinstance(state, Ready) and state.model.id == id

    qtbot.waitUntil(is_it, timeout=LONG_MS)


def offers_models(shell: Shell) -> bool:
    buttons = shell.window.page.findChildren(QPushButton)
    return next(one for one in buttons if one.text() == MODELS).isVisible()


def test_it_takes_the_starters_place_and_no_later_one_takes_its(
    qtbot: QtBot, shell: Shell, own_home: Path
) -> None:
    wait_for_model(qtbot, shell, "starter")
    qtbot.waitUntil(lambda: offers_models(shell), timeout=LONG_MS)
    for name in ("mine", "another"):
        write_model(own_home / "models" / name)
        shell._pages.model_ready.emit(name)
        wait_for_model(qtbot, shell, "mine")
    qtbot.waitUntil(lambda: not offers_models(shell), timeout=LONG_MS)
    assert shell._settings.last_model == str(own_home / "models" / "mine")
