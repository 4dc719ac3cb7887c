"""Containers: tasks that can do little, a service that rolls back, and a standby that can be raised."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Stack, Synthesized
from tests.unit.variants import only

DIGEST = "@sha256:" + 64 * "0"


@pytest.fixture(scope="module", params=["globecart-dev", "globecart-prod"])
def cart(synthesized: Synthesize, request: pytest.FixtureRequest) -> Synthesized:
    """Both kinds of environment."""
    return synthesized(str(request.param))


def container(stack: Stack) -> Any:  # noqa: ANN401 a container has three dozen settings
    return only(stack.the("aws_ecs_task_definition").parsed("container_definitions"))


def test_at_least_the_size_of_the_first_build(cart: Synthesized) -> None:
    assert len(cart.everywhere) >= 68


def test_a_container_is_read_only_without_privileges_and_not_root(cart: Synthesized) -> None:
    for stack in cart.regional:
        found = container(stack)
        assert (found["readonlyRootFilesystem"], found["privileged"], found["user"]) == (True, False, "1000:1000")
        assert found["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
        assert [mount["containerPath"] for mount in found["mountPoints"]] == ["/srv/shared"]


def test_a_task_writes_temporary_files_into_memory_and_runs_nothing_from_there(cart: Synthesized) -> None:
    for stack in cart.regional:
        mount = only(container(stack)["linuxParameters"]["tmpfs"])
        assert mount["containerPath"] == "/tmp"  # noqa: S108 inside the container
        assert {"nosuid", "nodev", "noexec"} <= set(mount["mountOptions"])


def test_the_image_is_named_by_digest_in_the_regions_own_repository(cart: Synthesized) -> None:
    for stack in cart.regional:
        assert container(stack)["image"] == "${registry/repository.repository_url}" + DIGEST


def test_secrets_are_injected_from_the_regions_own_copy_and_no_value_is_written(cart: Synthesized) -> None:
    for stack in cart.regional:
        found = container(stack)
        name = f"secret:/{cart.system.names.prefix}/database/credentials"
        sources = {each["name"]: each["valueFrom"] for each in found["secrets"]}
        assert {key: source.split(stack.place)[1].split(":", 2)[2] for key, source in sources.items()} == {
            "DATABASE_USERNAME": f"{name}:username::",
            "DATABASE_PASSWORD": f"{name}:password::",
        }
        assert not [each["name"] for each in found["environment"] if "PASSWORD" in each["name"]]


def test_ecs_may_read_these_secrets_and_pull_from_this_repository_alone(cart: Synthesized) -> None:
    for stack in cart.regional:
        read = only(list(stack.by_path("container/execution-role/read-credentials").statements().values()))
        assert read["Resource"].endswith("database/credentials-??????")
        pull = stack.by_path("container/execution-role/pull-images").statements()
        assert pull["Pull"]["Resource"] == "registry/repository.arn"
        assert pull["Token"]["Action"] == "ecr:GetAuthorizationToken"


def test_files_are_mounted_with_tls_and_iam_through_the_access_point(cart: Synthesized) -> None:
    for stack in cart.regional:
        volumes = {volume["name"]: volume for volume in stack.the("aws_ecs_task_definition")["volume"]}
        assert volumes["files"]["efs_volume_configuration"] == {
            "authorization_config": {"access_point_id": "file-system/access-point.id", "iam": "ENABLED"},
            "file_system_id": "file-system/file-system.id",
            "transit_encryption": "ENABLED",
        }
        mount = stack.by_path("container/role/mount-files").statements()["Mount"]
        assert mount["Resource"] == "file-system/file-system.arn"
        assert mount["Condition"] == {
            "StringEquals": {"elasticfilesystem:AccessPointArn": "file-system/access-point.arn"}
        }


def test_the_service_rolls_back_runs_on_demand_and_has_no_public_address(cart: Synthesized) -> None:
    for stack in cart.regional:
        service = stack.the("aws_ecs_service")
        assert service["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
        assert service["launch_type"] == "FARGATE"
        assert stack.the("aws_ecs_cluster_capacity_providers")["capacity_providers"] == ["FARGATE"]
        assert service["network_configuration"]["assign_public_ip"] is False
        assert service["network_configuration"]["subnets"] == ["network/private-0.id", "network/private-1.id"]
        assert service["deployment_minimum_healthy_percent"] == 100
        assert service["lifecycle"] == {"ignore_changes": ["desired_count"]}


def test_the_service_waits_for_its_listener_and_its_permissions(cart: Synthesized) -> None:
    for stack in cart.regional:
        before = stack.the("aws_ecs_service").depends_on
        assert {"load-balancer/https", "container/execution-role/read-credentials"} <= set(before)


def test_a_deployment_that_fails_is_told(cart: Synthesized) -> None:
    for stack in cart.regional:
        rule = stack.by_path("container/failed-deployments/rule")
        pattern = json.loads(rule["event_pattern"])
        assert pattern["detail"] == {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}
        assert pattern["resources"] == ["${container/service.id}"]
        assert stack.by_path("container/failed-deployments/target")["arn"] == "alarms/topic.arn"


def test_tasks_are_replaced_every_day_so_that_they_read_new_credentials(cart: Synthesized) -> None:
    for stack in cart.regional:
        schedule = stack.the("aws_scheduler_schedule")
        assert schedule["schedule_expression"] == "rate(1 day)"
        assert json.loads(schedule["target"]["input"]) == {
            "Cluster": cart.system.names.prefix,
            "ForceNewDeployment": True,
            "Service": cart.system.names.prefix,
        }
        allowed = only(list(stack.by_path("container/daily-refresh/role/refresh-tasks").statements().values()))
        assert allowed["Action"] == "ecs:UpdateService"
        assert allowed["Resource"].endswith(f"service/{cart.system.names.prefix}/{cart.system.names.prefix}")


def test_the_standby_runs_its_share_and_a_failover_knows_what_to_raise_it_to(cart: Synthesized) -> None:
    least = [stack.the("aws_appautoscaling_target")["min_capacity"] for stack in cart.regional]
    assert least == [4, 2]
    for stack in cart.regional:
        assert stack.the("aws_appautoscaling_target")["max_capacity"] == 40
        assert stack.by_path("parameters/container-full-tasks")["insecure_value"] == "4"
        assert stack.output("container_full_tasks") == 4


def test_scaling_holds_the_cpu(cart: Synthesized) -> None:
    for stack in cart.regional:
        policy = stack.the("aws_appautoscaling_policy")["target_tracking_scaling_policy_configuration"]
        assert policy["target_value"] == 60
        assert policy["predefined_metric_specification"] == {
            "predefined_metric_type": "ECSServiceAverageCPUUtilization"
        }


def test_the_load_balancer_reaches_the_tasks_over_tls_and_nobody_else_does(cart: Synthesized) -> None:
    for stack in cart.regional:
        targets = stack.the("aws_lb_target_group")
        assert (targets["target_type"], targets["protocol"], targets["port"]) == ("ip", "HTTPS", 8443)
        rules = [
            rule
            for rule in stack.all("aws_vpc_security_group_ingress_rule")
            if rule["security_group_id"] == "container/security-group/group.id"
        ]
        assert only(rules)["referenced_security_group_id"] == "load-balancer/security-group/group.id"
        assert (only(rules)["from_port"], only(rules)["to_port"]) == (8443, 8443)


@pytest.mark.parametrize(("store", "port"), [("database", 5432), ("cache", 6379), ("file-system", 2049)])
def test_each_store_opens_its_own_port_to_the_tasks(cart: Synthesized, store: str, port: int) -> None:
    for stack in cart.regional:
        rule = stack.by_path(f"{store}/security-group/from-application")
        assert (rule["from_port"], rule["to_port"]) == (port, port)
        assert rule["referenced_security_group_id"] == "container/security-group/group.id"


def test_images_and_logs_come_through_endpoints_and_layers_are_let_through(cart: Synthesized) -> None:
    for stack in cart.regional:
        services = {each["service_name"].rsplit(f"{stack.place}.", 1)[1] for each in stack.all("aws_vpc_endpoint")}
        assert {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"} <= services
        layers = stack.by_path("endpoints/s3").statements()["ImageLayers"]
        assert layers["Action"] == "s3:GetObject"
        assert layers["Resource"].endswith(f":s3:::prod-{stack.place}-starport-layer-bucket/*")


def test_the_regions_of_the_shop_have_the_same_addresses(cart: Synthesized) -> None:
    primary, standby = ({each.path for each in stack.resources} for stack in cart.regional)
    assert standby - primary == set()
    assert primary - standby == {
        "database/instance-1",
        "database-credentials/secret",
        "database-credentials/version",
        "global-database/cluster",
        "rotation-master/schedule",
    }
