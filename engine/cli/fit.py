"""hearth models fit: which models are for this machine, before anything is fetched."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine.cli.shell import Shell, pass_shell
from engine.models.catalogue import Catalogue
from engine.models.fit import Fit, Machine, fit_of, in_gb, recommended
from engine.models.needs import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.records import Shown


@click.command("fit")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@pass_shell
def show_fit(shell: Shell, as_json: bool) -> None:
    """Which models of the catalogue fit this machine, and how fast they will be.

    It takes two seconds: the speed of the memory is measured.
    """
    from engine.runtime.machine import this_machine

    machine = this_machine(shell.model_roots[0])
    found = fits_of(Catalogue.read(shell.catalogue), machine)
    best = recommended(found)
    truths = {id: shown for id in found if (shown := shell.records.shown(id))}
    if as_json:
        told = {id: asdict(one) for id, one in found.items()}
        for id, shown in truths.items():
            told[id]["shown"] = asdict(shown)
        document = {"machine": asdict(machine), "models": told, "recommended": best}
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(as_machine(machine))
    for id, one in found.items():
        click.echo(f"\n{id}: {one.in_words()}")
        if id in truths:
            click.echo(as_truth(truths[id]))
    click.echo(f"\nRecommended: {best or 'the starter, which is there already'}.")


def fits_of(catalogue: Catalogue, machine: Machine) -> Mapping[str, Fit]:
    """By the ids of those models whose needs are known."""
    found = {entry.id: fit_of(entry, machine) for entry in catalogue.entries}
    return {id: one for id, one in found.items() if one is not None}


def as_machine(machine: Machine) -> str:
    return (
        f"{in_gb(machine.memory)} of memory, read at {in_gb(int(machine.bandwidth))} a second; "
        f"{in_gb(machine.disk_free)} of disk are free. {as_graphics(machine)}"
    )


def as_graphics(machine: Machine) -> str:
    said = ""
    if machine.nvidia is not None and machine.nvidia_problem:
        said = f"CUDA cannot use the {machine.nvidia.name}: {machine.nvidia_problem} "
    best = machine.graphics(Target.CUDA) or machine.webgpu
    if best is None:
        return f"{said}There is no graphics chip that can be used."
    memory = f"{in_gb(best.memory)} of memory" if best.memory else "memory that cannot be told"
    whose = "it may take" if best.is_shared else "it has"
    return f"{said}The graphics chip is {best.name}; {whose} {memory}."


def as_truth(shown: Shown) -> str:
    took = f" and took {in_gb(shown.memory)}" if shown.memory else ""
    return (
        f"Its first load here ({shown.device}) has shown {shown.decode:,.0f} tokens a second, "
        f"{shown.prefill:,.0f} in reading{took}."
    )
