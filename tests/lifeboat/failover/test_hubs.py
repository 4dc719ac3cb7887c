"""Four regions: what two that are no hubs tell each other comes through both hubs, or through the one that is there."""

from __future__ import annotations

from typing import Any

import pytest

from deployments.failover.facts import Facts
from deployments.failover.messages import entry
from deployments.failover.relay import relay
from deployments.stages import TomlTable
from tests.lifeboat.embedded.aws import eventually
from tests.lifeboat.failover.conftest import Deploy
from tests.lifeboat.failover.rehearsal import Rehearsal

HUBS = ("us-east-1", "us-west-2")
THIRD, FOURTH = "eu-west-1", "eu-central-1"
FOUR = (*HUBS, THIRD, FOURTH)
IN_FOUR: TomlTable = {"regions": [{"name": region} for region in FOUR]}
QUIET_SECONDS = 20


@pytest.fixture
def four(deploy: Deploy) -> Rehearsal:
    """The web shop in four regions, open in the third."""
    return opened(deploy(changes=IN_FOUR))


class Impatient(Rehearsal):
    """A failover that does not wait long for a confirmation."""

    def definition(self, facts: Facts) -> dict[str, Any]:
        definition = super().definition(facts)
        for branch in definition["States"]["Fence"]["Branches"][1:]:
            branch["States"][f"Close {branch['StartAt'].split()[1]}"]["TimeoutSeconds"] = 5
        return definition


def opened(app: Rehearsal) -> Rehearsal:
    """Let the third region be the primary, as an earlier failover has left it."""
    for region in FOUR:
        app.aws("ssm", region).put_parameter(Name=app.facts(region).switch, Value=THIRD, Overwrite=True)
    database = app.facts(THIRD).database
    assert database
    app.aws("rds", THIRD).switchover_global_cluster(
        GlobalClusterIdentifier=database.global_cluster, TargetDbClusterIdentifier=database.cluster_arn
    )
    assert app.writer() == THIRD
    return app


def succeeds(app: Rehearsal, region: str, mode: str) -> None:
    found = app.run(region, mode)
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))


def quiet(app: Rehearsal) -> None:
    """Wait until no relay of any region works any more."""
    assert eventually(lambda: not running(app), QUIET_SECONDS), running(app)


def running(app: Rehearsal) -> list[dict[str, Any]]:
    return [detail for region in FOUR for detail, status, _ in app.relayed(region) if status == "RUNNING"]


def passed_on(app: Rehearsal, hub: str) -> list[str]:
    """Return what a hub has passed on, in any order."""
    return [str(detail["action"]) for detail, _, arn in app.relayed(hub) if "Pass the message on" in app.entered(arn)]


def got(app: Rehearsal, region: str, action: str) -> list[tuple[str | None, str]]:
    """Return through which hub a region got the messages of an action, and how its relay ended."""
    found = [(detail.get("via"), status) for detail, status, _ in app.relayed(region) if detail["action"] == action]
    return sorted(found, key=str)


def test_the_fourth_region_takes_over_from_the_third_through_both_hubs(four: Rehearsal) -> None:
    succeeds(four, FOURTH, "planned")
    assert (four.writer(), four.concurrency(FOURTH)) == (FOURTH, 50)
    assert eventually(lambda: {four.switch(region) for region in FOUR} == {FOURTH})
    quiet(four)
    twice = [(hub, "SUCCEEDED") for hub in HUBS]
    assert got(four, THIRD, "hand-over") == twice  # the second call finds the database handed over
    assert got(four, THIRD, "close") == got(four, THIRD, "follow") == twice
    for hub in HUBS:  # each way once; of two questions the third heard each twice, and answered as often
        assert got(four, hub, "close")[0] == (None, "SUCCEEDED")
        assert sorted(passed_on(four, hub)) == [*["answer"] * 4, "close", "follow", "hand-over", "heard", "heard"]
    assert {status for region in FOUR for _, status, _ in four.relayed(region)} == {"SUCCEEDED"}


@pytest.mark.parametrize("dark", HUBS)
def test_one_dark_hub_loses_nothing_and_changes_nothing_when_it_is_back(four: Rehearsal, dark: str) -> None:
    four.aws.admin("PUT", f"dark/{dark}?service=events")
    succeeds(four, FOURTH, "planned")
    (light,) = set(HUBS) - {dark}
    assert four.writer() == FOURTH
    assert eventually(lambda: {four.switch(region) for region in (light, THIRD, FOURTH)} == {FOURTH})
    assert got(four, THIRD, "hand-over") == [(light, "SUCCEEDED")]
    four.aws.admin("DELETE", f"dark/{dark}?service=events")
    assert eventually(lambda: len(got(four, THIRD, "hand-over")) == 2)
    assert eventually(lambda: four.switch(dark) == FOURTH, QUIET_SECONDS)
    quiet(four)
    assert (four.writer(), {four.switch(region) for region in FOUR}) == (FOURTH, {FOURTH})


def test_a_hub_that_is_gone_altogether_stops_no_unplanned_failover(four: Rehearsal) -> None:
    four.aws.admin("PUT", f"dark/{HUBS[0]}")
    succeeds(four, FOURTH, "unplanned")
    assert four.writer() == FOURTH
    assert eventually(lambda: {four.switch(region) for region in FOUR[1:]} == {FOURTH})
    four.aws.admin("DELETE", f"dark/{HUBS[0]}")
    assert eventually(lambda: four.switch(HUBS[0]) == FOURTH, QUIET_SECONDS)
    quiet(four)
    assert {four.switch(region) for region in FOUR} == {FOURTH}


def test_with_both_hubs_dark_nothing_planned_moves_and_what_was_said_is_heard_later(deploy: Deploy) -> None:
    four = opened(deploy(changes=IN_FOUR, kind=Impatient))
    for hub in HUBS:
        four.aws.admin("PUT", f"dark/{hub}?service=events")
    assert four.run(FOURTH, "planned")["status"] == "FAILED"
    assert (four.writer(), four.switch(THIRD), four.switch(FOURTH)) == (THIRD, THIRD, THIRD)
    for hub in HUBS:
        four.aws.admin("DELETE", f"dark/{hub}?service=events")
    assert eventually(lambda: len(got(four, THIRD, "close")) == 2)
    quiet(four)
    assert eventually(lambda: {four.switch(region) for region in FOUR} == {THIRD}, QUIET_SECONDS)
    assert four.writer() == THIRD


def test_a_hub_passes_nothing_on_that_was_passed_on_before(four: Rehearsal) -> None:
    follow = {"to": FOURTH, "from": THIRD, "action": "follow", "active": THIRD, "epoch": "2020-01-01T00:00:00.000Z/2"}
    four.send(HUBS[0], {**follow, "via": HUBS[0]})
    assert eventually(lambda: got(four, FOURTH, "follow") == [(HUBS[0], "SUCCEEDED")])
    quiet(four)
    # The fourth says that it heard, through both; nobody has passed on what it heard.
    assert {hub: passed_on(four, hub) for hub in HUBS} == {hub: ["heard"] for hub in HUBS}
    assert {hub: len(four.relayed(hub)) for hub in HUBS} == dict.fromkeys(HUBS, 1)
    assert four.switch(FOURTH) == THIRD


def test_a_hand_over_that_comes_again_is_answered_again(shop: Rehearsal) -> None:
    succeeds(shop, shop.standby, "planned")
    ((first, _, _),) = [each for each in shop.relayed(shop.primary) if each[0]["action"] == "hand-over"]
    shop.send(shop.standby, {**first, "epoch": "9999"})  # not void: as if it came before the failover ended
    assert eventually(lambda: got(shop, shop.primary, "hand-over") == [(None, "SUCCEEDED")] * 2)
    (again,) = [arn for detail, _, arn in shop.relayed(shop.primary) if detail["epoch"] == "9999"]
    assert shop.entered(again)[-3:] == ["Is an answer waited for", "Answer", "Answered"]
    assert shop.writer() == shop.standby


def test_a_hand_over_that_comes_after_the_failback_takes_nothing_away_where_nobody_is_closed(deploy: Deploy) -> None:
    app = deploy(changes={"strategy": "active-active"})
    succeeds(app, app.standby, "planned")
    ((late, _, _),) = [each for each in app.relayed(app.primary) if each[0]["action"] == "hand-over"]
    succeeds(app, app.primary, "planned")
    app.send(app.standby, late)
    assert eventually(lambda: got(app, app.primary, "hand-over") == [(None, "SUCCEEDED")] * 2)
    assert app.writer() == app.primary


TARGET, OTHER = "arn:aws:rds:eu-west-1:1:cluster:target", "arn:aws:rds:eu-west-1:1:cluster:other"


def group(to: str, status: str) -> dict[str, Any]:
    return {"FailoverState": {"ToDbClusterArn": to, "Status": status}}


@pytest.mark.parametrize(
    ("writer", "seen", "said"),
    [
        ([OTHER], group(TARGET, "pending"), "Answer"),
        ([OTHER], group(TARGET, "switching-over"), "Answer"),
        ([], group(TARGET, "switching-over"), "Answer"),
        ([TARGET], {}, "Answer"),
        ([OTHER], group(TARGET, "cancelling"), "Refuse"),
        ([OTHER], group(OTHER, "switching-over"), "Refuse"),
        ([OTHER], {"FailoverState": None}, "Refuse"),
        ([], {}, "Refuse"),
    ],
)
def test_a_call_that_is_refused_is_told_from_one_that_was_made_before(
    shop: Rehearsal, writer: list[str], seen: dict[str, Any], said: str
) -> None:
    """Run the relay against a Global Database in the middle of a switchover, which is over at once here."""
    definition = relay(shop.facts(shop.primary))
    look = definition["States"]["Where does the database go"]
    definition["States"]["Hand the database over"] |= {"Retry": []}
    definition["States"]["Where does the database go"] = {
        "Type": "Pass",
        "Result": {"writer": writer, "group": seen},
        "ResultPath": look["ResultPath"],
        "Next": look["Next"],
    }
    assert said in relay_entered(shop, definition, TARGET)


def test_a_real_refusal_is_told_with_its_reason_even_if_nobody_can_look(shop: Rehearsal) -> None:
    definition = relay(shop.facts(shop.primary))
    for name in ("Hand the database over", "Where does the database go"):
        definition["States"][name] |= {"Retry": []}
    assert "Refuse" in relay_entered(shop, definition, TARGET)
    definition["States"]["Where does the database go"]["Parameters"]["GlobalClusterIdentifier"] = "nowhere"
    assert "Refuse" in relay_entered(shop, definition, TARGET)
    refused = definition["States"]["Refuse"]["Parameters"]["Entries"][0]["Detail"]
    assert refused["error.$"] == "$.error"


def relay_entered(app: Rehearsal, definition: dict[str, Any], target: str) -> list[str]:
    """Hand over with a definition of a relay, and return the states that it entered."""
    message = {
        "action": "hand-over",
        "to": app.primary,
        "from": app.standby,
        "epoch": "9",
        "token": "t",
        "target": target,
    }
    return app.entered(
        app.run_once(app.primary, definition, {"detail": entry(app.facts(app.primary), message)["Detail"]})
    )
