"""What the function is told about the system it runs in: one typed contract, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUNDLE = Path(__file__).with_name("rds-authorities.pem")
"""The authorities of Amazon RDS, which the packager puts beside the handler."""


class SettingsError(Exception):
    """The environment does not describe a system. The message names every variable concerned."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The function's environment.

    Attributes:
        deployment: The system, such as `healthcare` (`DEPLOYMENT`).
        suffix: Which copy of the system, such as `dev` (`ENVIRONMENT_SUFFIX`).
        region: The region that the function runs in (`AWS_REGION`, set by Lambda).
        host: Where the database is (`DATABASE_HOST`).
        database: Name of the database (`DATABASE_NAME`).
        secret: Name of the secret with user and password, in this region (`DATABASE_SECRET`).
        active_region_parameter: Name of the SSM parameter, in this region, that says which region is open for writes
            (`ACTIVE_REGION_PARAMETER`).
        authorities: File with the authorities that may vouch for the database (`PGSSLROOTCERT`, the name that
            PostgreSQL's own clients know). Absent: the file that the archive carries.
    """

    deployment: str
    suffix: str
    region: str
    host: str
    database: str
    secret: str
    active_region_parameter: str
    authorities: Path = BUNDLE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the contract.

        Raises:
            SettingsError: With every variable that is missing or empty, and with a file of authorities that is not
                there: without it nobody could tell the database from somebody who pretends to be it.
        """
        names = {
            "deployment": "DEPLOYMENT",
            "suffix": "ENVIRONMENT_SUFFIX",
            "region": "AWS_REGION",
            "host": "DATABASE_HOST",
            "database": "DATABASE_NAME",
            "secret": "DATABASE_SECRET",
            "active_region_parameter": "ACTIVE_REGION_PARAMETER",
        }
        problems = [f"{name} is missing or empty" for name in names.values() if not environment.get(name)]
        authorities = Path(environment.get("PGSSLROOTCERT") or BUNDLE)
        if not authorities.is_file():
            problems.append(f"PGSSLROOTCERT names no file of authorities: {authorities.name}")
        if problems:
            raise SettingsError(f"environment of the patients function: {'; '.join(problems)}")
        return cls(authorities=authorities, **{field: environment[name] for field, name in names.items()})
