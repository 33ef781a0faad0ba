"""The API's dialog, as its user sees and clicks it."""

from __future__ import annotations

import json
import shlex

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from desktop.api.dialog import ApiDialog
from desktop.api.service import ApiService, Off, On, Reach, Turning
from desktop.style.notice import Notice
from tests.desktop.api.conftest import MakeService

LONG_MS = 30_000


@pytest.fixture
def service(make_service: MakeService) -> ApiService:
    return make_service()


@pytest.fixture
def dialog(qtbot: QtBot, service: ApiService) -> ApiDialog:
    dialog = ApiDialog(service)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog, timeout=LONG_MS):
        dialog.show()
    return dialog


def button(dialog: ApiDialog, name: str) -> QAbstractButton:
    buttons = dialog.findChildren(QAbstractButton)
    return next(button for button in buttons if button.accessibleName() == name)


def field(dialog: ApiDialog, name: str) -> QLineEdit:
    fields = dialog.findChildren(QLineEdit)
    return next(field for field in fields if field.accessibleName() == name)


def notice(dialog: ApiDialog) -> Notice:
    return dialog.findChildren(Notice)[0]


def click(dialog: ApiDialog, name: str) -> None:
    QTest.mouseClick(button(dialog, name), Qt.MouseButton.LeftButton)


def turn_on(qtbot: QtBot, dialog: ApiDialog, service: ApiService) -> On:
    click(dialog, "Local API")
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    assert isinstance(service.state, On)
    return service.state


def test_off_shows_a_switch_and_no_key(dialog: ApiDialog) -> None:
    assert not button(dialog, "Local API").isChecked()
    assert not field(dialog, "Key").isVisible()
    assert not notice(dialog).isVisible()


def test_the_switch_turns_it_on_and_off(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    state = turn_on(qtbot, dialog, service)
    assert field(dialog, "Address").text().startswith(state.url)
    assert field(dialog, "Key").isVisible()
    click(dialog, "Local API")
    assert not field(dialog, "Key").isVisible()
    assert not button(dialog, "Local API").isChecked()
    qtbot.waitUntil(lambda: service.state == Off(), timeout=LONG_MS)


def test_a_key_that_is_not_kept_is_said_visibly(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    state = turn_on(qtbot, dialog, service)
    assert notice(dialog).isVisible()
    assert notice(dialog).text() == state.notice != ""


def test_the_key_is_not_readable_over_a_shoulder(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    state = turn_on(qtbot, dialog, service)
    assert state.key not in field(dialog, "Key").displayText()
    assert all(state.key not in shown.text() for _, shown in dialog._examples.values())


def test_address_and_key_can_be_copied(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    state = turn_on(qtbot, dialog, service)
    click(dialog, "Copy the address")
    assert QGuiApplication.clipboard().text() == field(dialog, "Address").text()
    click(dialog, "Copy the key")
    assert QGuiApplication.clipboard().text() == state.key


def test_the_example_is_copied_with_the_key_and_the_model(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    dialog.set_model("scripted")
    state = turn_on(qtbot, dialog, service)
    click(dialog, "Copy the Python example with the key")
    copied = QGuiApplication.clipboard().text()
    assert all(part in copied for part in (f"{state.url}/v1", state.key, '"scripted"'))
    compile(copied, "example", "exec")


def test_the_curl_example_is_one_command(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    state = turn_on(qtbot, dialog, service)
    click(dialog, "Copy the curl example with the key")
    command = shlex.split(QGuiApplication.clipboard().text())
    assert command[:2] == ["curl", f"{state.url}/v1/chat/completions"]
    assert f"Authorization: Bearer {state.key}" in command
    assert json.loads(command[-1])["messages"]


def test_the_web_chat_is_opened_by_a_link_without_the_key(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = turn_on(qtbot, dialog, service)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    click(dialog, "Open the web chat")
    (link,) = opened
    assert link.startswith(f"{state.url}/open?code=")
    assert state.key not in link


def test_requests_are_counted_while_it_is_shown(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    state = turn_on(qtbot, dialog, service)
    assert dialog._asked.text() == "No requests so far"
    body = {"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"authorization": f"Bearer {state.key}"}
    url = f"{state.url}/v1/chat/completions"
    assert httpx.post(url, json=body, headers=headers, trust_env=False).status_code == 200
    dialog._show_asked()
    assert dialog._asked.text() == "Requests so far: 1"


YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


@pytest.mark.parametrize("answer", [YES, NO], ids=["yes", "no"])
def test_the_network_is_answered_only_after_a_second_yes(
    qtbot: QtBot,
    dialog: ApiDialog,
    service: ApiService,
    monkeypatch: pytest.MonkeyPatch,
    answer: QMessageBox.StandardButton,
) -> None:
    turn_on(qtbot, dialog, service)
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *said: (asked.append(said[2]), answer)[1])
    click(dialog, "Answer the network")
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    assert "nothing is encrypted" in asked[0]
    assert isinstance(service.state, On)
    is_open = service.state.reach.has_network
    assert is_open == (answer is YES) == button(dialog, "Answer the network").isChecked()
    shown = [warning.text() for warning in dialog.findChildren(Notice) if warning.isVisible()]
    assert any("lan.example" in text for text in shown) == is_open


def test_the_network_is_left_without_a_question(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    turn_on(qtbot, dialog, service)
    service.change_reach(Reach(has_network=True))
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    click(dialog, "Answer the network")
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    assert isinstance(service.state, On)
    assert service.state.reach == Reach()


def test_web_pages_are_let_in_by_their_origins(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    turn_on(qtbot, dialog, service)
    pages = field(dialog, "Web pages")
    pages.setText("app.example")
    QTest.keyClick(pages, Qt.Key.Key_Return)
    assert "app.example is not the origin of a page" in notice(dialog).text()
    assert pages.text() == "app.example", "what was typed is not lost"
    pages.setText("https://b.example/, https://a.example")
    QTest.keyClick(pages, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    assert isinstance(service.state, On)
    assert service.state.reach.origins == {"https://a.example", "https://b.example"}
    assert pages.text() == "https://a.example https://b.example"


def test_further_host_names_are_let_in(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    turn_on(qtbot, dialog, service)
    hosts = field(dialog, "Host names")
    hosts.setText("http://a")
    QTest.keyClick(hosts, Qt.Key.Key_Return)
    assert "http://a is not a host name" in notice(dialog).text()
    hosts.setText("Host.docker.internal")
    QTest.keyClick(hosts, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    assert isinstance(service.state, On)
    assert service.state.reach.host_names == {"host.docker.internal"}


@pytest.mark.parametrize("answer", [YES, NO], ids=["yes", "no"])
def test_programs_without_a_key_are_answered_only_after_a_yes_and_never_with_the_network(
    qtbot: QtBot,
    dialog: ApiDialog,
    service: ApiService,
    monkeypatch: pytest.MonkeyPatch,
    answer: QMessageBox.StandardButton,
) -> None:
    turn_on(qtbot, dialog, service)
    shown: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *said: (shown.append(said[2]), answer)[1])
    click(dialog, "Answer without a key")
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    assert "Every program on this computer" in shown[0]
    assert isinstance(service.state, On)
    is_keyless = not service.state.reach.needs_key
    assert is_keyless == (answer is YES) == button(dialog, "Answer without a key").isChecked()
    assert button(dialog, "Answer the network").isEnabled() == (answer is NO)
    assert (dialog._state.text() == "On without a key") == is_keyless
    status = httpx.get(f"{service.state.url}/v1/models", trust_env=False).status_code
    assert status == (200 if is_keyless else 401)


def test_the_network_needs_a_key_whatever_else_is_wanted(
    qtbot: QtBot, dialog: ApiDialog, service: ApiService
) -> None:
    turn_on(qtbot, dialog, service)
    service.change_reach(Reach(has_network=True, is_keyless=True))
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    assert isinstance(service.state, On)
    assert httpx.get(f"{service.state.url}/v1/models", trust_env=False).status_code == 401
    assert not button(dialog, "Answer without a key").isEnabled()


def test_while_it_turns_on_the_switch_waits(dialog: ApiDialog) -> None:
    dialog.show_state(Turning())
    assert button(dialog, "Local API").isChecked()
    assert not button(dialog, "Local API").isEnabled()


def test_why_it_did_not_turn_on_is_shown(dialog: ApiDialog) -> None:
    dialog.show_state(Off("Port 4141 cannot be opened."))
    assert notice(dialog).isVisible()
    assert notice(dialog).text() == "Port 4141 cannot be opened."
    assert not button(dialog, "Local API").isChecked()


@pytest.mark.parametrize("answer", [YES, NO], ids=["yes", "no"])
def test_a_new_key_is_made_only_if_the_user_is_sure(
    qtbot: QtBot,
    dialog: ApiDialog,
    service: ApiService,
    monkeypatch: pytest.MonkeyPatch,
    answer: QMessageBox.StandardButton,
) -> None:
    old = turn_on(qtbot, dialog, service)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answer)
    click(dialog, "New key")
    qtbot.waitUntil(lambda: isinstance(service.state, On), timeout=LONG_MS)
    is_new = field(dialog, "Key").text() != old.key
    assert is_new == (answer is YES)
