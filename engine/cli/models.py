"""hearth models: what is installed."""

from __future__ import annotations

import json

import click

from engine.cli.shell import Shell, pass_shell
from engine.models.folder import ModelFolder, find_models


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@pass_shell
def models(shell: Shell, as_json: bool) -> None:
    """List the installed models."""
    found = find_models(shell.model_roots)
    if as_json:
        click.echo(json.dumps([as_document(model) for model in found], indent=2))
    else:
        click.echo("\n".join(map(as_line, found)) or shell.no_model)


def as_line(model: ModelFolder) -> str:
    size = f"{model.size_bytes / 1e6:,.0f} MB"
    return f"{model.id:24} {size:>10}  {model.context_length:>7,} tokens  {model.name}"


def as_document(model: ModelFolder) -> dict[str, str | int]:
    return {
        "id": model.id,
        "name": model.name,
        "size_bytes": model.size_bytes,
        "context_length": model.context_length,
        "path": str(model.path),
    }
