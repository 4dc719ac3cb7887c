"""What the dashboard shows of a system: rows of metrics, regions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from constructs_lib.dashboard import Graph, Line
from constructs_lib.entry import Entry, EntryMetrics
from constructs_lib.failover_records import HealthCheckedRecords
from constructs_lib.replication import BucketMember
from deployments.system import System
from stacks.regional import RegionalStack
from stacks.store_graphs import store_graphs
from stacks.tier_graphs import file_graphs, task_graphs

MILLISECONDS = 1000
HEALTH_METRICS_REGION = "us-east-1"


def heading(system: System) -> str:
    """Say what is looked at and what it was promised."""
    objectives = system.spec.objectives
    standbys = ", ".join(plan.name for plan in system.standbys) or "none"
    return (
        f"# {system.names.prefix}\n"
        f"{system.spec.strategy} · primary **{system.primary.name}** · standby {standbys} · "
        f"RTO {objectives.rto_seconds} s · RPO {objectives.rpo_seconds} s · "
        f"[runbook]({system.spec.alarms.runbook_url})"
    )


def graphs(
    system: System,
    regions: Sequence[RegionalStack],
    records: HealthCheckedRecords | None,
    buckets: Mapping[str, Sequence[BucketMember]],
) -> list[Graph]:
    """Return the graphs in the order in which they are read during an incident."""
    return [
        _who_serves(records),
        _requests(regions),
        _who_writes(regions),
        _database_lag(system, regions),
        *_table_lag(system, regions),
        *_bucket_lag(system, buckets),
        *file_graphs(system, regions),
        *store_graphs(system, regions),
        _errors(regions),
        _durations(regions),
        *task_graphs(system, regions),
    ]


def _who_serves(records: HealthCheckedRecords | None) -> Graph:
    checks = records.health_checks if records else {}
    return Graph(
        title="Who is healthy (1) and gets traffic first",
        lines=[
            Line(
                label=region,
                region=HEALTH_METRICS_REGION,
                namespace="AWS/Route53",
                metric="HealthCheckStatus",
                dimensions={"HealthCheckId": check.id},
                statistic="Minimum",
            )
            for region, check in checks.items()
        ],
    )


def _requests(regions: Sequence[RegionalStack]) -> Graph:
    return Graph(
        title="Requests by region",
        lines=[
            _entry_line(name, name, entry.metrics, entry.metrics.requests, entry.metrics.requests_statistic)
            for name, entry in _entries(regions)
        ],
    )


def _errors(regions: Sequence[RegionalStack]) -> Graph:
    return Graph(
        title="Errors by region",
        lines=[
            _entry_line(f"{name} {culprit}", name, entry.metrics, metric, "Sum")
            for name, entry in _entries(regions)
            for culprit, metric in entry.metrics.errors.items()
        ],
    )


def _entries(regions: Sequence[RegionalStack]) -> list[tuple[str, Entry]]:
    return [(stack.plan.name, stack.entry) for stack in regions if stack.entry]


def _entry_line(label: str, region: str, metrics: EntryMetrics, metric: str, statistic: str) -> Line:
    return Line(
        label=label,
        region=region,
        namespace=metrics.namespace,
        metric=metric,
        dimensions=metrics.dimensions,
        statistic=statistic,
    )


def _who_writes(regions: Sequence[RegionalStack]) -> Graph:
    return Graph(
        title="Who is primary: commits by region",
        lines=_database_lines(regions, "CommitThroughput", "Average", {"Role": "WRITER"}),
    )


def _database_lag(system: System, regions: Sequence[RegionalStack]) -> Graph:
    spec = system.spec.database
    rpo = (spec.rpo_seconds if spec else None) or system.spec.objectives.rpo_seconds
    return Graph(
        title="Database: standby behind the writer (ms)",
        lines=_database_lines(regions, "AuroraGlobalDBReplicationLag", "Maximum", {}),
        limit=rpo * MILLISECONDS,
        limit_label="RPO",
    )


def _database_lines(regions: Sequence[RegionalStack], metric: str, statistic: str, more: dict[str, str]) -> list[Line]:
    return [
        Line(
            label=stack.plan.name,
            region=stack.plan.name,
            namespace="AWS/RDS",
            metric=metric,
            dimensions={"DBClusterIdentifier": stack.system.names.of("database cluster"), **more},
            statistic=statistic,
        )
        for stack in regions
        if stack.database
    ]


def _table_lag(system: System, regions: Sequence[RegionalStack]) -> list[Graph]:
    return [
        Graph(
            title=f"Table {purpose}: replication latency (ms)",
            lines=[
                Line(
                    label=f"{source.plan.name} → {target.plan.name}",
                    region=source.plan.name,
                    namespace="AWS/DynamoDB",
                    metric="ReplicationLatency",
                    dimensions={
                        "TableName": system.names.of("table", purpose),
                        "ReceivingRegion": target.plan.name,
                    },
                    statistic="Average",
                )
                for source, target in _ways(regions)
            ],
            limit=(spec.rpo_seconds or system.spec.objectives.rpo_seconds) * MILLISECONDS,
            limit_label="RPO",
        )
        for purpose, spec in system.spec.tables.items()
    ]


def _bucket_lag(system: System, buckets: Mapping[str, Sequence[BucketMember]]) -> list[Graph]:
    return [
        Graph(
            title=f"Bucket {purpose}: replication latency (s)",
            lines=[
                Line(
                    label=f"{source.peer.region} → {target.peer.region}",
                    region=source.peer.region,
                    namespace="AWS/S3",
                    metric="ReplicationLatency",
                    dimensions={
                        "SourceBucket": source.name,
                        "DestinationBucket": target.name,
                        "RuleId": f"to-{target.peer.region}",
                    },
                )
                for source, target in permutations(buckets[purpose], 2)
            ],
            limit=spec.rpo_seconds or system.spec.objectives.rpo_seconds,
            limit_label="RPO",
        )
        for purpose, spec in system.spec.buckets.items()
    ]


def _ways(regions: Sequence[RegionalStack]) -> list[tuple[RegionalStack, RegionalStack]]:
    """List every direction in which something is replicated."""
    return list(permutations([stack for stack in regions if stack.plan.capacity.replicas], 2))


def _durations(regions: Sequence[RegionalStack]) -> Graph:
    return Graph(
        title="Slowest requests by region (p99, ms)",
        lines=[
            Line(
                label=stack.plan.name,
                region=stack.plan.name,
                namespace="AWS/Lambda",
                metric="Duration",
                dimensions={"FunctionName": stack.function.name},
                statistic="p99",
            )
            for stack in regions
            if stack.entry and stack.system.spec.service
        ],
    )
