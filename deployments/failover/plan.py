"""From a description to the facts of its failover, and whether the failover keeps the RTO."""

from __future__ import annotations

from dataclasses import dataclass

from deployments.capacity import capacity
from deployments.failover.facts import ContainerFacts, DatabaseFacts, Facts, FileSystemFacts, FunctionFacts
from deployments.failover.links import HUBS
from deployments.failover.longest import Path, longest_path
from deployments.failover.machine import machine
from deployments.model import Deployment
from deployments.naming import Names
from deployments.objectives import (
    AURORA_FAILOVER_SECONDS,
    AURORA_INSTANCE_SECONDS,
    END_REPLICATION_SECONDS,
    START_TASKS_SECONDS,
    budget,
)

SERVERLESS_CLASS = "db.serverless"
ENGINE = "aurora-postgresql"
SWITCH, EPOCH, UNAWARE, LOCK = "active-region", "failover/epoch", "failover/unaware", "failover/lock"
"""Parameters of the failover, below the system's own path."""
FIRST_EPOCH = "0000-00-00T00:00:00.000Z/0"
"""Before any failover: earlier than every time that Step Functions writes."""
OPEN, RECOVER = "Open writes", "Recover"


@dataclass(frozen=True, kw_only=True)
class Refs:
    """What AWS knows the region's resources by; Terraform expressions in a stack.

    Attributes:
        cluster_arn: The region's member of the Global Database. Empty: it has none.
        topic_arn: The alarm topic.
        scaling_arn: The scalable target of the containers. Empty: there are none.
        file_system_id: The region's file system. Empty: it has none.
    """

    cluster_arn: str
    topic_arn: str
    scaling_arn: str = ""
    file_system_id: str = ""


def has_global_database(spec: Deployment) -> bool:
    """Whether the database spans regions."""
    return spec.database is not None and len(spec.regions) > 1 and spec.strategy != "backup-restore"


def has_failover(spec: Deployment) -> bool:
    """Whether a state machine can move the system: there are standbys that run, and something in them that moves.

    With backup-restore a region is rebuilt first (docs/strategies.md); where all regions take writes and no database
    has a single writer, health checks alone move the traffic.
    """
    if len(spec.regions) == 1 or spec.strategy == "backup-restore":
        return False
    moves = any((spec.service, spec.container, spec.file_system))
    return has_global_database(spec) or (moves and spec.strategy != "active-active")


def facts_of(spec: Deployment, names: Names, region: str, refs: Refs) -> Facts:
    """Work out what the machines of a region are told."""
    return Facts(
        system=names.prefix,
        region=region,
        others=tuple(other.name for other in spec.regions if other.name != region),
        hubs=tuple(hub.name for hub in spec.regions[:HUBS]),
        switch=names.path(SWITCH),
        epoch=names.path(*EPOCH.split("/")),
        unaware=names.path(*UNAWARE.split("/")),
        lock=names.path(*LOCK.split("/")),
        bus=names.of("event bus", "failover"),
        topic_arn=refs.topic_arn,
        fences=spec.strategy != "active-active",
        database=_database(spec, names, refs.cluster_arn),
        function=FunctionFacts(name=names.of("function", spec.service.function), concurrency=spec.service.concurrency)
        if spec.service
        else None,
        container=_container(spec, names, refs.scaling_arn),
        file_system=FileSystemFacts(id=refs.file_system_id, end_seconds=END_REPLICATION_SECONDS)
        if spec.file_system
        else None,
    )


def _container(spec: Deployment, names: Names, scaling_arn: str) -> ContainerFacts | None:
    if spec.container is None:
        return None
    return ContainerFacts(
        cluster=names.of("cluster"),
        service=names.of("service"),
        tasks=spec.container.min_tasks,
        start_seconds=START_TASKS_SECONDS,
        scaling_arn=scaling_arn,
    )


def _database(spec: Deployment, names: Names, cluster_arn: str) -> DatabaseFacts | None:
    if spec.database is None or not has_global_database(spec):
        return None
    # Every region can become a standby: what a headless one needs is the same everywhere.
    headless = not capacity(spec, primary=False).database_instances
    cluster = names.of("database cluster")
    return DatabaseFacts(
        global_cluster=names.of("global cluster"),
        cluster_arn=cluster_arn,
        cluster=cluster,
        first_instance=names.of("database instance", "0"),
        instance=_instance(names, cluster, spec.database.instance_class) if headless else None,
        create_seconds=AURORA_INSTANCE_SECONDS,
        promote_seconds=AURORA_FAILOVER_SECONDS,
    )


def _instance(names: Names, cluster: str, instance_class: str | None) -> dict[str, object]:
    """Describe the instance that a pilot light gets, with the settings that the stack gives the others."""
    return {
        "DbClusterIdentifier": cluster,
        "DbInstanceClass": instance_class or SERVERLESS_CLASS,
        "Engine": ENGINE,
        "DbParameterGroupName": names.of("database parameter group", "instance"),
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": False,
        "CopyTagsToSnapshot": True,
        "PromotionTier": 0,
        "Tags": [
            {"Key": "Deployment", "Value": names.system},
            {"Key": "EnvironmentSuffix", "Value": names.suffix},
            {"Key": "ManagedBy", "Value": "lifeboat-failover"},
        ],
    }


def least_rto_seconds(spec: Deployment) -> int:
    """Return the shortest RTO that both the design and the failover's longest path keep."""
    plan, path = budget(spec), slowest(spec)
    return max(plan.seconds, sum(step.seconds for step in plan.before) + (path.seconds if path else 0))


def slowest(spec: Deployment) -> Path | None:
    """Return the slowest path until a standby takes writes, every time-out and retry spent. None: no failover."""
    if not has_failover(spec):
        return None
    names = Names(system=spec.name, suffix="any")
    standby = spec.regions[1].name
    facts = facts_of(spec, names, standby, Refs(cluster_arn="cluster", topic_arn="topic"))
    return longest_path(machine(facts), OPEN if facts.fences else RECOVER)
