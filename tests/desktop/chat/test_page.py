"""The welcome, the transcript's place, and the column."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.page import MODELS, ChatPage, Welcome
from desktop.style.metrics import COLUMN_WIDTH
from desktop.style.theme import DARK, LIGHT
from tests.desktop.conftest import LONG_MS


@pytest.fixture
def page(qtbot: QtBot) -> ChatPage:
    page = ChatPage(LIGHT)
    page.resize(1400, 700)
    qtbot.addWidget(page)
    page.show()
    return page


def welcome_texts(page: ChatPage) -> list[str]:
    return [one.text() for one in page.findChildren(QLabel) if one.isVisible() and one.text()]


def test_a_new_chat_greets_and_says_how_things_are(page: ChatPage) -> None:
    assert welcome_texts(page) == ["What is on your mind?"]
    page.set_welcome("The model is <loading>.")
    assert welcome_texts(page) == ["What is on your mind?", "The model is <loading>."]
    page.set_welcome("")
    assert welcome_texts(page) == ["What is on your mind?"]


def test_the_transcript_takes_the_place_of_the_welcome(page: ChatPage) -> None:
    page.show_transcript()
    assert page.transcript.isVisible()
    assert welcome_texts(page) == []
    page.show_welcome()
    assert not page.transcript.isVisible()


def test_the_composer_is_as_wide_as_the_column_and_centred(page: ChatPage) -> None:
    assert page.composer.width() == COLUMN_WIDTH
    centre = page.composer.mapTo(page, page.composer.rect().center())
    assert centre.x() == pytest.approx(page.width() / 2, abs=20)


def test_the_welcome_follows_the_theme(page: ChatPage) -> None:
    def flame() -> QImage:
        (welcome,) = page.findChildren(Welcome)
        (drawn,) = [one for one in welcome.findChildren(QLabel) if not one.pixmap().isNull()]
        return drawn.pixmap().toImage()

    light = flame()
    page.set_theme(DARK)
    assert flame() != light


def test_the_welcome_leads_to_a_model_where_one_is_wanted(qtbot: QtBot, page: ChatPage) -> None:
    (button,) = (one for one in page.findChildren(QPushButton) if one.text() == MODELS)
    assert not button.isVisible()
    page.set_welcome("The starter answers.", offers_models=True)
    with qtbot.waitSignal(page.models_wanted, timeout=LONG_MS):
        button.click()
    page.set_welcome("gpt-oss answers.")
    assert not button.isVisible()
