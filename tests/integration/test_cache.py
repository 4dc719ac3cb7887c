"""The cache: it can lose a node, it is encrypted, and clients enter it as an IAM user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.policies import statements
from tests.integration.system import Region

if TYPE_CHECKING:
    from mypy_boto3_elasticache.type_defs import CacheClusterTypeDef, ReplicationGroupTypeDef

PORT = 6379


def group(region: Region) -> ReplicationGroupTypeDef:
    name = region.text("cache_replication_group_id")
    (found,) = region.aws.caches.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    return found


def nodes(region: Region) -> list[CacheClusterTypeDef]:
    return [
        region.aws.caches.describe_cache_clusters(CacheClusterId=name)["CacheClusters"][0]
        for name in group(region)["MemberClusters"]
    ]


def test_the_exported_endpoint_is_the_one_of_the_mode(region: Region) -> None:
    found = group(region)
    if found["ClusterEnabled"]:
        assert found["ConfigurationEndpoint"]["Address"] == region.text("cache_endpoint")
        assert "cache_reader_endpoint" not in region.outputs
    else:
        (shard,) = found["NodeGroups"]
        assert shard["PrimaryEndpoint"]["Address"] == region.text("cache_endpoint")
        assert shard["ReaderEndpoint"]["Address"] == region.text("cache_reader_endpoint")
    assert region.parameter("cache/endpoint") == region.text("cache_endpoint") != ""


def test_a_node_or_its_zone_can_be_lost(region: Region) -> None:
    found = group(region)
    assert (found["Status"], found["AutomaticFailover"], found["MultiAZ"]) == ("available", "enabled", "enabled")
    for shard in found["NodeGroups"]:
        zones = {member["PreferredAvailabilityZone"] for member in shard["NodeGroupMembers"]}
        assert len(zones) >= 2


def test_the_cache_is_encrypted_at_rest_and_on_the_way(region: Region) -> None:
    found = group(region)
    assert (found["AtRestEncryptionEnabled"], found["KmsKeyId"]) == (True, region.text("key_arn"))
    assert (found["TransitEncryptionEnabled"], found["TransitEncryptionMode"]) == (True, "required")


def test_the_application_is_an_iam_user_and_nobody_else_gets_in(region: Region) -> None:
    (users,) = region.aws.caches.describe_user_groups(UserGroupId=group(region)["UserGroupIds"][0])["UserGroups"]
    found = {one: region.aws.caches.describe_users(UserId=one)["Users"][0] for one in users["UserIds"]}
    application = found.pop(region.text("cache_user_id"))
    assert (application["Authentication"]["Type"], application["UserName"]) == ("iam", application["UserId"])
    assert [(one["UserName"], one["AccessString"].split()[0]) for one in found.values()] == [("default", "off")]
    assert group(region).get("AuthTokenEnabled", False) is False


def test_the_function_may_enter_this_cache_as_this_user_only(region: Region) -> None:
    name = region.text("cache_replication_group_id")
    function = region.aws.functions.get_function_configuration(FunctionName=region.text("function_name"))
    role = function["Role"].rsplit("/", 1)[-1]
    policy = region.aws.iam.get_role_policy(RoleName=role, PolicyName="connect-cache")["PolicyDocument"]
    (statement,) = statements(policy)
    assert statement.actions == {"elasticache:Connect"}
    assert {arn.split(":", 5)[5] for arn in statement.resources} == {
        f"replicationgroup:{name}",
        f"user:{region.text('cache_user_id')}",
    }


def test_only_the_services_group_reaches_the_cache(region: Region) -> None:
    group_id = region.text("cache_security_group_id")
    function = region.aws.functions.get_function_configuration(FunctionName=region.text("function_name"))
    for node in nodes(region):
        assert [one["SecurityGroupId"] for one in node["SecurityGroups"]] == [group_id]
    (found,) = region.aws.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    (rule,) = found["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule.get("IpRanges", [])) == (PORT, PORT, [])
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == function["VpcConfig"]["SecurityGroupIds"]


def test_every_node_is_watched(region: Region) -> None:
    names = {node["CacheClusterId"] for node in nodes(region)}
    pages = region.aws.cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNames=[name for name in region.texts("alarm_names") if "-cache-" in name]
    )
    watched = {
        dimension["Value"]
        for page in pages
        for alarm in page["MetricAlarms"]
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "CacheClusterId"
    }
    assert watched == names
