"""One failover at a time in a region: a parameter that can be created once only.

The holder deletes it at its end. A holder that was stopped by hand cannot: who comes next sees that it no longer runs,
and takes the lock over. Two regions can still begin at the same time; the epoch decides between them.
"""

from __future__ import annotations

from deployments.failover.facts import Facts
from deployments.failover.parameters import put, read
from deployments.failover.states import State, States, branch, call, choose, done, fail, together

STALE, BUSY = "StaleLock", "AnotherFailoverRuns"
TAKE_OVER_ATTEMPTS = 2


def hold(facts: Facts, *, then: str) -> State:
    """Take the lock, or end with `AnotherFailoverRuns`."""
    states: States = {
        "Create it": put(
            facts.lock,
            "$.me",
            comment="Fails when it is there",
            then="Held",
            otherwise="Read the holder",
            retries=0,
            overwrite=False,
        ),
        "Held": done(),
        "Read the holder": read(
            facts.lock,
            "$.holder.execution",
            comment="Who holds it",
            then="Is it us",
            otherwise="Begin anew",
            retries=0,
        ),
        "Is it us": choose(
            [({"Variable": "$.holder.execution", "StringEqualsPath": "$.me"}, "Held")],
            comment="Our own call worked although its answer was lost",
            otherwise="Look at the holder",
        ),
        **_take_over(facts),
    }
    again = {"ErrorEquals": [STALE], "IntervalSeconds": 1, "MaxAttempts": TAKE_OVER_ATTEMPTS, "BackoffRate": 1.0}
    return together([branch("Create it", states)], comment="One failover at a time", then=then, again=again)


def _take_over(facts: Facts) -> States:
    """Remove a lock whose holder ended; respect one whose holder runs."""
    running = {"Variable": "$.holder.status", "StringEquals": "RUNNING"}
    return {
        "Look at the holder": call(
            "sfn:describeExecution",
            {"ExecutionArn.$": "$.holder.execution"},
            comment="Whether it still runs",
            keep="$.holder",
            select={"status.$": "$.Status"},
            then="Does it run",
            otherwise="Remove the stale lock",
            retries=0,
        ),
        "Does it run": choose(
            [(running, "Another failover runs")],
            comment="A holder that ended without releasing was stopped by hand",
            otherwise="Remove the stale lock",
        ),
        "Another failover runs": fail(BUSY, "Another failover to this region is under way: follow that one"),
        "Remove the stale lock": call(
            "ssm:deleteParameter",
            {"Name": facts.lock},
            comment="Of two who remove it one creates it",
            then="Begin anew",
            otherwise="Begin anew",
            retries=0,
        ),
        "Begin anew": fail(STALE, "The lock was left behind by an execution that ended"),
    }
