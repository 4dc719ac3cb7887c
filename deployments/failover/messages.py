"""What regions tell each other, over event buses.

Step Functions calls its own region only, so what concerns another region is sent there: a rule of the own bus passes it
on to the other region's bus, or to those of the hubs (`links.py`), and a rule there starts that region's relay.
EventBridge keeps trying for 24 hours, so a region that was dark hears that it was replaced as soon as it is back;
nobody who recovers waits for that. A message may arrive twice: EventBridge promises once at least, and there are two
hubs.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployments.failover.facts import MESSAGE, SOURCE, Facts
from deployments.failover.states import State, branch, call, together

MOST_ENTRIES = 10
"""In one call: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html"""


def asking(
    facts: Facts,
    *,
    to: Mapping[str, str],
    action: Mapping[str, Any],
    seconds: int,
    comment: str,
    then: str | None,
    otherwise: str | None = None,
) -> State:
    """Ask another region for something and wait for its answer, for so many seconds. Never repeated by itself."""
    detail = {**to, **action, "from": facts.region, "epoch.$": "$.epoch", "token.$": "$$.Task.Token"}
    return call(
        "events:putEvents.waitForTaskToken",
        {"Entries": [entry(facts, detail)]},
        comment=comment,
        keep="$.answer",
        then=then,
        otherwise=otherwise,
        seconds=seconds,
        retries=0,
    )


def telling(
    facts: Facts, *, action: Mapping[str, Any], comment: str, then: str | None, otherwise: str | None = None
) -> State:
    """Tell all other regions something; nobody waits for an answer."""
    entries = [entry(facts, {"to": other, **action, "from": facts.region}) for other in facts.others]
    if len(entries) <= MOST_ENTRIES:
        return call("events:putEvents", {"Entries": entries}, comment=comment, then=then, otherwise=otherwise)
    parts = {f"{comment}, {at + 1} on": entries[at : at + MOST_ENTRIES] for at in range(0, len(entries), MOST_ENTRIES)}
    return together(
        [
            branch(name, {name: call("events:putEvents", {"Entries": part}, comment=comment, then=None)})
            for name, part in parts.items()
        ],
        comment=comment,
        then=then,
        otherwise=otherwise,
    )


def passing_on(facts: Facts, mark: str, *, comment: str, then: str) -> State:
    """Put the message that came in anew on the own bus, with a mark added that lies under a path."""
    return call(
        "events:putEvents",
        {"Entries": [{**_envelope(facts), "Detail.$": f"States.JsonMerge($.detail, {mark}, false)"}]},
        comment=comment,
        then=then,
    )


def entry(facts: Facts, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Write one event."""
    return {**_envelope(facts), "Detail": dict(detail)}


def _envelope(facts: Facts) -> dict[str, Any]:
    return {"EventBusName": facts.bus, "Source": SOURCE, "DetailType": MESSAGE}
