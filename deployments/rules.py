"""Rules between the tables: what AWS, the strategy or the objectives rule out, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from deployments.model import Database, Deployment, Service
from deployments.problems import Problem

AURORA_SMALLEST_RPO = 20
"""`rds.global_db_rpo` starts at 20 s:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-manage-recovery.html"""
BUCKET_RPO = 900
"""Replication time control promises 15 minutes:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html"""
TABLE_SMALLEST_RPO = 5
"""Replicas usually follow within a second and nothing is promised; below this an alarm would only be noise:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html"""
BACKUP_SMALLEST_RPO = 3600
"""A backup plan runs at most once an hour:
https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html"""
FAILOVER_DETECTION = 60
"""Seconds until clients follow: 10 s health checks, three in a row, and a resolver's 60 s cache overlap in part:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html"""
GLOBAL_MEMORY_OPTIMISED = ("db.r", "db.x")
"""Instance families a Global Database accepts:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.configuration.requirements.html"""
GLOBAL_SERVERLESS_MINIMUM = {13: 6, 14: 3, 15: 2, 16: 1, 17: 4}
"""First minor version of each major that joins a Global Database on Serverless v2:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.Aurora_Fea_Regions_DB-eng.Feature.ServerlessV2.html"""


def check(deployment: Deployment) -> list[Problem]:
    """Return every broken rule (keys only; the caller knows the file). Empty: the description can be built."""
    return [
        *_regions(deployment),
        *_strategy(deployment),
        *_objectives(deployment),
        *_database(deployment),
        *_service(deployment),
    ]


def _problem(key: str, what: str, found: object, allowed: str) -> Problem:
    return Problem(where="", key=key, what=what, found=str(found), allowed=allowed)


def _regions(deployment: Deployment) -> Iterator[Problem]:
    for name, count in Counter(region.name for region in deployment.regions).items():
        if count > 1:
            yield _problem("regions", f"{name} is listed {count} times", name, "each region once")


def _strategy(deployment: Deployment) -> Iterator[Problem]:
    strategy = deployment.strategy
    standbys = len(deployment.regions) - 1
    if not standbys and strategy != "backup-restore":
        yield _problem(
            "strategy",
            "needs a standby region",
            f"{strategy} with one region",
            "backup-restore, or a second region",
        )
    if deployment.database:
        yield from _standby_number(
            strategy,
            "database.standby_instances",
            deployment.database.standby_instances,
            1 + deployment.database.readers,
        )
    if deployment.service:
        yield from _standby_number(
            strategy,
            "service.standby_concurrency",
            deployment.service.standby_concurrency,
            deployment.service.concurrency,
        )
    if strategy == "backup-restore" and deployment.backup is None:
        yield _problem("strategy", "backup-restore restores from backups", "no [backup] table", "a [backup] table")


def _standby_number(strategy: str, key: str, number: int | None, full: int) -> Iterator[Problem]:
    if number is None:
        return
    if strategy == "backup-restore" and number > 0:
        yield _problem(key, "backup-restore runs nothing in a standby", number, "0, or another strategy")
    if strategy == "warm-standby" and number == 0:
        yield _problem(key, "a warm standby serves at any time", number, "at least 1, or strategy pilot-light")
    if strategy == "active-active" and number < full:
        yield _problem(key, "active-active runs every region at full capacity", number, f"at least {full}")


def _objectives(deployment: Deployment) -> Iterator[Problem]:
    objectives = deployment.objectives
    if objectives.rto_seconds < FAILOVER_DETECTION:
        yield _problem(
            "objectives.rto_seconds",
            f"detection by health checks alone takes up to {FAILOVER_DETECTION} s",
            objectives.rto_seconds,
            f"at least {FAILOVER_DETECTION}",
        )
    for key, rpo, least, why in _promises(deployment):
        effective = rpo if rpo is not None else objectives.rpo_seconds
        if effective < least:
            yield _problem(
                f"{key}.rpo_seconds",
                f"the design cannot reach this RPO: {why}",
                effective if rpo is not None else f"{effective}, from objectives.rpo_seconds",
                f"at least {least}",
            )


def _promises(deployment: Deployment) -> Iterator[tuple[str, int | None, int, str]]:
    """Yield each store's key, its own RPO, the least that its replication can promise, and the reason."""
    backups = "backups are taken at most once an hour"
    restore = deployment.strategy == "backup-restore"
    if deployment.database:
        least, why = AURORA_SMALLEST_RPO, "Aurora enforces an RPO of 20 s or more (rds.global_db_rpo)"
        yield (
            "database",
            deployment.database.rpo_seconds,
            *((BACKUP_SMALLEST_RPO, backups) if restore else (least, why)),
        )
    for name, table in deployment.tables.items():
        least, why = TABLE_SMALLEST_RPO, "a global table replicates asynchronously, within seconds"
        yield (
            f"tables.{name}",
            table.rpo_seconds,
            *((BACKUP_SMALLEST_RPO, backups) if restore else (least, why)),
        )
    for name, bucket in deployment.buckets.items():
        least, why = BUCKET_RPO, "S3 replication time control promises 15 minutes, not less"
        yield (
            f"buckets.{name}",
            bucket.rpo_seconds,
            *((BACKUP_SMALLEST_RPO, backups) if restore else (least, why)),
        )


def _database(deployment: Deployment) -> Iterator[Problem]:
    database = deployment.database
    if database is None:
        return
    is_global = len(deployment.regions) > 1 and deployment.strategy != "backup-restore"
    if database.instance_class is None:
        yield from _serverless(database, is_global=is_global)
    elif is_global and not database.instance_class.startswith(GLOBAL_MEMORY_OPTIMISED):
        yield _problem(
            "database.instance_class",
            "a Global Database needs memory-optimised instances",
            database.instance_class,
            "a class of the db.r or db.x families, or none for Serverless v2",
        )
    major, minor = (int(part) for part in database.engine_version.split("."))
    least = GLOBAL_SERVERLESS_MINIMUM.get(major)
    if is_global and (least is None or minor < least):
        yield _problem(
            "database.engine_version",
            "this version cannot be in a Global Database",
            database.engine_version,
            ", ".join(f"{known}.{first} or newer" for known, first in GLOBAL_SERVERLESS_MINIMUM.items()),
        )


def _serverless(database: Database, *, is_global: bool) -> Iterator[Problem]:
    if is_global and database.min_acu == 0:
        yield _problem("database.min_acu", "a Global Database's primary cannot pause", database.min_acu, "at least 0.5")
    if database.min_acu > database.max_acu:
        yield _problem("database.min_acu", "is above database.max_acu", database.min_acu, f"at most {database.max_acu}")


def _service(deployment: Deployment) -> Iterator[Problem]:
    service = deployment.service
    if service is None:
        return
    yield from _reference("service.table", service.table, sorted(deployment.tables))
    yield from _reference("service.bucket", service.bucket, sorted(deployment.buckets))
    yield from _health_path(service)


def _reference(key: str, name: str | None, known: list[str]) -> Iterator[Problem]:
    if name is not None and name not in known:
        yield _problem(key, "names something that this file does not describe", name, ", ".join(known) or "nothing")


def _health_path(service: Service) -> Iterator[Problem]:
    """Keep the path within what a Route 53 health check takes."""
    limit = 255  # https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    if len(service.health_path) > limit:
        yield _problem("service.health_path", "is too long", len(service.health_path), f"{limit} characters")
