"""CloudTrail: who called what, in a bucket that keeps it for an audit and in logs that raise alarms within minutes."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.cloudtrail import (
    Cloudtrail,
    CloudtrailAdvancedEventSelector,
    CloudtrailAdvancedEventSelectorFieldSelector,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import (
    S3BucketObjectLockConfigurationA,
    S3BucketObjectLockConfigurationRuleA,
    S3BucketObjectLockConfigurationRuleDefaultRetentionA,
)
from constructs import Construct

from constructs_lib.bucket import PrivateBucket, expire_everything
from constructs_lib.foundation import Foundation
from constructs_lib.keys import RegionKey
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site
from constructs_lib.trail_alarms import watch_trail

SERVICE = "cloudtrail.amazonaws.com"
DATA_EVENTS = {"table": "AWS::DynamoDB::Table", "bucket": "AWS::S3::Object", "function": "AWS::Lambda::Function"}
"""What CloudTrail calls the things whose reads and writes can be logged:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html"""


class Trail(Construct):
    """One region's trail, with a key, a bucket and a log group that nothing else uses.

    The primary's trail hears every region; a standby's hears its own and the services that have none, so that the audit
    goes on while the primary's bucket is out of reach. Digests show afterwards whether a file was changed or is gone.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        is_primary: bool,
        watched: Mapping[str, str],
    ) -> None:
        """Create the trail.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            is_primary: Whether the trail hears every region.
            watched: Kind (`table`, `bucket`, `function`) by the ARN of what is to be logged call by call.
        """
        super().__init__(scope, id_)
        self._base = base
        site = base.site
        # A trail of every region is seen in all of them, under its name.
        self.name = site.names.of("trail", region=site.region)
        self.key = RegionKey(self, "key", site=site, purpose="audit", users=_trail_encrypts(site, self.name))
        self.bucket = AuditBucket(self, "bucket", site=site, key=self.key, trail=self.name)
        self.log_group = CloudwatchLogGroup(
            self,
            "log-group",
            name=f"/aws/cloudtrail/{self.name}",
            retention_in_days=site.log_days,
            kms_key_id=base.key.arn,
        )
        role = self._role()
        self.resource = Cloudtrail(
            self,
            "trail",
            name=self.name,
            s3_bucket_name=self.bucket.name,
            kms_key_id=self.key.arn,
            enable_log_file_validation=True,
            include_global_service_events=True,
            is_multi_region_trail=is_primary,
            cloud_watch_logs_group_arn=f"{self.log_group.arn}:*",
            cloud_watch_logs_role_arn=role.arn,
            advanced_event_selector=_events(watched),
            # CloudTrail tries both before it accepts the trail.
            depends_on=[self.bucket.policy, *role.grants],
        )
        watch_trail(self, base.pager, self.log_group.name)

    def _role(self) -> Role:
        """Let CloudTrail write to the log group, into the streams that it names itself.

        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
        """
        site = self._base.site
        role = Role(self, "role", site=site, purpose="trail", service=SERVICE)
        streams = f"{self.log_group.arn}:log-stream:{site.account}_CloudTrail_{site.region}*"
        role.allow(
            "write-logs",
            Statement(sid="Write", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(streams,)),
        )
        return role


class AuditBucket(PrivateBucket):
    """Where the trail's files are kept. Where the stage is protected, nobody can delete one before its time."""

    LOCKS_WHERE_PROTECTED = True

    def __init__(self, scope: Construct, id_: str, *, site: Site, key: RegionKey, trail: str) -> None:
        """Create the bucket.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the bucket lives, and how long logs are kept.
            key: The trail's key.
            trail: Name of the trail that may write.
        """
        super().__init__(
            scope,
            id_,
            site=site,
            name=site.names.bucket("audit", site.region, site.account),
            key=key,
            # A day after the lock is gone.
            rules=[expire_everything(site.log_days + 1)],
            statements=lambda arn: _trail_delivers(site, arn, trail),
        )
        if site.protected:
            retention = S3BucketObjectLockConfigurationRuleDefaultRetentionA(mode="COMPLIANCE", days=site.log_days)
            S3BucketObjectLockConfigurationA(
                self,
                "lock",
                bucket=self.name,
                rule=S3BucketObjectLockConfigurationRuleA(default_retention=retention),
                depends_on=[self.versioning],
            )


def _trail_arn(site: Site, trail: str) -> str:
    return site.arn("cloudtrail", f"trail/{trail}")


def _trail_encrypts(site: Site, trail: str) -> list[Statement]:
    """Let this trail, and no other, encrypt its files.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    return [
        Statement(
            sid="TrailEncrypts",
            services=(SERVICE,),
            actions=("kms:DescribeKey", "kms:GenerateDataKey*"),
            resources=("*",),
            conditions={"StringEquals": {"aws:SourceArn": _trail_arn(site, trail)}},
        )
    ]


def _trail_delivers(site: Site, bucket: str, trail: str) -> list[Statement]:
    """Let this trail look at the bucket and write below the account's own prefix.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    only = {"aws:SourceArn": _trail_arn(site, trail)}
    return [
        Statement(
            sid="TrailChecks",
            services=(SERVICE,),
            actions=("s3:GetBucketAcl",),
            resources=(bucket,),
            conditions={"StringEquals": only},
        ),
        Statement(
            sid="TrailDelivers",
            services=(SERVICE,),
            actions=("s3:PutObject",),
            resources=(f"{bucket}/AWSLogs/{site.account}/*",),
            conditions={"StringEquals": {**only, "s3:x-amz-acl": "bucket-owner-full-control"}},
        ),
    ]


def _events(watched: Mapping[str, str]) -> list[CloudtrailAdvancedEventSelector]:
    """Log every call that changes or reads a setting, and every use of what the system keeps data in."""
    selectors = [_selector("Management events", {"eventCategory": ["Management"]})]
    for kind, resource_type in DATA_EVENTS.items():
        arns = [arn for arn, is_a in watched.items() if is_a == kind]
        if arns:
            fields = {"eventCategory": ["Data"], "resources.type": [resource_type]}
            selectors.append(_selector(f"Every use of a {kind}", fields, arns, starts=kind == "bucket"))
    return selectors


def _selector(
    name: str, fields: Mapping[str, list[str]], arns: list[str] | None = None, *, starts: bool = False
) -> CloudtrailAdvancedEventSelector:
    """Write a selector; objects are named by their bucket, everything else by itself."""
    wanted = [
        CloudtrailAdvancedEventSelectorFieldSelector(field=field, equal_to=value) for field, value in fields.items()
    ]
    if arns:
        prefixes = [f"{arn}/" for arn in arns]
        wanted.append(
            CloudtrailAdvancedEventSelectorFieldSelector(field="resources.ARN", starts_with=prefixes)
            if starts
            else CloudtrailAdvancedEventSelectorFieldSelector(field="resources.ARN", equal_to=arns)
        )
    return CloudtrailAdvancedEventSelector(name=name, field_selector=wanted)
