"""The Models page over a real hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import huggingface_hub.constants as hub_constants
import pytest
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.models.dialog import ModelsDialog
from desktop.models.service import ModelService
from engine.models.download.connections import Connections
from engine.models.fit import Machine
from engine.models.folder import ModelFolder
from engine.models.needs import Target
from engine.records import Records
from engine.runtime.machine import this_machine
from engine.types import Device, ModelInfo, Ready
from tests.desktop.conftest import LONG_MS
from tests.engine.cli.test_models import READY, entry
from tests.engine.models.download.hub_server import HubServer, hub_server

ANSWERING = Ready(ModelInfo("ready", "Ready", 64, 0, Device("the CPU", "")))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[HubServer]:
    with hub_server(READY) as server:
        template = hub_constants.HUGGINGFACE_CO_URL_TEMPLATE
        own = template.replace(hub_constants.ENDPOINT, server.url)
        monkeypatch.setattr(hub_constants, "HUGGINGFACE_CO_URL_TEMPLATE", own)
        monkeypatch.setattr(hub_constants, "ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", "")
        monkeypatch.setattr("engine.runtime.machine.MEASURED_SECONDS", 0.05)
        yield server


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def connections(tmp_path: Path) -> Connections:
    return Connections(tmp_path / "connections.jsonl")


class Host:
    """This computer, which has no GPU."""

    def machine(self, place: Path) -> Machine:
        return this_machine(place)

    def device_of(self, model: ModelFolder, records: Records) -> str:
        return "It runs on the CPU: it was converted for it."

    def conversion_target(self) -> Target:
        return Target.CPU


MakeService = Callable[[], ModelService]


@pytest.fixture
def make_service(
    server: HubServer, models: Path, connections: Connections, tmp_path: Path
) -> Generator[MakeService]:
    files = [{"path": path} for path in READY]
    needs = {"weights": 10**15, "table": 0, "active": 10**15, "kv": 1, "layers": 1}
    huge: dict[str, Any] = entry("huge", "model", files)
    huge["needs"] = {"cpu": needs | {"is_harmony": False}}
    catalogue = {"entries": [entry("ready", "model", files), huge]}
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue), "utf-8")
    made: list[ModelService] = []

    records = Records(tmp_path / "records.json")

    def make() -> ModelService:
        made.append(
            ModelService(
                [models], tmp_path / "catalogue.json", lambda: connections, Host(), records
            )
        )
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(make_service: MakeService) -> ModelService:
    return make_service()


@pytest.fixture
def dialog(qtbot: QtBot, service: ModelService) -> ModelsDialog:
    dialog = ModelsDialog(service)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog, timeout=LONG_MS):
        dialog.show()
    return dialog


def words(dialog: ModelsDialog) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())


def button(dialog: ModelsDialog, name: str) -> QPushButton | None:
    found = [one for one in dialog.findChildren(QPushButton) if one.accessibleName() == name]
    return next((one for one in found if one.isVisible()), None)


def press(qtbot: QtBot, dialog: ModelsDialog, name: str) -> None:
    qtbot.waitUntil(lambda: button(dialog, name) is not None, timeout=LONG_MS)
    found = button(dialog, name)
    assert found is not None
    found.click()


def sees(qtbot: QtBot, dialog: ModelsDialog, text: str) -> None:
    qtbot.waitUntil(lambda: text in words(dialog), timeout=LONG_MS)


def say(monkeypatch: pytest.MonkeyPatch, answer: QMessageBox.StandardButton) -> list[str]:
    """What the user says to every question; the questions."""
    asked: list[str] = []

    def question(parent: object, title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return answer

    monkeypatch.setattr(QMessageBox, "question", question)
    return asked


YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
