"""The settings, on a real disk."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from desktop.settings import ColourChoice, Settings, SettingsFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "settings.json"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def stored(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))


def test_without_a_file_the_defaults_hold_and_none_is_made(path: Path) -> None:
    assert SettingsFile(path).current == Settings()
    assert not path.exists()


def test_a_change_is_there_at_the_next_start(path: Path) -> None:
    SettingsFile(path).change(colours=ColourChoice.DARK, last_model="/models/größe")
    assert SettingsFile(path).current == Settings(
        colours=ColourChoice.DARK, last_model="/models/größe"
    )
    chosen = {"colours": "dark", "last_model": "/models/größe"}
    assert stored(path) == {**asdict(Settings()), **chosen}


def test_only_declared_settings_can_be_changed(path: Path) -> None:
    with pytest.raises(TypeError, match="color"):
        SettingsFile(path).change(color="red")
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colours", "pink"),
        ("colours", 1),
        ("colours", None),
        ("last_model", ["a"]),
        ("api_port", "4141"),
        ("api_port", True),
        ("api_port", 80),
        ("api_port", 65536),
        ("api_port", 4141.0),
        ("api_origins", "app.example"),
        ("api_host_names", "http://desk"),
        ("api_host_names", "0.0.0.0"),
        ("api_is_keyless", "yes"),
        ("api_is_keyless", 1),
    ],
)
def test_an_invalid_value_falls_back_alone_and_is_logged(
    path: Path, name: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    others = {"colours": "light", "last_model": "here", "api_port": 5000}
    write(path, json.dumps({**others, name: value}))
    current = SettingsFile(path).current
    assert getattr(current, name) == getattr(Settings(), name)
    assert all(getattr(current, other) == others[other] for other in others if other != name)
    assert name in caplog.text


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", '"dark"', "\x00\x01"])
def test_a_file_that_cannot_be_read_gives_the_defaults(
    path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(path, text)
    with caplog.at_level(logging.WARNING):
        assert SettingsFile(path).current == Settings()
    assert str(path) in caplog.text


def test_a_file_that_is_not_utf_8_gives_the_defaults(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"last_model": "\xff"}')
    assert SettingsFile(path).current == Settings()


def test_keys_of_another_version_survive_a_change(path: Path) -> None:
    write(path, '{"font_size": {"chat": 18}, "api_port": 5000}')
    SettingsFile(path).change(colours=ColourChoice.LIGHT)
    kept = {"font_size": {"chat": 18}, "api_port": 5000, "colours": "light"}
    assert stored(path) == {**asdict(Settings()), **kept}


def test_a_write_that_fails_leaves_the_old_file_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SettingsFile(path)
    file.change(api_port=5000)

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        file.change(api_port=6000)
    assert SettingsFile(path).current.api_port == 5000
