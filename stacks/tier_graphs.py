"""What the dashboard shows of containers and file systems, where a system has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs_lib.dashboard import Graph, Line
from deployments.system import System
from stacks.regional import RegionalStack


def task_graphs(system: System, regions: Sequence[RegionalStack]) -> list[Graph]:
    """Return how many tasks run, how busy they are, and how long clients wait for them."""
    container = system.spec.container
    if container is None:
        return []
    here = {"ClusterName": system.names.of("cluster"), "ServiceName": system.names.of("service")}
    serving = [stack for stack in regions if stack.entry]
    busy = [_line(stack, "AWS/ECS", "CPUUtilization", here, "Average") for stack in serving]
    return [
        Graph(
            title="Tasks that run by region",
            lines=[_line(stack, "ECS/ContainerInsights", "RunningTaskCount", here, "Minimum") for stack in serving],
        ),
        Graph(title="CPU of the tasks (%)", lines=busy, limit=container.cpu_target, limit_label="scaling holds"),
        Graph(
            title="Slowest requests by region (p99, s)",
            lines=[
                _line(stack, stack.entry.metrics.namespace, "TargetResponseTime", stack.entry.metrics.dimensions, "p99")
                for stack in serving
                if stack.entry
            ],
        ),
    ]


def file_graphs(system: System, regions: Sequence[RegionalStack]) -> list[Graph]:
    """Return how old the replica of the file system is."""
    spec = system.spec.file_system
    holders = [stack for stack in regions if stack.file_system]
    if spec is None or len(holders) < 2:
        return []
    source, target = holders[:2]
    pair = {
        "FileSystemId": source.file_system.id if source.file_system else "",
        "DestinationFileSystemId": target.file_system.id if target.file_system else "",
    }
    return [
        Graph(
            title="Files: age of the replica (s)",
            lines=[_line(source, "AWS/EFS", "TimeSinceLastSync", pair, "Maximum")],
            limit=spec.rpo_seconds or system.spec.objectives.rpo_seconds,
            limit_label="RPO",
        )
    ]


def _line(stack: RegionalStack, namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str) -> Line:
    region = stack.plan.name
    return Line(
        label=region, region=region, namespace=namespace, metric=metric, dimensions=dimensions, statistic=statistic
    )
