"""What a task is told about the system it runs in: the variables of its task definition, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

AUTHORITIES = Path(__file__).with_name("rds-authorities.pem")
"""The authorities of Amazon RDS, which the packager puts beside the handler."""


class SettingsError(Exception):
    """The environment does not describe a system. The message names every variable concerned."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The environment of a task.

    Attributes:
        deployment: The system, such as `globecart` (`DEPLOYMENT`).
        suffix: Which copy of the system, such as `dev` (`ENVIRONMENT_SUFFIX`).
        region: The region that the task runs in (`AWS_REGION`, set by Fargate).
        parameters: Path below which the region's parameters are (`PARAMETER_PREFIX`).
        active_region_parameter: Name of the parameter, in this region, that says which region is open for writes
            (`ACTIVE_REGION_PARAMETER`).
        unaware_region_parameter: Name of the parameter, in this region, that says which region this one replaced
            without an answer (`UNAWARE_REGION_PARAMETER`). Empty: there is no failover.
        database: Name of the database (`DATABASE_NAME`).
        username: Who the task is to the database (`DATABASE_USERNAME`), from the region's own secret.
        password: Likewise (`DATABASE_PASSWORD`); a new task reads it anew.
        authorities: File with the authorities that vouch for the database (`PGSSLROOTCERT`, the name that PostgreSQL's
            own clients use). Absent: Amazon RDS's, which the archive carries.
    """

    deployment: str
    suffix: str
    region: str
    parameters: str
    active_region_parameter: str
    database: str
    username: str
    password: str = field(repr=False)
    authorities: Path = AUTHORITIES
    unaware_region_parameter: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the contract.

        Raises:
            SettingsError: With every variable that is missing or empty.
        """
        names = {
            "deployment": "DEPLOYMENT",
            "suffix": "ENVIRONMENT_SUFFIX",
            "region": "AWS_REGION",
            "parameters": "PARAMETER_PREFIX",
            "active_region_parameter": "ACTIVE_REGION_PARAMETER",
            "database": "DATABASE_NAME",
            "username": "DATABASE_USERNAME",
            "password": "DATABASE_PASSWORD",  # the variable's name
        }
        problems = [f"{name} is missing or empty" for name in names.values() if not environment.get(name)]
        if problems:
            raise SettingsError(f"environment of the cart: {'; '.join(problems)}")
        authorities = Path(environment.get("PGSSLROOTCERT") or AUTHORITIES)
        return cls(
            authorities=authorities,
            unaware_region_parameter=environment.get("UNAWARE_REGION_PARAMETER", ""),
            **{field: environment[name] for field, name in names.items()},
        )
