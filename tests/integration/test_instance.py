"""The RDS instance: over two zones, private, encrypted, and restorable in the other region without asking this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.system import Region, System

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

PORT = 5432


def instance(region: Region) -> DBInstanceTypeDef:
    region.text("instance_endpoint")
    (found,) = region.aws.rds.describe_db_instances(DBInstanceIdentifier=region.text("instance_identifier"))[
        "DBInstances"
    ]
    return found


def parameters(region: Region) -> dict[str, str]:
    """Return the parameters that were set, not those that RDS ships with."""
    pages = region.aws.rds.get_paginator("describe_db_parameters").paginate(
        DBParameterGroupName=region.text("instance_parameter_group_name"), Source="user"
    )
    return {one["ParameterName"]: one["ParameterValue"] for page in pages for one in page["Parameters"]}


def test_the_instance_is_available_with_a_standby_in_another_zone(region: Region) -> None:
    found = instance(region)
    assert (found["DBInstanceStatus"], found["Engine"], found["MultiAZ"]) == ("available", "postgres", True)


def test_the_endpoint_of_the_outputs_is_the_instances_own(region: Region) -> None:
    endpoint = instance(region)["Endpoint"]
    assert (endpoint["Address"], endpoint["Port"]) == (region.text("instance_endpoint"), PORT)
    assert region.parameter("database/endpoint") == endpoint["Address"]


def test_the_instance_is_encrypted_with_its_regions_own_key_and_never_public(region: Region) -> None:
    found = instance(region)
    assert (found["StorageEncrypted"], found["KmsKeyId"]) == (True, region.text("key_arn"))
    assert found["PubliclyAccessible"] is False
    assert found["PerformanceInsightsEnabled"] is True
    assert found["PerformanceInsightsKMSKeyId"] == region.text("key_arn")


def test_the_instance_exports_its_logs_and_accepts_iam_identities(region: Region) -> None:
    found = instance(region)
    assert set(found["EnabledCloudwatchLogsExports"]) == {"postgresql", "upgrade"}
    assert found["IAMDatabaseAuthenticationEnabled"] is True
    assert found["MonitoringInterval"] == 60


def test_every_region_refuses_connections_without_tls_also_after_a_restore(region: Region) -> None:
    assert parameters(region)["rds.force_ssl"] == "1"


def test_the_place_of_an_instance_lies_in_the_data_subnets_of_every_region(region: Region) -> None:
    name = region.text("instance_subnet_group_name")
    (group,) = region.aws.rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
    assert group["VpcId"] == region.text("vpc_id")
    assert {one["SubnetIdentifier"] for one in group["Subnets"]} == set(region.texts("data_subnet_ids"))


def test_only_the_services_group_reaches_the_instance(region: Region) -> None:
    group_id = region.text("instance_security_group_id")
    assert [one["VpcSecurityGroupId"] for one in instance(region)["VpcSecurityGroups"]] == [group_id]
    function = region.aws.functions.get_function_configuration(FunctionName=region.text("function_name"))
    (group,) = region.aws.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", PORT, PORT)
    assert (rule.get("IpRanges", []), rule.get("Ipv6Ranges", [])) == ([], [])
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == function["VpcConfig"]["SecurityGroupIds"]


def test_a_standby_has_no_instance_and_lets_nobody_in(system: System) -> None:
    for standby in system.standbys:
        name = standby.text("instance_identifier")
        instances = standby.aws.rds.describe_db_instances()["DBInstances"]
        assert [one for one in instances if one["DBInstanceIdentifier"] == name] == []
        (group,) = standby.aws.ec2.describe_security_groups(GroupIds=[standby.text("instance_security_group_id")])[
            "SecurityGroups"
        ]
        assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])


def test_restores_are_tested_on_a_schedule_in_every_region(region: Region) -> None:
    region.text("instance_identifier")
    vault = region.aws.backup.describe_backup_vault(BackupVaultName=region.text("backup_vault_name"))
    mine = region.text("backup_vault_name").replace("-", "_")
    plans = region.aws.backup.list_restore_testing_plans()["RestoreTestingPlans"]
    (name,) = [plan["RestoreTestingPlanName"] for plan in plans if plan["RestoreTestingPlanName"].startswith(mine)]
    plan = region.aws.backup.get_restore_testing_plan(RestoreTestingPlanName=name)["RestoreTestingPlan"]
    assert plan["RecoveryPointSelection"]["IncludeVaults"] == [vault["BackupVaultArn"]]
