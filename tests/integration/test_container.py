"""Containers: how the service is configured, what its tasks may do, and what a failover raises it to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.integration.policies import statements
from tests.integration.system import Region, System

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef, TaskDefinitionTypeDef


def service(region: Region) -> ServiceTypeDef:
    cluster, name = region.text("container_cluster_name"), region.text("container_service_name")
    (found,) = region.aws.ecs.describe_services(cluster=cluster, services=[name])["services"]
    return found


def task(region: Region) -> TaskDefinitionTypeDef:
    arn = service(region)["taskDefinition"]
    return region.aws.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]


def container(region: Region) -> Any:  # noqa: ANN401 moto's answers are wider than the API's types
    (found,) = task(region)["containerDefinitions"]
    return found


def scaling(region: Region) -> str:
    return f"service/{region.text('container_cluster_name')}/{region.text('container_service_name')}"


def test_the_service_runs_on_demand_in_the_private_tier(region: Region) -> None:
    found = service(region)
    network = found["networkConfiguration"]["awsvpcConfiguration"]
    assert (found["status"], found["launchType"]) == ("ACTIVE", "FARGATE")
    assert set(network["subnets"]) == set(region.texts("private_subnet_ids"))
    assert network["assignPublicIp"] == "DISABLED"
    assert network["securityGroups"] == [region.text("container_security_group_id")]


def test_a_deployment_that_fails_is_rolled_back_and_told(region: Region) -> None:
    breaker = service(region)["deploymentConfiguration"]["deploymentCircuitBreaker"]
    assert breaker == {"enable": True, "rollback": True}
    prefix = region.text("parameter_prefix").strip("/")
    (rule,) = region.aws.events.list_rules(NamePrefix=f"{prefix}-deployment-failed")["Rules"]
    assert "SERVICE_DEPLOYMENT_FAILED" in rule["EventPattern"]
    (target,) = region.aws.events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"] == region.text("alarm_topic_arn")


def test_the_standby_runs_what_the_strategy_says_and_can_be_raised(system: System, region: Region) -> None:
    (target,) = region.aws.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[scaling(region)])[
        "ScalableTargets"
    ]
    assert target["MinCapacity"] == region.outputs.value("container_tasks")
    full = region.outputs.value("container_full_tasks")
    assert region.parameter("container/full-tasks") == str(full)
    assert system.primary.outputs.value("container_tasks") == full
    assert target["MaxCapacity"] >= int(str(full))


def test_scaling_follows_the_cpu(region: Region) -> None:
    (policy,) = region.aws.scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=scaling(region))[
        "ScalingPolicies"
    ]
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert policy["PolicyType"] == "TargetTrackingScaling"
    assert tracking["PredefinedMetricSpecification"]["PredefinedMetricType"] == "ECSServiceAverageCPUUtilization"
    assert 10 <= tracking["TargetValue"] <= 90


def test_the_container_can_do_what_it_is_for_and_no_more(region: Region) -> None:
    found = container(region)
    assert found["readonlyRootFilesystem"] is True
    assert found["privileged"] is False
    assert found["user"].split(":")[0] not in {"", "0", "root"}
    assert found["linuxParameters"]["capabilities"]["drop"] == ["ALL"]


def test_credentials_are_injected_from_the_regions_own_copy(region: Region) -> None:
    found = container(region)
    sources = {secret["name"]: secret["valueFrom"] for secret in found["secrets"]}
    name = f"secret:{region.text('parameter_prefix')}/database/credentials"
    assert set(sources) == {"DATABASE_USERNAME", "DATABASE_PASSWORD"}
    for source in sources.values():
        assert f":{region.name}:" in source
        assert name in source
    assert [each["name"] for each in found["environment"] if "PASSWORD" in each["name"]] == []


def test_files_are_mounted_over_tls_through_the_access_point(region: Region) -> None:
    volumes = {volume["name"]: volume for volume in task(region)["volumes"]}
    mounted = volumes["files"]["efsVolumeConfiguration"]
    assert mounted["fileSystemId"] == region.text("file_system_id")
    assert mounted["transitEncryption"] == "ENABLED"
    assert mounted["authorizationConfig"] == {
        "accessPointId": region.text("file_system_access_point_id"),
        "iam": "ENABLED",
    }


def test_only_the_load_balancer_reaches_the_tasks_and_only_on_their_port(region: Region) -> None:
    (group,) = region.aws.ec2.describe_security_groups(GroupIds=[region.text("container_security_group_id")])[
        "SecurityGroups"
    ]
    (permission,) = group["IpPermissions"]
    (balancer,) = region.aws.elb.describe_load_balancers(LoadBalancerArns=[region.text("load_balancer_arn")])[
        "LoadBalancers"
    ]
    assert [pair["GroupId"] for pair in permission["UserIdGroupPairs"]] == balancer["SecurityGroups"]
    (targets,) = region.aws.elb.describe_target_groups(TargetGroupArns=[region.text("target_group_arn")])[
        "TargetGroups"
    ]
    assert (
        permission["FromPort"]
        == permission["ToPort"]
        == targets["Port"]
        == container(region)["portMappings"][0]["containerPort"]
    )
    assert (targets["TargetType"], targets["Protocol"]) == ("ip", "HTTPS")


def test_stores_are_opened_to_the_tasks_on_their_own_port_alone(region: Region) -> None:
    tasks = region.text("container_security_group_id")
    ports = {"database_security_group_id": 5432, "cache_security_group_id": 6379, "file_system_security_group_id": 2049}
    for output, port in ports.items():
        (group,) = region.aws.ec2.describe_security_groups(GroupIds=[region.text(output)])["SecurityGroups"]
        opened = [
            (permission["FromPort"], permission["ToPort"])
            for permission in group["IpPermissions"]
            if tasks in {pair["GroupId"] for pair in permission["UserIdGroupPairs"]}
        ]
        assert opened == [(port, port)], output


def test_the_images_layers_pass_the_endpoint(region: Region) -> None:
    assert container(region)["image"]
    endpoints = region.aws.ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [region.text("vpc_id")]}])[
        "VpcEndpoints"
    ]
    services = {
        endpoint["ServiceName"].removeprefix(f"com.amazonaws.{region.name}."): endpoint for endpoint in endpoints
    }
    assert {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "s3"} <= set(services)
    bucket = f"prod-{region.name}-starport-layer-bucket/*"
    assert any(bucket in str(each.resources) for each in statements(services["s3"]["PolicyDocument"]))
