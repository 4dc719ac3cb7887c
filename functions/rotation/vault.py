"""Secrets Manager and SSM of the function's own region, as the steps see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import boto3
from botocore.config import Config

from .credentials import Credentials

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is known of a secret without its values.

    Attributes:
        name: Its name.
        is_rotated: Whether rotation is switched on.
        stages: Labels by version.
    """

    name: str
    is_rotated: bool
    stages: dict[str, list[str]]

    def version_of(self, stage: str) -> str | None:
        """Return the version that has a label."""
        return next((version for version, stages in self.stages.items() if stage in stages), None)


class Vault:
    """The function's way to its secrets."""

    def __init__(self, *, region: str) -> None:
        bounded = Config(
            region_name=region, connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"}
        )
        self._secrets = boto3.client("secretsmanager", config=bounded)
        self._parameters = boto3.client("ssm", config=bounded)

    def describe(self, secret: str) -> Description:
        """Describe a secret."""
        found = self._secrets.describe_secret(SecretId=secret)
        return Description(
            name=found["Name"],
            is_rotated=found.get("RotationEnabled", False),
            stages=dict(found.get("VersionIdsToStages", {})),
        )

    def read(self, secret: str, stage: str, token: str | None = None) -> Credentials | None:
        """Read the version with a label; None when there is none, or it has no value yet.

        Args:
            secret: The secret.
            stage: The label.
            token: Id that the version must have. Absent: any.
        """
        version = {"VersionId": token} if token else {}
        try:
            found = self._secrets.get_secret_value(SecretId=secret, VersionStage=stage, **version)
        except self._secrets.exceptions.ResourceNotFoundException:
            return None
        return Credentials.read(found["SecretString"])

    def put(self, secret: str, token: str, credentials: Credentials, stages: Sequence[str]) -> None:
        """Write a version with labels. The same token with the same value is accepted again."""
        self._secrets.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=credentials.text(), VersionStages=list(stages)
        )

    def make_current(self, secret: str, token: str, former: str | None) -> None:
        """Move the label of the version that applications read; the former version becomes the previous one."""
        taken = {"RemoveFromVersionId": former} if former else {}
        self._secrets.update_secret_version_stage(SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token, **taken)

    def parameter(self, names: Sequence[str]) -> str:
        """Return the value of the first parameter that exists.

        Raises:
            LookupError: None does.
        """
        found = {
            each["Name"]: each["Value"] for each in self._parameters.get_parameters(Names=list(names))["Parameters"]
        }
        for name in names:
            if name in found:
                return found[name]
        raise LookupError(f"no parameter says where the database is: {', '.join(names)}")
