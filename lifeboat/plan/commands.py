"""`lifeboat plan` and `lifeboat apply`: what the command line says, handed to those who do it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lifeboat.failure import Exit, Failure
from lifeboat.options import choice_options, chosen
from lifeboat.report.output import FORMATS, output_options, write
from lifeboat.workspace import Workspace

if TYPE_CHECKING:
    from lifeboat.report.model import Report

# ruff: noqa: PLC0415 - msgspec, rich and pydantic are loaded by the command that needs them, so that all start at once

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
OUT = Path("cdktf.out")


@click.command()
@click.argument("plans", nargs=-1, metavar="[PLAN|STACK=PLAN]...")
@click.option("--out", type=FOLDER, default=OUT, show_default=True, help="The synthesized stacks.")
@click.option("--stack", "stacks", multiple=True, help="Plan this stack alone; may be repeated. Absent: all of them.")
@click.option("--save", type=FOLDER, help="Keep the plan files here for `lifeboat apply`. They hold secrets.")
@click.option("--guard", type=FILE, help="The guard file. Absent: lifeboat-guard.toml, if there is one.")
@click.option("--refresh/--no-refresh", default=True, help="Look at what exists, or trust the state.")
@click.option("--destroy", is_flag=True, help="Plan the destruction of everything.")
@click.option("--lock-timeout", default="5m", show_default=True, help="How long to wait for another run.")
@click.option("--local", is_flag=True, help="Plan on the embedded AWS what `lifeboat local deploy` synthesized.")
@choice_options
@output_options
@click.pass_context
def plan(ctx: click.Context, /, plans: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401 click's values
    """Show what Terraform plans would do, in all stacks, and what that means.

    PLAN is a plan file, or what `terraform show -json` printed; STACK= says whose it is where its name does not. None
    given: Terraform plans every stack in --out now. Ends with 0 (nothing), 2 (changes), 3 (guarded) or 1 (error).
    """
    if plans and (options["save"] or options["stacks"] or options["destroy"] or options["local"]):
        raise click.UsageError("--save, --stack, --destroy and --local are for plans that Terraform makes now")
    report = _given(plans, options) if plans else _made(options)
    files = {form: options[f"{form}_file"] for form in FORMATS}
    write(report, files, budget=options["budget"], name=options["name"], quiet=options["quiet"])
    ctx.exit(report.exit_code)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--out", type=FOLDER, default=OUT, show_default=True, help="The synthesized stacks.")
@click.option("--reviewed", default="", help="The digest that the report shows: nothing else is applied.")
@click.option("--lock-timeout", default="5m", show_default=True, help="How long to wait for another run.")
@click.option("--local", is_flag=True, help="Apply to the embedded AWS.")
@choice_options
def apply(folder: Path, reviewed: str, lock_timeout: str, **options: Any) -> None:  # noqa: ANN401 click's values
    """Apply exactly the plans that `lifeboat plan --save FOLDER` kept, in order, up to the first failure."""
    from lifeboat.plan.apply import Apply
    from lifeboat.stacks import read_stacks

    workspace = Workspace.of()
    with _place(workspace, options) as (out, environment):
        job = Apply(
            folder=folder,
            environment=environment,
            lock_timeout=lock_timeout,
            log=workspace.folder / "logs",
            say=click.echo,
        )
        changed = job.run(read_stacks(out), reviewed)
    click.echo(f"applied: {changed} changes" if changed != 1 else "applied: 1 change")


def _given(plans: tuple[str, ...], options: Mapping[str, Any]) -> Report:
    """Inspect plans that are files."""
    from lifeboat.plan import sources
    from lifeboat.plan.inspect import inspect

    guards = _guards(options)
    return inspect(sources.read_all(sources.given(plans, options["out"]), options["out"]), guards)


def _made(options: Mapping[str, Any]) -> Report:
    """Let Terraform plan, and inspect that."""
    from msgspec import structs

    from lifeboat.plan import saved, sources, terraform
    from lifeboat.plan.inspect import Inspection
    from lifeboat.stacks import read_stacks

    inspection = Inspection(_guards(options))
    with _place(Workspace.of(), options) as (out, environment), tempfile.TemporaryDirectory(prefix="plan-") as folder:
        stacks = sources.chosen(read_stacks(out), options["stacks"])
        keep: Path | None = options["save"]
        if keep:
            saved.forget(keep)
        how = terraform.Options(
            environment=environment,
            refresh=options["refresh"],
            lock_timeout=options["lock_timeout"],
            destroy=options["destroy"],
            plans=keep or Path(folder),
            say=lambda line: click.echo(line, err=True),
        )
        files = terraform.plan_stacks(stacks, how, inspection)
        report = inspection.report()
        if keep:
            reviewed = saved.remember(files, report, destroy=options["destroy"])
            saved.save(keep, reviewed)
            report = structs.replace(report, digest=reviewed.digest)
    return report


def _guards(options: Mapping[str, Any]) -> Any:  # noqa: ANN401 imported where it is needed
    from datetime import UTC, datetime

    from lifeboat.plan.allowances import read_guards

    return read_guards(options["guard"], datetime.now(UTC).date())


@contextmanager
def _place(workspace: Workspace, options: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield the synthesized stacks, and Terraform's environment: yours, or the embedded AWS's."""
    from lifeboat.local.environment import child_environment, local_environment

    if not options["local"]:
        yield options["out"], child_environment(os.environ)
        return
    from lifeboat.local import server
    from lifeboat.local.overrides import write_override
    from lifeboat.stacks import read_stacks

    systems = chosen(options["deployment"], options["suffix"])
    if len(systems) != 1:
        raise Failure("--local works on one deployment at a time: name it with --deployment", Exit.ERROR)
    out = workspace.out(systems[0].names.prefix)
    for stack in read_stacks(out):
        write_override(stack)
    yield out, local_environment(os.environ, server.running(workspace).url)
