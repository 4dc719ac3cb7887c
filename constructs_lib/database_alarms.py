"""What is watched on an Aurora member, the same in every region: after a failover the roles are swapped."""

from __future__ import annotations

from collections.abc import Mapping

from constructs_lib.alarms import Alarm
from deployments.model import Database

NAMESPACE = "AWS/RDS"
MILLISECONDS = 1000
LOW_MEMORY_BYTES = 256 * 1024**2


def database_alarms(cluster: str, spec: Database, lag_allowed: int | None) -> list[Alarm]:
    """Return the rows for one cluster.

    Args:
        cluster: Its identifier.
        spec: The database's part of the description.
        lag_allowed: Seconds that a standby may be behind, measured where it is; the writer's region has no data. None:
            there is no standby.
    """
    here = {"DBClusterIdentifier": cluster}
    return [*(_lag(here, lag_allowed) if lag_allowed else ()), *_load(here, spec)]


def _lag(here: Mapping[str, str], rpo_seconds: int) -> list[Alarm]:
    return [
        Alarm(
            name="database-replication-lag",
            means=f"The standby database is more than half of the RPO ({rpo_seconds} s) behind the writer.",
            namespace=NAMESPACE,
            metric="AuroraGlobalDBReplicationLag",
            dimensions=here,
            threshold=rpo_seconds * MILLISECONDS / 2,
        ),
        Alarm(
            name="database-rpo-lag",
            means="Failing over now would lose more writes than the RPO allows.",
            namespace=NAMESPACE,
            metric="AuroraGlobalDBRPOLag",
            dimensions=here,
            threshold=rpo_seconds * MILLISECONDS,
            periods=1,
        ),
    ]


def _load(here: Mapping[str, str], spec: Database) -> list[Alarm]:
    rows = [
        Alarm(
            name="database-memory",
            means="The database is about to run out of memory and would restart.",
            namespace=NAMESPACE,
            metric="FreeableMemory",
            dimensions=here,
            threshold=LOW_MEMORY_BYTES,
            statistic="Minimum",
            comparison="LessThanThreshold",
        ),
        Alarm(
            name="database-cpu",
            means="The database is saturated; requests are about to time out.",
            namespace=NAMESPACE,
            metric="CPUUtilization",
            dimensions=here,
            threshold=90,
            statistic="Average",
        ),
    ]
    if spec.instance_class is None:
        rows.append(
            Alarm(
                name="database-capacity",
                means=f"The database is close to its ceiling of {spec.max_acu:g} ACU and cannot grow further.",
                namespace=NAMESPACE,
                metric="ACUUtilization",
                dimensions=here,
                threshold=90,
                statistic="Average",
            )
        )
    return rows
