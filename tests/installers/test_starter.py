"""A starter that is there already gets the sampling of today."""

from __future__ import annotations

import json
from pathlib import Path

from engine.models.folder import ModelFolder
from engine.types import SamplingDefaults
from installers.starter import CONFIG, FOLDER, SAMPLING, install

NO_PYTHON = Path("no-python")  # nothing is fetched or converted


def test_an_older_starters_sampling_is_updated_and_nothing_else(tmp_path: Path) -> None:
    config = tmp_path / "resources" / "models" / FOLDER / CONFIG
    config.parent.mkdir(parents=True)
    old = {"model": {"x": 1}, "hearth": {"name": "S", "sampling": {"temperature": 1, "top_k": 0}}}
    config.write_text(json.dumps(old), "utf-8")
    install(tmp_path, NO_PYTHON)
    new = json.loads(config.read_text("utf-8"))
    assert new["hearth"]["sampling"] == {"top_k": 0, **SAMPLING}
    assert new["model"] == old["model"]
    assert [file.name for file in config.parent.iterdir()] == [CONFIG]
    before = config.stat().st_mtime_ns
    install(tmp_path, NO_PYTHON)
    assert config.stat().st_mtime_ns == before


def test_the_starter_has_the_sampling_of_today(starter_folder: ModelFolder) -> None:
    assert starter_folder.sampling == SamplingDefaults(**SAMPLING)
