"""The relay: a region that hears several messages at once obeys the newest."""

from __future__ import annotations

from deployments.failover.relay import relay
from tests.unit.test_failover_machine import HERE, facts


def test_the_newest_message_has_the_last_word_in_a_region_that_hears_several_at_once() -> None:
    states = relay(facts())["States"]
    assert states["Is an answer waited for"]["Default"] == "Say that it was heard"
    assert states["Say that it was heard"]["Next"] == "Let older messages end"
    way = ["Let older messages end"]
    while "Next" in states[way[-1]] or "Default" in states[way[-1]]:
        way.append(states[way[-1]].get("Next") or states[way[-1]]["Default"])
    assert way[1:] == [
        "Look again",
        "Is there a newer one",
        "Remember the epoch again",
        "Move the switch again",
        "Answered",
    ]
    assert states["Let older messages end"]["Seconds"] >= 5
    for first, again in (
        ("Remember the epoch", "Remember the epoch again"),
        ("Move the switch", "Move the switch again"),
    ):
        assert states[first]["Parameters"] == states[again]["Parameters"]


def test_a_region_says_that_it_heard_and_only_who_was_unaware_is_forgotten() -> None:
    states = relay(facts())["States"]
    (entry,) = states["Say that it was heard"]["Parameters"]["Entries"]
    assert entry["Detail"] == {
        "to.$": "$.detail.from", "from": HERE, "action": "heard", "epoch.$": "$.detail.epoch"
    }  # fmt: skip
    ways = {rule["StringEquals"]: rule["Next"] for rule in states["Is it void"]["Choices"] if "StringEquals" in rule}
    assert ways["heard"] == "Read who is unaware"
    choice = states["Is it this one"]
    assert choice["Default"] == "Answered"
    assert choice["Choices"] == [
        {"Variable": "$.unaware.region", "StringEqualsPath": "$.detail.from", "Next": "Nobody is unaware"}
    ]
    written = states["Nobody is unaware"]["Parameters"]
    assert (written["Name"], written["Value"]) == (facts().unaware, "none")


def test_where_all_regions_take_writes_nobody_is_unaware() -> None:
    assert "unaware" not in str(relay(facts("active-active")))
