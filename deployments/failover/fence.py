"""Closing the old primary before anything is promoted: no write is taken in two regions.

Every region's application reads its own region's parameter before each write, and refuses when that does not answer.
The region that takes over closes itself, and asks every other region over the event bus to close. Planned: the old
primary must confirm, else nothing is moved. Unplanned: a region that does not confirm in time is noted, not waited for;
the message reaches it when it is back.
"""

from __future__ import annotations

from deployments.failover.facts import FENCE_SETTLES_SECONDS, NOBODY, Facts
from deployments.failover.messages import asking
from deployments.failover.parameters import put
from deployments.failover.states import State, States, branch, choose, note, together, wait

CONFIRM_SECONDS = 45
"""Planned: time for message, relay and answer; EventBridge delivers within seconds."""
UNPLANNED_CONFIRM_SECONDS = 5
"""Unplanned: what a region that is only half gone needs; one that is gone altogether costs no more than this."""


def fence(facts: Facts) -> States:
    """Return the states from `Fence` until the last write under the old value is over."""
    confirmed = [
        {"Variable": f"$.fence[{index + 1}].closed", "BooleanEquals": True} for index in range(len(facts.others))
    ]
    return {
        "Fence": together(
            [_here(facts), *(_there(facts, other) for other in facts.others)],
            comment="Nobody takes writes from here on",
            keep="$.fence",
            then="Did anybody confirm",
            otherwise="Was it planned",
        ),
        "Did anybody confirm": choose(
            [({"Or": confirmed}, "Let the last writes end")],
            comment="A region that is gone has no last writes to wait for",
            otherwise="Recover",
        ),
        "Let the last writes end": wait(
            FENCE_SETTLES_SECONDS,
            comment="A write that began under the old value may still be under way",
            then="Recover",
        ),
    }


def remember_unaware(facts: Facts, *, then: str) -> States:
    """Remember an old primary that did not answer: when it is back, it believes that it is the primary still.

    Until it has heard of its successor, records lead past it (`constructs_lib/failover_records.py`).
    """
    names = {other: f"Remember that {other} is unaware" for other in facts.others}
    silent = [
        {"And": [was_primary(other), {"Variable": f"$.fence[{index + 1}].closed", "BooleanEquals": False}]}
        for index, other in enumerate(facts.others)
    ]

    def remember(value: str, comment: str) -> State:
        return put(facts.unaware, value, comment=comment, then=then, otherwise=then)

    return {
        "Is anybody unaware": choose(
            list(zip(silent, names.values(), strict=True)),
            comment="The old primary, if it did not confirm that it is closed",
            otherwise="Nobody is unaware",
        ),
        **{name: remember(other, "Clients are led past it until it has heard") for other, name in names.items()},
        "Nobody is unaware": remember(NOBODY, "It confirmed"),
    }


def was_primary(other: str) -> State:
    """Return the rule that a region took writes, or that nobody did since a failover failed: then it may have been."""
    return {"Or": [{"Variable": "$.previous.region", "StringEquals": each} for each in (other, NOBODY)]}


def _raise_epoch(facts: Facts, *, then: str, otherwise: str | None = None) -> State:
    return put(
        facts.epoch,
        "$.epoch",
        comment="Messages of earlier failovers are void from now on",
        then=then,
        otherwise=otherwise,
    )


def _here(facts: Facts) -> State:
    return branch(
        "Raise the epoch",
        {
            "Raise the epoch": _raise_epoch(facts, then="Close this region"),
            "Close this region": put(
                facts.switch, NOBODY, comment="Until everything is verified", then="This region is closed"
            ),
            "This region is closed": note({"region": facts.region, "closed": True}, comment="Noted", then=None),
        },
    )


def remember_epoch(facts: Facts) -> State:
    """Remember the epoch where nobody is closed.

    A hand-over may come hours late, through a hub that was dark. It must not take away the database that a newer
    failover has brought here.
    """
    return branch(
        "Raise the epoch",
        {
            "Raise the epoch": _raise_epoch(
                facts, then="Older messages are void", otherwise="Older messages may still count"
            ),
            "Older messages are void": note({"older": "void"}, comment="Noted", then=None),
            "Older messages may still count": note(
                {"older": "may count", "error.$": "$.error"}, comment="Noted, and not fatal", then=None
            ),
        },
    )


def _there(facts: Facts, other: str) -> State:
    """Close another region. Only the old primary of a planned failover must confirm."""
    planned = {"Variable": "$.mode", "StringEquals": "planned"}
    close = {"action": "close", "active": NOBODY}
    ask, offer = f"Close {other}", f"Close {other} if it answers"
    return branch(
        f"Must {other} confirm",
        {
            f"Must {other} confirm": choose(
                [({"And": [planned, was_primary(other)]}, ask)],
                comment="Planned: the old primary must",
                otherwise=offer,
            ),
            ask: asking(
                facts,
                to={"to": other},
                action=close,
                seconds=CONFIRM_SECONDS,
                comment="Refuse writes, and say so",
                then=f"{other} is closed",
            ),
            offer: asking(
                facts,
                to={"to": other},
                action=close,
                seconds=UNPLANNED_CONFIRM_SECONDS,
                comment="Refuse writes, and say so; not waited for",
                then=f"{other} is closed",
                otherwise=f"{other} does not answer",
            ),
            f"{other} is closed": note({"region": other, "closed": True}, comment="Noted", then=None),
            f"{other} does not answer": note(
                {"region": other, "closed": False, "error.$": "$.error"}, comment="Noted, and not fatal", then=None
            ),
        },
    )
