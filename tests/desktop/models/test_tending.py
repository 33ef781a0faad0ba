"""Checked, repaired, added, converted, kept elsewhere: what the Models page does to models here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from desktop.models.dialog import BUSY, ModelsDialog
from desktop.models.service import ModelService
from desktop.program import Program
from desktop.settings import SettingsFile
from desktop.shell import NEW_WINDOW, Place, Shell
from engine.models.folder import ModelFolder, find_models, pointers
from engine.records import Records, Shown
from tests.desktop.conftest import LONG_MS, Windows
from tests.desktop.models.conftest import button, press, sees
from tests.engine.models.download.hub_server import HubServer, throttle
from tests.engine.models.test_folder import write_model
from tests.tiny.checkpoint import write_tiny_gpt_oss


@pytest.fixture
def ready(qtbot: QtBot, dialog: ModelsDialog, models: Path) -> Path:
    """The folder of a model that was fetched."""
    press(qtbot, dialog, "Get: Ready")
    sees(qtbot, dialog, "On this computer")
    qtbot.waitUntil(lambda: button(dialog, "Check: ready") is not None, timeout=LONG_MS)
    return models / "ready"


def test_a_whole_model_is_said_to_be_whole(qtbot: QtBot, dialog: ModelsDialog, ready: Path) -> None:
    press(qtbot, dialog, "Check: ready")
    sees(qtbot, dialog, "ready is whole: every byte is as it should be.")
    assert button(dialog, "Repair: ready") is None


def test_a_damaged_model_is_repaired_by_fetching_what_is_wrong(
    qtbot: QtBot, dialog: ModelsDialog, ready: Path, server: HubServer
) -> None:
    weights = ready / "model.onnx"
    whole = weights.read_bytes()
    weights.write_bytes(b"\0" * len(whole))
    press(qtbot, dialog, "Check: ready")
    sees(qtbot, dialog, "ready is damaged: model.onnx.")
    before = len(server.heard)
    press(qtbot, dialog, "Repair: ready")
    sees(qtbot, dialog, "ready is whole again.")
    assert weights.read_bytes() == whole
    fetched = [one.path for one in server.heard[before:] if one.path.endswith(".json")]
    assert fetched == [], "what was right is fetched again"
    qtbot.waitUntil(lambda: button(dialog, "Repair: ready") is None, timeout=LONG_MS)


def test_a_repair_shows_how_far_it_is_and_can_be_cancelled(
    qtbot: QtBot, dialog: ModelsDialog, ready: Path, server: HubServer
) -> None:
    (ready / "model.onnx").write_bytes(b"")
    press(qtbot, dialog, "Check: ready")
    sees(qtbot, dialog, "ready is damaged")
    server.faults["model.onnx"].append(throttle(60, 0.1))
    press(qtbot, dialog, "Repair: ready")
    sees(qtbot, dialog, "Repairing ready")
    assert dialog.findChildren(QProgressBar)
    press(qtbot, dialog, "Cancel: Repairing ready")
    sees(qtbot, dialog, "Repairing ready: cancelled.")
    assert button(dialog, "Repair: ready") is not None


def test_one_thing_comes_after_the_other(
    qtbot: QtBot, dialog: ModelsDialog, service: ModelService, ready: Path, server: HubServer
) -> None:
    (ready / "model.onnx").write_bytes(b"")
    press(qtbot, dialog, "Check: ready")
    sees(qtbot, dialog, "ready is damaged")
    server.faults["model.onnx"].append(throttle(60, 0.1))
    press(qtbot, dialog, "Repair: ready")
    press(qtbot, dialog, "Check: ready")
    sees(qtbot, dialog, "One thing after the other: Repairing ready comes first.")
    service.tending.cancel()


def test_what_has_no_list_of_its_files_cannot_be_checked(
    qtbot: QtBot, dialog: ModelsDialog, models: Path
) -> None:
    write_model(models / "plain")
    sees(qtbot, dialog, "plain")
    assert button(dialog, "Check: plain") is None


@pytest.mark.usefixtures("ready")
def test_a_model_that_is_gone_vanishes_and_is_no_error(
    qtbot: QtBot, dialog: ModelsDialog, service: ModelService, ready: Path
) -> None:
    (model,) = service.here
    shutil.rmtree(ready)
    service.delete(model)
    sees(qtbot, dialog, "ready is gone already.")
    qtbot.waitUntil(lambda: button(dialog, "Check: ready") is None, timeout=LONG_MS)


def test_its_device_and_its_speed_are_told(
    qtbot: QtBot, dialog: ModelsDialog, service: ModelService, ready: Path, tmp_path: Path
) -> None:
    Records(tmp_path / "records.json").note_shown("ready", Shown("cpu", 40.0, 11.4, 1))
    service._measure()
    sees(qtbot, dialog, "It runs on the CPU: it was converted for it.")
    sees(qtbot, dialog, "11 tokens a second here")


# adding


def answer_how(qtbot: QtBot, dialog: ModelsDialog, folder: Path, text: str) -> None:
    dialog.ask_how_to_add(folder)
    (box,) = dialog.findChildren(QMessageBox)
    next(one for one in box.findChildren(QPushButton) if one.text() == text).click()


@pytest.mark.parametrize("is_copy", [True, False])
def test_a_folder_is_added_where_it_is_or_copied(
    qtbot: QtBot,
    dialog: ModelsDialog,
    models: Path,
    tmp_path: Path,
    tiny_gpt_oss_folder: ModelFolder,
    is_copy: bool,
) -> None:
    folder = tmp_path / "elsewhere" / "mine"
    shutil.copytree(tiny_gpt_oss_folder.path, folder)
    answer_how(qtbot, dialog, folder, "Copy it" if is_copy else "Use it there")
    sees(qtbot, dialog, "is ready. Choose it above the chat.")
    (model,) = find_models([models])
    assert model.path == (models / "mine" if is_copy else folder)
    assert ("mine" in pointers(models)) is not is_copy


def test_weights_are_converted_with_progress(
    qtbot: QtBot,
    dialog: ModelsDialog,
    service: ModelService,
    models: Path,
    tmp_path: Path,
    gpt_oss_tokenizer: Path,
) -> None:
    folder = tmp_path / "elsewhere" / "tiny"
    write_tiny_gpt_oss(folder, gpt_oss_tokenizer)
    stages: list[str] = []
    service.tending.arrived.connect(lambda arrival: stages.append(arrival.stage))
    answer_how(qtbot, dialog, folder, "Convert")
    sees(qtbot, dialog, "is ready. Choose it above the chat.")
    assert set(stages) == {"Converting"}
    assert [model.id for model in find_models([models])] == ["tiny"]
    assert (folder / "config.json").exists(), "the weights stay"


def test_what_is_no_model_is_refused_in_words(
    qtbot: QtBot, dialog: ModelsDialog, models: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    answer_how(qtbot, dialog, tmp_path / "empty", "Copy it")
    qtbot.waitUntil(lambda: dialog._notice.isVisible(), timeout=LONG_MS)
    assert "genai_config.json" in dialog._notice.text()
    assert find_models([models]) == []


# where models are kept


def test_another_folder_waits_for_what_is_on_its_way(
    qtbot: QtBot, dialog: ModelsDialog, server: HubServer, service: ModelService
) -> None:
    server.faults["model.onnx"].append(throttle(60, 0.1))
    press(qtbot, dialog, "Get: Ready")
    sees(qtbot, dialog, "Fetching: ")
    dialog._ask_where()
    assert dialog._notice.text() == BUSY


def test_a_folder_that_cannot_be_written_is_refused(
    dialog: ModelsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    dialog._want_folder(tmp_path)
    assert dialog._notice.text() == f"{tmp_path} cannot be written."


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_another_folder_takes_a_new_window_and_what_was_here_stays(
    program: Program, make_shell: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[int] = []
    monkeypatch.setattr("PySide6.QtWidgets.QApplication.exit", lambda *said: codes.append(said[-1]))
    own, chosen = program.home.own_models, tmp_path / "big disk"
    chosen.mkdir()
    shell = make_shell()
    shell._show_models()
    shell._pages._models_dialog._want_folder(chosen)
    assert codes == [NEW_WINDOW]
    assert SettingsFile(program.home.settings).current.models_folder == str(chosen)
    again: Shell = make_shell(Place())
    assert again._home.model_roots[:2] == (chosen, own)
    assert again._pages._models.place == chosen
    write_model(chosen / "mine")
    other = tmp_path / "bigger disk"
    other.mkdir()
    program.keep_models_in(str(other))
    assert [model.path for model in find_models(program.home.model_roots)] == [chosen / "mine"]
    shutil.rmtree(other)
    assert program.home.models == own, "an unplugged disk"
