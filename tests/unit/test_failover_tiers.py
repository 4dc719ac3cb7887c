"""Containers and files in a failover: what is called, with which permission, and what Terraform leaves alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deployments.failover.longest import longest_path
from deployments.failover.machine import machine
from deployments.failover.plan import OPEN, Refs, facts_of, has_failover, least_rto_seconds, slowest
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.test_failover_machine import FORBIDDEN, action, complete, states
from tests.unit.variants import only, variant

HERE, THERE = "us-west-2", "us-west-1"
CALLS = {
    "applicationautoscaling:registerScalableTarget",
    "ecs:describeServices",
    "efs:deleteReplicationConfiguration",
    "efs:describeFileSystems",
    "efs:describeReplicationConfigurations",
}
"""What the two tiers add to what a recovery may call."""


@pytest.fixture(scope="module")
def cart(synthesized: Synthesize) -> Synthesized:
    """The shop that handles card data, protected."""
    return synthesized("globecart-prod")


def definition(name: str = "globecart-dev") -> dict[str, Any]:
    chosen = variant(name)
    refs = Refs(cluster_arn="own", topic_arn="topic", scaling_arn="target", file_system_id="fs-own")
    return machine(facts_of(chosen.spec, chosen.names, HERE, refs))


def tier(start: str) -> dict[str, Any]:
    found: dict[str, Any] = only(
        [each for each in definition()["States"]["Recover"]["Branches"] if each["StartAt"] == start]
    )
    return found


def test_containers_and_files_add_the_calls_that_they_need_and_no_more() -> None:
    tasks = [state for start in ("Raise the fewest tasks", "Look at the files") for _, state in states(tier(start))]
    called = {action(state) for state in tasks if state["Type"] == "Task"}
    assert called == CALLS
    assert not [each for each in called if FORBIDDEN.search(each)]
    assert THERE not in json.dumps([tier("Raise the fewest tasks"), tier("Look at the files")])
    complete(definition())


def test_the_fewest_tasks_become_those_of_a_primary_and_are_waited_for() -> None:
    found = dict(states(tier("Raise the fewest tasks")))
    assert found["Raise the fewest tasks"]["Parameters"] == {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/globecart-dev/globecart-dev",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 4,
    }
    assert found["Raise the fewest tasks"]["Next"] == "Wait for the tasks"
    assert found["Are they enough"]["Choices"] == [
        {"Variable": "$.tasks.running", "NumericGreaterThanEquals": 4, "Next": "They are enough"}
    ]
    assert found["Are they enough"]["Default"] == "They are not enough yet"


def test_files_are_written_only_after_replication_overwrites_them_no_more() -> None:
    found = dict(states(tier("Look at the files")))
    overwritten = {"Variable": "$.files.protection", "StringEquals": "REPLICATING"}
    assert found["Are they a replica"]["Choices"] == [{**overwritten, "Next": "Find their source"}]
    assert found["Can they be written"]["Choices"] == [{**overwritten, "Next": "They cannot be written yet"}]
    leading = [name for name, state in found.items() if state.get("Next") == "The files are written here"]
    assert leading == ["Wait for the files"]
    assert found["Are they a replica"]["Default"] == "The files are written here"


def test_a_replication_ends_on_one_side_alone_only_when_the_other_region_is_not_there() -> None:
    found = dict(states(tier("Look at the files")))
    local = [name for name, s in found.items() if s.get("Parameters", {}).get("DeletionMode")]
    assert local == ["End it on this side"]
    assert found["Why is it there"]["Choices"] == [
        {"Variable": "$.replication.status", "StringEquals": "DELETING", "Next": "Wait for the files"},
        {"Variable": "$.mode", "StringEquals": "unplanned", "Next": "End it on this side"},
    ]
    assert found["Why is it there"]["Default"] == "The replication did not end"
    # The error that is told is that of the call, not that of the look after it.
    assert found["The replication did not end, for a reason"]["ErrorPath"] == "$.error.Error"
    assert found["Is it there still"]["Catch"][0]["ResultPath"] is None


def test_a_failover_of_containers_and_files_fits_into_the_rto() -> None:
    for name in ("globecart-dev", "globecart-prod"):
        spec = variant(name).spec
        assert least_rto_seconds(spec) <= spec.objectives.rto_seconds == 900
    recover = longest_path(definition(), OPEN)
    assert recover == slowest(variant("globecart-dev").spec)
    assert "Recover" in recover.states


def test_containers_or_files_alone_are_enough_for_a_failover() -> None:
    spec = variant("globecart-dev").spec
    nothing = {"database": None, "rotation": None, "cache": None}
    for left_out in ("container", "file_system"):
        assert has_failover(spec.model_copy(update={**nothing, left_out: None}))
    assert not has_failover(spec.model_copy(update={**nothing, "container": None, "file_system": None}))


def test_the_role_scales_its_own_service_and_reads_its_own_files(cart: Synthesized) -> None:
    for stack in cart.regional:
        scale = stack.by_path("failover/failover-role/scale-containers").statements()
        assert scale["Scale"]["Action"] == "application-autoscaling:RegisterScalableTarget"
        assert scale["Scale"]["Resource"] == "container/scaling.arn"
        assert scale["Start"]["Resource"].endswith(f":service/{cart.system.names.prefix}/{cart.system.names.prefix}")
        files = stack.by_path("failover/failover-role/end-replication").statements()
        assert files["Look"]["Resource"].endswith(":file-system/${file-system/file-system.id}")
        assert files["End"]["Action"] == "elasticfilesystem:DeleteReplicationConfiguration"


def test_terraform_leaves_the_fewest_tasks_of_a_standby_to_the_failover(cart: Synthesized) -> None:
    assert cart.standby.the("aws_appautoscaling_target")["lifecycle"] == {"ignore_changes": ["min_capacity"]}
    assert "lifecycle" not in cart.primary.the("aws_appautoscaling_target").raw


def test_no_plan_replicates_into_the_region_that_takes_writes_or_into_protected_files(cart: Synthesized) -> None:
    for id_, source, target in (("replication", THERE, HERE), ("failback", HERE, THERE)):
        replication = cart.world.by_path(f"file-system/{id_}")
        assert replication.region == source
        assert only([replication["destination"]])["region"] == target
        assert replication["count"] == (
            f'file-system/{id_}-switch.insecure_value != "{target}"'
            f' && file-system/{id_}-target.protection[0].replication_overwrite != "ENABLED" ? 1 : 0'
        )
        switch = cart.world.by_path(f"file-system/{id_}-switch")
        assert (switch["name"], switch.region) == (cart.system.names.path("active-region"), target)
        assert cart.world.by_path(f"file-system/{id_}-target").region == target
