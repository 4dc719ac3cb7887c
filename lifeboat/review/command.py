"""`lifeboat review`: what the command line says, handed to the parts that do it."""

from __future__ import annotations

import os
import shlex
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lifeboat.failure import Exit
from lifeboat.options import choice_options
from lifeboat.report.output import FORMATS, output_options
from lifeboat.workspace import Workspace

if TYPE_CHECKING:
    from lifeboat.plan.allowances import Guards
    from lifeboat.report.model import Report
    from lifeboat.review.content import Stack
    from lifeboat.review.files import Side
    from lifeboat.review.preview import Preview
    from lifeboat.review.sides import Origin, Places

# ruff: noqa: PLC0415 - every command starts at once; what reads stacks is loaded by who reads them

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("base")
@click.argument("head", required=False)
@click.option("--repository", type=FOLDER, default=Path(), help="A folder of the repository. Absent: this one.")
@click.option("--snapshots", help="Folder of the snapshots inside it. Absent: tests/unit/__snapshots__.")
@click.option("--deployments", help="Folder of the deployments' files inside it. Absent: deployments.")
@click.option("--stack", "stacks", multiple=True, help="Only this stack; may be repeated. Absent: all.")
@click.option("--guard", type=FILE, help="What is allowed, and until when. Absent: lifeboat-guard.toml.")
@click.option("--plan", "with_plan", is_flag=True, help="Deploy BASE onto an embedded AWS and plan HEAD on top of it.")
@click.option("--synth", help="With --plan: what synthesizes a revision into CDKTF_OUTDIR. Absent: its main.py.")
@choice_options
@output_options
def review(base: str, head: str | None, *, with_plan: bool, **options: Any) -> None:  # noqa: ANN401 click's options
    """Tell what a change does to the synthesized stacks, and what that means.

    BASE and HEAD are git revisions, folders of snapshots, or the cdktf.out of both. HEAD absent: the working tree.
    Needs no account, no cdktf and no network. Ends with 0 when nothing changed, 2 with changes, 3 when something is
    guarded.
    """
    from lifeboat.plan.allowances import read_guards
    from lifeboat.report.output import write
    from lifeboat.review.sides import DESCRIPTIONS, SNAPSHOTS, Places, origins

    places = Places(
        repository=options["repository"],
        snapshots=(options["snapshots"] or SNAPSHOTS).rstrip("/"),
        descriptions=(options["deployments"] or DESCRIPTIONS).rstrip("/"),
    )
    both = origins(base, head, places)
    guards = read_guards(options["guard"], datetime.now(UTC).date())
    report = _previewed(both, places, options, guards) if with_plan else _reviewed(both, places, options)
    report = _allowed(report, guards)
    files = {form: options[f"{form}_file"] for form in FORMATS}
    write(report, files, budget=options["budget"], name=options["name"], quiet=options["quiet"])
    if report.exit_code is not Exit.OK:
        click.get_current_context().exit(report.exit_code)


def _reviewed(both: tuple[Origin, Origin], places: Places, options: dict[str, Any]) -> Report:
    from lifeboat.review.sides import read_sides

    return _report(*read_sides(*both, places), options["stacks"])


def _previewed(both: tuple[Origin, Origin], places: Places, options: dict[str, Any], guards: Guards) -> Report:
    """Review the very stacks that the preview deploys, and what snapshots show of others."""
    from lifeboat.review.foresight import foreseen
    from lifeboat.review.sides import read_sides
    from lifeboat.review.synthesized import COMMAND, synthesized

    command = shlex.split(options["synth"]) if options["synth"] else COMMAND
    given = {"DEPLOYMENT": options["deployment"], "ENVIRONMENT_SUFFIX": options["suffix"]}
    choice = {name: value for name, value in given.items() if value}
    with tempfile.TemporaryDirectory(prefix="lifeboat-review-") as folder:
        outs = [
            synthesized(origin, Path(folder) / side, choice, command)
            for origin, side in zip(both, ("base", "head"), strict=True)
        ]
        base, head = read_sides(*both, places, outs)
        preview = _preview(outs[0], outs[1], options["stacks"])
        constructs = {name: _constructs(stack) for name, stack in {**base.stacks, **head.stacks}.items()}
        return foreseen(_report(base, head, options["stacks"]), preview, constructs, guards)


def _preview(base: Path, head: Path, stacks: tuple[str, ...]) -> Preview:
    from lifeboat.local.environment import child_environment
    from lifeboat.review.cache import Cache
    from lifeboat.review.preview import preview
    from lifeboat.toolchain import terraform_version

    cache = Cache(folder=Workspace.of().folder / "review", terraform=terraform_version(child_environment(os.environ)))
    return preview(base, head, stacks, cache, lambda line: click.echo(line, err=True))


def _report(base: Side, head: Side, only: tuple[str, ...]) -> Report:
    from lifeboat.failure import Failure
    from lifeboat.review.build import report
    from lifeboat.review.comparison import compare

    comparison = replace(compare(base.stacks, head.stacks), descriptions=(base.descriptions, head.descriptions))
    if only:
        unknown = sorted({*only} - {stack.name for stack in comparison.stacks})
        if unknown:
            known = ", ".join(stack.name for stack in comparison.stacks)
            raise Failure(f"--stack: unknown: {', '.join(unknown)}; there are {known}")
        comparison = replace(comparison, stacks=tuple(each for each in comparison.stacks if each.name in only))
    dependencies = {**base.dependencies, **head.dependencies}
    return report(f"{base.name} → {head.name}", comparison, dependencies, (*base.notes, *head.notes))


def _constructs(stack: Stack) -> dict[str, str]:
    return {block.address: f"{stack.name}/{block.path}" for block in stack.blocks.values() if block.path}


def _allowed(report: Report, guards: Guards) -> Report:
    """Let the guard file allow what it allows."""
    from msgspec import structs

    found = []
    for finding in report.findings:
        allowance = guards.allowance(finding)
        found.append(structs.replace(finding, allowed=str(allowance)) if allowance else finding)
    return structs.replace(report, findings=tuple(found))
