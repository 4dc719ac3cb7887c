"""Buckets: private, versioned, encrypted with the region's key, and replicated both ways within a known time."""

from __future__ import annotations

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Json, Synthesized
from tests.unit.variants import only


def rules(deployed: Synthesized) -> dict[tuple[str, str], Json]:
    """Return the replication rules by (source region, destination region)."""
    return {
        (each.region, rule["id"].removeprefix("to-")): rule
        for each in deployed.world.all("aws_s3_bucket_replication_configuration")
        for rule in each["rule"]
    }


def test_every_bucket_blocks_public_access_in_all_four_ways(either: Synthesized) -> None:
    blocks = either.all("aws_s3_bucket_public_access_block")
    assert len(blocks) == len(either.all("aws_s3_bucket"))
    for block in blocks:
        ways = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert [block[way] for way in ways] == [True] * 4, block


def test_every_bucket_keeps_versions(either: Synthesized) -> None:
    versioned = either.all("aws_s3_bucket_versioning")
    assert len(versioned) == len(either.all("aws_s3_bucket"))
    assert [each["versioning_configuration"] for each in versioned] == [{"status": "Enabled"}] * len(versioned)


def test_every_bucket_refuses_requests_without_tls(either: Synthesized) -> None:
    policies = either.all("aws_s3_bucket_policy")
    assert len(policies) == len(either.all("aws_s3_bucket"))
    for policy in policies:
        refusal = policy.statements()["TlsOnly"]
        bucket = policy.path.removesuffix("/policy") + "/bucket.arn"
        assert (refusal["Effect"], refusal["Principal"], refusal["Action"]) == ("Deny", "*", "s3:*")
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert refusal["Resource"] == [bucket, f"${{{bucket}}}/*"]


def test_objects_belong_to_the_account_and_acls_are_off(either: Synthesized) -> None:
    for each in either.all("aws_s3_bucket_ownership_controls"):
        assert each["rule"] == {"object_ownership": "BucketOwnerEnforced"}


def test_the_applications_buckets_are_encrypted_with_their_own_regions_key(either: Synthesized) -> None:
    for stack in either.regional:
        rule = only(stack.by_path("bucket-assets/encryption")["rule"])
        assert rule["apply_server_side_encryption_by_default"] == {
            "kms_master_key_id": "key/key.arn",
            "sse_algorithm": "aws:kms",
        }
        assert rule["bucket_key_enabled"] is True


def test_log_buckets_are_encrypted_with_what_load_balancers_can_deliver_to(either: Synthesized) -> None:
    for stack in either.regional:
        rule = only(stack.by_path("logs/encryption")["rule"])
        assert rule["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}


def test_log_services_deliver_for_this_account_only(either: Synthesized) -> None:
    for stack in either.regional:
        deliveries = {sid: each for sid, each in stack.by_path("logs/policy").statements().items() if sid != "TlsOnly"}
        assert set(deliveries) == {"LoadBalancerLogs", "FlowLogs", "FlowLogsCheck", "AccessLogs"}
        for statement in deliveries.values():
            assert "${account.account_id}" in str(statement) or "account.account_id" in str(statement["Condition"])


def test_replication_goes_in_every_direction(synthesized: Synthesize) -> None:
    east, west = "us-east-1", "us-west-2"
    assert set(rules(synthesized("dev"))) == {(east, west), (west, east)}
    names = ["eu-west-1", "eu-central-1", "eu-north-1"]
    assert set(rules(synthesized("three-regions"))) == {
        (one, other) for one in names for other in names if one != other
    }


def test_a_rule_reads_its_own_regions_bucket_and_writes_the_other_regions(either: Synthesized) -> None:
    for each in either.world.all("aws_s3_bucket_replication_configuration"):
        assert each["bucket"] == f"{each.region}:bucket-assets/bucket.bucket"
        other = only([plan.name for plan in either.system.regions if plan.name != each.region])
        assert only(each["rule"])["destination"]["bucket"] == f"{other}:bucket-assets/bucket.arn"


def test_rules_have_a_filter_a_priority_and_a_word_on_delete_markers(either: Synthesized) -> None:
    for rule in rules(either).values():
        assert rule["filter"] == {"prefix": ""}
        assert isinstance(rule["priority"], int)
        assert rule["delete_marker_replication"] == {"status": "Enabled"}
        assert rule["status"] == "Enabled"


def test_priorities_of_one_bucket_differ(synthesized: Synthesize) -> None:
    for each in synthesized("three-regions").world.all("aws_s3_bucket_replication_configuration"):
        assert [rule["priority"] for rule in each["rule"]] == [0, 1]


def test_changes_made_to_replicas_travel_back(either: Synthesized) -> None:
    for rule in rules(either).values():
        assert rule["source_selection_criteria"]["replica_modifications"] == {"status": "Enabled"}


def test_replicas_are_encrypted_with_the_key_of_the_region_they_lie_in(either: Synthesized) -> None:
    for (_source, destination), rule in rules(either).items():
        assert rule["source_selection_criteria"]["sse_kms_encrypted_objects"] == {"status": "Enabled"}
        assert rule["destination"]["encryption_configuration"] == {"replica_kms_key_id": f"{destination}:key/key.arn"}


def test_replication_is_timed_and_measured(either: Synthesized) -> None:
    for rule in rules(either).values():
        assert rule["destination"]["replication_time"] == {"status": "Enabled", "time": {"minutes": 15}}
        assert rule["destination"]["metrics"] == {"status": "Enabled", "event_threshold": {"minutes": 15}}


def test_rules_are_made_after_the_versioned_buckets_and_the_permissions(either: Synthesized) -> None:
    """Versioning lies in the regional stacks, which the global stack is deployed after."""
    for each in either.world.all("aws_s3_bucket_replication_configuration"):
        role = each.path.removesuffix("/rules") + "/role"
        assert sorted(each.depends_on) == [f"{role}/read-source", f"{role}/write-replicas"]


def test_failed_and_late_replications_reach_a_person(either: Synthesized) -> None:
    for stack in either.regional:
        notification = stack.the("aws_s3_bucket_notification")
        told = only(notification["topic"])
        assert told["topic_arn"] == "alarms/topic.arn"
        assert set(told["events"]) == {
            f"s3:Replication:Operation{what}" for what in ("FailedReplication", "MissedThreshold", "NotTracked")
        }
        assert notification.depends_on == ["alarms/policy"]


def test_overwritten_versions_stay_recoverable_for_as_long_as_the_file_says(dev: Synthesized) -> None:
    for stack in dev.regional:
        rule = only(stack.by_path("bucket-assets/lifecycle")["rule"])
        assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 90}]
        assert "expiration" not in rule


@pytest.mark.parametrize("name", ["backup-restore", "one-region"])
def test_nothing_is_replicated_where_only_one_region_holds_replicas(synthesized: Synthesize, name: str) -> None:
    assert synthesized(name).world.all("aws_s3_bucket_replication_configuration") == []
