"""Aurora Global Database: its life in two regions, from the first cluster to the failover and back."""

from __future__ import annotations

from tests.lifeboat.embedded.answers import answered, refusal
from tests.lifeboat.embedded.aurora import (
    EAST,
    ENGINE,
    USER,
    WEST,
    Described,
    Global,
    cluster,
    new_cluster,
    new_instance,
)
from tests.lifeboat.embedded.aws import Aws, promises


def check_a_global_cluster_is_described_by_its_name(aws: Aws) -> None:
    tags = [{"Key": "System", "Value": "shop"}]
    database = Global.new(aws, Tags=tags)
    Global.new(aws)
    for region in (EAST, WEST):
        described = database.describe(region)
        assert described["GlobalClusterIdentifier"] == database.name
        assert (described["DatabaseName"], described["TagList"]) == ("shop", tags)
    unknown = refusal(lambda: aws("rds").describe_global_clusters(GlobalClusterIdentifier="unknown"))
    assert "GlobalClusterNotFoundFault" in unknown


def check_a_global_cluster_is_modified(aws: Aws) -> None:
    database = Global.new(aws)
    changes = {"DeletionProtection": True, "EngineVersion": "16.9"}
    database.rds(WEST).modify_global_cluster(GlobalClusterIdentifier=database.name, **changes)
    assert database.describe()["DeletionProtection"] is True
    assert cluster(aws, database.secondary, WEST)["EngineVersion"] == "16.9"


def check_a_protected_global_cluster_stays(aws: Aws) -> None:
    rds, name = aws("rds"), aws.name("protected")
    rds.create_global_cluster(GlobalClusterIdentifier=name, Engine=ENGINE, DeletionProtection=True)
    refused = refusal(lambda: rds.delete_global_cluster(GlobalClusterIdentifier=name))
    assert "Cannot delete protected Global Cluster" in refused


def check_tags_of_a_global_cluster(aws: Aws) -> None:
    database = Global.new(aws)
    arn = database.describe()["GlobalClusterArn"]
    database.rds(WEST).add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert database.rds(EAST).list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "a", "Value": "1"}]


def instance_writers(aws: Aws, name: str, region: str) -> list[bool]:
    return [member["IsClusterWriter"] for member in cluster(aws, name, region)["DBClusterMembers"]]


def check_only_the_primary_has_a_writer(aws: Aws) -> None:
    database = Global.new(aws)
    new_instance(aws, database.secondary, WEST)
    assert instance_writers(aws, database.primary, EAST) == [True]
    assert instance_writers(aws, database.secondary, WEST) == [False, False]


def check_a_secondary_inherits(aws: Aws) -> None:
    database = Global.new(aws)
    secondary = cluster(aws, database.secondary, WEST)
    assert (secondary["MasterUsername"], secondary["DatabaseName"]) == ("shop_admin", "shop")
    assert secondary["ReplicationSourceIdentifier"] == database.arn(EAST)
    assert cluster(aws, database.primary)["ReadReplicaIdentifiers"] == [database.arn(WEST)]
    joined = {"GlobalClusterIdentifier": database.name}
    assert "Cannot specify user name" in refusal(lambda: new_cluster(aws, WEST, **joined, MasterUsername="u"))


def check_members_leave_from_any_region(aws: Aws) -> None:
    database = Global.new(aws, headless=True)
    west = database.rds(WEST)
    gone = {"DBClusterIdentifier": database.secondary, "SkipFinalSnapshot": True}
    assert "part of a global cluster" in refusal(lambda: west.delete_db_cluster(**gone))
    assert "primary cluster" in refusal(lambda: database.remove(database.arn(EAST), EAST))
    database.remove(database.arn(WEST), WEST)
    west.delete_db_cluster(**gone)
    members = database.describe()["GlobalClusterMembers"]
    assert [member["DBClusterArn"] for member in members] == [database.arn(EAST)]


def check_the_writer_moves_and_comes_back(aws: Aws) -> None:
    database = Global.new(aws)
    endpoint = database.describe()["Endpoint"]
    answer = database.move("failover_global_cluster", WEST, WEST, AllowDataLoss=True)
    assert answer["Status"] == "failing-over"
    assert answer["FailoverState"]["ToDbClusterArn"] == database.arn(WEST)
    assert database.writers() == [database.arn(WEST)]
    assert (instance_writers(aws, database.primary, EAST), instance_writers(aws, database.secondary, WEST)) == (
        [False],
        [True],
    )
    assert cluster(aws, database.primary)["ReplicationSourceIdentifier"] == database.arn(WEST)
    database.move("switchover_global_cluster", EAST, EAST)
    assert database.writers() == [database.arn(EAST)]
    assert (database.describe()["Status"], database.describe()["Endpoint"]) == ("available", endpoint)


CHECKS = {
    "rds.global_describe": check_a_global_cluster_is_described_by_its_name,
    "rds.global_modify": check_a_global_cluster_is_modified,
    "rds.global_deletion_protection": check_a_protected_global_cluster_stays,
    "rds.global_tags": check_tags_of_a_global_cluster,
    "rds.global_members": check_only_the_primary_has_a_writer,
    "rds.global_join": check_a_secondary_inherits,
    "rds.global_leave": check_members_leave_from_any_region,
    "rds.global_failover": check_the_writer_moves_and_comes_back,
}
test_embedded_aws_does, test_plain_moto_does_not = promises({name: answered(check) for name, check in CHECKS.items()})


def test_who_left_is_not_found_in_the_global_cluster(embedded_aws: Aws) -> None:
    database = Global.new(embedded_aws, headless=True)
    database.remove(database.arn(WEST), WEST)
    again = refusal(lambda: database.remove(database.arn(WEST), EAST))
    assert "InvalidParameterValue" in again
    assert f"is not found in global cluster {database.name}" in again


def test_a_headless_secondary_cannot_take_over(embedded_aws: Aws) -> None:
    database = Global.new(embedded_aws, headless=True)
    refused = refusal(lambda: database.move("failover_global_cluster", WEST, WEST, AllowDataLoss=True))
    assert "no DB instance to take over" in refused
    assert database.writers() == [database.arn(EAST)]


def test_data_loss_and_switchover_exclude_each_other(embedded_aws: Aws) -> None:
    database = Global.new(embedded_aws)
    both = {"AllowDataLoss": True, "Switchover": True}
    assert "cannot be specified together" in refusal(
        lambda: database.move("failover_global_cluster", WEST, WEST, **both)
    )


def test_an_encrypted_global_database_needs_a_key_in_every_region(embedded_aws: Aws) -> None:
    name = embedded_aws.name("encrypted")
    embedded_aws("rds").create_global_cluster(GlobalClusterIdentifier=name, Engine=ENGINE, StorageEncrypted=True)
    joined: Described = {"GlobalClusterIdentifier": name, "StorageEncrypted": True}
    new_cluster(embedded_aws, **joined, **USER)
    assert "KmsKeyId should be explicitly specified" in refusal(lambda: new_cluster(embedded_aws, WEST, **joined))


def test_a_global_database_grows_around_a_cluster_of_any_region(embedded_aws: Aws) -> None:
    existing = new_cluster(embedded_aws, WEST, DatabaseName="shop", **USER)
    arn = cluster(embedded_aws, existing, WEST)["DBClusterArn"]
    name = embedded_aws.name("around")
    rds = embedded_aws("rds", WEST)
    made = rds.create_global_cluster(GlobalClusterIdentifier=name, SourceDBClusterIdentifier=arn)["GlobalCluster"]
    assert [(one["DBClusterArn"], one["IsWriter"]) for one in made["GlobalClusterMembers"]] == [(arn, True)]
    assert made["DatabaseName"] == "shop"
