"""The database: one writer, standbys that follow it, and nobody reaches it who is not named.

Nothing here connects to it: it is private, and these tests run outside. They ask about what guards it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.dashboard import promises
from tests.integration.system import ALL_REGIONS, Region, System, region_of

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBClusterTypeDef, DBInstanceTypeDef, GlobalClusterTypeDef

PORT = 5432


def global_cluster(system: System) -> GlobalClusterTypeDef:
    identifier = system.primary.text("global_cluster_identifier")
    answer = system.primary.aws.rds.describe_global_clusters(GlobalClusterIdentifier=identifier)
    (found,) = answer["GlobalClusters"]
    return found


def cluster(region: Region) -> DBClusterTypeDef:
    identifier = region.text("database_cluster_identifier")
    (found,) = region.aws.rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    return found


def instances(region: Region) -> list[DBInstanceTypeDef]:
    """Return a member's instances; a headless standby has none."""
    identifier = region.text("database_cluster_identifier")
    answer = region.aws.rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [identifier]}])
    return answer["DBInstances"]


def own_parameters(region: Region) -> dict[str, str]:
    """Return the parameters that were set, not those that Aurora ships with."""
    group = cluster(region)["DBClusterParameterGroup"]
    pages = region.aws.rds.get_paginator("describe_db_cluster_parameters").paginate(
        DBClusterParameterGroupName=group, Source="user"
    )
    return {one["ParameterName"]: one["ParameterValue"] for page in pages for one in page["Parameters"]}


def test_every_region_is_a_member_of_the_global_database(system: System) -> None:
    members = {region_of(member["DBClusterArn"]) for member in global_cluster(system)["GlobalClusterMembers"]}
    assert members == {region.name for region in system.regions if "database_cluster_identifier" in region.outputs}


def test_the_members_are_the_clusters_of_the_outputs(system: System) -> None:
    members = {member["DBClusterArn"] for member in global_cluster(system)["GlobalClusterMembers"]}
    with_database = [region for region in system.regions if "database_cluster_identifier" in region.outputs]
    assert members == {cluster(region)["DBClusterArn"] for region in with_database}


def test_the_global_database_is_available_and_encrypted(system: System) -> None:
    found = global_cluster(system)
    assert (found["Status"], found["Engine"], found["StorageEncrypted"]) == ("available", "aurora-postgresql", True)


def test_there_is_one_writer_and_it_is_where_orders_are_accepted(system: System) -> None:
    writers = [member for member in global_cluster(system)["GlobalClusterMembers"] if member["IsWriter"]]
    accepted = system.primary.parameter("active-region")
    expected = system.primary.name if accepted == ALL_REGIONS else accepted
    assert [region_of(writer["DBClusterArn"]) for writer in writers] == [expected]


def test_every_standby_follows_the_writer_and_cannot_write(system: System) -> None:
    members = {region_of(one["DBClusterArn"]): one for one in global_cluster(system)["GlobalClusterMembers"]}
    for standby in system.others(system.active):
        found = cluster(standby)
        assert members[standby.name]["IsWriter"] is False
        assert members[standby.name].get("SynchronizationStatus", "connected") == "connected"
        assert [one for one in found["DBClusterMembers"] if one["IsClusterWriter"]] == []
        assert found.get("GlobalWriteForwardingRequested", False) is False


def test_the_writer_has_exactly_one_instance_that_writes(system: System) -> None:
    global_cluster(system)
    members = cluster(system.active)["DBClusterMembers"]
    assert [one["IsClusterWriter"] for one in members].count(True) == 1


def test_the_writers_region_can_lose_a_zone(system: System) -> None:
    global_cluster(system)
    assert len(instances(system.active)) >= 2


def test_the_application_is_given_the_name_that_follows_the_writer(system: System, region: Region) -> None:
    name = system.primary.text("global_writer_endpoint")
    assert name == global_cluster(system)["Endpoint"]
    assert region.parameter("database/writer-endpoint") == name


def test_the_endpoints_of_the_outputs_are_the_members_own(region: Region) -> None:
    found = cluster(region)
    assert (found["Endpoint"], found["ReaderEndpoint"]) == (
        region.text("database_endpoint"),
        region.text("database_reader_endpoint"),
    )


def test_every_member_is_encrypted_with_its_regions_own_key(region: Region) -> None:
    found = cluster(region)
    assert (found["StorageEncrypted"], found["KmsKeyId"]) == (True, region.text("key_arn"))


def test_every_member_runs_the_same_engine_as_the_global_database(system: System, region: Region) -> None:
    whole, found = global_cluster(system), cluster(region)
    assert (found["Engine"], found["EngineVersion"]) == (whole["Engine"], whole["EngineVersion"])
    assert found["Status"] == "available"


def test_every_member_refuses_connections_without_tls(region: Region) -> None:
    assert own_parameters(region)["rds.force_ssl"] == "1"


def test_the_writer_stops_before_more_than_the_recovery_point_objective_is_at_risk(
    system: System, region: Region
) -> None:
    milliseconds = int(own_parameters(region)["rds.global_db_rpo"]) * 1000
    assert milliseconds == promises(system)["AWS/RDS", "AuroraGlobalDBReplicationLag"]


def test_a_promoted_standby_behaves_like_the_writer_it_replaces(system: System) -> None:
    expected = own_parameters(system.primary)
    assert {standby.name: own_parameters(standby) for standby in system.standbys} == {
        standby.name: expected for standby in system.standbys
    }


def test_every_member_keeps_backups_for_a_week_or_more(region: Region) -> None:
    assert cluster(region)["BackupRetentionPeriod"] >= 7


def test_every_member_exports_its_log_and_accepts_iam_identities(region: Region) -> None:
    found = cluster(region)
    assert found["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert found["IAMDatabaseAuthenticationEnabled"] is True


def test_every_instance_is_private_observed_and_encrypted(system: System, region: Region) -> None:
    found = instances(region)
    if not found and region is not system.active:
        pytest.skip(f"output database_cluster_identifier of {region} names a headless member: it has no instances")
    assert found
    for instance in found:
        name = instance["DBInstanceIdentifier"]
        assert instance["DBInstanceStatus"] == "available", name
        assert instance["PubliclyAccessible"] is False, name
        assert instance["MonitoringInterval"] == 60, name
        assert instance["PerformanceInsightsEnabled"] is True, name
        assert instance["PerformanceInsightsKMSKeyId"] == region.text("key_arn"), name


def test_every_member_lies_in_the_data_subnets(region: Region) -> None:
    name = cluster(region)["DBSubnetGroup"]
    (group,) = region.aws.rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
    assert group["VpcId"] == region.text("vpc_id")
    assert {one["SubnetIdentifier"] for one in group["Subnets"]} == set(region.texts("data_subnet_ids"))


def test_only_the_services_group_reaches_the_database(region: Region) -> None:
    group_id = region.text("database_security_group_id")
    function = region.aws.functions.get_function_configuration(FunctionName=region.text("function_name"))
    assert [one["VpcSecurityGroupId"] for one in cluster(region)["VpcSecurityGroups"]] == [group_id]
    (group,) = region.aws.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", PORT, PORT)
    assert (rule.get("IpRanges", []), rule.get("Ipv6Ranges", []), rule.get("PrefixListIds", [])) == ([], [], [])
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == function["VpcConfig"]["SecurityGroupIds"]


def test_the_database_opens_no_connections_of_its_own(region: Region) -> None:
    (group,) = region.aws.ec2.describe_security_groups(GroupIds=[region.text("database_security_group_id")])[
        "SecurityGroups"
    ]
    assert group["IpPermissionsEgress"] == []
