"""`lifeboat preflight`: every check of every region side by side, then what they found."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lifeboat.failover.commands import one_system, target_options
from lifeboat.failure import Exit

if TYPE_CHECKING:
    from deployments.system import System
    from lifeboat.failover.clients import Clients
    from lifeboat.preflight.delegation import Ask
    from lifeboat.preflight.findings import Finding

# ruff: noqa: PLC0415 - boto3 and pydantic are loaded by the command that needs them, so that all others start at once

SERVICES = ("sts", "ec2", "rds", "acm", "backup", "service-quotas", "lambda", "route53", "efs")
SECONDS = 20.0
"""Preflight is for quiet hours: it may wait longer than a status."""


@click.command()
@target_options
@click.option(
    "--stacks",
    type=click.Path(path_type=Path, file_okay=False),
    help="Synthesized stacks to count. Absent: cdktf.out, or the copy that was deployed locally.",
)
@click.option("--all", "everything", is_flag=True, help="Show what is fine as well.")
def preflight(deployment: str | None, suffix: str | None, place: str, stacks: Path | None, *, everything: bool) -> None:
    """Tell what would go wrong in a deploy or a failover, and how to put it right. Ends with 1 when something would."""
    from lifeboat.failover.clients import LOCAL, Clients, aimed_at
    from lifeboat.preflight.delegation import public_name_servers
    from lifeboat.preflight.findings import Level
    from lifeboat.preflight.wanted import wanted
    from lifeboat.workspace import Workspace

    system = one_system(deployment, suffix)
    workspace = Workspace.of()
    out = stacks or (workspace.out(system.names.prefix) if place == LOCAL else workspace.project / "cdktf.out")
    need = wanted(out, system)
    with aimed_at(place):
        findings = examine(
            Clients(read_seconds=SECONDS), system, need, ask=None if place == LOCAL else public_name_servers
        )
    shown = [each for each in findings if everything or each.level is not Level.OK]
    for finding in shown:
        click.echo(str(finding))
    counts = Counter(finding.level for finding in findings)
    click.echo(", ".join(f"{counts[level]} {level.value.lower()}" for level in Level if counts[level]))
    if counts[Level.PROBLEM] or counts[Level.UNKNOWN]:
        sys.exit(Exit.ERROR)


def examine(
    clients: Clients, system: System, need: dict[str, Counter[str]], *, ask: Ask | None = None
) -> list[Finding]:
    """Run every check side by side; one that gets no answer is itself a finding."""
    from lifeboat.failover.clients import Silence, ask_all
    from lifeboat.preflight.findings import Finding, Level

    clients.prepare(SERVICES, [plan.name for plan in system.regions])
    questions = dict(_questions(clients, system, need, ask))
    heard = ask_all(questions, deadline_seconds=clients.deadline_seconds * 2)
    findings: list[Finding] = []
    for (place, about), answer in zip((key.split(" ", 1) for key in heard), heard.values(), strict=True):
        if isinstance(answer, Silence):
            fix = "see that the region is up, the credentials are right and allow reading, and run it again"
            findings.append(Finding(region=place, about=about, level=Level.UNKNOWN, found=answer.why, fix=fix))
        else:
            findings += answer
    return findings


def _questions(
    clients: Clients, system: System, need: dict[str, Counter[str]], ask: Ask | None
) -> Iterator[tuple[str, Callable[[], list[Finding]]]]:
    from lifeboat.preflight import checks, delegation, quotas

    for plan in system.regions:
        for about, check in checks.REGIONAL.items():
            yield f"{plan.name} {about}", partial(_listed, check, clients, system, plan)
        yield (
            f"{plan.name} quotas",
            partial(_listed, quotas.quota_findings, clients, system, plan.name, need[plan.name]),
        )
        if plan.capacity.service:
            yield f"{plan.name} concurrency", partial(_listed, quotas.concurrency_findings, clients, system, plan.name)
    yield "global zone", partial(_listed, delegation.zone, clients, system, ask)
    yield "global equal quotas", partial(_listed, quotas.equal_findings, clients, system)
    yield "global replication", partial(_replication, clients, system)


def _listed(check: Callable[..., Iterator[Finding]], *given: object) -> list[Finding]:
    return list(check(*given))


def _replication(clients: Clients, system: System) -> list[Finding]:
    """Take what a status finds wrong; a system that is not deployed yet has nothing that could be."""
    from lifeboat.failover.status import gather
    from lifeboat.preflight.findings import Finding, Level

    status = gather(clients, system)
    if all(region.open_region is None for region in status.regions) and not any(
        region.is_dark for region in status.regions
    ):
        return [Finding(region="global", about="replication", level=Level.OK, found="nothing is deployed yet")]
    if not status.problems:
        return [Finding(region="global", about="replication", level=Level.OK, found="every store follows")]
    return [
        Finding(
            region="global",
            about="status",
            level=Level.PROBLEM,
            found=problem,
            fix="lifeboat status shows all of it; the runbook of each alarm says what to do",
        )
        for problem in status.problems
    ]
