"""Application Auto Scaling and ECS: what moto does not do."""

from __future__ import annotations

from typing import Any

from tests.lifeboat.embedded.aws import Aws, Check, promises

DIMENSION = "ecs:service:DesiredCount"


def service(aws: Aws, **settings: Any) -> tuple[str, str]:  # noqa: ANN401 - ECS's own arguments
    """Make a service with one task and return the names of its cluster and itself."""
    ecs = aws("ecs")
    cluster, name = aws.name("cluster"), aws.name("service")
    ecs.create_cluster(clusterName=cluster)
    family = ecs.register_task_definition(family=name, containerDefinitions=[{"name": "a", "image": "a", "memory": 64}])
    arn = family["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(**{"cluster": cluster, "serviceName": name, "taskDefinition": arn, "desiredCount": 1} | settings)
    return cluster, name


def register(aws: Aws, cluster: str, name: str, least: int) -> str:
    """Register the service for scaling and return the target's ARN."""
    scaling = aws("application-autoscaling")
    return str(
        scaling.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{cluster}/{name}",
            ScalableDimension=DIMENSION,
            MinCapacity=least,
            MaxCapacity=10,
            Tags={"a": "1"},
        )["ScalableTargetARN"]
    )


def described(aws: Aws, cluster: str, name: str) -> Any:  # noqa: ANN401 - ECS's own answer
    return aws("ecs").describe_services(cluster=cluster, services=[name])["services"][0]


def check_tags(aws: Aws) -> None:
    scaling = aws("application-autoscaling")
    arn = register(aws, *service(aws), least=1)
    scaling.tag_resource(ResourceARN=arn, Tags={"b": "2"})
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "1", "b": "2"}
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}


def check_limits(aws: Aws) -> None:
    cluster, name = service(aws)
    register(aws, cluster, name, least=4)
    assert described(aws, cluster, name)["desiredCount"] == 4
    register(aws, cluster, name, least=2)
    assert described(aws, cluster, name)["desiredCount"] == 4


def check_service_settings(aws: Aws) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "maximumPercent": 200}
    cluster, name = service(
        aws,
        deploymentConfiguration=breaker,
        enableECSManagedTags=True,
        availabilityZoneRebalancing="ENABLED",
        healthCheckGracePeriodSeconds=60,
    )
    found = described(aws, cluster, name)
    assert found["deploymentConfiguration"] == breaker
    assert (found["enableECSManagedTags"], found["enableExecuteCommand"]) == (True, False)
    assert (found["availabilityZoneRebalancing"], found["healthCheckGracePeriodSeconds"]) == ("ENABLED", 60)
    aws("ecs").update_service(cluster=cluster, service=name, healthCheckGracePeriodSeconds=90)
    found = described(aws, cluster, name)
    assert (found["healthCheckGracePeriodSeconds"], found["enableECSManagedTags"]) == (90, True)


def check_running_count(aws: Aws) -> None:
    cluster, name = service(aws, desiredCount=2)
    assert (described(aws, cluster, name)["runningCount"], described(aws, cluster, name)["pendingCount"]) == (2, 0)
    aws("ecs").update_service(cluster=cluster, service=name, desiredCount=3)
    assert described(aws, cluster, name)["runningCount"] == 3


CHECKS: dict[str, Check] = {
    "application-autoscaling.tags": check_tags,
    "application-autoscaling.limits": check_limits,
    "ecs.running_count": check_running_count,
    "ecs.service_settings": check_service_settings,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
