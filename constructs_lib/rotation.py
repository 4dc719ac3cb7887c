"""Credentials that change by themselves: the function that changes them, and the schedule of each secret.

The function is in every region, so that a region that takes over can rotate without a change of IAM. Only the secrets
of the writer's region have a schedule: a replica cannot be rotated. See `docs/decisions/0016-rotation.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable, TerraformProvider
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import (
    SecretsmanagerSecretRotation,
    SecretsmanagerSecretRotationRotationRules,
)
from constructs import Construct

from constructs_lib.database import Database
from constructs_lib.foundation import Foundation
from constructs_lib.function import Function
from constructs_lib.parameters import Parameters
from constructs_lib.policy import Statement
from constructs_lib.secret import credentials_name, master_name
from deployments.model import Database as DatabaseSpec
from deployments.model import Service
from deployments.protection import Rotation as RotationSpec

CODE = Service(function="rotation", memory_mb=256, timeout_seconds=29)
"""One step is a handful of statements; most of the time goes into connecting."""
AT_ONCE = 1
"""Two rotations of one secret at a time would undo each other."""
APPLICATION_ROLE = "application"
ENDPOINTS = ("database/writer-endpoint", "database/endpoint")
"""The first follows the writer; before the global stack makes it, and without one, the region's own is the writer."""


class RotationFunction(Construct):
    """The code that does the four steps, next to the database."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        spec: RotationSpec,
        database: Database,
        database_spec: DatabaseSpec,
        parameters: Parameters,
    ) -> None:
        """Create the function, and let Secrets Manager invoke it for the system's own secrets.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The rotation's part of the description.
            database: Where the users are.
            database_spec: The database's part of the description.
            parameters: What tells the function where the writer is.
        """
        super().__init__(scope, id_)
        site = base.site
        self.function = Function(
            self,
            "function",
            base=base,
            spec=CODE,
            concurrency=AT_ONCE,
            environment={
                "MASTER_SECRET": master_name(site),
                "DATABASE_NAME": database_spec.name,
                "APPLICATION_ROLE": APPLICATION_ROLE,
                "ENDPOINT_PARAMETERS": ",".join(site.names.path(*name.split("/")) for name in ENDPOINTS),
                "GRACE_SECONDS": str(spec.grace_seconds),
            },
            watched_as="rotation",
        )
        secrets = [f"secret:{name}-??????" for name in (credentials_name(site), master_name(site))]
        arns = tuple(site.arn("secretsmanager", secret) for secret in secrets)
        self.function.role.allow(
            "rotate-credentials",
            Statement(
                sid="Rotate",
                actions=(
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ),
                resources=arns,
            ),
        )
        parameters.grant_read(self.function.role)
        database.allow_from(self.function.security_group)
        self.permission = self.function.allow_invoke(
            "secrets-manager",
            service="secretsmanager.amazonaws.com",
            source_arn=site.arn("secretsmanager", f"secret:{site.names.path('database', '*')}"),
        )
        self.arn = self.function.arn


class RotationSchedule(Construct):
    """When one secret is rotated. It is a resource of its own; what the function needs must be there before."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        secret: str,
        function: str,
        days: int,
        after: Sequence[ITerraformDependable] = (),
        provider: TerraformProvider | None = None,
    ) -> None:
        """Switch the rotation on. The first one is at once, which shows that it works.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            secret: ARN of the secret.
            function: ARN of the rotation function, in the secret's region.
            days: Days between two rotations.
            after: What must exist before: the permission to invoke, and the database.
            provider: Provider of the region. Absent: the stack's own.
        """
        super().__init__(scope, id_)
        SecretsmanagerSecretRotation(
            self,
            "schedule",
            secret_id=secret,
            rotation_lambda_arn=function,
            rotate_immediately=True,
            rotation_rules=SecretsmanagerSecretRotationRotationRules(automatically_after_days=days),
            depends_on=list(after),
            provider=provider,
        )
