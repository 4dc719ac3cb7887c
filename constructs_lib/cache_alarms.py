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


def cache_alarms(nodes: Sequence[str]) -> list[Alarm]:
    """Return the rows for some nodes.

    What the metrics say: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html

    Args:
        nodes: Their names (cache cluster ids).
    """
    return [
        Alarm(
            name=f"{name}-{node}",
            section=name,
            means=means,
            namespace=NAMESPACE,
            metric=metric,
            dimensions={"CacheClusterId": node},
            threshold=threshold,
            statistic=statistic,
        )
        for node in nodes
        for name, metric, statistic, threshold, means in (
            (
                "cache-cpu",
                "EngineCPUUtilization",
                "Average",
                BUSY_PERCENT,
                f"Node {node} is close to what one core can do.",
            ),
            (
                "cache-memory",
                "DatabaseMemoryUsagePercentage",
                "Maximum",
                FULL_PERCENT,
                f"Node {node} is almost full and is about to forget what is still of use.",
            ),
            (
                "cache-evictions",
                "Evictions",
                "Sum",
                EVICTIONS_PER_MINUTE,
                f"Node {node} forgets what is still of use; the database bears the difference.",
            ),
            (
                "cache-replication-lag",
                "ReplicationLag",
                "Maximum",
                LAG_SECONDS,
                f"Replica {node} is behind; a failover to it would lose that much of the cache.",
            ),
        )
    ]
