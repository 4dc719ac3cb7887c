"""What the function asks its own region: which region is open for writes, and who it is to the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .store import StoreError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

TIMEOUT_SECONDS = 1.0
ATTEMPTS = 2


def _bounded(region: str) -> Config:
    """Short time-outs and one retry: a region that does not answer is better reported than waited for."""
    return Config(
        region_name=region,
        connect_timeout=TIMEOUT_SECONDS,
        read_timeout=TIMEOUT_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )


class ActiveRegion:
    """The switch that a failover turns, asked before every write: the last answer may be older than a failover."""

    def __init__(self, parameter: str, *, region: str) -> None:
        self._parameter = parameter
        self._client: SSMClient = boto3.client("ssm", config=_bounded(region))

    def __call__(self) -> str:
        """Return `all`, `none` or a region.

        Raises:
            StoreError: Without an answer nothing is assumed.
        """
        try:
            return self._client.get_parameter(Name=self._parameter)["Parameter"]["Value"]
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"active region: {type(error).__name__}") from None


class SecretCredentials:
    """User and password, kept until the database refuses them."""

    def __init__(self, secret: str, *, region: str) -> None:
        self._secret = secret
        self._client: SecretsManagerClient = boto3.client("secretsmanager", config=_bounded(region))
        self._known: Mapping[str, str] = {}

    def __call__(self, *, fresh: bool = False) -> Mapping[str, str]:
        """Return them; `fresh` asks again.

        Raises:
            StoreError: Secrets Manager did not answer, or holds something else.
        """
        if fresh or not self._known:
            try:
                answer = self._client.get_secret_value(SecretId=self._secret)
                found = json.loads(answer["SecretString"])
                self._known = {"username": str(found["username"]), "password": str(found["password"])}
            except (BotoCoreError, ClientError, ValueError, KeyError, TypeError) as error:
                raise StoreError(f"credentials: {type(error).__name__}") from None
        return self._known
