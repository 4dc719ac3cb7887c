"""Descriptions with an instance, a cache or an audit that is wrong in one way each, as in `bad_descriptions.py`."""

from __future__ import annotations

from tests.unit.bad_descriptions import Edit, drop, put

HOURLY = [
    put("strategy", "backup-restore"),
    put("objectives", {"rto_seconds": 86400, "rpo_seconds": 3600}),
    put("backup.every_hours", 1),
    put("buckets.assets.rpo_seconds", 3600),
]
INSTANCE = [*HOURLY, drop("database"), put("instance", {})]


def cache(**options: object) -> list[Edit]:
    return [put("cache", options)]


STORE_CASES: dict[str, tuple[list[Edit], str, str, str, str]] = {
    "a cluster and an instance": (
        [*HOURLY, put("instance", {})],
        "instance",
        "a system has one relational store",
        "[database] and [instance]",
        "one of the two",
    ),
    "an instance that nobody replicates": (
        [drop("database"), put("instance", {"rpo_seconds": 86400})],
        "strategy",
        "an RDS instance reaches other regions by its backups alone",
        "warm-standby with [instance]",
        "backup-restore",
    ),
    "an instance that is not backed up": (
        [drop("database"), put("instance", {"rpo_seconds": 86400}), drop("backup")],
        "instance",
        "its backups are what other regions restore",
        "no [backup] table",
        "a [backup] table",
    ),
    "an RPO that backups do not reach": (
        [*INSTANCE, put("backup.every_hours", 4)],
        "instance.rpo_seconds",
        "the design cannot reach this RPO: backups are taken every 4 h",
        "3600, from objectives.rpo_seconds",
        "at least 14400",
    ),
    "a backup that is gone before it is restored": (
        [*INSTANCE, put("instance.backup_retention_days", 1)],
        "instance.backup_retention_days",
        "the newest backup may be 3600 s old (RPO) and is needed for 86400 s more (RTO)",
        "1",
        "at least 2",
    ),
    "copies that are gone before they are restored": (
        [*INSTANCE, put("objectives.rto_seconds", 700_000), put("backup.copy_retention_days", 7)],
        "backup.copy_retention_days",
        "it would be gone",
        "7",
        "at least 9",
    ),
    "storage that cannot grow": (
        [*INSTANCE, put("instance.storage_gb", 100), put("instance.max_storage_gb", 105)],
        "instance.max_storage_gb",
        "storage of 100 GB could not grow",
        "105",
        "at least 110",
    ),
    "a class without Performance Insights": (
        [*INSTANCE, put("instance.instance_class", "db.t4g.micro")],
        "instance.instance_class",
        "no Performance Insights",
        "db.t4g.micro",
        "db.t4g.medium or larger",
    ),
    "automatic failover without a replica": (
        cache(replicas=0),
        "cache.replicas",
        "no replica leaves automatic failover nothing to fail over to",
        "0",
        "at least 1, or automatic_failover = false",
    ),
    "cluster mode with one shard and no replica": (
        cache(cluster_mode=True, replicas=0),
        "cache.replicas",
        "cluster mode with 1 shard and no replica",
        "0",
        "at least 1",
    ),
    "cluster mode without failover": (
        cache(cluster_mode=True, automatic_failover=False),
        "cache.automatic_failover",
        "cluster mode cannot be had without",
        "false",
        "cluster_mode = false",
    ),
    "shards without cluster mode": (
        cache(shards=2),
        "cache.shards",
        "more than one shard needs cluster_mode",
        "2",
        "cluster_mode = true",
    ),
    "more nodes than AWS allows for": (
        cache(cluster_mode=True, shards=40, replicas=2),
        "cache.shards",
        "make 120 nodes, AWS allows for 90",
        "40",
        "at most 30 with 2 replicas each",
    ),
    "a Redis that knows no IAM users": (
        cache(engine_version="6.2"),
        "cache.engine_version",
        "knows no IAM users",
        "6.2",
        "7.0 or newer",
    ),
    "a Redis that ElastiCache does not have": (
        cache(engine_version="7.4"),
        "cache.engine_version",
        "ElastiCache has no such Redis OSS",
        "7.4",
        "engine valkey",
    ),
    "nodes that cannot fail over": (
        cache(node_type="cache.m1.small"),
        "cache.node_type",
        "cannot fail over",
        "cache.m1.small",
        "a newer family",
    ),
    "a retention that CloudWatch does not know": (
        [put("audit", {"retention_days": 2000})],
        "audit.retention_days",
        "input should be",
        "2000",
        "2192",
    ),
}
"""What is told: the edits, then key, what, found and allowed."""
