"""`lifeboat reconcile`: lists lost writes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from lifeboat.failover.commands import one_system, target_options
from lifeboat.failure import Exit, Failure

# ruff: noqa: PLC0415 - boto3 and pydantic are loaded by the command that needs them, so that all start at once


@click.command()
@target_options
@click.option("--from", "old", required=True, help="The old primary.")
@click.option("--to", "new", required=True, help="The new primary.")
@click.option(
    "--log", type=click.Path(path_type=Path, dir_okay=False), help="What clients were told: JSON lines with ids."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def reconcile(
    *, deployment: str | None, suffix: str | None, place: str, old: str, new: str, log: Path | None, as_json: bool
) -> None:
    """List writes that the old primary has, or a client was told of, and the new primary lacks.

    Ends with 2 when there are any. Reads keys only, and changes nothing.
    """
    from lifeboat.failover.clients import Clients, aimed_at
    from lifeboat.reconcile.compare import compare, snapshots, told

    system = one_system(deployment, suffix)
    _check(old, new, [plan.name for plan in system.regions])
    with aimed_at(place):
        clients = Clients(read_seconds=30)
        found = list(compare(clients, system, old=old, new=new))
        found += told(clients, system, new=new, log=log) if log else []
        kept = snapshots(clients, system, old=old)
    for each in found:
        click.echo(json.dumps(asdict(each)) if as_json else f"{each.store}  {each.key}  ({each.why})")
    for snapshot in kept:
        click.echo(f"the old primary's database before it was filled again: {snapshot}", err=as_json)
    if found:
        raise Failure(f"{len(found)} writes are missing in {new}", Exit.CHANGES)
    click.echo(f"nothing is missing in {new}", err=as_json)


def _check(old: str, new: str, known: list[str]) -> None:
    from deployments.problems import Problem, ProblemsError

    allowed = ", ".join(known)
    problems = [
        Problem(
            where="lifeboat reconcile", key=key, what="is not a region of this system", found=found, allowed=allowed
        )
        for key, found in (("--from", old), ("--to", new))
        if found not in known
    ]
    if old == new and not problems:
        problems = [Problem(where="lifeboat reconcile", key="--to", what="is the region to compare with", found=new)]
    if problems:
        raise ProblemsError(problems)
