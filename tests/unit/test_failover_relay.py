"""The relay: a region that hears several messages at once obeys the newest."""

from __future__ import annotations

from deployments.failover.relay import relay
from tests.unit.test_failover_machine import facts


def test_the_newest_message_has_the_last_word_in_a_region_that_hears_several_at_once() -> None:
    states = relay(facts())["States"]
    assert states["Is an answer waited for"]["Default"] == "Let older messages end"
    way = ["Let older messages end"]
    while "Next" in states[way[-1]] or "Default" in states[way[-1]]:
        way.append(states[way[-1]].get("Next") or states[way[-1]]["Default"])
    assert way[1:] == [
        "Look again",
        "Is there a newer one",
        "Remember the epoch again",
        "Move the switch again",
        "Say that it was heard",
        "Answered",
    ]
    assert states["Let older messages end"]["Seconds"] >= 5
    for first, again in (
        ("Remember the epoch", "Remember the epoch again"),
        ("Move the switch", "Move the switch again"),
    ):
        assert states[first]["Parameters"] == states[again]["Parameters"]
