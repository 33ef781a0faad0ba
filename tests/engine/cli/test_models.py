"""hearth models, against a hub on this machine."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.cli.main import hearth
from engine.cli.shell import ExitCode, Shell
from engine.errors import CannotWrite, HearthError, Offline, UnknownEntry
from engine.models.download.connections import Connections
from engine.models.folder import ModelFolder
from engine.models.get import CHECKPOINTS
from engine.models.manifest import Manifest
from engine.records import Records
from engine.selftest.checkpoint import write_checkpoint
from tests.engine.models.download.hub_server import (
    REPO,
    REVISION,
    HubServer,
    corrupt,
    facts,
    hub_server,
    status,
)
from tests.engine.models.test_importing import write_whole
from tests.fakes import byte_tokenizer

READY: dict[str, bytes] = {
    "genai_config.json": json.dumps(
        {
            "model": {
                "type": "tiny",
                "eos_token_id": 0,
                "context_length": 64,
                "decoder": {
                    "filename": "model.onnx",
                    "num_hidden_layers": 1,
                    "num_key_value_heads": 1,
                    "head_size": 8,
                    "inputs": {},
                    "outputs": {},
                },
            }
        }
    ).encode(),
    "model.onnx": b"not run here" * 100_000,
}


@pytest.fixture
def checkpoint(tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path / "published"
    write_checkpoint(folder, experts=4, hidden=64, max_position_embeddings=256)
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def server(checkpoint: dict[str, bytes]) -> Generator[HubServer]:
    with hub_server(READY | checkpoint) as server:
        yield server


class KeysInMemory:
    """RemoteKeys without a keyring."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, id: str) -> str | None:
        return self.kept.get(id)

    def set(self, id: str, key: str) -> None:
        self.kept[id] = key

    def delete(self, id: str) -> None:
        self.kept.pop(id, None)


class Machine:
    """One with two entries in its catalogue: `ready` runs as it is, `weights` are converted."""

    def __init__(self, root: Path, checkpoint: dict[str, bytes]) -> None:
        self.models = root / "models"
        self.roots: tuple[Path, ...] = (self.models, root / "bundled")
        self.catalogue = root / "catalogue.json"
        self.keys = KeysInMemory()
        self.records = Records(root / "records.json")
        self.connections = Connections(root / "connections.jsonl")
        entries = [
            entry("ready", "model", [{"path": path} for path in READY]),
            entry("weights", "checkpoint", [known(*item) for item in checkpoint.items()]),
        ]
        self.entries = entries
        self.write()

    def write(self) -> None:
        self.catalogue.write_text(json.dumps({"entries": self.entries}))

    def hearth(self, *arguments: str, given: str = "") -> Result:
        shell = Shell(
            model_roots=self.roots,
            web_page=self.models,
            catalogue=self.catalogue,
            connections=lambda: self.connections,
            has_display=False,
            open_window=lambda: 0,
            self_test=lambda: 0,
            api_key=lambda: "",
            remote_keys=self.keys,
            records=self.records,
            facts=dict,
        )
        return CliRunner().invoke(hearth, arguments, obj=shell, input=given)

    def done(self, *arguments: str, given: str = "") -> str:
        result = self.hearth(*arguments, given=given)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, kind: type[HearthError], *arguments: str) -> str:
        error = self.hearth(*arguments).exception
        assert isinstance(error, kind)
        return str(error)


def entry(id: str, kind: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    source = {"repo": REPO, "revision": REVISION, "subfolder": ""}
    about = {"name": id.title(), "kind": kind, "licence": "MIT", "context_length": 64}
    return {"id": id, **about, "source": source, "files": files}


def known(name: str, content: bytes) -> dict[str, Any]:
    told = facts(name, content)
    return {"path": told.path, "size": told.size, "digest": told.digest}


@pytest.fixture
def machine(
    tmp_path: Path,
    checkpoint: dict[str, bytes],
    server: HubServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Machine:
    import huggingface_hub.constants

    constants = huggingface_hub.constants  # what HF_ENDPOINT decides at the import
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, server.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", "")
    return Machine(tmp_path, checkpoint)


def test_a_model_is_fetched_listed_checked_and_removed(machine: Machine) -> None:
    assert "To be had" in machine.done("models")
    assert machine.done("models", "get", "ready") == (
        "ready is ready: `hearth chat --model ready`.\n"
    )
    (listed,) = json.loads(machine.done("models", "--json"))
    assert listed["id"] == "ready"
    offered = machine.done("models", "list").partition("To be had")[2]
    assert "weights" in offered
    assert "ready" not in offered
    assert "is whole: 2 files" in machine.done("models", "verify", "ready")
    assert machine.done("models", "path", "ready") == f"{machine.models / 'ready'}\n"
    assert "is removed: 0.0 GB are free" in machine.done("models", "remove", "ready", given="y\n")
    assert not (machine.models / "ready").exists()


def needs(weights: int, kv: int = 100) -> dict[str, Any]:
    told = {"weights": weights, "table": 0, "active": weights, "kv": kv, "layers": 1}
    return {"cpu": told | {"is_harmony": False}}


def test_what_fits_is_told_before_it_is_fetched(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runtime.machine.MEASURED_SECONDS", 0.05)
    machine.entries[1]["needs"] = needs(10**6)
    machine.entries.append(entry("huge", "model", []) | {"needs": needs(10**15)})
    machine.write()
    told = machine.done("models", "fit")
    assert "weights: on the CPU it fits, at about" in told
    assert "huge: on the CPU it will not fit. It takes 1,100,000.1 GB of memory" in told
    assert told.endswith("Recommended: weights.\n")
    document = json.loads(machine.done("models", "fit", "--json"))
    assert document["recommended"] == "weights"
    assert document["models"]["huge"]["verdict"] == "will not fit"
    asked = machine.hearth("models", "get", "huge", given="n\n")
    assert asked.exit_code != 0
    assert "Get it all the same?" in asked.output
    assert "on the CPU it fits" in machine.hearth("models", "get", "weights").output


def test_weights_are_fetched_and_converted_and_not_kept(machine: Machine) -> None:
    machine.done("models", "get", "weights", "--target", "cuda")
    folder = machine.models / "weights"
    assert ModelFolder.read(folder).providers == ("cuda",)
    assert Manifest.read(folder).source is None
    assert not (machine.models / CHECKPOINTS / "weights").exists()
    assert "is whole" in machine.done("models", "verify", "weights")


def test_weights_may_be_kept(machine: Machine) -> None:
    machine.done("models", "get", "weights", "--target", "cpu", "--keep-checkpoint")
    assert (machine.models / CHECKPOINTS / "weights" / "config.json").exists()


def test_what_was_interrupted_goes_on(machine: Machine, server: HubServer) -> None:
    server.faults["model.onnx"].append(status(404))
    told = machine.hearth("models", "get", "ready")
    assert told.exit_code == ExitCode.FAILED
    assert "hearth: ready: " in told.stderr
    assert "has no model.onnx, or no longer." in told.stderr
    listed = machine.done("models")
    assert "No model is installed" in listed
    assert "ready                        failed: " in listed
    assert machine.done("models", "get") == "ready is ready: `hearth chat --model ready`.\n"
    assert [one.command for one in server.heard].count("POST") == 1, "its hashes are known by now"
    assert "Nothing waits" in machine.done("models", "get")


def test_several_are_got_in_turn_and_a_failure_does_not_stop_the_others(
    machine: Machine, server: HubServer
) -> None:
    server.faults["model.onnx"].append(status(404))
    told = machine.hearth("models", "get", "ready", "weights")
    assert told.exit_code == ExitCode.FAILED
    assert "weights is ready" in told.stdout
    assert "hearth: ready: " in told.stderr


def test_what_is_installed_or_unknown_is_refused_before_anything_is_got(machine: Machine) -> None:
    machine.done("models", "get", "ready")
    assert "installed already" in machine.refused(CannotWrite, "models", "get", "ready", "weights")
    machine.refused(UnknownEntry, "models", "get", "weights", "other")
    assert "weights is ready" not in machine.done("models", "get")


def test_a_model_waits_when_it_is_paused_and_may_be_given_up(
    machine: Machine, server: HubServer
) -> None:
    server.faults["model.onnx"].append(status(404))
    machine.hearth("models", "get", "ready")
    assert "ready is paused" in machine.done("models", "pause", "ready")
    assert "Nothing waits" in machine.done("models", "get")
    server.faults["model.onnx"].append(status(404))
    assert machine.hearth("models", "resume", "ready").exit_code == ExitCode.FAILED
    assert [*machine.models.glob(".ready*")]
    assert "ready is given up" in machine.done("models", "remove", "ready")
    assert not [*machine.models.glob(".ready*")]
    assert "is not being got" in machine.refused(CannotWrite, "models", "resume", "ready")
    machine.done("models", "get", "ready")


def test_a_damaged_model_is_told_of_and_repaired(machine: Machine, server: HubServer) -> None:
    machine.done("models", "get", "ready")
    (machine.models / "ready" / "model.onnx").write_bytes(b"\0" * len(READY["model.onnx"]))
    told = machine.hearth("models", "verify", "ready")
    assert told.exit_code == ExitCode.FAILED
    assert "ready is damaged: model.onnx." in told.stderr
    server.faults["model.onnx"].append(corrupt(5))
    assert "whole again" in machine.done("models", "verify", "ready", "--repair")
    assert "is whole" in machine.done("models", "verify", "ready")


def test_offline_is_offline(machine: Machine, server: HubServer) -> None:
    machine.connections.is_offline = True
    assert "switched to offline" in machine.refused(Offline, "models", "get", "ready")
    assert server.heard == []


def test_the_ledger_is_shown(machine: Machine, server: HubServer) -> None:
    assert machine.done("connections") == "No connection was ever made.\n"
    machine.done("models", "get", "ready")
    lines = machine.done("connections").splitlines()
    assert all(server.url.removeprefix("http://") in line for line in lines)
    assert lines[0].endswith(f"Asking which files {REPO} has")
    assert any(line.endswith("Fetching model.onnx") for line in lines)
    assert len(json.loads(machine.done("connections", "--json"))) == len(lines)


@pytest.mark.parametrize("command", ["get", "remove"])
def test_what_is_not_there_is_said(machine: Machine, command: str) -> None:
    machine.done("models", "get", "ready")
    error = machine.hearth("models", command, "gpt-5").exception
    assert isinstance(error, HearthError)
    assert "ready" in str(error)


def test_what_came_with_the_program_stays(machine: Machine) -> None:
    machine.done("models", "get", "ready")
    machine.models.rename(machine.models.with_name("bundled"))
    assert "came with Hearth" in machine.refused(CannotWrite, "models", "remove", "ready", "--yes")


def test_all_folders_of_the_user_are_the_users(machine: Machine, tmp_path: Path) -> None:
    machine.done("models", "get", "ready")
    machine.done("models", "import", str(write_whole(tmp_path / "mine")))
    (machine.models / ".half.removing").mkdir()
    machine.roots = (tmp_path / "usb", *machine.roots)
    assert machine.done("models", "path") == f"{tmp_path / 'usb'}\n"
    assert "ready is removed" in machine.done("models", "remove", "ready", "--yes")
    assert "Its folder stays" in machine.done("models", "remove", "mine")
    assert not (machine.models / ".half.removing").exists()


def test_nothing_is_installed_twice(machine: Machine) -> None:
    machine.done("models", "get", "ready")
    assert "installed already" in machine.refused(CannotWrite, "models", "get", "ready")


def test_a_removal_that_a_kill_cut_off_is_finished(machine: Machine) -> None:
    half = machine.models / ".ready.removing"
    half.mkdir(parents=True)
    (half / "model.onnx").write_text("x")
    machine.done("models")
    assert not half.exists()


def test_an_unknown_entry_names_those_that_there_are(machine: Machine) -> None:
    assert "It has: ready, weights." in machine.refused(UnknownEntry, "models", "get", "gpt-5")


def test_a_folder_is_imported_in_place_and_listed_no_more(machine: Machine, tmp_path: Path) -> None:
    folder = write_whole(tmp_path / "mine")
    assert "mine is listed now" in machine.done("models", "import", str(folder))
    assert "mine" in machine.done("models")
    assert "Its folder stays" in machine.done("models", "remove", "mine")
    assert folder.exists()
    assert "No model is installed" in machine.done("models")


def test_a_folder_is_copied(machine: Machine, tmp_path: Path) -> None:
    machine.done("models", "import", str(write_whole(tmp_path / "mine")), "--copy")
    assert "mine is whole" in machine.done("models", "verify", "mine")


def test_a_checkpoint_is_imported_in_one_step(machine: Machine, tmp_path: Path) -> None:
    told = machine.done("models", "import", str(tmp_path / "published"))
    assert told == f"published is listed now: {machine.models / 'published'}.\n"
    assert "is whole" in machine.done("models", "verify", "published")
    assert (tmp_path / "published" / "config.json").is_file()
    again = machine.refused(CannotWrite, "models", "import", str(tmp_path / "published"))
    assert "named published already" in again
