"""The cache: in both modes, closed, encrypted, able to lose a node, entered without a password."""

from __future__ import annotations

from typing import get_args

import pytest

from deployments.capacity import capacity
from deployments.model import Strategy
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Resource, Stack, Synthesized
from tests.unit.variants import only, system

GROUP = "aws_elasticache_replication_group"


@pytest.fixture(scope="session", params=["cache", "cache-cluster", "healthcare-dev"])
def cached(synthesized: Synthesize, request: pytest.FixtureRequest) -> Synthesized:
    return synthesized(str(request.param))


def group(stack: Stack) -> Resource:
    return stack.the(GROUP)


def test_with_cluster_mode_off_clients_get_the_primary_endpoint(synthesized: Synthesize) -> None:
    for name in ("cache", "healthcare-dev"):
        stack = synthesized(name).primary
        assert stack.output("cache_endpoint") == "cache/group.primary_endpoint_address"
        assert stack.output("cache_reader_endpoint") == "cache/group.reader_endpoint_address"
        told = stack.by_path("parameters/cache-endpoint")["insecure_value"]
        assert told == "cache/group.primary_endpoint_address"


def test_with_cluster_mode_on_clients_get_the_configuration_endpoint_and_no_empty_output(
    synthesized: Synthesize,
) -> None:
    for stack in synthesized("cache-cluster").regional:
        assert stack.output("cache_endpoint") == "cache/group.configuration_endpoint_address"
        assert "cache_reader_endpoint" not in stack.outputs
        told = stack.by_path("parameters/cache-endpoint")["insecure_value"]
        assert told == "cache/group.configuration_endpoint_address"


def test_the_mode_decides_how_nodes_are_counted(synthesized: Synthesize) -> None:
    off, on = group(synthesized("cache").primary), group(synthesized("cache-cluster").primary)
    assert (off["cluster_mode"], off["num_cache_clusters"]) == ("disabled", 3)
    assert {"num_node_groups", "replicas_per_node_group"} & set(off) == set()
    assert (on["cluster_mode"], on["num_node_groups"], on["replicas_per_node_group"]) == ("enabled", 3, 1)
    assert "num_cache_clusters" not in on


def test_the_parameters_fit_the_mode(synthesized: Synthesize) -> None:
    for name, more in (("cache", {}), ("cache-cluster", {"cluster-enabled": "yes"})):
        parameters = synthesized(name).primary.the("aws_elasticache_parameter_group")
        settings = {one["name"]: one["value"] for one in parameters["parameter"]}
        assert settings == {"maxmemory-policy": "allkeys-lru", **more}
        assert parameters["family"] == "redis7"


def test_a_node_or_its_zone_can_be_lost(cached: Synthesized) -> None:
    found = group(cached.primary)
    assert (found["automatic_failover_enabled"], found["multi_az_enabled"]) == (True, True)
    subnets = cached.primary.the("aws_elasticache_subnet_group")["subnet_ids"]
    assert subnets == [f"network/data-{zone}.id" for zone in range(3)]


def test_it_is_encrypted_at_rest_and_on_the_way(cached: Synthesized) -> None:
    found = group(cached.primary)
    assert (found["at_rest_encryption_enabled"], found["kms_key_id"]) == ("true", "key/key.arn")
    assert (found["transit_encryption_enabled"], found["transit_encryption_mode"]) == (True, "required")


def test_clients_enter_as_an_iam_user_and_nobody_without_a_name(cached: Synthesized) -> None:
    stack = cached.primary
    application, default = stack.by_path("cache/user"), stack.by_path("cache/default-user")
    assert application["user_id"] == application["user_name"]  # or IAM refuses
    assert application["authentication_mode"] == {"type": "iam"}
    assert (default["user_name"], default["access_string"]) == ("default", "off ~* -@all")
    assert stack.the("aws_elasticache_user_group")["user_ids"] == [
        "cache/default-user.user_id",
        "cache/user.user_id",
    ]
    assert group(stack)["user_group_ids"] == ["cache/users.user_group_id"]
    assert {"auth_token", "passwords"} & {*group(stack), *application, *default} == set()


def test_the_application_may_enter_this_cache_as_this_user_only(cached: Synthesized) -> None:
    statement = cached.primary.by_path("service/role/connect-cache").statements()["Connect"]
    name, user = group(cached.primary)["replication_group_id"], cached.primary.by_path("cache/user")["user_id"]
    assert statement["Action"] == "elasticache:Connect"
    assert [arn.split(":", 5)[5] for arn in statement["Resource"]] == [f"replicationgroup:{name}", f"user:{user}"]


def test_only_the_application_reaches_the_cache(cached: Synthesized) -> None:
    rules = cached.primary.all("aws_vpc_security_group_ingress_rule")
    into = only([rule for rule in rules if rule["security_group_id"] == "cache/security-group/group.id"])
    assert into["referenced_security_group_id"] == "service/security-group/group.id"
    assert (into["from_port"], into["to_port"]) == (6379, 6379)
    assert group(cached.primary)["security_group_ids"] == ["cache/security-group/group.id"]


def test_every_node_is_watched_under_the_name_that_aws_gives_it(synthesized: Synthesize) -> None:
    nodes = {
        "cache": [f"ecommerce-dev-{node:03d}" for node in (1, 2, 3)],
        "cache-cluster": [f"ecommerce-dev-{shard:04d}-{node:03d}" for shard in (1, 2, 3) for node in (1, 2)],
    }
    metrics = {"EngineCPUUtilization", "DatabaseMemoryUsagePercentage", "Evictions", "ReplicationLag"}
    for name, expected in nodes.items():
        alarms = [
            a for a in synthesized(name).primary.all("aws_cloudwatch_metric_alarm") if a.path.startswith("cache/")
        ]
        watched = {(alarm["dimensions"]["CacheClusterId"], alarm["metric_name"]) for alarm in alarms}
        assert watched == {(node, metric) for node in expected for metric in metrics}
        assert len(alarms) == len(watched)
        for alarm in alarms:
            assert alarm["alarm_description"].split("#")[1] in {
                "cache-cpu",
                "cache-memory",
                "cache-evictions",
                "cache-replication-lag",
            }


def test_what_is_cached_never_gets_into_a_log(cached: Synthesized) -> None:
    (delivery,) = group(cached.primary)["log_delivery_configuration"]
    assert delivery["log_type"] == "engine-log"
    assert cached.primary.by_path("cache/log-group")["kms_key_id"] == "key/key.arn"


def test_every_region_that_serves_has_a_cache_of_its_own(synthesized: Synthesize) -> None:
    assert [len(stack.all(GROUP)) for stack in synthesized("cache").regional] == [1, 1]
    assert [len(stack.all(GROUP)) for stack in synthesized("healthcare-dev").regional] == [1, 0]


@pytest.mark.parametrize("strategy", get_args(Strategy))
def test_the_strategy_decides_whether_a_standby_has_a_cache(strategy: Strategy) -> None:
    described = system({"cache": {}}).spec.model_copy(update={"strategy": strategy})
    assert capacity(described, primary=True).cache is True
    assert capacity(described, primary=False).cache is (strategy != "backup-restore")
    assert capacity(described, primary=False).instance is False
