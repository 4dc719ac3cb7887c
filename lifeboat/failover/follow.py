"""Following a failover from anywhere: the machine does the work, this only reads its history."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lifeboat.failover.clients import Client, Clients, explain
from lifeboat.failover.order import Started
from lifeboat.failover.steps import QUIET
from lifeboat.failure import Failure

POLL_SECONDS = 0.5
LOST_SECONDS = 300
"""How long no answer is borne before the command gives up watching. The failover goes on all the same."""
ENTERED, EXITED = "StateEntered", "StateExited"
SUCCEEDED, RUNNING = "SUCCEEDED", "RUNNING"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something that happened.

    Attributes:
        seconds: After the start.
        what: Told to people.
    """

    seconds: float
    what: str


@dataclass
class Story:
    """What was told of an execution so far: every event once, in order."""

    began: datetime | None = None
    _told: set[int] = field(default_factory=set)

    def read(self, events: list[dict[str, Any]]) -> Iterator[Moment]:
        """Yield what is new."""
        for event in sorted(events, key=lambda each: each["id"]):
            self.began = self.began or event["timestamp"]
            if event["id"] in self._told:
                continue
            self._told.add(event["id"])
            what = describe(event)
            if what:
                seconds = (event["timestamp"] - self.began).total_seconds()
                yield Moment(seconds=seconds, what=what)


def describe(event: dict[str, Any]) -> str:
    """Say what an event of the history means. Empty: nothing to a person."""
    kind = event["type"]
    if kind.endswith(ENTERED) and kind.removesuffix(ENTERED) not in QUIET:
        return str(event["stateEnteredEventDetails"]["name"])
    details = event.get(f"{kind[0].lower()}{kind[1:]}EventDetails", {})
    if kind in {"TaskFailed", "TaskTimedOut", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"}:
        said = ": ".join(str(each) for each in (details.get("error"), details.get("cause")) if each)
        return f"{kind}: {said}" if said else kind
    return ""


def follow(clients: Clients, started: Started, say: Callable[[str], None]) -> dict[str, Any]:
    """Tell every step as it begins, until the failover ends; return its result.

    Raises:
        Failure: It failed, or nothing was heard for `LOST_SECONDS`.
    """
    states, story = clients("stepfunctions", started.region), Story()
    heard = time.monotonic()
    silent = False
    while True:
        try:
            found = states.describe_execution(executionArn=started.arn)
            for moment in story.read(list(history(states, started.arn))):
                say(f"  {moment.seconds:7.1f} s  {moment.what}")
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() - heard > LOST_SECONDS:
                raise Failure(
                    f"nothing was heard of the failover for {LOST_SECONDS} s ({explain(error)}); it goes on in"
                    f" {started.region} all the same: `lifeboat failover --to {started.region} --follow`"
                ) from None
            if not silent:
                say(f"  {started.region} does not answer ({explain(error)}); the failover goes on there; listening")
            silent = True
        else:
            heard, silent = time.monotonic(), False
            if found["status"] != RUNNING:
                return _ended(found, started)
        time.sleep(POLL_SECONDS)


def history(states: Client, arn: str) -> Iterator[dict[str, Any]]:
    """Yield all events of an execution, oldest first."""
    token: dict[str, str] = {}
    while True:
        page = states.get_execution_history(executionArn=arn, maxResults=1000, **token)
        yield from page["events"]
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}


def _ended(found: dict[str, Any], started: Started) -> dict[str, Any]:
    seconds = (found["stopDate"] - found["startDate"]).total_seconds() if found.get("stopDate") else 0.0
    if found["status"] == SUCCEEDED:
        result: dict[str, Any] = json.loads(found.get("output") or "{}")
        return {**result, "seconds": seconds}
    why = ": ".join(str(found[key]) for key in ("error", "cause") if found.get(key)) or found["status"]
    raise Failure(f"the failover to {started.region} failed after {seconds:.0f} s: {why}\n{_what_now(found, started)}")


def _what_now(found: dict[str, Any], started: Started) -> str:
    error = found.get("error", "")
    if error == "AnotherFailoverRuns":
        return f"follow that one: `lifeboat failover --to {started.region} --follow`"
    if error == "Superseded":
        return "a newer failover to another region has the say: `lifeboat status` tells which"
    return (
        "`lifeboat status` tells where it stands: in a planned failover whose database did not move, the old primary"
        " takes writes again; else nobody does, and the same command goes on from where it stopped"
    )
