"""S3 buckets: what every one has, and the one for what the application keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_notification import S3BucketNotification, S3BucketNotificationTopic
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from constructs_lib.alarms import AlarmTopic
from constructs_lib.keys import RegionKey
from constructs_lib.policy import Statement, document, nobody, tls_only
from constructs_lib.role import Role
from constructs_lib.site import Site
from deployments.model import Bucket as BucketSpec

if TYPE_CHECKING:
    from constructs_lib.log_bucket import LogBucket

LOG_DAYS = 365
ABORT_UPLOAD_DAYS = 7
FAILED_REPLICATION = (
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationNotTracked",
)


class PrivateBucket(Construct):
    """What every bucket here has: versions, no public access, owner's objects only, TLS only, bounded leftovers."""

    LOCKS_WHERE_PROTECTED = False
    """Whether versions can be locked in a protected environment; it cannot be switched on later."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        name: str,
        key: RegionKey | None,
        rules: Sequence[S3BucketLifecycleConfigurationRule],
        statements: Callable[[str], Sequence[Statement]] | None = nobody,
        provider: TerraformProvider | None = None,
    ) -> None:
        """Create the bucket.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the bucket lives.
            name: Its name.
            key: What encrypts it. None: S3's own keys.
            rules: What the lifecycle does.
            statements: What its policy says beside TLS, given its ARN. Absent: nothing. None: there is no `policy`,
                since a bucket takes one, and who delivers the content writes it.
            provider: Provider of the region. Absent: the stack's own.
        """
        super().__init__(scope, id_)
        bucket = S3Bucket(
            self,
            "bucket",
            bucket=name,
            force_destroy=not site.protected,
            object_lock_enabled=True if self.LOCKS_WHERE_PROTECTED and site.protected else None,
            provider=provider,
        )
        self.name, self.arn = bucket.bucket, bucket.arn
        closed = _close(self, self.name, provider)
        versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=self.name,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
            provider=provider,
        )
        _encrypt(self, self.name, key, provider)
        self.versioning = versioning
        S3BucketLifecycleConfiguration(
            self, "lifecycle", bucket=self.name, rule=list(rules), depends_on=[versioning], provider=provider
        )
        if statements:
            self.policy = S3BucketPolicy(
                self,
                "policy",
                bucket=self.name,
                policy=document(*statements(self.arn), tls_only(self.arn)),
                # Two changes of one bucket's access at a time are refused with OperationAborted.
                depends_on=[closed],
                provider=provider,
            )


class Bucket(PrivateBucket):
    """A bucket of the application: encrypted with the region's key, every version recoverable for a while.

    Replication to the other regions is the global stack's, see `replication.py`; that it fails is told from here.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        purpose: str,
        spec: BucketSpec,
        key: RegionKey,
        logs: LogBucket,
        is_content: bool = False,
    ) -> None:
        """Create the bucket.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the bucket lives.
            purpose: Part of the name, the key of the bucket in the description.
            spec: The bucket's part of the description.
            key: The region's key.
            logs: Bucket for the access logs.
            is_content: Whether CloudFront delivers it; then the policy is the distribution's, see `cdn_access.py`.
        """
        name = site.names.bucket(purpose, site.region, site.account)
        rules = _keep_versions(spec.noncurrent_days)
        statements = None if is_content else nobody
        super().__init__(scope, id_, site=site, name=name, key=key, rules=rules, statements=statements)
        self.purpose = purpose
        self._key = key
        logs.receive_access_logs(self)

    def tell(self, topic: AlarmTopic) -> None:
        """Send replications that failed, came late or cannot be tracked to a topic."""
        S3BucketNotification(
            self,
            "notification",
            bucket=self.name,
            topic=[S3BucketNotificationTopic(id="replication", topic_arn=topic.arn, events=list(FAILED_REPLICATION))],
            depends_on=[topic.ready],  # S3 tries to publish before it accepts the configuration
        )

    def grant_read_write(self, role: Role) -> None:
        """Let a role read, write and list objects. Deleting is left to the lifecycle."""
        role.allow(
            f"use-{self.purpose}",
            Statement(sid="Objects", actions=("s3:GetObject", "s3:PutObject"), resources=(f"{self.arn}/*",)),
            Statement(sid="List", actions=("s3:ListBucket",), resources=(self.arn,)),
        )


def _close(scope: Construct, bucket: str, provider: TerraformProvider | None) -> S3BucketPublicAccessBlock:
    """Make every object the owner's, and refuse every way of making one public."""
    S3BucketOwnershipControls(
        scope,
        "ownership",
        bucket=bucket,
        rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        provider=provider,
    )
    return S3BucketPublicAccessBlock(
        scope,
        "public-access",
        bucket=bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        provider=provider,
    )


def _encrypt(scope: Construct, bucket: str, key: RegionKey | None, provider: TerraformProvider | None) -> None:
    """Encrypt with the key, at one request to KMS per bucket and not per object; without one with S3's own."""
    default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
        sse_algorithm="aws:kms" if key else "AES256", kms_master_key_id=key.arn if key else None
    )
    rule = S3BucketServerSideEncryptionConfigurationRuleA(
        apply_server_side_encryption_by_default=default, bucket_key_enabled=key is not None
    )
    S3BucketServerSideEncryptionConfigurationA(scope, "encryption", bucket=bucket, rule=[rule], provider=provider)


def _keep_versions(noncurrent_days: int) -> list[S3BucketLifecycleConfigurationRule]:
    return [
        S3BucketLifecycleConfigurationRule(
            id="noncurrent-versions",
            status="Enabled",
            filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
            noncurrent_version_expiration=[
                S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=noncurrent_days)
            ],
            abort_incomplete_multipart_upload=[
                S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                    days_after_initiation=ABORT_UPLOAD_DAYS
                )
            ],
        )
    ]


def expire_everything(days: int) -> S3BucketLifecycleConfigurationRule:
    """Delete every object when it is this old, and what was overwritten soon after."""
    return S3BucketLifecycleConfigurationRule(
        id="expire",
        status="Enabled",
        filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
        expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=days)],
        noncurrent_version_expiration=[
            S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=ABORT_UPLOAD_DAYS)
        ],
    )
