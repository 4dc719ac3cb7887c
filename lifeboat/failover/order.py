"""Starting a failover: what speaks against it, and the one call that starts the machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deployments.failover.facts import NOBODY
from deployments.failover.machine import PLANNED, UNPLANNED
from deployments.failover.plan import has_failover, has_global_database
from deployments.problems import ProblemsError
from deployments.system import System
from lifeboat.failover.clients import Client, Clients, explained
from lifeboat.failover.look import machine_arn
from lifeboat.failover.status import RegionStatus, Status
from lifeboat.failure import Exit, Failure

COMMAND = "lifeboat failover"
RUNNING = "RUNNING"
NAME_LENGTH = 80  # https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
LISTED = 100


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a person asks for.

    Attributes:
        target: Region that takes over.
        mode: `planned` or `unplanned`.
        allow_data_loss: Whether writes that were not replicated may be lost.
        accept_unhealthy: Whether to go on although the target is not fit.
        reason: Why, for the history.
        requested_by: Who, for the history.
    """

    target: str
    mode: str
    allow_data_loss: bool = False
    accept_unhealthy: bool = False
    reason: str = ""
    requested_by: str = ""

    def as_input(self) -> dict[str, Any]:
        """Return the input of the machine."""
        return {
            "mode": self.mode,
            "allow_data_loss": self.allow_data_loss,
            "requested_by": self.requested_by,
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True)
class Started:
    """An execution: started now, or found under way."""

    arn: str
    region: str
    is_new: bool = True


def check_target(system: System, target: str) -> None:
    """See that the description knows the target and has a failover at all.

    Raises:
        ProblemsError: It does not.
        Failure: The system has no failover; the message says what recovers it.
    """
    known = [plan.name for plan in system.regions]
    if target not in known:
        raise ProblemsError.one(
            COMMAND, "is not a region of this system", key="--to", found=target, allowed=", ".join(known)
        )
    if not has_failover(system.spec):
        raise Failure(
            f"{system.names.prefix} has no failover: with strategy {system.spec.strategy} and {len(known)} regions"
            " nothing is there that could be moved; docs/strategies.md says how it is recovered"
        )


def objections(system: System, status: Status, order: Order) -> Iterator[Failure]:
    """Yield what speaks against a failover, the weightiest first. Empty: nothing does."""
    target = status.region(order.target)
    if target.is_dark:
        yield Failure(f"{order.target} does not answer: {next(iter(target.missing.values()))}")
        return
    if target.open_region == order.target and _database_is_there(target):
        yield Failure(f"{order.target} is the primary already: nothing to do")
    if "failovers" in target.missing:
        yield Failure(
            f"the state machine in {order.target} cannot be asked: {target.missing['failovers']}\n"
            "is the regional stack deployed, and are these the credentials of its account?"
        )
    yield from _loss(system, order)
    if order.mode == PLANNED:
        yield from _planned(status, order)
    if not order.accept_unhealthy:
        unfit = list(unfitness(system, target))
        if unfit:
            yield Failure(
                f"{order.target} is not fit to take over:\n  " + "\n  ".join(unfit) + "\n--accept-unhealthy overrides",
                Exit.GUARDED,
            )


def unfitness(system: System, target: RegionStatus) -> Iterator[str]:
    """Yield why a region could not serve well."""
    for question, why in target.missing.items():
        if question not in {"failovers", "alarms"}:
            yield f"{question} does not answer: {why}"
    database, spec = target.answers.get("database"), system.spec.database
    if database and spec:
        if target.name not in database["members"]:
            yield "its cluster is no member of the Global Database"
        if database["status"] != "available":
            yield f"its cluster is {database['status']}"
        rpo = spec.rpo_seconds or system.spec.objectives.rpo_seconds
        if database["lag_seconds"] is not None and database["lag_seconds"] > rpo:
            yield f"its database is {database['lag_seconds']:g} s behind, the RPO is {rpo} s"
    for name, answer in target.answers.items():
        if name.startswith("tables.") and answer["status"] not in {"ACTIVE", "UPDATING"}:
            yield f"{name} is {answer['status']}"
    function = target.answers.get("function")
    if function and function["state"] not in {"Active", "Inactive"}:
        yield f"the function is {function['state']}"


def start(clients: Clients, system: System, order: Order) -> Started:
    """Start the machine, or find the one that runs: two people who order the same get the same execution.

    Raises:
        Failure: It cannot be started; a different failover runs (exit code 3).
    """
    states = clients("stepfunctions", order.target)
    with explained(f"the failover to {order.target} cannot be started"):
        machine = machine_arn(clients, system, order.target)
        version = clients("ssm", order.target).get_parameter(Name=system.names.path("active-region"))["Parameter"]
        found = states.list_executions(stateMachineArn=machine, maxResults=LISTED)["executions"]
        for each in found:
            if each["status"] == RUNNING:
                return Started(arn=each["executionArn"], region=order.target, is_new=False)
        # Named after what they both saw, so that of two who start at once the second gets the first one's execution.
        stem = f"{order.mode}-v{version['Version']}"
        attempt = sum(each["name"].startswith(f"{stem}-") for each in found)
        name = f"{stem}-{attempt}"[:NAME_LENGTH]
        return _start(states, machine, name, order)


def _start(states: Client, machine: str, name: str, order: Order) -> Started:
    given = json.dumps(order.as_input(), sort_keys=True)
    try:
        arn: str = states.start_execution(stateMachineArn=machine, name=name, input=given)["executionArn"]
    except states.exceptions.ExecutionAlreadyExists:
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        return Started(arn=arn, region=order.target, is_new=False)
    return Started(arn=arn, region=order.target)


def newest(clients: Clients, system: System, target: str) -> Started | None:
    """Return the newest execution of a region's machine. None: it never ran.

    Raises:
        Failure: The region does not answer.
    """
    with explained(f"{target} cannot be asked for its failovers"):
        states = clients("stepfunctions", target)
        found = states.list_executions(stateMachineArn=machine_arn(clients, system, target), maxResults=LISTED)
    runs = sorted(found["executions"], key=lambda each: each["startDate"])
    return Started(arn=runs[-1]["executionArn"], region=target, is_new=False) if runs else None


def _database_is_there(target: RegionStatus) -> bool:
    database = target.answers.get("database")
    return database is None or database["writer"] == target.name


def _loss(system: System, order: Order) -> Iterator[Failure]:
    if order.mode == UNPLANNED and has_global_database(system.spec) and not order.allow_data_loss:
        yield Failure(
            "an unplanned failover of the database may lose what was not replicated: say so with --allow-data-loss",
            Exit.GUARDED,
        )
    if order.mode == PLANNED and order.allow_data_loss:
        yield Failure("a planned failover loses nothing: --allow-data-loss goes with --unplanned")


def _planned(status: Status, order: Order) -> Iterator[Failure]:
    """A planned failover needs the old primary, which confirms that it is closed and hands the database over."""
    dark = [
        region.name
        for region in status.regions
        if region.is_dark and (region.name == status.primary or status.primary in {None, NOBODY})
    ]
    for name in dark:
        yield Failure(
            f"{name} does not answer, and a planned failover needs the old primary:"
            f" `{COMMAND} --to {order.target} --unplanned` does without"
        )
