"""The small widgets, the icons and the notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

import resources
from desktop.style.icons import application_icon, icon, pixmap
from desktop.style.notice import Notice
from desktop.style.theme import DARK, LIGHT, Theme, palette_of
from desktop.style.widgets import ElidedLabel, IconButton, Switch, label

ICONS = sorted(path.stem for path in (Path(resources.__file__).parent / "icons").glob("*.svg"))


def colours_of(image: QImage) -> set[str]:
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    pixels = [image.pixelColor(x, y) for x, y in points]
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", ICONS)
def test_every_icon_can_be_drawn(name: str) -> None:
    assert colours_of(pixmap(name, QColor("#123456"), 40, 2).toImage())


@pytest.mark.usefixtures("qapp")
def test_an_icon_has_the_colour_asked_for_and_another_where_disabled() -> None:
    drawn = icon("send", QColor("#ff0000"), QColor("#0000ff"))
    normal = drawn.pixmap(QSize(20, 20)).toImage()
    disabled = drawn.pixmap(QSize(20, 20), drawn.Mode.Disabled).toImage()
    assert colours_of(normal) == {"#ff0000"}
    assert colours_of(disabled) == {"#0000ff"}


@pytest.mark.usefixtures("qapp")
def test_an_icon_is_sharp_on_a_dense_screen() -> None:
    drawn = pixmap("send", QColor("black"), 20, 3)
    assert drawn.width() == 60
    assert drawn.deviceIndependentSize().width() == 20


@pytest.mark.usefixtures("qapp")
def test_the_application_has_an_icon() -> None:
    assert not application_icon().pixmap(64).isNull()


def test_a_button_says_its_name_and_redraws_its_icon_in_a_new_palette(
    qtbot: QtBot, theme: Theme
) -> None:
    button = IconButton("send", "Send")
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "Send"
    button.setPalette(palette_of(theme))
    assert theme.text in colours_of(button.icon().pixmap(QSize(40, 40)).toImage())


def test_an_elided_label_keeps_the_whole_text(qtbot: QtBot) -> None:
    narrow = ElidedLabel()
    qtbot.addWidget(narrow)
    narrow.resize(60, 20)
    narrow.set_whole_text("A sentence that is longer than this")
    assert narrow.text().endswith("…")
    assert narrow.whole_text() == narrow.toolTip() == narrow.accessibleName()
    narrow.resize(900, 20)
    narrow.show()
    assert narrow.text() == "A sentence that is longer than this"


def test_a_label_shows_markup_as_text(qtbot: QtBot) -> None:
    made = label("<b>not bold</b>")
    qtbot.addWidget(made)
    assert made.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize("theme_of_the_switch", [LIGHT, DARK])
def test_a_switch_turns_anywhere_and_shows_it(qtbot: QtBot, theme_of_the_switch: Theme) -> None:
    switch = Switch("Serve")
    qtbot.addWidget(switch)
    switch.setPalette(palette_of(theme_of_the_switch))
    switch.show()
    off = switch.grab().toImage()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(40, 14))
    assert switch.isChecked()
    assert switch.grab().toImage() != off
    assert theme_of_the_switch.accent in colours_of(switch.grab().toImage())


def test_a_switch_turns_by_the_space_bar(qtbot: QtBot) -> None:
    switch = Switch("Serve")
    qtbot.addWidget(switch)
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()


@pytest.fixture
def notice(qtbot: QtBot) -> Notice:
    notice = Notice()
    qtbot.addWidget(notice)
    return notice


def test_a_notice_is_hidden_until_there_is_something_to_say(notice: Notice) -> None:
    assert notice.isHidden()
    notice.show_sentence("The disk is <full>.")
    assert notice.isVisible()
    assert notice.text() == notice.accessibleName() == "The disk is <full>."
    formats = [found.textFormat() for found in notice.findChildren(QLabel)]
    assert formats == [Qt.TextFormat.PlainText]


def test_a_notice_is_dismissed_by_its_button(qtbot: QtBot, notice: Notice) -> None:
    notice.show_sentence("Something.")
    (dismiss,) = [one for one in notice.findChildren(QToolButton) if one.isVisible()]
    qtbot.mouseClick(dismiss, Qt.MouseButton.LeftButton)
    assert notice.isHidden()
