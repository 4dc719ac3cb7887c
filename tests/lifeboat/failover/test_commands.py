"""`lifeboat failover`, `failback` and `status` as people use them, against machines that really run."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from lifeboat.cli import cli
from lifeboat.failover import follow as following
from lifeboat.failover.clients import Clients, Silence, ask_all, explain
from lifeboat.failover.order import Started
from lifeboat.failure import Failure
from tests.lifeboat.embedded.aws import eventually
from tests.lifeboat.failover.rehearsal import Rehearsal

Run = Callable[..., Result]
TIME_OUT_SECONDS = 5.0


@pytest.fixture
def run(shop: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the web shop of this test."""
    for name, value in {
        "AWS_ENDPOINT_URL": shop.aws.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)

    def invoke(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(cli, [command, "ecommerce", "--suffix", shop.system.suffix, *arguments])

    return invoke


def test_a_planned_failover_tells_its_steps_and_a_failback_comes_back(shop: Rehearsal, run: Run) -> None:
    result = run("failover", "--to", shop.standby, "--yes", "--accept-unhealthy")
    assert result.exit_code == 0, result.output
    for told in ("Fence", "Ask the writer to hand over", f"{shop.standby} is the primary after"):
        assert told in result.output
    again = run("failover", "--to", shop.standby, "--yes", "--accept-unhealthy")
    assert again.exit_code == 1
    assert f"{shop.standby} is the primary already" in again.output
    followed = run("failover", "--to", shop.standby, "--follow")
    assert (followed.exit_code, "is the primary after" in followed.output) == (0, True)
    back = run("failback", "--yes", "--accept-unhealthy")
    assert back.exit_code == 0, back.output
    assert (shop.writer(), shop.switch(shop.primary)) == (shop.primary, shop.primary)


def test_a_dry_run_lists_the_steps_of_the_mode_with_their_time_outs_and_touches_nothing(
    shop: Rehearsal, run: Run
) -> None:
    planned = run("failover", "--to", shop.standby, "--dry-run", "--accept-unhealthy")
    assert planned.exit_code == 0, planned.output
    assert "Ask the writer to hand over" in planned.output
    assert "Promote with loss of data" not in planned.output
    assert "at risk: nothing" in planned.output
    unplanned = run("failover", "--to", shop.standby, "--unplanned", "--allow-data-loss", "--dry-run")
    assert "Promote with loss of data" in unplanned.output
    assert "Ask the writer" not in unplanned.output
    assert re.search(r"at risk: what was not replicated \((unknown|\d+ s)", unplanned.output)
    states = shop.aws("stepfunctions", shop.standby)
    assert states.list_executions(stateMachineArn=shop.machine_arn(shop.standby))["executions"] == []


def test_the_last_known_lag_is_told_in_seconds_and_judged_by_the_rpo(shop: Rehearsal, run: Run) -> None:
    lag = {
        "MetricName": "AuroraGlobalDBReplicationLag",
        "Dimensions": [{"Name": "DBClusterIdentifier", "Value": shop.system.names.of("database cluster")}],
        "Value": 90_000.0,
    }
    shop.aws("cloudwatch", shop.standby).put_metric_data(Namespace="AWS/RDS", MetricData=[lag])
    result = run("failover", "--to", shop.standby, "--unplanned", "--allow-data-loss", "--yes")
    assert result.exit_code == 3
    assert "last known lag of us-west-2: 90 s of writes" in result.output
    assert "its database is 90 s behind, the RPO is 60 s" in result.output
    status = run("status", "--json")
    assert "database: us-west-2 is 90 s behind, the RPO is 60 s" in json.loads(status.output)["problems"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--to", "mars-1"), 1, "is not a region of this system (found mars-1); allowed: us-east-1, us-west-2"),
        (("--to", "us-east-1"), 1, "us-east-1 is the primary already"),
        (("--to", "us-west-2", "--unplanned"), 3, "say so with --allow-data-loss"),
        (("--to", "us-west-2", "--allow-data-loss"), 1, "a planned failover loses nothing"),
        (("--to", "us-west-2", "--accept-unhealthy"), 3, "nobody is there to type ecommerce-"),
        (("--to", "us-west-2", "--follow"), 1, "there was no failover to us-west-2 yet"),
    ],
)
def test_an_order_that_cannot_be_carried_out_says_why(
    run: Run, arguments: tuple[str, ...], code: int, told: str
) -> None:
    result = run("failover", *arguments)
    assert (result.exit_code, told in result.output) == (code, True), result.output


def test_a_planned_failover_from_a_dark_region_is_refused_and_the_flag_is_named(shop: Rehearsal, run: Run) -> None:
    shop.aws.admin("PUT", f"dark/{shop.primary}")
    result = run("failover", "--to", shop.standby, "--yes", "--accept-unhealthy")
    assert result.exit_code == 1
    assert f"`lifeboat failover --to {shop.standby} --unplanned` does without" in result.output
    assert shop.switch(shop.standby) == shop.primary


def test_a_failover_to_a_dark_region_is_refused(shop: Rehearsal, run: Run) -> None:
    shop.aws.admin("PUT", f"dark/{shop.standby}")
    result = run("failover", "--to", shop.standby, "--yes", "--unplanned", "--allow-data-loss")
    assert result.exit_code == 1
    assert f"{shop.standby} does not answer" in result.output


def test_a_missing_state_machine_is_told_with_what_to_look_at(shop: Rehearsal, run: Run) -> None:
    shop.aws("stepfunctions", shop.standby).delete_state_machine(stateMachineArn=shop.machine_arn(shop.standby))
    result = run("failover", "--to", shop.standby, "--yes", "--accept-unhealthy")
    assert result.exit_code == 1
    assert "are these the credentials of its account?" in result.output


def test_two_people_who_start_at_once_get_one_execution(shop: Rehearsal, run: Run) -> None:
    arn = shop.start(shop.standby, "planned")
    assert eventually(lambda: shop.lock(shop.standby) == arn)
    result = run("failover", "--to", shop.standby, "--yes", "--accept-unhealthy")
    assert result.exit_code == 0, result.output
    assert f"following {arn}" in result.output
    runs = shop.aws("stepfunctions", shop.standby).list_executions(stateMachineArn=shop.machine_arn(shop.standby))
    assert len(runs["executions"]) == 1


def test_a_failure_is_told_with_its_cause_and_what_now(shop: Rehearsal, run: Run) -> None:
    shop.aws("rds", shop.standby).delete_db_instance(
        DBInstanceIdentifier=shop.system.names.of("database instance", "0"), SkipFinalSnapshot=True
    )
    result = run("failover", "--to", shop.standby, "--yes", "--accept-unhealthy")
    assert result.exit_code == 1
    assert "no DB instance" in result.output
    assert "the old primary takes writes again" in result.output.replace("\n", " ").replace("  ", " ")


def test_the_status_names_the_primary_and_the_writer_of_every_region(shop: Rehearsal, run: Run) -> None:
    found = json.loads(run("status", "--json").output)
    assert found["primary"] == shop.primary
    regions = {region["name"]: region["answers"] for region in found["regions"]}
    assert regions[shop.standby]["database"]["writer"] == shop.primary
    assert regions[shop.standby]["function"] == {"state": "Active", "concurrency": 10}
    drawn = run("status").output
    assert f"open for writes: {shop.primary}" in drawn
    assert f"fenced: {shop.primary} is open" in " ".join(drawn.split())


def test_the_status_with_a_region_dark_says_what_is_missing_within_twice_its_time_out(
    shop: Rehearsal, run: Run
) -> None:
    run("status", "--json")  # imports are paid once
    shop.aws.admin("PUT", f"dark/{shop.primary}")
    began = time.monotonic()
    result = run("status", "--json")
    assert time.monotonic() - began < 2 * TIME_OUT_SECONDS
    found = json.loads(result.output)
    assert result.exit_code == 1
    assert found["problems"][0].startswith(f"{shop.primary} does not answer: ")
    assert found["regions"][0]["answers"] == {}
    assert found["regions"][1]["answers"]["switch"]["value"] == shop.primary


def test_two_regions_that_both_take_writes_are_the_first_thing_told(shop: Rehearsal, run: Run) -> None:
    name = shop.facts(shop.standby).switch
    shop.aws("ssm", shop.standby).put_parameter(Name=name, Value=shop.standby, Type="String", Overwrite=True)
    found = json.loads(run("status", "--json").output)
    assert found["problems"][0] == "SPLIT: us-east-1 and us-west-2 each take themselves for the primary"


def test_of_two_that_take_writes_the_one_of_the_newest_failover_is_the_primary(shop: Rehearsal, run: Run) -> None:
    shop.aws.admin("PUT", f"replication/{shop.primary}?paused=yes")
    shop.aws.admin("PUT", f"dark/{shop.primary}")
    try:
        assert shop.run(shop.standby, "unplanned")["status"] == "SUCCEEDED"
        shop.aws.admin("DELETE", f"dark/{shop.primary}")
        found = json.loads(run("status", "--json").output)
    finally:
        shop.aws.admin("DELETE", f"dark/{shop.primary}")
        shop.aws.admin("PUT", f"replication/{shop.primary}?paused=no")
    assert found["primary"] == shop.standby
    assert found["problems"][0].startswith("SPLIT: ")
    unheard = f"{shop.primary} has not heard yet that {shop.standby} replaced it: clients are led past it"
    assert unheard in found["problems"]


def test_who_does_not_answer_in_time_is_silent_and_nobody_waits_for_him() -> None:
    began = time.monotonic()
    heard = ask_all({"quick": lambda: 1, "slow": lambda: time.sleep(3)}, deadline_seconds=0.2)
    assert time.monotonic() - began < 2
    assert heard["quick"] == 1
    assert heard["slow"] == Silence(why="no answer within 0.2 s")


def test_following_survives_a_region_that_is_silent_for_a_while(
    shop: Rehearsal, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setattr(following, "LOST_SECONDS", 0)
    arn = shop.start(shop.standby, "planned")
    shop.aws.admin("PUT", f"dark/{shop.standby}")
    said: list[str] = []
    with pytest.raises(Failure, match="it goes on in"):
        following.follow(Clients(), Started(arn=arn, region=shop.standby), said.append)
    assert run("status", "--json").exit_code == 1


def test_errors_that_a_person_can_put_right_say_how() -> None:
    class Skewed(Exception):  # noqa: N818 stands for botocore's
        response = {"Error": {"Code": "SignatureDoesNotMatch", "Message": "Signature expired"}}  # noqa: RUF012 as botocore's

    class Denied(Exception):  # noqa: N818 as above
        response = {"Error": {"Code": "AccessDeniedException"}}  # noqa: RUF012 as above

    assert "clock" in explain(Skewed())
    assert "wrong account" in explain(Denied())
    assert explain(OSError()) == "no answer (OSError)"
