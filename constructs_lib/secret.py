"""Database credentials that are never a value: born ephemeral, written and read back write-only.

The writer's region makes the master password before its cluster exists. Replicas need the other regions' keys, which
exist only later, so the replicated copy that applications read is made by the global stack. See
`docs/decisions/0003-credentials.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformProvider, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret import DataAwsSecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret, SecretsmanagerSecretReplica
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct

from constructs_lib.keys import RegionKey
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site

PASSWORD_LENGTH = 40
UNQUOTABLE = "/@\"' \\"
"""Aurora refuses the first five in a master password:
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html"""
RECOVERY_DAYS = {True: 30, False: 0}
FIRST_VERSION = 1
"""Raised by hand to write again. Terraform sends a write-only value only when this number changes."""

RANDOM_PASSWORD = "aws_secretsmanager_random_password"  # noqa: S105 the name of a resource type
SECRET_VERSION = "aws_secretsmanager_secret_version"  # noqa: S105 the name of a resource type


def credentials_name(site: Site) -> str:
    """Name the secret that applications read: the same in every region."""
    return site.names.path("database", "credentials")


def master_name(site: Site) -> str:
    """Name the secret of the master user, which is where the first writer is."""
    return site.names.path("database", "master")


class MasterCredentials(Construct):
    """The master user of the writer, cluster or instance: a generated password that only Secrets Manager holds."""

    def __init__(self, scope: Construct, id_: str, *, site: Site, key: RegionKey, username: str) -> None:
        """Create the secret and its first version.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the writer is.
            key: The region's key.
            username: Master user.
        """
        super().__init__(scope, id_)
        stack = TerraformStack.of(self)
        stack.add_override(
            f"ephemeral.{RANDOM_PASSWORD}.database",
            {"password_length": PASSWORD_LENGTH, "exclude_characters": UNQUOTABLE},
        )
        secret = SecretsmanagerSecret(
            self,
            "secret",
            name=master_name(site),
            description=f"{site.names.prefix}: first master credentials of the database",
            kms_key_id=key.arn,
            recovery_window_in_days=RECOVERY_DAYS[site.protected],
        )
        generated = f"ephemeral.{RANDOM_PASSWORD}.database.random_password"
        version = SecretsmanagerSecretVersion(
            self,
            "version",
            secret_id=secret.id,
            secret_string_wo=f'${{jsonencode({{username = "{username}", password = {generated}}})}}',
            secret_string_wo_version=FIRST_VERSION,
        )
        self.stored = version
        # Every plan generates a new password; reading back the stored one makes a later apply use the same.
        stack.add_override(f"ephemeral.{SECRET_VERSION}.database", {"secret_id": version.secret_id})
        self.arn = secret.arn
        self.username = username
        self.password = f'${{jsondecode(ephemeral.{SECRET_VERSION}.database.secret_string)["password"]}}'

    @property
    def version(self) -> int:
        """Number to raise when the password is to be sent again."""
        return FIRST_VERSION


class ReplicatedCredentials(Construct):
    """The credentials that applications read, in every region, each copy encrypted with its region's own key."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        master_arn: str,
        keys: Mapping[str, str],
        provider: TerraformProvider,
    ) -> None:
        """Copy the master credentials and replicate the copy.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: The writer's region, which holds the original.
            master_arn: Secret with the first master credentials, in the same region.
            keys: ARN of the key by region, the writer's included.
            provider: Provider of the writer's region.
        """
        super().__init__(scope, id_)
        # An override cannot refer to another stack; a data source can, and proves that the secret is there.
        master = DataAwsSecretsmanagerSecret(self, "master", arn=master_arn, provider=provider)
        TerraformStack.of(self).add_override(
            f"ephemeral.{SECRET_VERSION}.master", {"provider": provider.fqn, "secret_id": master.id}
        )
        secret = SecretsmanagerSecret(
            self,
            "secret",
            name=credentials_name(site),
            description=f"{site.names.prefix}: database credentials of the application",
            kms_key_id=keys[site.region],
            recovery_window_in_days=RECOVERY_DAYS[site.protected],
            replica=[
                SecretsmanagerSecretReplica(region=region, kms_key_id=key)
                for region, key in keys.items()
                if region != site.region
            ],
            force_overwrite_replica_secret=not site.protected,
            provider=provider,
        )
        self.stored = SecretsmanagerSecretVersion(
            self,
            "version",
            secret_id=secret.id,
            secret_string_wo=f"${{ephemeral.{SECRET_VERSION}.master.secret_string}}",
            secret_string_wo_version=FIRST_VERSION,
            provider=provider,
        )
        self.arn = secret.arn


def grant_read_credentials(role: Role, site: Site) -> None:
    """Let a role read its own region's copy. AWS appends six characters to a secret's name, hence the wildcard.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
    """
    resource = site.arn("secretsmanager", f"secret:{credentials_name(site)}-??????")
    role.allow(
        "read-credentials",
        Statement(sid="Read", actions=("secretsmanager:GetSecretValue",), resources=(resource,)),
    )
