"""hearth models remote: a model on another machine, added by the user and by nobody else."""

from __future__ import annotations

import sys

import click

from engine.cli.shell import Shell, pass_shell
from engine.errors import CannotWrite
from engine.models.folder import find_models
from engine.remote.remote import CONTEXT_LENGTH, Remote, find_remotes, new_remote


@click.command("remote")
@click.argument("id")
@click.option("--url", required=True, help="Of the server, such as https://host/v1.")
@click.option("--model", required=True, help="The server's name of the model.")
@click.option("--context", default=CONTEXT_LENGTH, show_default=True, help="In tokens.")
@pass_shell
def add_remote(shell: Shell, id: str, url: str, model: str, context: int) -> None:
    """Add the model ID, which an OpenAI-compatible server runs elsewhere, such as vLLM.

    All that is asked of it leaves this computer. Its key is asked for, or read from a pipe, and
    kept in the system's keyring.
    """
    from engine.remote.model import RemoteModel

    root = shell.model_roots[0]
    if id in {one.id for one in (*find_models(shell.model_roots), *find_remotes([root]))}:
        raise CannotWrite(f"There is a model named {id} already.")
    new_remote(root, id, url, model, context)  # refused before a key is asked for
    key = ask_key()
    remote = new_remote(root, id, url, model, context, has_key=bool(key))
    RemoteModel.open(remote, key, shell.connections())
    if key:
        shell.remote_keys.set(id, key)
    remote.write()
    click.echo(f"{id} is listed now. What you ask it leaves this computer, for {remote.host}.")


def ask_key() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.read().strip()
    return click.prompt("Its key (empty for none)", default="", hide_input=True, show_default=False)


def remove_remote(shell: Shell, remote: Remote) -> None:
    if remote.has_key:
        shell.remote_keys.delete(remote.id)
    remote.path.unlink()
    click.echo(f"{remote.id} is listed no more{', and its key is forgotten' * remote.has_key}.")


def as_remote_line(remote: Remote) -> str:
    return f"{remote.id:24} {'elsewhere':>10}  {remote.context_length:>7,} tokens  {remote.host}"


def as_remote_document(remote: Remote) -> dict[str, str | int]:
    return {
        "id": remote.id,
        "name": remote.name,
        "size_bytes": 0,
        "context_length": remote.context_length,
        "path": str(remote.path),
        "base_url": remote.base_url,
        "model": remote.model,
    }
