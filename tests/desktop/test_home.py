"""Where the files are."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.home import default_home
from desktop.settings import SettingsFile


def test_the_environment_chooses_the_folder(own_home: Path) -> None:
    home = default_home()
    assert home.data == own_home
    for path in (home.database, home.settings, home.logs, home.models):
        assert path.is_relative_to(own_home)


def test_without_it_the_system_chooses_a_folder_of_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HEARTH_HOME")
    home = default_home()
    assert home.data.name == "hearth"
    assert home.data.is_relative_to(Path.home())


def test_the_users_own_models_come_before_the_bundled_ones() -> None:
    home = default_home()
    assert home.model_roots == (home.models, home.bundled_models)


def test_a_chosen_folder_comes_first_while_it_is_there(own_home: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "big disk"
    SettingsFile(default_home().settings).change(models_folder=str(chosen))
    home = default_home()
    assert home.models == own_home / "models", "the disk is unplugged"
    chosen.mkdir()
    assert home.model_roots == (chosen, own_home / "models", home.bundled_models)
    assert home.user_roots == (chosen, own_home / "models")
    assert home.bundled_models.parent.name == "resources"


def test_asking_for_the_folders_makes_none(own_home: Path) -> None:
    default_home()
    assert not own_home.exists()
