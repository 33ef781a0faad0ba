"""The Models page over a real hub: got, paused, resumed, given up, deleted, refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.models.dialog import ModelsDialog
from desktop.models.rows import JobRow
from desktop.models.service import ModelService
from engine.models.download.connections import Connections
from engine.models.folder import find_models
from engine.models.queue import QUEUE_FILE, Place, Queue
from tests.desktop.conftest import LONG_MS
from tests.desktop.models.conftest import (
    ANSWERING,
    NO,
    YES,
    MakeService,
    button,
    press,
    say,
    sees,
    words,
)
from tests.engine.models.download.hub_server import HubServer, status, throttle


def test_a_model_is_got_and_deleted(
    qtbot: QtBot, dialog: ModelsDialog, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "MIT" in words(dialog)
    press(qtbot, dialog, "Get: Ready")
    sees(qtbot, dialog, "Ready is ready. Choose it above the chat.")
    sees(qtbot, dialog, "On this computer")
    assert [model.id for model in find_models([models])] == ["ready"]
    asked = say(monkeypatch, NO)
    press(qtbot, dialog, "Delete: ready")
    assert "Delete" in asked[0]
    assert find_models([models])
    say(monkeypatch, YES)
    press(qtbot, dialog, "Delete: ready")
    sees(qtbot, dialog, "is deleted: 0.0 GB are free again.")
    assert not find_models([models])
    qtbot.waitUntil(lambda: button(dialog, "Get: Ready") is not None, timeout=LONG_MS)


def test_the_model_that_answers_stays(
    qtbot: QtBot, dialog: ModelsDialog, service: ModelService
) -> None:
    press(qtbot, dialog, "Get: Ready")
    qtbot.waitUntil(lambda: button(dialog, "Delete: ready") is not None, timeout=LONG_MS)
    dialog.show_state(ANSWERING)
    sees(qtbot, dialog, "answers now")
    assert button(dialog, "Delete: ready") is None


def test_what_will_not_fit_is_asked_about(
    qtbot: QtBot, dialog: ModelsDialog, service: ModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    sees(qtbot, dialog, "Will not fit on the CPU. It takes ")
    asked = say(monkeypatch, NO)
    press(qtbot, dialog, "Get: Huge")
    assert "Get it all the same?" in asked[0]
    assert service.on_the_way == ()


def test_a_pause_keeps_what_has_arrived_and_a_restart_goes_on(
    qtbot: QtBot,
    dialog: ModelsDialog,
    service: ModelService,
    make_service: MakeService,
    server: HubServer,
    models: Path,
) -> None:
    server.faults["model.onnx"].append(throttle(60, 0.1))
    press(qtbot, dialog, "Get: Ready")
    sees(qtbot, dialog, "Fetching: ")
    part = models / ".ready.fetching" / "model.onnx.part"
    qtbot.waitUntil(lambda: part.exists() and part.stat().st_size > 0, timeout=LONG_MS)
    (row,) = dialog.findChildren(JobRow)
    assert row.accessibleName() == "ready"
    press(qtbot, dialog, "Pause: ready")
    sees(qtbot, dialog, "Paused; what has arrived is kept.")
    service.close()
    assert Queue(models / QUEUE_FILE).jobs()[0].place is Place.PAUSED
    asked = len(server.heard)
    restarted = make_service()
    restarted.start()
    assert len(server.heard) == asked, "what is paused stays so"
    restarted.resume("ready")
    qtbot.waitUntil(lambda: bool(restarted.here), timeout=LONG_MS)
    again = [one for one in server.heard[asked:] if one.path.endswith("model.onnx")]
    assert "Range" in again[0].headers


def test_a_kill_or_a_restart_amid_a_fetch_goes_on_by_itself(
    qtbot: QtBot, make_service: MakeService, server: HubServer
) -> None:
    server.faults["model.onnx"].append(throttle(60, 0.1))
    service = make_service()
    service.get("ready")
    qtbot.waitUntil(lambda: len(server.asked) > 1, timeout=LONG_MS)
    service.close()
    assert [job.place for job in service.on_the_way] == [Place.WAITING]
    restarted = make_service()
    restarted.start()
    qtbot.waitUntil(lambda: bool(restarted.here), timeout=LONG_MS)


def test_offline_breaks_a_fetch_off_and_online_goes_on(
    qtbot: QtBot, service: ModelService, server: HubServer
) -> None:
    server.faults["model.onnx"].append(throttle(60, 0.1))
    service.get("ready")
    qtbot.waitUntil(lambda: len(server.asked) > 1, timeout=LONG_MS)
    service.rest()
    service.start()  # at once, while the first thread is at its end
    qtbot.waitUntil(lambda: bool(service.here) and not service.on_the_way, timeout=LONG_MS)


def test_a_failure_says_why_and_may_be_tried_again_or_given_up(
    qtbot: QtBot, dialog: ModelsDialog, server: HubServer, models: Path
) -> None:
    server.faults["model.onnx"] += [status(404), status(404)]
    press(qtbot, dialog, "Get: Ready")
    sees(qtbot, dialog, "has no model.onnx, or no longer.")
    press(qtbot, dialog, "Try again: ready")
    qtbot.waitUntil(lambda: not server.faults["model.onnx"], timeout=LONG_MS)
    qtbot.waitUntil(lambda: button(dialog, "Try again: ready") is not None, timeout=LONG_MS)
    press(qtbot, dialog, "Give up: ready")
    sees(qtbot, dialog, "ready is given up")
    assert not [*models.glob(".ready*")]
    qtbot.waitUntil(lambda: button(dialog, "Get: Ready") is not None, timeout=LONG_MS)


def test_offline_is_said_and_the_model_waits(
    qtbot: QtBot, dialog: ModelsDialog, service: ModelService, connections: Connections
) -> None:
    connections.is_offline = True
    press(qtbot, dialog, "Get: Ready")
    sees(qtbot, dialog, "switched to offline")
    assert [job.place for job in service.on_the_way] == [Place.WAITING]
