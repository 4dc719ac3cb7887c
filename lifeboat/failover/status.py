"""Who is primary, how far the others are behind, what is wrong: asked of all regions at once, judged in one place."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from deployments.failover.facts import NOBODY
from deployments.failover.plan import has_failover
from deployments.system import System
from lifeboat.failover.clients import Clients, Silence, ask_all
from lifeboat.failover.look import health_questions, questions, services
from lifeboat.workspace import Workspace, read_record

GLOBAL = "global"
ALL_REGIONS = "all"
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RegionStatus:
    """What one region said.

    Attributes:
        name: AWS region.
        answers: JSON by question, such as `switch`, `database`, `tables.orders`.
        missing: Why there is no answer, by question.
    """

    name: str
    answers: dict[str, Json]
    missing: dict[str, str]

    @property
    def is_dark(self) -> bool:
        """Whether it answered nothing at all."""
        return not self.answers and bool(self.missing)

    @property
    def open_region(self) -> str | None:
        """Which region this one takes for open for writes. None: it did not say."""
        value = self.answers.get("switch", {}).get("value")
        return str(value) if value else None

    @property
    def takes_writes(self) -> bool:
        """Whether this region says of itself that it is open, and it alone."""
        return self.open_region == self.name

    @property
    def epoch(self) -> str:
        """The failover that it heard of last; later ones are greater. Empty: it did not say."""
        return str(self.answers.get("epoch", {}).get("value", ""))

    @property
    def unaware(self) -> str | None:
        """Which region it replaced without an answer, and that has not heard of it. None: there is none."""
        value = self.answers.get("unaware", {}).get("value", NOBODY)
        return None if value == NOBODY or not self.takes_writes else str(value)


@dataclass(frozen=True, kw_only=True)
class Status:
    """A system as it is now.

    Attributes:
        system: Its prefix.
        at: When it was asked, UTC.
        seconds: How long asking took.
        primary: The region that takes writes; `none` while fenced, `all` where every region does, None when unknown.
        regions: What each region said, in the order of the description.
        health: Whether a region's health check is healthy, by region; None: that check did not answer. Empty: Route 53
            did not.
        problems: What a person should know, worst first.
        last_drill: The newest drill on record. None: there is none here.
    """

    system: str
    at: str
    seconds: float
    primary: str | None
    regions: tuple[RegionStatus, ...]
    health: dict[str, bool | None]
    problems: tuple[str, ...]
    last_drill: Json | None

    def region(self, name: str) -> RegionStatus:
        """Return one region's part."""
        return next(each for each in self.regions if each.name == name)

    def as_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(asdict(self), indent=2)


def gather(clients: Clients, system: System, workspace: Workspace | None = None) -> Status:
    """Ask every region everything at once, for no longer than one answer may take."""
    clients.prepare(services(system), [plan.name for plan in system.regions])
    began = time.monotonic()
    asked = {
        f"{plan.name} {name}": question
        for plan in system.regions
        for name, question in questions(clients, system, plan).items()
    }
    asked |= {f"{GLOBAL} {name}": question for name, question in health_questions(clients, system).items()}
    heard = ask_all(asked, deadline_seconds=clients.deadline_seconds)
    regions = tuple(_region(plan.name, heard) for plan in system.regions)
    health = heard.get(f"{GLOBAL} health", {})
    primary = _primary(regions)
    unheard = [] if isinstance(health, Silence) else [name for name, healthy in health.items() if healthy is None]
    silent = f"Route 53 did not say how its health checks are: {health.why}" if isinstance(health, Silence) else ""
    return Status(
        system=system.names.prefix,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 2),
        primary=primary,
        regions=regions,
        health={} if isinstance(health, Silence) else health,
        problems=(
            *_problems(system, primary, regions),
            *filter(None, [silent]),
            *(f"the health check of {name} did not answer" for name in unheard),
        ),
        last_drill=read_record((workspace or Workspace.of()).folder / "drills" / system.names.prefix / "last.json"),
    )


def _region(name: str, heard: dict[str, Json | Silence]) -> RegionStatus:
    own = {key.removeprefix(f"{name} "): answer for key, answer in heard.items() if key.startswith(f"{name} ")}
    return RegionStatus(
        name=name,
        answers={key: answer for key, answer in own.items() if not isinstance(answer, Silence)},
        missing={key: answer.why for key, answer in own.items() if isinstance(answer, Silence)},
    )


def _primary(regions: tuple[RegionStatus, ...]) -> str | None:
    """Return the region that says of itself that it is open, by the newest failover; else what the others agree on."""
    newest = max((region for region in regions if region.takes_writes), key=lambda region: region.epoch, default=None)
    if newest:
        return newest.name
    said = {region.open_region for region in regions if region.open_region}
    return said.pop() if len(said) == 1 else None


def _problems(system: System, primary: str | None, regions: tuple[RegionStatus, ...]) -> Iterator[str]:
    open_regions = [region.name for region in regions if region.takes_writes]
    if len(open_regions) > 1:
        yield f"SPLIT: {' and '.join(open_regions)} each take themselves for the primary"
    if primary == NOBODY:
        yield "no region is open for writes: a failover is under way, or one failed"
    for region in regions:
        if region.is_dark:
            yield f"{region.name} does not answer: {next(iter(region.missing.values()))}"
            continue
        for question, why in region.missing.items():
            yield f"{region.name} does not answer for {question}: {why}"
        yield from _region_problems(system, primary, region)


def _region_problems(system: System, primary: str | None, region: RegionStatus) -> Iterator[str]:
    said = region.open_region
    if primary and said and said not in {primary, ALL_REGIONS}:
        yield f"{region.name} still takes {said} for the primary: clients there are told so"
    if region.unaware:
        yield f"{region.unaware} has not heard yet that {region.name} replaced it: clients are led past it"
    firing = region.answers.get("alarms", {}).get("firing", [])
    if firing:
        yield f"{region.name}: alarms: {', '.join(firing)}"
    yield from _database_problems(system, primary, region)
    yield from _store_problems(system, region)
    yield from _capacity_problems(region)
    if has_failover(system.spec):
        runs = region.answers.get("failovers", {}).get("executions", [])
        if runs and runs[0]["status"] not in {"RUNNING", "SUCCEEDED"}:
            yield f"the last failover to {region.name} {runs[0]['status']} at {runs[0]['started']}"


def _database_problems(system: System, primary: str | None, region: RegionStatus) -> Iterator[str]:
    database, spec = region.answers.get("database"), system.spec.database
    if database is None or spec is None:
        return
    rpo = spec.rpo_seconds or system.spec.objectives.rpo_seconds
    if database["lag_seconds"] is not None and database["lag_seconds"] > rpo:
        yield f"database: {region.name} is {database['lag_seconds']:g} s behind, the RPO is {rpo} s"
    if database["status"] != "available":
        yield f"database: the cluster in {region.name} is {database['status']}"
    moved = database["writer"] != primary and primary not in {None, NOBODY, ALL_REGIONS}
    if moved and region.name == primary:
        yield f"database: it writes in {database['writer']}, while {primary} is open for writes"


def _store_problems(system: System, region: RegionStatus) -> Iterator[str]:
    """Tell which copies of what a region holds are late or do not come at all."""
    spec, promised = system.spec, system.spec.objectives.rpo_seconds
    stores = {f"tables.{purpose}": ("table", purpose, table.rpo_seconds) for purpose, table in spec.tables.items()}
    stores |= {
        f"buckets.{purpose}": ("bucket", purpose, bucket.rpo_seconds) for purpose, bucket in spec.buckets.items()
    }
    for question, (kind, purpose, own) in stores.items():
        answer, rpo = region.answers.get(question, {}), own or promised
        for other, lag in answer.get("lag_seconds", {}).items():
            if lag is not None and lag > rpo:
                yield f"{kind} {purpose}: {other} is {lag:g} s behind {region.name}, the RPO is {rpo} s"
        for rule, state in answer.get("rules", {}).items():
            if state != "Enabled":
                yield f"{kind} {purpose}: rule {rule} in {region.name} is {state}: nothing is copied"
    files = region.answers.get("files")
    if files and spec.file_system:
        rpo, lag = spec.file_system.rpo_seconds or promised, files["lag_seconds"]
        if files["status"] != "ENABLED":
            yield f"files: replication with {region.name} is {files['status']}: docs/failover.md, Files"
        elif lag is not None and lag > rpo:
            yield f"files: the copy is {lag:.0f} s old, the RPO is {rpo} s"


def _capacity_problems(region: RegionStatus) -> Iterator[str]:
    containers = region.answers.get("containers")
    if containers and containers["status"] != "ACTIVE":
        yield f"containers: the service in {region.name} is {containers['status']}"
    elif containers and containers["running"] < containers["wanted"]:
        yield f"containers: {containers['running']} of {containers['wanted']} tasks run in {region.name}"


def last_known_lag(status: Status, region: str) -> float | None:
    """Return how far a region's stores were behind when last measured, in seconds. None: nothing was measured."""
    target = status.region(region)
    lags = [target.answers.get("database", {}).get("lag_seconds"), target.answers.get("files", {}).get("lag_seconds")]
    for other in status.regions:
        for question, answer in other.answers.items():
            if question.startswith(("tables.", "buckets.")) and other.name == status.primary:
                lags.append(answer["lag_seconds"].get(region))
    known = [lag for lag in lags if lag is not None]
    return max(known, default=None)
