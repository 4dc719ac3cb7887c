"""The failover itself: close, move, verify, open, tell. One machine per region, which makes its own region the primary.

Input: `{"mode": "planned" | "unplanned", "allow_data_loss": bool, "requested_by": str, "reason": str}`.
"""

from __future__ import annotations

from typing import Any

from deployments.failover.facts import NOBODY, Facts
from deployments.failover.fence import fence, remember_epoch, remember_unaware
from deployments.failover.lock import hold
from deployments.failover.messages import telling
from deployments.failover.parameters import put, read
from deployments.failover.states import (
    ANY_ERROR,
    State,
    States,
    call,
    choose,
    done,
    fail,
    fail_with,
    note,
    together,
)
from deployments.failover.tiers import branches, describe_global

PLANNED, UNPLANNED = "planned", "unplanned"
MODES = (PLANNED, UNPLANNED)


def machine(facts: Facts, timeout_seconds: int | None = None) -> dict[str, Any]:
    """Return the definition.

    Args:
        facts: The region that it runs in.
        timeout_seconds: When Step Functions gives up on all of it. Absent: never, for adding up.
    """
    definition: dict[str, Any] = {
        "Comment": f"Make {facts.region} the primary of {facts.system}",
        "StartAt": "Check the order",
        "States": {
            **_begin(facts),
            **(fence(facts) if facts.fences else {}),
            **_recover(facts),
            **_open(facts),
            **_give_back(facts),
            **_end(facts),
        },
    }
    return {**definition, "TimeoutSeconds": timeout_seconds} if timeout_seconds else definition


def _begin(facts: Facts) -> States:
    known = [{"And": [_present("mode"), {"Variable": "$.mode", "StringEquals": mode}]} for mode in MODES]
    allowed = {"And": [_present("allow_data_loss"), {"Variable": "$.allow_data_loss", "BooleanEquals": True}]}
    unasked = {"And": [known[1], {"Not": allowed}]}
    return {
        "Check the order": choose(
            [({"Not": {"Or": known}}, "Refuse the order")]
            + ([(unasked, "Refuse to lose data")] if facts.database else []),
            comment="Planned loses nothing; unplanned may, and only when that was asked for",
            otherwise="Note who runs",
        ),
        "Refuse the order": fail("BadOrder", f'The input must hold "mode": one of {", ".join(MODES)}'),
        "Refuse to lose data": fail(
            "DataLossNotAllowed",
            'An unplanned failover of the database may lose writes: ask for it with "allow_data_loss"',
        ),
        "Note who runs": note(
            {
                "mode.$": "$.mode",
                "order.$": "$",
                "me.$": "$$.Execution.Id",
                "started.$": "$$.Execution.StartTime",
                # Later failovers have later epochs; within one, closing comes before what follows.
                "epoch.$": "States.Format('{}/1', $$.Execution.StartTime)",
                "then.$": "States.Format('{}/2', $$.Execution.StartTime)",
                "fence": [],
            },
            comment="Everything below knows this execution and its place in time",
            then="Take the lock",
        ),
        **_look(facts),
    }


def _look(facts: Facts) -> States:
    """Take the lock, and find out whether there is anything to do."""
    states: States = {
        "Take the lock": hold(facts, then="Read who is open"),
        "Read who is open": read(
            facts.switch,
            "$.previous.region",
            comment="The region that takes writes until now",
            then="Is it this region" if facts.fences else "Recover",
            otherwise="Release after a failure",
        ),
    }
    if facts.fences:
        states["Is it this region"] = choose(
            [({"Variable": "$.previous.region", "StringEquals": facts.region}, "Nothing to do")],
            comment="The parameter moves last: when it is here, all is done",
            otherwise="Fence",
        )
        states["Nothing to do"] = note(
            {}, comment="This region is the primary already", then="Release the lock", keep="$.nothing"
        )
    return states


def _recover(facts: Facts) -> States:
    tiers = [*branches(facts), *([] if facts.fences or not facts.database else [remember_epoch(facts)])]
    after = "Is this still the newest failover" if facts.fences else "Notify"
    if not tiers:
        return {"Recover": note({}, comment="No tier needs promoting", then=after, keep="$.nothing")}
    return {
        "Recover": together(
            tiers,
            comment="Every tier at once; each verifies its own work",
            keep="$.tiers",
            then=after,
            otherwise="Was it planned",
        )
    }


def _open(facts: Facts) -> States:
    if not facts.fences:
        return {}
    return {
        "Is this still the newest failover": read(
            facts.epoch,
            "$.newest.epoch",
            comment="Another region may have begun to take over meanwhile",
            then="Open or leave it",
            otherwise="Release after a failure",
        ),
        "Open or leave it": choose(
            [({"Variable": "$.newest.epoch", "StringEqualsPath": "$.epoch"}, "Open writes")],
            comment="Only the newest failover opens writes: two never do",
            otherwise="Superseded",
        ),
        "Superseded": note(
            {"Error": "Superseded", "Cause": "A newer failover to another region began: writes stay closed here"},
            comment="The newer failover decides",
            keep="$.error",
            then="Release after a failure",
        ),
        "Open writes": put(
            facts.switch,
            facts.region,
            comment="Clients may write here",
            then="Is anybody unaware",
            otherwise="Release after a failure",
        ),
        **remember_unaware(facts, then="Tell the other regions"),
        "Tell the other regions": telling(
            facts,
            action={"action": "follow", "active": facts.region, "epoch.$": "$.then"},
            comment="They say who is open; one that is dark hears it when it is back",
            then="Notify",
            otherwise="Notify",
        ),
    }


def _give_back(facts: Facts) -> States:
    """Undo a planned failover that did not move the database: the old primary is well, and goes on."""
    planned = {"Variable": "$.mode", "StringEquals": PLANNED}
    back = "Give writes back" if facts.fences else "Release after a failure"
    own = facts.database.cluster_arn if facts.database else ""
    states: States = {
        "Was it planned": choose(
            [(planned, "Where does the database write" if facts.database else back)],
            comment="After an unplanned failover there is nobody to give writes back to",
            otherwise="Release after a failure",
        )
    }
    if facts.database:
        first = "$.global.writer[0]"
        moved = {"And": [{"Variable": first, "IsPresent": True}, {"Not": {"Variable": first, "StringEquals": own}}]}
        states |= {
            "Where does the database write": describe_global(
                facts, then="Did the database stay", otherwise="Release after a failure"
            ),
            "Did the database stay": choose(
                [(moved, back)],
                comment="Once it has moved, going on is safer than going back",
                otherwise="Release after a failure",
            ),
        }
    if facts.fences:
        states |= {
            "Give writes back": telling(
                facts,
                action={"action": "follow", "active.$": "$.previous.region", "epoch.$": "$.then"},
                comment="The old primary takes writes again",
                then="Follow the old primary",
                otherwise="Release after a failure",
            ),
            "Follow the old primary": put(
                facts.switch,
                "$.previous.region",
                comment="This region stands by again",
                then="Release after a failure",
            ),
        }
    return states


def _end(facts: Facts) -> States:
    return {
        "Notify": call(
            "sns:publish",
            {
                "TopicArn": facts.topic_arn,
                "Subject": f"{facts.system}: {facts.region} is the primary",
                "Message.$": "States.JsonToString($)",
            },
            comment="Tell people",
            then="Release the lock",
            otherwise="Release the lock",
        ),
        "Release the lock": call(
            "ssm:deleteParameter",
            {"Name": facts.lock},
            comment="The next failover may run",
            then="Done",
            otherwise="Done",
        ),
        "Done": done(),
        **_end_badly(facts),
    }


def _end_badly(facts: Facts) -> States:
    """Say so, and leave the way free for a repetition."""
    return {
        "Release after a failure": call(
            "ssm:deleteParameter",
            {"Name": facts.lock},
            comment="A repetition goes on from here",
            then="Tell of the failure",
        )
        | {"Catch": [{"ErrorEquals": ANY_ERROR, "ResultPath": None, "Next": "Tell of the failure"}]},
        "Tell of the failure": call(
            "sns:publish",
            {
                "TopicArn": facts.topic_arn,
                "Subject": f"{facts.system}: failover to {facts.region} FAILED",
                "Message.$": "States.JsonToString($)",
            },
            comment="People decide: start it again, or give it up",
            then="Failed",
        )
        | {"Catch": [{"ErrorEquals": ANY_ERROR, "ResultPath": None, "Next": "Failed"}]},
        **fail_with("Failed", "$.error"),
    }


def _present(name: str) -> State:
    return {"Variable": f"$.{name}", "IsPresent": True}


__all__ = ["MODES", "NOBODY", "PLANNED", "UNPLANNED", "machine"]
