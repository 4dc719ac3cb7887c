"""What the dashboard shows of instance, cache and backups, where a system has them."""

from __future__ import annotations

from collections.abc import Sequence

from constructs_lib.dashboard import Graph, Line
from deployments.system import System
from stacks.regional import RegionalStack


def store_graphs(system: System, regions: Sequence[RegionalStack]) -> list[Graph]:
    """Return the graphs; those without anything to show have no lines."""
    restored = system.spec.strategy == "backup-restore"
    return [
        Graph(title="Instance: CPU (%)", lines=_instance_lines(regions, "CPUUtilization", "Average")),
        Graph(title="Instance: connections", lines=_instance_lines(regions, "DatabaseConnections", "Maximum")),
        Graph(title="Cache: CPU by node (%)", lines=_cache_lines(regions, "EngineCPUUtilization", "Average")),
        Graph(title="Cache: evictions by node", lines=_cache_lines(regions, "Evictions", "Sum")),
        Graph(title="Backups: failed jobs by region", lines=_backup_lines(system, regions) if restored else ()),
    ]


def _instance_lines(regions: Sequence[RegionalStack], metric: str, statistic: str) -> list[Line]:
    return [
        Line(
            label=stack.plan.name,
            region=stack.plan.name,
            namespace="AWS/RDS",
            metric=metric,
            dimensions={"DBInstanceIdentifier": stack.instance.identifier},
            statistic=statistic,
        )
        for stack in regions
        if stack.instance
    ]


def _cache_lines(regions: Sequence[RegionalStack], metric: str, statistic: str) -> list[Line]:
    return [
        Line(
            label=f"{stack.plan.name} {node}",
            region=stack.plan.name,
            namespace="AWS/ElastiCache",
            metric=metric,
            dimensions={"CacheClusterId": node},
            statistic=statistic,
        )
        for stack in regions
        if stack.cache
        for node in stack.cache.nodes
    ]


def _backup_lines(system: System, regions: Sequence[RegionalStack]) -> list[Line]:
    kinds = {
        "backup": "NumberOfBackupJobsFailed",
        "copy": "NumberOfCopyJobsFailed",
        "restore": "NumberOfRestoreJobsFailed",
    }
    return [
        Line(
            label=f"{stack.plan.name} {kind}",
            region=stack.plan.name,
            namespace="AWS/Backup",
            metric=metric,
            dimensions={"BackupVaultName": system.names.of("backup vault")},
            statistic="Sum",
        )
        for stack in regions
        for kind, metric in kinds.items()
    ]
