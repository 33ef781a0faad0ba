"""The command `hearth`: alone it opens the window, or the nearest thing that this machine has."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from engine.cli.shell import Shell, errors_as_sentences, warnings_as_sentences

COMMANDS = ("bench", "chat", "connections", "convert", "doctor", "models", "serve")
"""Modules of this package, each with a command of its name."""


class Commands(click.Group):
    """Each is imported when it is asked for: the window, which needs none, comes 0.1 s earlier."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return getattr(import_module(f"engine.cli.{cmd_name}"), cmd_name)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
    from engine.cli.chat import SAMPLE_QUESTION, chat

    if sys.stdin.isatty() and sys.stdout.isatty():
        click.echo("There is no display, so Hearth talks here.", err=True)
        context.invoke(chat)
    else:
        click.echo(f"There is no display and no terminal. A sample: {SAMPLE_QUESTION}", err=True)
        context.invoke(chat, prompt=SAMPLE_QUESTION, temperature=0.0, max_tokens=200)


def main(shell: Shell) -> None:
    """Run the command line; leaves by SystemExit."""
    with errors_as_sentences():
        hearth.main(obj=shell, standalone_mode=False)
