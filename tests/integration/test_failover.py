"""The failover: there in every region beforehand, and on the embedded AWS really run, there and back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from deployments.failover.links import HUBS
from tests.integration.orders import place
from tests.integration.system import Region, System
from tests.integration.test_dark_region import plan, stacks

__all__ = ["stacks"]  # the fixture

PATIENCE_SECONDS = 120
NO_CHANGES = 0


def test_every_region_has_a_failover_to_itself_ready(region: Region) -> None:
    found = region.aws.states.describe_state_machine(stateMachineArn=region.text("failover_state_machine_arn"))
    assert (found["status"], found["type"]) == ("ACTIVE", "STANDARD")
    assert json.loads(found["definition"])["Comment"].startswith(f"Make {region} the primary")
    assert found["loggingConfiguration"]["level"] == "ALL"
    assert found["tracingConfiguration"]["enabled"] is True


def test_every_region_passes_messages_on_to_the_two_hubs_and_they_to_everybody(system: System, region: Region) -> None:
    events, bus = region.aws.events, region.text("failover_bus_name")
    rules = events.list_rules(EventBusName=bus)["Rules"]
    reached = {
        target["Arn"]
        for rule in rules
        for target in events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
    }
    account = region.text("failover_relay_arn").split(":")[4]
    others, hubs = system.others(region), system.regions[:HUBS]
    linked = others if region in hubs else hubs
    buses = {f"arn:aws:events:{other}:{account}:event-bus/{bus}" for other in linked}
    assert reached == {region.text("failover_relay_arn"), *buses}


@pytest.mark.writes
def test_a_planned_failover_moves_writes_and_no_plan_moves_them_back(system: System, stacks: Path) -> None:
    if system.target.name == "aws":
        pytest.skip("--target aws: a real system is failed over by a drill, not by a test")
    old, new = system.primary, system.standbys[0]
    with failed_over(old, new):
        assert system.eventually(lambda: old.parameter("active-region") == new.name, what="the old primary follows")
        assert new.parameter("active-region") == new.name
        if "target_group_arn" in new.outputs:
            refused, taken = place(old, key=f"failover-{uuid4()}"), place(new, key=f"failover-{uuid4()}")
            assert (refused.status, refused.document["error"]["code"]) == (503, "FENCED")
            assert taken.status == 201
        for stack in system.stacks:
            planned = plan(stacks / stack.stack)
            assert planned.returncode == NO_CHANGES, planned.stdout[-3000:] + planned.stderr[-3000:]
    assert system.eventually(lambda: new.parameter("active-region") == old.name, what="the standby follows")
    assert old.parameter("active-region") == old.name


@contextmanager
def failed_over(old: Region, new: Region) -> Iterator[None]:
    """Fail over, and back again with the standby as small as it was."""
    before = instances(new)
    run(new)
    try:
        yield
    finally:
        run(old)
        replicate_files(old, new)
        for made in instances(new) - before:  # by the failover, for a headless standby; Terraform does not know them
            new.aws.rds.delete_db_instance(DBInstanceIdentifier=made, SkipFinalSnapshot=True)
        if "function_name" in new.outputs:
            new.aws.functions.put_function_concurrency(
                FunctionName=new.text("function_name"),
                ReservedConcurrentExecutions=int(str(new.outputs.value("reserved_concurrency"))),
            )


def replicate_files(old: Region, new: Region) -> None:
    """Replicate files from the primary again: a failover ended that, and only people may have them overwritten."""
    if "file_system_id" not in new.outputs:
        return
    source, target = old.text("file_system_id"), new.text("file_system_id")
    new.aws.efs.update_file_system_protection(FileSystemId=target, ReplicationOverwriteProtection="DISABLED")
    old.aws.efs.create_replication_configuration(
        SourceFileSystemId=source, Destinations=[{"FileSystemId": target, "Region": new.name}]
    )


def instances(region: Region) -> set[str]:
    """Return the instances of a region's database."""
    if "database_cluster_identifier" not in region.outputs:
        return set()
    cluster = region.text("database_cluster_identifier")
    (found,) = region.aws.rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"]
    return {member["DBInstanceIdentifier"] for member in found["DBClusterMembers"]}


def run(region: Region) -> None:
    """Make a region the primary, as planned."""
    states = region.aws.states
    arn = states.start_execution(
        stateMachineArn=region.text("failover_state_machine_arn"),
        name=f"test-{uuid4()}",
        input=json.dumps({"mode": "planned", "allow_data_loss": False}),
    )["executionArn"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, f"{arn} still runs"
        time.sleep(0.5)
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
