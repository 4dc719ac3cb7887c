"""The state machines do what a failover must, on the embedded AWS: planned, unplanned, twice, broken, and back."""

from __future__ import annotations

import json
import time

from deployments.failover.fence import UNPLANNED_CONFIRM_SECONDS
from tests.lifeboat.embedded.aws import eventually
from tests.lifeboat.failover.conftest import Deploy
from tests.lifeboat.failover.rehearsal import Rehearsal


def test_a_planned_failover_moves_everything_and_every_region_knows(shop: Rehearsal) -> None:
    found = shop.run(shop.standby, "planned")
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    assert (shop.writer(), shop.concurrency(shop.standby)) == (shop.standby, 50)
    assert eventually(lambda: shop.switch(shop.primary) == shop.standby)
    assert (shop.switch(shop.standby), shop.lock(shop.standby)) == (shop.standby, None)
    assert shop.unaware(shop.standby) == "none"
    fence = json.loads(found["output"])["fence"]
    assert fence == [{"region": shop.standby, "closed": True}, {"region": shop.primary, "closed": True}]


def test_nothing_is_promoted_before_the_old_primary_is_closed(shop: Rehearsal) -> None:
    arn = shop.start(shop.standby, "planned")
    shop.ended(arn)
    order = shop.entered(arn)
    steps = [
        "Close this region",
        f"{shop.primary} is closed",
        "Let the last writes end",
        "Ask the writer to hand over",
        "The database writes here",
        "Open writes",
        "Notify",
    ]
    assert [order.index(step) for step in steps] == sorted(order.index(step) for step in steps)


def test_an_unplanned_failover_needs_nothing_of_the_dark_region(shop: Rehearsal) -> None:
    shop.aws.admin("PUT", f"dark/{shop.primary}")
    before = len(shop.aws.admin("GET", "dark/calls"))
    found = shop.run(shop.standby, "unplanned")
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    assert shop.aws.admin("GET", "dark/calls")[before:] == []
    assert (shop.writer(), shop.switch(shop.standby)) == (shop.standby, shop.standby)
    fence = json.loads(found["output"])["fence"]
    assert [(each["region"], each["closed"]) for each in fence] == [(shop.standby, True), (shop.primary, False)]
    assert shop.unaware(shop.standby) == shop.primary
    shop.aws.admin("DELETE", f"dark/{shop.primary}")
    # What it was told while it was dark arrives now, and it never was open again in between.
    assert eventually(lambda: shop.switch(shop.primary) == shop.standby, 40)
    assert eventually(lambda: shop.unaware(shop.standby) == "none", 40)


def test_a_failover_takes_less_than_ten_seconds_of_its_own(shop: Rehearsal) -> None:
    shop.aws.admin("PUT", f"dark/{shop.primary}")
    began = time.monotonic()
    assert shop.run(shop.standby, "unplanned")["status"] == "SUCCEEDED"
    waited = UNPLANNED_CONFIRM_SECONDS  # for a region that says nothing
    assert time.monotonic() - began - waited < 10


def test_failback_is_the_same_path(shop: Rehearsal) -> None:
    assert shop.run(shop.standby, "planned")["status"] == "SUCCEEDED"
    assert shop.run(shop.primary, "planned")["status"] == "SUCCEEDED"
    assert (shop.writer(), shop.switch(shop.primary)) == (shop.primary, shop.primary)
    assert eventually(lambda: shop.switch(shop.standby) == shop.primary)


def test_a_second_failover_at_the_same_time_is_refused_and_changes_nothing(shop: Rehearsal) -> None:
    first = shop.start(shop.standby, "planned")
    assert eventually(lambda: shop.lock(shop.standby) == first)
    second = shop.run(shop.standby, "unplanned")
    assert (second["status"], second["error"]) == ("FAILED", "AnotherFailoverRuns")
    assert shop.lock(shop.standby) == first
    assert shop.ended(first)["status"] == "SUCCEEDED"


def test_starting_again_after_success_does_nothing(shop: Rehearsal) -> None:
    shop.run(shop.standby, "planned")
    again = shop.start(shop.standby, "planned")
    assert shop.ended(again)["status"] == "SUCCEEDED"
    assert not {"Fence", "Recover", "Open writes"} & set(shop.entered(again))


def test_a_lock_left_by_an_execution_that_was_stopped_is_taken_over(shop: Rehearsal) -> None:
    arn = shop.start(shop.standby, "planned")
    assert eventually(lambda: shop.lock(shop.standby) == arn)
    shop.aws("stepfunctions", shop.standby).stop_execution(executionArn=arn)
    shop.ended(arn)
    assert shop.lock(shop.standby) == arn
    assert shop.run(shop.standby, "planned")["status"] == "SUCCEEDED"
    assert shop.lock(shop.standby) is None


def test_a_planned_failover_that_cannot_move_the_database_gives_writes_back(shop: Rehearsal) -> None:
    shop.aws("rds", shop.standby).delete_db_instance(
        DBInstanceIdentifier=shop.system.names.of("database instance", "0"), SkipFinalSnapshot=True
    )
    found = shop.run(shop.standby, "planned")
    assert found["status"] == "FAILED"
    assert "no DB instance" in found["cause"]
    assert shop.writer() == shop.primary
    assert eventually(lambda: shop.switch(shop.primary) == shop.primary)
    assert (shop.switch(shop.standby), shop.lock(shop.standby)) == (shop.primary, None)


def test_a_failover_goes_on_from_a_step_that_failed(shop: Rehearsal) -> None:
    shop.aws.admin("PUT", f"dark/{shop.primary}")
    name = shop.facts(shop.standby).function
    assert name
    lambda_ = shop.aws("lambda", shop.standby)
    lambda_.delete_function(FunctionName=name.name)
    assert shop.run(shop.standby, "unplanned")["status"] == "FAILED"
    assert (shop.switch(shop.standby), shop.lock(shop.standby)) == ("none", None)  # closed, and free to go on
    shop.make_function(shop.standby, 10)  # the fault is removed
    again = shop.start(shop.standby, "unplanned")
    assert shop.ended(again)["status"] == "SUCCEEDED"
    assert (shop.writer(), shop.concurrency(shop.standby)) == (shop.standby, 50)


def test_losing_data_must_be_asked_for(shop: Rehearsal) -> None:
    found = shop.run(shop.standby, "unplanned", allow_data_loss=False)
    assert (found["status"], found["error"]) == ("FAILED", "DataLossNotAllowed")
    assert (shop.switch(shop.primary), shop.writer()) == (shop.primary, shop.primary)


def test_an_order_that_makes_no_sense_is_refused_before_anything_is_touched(shop: Rehearsal) -> None:
    found = shop.run(shop.standby, "perhaps")
    assert (found["status"], found["error"]) == ("FAILED", "BadOrder")
    assert shop.switch(shop.standby) == shop.primary


def test_a_pilot_light_gets_its_first_instance(deploy: Deploy) -> None:
    app = deploy("multi_region")
    found = app.run(app.standby, "planned")
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    assert (app.writer(), app.concurrency(app.standby)) == (app.standby, 50)
    assert app.facts(app.standby).database
    instances = app.aws("rds", app.standby).describe_db_instances()["DBInstances"]
    mine = [each for each in instances if each["DBClusterIdentifier"] == app.system.names.of("database cluster")]
    assert [each["DBInstanceIdentifier"] for each in mine] == [app.system.names.of("database instance", "0")]
    assert mine[0]["DBInstanceClass"] == "db.r6g.large"


def test_a_message_of_an_older_failover_is_void(shop: Rehearsal) -> None:
    shop.run(shop.standby, "planned")
    facts = shop.facts(shop.standby)
    late = {
        "to": shop.primary,
        "from": shop.standby,
        "action": "close",
        "active": "none",
        "epoch": "2020-01-01T00:00:00.000Z/1",
    }
    assert eventually(lambda: shop.switch(shop.primary) == shop.standby)
    entry = {"EventBusName": facts.bus, "Source": "lifeboat.failover", "DetailType": "Failover message"}
    shop.aws("events", shop.standby).put_events(Entries=[{**entry, "Detail": json.dumps(late)}])
    relay = shop.machine_arn(shop.primary).replace("-failover", "-failover-relay")
    states = shop.aws("stepfunctions", shop.primary)

    def heard() -> bool:
        runs = states.list_executions(stateMachineArn=relay)["executions"]
        inputs = [states.describe_execution(executionArn=each["executionArn"]) for each in runs]
        return any("2020-01-01" in each["input"] and each["status"] == "SUCCEEDED" for each in inputs)

    assert eventually(heard)
    assert shop.switch(shop.primary) == shop.standby
