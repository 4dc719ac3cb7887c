"""A region that was told who is open looks again: what an older message wrote over is set right, and nothing else."""

from __future__ import annotations

import json

import pytest

from deployments.failover.plan import FIRST_EPOCH
from deployments.failover.relay import OLDER_SECONDS
from tests.lifeboat.embedded.aws import eventually
from tests.lifeboat.failover.rehearsal import Rehearsal

NEWEST = "2999-01-01T00:00:00.000Z/2"
PATIENCE_SECONDS = OLDER_SECONDS + 15


def told(shop: Rehearsal) -> None:
    """Tell the standby that it is open, and wait until it has moved its switch."""
    follow = {"to": shop.standby, "from": shop.primary, "action": "follow", "active": shop.standby, "epoch": NEWEST}
    shop.send(shop.standby, follow)
    assert eventually(lambda: known(shop) == (shop.standby, NEWEST))


def known(shop: Rehearsal) -> tuple[str, str]:
    """Return whom the standby takes for open, and the failover that it heard of last."""
    epoch = shop.aws("ssm", shop.standby).get_parameter(Name=shop.facts(shop.standby).epoch)
    return shop.switch(shop.standby), epoch["Parameter"]["Value"]


def is_quiet(shop: Rehearsal) -> bool:
    return all(status != "RUNNING" for region in (shop.primary, shop.standby) for _, status, _ in shop.relayed(region))


@pytest.mark.parametrize("overwritten", [("switch",), ("epoch",), ("switch", "epoch")], ids=" and ".join)
def test_what_an_older_message_wrote_afterwards_is_set_right(shop: Rehearsal, overwritten: tuple[str, ...]) -> None:
    told(shop)
    facts, older = shop.facts(shop.standby), {"switch": shop.primary, "epoch": FIRST_EPOCH}
    for which in overwritten:
        shop.aws("ssm", shop.standby).put_parameter(
            Name=getattr(facts, which), Value=older[which], Type="String", Overwrite=True
        )
    assert known(shop) != (shop.standby, NEWEST)
    assert eventually(lambda: known(shop) == (shop.standby, NEWEST), PATIENCE_SECONDS)


def test_what_is_still_so_is_not_written_again(shop: Rehearsal) -> None:
    told(shop)
    assert eventually(lambda: is_quiet(shop), PATIENCE_SECONDS)
    ssm, facts = shop.aws("ssm", shop.standby), shop.facts(shop.standby)
    versions = [ssm.get_parameter(Name=name)["Parameter"]["Version"] for name in (facts.switch, facts.epoch)]
    assert versions == [2, 2], "made once, set once"


@pytest.mark.parametrize("looked", ["Look at the switch again", "Look at the epoch again"])
def test_a_failback_that_begins_after_a_region_looked_again_is_not_undone(shop: Rehearsal, looked: str) -> None:
    """The relay is held up where it hurts most; a busy Parameter Store does the same."""
    states, arn = shop.aws("stepfunctions", shop.primary), f"{shop.machine_arn(shop.primary)}-relay"
    definition = json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])
    held = definition["States"][looked]
    definition["States"]["Hold up"] = {"Type": "Wait", "Seconds": 4, "Next": held["Next"]}
    held["Next"] = "Hold up"
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
    assert shop.run(shop.standby, "planned")["status"] == "SUCCEEDED"

    def is_held_up() -> bool:
        running = [arn for _, status, arn in shop.relayed(shop.primary) if status == "RUNNING"]
        return any("Hold up" in shop.entered(arn) for arn in running)

    assert eventually(is_held_up, PATIENCE_SECONDS)
    found = shop.run(shop.primary, "planned")
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    assert eventually(lambda: is_quiet(shop), PATIENCE_SECONDS)
    assert [shop.switch(region) for region in (shop.primary, shop.standby)] == [shop.primary] * 2
