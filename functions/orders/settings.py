"""What the function is told about the system it runs in: one typed contract, read once from the environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

AUTHORITIES = Path(__file__).with_name("rds-authorities.pem")
"""Put there by the packager; see `functions/packaging.py`."""


class Entry(StrEnum):
    """What stands in front of the function, and so which shape its events have."""

    ALB = "alb"
    REST_API = "rest-api"


class SettingsError(Exception):
    """The environment does not describe a system. The message names every variable concerned."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The function's environment.

    Attributes:
        deployment: The system, such as `ecommerce` (`DEPLOYMENT`).
        suffix: Which copy of the system, such as `dev` (`ENVIRONMENT_SUFFIX`).
        entry: What calls the function (`ENTRY`).
        region: The region that the function runs in (`AWS_REGION`, set by Lambda).
        table: Name of the orders table (`TABLE_NAME`). None when the system keeps no orders.
        bucket: Name of the attachments bucket (`BUCKET_NAME`). None when the system keeps no attachments.
        active_region_parameter: Name of the SSM parameter, in this region, that says which region is open for
            writes (`ACTIVE_REGION_PARAMETER`). None when nothing fences this system: writes are always open.
        unaware_region_parameter: Name of the SSM parameter, in this region, that says which region this one replaced
            without an answer (`UNAWARE_REGION_PARAMETER`). None when there is no failover.
        database: Name of the database (`DATABASE_NAME`). None when the system, or this region, has none.
        database_path: Under which the database's endpoints are parameters and its credentials a secret, both in this
            region (`DATABASE_PATH`). Set when `database` is.
        authorities: File with the authorities that vouch for the database (`PGSSLROOTCERT`, the name that PostgreSQL's
            own clients use). Absent: Amazon RDS's, which the archive carries. There is no way to do without any.
    """

    deployment: str
    suffix: str
    entry: Entry
    region: str
    table: str | None = None
    bucket: str | None = None
    active_region_parameter: str | None = None
    unaware_region_parameter: str | None = None
    database: str | None = None
    database_path: str | None = None
    authorities: Path = AUTHORITIES

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the contract.

        Raises:
            SettingsError: With every required variable that is missing, every variable that is set but empty, and
                an `ENTRY` that is not known.
        """
        required = ("DEPLOYMENT", "ENVIRONMENT_SUFFIX", "ENTRY", "AWS_REGION")
        together = ("DATABASE_NAME", "DATABASE_PATH")
        switches = ("ACTIVE_REGION_PARAMETER", "UNAWARE_REGION_PARAMETER")
        optional = ("TABLE_NAME", "BUCKET_NAME", *switches, "PGSSLROOTCERT", *together)
        problems = [f"{name} is missing" for name in required if name not in environment]
        problems += [f"{name} is empty" for name in (*required, *optional) if environment.get(name) == ""]
        if len(set(together) & environment.keys()) == 1:
            problems.append(f"{' and '.join(together)} go together")
        known = ", ".join(Entry)
        if environment.get("ENTRY") and environment["ENTRY"] not in tuple(Entry):
            problems.append(f"ENTRY is {environment['ENTRY']!r}, allowed: {known}")
        if problems:
            raise SettingsError(f"environment of the orders function: {'; '.join(problems)}")
        return cls(
            deployment=environment["DEPLOYMENT"],
            suffix=environment["ENVIRONMENT_SUFFIX"],
            entry=Entry(environment["ENTRY"]),
            region=environment["AWS_REGION"],
            table=environment.get("TABLE_NAME"),
            bucket=environment.get("BUCKET_NAME"),
            active_region_parameter=environment.get("ACTIVE_REGION_PARAMETER"),
            unaware_region_parameter=environment.get("UNAWARE_REGION_PARAMETER"),
            database=environment.get("DATABASE_NAME"),
            database_path=environment.get("DATABASE_PATH"),
            authorities=Path(environment.get("PGSSLROOTCERT", AUTHORITIES)),
        )


@cache
def code_version() -> str:
    """Name the code that runs: twelve hexadecimal digits, equal in two regions exactly when their sources are."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        content = source.read_bytes()
        digest.update(f"{source.name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
