"""What AT-SPI tells a screen reader of the real window, its menus and its dialogs."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.models.download.connections import Connections
from engine.models.folder import ModelFolder
from engine.models.needs import Target
from engine.models.queue import QUEUE_FILE, Job, Place, Queue
from tests.desktop.end_to_end.seen import Seen, State
from tests.loopback import free_port

if TYPE_CHECKING:
    from tests.desktop.end_to_end.program import Desktop, Program

QUESTION, ANSWER = "What is the capital of Japan?", "The capital of Japan is Tokyo."
WINDOWS = {"frame", "dialog"}
CONTROLS = {
    "push button",
    "button menu",
    "check box",
    "text",
    "spin box",
    "list",
    "list item",
    "tree",
    "tree item",
    "column header",
    "combo box",
    "menu item",
    "popup menu",
    "progress bar",
}
CAN_TAKE_FOCUS = CONTROLS | {"label", "filler"}
"""Text that can be selected is a label, a part that scrolls is a filler."""
MENUS = {
    "Model: gpt-oss": "Models",
    "More about conversations": "More about conversations",
    "How to answer": "How to answer",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tiny_gpt_oss_folder: ModelFolder) -> Path:
    """With something in every list: a model, one on its way, and a connection."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    (home / "models" / "tiny").symlink_to(tiny_gpt_oss_folder.path, target_is_directory=True)
    job = Job("gpt-oss-20b", Target.CPU, place=Place.PAUSED)
    Queue(home / "models" / QUEUE_FILE).add(job)
    Connections(home / "connections.jsonl").permit("huggingface.co", "get gpt-oss-20b")
    (home / "settings.json").write_text(json.dumps({"api_port": free_port()}), "utf-8")
    return home


@pytest.fixture(scope="module")
def program(desktop: Desktop, home: Path) -> Generator[Program]:
    with desktop.running(home) as program:
        program.find("label", "gpt-oss on the CPU")
        yield program
        assert program.quit() == (0, "")


def test_an_answer_is_announced_and_every_control_beside_it_has_a_name(program: Program) -> None:
    assert program.announced_after(lambda: program.ask(QUESTION)) == f"Answer: {ANSWER}"
    program.press("ctrl+k")
    program.type("cap")
    program.find("push button", "Clear the search")
    window = program.until(lambda seen: seen.all("frame", "Hearth"))[0]
    assert faults(window) == []
    assert window.all("push button", "Answer again")


@pytest.mark.parametrize(("button", "name"), MENUS.items())
def test_every_menu_and_its_entries_have_names(program: Program, button: str, name: str) -> None:
    menu = program.menu_of(button)
    program.press("Escape")
    assert menu.name == name
    assert menu.all("menu item")
    assert faults(menu) == []


def open_manner(program: Program) -> None:
    program.choose(program.menu_of("How to answer"), "Instructions")


def open_models(program: Program) -> None:
    program.choose(program.menu_of("Model: gpt-oss"), "Get and manage")


def open_connections(program: Program) -> None:
    program.click("push button", "Connections")


def open_preferences(program: Program) -> None:
    program.click("push button", "Preferences")


def open_api(program: Program) -> None:
    """With a key of the keyring, as it looks switched on."""
    program.click("push button", "Local API")
    program.click("check box", "Local API")
    program.find("push button", "Open the web chat")


@pytest.mark.parametrize(
    ("name", "open_dialog", "expected"),
    [
        ("How to answer", open_manner, [("check box", "Temperature"), ("spin box", "Top p")]),
        ("Models", open_models, [("push button", "Resume"), ("progress bar", "Progress")]),
        ("Connections", open_connections, [("check box", "Offline"), ("tree item", "hugging")]),
        (
            "Preferences",
            open_preferences,
            [("combo box", "Like"), ("check box", "Notif")],
        ),
        ("Local API", open_api, [("text", "Key"), ("check box", "Answer the network")]),
    ],
)
def test_every_control_of_a_dialog_has_a_name(
    program: Program,
    name: str,
    open_dialog: Callable[[Program], None],
    expected: list[tuple[str, str]],
) -> None:
    open_dialog(program)
    dialog = program.until(lambda seen: seen.all("dialog"))[0]
    program.press("Escape")
    program.until(lambda seen: not seen.all("dialog"))
    assert dialog.name == name
    assert faults(dialog) == []
    assert [one for one in expected if not dialog.all(*one)] == [], dialog.in_words()


def test_the_walk_finds_what_is_wrong() -> None:
    usable = frozenset({State.ENABLED, State.FOCUSABLE})
    wrong = Seen("filler", "Window", usable, children=(Seen("push button", "", usable),))
    assert len(faults(wrong)) == 1
    assert len(faults(Seen("unknown", "Something", usable))) == 1
    assert faults(Seen("panel", "", frozenset({State.ENABLED}))) == []


def faults(tree: Seen) -> list[str]:
    """Controls without a name, and what takes the focus and is no control; with all around."""
    wrong = [one for one in tree.walk() if _needs_name(one) and not one.name.strip()]
    wrong += [one for one in tree.walk() if _takes_focus(one) and one.role not in CAN_TAKE_FOCUS]
    return [f"{one.role} {one.name!r} in\n{tree.in_words()}" for one in wrong]


def _needs_name(seen: Seen) -> bool:
    return _takes_focus(seen) or seen.role in CONTROLS | WINDOWS


def _takes_focus(seen: Seen) -> bool:
    return State.FOCUSABLE in seen.states
