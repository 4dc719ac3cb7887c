"""Strategy to capacity: the one place where the word in the file becomes numbers for every tier and region."""

from __future__ import annotations

from dataclasses import dataclass

from deployments.containers import Container
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
        concurrency: Concurrency reserved for a function. 0: it is there and refuses every request.
        tasks: Fewest tasks of a container service. 0: it is there and runs nothing.
        replicas: Whether the region holds replicas of tables and buckets.
    """

    database: bool
    database_instances: int
    instance: bool
    cache: bool
    service: bool
    concurrency: int
    replicas: bool
    tasks: int = 0


def capacity(deployment: Deployment, *, primary: bool) -> Capacity:
    """Work out what a region runs.

    The primary always runs everything. A standby follows the strategy, unless the tier's own table says a number:

    | strategy | cluster | instances | application | concurrency, tasks | replicas |
    |---|---|---|---|---|---|
    | backup-restore | no | 0 | no | 0 | no |
    | pilot-light | yes | 0 | yes | 0 | yes |
    | warm-standby | yes | 1 | yes | a fifth | yes |
    | active-active | yes | as the primary | yes | as the primary | yes |

    What a failover raises a standby to is what the primary runs: `service.concurrency`, `container.min_tasks`.
    """
    strategy = deployment.strategy
    live = primary or strategy in STANDBY_READS
    return Capacity(
        database=live and deployment.database is not None,
        database_instances=_instances(deployment.database, strategy, primary=primary),
        instance=primary and deployment.instance is not None,
        service=live and bool(deployment.service or deployment.container),
        cache=live and deployment.cache is not None,
        concurrency=_concurrency(deployment.service, strategy, primary=primary),
        replicas=live,
        tasks=_tasks(deployment.container, strategy, primary=primary),
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
    return _share(service.concurrency, service.standby_concurrency, strategy, primary=primary)


def _tasks(container: Container | None, strategy: Strategy, *, primary: bool) -> int:
    if container is None:
        return 0
    return _share(container.min_tasks, container.standby_tasks, strategy, primary=primary)


def _share(full: int, asked: int | None, strategy: Strategy, *, primary: bool) -> int:
    """Return how much of the full number runs in a region."""
    if primary:
        return full
    if asked is not None:
        return asked
    warm = max(1, full // 5)
    return {"backup-restore": 0, "pilot-light": 0, "warm-standby": warm, "active-active": full}[strategy]
