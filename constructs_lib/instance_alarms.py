"""What is watched on an RDS instance."""

from __future__ import annotations

from constructs_lib.alarms import Alarm
from deployments.stores import Instance

NAMESPACE = "AWS/RDS"
GIGABYTE = 1024**3
LOW_MEMORY_BYTES = 256 * 1024**2
LOW_STORAGE = 0.1
SLOW_SECONDS = 0.1
"""A read from gp3 takes a few milliseconds; at a hundred the storage is saturated."""


def instance_alarms(instance: str, spec: Instance) -> list[Alarm]:
    """Return the rows for one instance.

    Args:
        instance: Its identifier.
        spec: The instance's part of the description.
    """
    here = {"DBInstanceIdentifier": instance}
    return [
        Alarm(
            name="database-storage",
            means=f"Less than a tenth of the first {spec.storage_gb} GB is free; a full instance stops.",
            namespace=NAMESPACE,
            metric="FreeStorageSpace",
            dimensions=here,
            threshold=LOW_STORAGE * spec.storage_gb * GIGABYTE,
            statistic="Minimum",
            comparison="LessThanThreshold",
        ),
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
        Alarm(
            name="database-read-latency",
            means="Reads from storage take more than a tenth of a second.",
            namespace=NAMESPACE,
            metric="ReadLatency",
            dimensions=here,
            threshold=SLOW_SECONDS,
            statistic="Average",
        ),
    ]
