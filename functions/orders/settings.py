"""What the function is told about the system it runs in: one typed contract, read once from the environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path


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
    """

    deployment: str
    suffix: str
    entry: Entry
    region: str
    table: str | None = None
    bucket: str | None = None
    active_region_parameter: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the contract.

        Raises:
            SettingsError: With every required variable that is missing, every variable that is set but empty, and
                an `ENTRY` that is not known.
        """
        required = ("DEPLOYMENT", "ENVIRONMENT_SUFFIX", "ENTRY", "AWS_REGION")
        optional = ("TABLE_NAME", "BUCKET_NAME", "ACTIVE_REGION_PARAMETER")
        problems = [f"{name} is missing" for name in required if name not in environment]
        problems += [f"{name} is empty" for name in (*required, *optional) if environment.get(name) == ""]
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
