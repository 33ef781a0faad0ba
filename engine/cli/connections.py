"""hearth connections: every connection that Hearth has ever made to another machine."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from engine.cli.shell import Shell, pass_shell


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@pass_shell
def connections(shell: Shell, as_json: bool) -> None:
    """Every connection that Hearth has ever made, oldest first."""
    made = [*shell.connections().all()]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in made], indent=2))
    else:
        lines = (f"{one.at}  {one.host}  {one.purpose}" for one in made)
        click.echo("\n".join(lines) or "No connection was ever made.")
