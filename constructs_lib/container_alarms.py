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
    rows = [
        Alarm(
            name="container-cpu",
            means="The tasks are saturated although scaling adds more: it is at its maximum, or too slow.",
            namespace=ECS,
            metric="CPUUtilization",
            dimensions=here,
            threshold=90,
            statistic="Average",
        ),
        Alarm(
            name="container-memory",
            means="The tasks are about to run out of memory, and would be killed.",
            namespace=ECS,
            metric="MemoryUtilization",
            dimensions=here,
            threshold=90,
            statistic="Average",
        ),
        Alarm(
            name="container-unhealthy",
            means="Tasks run and do not answer the load balancer's health checks.",
            namespace="AWS/ApplicationELB",
            metric="UnHealthyHostCount",
            dimensions=targets,
            threshold=0,
        ),
    ]
    if tasks:
        rows.append(
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
        )
    return rows
