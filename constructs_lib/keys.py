"""The region's own KMS key: every store of the region is encrypted with it, and it needs no other region."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from constructs_lib.policy import Statement, document
from constructs_lib.role import Role
from constructs_lib.site import Site

USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
ROTATION_DAYS = 365
DELETION_WINDOW_DAYS = {True: 30, False: 7}
"""KMS waits 7 to 30 days: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"""


class RegionKey(Construct):
    """A single-region, symmetric key with yearly rotation.

    Services re-encrypt when they replicate, so a multi-region key would only tie the regions together.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        purpose: str = "",
        users: Sequence[Statement] = (),
        provider: TerraformProvider | None = None,
    ) -> None:
        """Create the key and its alias.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the key lives.
            purpose: Part of the alias. Absent: the region's main key.
            users: What services may do with it beside those of every key here.
            provider: Provider of that region. Absent: the stack's own.
        """
        super().__init__(scope, id_)
        key = KmsKey(
            self,
            "key",
            description=f"{site.names.prefix}: everything at rest in {site.region}",
            enable_key_rotation=True,
            rotation_period_in_days=ROTATION_DAYS,
            deletion_window_in_days=DELETION_WINDOW_DAYS[site.protected],
            policy=document(*_key_policy(site), *users),
            provider=provider,
        )
        self.alias = KmsAlias(
            self,
            "alias",
            name=f"alias/{site.names.of('key alias', *filter(None, [purpose]))}",
            target_key_id=key.key_id,
            provider=provider,
        )
        self.arn = key.arn

    def grant_use(self, role: Role) -> None:
        """Let a role encrypt and decrypt with the key."""
        role.allow(
            "use-key",
            Statement(
                sid="UseKey",
                actions=("kms:DescribeKey", *USE),
                resources=(self.arn,),
            ),
        )


def _key_policy(site: Site) -> list[Statement]:
    """Give the account's IAM the say, and the services that act for no role just what they need.

    In a key policy `*` means this key: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    return [
        Statement(
            sid="AccountAdministers",
            principals=(site.global_arn("iam", "root"),),
            actions=("kms:*",),
            resources=("*",),
        ),
        Statement(
            sid="LogsEncrypt",
            services=(f"logs.{site.region}.amazonaws.com",),
            actions=("kms:DescribeKey", *USE),
            resources=("*",),
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": site.arn("logs", "*")}},
        ),
        Statement(
            # Logs of an encrypted state machine: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
            sid="LogsDeliver",
            services=("delivery.logs.amazonaws.com",),
            actions=("kms:Decrypt",),
            resources=("*",),
            conditions={"StringEquals": {"aws:SourceAccount": site.account}},
        ),
        _tables_replicate(site),
        Statement(
            sid="AlarmsAndEventsPublish",
            services=("cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com", "backup.amazonaws.com"),
            actions=("kms:Decrypt", "kms:GenerateDataKey*"),
            resources=("*",),
            conditions={"StringEquals": {"aws:SourceAccount": site.account}},
        ),
    ]


def _tables_replicate(site: Site) -> Statement:
    """Let DynamoDB replicate under a service-linked role, which exists only once there is a global table.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    return Statement(
        sid="TablesReplicate",
        principals=("*",),
        actions=("kms:CreateGrant", "kms:DescribeKey", *USE),
        resources=("*",),
        conditions={
            "StringEquals": {
                "kms:CallerAccount": site.account,
                "kms:ViaService": f"dynamodb.{site.region}.amazonaws.com",
            }
        },
    )
