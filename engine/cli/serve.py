"""hearth serve: the localhost API without a window."""

from __future__ import annotations

import os
import secrets
import signal
from pathlib import Path
from threading import Event

import click

from engine.cli.shell import (
    Shell,
    cpu_option,
    loaded_engine,
    model_option,
    pass_shell,
    pick_answering,
)
from engine.errors import KeyUnavailable
from engine.network import WARNING, network_names
from engine.server import DEFAULT_PORT
from engine.server.examples import HIDDEN_KEY, curl_example, python_example

KEY_BYTES = 32
SHORTEST_KEY = 32
STOP_POLL_SECONDS = 0.2
NO_KEY = (
    "No key is needed: every program on this computer can ask, also those of its other users. "
    "Web pages are still refused. Ctrl-C stops."
)


@click.command()
@model_option
@cpu_option
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True)
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the key in this file (made at first use) instead of the system's keyring.",
)
@click.option("--show-key", is_flag=True, help="Print the key, for your other program's settings.")
@click.option("--show", is_flag=True, help="Print examples, and a link to the web chat.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="URL",
    help="Let in a web page or an app's page that has the key, such as https://app.example, "
    "app://obsidian.md or vscode-webview://ID.",
)
@click.option(
    "--host-name",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="Answer under this name too, such as host.docker.internal. The server still listens on "
    "127.0.0.1 only: on Linux a container needs the host's network, or --lan.",
)
@click.option(
    "--no-key",
    is_flag=True,
    help="Answer every program on this computer, also those of its other users. Not with --lan.",
)
@click.option("--lan", is_flag=True, help="Answer other machines of the network too; asks first.")
@pass_shell
def serve(
    shell: Shell,
    model_id: str | None,
    on_processor: bool,
    port: int,
    key_file: Path | None,
    show_key: bool,
    show: bool,
    origins: tuple[str, ...],
    hosts: tuple[str, ...],
    no_key: bool,
    lan: bool,
) -> None:
    """Answer OpenAI's API on 127.0.0.1 until Ctrl-C, for programs that have the key."""
    from engine.server.access import Access, host_name_of, origin_of
    from engine.server.run import LocalServer  # pydantic takes a quarter of a second

    if lan and no_key:
        raise click.UsageError("--no-key and --lan together would let the whole network in.")
    if no_key and (key_file or show_key):
        raise click.UsageError("--no-key needs no --key-file and no --show-key.")
    key = "" if no_key else key_from_file(key_file) if key_file else key_from_keyring(shell)
    if lan:
        click.confirm(WARNING, abort=True, err=True)
    access = Access(
        key,
        shell.web_page,
        frozenset(origin_of(origin) for origin in origins),
        tuple(network_names()) if lan else (),
        frozenset(host_name_of(name) for name in hosts),
        needs_key=not no_key,
    )
    with loaded_engine(shell, pick_answering(shell, model_id), on_processor) as (engine, ready):
        server = LocalServer(engine, access, port)
        url = server.start()
        click.echo(f"{ready.model.name} answers at {url}/v1 for model {ready.model.id}", err=True)
        about_key = f"Key: {key}" if show_key else _where(key_file)
        click.echo(NO_KEY if no_key else about_key, err=True)
        if show:
            shown = "none" if no_key else key if show_key else HIDDEN_KEY
            click.echo(overview(f"{url}/v1", shown, ready.model.id, server.page_link()), err=True)
        try:
            wait_for_signal()
        finally:
            server.close()


def overview(base_url: str, key: str, model: str, link: str) -> str:
    """What to paste where."""
    return "\n\n".join(
        (
            "",
            curl_example(base_url, key, model),
            python_example(base_url, key, model),
            f"The web chat, for the next two minutes and once:\n{link}\n",
        )
    )


def key_from_keyring(shell: Shell) -> str:
    try:
        return shell.api_key()
    except KeyUnavailable as error:
        raise KeyUnavailable(f"{error} With --key-file FILE it is kept in a file.") from error


def key_from_file(path: Path) -> str:
    """The key in the file, which is made with a new one if it is missing. Raises KeyUnavailable."""
    try:
        key = path.read_text("utf-8").strip() if path.exists() else _new_key_file(path)
    except OSError as error:
        raise KeyUnavailable(f"The key file {path} cannot be used: {error.strerror}.") from None
    if len(key) < SHORTEST_KEY:
        raise KeyUnavailable(f"The key in {path} is too short: {SHORTEST_KEY} characters at least.")
    return key


def _new_key_file(path: Path) -> str:
    """Readable by its owner alone from the first moment on."""
    key = secrets.token_urlsafe(KEY_BYTES)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key + "\n")
    return key


def _where(key_file: Path | None) -> str:
    place = f"in {key_file}" if key_file else "in the system's keyring; --show-key prints it"
    return f"The key is {place}. Ctrl-C stops."


def wait_for_signal() -> None:
    """Until Ctrl-C or a polite kill."""
    stop = Event()

    def on_signal(*_: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    while not stop.wait(STOP_POLL_SECONDS):
        pass
