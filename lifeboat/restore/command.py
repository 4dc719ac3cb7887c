"""`lifeboat restore`: what the command line says, and what a person is asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lifeboat.failure import Exit, Failure
from lifeboat.options import chosen

if TYPE_CHECKING:
    from deployments.system import System
    from lifeboat.restore.checks import Connect
    from lifeboat.restore.run import Restored

# ruff: noqa: PLC0415 - boto3 and pydantic are loaded by the command that needs them, so that all others start at once

LOCAL, AWS = "local", "aws"
PAUSE_SECONDS = {False: 15.0, True: 0.2}
"""Between two questions to AWS, and to an AWS on loopback, which is done in no time."""
MOMENT = "%Y-%m-%dT%H:%M:%S"


@click.command()
@click.argument("deployment", required=False)
@click.option("--suffix", help="Environment suffix. Absent: ENVIRONMENT_SUFFIX, else cdktf.json.")
@click.option("--to", "region", help="Standby to restore in. Absent: the first one.")
@click.option("--target", type=click.Choice([LOCAL, AWS]), default=LOCAL, show_default=True, help="Which AWS.")
@click.option(
    "--outputs",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with flat-outputs.json of the last deploy. Absent: that of `lifeboat local deploy`.",
)
@click.option(
    "--failed-at",
    type=click.DateTime([MOMENT]),
    help="When the primary failed, UTC; later recovery points are left alone. Absent: now.",
)
@click.option("--accept-loss", is_flag=True, help="Restore although more is lost than the RPO allows.")
@click.option("--dry-run", is_flag=True, help="Only tell what there is and how old it is.")
@click.option("--yes", is_flag=True, help="Do not ask for the system's name.")
def restore(
    deployment: str | None, suffix: str | None, region: str | None, target: str, folder: Path | None, **options: object
) -> None:
    """Rebuild a standby's data tier from the newest copies in its own vault. The primary is not asked.

    DEPLOYMENT is a deployment's name. Absent: DEPLOYMENT, else what cdktf.json says. Safe to repeat: it follows what
    an earlier run started, and restores what is missing. Ends with 3 where somebody has to say so first.
    """
    systems = chosen(deployment, suffix)
    if len(systems) > 1:
        raise Failure(f"one system at a time, not {', '.join(system.names.prefix for system in systems)}")
    with aimed_at(target):
        _restore(systems[0], region, _outputs(systems[0], folder), options)


def aimed_at(target: str) -> AbstractContextManager[None]:
    """Work on the embedded AWS that runs, or on what the environment says.

    Raises:
        Failure: No embedded AWS runs.
    """
    if target == AWS:
        return nullcontext()
    from lifeboat.local import server
    from lifeboat.local.context import pointed_at
    from lifeboat.workspace import Workspace

    return pointed_at(server.running(Workspace.of()).url)


def _outputs(system: System, folder: Path | None) -> dict[str, object]:
    from lifeboat.outputs import FLAT, read_flat
    from lifeboat.workspace import Workspace

    path = (folder or Workspace.of().outputs(system.names.prefix)) / FLAT
    if not path.exists():
        raise Failure(f"{path}: there are no outputs of {system.names.prefix}; name their folder with --outputs")
    return read_flat(path)


def connected(region: str) -> Connect:
    """Return clients of one region: nothing that they ask leaves it."""
    from functools import cache

    import boto3
    from botocore.config import Config

    config = Config(
        region_name=region,
        connect_timeout=5,
        read_timeout=30,
        retries={"max_attempts": 3},
        s3={"addressing_style": "path"} if os.environ.get("AWS_ENDPOINT_URL") else None,
    )
    make: Callable[..., Any] = boto3.client
    return cache(lambda service: make(service, config=config))


def _restore(system: System, region: str | None, flat: dict[str, object], options: dict[str, object]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    from lifeboat.restore.run import Patience, check_loss, survey
    from lifeboat.restore.run import restore as run
    from lifeboat.restore.targets import Standby, standby_plan, targets

    plan = standby_plan(system, region)
    standby = Standby.from_outputs(plan.name, flat)
    wanted = targets(system, standby)
    given = options["failed_at"]
    failed_at = given.replace(tzinfo=UTC) if isinstance(given, datetime) else datetime.now(UTC)
    connect = connected(standby.region)
    try:
        found = survey(connect, standby, wanted, failed_at, click.echo)
        check_loss(found, accepted=bool(options["accept_loss"] or options["dry_run"]))
        if options["dry_run"]:
            click.echo("nothing was restored: this is a dry run")
            return
        if not options["yes"]:
            _confirm(system, standby.region)
        pause = PAUSE_SECONDS["AWS_ENDPOINT_URL" in os.environ]
        patience = Patience(timeout=system.spec.objectives.rto_seconds, pause=pause)
        began = datetime.now(UTC)
        done = run(connect, standby, found, patience, click.echo)
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"{standby.region}: {error}") from None
    _report(system, standby.region, done, (datetime.now(UTC) - began).total_seconds())


def _confirm(system: System, region: str) -> None:
    """Have the system's name typed: what is restored costs money, and clients may find it.

    Raises:
        Failure: Another name was typed (exit code 3).
    """
    name = system.names.prefix
    typed = click.prompt(f"type {name} to restore its data tier in {region}", default="", show_default=False)
    if typed != name:
        raise Failure("the name that was typed is another one: nothing was restored", Exit.GUARDED)


def _report(system: System, region: str, done: list[Restored], seconds: float) -> None:
    from lifeboat.restore.adopt import imports
    from lifeboat.workspace import PROJECT, Workspace, write_json

    workspace = Workspace.of()
    click.echo(f"restored in {region}, {seconds:.0f} s:")
    for each in done:
        click.echo(f"  {each.found.target.tier}: {each.seen.address} ({each.seen.state})")
    out = workspace.out(system.names.prefix)
    lines = imports(system, out if out.is_dir() else PROJECT / "cdktf.out", region, done)
    if lines:
        click.echo(f"for Terraform to take them over once {region} is the first of the file's regions:")
        click.echo("\n".join(f"  {line}" for line in lines))
    record = {
        "region": region,
        "seconds": round(seconds),
        "restored": [
            {
                "tier": each.found.target.tier,
                "name": each.found.target.name,
                "address": each.seen.address,
                "recovery_point": each.found.point.arn if each.found.point else "",
                "loss_seconds": each.found.loss_seconds,
                "rpo_seconds": each.found.target.rpo_seconds,
                "job": each.job,
            }
            for each in done
        ],
    }
    write_json(workspace.folder / "restores" / f"{system.names.prefix}.json", record)
