"""Scenarios: what happens to a system, step by step, and what must hold in the end. Data files, one per scenario.

title = "The primary region goes dark"
[[steps]]
do = "dark"
where = "primary"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deployments.problems import Problem, ProblemsError

FOLDER = Path(__file__).parent / "scenarios"
ALL = "all"
SERVICES = ("apigateway", "dynamodb", "ecs", "elasticloadbalancing", "events", "lambda", "rds", "s3", "ssm", "states")
"""Services that can go dark by themselves, by the names that requests are signed with."""

Where = Literal["primary", "standby", "global"]
Service = Literal[SERVICES]  # type: ignore[valid-type] # the same tuple for people and for pydantic
Seconds = Annotated[float, Field(gt=0, le=600)]


class Part(BaseModel):
    """What all parts of a scenario share: nothing unknown is accepted, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Work(Part):
    """Let clients work for a while."""

    do: Literal["work"]
    seconds: Seconds


class Dark(Part):
    """Take a region away, the global control planes, or one service of a region."""

    do: Literal["dark"]
    where: Where
    service: Service | None = None


class Light(Part):
    """Give back what was taken away; `everything` in one go."""

    do: Literal["light"]
    where: Where | Literal["everything"] = "everything"
    service: Service | None = None


class Replication(Part):
    """Hold the replication from and to a region, whose services go on; or let it go."""

    do: Literal["hold-replication", "release-replication"]
    where: Where


class Notice(Part):
    """Wait until DNS sends clients away from the primary: the health checks have noticed."""

    do: Literal["notice"]
    within_seconds: Seconds = 60


class Decide(Part):
    """Let the time pass that people need to decide. Simulated, and told as such."""

    do: Literal["decide"]
    seconds: Seconds


class Failover(Part):
    """Order a failover."""

    do: Literal["failover"]
    to: Where = "standby"
    mode: Literal["planned", "unplanned"]
    name: str = "failover"
    wait: bool = Field(default=True, description="Wait for its end. Absent: yes.")
    expect: str = Field(default="SUCCEEDED", description="SUCCEEDED, ABORTED, or the error that it must end with.")


class Await(Part):
    """Wait for the end of a failover that was ordered without waiting."""

    do: Literal["await"]
    name: str = "failover"
    expect: str = "SUCCEEDED"


class Reach(Part):
    """Wait until a failover has entered a state."""

    do: Literal["reach"]
    name: str = "failover"
    state: str
    within_seconds: Seconds = 60


class Stop(Part):
    """Stop a failover by hand."""

    do: Literal["stop"]
    name: str = "failover"


class Deploy(Part):
    """Begin to apply the stack of a region; only where a system was deployed with Terraform."""

    do: Literal["deploy"]
    where: Where = "primary"


class Deployed(Part):
    """Wait for the end of that."""

    do: Literal["deployed"]
    expect: Literal["failed", "succeeded"]


class Plan(Part):
    """Plan every stack: nothing may be replaced, destroyed or detached."""

    do: Literal["plan"]


class ReplicateFiles(Part):
    """Do what people do after a failover: have files replicated again. A system without files: nothing."""

    do: Literal["replicate-files"]


class Agree(Part):
    """Wait until every region that answers takes the same region for open."""

    do: Literal["agree"]
    within_seconds: Seconds = 30


Step = Annotated[
    Work
    | Dark
    | Light
    | Replication
    | Notice
    | Decide
    | Failover
    | Await
    | Reach
    | Stop
    | Deploy
    | Deployed
    | Plan
    | ReplicateFiles
    | Agree,
    Field(discriminator="do"),
]


class Expect(Part):
    """What must hold beside what always must (`judge.py`)."""

    open: Where = Field(description="Who takes writes in the end, by its role in the beginning.")
    rto: Literal["kept", "none"] = Field(
        default="kept", description="kept: an outage, within the RTO. none: no write was ever refused."
    )
    rpo: Literal["kept", "missed"] = Field(
        default="kept", description="missed: more was lost than the objective allows, and the drill must say so."
    )
    lost_orders: Literal["none", "some", "any"] = Field(default="none", description="Missing when writes opened again.")
    lost_rows: Literal["none", "some", "any"] = Field(default="none", description="The same in PostgreSQL.")
    fence: Literal["confirmed", "unreachable", "any"] = Field(
        default="any", description="What the failover must have noted of the old primary."
    )
    rpo_seconds: int | None = Field(
        default=None,
        ge=1,
        description="Judge by this RPO instead of the system's, so that a drill need not last as long.",
    )


Tier = Literal["service", "function", "container", "orders", "database", "tables", "buckets"]
"""A `service` is a function or containers; `orders` are kept in a table or in a database that spans regions."""


class Scenario(Part):
    """One scenario.

    Attributes:
        name: Of its file.
    """

    name: str = ""
    title: str
    about: str
    tiers: tuple[Tier, ...] = Field(
        default=(), description="What a system must have for it. Absent: any system with a failover."
    )
    from_described_primary: bool = Field(
        default=False, description="Begin with the region that the description calls primary."
    )
    simulated: tuple[str, ...] = Field(default=(), description="What is simulated beyond what every drill simulates.")
    steps: tuple[Step, ...] = Field(min_length=1)
    expect: Expect


def known(folder: Path = FOLDER) -> list[str]:
    """List the scenarios by name."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_scenarios(names: Sequence[str], folder: Path = FOLDER) -> list[Scenario]:
    """Read scenarios; `all`, or no name, means every one of the folder.

    Args:
        names: Names in the folder, or paths of files.
        folder: Where names are looked for.

    Raises:
        ProblemsError: With every problem of every file, and every name that is not known.
    """
    wanted = known(folder) if not names or ALL in names else list(dict.fromkeys(names))
    problems: list[Problem] = []
    found: list[Scenario] = []
    for name in wanted:
        path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
        try:
            found.append(_read(path, name, folder))
        except ProblemsError as error:
            problems += error.problems
    if problems:
        raise ProblemsError(problems)
    return found


def _read(path: Path, name: str, folder: Path) -> Scenario:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        allowed = ", ".join([ALL, *known(folder)])
        raise ProblemsError.one(
            "lifeboat drill", "no such scenario", key="--scenario", found=name, allowed=allowed
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProblemsError.one(str(path), f"is not readable as TOML: {error}") from None
    try:
        scenario = Scenario.model_validate({**table, "name": path.stem})
    except ValidationError as error:
        raise ProblemsError(_problem(path, details) for details in error.errors(include_url=False)) from None
    problems = list(_check(path, scenario))
    if problems:
        raise ProblemsError(problems)
    return scenario


def _problem(path: Path, details: Any) -> Problem:  # noqa: ANN401 pydantic's own dictionary
    key = ".".join(str(part) for part in details["loc"])
    kind = details["type"]
    if kind == "extra_forbidden":
        return Problem(where=str(path), key=key, what="unknown key")
    if kind == "missing":
        return Problem(where=str(path), key=key, what="is missing")
    message = details["msg"]
    allowed = str(details.get("ctx", {}).get("expected", details.get("ctx", {}).get("expected_tags", "")))
    found = "" if isinstance(details["input"], dict) else repr(details["input"])[:80]
    return Problem(where=str(path), key=key, what=message[:1].lower() + message[1:], found=found, allowed=allowed)


def _check(path: Path, scenario: Scenario) -> Iterator[Problem]:
    """Yield steps that refer to a failover or a deploy that was not begun before."""
    begun: set[str] = set()
    deploying = False
    for index, step in enumerate(scenario.steps):
        if isinstance(step, Failover):
            begun.add(step.name)
        deploying |= isinstance(step, Deploy)
        if isinstance(step, Await | Reach | Stop) and step.name not in begun:
            yield Problem(
                where=str(path),
                key=f"steps.{index}.name",
                what="no failover of this name was ordered before",
                found=step.name,
                allowed=", ".join(sorted(begun)),
            )
        if isinstance(step, Deployed) and not deploying:
            yield Problem(where=str(path), key=f"steps.{index}", what="no deploy was begun before")
        if isinstance(step, Dark | Light) and step.where == "global" and step.service:
            yield Problem(
                where=str(path), key=f"steps.{index}.service", what="the global control planes go dark together"
            )
