"""Rules about the RDS instance, the cache and the backups: what AWS, the strategy or the objectives rule out."""

from __future__ import annotations

import math
from collections.abc import Iterator

from deployments.model import Deployment
from deployments.problems import Problem
from deployments.stores import Cache

DAY = 24 * 3600
LEAST_GROWTH_PERCENT = 10
"""Autoscaling of storage needs at least a tenth more than there is:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html"""
INSIGHTLESS = ("db.t2.", "db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small")
"""Classes without Performance Insights:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.Engines.html"""
IAM_USERS_FROM = {"redis": (7, 0), "valkey": (7, 2)}
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html"""
NEWEST_REDIS = (7, 1)
"""ElastiCache has no Redis OSS beyond it: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html"""
MOST_NODES = 90
"""Nodes of a replication group without asking AWS for more:
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html"""
FAILOVERLESS = ("cache.t1.", "cache.m1.")
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html"""


def check_stores(deployment: Deployment) -> list[Problem]:
    """Return every broken rule, with keys only."""
    return [
        *_instance(deployment),
        *(_cache(deployment.cache) if deployment.cache else ()),
        *_retention(deployment),
    ]


def _problem(key: str, what: str, found: object, allowed: str) -> Problem:
    return Problem(where="", key=key, what=what, found=str(found), allowed=allowed)


def _instance(deployment: Deployment) -> Iterator[Problem]:
    instance = deployment.instance
    if instance is None:
        return
    if deployment.database:
        yield _problem("instance", "a system has one relational store", "[database] and [instance]", "one of the two")
    if deployment.strategy != "backup-restore":
        yield _problem(
            "strategy",
            "an RDS instance reaches other regions by its backups alone",
            f"{deployment.strategy} with [instance]",
            "backup-restore, or [database] in its place",
        )
    if deployment.backup is None:
        yield _problem(
            "instance", "its backups are what other regions restore", "no [backup] table", "a [backup] table"
        )
    if instance.instance_class.startswith(INSIGHTLESS):
        yield _problem(
            "instance.instance_class",
            "this class has no Performance Insights",
            instance.instance_class,
            "db.t4g.medium or larger",
        )
    least = instance.storage_gb + -(-instance.storage_gb * LEAST_GROWTH_PERCENT // 100)
    if instance.max_storage_gb is not None and instance.max_storage_gb < least:
        yield _problem(
            "instance.max_storage_gb",
            f"storage of {instance.storage_gb} GB could not grow by the tenth that AWS asks for",
            instance.max_storage_gb,
            f"at least {least}, or none",
        )


def _cache(cache: Cache) -> Iterator[Problem]:
    yield from _cache_failover(cache)
    yield from _cache_version(cache)
    if cache.shards > 1 and not cache.cluster_mode:
        yield _problem(
            "cache.shards", "more than one shard needs cluster_mode", cache.shards, "1, or cluster_mode = true"
        )
    nodes = cache.shards * (1 + cache.replicas)
    if nodes > MOST_NODES:
        yield _problem(
            "cache.shards",
            f"shards and their replicas make {nodes} nodes, AWS allows for {MOST_NODES}",
            cache.shards,
            f"at most {MOST_NODES // (1 + cache.replicas)} with {cache.replicas} replicas each",
        )


def _cache_failover(cache: Cache) -> Iterator[Problem]:
    if cache.automatic_failover and cache.replicas == 0:
        shards = (
            f"cluster mode with {cache.shards} shard{'s' if cache.shards > 1 else ''} and "
            if cache.cluster_mode
            else ""
        )
        yield _problem(
            "cache.replicas",
            f"{shards}no replica leaves automatic failover nothing to fail over to",
            cache.replicas,
            "at least 1" if cache.cluster_mode else "at least 1, or automatic_failover = false",
        )
    if cache.cluster_mode and not cache.automatic_failover:
        yield _problem(
            "cache.automatic_failover", "cluster mode cannot be had without", "false", "true, or cluster_mode = false"
        )
    if cache.automatic_failover and cache.node_type.startswith(FAILOVERLESS):
        yield _problem(
            "cache.node_type", "nodes of this family cannot fail over", cache.node_type, "a newer family, such as t4g"
        )


def _cache_version(cache: Cache) -> Iterator[Problem]:
    major, minor = (int(part) for part in cache.engine_version.split("."))
    least = IAM_USERS_FROM[cache.engine]
    if (major, minor) < least:
        yield _problem(
            "cache.engine_version",
            f"{cache.engine} of this version knows no IAM users, and a password would lie in the state",
            cache.engine_version,
            f"{least[0]}.{least[1]} or newer",
        )
    if cache.engine == "redis" and (major, minor) > NEWEST_REDIS:
        newest = ".".join(str(part) for part in NEWEST_REDIS)
        yield _problem(
            "cache.engine_version",
            "ElastiCache has no such Redis OSS",
            cache.engine_version,
            f"{newest}, or engine valkey",
        )


def _retention(deployment: Deployment) -> Iterator[Problem]:
    """Keep the newest backup until it is restored: it is up to an RPO old, and recovery takes up to an RTO."""
    if deployment.strategy != "backup-restore":
        return
    objectives = deployment.objectives
    stores = {
        "database": (deployment.database, deployment.database and deployment.database.rpo_seconds),
        "instance": (deployment.instance, deployment.instance and deployment.instance.rpo_seconds),
    }
    for tier, (store, own) in stores.items():
        if store:
            rpo = own or objectives.rpo_seconds
            yield from _too_short(
                f"{tier}.backup_retention_days", store.backup_retention_days, rpo, objectives.rto_seconds
            )
    if deployment.backup:
        for key in ("retention_days", "copy_retention_days"):
            days = getattr(deployment.backup, key)
            yield from _too_short(f"backup.{key}", days, objectives.rpo_seconds, objectives.rto_seconds)


def _too_short(key: str, days: int, rpo: int, rto: int) -> Iterator[Problem]:
    needed = math.ceil((rpo + rto) / DAY)
    if days < needed:
        yield _problem(
            key,
            f"the newest backup may be {rpo} s old (RPO) and is needed for {rto} s more (RTO): it would be gone",
            days,
            f"at least {needed}",
        )
