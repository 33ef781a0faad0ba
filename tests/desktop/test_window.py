"""The window as a whole: keys that work everywhere, names for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QLabel, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from desktop.chat.composer import Editor
from desktop.library.panel import ConversationList
from desktop.settings import ColourChoice
from desktop.style.theme import DARK
from desktop.window import MINIMUM_SIZE
from tests.desktop.conftest import LONG_MS, Desk

CTRL = Qt.KeyboardModifier.ControlModifier
ROLES_WITHOUT_NAMES = {
    QAccessible.Role.Client,  # plain containers
    QAccessible.Role.Border,  # frames around others
    QAccessible.Role.LayeredPane,
    QAccessible.Role.ScrollBar,
    QAccessible.Role.Grip,
    QAccessible.Role.Separator,
    QAccessible.Role.PopupMenu,
}


def editor_of(desk: Desk) -> Editor:
    editor = desk.window.findChild(Editor)
    assert editor is not None
    return editor


def is_welcoming(desk: Desk) -> bool:
    return not desk.page.transcript.isVisible()


def interfaces_under(top: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield top
    for number in range(top.childCount()):
        child = top.child(number)
        if child is not None:
            yield from interfaces_under(child)


def nameless(window: QWidget) -> list[str]:
    """What a screen reader would announce without a name."""
    found = [
        interface
        for interface in interfaces_under(QAccessible.queryAccessibleInterface(window))
        if not interface.text(QAccessible.Text.Name)
        and interface.role() not in ROLES_WITHOUT_NAMES
        and not interface.state().invisible
    ]
    return [f"{one.role().name}: {_described(one.object())}" for one in found]


def _described(thing: QObject | None) -> str:
    return "" if thing is None else f"{type(thing).__name__} {thing.objectName()}"


def test_it_opens_on_a_new_chat_ready_to_write(qtbot: QtBot, desk: Desk) -> None:
    assert is_welcoming(desk)
    assert desk.window.focusWidget() is editor_of(desk)
    assert desk.window.windowTitle() == "Hearth"


def test_a_question_typed_at_once_is_answered(qtbot: QtBot, desk: Desk) -> None:
    qtbot.keyClicks(desk.window.focusWidget(), "Hello")
    qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.shown_text == "Hello\nGood day.", timeout=LONG_MS)
    assert [conversation.title for conversation in desk.store.conversations()] == ["Hello"]


@pytest.mark.parametrize("kind", [Editor, ConversationList])
def test_ctrl_n_begins_a_new_chat_wherever_the_focus_is(
    qtbot: QtBot, desk: Desk, kind: type[QWidget]
) -> None:
    desk.chat.send("Hello")
    qtbot.waitUntil(lambda: "Good day." in desk.shown_text, timeout=LONG_MS)
    focused = desk.window.findChild(kind)
    assert isinstance(focused, QWidget)
    focused.setFocus()
    qtbot.keyClick(focused, Qt.Key.Key_N, CTRL)
    assert is_welcoming(desk)
    assert desk.window.focusWidget() is editor_of(desk)


def test_the_button_of_the_sidebar_begins_a_new_chat(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.window.new_chat_wanted, timeout=LONG_MS):
        desk.window.sidebar.new_chat_wanted.emit()


def test_ctrl_l_goes_to_the_composer(qtbot: QtBot, desk: Desk) -> None:
    conversations = desk.window.findChild(ConversationList)
    assert conversations is not None
    conversations.setFocus()
    qtbot.keyClick(conversations, Qt.Key.Key_L, CTRL)
    assert desk.window.focusWidget() is editor_of(desk)


def test_ctrl_q_quits_and_closing_only_closes(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.window.quit_wanted, timeout=LONG_MS):
        qtbot.keyClick(editor_of(desk), Qt.Key.Key_Q, CTRL)
    with qtbot.waitSignal(desk.window.closed, timeout=LONG_MS):
        desk.window.close()


def test_everything_a_screen_reader_meets_has_a_name(qtbot: QtBot, desk: Desk) -> None:
    assert nameless(desk.window) == []
    desk.page.set_welcome("The model is loading.")
    assert nameless(desk.window) == []
    desk.chat.send("Hello")
    qtbot.waitUntil(lambda: "Good day." in desk.shown_text, timeout=LONG_MS)
    desk.page.notice.show_sentence("Something went wrong.")
    desk.library._delete(1)
    assert nameless(desk.window) == []


def test_every_widget_that_takes_the_focus_has_an_accessible_name(desk: Desk) -> None:
    widgets = [one for one in desk.window.findChildren(QWidget) if takes_focus(one)]
    assert len(widgets) >= 6
    unnamed = [one for one in widgets if not one.accessibleName()]
    assert unnamed == []


def takes_focus(widget: QWidget) -> bool:
    return widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus and (
        not isinstance(widget, QScrollBar)
    )


def test_a_walk_with_the_tab_key_meets_every_button(qtbot: QtBot, desk: Desk) -> None:
    desk.page.composer.set_text("x")  # so that Send can be pressed
    met: set[str] = set()
    for _ in range(12):
        focused = desk.window.focusWidget()
        met.add(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert {"Message", "Send", "Conversations", "Local API", "Preferences (Ctrl+,)"} <= met


def test_it_can_be_small_without_cutting_a_word(qtbot: QtBot, desk: Desk) -> None:
    desk.window.resize(*MINIMUM_SIZE)
    labels = [one for one in desk.window.findChildren(QLabel) if one.isVisible() and one.text()]
    for one in labels:
        assert one.height() >= one.minimumSizeHint().height(), one.text()
    assert (desk.window.width(), desk.window.height()) == MINIMUM_SIZE


def test_dark_colours_reach_the_screen(qtbot: QtBot, desk: Desk) -> None:
    desk.appearance.choose(ColourChoice.DARK)
    picture = desk.window.grab().toImage()
    ratio = picture.devicePixelRatio()
    page = picture.pixelColor(round((desk.window.width() - 30) * ratio), round(30 * ratio))
    assert page.name() == DARK.page
    assert picture.pixelColor(round(4 * ratio), round(300 * ratio)).name() == DARK.sidebar
