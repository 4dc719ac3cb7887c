"""The relay: a region that hears several messages at once obeys the newest, and one that hears twice acts once."""

from __future__ import annotations

from dataclasses import replace

from deployments.failover.longest import longest_path
from deployments.failover.machine import machine
from deployments.failover.messages import telling
from deployments.failover.relay import relay
from tests.unit.synthesized import Synthesized
from tests.unit.test_failover_machine import facts, states


def test_all_other_regions_are_told_in_calls_of_no_more_than_ten() -> None:
    many = replace(facts(), others=tuple(f"region-{number}" for number in range(23)))
    told = telling(many, action={"action": "follow"}, comment="They follow", then="On", otherwise="Off")
    parts = [state["Parameters"]["Entries"] for each in told["Branches"] for state in each["States"].values()]
    assert [len(entries) for entries in parts] == [10, 10, 3]
    assert tuple(entry["Detail"]["to"] for entries in parts for entry in entries) == many.others
    assert (told["Next"], told["Catch"][0]["Next"]) == ("On", "Off")
    assert len({name for each in told["Branches"] for name in each["States"]}) == 3
    few = telling(replace(many, others=many.others[:10]), action={}, comment="They follow", then="On")
    assert len(few["Parameters"]["Entries"]) == 10


def test_the_newest_message_has_the_last_word_in_a_region_that_hears_several_at_once() -> None:
    found = relay(facts())["States"]
    assert found["Is an answer waited for"]["Default"] == "Let older messages end"
    way = ["Let older messages end"]
    while "Next" in found[way[-1]] or "Default" in found[way[-1]]:
        way.append(found[way[-1]].get("Next") or found[way[-1]]["Default"])
    assert way[1:] == [
        "Look at the switch again",
        "Look at the epoch again",
        "Is it still so",
        "Remember the epoch again",
        "Move the switch again",
        "Say that it was heard",
        "Answered",
    ]
    assert found["Let older messages end"]["Seconds"] >= 5
    for first, again in (
        ("Remember the epoch", "Remember the epoch again"),
        ("Move the switch", "Move the switch again"),
    ):
        assert found[first]["Parameters"] == found[again]["Parameters"]


def test_where_nobody_is_closed_the_epoch_is_raised_at_no_cost_while_the_database_moves() -> None:
    recover = machine(facts("active-active"))["States"]["Recover"]
    remembering = recover["Branches"][-1]
    put = remembering["States"][remembering["StartAt"]]["Parameters"]
    assert (put["Name"], put["Value.$"]) == (facts("active-active").epoch, "$.epoch")
    assert longest_path(remembering).seconds < longest_path(recover["Branches"][0]).seconds
    fenced = machine(facts("dev"))["States"]["Recover"]["Branches"]
    assert "Raise the epoch" not in {name for each in fenced for name, _ in states(each)}


def test_the_relay_may_look_at_the_global_database_and_the_own_cluster_alone(dev: Synthesized) -> None:
    for stack in dev.regional:
        look = stack.by_path("failover/failover-relay-role/hand-over").statements()["Look"]
        assert look["Action"] == "rds:DescribeGlobalClusters"
        group, cluster = look["Resource"]
        assert group.endswith(":global-cluster:ecommerce-dev")
        assert cluster.endswith(f":rds:{stack.place}:${{account.account_id}}:cluster:ecommerce-dev")
