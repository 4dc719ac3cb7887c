"""The relay: does in its own region what another region asked for over the event bus, and answers.

Input is the event as EventBridge delivers it. A message of an older failover than the region has heard of is void: it
was delayed, perhaps for hours, because the region or a hub was dark. Every message may come twice, and does no more
than the first time: parameters are set to what they are; an answer to a task that has ended is refused, which is
caught; and a database that is handed over already is not refused to who asks for it. In a hub the relay also passes on
what is for others; whether such a message is void they know themselves.
"""

from __future__ import annotations

from typing import Any

from deployments.failover.facts import NOBODY, Facts
from deployments.failover.links import VIA, in_transit
from deployments.failover.messages import entry, passing_on
from deployments.failover.parameters import put, read
from deployments.failover.states import State, States, call, catch, choose, done, fail, note, wait
from deployments.failover.tiers import describe_global

HEARD = "heard"
TIMEOUT_SECONDS = 300
OLDER_SECONDS = 5
"""Longer than a relay takes from reading the epoch to moving the switch."""
SWITCHING = ("pending", "switching-over")
"""States of a switchover that goes on; one that is cancelled goes back."""


def relay(facts: Facts) -> dict[str, Any]:
    """Return the definition of a region's relay."""
    for_another = ({"Not": {"Variable": "$.detail.to", "StringEquals": facts.region}}, "Note where it came by")
    return {
        "Comment": f"What other regions ask of {facts.region} in a failover of {facts.system}",
        "StartAt": "What is it about",
        "TimeoutSeconds": TIMEOUT_SECONDS,
        "States": {
            "What is it about": choose(
                [
                    *([for_another] if in_transit(facts) else []),
                    ({"Variable": "$.detail.action", "StringEquals": "answer"}, "Pass the answer on"),
                    ({"Variable": "$.detail.action", "StringEquals": "refusal"}, "Pass the refusal on"),
                ],
                comment="An answer to this region's own failover, or something to do",
                otherwise="Read the epoch",
            ),
            **(_pass_on(facts) if in_transit(facts) else {}),
            **_answers(),
            **_judge(facts),
            **_obey(facts),
            **_reply(facts),
            **_stay(facts),
            **(_hear(facts) if facts.fences else {}),
        },
    }


def _judge(facts: Facts) -> States:
    """Find out whether a message still counts, and what it asks for."""
    hand_over = ({"Variable": "$.detail.action", "StringEquals": "hand-over"}, "Hand the database over")
    heard = ({"Variable": "$.detail.action", "StringEquals": HEARD}, "Read who is unaware")
    return {
        "Read the epoch": read(
            facts.epoch,
            "$.known.epoch",
            comment="Which failover this region heard of last",
            then="Is it void",
        ),
        "Is it void": choose(
            [
                ({"Variable": "$.known.epoch", "StringGreaterThanPath": "$.detail.epoch"}, "It is void"),
                *([hand_over] if facts.database else []),
                *([heard] if facts.fences else []),
            ],
            comment="Messages that were held up are void once a newer failover is known",
            otherwise="Remember the epoch",
        ),
        "It is void": done(),
    }


def _pass_on(facts: Facts) -> States:
    """Pass a message between two regions that are no hubs on, marked, so that it is passed on once only."""
    return {
        "Note where it came by": note(
            {VIA: facts.region},
            comment="The mark keeps this hub from passing it on again",
            then="Pass the message on",
            keep="$.mark",
        ),
        "Pass the message on": passing_on(
            facts, "$.mark", comment="Rules take no event of another bus on to a third", then="Passed on"
        ),
    }


def _answers() -> States:
    token = {"TaskToken.$": "$.detail.token"}
    return {
        "Pass the answer on": call(
            "sfn:sendTaskSuccess",
            {**token, "Output.$": "States.JsonToString($.detail)"},
            comment="The failover that asked goes on",
            then="Passed on",
            otherwise="Passed on",
        ),
        "Pass the refusal on": call(
            "sfn:sendTaskFailure",
            {**token, "Error.$": "$.detail.error.Error", "Cause.$": "$.detail.error.Cause"},
            comment="The failover that asked knows why not",
            then="Passed on",
            otherwise="Passed on",
        ),
        "Passed on": done(),
    }


def _obey(facts: Facts) -> States:
    states: States = {
        "Remember the epoch": put(
            facts.epoch,
            "$.detail.epoch",
            comment="Older messages are void from now on",
            then="Move the switch",
        ),
        "Move the switch": put(
            facts.switch,
            "$.detail.active",
            comment="From the next write on the application follows it",
            then="Is an answer waited for",
        ),
    }
    if facts.database:
        states["Hand the database over"] = call(
            "rds:switchoverGlobalCluster",
            {
                "GlobalClusterIdentifier": facts.database.global_cluster,
                "TargetDbClusterIdentifier.$": "$.detail.target",
            },
            comment="Every secondary catches up first: nothing is lost",
            then="Is an answer waited for",
            otherwise="Where does the database go",
            seconds=15,
        )
        states |= _handed_over(facts)
    return states


def _handed_over(facts: Facts) -> States:
    """Tell a refusal because the same was asked for before from a real one.

    The state of a switchover is there while one is scheduled or under way:
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverState.html
    """
    writer, move = "$.global.writer[0]", "$.global.group.FailoverState"
    target, phase = f"{move}.ToDbClusterArn", f"{move}.Status"
    on_its_way = [{"Variable": phase, "StringEquals": each} for each in SWITCHING]
    return {
        "Where does the database go": describe_global(
            facts, then="Was it handed over", also={"group.$": "$.GlobalClusters[0]"}
        )
        # The refusal tells why the call failed, not why nobody could look.
        | {"Catch": [catch("Refuse", "$.unseen")]},
        "Was it handed over": choose(
            [
                ({"And": [_present(writer), _is_asked_for(writer)]}, "Is an answer waited for"),
                (
                    {"And": [_present(target), _is_asked_for(target), _present(phase), {"Or": on_its_way}]},
                    "Is an answer waited for",
                ),
            ],
            comment="The same message came before, or a call whose answer was lost has worked",
            otherwise="Refuse",
        ),
    }


def _present(path: str) -> State:
    return {"Variable": path, "IsPresent": True}


def _is_asked_for(path: str) -> State:
    return {"Variable": path, "StringEqualsPath": "$.detail.target"}


def _stay(facts: Facts) -> States:
    """Say the last word again where it is no longer so, unless a newer failover has it.

    A region that was dark gets all its messages at once, and nothing keeps them in order: an older one may have looked
    before this one wrote, and written after it: the epoch, the switch, or only the switch.

    The switch is read before the epoch, and nothing is written that is so already: a failback to this region may have
    begun meanwhile, which raises the epoch before it touches the switch. What it sets must not be undone.
    """
    epoch, said = "$.known.epoch", "Say that it was heard" if facts.fences else "Answered"
    own = {"Variable": epoch, "StringEqualsPath": "$.detail.epoch"}
    follows = {"Variable": "$.open.region", "StringEqualsPath": "$.detail.active"}
    return {
        "Let older messages end": wait(
            OLDER_SECONDS, comment="They were delivered together with this one", then="Look at the switch again"
        ),
        "Look at the switch again": read(
            facts.switch, "$.open.region", comment="Whom this region takes for open", then="Look at the epoch again"
        ),
        "Look at the epoch again": read(facts.epoch, epoch, comment="Whose word is the last", then="Is it still so"),
        "Is it still so": choose(
            [
                ({"Variable": epoch, "StringGreaterThanPath": "$.detail.epoch"}, "Answered"),
                ({"And": [own, follows]}, said),
                (own, "Move the switch again"),
            ],
            comment="A newer failover sees to it itself; an older message may have written after this one",
            otherwise="Remember the epoch again",
        ),
        "Remember the epoch again": put(
            facts.epoch, "$.detail.epoch", comment="Older messages are void", then="Move the switch again"
        ),
        "Move the switch again": put(
            facts.switch,
            "$.detail.active",
            comment="The newest failover decides",
            then=said,
        ),
    }


def _hear(facts: Facts) -> States:
    """Say that the successor is known here, and as the successor forget who was unaware of it."""
    detail = {"to.$": "$.detail.from", "from": facts.region, "action": HEARD, "epoch.$": "$.detail.epoch"}
    return {
        "Say that it was heard": call(
            "events:putEvents",
            {"Entries": [entry(facts, detail)]},
            comment="It sends clients away by itself from now on",
            then="Answered",
        ),
        "Read who is unaware": read(
            facts.unaware,
            "$.unaware.region",
            comment="The old primary that did not answer",
            then="Is it this one",
        ),
        "Is it this one": choose(
            [({"Variable": "$.unaware.region", "StringEqualsPath": "$.detail.from"}, "Nobody is unaware")],
            comment="The others answered before, or were never primary",
            otherwise="Answered",
        ),
        "Nobody is unaware": put(
            facts.unaware,
            NOBODY,
            comment="Records may lead there again when it is the first that can serve",
            then="Answered",
        ),
    }


def _reply(facts: Facts) -> States:
    back = {"to.$": "$.detail.from", "from": facts.region, "token.$": "$.detail.token"}
    refusal = {**back, "action": "refusal", "error.$": "$.error"}
    states: States = {
        "Is an answer waited for": choose(
            [({"Variable": "$.detail.token", "IsPresent": True}, "Answer")],
            comment="Only who asked with a token waits",
            otherwise="Let older messages end",
        ),
        "Answer": call(
            "events:putEvents",
            {"Entries": [entry(facts, {**back, "action": "answer"})]},
            comment="Done",
            then="Answered",
        ),
        "Answered": done(),
    }
    if facts.database:
        states |= {
            "Refuse": call(
                "events:putEvents",
                {"Entries": [entry(facts, refusal)]},
                comment="Not done, and why",
                then="Refused",
            ),
            "Refused": fail("HandOverRefused", f"{facts.region} could not hand the database over"),
        }
    return states
