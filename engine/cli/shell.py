"""What the commands are given from outside, and how they open a model and end."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import click

from engine.errors import HearthError, ModelError
from engine.loading import Opener
from engine.models.download.connections import Connections
from engine.models.folder import ModelFolder, find_models
from engine.records import Records
from engine.remote.remote import Remote, find_remotes
from engine.thread import EngineThread
from engine.types import Broken, EngineState, Loading, Ready

STATE_POLL_SECONDS = 0.1


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2  # click's own
    NO_MODEL = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class RemoteKeys(Protocol):
    """The keys of remote models, by their ids. All raise KeyUnavailable."""

    def get(self, id: str) -> str | None: ...

    def set(self, id: str, key: str) -> None: ...

    def delete(self, id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Shell:
    """The machine around the engine, as values: the engine itself reads no settings or keyring."""

    model_roots: tuple[Path, ...]
    """New models are put into the first; the last has what came with Hearth."""
    web_page: Path
    catalogue: Path
    connections: Callable[[], Connections]
    """The ledger, and whether any may be made."""
    has_display: bool
    open_window: Callable[[], int]
    self_test: Callable[[], int]
    """Both return the exit code."""
    api_key: Callable[[], str]
    """Raises KeyUnavailable."""
    remote_keys: RemoteKeys
    records: Records
    facts: Callable[[], Mapping[str, str]]
    """What `hearth doctor` tells beyond the engine: folders, keyring, window toolkit."""

    @property
    def own_roots(self) -> tuple[Path, ...]:
        """Those that are the user's."""
        return self.model_roots[:-1]

    @property
    def no_model(self) -> str:
        return (
            "No model is installed. `hearth models get gpt-oss-20b` fetches one, or put a model "
            f"folder into {self.model_roots[0]}."
        )


pass_shell = click.make_pass_decorator(Shell)

model_option = click.option(
    "--model", "model_id", metavar="ID", help="Which model; `hearth models` lists them."
)


cpu_option = click.option(
    "--cpu", "on_processor", is_flag=True, help="Use the processor, whatever GPU there is."
)


class NoModelFound(ModelError):
    pass


def pick_model(shell: Shell, model_id: str | None) -> ModelFolder:
    """The named model, or the first one. Raises NoModelFound."""
    models = find_models(shell.model_roots)
    if not models:
        raise NoModelFound(shell.no_model)
    chosen = [model for model in models if model_id in (None, model.id)]
    if not chosen:
        names = ", ".join(model.id for model in models)
        raise NoModelFound(f"There is no model named {model_id}. Installed: {names}.")
    return chosen[0]


def pick_answering(shell: Shell, model_id: str | None) -> ModelFolder | Remote:
    """One on another machine only where it is named. Raises NoModelFound."""
    remotes = find_remotes(shell.model_roots)
    return next((one for one in remotes if one.id == model_id), None) or pick_model(shell, model_id)


@contextmanager
def loaded_engine(
    shell: Shell, model: ModelFolder | Remote, on_processor: bool = False
) -> Generator[tuple[EngineThread, Ready]]:
    """An engine with the model loaded, closed at the end. Raises the error of a failed load."""
    settled = Event()

    def on_state(state: EngineState) -> None:
        if not isinstance(state, Loading):
            settled.set()

    opener = Opener(shell.connections, shell.remote_keys.get, shell.records, on_processor)
    engine = EngineThread(opener, on_state)
    try:
        engine.load(model.path)
        with waiting(f"Loading {model.name}"):
            while not settled.wait(STATE_POLL_SECONDS):
                pass  # short waits: a Ctrl-C gets through on Windows too
        match engine.state:
            case Ready() as ready:
                yield engine, ready
            case Broken(error):
                raise error
            case _:
                raise AssertionError("the load ended in no state")
    finally:
        with uninterrupted():
            engine.close()


@contextmanager
def uninterrupted() -> Generator[None]:
    """An impatient Ctrl-C must not leave the engine's thread behind: Python would wait for it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def waiting(text: str) -> Generator[None]:
    """A moving line on the terminal while something takes long; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{text} …"):
        yield


class _Sentences(logging.Formatter):
    def formatException(self, ei: Any) -> str:
        """Known errors are sentences; a traceback is for those that nobody foresaw."""
        return str(ei[1]) if isinstance(ei[1], HearthError) else super().formatException(ei)


def warnings_as_sentences() -> None:
    """What is worth a line but stops nothing goes to standard error."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_Sentences("hearth: %(message)s"))
    logging.basicConfig(handlers=[handler])


@contextmanager
def errors_as_sentences() -> Generator[None]:
    """The edge of the terminal: a known error is one line on standard error and an exit code."""
    try:
        yield
    except HearthError as error:
        click.echo(f"hearth: {error}", err=True)
        no_model = isinstance(error, NoModelFound)
        raise SystemExit(ExitCode.NO_MODEL if no_model else ExitCode.FAILED) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except (KeyboardInterrupt, click.Abort):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is leaving already, with its own code
        raise SystemExit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:  # the reader of our output has left: `hearth chat … | head`
        sys.stderr.close()
        raise SystemExit(ExitCode.FAILED) from None
