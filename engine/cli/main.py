"""The command `hearth`: alone it opens the window, or the nearest thing that this machine has."""

from __future__ import annotations

import sys

import click

from engine.cli.bench import bench
from engine.cli.chat import SAMPLE_QUESTION, chat
from engine.cli.connections import connections
from engine.cli.convert import convert
from engine.cli.doctor import doctor
from engine.cli.models import models
from engine.cli.serve import serve
from engine.cli.shell import Shell, errors_as_sentences, warnings_as_sentences


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hearth", prog_name="hearth")
@click.option("--self-test", is_flag=True, help="Check this installation, in half a minute.")
@click.pass_context
def hearth(context: click.Context, self_test: bool) -> None:
    """OpenAI's open models on your own machine. Without a command, the window."""
    if self_test:
        raise SystemExit(context.ensure_object(Shell).self_test())
    if context.invoked_subcommand is not None:
        warnings_as_sentences()  # the window has a log of its own
    else:
        open_front(context, context.ensure_object(Shell))


def open_front(context: click.Context, shell: Shell) -> None:
    """The window; without a display a chat in the terminal; without that one sample answer."""
    if shell.has_display:
        raise SystemExit(shell.open_window())
    if sys.stdin.isatty() and sys.stdout.isatty():
        click.echo("There is no display, so Hearth talks here.", err=True)
        context.invoke(chat)
    else:
        click.echo(f"There is no display and no terminal. A sample: {SAMPLE_QUESTION}", err=True)
        context.invoke(chat, prompt=SAMPLE_QUESTION, temperature=0.0, max_tokens=200)


for command in (chat, serve, models, convert, bench, doctor, connections):
    hearth.add_command(command)


def main(shell: Shell) -> None:
    """Run the command line; leaves by SystemExit."""
    with errors_as_sentences():
        hearth.main(obj=shell, standalone_mode=False)
