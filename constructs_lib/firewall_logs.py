"""Where a firewall delivers its logs: a bucket, since CloudWatch Logs takes ten resource policies of an account."""

from __future__ import annotations

from cdktf import TerraformProvider
from constructs import Construct

from constructs_lib.bucket import LOG_DAYS, PrivateBucket, expire_everything
from constructs_lib.policy import Statement
from constructs_lib.site import Site

REQUIRED_START = "aws-waf-logs-"
"""WAF delivers to no other name: https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html"""
DELIVERER = "delivery.logs.amazonaws.com"


class FirewallLogs(PrivateBucket):
    """The bucket for a firewall's logs, encrypted with S3's own keys, kept for a year.

    A log group would need a resource policy. CloudWatch Logs takes ten of them in a region, whatever the number of
    systems and of their copies:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    """

    def __init__(
        self, scope: Construct, id_: str, *, site: Site, purpose: str, provider: TerraformProvider | None = None
    ) -> None:
        """Create the bucket.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the firewall is.
            purpose: Part of the name: a region may have a firewall of each kind.
            provider: Provider of the region. Absent: the stack's own.
        """
        super().__init__(
            scope,
            id_,
            site=site,
            name=site.names.bucket(purpose, site.region, site.account, start=REQUIRED_START),
            key=None,
            rules=[expire_everything(max(LOG_DAYS, site.log_days))],
            statements=lambda arn: _deliveries(site, arn),
            provider=provider,
        )


def _deliveries(site: Site, arn: str) -> list[Statement]:
    """Let WAF's deliverer write, for this account only. With less, WAF would write a policy of its own.

    https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
    """
    ours = {
        "StringEquals": {"aws:SourceAccount": site.account},
        "ArnLike": {"aws:SourceArn": site.arn("logs", "*")},
    }
    return [
        Statement(
            sid="FirewallLogs",
            services=(DELIVERER,),
            actions=("s3:PutObject",),
            resources=(f"{arn}/AWSLogs/{site.account}/*",),
            conditions=ours,
        ),
        Statement(
            sid="FirewallLogsCheck",
            services=(DELIVERER,),
            actions=("s3:GetBucketAcl",),
            resources=(arn,),
            conditions=ours,
        ),
    ]
