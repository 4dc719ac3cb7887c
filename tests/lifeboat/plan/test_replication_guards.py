from __future__ import annotations

from typing import Any

import pytest

from tests.lifeboat.plan.plans import DESTROY, REPLACE, UPDATE, alone, entry, rules

MEMBERS = {
    "aws_rds_cluster": ("global_cluster_identifier", "shop"),
    "aws_docdb_cluster": ("global_cluster_identifier", "shop"),
    "aws_neptune_cluster": ("global_cluster_identifier", "shop"),
    "aws_elasticache_replication_group": ("global_replication_group_id", "shop"),
}


@pytest.mark.parametrize("after", [None, "", "another"])
@pytest.mark.parametrize("type_", sorted(MEMBERS))
def test_no_member_leaves_its_global_database(type_: str, after: str | None) -> None:
    argument, name = MEMBERS[type_]
    assert rules(alone(entry(f"{type_}.x", UPDATE, {argument: name}, {argument: after}))) == [
        ("global-database-detach", f"{type_}.x")
    ]
    assert alone(entry(f"{type_}.x", UPDATE, {argument: name, "a": 1}, {argument: name, "a": 2})).guarded == ()
    assert alone(entry(f"{type_}.x", UPDATE, {argument: None}, {argument: "new"})).guarded == ()


def test_a_member_whose_global_database_is_known_only_later_leaves_it() -> None:
    found = alone(
        entry(
            "aws_rds_cluster.x",
            UPDATE,
            {"global_cluster_identifier": "shop"},
            {},
            after_unknown={"global_cluster_identifier": True},
        )
    )
    assert rules(found) == [("global-database-detach", "aws_rds_cluster.x")]


def test_a_member_that_is_destroyed_leaves_its_global_database() -> None:
    found = alone(entry("aws_rds_cluster.x", DESTROY, {"global_cluster_identifier": "shop"}))
    assert set(rules(found)) == {("data-loss", "aws_rds_cluster.x"), ("global-database-detach", "aws_rds_cluster.x")}


def test_no_global_database_is_destroyed_under_its_members() -> None:
    assert ("global-database-detach", "aws_rds_global_cluster.x") in rules(
        alone(entry("aws_rds_global_cluster.x", DESTROY, {"id": "shop"}))
    )


RULE = {"id": "all", "status": "Enabled"}
STOPS: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "a region of a global table": (
        "aws_dynamodb_table",
        {"replica": [{"region_name": "us-west-2"}, {"region_name": "eu-west-1"}]},
        {"replica": [{"region_name": "eu-west-1"}]},
        "replica us-west-2 would go",
    ),
    "a replication rule": (
        "aws_s3_bucket_replication_configuration",
        {"rule": [RULE]},
        {"rule": []},
        "rule all would go",
    ),
    "a replication rule that is disabled": (
        "aws_s3_bucket_replication_configuration",
        {"rule": [RULE]},
        {"rule": [RULE | {"status": "Disabled"}]},
        "rule all would be disabled",
    ),
    "a replica of a secret": (
        "aws_secretsmanager_secret",
        {"replica": [{"region": "us-west-2"}]},
        {"replica": []},
        "replica us-west-2 would go",
    ),
    "a read replica that is promoted": (
        "aws_db_instance",
        {"replicate_source_db": "main"},
        {"replicate_source_db": ""},
        "replicate_source_db main would go: it would be promoted and follow no more",
    ),
    "copies of backups": (
        "aws_backup_plan",
        {"rule": [{"rule_name": "daily", "copy_action": [{"destination_vault_arn": "arn:vault"}]}]},
        {"rule": [{"rule_name": "daily", "copy_action": []}]},
        "daily would no longer be copied to arn:vault",
    ),
    "versioning, without which nothing is replicated": (
        "aws_s3_bucket_versioning",
        {"versioning_configuration": [{"status": "Enabled"}]},
        {"versioning_configuration": [{"status": "Suspended"}]},
        "versioning would be Suspended, and replication needs it",
    ),
    "the replication of images": (
        "aws_ecr_replication_configuration",
        {"replication_configuration": [{"rule": []}]},
        {"replication_configuration": []},
        "1 of 1 replication_configurations would go",
    ),
}


@pytest.mark.parametrize("case", STOPS)
def test_no_replication_stops(case: str) -> None:
    type_, before, after, evidence = STOPS[case]
    found = alone(entry(f"{type_}.x", UPDATE, before, after))
    assert rules(found) == [("replication-stop", f"{type_}.x")]
    assert found.guarded[0].evidence == evidence
    assert alone(entry(f"{type_}.x", UPDATE, after, before)).guarded == ()  # the other way round it begins


def test_what_is_not_known_yet_does_not_count_as_gone() -> None:
    found = alone(
        entry(
            "aws_dynamodb_table.x",
            UPDATE,
            {"replica": [{"region_name": "us-west-2"}]},
            {},
            after_unknown={"replica": True},
        )
    )
    assert found.guarded == ()


@pytest.mark.parametrize("type_", ["aws_dynamodb_table_replica", "aws_s3_bucket_replication_configuration"])
def test_a_replication_that_is_a_resource_is_not_destroyed(type_: str) -> None:
    assert rules(alone(entry(f"{type_}.x", DESTROY, {"id": "x"}))) == [("replication-stop", f"{type_}.x")]


def test_replicas_go_with_what_they_replicate() -> None:
    table = {"name": "orders", "replica": [{"region_name": "us-west-2"}]}
    found = alone(entry("aws_dynamodb_table.x", REPLACE, table, table))
    assert set(rules(found)) == {("data-loss", "aws_dynamodb_table.x"), ("replication-stop", "aws_dynamodb_table.x")}
    assert "its replicas in us-west-2 would go with it" in [finding.evidence for finding in found.guarded]
    alone_there = alone(entry("aws_dynamodb_table.x", REPLACE, {"replica": []}, {"replica": []}))
    assert rules(alone_there) == [("data-loss", "aws_dynamodb_table.x")]
