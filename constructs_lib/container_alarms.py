"""What is watched on a container service, the same in every region."""

from __future__ import annotations

from collections.abc import Mapping

from constructs_lib.alarms import Alarm

ECS = "AWS/ECS"
INSIGHTS = "ECS/ContainerInsights"


def container_alarms(cluster: str, service: str, targets: Mapping[str, str], *, tasks: int) -> list[Alarm]:
    """Return the rows for one service.

    Args:
        cluster: Name of its cluster.
        service: Its name.
        targets: Dimensions of its target group's metrics.
        tasks: Fewest tasks that run. 0: the service is there and runs none, so that none can be missing.
    """
    here = {"ClusterName": cluster, "ServiceName": service}
    unhealthy = Alarm(
        name="container-unhealthy",
        means="Tasks run and do not answer the load balancer's health checks.",
        namespace="AWS/ApplicationELB",
        metric="UnHealthyHostCount",
        dimensions=targets,
        threshold=0,
    )
    return [*_load(here), unhealthy, *(_missing(here, tasks) if tasks else ())]


def _load(here: Mapping[str, str]) -> list[Alarm]:
    rows = {
        "container-cpu": (
            "CPUUtilization",
            "The tasks are saturated although scaling adds more: it is at its maximum, or too slow.",
        ),
        "container-memory": ("MemoryUtilization", "The tasks are about to run out of memory, and would be killed."),
    }
    return [
        Alarm(
            name=name,
            means=means,
            namespace=ECS,
            metric=metric,
            dimensions=here,
            threshold=90,
            statistic="Average",
        )
        for name, (metric, means) in rows.items()
    ]


def _missing(here: Mapping[str, str], tasks: int) -> list[Alarm]:
    return [
        Alarm(
            name="container-tasks",
            means=f"Fewer than {tasks} tasks run: they cannot start, or there is no capacity.",
            namespace=INSIGHTS,
            metric="RunningTaskCount",
            dimensions=here,
            threshold=tasks,
            statistic="Minimum",
            comparison="LessThanThreshold",
            missing="breaching",
        )
    ]
