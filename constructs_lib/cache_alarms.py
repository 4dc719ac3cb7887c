"""What is watched on every node of a cache: roles change with each failover, so all nodes are watched alike."""

from __future__ import annotations

from collections.abc import Sequence

from constructs_lib.alarms import Alarm

NAMESPACE = "AWS/ElastiCache"
BUSY_PERCENT = 80
FULL_PERCENT = 85
LAG_SECONDS = 30
EVICTIONS_PER_MINUTE = 1000
"""A cache that forgets this much is too small: what it holds is gone before it is asked for again."""

WATCHED = (
    ("cache-cpu", "EngineCPUUtilization", "Average", BUSY_PERCENT, "is close to what one core can do."),
    (
        "cache-memory",
        "DatabaseMemoryUsagePercentage",
        "Maximum",
        FULL_PERCENT,
        "is almost full and is about to forget what is still of use.",
    ),
    (
        "cache-evictions",
        "Evictions",
        "Sum",
        EVICTIONS_PER_MINUTE,
        "forgets what is still of use; the database bears the difference.",
    ),
    (
        "cache-replication-lag",
        "ReplicationLag",
        "Maximum",
        LAG_SECONDS,
        "is behind its primary; a failover to it would lose that much of the cache.",
    ),
)
"""Name, metric, statistic, threshold, and what it means of a node:
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html"""


def cache_alarms(nodes: Sequence[str]) -> list[Alarm]:
    """Return the rows for some nodes.

    Args:
        nodes: Their names (cache cluster ids).
    """
    return [
        Alarm(
            name=f"{name}-{node}",
            section=name,
            means=f"Node {node} {means}",
            namespace=NAMESPACE,
            metric=metric,
            dimensions={"CacheClusterId": node},
            threshold=threshold,
            statistic=statistic,
        )
        for node in nodes
        for name, metric, statistic, threshold, means in WATCHED
    ]
