"""What a task asks its own region: which region is open for writes, and where the database is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

TIMEOUT_SECONDS = 1.0
ATTEMPTS = 2
"""Together below the time that a failover gives the last writes: two attempts that connect and answer late."""
EVERY_REGION, NO_REGION = "all", "none"


class SilentError(Exception):
    """The region did not answer. Nothing is assumed then, not even the last value."""


class Region:
    """The parameters of the region."""

    def __init__(self, name: str) -> None:
        self.name = name
        config = Config(
            region_name=name,
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        self._client: SSMClient = boto3.client("ssm", config=config)

    def parameter(self, name: str) -> str:
        """Return a parameter as of now; it is never kept, since a failover changes it.

        Raises:
            SilentError: There is no answer, or no such parameter.
        """
        try:
            return self._client.get_parameter(Name=name)["Parameter"]["Value"]
        except (BotoCoreError, ClientError) as error:
            raise SilentError(f"{name}: {type(error).__name__}") from None


def is_open(active: str, region: str) -> bool:
    """Tell whether a region accepts writes."""
    return active in {EVERY_REGION, region}


def is_elsewhere(active: str, region: str) -> bool:
    """Tell whether clients belong to another region: not while nobody is open, since all can be read from."""
    return active not in {EVERY_REGION, NO_REGION, region}
