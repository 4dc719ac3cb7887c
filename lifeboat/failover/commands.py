"""`lifeboat failover`, `failback` and `status`: what the command line says, and what a person is told."""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lifeboat.failure import Exit, Failure
from lifeboat.options import chosen

if TYPE_CHECKING:
    from deployments.system import System
    from lifeboat.failover.clients import Clients
    from lifeboat.failover.order import Order, Started
    from lifeboat.failover.status import Status

# ruff: noqa: PLC0415 - boto3, rich and pydantic are loaded by the command that needs them, so that all others start at once

Command = TypeVar("Command", bound=Callable[..., Any])
WATCH_SECONDS = 5.0


def target_options(command: Command) -> Command:
    """Let a command be told which system is meant, and where it runs."""
    command = click.option("--suffix", help="Environment suffix. Absent: ENVIRONMENT_SUFFIX, else cdktf.json.")(command)
    command = click.option(
        "--target",
        "place",
        type=click.Choice(["aws", "local"]),
        default="aws",
        envvar="LIFEBOAT_TARGET",
        show_default=True,
        help="The account that the environment leads to, or the embedded AWS that runs here. Also LIFEBOAT_TARGET.",
    )(command)
    return click.argument("deployment", required=False)(command)


def order_options(command: Command) -> Command:
    """Let a command be told what kind of failover is meant."""
    options = (
        click.option("--unplanned", is_flag=True, help="The old primary is gone, or must be taken for gone."),
        click.option("--allow-data-loss", is_flag=True, help="Lose what was not replicated. Goes with --unplanned."),
        click.option(
            "--dry-run", is_flag=True, help="Show each step with its time-out and what is at risk; do nothing."
        ),
        click.option("--yes", is_flag=True, help="Do not ask for the system's name."),
        click.option("--accept-unhealthy", is_flag=True, help="Go on although the target is not fit."),
        click.option("--follow", "only_follow", is_flag=True, help="Start nothing: follow the newest failover."),
        click.option("--reason", default="", help="Kept in the history of the failover."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@target_options
@click.option("--to", "target", required=True, help="Region that takes over.")
@order_options
def failover(deployment: str | None, suffix: str | None, place: str, target: str, **said: Any) -> None:  # noqa: ANN401 the options above
    """Make another region the primary. A state machine there does it; closing this terminal does not stop it.

    Planned unless said otherwise: nothing is lost, and the old primary must confirm that it is closed. Ends with 3 when
    something speaks against it that a flag could allow.
    """
    _run(deployment, suffix, place, target, said)


@click.command()
@target_options
@click.option("--to", "target", help="Region that takes over. Absent: the description's primary.")
@order_options
def failback(deployment: str | None, suffix: str | None, place: str, target: str | None, **said: Any) -> None:  # noqa: ANN401 the options above
    """Make the description's primary the primary again: the same path as a failover."""
    _run(deployment, suffix, place, target, said)


@click.command()
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--watch", is_flag=True, help=f"Look again every {WATCH_SECONDS:g} s until interrupted.")
def status(deployment: str | None, suffix: str | None, place: str, *, as_json: bool, watch: bool) -> None:
    """Tell who is primary, how far the others are behind and what is wrong. Ends with 1 when something is."""
    from lifeboat.failover.clients import Clients, aimed_at

    system = one_system(deployment, suffix)
    with aimed_at(place):
        clients = Clients()
        if watch:
            _watch(clients, system, as_json=as_json)
            return
        found = _show(clients, system, as_json=as_json)
    if found.problems:
        sys.exit(Exit.ERROR)


def one_system(deployment: str | None, suffix: str | None) -> System:
    """Load the one system that is meant.

    Raises:
        Failure: Several are.
    """
    systems = chosen(deployment, suffix)
    if len(systems) != 1:
        names = ", ".join(system.names.prefix for system in systems)
        raise Failure(f"one system at a time: name one of {names}")
    return systems[0]


def _show(clients: Clients, system: System, *, as_json: bool) -> Status:
    from rich.console import Console

    from lifeboat.failover.status import gather
    from lifeboat.failover.status_view import view

    found = gather(clients, system)
    if as_json:
        click.echo(found.as_json())
    else:
        Console().print(view(system, found))
    return found


def _watch(clients: Clients, system: System, *, as_json: bool) -> None:
    try:
        while True:
            if not as_json:
                click.clear()
            _show(clients, system, as_json=as_json)
            time.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        return


def _run(deployment: str | None, suffix: str | None, place: str, target: str | None, said: dict[str, Any]) -> None:
    from lifeboat.failover.clients import Clients, aimed_at
    from lifeboat.failover.order import Order, check_target, newest

    system = one_system(deployment, suffix)
    order = Order(
        target=target or system.primary.name,
        mode="unplanned" if said["unplanned"] else "planned",
        allow_data_loss=said["allow_data_loss"],
        accept_unhealthy=said["accept_unhealthy"],
        reason=said["reason"],
        requested_by=getpass.getuser(),
    )
    check_target(system, order.target)
    with aimed_at(place):
        clients = Clients()
        if said["only_follow"]:
            found = newest(clients, system, order.target)
            if found is None:
                raise Failure(f"there was no failover to {order.target} yet")
            _tell_end(clients, found)
            return
        _order(clients, system, order, dry_run=said["dry_run"], yes=said["yes"])


def _order(clients: Clients, system: System, order: Order, *, dry_run: bool, yes: bool) -> None:
    """Look, object, ask, start, follow."""
    from lifeboat.failover.order import objections, start
    from lifeboat.failover.status import gather

    found = gather(clients, system)
    for line in _outlook(clients, system, order, found) if dry_run else _at_risk(system, order, found):
        click.echo(line)
    against = list(objections(system, found, order))
    if against:
        raise Failure("\n".join(str(each) for each in against), max(each.exit_code for each in against[:1]))
    if dry_run:
        click.echo("dry run: nothing was done")
        return
    if not yes:
        _ask(system)
    started = start(clients, system, order)
    _tell_end(clients, started)


def _ask(system: System) -> None:
    if not sys.stdin.isatty():
        raise Failure(f"nobody is there to type {system.names.prefix}: say --yes", Exit.GUARDED)
    typed = click.prompt(f"type {system.names.prefix} to go on", default="", show_default=False)
    if typed != system.names.prefix:
        raise Failure(f"that is not {system.names.prefix}: nothing was done", Exit.GUARDED)


def _tell_end(clients: Clients, started: Started) -> None:
    from lifeboat.failover.follow import follow

    click.echo(f"{'started' if started.is_new else 'following'} {started.arn}")
    if not started.is_new:
        click.echo("nothing was started by this command")
    result = follow(clients, started, click.echo)
    fence = {each["region"]: each["closed"] for each in result.get("fence", [])}
    unheard = [region for region, closed in fence.items() if not closed]
    click.echo(f"{started.region} is the primary after {result['seconds']:.1f} s")
    if unheard:
        click.echo(f"not confirmed closed: {', '.join(unheard)}; they close by themselves as soon as they are back")


def _at_risk(system: System, order: Order, status: Status) -> list[str]:
    from lifeboat.failover.status import last_known_lag

    lag = last_known_lag(status, order.target)
    known = "unknown: no lag was measured in the last minutes" if lag is None else f"{lag:g} s of writes"
    lines = [
        f"{system.names.prefix}: {status.primary or 'unknown'} → {order.target}, {order.mode}",
        f"  last known lag of {order.target}: {known}",
    ]
    loss = "nothing" if order.mode == "planned" else f"what was not replicated ({known})"
    return [*lines, f"  at risk: {loss}; no region takes writes until {order.target} is verified"]


def _outlook(clients: Clients, system: System, order: Order, status: Status) -> list[str]:
    """Tell every step, as deployed."""
    from lifeboat.failover.clients import explained
    from lifeboat.failover.look import machine_arn
    from lifeboat.failover.steps import planned_steps

    with explained(f"the state machine of {order.target} cannot be read; is its stack deployed?"):
        states = clients("stepfunctions", order.target)
        arn = machine_arn(clients, system, order.target)
        definition = json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])
    lines = _at_risk(system, order, status)
    lines.append("  steps, each with the longest that it can take, retries included:")
    for step in planned_steps(definition, order.mode):
        name = f"{'  ' * step.depth}{step.name}"
        lines.append(f"    {name:<44} {step.seconds:>5} s  {step.what}")
    return lines
