"""Whether the design can keep its promises: the arithmetic of RTO and RPO, step by step, tier by tier.

The seconds are planning figures, each with where it comes from; what a drill measures is compared with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deployments.distribution import Distribution
from deployments.model import Deployment, Strategy

CHECK_INTERVAL_SECONDS = 10
CHECK_FAILURES = 3
"""Ten seconds and three failures in a row are the quickest that Route 53 offers without false alarms:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html"""
ALIAS_TTL_SECONDS = 60
"""Resolvers keep an alias to a load balancer or an API this long:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html"""
SHORT_TTL_SECONDS = 20
"""Life of the service's records where content is delivered from the edge. They are no aliases, so that it is ours."""
ORIGIN_RESPONSE_SECONDS = 30
"""How long CloudFront waits for a bucket that took the connection and says nothing; the provider cannot shorten it:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html"""
AURORA_FAILOVER_SECONDS = 120
"""Managed failover of a Global Database takes minutes at most:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html"""
AURORA_INSTANCE_SECONDS = 600
"""Planning figure for adding the first instance to a headless cluster; drills on AWS measure it."""
SCALE_FUNCTION_SECONDS = 60
"""Planning figure for raising reserved concurrency and waiting until it holds."""
RESTORE_DATABASE_SECONDS = 7200
RESTORE_STORE_SECONDS = 7200
CREATE_CACHE_SECONDS = 900
REBUILD_REGION_SECONDS = 3600
"""Planning figures for restoring from a backup copy and applying a regional stack; restore tests measure them."""

AURORA_SMALLEST_RPO = 20
"""`rds.global_db_rpo` starts at 20 s:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-manage-recovery.html"""
BUCKET_RPO = 900
"""Replication time control promises 15 minutes:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html"""
TABLE_SMALLEST_RPO = 5
"""Replicas usually follow within a second and nothing is promised; below this an alarm would only be noise:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html"""
FILE_SYSTEM_RPO = 900
"""EFS replicates within 15 minutes for most file systems:
https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html"""
END_REPLICATION_SECONDS = 300
"""Planning figure for deleting a replication configuration, after which the replica takes writes; it takes minutes:
https://docs.aws.amazon.com/efs/latest/ug/replication-use-cases.html"""
START_TASKS_SECONDS = 180
"""Planning figure for starting Fargate tasks, pulling their image and two good health checks."""
HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a recovery, and how long it is planned to take."""

    name: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class TierRecovery:
    """What one tier does before it serves in the standby. Tiers recover side by side."""

    tier: str
    steps: tuple[Step, ...]

    @property
    def seconds(self) -> int:
        """Sum of the steps."""
        return sum(step.seconds for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class TierLoss:
    """What one store may lose.

    Attributes:
        tier: Key of the store in the description.
        objective: RPO that it was given, in seconds: its own, else the system's.
        is_own: Whether the store names its own.
        reachable: Least that its replication can promise, in seconds.
        why: What limits it.
    """

    tier: str
    objective: int
    is_own: bool
    reachable: int
    why: str

    @property
    def is_kept(self) -> bool:
        """Whether the promise can be kept."""
        return self.objective >= self.reachable


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The arithmetic of one system.

    Attributes:
        rto_seconds: The objective.
        before: Detection and decision, which every tier waits for.
        recoveries: The tiers, side by side.
        losses: The stores.
    """

    rto_seconds: int
    before: tuple[Step, ...]
    recoveries: tuple[TierRecovery, ...]
    losses: tuple[TierLoss, ...]

    @property
    def longest(self) -> TierRecovery:
        """The tier that the others wait for."""
        return max(self.recoveries, key=lambda recovery: recovery.seconds)

    @property
    def seconds(self) -> int:
        """Detection, decision and the longest recovery."""
        return sum(step.seconds for step in self.before) + self.longest.seconds

    @property
    def is_kept(self) -> bool:
        """Whether every objective can be kept."""
        return self.seconds <= self.rto_seconds and all(loss.is_kept for loss in self.losses)


def budget(deployment: Deployment, strategy: Strategy | None = None) -> Budget:
    """Work out a system's budget.

    Args:
        deployment: The description.
        strategy: Another strategy to try. Absent: the description's own.
    """
    chosen = strategy or deployment.strategy
    return Budget(
        rto_seconds=deployment.objectives.rto_seconds,
        before=tuple(_before(deployment, chosen)),
        recoveries=tuple(_recoveries(deployment, chosen)),
        losses=tuple(_losses(deployment, chosen)),
    )


def _before(deployment: Deployment, strategy: Strategy) -> Iterator[Step]:
    if deployment.distribution is None:
        yield from _detection(deployment, strategy)
    if strategy != "active-active" or deployment.database:
        yield Step(name="decide: a person", seconds=deployment.objectives.decision_seconds)


def _detection(deployment: Deployment, strategy: Strategy) -> Iterator[Step]:
    """Wait until clients are sent elsewhere."""
    yield Step(name="detect: health checks", seconds=CHECK_INTERVAL_SECONDS * CHECK_FAILURES)
    short = deployment.distribution is not None and strategy == "active-active"
    yield Step(name="detect: resolvers' caches", seconds=SHORT_TTL_SECONDS if short else ALIAS_TTL_SECONDS)


def _recoveries(deployment: Deployment, strategy: Strategy) -> Iterator[TierRecovery]:
    restored = strategy == "backup-restore"
    rebuild = Step(name="apply the regional stack", seconds=REBUILD_REGION_SECONDS)
    # Content waits for no health check: every request that fails is repeated elsewhere.
    waits = tuple(_detection(deployment, strategy)) if deployment.distribution else ()
    if deployment.distribution:
        yield TierRecovery(tier="content", steps=tuple(_content_steps(deployment.distribution)))
    if deployment.database:
        yield TierRecovery(tier="database", steps=(*waits, *_database_steps(deployment, strategy, rebuild)))
    if deployment.instance:
        restore = Step(name="restore from the copy", seconds=RESTORE_DATABASE_SECONDS)
        yield TierRecovery(tier="instance", steps=(*waits, restore))
    if deployment.cache:
        create = (rebuild, Step(name="create the cache", seconds=CREATE_CACHE_SECONDS))
        yield TierRecovery(tier="cache", steps=(*waits, *create) if restored else ())
    if deployment.service:
        scale = (Step(name="raise concurrency", seconds=SCALE_FUNCTION_SECONDS),)
        full = strategy == "active-active"
        yield TierRecovery(tier="service", steps=(*waits, *((rebuild,) if restored else () if full else scale)))
    if deployment.container:
        start = (Step(name="start tasks", seconds=START_TASKS_SECONDS),)
        full = strategy == "active-active"
        yield TierRecovery(
            tier="container", steps=(*waits, *((rebuild, *start) if restored else () if full else start))
        )
    if deployment.file_system:
        end = Step(name="end the replication", seconds=END_REPLICATION_SECONDS)
        restore = Step(name="restore from the copy", seconds=RESTORE_STORE_SECONDS)
        yield TierRecovery(tier="file_system", steps=(*waits, *((rebuild, restore) if restored else (end,))))
    for tier in _replicated_stores(deployment):
        steps = (rebuild, Step(name="restore from the copy", seconds=RESTORE_STORE_SECONDS)) if restored else ()
        yield TierRecovery(tier=tier, steps=steps)
    yield TierRecovery(tier="traffic", steps=waits if deployment.service else ())


def _content_steps(distribution: Distribution) -> Iterator[Step]:
    """Fail over as an origin group does: the longest that one request takes."""
    connecting = distribution.connection_attempts * distribution.connection_seconds
    yield Step(name="origin group: connecting", seconds=connecting)
    yield Step(name="origin group: no answer", seconds=ORIGIN_RESPONSE_SECONDS)


def _database_steps(deployment: Deployment, strategy: Strategy, rebuild: Step) -> Iterator[Step]:
    if strategy == "backup-restore":
        yield rebuild
        yield Step(name="restore from the copy", seconds=RESTORE_DATABASE_SECONDS)
        return
    if strategy == "pilot-light" and not (deployment.database and deployment.database.standby_instances):
        yield Step(name="add the first instance", seconds=AURORA_INSTANCE_SECONDS)
    yield Step(name="promote the secondary", seconds=AURORA_FAILOVER_SECONDS)


def _replicated_stores(deployment: Deployment) -> list[str]:
    return [f"tables.{name}" for name in deployment.tables] + [f"buckets.{name}" for name in deployment.buckets]


def _losses(deployment: Deployment, strategy: Strategy) -> Iterator[TierLoss]:
    database = deployment.database
    hours = deployment.backup.every_hours if deployment.backup else 24
    backups = f"backups are taken every {hours} h (backup.every_hours)"
    stores: list[tuple[str, int | None, int, str]] = []
    if database:
        why = "Aurora enforces an RPO of 20 s or more (rds.global_db_rpo)"
        stores.append(("database", database.rpo_seconds, AURORA_SMALLEST_RPO, why))
    if deployment.instance:
        # Whatever the strategy: nothing of an instance leaves its region but backups.
        stores.append(("instance", deployment.instance.rpo_seconds, hours * HOUR, backups))
    for name, table in deployment.tables.items():
        why = "a global table replicates asynchronously, within seconds"
        stores.append((f"tables.{name}", table.rpo_seconds, TABLE_SMALLEST_RPO, why))
    for name, bucket in deployment.buckets.items():
        why = "S3 replication time control promises 15 minutes, not less"
        stores.append((f"buckets.{name}", bucket.rpo_seconds, BUCKET_RPO, why))
    if deployment.file_system:
        why = "EFS replicates within 15 minutes for most file systems"
        stores.append(("file_system", deployment.file_system.rpo_seconds, FILE_SYSTEM_RPO, why))
    from_backup = strategy == "backup-restore"
    for tier, own, replication, why in stores:
        yield TierLoss(
            tier=tier,
            objective=own or deployment.objectives.rpo_seconds,
            is_own=own is not None,
            reachable=hours * HOUR if from_backup else replication,
            why=backups if from_backup else why,
        )
