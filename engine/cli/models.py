"""hearth models: what is installed, and what can be had."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from engine.cli.bar import working
from engine.cli.fit import show_fit
from engine.cli.get import (
    as_job_line,
    discard,
    get,
    getting_online,
    pause,
    queue_of,
    resume,
    target_option,
    tell_once,
)
from engine.cli.remote import add_remote, as_remote_document, as_remote_line, remove_remote
from engine.cli.shell import ExitCode, Shell, pass_shell, pick_model
from engine.errors import CannotWrite
from engine.models.catalogue import Catalogue, Entry
from engine.models.download.watch import Watch
from engine.models.folder import ModelFolder, find_models, forget, pointers
from engine.models.hub_cache import snapshot_in
from engine.models.leftovers import clean_up
from engine.models.needs import Target
from engine.models.remove import remove
from engine.remote.remote import find_remotes


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """List the installed models; fetch, check and remove them."""
    for root in context.ensure_object(Shell).own_roots:
        clean_up(root)
    if context.invoked_subcommand is None:
        context.invoke(list_models, as_json=as_json)


for command in (show_fit, add_remote, get, pause, resume):
    models.add_command(command)


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@pass_shell
def list_models(shell: Shell, as_json: bool) -> None:
    """What is installed, and what `hearth models get` can fetch."""
    found, remotes = find_models(shell.model_roots), find_remotes(shell.model_roots)
    if as_json:
        documents = [*map(as_document, found), *map(as_remote_document, remotes)]
        click.echo(json.dumps(documents, indent=2))
        return
    lines = [*map(as_line, found), *map(as_remote_line, remotes)]
    click.echo("\n".join(lines) or shell.no_model)
    if jobs := queue_of(shell).jobs():
        click.echo("\nOn the way, with `hearth models get`:")
        click.echo("\n".join(map(as_job_line, jobs)))
    installed = {model.id for model in found} | {job.id for job in jobs}
    others = [e for e in Catalogue.read(shell.catalogue).entries if e.id not in installed]
    if others:
        click.echo("\nTo be had with `hearth models get`:")
        click.echo("\n".join(map(as_offer, others)))


@models.command()
@click.argument("id", required=False)
@click.option("--repair", "is_repair", is_flag=True, help="Fetch what is missing or wrong.")
@pass_shell
def verify(shell: Shell, id: str | None, is_repair: bool) -> None:
    """Compare every byte of a model with what was published, or made here."""
    from engine.models.manifest import Manifest
    from engine.models.verify import damaged_files

    folder = pick_model(shell, id).path
    manifest = Manifest.read(folder)
    with working() as (cancellation, show):
        damaged = damaged_files(folder, manifest, partial(show, "Checking"), cancellation)
    if not damaged:
        click.echo(f"{folder.name} is whole: {len(manifest.files)} files, as they should be.")
        return
    names = ", ".join(file.path for file in damaged)
    click.echo(f"{folder.name} is damaged: {names}.", err=True)
    if not is_repair:
        click.echo(f"`hearth models verify {folder.name} --repair` fetches that anew.", err=True)
        raise SystemExit(ExitCode.FAILED)
    from engine.models.download.fetch import repair

    with getting_online(shell) as (hub, http), working() as (cancellation, show):
        watch = Watch(partial(show, "Fetching"), tell_once(), cancellation)
        repair(hub, http, folder, damaged, watch)
    click.echo(f"{folder.name} is whole again.")


@models.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--copy", "is_copy", is_flag=True, help="Copy it; else it is used where it lies.")
@target_option
@pass_shell
def import_model(shell: Shell, folder: Path, is_copy: bool, target: str | None) -> None:
    """List the model folder FOLDER too, once it is found to be whole.

    OpenAI's own weights are converted, and stay where they are.
    """
    from engine.models.importing import (
        convert_checkpoint,
        copy_in,
        is_checkpoint,
        use_in_place,
    )
    from engine.runtime.devices import cuda_problem

    root, folder = shell.model_roots[0], snapshot_in(folder)
    if is_checkpoint(folder):
        by_itself = Target.CPU if cuda_problem() else Target.CUDA
        chosen = Target(target) if target else by_itself
        with working() as (cancellation, show):
            show_bytes = partial(show, "Converting")
            model = convert_checkpoint(folder, root, chosen, show_bytes, cancellation)
    elif is_copy:
        with working() as (cancellation, show):
            model = copy_in(folder, root, partial(show, "Copying"), cancellation)
    else:
        model = use_in_place(folder, root)
    click.echo(f"{model.id} is listed now: {model.path}.")


@models.command("remove")
@click.argument("id")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@pass_shell
def remove_model(shell: Shell, id: str, is_sure: bool) -> None:
    """Delete an installed model. One that was imported in place is only listed no more."""
    remote = next((one for one in find_remotes(shell.model_roots) if one.id == id), None)
    if remote is not None:
        remove_remote(shell, remote)
        return
    job = queue_of(shell).find(id)
    if job is not None:
        click.echo(f"{id} is given up: {discard(shell, job) / 1e9:,.1f} GB are free again.")
        return
    folder = pick_model(shell, id).path
    naming = next((root for root in shell.own_roots if id in pointers(root)), None)
    if naming is not None:
        forget(naming, id)
        click.echo(f"{id} is listed no more. Its folder stays: {folder}.")
        return
    if folder.parent not in shell.own_roots:
        raise CannotWrite(f"{folder.name} came with Hearth and stays with it.")
    if not is_sure:
        click.confirm(f"Delete {folder}?", abort=True, err=True)
    click.echo(f"{folder.name} is removed: {remove(folder) / 1e9:,.1f} GB are free again.")


@models.command()
@click.argument("id", required=False)
@pass_shell
def path(shell: Shell, id: str | None) -> None:
    """Print where a model lies; without ID, where models are put."""
    click.echo(pick_model(shell, id).path if id else shell.model_roots[0])


def as_line(model: ModelFolder) -> str:
    size = f"{model.size_bytes / 1e6:,.0f} MB"
    return f"{model.id:24} {size:>10}  {model.context_length:>7,} tokens  {model.name}"


def as_offer(entry: Entry) -> str:
    size = f"{entry.size_bytes / 1e6:,.0f} MB" if entry.size_bytes is not None else ""
    return f"{entry.id:28} {size:>10}  {entry.licence}  {entry.name}"


def as_document(model: ModelFolder) -> dict[str, str | int]:
    return {
        "id": model.id,
        "name": model.name,
        "size_bytes": model.size_bytes,
        "context_length": model.context_length,
        "path": str(model.path),
    }
