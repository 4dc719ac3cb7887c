"""Failovers as people order them, and what their history says. Only the region that takes over is asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from deployments.system import System
from lifeboat.drill.record import Run, StepTime
from lifeboat.failover.clients import Clients
from lifeboat.failover.follow import ENTERED, EXITED, RUNNING, history
from lifeboat.failover.look import machine_arn
from lifeboat.failover.steps import QUIET
from lifeboat.failure import Failure

POLL_SECONDS = 0.2
SUCCEEDED = "SUCCEEDED"
OPEN = "Open writes"
RECOVER = "Recover"
MACHINES = ("failover", "failover-relay")
NAMED_ERRORS = {"FAILED", "TIMED_OUT"}
REASON = "lifeboat drill"


class Recovery:
    """The failover machines of a system, called as an operator calls them."""

    def __init__(self, clients: Clients, system: System) -> None:
        self._clients, self._system = clients, system
        self._count = 0

    def order(self, region: str, mode: str) -> str:
        """Start a failover to a region; return the execution."""
        self._count += 1
        order = {"mode": mode, "allow_data_loss": mode == "unplanned", "requested_by": REASON, "reason": REASON}
        arn: str = self._states(region).start_execution(
            stateMachineArn=machine_arn(self._clients, self._system, region),
            name=f"drill-{time.time_ns()}-{self._count}",
            input=json.dumps(order),
        )["executionArn"]
        return arn

    def stop(self, arn: str) -> None:
        """Stop an execution by hand."""
        self._states(_region(arn)).stop_execution(executionArn=arn, cause=REASON)

    def finish(self, arn: str, *, within: float) -> dict[str, Any]:
        """Wait for the end of an execution.

        Raises:
            Failure: It does not end in time.
        """
        states = self._states(_region(arn))

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = states.describe_execution(executionArn=arn)
            return None if found["status"] == RUNNING else found

        ended_: dict[str, Any] = await_(ended, within, f"the failover to {_region(arn)} did not end")
        return ended_

    def rest(self, *, within: float) -> None:
        """Wait until no machine of the system runs: who hears late of one failover is no part of the next.

        Raises:
            Failure: One still does.
        """
        machines = [
            (plan.name, machine_arn(self._clients, self._system, plan.name, purpose))
            for plan in self._system.regions
            for purpose in MACHINES
        ]

        def idle() -> bool:
            return not any(
                self._states(region).list_executions(stateMachineArn=arn, statusFilter=RUNNING)["executions"]
                for region, arn in machines
            )

        await_(idle, within, "failovers and those who hear of them did not end")

    def reach(self, arn: str, state: str, *, within: float) -> None:
        """Wait until an execution has entered a state.

        Raises:
            Failure: It does not in time.
        """
        states = self._states(_region(arn))

        def entered() -> bool:
            return any(_name(event) == state for event in history(states, arn) if event["type"].endswith(ENTERED))

        await_(entered, within, f"the failover never reached {state!r}")

    def read(self, arn: str, *, name: str, mode: str, ordered: float, found: Mapping[str, Any]) -> Run:
        """Return what is known of an execution that ended."""
        events = list(history(self._states(_region(arn)), arn))
        steps = step_times(events)
        opened = [step.at + step.seconds for step in steps if step.name == OPEN]
        recovered = [step.at + step.seconds for step in steps if step.name == RECOVER]
        status = str(found["status"])
        output = json.loads(found.get("output") or "{}")
        return Run(
            name=name,
            arn=arn,
            to=_region(arn),
            mode=mode,
            ordered=ordered,
            began=found["startDate"].timestamp(),
            opened=(opened or recovered or [0.0])[-1] if status == SUCCEEDED else 0.0,
            ended=found["stopDate"].timestamp(),
            outcome=str(found.get("error") or status) if status in NAMED_ERRORS else status,
            steps=tuple(step for step in steps if step.seconds > 0),
            fence={each["region"]: bool(each["closed"]) for each in output.get("fence") or ()},
        )

    def _states(self, region: str) -> Any:  # noqa: ANN401 boto3 makes its clients at run time
        return self._clients("stepfunctions", region)


def step_times(events: list[dict[str, Any]]) -> list[StepTime]:
    """Return how long each state took, in the order in which they were entered; quiet ones are left out."""
    begun: dict[str, list[tuple[int, float]]] = {}
    order: dict[int, StepTime] = {}
    for event in sorted(events, key=lambda each: each["id"]):
        kind, at = event["type"], event["timestamp"].timestamp()
        if kind.endswith(ENTERED) and kind.removesuffix(ENTERED) not in QUIET:
            begun.setdefault(_name(event), []).append((event["id"], at))
        elif kind.endswith(EXITED) and begun.get(_exited(event)):
            name = _exited(event)
            number, since = begun[name].pop()
            order[number] = StepTime(name=name, at=since, seconds=round(at - since, 3))
    return [order[number] for number in sorted(order)]


def await_(look: Callable[[], Any], within: float, otherwise: str) -> Any:  # noqa: ANN401 whatever is looked for
    """Return the first truthy result.

    Raises:
        Failure: There is none in time.
    """
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Failure(f"{otherwise} within {within:g} s")
        time.sleep(POLL_SECONDS)


def _name(event: Mapping[str, Any]) -> str:
    return str(event.get("stateEnteredEventDetails", {}).get("name", ""))


def _exited(event: Mapping[str, Any]) -> str:
    return str(event.get("stateExitedEventDetails", {}).get("name", ""))


def _region(arn: str) -> str:
    return arn.split(":")[3]
