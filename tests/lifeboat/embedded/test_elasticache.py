"""ElastiCache: what moto does not do."""

from __future__ import annotations

from typing import Any

from tests.lifeboat.embedded.aws import Aws, Check, promises
from tests.lifeboat.embedded.test_ec2 import vpc


def subnet_group(aws: Aws) -> str:
    ec2, network, name = aws("ec2"), vpc(aws, "10.62.0.0/16"), aws.name("subnets")
    subnets = [
        ec2.create_subnet(VpcId=network, CidrBlock=f"10.62.{index}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for index, zone in enumerate("ab")
    ]
    aws("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName=name,
        CacheSubnetGroupDescription="data",
        SubnetIds=[subnet["Subnet"]["SubnetId"] for subnet in subnets],
    )
    return name


def group(aws: Aws, **options: Any) -> str:  # noqa: ANN401 whatever the API takes
    name = aws.name("cache")
    asked = {"NumCacheClusters": 2, "AutomaticFailoverEnabled": True, "CacheNodeType": "cache.t4g.small"} | options
    aws("elasticache").create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="a cache",
        Engine="redis",
        EngineVersion="7.1",
        **{key: value for key, value in asked.items() if value is not None},
    )
    return name


def described(aws: Aws, name: str) -> dict[str, Any]:
    (found,) = aws("elasticache").describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    return dict(found)


def check_members(aws: Aws) -> None:
    tls = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"}
    name = group(aws, CacheSubnetGroupName=subnet_group(aws), SecurityGroupIds=["sg-1"], **tls)
    assert described(aws, name)["MemberClusters"] == [f"{name}-001", f"{name}-002"]
    zones = [one["PreferredAvailabilityZone"] for one in described(aws, name)["NodeGroups"][0]["NodeGroupMembers"]]
    assert zones == ["us-east-1a", "us-east-1b"]
    (shard,) = described(aws, name)["NodeGroups"]
    assert (shard["ReaderEndpoint"]["Port"], shard["PrimaryEndpoint"]["Port"]) == (6379, 6379)
    assert shard["ReaderEndpoint"]["Address"] != shard["PrimaryEndpoint"]["Address"]
    (node,) = aws("elasticache").describe_cache_clusters(CacheClusterId=f"{name}-002")["CacheClusters"]
    assert (node["Engine"], node["EngineVersion"], node["CacheNodeType"]) == ("redis", "7.1.0", "cache.t4g.small")
    assert (node["TransitEncryptionEnabled"], node["TransitEncryptionMode"]) == (True, "required")
    assert node["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]
    assert node["CacheParameterGroup"]["CacheParameterGroupName"] == "default.redis7"
    spread = group(aws, NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=1, ClusterMode="enabled")
    assert len(described(aws, spread)["MemberClusters"]) == 4
    assert described(aws, spread)["ConfigurationEndpoint"]["Address"].startswith("clustercfg.")
    assert "ConfigurationEndpoint" not in described(aws, name)


def check_modify(aws: Aws) -> None:
    name = group(aws)
    aws("elasticache").modify_replication_group(
        ReplicationGroupId=name, SecurityGroupIds=["sg-2"], SnapshotWindow="03:00-04:00", UserGroupIdsToAdd=["all"]
    )
    assert described(aws, name)["SnapshotWindow"] == "03:00-04:00"
    assert described(aws, name)["UserGroupIds"] == ["all"]
    (node,) = aws("elasticache").describe_cache_clusters(CacheClusterId=f"{name}-001")["CacheClusters"]
    assert [one["SecurityGroupId"] for one in node["SecurityGroups"]] == ["sg-2"]


def check_delete_group(aws: Aws) -> None:
    name, client = group(aws), aws("elasticache")
    client.delete_replication_group(ReplicationGroupId=name, FinalSnapshotIdentifier=f"{name}-final")
    assert name not in [one["ReplicationGroupId"] for one in client.describe_replication_groups()["ReplicationGroups"]]
    nodes = [one["CacheClusterId"] for one in client.describe_cache_clusters()["CacheClusters"]]
    assert [node for node in nodes if node.startswith(name)] == []
    assert len(client.describe_snapshots(SnapshotName=f"{name}-final")["Snapshots"]) == 1


def check_delete_subnet_group(aws: Aws) -> None:
    name, client = subnet_group(aws), aws("elasticache")
    client.delete_cache_subnet_group(CacheSubnetGroupName=name)
    assert name not in [
        one["CacheSubnetGroupName"] for one in client.describe_cache_subnet_groups()["CacheSubnetGroups"]
    ]


def user(aws: Aws, name: str = "", mode: str = "iam") -> str:
    user_id = aws.name("user")
    aws("elasticache").create_user(
        UserId=user_id,
        UserName=name or user_id,
        Engine="redis",
        AccessString="off ~* -@all",
        AuthenticationMode={"Type": mode},
    )
    return user_id


def check_users(aws: Aws) -> None:
    client, nobody = aws("elasticache"), user(aws, "default", "no-password-required")
    (found,) = client.describe_users(UserId=nobody)["Users"]
    assert found["Authentication"]["Type"] == "no-password"
    client.modify_user(UserId=nobody, AccessString="on ~* +@read")
    (found,) = client.describe_users(UserId=nobody)["Users"]
    assert found["AccessString"] == "on ~* +@read"


def check_user_groups(aws: Aws) -> None:
    client, name = aws("elasticache"), aws.name("users")
    nobody, somebody, other = user(aws, "default", "no-password-required"), user(aws), user(aws)
    client.create_user_group(UserGroupId=name, Engine="redis", UserIds=[nobody, somebody])
    client.modify_user_group(UserGroupId=name, UserIdsToAdd=[other], UserIdsToRemove=[somebody])
    cache = group(aws, UserGroupIds=[name])
    (found,) = client.describe_user_groups(UserGroupId=name)["UserGroups"]
    assert (found["UserIds"], found["ReplicationGroups"]) == ([nobody, other], [cache])
    try:
        client.create_user_group(UserGroupId=aws.name("users"), Engine="redis", UserIds=[somebody])
    except client.exceptions.DefaultUserRequired:
        pass
    else:
        raise AssertionError("a group for Redis OSS was made without a default user")
    client.delete_user_group(UserGroupId=name)
    assert name not in [one["UserGroupId"] for one in client.describe_user_groups()["UserGroups"]]


def check_parameter_groups(aws: Aws) -> None:
    client, name = aws("elasticache"), aws.name("parameters")
    client.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily="redis7", Description="x"
    )
    values = [{"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}]
    client.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=values)
    found = client.describe_cache_parameters(CacheParameterGroupName=name, Source="user")["Parameters"]
    assert [(one["ParameterName"], one["ParameterValue"]) for one in found] == [("maxmemory-policy", "allkeys-lru")]
    client.reset_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=values)
    assert client.describe_cache_parameters(CacheParameterGroupName=name)["Parameters"] == []
    client.delete_cache_parameter_group(CacheParameterGroupName=name)
    groups = client.describe_cache_parameter_groups()["CacheParameterGroups"]
    assert name not in [one["CacheParameterGroupName"] for one in groups]


CHECKS: dict[str, Check] = {
    "elasticache.members": check_members,
    "elasticache.modify": check_modify,
    "elasticache.delete_group": check_delete_group,
    "elasticache.delete_subnet_group": check_delete_subnet_group,
    "elasticache.users": check_users,
    "elasticache.user_groups": check_user_groups,
    "elasticache.parameter_groups": check_parameter_groups,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
