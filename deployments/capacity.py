"""Strategy to capacity: the one place where the word in the file becomes numbers for every tier and region."""

from __future__ import annotations

from dataclasses import dataclass

from deployments.model import Database, Deployment, Service, Strategy

STANDBY_READS = {"pilot-light", "warm-standby", "active-active"}


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What one region runs before anything fails.

    Attributes:
        database: Whether the region has a cluster.
        database_instances: Instances in that cluster. 0 with a cluster is headless: storage replicates, nothing serves.
        instance: Whether the region runs the RDS instance: the primary alone, other regions restore it.
        cache: Whether the region has a cache. Made only when needed, it would add a quarter of an hour to a recovery.
        service: Whether the application is there.
        concurrency: Concurrency reserved for the application. 0: it is there and refuses every request.
        replicas: Whether the region holds replicas of tables and buckets.
    """

    database: bool
    database_instances: int
    instance: bool
    cache: bool
    service: bool
    concurrency: int
    replicas: bool


def capacity(deployment: Deployment, *, primary: bool) -> Capacity:
    """Work out what a region runs.

    The primary always runs everything. A standby follows the strategy, unless the tier's own table says a number:

    | strategy | cluster | instances | application | concurrency | replicas |
    |---|---|---|---|---|---|
    | backup-restore | no | 0 | no | 0 | no |
    | pilot-light | yes | 0 | yes | 0 | yes |
    | warm-standby | yes | 1 | yes | a fifth | yes |
    | active-active | yes | as the primary | yes | as the primary | yes |
    """
    strategy = deployment.strategy
    live = primary or strategy in STANDBY_READS
    return Capacity(
        database=live and deployment.database is not None,
        database_instances=_instances(deployment.database, strategy, primary=primary),
        instance=primary and deployment.instance is not None,
        cache=live and deployment.cache is not None,
        service=live and deployment.service is not None,
        concurrency=_concurrency(deployment.service, strategy, primary=primary),
        replicas=live,
    )


def _instances(database: Database | None, strategy: Strategy, *, primary: bool) -> int:
    if database is None:
        return 0
    full = 1 + database.readers
    if primary:
        return full
    if database.standby_instances is not None:
        return database.standby_instances
    return {"backup-restore": 0, "pilot-light": 0, "warm-standby": 1, "active-active": full}[strategy]


def _concurrency(service: Service | None, strategy: Strategy, *, primary: bool) -> int:
    if service is None:
        return 0
    full = service.concurrency
    if primary:
        return full
    if service.standby_concurrency is not None:
        return service.standby_concurrency
    warm = max(1, full // 5)
    return {"backup-restore": 0, "pilot-light": 0, "warm-standby": warm, "active-active": full}[strategy]
