"""hearth doctor: a page about this installation that can be pasted into a bug report."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

import click
import psutil

from engine.cli.shell import Shell, pass_shell
from engine.models.folder import find_models


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_shell
def doctor(shell: Shell, as_json: bool) -> None:
    """Show versions, devices and why, memory, folders and the keyring. Nothing private."""
    facts = {**about_machine(), **about_devices(), **shell.facts(), **about_models(shell)}
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name:{width}}  {value}")


def about_machine() -> dict[str, str]:
    memory = psutil.virtual_memory()
    cores = f"{psutil.cpu_count(logical=False)} cores, {psutil.cpu_count()} threads"
    return {
        "Hearth": version("hearth"),
        "Python": f"{platform.python_version()} on {platform.platform()}",
        "Processor": f"{platform.processor() or platform.machine()}, {cores}",
        "Memory": f"{memory.total / 2**30:.1f} GiB, {memory.available / 2**30:.1f} GiB free",
    }


def about_devices() -> dict[str, str]:
    from engine.runtime.devices import (
        choose_placement,
        graphics,
        onnxruntime_version,
        providers,
    )

    device = choose_placement([]).device
    return {
        "ONNX Runtime": f"{onnxruntime_version()}, built with {', '.join(providers())}",
        "Telemetry": "off (ORT_DISABLE_TELEMETRY was set before the import)",
        "Device": f"{device.name}: this version of Hearth runs models converted for it.",
        **graphics(),
    }


def about_models(shell: Shell) -> dict[str, str]:
    models = find_models(shell.model_roots)
    return {"Models": ", ".join(f"{model.id} in {model.path}" for model in models) or "none"}
