"""What the function is told about the system: one typed contract, read from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

AUTHORITIES = Path(__file__).with_name("rds-authorities.pem")
ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""Names that need no quoting, so that none can end a statement early."""
REQUIRED = (
    "AWS_REGION",
    "MASTER_SECRET",
    "DATABASE_NAME",
    "APPLICATION_ROLE",
    "ENDPOINT_PARAMETERS",
    "GRACE_SECONDS",
)


class SettingsError(Exception):
    """The environment does not describe a database. The message names every variable concerned."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The function's environment.

    Attributes:
        region: The region that the function runs in (`AWS_REGION`, set by Lambda).
        master_secret: Name of the secret of the master user, who makes and changes the others (`MASTER_SECRET`).
        database: Name of the database (`DATABASE_NAME`).
        application_role: Role that owns what the application makes. Its two users take turns: this name with `_a`
            and `_b` behind it (`APPLICATION_ROLE`).
        endpoint_parameters: SSM parameters that say where the writer is, the first that exists counts
            (`ENDPOINT_PARAMETERS`, separated by commas).
        grace_seconds: How long the former user's password still works (`GRACE_SECONDS`).
        authorities: File with the authorities that vouch for the database (`PGSSLROOTCERT`, the name that PostgreSQL's
            own tools use). Absent: Amazon RDS's, which the archive carries.
    """

    region: str
    master_secret: str
    database: str
    application_role: str
    endpoint_parameters: tuple[str, ...]
    grace_seconds: int
    authorities: Path = AUTHORITIES

    @property
    def users(self) -> tuple[str, str]:
        """The two users of the application."""
        return f"{self.application_role}_a", f"{self.application_role}_b"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the contract.

        Raises:
            SettingsError: With everything that is missing or wrong.
        """
        problems = [f"{name} is missing" for name in REQUIRED if not environment.get(name)]
        grace = environment.get("GRACE_SECONDS", "0")
        if not grace.isdecimal():
            problems.append(f"GRACE_SECONDS is {grace!r}, not a number of seconds")
        problems += [
            f"{name} is {environment[name]!r}, allowed: {ROLE.pattern}"
            for name in ("APPLICATION_ROLE", "DATABASE_NAME")
            if environment.get(name) and not ROLE.fullmatch(environment[name])
        ]
        if problems:
            raise SettingsError(f"environment of the rotation function: {'; '.join(problems)}")
        return cls(
            region=environment["AWS_REGION"],
            master_secret=environment["MASTER_SECRET"],
            database=environment["DATABASE_NAME"],
            application_role=environment["APPLICATION_ROLE"],
            endpoint_parameters=tuple(environment["ENDPOINT_PARAMETERS"].split(",")),
            grace_seconds=int(grace),
            authorities=Path(environment.get("PGSSLROOTCERT") or AUTHORITIES),
        )
