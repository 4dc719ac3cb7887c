"""What each tier does to take over: one branch per tier, side by side. A new tier is one more function in `BRANCHES`.

Each branch finds out first whether its work is done already, so that a failover that is started again goes on where
the last one stopped; and each ends only after it has seen that its work took effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deployments.failover.facts import DatabaseFacts, Facts
from deployments.failover.files import file_system
from deployments.failover.messages import asking
from deployments.failover.scale import container
from deployments.failover.states import (
    CALL_RETRIES,
    NOT_YET,
    State,
    States,
    branch,
    call,
    choose,
    done,
    fail,
    fail_with,
    note,
    poll,
)

PROMOTION_INTERVAL = 10
INSTANCE_INTERVAL = 20
HAND_OVER_SECONDS = 60
"""How long the old primary may take to hear of a switchover, call for it and answer."""
SCALE_ATTEMPTS, SCALE_INTERVAL = 3, 2
EXISTS = "Rds.DbInstanceAlreadyExistsException"
"""An earlier run has made it, or a call whose answer was lost."""
UNDER_WAY = ("failing-over", "switching-over")


def branches(facts: Facts) -> list[State]:
    """Return the branches of the tiers that the system has."""
    built = (build(facts) for build in BRANCHES)
    return [each for each in built if each]


def database(facts: Facts) -> State | None:
    """Move the writer of the Global Database here: switchover when planned, failover with data loss when not."""
    if facts.database is None:
        return None
    own = facts.database.cluster_arn
    first, extra = _first_instance(facts)
    states: States = {
        "Who writes": describe_global(facts, then="Does this region write"),
        "Does this region write": choose(
            [(_writes_here(own), "The database writes here")],
            comment="Done already when an earlier run got this far",
            otherwise=first or "Planned or not",
        ),
        **extra,
        **_promote(facts, facts.database),
        **_await_writer(facts, facts.database),
    }
    return branch("Who writes", states)


def _promote(facts: Facts, plan: DatabaseFacts) -> States:
    """Call for the promotion, in the way that fits."""
    return {
        "Planned or not": choose(
            [({"Variable": "$.mode", "StringEquals": "planned"}, "Ask the writer to hand over")],
            comment="A switchover loses nothing and needs both regions; a failover may lose what was not replicated",
            otherwise="Promote with loss of data",
        ),
        "Ask the writer to hand over": asking(
            facts,
            # arn:aws:rds:<region>:...
            to={"to.$": "States.ArrayGetItem(States.StringSplit($.global.writer[0], ':'), 3)"},
            action={"action": "hand-over", "target": plan.cluster_arn},
            seconds=HAND_OVER_SECONDS,
            comment="The switchover is called for in the region that writes",
            then="Wait for the writer",
            otherwise="Is it under way",
        ),
        "Promote with loss of data": call(
            "rds:failoverGlobalCluster",
            {
                "GlobalClusterIdentifier": plan.global_cluster,
                "TargetDbClusterIdentifier": plan.cluster_arn,
                "AllowDataLoss": True,
            },
            comment="Promote this region's cluster without the old writer",
            then="Wait for the writer",
            otherwise="Is it under way",
            seconds=15,
        ),
    }


def _await_writer(facts: Facts, plan: DatabaseFacts) -> States:
    """Wait until this region's cluster is the writer; an error of the call matters only if nothing happens."""
    look: States = {
        "Who writes now": describe_global(facts, then="Is it this region", retries=0),
        "Is it this region": choose(
            [({"And": [_writes_here(plan.cluster_arn), _is_available()]}, "It is")],
            comment="The writer is here and Aurora has finished",
            otherwise="Not yet",
        ),
        "It is": done(),
        "Not yet": fail(NOT_YET, "The Global Database does not write in this region yet"),
    }
    under_way = {
        "Or": [
            _writes_here(plan.cluster_arn),
            *({"Variable": "$.global.status", "StringEquals": each} for each in UNDER_WAY),
        ]
    }
    return {
        "Is it under way": describe_global(facts, then="Did the call take"),
        "Did the call take": choose(
            [(under_way, "Wait for the writer")],
            comment="A call whose answer was lost has worked all the same",
            otherwise="The database did not move",
        ),
        **fail_with("The database did not move", "$.error"),
        "Wait for the writer": poll(
            look,
            "Who writes now",
            comment="Promotion takes a minute or two",
            then="The database writes here",
            attempts=_attempts(plan.promote_seconds, PROMOTION_INTERVAL),
            interval=PROMOTION_INTERVAL,
        ),
        "The database writes here": note({"tier": "database"}, comment="Verified", then=None),
    }


def _first_instance(facts: Facts) -> tuple[str | None, States]:
    """Give a headless cluster its first instance, which a promotion needs."""
    plan = facts.database
    if plan is None or plan.instance is None:
        return None, {}
    identifier = {"DbInstanceIdentifier": plan.first_instance}
    look = _instance_serves(identifier)
    return "Is there an instance", {
        "Is there an instance": call(
            "rds:describeDBInstances",
            identifier,
            comment="An earlier run may have made it",
            then="Wait for the instance",
            otherwise="Make the first instance",
            retries=0,
        ),
        "Make the first instance": call(
            "rds:createDBInstance",
            {**identifier, **plan.instance},
            comment="A pilot light has storage only until now",
            then="Wait for the instance",
            seconds=15,
        )
        | {"Catch": [{"ErrorEquals": [EXISTS], "ResultPath": None, "Next": "Wait for the instance"}]},
        "Wait for the instance": poll(
            look,
            "Look at the instance",
            comment="An instance takes minutes to be available",
            then="Planned or not",
            attempts=_attempts(plan.create_seconds, INSTANCE_INTERVAL),
            interval=INSTANCE_INTERVAL,
        ),
    }


def _instance_serves(identifier: dict[str, str]) -> States:
    """Look once whether the instance is available."""
    return {
        "Look at the instance": call(
            "rds:describeDBInstances",
            identifier,
            comment="How far it is",
            keep="$.instance",
            select={"status.$": "$.DbInstances[0].DbInstanceStatus"},
            then="Does it serve",
            retries=0,
        ),
        "Does it serve": choose(
            [({"Variable": "$.instance.status", "StringEquals": "available"}, "It serves")],
            comment="A promotion needs an instance that is available",
            otherwise="It does not serve yet",
        ),
        "It serves": done(),
        "It does not serve yet": fail(NOT_YET, "The first instance of the standby is not available yet"),
    }


def function(facts: Facts) -> State | None:
    """Raise the application to the concurrency of a region that serves."""
    if facts.function is None:
        return None
    name, full = {"FunctionName": facts.function.name}, facts.function.concurrency
    look = _concurrency_holds(name, full)
    return branch(
        "Raise the concurrency",
        {
            "Raise the concurrency": call(
                "lambda:putFunctionConcurrency",
                {**name, "ReservedConcurrentExecutions": full},
                comment="From what a standby keeps warm to what a primary needs",
                then="Wait for the concurrency",
            ),
            "Wait for the concurrency": poll(
                look,
                "Read the concurrency",
                comment="The new number holds within seconds",
                then="The application serves here",
                attempts=SCALE_ATTEMPTS,
                interval=SCALE_INTERVAL,
            ),
            "The application serves here": note({"tier": "service"}, comment="Verified", then=None),
        },
    )


def _concurrency_holds(name: dict[str, str], full: int) -> States:
    """Look once whether the new concurrency holds."""
    return {
        "Read the concurrency": call(
            "lambda:getFunctionConcurrency",
            name,
            comment="What holds now",
            keep="$.concurrency",
            then="Does it hold",
            retries=0,
        ),
        "Does it hold": choose(
            [
                (
                    {
                        "And": [
                            {"Variable": "$.concurrency.ReservedConcurrentExecutions", "IsPresent": True},
                            {"Variable": "$.concurrency.ReservedConcurrentExecutions", "NumericEquals": full},
                        ]
                    },
                    "It holds",
                )
            ],
            comment="The application serves at full size",
            otherwise="It does not hold yet",
        ),
        "It holds": done(),
        "It does not hold yet": fail(NOT_YET, "The reserved concurrency has not changed yet"),
    }


BRANCHES: tuple[Callable[[Facts], State | None], ...] = (database, function, container, file_system)
"""One function per tier; None: the system does not have the tier. A cache has nothing to promote: each region's is its
own, and fills itself from the database."""


def describe_global(
    facts: Facts,
    *,
    then: str,
    otherwise: str | None = None,
    retries: int = CALL_RETRIES,
    also: Mapping[str, str] | None = None,
) -> State:
    """Ask which cluster of the Global Database writes, and for what else is selected. Any member's region answers."""
    assert facts.database is not None  # noqa: S101 the caller has looked
    return call(
        "rds:describeGlobalClusters",
        {"GlobalClusterIdentifier": facts.database.global_cluster},
        comment="Which region writes",
        keep="$.global",
        select={
            "status.$": "$.GlobalClusters[0].Status",
            "writer.$": "$.GlobalClusters[0].GlobalClusterMembers[?(@.IsWriter==true)].DbClusterArn",
            **(also or {}),
        },
        then=then,
        otherwise=otherwise,
        retries=retries,
    )


def _writes_here(cluster_arn: str) -> State:
    """During a failover there may be no writer at all."""
    first = "$.global.writer[0]"
    return {"And": [{"Variable": first, "IsPresent": True}, {"Variable": first, "StringEquals": cluster_arn}]}


def _is_available() -> State:
    return {"Variable": "$.global.status", "StringEquals": "available"}


def _attempts(seconds: int, interval: int) -> int:
    return max(1, round(seconds / interval))
