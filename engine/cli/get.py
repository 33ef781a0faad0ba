"""hearth models get, pause, resume: what is fetched and made ready, and what waits for it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from engine.cancellation import Cancellation
from engine.cli.bar import working
from engine.cli.shell import ExitCode, Shell, pass_shell
from engine.errors import AlreadyAtWork, CannotWrite
from engine.models.catalogue import Catalogue, Entry
from engine.models.download.watch import Watch, unheard
from engine.models.fit import Verdict, fit_of
from engine.models.get import Getting, OnStage
from engine.models.needs import Target
from engine.models.queue import QUEUE_FILE, Job, Place, Queue, Worker

if TYPE_CHECKING:
    from engine.models.download.http import Http
    from engine.models.download.hub import Hub

target_option = click.option(
    "--target",
    type=click.Choice([one.value for one in Target]),
    help="What to convert OpenAI's weights for; by itself what suits this machine.",
)


@click.command()
@click.argument("ids", nargs=-1)
@target_option
@click.option("--keep-checkpoint", is_flag=True, help="Keep OpenAI's weights beside the model.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask, even if it will not fit.")
@pass_shell
def get(
    shell: Shell, ids: Sequence[str], target: str | None, keep_checkpoint: bool, is_sure: bool
) -> None:
    """Fetch the models IDS of the catalogue, check them and make them ready, one after another.

    Without IDS it goes on with all that an earlier one has left.
    """
    queue, catalogue = queue_of(shell), Catalogue.read(shell.catalogue)
    if ids:
        jobs = [job_of(shell, catalogue.find(id), target, keep_checkpoint, is_sure) for id in ids]
        for job in jobs:
            queue.add(job)
    else:
        for job in queue.jobs():
            if job.place is Place.FAILED:
                queue.resume(job.id)
        if not any(job.place is Place.WAITING for job in queue.jobs()):
            click.echo("Nothing waits. `hearth models` tells what is to be had.")
    failed = work_off(shell, queue, catalogue)
    for job in failed:
        click.echo(f"hearth: {job.id}: {job.sentence}", err=True)
    if failed:
        raise SystemExit(ExitCode.FAILED)


@click.command()
@click.argument("id")
@pass_shell
def pause(shell: Shell, id: str) -> None:
    """Let a model that is being got wait, in whichever window or terminal; nothing is lost."""
    queued(shell, id)
    queue_of(shell).pause(id)
    click.echo(f"{id} is paused: `hearth models resume {id}`.")


@click.command()
@click.argument("id")
@pass_shell
def resume(shell: Shell, id: str) -> None:
    """Let a paused model be got again."""
    queued(shell, id)
    queue = queue_of(shell)
    queue.resume(id)
    failed = work_off(shell, queue, Catalogue.read(shell.catalogue))
    for job in failed:
        click.echo(f"hearth: {job.id}: {job.sentence}", err=True)
    if failed:
        raise SystemExit(ExitCode.FAILED)


def queue_of(shell: Shell) -> Queue:
    return Queue(shell.model_roots[0] / QUEUE_FILE)


def queued(shell: Shell, id: str) -> Job:
    """Raises CannotWrite."""
    job = queue_of(shell).find(id)
    if job is None:
        raise CannotWrite(f"{id} is not being got.")
    return job


def job_of(
    shell: Shell, entry: Entry, target: str | None, keeps_checkpoint: bool, is_sure: bool
) -> Job:
    """Says what it is and whether it will fit. Raises CannotWrite for one that is there."""
    from engine.runtime.machine import this_machine

    click.echo(f"{entry.name}, licence {entry.licence}, from {entry.source.repo}.", err=True)
    chosen = Target(target) if target else None
    found = fit_of(entry, this_machine(shell.model_roots[0]), chosen) if entry.needs else None
    if found is not None:
        chosen = found.target
        click.echo(f"Here {found.in_words()}", err=True)
        if found.verdict is Verdict.NOT and not is_sure:
            click.confirm("Get it all the same?", abort=True, err=True)
    job = Job(entry.id, chosen or Target.CPU, keeps_checkpoint)
    getting_of(shell, entry, job).check_place()
    return job


def getting_of(shell: Shell, entry: Entry, job: Job) -> Getting:
    return Getting(entry, shell.model_roots[0], job.target, job.keeps_checkpoint)


def work_off(shell: Shell, queue: Queue, catalogue: Catalogue) -> Sequence[Job]:
    """Those that failed. Where another program works it off, it is left to that."""
    with getting_online(shell) as (hub, http), working() as (cancellation, show):

        def get_one(job: Job, own: Cancellation) -> None:
            getting = getting_of(shell, catalogue.find(job.id), job)
            getting.run(hub, http, named(show, job.id), Watch(unheard, tell_once(), own))
            click.echo(f"{job.id} is ready: `hearth chat --model {job.id}`.")

        try:
            return Worker(queue, get_one, is_patient=False).run(cancellation)
        except AlreadyAtWork as error:
            click.echo(f"{error} It will get what waits, too.", err=True)
            return []


def named(show: OnStage, id: str) -> OnStage:
    return lambda stage, done, total: show(f"{stage} {id}", done, total)


@contextmanager
def getting_online(shell: Shell) -> Generator[tuple[Hub, Http]]:
    from engine.models.download.http import Http
    from engine.models.download.hub import Hub

    connections = shell.connections()
    with closing(Http(connections)) as http:
        yield Hub(connections), http


def tell_once() -> Callable[[str], None]:
    """Each sentence the first time only: files that wait for the same server say the same."""
    told: set[str] = set()

    def tell(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            click.echo(f"hearth: {sentence}", err=True)

    return tell


def as_job_line(job: Job) -> str:
    told = f": {job.sentence}" if job.sentence else ""
    return f"{job.id:24} {job.place:>10}{told}"


def discard(shell: Shell, job: Job) -> int:
    """Give it up, and delete what has arrived; the bytes that are free again."""
    queue_of(shell).drop(job.id)
    entry = Catalogue.read(shell.catalogue).find(job.id)
    return getting_of(shell, entry, job).discard()
