"""Rules between the tables: what AWS, the strategy or the objectives rule out, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from deployments.container_rules import check_containers
from deployments.distribution_rules import distribution_problems
from deployments.failover.plan import slowest
from deployments.model import Database, Deployment, Service, Strategy
from deployments.objectives import budget
from deployments.problems import Problem
from deployments.store_rules import check_stores

GLOBAL_MEMORY_OPTIMISED = ("db.r", "db.x")
"""Instance families a Global Database accepts:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.configuration.requirements.html"""
GLOBAL_SERVERLESS_MINIMUM = {13: 6, 14: 3, 15: 2, 16: 1, 17: 4}
"""First minor version of each major that joins a Global Database on Serverless v2:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.Aurora_Fea_Regions_DB-eng.Feature.ServerlessV2.html"""


GLOBAL_SECONDARIES = 10
"""Secondary regions of a Global Database:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html"""


def check(deployment: Deployment) -> list[Problem]:
    """Return every broken rule (keys only; the caller knows the file). Empty: the description can be built."""
    return [
        *_regions(deployment),
        *_strategy(deployment),
        *_objectives(deployment),
        *_failover(deployment),
        *_database(deployment),
        *_tables(deployment),
        *_service(deployment),
        *check_stores(deployment),
        *check_containers(deployment),
        *distribution_problems(deployment),
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
    if deployment.container:
        yield from _standby_number(
            strategy, "container.standby_tasks", deployment.container.standby_tasks, deployment.container.min_tasks
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
    plan = budget(deployment)
    if plan.seconds > plan.rto_seconds:
        longest = plan.longest
        steps = " + ".join(f"{step.name} {step.seconds}" for step in (*plan.before, *longest.steps))
        yield _problem(
            "objectives.rto_seconds",
            f"the design takes longer to recover: {steps} = {plan.seconds} s, with {longest.tier} the slowest tier",
            plan.rto_seconds,
            f"at least {plan.seconds}, or {_quicker(deployment)}",
        )
    for loss in plan.losses:
        if not loss.is_kept:
            yield _problem(
                f"{loss.tier}.rpo_seconds",
                f"the design cannot reach this RPO: {loss.why}",
                loss.objective if loss.is_own else f"{loss.objective}, from objectives.rpo_seconds",
                f"at least {loss.reachable}",
            )


def _failover(deployment: Deployment) -> Iterator[Problem]:
    """Add up the failover as it is deployed: every time-out spent, every retry needed, on its slowest path."""
    path, plan = slowest(deployment), budget(deployment)
    if path is None or plan.seconds > plan.rto_seconds:  # then the design itself is too slow, which is said already
        return
    before = sum(step.seconds for step in plan.before)
    if before + path.seconds > plan.rto_seconds:
        yield _problem(
            "objectives.rto_seconds",
            "the failover can take longer, with every time-out and retry spent: detection and decision"
            f" {before} + state machine {path.seconds} = {before + path.seconds} s",
            plan.rto_seconds,
            f"at least {before + path.seconds}, or fewer seconds for the decision",
        )


def _quicker(deployment: Deployment) -> str:
    """Name the strategies that would keep the RTO."""
    kept = [
        strategy
        for strategy in get_args(Strategy)
        if (strategy == "backup-restore" or len(deployment.regions) > 1)
        and budget(deployment, strategy).seconds <= deployment.objectives.rto_seconds
    ]
    return f"strategy {' or '.join(kept)}" if kept else "fewer seconds for the decision; no strategy is quicker"


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
    standbys = len(deployment.regions) - 1
    if is_global and standbys > GLOBAL_SECONDARIES:
        yield _problem(
            "regions",
            "a Global Database does not join so many regions",
            f"{standbys} standbys",
            f"{GLOBAL_SECONDARIES} standbys",
        )
    if is_global and (least is None or minor < least):
        yield _problem(
            "database.engine_version",
            "this version cannot be in a Global Database",
            database.engine_version,
            ", ".join(f"{known}.{first} or newer" for known, first in GLOBAL_SERVERLESS_MINIMUM.items()),
        )


def _tables(deployment: Deployment) -> Iterator[Problem]:
    """Keep the two parts of a key apart: DynamoDB refuses one attribute for both."""
    for name, table in deployment.tables.items():
        keys = {f"tables.{name}": table} | {
            f"tables.{name}.indexes.{each}": index for each, index in table.indexes.items()
        }
        for key, held in keys.items():
            if held.sort_key == held.partition_key:
                yield _problem(f"{key}.sort_key", "is the partition key, too", held.sort_key, "another attribute")


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
    if service.requests_per_second is not None and service.entry != "rest-api":
        yield _problem(
            "service.requests_per_second", "only a rest-api throttles", service.requests_per_second, "entry rest-api"
        )


def _reference(key: str, name: str | None, known: list[str]) -> Iterator[Problem]:
    if name is not None and name not in known:
        yield _problem(key, "names something that this file does not describe", name, ", ".join(known) or "nothing")


def _health_path(service: Service) -> Iterator[Problem]:
    """Keep the path within what a Route 53 health check takes."""
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    # The records add a question to the path.
    limit = 255 - len("?for=clients")
    if len(service.health_path) > limit:
        yield _problem("service.health_path", "is too long", len(service.health_path), f"{limit} characters")
