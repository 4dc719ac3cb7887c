"""`lifeboat drill`: what the command line says, handed to those who do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lifeboat.failover.commands import one_system
from lifeboat.failure import Exit, Failure
from lifeboat.workspace import Workspace

if TYPE_CHECKING:
    from deployments.system import System
    from lifeboat.drill.direct import Evidence
    from lifeboat.drill.scenario import Scenario
    from lifeboat.drill.stage import Stage
    from lifeboat.drill.terraform import Terraform
    from lifeboat.local.context import Local

# ruff: noqa: PLC0415 - boto3, pydantic and jinja2 are loaded by the command that needs them, so that all start at once

LOCAL, AWS = "local", "aws"
SPEED = 5.0
"""How many times faster than on AWS health checks work on the embedded AWS unless said otherwise."""
PATIENCE_FACTOR = 2
"""How much longer than its longest path a failover is waited for."""
READ_SECONDS = 30.0
"""The drill measures the system, not the patience of its own calls."""
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("deployment", required=False)
@click.option("--suffix", help="Environment suffix. Absent: ENVIRONMENT_SUFFIX, else cdktf.json.")
@click.option("--scenario", "names", multiple=True, help="Name, file, or all; may be repeated. Absent: all.")
@click.option("--list", "listing", is_flag=True, help="Only list the scenarios.")
@click.option("--evidence", type=FOLDER, help="Folder that keeps reports and evidence. Absent: .lifeboat/drills.")
@click.option("--target", type=click.Choice([LOCAL, AWS]), default=LOCAL, show_default=True, help="Where to drill.")
@click.option("--deploy/--no-deploy", default=True, help="Deploy first what is not deployed; on the embedded AWS only.")
@click.option(
    "--speed",
    type=click.FloatRange(1, 20),
    default=SPEED,
    show_default=True,
    help="How many times faster health checks work on the embedded AWS.",
)
@click.option("--break-aws", is_flag=True, help="On AWS: really take regions away by fault injection.")
@click.option("--account", "accounts", multiple=True, help="On AWS: an account that may be drilled; may be repeated.")
@click.option("--fault-role", default="", help="On AWS: ARN of the role that the Fault Injection Service takes on.")
def drill(deployment: str | None, suffix: str | None, **said: object) -> None:
    """Take regions away while clients write and read, and judge what the recovery does.

    Ends with 0 when everything held, with 1 when something did not, with 3 when it wants to be asked for explicitly.
    """
    from lifeboat.drill.scenario import load_scenarios

    order = Order(**said)  # type: ignore[arg-type] # click has checked the types
    scenarios = load_scenarios(order.names)
    if order.listing:
        for each in scenarios:
            click.echo(f"{each.name:<28}{each.title}")
        return
    system = one_system(deployment, suffix)
    if order.target == AWS:
        from lifeboat.drill.fis import guard

        guard(system, break_aws=order.break_aws, accounts=order.accounts, role=order.fault_role)
    evidence = perform(system, scenarios, order)
    raise SystemExit(report(evidence, order))


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the command line says; the options above explain each."""

    names: Sequence[str]
    listing: bool
    evidence: Path | None
    target: str
    deploy: bool
    speed: float
    break_aws: bool
    accounts: Sequence[str]
    fault_role: str

    @property
    def folder(self) -> Path:
        """Where evidence is kept."""
        return self.evidence or Workspace.of().folder / "drills"


def perform(system: System, scenarios: Sequence[Scenario], order: Order) -> Evidence:
    """Play the scenarios; remember the drill for `lifeboat status`."""
    from lifeboat.drill.direct import Play
    from lifeboat.drill.evidence import remember

    path = system.failover_path
    if path is None:
        raise Failure(
            f"{system.names.prefix} has no failover to drill: with strategy {system.spec.strategy} and"
            f" {len(system.regions)} regions nothing can be moved; docs/strategies.md says what recovers it"
        )
    with stage(system, order, patience=path.seconds * PATIENCE_FACTOR) as made:
        evidence = Play(stage=made, target=order.target, say=click.echo).perform(scenarios)
    remember(evidence, Workspace.of().folder / "drills")
    return evidence


def report(evidence: Evidence, order: Order) -> Exit:
    """Write evidence and reports; say where; return how the command ends."""
    from lifeboat.drill import html, markdown
    from lifeboat.drill.evidence import keep, trend

    kept = keep(evidence, order.folder)
    history = trend(order.folder, evidence.system)
    for suffix, render in ((".html", html.render), (".md", markdown.render)):
        kept.with_suffix(suffix).write_text(render(evidence, history), encoding="utf-8")
    good = sum(act.passed for act in evidence.acts)
    click.echo(f"{evidence.system}: {good} of {len(evidence.acts)} scenarios passed in {evidence.seconds:.0f} s")
    click.echo(f"report: {Workspace.of().shown(kept.with_suffix('.html'))}")
    return Exit.OK if evidence.passed else Exit.ERROR


@contextmanager
def stage(system: System, order: Order, *, patience: float) -> Iterator[Stage]:
    """Set the stage, and aim this process at it."""
    from lifeboat.drill.recovery import Recovery
    from lifeboat.drill.stage import Stage
    from lifeboat.failover.clients import Clients

    common = {"system": system, "patience_seconds": patience, "say": click.echo}
    if order.target == AWS:
        from lifeboat.drill.fis import AwsSurroundings

        clients = Clients(read_seconds=READ_SECONDS)
        around = AwsSurroundings(clients, system, role=order.fault_role)
        recovery = Recovery(clients, system)
        yield Stage(surroundings=around, clients=clients, recovery=recovery, terraform=None, **common)  # type: ignore[arg-type] # mypy takes all values of a dictionary for one type
        return
    from lifeboat.drill.embedded import EmbeddedSurroundings
    from lifeboat.local import server as servers
    from lifeboat.local.context import Local, pointed_at

    workspace = Workspace.of()
    if order.deploy:
        _deploy(workspace, system)
    server = servers.running(workspace)
    with pointed_at(server.url):
        yield Stage(
            surroundings=EmbeddedSurroundings(
                server.url, speed=order.speed, containers=system.spec.container is not None
            ),
            # Keys of their own, by which the embedded AWS tells who called a dark region.
            clients=Clients(key="drill", read_seconds=READ_SECONDS),
            recovery=Recovery(Clients(key="operator", read_seconds=READ_SECONDS), system),
            terraform=_terraform(Local(workspace=workspace, server=server, say=click.echo), system),
            **common,  # type: ignore[arg-type] # as above
        )


def _terraform(local: Local, system: System) -> Terraform | None:
    from lifeboat.drill.terraform import Terraform

    try:
        return Terraform(local.out(system), local.environment)
    except Failure:
        return None


def _deploy(workspace: Workspace, system: System) -> None:
    """Bring up what is missing: the embedded AWS, then the copy."""
    from lifeboat.local import actions
    from lifeboat.local import server as servers
    from lifeboat.outputs import FLAT

    server = servers.recorded(workspace)
    if server is None or not server.answers():
        actions.up(workspace, [system], 0, click.echo)
    known = {state.copy for state in actions.copies(workspace, click.echo)}
    if system.names.prefix not in known or not (workspace.outputs(system.names.prefix) / FLAT).exists():
        actions.deploy_all(workspace, [system], click.echo)
