"""Which region's event bus passes messages on to which other one.

The first two regions in priority order are hubs: each has a link with every other region, and any other region has
links with the hubs alone. So a region more is four links more, however many there are; with two or three regions
everybody is linked with everybody. A message between two regions that are no hubs goes to both hubs, and each one's
relay puts it anew on the hub's own bus: a rule alone cannot, since EventBridge routes no event that came from another
bus on to a third one. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html

Both ways are taken each time, so that one dark hub loses nothing, and everything between such regions arrives twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from deployments.failover.facts import MESSAGE, SOURCE, Facts

HUBS = 2
"""One more than may be dark while every message still arrives."""
VIA = "via"
"""Field of a message that names the hub which put it anew: what has it is never put anew again."""


def links(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Return the regions that the own bus sends to, in priority order, each with the regions whose messages it gets."""
    if facts.region in facts.hubs:
        return {other: (other,) for other in facts.others}
    return {hub: (hub, *_no_hubs(facts)) for hub in facts.hubs}


def in_transit(facts: Facts) -> tuple[str, ...]:
    """Return the regions whose messages come by here. Empty: the region is no hub, or no two others need one."""
    reached = _no_hubs(facts)
    return reached if facts.region in facts.hubs and len(reached) > 1 else ()


def pattern(regions: Sequence[str]) -> dict[str, object]:
    """Return the event pattern of the messages to some regions."""
    return {"source": [SOURCE], "detail-type": [MESSAGE], "detail": {"to": list(regions)}}


def heard(facts: Facts) -> dict[str, object]:
    """Return the event pattern of the messages that start the relay: those to the region, and those in transit.

    What a hub sends by itself, and what it has put anew, lies on its bus, too: neither is in transit there.
    """
    transit = in_transit(facts)
    if not transit:
        return pattern([facts.region])
    detail = {"to": [facts.region, *transit], "from": list(facts.others), VIA: [{"exists": False}]}
    return {**pattern(()), "detail": detail}


def _no_hubs(facts: Facts) -> tuple[str, ...]:
    return tuple(other for other in facts.others if other not in facts.hubs)
